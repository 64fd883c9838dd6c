# SPDX-License-Identifier: Apache-2.0
"""`tocsin scan`: which words are files of indicators and which are events, and that indicators of
every format count alike."""

import collections
import json
import os
import subprocess
import tempfile
import unittest

from node import TOCSIN, main

EVENT = '{"timestamp":"2026-01-02T03:04:05.000000Z","event_type":"dns","dns":{"rrname":"%s"}}\n'
ID = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


def indicator(modified, value, **more):
    return {
        "type": "indicator", "spec_version": "2.1", "id": ID, "created": "2020-01-01T00:00:00Z",
        "modified": modified, "valid_from": "2020-01-01T00:00:00Z", "pattern_type": "stix",
        "pattern": f"[domain-name:value = '{value}']", **more,
    }


class Scan(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.TemporaryDirectory(prefix="tocsin-scan-")
        self.addCleanup(self.base.cleanup)
        self.put("a.txt", "a.example\n")
        self.put("b.csv", "value,name\nb.example,text with event_type\n")
        self.put("c.json", json.dumps({
            "type": "bundle", "id": "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "objects": [indicator("2020-01-01T00:00:00Z", "c.example",
                                  description='says "event_type":"dns"')],
        }))
        self.put("one", "\n" + "".join(EVENT % f"{c}.example" for c in "abcd"))
        self.put("two", EVENT % "a.example")
        self.put("nothing", "")

    def put(self, name, text):
        with open(os.path.join(self.base.name, name), "w", encoding="utf-8") as f:
            f.write(text)

    def run_scan(self, *words, stdin=""):
        return subprocess.run([TOCSIN, "scan", *words], input=stdin, capture_output=True, text=True,
                              cwd=self.base.name, timeout=60, check=False)

    def figures(self, *words, stdin=""):
        done = self.run_scan(*words, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        got = json.loads(done.stderr)
        self.assertEqual(got["bad"], 0)
        return got["indicators"], got["lines"], got["sightings"]

    def test_words_belong_to_the_indicators_until_the_first_event_file(self):
        self.assertEqual(self.figures("--indicators", "a.txt", "b.csv", "c.json", "one"), (3, 4, 3))
        self.assertEqual(self.figures("--indicators", "a.txt", "b.csv", "one", "two"), (2, 5, 3))
        self.assertEqual(self.figures("--indicators", "a.txt", "one", "two", "nothing"), (1, 5, 2))

    def test_standard_input_and_pipes_are_events(self):
        with open(os.path.join(self.base.name, "one"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(self.figures("--indicators", "a.txt", "b.csv", "-", stdin=text), (2, 4, 2))
        self.assertEqual(
            self.figures("--indicators", "a.txt", "b.csv", "/dev/stdin", stdin=text), (2, 4, 2))

    def test_two_dashes_say_where_the_events_begin(self):
        self.assertEqual(self.figures("--indicators", "a.txt", "b.csv", "--", "nothing"), (2, 0, 0))
        self.assertEqual(self.figures("--indicators", "a.txt", "c.json", "--", "one"), (2, 4, 2))

    def test_the_option_may_be_repeated_and_stand_anywhere(self):
        self.assertEqual(
            self.figures("--indicators", "a.txt", "--indicators=b.csv", "c.json", "one"), (3, 4, 3))
        self.assertEqual(
            self.figures("one", "--indicators", "a.txt", "two", "--indicators", "b.csv"), (2, 5, 3))

    def test_words_that_make_no_sense_are_named(self):
        for words, reason in (
            (("--indicators", "a.txt", "b.csv"), "no file of events"),
            (("--indicators", "a.txt", "gone", "one"), "gone"),
            (("one",), "--indicators"),
            ((), "usage:"),
        ):
            done = self.run_scan(*words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(reason, done.stderr)

    def test_only_the_newest_version_counts_wherever_it_stands(self):
        old = indicator("2020-01-01T00:00:00Z", "a.example")
        new = indicator("2021-01-01T00:00:00Z", "b.example")
        gone = indicator("2022-01-01T00:00:00Z", "b.example", revoked=True)
        for name, versions, sightings in (
            ("old", [old], 1), ("both", [old, new], 1), ("turned", [new, old], 1),
            ("twice", [old, old], 1), ("revoked", [gone, new, old], 0),
        ):
            self.put(name, "".join(json.dumps(v) + "\n" for v in versions))
            self.assertEqual(self.figures("--indicators", name, "one")[2], sightings, name)

    # As many hits in turn as are remembered at a time, and more; the counts must not mix.
    def test_sightings_are_one_for_each_value_file_and_hour(self):
        self.put("net", "10.0.0.0/8\n10.1.0.0/16\n")
        lines = [(f"10.{i % 3}.{i % 5000 // 250}.{i % 250}", i // 5000 % 2) for i in range(30000)]
        for name in ("first", "second"):
            self.put(name, "".join(
                f'{{"timestamp":"2026-01-02T0{hour}:30:00Z","event_type":"flow","src_ip":"{ip}"}}\n'
                for ip, hour in lines))
        done = self.run_scan("--indicators", "net", "first", "second")
        self.assertEqual(done.returncode, 0, done.stderr)
        objects = [json.loads(line) for line in done.stdout.splitlines()]
        by_id = {o["id"]: o for o in objects}
        got = collections.Counter()
        for o in objects:
            if o["type"] == "sighting":
                seen = by_id[o["observed_data_refs"][0]]
                key = (by_id[seen["object_refs"][0]]["value"], o["first_seen"][12:13])
                self.assertEqual(o["first_seen"], o["last_seen"])
                got[key] += o["count"]
        wanted = collections.Counter()
        for ip, hour in lines:
            wanted[ip, str(hour)] += 2 * (1 + ip.startswith("10.1."))
        self.assertEqual(got, wanted)
        hits = 2 * sum(1 + ip.startswith("10.1.") for ip, _ in lines)
        self.assertEqual(json.loads(done.stderr)["hits"], hits)
        self.assertEqual(json.loads(done.stderr)["sightings"], 2 * len(
            {(ip, hour, net) for ip, hour in lines for net in range(1 + ip.startswith("10.1."))}))

    def test_lists_say_the_same_as_objects(self):
        self.put("list", "b[.]example\n10.1.0.0/16\n2001:db8::/32\nhxxp://X.example:80/p\n")
        self.put("csv", "type,value,valid_from,valid_until\n"
                 "domain,b.example,2020-01-01T00:00:00Z,\n"
                 "domain,a.example,,2020-01-01T00:00:00Z\n"
                 "ipv4,10.2.0.0/16,2999-01-01T00:00:00Z,\n")
        self.put("events", "".join((
            EVENT % "www.b.example",
            '{"event_type":"flow","src_ip":"10.1.2.3","dest_ip":"10.2.2.3"}\n',
            '{"event_type":"flow","src_ip":"2001:db8::1","dest_ip":"2001:db9::1"}\n',
            '{"event_type":"http","http":{"hostname":"x.example","url":"/p"}}\n',
            EVENT % "a.example",
        )))
        self.assertEqual(self.figures("--indicators", "list", "events"), (4, 5, 4))
        done = self.run_scan("--indicators", "csv", "events")
        self.assertEqual(done.returncode, 1)  # a value that ended before it began is refused
        self.assertIn("valid_until", done.stderr)
        self.assertEqual(done.stdout.count('"type":"sighting"'), 1)


if __name__ == "__main__":
    main()
