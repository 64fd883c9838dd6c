# SPDX-License-Identifier: Apache-2.0
"""What a guest gets in place of an object from which its community's terms leave something out: a new
object, derived from it, in which victims have pseudonyms. Looked at with the client of the
standard's own makers."""

import json
import os
import unittest

from node import Node, main, wait_until
from test_exchange import PASSWORD, give
from test_labels import indicator, marking
from test_outside_member import look
from test_release import CANARY, WHEN, an_id, incident, sighting, stix, victim

TAXII = "application/taxii+json;version=2.1"
LATER = "2026-02-01T00:00:00.000Z"
SECRETS = (CANARY, an_id("identity", "victim"), "Somewhere", "x_victim_name")


def of_type(found, kind):
    return [o for o in found["objects"] if o["type"] == kind]


def one(found, kind):
    (only,) = of_type(found, kind)
    return only


def victims(found):
    return [o for o in of_type(found, "identity") if o["name"].startswith("victim ")]


def add_guest(n, name, *communities):
    n.cli("user", "add", n.dir, name, "--role", "reader", "--password-stdin", "--organisation", name,
          "--communities", ",".join(communities), "--clearance", "TLP:AMBER",
          input=PASSWORD.encode() + b"\n")


class Derived(unittest.TestCase):
    def setUp(self):
        self.n = self.enterContext(Node("cz-csirt")).init()
        n = self.n
        n.cli("community", "add", n.dir, "isac")
        n.cli("community", "add", n.dir, "health")
        n.add_user("admin", "admin", PASSWORD)
        self.isac = marking("isac", tlp="TLP:AMBER", communities=["isac"])
        self.both = marking("both", tlp="TLP:AMBER", communities=["isac", "health"])

    def look(self, user="acme"):
        found = look(self.n, user)
        text = json.dumps(found)
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        self.assertEqual(sorted(found["manifest"]), sorted(o["id"] for o in found["objects"]))
        return found

    def hit(self):
        return {**victim(self.isac["id"]), "sectors": ["healthcare", "the one in Somewhere"],
                "contact_information": "Somewhere 1"}

    # P6, P7, P11, G1, D-28: a guest gets new objects under the node's name, which say what they come
    # from; the victim has one pseudonym with its sector in all of them, and nothing else of it goes.
    def test_a_guest_gets_derived_objects(self):
        n, isac = self.n, self.isac
        add_guest(n, "acme", "isac")
        n.serve()
        report = stix("report", "weekly", isac["id"], name="Weekly", published=WHEN,
                      object_refs=[an_id("identity", "victim"), an_id("indicator", "beacon")])
        targets = stix("relationship", "targets", isac["id"], relationship_type="targets",
                       source_ref=an_id("malware", "m"), target_ref=an_id("identity", "victim"))
        beacon, seen, outage = indicator("beacon", isac["id"]), sighting("seen", isac["id"]), incident(
            isac["id"])
        give(n, isac, beacon, seen, outage, self.hit(), report, targets)
        found = self.look()
        (who,) = victims(found)
        self.assertRegex(who["name"], r"\Avictim [0-9a-f]{6}\Z")
        self.assertEqual((who["identity_class"], who["sectors"]), ("organization", ["healthcare"]))
        self.assertNotIn(WHEN, json.dumps(who))
        (node,) = (o["id"] for o in of_type(found, "identity") if o["id"] != who["id"])
        self.assertEqual(who["created_by_ref"], node)
        derived = one(found, "sighting")
        self.assertEqual(derived["where_sighted_refs"], [who["id"]])
        self.assertEqual(derived["external_references"],
                         [{"source_name": "derived-from", "external_id": seen["id"]}])
        for original, new in ((seen, derived), (outage, one(found, "incident")),
                              (report, one(found, "report"))):
            self.assertNotEqual(new["id"], original["id"])
            self.assertEqual(new["created_by_ref"], node)
            self.assertEqual((new["created"], new["modified"]), (WHEN, WHEN))
            kept = set(new) - {"id", "created_by_ref", "object_marking_refs", "external_references",
                               "where_sighted_refs", "object_refs"}
            self.assertEqual({k: new[k] for k in kept}, {k: original[k] for k in kept})
        self.assertEqual(one(found, "report")["object_refs"], [who["id"], report["object_refs"][1]])
        relations = {(r["relationship_type"], r["source_ref"], r["target_ref"])
                     for r in of_type(found, "relationship")}
        self.assertEqual(relations, {
            ("targets", targets["source_ref"], who["id"]),
            ("derived-from", one(found, "incident")["id"], outage["id"]),
            ("derived-from", one(found, "report")["id"], report["id"])})
        # What is whole is there as it is, and what is not, not at all.
        self.assertEqual(of_type(found, "indicator"), [beacon])
        ids = {o["id"] for o in found["objects"]}
        self.assertFalse(ids & {seen["id"], outage["id"], report["id"], targets["id"]})
        labels = {m for o in found["objects"] if o.get("created_by_ref") == node and o["id"] != node
                  for m in o.get("object_marking_refs", ())}
        (label,) = labels
        self.assertIn(label, ids)

    def names(self, user="acme"):
        return {o["name"]: o for o in victims(self.look(user))}

    # P6, D-28: one victim has one pseudonym in all that goes to a community, for good: over a restart
    # and a rebuild; and another in the next community, by which the two cannot be joined.
    def test_pseudonyms_are_stable_and_a_communitys_own(self):
        n = self.n
        for user, community in (("acme", "isac"), ("clinic", "health"), ("second", "isac")):
            add_guest(n, user, community)
        n.serve()
        both = self.both["id"]
        give(n, self.both, {**self.hit(), "object_marking_refs": [both]}, sighting("one", both),
             sighting("two", both))
        first, other = self.look(), self.look("clinic")
        (mine,), (theirs,) = victims(first), victims(other)
        self.assertEqual({ref for o in of_type(first, "sighting") for ref in o["where_sighted_refs"]},
                         {mine["id"]})
        self.assertEqual({ref for o in of_type(other, "sighting") for ref in o["where_sighted_refs"]},
                         {theirs["id"]})
        self.assertNotEqual((mine["id"], mine["name"]), (theirs["id"], theirs["name"]))
        self.assertFalse({o["id"] for o in of_type(first, "sighting")} &
                         {o["id"] for o in of_type(other, "sighting")})
        self.assertEqual(self.look("second")["objects"], first["objects"])
        n.stop()
        n.cli("rebuild", n.dir)
        n.serve()
        self.assertEqual(self.look()["objects"], first["objects"])
        give(n, sighting("three", both))
        again = self.look()
        self.assertEqual({ref for o in of_type(again, "sighting") for ref in o["where_sighted_refs"]},
                         {mine["id"]})
        self.assertEqual(len(of_type(again, "sighting")), 3)
        # Nothing is derived twice: the ledger is as long after another start.
        size = self.size()
        n.stop()
        n.serve()
        self.look()
        self.assertEqual(self.size(), size)
        n.cli("ledger", "verify", n.dir)

    # G5, G11, G24: what becomes of the original becomes of what was derived, before the next answer.
    def test_a_derived_object_follows_its_original(self):
        n, isac = self.n, self.isac
        add_guest(n, "acme", "isac")
        n.serve()
        outage = incident(isac["id"])
        other = marking("others", tlp="TLP:AMBER", communities=["health"])
        give(n, isac, other, outage, sighting("seen", isac["id"]), indicator("beacon", isac["id"]))
        first = one(self.look(), "incident")
        newer = {**outage, "modified": LATER, "name": "Ransomware in the south"}
        give(n, newer)
        found = self.look()
        self.assertEqual(one(found, "incident"), {**first, "modified": LATER, "name": newer["name"]})
        self.assertEqual(one(found, "relationship")["modified"], LATER)
        self.assertEqual(self.status()["objects"], len({o["id"] for o in found["objects"]}))
        # A newer version that names nobody is there itself, and another label takes all away.
        plain = {k: v for k, v in newer.items() if not k.startswith("x_")}
        plain["modified"] = "2026-03-01T00:00:00.000Z"
        give(n, plain)
        found = self.look()
        self.assertEqual(of_type(found, "incident"), [plain])
        self.assertEqual(of_type(found, "relationship"), [])
        self.assertEqual(self.status()["objects"], len({o["id"] for o in found["objects"]}))
        seen = {**sighting("seen", other["id"]), "modified": LATER}
        give(n, seen)
        found = self.look()
        self.assertEqual(of_type(found, "sighting"), [])
        self.assertEqual(self.status()["objects"], len({o["id"] for o in found["objects"]}))

    def status(self, user="acme"):
        return self.n.request("GET", "/api/v1/status", auth=(user, PASSWORD)).json()

    def size(self):
        return json.loads(self.n.cli("ledger", "head", self.n.dir, "--json").stdout)["size"]

    def why(self, thing):
        return json.loads(self.n.cli("why", self.n.dir, thing["id"], "acme", "--json").stdout)

    def shown(self, object_id, user="acme"):
        return self.n.request("GET", f"/api/v1/objects/{object_id}", auth=(user, PASSWORD)).status

    # P6, P11, G5: what stands for an object is in the collections in which the object is, joins them
    # and leaves them with it, once.
    def test_a_derived_object_is_where_its_original_is(self):
        n, isac = self.n, self.isac
        add_guest(n, "acme", "isac")
        n.cli("root", "add", n.dir, "friends", "--title", "Friends")
        n.add_user("editor", "analyst", PASSWORD)
        second = n.cli("collection", "add", n.dir, "--title", "Second",
                       "--root", "friends").stdout.decode().strip()
        n.serve()
        outage = incident(isac["id"])

        def there():
            answer = n.request("GET", f"/friends/collections/{second}/objects/",
                               headers={"Accept": TAXII}, auth=("acme", PASSWORD))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertNotIn(CANARY, answer.body.decode())
            return {o["id"]: o for o in answer.json().get("objects", [])}

        give(n, isac, outage, self.hit(), indicator("beacon", isac["id"]))
        new = one(self.look(), "incident")
        relation = one(self.look(), "relationship")
        self.assertEqual(there(), {})
        path = os.path.join(n.base, "again.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(outage, f)
        n.cli("import", n.dir, path, "--collection", second)
        found = wait_until(there, 30, "it is in the second collection")
        self.assertEqual(set(found), {new["id"], relation["id"], *new["object_marking_refs"]})
        self.assertEqual(found[new["id"]], new)
        size = self.size()
        n.stop()
        n.serve()
        self.assertEqual(there(), found)
        self.assertEqual(self.size(), size)
        done = n.request("DELETE", f"/friends/collections/{second}/objects/{outage['id']}/",
                         headers={"Accept": TAXII}, auth=("editor", PASSWORD))
        self.assertEqual(done.status, 200, done.body)
        wait_until(lambda: new["id"] not in there(), 30, "it has left with its original")
        self.assertEqual(set(there()), set(new["object_marking_refs"]))
        self.assertEqual(one(self.look(), "incident"), new)
        size = self.size()
        n.stop()
        n.cli("rebuild", n.dir)
        n.serve()
        self.assertEqual(set(there()), set(new["object_marking_refs"]))
        self.assertEqual(self.size(), size)

    # G11, G24: taken back is taken back, in every form of it; revoked is revoked.
    def test_a_withdrawal_takes_the_derived_object_too(self):
        n, isac = self.n, self.isac
        add_guest(n, "acme", "isac")
        n.serve()
        outage, seen = incident(isac["id"]), sighting("seen", isac["id"])
        give(n, isac, outage, seen, self.hit(), indicator("beacon", isac["id"]))
        found = self.look()
        gone = [one(found, "incident")["id"], one(found, "relationship")["id"]]
        self.assertEqual([self.shown(i) for i in gone], [200, 200])
        n.cli("withdraw", n.dir, outage["id"], "--reason", "a mistake")
        self.assertEqual([self.shown(i) for i in gone], [404, 404])
        left = self.look()
        self.assertFalse({o["id"] for o in left["objects"]} & set(gone))
        self.assertEqual(self.status()["objects"], len({o["id"] for o in left["objects"]}))
        give(n, {**seen, "modified": LATER, "revoked": True})
        self.assertTrue(one(self.look(), "sighting")["revoked"])

    # P6, G1: terms, members and guests may change after the objects came.
    def test_a_change_of_the_community_counts_for_what_is_there(self):
        n, isac = self.n, self.isac
        n.serve()
        outage = incident(isac["id"])
        give(n, isac, outage, self.hit(), sighting("seen", isac["id"]), indicator("beacon", isac["id"]))
        add_guest(n, "acme", "isac")
        first = wait_until(lambda: of_type(self.look(), "incident"), 30, "what was there is derived")[0]
        self.assertEqual(first["confidence"], 80)
        n.cli("community", "add", n.dir, "isac", "--anonymise", "victims,confidence")
        less = wait_until(lambda: of_type(self.look(), "incident"), 30, "other terms")[0]
        self.assertNotIn("confidence", less)
        self.assertNotEqual(less["id"], first["id"])
        self.assertEqual(self.shown(first["id"]), 404)
        n.cli("community", "add", n.dir, "isac", "--anonymise", "victims")
        self.assertEqual(one(self.look(), "incident"), first)
        n.cli("user", "add", n.dir, "acme", "--role", "reader", "--password-stdin", "--communities",
              "health", input=PASSWORD.encode() + b"\n")
        self.assertEqual(self.shown(first["id"]), 404)
        self.assertEqual(self.names(), {})
        n.cli("user", "add", n.dir, "acme", "--role", "reader", "--password-stdin", "--communities",
              "isac", input=PASSWORD.encode() + b"\n")
        self.assertEqual(one(self.look(), "incident"), first)
        n.cli("community", "remove", n.dir, "isac")
        self.assertEqual(self.shown(first["id"]), 404)
        self.assertEqual(of_type(self.look(), "incident"), [])

    # P6, G1: a community that shares one type alone shares what belongs to a derived object of it.
    def test_few_types_hide_nothing_that_goes_with_a_derived_object(self):
        n, isac = self.n, self.isac
        n.cli("community", "add", n.dir, "isac", "--types", "incident")
        add_guest(n, "acme", "isac")
        n.serve()
        outage = incident(isac["id"])
        give(n, isac, outage, sighting("seen", isac["id"]), indicator("beacon", isac["id"]))
        found = self.look()
        new, relation = one(found, "incident"), one(found, "relationship")
        self.assertEqual((relation["relationship_type"], relation["source_ref"], relation["target_ref"]),
                         ("derived-from", new["id"], outage["id"]))
        self.assertIn(new["object_marking_refs"][0],
                      {o["id"] for o in of_type(found, "marking-definition")})
        self.assertEqual(of_type(found, "sighting") + of_type(found, "indicator"), [])

    # G1, US-12: own people see originals alone, by every way, and are told what a guest gets.
    def test_own_people_see_originals_and_why(self):
        n, isac = self.n, self.isac
        add_guest(n, "acme", "isac")
        n.cli("user", "add", n.dir, "ann", "--role", "analyst", "--clearance", "TLP:RED",
              "--password-stdin", input=PASSWORD.encode() + b"\n")
        n.serve()
        outage, hit = incident(isac["id"]), self.hit()
        before = self.status("ann")["objects"]
        give(n, isac, outage, hit, sighting("seen", isac["id"]), indicator("beacon", isac["id"]))
        self.assertEqual(self.status("ann")["objects"], before + 5)
        found = self.look()
        new = one(found, "incident")
        self.assertEqual(self.shown(new["id"], "ann"), 404)
        for user, ids in (("ann", {outage["id"]}), ("acme", {new["id"]})):
            answer = wait_until(lambda u=user: n.request(
                "GET", "/api/v1/search?q=north", auth=(u, PASSWORD)).json()["items"], 30, "search")
            self.assertEqual({o["id"] for o in answer}, ids)
        text = n.request("GET", "/api/v1/search?q=" + CANARY, auth=("acme", PASSWORD)).json()
        self.assertEqual(text["items"], [])
        self.assertEqual(self.shown(outage["id"]), 404)
        why = self.why(outage)
        self.assertEqual((why["verdict"], why["rule"], why["derived"], why["terms"]),
                         ("derive", "community.derived", new["id"], "isac: victims"))
        self.assertEqual(set(why["left_out"].split(", ")), {"x_victim_name", "x_sector"})
        who = self.why(hit)
        self.assertEqual(who["derived"], victims(found)[0]["id"])
        audience = n.request("GET", f"/api/v1/objects/{outage['id']}/audience",
                             auth=("ann", PASSWORD)).json()
        (guest,) = (r["now"] for r in audience["readers"] if r["kind"] == "guests")
        self.assertEqual((guest["verdict"], guest["derived"], guest["through"]),
                         ("derive", new["id"], "isac"))
        metrics = n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
        self.assertIn("\ntocsin_derived_records 5\n", metrics)


if __name__ == "__main__":
    main()
