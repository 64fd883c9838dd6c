# SPDX-License-Identifier: Apache-2.0
"""A purge takes along what was derived of the object for guests: no byte of it stays under another
id, and nothing is derived of it again."""

import json
import os
import unittest

from node import Node, main, wait_until
from test_derived import add_guest, of_type, one, victims
from test_exchange import PASSWORD, give
from test_federation import befriend
from test_labels import indicator, marking
from test_outside_member import look
from test_peers import PeerNode
from test_purge import files_with
from test_release import incident, sighting, stix, victim

LATER = "2026-02-01T00:00:00.000Z"
SPILLED = "spilled9c41d7"
NEWER = "spilledlater55aa10"
SECTOR = "pharmaceuticals"


class PurgeDerived(unittest.TestCase):
    def node(self, name="cz-csirt"):
        n = self.enterContext(Node(name)).init()
        n.cli("community", "add", n.dir, "isac")
        n.add_user("admin", "admin", PASSWORD)
        add_guest(n, "acme", "isac")
        n.serve()
        return n

    def outage(self, isac, says=SPILLED, **more):
        return {**incident(isac["id"]), "name": f"Outage {says}", **more}

    def count(self, n):
        return n.request("GET", "/api/v1/status", auth=("acme", PASSWORD)).json()["objects"]

    def size(self, n):
        return json.loads(n.cli("ledger", "head", n.dir, "--json").stdout)["size"]

    def check(self, n, text):
        """Not a byte, in what runs, stands still or is made anew."""
        self.assertEqual(files_with(n, text), [])
        n.cli("ledger", "verify", n.dir)
        if n.process:
            self.assertEqual(n.stop(), 0)
        n.cli("rebuild", n.dir)
        for name in os.listdir(os.path.join(n.dir, "ledger", "index")):
            os.unlink(os.path.join(n.dir, "ledger", "index", name))
        n.cli("rebuild", n.dir)
        n.cli("ledger", "verify", n.dir)
        self.assertEqual(files_with(n, text), [])
        n.serve()

    # G19, G5: what guests got in place of the object goes with it; nothing brings it back.
    def test_no_byte_is_left_in_what_guests_were_given(self):
        n, isac = self.node(), marking("isac", tlp="TLP:AMBER", communities=["isac"])
        outage = self.outage(isac)
        give(n, isac, outage, indicator("stays", isac["id"]))
        first = look(n, "acme")
        copy = one(first, "incident")
        self.assertIn(SPILLED, copy["name"])
        relation = one(first, "relationship")
        wait_until(lambda: n.request("GET", "/api/v1/search?q=" + SPILLED, auth=("acme", PASSWORD))
                   .json()["items"], 30, "the views have the copy")

        done = n.cli("purge", n.dir, outage["id"], "--reason", "spillage drill", "--json").stdout
        self.assertEqual(json.loads(done)["versions"], 3)
        self.assertEqual(files_with(n, SPILLED), [])
        left = look(n, "acme")
        self.assertEqual({o["type"] for o in left["objects"]},
                         {"identity", "indicator", "marking-definition"})
        for gone in (outage["id"], copy["id"], relation["id"]):
            self.assertEqual(
                n.request("GET", f"/api/v1/objects/{gone}", auth=("acme", PASSWORD)).status, 404)
        self.assertEqual(self.count(n), len({o["id"] for o in left["objects"]}))

        # Other terms, another guest, and another start look at all originals again.
        n.cli("community", "add", n.dir, "isac", "--anonymise", "victims,confidence")
        add_guest(n, "late", "isac")
        self.assertEqual(look(n, "late")["objects"], look(n, "acme")["objects"])
        size = self.size(n)
        self.check(n, SPILLED)
        self.assertEqual(of_type(look(n, "late"), "incident"), [])
        self.assertEqual(self.size(n), size)

    # G19: the same when the node does not run; and a late guest is derived what was not purged alone.
    def test_a_stopped_node_purges_them_too(self):
        n, isac = self.node(), marking("isac", tlp="TLP:AMBER", communities=["isac"])
        outage = self.outage(isac)
        give(n, isac, outage, {**self.outage(isac, "stays-here"), "id": outage["id"][:-1] + "0"})
        self.assertEqual(len(of_type(look(n, "acme"), "incident")), 2)
        self.assertEqual(n.stop(), 0)
        self.assertTrue(files_with(n, SPILLED))
        n.cli("purge", n.dir, outage["id"], "--reason", "spillage drill")
        self.check(n, SPILLED)
        self.assertTrue(files_with(n, "stays-here"))
        add_guest(n, "late", "isac")
        self.assertEqual(one(look(n, "late"), "incident")["name"], "Outage stays-here")

    # G19: of one version, what was derived of that version alone.
    def test_one_version_takes_what_was_derived_of_it(self):
        n, isac = self.node(), marking("isac", tlp="TLP:AMBER", communities=["isac"])
        give(n, isac, self.outage(isac, "stays-here"))
        first = one(look(n, "acme"), "incident")
        newer = self.outage(isac, NEWER, modified=LATER)
        give(n, newer)
        self.assertIn(NEWER, one(look(n, "acme"), "incident")["name"])
        n.cli("purge", n.dir, newer["id"], "--version", LATER, "--reason", "it says too much")
        self.assertEqual(files_with(n, NEWER), [])
        self.assertEqual(one(look(n, "acme"), "incident"), first)
        self.check(n, NEWER)
        found = look(n, "acme")
        self.assertEqual(one(found, "incident"), first)
        self.assertEqual(self.count(n), len({o["id"] for o in found["objects"]}))

    # G19, P6: an identity takes its pseudonyms along, in each community, and what they tell of it.
    def test_an_identity_takes_its_pseudonyms(self):
        n = self.node()
        n.cli("community", "add", n.dir, "health")
        add_guest(n, "clinic", "health")
        both = marking("both", tlp="TLP:AMBER", communities=["isac", "health"])
        who = {**victim(both["id"]), "sectors": [SECTOR]}
        give(n, both, who, sighting("seen", both["id"]))
        names = [only["name"] for user in ("acme", "clinic") for only in victims(look(n, user))]
        self.assertEqual(len(set(names)), 2)
        n.cli("purge", n.dir, who["id"], "--reason", "a person's data")
        for text in (SECTOR, *names):
            self.assertEqual(files_with(n, text), [])
        found = look(n, "acme")
        self.assertEqual(victims(found), [])
        # What names it by the pseudonym alone is another object, and stays.
        self.assertEqual(len(one(found, "sighting")["where_sighted_refs"]), 1)
        self.check(n, SECTOR)
        self.assertEqual(victims(look(n, "acme")), [])

    # G19: sightings that were made here go with the indicator, and so does what was derived of them.
    def test_what_was_derived_of_its_sightings_goes_too(self):
        n, isac = self.node(), marking("isac", tlp="TLP:AMBER", communities=["isac"])
        beacon = indicator("beacon", isac["id"])
        seen = stix("sighting", "seen", isac["id"], sighting_of_ref=beacon["id"], x_note=SPILLED,
                    where_sighted_refs=[victim()["id"]])
        give(n, isac, beacon, seen)
        self.assertEqual(one(look(n, "acme"), "sighting")["x_note"], SPILLED)
        n.cli("purge", n.dir, beacon["id"], "--reason", "spillage drill")
        self.assertEqual(files_with(n, SPILLED), [])
        self.assertEqual(of_type(look(n, "acme"), "sighting"), [])
        # No decision names a derived object: peers would be told its id.
        listed = json.loads(n.cli("purge", "list", n.dir, "--json").stdout)["items"]
        self.assertEqual({p["id"] for p in listed}, {beacon["id"], seen["id"]})
        self.check(n, SPILLED)

    # G19: a peer that complies with a demand purges what it has derived for guests of its own.
    def test_a_demand_reaches_what_a_peer_derived(self):
        with PeerNode("csirt") as a, PeerNode("milcert") as b:
            for n in (a, b):
                n.init()
                n.add_user("admin", "admin", PASSWORD)
            b.set("purges", "comply")
            for n in (a, b):
                n.start()
            befriend(a, b, "milcert", "csirt")
            a.cli("community", "add", a.dir, "isac", "--members", "milcert", "--share-victims")
            b.cli("community", "add", b.dir, "isac", "--members", "csirt")
            add_guest(b, "acme", "isac")
            isac = marking("isac", tlp="TLP:AMBER", communities=["isac"])
            outage = self.outage(isac)
            give(a, isac, outage)

            def derived():
                return of_type(look(b, "acme"), "incident")

            (copy,) = wait_until(derived, 20, "it came and was derived")
            self.assertIn(SPILLED, copy["name"])
            a.cli("purge", a.dir, outage["id"], "--reason", "above our ceiling")
            wait_until(lambda: files_with(b, SPILLED) == [], 15, "nothing is left at b")
            self.assertEqual(derived(), [])
            self.assertEqual(files_with(a, SPILLED), [])
            self.check(b, SPILLED)
            self.assertEqual(derived(), [])


if __name__ == "__main__":
    main()
