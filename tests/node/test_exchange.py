# SPDX-License-Identifier: Apache-2.0
"""What one node knows reaches another that may have it, whole, once and soon; what it may not have
does not."""

import json
import os
import time
import unittest

from node import main, seed, wait_until
from test_peers import two_nodes

PASSWORD = "correct horse 7"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def indicator(n, marking=CLEAR, name="Beacon"):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--5ee60e4b-24f9-4d8d-9ab8-{n:012x}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": name,
        "pattern": f"[domain-name:value = 'host{n}.example']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": [marking],
    }


def give(n, *objects):
    path = os.path.join(n.base, "bundle.json")
    with open(path, "w") as f:
        json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-0000000000ff",
                   "objects": list(objects)}, f)
    n.cli("import", n.dir, path)


def has(n, object_id):
    answer = n.request("GET", f"/api/v1/objects/{object_id}", auth=("admin", PASSWORD))
    return answer.status == 200


def holds(directory, needle):
    """Whether any file of a node has these bytes."""
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    if needle in f.read():
                        return path
    return None


def link_state(n):
    """What the link knows of the one peer there is."""
    try:
        with open(os.path.join(n.dir, "run/link/state.json")) as f:
            peers = json.load(f)["peers"]
        return peers[0] if peers else {}
    except (OSError, ValueError):
        return {}


class Exchange(unittest.TestCase):
    def users(self, *nodes):
        for n in nodes:
            n.add_user("admin", "admin", PASSWORD)

    def test_an_object_reaches_the_peer_and_a_withdrawal_too(self):
        with two_nodes() as (a, b):
            self.users(a, b)
            give(a, indicator(1), indicator(2, RED, "canary-f3a9c1"))
            start = time.monotonic()
            wait_until(lambda: has(b, indicator(1)["id"]), 5, "the object is there")
            print(f"first object: {time.monotonic() - start:.3f} s")
            self.assertFalse(has(b, indicator(2)["id"]))
            give(b, indicator(3))
            wait_until(lambda: has(a, indicator(3)["id"]), 5, "the other way")
            # G11: gone there within five seconds, also for what came later.
            a.cli("withdraw", a.dir, indicator(1)["id"], "--reason", "an error")
            wait_until(lambda: not has(b, indicator(1)["id"]), 5, "it is withdrawn")
            self.assertTrue(has(b, indicator(3)["id"]))
            self.assertIsNone(holds(b.dir, b"canary-f3a9c1"))
            wait_until(lambda: link_state(a).get("given", 0) > 2 and link_state(a).get("behind_by") == 0,
                       5, "everything is acknowledged")

    # G1: what may no longer be had when the peer comes back is not sent, whatever was decided then.
    def test_a_peer_that_was_away_does_not_get_what_was_taken_back(self):
        with two_nodes() as (a, b):
            self.users(a, b)
            give(a, indicator(1))
            wait_until(lambda: has(b, indicator(1)["id"]), 5, "the link works")
            b.stop()
            a.cli("community", "add", a.dir, "club", "--members", "b")
            give(a, indicator(2, name="canary-withdrawn-5b0c"), indicator(3, GREEN, "canary-left-77d2"))
            a.cli("withdraw", a.dir, indicator(2)["id"], "--reason", "an error")
            a.cli("community", "remove", a.dir, "club")
            give(a, indicator(4))
            b.start()
            wait_until(lambda: has(b, indicator(4)["id"]), 20, "what came after is there")
            for canary in (b"canary-withdrawn-5b0c", b"canary-left-77d2"):
                self.assertIsNone(holds(b.dir, canary))
            wait_until(lambda: link_state(a).get("behind_by") == 0, 10, "all is acknowledged")

    # G8, G23: whoever is killed at whatever point, nothing is lost and nothing is doubled.
    def test_a_sync_survives_the_death_of_every_role_at_both_ends(self):
        rng = seed()
        with two_nodes() as (a, b):
            self.users(a, b)
            count = 10000
            give(a, *[indicator(n) for n in range(1, count + 1)])
            for role in rng.sample(["link", "core", "intake"] * 2, 6):
                time.sleep(rng.random() * 0.4)
                rng.choice([a, b]).kill_role(role)

            def indicators():
                try:
                    answer = b.request("GET", "/api/v1/status", auth=("admin", PASSWORD))
                    return answer.json().get("indicators")
                except (OSError, ValueError):
                    return None

            wait_until(lambda: indicators() == count, 100, "everything is there")
            for n in rng.sample(range(1, count + 1), 50):
                path = f"/api/v1/objects/{indicator(n)['id']}"
                found = b.request("GET", path, auth=("admin", PASSWORD)).json()
                self.assertEqual(len(found["versions"]), 1, found)
                self.assertEqual(found["object"], indicator(n))
            wait_until(lambda: link_state(a).get("behind_by") == 0, 30, "all is acknowledged")
            # The state of a link that came up just now is written a moment later.
            given = wait_until(lambda: link_state(a).get("given"), 10, "what was given")
            wait_until(lambda: link_state(b).get("taken") == given, 10, "as much was taken")
            verified = b.cli("ledger", "verify", b.dir, "--json", check=False)
            self.assertEqual(verified.returncode, 0, verified.stdout[:500])


if __name__ == "__main__":
    main()
