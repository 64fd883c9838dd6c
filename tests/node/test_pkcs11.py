# SPDX-License-Identifier: Apache-2.0
"""The ledger's Ed25519 key in a token, with the software token of the system (softhsm2)."""

import base64
import glob
import os
import shutil
import subprocess
import unittest

import node
from node import Node, main, wait_until

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOOL = shutil.which("softhsm2-util")


def objects(n):
    """Files of keys in the token; a pair are two."""
    found = glob.glob(os.path.join(n.base, "tokens/*/*.object"))
    return len([x for x in found if os.path.basename(x) != "token.object"])


class Token(unittest.TestCase):
    def setUp(self):
        if not TOOL or not os.path.exists(MODULE):
            node.skip("no softhsm2 here")
        self.before = os.environ.get("SOFTHSM2_CONF")

    def tearDown(self):
        os.environ.pop("SOFTHSM2_CONF", None)
        if self.before:
            os.environ["SOFTHSM2_CONF"] = self.before

    def token(self, n, label="vault"):
        tokens = os.path.join(n.base, "tokens")
        os.makedirs(tokens, exist_ok=True)
        os.environ["SOFTHSM2_CONF"] = os.path.join(n.base, "softhsm.conf")
        with open(os.environ["SOFTHSM2_CONF"], "w", encoding="utf-8") as f:
            f.write(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        subprocess.run([TOOL, "--init-token", "--free", "--label", label, "--pin", "2468",
                        "--so-pin", "1357"], check=True, stdout=subprocess.DEVNULL)
        self.write_pin(n, "2468")

    def write_pin(self, n, pin):
        with open(os.path.join(n.base, "pin"), "w", encoding="utf-8") as f:
            f.write(pin + "\n")

    def keys(self, n, **other):
        keys = {"pkcs11": MODULE, "token": "vault", "pin-file": os.path.join(n.base, "pin"),
                "pkcs11-files": os.path.join(n.base, "tokens"), **other}
        return [x for k, v in keys.items() for x in (f"--{k}", v)]

    def init(self, n, check=True, **other):
        return n.cli("init", n.dir, "--name", "In a token", *self.keys(n, **other), check=check)

    def verified(self, n):
        text = n.cli("ledger", "verify", n.dir).stdout.decode()
        self.assertIn("Ed25519 and ML-DSA-65", text)

    # G18: private keys in file or PKCS#11.
    def test_the_key_stays_in_the_token_and_heads_verify(self):
        with Node() as n:
            self.token(n)
            self.init(n)
            self.assertEqual(objects(n), 2)
            with open(os.path.join(n.dir, "keys/ledger"), encoding="utf-8") as f:
                self.assertRegex(f.read(), r"^pkcs11:[0-9a-f]{32}\n$")
            # ML-DSA-65, which tokens do not know, is a seed.
            with open(os.path.join(n.dir, "keys/ledger-mldsa"), encoding="utf-8") as f:
                self.assertEqual(len(base64.b64decode(f.read())), 32)
            n.add_user("alice", "admin", "Password0")
            n.serve()
            boxes = {e["role"]: e for e in n.log_events() if e.get("event") == "role.sandbox"}
            # Builds for sanitizers have no filter of system calls.
            doors = ("files", "sockets", "exec") if boxes["signer"]["seccomp"] == "yes" else ("files",)
            self.assertEqual({boxes["signer"][k] for k in doors}, {"refused"})
            answer = n.request("POST", "/api/v1/communities", '{"name":"isac"}',
                               {"Content-Type": "application/json"}, auth=("alice", "Password0"))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(n.stop(), 0)
            self.verified(n)
            for name in ("ledger-2", "ledger"):
                path = os.path.join(n.dir, "keys", name)
                if os.path.exists(path):
                    with open(path, encoding="utf-8") as f:
                        self.assertNotRegex(f.read(), r"^[A-Za-z0-9+/]{43}=")

    # G18: rotation without signing history again.
    def test_keys_rotate_within_the_token_while_the_node_runs(self):
        with Node() as n:
            self.token(n)
            self.init(n)
            n.serve()
            for _ in range(3):
                n.cli("key", "rotate", n.dir)
                self.assertEqual(objects(n), 2, "the old pair is gone from the token")
            n.add_user("alice", "admin", "Password0")
            self.assertEqual(n.stop(), 0)
            self.verified(n)
            n.serve()
            self.assertEqual(n.stop(), 0)

    def test_a_node_moves_into_a_token_with_its_next_rotation(self):
        with Node() as n:
            n.init()
            self.token(n)
            n.configure("keys", pkcs11_module=MODULE, pkcs11_token="vault",
                        pin_file=os.path.join(n.base, "pin"),
                        pkcs11_files=os.path.join(n.base, "tokens"))
            self.verified(n)
            self.assertEqual(objects(n), 0)
            n.cli("key", "rotate", n.dir)
            self.assertEqual(objects(n), 2)
            self.verified(n)
            # And not out of it by forgetting it.
            n.configure("keys", pkcs11_module="none")
            done = n.cli("user", "add", n.dir, "bob", "--role", "reader", "--password-stdin",
                         input=b"Password0\n", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"in a token: tocsin.conf must name it in [keys]", done.stderr)

    def test_what_is_wrong_is_said(self):
        with Node() as n:
            self.token(n)
            for other, word in (
                ({"token": "lost"}, "no token is named lost"),
                ({"pkcs11": "/nonexistent.so"}, "cannot be loaded"),
                ({"pkcs11": "/lib/x86_64-linux-gnu/libc.so.6"}, "is no PKCS#11 module"),
                ({"pin-file": "/nonexistent"}, "/nonexistent"),
                ({"pin-file": "none"}, "pin_file"),
            ):
                done = self.init(n, check=False, **other)
                self.assertEqual(done.returncode, 2, other)
                self.assertIn(word, done.stderr.decode())
                self.assertFalse(os.path.exists(n.dir), "nothing is left half made")
            self.write_pin(n, "0000")
            done = self.init(n, check=False)
            self.assertIn("the token vault: it refuses the PIN", done.stderr.decode())
            self.write_pin(n, "2468")
            self.init(n)
            # A node that ran: the wrong PIN, then the token that is gone, then all as it was.
            self.write_pin(n, "0000")
            self.refused_start(n, "it refuses the PIN")
            self.write_pin(n, "2468")
            tokens = os.path.join(n.base, "tokens")
            os.rename(tokens, tokens + "-away")
            os.mkdir(tokens)
            self.refused_start(n, "no token is named vault")
            # Another token of the same name has not the key.
            self.token(n)
            self.refused_start(n, "it is another token")
            shutil.rmtree(tokens)
            os.rename(tokens + "-away", tokens)
            n.serve()
            self.assertEqual(n.stop(), 0)

    def refused_start(self, n, word):
        n.serve(expect_ready=False)
        self.assertEqual(n.process.wait(30), 2)
        n.process.stdout.close()
        n.process = None
        with open(n.log_path, encoding="utf-8") as f:
            self.assertIn(word, f.read())

    def test_a_signer_that_dies_signs_in_to_the_token_again(self):
        with Node() as n:
            self.token(n)
            self.init(n)
            n.add_user("alice", "admin", "Password0")
            n.serve()
            before = n.kill_role("signer")
            wait_until(lambda: n.roles()["signer"]["pid"] not in (0, before))
            wait_until(lambda: n.request(
                "POST", "/api/v1/communities", '{"name":"isac"}',
                {"Content-Type": "application/json"}, auth=("alice", "Password0")).status == 200)
            self.assertEqual(n.stop(), 0)
            self.verified(n)


if __name__ == "__main__":
    main()
