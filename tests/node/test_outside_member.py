# SPDX-License-Identifier: Apache-2.0
"""A member of a community that has no node takes part by TAXII: the client of the standard's own
makers, signed in as a guest, sees exactly its share, on the community's terms."""

import json
import os
import subprocess
import unittest

from node import Node, main
from test_exchange import PASSWORD, RED, give
from test_labels import AMBER, GREEN, indicator, marking
from test_taxii_clients import python_with

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


def look(n, user):
    """All that the client of the standard's makers can get at."""
    script = os.path.join(os.path.dirname(__file__), "taxii_outside_member.py")
    # A bundle or a proxy of this machine would come before the certificate given.
    plain = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy")
    env = {k: v for k, v in os.environ.items() if k not in plain}
    done = subprocess.run(
        [python_with(["taxii2-client", "stix2"]), "-B", script, n.url,
         os.path.join(n.dir, "tls/cert.pem"), user, PASSWORD],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, env=env,
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr[-2000:])
    return json.loads(done.stdout)


class OutsideMember(unittest.TestCase):
    # G1, G5, P1: its share, by every way that the client has, and nothing that tells of the rest.
    def test_a_guest_with_the_standards_client_sees_exactly_its_share(self):
        isac = marking("for-isac", tlp="TLP:AMBER", communities=["isac"])
        ours = marking("for-others", tlp="TLP:AMBER", communities=["defence"])
        theirs = [indicator("clear", CLEAR), indicator("green", GREEN), indicator("isac", isac["id"])]
        unmarked = indicator("canary-unmarked", AMBER)
        del unmarked["object_marking_refs"]
        hidden = [indicator("canary-red", RED), indicator("canary-defence", ours["id"]), unmarked]
        # A sighting whose terms leave out its victim is there as another, derived from it.
        victim = {"type": "identity", "spec_version": "2.1", "name": "canary-victim",
                  "id": "identity--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5e01",
                  "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                  "object_marking_refs": [isac["id"]]}
        sighting = {"type": "sighting", "spec_version": "2.1",
                    "id": "sighting--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5e02",
                    "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                    "sighting_of_ref": theirs[2]["id"], "where_sighted_refs": [victim["id"]],
                    "object_marking_refs": [isac["id"]]}
        with Node() as n:
            n.init()
            n.cli("community", "add", n.dir, "isac")
            n.cli("community", "add", n.dir, "defence")
            n.cli("user", "add", n.dir, "acme", "--role", "reader", "--password-stdin",
                  "--organisation", "acme", "--communities", "isac", "--clearance", "TLP:AMBER",
                  input=PASSWORD.encode() + b"\n")
            give(n, isac, ours, *theirs, *hidden, victim, sighting)
            n.serve()
            found = look(n, "acme")
            made = {o["id"]: o for o in found["objects"] if o["type"] in ("indicator", "sighting")}
            (derived,) = (o for o in made.values() if o["id"] not in {t["id"] for t in theirs})
            self.assertEqual(derived["sighting_of_ref"], theirs[2]["id"])
            self.assertEqual(len(derived["where_sighted_refs"]), 1)
            self.assertEqual({i: o for i, o in made.items() if o != derived},
                             {o["id"]: o for o in theirs})
            self.assertNotIn(victim["id"], json.dumps(found))
            self.assertNotIn("canary", json.dumps(found))
            ids = {o["id"] for o in found["objects"]}
            self.assertEqual(set(found["manifest"]), ids)
            self.assertEqual({i for pages in found["pages"] for page in pages for i in page}, ids)
            for pages in found["pages"]:
                # No page is short because something was left out of it.
                self.assertEqual({len(page) for page in pages[:-1]} - {2}, set())
            # When it leaves, it has what everybody has.
            n.cli("community", "remove", n.dir, "isac")
            left = look(n, "acme")
            self.assertIn(theirs[0]["id"], {o["id"] for o in left["objects"]})
            self.assertNotIn(theirs[2]["id"], {o["id"] for o in left["objects"]})


if __name__ == "__main__":
    main()
