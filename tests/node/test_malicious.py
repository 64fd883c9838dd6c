# SPDX-License-Identifier: Apache-2.0
"""A peer that was taken over, with its real keys: whatever it says, nothing of it gets into the
ledger, it is told why and so are people here, and other peers go on undisturbed."""

import base64
import json
import os
import socket
import struct
import unittest

from malicious import (CLOCK, SYNC_HEAD, SYNC_HELLO, SYNC_RANGE, SYNC_TAKEN, WITHDRAWAL,
                       Entry, Thief, flip, frame, micros, sha256)
from node import main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_federation import befriend
from test_labels import indicator
from test_peers import PeerNode
from test_seals import SEGMENT, records

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
MEMORY_MAX = 400 << 20  # of the roles that a peer's bytes come through, at their highest


def version(thing, second, **changes):
    return {**thing, "modified": f"2026-02-01T00:00:{second:02d}.000Z", **changes}


class Malicious(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.count = 0
        cls.v, cls.honest, cls.lost = PeerNode("victim"), PeerNode("honest"), PeerNode("lost")
        for n in (cls.v, cls.honest, cls.lost):
            cls.addClassCleanup(n.__exit__, None, None, None)
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            n.start()
        befriend(cls.v, cls.honest, "honest", "victim")
        befriend(cls.v, cls.lost, "lost", "victim")
        first = wait_until(cls.first_taken, 10, "the word of the node that is lost then")
        cls.lost.stop()
        cls.thief = Thief(cls.lost, cls.v, first)
        cls.addClassCleanup(cls.thief.close)
        cls.theirs = indicator("honest-word", CLEAR)
        cls.ours = indicator("own-word", CLEAR)
        give(cls.honest, cls.theirs)
        give(cls.v, cls.ours)
        wait_until(lambda: has(cls.v, cls.theirs["id"]), 5, "the honest peer's word")

    @classmethod
    def first_taken(cls):
        """The leaf of the one entry that the victim has of it: the node's own identity."""
        found = [json.loads(r[4]) for r in records(os.path.join(cls.v.dir, SEGMENT))[1]
                 if r[1] == "position/peer/lost"]
        return found and [base64.b64decode(found[-1]["edge"])[8:]]

    def setUp(self):
        self.log_at = len(self.v.log_events())
        self.thief.connect()

    def tearDown(self):
        """The other peer is served both ways, whatever happened."""
        Malicious.count += 1
        there, here = (indicator(f"{w}-{self.count}", CLEAR) for w in ("there", "here"))
        give(self.honest, there)
        give(self.v, here)
        wait_until(lambda: has(self.v, there["id"]) and has(self.honest, here["id"]), 5,
                   "the honest peer is served")
        for role in ("link", "core", "intake"):
            self.assertLess(self.memory(role), MEMORY_MAX, role)

    def memory(self, role):
        """What the role had at its highest; a sanitized build's own is not counted."""
        if any(e.get("seccomp") == "no" for e in self.v.log_events()):
            return 0
        with open(f"/proc/{self.v.roles()[role]['pid']}/status", encoding="ascii") as f:
            return next(int(x.split()[1]) << 10 for x in f if x.startswith("VmHWM"))

    def evil(self, name=None, **changes):
        Malicious.count += 1
        return {**indicator(f"canary-{name or 'evil'}-{self.count}", CLEAR), **changes}

    def logged(self, event, text):
        """Whether people can read it here."""
        return any(e.get("event") == event and text in json.dumps(e)
                   for e in self.v.log_events()[self.log_at :])

    def refused(self, found, reason, words, *things):
        self.assertEqual(found[0], reason, found)
        self.assertIn(words, found[1])
        for thing in things:
            self.assertIsNone(holds(self.v.dir, thing["name"].encode()), thing["name"])
        wait_until(lambda: self.logged("exchange.stopped", words), 5, f"the log names it: {words}")
        wait_until(lambda: words in self.v.show("lost").get("stopped", ""), 5, "peer show says it")

    def version_here(self, thing):
        path = f"/api/v1/objects/{thing['id']}"
        return self.v.request("GET", path, auth=("admin", PASSWORD)).json()["object"]

    # What it may say, so that the other tests fail for what they spoil alone.
    def test_a_what_is_good_is_taken(self):
        good = self.evil("good")
        self.assertEqual(self.thief.give(Entry(self.thief, good))[0], "taken")
        wait_until(lambda: has(self.v, good["id"]), 5, "the good object")

    # G6: nobody speaks for another.
    def test_a_statement_of_another_originator_is_refused(self):
        t, other = self.thief, Thief.facts(self.honest)[0]
        forged = self.evil()
        found = t.give(Entry(t, forged, originator=other))
        self.refused(found, "refused", "not what its statement says", forged)
        t.connect()
        forged = self.evil()
        found = t.give(Entry(t, forged, originator=other, sealed_by=other))
        self.assertIn(found[0], ("refused", "taken"))  # taken: as of unknown keys, without it
        self.assertIsNone(holds(self.v.dir, forged["name"].encode()))

    # G6: an object that names another node as its author is kept out; what is beside it is not.
    def test_an_object_in_anothers_name_is_kept_out(self):
        t = self.thief
        for author in (Thief.facts(self.honest)[0], t.victim):
            forged, own = self.evil(created_by_ref=author), self.evil("own")
            self.assertEqual(t.give(Entry(t, forged), Entry(t, own))[0], "taken")
            wait_until(lambda own=own: has(self.v, own["id"]), 5, "its own word")
            self.assertIsNone(holds(self.v.dir, forged["name"].encode()))
            wait_until(lambda f=forged: self.logged("exchange.kept-out", f["id"]), 5, "the log")

    # G6: what another node stated, and what this one did, is for them alone to change.
    def test_a_newer_version_of_anothers_object_is_kept_out(self):
        t = self.thief
        for i, thing in enumerate((self.theirs, self.ours)):
            before = self.v.show("lost")["refused"]
            newer = version(thing, 1 + i, name=f"canary-newer-{i}", revoked=True)
            self.assertEqual(t.give(Entry(t, newer))[0], "taken")
            wait_until(lambda n=newer: self.logged("exchange.kept-out", n["id"]), 5, "the log")
            self.assertIsNone(holds(self.v.dir, newer["name"].encode()))
            self.assertEqual(self.version_here(thing), thing)
            self.assertEqual(self.v.show("lost")["refused"], before + 1)
            taken_back = Entry(t, {"reason": "canary-withdrawal"}, kind=WITHDRAWAL,
                               id=thing["id"], version=micros("2026-03-01T00:00:00.000Z"))
            self.assertEqual(t.give(taken_back)[0], "taken")
            self.assertTrue(has(self.v, thing["id"]))

    # G6: nobody introduces whom people here know, or this node itself, with keys of their own.
    def test_a_false_introduction_of_somebody_known_is_passed_over(self):
        t = self.thief
        known = {"honest": Thief.facts(self.honest)[0], "victim": t.victim}
        for name, other in known.items():
            forged, own = self.evil(f"as-{name}"), self.evil("own")
            entries = [Entry(t, forged, originator=other, sealed_by=other), Entry(t, own)]
            seals = [t.statement(other), *(e.seal for e in entries)]
            self.assertEqual(t.give(*entries, seals=seals)[0], "taken")
            wait_until(lambda own=own: has(self.v, own["id"]), 5, "its own word")
            self.assertIsNone(holds(self.v.dir, forged["name"].encode()))
        self.assertEqual(self.v.json("originator", "list", self.v.dir)["items"], [])
        # Whom nobody here knows it can make up; it shows who said so.
        nobody = "identity--00000000-0000-4000-8000-000000000bad"
        forged = self.evil("of-nobody")
        entry = Entry(t, forged, originator=nobody, sealed_by=nobody)
        self.assertEqual(t.give(entry, seals=[t.statement(nobody), entry.seal])[0], "taken")
        wait_until(lambda: has(self.v, forged["id"]), 5, "the object of nobody")
        found = self.v.json("originator", "list", self.v.dir)["items"]
        self.assertEqual([(o["identity"], o["introduced_by"]) for o in found],
                         [(nobody, "peer:lost")])

    # G6: each byte is under a proof.
    def test_a_flipped_byte_anywhere_is_refused(self):
        t = self.thief
        thing = self.evil("flip")

        def statement(e):
            return e.bytes(envelope=flip(e.envelope(), 3 + len(e.statement) // 2))

        def behind(offset):
            return lambda e: e.bytes(envelope=flip(e.envelope(), 3 + len(e.statement) + offset))

        spoilt = {
            "statement": statement, "seal's name": behind(5), "index": behind(32),
            "path": behind(40), "kind of copy": behind(289), "seed": behind(295),
            "content": lambda e: e.bytes(content=flip(e.content)),
            "leaf": lambda e: e.bytes(leaf=flip(e.leaf)),
        }
        for part, spoil in spoilt.items():
            with self.subTest(part):
                t.connect()
                e = Entry(t, thing)
                found = t.give(e, bodies=[spoil(e)])
                self.assertIn(found[0], ("refused", "malformed"), found)
                self.refused(found, found[0], found[1], thing)
        for part in ("text", "signature"):
            with self.subTest(part):
                at = 20 if part == "text" else -40
                t.connect()
                e = Entry(t, thing)
                found = t.give(e, seals=[flip(e.seal, len(e.seal) + at if at < 0 else at)])
                self.assertIn(found[0], ("refused", "malformed"), found)
                t.connect()
                e = Entry(t, thing)
                head = t.head(t.taken + [e.feed_leaf()])
                found = t.give(e, head=flip(head, len(head) + at if at < 0 else at))
                self.assertIn(found[0], ("refused", "malformed"), found)
                self.refused(found, found[0], found[1], thing)

    # G8: what was said is not said again, and nothing is skipped.
    def test_old_ranges_and_gaps_change_nothing(self):
        t = self.thief
        first = Entry(t, self.evil("replay"))
        old = t.range([first])
        self.assertEqual(t.give(first)[0], "taken")
        before = len(records(os.path.join(self.v.dir, SEGMENT))[1])
        for _ in range(3):
            t.send(SYNC_RANGE, old)
            self.assertEqual(t.verdict(), ("taken", len(t.taken)))
        ahead = self.evil("ahead")
        t.send(SYNC_RANGE, t.range([Entry(t, ahead)], start=len(t.taken) + 5))
        good = self.evil("good")
        self.assertEqual(t.give(Entry(t, good))[0], "taken")
        self.assertIsNone(holds(self.v.dir, ahead["name"].encode()))
        # Object, envelope, seal, position: of one range, not of five.
        after = [r for r in records(os.path.join(self.v.dir, SEGMENT))[1][before:]
                 if r[1].startswith("position/")]
        self.assertEqual(len(after), 1)

    # G8: an older version never takes a newer one's place, and what is revoked stays so.
    def test_rollback_and_unrevoking_do_nothing(self):
        t = self.thief
        thing = self.evil("rollback")
        revoked = version(thing, 10, revoked=True)
        for each in (thing, revoked, version(thing, 5, name="older"),
                     version(thing, 20, name="unrevoked")):
            self.assertEqual(t.give(Entry(t, each))[0], "taken")
        self.assertTrue(self.version_here(thing).get("revoked"))

        def active():
            answer = self.v.request("GET", "/api/v1/indicators?active=true&limit=500",
                                    auth=("admin", PASSWORD))
            return [i["id"] for i in answer.json()["items"]]

        self.assertNotIn(thing["id"], active())

    # G13, G15: sizes and counts are bounded before anything is made of them.
    def test_sizes_and_counts_beyond_the_limits_are_refused(self):
        t = self.thief
        entry = Entry(t, self.evil("size"))
        body = entry.bytes()
        head = t.range([entry])[:0]
        cases = {
            "none": t.range([entry], count=0),
            "too many": t.range([entry], count=1025),
            "from the end": t.range([entry], start=2**64 - 1),
            "unpacked": struct.pack(">QIBI", len(t.taken), 1, 1, 2**32 - 1) + b"x",
            "packing": struct.pack(">QIBI", len(t.taken), 1, 9, 1) + b"x",
            "content": t.range([entry], bodies=[body[:38] + b"\xff" * 4 + body[42:]]),
            "envelope": t.range([entry], bodies=[body[:34] + b"\xff" * 4 + body[38:]]),
            "fewer entries": t.range([entry], count=2),
            "more bytes": t.range([entry], tail=b"garbage"),
            "seals": t.range([entry], seals=[b"x"] * 1025),
            "cut short": head + t.range([entry])[:40],
        }
        for case, message in cases.items():
            with self.subTest(case):
                t.connect()
                t.send(SYNC_RANGE, message)
                found = t.verdict()
                self.assertEqual(found[0], "malformed", found)
                self.assertTrue(found[1])
        for kind, message in ((SYNC_HELLO, b"\0\1\xff\xff"), (SYNC_HEAD, b"\xff\xffx"),
                              (SYNC_TAKEN, b"x"), (99, b"")):
            t.connect()
            t.send(kind, message)
            self.assertEqual(t.verdict()[0], "malformed")
        t.connect()
        t.raw(struct.pack(">IH", (9 << 20) + 1, 0x104))
        self.assertEqual(t.verdict()[0], "goodbye")
        wait_until(lambda: "longer than allowed" in self.v.show("lost").get("error", ""), 5, "why")
        t.open()
        t.raw(struct.pack(">IH", (64 << 10) + 1, 16))
        self.assertEqual(t.verdict()[0], "goodbye")

    # G13: what is packed small and unpacks to much more than it says is not unpacked.
    def test_zip_bombs_do_not_expand(self):
        t = self.thief
        packed = t.pack(b"\0" * (1 << 20)) * 1000  # frames of a megabyte, one after the other
        self.assertLess(len(packed), 1 << 20)
        for stated in (1000, 10 << 20):
            t.connect()
            t.send(SYNC_RANGE, struct.pack(">QIBI", len(t.taken), 1, 1, stated) + packed)
            self.refused(t.verdict(), "malformed", "unpack")

    # G15: a flood costs the flooder; the honest peer waits no longer, memory stays.
    def test_floods_are_borne(self):
        t = self.thief
        hello = struct.pack(">HH", 1, len(t.identity)) + t.identity.encode()
        lies = frame(0x100 + SYNC_HELLO, hello + struct.pack(">Q", 77) + b"\1" * 32)
        clocks = frame(CLOCK, struct.pack(">Q", 1))
        again = frame(0x100 + SYNC_HELLO, hello + struct.pack(">Q", 0) + sha256())
        for flood in (lies * 20000, again * 20000, clocks * 600000):
            t.connect()
            t.tell("deaf")
            t.raw(flood)
            began = indicator(f"during-{self.count}-{len(flood)}", CLEAR)
            give(self.honest, began)
            wait_until(lambda b=began: has(self.v, b["id"]), 5, "the honest peer's word meanwhile")
        self.assertLess(self.memory("link"), 100 << 20)

    # G15: what is acknowledged again and again is written once.
    def test_receipts_again_and_again_fill_no_ledger(self):
        t = self.thief
        thing = indicator(f"for-the-thief-{self.count}", CLEAR)
        give(self.v, thing)
        def hear_range():
            hello = struct.pack(">HH", 1, len(t.identity)) + t.identity.encode()
            t.send(SYNC_HELLO, hello + struct.pack(">Q", 0) + sha256())
            while True:
                kind, body = t.message()
                if kind == 0x100 + SYNC_RANGE:
                    return body

        body = hear_range()
        self.assertGreater(len(body), 17)
        size, root = self.feed_of(t, body)
        for i in range(200):
            text = "\n".join(["tocsin receipt 1", f"{self.v_origin()}/to/{t.identity}", str(size),
                              base64.b64encode(root).decode(),
                              f"2026-11-20T00:{i // 60:02d}:{i % 60:02d}.000000Z", ""])
            note = t.sign(text.encode())
            t.send(SYNC_TAKEN, struct.pack(">Q", size) + root + struct.pack(">H", len(note)) + note)
        # Behind all of them.
        good = self.evil("good")
        self.assertEqual(t.give(Entry(t, good))[0], "taken")
        kept = [r for r in records(os.path.join(self.v.dir, SEGMENT))[1] if r[1] == "receipt/lost"]
        self.assertGreaterEqual(len(kept), 1)
        self.assertLess(len(kept), 5)

    def v_origin(self):
        return Thief.facts(self.v)[1]

    @staticmethod
    def feed_of(t, body):
        """Size and root of the head in a range that the victim sent."""
        start, _, packing, unpacked = struct.unpack(">QIBI", body[:17])
        assert start == 0
        data = body[17:] if packing == 0 else t.unpack(body[17:], unpacked)
        (n,) = struct.unpack(">H", data[:2])
        lines = data[2 : 2 + n].decode().split("\n")
        return int(lines[1]), base64.b64decode(lines[2])

    # G15: who says nothing, or only half of it, holds nothing up.
    def test_half_open_and_slow_connections_are_borne(self):
        t = self.thief
        idle = [socket.create_connection(("127.0.0.1", self.v.link_port)) for _ in range(40)]
        self.addCleanup(lambda: [s.close() for s in idle])
        t.connect()
        good = self.evil("good")
        message = frame(0x100 + SYNC_RANGE, t.range([Entry(t, good)]))
        for at in range(0, 300):
            t.raw(message[at : at + 1])
        between = indicator(f"between-{self.count}", CLEAR)
        give(self.honest, between)
        wait_until(lambda: has(self.v, between["id"]), 5, "the honest peer's word meanwhile")
        self.assertIsNone(holds(self.v.dir, good["name"].encode()))
        t.raw(message[300:])
        self.assertEqual(t.verdict()[0], "taken")
        t.taken.append(Entry(t, good).feed_leaf())

    # G9: two stories under one key are kept as proof, and end it.
    def test_zz_two_heads_of_one_size_are_kept_as_evidence(self):
        t = self.thief
        if not t.taken:
            self.assertEqual(t.give(Entry(t, self.evil("good")))[0], "taken")
        rewound = t.head(t.taken[:-1])
        t.send(SYNC_HEAD, struct.pack(">H", len(rewound)) + rewound)
        self.assertEqual(t.verdict()[0], "rewound")
        t.connect()
        other = t.head(t.taken, root=sha256(b"another story"))
        t.send(SYNC_HEAD, struct.pack(">H", len(other)) + other)
        found = t.verdict()
        self.assertEqual(found[0], "equivocates", found)
        wait_until(lambda: self.logged("peer.equivocates", "lost"), 5, "the log")
        kept = [json.loads(r[4]) for r in records(os.path.join(self.v.dir, SEGMENT))[1]
                if r[1] == "evidence/lost"]
        self.assertEqual(kept[-1]["shown"], other.decode())
        self.assertIn(f"/to/{t.victim}", kept[-1]["held"])
        # Nothing is taken of it any more, however often it comes.
        status = self.v.cli("status", self.v.dir, check=False).stdout
        self.assertIn(b"The peer lost denies what it had signed", status)
        late = self.evil("late")
        t.open()
        t.raw(frame(16, json.dumps(
            {"version": 1, "identity": t.identity, "test": False}).encode()))
        t.send(SYNC_RANGE, t.range([Entry(t, late)]))
        self.v.cli("ledger", "verify", self.v.dir)
        again = indicator(f"after-{self.count}", CLEAR)
        give(self.honest, again)
        wait_until(lambda: has(self.v, again["id"]), 5, "the honest peer goes on")
        self.assertIsNone(holds(self.v.dir, late["name"].encode()))


if __name__ == "__main__":
    main()
