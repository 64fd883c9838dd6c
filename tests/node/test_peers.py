# SPDX-License-Identifier: Apache-2.0
"""Two nodes become peers, and everything that has to keep them apart does, in words."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import unittest

import node
from node import TOCSIN, Node, wait_until

HELLO, GOODBYE = 16, 2


class PeerNode(Node):
    """A node whose link listens on a port of the kernel's choice, the same one after a restart."""

    def __init__(self, name):
        super().__init__(name)
        self.link = "127.0.0.1:0"

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [TOCSIN, "serve", self.dir, "--listen", "127.0.0.1:0", "--link", self.link],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        event = json.loads(self.process.stdout.readline())
        self.url, self.link = event["url"], event["link"]
        self.host, port = self.url[len("https://") :].rstrip("/").rsplit(":", 1)
        self.port = int(port)
        return self

    @property
    def link_port(self):
        return int(self.link.rsplit(":", 1)[1])

    def json(self, *args, check=True):
        return json.loads(self.cli(*args, "--json", check=check).stdout)

    def show(self, name):
        return self.json("peer", "show", self.dir, name)

    def invite(self, name, *options):
        return self.json("peer", "invite", self.dir, name, "--address", self.link, *options)["code"]

    def refusal(self, *args):
        """What a command that fails says."""
        done = self.cli(*args, check=False)
        assert done.returncode == 2, (args, done)
        return done.stderr.decode()

    def test(self, name):
        return self.json("peer", "test", self.dir, name, check=False)


def meet(a, b):
    """b invites a; both have met, nobody has confirmed. The fingerprint."""
    met = a.json("peer", "accept", a.dir, "b", b.invite("a"))
    assert met["fingerprint"] == b.show("a")["fingerprint"] == a.show("b")["fingerprint"]
    return met["fingerprint"]


def confirm(a, b, fingerprint):
    a.cli("peer", "confirm", a.dir, "b", fingerprint)
    b.cli("peer", "confirm", b.dir, "a", fingerprint)


def linked(a, b):
    return lambda: a.show("b")["connected"] and b.show("a")["connected"]


@contextlib.contextmanager
def two_nodes(peers=True):
    with PeerNode("Alpha") as a, PeerNode("Beta") as b:
        a.init()
        b.init()
        a.start()
        b.start()
        if peers:
            confirm(a, b, meet(a, b))
            wait_until(linked(a, b), what="the link")
        yield a, b


def code_bytes(code):
    text = code.replace("-", "").upper()
    return bytearray(base64.b32decode(text + "=" * (-len(text) % 8)))


def code_text(data):
    body = bytes(data[:-3])
    body += hashlib.sha256(b"tocsin invitation code\n" + body).digest()[:3]
    return base64.b32encode(body).decode().rstrip("=").lower()


def classical_context(of, server):
    """TLS with the certificate and key of a node, without any post-quantum key exchange."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["tocsin/1"])
    context.load_cert_chain(
        os.path.join(of.dir, "tls/cert.pem"), os.path.join(of.dir, "keys/tls.pem")
    )
    with contextlib.suppress(ValueError):
        context.set_ecdh_curve("X25519")
    return context


def frame(kind, body):
    data = json.dumps(body).encode()
    return struct.pack(">IH", len(data), kind) + data


def read_frame(stream):
    size, kind = struct.unpack(">IH", stream.read(6))
    return kind, stream.read(size)


def say_hello(of, to, body=None):
    """Connects to a node's link as another node, classically; the first answer."""
    context = classical_context(of, server=False)
    with socket.create_connection(("127.0.0.1", to.link_port), timeout=20) as raw:
        with context.wrap_socket(raw) as s:
            s.sendall(frame(HELLO, body or {"version": 1, "identity": "x", "test": False}))
            with s.makefile("rb") as stream:
                return read_frame(stream)


class Meeting(unittest.TestCase):
    def test_two_nodes_peer_by_invitation(self):
        """G16: the link's key exchange is hybrid post-quantum."""
        with two_nodes(peers=False) as (a, b):
            fingerprint = meet(a, b)
            self.assertEqual(b.show("a")["state"], "met")
            self.assertIn("not confirmed here", a.test("b")["message"])
            self.assertEqual(a.test("b")["code"], "unconfirmed")
            a.cli("peer", "confirm", a.dir, "b", fingerprint)
            there = a.test("b")
            self.assertEqual(there["code"], "refused")
            self.assertIn("not confirmed on this side", there["message"])
            b.cli("peer", "confirm", b.dir, "a", fingerprint.replace("-", " ").upper())
            wait_until(linked(a, b), what="the link")
            for n, name in ((a, "b"), (b, "a")):
                peer = n.show(name)
                self.assertEqual(peer["state"], "active")
                self.assertEqual(peer["group"], "X25519MLKEM768")
                self.assertTrue(peer["post_quantum"])
                self.assertEqual(peer["node"], "Beta" if name == "b" else "Alpha")
                wait_until(lambda: "clock_skew" in n.show(name), what="clocks are compared")
                self.assertLess(abs(n.show(name)["clock_skew"]), 2)
            self.assertTrue(a.test("b")["good"])
            self.assertEqual(a.alarms() + b.alarms(), [])
            listed = a.json("peer", "list", a.dir)["items"]
            self.assertEqual([p["name"] for p in listed], ["b"])

    def test_status_metrics_and_api_show_links_to_who_may_audit(self):
        with two_nodes() as (a, b):
            a.add_user("auditor", "auditor", "long enough")
            a.add_user("reader", "reader", "long enough")
            text = a.request("GET", "/metrics", auth=("auditor", "long enough")).body.decode()
            self.assertIn('tocsin_link_up{peer="b"} 1', text)
            self.assertIn('tocsin_link_post_quantum{peer="b"} 1', text)
            answer = a.request("GET", "/api/v1/peers", auth=("auditor", "long enough"))
            self.assertTrue(answer.json()["items"][0]["connected"])
            self.assertEqual(
                a.request("GET", "/api/v1/peers", auth=("reader", "long enough")).status, 403
            )
            self.assertIn("link", a.roles())

    def test_a_wrong_code_is_refused(self):
        with two_nodes(peers=False) as (a, b):
            code = b.invite("a")
            wrong = code[:-10] + ("q" if code[-10] != "q" else "r") + code[-9:]
            text = a.refusal("peer", "accept", a.dir, "b", wrong)
            self.assertIn("copy it once more", text)
            data = code_bytes(code)
            data[-5] ^= 1  # in the secret
            text = a.refusal("peer", "accept", a.dir, "b", code_text(data))
            self.assertIn("the inviting node says: no such invitation here", text)
            data = code_bytes(code)
            data[-25] ^= 1  # in the certificate's fingerprint
            text = a.refusal("peer", "accept", a.dir, "b", code_text(data))
            self.assertIn("another certificate than the code says", text)
            self.assertIn("nothing was said", text)
            self.assertEqual(a.json("peer", "list", a.dir)["items"], [])
            # The right one still works.
            a.cli("peer", "accept", a.dir, "b", code)

    def test_a_code_works_once(self):
        with two_nodes(peers=False) as (a, b), PeerNode("Gamma") as c:
            c.init()
            code = b.invite("a")
            a.cli("peer", "accept", a.dir, "b", code)
            self.assertIn("used already", c.refusal("peer", "accept", c.dir, "b", code))
            self.assertIn("already", a.refusal("peer", "accept", a.dir, "b", code))
            self.assertIn("already", b.refusal("peer", "invite", b.dir, "a"))

    def test_a_wrong_fingerprint_is_refused(self):
        with two_nodes(peers=False) as (a, b):
            fingerprint = meet(a, b)
            wrong = ("0" if fingerprint[0] != "0" else "1") + fingerprint[1:]
            text = a.refusal("peer", "confirm", a.dir, "b", wrong)
            self.assertIn("not the fingerprint", text)
            self.assertIn("telephone", text)
            self.assertEqual(a.show("b")["state"], "met")
            confirm(a, b, fingerprint)
            wait_until(linked(a, b), what="the link")

    def test_a_code_works_without_a_running_node_on_the_accepting_side(self):
        with PeerNode("Alpha") as a, PeerNode("Beta") as b:
            a.init()
            b.init().start()
            confirm(a, b, meet(a, b))
            a.start()
            wait_until(linked(a, b), what="the link")


class Apart(unittest.TestCase):
    def test_a_peer_with_another_certificate_is_refused(self):
        with two_nodes() as (a, b), PeerNode("Gamma") as c:
            c.init()
            b.stop()
            for name in ("tls/cert.pem", "keys/tls.pem"):
                shutil.copy(os.path.join(c.dir, name), os.path.join(b.dir, name))
            b.start()
            found = wait_until(
                lambda: (t := a.test("b"))["code"] == "certificate" and t, what="another one"
            )
            self.assertIn("another certificate than the one pinned", found["message"])
            wait_until(lambda: "peer-certificate" in a.alarms(), what="the alarm")
            wait_until(lambda: not a.show("b")["connected"], what="the end of the link")
            # Dialling itself, it is nobody.
            kind, text = say_hello(c, a)
            self.assertEqual(kind, GOODBYE)
            self.assertIn(b"no peer here has your certificate", text)

    def test_a_peer_that_offers_only_classical_key_exchange_is_refused(self):
        """G16: a downgrade is refused and alarmed, on both ends."""
        with two_nodes() as (a, b):
            b.stop()
            kind, text = say_hello(b, a)
            self.assertEqual(kind, GOODBYE)
            self.assertIn(b"classical only", text)
            wait_until(lambda: "peer-classical" in a.alarms(), what="the alarm")
            wait_until(lambda: not a.show("b")["connected"], what="the end of the link")
            wait_until(lambda: not a.show("b")["post_quantum"], what="the report")

            context = classical_context(b, server=True)
            with socket.create_server(("127.0.0.1", b.link_port), reuse_port=False) as listener:
                got = []

                def serve():
                    with contextlib.suppress(OSError):
                        while True:
                            raw, _ = listener.accept()
                            with contextlib.suppress(OSError), raw:
                                raw.settimeout(20)
                                with context.wrap_socket(raw, server_side=True) as s:
                                    got.append(s.recv(6))

                thread = threading.Thread(target=serve, daemon=True)
                thread.start()
                found = a.test("b")
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(30)
            self.assertEqual(found["code"], "classical")
            self.assertIn("classical only", found["message"])
            # No hello was said to it.
            for head in got:
                if len(head) == 6:
                    self.assertEqual(struct.unpack(">IH", head)[1], GOODBYE)
            # With the real one again there is a link, and the alarm ends.
            b.start()
            wait_until(linked(a, b), what="the link")
            wait_until(lambda: a.alarms() == [], what="the alarm's end")

    def test_a_cut_peer_is_cut_at_once(self):
        """G18: one command, and both sides are told what it means."""
        with two_nodes() as (a, b):
            b.cli("peer", "cut", b.dir, "a")
            wait_until(lambda: not a.show("b")["connected"], timeout=5, what="the cut")
            self.assertEqual(b.show("a")["state"], "cut")
            wait_until(lambda: not b.show("a")["connected"], timeout=5, what="the cut")
            found = a.test("b")
            self.assertEqual(found["code"], "refused")
            self.assertIn("cut the link: only a new invitation", found["message"])
            self.assertEqual(b.test("a")["code"], "cut")
            self.assertIn("new invitation", b.refusal("peer", "confirm", b.dir, "a", "0" * 20))
            # A new invitation makes it again.
            a.cli("peer", "cut", a.dir, "b")
            confirm(a, b, meet(a, b))
            wait_until(linked(a, b), what="the link")

    def test_a_peer_that_is_away_is_not_reachable(self):
        with two_nodes() as (a, b):
            b.stop()
            found = a.test("b")
            self.assertEqual(found["code"], "unreachable")
            self.assertIn("not reachable", found["message"])
            wait_until(lambda: "refused" in a.show("b").get("error", ""), what="the reason")

    def test_a_ceiling_is_one_of_the_levels(self):
        with two_nodes() as (a, _):
            self.assertEqual(a.show("b")["ceiling"], "TLP:AMBER")
            a.cli("peer", "ceiling", a.dir, "b", "TLP:GREEN")
            self.assertEqual(a.show("b")["ceiling"], "TLP:GREEN")
            self.assertIn("purple", a.refusal("peer", "ceiling", a.dir, "b", "purple"))
            a.cli("peer", "ceiling", a.dir, "b", "eu:r-ue,tlp:amber")
            self.assertEqual(a.show("b")["ceiling"], "TLP:AMBER,EU:EU-R")
            self.assertIn("no peer", a.refusal("peer", "ceiling", a.dir, "nobody", "TLP:RED"))


class Endurance(unittest.TestCase):
    def test_the_link_comes_back_when_either_side_is_killed(self):
        with two_nodes() as (a, b):
            for victim, name in ((a, "b"), (b, "a"), (a, "b")):
                since = victim.show(name)["since"]
                gone = victim.kill_role("link")
                wait_until(lambda: victim.roles()["link"]["pid"] not in (0, gone), what="restart")
                wait_until(
                    lambda: linked(a, b)() and victim.show(name)["since"] > since, what="the link"
                )
            # Core away: the link stays, and who is cut meanwhile is cut after it.
            gone = a.kill_role("core")
            wait_until(lambda: a.roles()["core"]["pid"] not in (0, gone), what="core")
            wait_until(linked(a, b), what="the link")
            a.cli("peer", "cut", a.dir, "b")
            wait_until(lambda: not b.show("a")["connected"], what="the cut")

    def test_garbage_at_the_link_harms_nobody(self):
        rng = node.seed()
        with two_nodes() as (a, b):
            pid = a.roles()["link"]["pid"]
            for _ in range(30):
                with socket.create_connection(("127.0.0.1", a.link_port), timeout=20) as s:
                    s.sendall(rng.randbytes(rng.randrange(1, 4000)))
            self.assertTrue(linked(a, b)())
            self.assertEqual(a.roles()["link"]["pid"], pid)


if __name__ == "__main__":
    node.main()
