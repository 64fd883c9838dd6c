# SPDX-License-Identifier: Apache-2.0
"""What the operator puts under the rule of two persons does not happen until a second one says so,
and then exactly as it was asked."""

import json
import os
import unittest

from node import Node, main

PASSWORD = "correct horse 7"
RULE = "account.add, account.remove, account.password, community.remove, root.add"


class Requests(unittest.TestCase):
    def node(self, rule=RULE):
        n = Node().init()
        for name in ("ann", "bob"):
            n.add_user(name, "admin", PASSWORD)
        n.add_user("cyd", "analyst", PASSWORD)
        n.cli("community", "add", n.dir, "isac")
        n.set("two_person", rule)
        return n.serve()

    def ask(self, n, who, method, path, body=None):
        return n.request(method, "/api/v1" + path, auth=who if "." in who else (who, PASSWORD),
                         body=None if body is None else json.dumps(body).encode(),
                         headers={} if body is None else {"Content-Type": "application/json"})

    def made(self, answer):
        self.assertEqual(answer.status, 202, answer.body)
        return answer.json()["request"]

    def approve(self, n, who, request, **more):
        return self.ask(n, who, "POST", f"/requests/{request['id']}/approve",
                        {"hash": request["hash"], **more})

    def communities(self, n):
        return [c["name"] for c in self.ask(n, "ann", "GET", "/communities").json()["items"]]

    def states(self, n):
        return {r["id"]: r["state"] for r in self.ask(n, "bob", "GET", "/requests").json()["items"]}

    # G3, T4
    def test_nothing_happens_until_another_administrator_approves(self):
        with self.node() as n:
            request = self.made(self.ask(n, "ann", "DELETE", "/communities/isac"))
            self.assertEqual((request["op"], request["by"], request["state"]),
                             ("community.remove", "ann", "waiting"))
            self.assertEqual(json.loads(request["args"]), {"name": "isac"})
            self.assertEqual(self.communities(n), ["isac"])
            # The same person never, by no way of showing who they are.
            token = n.cli("token", "add", n.dir, "--user", "ann").stdout.decode().strip()
            other = n.cli("token", "add", n.dir, "--user", "ann").stdout.decode().strip()
            for who in ("ann", token, other):
                self.assertEqual(self.approve(n, who, request).status, 403)
            self.assertEqual(self.approve(n, "cyd", request).status, 403)
            # Nor what was not looked at.
            wrong = self.ask(n, "bob", "POST", f"/requests/{request['id']}/approve",
                             {"hash": "0" * 64})
            self.assertEqual(wrong.status, 409, wrong.body)
            self.assertEqual(self.communities(n), ["isac"])
            answer = self.approve(n, "bob", request)
            self.assertEqual(answer.status, 200, answer.body)
            done = answer.json()["request"]
            self.assertEqual((done["state"], done["by"], done["second"]), ("done", "ann", "bob"))
            self.assertEqual(self.communities(n), [])
            # Once.
            self.assertEqual(self.approve(n, "bob", request).status, 409)
            self.assertEqual(self.states(n), {request["id"]: "done"})
            # What the rule does not name happens at once, and the operator is not under it.
            made = self.ask(n, "ann", "POST", "/communities", {"name": "other"})
            self.assertEqual(made.status, 200, made.body)
            n.cli("community", "remove", n.dir, "other")
            self.assertEqual(n.stop(), 0)

    # G3
    def test_a_request_outlives_a_crash_and_runs_as_it_was_asked(self):
        with self.node() as n:
            request = self.made(self.ask(n, "ann", "DELETE", "/communities/isac"))
            account = self.made(self.ask(n, "ann", "POST", "/accounts", {
                "name": "dan", "role": "analyst", "password": "another horse 8",
                "tags": "X,Y"}))
            self.assertNotIn("horse", json.dumps(account))
            n.kill()
            n.serve()
            self.assertEqual(set(self.states(n).values()), {"waiting"})
            self.assertEqual(self.communities(n), ["isac"])
            self.assertEqual(self.approve(n, "bob", request).status, 200)
            self.assertEqual(self.communities(n), [])
            self.assertEqual(n.request("GET", "/api/v1/status",
                                       auth=("dan", "another horse 8")).status, 401)
            self.assertEqual(self.approve(n, "bob", account).status, 200)
            # The password that came with it waited with the signer.
            self.assertEqual(n.request("GET", "/api/v1/status",
                                       auth=("dan", "another horse 8")).status, 200)
            dan = [a for a in self.ask(n, "ann", "GET", "/accounts").json()["items"]
                   if a["name"] == "dan"][0]
            self.assertEqual((dan["role"], dan["tags"]), ("analyst", "X,Y"))
            n.kill()
            n.serve()
            self.assertEqual(set(self.states(n).values()), {"done"})
            with open(os.path.join(n.dir, "keys/passwords"), "rb") as f:
                lines = f.read().splitlines()
            left = [x for x in lines if x.startswith(b"request/")]
            self.assertTrue(not left or left[-1].endswith(b"\t-"), left)
            self.assertEqual(n.stop(), 0)
            for folder, _, files in os.walk(n.dir):
                for file in files:
                    with open(os.path.join(folder, file), "rb") as f:
                        self.assertNotIn(b"another horse 8", f.read(), file)

    # T4: nobody is two persons.
    def test_an_account_from_the_requesters_hand_is_no_second_person(self):
        with self.node("community.remove") as n:
            added = self.ask(n, "ann", "POST", "/accounts",
                             {"name": "eve", "role": "admin", "password": PASSWORD})
            self.assertEqual(added.status, 200, added.body)
            request = self.made(self.ask(n, "ann", "DELETE", "/communities/isac"))
            self.assertEqual(self.approve(n, "eve", request).status, 403)
            # Nor bob, while ann holds a token of his, or set his password.
            token = self.ask(n, "ann", "POST", "/tokens", {"account": "bob"}).json()["token"]
            self.assertEqual(self.approve(n, token, request).status, 403)
            refused = self.approve(n, "bob", request)
            self.assertEqual(refused.status, 403)
            self.assertIn("hand", refused.json()["error"]["message"])
            self.ask(n, "bob", "DELETE", f"/tokens/{token.split('.')[0]}")
            self.ask(n, "ann", "POST", "/accounts/bob/password", {"password": PASSWORD})
            self.assertEqual(self.approve(n, "bob", request).status, 403)
            self.ask(n, "ann", "POST", "/accounts", {"name": "eve", "role": "reader",
                                                     "password": PASSWORD})
            # A change by somebody else does not wash the password.
            n.cli("user", "password", n.dir, "bob", "--password-stdin",
                  input=PASSWORD.encode() + b"\n")
            self.ask(n, "ann", "POST", "/accounts/bob/certificate", {"sha256": "ab" * 32})
            self.assertEqual(self.approve(n, "bob", request).status, 403)
            n.cli("user", "certificate", n.dir, "bob", "--sha256", "cd" * 32)
            self.assertEqual(self.communities(n), ["isac"])
            self.assertEqual(self.approve(n, "bob", request).status, 200)
            self.assertEqual(self.communities(n), [])
            self.assertEqual(n.stop(), 0)

    def test_a_refused_one_never_runs_and_one_that_cannot_run_says_why(self):
        with self.node() as n:
            request = self.made(self.ask(n, "ann", "POST", "/accounts/cyd/password",
                                         {"password": "another horse 8"}))
            answer = self.ask(n, "bob", "POST", f"/requests/{request['id']}/refuse",
                              {"reason": "ask cyd"})
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json()["request"]["text"], "ask cyd")
            self.assertEqual(self.approve(n, "bob", request).status, 409)
            self.assertEqual(n.request("GET", "/api/v1/status", auth=("cyd", PASSWORD)).status, 200)
            # Who asked has lost the right meanwhile.
            gone = self.made(self.ask(n, "ann", "DELETE", "/communities/isac"))
            n.add_user("ann", "reader", PASSWORD)
            self.assertEqual(self.approve(n, "bob", gone).status, 403)
            self.assertEqual(self.communities_of(n, "bob"), ["isac"])
            self.assertEqual(self.states(n)[gone["id"]], "failed")
            n.add_user("ann", "admin", PASSWORD)
            nothing = self.made(self.ask(n, "ann", "DELETE", "/communities/nothing"))
            self.assertEqual(self.approve(n, "bob", nothing).status, 404)
            listed = self.ask(n, "bob", "GET", "/requests").json()["items"]
            self.assertEqual([r["state"] for r in listed], ["failed", "failed", "refused"])
            self.assertIn("nothing", listed[0]["text"])
            self.assertEqual(n.stop(), 0)

    def communities_of(self, n, who):
        return [c["name"] for c in self.ask(n, who, "GET", "/communities").json()["items"]]

    def test_the_operator_lists_approves_and_refuses_at_the_command_line(self):
        with self.node() as n:
            first = self.made(self.ask(n, "ann", "DELETE", "/communities/isac"))
            second = self.made(self.ask(n, "ann", "POST", "/roots", {"name": "x", "title": "X"}))
            text = n.cli("request", "list", n.dir).stdout.decode()
            self.assertIn(first["hash"], text)
            n.cli("request", "refuse", n.dir, second["id"], "--reason", "no")
            self.assertEqual(
                n.cli("request", "approve", n.dir, first["id"], second["hash"],
                      check=False).returncode, 2)
            self.assertEqual(self.communities(n), ["isac"])
            self.assertEqual(n.stop(), 0)
            # Without a running node as well.
            n.cli("request", "approve", n.dir, first["id"], first["hash"])
            listed = json.loads(n.cli("request", "list", n.dir, "--json").stdout)["items"]
            self.assertEqual([(r["state"], r["second"]) for r in listed],
                             [("refused", "local"), ("done", "local")])
            self.assertEqual(
                n.cli("request", "approve", n.dir, first["id"], first["hash"],
                      check=False).returncode, 2)

    def test_only_what_can_wait_may_be_put_under_the_rule(self):
        with Node().init() as n:
            for op in ("token.add", "totp.add", "import", "object.show", "request.approve", "nope"):
                n.set("two_person", f"root.add, {op}")
                done = n.cli("config", "check", n.dir, check=False)
                self.assertEqual((done.returncode, op.encode() in done.stderr), (2, True), op)
            n.set("two_person", RULE)
            n.cli("config", "check", n.dir)

    def test_no_more_wait_than_there_is_room_for(self):
        with self.node("root.add") as n:
            connection = n.connection()
            for i in range(257):
                answer = n.request("POST", "/api/v1/roots", auth=("ann", PASSWORD),
                                   body=json.dumps({"name": f"r{i}", "title": "R"}).encode(),
                                   headers={"Content-Type": "application/json"},
                                   connection=connection)
                self.assertEqual(answer.status, 202 if i < 256 else 413, answer.body)
            connection.close()
            request = self.ask(n, "bob", "GET", "/requests?limit=1").json()["items"][0]
            self.assertEqual(self.approve(n, "bob", request).status, 200)
            self.made(self.ask(n, "ann", "POST", "/roots", {"name": "more", "title": "R"}))
            self.assertEqual(n.stop(), 0)


if __name__ == "__main__":
    main()
