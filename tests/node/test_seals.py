# SPDX-License-Identifier: Apache-2.0
"""Seals of a running node: what it states is signed while a peer is active, and checked here as
somebody elsewhere would, with public keys and two files."""

import base64
import hashlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

from node import TOCSIN, Node, main, wait_until
from test_peers import PeerNode, meet

SEGMENT = "ledger/segments/00000000000000000000.seg"
DECISION, SEAL = 4, 9


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def records(path):
    """(position behind the last whole frame, [(kind, id, label, received, content)]), by
    doc/ledger-format.md. A node that runs may be in the middle of writing a frame: room is there
    before bytes are, and zeros come last. A whole frame may end in a zero too: its checksum says
    (of all frames it would take too long)."""
    with open(path, "rb") as f:
        data = f.read()
    at, out = 64, []
    while data[at : at + 4] == b"\xffTF1":
        length, _, _, count, crc = struct.unpack(">IQQII", data[at + 4 : at + 32])
        end = at + 40 + length
        if end > len(data) or (data[end - 1] == 0 and crc32c(data[at + 40 : end]) != crc):
            break
        at += 40
        for _ in range(count):
            h = at + 4
            kind, id_length, label_length = data[h + 1], data[h + 6], data[h + 7]
            (size,) = struct.unpack(">I", data[h + 8 : h + 12])
            (received,) = struct.unpack(">Q", data[h + 28 : h + 36])
            label = data[h + 76 : h + 76 + label_length]
            body = h + 76 + label_length + id_length
            name = data[body - id_length : body].decode()
            out.append((kind, name, label, received, data[body : body + size]))
            at = body + size
        assert at == end
    return at, out


def decide(n, path, content):
    """Appends a decision to a node that does not run, as another writer would."""
    segment = os.path.join(n.dir, SEGMENT)
    at, have = records(segment)
    label, received = have[-1][2], max(have[-1][3] + 1, int(time.time() * 1e6))
    body = json.dumps(content).encode()
    header = bytes([1, DECISION, 0, 0, 0, 0, len(path), len(label)])
    header += struct.pack(">IIIQQQ", len(body), 0, 0, received, received, received)
    header += hashlib.sha256(body).digest() + label + path.encode()
    number = struct.pack(">Q", len(have))
    record = struct.pack(">I", crc32c(number + header)) + header + body
    head = b"\xffTF1" + struct.pack(
        ">IQQIII", len(record), len(have), at, 1, crc32c(record), 0
    )
    with open(segment, "r+b") as f:
        f.seek(at)
        f.write(head + struct.pack(">I", crc32c(head)) + record)
    shutil.rmtree(os.path.join(n.dir, "ledger/index"), ignore_errors=True)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tree(leaves):
    """RFC 6962 section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1", tree(leaves[:k]), tree(leaves[k:]))


def members(text):
    """Names and values of an object's members as they stand."""
    decoder, at = json.JSONDecoder(), text.index("{") + 1
    while text[at:].lstrip()[0] != "}":
        at = text.index('"', at)
        _, end = decoder.raw_decode(text, at)
        name, at = text[at + 1 : end - 1], text.index(":", end) + 1
        at += len(text[at:]) - len(text[at:].lstrip())
        _, end = decoder.raw_decode(text, at)
        yield name.encode(), text[at:end].encode()
        at = end


def check_by_the_book(envelope, content):
    """All of doc/seal-format.md but the signatures: the seal's text, and the statement."""
    first, encoded, note = envelope.split(b"\n", 2)
    assert first == b"tocsin envelope 1"
    e = base64.b64decode(encoded)
    (n,) = struct.unpack(">H", e[1:3])
    statement, rest = e[3 : 3 + n], e[3 + n :]
    seal, index, path, copy, seed = (
        rest[:32], rest[32], rest[33:289], rest[289], rest[290:]
    )
    assert (e[0], copy, len(seed)) == (1, 0, 16)
    text = note[: note.index(b"\n\n") + 1]
    assert sha256(text) == seal
    hash_ = sha256(b"\0", statement)
    for depth in range(8):
        step = path[32 * depth : 32 * depth + 32]
        pair = (step, hash_) if index >> depth & 1 else (hash_, step)
        hash_ = sha256(b"\1", *pair)
    assert hash_ == base64.b64decode(text.splitlines()[3])
    fields, at = {}, 1
    while at < n:
        (size,) = struct.unpack(">H", statement[at + 1 : at + 3])
        fields[statement[at]] = statement[at + 3 : at + 3 + size]
        at += 3 + size
    assert list(fields) == list(range(1, 9))
    assert fields[4] == text.splitlines()[1]

    def salt(i):
        return sha256(seed, struct.pack(">H", i // 2))[16 * (i % 2) :][:16]

    leaves = [
        sha256(b"\0", salt(i), struct.pack(">H", len(name)), name, value)
        for i, (name, value) in enumerate(members(content.decode()))
    ]
    assert struct.unpack(">H", fields[7]) == (len(leaves),)
    leaves.append(sha256(b"\0", salt(len(leaves)), b"\xff\xff", sha256(content)))
    assert tree(leaves) == fields[8]
    return fields


def indicator(i, run=0):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{run:08x}-0000-4000-8000-{i:012x}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
        "pattern": f"[ipv4-addr:value = '198.51.{i >> 8 & 255}.{i & 255}']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
    }


class Seals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tocsin-seals-")
        self.addCleanup(shutil.rmtree, self.folder)

    def import_objects(self, n, objects):
        path = os.path.join(self.folder, "bundle.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"type": "bundle", "id": "bundle--" + "0" * 8, "objects": objects}, f)
        n.cli("import", n.dir, path, "--label", "TLP:GREEN")

    def keys(self, n):
        out = []
        for name in ("public-key", "public-key-mldsa"):
            with open(os.path.join(n.dir, "ledger", name), encoding="utf-8") as f:
                out += ["--key", f.read().strip()]
        return out

    def seals(self, n):
        return [r for r in records(os.path.join(n.dir, SEGMENT))[1] if r[0] == SEAL]

    def covered(self, n):
        """Record numbers under own seals, in order."""
        out = []
        for number, seal in enumerate(self.seals(n)):
            self.assertEqual(seal[1], f"own-seal/{number}")
            (count,) = struct.unpack(">H", seal[4][2:4])
            for i in range(count):
                out.append(struct.unpack(">I", seal[4][36 + 38 * i : 40 + 38 * i])[0])
        return out

    def objects(self, n):
        all_of = records(os.path.join(n.dir, SEGMENT))[1]
        return [i for i, r in enumerate(all_of) if r[0] == 1]

    def envelope(self, n, name):
        path = os.path.join(self.folder, "object.json")

        def given():  # what records() sees in a file may not be committed yet
            done = n.cli("object", "envelope", n.dir, name, "--object", path, check=False)
            return done if done.returncode == 0 else None

        done = wait_until(given, what="an envelope")
        envelope = os.path.join(self.folder, "envelope")
        with open(envelope, "wb") as f:
            f.write(done.stdout)
        return envelope, path

    def verify(self, n, envelope, path, *keys):
        done = n.cli("object", "verify", envelope, path, "--json", *keys, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()

    def test_without_a_peer_nothing_is_sealed(self):
        with Node().init() as n:
            n.serve()
            self.import_objects(n, [indicator(1)])
            self.assertEqual(self.seals(n), [])
            done = n.cli("object", "envelope", n.dir, indicator(1)["id"], check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"not sealed", done.stderr)

    # P4: the originator's signature is checked offline with the public keys only.
    def test_an_envelope_is_checked_elsewhere(self):
        with Node().init() as n, Node().init() as other:
            decide(n, "peer/other", {"state": "active"})
            n.serve()
            self.import_objects(n, [indicator(i) for i in range(600)])
            wait_until(lambda: self.covered(n) == self.objects(n), what="seals over all objects")
            name = indicator(7)["id"]
            envelope, path = self.envelope(n, name)
            n.stop()
            keys = self.keys(n)
            shutil.rmtree(n.dir)
            code, report = self.verify(other, envelope, path, *keys)
            self.assertEqual((code, report["good"], report["id"]), (0, True, name))
            self.assertEqual(report["checked"], ["Ed25519", "ML-DSA-65"])
            self.assertEqual(report["left_out"], 0)
            with open(envelope, "rb") as e, open(path, "rb") as content:
                fields = check_by_the_book(e.read(), content.read())
            self.assertEqual(fields[1].decode(), name)
            code, report = self.verify(other, envelope, path, *keys[:2])
            self.assertEqual((code, report["checked"]), (0, ["Ed25519"]))
            code, report = self.verify(other, envelope, path, *self.keys(other))
            self.assertEqual((code, report["good"]), (1, False))
            with open(path, "ab") as f:
                f.write(b" ")
            code, report = self.verify(other, envelope, path, *keys)
            self.assertEqual((code, report["good"]), (1, False))
            self.assertIn("content", report["reason"])
            code, _ = self.verify(other, envelope, path)
            self.assertEqual(code, 2)

    def test_a_peer_that_was_cut_is_nobody_to_seal_for(self):
        with Node().init() as n:
            decide(n, "peer/other", {"state": "active"})
            decide(n, "peer/other", {"state": "cut"})
            n.serve()
            self.import_objects(n, [indicator(1)])
            self.assertEqual(self.seals(n), [])

    def test_what_is_sealed_follows_a_real_peer(self):
        with PeerNode("b") as b, PeerNode("a") as a:
            for n in (a, b):
                n.init().start()
            self.import_objects(a, [indicator(1)])
            fingerprint = meet(a, b)
            self.assertEqual(self.seals(a), [])
            a.cli("peer", "confirm", a.dir, "b", fingerprint)
            wait_until(lambda: self.covered(a) == self.objects(a), what="seals over what was there")
            self.assertEqual(self.seals(b), [])
            self.import_objects(a, [indicator(2)])
            wait_until(lambda: self.covered(a) == self.objects(a), what="a seal over what came")
            a.cli("withdraw", a.dir, indicator(2)["id"], "--reason", "a mistake")
            path = "withdraw/" + indicator(2)["id"]
            names = [r[1] for r in records(os.path.join(a.dir, SEGMENT))[1]]
            wait_until(lambda: names.index(path) in self.covered(a), what="a seal over it")
            a.cli("peer", "cut", a.dir, "b")
            before = self.covered(a)
            self.import_objects(a, [indicator(3)])
            a.stop()
            self.assertEqual(self.covered(a), before)

    def start_import(self, n, run, count):
        path = os.path.join(self.folder, f"bundle-{run}.json")
        with open(path, "w", encoding="utf-8") as f:
            objects = [indicator(i, run) for i in range(count)]
            json.dump({"type": "bundle", "id": "bundle--" + "0" * 8, "objects": objects}, f)
        return subprocess.Popen(
            [TOCSIN, "import", n.dir, path, "--label", "TLP:GREEN"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def test_kills_in_the_middle_lose_nothing_and_seal_nothing_twice(self):
        with Node().init() as n:
            decide(n, "peer/other", {"state": "active"})
            for run in range(6):
                if not n.process:
                    n.serve()
                before = len(self.seals(n))
                importing = self.start_import(n, run, 6000)

                def sealed():
                    nonlocal importing
                    if importing.poll() not in (None, 0):  # what was killed is not back yet
                        importing = self.start_import(n, run, 6000)
                    return len(self.seals(n)) > before + run % 3

                wait_until(sealed, what="a first seal")
                if run % 3 == 2:
                    n.kill()
                else:
                    n.kill_role(("core", "signer")[run % 2])
                importing.wait(60)
            n.kill()
            n.serve()
            wait_until(lambda: self.covered(n) == self.objects(n), what="seals over all objects")
            self.assertGreater(len(self.objects(n)), 1000)
            self.assertEqual(n.cli("ledger", "verify", n.dir, check=False).returncode, 0)
            for number in (0, 500, len(self.objects(n)) - 1):
                name = records(os.path.join(n.dir, SEGMENT))[1][self.objects(n)[number]][1]
                envelope, path = self.envelope(n, name)
                code, report = self.verify(n, envelope, path, *self.keys(n))
                self.assertEqual((code, report["good"]), (0, True))
            # The views know nothing of it, and come out the same when made anew.
            n.stop()
            n.cli("rebuild", n.dir)
            done = n.cli("search", n.dir, "own-seal/0", "--json", check=False)
            self.assertEqual(json.loads(done.stdout)["items"], [])
            self.assertNotEqual(n.cli("show", n.dir, "own-seal/0", check=False).returncode, 0)


if __name__ == "__main__":
    main()
