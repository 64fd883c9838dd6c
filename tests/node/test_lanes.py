# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is when several peers have something: what is urgent does not wait for what is not,
and who gives little does not wait for who gives much."""

import contextlib
import os
import unittest

from malicious import SYNC_STOP, Entry, Thief
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


def peer(n, name):
    """What the node's link says of one of its peers."""
    return next((p for p in link_states(n) if p["name"] == name), {})


def link_states(n):
    import json
    try:
        with open(os.path.join(n.dir, "run/link/state.json"), encoding="utf-8") as f:
            return json.load(f)["peers"]
    except (OSError, ValueError):
        return []


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
            wait_until(lambda: not has(b, urgent[0]["id"]), 5, "it is taken back")


if __name__ == "__main__":
    main()
