# SPDX-License-Identifier: Apache-2.0
"""A red object with unique bytes beside a green one: a reader cleared for green asks everything that
a node answers, over real HTTP, and neither the bytes nor a difference may be seen."""

import base64
import email
import json
import os
import tempfile
import unittest

from node import Node

CANARY = "kanarienvogel4711"
RED = "malware--cafe0000-0000-4000-8000-00000000cafe"
GREEN = "malware--beef0000-0000-4000-8000-00000000beef"
ABSENT = "malware--dead0000-0000-4000-8000-00000000dead"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
NAMED = "malware--feed0000-0000-4000-8000-00000000feed"
EXTENSION = "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"
MARKINGS = {
    "for-rosa": "marking-definition--0b7a9f5e-58d6-4d0e-9d2b-64dcb0d3a4c1",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
}
TAXII = {"Accept": "application/taxii+json;version=2.1"}


def malware(id, level, name):
    return {
        "type": "malware",
        "spec_version": "2.1",
        "id": id,
        "created": "2024-01-01T00:00:00.000Z",
        "modified": "2024-01-01T00:00:00.000Z",
        "name": name,
        "is_family": False,
        "object_marking_refs": [MARKINGS[level]],
    }


def named_file():
    """A red object with a canary of its own for rosa, who is named, and nobody else outside."""
    marking = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": MARKINGS["for-rosa"],
        "created": "2024-01-01T00:00:00.000Z",
        "extensions": {EXTENSION: {
            "extension_type": "property-extension", "scheme": "tlp2", "level": "TLP:RED",
            "releasable_to": ["rosa"]}},
    }
    objects = [marking, malware(NAMED, "for-rosa", CANARY + " rosa")]
    return {"type": "bundle", "id": "bundle--feed0000-0000-4000-8000-00000000feed", "objects": objects}


def data_file():
    objects = [malware(GREEN, "green", "drifter"), malware(RED, "red", CANARY + " drifter")]
    relation = {
        "type": "relationship",
        "spec_version": "2.1",
        "id": "relationship--cafe0000-0000-4000-8000-00000000cafe",
        "created": "2024-01-01T00:00:00.000Z",
        "modified": "2024-01-01T00:00:00.000Z",
        "relationship_type": CANARY,
        "source_ref": GREEN,
        "target_ref": RED,
        "object_marking_refs": [MARKINGS["red"]],
    }
    objects.append(relation)
    manifest = [
        {
            "id": o["id"],
            "date_added": f"2024-01-01T00:00:0{i}.000000Z",
            "version": o["modified"],
            "media_type": "application/stix+json;version=2.1",
        }
        for i, o in enumerate(objects)
    ]
    collection = {
        "id": COLLECTION,
        "title": "One",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "manifest": manifest,
        "objects": objects,
    }
    root = {
        "information": {
            "title": "Root",
            "versions": ["application/taxii+json;version=2.1"],
            "max_content_length": 1000000,
        },
        "status": [],
        "collections": [collection],
    }
    return {"/discovery": {"title": "T", "api_roots": ["https://x/r1/"]}, "r1": root}


def taxii_paths(id):
    base = f"/r1/collections/{COLLECTION}"
    return [
        f"{base}/objects/{id}/",
        f"{base}/objects/{id}/versions/",
        f"{base}/objects/?match[id]={id}",
        f"{base}/manifest/?match[id]={id}&match[version]=all",
    ]


COMMON = [
    "/taxii2/",
    "/r1/",
    "/r1/collections/",
    f"/r1/collections/{COLLECTION}/",
    f"/r1/collections/{COLLECTION}/objects/",
    f"/r1/collections/{COLLECTION}/objects/?limit=1",
    f"/r1/collections/{COLLECTION}/objects/?match[version]=all",
    f"/r1/collections/{COLLECTION}/manifest/",
    f"/r1/collections/{COLLECTION}/manifest/?match[type]=relationship",
    "/api/v1/status",
    "/api/v1/session",
    "/api/v1/indicators",
    "/api/v1/sightings",
    "/api/v1/sources",
    "/api/v1/collections",
    "/api/v1/accounts",
    "/api/v1/tokens",
    "/api/v1/search?q=drifter",
    "/api/v1/search?q=kanarienvogel",
    "/api/v1/search?q=malware",
    "/api/v1/search?q=malware--cafe",
    "/api/v1/search?type=relationship",
    f"/api/v1/objects/{GREEN}",
    f"/api/v1/objects/{GREEN}/proof",
    "/metrics",
    "/healthz",
    "/",
]


class Canary(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.node.__enter__()
        self.node.init()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "data.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(data_file(), f)
            self.node.cli("taxii", "restore", self.node.dir, path)
        for name, clearance in (("greta", "TLP:GREEN"), ("rita", "TLP:RED")):
            self.node.cli(
                "user", "add", self.node.dir, name, "--role", "reader", "--clearance", clearance,
                "--password-stdin", input=b"long enough\n",
            )
        self.node.serve()

    def tearDown(self):
        self.node.__exit__(None, None, None)

    def get(self, path, name):
        credentials = base64.b64encode(f"{name}:long enough".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        if not path.startswith(("/api", "/metrics", "/healthz")) and path != "/":
            headers.update(TAXII)
        return self.node.request("GET", path, headers=headers)

    def all_bytes(self, answer):
        return f"{answer.status} {dict(answer.headers)} ".encode() + answer.body

    def test_a_canary_leaves_by_no_way_out(self):
        """G1: no outlet gives a byte of it; the cleared reader does get it."""
        seen = 0
        for path in COMMON + taxii_paths(RED) + [f"/api/v1/objects/{RED}"]:
            with self.subTest(path=path):
                self.assertNotIn(CANARY.encode(), self.all_bytes(self.get(path, "greta")))
            seen += CANARY.encode() in self.all_bytes(self.get(path, "rita"))
        self.assertGreater(seen, 5)

    def written(self, name, *options):
        """What `member write` gives a member: every byte, and every attachment decoded."""
        folder = os.path.join(self.node.base, f"{name}-{len(options)}")
        os.makedirs(folder)
        done = self.node.cli("member", "write", self.node.dir, name, "--out",
                             os.path.join(folder, "out"), "--again", "1", *options)
        out = done.stdout + done.stderr
        for file in os.listdir(folder):
            with open(os.path.join(folder, file), "rb") as f:
                out += f.read()
        for part in email.message_from_bytes(out[len(done.stdout + done.stderr):]).walk():
            out += part.get_payload(decode=True) or b""
        return out

    def test_a_canary_leaves_in_no_file_and_no_mail_for_a_member(self):
        """G1: neither as a bundle nor as a mail, nor by the status; who is named gets what names it."""
        self.node.set("mail", "cert@node.example")
        self.node.stop()
        file = os.path.join(self.node.base, "named.json")
        with open(file, "w", encoding="utf-8") as f:
            json.dump(named_file(), f)
        self.node.cli("import", self.node.dir, file)
        self.node.cli("community", "add", self.node.dir, "friends")
        for name, clearance in (("gina", "TLP:GREEN"), ("rosa", "TLP:RED")):
            self.node.cli(
                "user", "add", self.node.dir, name, "--role", "contributor", "--clearance",
                clearance, "--organisation", name, "--communities", "friends", "--password-stdin",
                input=b"long enough\n")
            self.node.cli("member", "certificate", self.node.dir, name,
                          os.path.join(self.node.dir, "tls/mail.pem"), "--mail", f"x@{name}.example")
            for written in (self.written(name), self.written(name, "--mail")):
                self.assertEqual(CANARY.encode() in written, name == "rosa")
                self.assertEqual(NAMED.encode() in written, name == "rosa")
                self.assertNotIn(RED.encode(), written)
                self.assertIn(GREEN.encode(), written)
        status = self.node.cli("member", "status", self.node.dir, "--json").stdout
        self.assertNotIn(CANARY.encode(), status)

    def test_a_hidden_object_answers_like_an_absent_one(self):
        """G5: status, headers and body are those of an id that was never there."""
        for red, absent in zip(
            taxii_paths(RED) + [f"/api/v1/objects/{RED}", f"/api/v1/objects/{RED}/proof"],
            taxii_paths(ABSENT) + [f"/api/v1/objects/{ABSENT}", f"/api/v1/objects/{ABSENT}/proof"],
        ):
            with self.subTest(path=red):
                a, b = self.get(red, "greta"), self.get(absent, "greta")
                self.assertEqual(a.status, b.status)
                self.assertEqual(
                    a.body.replace(RED.encode(), b"ID"), b.body.replace(ABSENT.encode(), b"ID")
                )
                self.assertEqual(
                    {k for k in dict(a.headers)}, {k for k in dict(b.headers)}
                )


if __name__ == "__main__":
    unittest.main()
