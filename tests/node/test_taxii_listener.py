# SPDX-License-Identifier: Apache-2.0
"""TAXII for strangers on a listener of its own: what it serves, and which TLS it and the others take."""

import base64
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import unittest
from urllib.parse import urlsplit

import node
from node import Node, main, wait_until
from test_taxii_clients import FIXTURE, PACKAGES, python_with

TAXII = "application/taxii+json;version=2.1"
BASIC = "Basic " + base64.b64encode(b"admin:Password0").decode()


def context(n, newest=ssl.TLSVersion.TLSv1_3, ciphers=None):
    c = ssl.create_default_context(cafile=os.path.join(n.dir, "tls/cert.pem"))
    c.minimum_version = ssl.TLSVersion.TLSv1_2
    c.maximum_version = newest
    if ciphers:
        c.set_ciphers(ciphers)
    return c


def get(n, url, path, **tls):
    """One answer and the version of TLS that carried it."""
    at = urlsplit(url)
    connection = http.client.HTTPSConnection(
        at.hostname, at.port, timeout=20, context=context(n, **tls)
    )
    connection.connect()
    try:
        version = connection.sock.version()
        connection.request("GET", path, headers={"Accept": TAXII, "Authorization": BASIC})
        answer = connection.getresponse()
        answer.read()
        return answer.status, version
    finally:
        connection.close()


def settled(n, url, newest, ciphers):
    """What the handshake settles, or None where it is refused."""
    at = urlsplit(url)
    try:
        with socket.create_connection((at.hostname, at.port), timeout=20) as raw:
            tls = context(n, newest, ciphers)
            with tls.wrap_socket(raw, server_hostname=at.hostname) as s:
                return s.cipher()[0], s.compression()
    except (ssl.SSLError, ConnectionError):
        return None


def listening(n, **keys):
    """A node with the listener."""
    n.init()
    n.configure("taxii", listen="127.0.0.1:0", **keys)
    n.add_user("admin", "admin", "Password0")
    return n.serve()


OLD = ssl.TLSVersion.TLSv1_2


class Listener(unittest.TestCase):
    # TAXII 2.1 §8.1 wants TLS 1.2; nobody else is to be spoken to like that.
    def test_it_takes_tls_1_2_where_the_main_listener_does_not(self):
        with Node() as n:
            listening(n, tls="1.2")
            self.assertEqual(get(n, n.taxii_url, "/taxii2/", newest=OLD), (200, "TLSv1.2"))
            self.assertEqual(get(n, n.taxii_url, "/taxii2/"), (200, "TLSv1.3"))
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                get(n, n.url, "/taxii2/", newest=OLD)
            self.assertEqual(get(n, n.url, "/taxii2/"), (200, "TLSv1.3"))

    def test_without_being_told_it_takes_tls_1_3_alone(self):
        with Node() as n:
            listening(n)
            self.assertEqual(get(n, n.taxii_url, "/taxii2/"), (200, "TLSv1.3"))
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                get(n, n.taxii_url, "/taxii2/", newest=OLD)

    def test_without_the_section_there_is_one_listener(self):
        with Node().init() as n:
            n.serve()
            self.assertIsNone(n.taxii_url)
            self.assertNotIn("taxii_url", json.loads(n.cli("status", n.dir, "--json").stdout))

    def test_tls_1_2_is_forward_secret_and_authenticated_or_not_at_all(self):
        with Node() as n:
            listening(n, tls="1.2")
            for good in ("ECDHE+AESGCM", "ECDHE+CHACHA20"):
                cipher, compression = settled(n, n.taxii_url, OLD, good)
                self.assertRegex(cipher, r"^ECDHE-.*(GCM|POLY1305)")
                self.assertIsNone(compression)
            for weak in ("kRSA+AESGCM", "ECDHE+AES:!AESGCM:!AESCCM", "kRSA+AES", "DHE", "AESCCM"):
                self.assertIsNone(settled(n, n.taxii_url, OLD, weak + ":@SECLEVEL=0"), weak)

    def test_openssl_finds_no_renegotiation_and_no_compression(self):
        with Node() as n:
            listening(n, tls="1.2")
            done = subprocess.run(
                ["openssl", "s_client", "-connect", urlsplit(n.taxii_url).netloc, "-tls1_2",
                 "-CAfile", os.path.join(n.dir, "tls/cert.pem"), "-verify_return_error"],
                input=b"R\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
            )
            text = done.stdout.decode("utf-8", "replace")
            self.assertIn("Verify return code: 0", text)
            self.assertIn("Compression: NONE", text)
            self.assertRegex(text, r"RENEGOTIATING\n[^\n]*no renegotiation")
            for old in ("-tls1_1", "-tls1"):
                done = subprocess.run(
                    ["openssl", "s_client", "-connect", urlsplit(n.taxii_url).netloc, old,
                     "-cipher", "ALL:@SECLEVEL=0"],
                    input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
                )
                self.assertNotEqual(done.returncode, 0, old)

    def test_nothing_but_taxii_answers_there(self):
        with Node() as n:
            listening(n, tls="1.2")
            at = urlsplit(n.taxii_url)
            for path in ["/", "/index.html", "/api/v1/status", "/api/v1/session", "/metrics",
                         "/healthz", "/api/v1/events", "/assets/x.js", "/openapi.json"]:
                for accept in (TAXII, "*/*"):
                    c = http.client.HTTPSConnection(
                        at.hostname, at.port, timeout=20, context=context(n)
                    )
                    c.request("GET", path, headers={"Accept": accept, "Authorization": BASIC})
                    self.assertEqual(c.getresponse().status, 404, f"{path} {accept}")
                    c.close()
            login = json.dumps({"name": "admin", "password": "Password0"})
            c = http.client.HTTPSConnection(at.hostname, at.port, timeout=20, context=context(n))
            c.request("POST", "/api/v1/session", login, {"Content-Type": "application/json"})
            self.assertEqual(c.getresponse().status, 404)
            c.close()

    # A browser's cookies know no ports: what it signs in with on the page counts for nothing here.
    def test_a_session_of_the_page_is_none_there(self):
        with Node() as n:
            listening(n, tls="1.2")
            login = json.dumps({"name": "admin", "password": "Password0"})
            answer = n.request("POST", "/api/v1/session", login,
                               {"Content-Type": "application/json"})
            cookie = answer.headers["Set-Cookie"].split(";")[0]
            at = urlsplit(n.taxii_url)
            for url, status in ((n.url, 200), (n.taxii_url, 401)):
                at = urlsplit(url)
                c = http.client.HTTPSConnection(
                    at.hostname, at.port, timeout=20, context=context(n)
                )
                c.request("GET", "/taxii2/", headers={"Accept": TAXII, "Cookie": cookie})
                self.assertEqual(c.getresponse().status, status, url)
                c.close()

    def test_status_and_metrics_count_connections_of_tls_1_2(self):
        with Node() as n:
            listening(n, tls="1.2")
            for newest in (OLD, ssl.TLSVersion.TLSv1_3, OLD, OLD):
                get(n, n.taxii_url, "/taxii2/", newest=newest)
            wait_until(lambda: n.status_file()["figures"].get("taxii_tls12") == 3)
            status = json.loads(n.cli("status", n.dir, "--json").stdout)
            self.assertEqual((status["taxii_url"], status["taxii_tls12"]), (n.taxii_url, 3))
            text = n.request("GET", "/metrics", auth=("admin", "Password0")).body.decode()
            self.assertIn("\ntocsin_taxii_tls12_connections_total 3\n", text)

    def test_a_renewed_certificate_serves_both_listeners(self):
        with Node() as n, Node("Other") as other:
            other.init()
            listening(n, tls="1.2")
            for name in ("tls/cert.pem", "keys/tls.pem"):
                with open(os.path.join(other.dir, name), "rb") as f:
                    pem = f.read()
                with open(os.path.join(n.dir, name), "wb") as f:
                    f.write(pem)
            n.process.send_signal(signal.SIGHUP)
            wait_until(
                lambda: "front.certificate-read" in [e.get("event") for e in n.log_events()]
            )
            self.assertEqual(get(n, n.taxii_url, "/taxii2/", newest=OLD), (200, "TLSv1.2"))
            self.assertEqual(get(n, n.url, "/taxii2/"), (200, "TLSv1.3"))

    def test_taxii2_client_works_there(self):
        if not os.path.exists(FIXTURE):
            node.skip(f"{FIXTURE} is not here")
        python = python_with(PACKAGES)
        with Node() as n:
            n.init()
            n.cli("taxii", "restore", n.dir, FIXTURE, "--page-limit", "20")
            n.configure("taxii", listen="127.0.0.1:0", tls="1.2")
            n.add_user("admin", "admin", "Password0")
            n.serve()
            script = os.path.join(os.path.dirname(__file__), "taxii_real_clients.py")
            plain = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy")
            env = {k: v for k, v in os.environ.items() if k not in plain}
            # The client's own library, told to speak nothing newer.
            env["OPENSSL_CONF"] = os.path.join(n.base, "openssl.cnf")
            with open(env["OPENSSL_CONF"], "w", encoding="utf-8") as conf:
                conf.write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                           "MaxProtocol = TLSv1.2\n")
            done = subprocess.run(
                [python, "-B", script, n.taxii_url, os.path.join(n.dir, "tls/cert.pem"), "admin",
                 "Password0", "--writes"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, env=env,
            )
            sys.stderr.write(done.stdout.decode())
            self.assertEqual(done.returncode, 0)
            wait_until(lambda: n.status_file()["figures"].get("taxii_tls12", 0) > 0)


if __name__ == "__main__":
    main()
