# SPDX-License-Identifier: Apache-2.0
"""What is above a node's ceiling is refused on every way in before a byte of it is written, and who
sent it is told why."""

import json
import os
import unittest

from node import Node, main, wait_until
from test_exchange import PASSWORD, give, has
from test_federation import CLEAR
from test_labels import AMBER, indicator, marking
from test_packages import Pair
from test_peers import two_nodes
from test_spillage import RED, files_with

CANARY = "abovecanary90e1b6"
CEILING = "TLP:AMBER,EU:R-UE"
TAXII = "application/taxii+json;version=2.1"


class Ceiling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().init()
        cls.node.add_user("admin", "admin", PASSWORD)
        cls.node.set("ceiling", CEILING)
        cls.node.serve()

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def objects(self, n):
        """Label parts that are above, each with the word that the reason must hold, and one that
        is not."""
        secret = marking(f"{n}secret", scheme="euci", level="S-UE", tlp="TLP:GREEN",
                         releasable_to=["cz"])
        nato = marking(f"{n}nato", scheme="nato", level="NR", releasable_to=["cz"])
        national = marking(f"{n}national", scheme="national:cz", level="R", releasable_to=["cz"])
        restricted = marking(f"{n}restricted", scheme="euci", level="R-UE", releasable_to=["cz"])
        above = [
            (indicator(f"{n}{CANARY}tlp", RED), "TLP"),
            (indicator(f"{n}{CANARY}eu", secret["id"]), "EU"),
            (indicator(f"{n}{CANARY}nato", nato["id"]), "NATO"),
            (indicator(f"{n}{CANARY}national", national["id"]), "national"),
            (indicator(f"{n}{CANARY}unknown", marking(f"{n}nowhere")["id"]), "cannot be told"),
        ]
        good = [indicator(f"{n}kept", AMBER), indicator(f"{n}keptr", restricted["id"])]
        return [secret, nato, national, restricted], above, good

    def bundle(self, name):
        markings, above, good = self.objects(name)
        objects = markings + [o for o, _ in above] + good
        return {"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-0000000000ff",
                "objects": objects}, above, good

    def check(self, failures, above, good):
        """Each is refused with its reason; nothing of them is anywhere."""
        said = {f["id"]: f["message"] for f in failures}
        self.assertEqual(set(said), {o["id"] for o, _ in above})
        for o, word in above:
            self.assertIn(word, said[o["id"]])
            self.assertIn("ceiling", said[o["id"]])
        self.assertEqual(files_with(self.node, CANARY), [])
        for o in good:
            self.assertEqual(
                self.node.cli("show", self.node.dir, o["id"], check=False).returncode, 0)

    # G19
    def test_an_import_at_the_command_line(self):
        bundle, above, good = self.bundle("cli")
        path = os.path.join(self.node.base, "above.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(bundle, f)
        done = self.node.cli("import", self.node.dir, path, "--json", check=False)
        self.assertEqual(done.returncode, 1)
        report = json.loads(done.stdout)
        self.check(report["failures"], above, good)

    # G19
    def test_an_import_by_the_interface(self):
        bundle, above, good = self.bundle("api")
        answer = self.node.request("POST", "/api/v1/import", body=json.dumps(bundle).encode(),
                                   auth=("admin", PASSWORD),
                                   headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.body)
        self.check(answer.json()["failures"], above, good)

    # G19: the label that a source gives counts as one that stands in the object.
    def test_a_list_that_is_given_a_label(self):
        path = os.path.join(self.node.base, "list.txt")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"{CANARY}list.example\n")
        for label in ("TLP:RED", "TLP:AMBER+STRICT"):
            done = self.node.cli("import", self.node.dir, path, "--label", label, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"ceiling", done.stdout + done.stderr)
        self.assertEqual(files_with(self.node, CANARY), [])

    # G19
    def test_a_taxii_client(self):
        bundle, above, good = self.bundle("taxii")
        collections = self.node.request("GET", "/intel/collections/", auth=("admin", PASSWORD),
                                        headers={"Accept": TAXII}).json()["collections"]
        path = next(f"/intel/collections/{c['id']}/objects/" for c in collections if c["can_write"])
        answer = self.node.request("POST", path, body=json.dumps(
            {"objects": bundle["objects"]}).encode(), auth=("admin", PASSWORD),
            headers={"Accept": TAXII, "Content-Type": TAXII})
        self.assertEqual(answer.status, 202, answer.body)
        status = answer.json()
        self.assertEqual(status["failure_count"], len(above))
        self.check(status["failures"], above, good)

    # G19: nor is what is here raised above it.
    def test_another_label(self):
        kept = indicator("shared", AMBER)
        give(self.node, kept)
        answer = self.node.request(
            "POST", f"/api/v1/objects/{kept['id']}/share", auth=("admin", PASSWORD),
            body=json.dumps({"tlp": "TLP:RED"}).encode(),
            headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 403, answer.body)
        self.assertIn(b"ceiling", answer.body)

    # G19
    def test_a_ceiling_that_cannot_be_read_is_said(self):
        with Node() as n:
            n.init()
            n.set("ceiling", "TLP:PURPLE")
            done = n.cli("config", "check", n.dir, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"ceiling", done.stderr)

    # G19: the receiver keeps it out, and counts and tells it.
    def test_a_range_of_a_peer(self):
        with two_nodes() as (a, b):
            for n in (a, b):
                n.add_user("admin", "admin", PASSWORD)
            b.stop()
            b.set("ceiling", "TLP:GREEN")
            b.start()
            near = marking("near", tlp="TLP:AMBER", releasable_to=["b"])
            above, kept = indicator(CANARY, near["id"]), indicator("kept", CLEAR)
            give(a, near, above, kept)
            wait_until(lambda: has(b, kept["id"]), 20, "what may be there is")
            self.assertEqual(a.cli("show", a.dir, above["id"], check=False).returncode, 0)
            self.assertNotEqual(b.cli("show", b.dir, above["id"], check=False).returncode, 0)
            self.assertEqual(files_with(b, CANARY), [])
            self.assertGreaterEqual(b.show("a")["refused"], 1)
            self.assertEqual(b.show("a")["above_ceiling"], 1)
            metrics = b.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
            self.assertIn('tocsin_peer_above_ceiling{peer="a"} 1', metrics)
            told = [e for e in b.log_events() if e["event"] == "exchange.kept-out"]
            self.assertTrue(any(e["id"] == above["id"] and "ceiling" in e["text"] for e in told))

    # G19
    def test_a_package(self):
        with Pair() as p:
            p.high.set("ceiling", "TLP:GREEN")
            near = marking("near", tlp="TLP:AMBER", releasable_to=["high"])
            above, kept = indicator(CANARY, near["id"]), indicator("kept", CLEAR)
            give(p.low, near, above, kept)
            p.high.read(*p.low.write("high", p.out))
            self.assertTrue(p.high.has(kept["id"]))
            self.assertFalse(p.high.has(above["id"]))
            self.assertEqual(files_with(p.high, CANARY), [])


if __name__ == "__main__":
    main()
