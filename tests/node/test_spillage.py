# SPDX-License-Identifier: Apache-2.0
"""The spillage drill: what should never have been stored is refused before it is written, and what
was written and given away is purged here, demanded of every receiver, and proven by them."""

import contextlib
import json
import os
import unittest

from node import Node, main, wait_until
from test_exchange import PASSWORD, give, has
from test_federation import CLEAR, befriend, three_nodes
from test_labels import indicator, marking
from test_peers import PeerNode

CANARY = "spilledcanary4be07d"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def files_with(n, text):
    """Every file below the node's directory with the text in it."""
    found = []
    for folder, _, names in os.walk(n.dir):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with contextlib.suppress(FileNotFoundError), open(path, "rb") as f:
                    if text.encode() in f.read():
                        found.append(os.path.relpath(path, n.dir))
    return found


def purge_of(n, object_id):
    for item in n.json("purge", "list", n.dir)["items"]:
        if item["id"] == object_id:
            return item
    return None


def states(n, object_id):
    item = purge_of(n, object_id)
    return {p["name"]: p["state"] for p in item["peers"]} if item else None


@contextlib.contextmanager
def one_complies_one_asks():
    """a gives to b, which complies with demands, and to c, which asks its operator."""
    with PeerNode("csirt") as a, PeerNode("milcert") as b, PeerNode("desk") as c:
        for n in (a, b, c):
            n.init()
            n.add_user("admin", "admin", PASSWORD)
        b.set("purges", "comply")
        for n in (a, b, c):
            n.start()
        befriend(a, b, "milcert", "csirt")
        befriend(a, c, "desk", "csirt")
        yield a, b, c


class Spillage(unittest.TestCase):
    def check_clean(self, n):
        """Nothing is left, and everything verifies."""
        self.assertEqual(files_with(n, CANARY), [])
        verified = n.cli("ledger", "verify", n.dir, check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertEqual(n.stop(), 0)
        rebuilt = n.cli("rebuild", n.dir, check=False)
        self.assertEqual(rebuilt.returncode, 0, rebuilt.stdout + rebuilt.stderr)
        self.assertEqual(files_with(n, CANARY), [])

    # G19: a purge travels to who was given the object; who complies proves it, who does not yet is
    # known, hides it at once, and proves it when its operator has purged.
    def test_a_purge_reaches_every_receiver_and_is_proven(self):
        with one_complies_one_asks() as (a, b, c):
            spilled, kept = indicator(CANARY, CLEAR), indicator("kept", CLEAR)
            give(a, spilled, kept)
            for n in (b, c):
                wait_until(lambda n=n: has(n, spilled["id"]) and has(n, kept["id"]), 10, "given")
                wait_until(lambda n=n: len(files_with(n, CANARY)) > 1, 10, "in views too")

            a.cli("purge", a.dir, spilled["id"], "--reason", "above our ceiling")
            self.assertEqual(files_with(a, CANARY), [])
            wait_until(lambda: states(a, spilled["id"]) == {"milcert": "purged", "desk": "hidden"},
                       15, "b purged, c hides it")
            wait_until(lambda: files_with(b, CANARY) == [], 10, "nothing is left at b")
            self.assertFalse(has(c, spilled["id"]))
            self.assertTrue(files_with(c, CANARY))
            for n, purged, waiting in ((b, 1, 0), (c, 0, 1)):
                metrics = n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
                self.assertIn(f"tocsin_purged_objects {purged}\n", metrics)
                self.assertIn(f"tocsin_purges_demanded {waiting}\n", metrics)
            demanded = purge_of(c, spilled["id"])
            self.assertEqual((demanded["state"], demanded["reason"]),
                             ("demanded", "above our ceiling"))
            self.assertEqual(demanded["by"], a.json("status", a.dir)["identity"])
            shown = a.json("withdrawal", "show", a.dir, spilled["id"])
            self.assertEqual({p["name"]: "purged" in p for p in shown["peers"]},
                             {"milcert": True, "desk": False})

            c.cli("purge", c.dir, spilled["id"], "--reason", "as csirt asks")
            self.assertEqual(files_with(c, CANARY), [])
            wait_until(lambda: states(a, spilled["id"]) == {"milcert": "purged", "desk": "purged"},
                       15, "c has proven it")
            self.assertEqual(purge_of(c, spilled["id"])["state"], "purged")
            self.assertEqual(purge_of(b, spilled["id"])["state"], "purged")
            for n in (a, b, c):
                self.assertTrue(has(n, kept["id"]))
                self.check_clean(n)

    # G19: who had it through a relay is asked too, by the originator's own word.
    def test_a_purge_travels_through_a_relay(self):
        with three_nodes() as (a, b, c):
            c.cli("peer", "cut", c.dir, "csirt")
            spilled = indicator(CANARY, CLEAR)
            give(a, spilled)
            wait_until(lambda: has(c, spilled["id"]), 10, "it is relayed")
            a.cli("purge", a.dir, spilled["id"], "--reason", "above our ceiling")
            wait_until(lambda: purge_of(c, spilled["id"]), 15, "the demand is there")
            demanded = purge_of(c, spilled["id"])
            self.assertEqual((demanded["state"], demanded["by"]),
                             ("demanded", a.json("status", a.dir)["identity"]))
            for n in (c, b):
                n.cli("purge", n.dir, spilled["id"], "--reason", "as csirt asks")
                self.assertEqual(files_with(n, CANARY), [])
            wait_until(lambda: states(a, spilled["id"]).get("milcert") == "purged", 15, "b has")
            wait_until(lambda: states(b, spilled["id"]).get("desk") == "purged", 15, "c has")
            for n in (a, b, c):
                self.check_clean(n)

    # G19: who gave it may ask for what it gave, and no more: not its originator, nor others.
    def test_who_gave_it_asks_for_what_it_gave(self):
        with three_nodes() as (a, b, c):
            c.cli("peer", "cut", c.dir, "csirt")
            spilled, last = indicator(CANARY, CLEAR), indicator("the-last", CLEAR)
            give(a, spilled)
            wait_until(lambda: has(c, spilled["id"]), 10, "it is relayed")
            b.cli("purge", b.dir, spilled["id"], "--reason", "above our ceiling")
            self.assertEqual(files_with(b, CANARY), [])
            wait_until(lambda: purge_of(c, spilled["id"]), 15, "the demand is there")
            self.assertEqual(purge_of(c, spilled["id"])["by"],
                             b.json("status", b.dir)["identity"])
            self.assertFalse(has(c, spilled["id"]))
            give(b, last)
            wait_until(lambda: has(a, last["id"]), 10, "what b says after it is at a")
            self.assertTrue(has(a, spilled["id"]))
            self.assertIsNone(purge_of(a, spilled["id"]))
            # It is not taken from whoever gives it again.
            give(a, indicator("another", CLEAR))
            wait_until(lambda: has(b, indicator("another", CLEAR)["id"]), 10, "the link works")
            self.assertEqual(files_with(b, CANARY), [])

    # G19: what a node complies with it complies with also when the demand came before it did.
    def test_a_demand_that_waited_is_complied_with_at_the_start(self):
        with one_complies_one_asks() as (a, b, c):
            spilled = indicator(CANARY, CLEAR)
            give(a, spilled)
            wait_until(lambda: has(c, spilled["id"]), 10, "given")
            a.cli("purge", a.dir, spilled["id"], "--reason", "above our ceiling")
            wait_until(lambda: purge_of(c, spilled["id"]), 15, "the demand is there")
            c.stop()
            c.set("purges", "comply")
            c.start()
            wait_until(lambda: files_with(c, CANARY) == [], 10, "nothing is left at c")
            wait_until(lambda: states(a, spilled["id"]) == {"milcert": "purged", "desk": "purged"},
                       20, "both have proven it")
            self.check_clean(c)

    # G19: one version is purged at receivers too, and the one before it counts again.
    def test_one_version_is_purged_everywhere(self):
        with one_complies_one_asks() as (a, b, c):
            first = {**indicator("object", CLEAR), "description": "harmless"}
            second = {**first, "modified": "2026-02-01T00:00:00.000Z", "description": CANARY}
            give(a, first, second)
            wait_until(lambda: len(files_with(b, CANARY)) > 1, 10, "given")
            a.cli("purge", a.dir, first["id"], "--version", second["modified"], "--reason", "x")
            wait_until(lambda: states(a, first["id"]).get("milcert") == "purged", 15, "b has")
            wait_until(lambda: files_with(b, CANARY) == [], 10, "nothing is left at b")
            self.check_clean(a)
            self.check_clean(b)


if __name__ == "__main__":
    main()
