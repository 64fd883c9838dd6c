# SPDX-License-Identifier: Apache-2.0
"""Agreements between real nodes: proposed, signed by each with its own keys, declined, left, over;
and the community that each of them makes by its own consent alone."""

import json
import os
import unittest

from node import main, wait_until
from test_exchange import PASSWORD, give, has
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


if __name__ == "__main__":
    main()
