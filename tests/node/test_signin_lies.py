# SPDX-License-Identifier: Apache-2.0
"""Signing in with an identity provider that lies, breaks off and hangs in every way it can: each is
refused, with its reason, and is nobody else's trouble."""

import json
import os
import time
from urllib.parse import parse_qs, urlsplit

from node import Node, main, wait_until
from test_signin import JSON, Browser, WithProvider, ends, with_provider

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
            self.assertEqual(boxes["signin"]["files"], "refused")
            # Builds for sanitizers have no filter of system calls.
            if boxes["signin"]["seccomp"] == "yes":
                self.assertEqual(boxes["signin"]["exec"], "refused")
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
