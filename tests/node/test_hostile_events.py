# SPDX-License-Identifier: Apache-2.0
"""Sensors that are broken or hostile: what they write is bounded, counted and named, and takes nothing
from what the others see."""

import json
import os
import time
import unittest

from node import main, wait_until
from sensed import PASSWORD, Sensed, indicator

MAX_LINE = 1 << 20


class HostileEvents(Sensed):
    def setUp(self):
        super().setUp()
        self.bad = os.path.join(self.n.base, "bad.json")
        open(self.bad, "w").close()
        self.n.add_source("broken", self.bad, history=True)
        self.take(indicator(1, "[domain-name:value = 'one.example']"),
                  indicator(2, "[domain-name:value = 'two.example']"))
        self.n.serve()

    def write(self, *lines):
        with open(self.bad, "ab") as f:
            for line in lines:
                f.write(line if isinstance(line, bytes) else line.encode())
                f.write(b"\n")

    def dns(self, name, when="2026-02-01T00:00:00.000000+0000", **more):
        return json.dumps({"timestamp": when, "event_type": "dns",
                           "dns": {"type": "query", "rrname": name}, **more})

    def source(self, name):
        answer = self.n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD)).json()
        return next(s for s in answer["items"] if s["name"] == name)

    def sightings(self):
        return self.n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD)).json()["items"]

    # Fields and lines beyond any use, nesting, bytes that are no text, ends that never come.
    def test_what_is_no_event_is_counted_and_the_next_one_is_matched(self):
        self.write(
            self.dns("one.example", pad="x" * (2 * MAX_LINE)),
            b"x" * (16 * MAX_LINE),
            '{"event_type":"dns","dns":' + '{"a":' * 50000 + "1" + "}" * 50000 + "}",
            b'{"event_type":"dns","dns":{"type":"query","rrname":"\xff\xfe\xc0\x80"}}',
            b'\0' * 1000,
            '{"timestamp":"2026-02-01T00:00:00.000000+0000","event_type":"dns","dns":{"rrname":"one.ex',
            "[]", "1e999999", '"' * 999,
            self.dns("a." * 3000 + "one.example"),
            self.dns("one.example", "2026-02-01T00:00:00.000000+0000"),
        )
        self.see_name("two.example")
        wait_until(lambda: self.found().get(1, 0) >= 1 and self.found().get(2) == 1, what="both")
        self.assertEqual(self.found(), {1: 1, 2: 1})
        broken, sound = self.source("broken"), self.source("sensor")
        self.assertEqual((broken["lines"], broken["bad"], broken["skipped"], broken["lag_bytes"]),
                         (11, 6, 2, 0))
        self.assertEqual(broken["state"], "live")
        self.assertEqual((sound["lines"], sound["bad"], sound["skipped"]), (1, 0, 0))

    # Clocks that cannot be are not believed: such a hit counts as of when it was read, is counted, and
    # says neither that an indicator was seen in the year 9999 nor before there were sensors.
    def test_a_wrong_clock_is_not_believed_and_is_counted(self):
        wrong = ("1970-01-01T00:00:00.000000+0000", "9999-12-31T23:59:59.999999+0000",
                 "2099-01-01T00:00:00.000000+0000", "0000-00-00T00:00:00", "yesterday", "",
                 "2026-02-30T25:61:61.000000+9999")
        began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        self.write(*(self.dns("one.example", when) for when in wrong))
        self.write(self.dns("one.example", "2026-02-01T00:00:00.000000+0000"))
        self.see_name("two.example")
        wait_until(lambda: self.found() == {1: len(wrong) + 1, 2: 1}, what="all are matched")
        mine = [s for s in self.sightings() if s["source"] == "broken"]
        times = {s["first_seen"][:10] for s in mine} | {s["last_seen"][:10] for s in mine}
        self.assertEqual({t for t in times if t < began[:10]}, {"2026-02-01"})
        for s in mine:
            self.assertLessEqual(s["last_seen"], s["received"])
        broken, sound = self.source("broken"), self.source("sensor")
        self.assertEqual(broken["untimed"], len(wrong))
        self.assertEqual(broken["last_event"], "2026-02-01T00:00:00.000000Z")
        self.assertEqual(sound["untimed"], 0)
        metrics = self.n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
        self.assertIn('tocsin_source_untimed_events_total{source="broken"} 7', metrics)

    # A source that floods is behind by itself: what another sees meanwhile is there at once.
    def test_a_flood_of_one_source_keeps_no_other_waiting(self):
        line = (self.dns("nobody.example", pad="y" * 400) + "\n").encode()
        hit = (self.dns("one.example", pad="y" * 400) + "\n").encode()
        block = line * 999 + hit
        hits = 0
        for k in range(20):
            with open(self.bad, "ab") as f:
                f.write(block * 20)
            hits += 20
            self.see_name(f"n{k}.two.example")
            wait_until(lambda: self.found().get(2) == k + 1, timeout=5, what="the sound one")
        wait_until(lambda: self.found().get(1) == hits, timeout=60, what="the flood in the end")
        self.assertEqual(self.source("broken")["lines"], 20 * 20 * 1000)


if __name__ == "__main__":
    main()
