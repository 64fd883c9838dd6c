# SPDX-License-Identifier: Apache-2.0
"""A peer that keeps to nothing: makes heads, seals, envelopes and ranges as doc/seal-format.md and
src/sync describe them, with the real keys of a node that was taken over, and says them through the
program `rogue`. What it makes is good until a test spoils it."""

import base64
import calendar
import hashlib
import json
import os
import queue
import struct
import subprocess
import threading
import time

from node import TOCSIN

ROGUE = os.environ.get("ROGUE", os.path.join(os.path.dirname(TOCSIN), "tests/node/rogue"))
GOODBYE, HELLO, WELCOME, CLOCK = 2, 16, 17, 20
SYNC = 0x100
SYNC_HELLO, SYNC_SAME, SYNC_HEAD, SYNC_RANGE, SYNC_TAKEN, SYNC_STOP, SYNC_URGENT = range(1, 8)
OBJECT, WITHDRAWAL = 1, 2
REASONS = ["none", "version", "malformed", "equivocates", "rewound", "refused"]
CLEAR = bytes([1, 1, 1, 1])  # the label TLP:CLEAR, encoded
FLASH_LABEL = bytes([1, 1, 1, 1, 5, 1, 0x30])  # and the precedence flash


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tree(leaves):
    """RFC 6962 section 2.1."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1", tree(leaves[:k]), tree(leaves[k:]))


def frame(kind, body):
    return struct.pack(">IH", len(body), kind) + body


def flip(data, at=None):
    """The same bytes with one bit of one of them turned."""
    at = len(data) // 2 if at is None else at
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def members(content):
    """Names and values as they stand in content that json.dumps wrote."""
    for name, value in json.loads(content).items():
        yield json.dumps(name)[1:-1].encode(), json.dumps(value, separators=(",", ":")).encode()


def micros(stamp):
    head, fraction = stamp.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(head, "%Y-%m-%dT%H:%M:%S")) * 10**6 + int(
        fraction.ljust(6, "0"))


class Entry:
    """One object or withdrawal, its statement and its envelope under a seal of its own."""

    def __init__(self, thief, thing, kind=OBJECT, originator=None, sealed_by=None, id=None,
                 version=None):
        self.kind, self.hops = kind, 255
        self.content = json.dumps(thing, separators=(",", ":")).encode()
        self.id = (id or thing.get("id")).encode()
        self.version = version if version is not None else micros(thing["modified"])
        self.seed = b"\7" * 16
        self.index, self.path = 0, [sha256(bytes([i])) for i in range(8)]
        self.statement = self.state((originator or thief.identity).encode(), thief.label)
        self.leaf = sha256(b"\0", self.statement)
        root = self.leaf
        for step in self.path:
            root = sha256(b"\1", root, step)
        text = "\n".join(["tocsin seal 1", sealed_by or thief.identity,
                          "2026-11-01T00:00:00.000000Z", base64.b64encode(root).decode(), ""])
        self.seal = thief.sign(text.encode())
        self.name = sha256(text.encode())

    def state(self, originator, label):
        def salt(i):
            return sha256(self.seed, struct.pack(">H", i // 2))[16 * (i % 2) :][:16]

        leaves = [sha256(b"\0", salt(i), struct.pack(">H", len(n)), n, v)
                  for i, (n, v) in enumerate(members(self.content))]
        count = len(leaves)
        leaves.append(sha256(b"\0", salt(count), b"\xff\xff", sha256(self.content)))
        fields = [self.id, struct.pack(">q", self.version), bytes([self.kind]), originator, label,
                  struct.pack(">Q", 1_790_000_000_000_000), struct.pack(">H", count), tree(leaves)]
        return b"\1" + b"".join(
            bytes([tag + 1]) + struct.pack(">H", len(f)) + f for tag, f in enumerate(fields))

    def envelope(self):
        return (b"\1" + struct.pack(">H", len(self.statement)) + self.statement + self.name +
                bytes([self.index]) + b"".join(self.path) + b"\0" + self.seed)

    def feed_leaf(self):
        return sha256(b"\0", bytes([self.kind]), self.leaf)

    def bytes(self, envelope=None, content=None, leaf=None):
        envelope = self.envelope() if envelope is None else envelope
        content = self.content if content is None else content
        return (bytes([self.kind]) + (leaf or self.leaf) + bytes([self.hops]) +
                struct.pack(">II", len(envelope), len(content)) + envelope + content)


class Thief:
    """Has the directory of a node, and so all that it needs to pass for it."""

    def __init__(self, node, victim, taken):
        self.dir, self.address, self.label = node.dir, victim.link, CLEAR
        self.identity, self.origin = self.facts(node)
        self.victim = self.facts(victim)[0]
        self.taken = list(taken)  # leaves of what the victim has of this feed
        self.process = None
        self.connect()

    @staticmethod
    def facts(node):
        with open(os.path.join(node.dir, "tocsin.conf"), encoding="utf-8") as f:
            lines = dict(x.strip().split(" = ", 1) for x in f if " = " in x)
        return lines["identity"], lines["origin"]

    # The connection.

    def open(self):
        """A new connection, with nothing said yet."""
        self.close()
        self.process = subprocess.Popen([ROGUE, self.dir, self.address], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.lines, self.buffer, self.over = queue.Queue(), b"", False
        self.reader = threading.Thread(
            target=self.read, args=(self.process.stdout, self.lines), daemon=True)
        self.reader.start()
        assert self.line() == ("ready", b"")

    @staticmethod
    def read(stream, lines):
        for line in stream:
            word, _, data = line.decode().rstrip("\n").partition(" ")
            lines.put((word, bytes.fromhex(data)))

    def line(self, timeout=30):
        return self.lines.get(timeout=timeout)

    def tell(self, word, data=b""):
        self.process.stdin.write(f"{word} {data.hex()}\n".encode())
        self.process.stdin.flush()

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.reader.join()
            self.process.stdout.close()
            self.process = None

    def connect(self):
        """Says hello as the node would; what the victim says that it has of our feed."""
        self.open()
        self.raw(frame(HELLO, json.dumps(
            {"version": 1, "identity": self.identity, "test": False}).encode()))
        assert self.message()[0] == WELCOME
        while True:
            kind, body = self.message()
            if kind == SYNC + SYNC_HELLO:
                (self.held,) = struct.unpack(">Q", body[-40:-32])
                return self.held
            if kind in (None, GOODBYE):
                return None

    def raw(self, data):
        self.tell("raw", data)

    def send(self, kind, body):
        self.raw(frame(SYNC + kind, body))

    def message(self):
        """The next whole message; (None, b"") at the end of the connection."""
        while True:
            if len(self.buffer) >= 6:
                size, kind = struct.unpack(">IH", self.buffer[:6])
                if len(self.buffer) >= 6 + size:
                    body, self.buffer = self.buffer[6 : 6 + size], self.buffer[6 + size :]
                    return kind, body
            if self.over:
                return None, b""
            word, data = self.line()
            self.over = word == "over"
            self.buffer += data

    def verdict(self):
        """What became of what was sent: ("taken", size), (reason, words), or ("goodbye", words)."""
        while True:
            kind, body = self.message()
            if kind == SYNC + SYNC_TAKEN:
                return "taken", struct.unpack(">Q", body[:8])[0]
            if kind == SYNC + SYNC_STOP:
                return REASONS[body[0]], body[3:].decode()
            if kind in (None, GOODBYE):
                return "goodbye", body.decode()

    def ask(self, word, data):
        """A service of the program; what the other side says meanwhile is kept."""
        self.tell(word, data)
        while True:
            word, data = self.line()
            if word in ("signed", "packed", "unpacked"):
                return data
            self.over = self.over or word == "over"
            self.buffer += data

    def sign(self, text):
        return self.ask("sign", text)

    def pack(self, data):
        return self.ask("pack", data)

    def unpack(self, data, size):
        return self.ask("unpack", struct.pack(">I", size) + data)

    # What it says.

    def head(self, leaves, size=None, root=None):
        root = base64.b64encode(root or tree(leaves)).decode()
        return self.sign(f"{self.origin}/to/{self.victim}\n"
                         f"{len(leaves) if size is None else size}\n{root}\n".encode())

    def statement(self, identity):
        """What the node says of itself, with another identity in it."""
        keys = []
        for name in ("public-key", "public-key-mldsa"):
            with open(os.path.join(self.dir, "ledger", name), encoding="ascii") as f:
                keys.append(f.read().strip())
        said = {"name": "somebody", "identity": identity, "origin": self.origin, "key": keys[0],
                "pq_key": keys[1], "cert": "0" * 64, "post_quantum": True}
        return self.sign(b"tocsin statement 1\n" + json.dumps(said).encode() + b"\n")

    def unpacked(self, entries, head=None, seals=None, bodies=None, tail=b""):
        leaves = self.taken + [e.feed_leaf() for e in entries]
        head = self.head(leaves) if head is None else head
        seals = [e.seal for e in entries] if seals is None else seals
        bodies = [e.bytes() for e in entries] if bodies is None else bodies
        return (struct.pack(">H", len(head)) + head + struct.pack(">H", len(seals)) +
                b"".join(struct.pack(">H", len(s)) + s for s in seals) + b"".join(bodies) + tail)

    def range(self, entries, start=None, count=None, **spoilt):
        data = self.unpacked(entries, **spoilt)
        return struct.pack(">QIBI", len(self.taken) if start is None else start,
                           len(entries) if count is None else count, 0, len(data)) + data

    def ahead(self, entry, count=1, **spoilt):
        """One object as an urgent message: a range without a head."""
        return self.range([entry], head=b"", count=count, **spoilt)

    def give(self, *entries, **spoilt):
        """Sends one range and says what became of it; remembers what was taken."""
        self.send(SYNC_RANGE, self.range(entries, **spoilt))
        found = self.verdict()
        if found[0] == "taken" and found[1] == len(self.taken) + len(entries):
            self.taken += [e.feed_leaf() for e in entries]
        return found
