# SPDX-License-Identifier: Apache-2.0
"""The life of indicators: what was not stated or seen for long is not matched any more, by itself;
who sees it brings it back, and who finds it false ends it."""

import datetime
from node import main, wait_until
from sensed import Sensed, an_id, indicator

NOW = datetime.datetime.now(datetime.timezone.utc)
KNOWN = 99


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def days_ago(days, seconds=0):
    return NOW - datetime.timedelta(days=days, seconds=seconds)


def stated(number, name, time, **more):
    made = indicator(number, f"[domain-name:value = '{name}']", created=text(time),
                     modified=text(time), valid_from=text(time), **{"confidence": 80, **more})
    return {key: value for key, value in made.items() if value is not None}


def sighting(number, of, time, **more):
    return {"type": "sighting", "spec_version": "2.1",
            "id": f"sighting--7a3c0d1e-52d7-4f0a-9a6b-{number:012d}",
            "created": text(time), "modified": text(time), "last_seen": text(time),
            "sighting_of_ref": an_id(of),
            "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
            **more}


def opinion(number, about, word, version=0):
    return {"type": "opinion", "spec_version": "2.1",
            "id": f"opinion--7a3c0d1e-52d7-4f0a-9a6b-{number:012d}",
            "created": text(days_ago(1)), "modified": text(days_ago(1, -version)),
            "opinion": word, "object_refs": [an_id(about)],
            "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}


class Life(Sensed):
    def setUp(self):
        super().setUp()
        # Straight lines: 80 points are 20 after 75 days.
        self.n.configure("decay", threshold=20, domain="lifetime 100 speed 1 points 60,40")
        self.round = 0

    def look(self):
        """Which of n1.example ... are matched now: of each an event, then one that always is."""
        self.round += 1
        before = self.found()
        for number in range(1, 10):
            self.see_name(f"n{number}.example")
        self.see_name("known.example")
        wait_until(lambda: self.found().get(KNOWN) == self.round, what="the last event is matched")
        after = self.found()
        return {n for n in after if n != KNOWN and after[n] > before.get(n, 0)}

    def take(self, *objects):
        super().take(stated(KNOWN, "known.example", NOW), *objects)

    # US-02: what is old is not matched, what states no confidence ends sooner; a new sighting
    # brings it back, and one that is taken back does not.
    def test_what_was_not_seen_for_long_is_not_matched_until_it_is_seen(self):
        self.take(stated(1, "n1.example", days_ago(10)), stated(2, "n2.example", days_ago(80)),
                  stated(3, "n3.example", days_ago(65), confidence=None),
                  stated(4, "n4.example", days_ago(55), confidence=None))
        self.n.serve()
        self.assertEqual(self.look(), {1, 4})
        self.take(sighting(1, 2, days_ago(1)))
        self.assertEqual(self.look(), {1, 2, 4})
        # Not seen is not seen; of long ago it is too old; of tomorrow it is of now.
        self.take(sighting(2, 3, days_ago(1), count=0), sighting(3, 3, days_ago(64)))
        self.assertEqual(self.look(), {1, 2, 4})
        self.take(sighting(4, 3, days_ago(-1)))
        self.assertEqual(self.look(), {1, 2, 3, 4})
        self.n.cli("withdraw", self.n.dir, sighting(1, 2, NOW)["id"], "--reason", "not so")
        self.assertEqual(self.look(), {1, 3, 4})


if __name__ == "__main__":
    main()
