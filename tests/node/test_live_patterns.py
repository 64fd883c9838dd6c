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


if __name__ == "__main__":
    main()
