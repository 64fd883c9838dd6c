# SPDX-License-Identifier: Apache-2.0
"""Who was given what is in the ledger: reads of TLP:RED leave records that an auditor checks with a
copy and public keys alone, and nobody floods it by reading."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import unittest

from node import TOCSIN, Node, main, wait_until

PASSWORD = "correct horse 7"
TAXII = "application/taxii+json;version=2.1"


def indicator(n, **more):
    return {
        "type": "indicator", "spec_version": "2.1",
        "id": f"indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a{n:06}",
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "name": f"Beacon {n}", "pattern": f"[domain-name:value = 'b{n}.example']",
        "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z", **more,
    }


class Audit(unittest.TestCase):
    def node(self, count=3):
        n = Node().init()
        for name in ("ann", "bob"):
            n.add_user(name, "analyst", PASSWORD)
        n.add_user("cyd", "reader", PASSWORD)
        for label, at, many in (("TLP:RED", 0, count), ("TLP:GREEN", 500000, 2)):
            file = os.path.join(n.base, f"{at}.json")
            with open(file, "w", encoding="utf-8") as f:
                json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5c01",
                           "objects": [indicator(at + i) for i in range(many)]}, f)
            n.cli("import", n.dir, file, "--label", label)
        return n.serve()

    def get(self, n, who, path, status=200, headers=None):
        answer = n.request("GET", path, auth=(who, PASSWORD), headers=headers)
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def id_of(self, n, name):
        """By which the ledger knows the account."""
        users = json.loads(n.cli("user", "list", n.dir, "--json").stdout)["items"]
        return next(u["id"] for u in users if u["name"] == name)

    def decisions(self, n, *args):
        lines = n.cli("audit", "list", n.dir, "--json", *args).stdout.decode().splitlines()
        return [json.loads(line) for line in lines]

    def reads(self, n, *args):
        """What was read, with the account's name in place of its id."""
        return [json.loads(d["content"]) | {"account": d["by"]} for d in self.decisions(n, *args)
                if d["path"].startswith("read/")]

    def named(self, n, who):
        return [o for r in self.reads(n) if r["account"] == who for o in r["objects"]]

    # G10, T3
    def test_a_read_of_red_is_in_the_ledger_once_an_hour_and_no_other_read_is(self):
        with self.node() as n:
            red, green = indicator(0)["id"], indicator(500000)["id"]
            for _ in range(20):
                self.get(n, "ann", f"/api/v1/objects/{red}")
            self.get(n, "ann", f"/api/v1/objects/{green}")
            self.get(n, "cyd", f"/api/v1/objects/{red}", 404)
            self.get(n, "cyd", f"/api/v1/objects/{green}")
            wait_until(lambda: self.named(n, "ann"), what="a record of the read")
            # Twenty readings in a row are one, or two where an hour ended between.
            self.assertLessEqual(self.named(n, "ann").count(red), 2)
            self.assertEqual(set(self.named(n, "ann")), {red})
            self.assertEqual(self.named(n, "cyd"), [])
            # By other ways out, and of somebody else.
            self.get(n, "bob", "/taxii2/", headers={"Accept": TAXII})
            listed = self.get(n, "bob", "/intel/collections/all/objects/",
                              headers={"Accept": TAXII}).json()["objects"]
            self.assertEqual(len([o for o in listed if o["type"] == "indicator"]), 5)
            reds = {indicator(i)["id"] for i in range(3)}
            wait_until(lambda: reds <= set(self.named(n, "bob")), what="bob's reads")
            self.assertEqual(set(self.named(n, "bob")), reds)
            self.assertEqual({r["outlet"] for r in self.reads(n) if r["account"] == "bob"},
                             {"taxii"})
            for r in self.reads(n):
                self.assertRegex(r["hour"], r"^\d{4}-\d\d-\d\dT\d\d$")
            who = self.decisions(n, "--who", "bob")
            bob = self.id_of(n, "bob")
            self.assertTrue({f"account/{bob}", f"read/{bob}"} == {d["path"] for d in who}, who)
            self.assertEqual(n.stop(), 0)

    # G10: what was read just before the end is not forgotten, nor by a core that was away.
    def test_what_was_read_is_kept_at_the_end_and_over_a_crash_of_core(self):
        with self.node() as n:
            self.get(n, "ann", f"/api/v1/objects/{indicator(0)['id']}")
            self.assertEqual(n.stop(), 0)
            self.assertEqual(self.named(n, "ann"), [indicator(0)["id"]])
            n.serve()
            # The front knows bob's password from here on, and core is not asked for it.
            self.get(n, "bob", f"/api/v1/objects/{indicator(500000)['id']}")
            n.kill_role("core")
            self.get(n, "bob", f"/api/v1/objects/{indicator(1)['id']}")
            wait_until(lambda: self.named(n, "bob"), what="the read is recorded")
            self.assertEqual(n.stop(), 0)

    # T3: a reader makes the ledger grow by so much and no more.
    def test_reading_everything_again_and_again_writes_no_more(self):
        with self.node(2500) as n:
            def walk():
                path = "/intel/collections/all/objects/?limit=1000"
                seen = 0
                following = ""
                while True:
                    page = self.get(n, "ann", path + following, headers={"Accept": TAXII}).json()
                    seen += len(page["objects"])
                    if not page["more"]:
                        return seen
                    following = f"&next={page['next']}"
            self.assertGreaterEqual(walk(), 2502)
            wait_until(lambda: len(set(self.named(n, "ann"))) == 2500, what="all of them")
            size = json.loads(n.cli("ledger", "head", n.dir, "--json").stdout)["records"]
            for _ in range(10):
                walk()
            self.assertEqual(n.stop(), 0)
            after = json.loads(n.cli("ledger", "head", n.dir, "--json").stdout)["records"]
            # Nothing, unless an hour ended meanwhile.
            self.assertLessEqual(after - size, 3)
            self.assertLessEqual(len(self.reads(n)), 10)

    # G10: a copy and public keys are all that an auditor has.
    def test_an_export_is_checked_without_the_node(self):
        with self.node() as n:
            self.get(n, "ann", f"/api/v1/objects/{indicator(0)['id']}")
            wait_until(lambda: self.named(n, "ann"), what="a record of the read")
            ann = self.id_of(n, "ann")
            self.assertEqual(n.stop(), 0)
            copy = os.path.join(n.base, "copy")
            os.makedirs(os.path.join(copy, "ledger"))
            for part in ("segments", "checkpoint", "public-key", "public-key-mldsa"):
                source = os.path.join(n.dir, "ledger", part)
                target = os.path.join(copy, "ledger", part)
                (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, target)
            shutil.move(n.dir, n.dir + "-away")
            self.assertIn(b"good:", n.cli("ledger", "verify", copy).stdout)
            # Whose the ids are is not in the ledger, and the copy does not say.
            listed = n.cli("audit", "list", copy, "--who", ann).stdout.decode()
            self.assertRegex(listed, rf"\d  {ann}  read/{ann}  ")
            self.assertEqual(n.cli("audit", "list", copy, "--who", "ann").stdout, b"")
            lines = n.cli("audit", "export", copy).stdout.decode().splitlines()
            head, *rows = [json.loads(line) for line in lines]
            self.assertGreater(len(rows), 3)
            self.assertIn(f"read/{ann}", [r["path"] for r in rows])
            for row in rows:
                self.check(head, row)
            # Something else in the content, and in the header, is found.
            bad = {**rows[0], "content": rows[0]["content"].replace("a", "b", 1)}
            with self.assertRaises(AssertionError):
                self.check(head, bad)
            some = n.cli("audit", "export", copy, "--from", rows[1]["record"], "--to",
                         rows[2]["record"] + 1).stdout.decode().splitlines()[1:]
            self.assertEqual([json.loads(x) for x in some], rows[1:3])
            done = subprocess.run([TOCSIN, "audit", "list", copy, "--since", "yesterday"],
                                  capture_output=True)
            self.assertEqual((done.returncode, b"--since" in done.stderr), (2, True))
            self.assertEqual(
                n.cli("audit", "list", copy, "--since", "2199-01-01T00:00:00Z").stdout, b"")
            shutil.move(n.dir + "-away", n.dir)

    def check(self, head, row):
        """By doc/ledger-format.md, with nothing of the program."""
        header = bytes.fromhex(row["header"])
        # Bytes 48 to 79 of the record are 44 to 75 of the header.
        self.assertEqual(hashlib.sha256(row["content"].encode()).digest(), header[44:76])
        at, size = row["record"], head["size"]
        node = hashlib.sha256(b"\0" + header).digest()
        hashes = [bytes.fromhex(h) for h in row["hashes"]]
        last = size - 1
        for other in hashes:
            self.assertGreater(last, 0)
            if at & 1 or at == last:
                node = hashlib.sha256(b"\1" + other + node).digest()
                while not at & 1 and at:
                    at >>= 1
                    last >>= 1
            else:
                node = hashlib.sha256(b"\1" + node + other).digest()
            at >>= 1
            last >>= 1
        self.assertEqual(node.hex(), head["root"])
        self.assertTrue(re.search(r"^— ", head["checkpoint"], re.M))


if __name__ == "__main__":
    main()
