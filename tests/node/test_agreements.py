# SPDX-License-Identifier: Apache-2.0
"""Agreements between real nodes: proposed, signed by each with its own keys, declined, left, over;
and the community that each of them makes by its own consent alone."""

import base64
import datetime
import json
import os
import shutil
import unittest
import uuid

from malicious import Entry, Thief
from node import main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_federation import befriend, three_nodes
from test_labels import indicator, marking
from test_peers import PeerNode
from test_seals import SEGMENT, records

END = "2099-01-01T00:00:00Z"
ANSWER = "extension-definition--edb988e9-d644-5dc0-b0e0-db5c234738c3"


def agreements(n):
    return n.json("agreement", "list", n.dir)["items"]


def show(n, agreement):
    return n.json("agreement", "show", n.dir, agreement)


def state(n, agreement):
    found = [a for a in agreements(n) if a["id"] == agreement]
    return found[0]["state"] if found else None


def propose(n, name, *options):
    return n.json("agreement", "propose", n.dir, name, *options)["id"]


def sign(*nodes, agreement):
    for n in nodes:
        wait_until(lambda n=n: state(n, agreement), 5, "the proposal is there")
        n.cli("agreement", "sign", n.dir, agreement)


def in_force(*nodes, agreement):
    for n in nodes:
        wait_until(lambda n=n: state(n, agreement) == "in-force", 5, "it is in force")


def party(n, agreement, peer):
    """What this node sees of a party; None is itself."""
    return next(p for p in show(n, agreement)["parties"]
                if (p["own"] if peer is None else p.get("peer") == peer))


def community(n, name):
    found = [c for c in n.json("community", "list", n.dir)["items"] if c["name"] == name]
    return found[0] if found else None


class Agreements(unittest.TestCase):
    # D-1, D-27, P2, P9, P11: a community is in force when each party has signed, with the agreement's
    # terms and no others; who is no party learns nothing of it.
    def test_what_all_have_signed_is_in_force_and_nobody_else_sees_it(self):
        with three_nodes() as (a, b, c):
            deal = propose(a, "Fusion", "--with", "milcert", "--title", "Fusion cell", "--ceiling",
                           "amber", "--types", "indicator,sighting", "--purpose", "early warning",
                           "--purpose", "exercises", "--retention", "P90D", "--legal", "MoU 7/2026")
            wait_until(lambda: state(b, deal) == "proposed", 5, "the other party has it")
            self.assertIsNone(community(a, "fusion"))
            sign(a, agreement=deal)
            wait_until(lambda: party(b, deal, "csirt")["state"] == "signed", 5, "a's word")
            self.assertIsNone(community(a, "fusion"))
            self.assertIsNone(community(b, "fusion"))
            sign(b, agreement=deal)
            in_force(a, b, agreement=deal)
            for n, member in ((a, "milcert"), (b, "csirt")):
                made = community(n, "fusion")
                self.assertEqual(
                    (made["members"], made["ceiling"], made["types"], made["agreement"],
                     made["purposes"], made["own"]),
                    (member, "TLP:AMBER", "indicator,sighting", deal,
                     "early warning; exercises", True))
            # Nobody changes alone what was agreed.
            said = a.refusal("community", "add", a.dir, "fusion", "--ceiling", "red")
            self.assertIn("as agreed", said)
            for verb in ("remove", "leave"):
                self.assertIn("as agreed", a.refusal("community", verb, a.dir, "fusion"))
            # What is shared through it goes to the other party alone, and is counted for the two.
            label = marking("fusion", tlp="TLP:AMBER", communities=["fusion"])
            thing = indicator("for-fusion", label["id"])
            give(a, label, thing)
            wait_until(lambda: has(b, thing["id"]), 5, "the member has it")
            sides = show(a, deal)["reciprocity"]
            self.assertEqual([s["peer"] for s in sides], ["milcert"])
            self.assertIn({"type": "indicator", "given": 1, "received": 0}, sides[0]["types"])
            theirs = show(b, deal)["reciprocity"]
            self.assertIn({"type": "indicator", "given": 0, "received": 1}, theirs[0]["types"])
            # A signature is taken back by leaving, not as an object is.
            proof = a.json("agreement", "verify", a.dir, deal)
            said = next(s["object"] for s in proof["signatures"] if s["own"])
            self.assertIn("agreement leave",
                          a.refusal("withdraw", a.dir, said, "--reason", "an error"))
            # The signatures hold, offline, at both.
            for n in (a, b):
                proof = n.json("agreement", "verify", n.dir, deal)
                self.assertEqual(
                    [(s["state"], s["signature"]) for s in proof["signatures"]],
                    [("signed", "verified")] * 2, proof)
                self.assertIn("ML-DSA-65", proof["signatures"][0]["text"])
            # The third node has had whatever it was to have, and has nothing of this.
            last = indicator("the-last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            wait_until(lambda: has(c, last["id"]), 5, "the desk has what came after")
            self.assertEqual(agreements(c), [])
            self.assertFalse(has(c, deal))
            self.assertEqual(c.cli("agreement", "show", c.dir, deal, check=False).returncode, 1)


    # P2: no is an answer, and so is nothing; neither stops anything else.
    def test_who_declines_says_why_and_nothing_is_in_force(self):
        with three_nodes() as (a, b, c):
            deal = propose(a, "club", "--with", "milcert", "--with", "desk")
            sign(a, agreement=deal)
            wait_until(lambda: state(b, deal), 5, "the proposal is there")
            b.cli("agreement", "decline", b.dir, deal, "--reason", "not without our ministry")
            wait_until(lambda: party(a, deal, "milcert")["state"] == "declined", 5, "the answer")
            self.assertEqual(party(a, deal, "milcert")["reason"], "not without our ministry")
            self.assertEqual(party(a, deal, "desk")["state"], "proposed")
            wait_until(lambda: state(c, deal) == "declined", 5, "the third party is told too")
            for n in (a, b, c):
                self.assertIsNone(community(n, "club"))
            self.assertIn("has declined", b.refusal("agreement", "decline", b.dir, deal))
            self.assertIn("is not in it", b.refusal("agreement", "leave", b.dir, deal))
            # It thinks better of it, and the one that had said nothing signs.
            b.cli("agreement", "sign", b.dir, deal)
            self.assertIn("has signed", b.refusal("agreement", "sign", b.dir, deal))
            sign(c, agreement=deal)
            in_force(a, b, c, agreement=deal)
            self.assertEqual(community(a, "club")["members"], "desk,milcert")

    # D-1, P2, P11: leaving is always possible, is told, and leaves the others to go on.
    def test_who_leaves_gets_no_more_and_the_others_go_on(self):
        with three_nodes() as (a, b, c):
            deal = propose(a, "club", "--with", "milcert", "--with", "desk")
            sign(a, b, c, agreement=deal)
            in_force(a, b, c, agreement=deal)
            label = marking("club", tlp="TLP:AMBER", communities=["club"])
            before = indicator("before", label["id"])
            give(a, label, before)
            for n in (b, c):
                wait_until(lambda n=n: has(n, before["id"]), 5, "the members have it")
            b.cli("agreement", "leave", b.dir, deal, "--reason", "done")
            wait_until(lambda: community(a, "club")["members"] == "desk", 5, "a knows")
            wait_until(lambda: community(c, "club")["members"] == "csirt", 5, "c knows")
            self.assertEqual(party(a, deal, "milcert")["state"], "left")
            self.assertEqual((state(a, deal), state(b, deal), state(c, deal)),
                             ("in-force", "left", "in-force"))
            self.assertFalse(community(b, "club")["own"])
            after = indicator("canary-after-51c2", label["id"])
            give(a, after)
            wait_until(lambda: has(c, after["id"]), 5, "who stayed has it")
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            wait_until(lambda: has(b, last["id"]), 5, "who left has what came after")
            self.assertIsNone(holds(b.dir, b"canary-after-51c2"))
            # Its own again: nothing of the agreement keeps it from another of that name; or back in.
            b.cli("agreement", "sign", b.dir, deal)
            wait_until(lambda: community(a, "club")["members"] == "desk,milcert", 5, "it is back")
            wait_until(lambda: has(b, after["id"]), 5, "and has what it missed")

    # P11: a newer version needs every signature anew; until then the one before holds.
    def test_a_change_holds_when_all_have_signed_it(self):
        with three_nodes() as (a, b, _):
            deal = propose(a, "club", "--with", "milcert", "--ceiling", "green")
            first = show(a, deal)["version"]
            sign(a, b, agreement=deal)
            in_force(a, b, agreement=deal)
            self.assertIn("only who proposed it", b.refusal(
                "agreement", "propose", b.dir, "club", "--changes", deal, "--ceiling", "red"))
            propose(a, "club", "--changes", deal, "--ceiling", "amber", "--title", "More")
            wait_until(lambda: show(b, deal)["version"] > first, 5, "the newer version is there")
            self.assertIn("newer version",
                          b.refusal("agreement", "sign", b.dir, deal, "--version", first))
            b.cli("agreement", "sign", b.dir, deal)
            wait_until(lambda: party(a, deal, "milcert")["state"] == "signed", 5, "b's word")
            for n in (a, b):
                self.assertEqual(community(n, "club")["ceiling"], "TLP:GREEN")
                self.assertEqual(show(n, deal)["held_version"], first)
            self.assertEqual(party(a, deal, None)["state"], "proposed")
            a.cli("agreement", "sign", a.dir, deal)
            for n in (a, b):
                wait_until(lambda n=n: community(n, "club")["ceiling"] == "TLP:AMBER", 5, "it holds")
                self.assertEqual(community(n, "club")["title"], "More")
            # Who cannot be reached through it is named: P9.
            a.cli("peer", "ceiling", a.dir, "milcert", "green")
            unreached = show(a, deal)["unreached"]
            self.assertEqual([(u["peer"], u["rule"]) for u in unreached],
                             [("milcert", "tlp.above-clearance")])

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
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
            deal = propose(a, "room", *room, "--incident", incident["id"], "--until",
                           end.strftime("%Y-%m-%dT%H:%M:%SZ"))
            sign(a, b, agreement=deal)
            in_force(a, b, agreement=deal)
            label = marking("room", tlp="TLP:AMBER", communities=["room"])
            during = indicator("during", label["id"])
            give(a, label, during)
            wait_until(lambda: has(b, during["id"]), 5, "the room is open")
            for n in (a, b):
                wait_until(lambda n=n: state(n, deal) == "expired", 15, "its end has come")
            late = indicator("canary-late-77aa", label["id"])
            give(a, late)
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            wait_until(lambda: has(b, last["id"]), 5, "what is for all still flows")
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
            wait_until(lambda: has(a, theirs["id"]), 5, "the hub has what a member gave")
            give(a, label, ours)
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            for n in (b, c):
                wait_until(lambda n=n: has(n, last["id"]), 5, "what came after is there")
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
            wait_until(lambda: community(a, "club")["members"] == "", 10, "it is told after a restart")
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
            first = wait_until(lambda: self.first_taken(v), 10, "the lost node's own identity")
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
            wait_until(lambda: has(v, mine["id"]), 5, "it is an opinion like others")
            self.assertEqual(party(v, deal, "honest")["state"], "proposed")
            self.assertEqual(state(v, deal), "proposed")
            self.assertIsNone(community(v, "club"))


if __name__ == "__main__":
    main()
