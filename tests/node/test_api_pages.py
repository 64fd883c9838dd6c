# SPDX-License-Identifier: Apache-2.0
"""The files of the web interface: what may be kept, what may run, what is compressed."""

import gzip
import re
import unittest

from node import Node, main

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


class Pages(unittest.TestCase):
    # G14: the policy is sent with every file, unchanged.
    def test_files_are_guarded_and_kept_as_they_may(self):
        with Node().init() as n:
            n.serve()
            page = n.request("GET", "/")
            self.assertEqual(page.status, 200)
            self.assertEqual(page.headers["Content-Security-Policy"], POLICY)
            self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            if page.headers["Content-Type"].startswith("text/plain"):
                self.assertIn(b"TOCSIN_UI=OFF", page.body)
                return
            names = re.findall(rb'(?:src|href)="\./(assets/[^"]+)"', page.body)
            self.assertTrue(names)
            for name in names:
                path = "/" + name.decode()
                plain = n.request("GET", path)
                small = n.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
                self.assertEqual(plain.status, 200, path)
                self.assertIn("immutable", plain.headers["Cache-Control"])
                self.assertEqual(plain.headers["Content-Security-Policy"], POLICY)
                self.assertNotIn("Content-Encoding", plain.headers)
                if small.headers.get("Content-Encoding") == "gzip":
                    self.assertEqual(gzip.decompress(small.body), plain.body)
                    refused = n.request("GET", path, headers={"Accept-Encoding": "gzip;q=0"})
                    self.assertNotIn("Content-Encoding", refused.headers)
            self.assertEqual(n.request("GET", "/assets/none.js").status, 404)
            head = n.request("HEAD", "/")
            self.assertEqual((head.status, head.body), (200, b""))


if __name__ == "__main__":
    main()
