# SPDX-License-Identifier: Apache-2.0
"""G3, G25: only who made an object says something new of it, by every way in; and nobody but its
originator lowers its label."""

import json
import unittest
import uuid

from node import Node, main

PASSWORD = "correct horse 7"
ACME = f"identity--{uuid.uuid5(uuid.NAMESPACE_URL, 'acme')}"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
TAXII = "application/taxii+json;version=2.1"


def indicator(name, day, by=None, marking=AMBER, **more):
    out = {
        "type": "indicator", "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "created": "2026-01-01T00:00:00.000Z", "modified": f"2026-01-{day:02}T00:00:00.000Z",
        "name": name, "pattern": f"[domain-name:value = '{name}.example']",
        "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": [marking], **more,
    }
    if by:
        out["created_by_ref"] = by
    return out


class Authority(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = node = Node("cz-csirt").init()
        for name, role, *more in (("ann", "contributor"), ("bob", "contributor"),
                                  ("staff", "analyst"), ("boss", "admin"),
                                  ("acme", "contributor", "--organisation", ACME)):
            node.cli("user", "add", node.dir, name, "--role", role, "--password-stdin", *more,
                     input=PASSWORD.encode() + b"\n")
        node.serve()
        cls.identity = json.loads(node.cli("status", node.dir, "--json").stdout)["identity"]

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def upload(self, who, *objects, source=None):
        path = "/api/v1/import" + (f"?source={source}" if source else "")
        body = json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects})
        reply = self.node.request("POST", path, body=body, auth=(who, PASSWORD))
        return reply.json() if reply.status == 200 else reply.status

    def taxii(self, who, *objects):
        reply = self.node.request(
            "POST", "/intel/collections/all/objects/", body=json.dumps({"objects": objects}),
            headers={"Accept": TAXII, "Content-Type": TAXII}, auth=(who, PASSWORD))
        return reply.json()

    def taken(self, reply):
        return reply["taken"] if "taken" in reply else reply["success_count"]

    def test_a_creator_goes_on_and_others_do_not(self):
        self.assertEqual(self.taken(self.taxii("acme", indicator("a", 1, ACME))), 1)
        self.assertEqual(self.taken(self.taxii("acme", indicator("a", 2, ACME))), 1)
        for who in ("ann", "bob"):
            for send in (self.upload, self.taxii):
                for day, more in ((3, {}), (4, {"revoked": True}), (5, {"marking": CLEAR})):
                    reply = send(who, indicator("a", day, ACME, **more))
                    self.assertEqual(self.taken(reply), 0)
                    self.assertIn("does not speak for", json.dumps(reply))
        # Not by taking its name either, nor by dropping it.
        for by in (None, self.identity):
            self.assertEqual(self.taken(self.taxii("ann", indicator("a", 6, by))), 0)
            self.assertEqual(self.taken(self.taxii("acme", indicator("a", 7, by))), 0)
        self.assertEqual(self.taken(self.taxii("acme", indicator("a", 8, ACME, revoked=True))), 1)
        # G8: what is revoked stays so, whoever would have it back.
        for who in ("acme", "staff"):
            reply = self.taxii(who, indicator("a", 9, ACME))
            self.assertEqual(self.taken(reply), 0)
            self.assertIn("it was revoked", json.dumps(reply))
        self.assertEqual(self.taken(self.taxii("acme", indicator("a", 8, ACME, revoked=True))), 1)

    def test_who_brought_it_goes_on_with_it(self):
        other = f"identity--{uuid.uuid4()}"
        self.assertEqual(self.taken(self.taxii("ann", indicator("b", 1, other))), 1)
        self.assertEqual(self.taken(self.taxii("ann", indicator("b", 2, other))), 1)
        self.assertEqual(self.taken(self.taxii("bob", indicator("b", 3, other))), 0)
        # The name of a source does not make anybody somebody else.
        self.assertEqual(self.upload("bob", indicator("b", 3, other), source="taxii:ann"), 403)
        self.assertEqual(self.upload("staff", indicator("b", 3, other), source="api:ann"), 403)
        self.assertEqual(self.taken(self.upload("bob", indicator("b", 3, other), source="x")), 0)

    def test_staff_brings_newer_versions_but_lowers_nothing(self):
        self.assertEqual(self.taken(self.taxii("acme", indicator("c", 1, ACME))), 1)
        self.assertEqual(self.taken(self.upload("staff", indicator("c", 2, ACME))), 1)
        reply = self.upload("staff", indicator("c", 3, ACME, marking=CLEAR))
        self.assertEqual(self.taken(reply), 0)
        self.assertIn("lowers its label", json.dumps(reply))
        self.assertEqual(self.taken(self.upload("boss", indicator("c", 3, ACME, CLEAR))), 0)
        self.assertEqual(self.taken(self.taxii("acme", indicator("c", 4, ACME, CLEAR))), 1)

    def test_nobody_speaks_for_this_node_but_its_own(self):
        self.assertEqual(self.taken(self.taxii("acme", indicator("d", 1, self.identity))), 0)
        self.assertEqual(self.taken(self.taxii("ann", indicator("d", 1, self.identity))), 1)
        self.assertEqual(self.taken(self.taxii("acme", indicator("d", 2, self.identity))), 0)


if __name__ == "__main__":
    main()
