# SPDX-License-Identifier: Apache-2.0
"""What an indicator would have hit: one that names what everybody here talks to is quarantined as it
comes, with the figures of the last day."""

import json
import re
import time

from node import main, wait_until
from sensed import Sensed, an_id, indicator


class Impact(Sensed):
    HISTORY = True

    def see_now(self, name, events, hosts):
        when = time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime(time.time() - 60))
        with open(self.log, "a", encoding="utf-8") as f:
            for k in range(events):
                f.write(json.dumps({"timestamp": when, "event_type": "dns",
                                    "src_ip": f"10.0.{k % hosts // 250}.{k % hosts % 250 + 1}",
                                    "dns": {"type": "query", "rrname": name}},
                                   separators=(",", ":")) + "\n")

    def seen(self, name):
        done = self.n.cli("hunt", self.n.dir, name, "--json", check=False)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return next((e["answer"].get("count", 0) for e in events if "answer" in e), 0)

    def show(self, number):
        return json.loads(self.n.cli("indicator", "show", self.n.dir, an_id(number), "--json").stdout)

    # G12: the impact estimate before an indicator is armed; a person's release stands above it.
    def test_what_everybody_talks_to_is_quarantined_with_the_figures(self):
        self.n.serve()
        self.see_now("portal.busy.example", 1200, 60)
        self.see_now("beacon.example", 1200, 1)
        wait_until(lambda: self.seen("beacon.example") == 1200, what="the history has it")
        self.take(indicator(1, "[domain-name:value = 'busy.example']"),
                  indicator(2, "[domain-name:value = 'beacon.example']"),
                  indicator(3, "[domain-name:value = 'quiet.example']"))
        shown = self.show(1)
        self.assertTrue(shown["quarantined"])
        self.assertEqual(shown["quarantined_for"], "impact")
        figures = re.fullmatch(r"busy\.example would have hit 1,200 events of about (\d+) hosts in 24 hours",
                               shown["reason"])
        self.assertTrue(figures and 45 <= int(figures[1]) <= 75, shown["reason"])
        self.assertNotIn("decided_by", shown)
        self.assertFalse(self.show(2)["quarantined"])
        self.assertFalse(self.show(3)["quarantined"])
        before = self.found()
        self.see_now("portal.busy.example", 1, 1)
        self.see_now("quiet.example", 1, 1)
        wait_until(lambda: self.found().get(3, 0) > before.get(3, 0), what="the last event is matched")
        self.assertNotIn(1, self.found())
        self.n.cli("indicator", "release", self.n.dir, an_id(1), "--reason", "it was taken over")
        self.see_now("portal.busy.example", 1, 1)
        wait_until(lambda: self.found().get(1, 0) >= 1, what="it is matched")
        self.take(indicator(1, "[domain-name:value = 'busy.example']", 2))
        self.assertFalse(self.show(1)["quarantined"])


if __name__ == "__main__":
    main()
