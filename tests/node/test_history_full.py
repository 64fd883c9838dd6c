# SPDX-License-Identifier: Apache-2.0
"""A full disk under the history alone: said and stays said, detection goes on, and what was seen
meanwhile is in the history when there is space again, each event once."""

import os
import subprocess
import tempfile

from node import main, wait_until
from sensed import Sensed, an_id, indicator
from test_full import SmallDisk


class HistoryFull(Sensed):
    HISTORY = True

    def setUp(self):
        super().setUp()
        self.disk = SmallDisk(2)
        self.addCleanup(self.disk.__exit__)
        self.history = os.path.join(self.n.dir, "history")
        os.makedirs(self.history, mode=0o700, exist_ok=True)
        subprocess.run(["mount", "--bind", self.disk.path, self.history], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.history], check=False)
        os.chmod(self.history, 0o700)

    def seen(self):
        return self.n.status_file().get("figures", {}).get("history_seen", 0)

    def fill(self):
        filler = os.path.join(self.history, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass
        return filler

    # US-02, bad input: nothing is lost and no hit is late because the history has no space.
    def test_a_full_history_stops_no_detection_and_loses_nothing(self):
        self.n.serve()
        self.take(indicator(1, "[domain-name:value = 'evil.example']"))
        self.see_name("h0.evil.example")
        wait_until(lambda: self.seen() == 1, what="the history has the first")
        filler = self.fill()
        for k in range(1, 6):
            self.see_name(f"h{k}.evil.example")
        wait_until(lambda: "history" in self.n.alarms(), what="the alarm is on")
        # It does not go off by itself while nothing changes, and no other one says that all stands.
        for k in range(6, 9):
            self.see_name(f"h{k}.evil.example")
            wait_until(lambda: self.found().get(1) == k + 1, what="detection goes on")
        self.assertEqual(self.n.alarms(), ["history"])
        self.assertEqual(self.seen(), 1)
        os.unlink(filler)
        wait_until(lambda: self.seen() == 9, what="the history has all")
        wait_until(lambda: self.n.alarms() == [], what="the alarm is off")
        self.assertEqual(self.n.stop(), 0)
        hunted = self.n.cli("hunt", self.n.dir, "evil.example", "--json").stdout.decode()
        for k in range(9):
            self.assertEqual(hunted.count(f'"value":"h{k}.evil.example"'), 1)


if __name__ == "__main__":
    main()
