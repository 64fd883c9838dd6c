# SPDX-License-Identifier: Apache-2.0
"""What somebody who listens on the line between two nodes can tell from sizes and times."""

import contextlib
import os
import select
import socket
import threading
import time
import unittest

from node import main, wait_until
from test_exchange import give, indicator, link_state
from test_peers import PeerNode, confirm, linked, meet

KBIT = 512
SLICE = 0.5  # seconds
SLICES = 12
BEAT_BYTES = 1024


class Tap:
    """Relays connections to a port and writes down each TLS record that passes: when, how long."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.records = []
        self.stop_r, self.stop_w = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        other = {}  # a socket -> where its bytes go
        pending = {}  # a socket -> bytes of a record that is not whole
        with contextlib.ExitStack() as stack:
            while True:
                ready, _, _ = select.select([self.listener, self.stop_r, *other], [], [])
                if self.stop_r in ready:
                    return
                for s in ready:
                    if s is self.listener:
                        a = stack.enter_context(self.listener.accept()[0])
                        b = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
                        other.update({a: b, b: a})
                        pending.update({a: b"", b: b""})
                    elif s in other:
                        data = self.receive(s)
                        if data:
                            other[s].sendall(data)
                            pending[s] = self.note(pending[s] + data)
                        else:
                            peer = other.pop(s)
                            other.pop(peer, None)
                            for x in (s, peer):
                                x.close()

    @staticmethod
    def receive(s):
        try:
            return s.recv(1 << 16)
        except ConnectionError:
            return b""

    def note(self, data):
        now = time.monotonic()
        while len(data) >= 5:
            length = int.from_bytes(data[3:5], "big")
            if len(data) < 5 + length:
                break
            self.records.append((now, length))
            data = data[5 + length :]
        return data

    def close(self):
        os.write(self.stop_w, b"x")
        self.thread.join()
        self.listener.close()
        os.close(self.stop_r)
        os.close(self.stop_w)


@contextlib.contextmanager
def tapped(pace):
    """Two linked nodes with a tap between them."""
    with PeerNode("Alpha") as a, PeerNode("Beta") as b:
        for n in (a, b):
            n.init()
            n.set("pace", pace)
        b.start()
        tap = Tap(b.link_port)
        try:
            # Only beta can be dialled, and only through the tap.
            b.link = tap.address
            a.serve()
            confirm(a, b, meet(a, b))
            wait_until(linked(a, b), what="the link")
            yield a, b, tap
        finally:
            a.kill()
            b.kill()
            tap.close()


def observe(a, b, tap, first):
    """Idle and busy slices in turn: the bytes of each slice, and the lengths of records in them."""
    volumes = {False: [], True: []}
    lengths = {False: set(), True: set()}
    given = first
    for i in range(SLICES):
        busy = i % 2 == 1
        began = time.monotonic()
        if busy:
            give(a, *(indicator(n) for n in range(given, given + 100)))
            given += 100
        while time.monotonic() < began + SLICE:
            select.select([], [], [], max(0, began + SLICE - time.monotonic()))
        ended = time.monotonic()
        seen = [n for t, n in list(tap.records) if began <= t < ended]
        volumes[busy].append(sum(seen) / (ended - began))
        lengths[busy].update(seen)
    return volumes, lengths


def chi_squared(a, b):
    """Of two samples of categories: 0 when they are alike, len(a) + len(b) when nothing is."""
    total = 0
    for category in set(a) | set(b):
        x, y = a.count(category), b.count(category)
        expected = (x + y) / 2
        total += ((x - expected) ** 2 + (y - expected) ** 2) / expected
    return total


class Pace(unittest.TestCase):
    def distance(self, volumes, usual):
        classes = {k: [round(4 * v / usual) for v in volumes[k]] for k in volumes}
        return chi_squared(classes[False], classes[True])

    # G17: in padded mode a crisis hour looks like an idle one.
    def test_a_paced_link_shows_no_difference_between_idle_and_busy(self):
        with tapped(KBIT) as (a, b, tap):
            self.assertEqual(a.show("b")["pace"], "both")
            volumes, lengths = observe(a, b, tap, 1000)
            self.assertEqual(len(lengths[True]), 1, "records of one length")
            self.assertEqual(lengths[False], lengths[True])
            usual = 2 * KBIT * 1000 / 8 * min(lengths[True]) / BEAT_BYTES
            # 11.3: one in a thousand pairs of like samples is further apart (3 degrees of freedom).
            self.assertLess(self.distance(volumes, usual), 11.3, volumes)
            # And all of it arrives.
            wait_until(lambda: link_state(a).get("behind_by") == 0, 60, "all is acknowledged")

    def test_the_listener_of_these_tests_would_notice_a_link_that_is_not_paced(self):
        with tapped(0) as (a, b, tap):
            self.assertEqual(a.show("b")["pace"], "none")
            volumes, lengths = observe(a, b, tap, 1000)
            usual = 2 * KBIT * 1000 / 8
            self.assertGreater(self.distance(volumes, usual), 11.3, volumes)
            # What is short looks the same all the same.
            overhead = 17  # content type and tag
            self.assertEqual({(n - overhead) % 256 for n in lengths[False]} - {255}, set(), lengths)


if __name__ == "__main__":
    main()
