# SPDX-License-Identifier: Apache-2.0
"""The life of indicators: what was not stated or seen for long is not matched any more, by itself;
who sees it brings it back, and who finds it false ends it."""

import datetime
import json
import os

from node import main, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator

NOW = datetime.datetime.now(datetime.timezone.utc)
KNOWN = 99


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment(text_of_it):
    return datetime.datetime.fromisoformat(text_of_it.replace("Z", "+00:00"))


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

    def show(self, number):
        return json.loads(self.n.cli("indicator", "show", self.n.dir, an_id(number), "--json").stdout)

    # US-02, G12: who finds it false takes points off, each source once however often it says so; what is
    # told of an indicator is what is done with it; and a rebuild comes to the same.
    def test_false_positives_end_a_life_and_it_is_told_when(self):
        self.take(stated(1, "n1.example", days_ago(70)), stated(2, "n2.example", days_ago(0)),
                  indicator(3, "[domain-name:value = 'n3.example' AND domain-name:value = 'n4.example']",
                            created=text(days_ago(90)), modified=text(days_ago(90)),
                            valid_from=text(days_ago(90)), confidence=80))
        self.n.serve()
        self.assertEqual(self.look(), {1, 2})
        ends = moment(self.show(1)["matched_until"])
        self.assertLess(abs(ends - days_ago(-5)), datetime.timedelta(seconds=5))
        self.take(opinion(1, 1, "disagree"), opinion(2, 1, "disagree"), opinion(3, 2, "strongly-agree"))
        self.assertEqual(self.look(), {1, 2})
        self.take(opinion(1, 1, "strongly-disagree", 1))
        self.assertEqual(self.look(), {2})
        told = self.show(1)
        self.assertFalse(told["active"], told)
        self.assertTrue(self.show(2)["active"])
        self.n.stop()
        self.n.cli("rebuild", self.n.dir)
        self.n.serve()
        self.assertEqual(self.look(), {2})
        self.take(opinion(1, 1, "neutral", 2))
        self.assertEqual(self.look(), {1, 2})

    # US-02: what is told of a life: the model, where its curve begins, which points are passed, when the next is,
    # when it ends, and the evidence.
    def test_it_is_told_how_an_indicator_ages_and_why(self):
        self.take(stated(1, "n1.example", days_ago(60)), sighting(1, 1, days_ago(30)),
                  opinion(1, 1, "disagree"), stated(2, "n2.example", days_ago(1), confidence=None),
                  stated(3, "n3.example", days_ago(1), confidence=10))
        self.n.serve()
        life = self.show(1)["life"]
        begins = days_ago(30)
        when = {"begins": begins, "last_seen": begins,
                # 80 points less 12.5 are 67.5: 60 after a ninth of the 100 days, 20 after 70.37 days.
                "ends": begins + datetime.timedelta(days=100 * (1 - 20 / 67.5))}
        for member, time in when.items():
            self.assertLess(abs(moment(life.pop(member)) - time), datetime.timedelta(seconds=1), member)
        self.assertEqual([(p["score"], p["passed"]) for p in life["points"]], [(60, True), (40, False)])
        for point in life.pop("points"):
            time = begins + datetime.timedelta(days=100 * (1 - point["score"] / 67.5))
            self.assertLess(abs(moment(point["at"]) - time), datetime.timedelta(seconds=1), point)
        self.assertEqual(life, {"kind": "domain", "days": 100, "speed": 1, "threshold": 20, "start": 67.5,
                                "score": 47.2, "confidence": 80, "trust": 100, "false_positives": 1,
                                "false_positive_points": 12.5, "whole": True})
        other = self.show(2)["life"]
        self.assertEqual((other["confidence"], other["start"], other["score"]), (50, 50, 49.5 - 0.1))
        self.assertEqual((other["points"][0], other["points"][1]["passed"]), ({"score": 60, "passed": True}, False))
        shown = self.n.cli("indicator", "show", self.n.dir, an_id(1)).stdout.decode()
        for words in ("score now", "47.2", "Reaction points", "false positives"):
            self.assertIn(words, shown)
        # Too weak from its beginning, it ended there.
        weak = self.show(3)
        self.assertEqual((weak["active"], weak["matched_until"]), (False, weak["life"]["begins"]))
        self.assertNotIn("ends", weak["life"])
        # Who does not see everything is told the same of what there is to see, and that it may not be all.
        over_api = self.n.request("GET", f"/api/v1/indicators/{an_id(1)}", auth=("admin", PASSWORD)).json()
        here = self.show(1)
        self.assertFalse(over_api["life"].pop("whole"))
        self.assertTrue(here["life"].pop("whole"))
        self.assertEqual(over_api, here)

    def status(self):
        return self.n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()

    # US-02, D-49: patterns that are more than values end like the others, and nothing shows them as matched:
    # neither the indicator, nor the list of what is active, nor the count of what looks at events.
    def test_a_pattern_on_events_that_has_decayed_shows_as_active_nowhere(self):
        patterns = {1: "[domain-name:value LIKE '%.n1.example']", 2: "[domain-name:value LIKE '%.n2.example']",
                    3: "[domain-name:value = 'n3.example' OR domain-name:value LIKE '%.n3.example']"}
        for number, pattern in patterns.items():
            patterns[number] = {**stated(number, "", days_ago(0 if number == 2 else 700)), "pattern": pattern}
        self.take(*patterns.values())
        self.n.serve()
        for number in patterns:
            self.see_name(f"www.n{number}.example")
        wait_until(lambda: self.found() == {2: 1}, what="the one that has not decayed is true")
        shown = {number: self.show(number) for number in patterns}
        self.assertEqual({number: (told["active"], told["matched"]) for number, told in shown.items()},
                         {1: (False, "no"), 2: (True, "events"), 3: (False, "no")})
        listed = self.n.request("GET", "/api/v1/indicators?active=true", auth=("admin", PASSWORD)).json()
        self.assertEqual({i["id"] for i in listed["items"]}, {an_id(2), an_id(KNOWN)})
        wait_until(lambda: self.status()["patterns"]["armed"] == 1, what="it alone looks at events")
        # A sighting brings one back, wherever it is told.
        self.take(sighting(1, 1, days_ago(1)))
        wait_until(lambda: self.show(1)["active"], what="it is there again")
        self.see_name("www.n1.example")
        wait_until(lambda: self.found().get(1), what="and is matched")
        wait_until(lambda: self.status()["patterns"]["armed"] == 2, what="two look at events")

    def trust(self, points):
        path = self.n.dir + "/tocsin.conf"
        with open(path, encoding="utf-8") as conf:
            lines = [x for x in conf.read().splitlines() if not x.startswith("local = ")]
        lines.insert(lines.index("[trust]") + 1, f"local = {points}")
        with open(path, "w", encoding="utf-8") as conf:
            conf.write("\n".join(lines) + "\n")

    # G12: what is not trusted counts for less; other settings judge all anew.
    def test_trust_in_a_source_counts(self):
        self.take(stated(1, "n1.example", days_ago(30)))
        self.n.serve()
        self.assertEqual(self.look(), {1})
        self.n.stop()
        self.trust(25)
        self.n.serve()
        self.see_name("n1.example")
        self.see_name("known.example")
        wait_until(lambda: not self.show(1)["active"], what="it is judged anew")
        self.n.stop()
        self.trust(100)
        self.n.serve()
        wait_until(lambda: self.show(1)["active"], what="and again")


class Worth(Sensed):
    def bring(self, source, *objects):
        path = os.path.join(self.n.base, "brought.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                       "objects": objects}, f)
        self.n.cli("import", self.n.dir, path, "--source", source)

    def worth(self):
        told = json.loads(self.n.cli("source", "worth", self.n.dir, "--json").stdout)
        self.assertFalse(told["more"])
        return {s["name"]: (s["indicators"], s["hit"], s["hits"], s["false_positives"], s["first"])
                for s in told["sources"]}

    # US-02: what a source's indicators were worth: how many of them met something, how often, what was held against
    # them, and how many of the values that met something it stated before any other source did.
    def test_what_a_sources_indicators_were_worth(self):
        self.bring("alpha", stated(1, "n1.example", NOW), stated(2, "n2.example", NOW))
        self.bring("beta", stated(3, "n1.example", NOW), stated(4, "n4.example", NOW))
        # A newer version of what was brought first remains the first's; the value that it adds is stated only now.
        newer = {**stated(2, "n2.example", NOW), "modified": text(days_ago(-1)),
                 "pattern": "[domain-name:value = 'n2.example' OR domain-name:value = 'n4.example']"}
        self.bring("gamma", newer, stated(5, "n5.example", NOW))
        self.n.serve()
        self.assertEqual(self.worth(), {"alpha": (2, 0, 0, 0, 0), "beta": (2, 0, 0, 0, 0), "gamma": (1, 0, 0, 0, 0)})
        for name in ("n1.example", "n4.example", "n4.example", "unknown.example"):
            self.see_name(name)
        wait_until(lambda: self.found() == {1: 1, 2: 2, 3: 1, 4: 2}, what="all are hit")
        # n1: alpha was first; n2: alpha, which is a value of one that was hit; n4: beta.
        self.assertEqual(self.worth(), {"alpha": (2, 2, 3, 0, 2), "beta": (2, 2, 3, 0, 1), "gamma": (1, 0, 0, 0, 0)})
        self.take(opinion(1, 1, "disagree"), opinion(2, 1, "strongly-disagree"), opinion(3, 4, "agree"))
        self.bring("beta", opinion(4, 1, "disagree"), sighting(5, 4, NOW, x_opencti_negative=True))
        self.assertEqual(self.worth(), {"alpha": (2, 2, 3, 2, 2), "beta": (2, 2, 3, 1, 1), "gamma": (1, 0, 0, 0, 0)})
        # What was taken back was never there: then beta was the first to know of n1.
        self.n.cli("withdraw", self.n.dir, an_id(1), "--reason", "not so")
        self.assertEqual(self.worth(), {"alpha": (1, 1, 2, 0, 1), "beta": (2, 2, 3, 1, 2), "gamma": (1, 0, 0, 0, 0)})
        shown = self.n.cli("source", "worth", self.n.dir).stdout.decode()
        self.assertEqual(shown.splitlines()[0].split("  ")[0], "SOURCE")
        self.assertLess(shown.index("beta"), shown.index("alpha"))

        def over_api():
            answer = self.n.request("GET", "/api/v1/source-worth", auth=("admin", PASSWORD)).json()
            return answer["sources"]

        wait_until(lambda: over_api()[0]["name"] == "beta" and over_api()[0]["first"] == 2, what="the page has it")
        self.n.stop()
        self.n.cli("rebuild", self.n.dir)
        self.assertEqual(self.worth()["alpha"], (1, 1, 2, 0, 1))


if __name__ == "__main__":
    main()
