# SPDX-License-Identifier: Apache-2.0
"""What is matched, while a node runs: an indicator that comes, goes or ends counts or stops counting
for the next event, whichever process reads it, and what is found says which indicator it was."""

import json
import urllib.parse

from node import main, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator

JA3 = "b7202231ff2db28363c109cedc6d1642"
JA4 = "t13d1516h2_8daaf6152771_e5627efa2ab1"
CERTIFICATE = "2dd19f809986fcac5f2a2afda3f37e967cdd2437"
AGENT = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"


class Matching(Sensed):
    # US-01: an add, a revocation or an expiry matches or stops matching at once.
    def test_what_comes_or_goes_counts_or_not_for_the_next_event(self):
        stays = indicator(1, "[domain-name:value = 'stays.example']")
        self.take(stays)
        self.n.serve()
        self.see_name("new.example")
        self.see_name("a.stays.example")
        wait_until(lambda: self.found() == {1: 1}, what="one is known")

        self.take(indicator(2, "[domain-name:value = 'new.example']"))
        self.see_name("new.example")
        wait_until(lambda: self.found() == {1: 1, 2: 1}, what="the new one is matched")

        self.take(indicator(2, "[domain-name:value = 'new.example']", 2, revoked=True))
        self.see_name("new.example")
        self.see_name("stays.example")
        wait_until(lambda: self.found().get(1) == 2, what="the other is matched")
        self.assertEqual(self.found(), {1: 2, 2: 1})

        self.take({**stays, "modified": "2026-01-03T00:00:00.000Z",
                   "valid_until": "2026-01-04T00:00:00Z"},
                  indicator(3, "[domain-name:value = 'last.example']"))
        self.see_name("stays.example")
        self.see_name("last.example")
        wait_until(lambda: self.found().get(3) == 1, what="the last is matched")
        self.assertEqual(self.found(), {1: 2, 2: 1, 3: 1})

    # US-01: certificates, JA3, JA4 and user agents; a hit leads to its indicator's object, label,
    # source and confidence.
    def test_fingerprints_are_matched_and_say_whose_they_are(self):
        self.take(indicator(1, f"[x509-certificate:hashes.'SHA-1' = '{CERTIFICATE}']", confidence=71),
                  indicator(2, f"[network-traffic:x_ja3 = '{JA3}']", confidence=72),
                  indicator(3, f"[network-traffic:x_ja4 = '{JA4}']", confidence=73),
                  indicator(4, f"[{AGENT} = 'Bad/1']", confidence=74))
        self.n.serve()
        colons = ":".join(CERTIFICATE[i:i + 2] for i in range(0, 40, 2))
        self.see(event_type="tls", tls={"sni": "a.example", "fingerprint": colons, "ja4": JA4,
                                        "ja3": {"hash": JA3, "string": "771"}})
        self.see(event_type="http", http={"hostname": "a.example", "url": "/",
                                          "http_user_agent": "Bad/1"})
        wait_until(lambda: self.found() == {1: 1, 2: 1, 3: 1, 4: 1}, what="all are matched")
        answer = self.n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD)).json()
        self.assertEqual(
            {(i["value_type"], i["value"]) for i in answer["items"]},
            {("x509-certificate", CERTIFICATE), ("software", f"JA3 {JA3}"),
             ("software", f"JA4 {JA4}"), ("software", "Bad/1")})

        def indicators():
            answer = self.n.request("GET", "/api/v1/indicators", auth=("admin", PASSWORD))
            return answer.json()["items"]

        # Hits are counted by a view, which follows.
        wait_until(lambda: all(i["hits"] == 1 for i in indicators()), what="all hits are counted")
        self.assertEqual(
            {(i["id"], i["confidence"], i["label"], i["hits"]) for i in indicators()},
            {(an_id(k), 70 + k, "TLP:CLEAR", 1) for k in range(1, 5)})
        for item in indicators():
            self.assertTrue(item["source"])

    # US-02: a hit names each indicator that matched, with its label, where it came from and how sure that is.
    def test_a_hit_says_what_the_indicator_is_worth(self):
        self.take(indicator(1, "[domain-name:value = 'one.example']", confidence=77),
                  indicator(2, "[domain-name:value = 'a.one.example']"))
        self.n.serve()
        self.see_name("a.one.example")
        wait_until(lambda: self.found() == {1: 1, 2: 1}, what="both are matched")
        items = self.n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD)).json()["items"]
        told = {i["indicator"]["id"]: i["indicator"] for i in items}
        self.assertEqual([told[an_id(k)].get("confidence") for k in (1, 2)], [77, None])
        self.assertEqual({(i["label"], i["source"]) for i in told.values()}, {("TLP:CLEAR", "local")})
        self.assertEqual({i["source"] for i in items}, {"sensor"})

    # US-02: what one indicator met, page by page, apart from what the others met.
    def test_sightings_of_one_indicator(self):
        self.take(indicator(1, "[domain-name:value = 'one.example']"),
                  indicator(2, "[domain-name:value = 'two.example']"))
        self.n.serve()
        for name in ("a.one.example", "b.one.example", "two.example", "c.one.example"):
            self.see_name(name)
        wait_until(lambda: self.found() == {1: 3, 2: 1}, what="all are matched")

        def ask(**query):
            return self.n.request("GET", "/api/v1/sightings?" + urllib.parse.urlencode(query),
                                  auth=("admin", PASSWORD))

        values, token = [], None
        while not values or token:
            page = ask(indicator=an_id(1), limit=2, **({"next": token} if token else {})).json()
            self.assertEqual({i["indicator"]["id"] for i in page["items"]}, {an_id(1)})
            values += [i["value"] for i in page["items"]]
            token = page.get("next")
            if token:  # of this list and of no other
                self.assertEqual(ask(indicator=an_id(2), limit=2, next=token).status, 400)
        self.assertEqual(values, ["c.one.example", "b.one.example", "a.one.example"])
        self.assertEqual(ask(indicator=an_id(3)).json(), {"items": []})
        self.assertEqual(
            [i["value"] for i in json.loads(self.n.cli(
                "sighting", "list", self.n.dir, "--indicator", an_id(2), "--json").stdout)["items"]],
            ["two.example"])


if __name__ == "__main__":
    main()
