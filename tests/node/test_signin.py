# SPDX-License-Identifier: Apache-2.0
"""Signing in with an identity provider: with a real one, by a client that keeps cookies as browsers
do, and with one that lies in every way it can."""

import http.client
import json
import os
import ssl
import subprocess
import sys
import time
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


# What the hostile provider does, and a word of the reason that people are told.
LIES = [
    ({"claims": {"iss": "https://127.0.0.1"}}, "another issuer"),
    ({"claims": {"aud": "another"}}, "(aud)"),
    ({"claims": {"aud": ["tocsin", "another"]}}, "(azp)"),
    ({"claims": {"azp": "another"}}, "(azp)"),
    ({"nonce": "another"}, "(nonce)"),
    ({"nonce": None}, "(nonce)"),
    ({"claims": {"exp": {"now": -120}, "iat": {"now": -300}}}, "expired"),
    ({"claims": {"iat": {"now": 3600}, "exp": {"now": 7200}}}, "time to come"),
    ({"claims": {"iat": {"now": -3600}}}, "more than 10 minutes ago"),
    ({"claims": {"exp": None}}, "from when"),
    ({"claims": {"sub": ""}}, "claim sub"),
    ({"alg": "none", "sign": "none"}, "not signed with"),
    ({"alg": "none", "sign": "RS256"}, "not signed with"),
    # With the public key as the secret, which everybody has.
    ({"alg": "HS256", "sign": "HS256", "kid": "RS256"}, "not signed with"),
    ({"alg": "RS256", "sign": "HS256"}, "signature does not hold"),
    ({"alg": "ES256", "kid": "EdDSA", "sign": "EdDSA"}, "does not show"),
    ({"header": {"crit": ["exp"]}}, "extension"),
    ({"other_key": True}, "signature does not hold"),
    ({"tampered": True}, "signature does not hold"),
    ({"kid": "gone"}, "does not show"),
    ({"tail": "." + "A" * 20}, "three parts"),
    ({"tail": "A" * (20 << 10)}, "longer than"),
    ({"token": "oversized"}, "too large"),
    ({"token": "oversized", "no_length": True}, "too large"),
    ({"token": "redirect"}, "sends elsewhere"),
    ({"token": "garbage"}, "no HTTP"),
    ({"token": "not-json"}, "cannot be read"),
    ({"token": "deep"}, "cannot be read"),
    ({"token": "error"}, "server_error"),
]

# The same before anybody is sent there.
LIES_OF_ITSELF = [
    ({"metadata": {"issuer": "https://other.example"}}, "another issuer"),
    ({"metadata": {"token_endpoint": "http://127.0.0.1/token"}}, "token_endpoint"),
    ({"metadata": {"token_endpoint": "https://127.0.0.1:22/"}}, "has port 22"),
    ({"metadata": {"jwks_uri": None}}, "jwks_uri"),
    ({"metadata": {"code_challenge_methods_supported": ["plain"]}}, "PKCE"),
    ({"configuration": "oversized"}, "too large"),
    ({"configuration": "redirect"}, "sends elsewhere"),
    ({"configuration": "garbage"}, "no HTTP"),
    ({"configuration": "not-json"}, "no JSON"),
    ({"configuration": "deep"}, "no JSON"),
    ({"configuration": "error"}, "error"),
]


class WithOneThatLies(WithProvider):
    kind = "hostile"

    def setUp(self):
        self.provider.ask("DELETE", "/log")

    def attempt(self, n, p, lie):
        """A whole sign-in during which the provider does this; the answer to its end."""
        b = Browser(n)
        query = parse_qs(urlsplit(b.begin()).query)
        p.control(**{"nonce": query["nonce"][0], **lie})
        answer = b.finish(code="c", state=query["state"][0])
        return (*answer, b)

    def test_every_algorithm_that_is_taken_signs_in(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            for alg in ("RS256", "ES256", "EdDSA"):
                status, answer, _ = self.attempt(n, p, {"alg": alg})
                self.assertEqual((status, answer["name"]), (200, "alice"), answer)
            asked = [x for x in p.log() if x.startswith("/token")]
            self.assertTrue(asked[0].startswith("/token Basic "), asked[0])
            # What is known of the provider is not asked for each time.
            for path in ("/.well-known/openid-configuration", "/keys"):
                self.assertEqual(p.log().count(path), 1)

    def test_every_lie_is_refused_with_its_reason(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            self.assertEqual(self.attempt(n, p, {})[0], 200)
            for lie, word in LIES:
                with self.subTest(lie=lie):
                    status, answer, b = self.attempt(n, p, lie)
                    self.assertEqual(answer["error"]["code"], "oidc-refused", answer)
                    self.assertEqual(status, 403)
                    self.assertIn(word, answer["error"]["message"])
                    self.assertNotIn("__Host-session", b.cookies)
                    # A right one is no guess, and takes the failed one's count back.
                    self.assertEqual(self.attempt(n, p, {})[0], 200)
            self.assertEqual(ends(n)["oidc-refused"], len(LIES))
            told = [e for e in n.log_events() if e.get("event") == "signin.refused"]
            self.assertEqual(len(told), len(LIES))
            self.assertFalse(any("secret" in json.dumps(e) for e in n.log_events()))

    def test_a_provider_that_is_none_is_not_sent_to(self):
        for lie, word in LIES_OF_ITSELF:
            with self.subTest(lie=lie), Node() as n:
                p = self.provider
                p.control(**lie)
                with_provider(n, p)
                status, answer = Browser(n).ask("POST", "/api/v1/session/oidc", {})
                self.assertIn(answer["error"]["code"], ("oidc-refused", "oidc-unreachable"))
                self.assertIn(status, (403, 503))
                self.assertIn(word, answer["error"]["message"])
                # It is asked again soon, and works as soon as it is right.
                p.control()
                wait_until(
                    lambda: Browser(n).ask("POST", "/api/v1/session/oidc", {})[0] == 200,
                    timeout=15,
                )

    # Keys change; who sends unknown ones does not make the node ask for each of them.
    def test_new_keys_are_found_and_unknown_ones_asked_for_once(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            self.assertEqual(self.attempt(n, p, {})[0], 200)
            new = {"fresh_keys": True, "prefix": "new-"}
            self.assertEqual(self.attempt(n, p, new)[0], 200)
            for _ in range(4):
                self.assertEqual(self.attempt(n, p, {**new, "kid": "gone"})[0], 403)
            self.assertEqual(p.log().count("/keys"), 2)

    # A provider that hangs keeps nobody waiting but who signs in there.
    def test_a_provider_that_hangs_blocks_nobody_else(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            b = Browser(n)
            query = parse_qs(urlsplit(b.begin()).query)
            for how in ("slow", "drip"):
                p.control(token=how)
                c = n.connection(timeout=40)
                cookie = "; ".join(f"{k}={v}" for k, v in b.cookies.items())
                c.request("POST", "/api/v1/session/oidc/finish",
                          json.dumps({"code": "c", "state": query["state"][0]}),
                          {**JSON, "Cookie": cookie, "Sec-Fetch-Site": "same-origin"})
                wait_until(lambda: any(x.startswith("/token") for x in p.log()))
                began = time.monotonic()
                for _ in range(20):
                    answer = n.request("GET", "/api/v1/status", auth=("alice", "Password0"))
                    self.assertEqual(answer.status, 200)
                self.assertLess(time.monotonic() - began, 5)
                # Another sign-in begins meanwhile.
                again = Browser(n)
                query = parse_qs(urlsplit(again.begin()).query)
                answer = c.getresponse()
                body = json.loads(answer.read())
                c.close()
                self.assertEqual((answer.status, body["error"]["code"]),
                                 (503, "oidc-unreachable"))
                self.assertIn("in time", body["error"]["message"])
                b = again

    def test_a_provider_is_found_by_its_name_and_checked_by_it(self):
        with Node() as n:
            p = self.provider
            issuer = f"https://localhost:{p.port}"
            metadata = {"issuer": issuer, "authorization_endpoint": issuer + "/authorize",
                        "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys"}
            p.control(metadata=metadata)
            with_provider(n, p, issuer=issuer)
            lie = {"metadata": metadata, "claims": {"iss": issuer}}
            self.assertEqual(self.attempt(n, p, lie)[0], 200)
        with Node() as n:
            with_provider(n, p, issuer="https://nobody.invalid")
            status, answer = Browser(n).ask("POST", "/api/v1/session/oidc", {})
            self.assertEqual((status, answer["error"]["code"]), (503, "oidc-unreachable"))
            self.assertIn("cannot be looked up", answer["error"]["message"])

    def test_a_certificate_of_nobody_is_not_trusted(self):
        with Node("Other") as other, Node() as n:
            p = self.provider
            other.init()
            with_provider(n, p)
            n.stop()
            n.configure("oidc", ca_file=os.path.join(other.dir, "tls/cert.pem"))
            n.serve()
            status, answer = Browser(n).ask("POST", "/api/v1/session/oidc", {})
            self.assertEqual((status, answer["error"]["code"]), (403, "oidc-refused"))
            self.assertIn("certificate is not trusted", answer["error"]["message"])

    def test_too_many_failed_sign_ins_are_slowed_down(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            p.control(token="error")
            codes = []
            for _ in range(40):
                b = Browser(n)
                state = parse_qs(urlsplit(b.begin()).query)["state"][0]
                codes.append(b.finish(code="c", state=state)[1]["error"]["code"])
            self.assertEqual(codes[0], "oidc-refused")
            self.assertEqual(codes[-1], "busy")

    # The role is locked in, and the others do without it.
    def test_a_role_that_dies_is_started_again(self):
        with Node() as n:
            p = self.provider
            with_provider(n, p)
            boxes = {e["role"]: e for e in n.log_events() if e.get("event") == "role.sandbox"}
            self.assertEqual((boxes["signin"]["files"], boxes["signin"]["exec"]),
                             ("refused", "refused"))
            before = n.kill_role("signin")
            wait_until(lambda: n.roles()["signin"]["pid"] not in (0, before))
            self.assertEqual(
                n.request("GET", "/api/v1/status", auth=("alice", "Password0")).status, 200)
            wait_until(lambda: Browser(n).ask("POST", "/api/v1/session/oidc", {})[0] == 200)
            self.assertEqual(self.attempt(n, p, {})[0], 200)

    def test_a_configuration_that_lacks_something_says_what(self):
        with Node().init() as n:
            for keys, word in (
                ({"issuer": "http://sso.example"}, "issuer"),
                ({"issuer": "https://sso.example"}, "client_id"),
                ({"client_id": "c"}, "client_secret_file"),
            ):
                n.configure("oidc", **keys)
                n.serve(expect_ready=False)
                self.assertEqual(n.process.wait(20), 2)
                n.process.stdout.close()
                n.process = None
                with open(n.log_path, encoding="utf-8") as f:
                    self.assertIn(word, f.read())
            n.configure("oidc", client_secret_file="/nonexistent")
            n.serve(expect_ready=False)
            self.assertEqual(n.process.wait(20), 2)
            n.process.stdout.close()
            n.process = None


if __name__ == "__main__":
    main()
