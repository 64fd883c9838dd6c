# SPDX-License-Identifier: Apache-2.0
"""Run by test_signin.py inside a virtual environment: identity providers over TLS, on a free port of
127.0.0.1 that is printed. Arguments: CERTIFICATE KEY KIND.

KIND `real`: oidc-provider-mock from the package registry (on Authlib), with PKCE held to account
before it. KIND `hostile`: one that does what a PUT to /control says, and logs what it is asked."""

import base64
import hashlib
import hmac
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

CERT, KEY, KIND = sys.argv[1:4]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def say_port(port):
    print(port, flush=True)


class HeldToPkce:
    """Before the real provider: a code is worth nothing without the verifier of its challenge."""

    def __init__(self, app):
        self.app = app
        self.challenges = {}

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/oauth2/authorize" and environ["REQUEST_METHOD"] == "POST":
            query = parse_qs(environ["QUERY_STRING"])
            assert query["code_challenge_method"] == ["S256"], query

            def remember(status, headers, *rest):
                place = dict(headers).get("Location", "")
                code = parse_qs(place.partition("?")[2]).get("code", [None])[0]
                self.challenges[code] = query["code_challenge"][0]
                return start_response(status, headers, *rest)

            return self.app(environ, remember)
        if path == "/oauth2/token":
            import io

            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            form = parse_qs(body.decode())
            verifier = form.get("code_verifier", [""])[0]
            want = self.challenges.get(form.get("code", [""])[0])
            if want and b64(hashlib.sha256(verifier.encode()).digest()) != want:
                start_response("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error":"invalid_grant"}']
        return self.app(environ, start_response)


def real():
    import logging

    import oidc_provider_mock
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = oidc_provider_mock.app(require_nonce=True)
    server = make_server("127.0.0.1", 0, HeldToPkce(app), threaded=True, ssl_context=(CERT, KEY))
    say_port(server.server_port)
    server.serve_forever()


class Keys:
    """One key of each kind that a provider may sign with."""

    def __init__(self):
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()

    def jwks(self, prefix):
        from cryptography.hazmat.primitives import serialization as s

        n = self.rsa.public_key().public_numbers()
        p = self.ec.public_key().public_numbers()
        raw = self.ed.public_key().public_bytes(s.Encoding.Raw, s.PublicFormat.Raw)
        return [
            {"kty": "RSA", "kid": prefix + "RS256", "use": "sig", "alg": "RS256",
             "n": b64(n.n.to_bytes(256, "big")), "e": b64(n.e.to_bytes(3, "big"))},
            {"kty": "EC", "kid": prefix + "ES256", "crv": "P-256",
             "x": b64(p.x.to_bytes(32, "big")), "y": b64(p.y.to_bytes(32, "big"))},
            {"kty": "OKP", "kid": prefix + "EdDSA", "crv": "Ed25519", "x": b64(raw)},
            {"kty": "EC", "kid": prefix + "P-384", "crv": "P-384", "x": "AA", "y": "AA"},
            {"kty": "oct", "kid": prefix + "HS256", "k": b64(b"secret")},
        ]

    def pem(self):
        from cryptography.hazmat.primitives import serialization as s

        return self.rsa.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, alg, message):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

        if alg == "RS256":
            return self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if alg == "ES256":
            r, v = utils.decode_dss_signature(self.ec.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + v.to_bytes(32, "big")
        if alg == "EdDSA":
            return self.ed.sign(message)
        if alg == "HS256":  # with what everybody knows
            return hmac.new(self.pem(), message, hashlib.sha256).digest()
        return b""


class Hostile(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    keys = None
    other = None
    control = {}
    log = []
    lock = threading.Lock()
    issuer = ""

    def log_message(self, *args):
        pass

    def do_DELETE(self):
        with self.lock:
            self.log.clear()
        type(self).control = {}
        self.answer({})

    def answer(self, body, status=200, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if not self.control.get("no_length"):
            self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass
        self.close_connection = True

    def misbehaves(self, what):
        """Whether this answer is spoilt, and then spoils it."""
        how = self.control.get(what)
        if how == "oversized":
            self.answer(b'{"x":"' + b"a" * (1 << 20) + b'"}')
        elif how == "redirect":
            self.answer(b"", 302, [("Location", self.issuer + "/elsewhere")])
        elif how == "slow":
            time.sleep(60)
        elif how == "drip":
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                for _ in range(60):
                    self.wfile.write(b"{")
                    time.sleep(1)
            except OSError:
                pass
        elif how == "garbage":
            self.wfile.write(b"\x00\x01 no HTTP\r\n\r\n" * 20)
        elif how == "not-json":
            self.answer(b"<html>sign in to the hotel's network</html>")
        elif how == "deep":
            self.answer(b"[" * 100000)
        elif how == "error":
            self.answer({"error": "server_error"}, 500)
        else:
            return False
        self.close_connection = True
        return True

    def do_GET(self):
        with self.lock:
            self.log.append(self.path)
        if self.path == "/log":
            self.answer(list(self.log))
        elif self.path == "/.well-known/openid-configuration":
            if not self.misbehaves("configuration"):
                base = {
                    "issuer": self.issuer,
                    "authorization_endpoint": self.issuer + "/authorize",
                    "token_endpoint": self.issuer + "/token",
                    "jwks_uri": self.issuer + "/keys",
                }
                self.answer({**base, **self.control.get("metadata", {})})
        elif self.path == "/keys":
            if not self.misbehaves("keys"):
                self.answer({"keys": self.keys.jwks(self.control.get("prefix", ""))})
        else:
            self.answer({"error": "not_found"}, 404)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).control = json.loads(body)
        if self.control.get("fresh_keys"):
            type(self).keys = Keys()
        self.answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with self.lock:
            self.log.append(f"{self.path} {self.headers.get('Authorization')} {body}")
        if self.misbehaves("token"):
            return
        now = time.time()
        c = self.control
        alg = c.get("alg", "RS256")
        claims = {"iss": self.issuer, "aud": "tocsin", "sub": "alice-1", "iat": int(now),
                  "exp": int(now) + 300, "nonce": c.get("nonce")}
        for name, value in c.get("claims", {}).items():
            claims[name] = int(now) + value["now"] if isinstance(value, dict) else value
        claims = {k: v for k, v in claims.items() if v is not None}
        header = {"alg": alg, "kid": c.get("kid", c.get("prefix", "") + alg)}
        header = {k: v for k, v in {**header, **c.get("header", {})}.items() if v is not None}
        message = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        signer = self.other if c.get("other_key") else self.keys
        token = f"{message}.{b64(signer.sign(c.get('sign', alg), message.encode()))}"
        if c.get("tampered"):
            claims["sub"] = "root"
            token = ".".join(
                [token.split(".")[0], b64(json.dumps(claims).encode()), token.split(".")[2]]
            )
        token += c.get("tail", "")
        self.answer({"access_token": "x", "token_type": "Bearer", "id_token": token})


class Quiet(ThreadingHTTPServer):
    """Who is not trusted, or hung up on, need not say so."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def hostile():
    Hostile.keys = Keys()
    Hostile.other = Keys()
    server = Quiet(("127.0.0.1", 0), Hostile)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERT, KEY)
    # The handshake belongs into the thread of its connection.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    Hostile.issuer = f"https://127.0.0.1:{server.server_port}"
    say_port(server.server_port)
    server.serve_forever()


real() if KIND == "real" else hostile()
