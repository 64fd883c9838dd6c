# SPDX-License-Identifier: Apache-2.0
"""G5: two nodes that differ by hidden objects answer every read alike: bodies, counts, codes. The
routes come from the node's own description of its interface, and TAXII's are listed."""

import json
import os
import re
import shutil
import unittest
import urllib.parse
import uuid

from node import Node, main, wait_until

PASSWORD = "correct horse 7"
EXTENSION = "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"
TAXII = {"Accept": "application/taxii+json;version=2.1"}
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
NEEDLE = "zanzibar"
READERS = (None, ("plain", PASSWORD), ("guest", PASSWORD), ("writer", PASSWORD))


def name_id(kind, name):
    return f"{kind}--{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def common(kind, name, marking, day=1):
    return {"type": kind, "spec_version": "2.1", "id": name_id(kind, name),
            "created": "2026-01-01T00:00:00.000Z", "modified": f"2026-01-{day:02}T00:00:00.000Z",
            "object_marking_refs": [marking]}


def indicator(name, marking, day=1, value=None):
    return {**common("indicator", name, marking, day), "name": name, "pattern_type": "stix",
            "pattern": f"[domain-name:value = '{value or name}.example']",
            "valid_from": "2026-01-01T00:00:00Z"}


def link(name, source, target, marking):
    return {**common("relationship", name, marking), "relationship_type": "related-to",
            "source_ref": source, "target_ref": target}


SEEN = [indicator(f"seen {i}".replace(" ", "-"), GREEN) for i in range(5)]
SECRET = {"type": "marking-definition", "spec_version": "2.1",
          "id": name_id("marking-definition", "secret"), "created": "2026-01-01T00:00:00.000Z",
          "object_marking_refs": [RED],
          "extensions": {EXTENSION: {"extension_type": "property-extension",
                                     "tlp": "TLP:CLEAR", "releasable_to": ["nobody-here"]}}}
OPINION = {**common("opinion", "seen opinion", GREEN), "opinion": "disagree", "object_refs": [SEEN[2]["id"]]}
TESTIMONY = [OPINION, {**common("sighting", "seen sighting", GREEN), "sighting_of_ref": SEEN[2]["id"],
                       "last_seen": "2026-02-01T00:00:00Z"}]
# Beyond the objects themselves: a link to what is seen, a newer version of what is seen, a sighting
# of it, a value that is seen, and what speaks for and against it, as new objects and as a newer version.
HIDDEN = [
    SECRET,
    indicator(NEEDLE, RED), indicator(NEEDLE + "-2", SECRET["id"]),
    indicator("seen-1", SECRET["id"], day=9, value=NEEDLE),
    link("to seen", name_id("indicator", NEEDLE), SEEN[0]["id"], RED),
    indicator("other", SECRET["id"], value="seen-0"),
    {**common("sighting", "hidden", SECRET["id"]), "sighting_of_ref": SEEN[0]["id"], "count": 7},
    {**common("sighting", "hidden later", RED), "sighting_of_ref": SEEN[2]["id"],
     "last_seen": "2026-03-01T00:00:00Z"},
    {**common("opinion", "hidden opinion", SECRET["id"]), "opinion": "strongly-disagree",
     "object_refs": [SEEN[0]["id"], SEEN[3]["id"]]},
    {**OPINION, "modified": "2026-01-09T00:00:00.000Z", "opinion": "neutral",
     "object_marking_refs": [SECRET["id"]]},
]


def normal(answer, replace):
    """What a reader could tell answers apart by, without what differs from one request to the next."""
    text = answer.body.decode("utf-8", "surrogateescape")
    text = re.sub(r'"(now|started)":"[^"]*"', r'"\1":""', text)
    text = re.sub(r'"(pid|rss|restarts)":-?\d+', r'"\1":0', text)
    text = re.sub(r'"next":"[^"]*"', '"next":""', text)
    text = re.sub(r'(tocsin_process_\S+|tocsin_http_\S+|process_\S+) \S+', r"\1 0", text)
    for what, by in replace.items():
        text = text.replace(what, by)
    skipped = ("date", "set-cookie", "content-length")  # the length is that of the text
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in skipped}
    return answer.status, headers, len(text), text


class Twins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.a = Node("twin").init()
        # What is hidden would move the end of what is seen.
        cls.a.configure("decay", threshold=20, domain="lifetime 3650 speed 1 points 60,40")
        for name, role, *more in (("plain", "reader"), ("guest", "reader", "--organisation", "acme"),
                                  ("writer", "contributor")):
            cls.a.cli("user", "add", cls.a.dir, name, "--role", role, "--password-stdin", *more,
                      input=PASSWORD.encode() + b"\n")
        cls.load(cls.a, SEEN + TESTIMONY)
        cls.b = Node("twin")
        shutil.copytree(cls.a.dir, cls.b.dir)
        cls.load(cls.b, HIDDEN)
        cls.a.serve()
        cls.b.serve()
        for node in (cls.a, cls.b):
            wait_until(lambda n=node: n.request("GET", "/api/v1/search?q=seen", auth=READERS[1]).json()
                       .get("items"), what="the text view")

    @classmethod
    def tearDownClass(cls):
        cls.a.__exit__(None, None, None)
        cls.b.__exit__(None, None, None)

    @staticmethod
    def load(node, objects):
        path = os.path.join(node.base, "in.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}, f)
        node.cli("import", node.dir, path, "--source", "feed", "--label", "TLP:GREEN")

    def api_paths(self):
        described = self.a.request("GET", "/api/v1/openapi.json").json()
        ids = [*(o["id"] for o in SEEN), *(o["id"] for o in HIDDEN), name_id("indicator", "none")]
        words = [NEEDLE, "seen", "seen-0.example", HIDDEN[1]["id"], "indicator--", "indicator"]
        for path, methods in described["paths"].items():
            if "get" not in methods or path.endswith("/events"):
                continue
            if not path.startswith(("/api", "/metrics", "/healthz")):
                path = "/api/v1" + path
            values = [""]
            if "{" in path:
                values = ids
            for value in values:
                at = re.sub(r"\{\w+\}", value, path)
                yield at
                yield at + "?limit=2"
                yield at + "?for=detect&limit=2"
                yield at + "?version=2026-01-09T00:00:00Z"
                yield at + "?reader=plain"
                for word in words if not value else ():
                    yield f"{at}?q={urllib.parse.quote(word)}"

    def taxii_paths(self):
        yield "/taxii2/"
        yield "/intel/"
        yield "/intel/collections/"
        for alias in ("all", "sightings"):
            root = f"/intel/collections/{alias}/"
            yield root
            for part in ("objects/", "manifest/"):
                yield root + part
                yield root + part + "?limit=1"
                yield root + part + "?limit=4"
                yield root + part + "?match[version]=all"
                yield root + part + "?match[version]=first"
                yield root + part + "?match[type]=sighting"
                yield root + part + "?added_after=2026-01-01T00:00:00Z"
            for thing in (SEEN[0], SEEN[1], *HIDDEN):
                yield f"{root}objects/?match[id]={thing['id']}"
                yield f"{root}objects/{thing['id']}/"
                yield f"{root}objects/{thing['id']}/versions/"

    def compare(self, path, auth, headers=None):
        a, b = (normal(n.request("GET", path, auth=auth, headers=headers), {str(n.port): "PORT"})
                for n in (self.a, self.b))
        self.assertEqual(a, b, (path, auth))
        self.assertNotIn(NEEDLE + ".example", b[3], path)

    def test_every_api_route_is_alike(self):
        count = 0
        for path in self.api_paths():
            for auth in READERS:
                self.compare(path, auth)
                count += 1
        self.assertGreater(count, 300)

    def test_every_taxii_route_is_alike(self):
        for path in self.taxii_paths():
            for auth in READERS[1:]:
                self.compare(path, auth, TAXII)

    def test_what_is_hidden_is_like_what_is_not_there(self):
        for path in ("/api/v1/objects/{}", "/intel/collections/all/objects/{}/"):
            for thing in HIDDEN:
                if thing["id"] in (SEEN[1]["id"], OPINION["id"]):
                    continue
                other = name_id(thing["type"], "there is none such")
                headers = TAXII if "intel" in path else None
                here, none = (normal(self.b.request("GET", path.format(i), auth=READERS[1],
                                                    headers=headers), {i: "ID"})
                              for i in (thing["id"], other))
                self.assertEqual(here, none)

    # The comparison would tell: who may see it gets other answers.
    def test_the_test_sees_a_difference(self):
        self.a.cli("show", self.a.dir, SEEN[0]["id"])
        a, b = (json.loads(n.cli("search", n.dir, NEEDLE, "--json", check=False).stdout or b"{}")
                for n in (self.a, self.b))
        self.assertNotEqual(len(a.get("items", [])), len(b.get("items", [])))

    # Of how what is seen ages, people of the organisation are told by what they may see; others nothing.
    def test_a_life_is_told_by_what_may_be_seen(self):
        def life(node, of, reader=READERS[1]):
            return node.request("GET", f"/api/v1/indicators/{of['id']}", auth=reader).json().get("life")

        for node in (self.a, self.b):
            told = life(node, SEEN[2])
            self.assertEqual((told["last_seen"], told["false_positives"], told["whole"]),
                             ("2026-02-01T00:00:00.000000Z", 1, False))
            self.assertEqual(life(node, SEEN[3])["false_positives"], 0)
            self.assertIsNone(life(node, SEEN[2], READERS[2]))
        for seen in (SEEN[0], SEEN[2], SEEN[3]):
            a, b = (json.loads(n.cli("indicator", "show", n.dir, seen["id"], "--json").stdout)["life"]
                    for n in (self.a, self.b))
            self.assertNotEqual(a, b)
            self.assertTrue(a["whole"] and b["whole"])


if __name__ == "__main__":
    main()
