# SPDX-License-Identifier: Apache-2.0
"""What the specification says and the reference's cases do not show: media types, methods, limits,
errors, who may see what, tokens of pages."""

import json
import os
import socket
import ssl
import unittest

import node

FIXTURE = "../shared/conformance/taxii21_fixture.json"
TAXII = "application/taxii+json;version=2.1"
ROOT = "/trustgroup1/"
READABLE = ROOT + "collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/"
READ_ONLY = ROOT + "collections/52892447-4d7e-4f70-b94d-d7f22742ff63/"
SECRET = ROOT + "collections/64993447-4d7e-4f70-b94d-d7f33742ee63/"
WRITE_ONLY = ROOT + "collections/472c94ae-3113-4e3e-a4dd-a9f4ac7471d4/"
WRITABLE = ROOT + "collections/365fed99-08fa-fdcd-a1b3-fb247eb41d01/"
MALWARE = "malware--c0931cc6-c75e-47e5-9036-78fabc95d4ec"


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.path.exists(FIXTURE):
            node.skip(f"{FIXTURE} is not here")
        cls.node = node.Node()
        cls.node.init()
        for name, role in (("admin", "admin"), ("reader", "reader"), ("giver", "contributor")):
            cls.node.add_user(name, role, "Password0")
        cls.node.cli("taxii", "restore", cls.node.dir, FIXTURE, "--page-limit", "20")
        cls.node.serve()

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def ask(self, path, method="GET", user="admin", accept=TAXII, body=None, content=None):
        headers = {"Accept": accept} if accept else {}
        if content:
            headers["Content-Type"] = content
        auth = (user, "Password0") if user else None
        return self.node.request(method, path, body=body, headers=headers, auth=auth)

    def status(self, *args, **kwargs):
        answer = self.ask(*args, **kwargs)
        if answer.status >= 400 and answer.body:
            error = answer.json()
            self.assertEqual(error["http_status"], str(answer.status))
            self.assertTrue(error["title"])
            self.assertEqual(answer.headers["Content-Type"], TAXII)
        return answer.status

    def test_media_types_that_the_standard_defines_are_taken(self):
        for accept in (
            TAXII,
            "application/taxii+json",
            "application/taxii+json; version=2.1",
            'application/taxii+json;version="2.1"',
            "text/html, application/taxii+json;version=2.1;q=0.1",
            "application/taxii+json;version=2.1,application/stix+json;version=2.1",
            "*/*",
        ):
            self.assertEqual(self.status(READABLE + "manifest/", accept=accept), 200, accept)

    def test_other_media_types_are_not_acceptable(self):
        for accept in (
            "text/html",
            "application/taxii+json;version=2.0",
            "application/vnd.oasis.taxii+json; version=2.0",
            "application/taxii+json;version=2.1;q=0",
            "nonsense",
            "",
        ):
            self.assertEqual(self.status(READABLE, accept=accept), 406, accept)

    def test_a_post_needs_its_media_type(self):
        for content in (None, "application/json", "application/taxii+json;version=2.0"):
            got = self.status(WRITABLE + "objects/", "POST", body="{}", content=content)
            self.assertEqual(got, 415, content)

    def test_methods_a_resource_lacks_are_named(self):
        answer = self.ask(READABLE + "objects/", "PUT", body="{}")
        self.assertEqual(answer.status, 405)
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST")
        self.assertEqual(self.status("/taxii2/", "DELETE"), 405)
        head = self.ask(READABLE + "objects/", "HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertGreater(int(head.headers["Content-Length"]), 1000)

    def test_malformed_filters_are_bad_requests(self):
        for query in (
            "limit=0", "limit=x", "added_after=now", "match[version]=all,last", "match[id]=",
            "next=AAAA", "limit=1&limit=2", "match[spec_version]=x", "match%5Btype%5D=a&match[type]=b",
        ):
            self.assertEqual(self.status(f"{READABLE}objects/?{query}"), 400, query)
        self.assertEqual(self.status(f"{READABLE}objects/?match[colour]=red&x=y"), 200)
        self.assertEqual(self.ask(f"{READABLE}objects/?match[type]=x-unknown").body, b"{}")
        self.assertEqual(self.ask(f"{READABLE}objects/?match[spec_version]=2.9").body, b"{}")

    def test_next_belongs_to_one_reader_one_list_and_its_filters(self):
        """A token is opaque and authenticated: it opens nothing elsewhere."""
        query = "match[version]=all&limit=2"
        token = self.ask(f"{READABLE}objects/?{query}").json()["next"]
        again = f"limit=5&next={token}"
        self.assertEqual(self.status(f"{READABLE}objects/?{again}&match[version]=all"), 200)
        self.assertEqual(self.status(f"{READABLE}objects/?{again}&match%5Bversion%5D=all"), 200)
        self.assertEqual(self.status(f"{READABLE}objects/?{again}"), 400)
        self.assertEqual(self.status(f"{READABLE}manifest/?{again}&match[version]=all"), 400)
        self.assertEqual(self.status(f"{WRITABLE}objects/?{again}&match[version]=all"), 400)
        other = token[:-1] + ("A" if token[-1] != "A" else "B")
        self.assertEqual(self.status(f"{READABLE}objects/?{query}&next={other}"), 400)
        self.assertEqual(
            self.status(f"{READABLE}objects/?{again}&match[version]=all", user="reader"), 400
        )

    def test_rights_follow_the_tables_of_the_standard(self):
        body = '{"objects":[]}'
        for path, read, post, delete in (
            (SECRET, 403, 403, 404),
            (READ_ONLY, 200, 403, 403),
            (WRITE_ONLY, 403, None, 403),
        ):
            self.assertEqual(self.status(path + "objects/"), read, path)
            self.assertEqual(self.status(f"{path}objects/{MALWARE}/", "DELETE"), delete, path)
            if post:
                got = self.status(path + "objects/", "POST", body=body, content=TAXII)
                self.assertEqual(got, post, path)

    def test_a_reader_may_not_write_and_a_contributor_not_delete(self):
        got = self.status(WRITABLE + "objects/", "POST", "reader", body="{}", content=TAXII)
        self.assertEqual(got, 403)
        self.assertEqual(self.status(f"{READABLE}objects/{MALWARE}/", "DELETE", "giver"), 403)
        self.assertFalse(self.ask(WRITABLE, user="reader").json()["can_write"])
        self.assertTrue(self.ask(WRITABLE, user="giver").json()["can_write"])

    def test_what_was_removed_can_be_given_again_and_again(self):
        tool = {
            "type": "tool",
            "spec_version": "2.1",
            "id": "tool--7b1f3a52-4d0e-4c55-9f0e-2f9a3c1d8e44",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "name": "port scanner",
        }
        body = json.dumps({"objects": [tool]}).encode()
        path = f"{WRITABLE}objects/{tool['id']}/"
        for _ in range(4):
            given = self.ask(WRITABLE + "objects/", method="POST", body=body, content=TAXII)
            self.assertEqual((given.status, given.json()["success_count"]), (202, 1))
            self.assertEqual(self.ask(path).json()["objects"], [tool])
            self.assertEqual(self.status(path, method="DELETE"), 200)
            self.assertEqual(self.status(path), 404)

    def test_unmarked_objects_are_not_there_for_those_not_cleared(self):
        """Restored objects without a marking are the most restrictive: hidden as if absent."""
        page = self.ask(READABLE + "objects/", user="reader").json()
        self.assertNotIn(MALWARE, [o["id"] for o in page.get("objects", [])])
        hidden = self.ask(f"{READABLE}objects/{MALWARE}/", user="reader")
        absent = self.ask(f"{READABLE}objects/{MALWARE[:-1]}0/", user="reader")
        self.assertEqual((hidden.status, hidden.body), (404, absent.body))
        self.assertEqual(self.ask(f"{READABLE}objects/?match[id]={MALWARE}", user="reader").body, b"{}")

    def test_nobody_and_wrong_passwords_are_asked_to_identify(self):
        for auth in (None, ("admin", "wrong"), ("nobody", "Password0"), "not.atoken"):
            answer = self.node.request("GET", "/taxii2/", headers={"Accept": TAXII}, auth=auth)
            self.assertEqual(answer.status, 401)
            self.assertIn("Basic", answer.headers["WWW-Authenticate"])

    def test_too_long_a_body_is_refused_by_the_root_limit(self):
        body = "[" + " " * 9765625 + "]"
        got = self.status(WRITABLE + "objects/", "POST", body=body, content=TAXII)
        self.assertEqual(got, 413)

    def test_a_request_without_host_is_answered_with_relative_roots(self):
        context = ssl.create_default_context(cafile=os.path.join(self.node.dir, "tls/cert.pem"))
        raw = socket.create_connection((self.node.host, self.node.port), timeout=30)
        with context.wrap_socket(raw, server_hostname="localhost") as connection:
            connection.sendall(
                b"GET /taxii2/ HTTP/1.1\r\nAccept: application/taxii+json\r\nConnection: close\r\n"
                b"Authorization: Basic YWRtaW46UGFzc3dvcmQw\r\n\r\n"
            )
            text = b""
            while chunk := connection.recv(65536):
                text += chunk
        answer = json.loads(text.split(b"\r\n\r\n", 1)[1])
        self.assertEqual(answer["default"], "/trustgroup1/")

    def test_a_restored_status_is_read_back(self):
        answer = self.ask(ROOT + "status/2d086da7-4bdc-4f91-900e-d77486753710/")
        self.assertEqual(answer.json()["pending_count"], 2)
        self.assertEqual(self.status(ROOT + "status/2d086da7-4bdc-4f91-900e-d77486753710/",
                                     user="reader"), 404)


if __name__ == "__main__":
    node.main()
