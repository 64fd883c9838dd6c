# SPDX-License-Identifier: Apache-2.0
"""Who may ask what: every operation of the interface with every role and with nobody, sessions,
and the form of refusals. The operations come from the interface's own description."""

import json
import unittest

from node import Node, main

PASSWORD = "correct horse 7"
ROLES = ["reader", "contributor", "analyst", "auditor", "admin"]
MISSING = "indicator--00000000-0000-4000-8000-000000000000"


def operations(node):
    """(method, path, name, roles, open) of every operation."""
    document = node.request("GET", "/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, op in methods.items():
            yield method.upper(), path, op["operationId"], op["x-roles"], op.get("security") == []


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().init()
        for role in ROLES:
            cls.node.add_user(role, role, PASSWORD)
        cls.node.serve()

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def ask(self, method, path, auth=None, body=None, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})}
        path = path.replace("{id}", MISSING).replace("{name}", "nobody-here")
        return self.node.request(method, path, body=body, headers=headers, auth=auth)

    # G25: generated from the table of operations.
    def test_every_operation_with_every_role_and_with_nobody(self):
        walked = 0
        for method, path, name, roles, is_open in operations(self.node):
            if name == "event.stream":
                continue  # answers without end; test_api_live has it
            body = "{}" if method == "POST" else None
            for role in [None, *ROLES]:
                auth = (role, PASSWORD) if role else None
                answer = self.ask(method, path, auth, body)
                status = answer.status
                told = f"{name} as {role}: {status}"
                self.assertNotIn(b"no such operation", answer.body, told)
                if is_open:
                    self.assertNotEqual(status, 403, told)
                elif role is None:
                    self.assertEqual(status, 401, told)
                elif role in roles:
                    self.assertNotIn(status, (401, 403), told)
                else:
                    self.assertEqual(status, 403, told)
                self.assertLess(status, 500, told)
                walked += 1
        self.assertGreater(walked, 100)

    # G25
    def test_nobody_reads_a_stream(self):
        self.assertEqual(self.ask("GET", "/api/v1/events").status, 401)

    # G25: the changed account is named once, in the body; nothing else is listened to.
    def test_a_change_takes_its_subject_from_one_place(self):
        body = json.dumps({"name": "eve", "role": "reader", "password": PASSWORD})
        answer = self.ask(
            "POST", "/api/v1/accounts?name=admin", ("admin", PASSWORD), body
        )
        self.assertEqual(answer.status, 400)
        self.assertIn("name", answer.json()["error"]["message"])
        names = [a["name"] for a in self.ask("GET", "/api/v1/accounts", ("admin", PASSWORD)).json()["items"]]
        self.assertNotIn("eve", names)

    def test_an_account_changes_and_goes(self):
        admin = ("admin", PASSWORD)
        self.node.add_user("guest", "reader", PASSWORD)
        new = "another horse 8"
        changed = self.ask(
            "POST", "/api/v1/accounts/guest/password", admin, json.dumps({"password": new})
        )
        self.assertEqual(changed.status, 200, changed.body)
        self.assertEqual(self.ask("GET", "/api/v1/status", ("guest", PASSWORD)).status, 401)
        self.assertEqual(self.ask("GET", "/api/v1/status", ("guest", new)).status, 200)
        token = self.node.cli("token", "add", self.node.dir, "--user", "guest").stdout.decode().strip()
        self.assertEqual(self.ask("GET", "/api/v1/status", token).status, 200)
        revoked = self.ask("DELETE", f"/api/v1/tokens/{token.split('.')[0]}", admin)
        self.assertEqual((revoked.status, revoked.body), (204, b""))
        self.assertEqual(self.ask("GET", "/api/v1/status", token).status, 401)
        self.node.cli("user", "remove", self.node.dir, "guest")
        self.assertEqual(self.ask("GET", "/api/v1/status", ("guest", new)).status, 401)
        self.assertEqual(self.ask("DELETE", "/api/v1/accounts/guest", admin).status, 404)

    def test_errors_have_one_form(self):
        auth = ("reader", PASSWORD)
        cases = [
            ("GET", "/api/v1/nothing", None, 404, "not-found"),
            ("GET", f"/api/v1/objects/{MISSING}", None, 404, "not-found"),
            ("GET", "/api/v1/sightings?limt=3", None, 400, "invalid"),
            ("GET", "/api/v1/sightings?limit=1001", None, 400, "invalid"),
            ("GET", "/api/v1/sightings?next=abc", None, 400, "invalid"),
            ("GET", "/api/v1/sightings?limit=%zz", None, 400, "syntax"),
            ("DELETE", "/api/v1/status", None, 405, "method"),
            ("POST", "/api/v1/session", "{", 400, "syntax"),
        ]
        for method, path, body, status, code in cases:
            answer = self.ask(method, path, auth, body)
            self.assertEqual((answer.status, answer.json()["error"]["code"]), (status, code), path)
            self.assertTrue(answer.json()["error"]["message"])
            self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(self.ask("DELETE", "/api/v1/status", auth).headers["Allow"], "GET")

    def test_a_page_asks_for_credentials_itself(self):
        answer = self.ask("GET", "/api/v1/status")
        self.assertIn("Basic", answer.headers["WWW-Authenticate"])
        answer = self.ask("GET", "/api/v1/status", headers={"X-Requested-With": "tocsin-ui"})
        self.assertEqual(answer.status, 401)
        self.assertNotIn("WWW-Authenticate", answer.headers)

    def test_a_session_begins_lasts_and_ends(self):
        login = json.dumps({"name": "analyst", "password": PASSWORD})
        answer = self.ask("POST", "/api/v1/session", body=login)
        self.assertEqual(answer.status, 200)
        self.assertEqual(
            {k: answer.json()[k] for k in ("name", "role", "clearance")},
            {"name": "analyst", "role": "analyst", "clearance": "TLP:RED"},
        )
        cookie = answer.headers["Set-Cookie"]
        for flag in ("HttpOnly", "Secure", "SameSite=Strict"):
            self.assertIn(flag, cookie)
        cookie = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.ask("GET", "/api/v1/session", headers=cookie).json()["name"], "analyst")
        self.assertEqual(self.ask("GET", "/api/v1/status", headers=cookie).status, 200)
        # Another site's page cannot use it to change anything.
        foreign = {**cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        self.assertEqual(
            self.ask("POST", "/api/v1/import", body="x", headers=foreign).status, 403
        )
        own = {**cookie, "Origin": self.node.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        ended = self.ask("DELETE", "/api/v1/session", headers=own)
        self.assertEqual(ended.status, 204)
        self.assertIn("Max-Age=0", ended.headers["Set-Cookie"])
        self.assertEqual(self.ask("GET", "/api/v1/session").status, 401)

    def test_a_wrong_password_and_an_unknown_name_are_the_same(self):
        wrong = self.ask("POST", "/api/v1/session", body=json.dumps({"name": "auditor", "password": "x"}))
        unknown = self.ask("POST", "/api/v1/session", body=json.dumps({"name": "nobody", "password": "x"}))
        self.assertEqual(wrong.status, 401)
        self.assertEqual((wrong.status, wrong.body), (unknown.status, unknown.body))

    def test_a_form_of_another_site_cannot_post_json(self):
        body = json.dumps({"name": "analyst", "password": PASSWORD})
        answer = self.ask("POST", "/api/v1/session", body=body, headers={"Content-Type": "text/plain"})
        self.assertEqual(answer.status, 415)

    def test_a_token_does_what_its_account_may_and_no_more(self):
        token = self.node.cli(
            "token", "add", self.node.dir, "--user", "contributor", "--role", "reader", "--expires", "1"
        ).stdout.decode().strip()
        self.assertEqual(self.ask("GET", "/api/v1/status", token).status, 200)
        self.assertEqual(self.ask("POST", "/api/v1/import", token, "x").status, 403)
        self.assertEqual(self.ask("GET", "/api/v1/status", token[:-2] + "xx").status, 401)
        rows = json.loads(self.node.cli("token", "list", self.node.dir, "--json").stdout)["items"]
        self.assertEqual([r["account"] for r in rows], ["contributor"])
        self.assertNotIn(token, json.dumps(rows))

    def test_health_needs_nobody(self):
        answer = self.ask("GET", "/healthz")
        self.assertEqual((answer.status, answer.json()), (200, {"status": "ok"}))
        self.assertEqual(self.ask("GET", "/healthz", ("analyst", "wrong")).status, 200)


if __name__ == "__main__":
    main()
