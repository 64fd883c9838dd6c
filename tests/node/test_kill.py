# SPDX-License-Identifier: Apache-2.0
"""Nothing that was acknowledged is lost, whichever process dies whenever."""

import http.client
import json
import os
import random
import threading
import time
import unittest
import uuid

from node import Node, main, seed, wait_until

TAXII = "application/taxii+json;version=2.1"
PASSWORD = "a long enough password"
KILLS = int(os.environ.get("TOCSIN_KILLS", "24"))
BATCH = 20


def indicator(rng, value):
    ident = uuid.UUID(int=rng.getrandbits(128), version=4)
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{ident}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "of the test",
        "pattern": f"[domain-name:value = '{value}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
    }


class Writer(threading.Thread):
    """Adds objects over TAXII until told to end, and remembers what was acknowledged."""

    def __init__(self, node, collection, rng, number):
        super().__init__()
        self.node = node
        self.path = f"/intel/collections/{collection}/objects/"
        self.rng = rng
        self.number = number
        self.acknowledged = []
        self.refused = 0
        self.ending = False
        self.unexpected = None

    def post(self, objects):
        headers = {"Content-Type": TAXII, "Accept": TAXII}
        body = json.dumps({"objects": objects})
        answer = self.node.request(
            "POST", self.path, body=body, headers=headers, auth=("writer", PASSWORD)
        )
        if answer.status != 202:
            return []
        return [s["id"] for s in answer.json().get("successes", [])]

    def run(self):
        n = 0
        try:
            while not self.ending:
                objects = []
                for _ in range(BATCH):
                    objects.append(indicator(self.rng, f"x{self.number}-{n}.example.net"))
                    n += 1
                try:
                    done = self.post(objects)
                except (OSError, EOFError, http.client.HTTPException):
                    done = []
                self.refused += not done
                self.acknowledged += done
        except Exception as error:  # shown by the test
            self.unexpected = error


class Importer(Writer):
    """The same by `tocsin import`."""

    def post(self, objects):
        path = os.path.join(self.node.base, f"bundle-{self.number}.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}, f)
        done = self.node.cli("import", self.node.dir, path, check=False)
        return [o["id"] for o in objects] if done.returncode == 0 else []


class Sensor(threading.Thread):
    """Writes events that an indicator matches, one after the other, and counts them."""

    def __init__(self, path, value):
        super().__init__()
        self.path = path
        self.value = value
        self.lines = 0
        self.end = threading.Event()

    def run(self):
        with open(self.path, "a", encoding="ascii") as f:
            while not self.end.wait(0.003):
                now = time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime())
                event = {
                    "timestamp": now,
                    "event_type": "tls",
                    "src_ip": "192.0.2.1",
                    "dest_ip": "192.0.2.2",
                    "proto": "TCP",
                    "tls": {"sni": self.value},
                }
                f.write(json.dumps(event) + "\n")
                f.flush()
                self.lines += 1


class Kill(unittest.TestCase):
    # G13, G23, US-02: what was acknowledged survives kill -9 of any process, under load; what was
    # seen counts once, as sightings and in the history.
    def test_what_was_acknowledged_survives_the_death_of_any_process(self):
        rng = seed()
        with Node().init() as n:
            n.add_user("writer", "analyst", PASSWORD)
            sensor = Sensor(os.path.join(n.base, "eve.json"), "seen.example.org")
            open(sensor.path, "w", encoding="ascii").close()
            n.add_source("sensor", sensor.path, label="TLP:CLEAR")
            n.serve()
            collection = self.collection(n)
            writers = [
                Writer(n, collection, random.Random(rng.random()), 1),
                Writer(n, collection, random.Random(rng.random()), 2),
                Importer(n, collection, random.Random(rng.random()), 3),
            ]
            self.assertTrue(writers[0].post([indicator(rng, sensor.value)]))
            for t in [*writers, sensor]:
                t.start()
            wait_until(lambda: all(w.acknowledged for w in writers), what="every writer writes")
            names = sorted(n.roles())
            for _ in range(KILLS):
                name = rng.choice(names)
                before = n.kill_role(name)
                wait_until(
                    lambda: n.roles().get(name, {}).get("pid") not in (None, 0, before),
                    what=f"{name} is back",
                )
                # Whatever moment of its life it is in next.
                self.until(time.monotonic() + rng.random() * 0.4)
            counts = [len(w.acknowledged) for w in writers]
            wait_until(
                lambda: all(len(w.acknowledged) > c for w, c in zip(writers, counts)),
                timeout=60,
                what="every writer writes again",
            )
            for w in writers:
                w.ending = True
            for w in writers:
                w.join()
                self.assertIsNone(w.unexpected)
            sensor.end.set()
            sensor.join()
            self.assertEqual(n.alarms(), [])
            # Each line once: none lost, none counted twice.
            wait_until(
                lambda: self.seen(n, sensor.value) >= sensor.lines, what="every line is counted"
            )
            self.assertEqual(self.seen(n, sensor.value), sensor.lines)
            # So does the history: two addresses and a name a line.
            wait_until(
                lambda: self.observed(n) >= 3 * sensor.lines, what="the history has every line"
            )
            self.assertEqual(self.observed(n), 3 * sensor.lines)
            self.check(n, collection, [i for w in writers for i in w.acknowledged])
            self.assertEqual(n.stop(), 0)
            n.cli("ledger", "verify", n.dir)

    def until(self, when):
        wait_until(lambda: time.monotonic() >= when, what="a moment")

    def collection(self, n):
        answer = n.request(
            "GET", "/intel/collections/", headers={"Accept": TAXII}, auth=("writer", PASSWORD)
        )
        self.assertEqual(answer.status, 200, answer.body)
        return next(c["id"] for c in answer.json()["collections"] if c["can_write"])

    def seen(self, n, value):
        answer = n.request(
            "GET", "/api/v1/sightings?limit=1000", auth=("writer", PASSWORD)
        )
        return sum(s["count"] for s in answer.json()["items"] if s["value"] == value)

    def observed(self, n):
        status = n.status_file()
        self.assertEqual(status.get("figures", {}).get("history_gaps", 0), 0)
        return status.get("figures", {}).get("history_seen", 0)

    def held(self, n, collection):
        ids, token = set(), None
        connection = n.connection()
        while True:
            path = f"/intel/collections/{collection}/objects/?limit=1000"
            answer = n.request(
                "GET",
                path + (f"&next={token}" if token else ""),
                headers={"Accept": TAXII},
                auth=("writer", PASSWORD),
                connection=connection,
            )
            page = answer.json()
            ids.update(o["id"] for o in page.get("objects", []))
            token = page.get("next")
            if not page.get("more"):
                connection.close()
                return ids

    def check(self, n, collection, acknowledged):
        self.assertEqual(len(acknowledged), len(set(acknowledged)))
        missing = set(acknowledged)

        def all_there():
            missing.difference_update(self.held(n, collection))
            return not missing

        wait_until(all_there, what="every acknowledged object is served")


if __name__ == "__main__":
    main()
