# SPDX-License-Identifier: Apache-2.0
"""What the detectors find in a sensor's events: a note with its reasons and the observed data that it
rests on, labelled as the source is, and nothing where there is nothing to be found."""

import datetime
import json

from node import main, seed, wait_until
from sensed import PASSWORD, Sensed

START = datetime.datetime(2026, 2, 1, tzinfo=datetime.timezone.utc)


class Findings(Sensed):
    def write(self, events):
        """Events as (second, parts), in order."""
        with open(self.log, "a") as f:
            for second, parts in events:
                when = START + datetime.timedelta(seconds=second)
                text = when.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
                f.write(json.dumps({"timestamp": text, **parts}, separators=(",", ":")) + "\n")

    def notes(self):
        """The findings, as their notes' objects."""
        path = "/api/v1/search?q=finding&type=note&limit=100"
        items = self.n.request("GET", path, auth=("admin", PASSWORD)).json()["items"]
        return [self.shown(i["id"]) for i in items]

    def shown(self, ident):
        answer = self.n.request("GET", f"/api/v1/objects/{ident}", auth=("admin", PASSWORD)).json()
        return answer["object"]


def call(host, peer, port=443):
    return {"event_type": "flow", "src_ip": host, "src_port": 40000, "dest_ip": peer,
            "dest_port": port, "proto": "TCP"}


class Beacons(Findings):
    # D-49: regular calls home are found, with the figures that say so; calls at random times are not.
    def test_regular_connections_become_a_note_with_its_reasons(self):
        rng = seed()
        self.n.serve()
        events = [(60 * i + rng.random(), call("10.0.0.5", "203.0.113.9")) for i in range(40)]
        events += [(rng.random() * 2400, call("10.0.0.6", "203.0.113.10")) for _ in range(60)]
        self.write(sorted(events, key=lambda e: e[0]))
        wait_until(lambda: self.notes(), what="a finding")
        wait_until(lambda: self.n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD)).json()
                   ["items"][0]["lines"] == 100, what="all is read")
        [note] = self.notes()
        self.assertEqual(note["labels"], ["finding", "beacon"])
        self.assertRegex(note["abstract"], r"10\.0\.0\.5 to 203\.0\.113\.9 port 443, every (59|60)\.")
        self.assertRegex(note["content"], r"of the last \d+ intervals")
        self.assertTrue(40 <= note["confidence"] <= 80, note["confidence"])
        [observed] = [self.shown(r) for r in note["object_refs"]]
        self.assertEqual(observed["type"], "observed-data")
        self.assertTrue(20 <= observed["number_observed"] <= 40)
        self.assertEqual({self.shown(r)["value"] for r in observed["object_refs"]},
                         {"10.0.0.5", "203.0.113.9"})
        self.assertEqual(note["object_marking_refs"], observed["object_marking_refs"])


if __name__ == "__main__":
    main()
