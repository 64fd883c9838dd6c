# SPDX-License-Identifier: Apache-2.0
"""Hunts: what sensors saw is found again, by value, network, pattern and pasted text, as far as the
reader may know of the sensor; and an indicator that comes late says what was seen before."""

import json
import os
import time

from node import main, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator

SECRET = "TLP:RED"


class Hunt(Sensed):
    HISTORY = True

    def setUp(self):
        super().setUp()
        self.n.add_user("reader", "reader", PASSWORD)
        self.secret = os.path.join(self.n.base, "secret.json")
        with open(self.secret, "w", encoding="utf-8"):
            pass
        self.n.add_source("secret", self.secret, label=SECRET)

    def hunt(self, *words, check=False):
        """The events of a hunt at the command line, and its exit code."""
        done = self.n.cli("hunt", self.n.dir, *words, "--json", check=check)
        return [json.loads(line) for line in done.stdout.splitlines()], done.returncode

    def answers(self, *words):
        return [e["answer"] for e in self.hunt(*words)[0] if "answer" in e]

    def by_network(self, text, user="reader"):
        answer = self.n.request("POST", "/api/v1/hunts", body=text.encode(), auth=(user, PASSWORD))
        self.assertEqual(answer.status, 200, answer.body)
        events = []
        for event in answer.body.decode().strip().split("\n\n"):
            kind, data = (line.split(": ", 1)[1] for line in event.split("\n"))
            events.append((kind, json.loads(data)))
        return events

    def seen(self, value):
        return next(a["count"] for a in self.answers(value) if a["value"] == value)

    def show(self, number):
        return json.loads(self.n.cli("indicator", "show", self.n.dir, an_id(number),
                                     "--json").stdout)

    def some_traffic(self):
        for k, host in enumerate(("10.0.0.1", "10.0.0.2", "10.0.0.1")):
            self.see(event_type="flow", src_ip=host, dest_ip="198.51.100.7", proto="TCP")
            self.see(event_type="dns", src_ip=host,
                     dns={"type": "query", "rrname": f"h{k}.evil.example"})
        self.see(event_type="flow", src_ip="10.0.0.3", dest_ip="198.51.100.9", proto="TCP")
        self.see(event_type="http", src_ip="10.0.0.3",
                 http={"hostname": "evil.example", "url": "/gate.php?id=1"})
        log, self.log = self.log, self.secret
        self.see(event_type="flow", src_ip="10.0.0.9", dest_ip="198.51.100.7", proto="TCP")
        self.log = log
        wait_until(lambda: self.seen("198.51.100.7") == 4, what="the history has all of it")

    # D-50, US-02: values are found again, whatever they are written as; never seen is an answer.
    def test_what_was_seen_is_found_by_value_network_name_and_pattern(self):
        self.n.serve()
        self.some_traffic()
        text = "beacons to 198.51.100[.]7, see hxxp://evil[.]example/gate.php?id=1 and never[.]example"
        events, code = self.hunt(text)
        self.assertEqual(code, 0)
        self.assertEqual([e["value"]["value"] for e in events if "value" in e],
                         ["198.51.100.7", "http://evil.example/gate.php?id=1", "evil.example",
                          "never.example"])
        found = {a["value"]: a for a in (e["answer"] for e in events if "answer" in e)}
        self.assertEqual(found["198.51.100.7"]["hosts"], 3)
        self.assertEqual([(s["name"], s["count"]) for s in found["198.51.100.7"]["sources"]],
                         [("secret", 1), ("sensor", 3)])
        self.assertEqual(sum(b["count"] for b in found["198.51.100.7"]["bins"]), 4)
        self.assertEqual(found["198.51.100.7"]["first_seen"], "2026-02-01T00:00:01.000000Z")
        self.assertTrue(found["http://evil.example/gate.php?id=1"]["seen"])
        self.assertTrue(found["h2.evil.example"]["seen"])
        self.assertFalse(found["never.example"]["seen"])
        self.assertEqual({a["value"]: a["count"] for a in self.answers("198.51.100.0/28")},
                         {"198.51.100.0/28": 5, "198.51.100.7": 4, "198.51.100.9": 1})
        self.assertEqual([a["value"] for a in self.answers("[domain-name:value MATCHES '^h[01]']")],
                         ["h0.evil.example", "h1.evil.example"])
        refused = self.answers("[network-traffic:dst_port = 443]")[0]
        self.assertIn("not whole events", refused["refused"])
        self.assertEqual([a["value"] for a in self.answers("evil.example", "--exact")],
                         ["evil.example"])
        self.assertEqual(self.hunt("never.example")[1], 1)
        self.assertEqual(self.hunt("198.51.100.7", "--since", "2026-02-02T00:00:00Z")[1], 1)
        self.assertEqual(self.hunt("nothing to see")[1], 2)
        # The same hunt has the same answers, also of what comes down a pipe.
        self.assertEqual(self.answers(text), self.answers(text))
        piped = self.n.cli("hunt", self.n.dir, "-", "--json", input=text.encode())
        self.assertEqual([json.loads(line) for line in piped.stdout.splitlines()][:-1],
                         self.hunt(text)[0][:-1])

    # P-5: what a source saw is for those who may see the source.
    def test_a_reader_learns_nothing_of_a_source_above_it(self):
        self.n.serve()
        self.some_traffic()
        events = self.by_network("198.51.100.7 10.0.0.9")
        self.assertEqual([kind for kind, _ in events],
                         ["value", "value", "answer", "answer", "end"])
        first, second = (data for kind, data in events if kind == "answer")
        self.assertEqual([s["name"] for s in first["sources"]], ["sensor"])
        self.assertEqual((first["count"], first["hosts"]), (3, 2))
        self.assertFalse(second["seen"])
        self.assertNotIn("secret", json.dumps(events))
        admin = self.by_network("198.51.100.7", "admin")
        self.assertEqual(next(d["count"] for k, d in admin if k == "answer"), 4)
        nothing = self.n.request("POST", "/api/v1/hunts", body=b"nothing", auth=("reader", PASSWORD))
        self.assertEqual(nothing.status, 400)
        self.assertEqual(self.n.request("POST", "/api/v1/hunts", body=b"a.example").status, 401)

    # D-50: an indicator that comes late says what was seen before, once, also over a restart.
    def test_a_late_indicator_is_hunted_for_backwards(self):
        self.n.serve()
        self.some_traffic()
        self.take(indicator(1, "[ipv4-addr:value = '198.51.100.7']"),
                  indicator(2, "[domain-name:value = 'evil.example']"),
                  indicator(3, "[ipv4-addr:value = '203.0.113.1']"))
        wait_until(lambda: self.show(2).get("seen_before") == 4, timeout=60,
                   what="the names below it are found")
        self.assertEqual(self.show(1)["seen_before"], 4)
        self.assertNotIn("seen_before", self.show(3))
        told = [s for s in self.n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD))
                .json()["items"] if s["indicator"]["id"] == an_id(1)]
        self.assertEqual({(s["source"], s["count"], s["label"]) for s in told},
                         {("sensor", 3, "TLP:AMBER"), ("secret", 1, "TLP:RED")})
        whole = json.loads(self.n.cli("show", self.n.dir, told[0]["id"], "--json").stdout)["object"]
        self.assertRegex(whole["description"], r"^seen \d times? before it was known$")
        self.assertIn(b"before it was known  4",
                      self.n.cli("indicator", "show", self.n.dir, an_id(1)).stdout)
        low = self.n.request("GET", f"/api/v1/indicators/{an_id(1)}", auth=("reader", PASSWORD))
        self.assertEqual(low.json()["seen_before"], 3)
        # A newer version and a restart add nothing; what is seen from now on counts as ever.
        self.n.kill()
        self.n.serve()
        self.take(indicator(1, "[ipv4-addr:value = '198.51.100.7']", version=2),
                  indicator(4, "[ipv4-addr:value = '198.51.100.9']"))
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="198.51.100.7", proto="TCP")
        wait_until(lambda: self.show(4).get("seen_before") == 1, timeout=60, what="the next one")
        wait_until(lambda: self.show(1)["hits"] == 5, what="a hit of the stream")
        self.assertEqual(self.show(1)["seen_before"], 4)

    # D-50: what it tells of is bounded, and then it says that there was more.
    def test_more_than_it_tells_of_is_said_to_be_more(self):
        self.n.serve()
        for k in range(120):
            self.see(event_type="dns", src_ip="10.0.0.7",
                     dns={"type": "query", "rrname": f"h{k}.wide.example", "rrtype": "A"})
        wait_until(lambda: len(self.answers("wide.example")) >= 120, what="the history has them")
        self.take(indicator(1, "[domain-name:value = 'wide.example']"))
        wait_until(lambda: self.show(1).get("seen_before") == 100, timeout=60, what="what it tells of")
        self.assertTrue(self.show(1)["seen_before_more"])
        self.assertIn(b"before it was known  100+",
                      self.n.cli("indicator", "show", self.n.dir, an_id(1)).stdout)

    # D-50: so is one whose pattern is more than values, over one kind; of another it is said why not.
    def test_a_late_pattern_is_hunted_for_backwards_or_it_is_said_why_not(self):
        self.n.serve()
        self.some_traffic()
        self.take(indicator(1, "[domain-name:value MATCHES '^h[12]' AND domain-name:value LIKE '%.example']"),
                  indicator(2, "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value = 'x.example']"),
                  indicator(3, "[domain-name:value = 'evil.example']"))
        wait_until(lambda: self.show(1).get("seen_before") == 2, timeout=60, what="the two names")
        self.assertNotIn("hunted_reason", self.show(1))
        self.assertNotIn("hunted_reason", self.show(3))
        self.assertIn("not whole events", self.show(2)["hunted_reason"])
        self.assertNotIn("seen_before", self.show(2))
        self.assertRegex(self.n.cli("indicator", "show", self.n.dir, an_id(2)).stdout.decode(),
                         r"not hunted back +its comparisons are of several types")
        # A restart and a newer version with the same pattern add nothing.
        self.n.kill()
        self.n.serve()
        self.take(indicator(1, "[domain-name:value MATCHES '^h[12]' AND domain-name:value LIKE '%.example']",
                            version=2),
                  indicator(4, "[domain-name:value LIKE 'h0.%']"))
        wait_until(lambda: self.show(4).get("seen_before") == 1, timeout=60, what="the next one")
        self.assertEqual(self.show(1)["seen_before"], 2)

    # G12: what is held back is not hunted for until a person releases it.
    def test_a_released_indicator_is_hunted_for(self):
        self.n.serve()
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="8.8.8.8", proto="UDP")
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="198.51.100.9", proto="UDP")
        wait_until(lambda: self.seen("198.51.100.9") == 1, what="the history has it")
        self.take(indicator(1, "[ipv4-addr:value = '8.8.8.8']"),
                  indicator(2, "[ipv4-addr:value = '198.51.100.9']"))
        wait_until(lambda: self.show(2).get("seen_before") == 1, timeout=60, what="the good one")
        self.assertNotIn("seen_before", self.show(1))
        self.n.cli("indicator", "release", self.n.dir, an_id(1), "--reason", "we want to know")
        wait_until(lambda: self.show(1).get("seen_before") == 1, timeout=60, what="the released one")

    # D-50: beside where a value was seen the indicators that match it are listed, of a name above it
    # and of a network around it too, also those that are held back.
    def test_an_answer_lists_the_indicators_that_match_it(self):
        self.n.serve()
        self.take(indicator(1, "[ipv4-addr:value = '198.51.100.0/24']"),
                  indicator(2, "[domain-name:value = 'evil.example']"),
                  indicator(3, "[ipv4-addr:value = '0.0.0.0/0']"))
        (address, name) = self.answers("198.51.100.7 h1.evil[.]example")
        self.assertEqual([(i["id"], i["matches"], i["active"]) for i in address["indicators"]],
                         [(an_id(1), "198.51.100.0/24", True), (an_id(3), "0.0.0.0/0", False)])
        self.assertEqual([(i["id"], i["matches"]) for i in name["indicators"]],
                         [(an_id(2), "evil.example")])
        said = self.n.cli("hunt", self.n.dir, "h1.evil.example", "evil.example", check=False).stdout
        self.assertIn(f"\tevil.example is named by {an_id(2)} (active) Number 2\n".encode(), said)
        self.assertIn(f"\tnamed by {an_id(2)} (active) Number 2\n".encode(), said)

    # D-50, P-5: a saved hunt says by itself what came since it was answered, in the history's
    # seconds; of a source above the reader nothing counts.
    def test_a_saved_hunt_says_what_is_new(self):
        self.n.add_user("analyst", "contributor", PASSWORD)
        self.n.serve()

        def post(path, body):
            answer = self.n.request("POST", f"/api/v1/saved-hunts{path}", auth=("analyst", PASSWORD),
                                    headers={"Content-Type": "application/json"},
                                    body=json.dumps(body).encode())
            self.assertEqual(answer.status, 200, answer.body)

        post("", {"name": "live",
                  "text": "198.51.100.0/24 evil.example [domain-name:value LIKE 'x%']"})

        def listed(user):
            (item,) = self.n.request("GET", "/api/v1/saved-hunts", auth=(user, PASSWORD)).json()["items"]
            return item

        def at(seconds=0):
            return time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime(time.time() + seconds))

        self.assertEqual((listed("analyst")["news"], listed("analyst")["more"]), (0, False))
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="198.51.100.7", proto="TCP", timestamp=at())
        for name in ("h1.evil.example", "xyz.example", "other.example"):
            self.see(event_type="dns", dns={"type": "query", "rrname": name}, timestamp=at())
        self.log = self.secret
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="198.51.100.8", proto="TCP", timestamp=at())
        wait_until(lambda: listed("admin")["news"] == 4, what="what is new for who sees all")
        self.assertEqual(listed("analyst")["news"], 3)
        self.assertIn("last_new", listed("analyst"))
        said = self.n.cli("hunt", "list", self.n.dir, "--json").stdout
        self.assertEqual(json.loads(said)["items"][0]["news"], 4)
        # What was answered is not new; it is a question, and so neither sighting nor alarm.
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        post("/live/answered", {"until": until})
        wait_until(lambda: listed("admin")["news"] == 0, what="all is answered")
        self.see(event_type="flow", src_ip="10.0.0.1", dest_ip="198.51.100.8", proto="TCP", timestamp=at(3))
        wait_until(lambda: listed("admin")["news"] == 1, what="the next")
        self.assertEqual(listed("analyst")["news"], 0)
        self.assertEqual((self.found(), self.n.alarms()), ({}, []))

    # D-50: a saved hunt tells what is new since it was answered; others' are not there.
    def test_a_saved_hunt_is_run_again(self):
        self.n.serve()
        self.some_traffic()
        self.n.cli("hunt", "save", self.n.dir, "beacon", "198.51.100[.]7", "never[.]example")
        listed = json.loads(self.n.cli("hunt", "list", self.n.dir, "--json").stdout)["items"]
        self.assertEqual([(h["name"], h["by"]) for h in listed], [("beacon", "local")])
        self.assertEqual(self.n.cli("hunt", "run", self.n.dir, "beacon", "--new").returncode, 0)
        self.assertEqual(
            self.n.cli("hunt", "run", self.n.dir, "beacon", "--new", check=False).returncode, 1)
        self.assertEqual(self.n.cli("hunt", "run", self.n.dir, "beacon").returncode, 0)
        self.assertEqual(self.n.request("GET", "/api/v1/saved-hunts", auth=("reader", PASSWORD))
                         .json()["items"], [])
        refused = self.n.request("DELETE", "/api/v1/saved-hunts/beacon", auth=("reader", PASSWORD))
        self.assertEqual(refused.status, 403)
        self.n.cli("hunt", "remove", self.n.dir, "beacon")
        self.assertEqual(
            self.n.cli("hunt", "run", self.n.dir, "beacon", check=False).returncode, 2)


if __name__ == "__main__":
    main()
