# SPDX-License-Identifier: Apache-2.0
"""Objects of an originator that is no peer: who passes them on introduces it, as it states itself,
and people here have the last word."""

import contextlib
import unittest

from node import main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_federation import befriend
from test_labels import indicator, marking
from test_peers import PeerNode


@contextlib.contextmanager
def chain(refuses=False):
    """a is a peer of b, and b of c; a and c have never met. One community of all three."""
    with PeerNode("alpha") as a, PeerNode("beta") as b, PeerNode("gamma") as c:
        for n in (a, b, c):
            n.init()
            n.add_user("admin", "admin", PASSWORD)
        if refuses:
            c.set("introductions", "refuse")
        for n in (a, b, c):
            n.start()
        befriend(a, b, "b", "a")
        befriend(b, c, "c", "b")
        for n, members in ((a, "b"), (b, "a,c"), (c, "b")):
            n.cli("community", "add", n.dir, "csirt", "--members", members)
        yield a, b, c


LABEL = marking("introduced", tlp="TLP:AMBER", communities=["csirt"])


def shared(name):
    return indicator(name, LABEL["id"])


class Introductions(unittest.TestCase):
    def arrives(self, n, thing):
        wait_until(lambda: has(n, thing["id"]), 20, thing["name"])

    def originators(self, n):
        return n.json("originator", "list", n.dir)["items"]

    # G6: the originator's signature survives the relay, and is checked by who never met it.
    def test_objects_reach_members_who_are_no_peers_of_their_originator(self):
        with chain() as (a, b, c):
            first = shared("first")
            give(a, LABEL, first)
            self.arrives(c, first)
            known = self.originators(c)
            self.assertEqual([(o["node"], o["introduced_by"], o["taken"]) for o in known],
                             [("alpha", "peer:b", True)])
            self.assertEqual(known[0]["key"], b.show("a")["key"])
            # It is no peer: nobody is spoken to under that name, and it is not in their list.
            self.assertEqual([p["name"] for p in c.json("peer", "list", c.dir)["items"]], ["b"])
            self.assertIn("was cut", c.refusal("peer", "confirm", c.dir, known[0]["identity"],
                                               "00000-00000-00000-00000"))
            # Its withdrawal counts here too.
            a.cli("withdraw", a.dir, first["id"], "--reason", "a mistake")
            wait_until(lambda: not has(c, first["id"]), 20, "taken back")
            # And so do the keys that follow those that were introduced.
            a.cli("key", "rotate", a.dir)
            later = shared("later")
            give(a, later)
            self.arrives(c, later)
            self.assertEqual(c.show("b")["unknown"], 0)
            self.assertEqual(self.originators(b), [])

    # G24: people here have the last word on whom they believe.
    def test_who_is_cut_here_is_taken_no_more_whoever_introduces_it(self):
        with chain() as (a, b, c):
            first = shared("first")
            give(a, LABEL, first)
            self.arrives(c, first)
            who = self.originators(c)[0]["identity"]
            c.cli("peer", "cut", c.dir, who)
            self.assertFalse(self.originators(c)[0]["taken"])
            second, last = shared("canary-of-the-cut"), shared("of the relay")
            give(a, second)
            self.arrives(b, second)
            give(b, LABEL, last)
            self.arrives(c, last)
            self.assertFalse(has(c, second["id"]))
            self.assertIsNone(holds(c.dir, second["name"].encode()))
            self.assertEqual(c.show("b")["unknown"], 1)

    def test_a_meeting_counts_more_than_an_introduction(self):
        with chain() as (a, _, c):
            first = shared("first")
            give(a, LABEL, first)
            self.arrives(c, first)
            befriend(a, c, "c", "a")
            self.assertEqual(c.show("a")["state"], "active")
            self.assertEqual(c.show("a")["identity"], self.originators(c)[0]["identity"])
            c.cli("community", "join", c.dir, "csirt", "--member", "a")
            second = shared("second")
            give(c, LABEL, second)
            self.arrives(a, second)

    def test_a_node_may_refuse_all_introductions(self):
        with chain(refuses=True) as (a, b, c):
            first, last = shared("canary-of-a-stranger"), shared("of the relay")
            give(a, LABEL, first)
            self.arrives(b, first)
            give(b, LABEL, last)
            self.arrives(c, last)
            self.assertFalse(has(c, first["id"]))
            self.assertEqual(self.originators(c), [])
            self.assertGreater(c.show("b")["unknown"], 0)


if __name__ == "__main__":
    main()
