# SPDX-License-Identifier: Apache-2.0
"""Collections and API roots that an operator makes serve what is put into them, by TAXII or by
command, and nothing else."""

import json
import unittest

from node import Node, main

TAXII = "application/taxii+json;version=2.1"
PASSWORD = "correct horse 7"
INDICATOR = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5c01",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "name": "Beacon",
    "pattern": "[domain-name:value = 'beacon.example']",
    "pattern_type": "stix",
    "valid_from": "2026-01-01T00:00:00Z",
}
OTHER = {**INDICATOR, "id": "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5c02", "name": "Other"}


class Collections(unittest.TestCase):
    def make(self, n, *args):
        return n.cli("collection", "add", n.dir, *args).stdout.decode().strip()

    def ask(self, n, method, path, body=None, user="admin"):
        headers = {"Accept": TAXII}
        if body is not None:
            headers["Content-Type"] = TAXII
            body = json.dumps(body).encode()
        return n.request(method, path, body=body, headers=headers, auth=(user, PASSWORD))

    def objects(self, n, path):
        answer = self.ask(n, "GET", path + "objects/")
        self.assertEqual(answer.status, 200, answer.body)
        return [o["id"] for o in answer.json().get("objects", [])]

    def work_with_them(self, n, partners, closed):
        """What the two collections of `partners` and `intel` do on a running node."""
        found = self.ask(n, "GET", "/taxii2/").json()["api_roots"]
        self.assertTrue(any(url.rstrip("/").endswith("partners") for url in found), found)
        listed = self.ask(n, "GET", "/partners/collections/").json()["collections"]
        self.assertEqual([(c["id"], c["title"], c["alias"]) for c in listed],
                         [(partners, "Partners", "friends")])
        path = f"/partners/collections/{partners}/"
        answer = self.ask(n, "POST", path + "objects/", {"objects": [INDICATOR]})
        self.assertEqual(answer.status, 202, answer.body)
        self.assertEqual(answer.json()["success_count"], 1)
        self.assertEqual(self.objects(n, path), [INDICATOR["id"]])
        self.assertEqual(self.objects(n, "/partners/collections/friends/"), [INDICATOR["id"]])
        # Nobody puts objects where it says that clients cannot, by either way; the operator does.
        answer = self.ask(n, "POST", f"/intel/collections/{closed}/objects/", {"objects": [OTHER]})
        self.assertEqual(answer.status, 403, answer.body)
        answer = n.request("POST", f"/api/v1/import?collection={closed}", auth=("admin", PASSWORD),
                           body=json.dumps(OTHER).encode())
        self.assertEqual(answer.status, 403, answer.body)
        file = f"{n.base}/other.json"
        with open(file, "w", encoding="utf-8") as f:
            json.dump(OTHER, f)
        n.cli("import", n.dir, file, "--collection", closed)
        self.assertEqual(self.objects(n, f"/intel/collections/{closed}/"), [OTHER["id"]])
        n.cli("import", n.dir, file, "--collection", "friends")
        self.assertEqual(set(self.objects(n, path)), {INDICATOR["id"], OTHER["id"]})
        everything = set(self.objects(n, "/intel/collections/all/"))
        self.assertFalse(everything & {INDICATOR["id"], OTHER["id"]})
        done = n.cli("import", n.dir, file, "--collection", "nowhere", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"nowhere", done.stderr)

    def add(self, n):
        n.cli("root", "add", n.dir, "partners", "--title", "Partners", "--page-limit", "2")
        partners = self.make(n, "--title", "Partners", "--alias", "friends", "--root", "partners")
        return partners, self.make(n, "--title", "Closed", "--no-write", "--description", "Ours")

    def test_made_without_a_running_node(self):
        with Node().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            made = self.add(n)
            n.serve()
            self.work_with_them(n, *made)
            self.assertEqual(n.stop(), 0)

    def test_made_while_the_node_runs(self):
        with Node().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            n.serve()
            made = self.add(n)
            self.work_with_them(n, *made)
            self.assertEqual(n.stop(), 0)

    def test_made_by_administrators_over_the_network_only(self):
        with Node().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            n.add_user("ann", "analyst", PASSWORD)
            n.serve()

            def post(path, body, user="admin"):
                return n.request("POST", "/api/v1" + path, body=json.dumps(body).encode(),
                                 headers={"Content-Type": "application/json"},
                                 auth=(user, PASSWORD))

            self.assertEqual(post("/roots", {"name": "x", "title": "X"}, "ann").status, 403)
            self.assertEqual(post("/collections", {"title": "X"}, "ann").status, 403)
            self.assertEqual(post("/roots", {"name": "api", "title": "X"}).status, 400)
            self.assertEqual(post("/roots", {"name": "x", "title": "X"}).status, 204)
            self.assertEqual(post("/roots", {"name": "x", "title": "X"}).status, 409)
            self.assertEqual(post("/collections", {"title": "X", "root": "y"}).status, 404)
            made = post("/collections", {"title": "X", "root": "x", "can_read": False})
            self.assertEqual(made.status, 200, made.body)
            self.assertEqual((made.json()["can_read"], made.json()["can_write"]), (False, True))
            path = f"/x/collections/{made.json()['id']}/objects/"
            self.assertEqual(self.ask(n, "GET", path).status, 403)
            self.assertEqual(self.ask(n, "POST", path, {"objects": [OTHER]}).status, 202)
            self.assertEqual(n.stop(), 0)


if __name__ == "__main__":
    main()
