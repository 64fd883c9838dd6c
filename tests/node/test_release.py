# SPDX-License-Identifier: Apache-2.0
"""What a community leaves out: members get copies without what names victims, which still prove the
rest against the originator's signature; who may have more gets more; nobody else gets a hint."""

import json
import os
import re
import unittest
import uuid

from node import Node, main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_federation import befriend, three_nodes
from test_labels import GREEN, indicator, marking
from test_peers import PeerNode

CANARY = "canary-hospital-4c1e"
WHEN = "2026-01-01T00:00:00.000Z"


def an_id(kind, name):
    return f"{kind}--{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def stix(kind, about, *markings, **members):
    return {"type": kind, "spec_version": "2.1", "id": an_id(kind, about), "created": WHEN,
            "modified": WHEN, "object_marking_refs": list(markings), **members}


def victim(*markings):
    return stix("identity", "victim", *markings, name=CANARY, identity_class="organization")


def sighting(name, *markings, **members):
    return stix("sighting", name, *markings, sighting_of_ref=an_id("indicator", "beacon"),
                where_sighted_refs=[an_id("identity", "victim")],
                description=f"seen at {CANARY}", count=3, **members)


def incident(*markings):
    return stix("incident", "outage", *markings, name="Ransomware in the north", confidence=80,
                x_victim_name=CANARY, x_sector={"of": "health", "victims": [CANARY]})


def shown(n, object_id):
    answer = n.request("GET", f"/api/v1/objects/{object_id}", auth=("admin", PASSWORD))
    return answer.json() if answer.status == 200 else None


def keys_of(n):
    keys = []
    for name in ("public-key", "public-key-mldsa"):
        with open(os.path.join(n.dir, "ledger", name)) as f:
            keys += ["--key", f.read().strip()]
    return keys


def proof_of(holder, originator, object_id):
    """What a third party makes of the copy, with public keys alone."""
    envelope, copy = (os.path.join(holder.base, name) for name in ("e.txt", "o.json"))
    with open(envelope, "wb") as f:
        f.write(holder.cli("object", "envelope", holder.dir, object_id, "--object", copy).stdout)
    return holder.json("object", "verify", envelope, copy, *keys_of(originator), check=False)


def alter(path, old, new):
    with open(path) as f:
        text = f.read()
    assert old in text
    with open(path, "w") as f:
        f.write(text.replace(old, new))


class Release(unittest.TestCase):
    # P6, P7, P11, G1, G4, D-28: names of victims stay here unless the community says otherwise.
    def test_members_get_proven_copies_without_victims(self):
        with three_nodes() as (a, b, c):
            a.cli("community", "add", a.dir, "club", "--members", "milcert")
            wait_until(lambda: a.show("milcert")["connected"], 10, "the link")
            seen, outage, last = sighting("seen", GREEN), incident(GREEN), indicator("last", GREEN)
            give(a, indicator("beacon", GREEN), victim(GREEN), seen, outage, last)
            wait_until(lambda: has(b, last["id"]), 10, "what names nobody came whole")
            for whole, gone in ((seen, {"where_sighted_refs", "description"}),
                                (outage, {"x_victim_name", "x_sector"})):
                page = wait_until(lambda w=whole: shown(b, w["id"]), 5, whole["type"])
                self.assertEqual(
                    page["object"], {k: v for k, v in whole.items() if k not in gone})
                self.assertTrue(page["redacted"])
                self.assertEqual(page["left_out"], 2)
                proof = proof_of(b, a, whole["id"])
                self.assertTrue(proof["good"], proof)
                self.assertEqual(proof["left_out"], 2)
                self.assertEqual(proof["checked"], ["Ed25519", "ML-DSA-65"])
                why = a.json("why", a.dir, whole["id"], "peer:milcert")
                self.assertEqual(why["verdict"], "redact", why)
                self.assertEqual(set(why["left_out"].split(", ")), gone)
                self.assertEqual(why["terms"], "club: victims")
            # A copy that somebody changed afterwards proves nothing.
            alter(os.path.join(b.base, "o.json"), "Ransomware", "Hoax")
            broken = b.json("object", "verify", os.path.join(b.base, "e.txt"),
                            os.path.join(b.base, "o.json"), *keys_of(a), check=False)
            self.assertFalse(broken["good"])
            # Who was hit is an object that nothing may be left out of: it does not go at all.
            self.assertFalse(has(b, victim()["id"]))
            why = a.json("why", a.dir, victim()["id"], "peer:milcert", check=False)
            self.assertEqual((why["verdict"], why["rule"]), ("deny", "release.required"))
            self.assertEqual([c["rule"] for c in why["conditions"] if not c["holds"]],
                             ["release.required"])
            self.assertNotIn("redacted", shown(b, last["id"]))
            self.assertIsNone(holds(b.dir, CANARY.encode()))
            self.assertIsNone(holds(b.dir, an_id("identity", "victim").encode()))
            # Its own people have it all.
            self.assertEqual(shown(a, seen["id"])["object"], seen)
            self.assertNotIn("redacted", shown(a, seen["id"]))

    # P11: other objectives justify other terms.
    def test_a_community_may_share_victims_and_a_named_peer_gets_all(self):
        with three_nodes() as (a, b, c):
            a.cli("community", "add", a.dir, "club", "--members", "milcert", "--share-victims")
            listed = a.json("community", "list", a.dir)["items"]
            self.assertEqual([i["anonymise"] for i in listed], [""])
            a.cli("community", "add", a.dir, "wide", "--members", "desk",
                  "--anonymise", "victims,confidence")
            b.cli("community", "add", b.dir, "club")
            c.cli("community", "add", c.dir, "wide")
            named = marking("named", tlp="TLP:AMBER", releasable_to=["desk"])
            club = marking("club", tlp="TLP:AMBER", communities=["club", "wide"])
            seen, direct = sighting("seen", club["id"]), sighting("direct", named["id"])
            outage = incident(club["id"])
            give(a, club, named, seen, direct, outage)
            wait_until(lambda: has(b, outage["id"]), 10, "the club has it")
            self.assertEqual(shown(b, seen["id"])["object"], seen)
            self.assertEqual(shown(b, outage["id"])["object"], outage)
            wait_until(lambda: has(c, direct["id"]), 5, "who is named has it")
            self.assertEqual(shown(c, direct["id"])["object"], direct)
            page = wait_until(lambda: shown(c, outage["id"]), 5, "the others have some")
            self.assertEqual(
                set(outage) - set(page["object"]), {"x_victim_name", "x_sector", "confidence"})
            refused = a.refusal("community", "add", a.dir, "odd", "--anonymise", "names")
            self.assertIn("anonymise: not one of", refused)

    # G1, G3: a relay has only what it was given, passes on no more, and a fuller copy that comes
    # another way takes its place; the originator's signature holds for each.
    def test_a_relay_passes_on_what_it_has_and_a_fuller_copy_wins(self):
        with three_nodes() as (a, b, c):
            a.cli("community", "add", a.dir, "club", "--members", "milcert")
            b.cli("community", "add", b.dir, "club", "--members", "csirt,desk", "--share-victims")
            seen = sighting("seen", GREEN)
            give(a, seen)
            page = wait_until(lambda: shown(c, seen["id"]), 10, "it was relayed")
            self.assertEqual(page["left_out"], 2)
            self.assertEqual(page["source"], "peer:milcert")
            proof = proof_of(c, a, seen["id"])
            self.assertTrue(proof["good"], proof)
            self.assertEqual(proof["left_out"], 2)
            for n in (b, c):
                self.assertIsNone(holds(n.dir, CANARY.encode()))
            # Now the desk may have it in full from the originator itself.
            a.cli("community", "add", a.dir, "direct", "--members", "desk", "--share-victims")
            wait_until(lambda: shown(c, seen["id"])["object"] == seen, 10, "the full copy")
            page = shown(c, seen["id"])
            self.assertNotIn("redacted", page)
            self.assertEqual(len(page["versions"]), 1)
            self.assertEqual(proof_of(c, a, seen["id"])["left_out"], 0)
            # The fewer members come again, and change nothing.
            last = indicator("last", GREEN)
            give(a, last)
            wait_until(lambda: has(c, last["id"]), 10, "more goes on")
            self.assertEqual(shown(c, seen["id"])["object"], seen)
            self.assertIsNone(holds(b.dir, CANARY.encode()))
            # The same answer comes of the ledger alone.
            c.stop()
            c.cli("rebuild", c.dir)
            c.start()
            self.assertEqual(shown(c, seen["id"])["object"], seen)

    # G1, G11: stricter terms count for what was not sent yet; what is taken back is taken back from
    # who had a part of it, and tells nothing of the rest.
    def test_terms_that_became_stricter_count_and_a_part_is_taken_back(self):
        with PeerNode("csirt") as a, PeerNode("milcert") as b:
            for n in (a, b):
                n.init()
                n.add_user("admin", "admin", PASSWORD)
                n.start()
            befriend(a, b, "milcert", "csirt")
            a.cli("community", "add", a.dir, "club", "--members", "milcert", "--share-victims")
            first = indicator("first", GREEN)
            give(a, first)
            wait_until(lambda: has(b, first["id"]), 10, "the link works")
            b.stop()
            seen = sighting("seen", GREEN)
            give(a, seen)
            a.cli("community", "add", a.dir, "club", "--anonymise", "victims")
            b.start()
            page = wait_until(lambda: shown(b, seen["id"]), 20, "it is back")
            self.assertEqual(page["left_out"], 2)
            a.cli("community", "remove", a.dir, "club")
            wait_until(lambda: not has(b, seen["id"]), 10, "it is taken back")
            self.assertIsNone(holds(b.dir, CANARY.encode()))

    # G1, G5, P11: of what terms leave something out of and nothing can be derived, nothing is there for
    # a guest, by any way out; and what the terms leave whole is.
    def test_guests_see_nothing_of_what_cannot_be_derived(self):
        with Node("cz-csirt").init() as n:
            n.cli("user", "add", n.dir, "guest", "--role", "reader", "--password-stdin",
                  "--organisation", "acme", "--communities", "isac", "--clearance", "TLP:AMBER",
                  input=PASSWORD.encode() + b"\n")
            n.add_user("admin", "admin", PASSWORD)
            n.serve()
            n.cli("community", "add", n.dir, "isac")
            isac = marking("isac", tlp="TLP:AMBER", communities=["isac"])
            # A marking of a part would be about another object; an observable is what its values are.
            part = [{"marking_ref": GREEN, "selectors": ["created"]}]
            hidden = [sighting("seen", isac["id"], granular_markings=part),
                      {**incident(isac["id"]), "granular_markings": part},
                      {"type": "user-account", "spec_version": "2.1", "user_id": "0", "x_victim": CANARY,
                       "id": an_id("user-account", "0"), "object_marking_refs": [isac["id"]]}]
            whole = [indicator("beacon", isac["id"]),
                     stix("sighting", "whole", isac["id"],
                          sighting_of_ref=an_id("indicator", "beacon"), count=7)]

            def answers(*more):
                out = {}
                for path in ("/api/v1/search?q=hospital", "/api/v1/search?q=outage", "/api/v1/status",
                             "/api/v1/search?q=sighting", "/api/v1/sightings", "/api/v1/indicators",
                             "/taxii2/", *more):
                    headers = {"Accept": "application/taxii+json;version=2.1"} \
                        if path.startswith("/taxii2") else None
                    answer = n.request("GET", path, headers=headers, auth=("guest", PASSWORD))
                    out[path] = (answer.status, re.sub(rb'"(time|now)":"[^"]*"', b"", answer.body))
                return out

            give(n, isac, *whole)
            root = n.request("GET", "/taxii2/", headers={
                "Accept": "application/taxii+json;version=2.1"}, auth=("guest", PASSWORD)).json()
            base = "/" + root["api_roots"][0].split("/", 3)[3].strip("/") + "/collections/"
            headers = {"Accept": "application/taxii+json;version=2.1"}
            every = n.request("GET", base, headers=headers, auth=("guest", PASSWORD)).json()
            pages = [f"{base}{c['id']}/{what}/" for c in every["collections"]
                     for what in ("objects", "manifest")]
            gone = [f"/api/v1/objects/{an_id('report', 'absent')}"]
            gone += [f"/api/v1/objects/{o['id']}" for o in hidden]
            before = answers(*pages, *gone)
            self.assertTrue(any(b'"count":7' in body for _, body in before.values()))
            give(n, *hidden)
            after = answers(*pages, *gone)
            self.assertEqual(after, before)
            self.assertEqual([after[path][0] for path in gone], [404] * 4)
            self.assertTrue(shown(n, hidden[0]["id"]))
            why = json.loads(n.cli("why", n.dir, hidden[0]["id"], "guest", "--json",
                                   check=False).stdout)
            self.assertEqual((why["verdict"], why["rule"]), ("deny", "release.required"))
            # The test can fail: under other terms it is all there.
            n.cli("community", "add", n.dir, "isac", "--share-victims")
            text = json.dumps([body.decode() for _, body in answers(*pages, *gone).values()])
            self.assertIn(CANARY, text)


if __name__ == "__main__":
    main()
