# SPDX-License-Identifier: Apache-2.0
"""Who takes an object back sees of each peer that had it whether it has acted; how far a peer is;
and a peer that denies what it had signed is found, named, refused and proven."""

import json
import unittest

from node import main, wait_until
from test_exchange import PASSWORD, give, has
from test_federation import CLEAR, befriend, three_nodes
from test_labels import indicator


def withdrawal(n, object_id, check=False):
    done = n.cli("withdrawal", "show", n.dir, object_id, "--json", check=check)
    return json.loads(done.stdout) if done.stdout else None


def states(n, object_id):
    return {p["name"]: p["state"] for p in withdrawal(n, object_id)["peers"]}


class Receipts(unittest.TestCase):
    # G8, G11: the originator sees who acted, who did not, and who was not reached.
    def test_the_originator_sees_who_has_acted_and_who_was_not_reached(self):
        with three_nodes() as (a, b, c):
            wrong, kept = indicator("wrong", CLEAR), indicator("kept", CLEAR)
            give(a, wrong, kept)
            for n in (b, c):
                wait_until(lambda n=n: has(n, wrong["id"]), 10, "it is there")
            c.stop()
            a.cli("withdraw", a.dir, wrong["id"], "--reason", "a mistake")
            wait_until(lambda: states(a, wrong["id"]).get("milcert") == "acted", 10, "b acted")
            shown = withdrawal(a, wrong["id"])
            self.assertEqual(states(a, wrong["id"]), {"milcert": "acted", "desk": "not-reached"})
            self.assertEqual((shown["acted"], shown["outstanding"], shown["unreached"]), (1, 1, 1))
            self.assertEqual((shown["reason"], shown["by"]), ("a mistake", "local"))
            acted, missed = sorted(shown["peers"], key=lambda p: p["state"])
            self.assertGreaterEqual(acted["time"], shown["time"])
            self.assertNotIn("time", missed)
            self.assertLess(missed["last_contact"], shown["time"])
            desk = a.show("desk")
            self.assertEqual((desk["behind_by"], desk["receipts_outstanding"]), (1, 1))
            # For people: the name of who was not reached, and an answer that is no.
            said = a.cli("withdrawal", "show", a.dir, wrong["id"], check=False)
            self.assertEqual(said.returncode, 1)
            self.assertRegex(said.stdout.decode(), r"desk +not-reached")

            c.start()
            wait_until(lambda: states(a, wrong["id"]).get("desk") == "acted", 20, "c acted")
            self.assertFalse(has(c, wrong["id"]))
            self.assertEqual(
                a.cli("withdrawal", "show", a.dir, wrong["id"]).returncode, 0)
            wait_until(lambda: a.show("desk")["behind_by"] == 0, 10, "nothing is outstanding")
            self.assertEqual(withdrawal(a, kept["id"], check=False), None)


if __name__ == "__main__":
    main()
