# SPDX-License-Identifier: Apache-2.0
"""What was kept long enough goes, by the rules of this node and for this node alone."""

import datetime
import json
import os
import unittest

from node import main, wait_until
from test_exchange import CLEAR, give, holds, indicator
from test_labels import marking
from test_packages import FileNode, meet
from test_person import identity


def ago(days, **less):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)
    return (then + datetime.timedelta(**less)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def aged(n, time, *marking, **more):
    return dict(indicator(n, *marking), created=time, modified=time, name=f"canary-7f3a91-{n}",
                **more)


def rules(n, **days):
    with open(os.path.join(n.dir, "tocsin.conf"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    at = lines.index("[retention]") + 1
    lines[at:at] = [f"{name} = {value}" for name, value in days.items()]
    with open(os.path.join(n.dir, "tocsin.conf"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def listed(n):
    lines = n.cli("retention", "list", n.dir).stdout.decode().splitlines()
    return {line.split()[0] for line in lines}


def canary(i):
    return f"canary-7f3a91-{i}".encode()


class Retention(unittest.TestCase):
    # G27: exactly what is past the days of its type goes, in all its versions, and the log verifies.
    def test_what_is_past_its_days_is_listed_and_purged(self):
        personal = marking("person-marking", tlp="TLP:AMBER", personal_data="present")
        past, short = aged(1, ago(30, seconds=-1)), aged(2, ago(30, minutes=10))
        valid = aged(3, ago(90), valid_until=ago(30, minutes=10))
        ended = aged(4, ago(90), valid_until=ago(30, seconds=-1))
        renewed, mail = aged(5, ago(90)), aged(6, ago(8), personal["id"])
        old = dict(past, modified=ago(90), name="canary-older-1")
        firm = identity(7, "canary-7f3a91-7", "organization", created=ago(400), modified=ago(400))
        with FileNode("Low").init() as n:
            old["created"] = past["created"] = ago(91)
            give(n, personal, old, past, short, valid, ended, renewed, mail, firm)
            give(n, dict(renewed, modified=ago(1)))
            self.assertEqual(listed(n), set())
            rules(n, indicator=30, personal=7, identity=0)
            gone = {past["id"], ended["id"], mail["id"]}
            self.assertEqual(listed(n), gone)
            self.assertIn(b"purged: 3 objects, 4 records",
                          n.cli("retention", "apply", n.dir).stdout)
            self.assertEqual(listed(n), set())
            for i in range(1, 8):
                self.assertEqual(holds(n.dir, canary(i)) is None, i in (1, 4, 6), i)
            self.assertIsNone(holds(n.dir, b"canary-older"))
            self.assertIn(b"purged: 0 objects", n.cli("retention", "apply", n.dir).stdout)
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)
            # It is not taken again as it was, but when it is renewed.
            self.assertIn(b"purged", n.cli("import", n.dir, self.file(n, past), check=False).stderr
                          + n.cli("import", n.dir, self.file(n, past), check=False).stdout)
            self.assertIsNone(holds(n.dir, canary(1)))
            give(n, dict(past, modified=ago(1)))
            self.assertIsNotNone(holds(n.dir, canary(1)))
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)

    def file(self, n, obj):
        path = os.path.join(n.base, "again.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(obj, f)
        return path

    # G27: by itself, where the node says so; what has no such rule is refused at the start.
    def test_a_node_applies_it_by_itself(self):
        with FileNode("Low").init() as n:
            give(n, *[aged(i, ago(31)) for i in range(1, 101)], aged(200, ago(29)))
            rules(n, indicator=30)
            n.set("apply", "daily")
            n.serve()
            wait_until(lambda: holds(n.dir, b"canary-7f3a91-1") is None, what="all of it is gone")
            wait_until(lambda: listed(n) == set(), what="nothing is left")
            self.assertIsNotNone(holds(n.dir, canary(200)))
            self.assertEqual(n.stop(), 0)
            n.cli("ledger", "verify", n.dir)
            rules(n, **{"email-addr": 30})
            bad = n.cli("retention", "list", n.dir, check=False)
            self.assertEqual(bad.returncode, 2)
            self.assertIn(b"email-addr", bad.stderr)

    # G27: each node has rules of its own: who was given it keeps it; who was not does not get it.
    def test_peers_keep_what_they_have(self):
        with FileNode("Low").init() as low, FileNode("High").init() as high:
            meet(low, high, "high", "low")
            by = {"created_by_ref": low.identity()}
            given, never = aged(1, ago(31), CLEAR, **by), aged(2, ago(31), CLEAR, **by)
            give(low, given)
            rules(low, indicator=32)
            low.serve()
            out = os.path.join(low.base, "out")
            read, _ = high.read(*low.write("high", out, "--size", "1"))
            self.assertTrue(high.has(given["id"]), read)
            give(low, never, aged(3, ago(1), CLEAR, **by))
            low.set("indicator", 30)
            stale = low.cli("retention", "apply", low.dir, check=False)
            self.assertIn(b"that the node started with", stale.stderr)
            self.assertEqual(low.stop(), 0)
            self.assertIn(b"purged: 2 objects", low.cli("retention", "apply", low.dir).stdout)
            read, _ = high.read(*low.write("high", out, "--size", "1"))
            self.assertEqual(sum(r["withdrawn"] for r in read), 0, read)
            self.assertEqual([holds(high.dir, canary(i)) is None for i in (1, 2, 3)],
                             [False, True, False])
            shown = high.cli("search", high.dir, "canary-7f3a91-1", check=False).stdout
            self.assertIn(given["id"].encode(), shown)
            self.assertEqual([holds(low.dir, canary(i)) is None for i in (1, 2, 3)],
                             [True, True, False])
            low.cli("ledger", "verify", low.dir)
            low.cli("rebuild", low.dir)


if __name__ == "__main__":
    main()
