# SPDX-License-Identifier: Apache-2.0
"""Three nodes: a CSIRT, a milCERT and a law-enforcement desk. Each gets what the originator's label
lets it have, whoever relays it, and what is taken back is taken back everywhere."""

import contextlib
import unittest

from node import main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_labels import AMBER, GREEN, indicator, marking
from test_peers import PeerNode

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


def befriend(inviting, accepting, name, other):
    """`inviting` calls the peer `name`, `accepting` calls it `other`."""
    code = inviting.invite(name)
    print_ = accepting.json("peer", "accept", accepting.dir, other, code)["fingerprint"]
    inviting.cli("peer", "confirm", inviting.dir, name, print_)
    accepting.cli("peer", "confirm", accepting.dir, other, print_)


@contextlib.contextmanager
def three_nodes():
    with PeerNode("csirt") as a, PeerNode("milcert") as b, PeerNode("desk") as c:
        for n in (a, b, c):
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            n.start()
        befriend(a, b, "milcert", "csirt")
        befriend(a, c, "desk", "csirt")
        befriend(b, c, "desk", "milcert")
        yield a, b, c


class Federation(unittest.TestCase):
    # G1, G7, US-03: the label of the originator holds at every hop, and why is said beforehand.
    def test_each_gets_what_the_label_lets_it_have_and_no_more(self):
        with three_nodes() as (a, b, c):
            a.cli("community", "add", a.dir, "defence", "--members", "milcert")
            b.cli("community", "add", b.dir, "defence", "--members", "csirt")
            defence = marking("defence", tlp="TLP:AMBER", communities=["defence"])
            near = marking("near", tlp="TLP:CLEAR", max_hops=0, releasable_to=["milcert"])
            for_all = indicator("for-all", CLEAR)
            for_defence = indicator("canary-defence-7b1f", defence["id"])
            for_neighbour = indicator("canary-hop-90ce", near["id"])
            nobody = indicator("canary-amber-33aa", AMBER)
            members = indicator("canary-green-51d0", GREEN)
            give(a, defence, near, for_all, for_defence, for_neighbour, nobody, members)
            for wanted in (for_all, for_defence, members):
                wait_until(lambda w=wanted: has(b, w["id"]), 5, wanted["name"])
            wait_until(lambda: has(c, for_all["id"]), 5, "the desk has what is for all")
            # What the desk is told of last: everything before it was decided.
            last = indicator("the-last", CLEAR)
            give(b, last)
            wait_until(lambda: has(c, last["id"]), 5, "the relay's own word reaches the desk")
            for hidden in (for_defence, for_neighbour, nobody, members):
                self.assertFalse(has(c, hidden["id"]), hidden["name"])
                self.assertIsNone(holds(c.dir, hidden["name"].encode()), hidden["name"])
            self.assertIsNone(holds(b.dir, nobody["name"].encode()))
            why = a.json("why", a.dir, for_defence["id"], "peer:desk", check=False)
            self.assertEqual(why["verdict"], "deny", why)
            self.assertEqual(
                a.json("why", a.dir, for_defence["id"], "peer:milcert")["verdict"], "allow")

    # G11: what the originator takes back is gone at the peer and behind it.
    def test_a_withdrawal_reaches_every_node_that_had_the_object(self):
        with three_nodes() as (a, b, c):
            wrong = indicator("wrong", CLEAR)
            give(a, wrong)
            for n in (b, c):
                wait_until(lambda n=n: has(n, wrong["id"]), 5, "it is there")
            a.cli("withdraw", a.dir, wrong["id"], "--reason", "a mistake")
            for n in (b, c):
                wait_until(lambda n=n: not has(n, wrong["id"]), 5, "it is gone")
            again = indicator("right", CLEAR)
            give(a, again)
            for n in (b, c):
                wait_until(lambda n=n: has(n, again["id"]), 5, "the next one is there")
                self.assertFalse(has(n, wrong["id"]))


if __name__ == "__main__":
    main()
