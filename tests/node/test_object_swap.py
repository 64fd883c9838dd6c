# SPDX-License-Identifier: Apache-2.0
"""Whoever may change one thing changes no other by naming it in another place, twice or in another
spelling, and learns nothing of it. The requests are made from the interface's own description, so
that a new row is tried without a word here; a row whose things this test cannot make is a failure.
"""

import json
import os
import unittest
import urllib.parse

from node import Node, main

PASSWORD = "correct horse 7"
ROLES = ["reader", "contributor", "analyst", "auditor", "admin"]
TAXII = "application/taxii+json;version=2.1"
OBJECT = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5c01",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "name": "Beacon",
    "pattern": "[domain-name:value = 'beacon.example']",
    "pattern_type": "stix",
    "valid_from": "2026-01-01T00:00:00Z",
}
OTHER = {**OBJECT, "id": OBJECT["id"][:-1] + "2"}
NO_OBJECT = OBJECT["id"][:-1] + "9"
NEED = "extension-definition--6731adc0-b76b-51ec-a5f9-ebd5fd2c18d7"
NEW_SDO = "extension-definition--2b721f6e-e831-5a77-bcdc-b45a968cd603"


def agreement(n, own):
    """Between this node and another that proposed it."""
    other = "identity--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d01"
    return {
        "type": "tocsin-agreement",
        "spec_version": "2.1",
        "id": f"tocsin-agreement--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5e{n:02x}",
        "created_by_ref": other,
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "parties": [other, own],
        "communities": [f"agreed-{n}"],
        "label_ceiling": "TLP:AMBER",
        "extensions": {NEW_SDO: {"extension_type": "new-sdo"}},
    }


# Spellings that are not the thing's own, however often they are decoded.
SPELLINGS = [
    "%25{hex}{rest}", "{x}%00", "{x}%20", "%20{x}", "{x}%0a", "{x}%2f", "%2e%2e%2f{x}", "%2e%2f{x}",
    "{x}%2c{x}", "{x}%3bx", "{x}%c0%af", "{swapped}", "{x}%25", "{x}.", "{x}+",
]


def need(n, own):
    """That this node asks for."""
    return {
        "type": "note",
        "spec_version": "2.1",
        "id": f"note--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5f{n:02x}",
        "created_by_ref": own,
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "content": "wanted",
        "object_refs": [own],
        "extensions": {NEED: {"extension_type": "property-extension", "community": "mine",
                              "object_type": "indicator", "state": "open"}},
    }


def spell(spelling, x):
    return spelling.format(x=x, hex=f"{ord(x[0]):02x}", rest=x[1:], swapped=x.swapcase())


def escaped(x):
    """The thing's own name, written in another way that means the same."""
    return f"%{ord(x[0]):02x}{x[1:]}"


class Row:
    """One operation that writes."""

    def __init__(self, method, path, op):
        self.method, self.path, self.name = method, path, op["operationId"]
        self.roles = op["x-roles"]
        self.kind = path.split("/")[3]
        given = op.get("parameters", [])
        self.in_path = [p["name"] for p in given if p["in"] == "path"]
        self.in_query = {p["name"]: p["schema"] for p in given if p["in"] == "query"}
        content = op.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        self.in_body = schema.get("properties", {})
        self.required = schema.get("required", [])
        self.file = method == "POST" and bool(content) and "application/json" not in content
        # What the row names its thing by, when that is not the path: the first text in the body.
        texts = [p for p in self.required if self.in_body[p].get("type") == "string"]
        self.named = None if self.in_path or not texts else texts[0]

    def value(self, name):
        schema = self.in_body[name]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("format") == "date-time":
            return "2099-01-01T00:00:00Z"
        if schema["type"] == "integer":
            return schema.get("minimum", 1)
        if schema["type"] == "boolean":
            return True
        return "a" * max(schema.get("minLength", 1), 1)

    def body(self, **more):
        if self.method != "POST" or self.file:
            return None
        return {**{p: self.value(p) for p in self.required}, **more}


class ObjectSwap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = n = Node().init()
        for role in ROLES:
            n.add_user(role, role, PASSWORD)
        for name in ("mine", "theirs"):
            n.add_user(name, "reader", PASSWORD)
            n.cli("community", "add", n.dir, name)
            n.cli("root", "add", n.dir, name, "--title", name)
        made = [n.cli("collection", "add", n.dir, "--title", name, "--root", name, *more)
                for name, more in (("mine", []), ("theirs", ["--no-write"]))]
        collections = [m.stdout.decode().strip() for m in made]
        tokens = [n.cli("token", "add", n.dir, "--user", name).stdout.decode().split(".")[0]
                  for name in ("mine", "theirs")]
        cls.lesser = n.cli(
            "token", "add", n.dir, "--user", "admin", "--role", "reader"
        ).stdout.decode().strip()
        # Two things of each kind, by the first segment of the path: the one somebody may change
        # and another; and how a name looks that nothing of the kind has.
        cls.things = {
            "accounts": ("mine", "theirs", "nobody"),
            "communities": ("mine", "theirs", "nobody"),
            "roots": ("mine", "theirs", "nobody"),
            "collections": (*collections, "00000000-0000-4000-8000-000000000000"),
            "tokens": (*tokens, "x" * len(tokens[0])),
            "objects": (OTHER["id"], OBJECT["id"], NO_OBJECT),
            "indicators": (OTHER["id"], OBJECT["id"], NO_OBJECT),
            "import": (*collections, "00000000-0000-4000-8000-000000000000"),
        }
        file = os.path.join(n.base, "theirs.json")
        with open(file, "w", encoding="utf-8") as f:
            json.dump(OBJECT, f)
        n.cli("import", n.dir, file, "--collection", collections[1])
        with open(file, "w", encoding="utf-8") as f:
            json.dump(OTHER, f)
        n.cli("import", n.dir, file)
        for kind, make in (("agreements", agreement), ("needs", need)):
            made = [make(i, n.identity()) for i in range(3)]
            for one in made[:2]:
                with open(file, "w", encoding="utf-8") as f:
                    json.dump(one, f)
                n.cli("import", n.dir, file)
            cls.things[kind] = tuple(one["id"] for one in made)
        n.set("two_person", "root.add")
        n.serve()
        requests = []
        for name in ("later", "never"):
            made = n.request("POST", "/api/v1/roots", auth=("admin", PASSWORD),
                             body=json.dumps({"name": name, "title": name}).encode(),
                             headers={"Content-Type": "application/json"})
            requests.append(made.json()["request"]["id"])
        for name in ("mine", "theirs"):
            n.request("POST", "/api/v1/saved-hunts", auth=("admin", PASSWORD),
                      body=json.dumps({"name": name, "text": "beacon.example"}).encode(),
                      headers={"Content-Type": "application/json"})
        cls.things["saved-hunts"] = ("mine", "theirs", "nobody")
        cls.things["requests"] = (*requests, "0" * len(requests[0]))
        document = n.request("GET", "/api/v1/openapi.json").json()
        cls.rows = [
            Row(method.upper(), path, op)
            for path, methods in document["paths"].items()
            for method, op in methods.items()
            if method in ("post", "delete") and not op["operationId"].startswith("session.")
            # Its body is a question, and it changes nothing.
            and op["operationId"] != "hunt.run"
        ]

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def ask(self, row, thing, auth, body=None, query="", raw=None):
        path = row.path
        for name in row.in_path:
            path = path.replace("{" + name + "}", thing)
        if raw is None and row.method == "POST":
            raw = json.dumps(OBJECT if row.file else body).encode()
        return self.node.request(
            row.method, path + query, body=raw, auth=auth,
            headers={"Content-Type": "application/json"} if row.method == "POST" else {},
        )

    def ledger(self):
        """How many records there are: what a change would change."""
        answer = self.node.request("GET", "/api/v1/status", auth=("admin", PASSWORD))
        return answer.json()["ledger"]["size"]

    def same(self, row, told, answer, missing, names):
        """Refused, and in the words that are said of a thing that is not there."""

        def plain(a):
            text = a.body.decode("utf-8", "replace")
            for name in sorted(names, key=len, reverse=True):
                text = text.replace(name, "*")
            return a.status, text

        self.assertGreaterEqual(answer.status, 400, f"{row.name}: {told}: {answer.body}")
        self.assertLess(answer.status, 500, f"{row.name}: {told}: {answer.body}")
        self.assertEqual(plain(answer), plain(missing), f"{row.name}: {told}")

    # G25
    def test_every_row_has_two_things_to_be_tried_with(self):
        for row in self.rows:
            self.assertIn(row.kind, self.things, f"{row.name}: make two of them in setUpClass")
            self.assertLessEqual(len(row.in_path), 1, f"{row.name}: two things in one path")
        self.assertGreater(len(self.rows), 10)

    # G25
    def test_who_may_not_learns_nothing_and_changes_nothing(self):
        before, tried = self.ledger(), 0
        for row in self.rows:
            mine, theirs, nobody = self.things[row.kind]
            callers = [(r, (r, PASSWORD)) for r in ROLES if r not in row.roles]
            callers += [("a lesser token", self.lesser), ("nobody", None)]
            for who, auth in callers:
                for thing in (mine, theirs, escaped(theirs)):
                    query = f"?collection={thing}" if row.file else ""
                    none = f"?collection={nobody}" if row.file else ""
                    body = row.body(**({row.named: thing} if row.named else {}))
                    other = row.body(**({row.named: nobody} if row.named else {}))
                    answer = self.ask(row, thing, auth, body, query)
                    self.same(row, f"{thing} as {who}", answer,
                              self.ask(row, nobody, auth, other, none), [])
                    self.assertIn(answer.status, (401, 403))
                    tried += 1
        self.assertEqual(self.ledger(), before)
        self.assertGreater(tried, 150)

    # G25
    def test_another_spelling_is_a_thing_that_is_not_there(self):
        before, tried = self.ledger(), 0
        for row in self.rows:
            if not row.in_path:
                continue
            _, theirs, nobody = self.things[row.kind]
            for spelling in SPELLINGS:
                if row.kind == "communities" and spelling == "{swapped}":
                    continue  # their names are the same in either case
                said, none = spell(spelling, theirs), spell(spelling, nobody)
                answer = self.ask(row, said, ("admin", PASSWORD), row.body())
                missing = self.ask(row, none, ("admin", PASSWORD), row.body())
                names = [theirs, nobody, theirs.swapcase(), nobody.swapcase(),
                         escaped(theirs), escaped(nobody)]
                self.same(row, said, answer, missing, names)
                self.assertIn(answer.status, (400, 404), f"{row.name}: {said}: {answer.body}")
                self.assertEqual(self.ledger(), before, f"{row.name}: {said}")
                tried += 1
        self.assertGreater(tried, 100)

    # G25: the name in the body is looked up as it stands there.
    def test_another_spelling_in_the_body_is_none_of_the_things(self):
        tried = 0
        for row in self.rows:
            if not row.named:
                continue
            _, theirs, nobody = self.things[row.kind]
            if row.name == "token.add":
                _, theirs, nobody = self.things["accounts"]
            missing = self.ask(row, "", ("admin", PASSWORD), row.body(**{row.named: nobody + "%"}))
            if missing.status < 300:
                continue  # free text for people, of a thing that is made
            before = self.ledger()
            for said in (theirs + "\0", theirs + " ", " " + theirs, theirs + "\n", "../" + theirs,
                         escaped(theirs), [theirs], {"name": theirs}, None):
                answer = self.ask(row, "", ("admin", PASSWORD), row.body(**{row.named: said}))
                self.assertGreaterEqual(answer.status, 400, f"{row.name}: {said!r}: {answer.body}")
                self.assertLess(answer.status, 500, f"{row.name}: {said!r}")
                tried += 1
            self.assertEqual(self.ledger(), before, row.name)
        self.assertGreater(tried, 20)

    # G25
    def test_a_second_name_in_another_place_is_refused(self):
        before, tried = self.ledger(), 0
        admin = ("admin", PASSWORD)
        for row in self.rows:
            mine, theirs, nobody = self.things[row.kind]
            if row.in_path:
                name = row.in_path[0]
                named = {name: theirs}
                cases = [(f"?{name}={theirs}", None), (f"?{escaped(name)}={theirs}", None)]
                if not row.file:
                    cases.append(("", json.dumps({**(row.body() or {}), **named}).encode()))
                for query, raw in cases:
                    answer = self.ask(row, mine, admin, row.body(), query, raw)
                    self.same(row, query or raw, answer,
                              self.ask(row, nobody, admin, row.body(), query, raw), [])
                    self.assertEqual(answer.status, 400, f"{row.name}: {answer.body}")
                    tried += 1
            elif row.named:
                answer = self.ask(row, "", admin, row.body(**{row.named: mine}),
                                  f"?{row.named}={theirs}")
                self.assertEqual(answer.status, 400, f"{row.name}: {answer.body}")
                tried += 1
        self.assertEqual(self.ledger(), before)
        self.assertGreater(tried, 15)

    # G25
    def test_a_name_that_is_given_twice_is_refused(self):
        before, tried = self.ledger(), 0
        admin = ("admin", PASSWORD)
        for row in self.rows:
            mine, theirs, _ = self.things[row.kind]
            for name in row.in_query:
                query = f"?{name}={mine}&{name}={theirs}"
                answer = self.ask(row, mine, admin, row.body(), query)
                self.assertEqual(answer.status, 400, f"{row.name}: {query}: {answer.body}")
                tried += 1
            for name in row.in_body if row.method == "POST" and not row.file else ():
                one = json.dumps(row.body(**{name: row.value(name)}))
                for twice in (name, f"\\u{ord(name[0]):04x}{name[1:]}"):
                    raw = f'{one[:-1]}, "{twice}": {json.dumps(row.value(name))}}}'.encode()
                    answer = self.ask(row, mine, admin, raw=raw)
                    self.assertEqual(answer.status, 400, f"{row.name}: {raw}: {answer.body}")
                    tried += 1
        self.assertEqual(self.ledger(), before)
        self.assertGreater(tried, 40)

    # G25: who may import into one collection does not import into another.
    def test_a_collection_that_takes_nothing_takes_nothing(self):
        before = self.ledger()
        _, closed, nobody = self.things["import"]
        for role in ROLES:
            for name in (closed, nobody, escaped(closed), closed + "%00"):
                answer = self.node.request("POST", f"/api/v1/import?collection={name}",
                                           body=json.dumps({**OBJECT, "id": NO_OBJECT}).encode(),
                                           auth=(role, PASSWORD))
                self.assertIn(answer.status, (400, 403, 404), f"{role}: {name}: {answer.body}")
        self.assertEqual(self.ledger(), before)

    # G25: TAXII's own two ways to change something.
    def test_taxii_changes_nothing_through_another_collection(self):
        before = self.ledger()
        mine, theirs, nobody = self.things["collections"]

        def ask(method, path, body=None):
            headers = {"Accept": TAXII, "Content-Type": TAXII}
            return self.node.request(method, path, headers=headers, auth=("analyst", PASSWORD),
                                     body=json.dumps(body).encode() if body else None)

        def plain(answer):
            text = answer.body.decode()
            for name in (theirs, nobody, OBJECT["id"], NO_OBJECT):
                text = text.replace(name, "*")
            return answer.status, text

        there = ask("DELETE", f"/mine/collections/{mine}/objects/{OBJECT['id']}/")
        none = ask("DELETE", f"/mine/collections/{mine}/objects/{NO_OBJECT}/")
        self.assertEqual(there.status, 404, there.body)
        self.assertEqual(plain(there), plain(none))
        for method, rest, body in (
            ("DELETE", f"objects/{OBJECT['id']}/", None),
            ("POST", "objects/", {"objects": [{**OBJECT, "id": NO_OBJECT}]}),
        ):
            # A collection of another root is none of this one.
            swapped = ask(method, f"/mine/collections/{theirs}/{rest}", body)
            none = ask(method, f"/mine/collections/{nobody}/{rest}", body)
            self.assertEqual(swapped.status, 404, swapped.body)
            self.assertEqual(plain(swapped), plain(none))
            self.assertEqual(
                ask(method, f"/theirs/collections/{theirs}/{rest}", body).status, 403)
            for said in (f"{theirs}%00", f"{mine}%2f..%2f{theirs}", f"{theirs}%20"):
                answer = ask(method, f"/theirs/collections/{said}/{rest}", body)
                self.assertIn(answer.status, (400, 404), f"{said}: {answer.body}")
        self.assertEqual(self.ledger(), before)


if __name__ == "__main__":
    main()
