# SPDX-License-Identifier: Apache-2.0
"""The guard: what would match nearly everything, or what everybody uses, is not matched until a
person has looked at it, whoever sent it."""

import json

from node import main, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator

EMPTY = {
    "MD5": "d41d8cd98f00b204e9800998ecf8427e",
    "SHA-1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "SHA-256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
BAD = [
    "[ipv4-addr:value = '8.8.8.8']",
    "[ipv4-addr:value = '1.1.1.1']",
    "[ipv4-addr:value = '0.0.0.0/0']",
    "[ipv4-addr:value = '10.0.0.0/8']",
    "[ipv4-addr:value = '192.168.7.7']",
    "[ipv4-addr:value = '8.8.0.0/16']",
    "[ipv6-addr:value = '::/0']",
    "[ipv6-addr:value = '2001:4860:4860::8888']",
    "[domain-name:value = 'com']",
    "[domain-name:value = 'co.uk']",
    "[domain-name:value = 'localhost']",
    "[domain-name:value = 'microsoft.com']",
    "[url:value = 'https://www.google.com/']",
    *(f"[file:hashes.'{kind}' = '{value}']" for kind, value in EMPTY.items()),
    # One bad value among good ones holds all of it back: nothing of it is half known.
    "[domain-name:value = 'good.example' OR domain-name:value = 'org']",
]


class Guard(Sensed):
    def setUp(self):
        super().setUp()
        self.n.add_user("reader", "reader", PASSWORD)

    def see_all(self):
        """What all of BAD would match; last of all the name that is known."""
        for address in ("8.8.8.8", "1.1.1.1", "10.1.2.3", "192.168.7.7", "2001:4860:4860::8888"):
            self.see(event_type="flow", src_ip="198.51.100.9", dest_ip=address, proto="UDP")
        for name in ("a.com", "b.co.uk", "localhost", "www.microsoft.com", "good.example", "x.org"):
            self.see(event_type="dns", dns={"type": "query", "rrname": name})
        self.see(event_type="http", http={"hostname": "www.google.com", "url": "/"})
        self.see(event_type="fileinfo", fileinfo={
            "filename": "/x", "md5": EMPTY["MD5"], "sha1": EMPTY["SHA-1"],
            "sha256": EMPTY["SHA-256"], "size": 0})
        self.see(event_type="dns", dns={"type": "query", "rrname": "known.example"})

    def show(self, number):
        return json.loads(self.n.cli("indicator", "show", self.n.dir, an_id(number),
                                     "--json").stdout)

    def decide(self, verb, number, reason):
        return self.n.cli("indicator", verb, self.n.dir, an_id(number), "--reason", reason)

    # Whoever is told that it is released is told the truth: the matching has it.
    def assert_matching_goes_by_what_was_answered(self):
        def views():
            status = self.n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()
            return status["ledger"]["size"], [v["cursor"] for v in status["views"]]

        for verb in ("release", "quarantine") * 10:
            size, _ = views()
            answer = self.n.request(
                "POST", f"/api/v1/indicators/{an_id(2)}/{verb}",
                body=json.dumps({"reason": "again"}),
                headers={"Content-Type": "application/json"}, auth=("admin", PASSWORD))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertGreater(min(views()[1]), size)

    # G12, T-F5: nothing of it is matched silently; each is listed with the reason.
    def test_what_would_match_everything_is_held_back_with_the_reason(self):
        self.take(indicator(99, "[domain-name:value = 'known.example']"),
                  *(indicator(k, pattern) for k, pattern in enumerate(BAD)))
        self.n.serve()
        self.see_all()
        wait_until(lambda: self.found().get(99) == 1, what="the last event is matched")
        self.assertEqual(self.found(), {99: 1})
        held = json.loads(self.n.cli("indicator", "list", self.n.dir, "--quarantined", "true",
                                     "--limit", "100", "--json").stdout)["items"]
        self.assertEqual({i["id"] for i in held}, {an_id(k) for k in range(len(BAD))})
        for item in held:
            self.assertTrue(item["reason"], item)
            self.assertFalse(item["active"])
            self.assertNotIn("decided_by", item)
        self.assertIn("8.8.8.8", self.show(0)["reason"])
        self.assertIn(b"quarantined", self.n.cli("indicator", "show", self.n.dir, an_id(0)).stdout)
        free = self.n.request("GET", "/api/v1/indicators?quarantined=false",
                              auth=("reader", PASSWORD)).json()["items"]
        self.assertEqual([i["id"] for i in free], [an_id(99)])

    # G12: a person releases it, which is recorded; a later version with another pattern is judged
    # anew; a quarantine by hand ends matching; a rebuild comes to the same.
    def test_a_person_releases_and_quarantines(self):
        self.take(indicator(1, "[ipv4-addr:value = '8.8.8.8']"),
                  indicator(2, "[domain-name:value = 'known.example']"),
                  indicator(3, "[domain-name:value = 'end.example']"))
        self.n.serve()
        self.decide("release", 1, "used for tunnelling by this actor")
        for who, status in (("reader", 403), ("admin", 200)):
            answer = self.n.request(
                "POST", f"/api/v1/indicators/{an_id(2)}/quarantine",
                body=json.dumps({"reason": "it is ours"}),
                headers={"Content-Type": "application/json"}, auth=(who, PASSWORD))
            self.assertEqual(answer.status, status, answer.body)

        def events():
            self.see(event_type="flow", src_ip="198.51.100.9", dest_ip="8.8.8.8", proto="UDP")
            for name in ("known.example", "end.example"):
                self.see(event_type="dns", dns={"type": "query", "rrname": name})

        events()
        wait_until(lambda: self.found().get(3) == 1, what="the last is matched")
        self.assertEqual(self.found(), {1: 1, 3: 1})
        self.assertEqual(
            {k: self.show(1)[k] for k in ("active", "quarantined", "reason", "decided_by")},
            {"active": True, "quarantined": False, "decided_by": "local",
             "reason": "used for tunnelling by this actor"})
        self.assertEqual(
            {k: self.show(2)[k] for k in ("active", "quarantined", "reason", "decided_by")},
            {"active": False, "quarantined": True, "decided_by": "admin", "reason": "it is ours"})

        self.assert_matching_goes_by_what_was_answered()

        # Another pattern under a released id; a newer version of what was put away.
        self.take(indicator(1, "[ipv4-addr:value = '8.8.8.0/24']", 2),
                  indicator(2, "[domain-name:value = 'known.example']", 2))
        events()
        wait_until(lambda: self.found().get(3) == 2, what="the last is matched")
        self.assertEqual(self.found(), {1: 1, 3: 2})
        self.assertTrue(self.show(1)["quarantined"])

        self.decide("release", 2, "it was not ours")
        self.decide("quarantine", 3, "too noisy")
        self.decide("release", 3, "fixed")
        self.assertEqual(self.n.stop(), 0)
        self.n.cli("rebuild", self.n.dir)
        self.n.serve()
        events()
        wait_until(lambda: self.found().get(3) == 3, what="the last is matched")
        self.assertEqual(self.found(), {1: 1, 2: 1, 3: 3})

    def test_only_indicators_that_are_here_are_decided_about(self):
        for verb in ("release", "quarantine"):
            done = self.n.cli("indicator", verb, self.n.dir, an_id(1), "--reason", "none",
                              check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"no indicator", done.stderr)
            self.assertEqual(
                self.n.cli("indicator", verb, self.n.dir, an_id(1), check=False).returncode, 2)


if __name__ == "__main__":
    main()
