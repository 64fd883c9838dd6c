# SPDX-License-Identifier: Apache-2.0
"""Pillars that lead one way, rooms that end, signatures that nobody gave, and what a rebuild leaves as it
was: agreements between real nodes, further."""

import base64
import datetime
import json
import os
import shutil
import unittest
import uuid

from malicious import Entry, Thief
from node import main, wait_until
from test_agreements import community, in_force, party, propose, show, sign, state
from test_exchange import PASSWORD, give, has, holds
from test_federation import befriend, three_nodes
from test_labels import indicator, marking
from test_peers import PeerNode
from test_seals import SEGMENT, records

END = "2099-01-01T00:00:00Z"
ANSWER = "extension-definition--edb988e9-d644-5dc0-b0e0-db5c234738c3"


class Rooms(unittest.TestCase):
    # D-1, P11: a room is about an incident, and over for all when its end has come, without a word.
    def test_a_room_closes_with_its_end(self):
        with three_nodes() as (a, b, _):
            incident = {"type": "incident", "spec_version": "2.1", "name": "Ransom",
                        "id": "incident--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5f01",
                        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                        "object_marking_refs": [
                            "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}
            room = ("--with", "milcert", "--kind", "room")
            self.assertIn("incident", a.refusal("agreement", "propose", a.dir, "room", *room,
                                                "--incident", incident["id"], "--until", END))
            give(a, incident)
            self.assertIn("an end", a.refusal("agreement", "propose", a.dir, "room", *room,
                                              "--incident", incident["id"]))
            self.assertIn("room", a.refusal("community", "add", a.dir, "own", "--kind", "room",
                                            "--incident", incident["id"]))
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)
            deal = propose(a, "room", *room, "--incident", incident["id"], "--until",
                           end.strftime("%Y-%m-%dT%H:%M:%SZ"))
            sign(a, b, agreement=deal)
            in_force(a, b, agreement=deal)
            label = marking("room", tlp="TLP:AMBER", communities=["room"])
            during = indicator("during", label["id"])
            give(a, label, during)
            wait_until(lambda: has(b, during["id"]), 30, "the room is open")
            for n in (a, b):
                wait_until(lambda n=n: state(n, deal) == "expired", 60, "its end has come")
            late = indicator("canary-late-77aa", label["id"])
            give(a, late)
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            wait_until(lambda: has(b, last["id"]), 30, "what is for all still flows")
            self.assertIsNone(holds(b.dir, b"canary-late-77aa"))
            why = a.json("why", a.dir, late["id"], "peer:milcert", check=False)
            self.assertEqual(why["rule"], "community.not-member")
            self.assertIn("its end has passed", a.refusal("agreement", "sign", a.dir, deal))

    # D-27, D-28: what members give to a one-way pillar goes to its hub and no further.
    def test_a_one_way_pillar_holds(self):
        with three_nodes() as (a, b, c):
            pillar = ("--with", "milcert", "--with", "desk", "--kind", "pillar", "--direction", "in")
            self.assertIn("types", a.refusal("agreement", "propose", a.dir, "pillar", *pillar))
            deal = propose(a, "pillar", *pillar, "--types", "indicator")
            sign(a, b, c, agreement=deal)
            in_force(a, b, c, agreement=deal)
            label = marking("pillar", tlp="TLP:AMBER", communities=["pillar"])
            theirs = indicator("canary-theirs-90ef", label["id"])
            ours = indicator("canary-ours-41bd", label["id"])
            give(b, label, theirs)
            wait_until(lambda: has(a, theirs["id"]), 30, "the hub has what a member gave")
            give(a, label, ours)
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            for n in (b, c):
                wait_until(lambda n=n: has(n, last["id"]), 30, "what came after is there")
            self.assertIsNone(holds(c.dir, b"canary-theirs-90ef"))
            for n in (b, c):
                self.assertIsNone(holds(n.dir, b"canary-ours-41bd"))
            for n, thing, reader in ((a, ours, "milcert"), (a, theirs, "desk"), (b, theirs, "desk")):
                why = n.json("why", n.dir, thing["id"], f"peer:{reader}", check=False)
                self.assertEqual(why["rule"], "community.one-way", why)
            self.assertEqual(
                {u["rule"] for u in show(a, deal)["unreached"]}, {"community.one-way"})
            # What stands against its direction is said beforehand of a member in general too.
            why = a.json("why", a.dir, ours["id"], "community:pillar", check=False)
            self.assertEqual(why["rule"], "community.one-way", why)

    # D-27, D-28, P11: the same for what a node decides alone; its purposes are shown where it is.
    def test_a_nodes_own_pillar_and_room_keep_to_their_kind(self):
        with three_nodes() as (a, b, _):
            pillar = ("community", "add", a.dir, "own", "--kind", "pillar", "--members", "milcert")
            self.assertIn("types", a.refusal(*pillar, "--direction", "out"))
            self.assertIn("no peer", a.refusal(*pillar, "--types", "indicator", "--hub", "nobody"))
            self.assertIn("only a pillar", a.refusal("community", "add", a.dir, "x", "--direction", "in"))
            a.cli(*pillar, "--types", "indicator", "--direction", "out", "--hub", "milcert",
                  "--purpose", "early warning", "--purpose", "exercises")
            made = community(a, "own")
            self.assertEqual((made["kind"], made["direction"], made["hub"], made["purposes"]),
                             ("pillar", "out", b.identity(), "early warning; exercises"))
            label = marking("own", tlp="TLP:AMBER", communities=["own"])
            thing = indicator("thing", label["id"])
            give(a, label, thing)
            why = a.json("why", a.dir, thing["id"], "peer:milcert", check=False)
            self.assertEqual(why["rule"], "community.one-way")
            audience = a.json("audience", a.dir, thing["id"])
            self.assertIn("early warning; exercises", [
                r.get("title") for r in audience["readers"] if r["kind"] == "community"])
            a.cli("community", "add", a.dir, "own", "--direction", "both")
            self.assertEqual(a.json("why", a.dir, thing["id"], "peer:milcert")["verdict"], "allow")
            self.assertIn("kind", a.refusal("community", "add", a.dir, "y", "--kind", "club"))

    # The ledger is the truth: everything that is shown comes from it again.
    def test_everything_is_the_same_after_a_rebuild(self):
        with three_nodes() as (a, b, _):
            deal = propose(a, "club", "--with", "milcert", "--purpose", "early warning")
            sign(a, b, agreement=deal)
            in_force(a, b, agreement=deal)
            a.stop()
            before = [a.json("agreement", "list", a.dir), show(a, deal), community(a, "club")]
            for name in os.listdir(os.path.join(a.dir, "views")):
                path = os.path.join(a.dir, "views", name)
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
            a.cli("rebuild", a.dir)
            self.assertEqual(
                [a.json("agreement", "list", a.dir), show(a, deal), community(a, "club")], before)
            self.assertEqual(a.cli("ledger", "verify", a.dir).returncode, 0)
            a.start()
            b.cli("agreement", "leave", b.dir, deal)
            wait_until(lambda: community(a, "club")["members"] == "", 30, "it is told after a restart")
            self.assertEqual(state(a, deal), "ended")


class Forged(unittest.TestCase):
    """Somebody else's signature, and a signature that nobody here gave."""

    def answer(self, deal, by, proof):
        space = uuid.UUID(deal[len("tocsin-agreement--"):])
        return {
            "type": "opinion", "spec_version": "2.1", "id": f"opinion--{uuid.uuid5(space, by)}",
            "created_by_ref": by, "created": "2026-02-01T00:00:00.000Z",
            "modified": "2026-02-01T00:00:00.000Z", "opinion": "strongly-agree",
            "object_refs": [deal], "explanation": f"canary-{uuid.uuid4()}",
            "extensions": {ANSWER: {
                "extension_type": "property-extension", "agreement_ref": deal,
                "agreement_modified": proof["version"], "sha256": proof["sha256"],
                "answer": "signed"}},
        }

    @staticmethod
    def first_taken(v):
        """The leaf of the one entry that is here of it."""
        found = [json.loads(r[4]) for r in records(os.path.join(v.dir, SEGMENT))[1]
                 if r[1] == "position/peer/lost"]
        return found and [base64.b64decode(found[-1]["edge"])[8:]]

    # G6, P2: only the party's own seal is its signature: not a peer's, not an import's.
    def test_a_signature_that_the_party_did_not_give_is_none(self):
        with PeerNode("victim") as v, PeerNode("honest") as honest, PeerNode("lost") as lost:
            for n in (v, honest, lost):
                n.init()
                n.add_user("admin", "admin", PASSWORD)
                n.start()
            befriend(v, honest, "honest", "victim")
            befriend(v, lost, "lost", "victim")
            first = wait_until(lambda: self.first_taken(v), 30, "the lost node's own identity")
            lost.stop()
            deal = propose(v, "club", "--with", "honest")
            sign(v, agreement=deal)
            proof = v.json("agreement", "verify", v.dir, deal, check=False)
            other = honest.identity()
            # By a file: neither in another's name nor in the node's own.
            for by in (other, v.identity()):
                forged = self.answer(deal, by, proof)
                path = os.path.join(v.base, "forged.json")
                with open(path, "w", encoding="utf-8") as f:
                    json.dump(forged, f)
                done = v.cli("import", v.dir, path, check=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(b"tocsin agreement", done.stdout + done.stderr)
                self.assertIsNone(holds(v.dir, forged["explanation"].encode()))
            # By a peer that was taken over, with its own seal.
            thief = Thief(lost, v, first)
            self.addCleanup(thief.close)
            forged = self.answer(deal, other, proof)
            self.assertEqual(thief.give(Entry(thief, forged))[0], "taken")
            wait_until(lambda: any(e.get("event") == "exchange.kept-out" for e in v.log_events()),
                       5, "the log")
            self.assertIsNone(holds(v.dir, forged["explanation"].encode()))
            # And under its own name, but at the place of the other's word.
            mine = {**self.answer(deal, other, proof), "created_by_ref": thief.identity}
            thief.connect()
            self.assertEqual(thief.give(Entry(thief, mine))[0], "taken")
            wait_until(lambda: has(v, mine["id"]), 30, "it is an opinion like others")
            self.assertEqual(party(v, deal, "honest")["state"], "proposed")
            self.assertEqual(state(v, deal), "proposed")
            self.assertIsNone(community(v, "club"))


if __name__ == "__main__":
    main()
