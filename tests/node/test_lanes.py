# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is when several peers have something: what is urgent does not wait for what is not,
and who gives little does not wait for who gives much."""

import base64
import contextlib
import json
import os
import unittest

from malicious import FLASH_LABEL, SYNC_URGENT, Entry, Thief, flip
from node import main, wait_until
from test_exchange import PASSWORD, give, has, link_state
from test_federation import befriend
from test_labels import indicator, marking
from test_peers import PeerNode, confirm, linked, meet
from test_seals import SEGMENT, records

BACKLOG = 12000
MEMORY_MAX = 400 << 20  # of the roles that a peer's bytes come through, at their highest
FLASH = marking("flash", tlp="TLP:CLEAR", precedence="flash")
CLEAR = marking("clear", tlp="TLP:CLEAR")


def many(word, count):
    return [indicator(f"{word}-{i}", CLEAR["id"]) for i in range(count)]


def order(n):
    """Ids of objects in the order in which the node's ledger got them."""
    return [r[1] for r in records(os.path.join(n.dir, SEGMENT))[1] if r[0] == 1]


def highest(n, role):
    """Most memory that a role had; a sanitized build's own is not counted."""
    if any(e.get("seccomp") == "no" for e in n.log_events()):
        return 0
    with open(f"/proc/{n.roles()[role]['pid']}/status", encoding="ascii") as f:
        return next(int(x.split()[1]) << 10 for x in f if x.startswith("VmHWM"))


@contextlib.contextmanager
def nodes(*names, **conf):
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(PeerNode(name)) for name in names]
        for n in found:
            n.init()
            for key, value in conf.items():
                n.set(key, value)
            n.add_user("admin", "admin", PASSWORD)
            n.start()
        yield found


def first_taken(v, name):
    """The leaf of the one entry that the node has of a peer: that node's own identity."""
    found = [json.loads(r[4]) for r in records(os.path.join(v.dir, SEGMENT))[1]
             if r[1] == f"position/peer/{name}"]
    return found and [base64.b64decode(found[-1]["edge"])[8:]]


class Lanes(unittest.TestCase):
    # G15: a message of precedence FLASH goes ahead of all that waits for a peer that was away.
    def test_what_is_urgent_goes_ahead_of_the_backlog(self):
        with nodes("Alpha", "Beta") as (a, b):
            confirm(a, b, meet(a, b))
            wait_until(linked(a, b), what="the link")
            b.stop()
            give(a, CLEAR, FLASH, *many("routine", BACKLOG))
            urgent = [indicator(f"urgent-{i}", FLASH["id"]) for i in range(3)]
            give(a, *urgent)
            wait_until(lambda: a.show("b")["given"] > BACKLOG + 3, 60, "all is sealed")
            b.start()
            wait_until(lambda: link_state(a).get("behind_by") == 0, 60, "everything is there")
            came = order(b)
            self.assertEqual(len(came), len(set(came)), "nothing came twice")
            for thing in urgent:
                self.assertIn(thing["id"], came)
                self.assertLess(came.index(thing["id"]), BACKLOG // 2)
            shown = b.show("a")
            self.assertEqual(shown["urgent_taken"], 3, shown)
            self.assertEqual(a.show("b")["urgent_sent"], 3)
            # What it says later of such an object counts.
            a.cli("withdraw", a.dir, urgent[0]["id"], "--reason", "an error")
            wait_until(lambda: not has(b, urgent[0]["id"]), 30, "it is taken back")

    # G15: who gives within its quota is not held up by who gives far more, nor is what is urgent; the
    # flood is lag that is shown, loses nothing and needs no more memory.
    def test_a_flood_waits_for_who_gives_little(self):
        flood, few = many("flood", 4000), many("few", 100)
        with nodes("Alpha", "Beta", "Flooder", quota=200, quota_burst=200,
                   quota_when="always") as (a, b, c):
            befriend(b, a, "a", "b")
            befriend(b, c, "c", "b")
            give(c, CLEAR, *flood)
            wait_until(lambda: self.throttled(b) == ["c"], 30, "the flood is throttled")
            give(a, CLEAR, FLASH, *few)
            wait_until(lambda: has(b, few[-1]["id"]), 30, "what another gives within its quota")
            for i in range(2):
                urgent = indicator(f"urgent-{i}", FLASH["id"])
                give(a, urgent)
                wait_until(lambda u=urgent: has(b, u["id"]), 30, "an urgent object")
            self.assertGreater(c.show("b")["behind_by"], 0, "the flood is not over")
            wait_until(lambda: c.show("b")["behind_by"] == 0, 60, "nothing of the flood is lost")
            wait_until(lambda: self.throttled(b) == [], 30, "nothing waits any more")
            came = order(b)
            self.assertEqual(len(came), len(set(came)))
            self.assertLessEqual({x["id"] for x in flood + few}, set(came))
            self.assertGreater(b.show("c")["ranges_throttled"], 0)
            self.assertIn(b'tocsin_link_throttled_ranges{peer="c"}',
                          b.request("GET", "/metrics", auth=("admin", PASSWORD)).body)
            for role in ("link", "core", "intake"):
                self.assertLess(highest(b, role), MEMORY_MAX, role)

    def throttled(self, n):
        return [p["name"] for p in n.json("peer", "list", n.dir)["items"] if p.get("throttled")]

    # G15: without a limit of its own a flood takes turns with everybody else.
    def test_two_that_give_much_take_turns(self):
        few = many("few", 3000)
        with nodes("Alpha", "Beta", "Flooder") as (a, b, c):
            befriend(b, a, "a", "b")
            befriend(b, c, "c", "b")
            wait_until(lambda: a.show("b")["connected"] and c.show("b")["connected"], 20, "links")
            b.stop()
            give(c, CLEAR, *many("flood", BACKLOG))
            give(a, CLEAR, *few)
            for n, count in ((a, len(few)), (c, BACKLOG)):
                wait_until(lambda n=n, count=count: n.show("b")["given"] > count, 60, "it is sealed")
            b.start()
            wait_until(lambda: a.show("b")["behind_by"] + c.show("b")["behind_by"] == 0, 60,
                       "everything is there")
            came = order(b)
            ours = [came.index(x["id"]) for x in few]
            between = max(ours) - min(ours) - len(few)
            self.assertLess(between, BACKLOG * 3 // 4)

    # G15: what goes ahead is held against everything that a range is, and bounded.
    def test_a_malicious_peer_cannot_use_the_lane(self):
        with nodes("victim", "honest", "lost") as (v, honest, lost):
            befriend(v, honest, "honest", "victim")
            befriend(v, lost, "lost", "victim")
            taken = wait_until(lambda: first_taken(v, "lost"), 30, "its first word")
            lost.stop()
            with contextlib.closing(Thief(lost, v, taken)) as t:
                self.not_urgent(t)
                self.spoilt(t)
                self.too_many(t, v)
                good = indicator("in-its-place", CLEAR["id"])
                t.connect()
                self.assertEqual(t.give(Entry(t, good))[0], "taken")
            give(honest, CLEAR, FLASH, indicator("honest-urgent", FLASH["id"]))
            wait_until(lambda: has(v, indicator("honest-urgent")["id"]), 30, "others are served")

    def not_urgent(self, t):
        t.send(SYNC_URGENT, t.ahead(Entry(t, indicator("canary-routine", CLEAR["id"]))))
        reason, words = t.verdict()
        self.assertEqual((reason, "not urgent" in words), ("refused", True), words)

    def spoilt(self, t):
        t.label = FLASH_LABEL
        entry = Entry(t, indicator("canary-spoilt", FLASH["id"]))
        for ahead in (t.ahead(entry, seals=[flip(entry.seal)]),
                      t.ahead(entry, bodies=[entry.bytes(content=flip(entry.content))]),
                      t.ahead(entry, count=2), t.ahead(entry)[:-1], b""):
            t.connect()
            t.send(SYNC_URGENT, ahead)
            self.assertIn(t.verdict()[0], ("refused", "malformed"))

    def too_many(self, t, v):
        things = [indicator(f"urgent-{i}", FLASH["id"]) for i in range(300)]
        entries = [Entry(t, x) for x in things]
        t.connect()
        for entry in entries:
            t.send(SYNC_URGENT, t.ahead(entry))
        wait_until(lambda: v.show("lost").get("urgent_passed", 0) > 0, 30, "some are passed over")
        shown = wait_until(lambda: (lambda s: s if s["urgent_passed"] + s["urgent_taken"] == 300
                                    else None)(v.show("lost")), 20, "all are looked at")
        self.assertTrue(0 < shown["urgent_taken"] <= 60, shown)
        # They come with the feed all the same, once.
        self.assertEqual(t.give(*entries)[0], "taken")
        self.assertTrue(all(has(v, x["id"]) for x in (things[0], things[-1])))
        came = order(v)
        self.assertEqual(len(came), len(set(came)))


if __name__ == "__main__":
    main()
