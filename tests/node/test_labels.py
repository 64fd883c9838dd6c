# SPDX-License-Identifier: Apache-2.0
"""Labels from markings to readers: the extension `tocsin-label` wherever its definition stands,
accounts with clearances, communities and tags, and the answer to why."""

import base64
import json
import os
import unittest
import uuid

from node import Node, main

PASSWORD = "correct horse 7"
EXTENSION = "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
STATEMENT = "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168"


def marking(name, created="2026-01-01T00:00:00.000Z", **label):
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "created": created,
        "name": name,
        "extensions": {EXTENSION: {"extension_type": "property-extension", **label}},
    }


def indicator(name, *markings, by=None):
    out = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": name,
        "pattern": f"[domain-name:value = '{name}.example']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": list(markings),
    }
    if by:
        out["created_by_ref"] = by
    return out


class Labels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = node = Node("cz-csirt").init()
        cls.user("plain", "analyst")
        cls.user("cleared", "analyst", "--clearance", "TLP:RED,EU:S-UE", "--tags", "op-x")
        cls.user("guest", "reader", "--organisation", "acme", "--organisations", "nl",
                 "--communities", "isac", "--clearance", "TLP:AMBER")
        cls.user("boss", "admin")
        node.cli("community", "add", node.dir, "isac", "--ceiling", "green")
        node.cli("community", "add", node.dir, "csirt")
        node.serve()

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    @classmethod
    def user(cls, name, role, *more):
        cls.node.cli("user", "add", cls.node.dir, name, "--role", role, "--password-stdin", *more,
                     input=PASSWORD.encode() + b"\n")

    def load(self, *objects, label=None):
        path = os.path.join(self.node.base, "in.json")
        bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}
        with open(path, "w", encoding="utf-8") as f:
            json.dump(bundle, f)
        more = ["--label", label] if label else []
        done = self.node.cli("import", self.node.dir, path, "--json", *more, check=False)
        return json.loads(done.stdout)

    def sees(self, who, thing):
        auth = base64.b64encode(f"{who}:{PASSWORD}".encode()).decode()
        return self.node.request(
            "GET", f"/api/v1/objects/{thing['id']}", headers={"Authorization": f"Basic {auth}"}
        ).status == 200

    def who(self, thing):
        return [w for w in ("plain", "cleared", "guest") if self.sees(w, thing)]

    def why(self, thing, reader):
        done = self.node.cli("why", self.node.dir, thing["id"], reader, "--json", check=False)
        return json.loads(done.stdout)

    # G2: wherever the definition stands in the submission, and when it came before.
    def test_a_definition_is_found_wherever_it_stands(self):
        eu = marking("eu secret", scheme="euci", level="S-UE/EU-S", tlp="TLP:AMBER")
        tag = marking("op-x", scheme="none", need_to_know=["OP-X"])
        first, last = indicator("first", eu["id"]), indicator("last", AMBER, tag["id"])
        self.assertEqual(self.load(first, eu, tag, last, label="TLP:CLEAR")["refused"], 0)
        self.assertEqual(self.who(first), ["cleared"])
        self.assertEqual(self.who(last), ["cleared"])
        later = indicator("later", eu["id"])
        self.load(later)
        self.assertEqual(self.who(later), ["cleared"])
        self.assertEqual(self.why(later, "plain")["rule"], "eu.above-clearance")
        self.assertEqual(self.why(last, "plain")["rule"], "need-to-know.missing")

    # G3: a definition sent again never lowers what an earlier one said.
    def test_a_second_definition_lowers_nothing(self):
        strict = marking("case 9", scheme="tlp2", level="AMBER", need_to_know=["case-9"])
        lax = marking("case 9", created="2026-02-01T00:00:00.000Z", scheme="tlp2", level="CLEAR")
        self.load(strict)
        thing, other = indicator("renamed", strict["id"]), indicator("renamed 2", strict["id"])
        self.load(lax, thing)
        self.load(other)
        self.assertEqual(self.who(thing) + self.who(other), [])

    # G2: unknown and broken markings.
    def test_what_is_not_understood_is_most_restrictive(self):
        unknown = indicator("unknown", AMBER, f"marking-definition--{uuid.uuid4()}")
        self.load(unknown)
        self.assertEqual(self.who(unknown), ["plain", "cleared"])  # cleared to TLP:RED
        for n, broken in enumerate(({"scheme": "tlp2", "level": "PINK"},
                                    {"scheme": "mars", "level": "S"}, {"caveats": ["LIMDIS"]},
                                    {"tlp": "TLP:CLEAR", "shoe_size": 44},
                                    {"tlp": "TLP:CLEAR", "releasable_to": "everybody"})):
            m = marking(f"broken {n}", **broken)
            thing = indicator(f"broken {n}", m["id"])
            self.load(m, thing, label="TLP:CLEAR")
            self.assertEqual(self.who(thing), [], broken)
            self.assertEqual(self.why(thing, "cleared")["rule"], "label.unreadable")
            self.node.cli("show", self.node.dir, thing["id"])  # the operator has the files anyway

    # A statement is about use, not sight; one that nobody has seen is unknown.
    def test_a_statement_restricts_nothing(self):
        alone, more = indicator("copyright", STATEMENT), indicator("copyright 2", STATEMENT, AMBER)
        unmarked, before = indicator("copyright 3", STATEMENT), indicator("before", STATEMENT)
        self.load(before, label="TLP:CLEAR")
        self.assertEqual(self.who(before), ["plain", "cleared"])
        statement = {"type": "marking-definition", "spec_version": "2.1", "id": STATEMENT,
                     "created": "2017-06-01T00:00:00.000Z", "definition_type": "statement",
                     "definition": {"statement": "Copyright, a maker"}}
        self.load(alone, more, statement, label="TLP:CLEAR")
        self.load(unmarked)
        later = indicator("copyright 4", STATEMENT, GREEN)
        self.load(later)
        self.assertEqual(self.who(alone), ["plain", "cleared", "guest"])
        self.assertEqual(self.who(more), ["plain", "cleared"])
        self.assertEqual(self.who(later), ["plain", "cleared", "guest"])
        self.assertEqual(self.who(unmarked), ["plain", "cleared"])
        shown = json.loads(self.node.cli("show", self.node.dir, alone["id"], "--json").stdout)
        self.assertEqual(shown["label"]["tlp"], "TLP:CLEAR")

    def test_a_label_that_does_not_fit_is_refused(self):
        m = marking("long", tlp="TLP:GREEN", releasable_to=[f"organisation-{i}" for i in range(20)])
        reply = self.load(m)
        self.assertEqual(reply["refused"], 1)
        self.assertIn("room", reply["failures"][0]["message"])

    # An empty audience is nobody; a named one is who is named.
    def test_audiences(self):
        nobody = marking("nobody", tlp="TLP:CLEAR", releasable_to=[])
        dutch = marking("dutch", tlp="TLP:GREEN", releasable_to=["NL"])
        ours = marking("ours", tlp="TLP:GREEN", releasable_to=["CZ-CSIRT"])
        isac = marking("isac", tlp="TLP:GREEN", communities=["isac"])
        above = marking("isac amber", tlp="TLP:AMBER", communities=["ISAC"])
        things = {m["name"]: indicator(m["name"], m["id"])
                  for m in (nobody, dutch, ours, isac, above)}
        self.load(nobody, dutch, ours, isac, above, *things.values())
        self.assertEqual(self.who(things["nobody"]), [])
        self.assertEqual(self.who(things["dutch"]), ["guest"])
        self.assertEqual(self.who(things["ours"]), ["plain", "cleared"])
        self.assertEqual(self.who(things["isac"]), ["plain", "cleared", "guest"])
        self.assertEqual(self.who(things["isac amber"]), ["plain", "cleared"])
        self.assertEqual(self.why(things["isac amber"], "guest")["rule"], "community.ceiling")
        self.assertEqual(self.why(things["isac"], "community:isac")["verdict"], "allow")
        self.assertEqual(self.why(things["isac"], "community:csirt")["rule"], "community.not-member")

    # G2, G5: what names nobody stays here at TLP:AMBER, for guests as for peers, and TLP:GREEN is
    # for who is named or shares a community; own people have both.
    def test_guests_are_bound_as_peers_are(self):
        self.user("stray", "reader", "--organisation", "stray", "--clearance", "TLP:RED")
        named = marking("named", tlp="TLP:AMBER+STRICT", releasable_to=["acme"])
        landed = marking("landed", tlp="TLP:AMBER+STRICT", releasable_to=["nl"])
        things = {"amber": indicator("amber alone", AMBER), "green": indicator("green alone", GREEN),
                  "named": indicator("strict", named["id"]), "landed": indicator("state", landed["id"])}
        self.load(named, landed, *things.values())
        self.user("high", "reader", "--organisation", "acme", "--organisations", "nl",
                  "--communities", "isac", "--clearance", "TLP:RED")
        rules = {(who, name): self.why(things[name], who)["rule"]
                 for who in ("high", "stray") for name in things}
        self.assertEqual(rules, {
            ("high", "amber"): "outside.no-audience", ("high", "green"): "community.anonymised",
            ("high", "named"): "tlp.within-clearance", ("high", "landed"): "outside.not-named",
            ("stray", "amber"): "outside.no-audience", ("stray", "green"): "outside.no-community",
            ("stray", "named"): "releasable.not-named", ("stray", "landed"): "releasable.not-named"})
        self.assertEqual(self.who(things["amber"]), ["plain", "cleared"])
        self.assertEqual(self.who(things["green"]), ["plain", "cleared", "guest"])

    # US-12: the answer names the rule, each condition and the label in words.
    def test_why_is_told_in_words(self):
        thing = indicator("plain words", GREEN)
        self.load(thing)
        answer = self.why(thing, "account:guest")
        self.assertEqual((answer["verdict"], answer["rule"]), ("allow", "community.anonymised"))
        self.assertTrue(all(c["holds"] for c in answer["conditions"]))
        self.assertIn("acme", answer["who"])
        text = self.node.cli("why", self.node.dir, thing["id"], "guest").stdout.decode()
        self.assertIn("cleared to its TLP level", text)
        done = self.node.cli("why", self.node.dir, thing["id"], "nobody-known", check=False)
        self.assertNotEqual(done.returncode, 0)
        auth = base64.b64encode(f"guest:{PASSWORD}".encode()).decode()
        path = f"/api/v1/objects/{thing['id']}/why?reader=plain"
        self.assertEqual(
            self.node.request("GET", path, headers={"Authorization": f"Basic {auth}"}).status, 403)
        auth = base64.b64encode(f"plain:{PASSWORD}".encode()).decode()
        reply = self.node.request("GET", path, headers={"Authorization": f"Basic {auth}"})
        self.assertEqual(reply.json()["verdict"], "allow")

    # Joining and leaving count from the next request on.
    def test_a_community_change_counts_at_once(self):
        m = marking("room 7", tlp="TLP:GREEN", communities=["room-7"])
        thing = indicator("room 7", m["id"])
        self.load(m, thing)
        self.assertEqual(self.who(thing), [])
        self.node.cli("community", "add", self.node.dir, "room-7")
        self.assertEqual(self.who(thing), ["plain", "cleared"])
        self.node.cli("community", "leave", self.node.dir, "room-7")
        self.assertEqual(self.who(thing), [])
        self.node.cli("community", "join", self.node.dir, "room-7")
        self.assertEqual(self.who(thing), ["plain", "cleared"])
        listed = json.loads(self.node.cli("community", "list", self.node.dir, "--json").stdout)
        self.assertIn("room-7", [c["name"] for c in listed["items"]])
        self.node.cli("community", "remove", self.node.dir, "room-7")
        self.assertEqual(self.who(thing), [])


if __name__ == "__main__":
    main()
