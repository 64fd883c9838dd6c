# SPDX-License-Identifier: Apache-2.0
"""An object that is taken back is gone for every reader and for matching, at once and for good."""

import json
import os
import unittest

from node import Node, main, wait_until

PASSWORD = "correct horse 7"
ID = "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d01"


def indicator(id, value, modified="2026-01-01T00:00:00.000Z"):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id,
        "created": "2026-01-01T00:00:00.000Z",
        "modified": modified,
        "name": "Beacon",
        "pattern": f"[domain-name:value = '{value}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
    }


def event(value, second):
    return json.dumps({
        "timestamp": f"2026-02-01T00:00:{second:02d}.000000+0000",
        "event_type": "dns",
        "dns": {"type": "query", "rrname": value},
    }) + "\n"


class Withdraw(unittest.TestCase):
    def count(self, n):
        """Events that matched, per value."""
        answer = n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD)).json()
        counts = {"gone.example": 0, "stays.example": 0}
        for item in answer["items"]:
            counts[item["value"]] += item["count"]
        return counts["gone.example"], counts["stays.example"]

    # G11: detection stops matching when it is withdrawn; sightings remain.
    def test_what_is_withdrawn_is_neither_shown_nor_matched(self):
        with Node() as n:
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            log = os.path.join(n.base, "eve.json")
            open(log, "w").close()
            n.add_source("sensor", log)
            bundle = os.path.join(n.base, "bundle.json")
            other = ID[:-1] + "2"
            with open(bundle, "w") as f:
                json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                           "objects": [indicator(ID, "gone.example"),
                                       indicator(other, "stays.example")]}, f)
            n.cli("import", n.dir, bundle)
            n.serve()
            with open(log, "a") as f:
                f.write(event("gone.example", 1) + event("stays.example", 1))
            wait_until(lambda: self.count(n) == (1, 1), what="both are matched")

            self.assertEqual(n.cli("withdraw", n.dir, ID, check=False).returncode, 2)
            n.cli("withdraw", n.dir, ID, "--reason", "an error of ours")
            again = n.cli("withdraw", n.dir, ID, "--reason", "again", check=False)
            self.assertEqual(again.returncode, 2)
            self.assertIn(b"withdrawn already", again.stderr)
            for path in (f"/api/v1/objects/{ID}", f"/intel/collections/all/objects/{ID}/"):
                answer = n.request("GET", path, auth=("admin", PASSWORD),
                                   headers={"Accept": "application/taxii+json;version=2.1"})
                self.assertNotIn(b"gone.example", answer.body)
            self.assertEqual(
                n.request("GET", f"/api/v1/objects/{ID}", auth=("admin", PASSWORD)).status, 404)

            with open(log, "a") as f:
                f.write(event("gone.example", 2) + event("stays.example", 2))
            wait_until(lambda: self.count(n) == (1, 2), what="the other is matched")

            # A newer version, from wherever, does not bring it back; nor does another start.
            with open(bundle, "w") as f:
                json.dump(indicator(ID, "gone.example", "2026-03-01T00:00:00.000Z"), f)
            n.cli("import", n.dir, bundle)
            self.assertEqual(n.stop(), 0)
            n.cli("rebuild", n.dir)
            n.serve()
            self.assertEqual(
                n.request("GET", f"/api/v1/objects/{ID}", auth=("admin", PASSWORD)).status, 404)
            with open(log, "a") as f:
                f.write(event("gone.example", 3) + event("stays.example", 3))
            wait_until(lambda: self.count(n) == (1, 3), what="the other is matched")

    def test_only_what_is_here_can_be_withdrawn(self):
        with Node() as n:
            n.init()
            done = n.cli("withdraw", n.dir, ID, "--reason", "none", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"no object", done.stderr)


if __name__ == "__main__":
    main()
