# SPDX-License-Identifier: Apache-2.0
"""What the detectors find in a sensor's events: a note with its reasons and the observed data that it
rests on, labelled as the source is, and nothing where there is nothing to be found."""

import datetime
import json
import os

from node import main, seed, skip, wait_until
from sensed import PASSWORD, Sensed

REAL = "../shared/samples/eve/slips-test6-malicious.eve.json"
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


def ended(host, peer, port, replies):
    return {**call(host, peer, port), "flow": {"bytes_toserver": 60, "pkts_toclient": replies}}


def asked(host, name, kind, code=None):
    dns = {"type": "answer" if code else "query", "rrname": name, "rrtype": kind}
    return {"event_type": "dns", "src_ip": host, "dest_ip": "10.0.0.1", "dest_port": 53,
            "proto": "UDP", "dns": {**dns, "rcode": code} if code else dns}


class Detectors(Findings):
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
        shown = self.n.cli("show", self.n.dir, note["id"]).stdout.decode()
        self.assertIn(note["abstract"], shown)
        self.assertTrue(all(line in shown.splitlines() for line in note["content"].splitlines()))
        self.assertTrue(40 <= note["confidence"] <= 80, note["confidence"])
        [observed] = [self.shown(r) for r in note["object_refs"]]
        self.assertEqual(observed["type"], "observed-data")
        self.assertTrue(20 <= observed["number_observed"] <= 40)
        self.assertEqual({self.shown(r)["value"] for r in observed["object_refs"]},
                         {"10.0.0.5", "203.0.113.9"})
        self.assertEqual(note["object_marking_refs"], observed["object_marking_refs"])

    # D-49: each of the other detectors finds what was planted, and nothing else is found; there is
    # no finding at all in what an ordinary host does.
    def test_planted_attacks_are_found_and_ordinary_traffic_is_not(self):
        rng = seed()
        self.n.serve()
        letters = "abcdefghijklmnopqrstuvwxyz"
        events = []
        for i in range(200):
            events.append((i, ended("10.0.0.7", f"10.1.0.{i + 1}", 445, replies=0)))
            events.append((i, ended("10.0.0.8", "10.1.0.9", 1000 + i, replies=1)))
            name = "".join(rng.choice(letters + "234567") for _ in range(50))
            events.append((i, asked("10.0.0.9", f"{name}.Tunnel.Example.", "TXT")))
        for i in range(60):
            name = "".join(rng.choice(letters) for _ in range(12))
            events.append((i, asked("10.0.0.10", f"{name}.com", "A", "NXDOMAIN")))
        for name in ("www", "mail", "intranet", "printer-2", "updates", "calendar") * 40:
            second = rng.random() * 600
            events.append((second, asked("10.0.0.11", f"{name}.example.com", "A", "NOERROR")))
            events.append((second, ended("10.0.0.11", f"192.0.2.{rng.randrange(1, 60)}", 443, 20)))
        self.write(sorted(events, key=lambda e: e[0]))
        wait_until(lambda: self.n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD)).json()
                   ["items"][0]["lines"] == len(events), what="all is read")
        wait_until(lambda: len(self.notes()) >= 4, what="four findings")
        titles = sorted(f"{n['labels'][1]}: {n['abstract']}" for n in self.notes())
        self.assertEqual(len(titles), 4, titles)
        self.assertRegex(titles[0], r"made-names: 10\.0\.0\.10 asks for about \d+ domains")
        self.assertRegex(titles[1], r"scan: 10\.0\.0\.7 tries about \d+ destinations at port 445")
        self.assertRegex(titles[2], r"scan: 10\.0\.0\.8 tries about \d+ ports of 10\.1\.0\.9")
        self.assertRegex(titles[3], r"tunnel: 10\.0\.0\.9 asks .* below tunnel\.example")

    def until_read(self, lines):
        wait_until(lambda: self.n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD)).json()
                   ["items"][0]["lines"] == lines, what="all is read")

    # D-49: whose behaviour it is follows the configuration: hosts with public addresses that are the
    # organisation's own are looked at, calls between own networks are none, and a detector that is
    # off finds nothing.
    def test_the_configuration_says_who_is_looked_at_and_by_what(self):
        lines = 0
        for number, detectors, own in ((1, "none", "198.51.100.0/24"), (2, "beacon", "none"),
                                       (3, "beacon", "198.51.100.0/24 192.0.2.7, 2001:db8::/32")):
            self.n.configure("analytics", detectors=detectors, own=own)
            self.n.serve()
            events = [(60 * i, call("198.51.100.5", peer)) for i in range(40)
                      for peer in (f"203.0.113.{number}", "192.0.2.7")]
            self.write(events)
            lines += len(events)
            self.until_read(lines)
            if number < 3:
                self.n.stop()
        wait_until(lambda: self.notes(), what="a finding")
        [note] = self.notes()
        self.assertIn("198.51.100.5 to 203.0.113.3 port 443", note["abstract"])
        self.figures_are_for_auditors()

    def figures_are_for_auditors(self):
        """The beacon is counted in status and metrics, for who may audit alone."""
        self.n.add_user("reader", "reader", PASSWORD)
        self.n.add_user("auditor", "auditor", PASSWORD)

        def told(name):
            status = self.n.request("GET", "/api/v1/status", auth=(name, PASSWORD)).json()
            return status.get("findings"), self.n.request("GET", "/metrics", auth=(name, PASSWORD))

        wait_until(lambda: told("auditor")[0]["beacon"] >= 1, what="the finding is counted")
        figures, metrics = told("auditor")
        self.assertEqual({k: v for k, v in figures.items() if v}, {"beacon": figures["beacon"]})
        self.assertEqual(len(figures), 8)
        for line in (f'tocsin_findings_total{{detector="beacon"}} {figures["beacon"]}',
                     'tocsin_findings_total{detector="made-names"} 0',
                     "tocsin_findings_dropped_total 0", "tocsin_findings_crowded_total 0"):
            self.assertIn(line, metrics.body.decode())
        figures, metrics = told("reader")
        self.assertIsNone(figures)
        self.assertNotIn(b"tocsin_findings", metrics.body)

    # D-49: what [analytics] cannot mean is named before the node starts.
    def test_what_the_configuration_cannot_mean_is_named(self):
        many = " ".join(f"198.51.100.{i}" for i in range(65))
        for key, value, says in (
                ("detectors", "beacon, bacon", "'bacon' is no detector"),
                ("detectors", ",", "'' is no detector"),
                ("own", "www.example.org", "www.example.org is no address or network"),
                ("own", "198.51.100.0/33", "198.51.100.0/33 is no address or network"),
                ("own", many, "at most 64")):
            self.n.configure("analytics", **{"detectors": "all", "own": "none", key: value})
            done = self.n.cli("config", "check", self.n.dir, check=False)
            self.assertEqual(done.returncode, 2, value)
            self.assertIn(f"[analytics] {key}: {says}", done.stderr.decode())
        self.n.configure("analytics", own=many.rsplit(" ", 1)[0])
        self.n.cli("config", "check", self.n.dir)

    # D-49: in a day of a real camera's traffic its regular calls to its maker's service are found,
    # and nothing in what the world sends it, nor in its neighbour's answers.
    def test_what_is_found_in_real_events_is_there(self):
        if not os.path.exists(REAL):
            skip(f"{REAL} is not there")
        self.n.serve()
        with open(REAL, encoding="utf-8") as f, open(self.log, "a", encoding="utf-8") as log:
            log.write(f.read())
        wait_until(lambda: self.n.request("GET", "/api/v1/sources", auth=("admin", PASSWORD)).json()
                   ["items"][0]["lines"] == 5000, what="all is read")
        wait_until(lambda: len(self.notes()) >= 3, what="three findings")
        self.assertEqual({n["abstract"].split(",")[0] for n in self.notes()},
                         {f"Regular connections of 192.168.1.129 to {there}" for there in (
                             "122.248.234.231 port 8760", "122.248.252.67 port 8760",
                             "122.248.252.67 port 9765")})


if __name__ == "__main__":
    main()
