# SPDX-License-Identifier: Apache-2.0
"""Patterns that are more than a set of values, on the events of a running node: what makes one true
is a sighting that names the events which witness it."""

import json
import subprocess

from node import TOCSIN, main, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator


class LivePatterns(Sensed):
    def objects(self):
        """The newest of everything, by id."""
        found, path, start = {}, "/intel/collections/all/objects/?limit=1000", ""
        while True:
            page = self.n.request("GET", path + start, auth=("admin", PASSWORD),
                                  headers={"Accept": "application/taxii+json;version=2.1"}).json()
            found.update((o["id"], o) for o in page.get("objects", []))
            if not page.get("more"):
                return found
            start = "&next=" + page["next"]

    def web(self, host, url, port=80, **more):
        self.see(event_type="http", src_ip="10.0.0.7", src_port=50000, dest_ip="198.51.100.7",
                 dest_port=port, proto="TCP", http={"hostname": host, "http_method": "GET", "url": url,
                                                    "protocol": "HTTP/1.1", **more})

    # D-49: two observations that together make a pattern true; the match names both.
    def test_a_pattern_over_two_events_is_a_sighting_with_both_as_witnesses(self):
        pattern = ("([domain-name:value = 'first.example'] AND "
                   "[network-traffic:dst_port = 4444 AND network-traffic:protocols[*] = 'tcp']) "
                   "WITHIN 30 SECONDS")
        self.take(indicator(1, pattern))
        self.n.serve()
        self.see_name("first.example")
        self.see_name("other.example")
        self.see(event_type="flow", src_ip="10.0.0.7", dest_ip="198.51.100.9", src_port=50001,
                 dest_port=4445, proto="TCP")
        self.see(event_type="flow", src_ip="10.0.0.7", dest_ip="198.51.100.9", src_port=50001,
                 dest_port=4444, proto="TCP")
        wait_until(lambda: self.found() == {1: 1}, what="the pattern is true")
        objects = self.objects()
        (sighting,) = (o for o in objects.values() if o["type"] == "sighting")
        witnesses = [objects[ref] for ref in sighting["observed_data_refs"]]
        self.assertEqual(sighting["sighting_of_ref"], an_id(1))
        self.assertEqual([w["first_observed"] for w in witnesses],
                         ["2026-02-01T00:00:01.000000Z", "2026-02-01T00:00:04.000000Z"])
        self.assertEqual((sighting["first_seen"], sighting["last_seen"]),
                         ("2026-02-01T00:00:01.000000Z", "2026-02-01T00:00:04.000000Z"))
        # They alone make it true.
        bundle = {"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                  "objects": [*witnesses, *(objects[r] for w in witnesses for r in w["object_refs"])]}
        done = subprocess.run([TOCSIN, "pattern", "match", "--lines"], capture_output=True, check=True,
                              input=json.dumps({"pattern": pattern, "observations": [bundle]}).encode())
        self.assertEqual(json.loads(done.stdout)["witnesses"], sighting["observed_data_refs"])

    # D-49: the whole language on what a sensor tells; each pattern is true of what it should be.
    def test_what_events_tell_can_be_asked_for_in_the_whole_language(self):
        patterns = {
            1: "[domain-name:value = 'asked.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']",
            2: "[domain-name:value LIKE '%.like-that.example']",
            3: "[url:value MATCHES '^http://[a-z.]+/gate/[0-9]{3}\\\\.php$']",
            4: "[file:name = 'evil.exe' AND file:size > 1000]",
            5: "[file:name MATCHES '^inv.*\\\\.(doc|xls)$']",
            6: "[network-traffic:dst_ref.value ISSUBSET '203.0.113.0/24' AND network-traffic:dst_port IN (8080, 8081)]",
            7: "[domain-name:value = 'one.example'] FOLLOWEDBY [domain-name:value = 'two.example'] WITHIN 60 SECONDS",
            8: "[domain-name:value = 'again.example'] REPEATS 3 TIMES WITHIN 60 SECONDS",
            9: "[x509-certificate:issuer = 'CN=Bad \"CA\"' AND x509-certificate:serial_number = '01:02']",
            10: "[email-message:from_ref.value = 'a@bad.example' AND email-message:subject LIKE '%invoice%']",
            11: "[network-traffic:extensions.'http-request-ext'.request_method = 'post' AND "
                "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Bad/2']",
            12: "[network-traffic:src_byte_count > 1000000 AND network-traffic:dst_port = 22 AND "
                "network-traffic:dst_ref.value = '192.0.2.22']",
            13: "[domain-name:value = 'two.example'] FOLLOWEDBY [domain-name:value = 'one.example'] WITHIN 60 SECONDS",
            14: "[ipv4-addr:value != '10.0.0.7' AND ipv4-addr:value LIKE '203.0.113.%'] START t'2026-02-01T00:00:00Z' STOP t'2026-02-02T00:00:00Z'",
            15: "[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF84270' AND file:size = 9]",
            16: "[mutex:name = 'never'] AND [domain-name:value = 'one.example']",
            99: "[domain-name:value = 'last.example']",
        }
        self.take(*(indicator(n, p) for n, p in patterns.items()))
        self.n.serve()
        flow = {"event_type": "flow", "src_ip": "10.0.0.7", "src_port": 40000, "proto": "TCP"}
        self.see(event_type="dns", src_ip="10.0.0.1", dest_ip="10.0.0.7", dns={
            "type": "answer", "rrname": "Asked.example", "answers": [
                {"rrname": "asked.example", "rrtype": "CNAME", "rdata": "there.example"},
                {"rrname": "there.example", "rrtype": "A", "rdata": "192.0.2.1"}]})
        self.see_name("a.like-that.example")
        self.see_name("like-that.example")
        self.web("www.example", "/gate/123.php")
        self.web("www.example", "/gate/12.php")
        self.see(event_type="fileinfo", src_ip="10.0.0.7", dest_ip="192.0.2.9",
                 fileinfo={"filename": "/x/evil.exe", "size": 2000})
        self.see(event_type="fileinfo", src_ip="10.0.0.7", dest_ip="192.0.2.9",
                 fileinfo={"filename": "/x/evil.exe", "size": 900, "md5": "a" * 32})
        self.see(event_type="fileinfo", src_ip="10.0.0.7", dest_ip="192.0.2.9",
                 fileinfo={"filename": "invoice.xls", "size": 9, "md5": "d41d8cd98f00b204e9800998ecf84270"})
        self.see(**flow, dest_ip="203.0.113.9", dest_port=8081)
        self.see(**flow, dest_ip="203.0.114.9", dest_port=8081)
        self.see_name("one.example")
        self.see_name("two.example")
        for _ in range(3):
            self.see_name("again.example")
        self.see(event_type="tls", src_ip="10.0.0.7", dest_ip="192.0.2.9", tls={
            "issuerdn": 'CN=Bad "CA"', "serial": "01:02", "fingerprint": "ab:" * 19 + "ab"})
        self.see(event_type="smtp", src_ip="10.0.0.7", dest_ip="192.0.2.9",
                 email={"from": "A <a@bad.example>", "to": ["b@here.example"], "subject": "Your invoice"})
        self.see(event_type="http", src_ip="10.0.0.7", dest_ip="192.0.2.9", dest_port=80, proto="TCP",
                 http={"hostname": "h.example", "url": "/", "http_method": "POST", "http_user_agent": "Bad/2"})
        self.see(**flow, dest_ip="192.0.2.22", dest_port=22,
                 flow={"bytes_toserver": 2000000, "bytes_toclient": 5, "pkts_toserver": 9})
        self.see_name("last.example")
        wait_until(lambda: self.found().get(99) == 1, what="the last event is matched")
        self.assertEqual(self.found(), {n: 1 for n in patterns if n not in (13, 16)})

    # US-01: what the index finds is not counted twice, what is found again is the same sighting.
    def test_what_is_found_again_is_one_sighting_and_nothing_counts_twice(self):
        self.take(indicator(1, "[domain-name:value = 'plain.example' OR mutex:name = 'a-mutex']"),
                  indicator(2, "[domain-name:value = 'b.example' OR (url:value LIKE '%://b.example/x%')]"),
                  indicator(3, "[domain-name:value LIKE 'flood-%.example']"),
                  indicator(99, "[domain-name:value = 'last.example']"))
        self.n.serve()
        self.see_name("plain.example")
        self.web("b.example", "/x1")
        with open(self.log, "a") as f:
            for i in range(3000):
                f.write(json.dumps({"timestamp": "2026-02-01T00:10:00.000000+0000", "event_type": "dns",
                                    "dns": {"type": "query", "rrname": f"flood-{i}.example"}}) + "\n")
        self.see_name("last.example")
        wait_until(lambda: self.found().get(99) == 1 and self.found().get(3) == 3000, what="all is counted")
        self.assertEqual(self.found(), {1: 1, 2: 2, 3: 3000, 99: 1})
        sightings = [o for o in self.objects().values() if o["type"] == "sighting"]
        self.assertEqual(sorted(s["count"] for s in sightings), [1, 1, 1, 1, 3000])

    # US-01: it comes, goes and is held back as what the index has.
    def test_a_pattern_that_comes_or_goes_counts_or_not(self):
        pattern = "[domain-name:value LIKE '%.goes.example']"
        self.take(indicator(1, pattern), indicator(99, "[domain-name:value = 'last.example']"))
        self.n.serve()

        def see_both(count):
            self.see_name("a.goes.example")
            self.see_name("last.example")
            wait_until(lambda: self.found().get(99) == count, what="the last is matched")
            return self.found().get(1, 0)

        self.assertEqual(see_both(1), 1)
        self.n.cli("indicator", "quarantine", self.n.dir, an_id(1), "--reason", "to look at it")
        self.assertEqual(see_both(2), 1)
        self.n.cli("indicator", "release", self.n.dir, an_id(1), "--reason", "it is fine")
        wait_until(lambda: see_both(self.found()[99] + 1) == 2, what="it is matched again")
        now = self.found()[99]
        self.take(indicator(1, pattern, 2, revoked=True))
        self.assertEqual(see_both(now + 1), 2)
        self.take(indicator(1, pattern, 3))
        wait_until(lambda: see_both(self.found()[99] + 1) == 3, what="its newest version is matched")

    # D-49: a pattern that cannot be matched says why; one that can, how.
    def test_an_indicator_says_how_it_is_matched(self):
        cases = {
            1: ("[domain-name:value = 'a.example']", "values", None),
            2: ("[domain-name:value LIKE 'abc.%.example']", "events", None),
            3: ("[domain-name:value = 'a.example' OR url:value LIKE '%/abc-%']", "both", None),
            4: ("[mutex:name = 'a-mutex']", "no", "no event of a sensor"),
            5: ("[domain-name:value = 'a.example' OR mutex:name = 'a-mutex']", "values", "no event of a sensor"),
            6: ("[domain-name:value MATCHES '(']", "no", "not a regular expression"),
            7: ("[url:value LIKE '%a%'] REPEATS 5000 TIMES", "no", "more than 4096"),
        }
        self.take(*(indicator(n, p) for n, (p, _, _) in cases.items()))
        self.n.serve()
        self.see_name("abc.d.example")
        wait_until(lambda: self.found().get(2) == 1, what="an event is matched")
        for n, (_, matched, reason) in cases.items():
            shown = self.n.request("GET", f"/api/v1/indicators/{an_id(n)}", auth=("admin", PASSWORD)).json()
            self.assertEqual(shown["matched"], matched, n)
            if reason:
                self.assertIn(reason, shown["matched_reason"], n)
            else:
                self.assertNotIn("matched_reason", shown)
        self.assertRegex(self.n.cli("indicator", "show", self.n.dir, an_id(2)).stdout.decode(), r"\nby +events\n")

        def figures():
            return self.n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()["patterns"]
        wait_until(lambda: figures()["matches"] == 1, what="the status has it")
        self.assertEqual({k: figures()[k] for k in ("armed", "never", "refused", "disarmed", "waiting")},
                         {"armed": 2, "never": 2, "refused": 2, "disarmed": 0, "waiting": 0})
        metrics = self.n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
        self.assertIn('tocsin_patterns{state="armed"} 2', metrics)
        self.assertIn("tocsin_pattern_matches_total 1", metrics)

    # D-49, T-F: a pattern that eats time is put aside with an alarm; the others go on.
    def test_a_pattern_that_takes_too_much_work_is_disarmed_and_the_others_go_on(self):
        self.take(indicator(1, "[url:value MATCHES '^http://a.example/good/(a|aa)+$']"),
                  indicator(2, "[url:value LIKE '%/good/%']"))
        self.n.serve()
        for i in range(20):
            self.second = 0
            self.web("a.example", "/good/" + "a" * 3000 + f"!{i}")
        wait_until(lambda: self.found() == {2: 20}, what="the good one is matched", timeout=120)
        wait_until(lambda: self.n.alarms() == ["patterns-disarmed"], what="the alarm")
        self.assertIn(an_id(1), json.dumps(self.n.status_file()["alarms"]))
        self.web("a.example", "/good/1")
        wait_until(lambda: self.found() == {2: 21}, what="the good one goes on")

    # A match that was begun before the intake process died is not made up: only what comes counts.
    def test_what_was_kept_is_lost_with_the_process_and_single_events_are_not(self):
        self.take(indicator(1, "[domain-name:value = 'one.example'] FOLLOWEDBY [domain-name:value = 'two.example']"),
                  indicator(2, "[domain-name:value LIKE 'on%.example']"),
                  indicator(99, "[domain-name:value = 'last.example']"))
        self.n.serve()
        self.see_name("one.example")
        self.see_name("last.example")
        wait_until(lambda: self.found() == {2: 1, 99: 1}, what="the first is seen")
        self.n.kill_role("intake")
        self.see_name("two.example")
        self.see_name("last.example")
        wait_until(lambda: self.found().get(99) == 2, what="the second is seen")
        self.assertEqual(self.found(), {2: 1, 99: 2})
        self.see_name("one.example")
        self.see_name("two.example")
        wait_until(lambda: self.found() == {1: 1, 2: 2, 99: 2}, what="both are seen")


if __name__ == "__main__":
    main()
