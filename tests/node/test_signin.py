# SPDX-License-Identifier: Apache-2.0
"""Signing in with an identity provider, a real one, by a client that keeps cookies as browsers
do."""

import http.client
import json
import os
import ssl
import subprocess
import unittest
from urllib.parse import parse_qs, urlencode, urlsplit

from node import Node, main, wait_until
from test_taxii_clients import python_with

PACKAGES = ["oidc-provider-mock==0.3.4"]
JSON = {"Content-Type": "application/json"}


class Provider:
    """An identity provider in a process of its own, with a certificate made for it."""

    def __init__(self, kind):
        self.node = Node("Provider").init()
        python = python_with(PACKAGES, "oidc")
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oidc_provider.py")
        self.cert = os.path.join(self.node.dir, "tls/cert.pem")
        self.process = subprocess.Popen(
            [python, "-B", script, self.cert, os.path.join(self.node.dir, "keys/tls.pem"), kind],
            stdout=subprocess.PIPE,
        )
        self.port = int(self.process.stdout.readline())
        self.issuer = f"https://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.node.__exit__(None, None, None)

    def ask(self, method, target, body=None, headers=None):
        context = ssl.create_default_context(cafile=self.cert)
        c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        c.request(method, target, body=body, headers=headers or {})
        answer = c.getresponse()
        data = answer.read()
        c.close()
        return answer.status, dict(answer.getheaders()), data

    def control(self, **what):
        self.ask("PUT", "/control", json.dumps(what))

    def log(self):
        return json.loads(self.ask("GET", "/log")[2])

    def person(self, url, sub=None, action="login"):
        """What a person does at the provider's page: where it sends the browser then."""
        at = urlsplit(url)
        form = {"action": action} if sub is None else {"sub": sub, "action": action}
        status, headers, _ = self.ask(
            "POST", f"{at.path}?{at.query}", urlencode(form),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert status == 302, status
        return headers["Location"]


class Browser:
    """Keeps cookies, and what was said of them."""

    def __init__(self, n):
        self.n = n
        self.cookies = {}
        self.attributes = {}

    def ask(self, method, path, body=None):
        headers = {"Sec-Fetch-Site": "same-origin", **(JSON if method == "POST" else {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        c = self.n.connection()
        c.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        answer = c.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair, *attributes = [x.strip() for x in value.split(";")]
                key, _, text = pair.partition("=")
                self.attributes[key] = attributes
                if "Max-Age=0" in attributes:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = text
        c.close()
        return answer.status, json.loads(data) if data else None

    def begin(self):
        status, answer = self.ask("POST", "/api/v1/session/oidc", {})
        assert status == 200, (status, answer)
        return answer["url"]

    def finish(self, **what):
        return self.ask("POST", "/api/v1/session/oidc/finish", what)

    def finish_at(self, place):
        query = {k: v[0] for k, v in parse_qs(urlsplit(place).query).items()}
        return self.finish(**{k: query[k] for k in ("code", "state", "error") if k in query})


def with_provider(n, p, issuer=None, **keys):
    """A node that knows the provider, with an account that is linked and one that is not."""
    n.init()
    secret = os.path.join(n.base, "secret")
    with open(secret, "w", encoding="utf-8") as f:
        f.write("a secret: & more\n")
    n.configure("oidc", issuer=issuer or p.issuer, client_id="tocsin", client_secret_file=secret,
                ca_file=p.cert, name="Ministry", **keys)
    n.add_user("alice", "analyst", "Password0")
    n.add_user("bob", "reader", "Password0")
    n.cli("user", "oidc", n.dir, "alice", "--subject", "alice-1")
    return n.serve()


def ends(n):
    """How sign-ins ended, by the metrics."""
    text = n.request("GET", "/metrics", auth=("alice", "Password0")).body.decode()
    rows = [x for x in text.splitlines() if x.startswith("tocsin_oidc_sign_ins_total{")]
    return {x.split('"')[1]: int(x.split()[-1]) for x in rows if not x.endswith(" 0")}


class WithProvider(unittest.TestCase):
    """One provider for all tests of a class; each node knows nothing of the ones before."""

    @classmethod
    def setUpClass(cls):
        if cls.kind:
            cls.provider = Provider(cls.kind)
            cls.addClassCleanup(cls.provider.__exit__, None, None, None)

    kind = None


class WithARealProvider(WithProvider):
    kind = "real"

    def test_a_linked_account_signs_in_and_out(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            b = Browser(n)
            self.assertEqual(b.ask("GET", "/api/v1/session/ways"), (200, {"oidc": "Ministry"}))
            url = b.begin()
            self.assertEqual(b.attributes["__Host-sign-in"],
                             ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=600"])
            query = parse_qs(urlsplit(url).query)
            self.assertEqual(query["redirect_uri"], [n.url])
            place = p.person(url, "alice-1")
            self.assertTrue(place.startswith(n.url + "?"), place)
            status, session = b.finish_at(place)
            self.assertEqual((status, session["name"], session["role"]), (200, "alice", "analyst"))
            self.assertEqual(b.attributes["__Host-session"][:4],
                             ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"])
            self.assertNotIn("__Host-sign-in", b.cookies)
            self.assertEqual(b.ask("GET", "/api/v1/status")[0], 200)
            self.assertEqual(b.ask("DELETE", "/api/v1/session")[0], 204)
            self.assertEqual(b.ask("GET", "/api/v1/session")[0], 401)
            self.assertEqual(ends(n), {"ok": 1})

    def test_nobody_gets_an_account_by_signing_in(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            before = n.cli("user", "list", n.dir, "--json").stdout
            for sub in ("bob", "alice", "ALICE-1", "mallory"):
                b = Browser(n)
                status, answer = b.finish_at(p.person(b.begin(), sub))
                self.assertEqual((status, answer["error"]["code"]), (403, "oidc-unlinked"))
                self.assertIn(f'"{sub}"', answer["error"]["message"])
                self.assertIn("tocsin user oidc", answer["error"]["message"])
                self.assertNotIn("__Host-session", b.cookies)
            self.assertEqual(n.cli("user", "list", n.dir, "--json").stdout, before)
            self.assertEqual(ends(n), {"oidc-unlinked": 4})

    def test_a_link_is_taken_away_and_ends_its_sessions(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            b = Browser(n)
            self.assertEqual(b.finish_at(p.person(b.begin(), "alice-1"))[0], 200)
            taken = n.cli("user", "oidc", n.dir, "bob", "--subject", "alice-1", check=False)
            self.assertIn(b"is account alice's", taken.stderr)
            n.cli("user", "oidc", n.dir, "alice", "--remove")
            wait_until(lambda: b.ask("GET", "/api/v1/session")[0] == 401)
            b = Browser(n)
            self.assertEqual(b.finish_at(p.person(b.begin(), "alice-1"))[0], 403)
            n.cli("user", "oidc", n.dir, "bob", "--subject", "alice-1")
            b = Browser(n)
            status, session = b.finish_at(p.person(b.begin(), "alice-1"))
            self.assertEqual((status, session["name"], session["role"]), (200, "bob", "reader"))

    def test_a_code_and_a_state_are_good_once_and_in_their_browser(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            b, other = Browser(n), Browser(n)
            place = p.person(b.begin(), "alice-1")
            kept = dict(b.cookies)
            # In a browser that has begun nothing, and in one that has begun something else.
            self.assertEqual(other.finish_at(place)[1]["error"]["code"], "oidc-over")
            other.begin()
            self.assertEqual(other.finish_at(place)[1]["error"]["code"], "oidc-state")
            self.assertEqual(b.finish_at(place)[0], 200)
            # Played again with the very cookie, and the code under a sign-in of another.
            b.cookies = dict(kept)
            self.assertEqual(b.finish_at(place)[1]["error"]["code"], "oidc-used")
            code = parse_qs(urlsplit(place).query)["code"][0]
            state = parse_qs(urlsplit(other.begin()).query)["state"][0]
            status, answer = other.finish(code=code, state=state)
            self.assertEqual((status, answer["error"]["code"]), (403, "oidc-refused"))
            self.assertIn("invalid_grant", answer["error"]["message"])

    # A code that was stolen on its way: PKCE makes it worth nothing elsewhere.
    def test_a_fresh_code_of_another_browser_is_refused(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            victim, thief = Browser(n), Browser(n)
            code = parse_qs(urlsplit(p.person(victim.begin(), "alice-1")).query)["code"][0]
            state = parse_qs(urlsplit(thief.begin()).query)["state"][0]
            status, answer = thief.finish(code=code, state=state)
            self.assertEqual((status, answer["error"]["code"]), (403, "oidc-refused"))
            self.assertNotIn("__Host-session", thief.cookies)

    def test_who_is_refused_there_is_told(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            b = Browser(n)
            url = b.begin()
            state = parse_qs(urlsplit(url).query)["state"][0]
            place = p.person(url, action="deny")
            self.assertIn("error=access_denied", place)
            status, answer = b.finish(state=state, error="access_denied")
            self.assertEqual((status, answer["error"]["code"]), (403, "oidc-there"))

    # The second factor is the provider's matter, also where the node asks one of passwords.
    def test_no_code_is_asked_for_beside_the_provider(self):
        with Node() as n:
            p = self.provider
            n.init()
            n.set("totp_required", "analyst")
            secret = os.path.join(n.base, "secret")
            with open(secret, "w", encoding="utf-8") as f:
                f.write("s")
            n.configure("oidc", issuer=p.issuer, client_id="tocsin", client_secret_file=secret,
                        ca_file=p.cert)
            n.add_user("alice", "analyst", "Password0")
            n.cli("user", "oidc", n.dir, "alice", "--subject", "alice-1")
            n.serve()
            refused = n.request("POST", "/api/v1/session", json.dumps(
                {"name": "alice", "password": "Password0"}), JSON)
            self.assertEqual(refused.status, 403)
            b = Browser(n)
            self.assertEqual(b.finish_at(p.person(b.begin(), "alice-1"))[0], 200)

    # Who linked an account holds it in hand: that is no second person.
    def test_two_persons_are_two_whoever_links_them(self):
        with Node() as n:
            p = self.provider
            n.init()
            secret = os.path.join(n.base, "secret")
            with open(secret, "w", encoding="utf-8") as f:
                f.write("s")
            n.configure("oidc", issuer=p.issuer, client_id="tocsin", client_secret_file=secret,
                        ca_file=p.cert)
            n.set("two_person", "root.add")
            for name in ("ann", "eve", "ira"):
                n.add_user(name, "admin", "Password0")
            n.serve()
            eve = ("eve", "Password0")
            linked = n.request("POST", "/api/v1/accounts/ann/oidc", json.dumps(
                {"subject": "eve-at-home"}), JSON, auth=eve)
            self.assertEqual(linked.status, 200, linked.body)
            asked = n.request("POST", "/api/v1/roots", json.dumps(
                {"name": "r", "title": "R"}), JSON, auth=eve)
            self.assertEqual(asked.status, 202, asked.body)
            b = Browser(n)
            self.assertEqual(b.finish_at(p.person(b.begin(), "eve-at-home"))[1]["name"], "ann")
            path = f"/api/v1/requests/{asked.json()['request']['id']}/approve"
            hash_of = {"hash": asked.json()["request"]["hash"]}
            status, answer = b.ask("POST", path, hash_of)
            self.assertEqual(status, 403, answer)
            self.assertIn("identity provider", answer["error"]["message"])

    def test_without_a_provider_there_is_no_such_way(self):
        with Node().init() as n:
            n.serve()
            b = Browser(n)
            self.assertEqual(b.ask("GET", "/api/v1/session/ways"), (200, {}))
            status, answer = b.ask("POST", "/api/v1/session/oidc", {})
            self.assertEqual((status, answer["error"]["code"]), (404, "oidc-none"))
            n.add_user("alice", "analyst", "Password0")
            done = n.cli("user", "oidc", n.dir, "alice", "--subject", "x", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"[oidc] issuer", done.stderr)
            self.assertNotIn("signin", n.roles())


if __name__ == "__main__":
    main()
