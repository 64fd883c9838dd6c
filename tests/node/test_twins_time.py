# SPDX-License-Identifier: Apache-2.0
"""G5: two nodes that differ by hidden objects take as long for every read as each other. Each route is
asked N times of either twin, in turn, and the two samples are compared by ranks (Mann-Whitney). A
difference counts when it is beyond chance, is at least FLOOR of the median, and comes out so in the
same direction three times over, with both nodes started anew in between: whatever else goes on on the
machine, and how a process happens to lie in memory, is not the same three times."""

import base64
import math
import os
import shutil
import socket
import ssl
import statistics
import time
import unittest
import urllib.parse

import test_twins
from node import Node, main, seed, wait_until
from test_twins import HIDDEN, NEEDLE, PASSWORD, SEEN

N = 1000
N_SANITIZED = 50  # whose times say nothing of those of a real build
FLOOR = 0.03
BEYOND_CHANCE = 4.0  # standard deviations: once in 16,000 times
REPEATS = 3
TAXII = "application/taxii+json;version=2.1"


class Client:
    """One connection that stays open; asks for bytes that were made before, and times the answer."""

    def __init__(self, node, user=("plain", PASSWORD)):
        context = ssl.create_default_context(cafile=f"{node.dir}/tls/cert.pem")
        raw = socket.create_connection((node.host, node.port), timeout=30)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(raw, server_hostname=node.host)
        self.auth = base64.b64encode(":".join(user).encode()).decode()
        self.host = f"{node.host}:{node.port}"

    def question(self, path):
        accept = TAXII if path.startswith(("/intel", "/taxii2")) else "*/*"
        return (f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: {accept}\r\n"
                f"Authorization: Basic {self.auth}\r\n\r\n").encode()

    def ask(self, question, added=0):
        """Nanoseconds until the whole answer is there, and its status; `added` are spent beside."""
        began = time.perf_counter_ns()
        self.socket.sendall(question)
        data = self.socket.recv(1 << 16)
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(1 << 16)
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [x[15:] for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")]
        left = (int(lengths[0]) if lengths else 0) - len(body)
        while left > 0:
            left -= len(self.socket.recv(1 << 16))
        if added:
            until = time.perf_counter_ns() + added
            while time.perf_counter_ns() < until:
                pass
        return time.perf_counter_ns() - began, int(head[9:12])

    def close(self):
        self.socket.close()


def distance(a, b):
    """(standard deviations that b's ranks are above a's, by how much of the median it is longer)."""
    order = sorted([(x, 0) for x in a] + [(x, 1) for x in b])
    ranks = sum(i + 1 for i, (_, which) in enumerate(order) if which == 1)
    n, m = len(a), len(b)
    u = ranks - m * (m + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return z, (statistics.median(b) - statistics.median(a)) / statistics.median(a)


def differs(found):
    z, effect = found
    return abs(z) > BEYOND_CHANCE and abs(effect) > FLOOR and (z > 0) == (effect > 0)


class TwinsTime(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rng = seed()
        cls.addClassCleanup(os.sched_setaffinity, 0, os.sched_getaffinity(0))
        cls.a = Node("twin").init()
        cls.addClassCleanup(cls.a.__exit__, None, None, None)
        cls.a.cli("user", "add", cls.a.dir, "plain", "--role", "reader", "--password-stdin",
                  input=PASSWORD.encode() + b"\n")
        test_twins.Twins.load(cls.a, SEEN)
        cls.b = Node("twin")
        cls.addClassCleanup(cls.b.__exit__, None, None, None)
        shutil.copytree(cls.a.dir, cls.b.dir)
        test_twins.Twins.load(cls.b, HIDDEN)
        for n in (cls.a, cls.b):
            n.serve()

    def setUp(self):
        self.connect()

    def tearDown(self):
        self.here.close()
        self.there.close()

    def connect(self):
        # Where the kernel puts a process makes more of a difference than what it does.
        place = {min(os.sched_getaffinity(0))}
        os.sched_setaffinity(0, place)
        for n in (self.a, self.b):
            os.sched_setaffinity(n.roles()["front"]["pid"], place)
            wait_until(lambda n=n: n.request("GET", "/api/v1/search?q=seen", auth=("plain", PASSWORD))
                       .json().get("items"), what="the text view")
        self.here, self.there = Client(self.a), Client(self.b)

    def again(self):
        self.tearDown()
        for n in (self.a, self.b):
            n.stop()
            n.serve()
        self.connect()

    def routes(self):
        """Every route that reads; those of one object for what is seen and for what is not."""
        described = self.a.request("GET", "/api/v1/openapi.json").json()
        for path, methods in described["paths"].items():
            if "get" not in methods or path.endswith("/events"):
                continue
            if not path.startswith(("/api", "/metrics", "/healthz")):
                path = "/api/v1" + path
            if "{" not in path:
                yield path
                continue
            name = path[path.index("{") : path.index("}") + 1]
            for thing in (SEEN[0], HIDDEN[1]):
                yield path.replace(name, thing["id"])
        for word in (NEEDLE, "seen", HIDDEN[1]["id"]):
            yield f"/api/v1/search?q={urllib.parse.quote(word)}"
        root = "/intel/collections/all/"
        yield from ("/taxii2/", "/intel/", "/intel/collections/", root, root + "objects/",
                    root + "manifest/", root + "objects/?match[type]=sighting")
        for thing in (SEEN[0], HIDDEN[1]):
            yield f"{root}objects/{thing['id']}/"
            yield f"{root}objects/{thing['id']}/versions/"

    def sample(self, clients, path, n=N, added=0):
        """Times of one and of the other, asked in turn, in either order."""
        pairs = [(c, c.question(path), []) for c in clients]
        for c, question, _ in pairs:
            c.ask(question)
        for _ in range(n):
            for which in self.rng.sample((0, 1), 2):
                client, question, times = pairs[which]
                times.append(client.ask(question, added if which else 0)[0])
        return pairs[0][2], pairs[1][2]

    def test_every_route_takes_as_long(self):
        routes = list(self.routes())
        sanitized = any(e.get("seccomp") == "no" for e in self.a.log_events())
        n = N_SANITIZED if sanitized else N
        suspects = {p: [distance(*self.sample((self.here, self.there), p, n))] for p in routes}
        everything = dict(suspects)
        for _ in range(REPEATS - 1):
            suspects = {p: found for p, found in suspects.items()
                        if all(differs(f) and (f[0] > 0) == (found[0][0] > 0) for f in found)}
            if not suspects:
                break
            self.again()
            for path, found in suspects.items():
                found.append(distance(*self.sample((self.here, self.there), path, n)))
        suspects = {p: found for p, found in suspects.items() if len(found) == REPEATS and
                    all(differs(f) and (f[0] > 0) == (found[0][0] > 0) for f in found)}
        worst = max(everything.items(), key=lambda x: abs(x[1][0][1]))
        print(f"{len(routes)} routes; at first {sum(differs(f[0]) for f in everything.values())} "
              f"differed; most: {worst[0]} by {100 * worst[1][0][1]:.1f} %")
        if suspects:
            self.fail("".join(
                f"\n{p}: " + "; ".join(f"{z:+.1f} deviations, {100 * e:+.1f} %" for z, e in found)
                for p, found in suspects.items()))

    # The comparison would tell: of one node with itself, when one of the two takes a little longer.
    def test_the_test_sees_a_small_difference(self):
        path = "/api/v1/objects/" + SEEN[0]["id"]
        other = Client(self.a)
        self.addCleanup(other.close)
        alike = [distance(*self.sample((self.here, other), path)) for _ in range(REPEATS)]
        self.assertFalse(all(differs(f) for f in alike), alike)
        times, _ = self.sample((self.here, other), path, 200)
        added = int(2 * FLOOR * statistics.median(times)) + 3000
        for _ in range(REPEATS):
            found = [distance(*self.sample((self.here, other), path, added=added))
                     for _ in range(REPEATS)]
            if all(differs(f) and f[0] > 0 for f in found):
                return
        self.fail(f"an added {added} ns is not seen: {found}")


if __name__ == "__main__":
    main()
