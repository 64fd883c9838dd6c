# SPDX-License-Identifier: Apache-2.0
"""`tocsin ledger`: what it prints is checked here by a few lines that share no code with it."""

import base64
import hashlib
import json
import os
import re
import shutil
import unittest

from node import Node, main, wait_until

SEGMENT = "ledger/segments/00000000000000000000.seg"


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_by_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    last, value = size - 1, leaf
    for step in path:
        if index & 1 or index == last:
            value = node_hash(step, value)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            value = node_hash(value, step)
        index, last = index >> 1, last >> 1
    assert last == 0
    return value


class Ledger(unittest.TestCase):
    def verify(self, n, *more):
        done = n.cli("ledger", "verify", n.dir, "--json", *more, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()

    def test_a_new_node_is_signed_and_good_running_or_not(self):
        with Node().init() as n:
            code, report = self.verify(n)
            self.assertEqual((code, report["good"], report["writing"]), (0, True, False))
            self.assertEqual(report["records"], report["signed"])
            n.serve()
            code, report = self.verify(n)
            self.assertEqual((code, report["good"], report["writing"]), (0, True, True))
            text = n.cli("ledger", "verify", n.dir).stdout.decode()
            self.assertRegex(text, r"^good: \d+ records, \d+ bytes\nsigned: ")
            self.assertIn("public-key", text)

    def ids(self, n):
        with open(os.path.join(n.dir, SEGMENT), "rb") as f:
            return [i.decode() for i in re.findall(rb"identity--[0-9a-f-]{36}", f.read())]

    # G10: verifiable offline with the public key only.
    def test_a_proof_can_be_checked_elsewhere(self):
        with Node().init() as n:
            name = self.ids(n)[0]
            proof = json.loads(n.cli("ledger", "prove", n.dir, name, "--json").stdout)
            header = bytes.fromhex(proof["header"])
            self.assertEqual(hashlib.sha256(b"\0" + header).hexdigest(), proof["leaf"])
            self.assertTrue(header.endswith(name.encode()))
            self.assertEqual(header[44:76].hex(), proof["content_sha256"])
            shown = n.cli("ledger", "prove", n.dir, name).stdout.decode()
            body, checkpoint = shown.split("\n\n", 1)
            lines = body.split("\n")
            self.assertEqual(lines[0], "c2sp.org/tlog-proof@v1")
            self.assertEqual(base64.b64decode(lines[1].removeprefix("extra ")), header)
            self.assertEqual(lines[2], f"index {proof['index']}")
            path = [base64.b64decode(line) for line in lines[3:]]
            self.assertEqual([h.hex() for h in path], proof["hashes"])
            root = root_by_path(
                proof["index"], proof["size"], bytes.fromhex(proof["leaf"]), path
            )
            self.assertEqual(root.hex(), proof["root"])
            self.assertEqual(base64.b64decode(checkpoint.split("\n")[2]), root)
            head = n.cli("ledger", "head", n.dir).stdout.decode()
            self.assertEqual(head, checkpoint)

    def test_growth_is_proved_and_misuse_is_told(self):
        with Node().init() as n:
            grown = json.loads(n.cli("ledger", "prove", n.dir, "--from", 2, "--json").stdout)
            # A tree of two is at the left end of every larger one: all steps are on its right.
            root = bytes.fromhex(grown["from_root"])
            path = [bytes.fromhex(h) for h in grown["hashes"]]
            for step in path:
                root = node_hash(root, step)
            self.assertEqual(root.hex(), grown["root"])
            for words in [[], [self.ids(n)[0], "--from", 2], ["--from", 999]]:
                done = n.cli("ledger", "prove", n.dir, *words, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, b""), words)
                self.assertTrue(done.stderr)
            # The answer is no, as with `show`.
            done = n.cli("ledger", "prove", n.dir, "nobody--here", check=False)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(b"no such record", done.stderr)

    # G10: mutate any record: verify names it.
    def test_a_changed_byte_names_record_id_file_and_byte(self):
        with Node().init() as n:
            name = self.ids(n)[0]
            path = os.path.join(n.dir, SEGMENT)
            with open(path, "r+b") as f:
                at = f.read().index(b'"identity_class"')
                f.seek(at + 3)
                f.write(b"X")
            shutil.rmtree(os.path.join(n.dir, "ledger/index"))
            code, report = self.verify(n)
            self.assertEqual((code, report["good"]), (1, False))
            self.assertEqual(report["bad"]["id"], name)
            self.assertEqual(report["bad"]["record"], report["records"])
            self.assertEqual("ledger/" + report["bad"]["file"], SEGMENT)
            self.assertLess(report["bad"]["offset"], at)
            done = n.cli("ledger", "verify", n.dir, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(name.encode(), done.stdout)

    def test_another_key_or_none_is_not_good(self):
        with Node().init() as n, Node().init() as other:
            with open(os.path.join(other.dir, "ledger/public-key"), encoding="utf-8") as f:
                code, report = self.verify(n, "--key", f.read().strip())
            self.assertEqual((code, report["good"], report["bad"]["file"]), (1, False, "checkpoint"))
            code, text = self.verify(n, "--key", "nonsense")
            self.assertEqual(code, 2)
            self.assertIn("public key", text)
            os.remove(os.path.join(n.dir, "ledger/public-key"))
            code, text = self.verify(n)
            self.assertEqual(code, 2)
            self.assertIn("public-key", text)

    def test_checkpoints_are_signed_with_both_keys(self):
        with Node().init() as n:
            code, report = self.verify(n)
            self.assertEqual((code, report["good"]), (0, True))
            self.assertEqual(report["checked"], ["Ed25519", "ML-DSA-65"])
            self.assertEqual(self.signatures(n), 2)
            keys = []
            for name in ("public-key", "public-key-mldsa"):
                with open(os.path.join(n.dir, "ledger", name), encoding="utf-8") as f:
                    keys.append(f.read().strip())
            # A reader that knows only Ed25519 passes the other signature over.
            code, report = self.verify(n, "--key", keys[0])
            self.assertEqual((code, report["checked"]), (0, ["Ed25519"]))
            code, report = self.verify(n, "--key", keys[1], "--key", keys[0])
            self.assertEqual((code, len(report["checked"])), (0, 2))
            # Who has both keys is not content with one signature.
            path = os.path.join(n.dir, "ledger/checkpoint")
            with open(path, encoding="utf-8") as f:
                lines = f.read().splitlines(keepends=True)
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(lines[:-1])
            code, report = self.verify(n)
            self.assertEqual((code, report["bad"]["file"]), (1, "checkpoint"))
            code, report = self.verify(n, "--key", keys[0])
            self.assertEqual(code, 0)

    def test_a_node_of_before_gets_its_second_key_and_signature(self):
        with Node().init() as n:
            for name in ("keys/ledger-mldsa", "ledger/public-key-mldsa"):
                os.remove(os.path.join(n.dir, name))
            path = os.path.join(n.dir, "ledger/checkpoint")
            with open(path, encoding="utf-8") as f:
                lines = f.read().splitlines(keepends=True)
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(lines[:-1])
            code, report = self.verify(n)
            self.assertEqual((code, report["checked"]), (0, ["Ed25519"]))
            n.serve()
            wait_until(lambda: self.signatures(n) == 2, what="the second signature")
            n.stop()
            self.assertEqual(os.stat(os.path.join(n.dir, "keys/ledger-mldsa")).st_mode & 0o777, 0o600)
            code, report = self.verify(n)
            self.assertEqual((code, report["checked"]), (0, ["Ed25519", "ML-DSA-65"]))

    def signatures(self, n):
        with open(os.path.join(n.dir, "ledger/checkpoint"), encoding="utf-8") as f:
            return sum(line.startswith("\u2014 ") for line in f)


if __name__ == "__main__":
    main()
