# SPDX-License-Identifier: Apache-2.0
"""Agreements between real nodes: proposed, signed by each with its own keys, declined, left, over;
and the community that each of them makes by its own consent alone."""

import unittest

from node import main, wait_until
from test_exchange import give, has, holds
from test_federation import three_nodes
from test_labels import indicator, marking


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
        wait_until(lambda n=n: state(n, agreement), 30, "the proposal is there")
        n.cli("agreement", "sign", n.dir, agreement)


def in_force(*nodes, agreement):
    """All have signed, and each node has made the community of it."""
    def made(n):
        found = show(n, agreement)
        return found["state"] == "in-force" and community(n, found["community"])

    for n in nodes:
        wait_until(lambda n=n: made(n), 30, "it is in force")


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
            wait_until(lambda: state(b, deal) == "proposed", 30, "the other party has it")
            self.assertIsNone(community(a, "fusion"))
            sign(a, agreement=deal)
            wait_until(lambda: party(b, deal, "csirt")["state"] == "signed", 30, "a's word")
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
            wait_until(lambda: has(b, thing["id"]), 30, "the member has it")
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
            wait_until(lambda: has(c, last["id"]), 30, "the desk has what came after")
            self.assertEqual(agreements(c), [])
            self.assertFalse(has(c, deal))
            self.assertEqual(c.cli("agreement", "show", c.dir, deal, check=False).returncode, 1)


    # P2: no is an answer, and so is nothing; neither stops anything else.
    def test_who_declines_says_why_and_nothing_is_in_force(self):
        with three_nodes() as (a, b, c):
            deal = propose(a, "club", "--with", "milcert", "--with", "desk")
            sign(a, agreement=deal)
            wait_until(lambda: state(b, deal), 30, "the proposal is there")
            b.cli("agreement", "decline", b.dir, deal, "--reason", "not without our ministry")
            wait_until(lambda: party(a, deal, "milcert")["state"] == "declined", 30, "the answer")
            self.assertEqual(party(a, deal, "milcert")["reason"], "not without our ministry")
            self.assertEqual(party(a, deal, "desk")["state"], "proposed")
            wait_until(lambda: state(c, deal) == "declined", 30, "the third party is told too")
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
                wait_until(lambda n=n: has(n, before["id"]), 30, "the members have it")
            b.cli("agreement", "leave", b.dir, deal, "--reason", "done")
            wait_until(lambda: community(a, "club")["members"] == "desk", 30, "a knows")
            wait_until(lambda: community(c, "club")["members"] == "csirt", 30, "c knows")
            self.assertEqual(party(a, deal, "milcert")["state"], "left")
            self.assertEqual((state(a, deal), state(b, deal), state(c, deal)),
                             ("in-force", "left", "in-force"))
            self.assertFalse(community(b, "club")["own"])
            after = indicator("canary-after-51c2", label["id"])
            give(a, after)
            wait_until(lambda: has(c, after["id"]), 30, "who stayed has it")
            last = indicator("last", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")
            give(a, last)
            wait_until(lambda: has(b, last["id"]), 30, "who left has what came after")
            self.assertIsNone(holds(b.dir, b"canary-after-51c2"))
            # Its own again: nothing of the agreement keeps it from another of that name; or back in.
            b.cli("agreement", "sign", b.dir, deal)
            wait_until(lambda: community(a, "club")["members"] == "desk,milcert", 30, "it is back")
            wait_until(lambda: has(b, after["id"]), 30, "and has what it missed")

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
            wait_until(lambda: show(b, deal)["version"] > first, 30, "the newer version is there")
            self.assertIn("newer version",
                          b.refusal("agreement", "sign", b.dir, deal, "--version", first))
            b.cli("agreement", "sign", b.dir, deal)
            wait_until(lambda: party(a, deal, "milcert")["state"] == "signed", 30, "b's word")
            for n in (a, b):
                self.assertEqual(community(n, "club")["ceiling"], "TLP:GREEN")
                self.assertEqual(show(n, deal)["held_version"], first)
            self.assertEqual(party(a, deal, None)["state"], "proposed")
            a.cli("agreement", "sign", a.dir, deal)
            for n in (a, b):
                wait_until(lambda n=n: community(n, "club")["ceiling"] == "TLP:AMBER", 30, "it holds")
                self.assertEqual(community(n, "club")["title"], "More")
            # Who cannot be reached through it is named: P9.
            a.cli("peer", "ceiling", a.dir, "milcert", "green")
            unreached = show(a, deal)["unreached"]
            self.assertEqual([(u["peer"], u["rule"]) for u in unreached],
                             [("milcert", "tlp.above-clearance")])

if __name__ == "__main__":
    main()


if __name__ == "__main__":
    main()
