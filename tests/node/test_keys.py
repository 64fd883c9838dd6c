# SPDX-License-Identifier: Apache-2.0
"""Keys change: history stays as it was signed, whoever had the first key still checks all of it, and
peers go along by themselves."""

import os
import shutil
import subprocess
import unittest

from node import TOCSIN, Node, main, seed, wait_until

PUBLIC = "ledger/public-key"


def key_of(n):
    with open(os.path.join(n.dir, PUBLIC), encoding="utf-8") as f:
        return f.read().strip()


def keys_of(n):
    """Options with both keys of now."""
    options = []
    for name in (PUBLIC, PUBLIC + "-mldsa"):
        with open(os.path.join(n.dir, name), encoding="utf-8") as f:
            options += ["--key", f.read().strip()]
    return options


def verify(n, directory, *options, good=True):
    done = n.cli("ledger", "verify", directory, *options, check=False)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == (0 if good else 1), (done.returncode, text)
    return text


class Rotation(unittest.TestCase):
    # G18, G10: old history verifies at a third place with the first public key and a copy alone.
    def test_the_first_key_leads_to_every_later_one(self):
        with Node("Changing") as n, Node("Other") as other:
            n.init()
            other.init()
            first = keys_of(n)
            used = [key_of(n)]
            for _ in range(3):
                n.cli("key", "rotate", n.dir)
                used.append(key_of(n))
            self.assertEqual(len(set(used)), 4)
            copy = os.path.join(n.base, "copy")
            shutil.copytree(os.path.join(n.dir, "ledger"), os.path.join(copy, "ledger"))
            for name in (PUBLIC, PUBLIC + "-mldsa"):
                os.remove(os.path.join(copy, name))
            text = verify(n, copy, *first)
            self.assertEqual(text.count("followed: "), 3, text)
            for key in used:
                self.assertIn("+".join(key.split("+")[:2]), text)
            self.assertIn("Ed25519 and ML-DSA-65", text)
            # A key in the middle follows what came after it only; the newest nothing.
            self.assertEqual(verify(n, copy, "--key", used[2]).count("followed: "), 1)
            self.assertNotIn("followed", verify(n, copy, "--key", used[3]))
            self.assertIn("another ledger", verify(n, copy, *keys_of(other), good=False))

    # G18: the old keys are worth nothing any more.
    def test_the_old_keys_do_not_sign_again(self):
        with Node("Changing") as n:
            n.init().serve()
            wait_until(lambda: "not signed" not in verify(n, n.dir))
            with open(os.path.join(n.dir, "keys/ledger"), "rb") as f:
                secret = f.read().strip()
            n.cli("key", "rotate", n.dir)
            for name in os.listdir(os.path.join(n.dir, "keys")):
                with open(os.path.join(n.dir, "keys", name), "rb") as f:
                    self.assertNotIn(secret, f.read(), name)
            # What was signed before the rotation is not taken for what is there now.
            self.assertEqual(n.stop(), 0)
            first = os.path.join(n.base, "before")
            shutil.copytree(n.dir, first)
            n.cli("key", "rotate", n.dir)
            shutil.copy(os.path.join(n.dir, "ledger/checkpoint"), os.path.join(n.base, "newest"))
            shutil.copy(os.path.join(first, "ledger/checkpoint"), os.path.join(n.dir, "ledger"))
            text = verify(n, n.dir)
            self.assertIn("back from", text)
            self.assertIn("not signed yet", text)

    # G18: killed in the middle, a node has its old keys or its new ones, and signs on.
    def test_a_rotation_that_is_killed_leaves_old_or_new_keys(self):
        rng = seed()
        with Node("Dying") as n:
            n.init()
            first = keys_of(n)
            rotated = 0
            for i in range(12):
                n.serve()
                caller = subprocess.Popen(
                    [TOCSIN, "key", "rotate", n.dir],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                try:
                    caller.wait(rng.random() * 0.06)
                except subprocess.TimeoutExpired:
                    pass
                if i % 3 == 0:
                    n.kill_role("signer")
                elif i % 3 == 1:
                    n.kill_role("core")
                n.kill()
                caller.communicate()
                rotated += caller.returncode == 0
                verify(n, n.dir, *first)
                verify(n, n.dir)
                n.serve()
                wait_until(lambda: "not signed" not in verify(n, n.dir, *first), 10)
                self.assertEqual(n.alarms(), [])
                self.assertEqual(n.stop(), 0)
                text = verify(n, n.dir, *first)
                self.assertGreaterEqual(text.count("followed: "), rotated)
                self.assertNotIn("followed", verify(n, n.dir))


if __name__ == "__main__":
    main()
