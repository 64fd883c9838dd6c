# SPDX-License-Identifier: Apache-2.0
"""A node with one sensor, for tests of what is matched: indicators by number, events one by one, and
the hits that each indicator had."""

import json
import os
import unittest

from node import Node

PASSWORD = "correct horse 7"


def an_id(number):
    return f"indicator--5ee60e4b-24f9-4d8d-9ab8-{number:012d}"


def indicator(number, pattern, version=1, **more):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": an_id(number),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": f"2026-01-{version:02d}T00:00:00.000Z",
        "name": f"Number {number}",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
        **more,
    }


class Sensed(unittest.TestCase):
    # Whether the sensor's events are kept: then indicators are hunted for backwards too, which counts
    # among their hits.
    HISTORY = False

    def setUp(self):
        self.n = Node().__enter__()
        self.addCleanup(self.n.__exit__, None, None, None)
        self.n.init()
        self.n.add_user("admin", "admin", PASSWORD)
        self.log = os.path.join(self.n.base, "eve.json")
        open(self.log, "w").close()
        self.n.add_source("sensor", self.log, history=self.HISTORY)
        self.second = 0

    def take(self, *objects):
        path = os.path.join(self.n.base, "objects.json")
        with open(path, "w") as f:
            json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                       "objects": objects}, f)
        self.n.cli("import", self.n.dir, path)

    def see(self, **parts):
        """One event, as a sensor writes it."""
        self.second += 1
        with open(self.log, "a") as f:
            f.write(json.dumps({"timestamp": f"2026-02-01T00:00:{self.second:02d}.000000+0000",
                                **parts}, separators=(",", ":")) + "\n")

    def see_name(self, name):
        self.see(event_type="dns", dns={"type": "query", "rrname": name})

    def found(self):
        """Hits of each indicator, by its number."""
        answer = self.n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD)).json()
        hits = {}
        for item in answer["items"]:
            number = int(item["indicator"]["id"][-12:])
            hits[number] = hits.get(number, 0) + item["count"]
        return hits
