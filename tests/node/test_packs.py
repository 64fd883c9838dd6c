# SPDX-License-Identifier: Apache-2.0
"""Policy packs: warning lists that somebody else keeps count at a node when they are signed by whom it
trusts, and when a person of the node says so; not before, and nothing else."""

import json
import os
import unittest

from node import main
from sensed import Sensed, an_id, indicator


class Packs(Sensed):
    def path(self, name):
        return os.path.join(self.n.base, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def maker(self, name):
        """Somebody who keeps packs: the file of the key, and what others check by."""
        key = self.path(name + ".key")
        return key, self.n.cli("pack", "key", key, name).stdout.decode()

    def pack(self, key, version, **lists):
        out = self.path(f"{version}.pack")
        files = [self.write(name + ".json", json.dumps({
            "name": name, "type": "hostname", "list": values, "matching_attributes": ["domain"]}))
            for name, values in lists.items()]
        self.n.cli("pack", "make", "--key", key, "--version", str(version), "--out", out, "baseline", *files)
        return out

    def trust(self, text):
        self.write("trusted", text)
        self.n.configure("packs", keys=self.path("trusted"))

    def refused(self, *words):
        done = self.n.cli("pack", *words, check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        return done.stderr.decode()

    def held_back(self):
        items = json.loads(self.n.cli("indicator", "list", self.n.dir, "--quarantined", "true",
                                      "--json").stdout)["items"]
        return {int(i["id"][-12:]) for i in items}

    def again(self):
        self.n.stop()
        self.n.serve()

    # G22: no unsigned pack is taken, none of a stranger, none that was changed on the way, none that
    # is older; and without anybody to trust, none at all.
    def test_what_nobody_trusted_has_signed_is_refused(self):
        n = self.n
        key, public = self.maker("hub")
        stranger, _ = self.maker("stranger")
        good = self.pack(key, 2, one=["a.example"])
        self.assertIn("[packs] keys", self.refused("stage", n.dir, good))
        self.trust(public)
        foreign = self.pack(stranger, 3, one=["a.example"])
        self.assertIn("signed by stranger, whom nobody trusts here", self.refused("stage", n.dir, foreign))
        with open(good, "rb") as f:
            whole = f.read()
        head, files = whole.split(b"\n\n", 1)
        unsigned = self.path("unsigned.pack")
        for changed in (head + b"\n\n" + files.split(b"\n\n", 1)[1], whole.replace(b"a.example", b"b.example"),
                        whole.replace(b"version 2", b"version 9"), whole[:-1], whole + b"x"):
            with open(unsigned, "wb") as f:
                f.write(changed)
            self.refused("stage", n.dir, unsigned)
        self.assertEqual(json.loads(n.cli("pack", "list", n.dir, "--json").stdout), {"items": []})
        n.cli("pack", "stage", n.dir, good)
        n.cli("pack", "activate", n.dir, "baseline")
        old = self.pack(key, 1, one=["a.example"])
        self.assertIn("version 2 of baseline is active", self.refused("stage", n.dir, old))
        self.assertIn("version 2", self.refused("stage", n.dir, good))
        n.cli("pack", "stage", n.dir, old, "--older")

    # G22, G12: a pack counts when it was activated and the node starts, and the one before comes back.
    def test_a_pack_counts_when_a_person_says_so(self):
        n = self.n
        key, public = self.maker("hub")
        self.trust(public)
        self.take(*(indicator(i, f"[domain-name:value = '{name}.example']")
                    for i, name in enumerate("abc")))
        n.serve()
        first = self.pack(key, 1, one=["a.example"], two=["x.example"])
        self.assertIn("one.json", n.cli("pack", "stage", n.dir, first).stdout.decode())
        self.again()
        self.assertEqual(self.held_back(), set())
        self.assertIn("from the next start", n.cli("pack", "activate", n.dir, "baseline").stdout.decode())
        self.assertEqual(self.held_back(), set())
        self.again()
        self.assertEqual(self.held_back(), {0})
        shown = json.loads(n.cli("indicator", "show", n.dir, an_id(0), "--json").stdout)
        self.assertIn("one", shown["reason"])
        said = n.cli("pack", "stage", n.dir, self.pack(key, 2, one=["b.example"], three=["c.example"]))
        self.assertEqual(said.stdout.decode().splitlines()[4:7],
                         ["  changed one.json", "  new three.json", "  gone two.json"])
        n.cli("pack", "activate", n.dir, "baseline")
        self.again()
        self.assertEqual(self.held_back(), {1, 2})
        n.cli("pack", "back", n.dir, "baseline")
        self.again()
        self.assertEqual(self.held_back(), {0})
        items = json.loads(n.cli("pack", "list", n.dir, "--json").stdout)["items"]
        self.assertEqual([(i["state"], i["version"], i["signer"]) for i in items],
                         [("staged", 2, "hub"), ("active", 1, "hub")])
        # Who decided what stays in the ledger.
        audit = n.cli("audit", "list", n.dir, "--json").stdout.decode()
        self.assertEqual(audit.count("pack/baseline"), 3)
        # One that nobody trusts any more changes nothing, until it is removed.
        self.write("trusted", "")
        self.again()
        self.assertEqual(self.held_back(), {0})
        self.assertIn("whom nobody trusts here", n.cli("pack", "list", n.dir).stdout.decode())
        n.cli("pack", "remove", n.dir, "baseline")
        self.again()
        self.assertEqual(self.held_back(), set())


if __name__ == "__main__":
    main()
