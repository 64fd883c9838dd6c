# SPDX-License-Identifier: Apache-2.0
"""What streams show is in the history: every value, what DNS answered, and each event once."""

import json
import os
import time
import unittest

from node import Node, main, wait_until

PASSWORD = "a long enough password"


def event(n, **more):
    return {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime()),
            "src_ip": f"192.0.2.{n}", "dest_ip": "198.51.100.1", **more}


def mail(n, address):
    return event(n, event_type="smtp", smtp={"mail_from": f"<{address}>"})


def answer(n, version):
    asked = ({"rrname": "www.example.org"} if version == 2
             else {"queries": [{"rrname": "www.example.org", "rrtype": "A"}]})
    return event(n, event_type="dns", dns={
        "version": version, "type": "answer" if version == 2 else "response", **asked,
        "grouped": {"A": ["203.0.113.7"]}})


class History(unittest.TestCase):
    def feed(self, n, name, *events):
        with open(os.path.join(n.base, name), "a", encoding="ascii") as f:
            for e in events:
                f.write(json.dumps(e) + "\n")

    def figure(self, n, name):
        return n.status_file().get("figures", {}).get(name, 0)

    def until_seen(self, n, count):
        wait_until(lambda: self.figure(n, "history_seen") >= count, what="the history has it")
        self.assertEqual(self.figure(n, "history_seen"), count)

    def source(self, n, name, history=True):
        path = os.path.join(n.base, name)
        open(path, "w", encoding="ascii").close()
        n.add_source(name, path, label="TLP:GREEN", history=history)

    # US-02: what is seen is in the history within seconds, unless its source has none; the figures
    # are in the metrics.
    def test_what_streams_show_is_kept_unless_they_shall_not(self):
        with Node().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            self.source(n, "mail")
            self.source(n, "private", history=False)
            n.serve()
            self.feed(n, "private", *[mail(i, "nobody@example.org") for i in range(1, 5)])
            self.feed(n, "mail", *[mail(i, "jane@example.org") for i in range(1, 8)],
                      answer(9, 2), answer(10, 3))
            self.until_seen(n, 7 * 3 + 2 * 2)
            metrics = n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
            self.assertIn("tocsin_history_observations_total 25", metrics)
            self.assertIn("tocsin_history_gaps_total 0", metrics)
            status = n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()
            self.assertEqual(status["history_seen"], 25)

    # US-02, G27: what the history holds of a person is told, and taken out when that is asked.
    def test_a_person_is_told_of_and_taken_out(self):
        with Node().init() as n:
            self.source(n, "mail")
            n.serve()
            self.feed(n, "mail", *[mail(i, "Jane.Roe@example.org") for i in range(1, 8)],
                      mail(1, "other@example.org"))
            self.until_seen(n, 24)
            about = json.loads(n.cli("person", "export", n.dir, "jane.roe").stdout)
            self.assertEqual([(h["source"], h["count"]) for h in about["history"]], [("mail", 7)])
            said = n.cli("person", "erase", n.dir, "jane.roe", check=False)
            self.assertIn(b"erase   from the history, ", said.stdout)
            said = n.cli("person", "erase", n.dir, "jane.roe", "--yes", "--reason", "article 17")
            self.assertIn(b"erased from the history: 1 mail addresses", said.stdout)
            left = n.cli("person", "export", n.dir, "jane.roe", check=False)
            self.assertEqual(left.returncode, 1)
            self.assertEqual(json.loads(left.stdout)["history"], [])
            other = json.loads(n.cli("person", "export", n.dir, "other@").stdout)
            self.assertEqual([h["count"] for h in other["history"]], [1])

    # US-02: a history that is damaged is an alarm; the node works without it, and sightings go on.
    def test_a_damaged_history_stops_nothing(self):
        with Node().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            self.source(n, "mail")
            os.makedirs(os.path.join(n.dir, "history"), exist_ok=True)
            with open(os.path.join(n.dir, "history", "manifest"), "w", encoding="ascii") as f:
                f.write("this is no manifest\n")
            n.serve()
            self.assertEqual(n.alarms(), ["history"])
            self.feed(n, "mail", mail(1, "jane@example.org"))
            wait_until(lambda: n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD))
                       .json()["items"][0]["lines"] == 1, what="the line is taken")


if __name__ == "__main__":
    main()
