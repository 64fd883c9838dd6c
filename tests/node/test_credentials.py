# SPDX-License-Identifier: Apache-2.0
"""Programs sign in to TAXII with a client certificate or a token, as they do with a password."""

import http.client
import os
import shutil
import ssl
import subprocess
import unittest

from node import Node, main, skip

TAXII = "application/taxii+json;version=2.1"
PASSWORD = "correct horse 7"


def certificate(folder, name):
    """A key and a certificate of its own; the file of both, and its fingerprint as OpenSSL says it."""
    key, cert = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert],
        check=True, stderr=subprocess.DEVNULL,
    )
    said = subprocess.run(
        ["openssl", "x509", "-in", cert, "-noout", "-fingerprint", "-sha256"],
        check=True, stdout=subprocess.PIPE,
    ).stdout.decode()
    return cert, key, said.strip().split("=")[1]


class Credentials(unittest.TestCase):
    def ask(self, n, cert=None, key=None, token=None):
        context = ssl.create_default_context(cafile=os.path.join(n.dir, "tls/cert.pem"))
        if cert:
            context.load_cert_chain(cert, key)
        connection = http.client.HTTPSConnection(n.host, n.port, timeout=30, context=context)
        try:
            headers = {"Accept": TAXII}
            return n.request("GET", "/taxii2/", headers=headers, auth=token, connection=connection)
        finally:
            connection.close()

    def test_a_certificate_signs_its_account_in_and_no_other_does(self):
        if not shutil.which("openssl"):
            skip("the program openssl is not installed")
        with Node().init() as n:
            cert, key, fingerprint = certificate(n.base, "machine")
            other, other_key, _ = certificate(n.base, "stranger")
            self.assertIn(":", fingerprint)
            n.add_user("machine", "reader", PASSWORD)
            n.serve()
            self.assertEqual(self.ask(n, cert, key).status, 401)
            n.cli("user", "certificate", n.dir, "machine", "--sha256", fingerprint)
            self.assertEqual(self.ask(n, cert, key).status, 200)
            self.assertEqual(self.ask(n, other, other_key).status, 401)
            self.assertEqual(self.ask(n).status, 401)
            n.cli("user", "remove", n.dir, "machine")
            self.assertEqual(self.ask(n, cert, key).status, 401)
            done = n.cli("user", "certificate", n.dir, "machine", "--sha256", "ab:cd", check=False)
            self.assertEqual(done.returncode, 2)

    def test_a_token_signs_in_until_it_is_revoked(self):
        with Node().init() as n:
            n.add_user("machine", "reader", PASSWORD)
            n.serve()
            token = n.cli("token", "add", n.dir, "--user", "machine").stdout.decode().strip()
            self.assertEqual(self.ask(n, token=token).status, 200)
            self.assertEqual(self.ask(n, token=token[:-1]).status, 401)
            n.cli("token", "revoke", n.dir, token.split(".")[0])
            self.assertEqual(self.ask(n, token=token).status, 401)


if __name__ == "__main__":
    main()
