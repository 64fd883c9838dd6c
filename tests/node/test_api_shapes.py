# SPDX-License-Identifier: Apache-2.0
"""Every answer of a node at work is what the committed OpenAPI document promises: each member is
there, of its type, of its words, and no other."""

import json
import os
import re
import unittest

from node import Node, main, wait_until
from test_object_swap import agreement, need

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PASSWORD = "correct horse 7"
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "number": float}


class Shapes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ROOT, "doc/openapi.json"), encoding="utf-8") as f:
            cls.document = json.load(f)
        cls.node = Node().init()
        cls.sensor = os.path.join(cls.node.base, "eve.json")
        with open(cls.sensor, "w", encoding="utf-8"):
            pass
        cls.node.add_source("airports", cls.sensor)
        cls.node.add_user("admin", "admin", PASSWORD)
        cls.node.set("two_person", "community.remove")
        cls.node.serve()
        for name in ("supplier-incident.json", "watchlist.csv"):
            cls.node.cli("import", cls.node.dir, os.path.join(ROOT, "samples", name), "--source", "mail")
        with open(os.path.join(ROOT, "samples/airports.eve.json"), "rb") as f:
            lines = f.read()
        with open(cls.sensor, "ab") as f:
            f.write(lines)
        wait_until(lambda: cls.get("/api/v1/sightings")["items"], what="a sighting")
        cls.node.cli("community", "add", cls.node.dir, "isac", "--types", "indicator")
        cls.withdrawn = "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d01"
        bundle = os.path.join(cls.node.base, "wrong.json")
        with open(bundle, "w", encoding="utf-8") as f:
            json.dump({"type": "indicator", "spec_version": "2.1", "id": cls.withdrawn,
                       "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                       "pattern": "[domain-name:value = 'wrong.example']", "pattern_type": "stix",
                       "valid_from": "2026-01-01T00:00:00Z"}, f)
        cls.node.cli("import", cls.node.dir, bundle)
        cls.agreement = agreement(1, cls.node.identity())
        for thing in (cls.agreement, need(1, cls.node.identity())):
            with open(bundle, "w", encoding="utf-8") as f:
                json.dump(thing, f)
            cls.node.cli("import", cls.node.dir, bundle)
        cls.node.cli("agreement", "sign", cls.node.dir, cls.agreement["id"], "--reason", "yes")
        cls.node.cli("withdraw", cls.node.dir, cls.withdrawn, "--reason", "an error")
        cls.purged = cls.withdrawn[:-1] + "2"
        with open(bundle, "w", encoding="utf-8") as f:
            json.dump({"type": "indicator", "spec_version": "2.1", "id": cls.purged,
                       "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                       "pattern": "[domain-name:value = 'spilled.example']", "pattern_type": "stix",
                       "valid_from": "2026-01-01T00:00:00Z"}, f)
        cls.node.cli("import", cls.node.dir, bundle)
        cls.node.cli("purge", cls.node.dir, cls.purged, "--reason", "spilled")
        cls.node.cli("hunt", "save", cls.node.dir, "airports", "198.51.100.7")
        cls.node.cli("token", "add", cls.node.dir, "--user", "admin", "--name", "x", "--expires", "2")
        cls.node.cli("user", "add", cls.node.dir, "acme", "--role", "reader", "--organisation", "acme",
                     "--password-stdin", input=PASSWORD.encode() + b"\n")
        cls.node.cli("member", "certificate", cls.node.dir, "acme",
                     os.path.join(cls.node.dir, "tls/mail.pem"), "--mail", "soc@acme.example")
        cls.node.cli("member", "write", cls.node.dir, "acme", "--out",
                     os.path.join(cls.node.base, "part.json"))
        waits = cls.node.request("DELETE", "/api/v1/communities/isac", auth=("admin", PASSWORD))
        assert waits.status == 202, waits.body

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    @classmethod
    def get(cls, path):
        answer = cls.node.request("GET", path, auth=("admin", PASSWORD))
        assert answer.status == 200, (path, answer.body)
        return answer.json()

    def check(self, schema, value, place):
        if "$ref" in schema:
            schema = {**self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]}
        kind = schema["type"]
        self.assertIsInstance(value, TYPES[kind], place)
        self.assertEqual(isinstance(value, bool), kind == "boolean", place)
        if "enum" in schema:
            self.assertIn(value, schema["enum"], place)
        if "pattern" in schema:
            self.assertRegex(value, schema["pattern"], place)
        if schema.get("format") == "date-time":
            self.assertTrue(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value), place)
        for i, item in enumerate(value if kind == "array" else []):
            self.check(schema["items"], item, f"{place}[{i}]")
        if kind == "object" and "properties" in schema:
            self.assertLessEqual(set(schema.get("required", [])), set(value), place)
            self.assertLessEqual(set(value), set(schema["properties"]), place)
            for key, member in value.items():
                self.check(schema["properties"][key], member, f"{place}.{key}")

    def test_every_answer_has_the_promised_shape(self):
        sighting = self.get("/api/v1/sightings")["items"][0]
        walked = 0
        for path, methods in self.document["paths"].items():
            if "get" not in methods or path in ("/metrics", "/api/v1/events", "/api/v1/openapi.json"):
                continue
            if "{name}" in path:
                continue  # of a peer, which a node alone has not
            schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            ids = (sighting["id"], sighting["indicator"]["id"]) if "{id}" in path else ("",)
            if path.startswith("/api/v1/withdrawals/"):
                ids = (self.withdrawn,)
            elif path.startswith("/api/v1/indicators/"):
                ids = ids[1:]
            elif path.startswith("/api/v1/agreements/"):
                ids = (self.agreement["id"],)
            for id in ids:
                asked = path.replace("{id}", id)
                if path.endswith("/search"):
                    asked += "?q=airport"
                if path.endswith("/indicator-values"):
                    asked += "?for=block"
                if path.endswith("/why"):
                    asked += "?reader=admin"
                answer = self.get(asked)
                self.check(schema, answer, path)
                # A node alone has no peers; what lists of them look like is test_peers' own.
                alone = ("/peers", "/exchange", "/originators")
                if "items" in answer and not path.endswith(alone):
                    self.assertTrue(answer["items"], path)
                walked += 1
        self.assertGreaterEqual(walked, 12)

    def test_every_event_of_a_hunt_has_the_promised_shape(self):
        value = self.get("/api/v1/sightings")["items"][0]["value"]
        answer = self.node.request("POST", "/api/v1/hunts", auth=("admin", PASSWORD),
                                   body=f"{value} never[.]example [a:b = 1]".encode())
        self.assertEqual(answer.status, 200, answer.body)
        schema = self.document["components"]["schemas"]["HuntEvent"]
        kinds = set()
        for event in answer.body.decode().strip().split("\n\n"):
            kind, data = (line.split(": ", 1)[1] for line in event.split("\n"))
            self.check(schema, {kind: json.loads(data)}, kind)
            kinds.add(kind)
        self.assertEqual(kinds, {"value", "answer", "end"})

    def test_a_sighting_says_what_was_seen_where_and_why(self):
        for s in self.get("/api/v1/sightings?limit=1000")["items"]:
            self.assertEqual(s["source"], "airports")
            self.assertGreaterEqual(s["count"], 1)
            self.assertLessEqual(s["first_seen"], s["last_seen"])
            self.assertTrue(s["indicator"]["pattern"])
            self.assertTrue(s["value"] and s["value_type"])
        hit = {s["indicator"]["id"] for s in self.get("/api/v1/sightings?limit=1000")["items"]}
        counted = {i["id"] for i in self.get("/api/v1/indicators?limit=1000")["items"] if i["hits"]}
        self.assertEqual(hit, counted)


if __name__ == "__main__":
    main()
