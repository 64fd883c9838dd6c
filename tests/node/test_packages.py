# SPDX-License-Identifier: Apache-2.0
"""Where no network leads, files carry what one node knows to another: signed, in order, of one size,
and what is lost, damaged, doubled or meant for somebody else is named and changes nothing."""

import ctypes
import ctypes.util
import json
import os
import re
import shutil
import subprocess
import unittest

from node import Node, main, seed
from test_exchange import GREEN, PASSWORD, RED, give, holds, indicator

MIB = 1 << 20
HEAD = 16 << 10


class FileNode(Node):
    """A node that nothing but files reaches."""

    def json(self, *args, check=True):
        return json.loads(self.cli(*args, "--json", check=check).stdout)

    def has(self, object_id):
        return self.cli("show", self.dir, object_id, check=False).returncode == 0

    def write(self, peer, folder, *options):
        """The paths of the packages that were written."""
        os.makedirs(folder, exist_ok=True)
        out = self.cli("package", "write", self.dir, peer, "--out", folder, "--json", *options).stdout
        return [json.loads(line)["file"] for line in out.splitlines()]

    def read(self, *paths, code=0):
        """What became of each package, and what was said of those that were refused."""
        done = self.cli("package", "read", self.dir, "--json", *paths, check=False)
        assert done.returncode == code, (done.returncode, code, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    def refuses(self, *paths):
        return self.read(*paths, code=2)[1]

    def status(self, peer):
        rows = self.json("package", "status", self.dir)["items"]
        return next(r for r in rows if r["name"] == peer)


def statement(n, path):
    done = n.cli("peer", "statement", n.dir)
    with open(path, "wb") as f:
        f.write(done.stdout)
    return re.search(rb"^fingerprint (\S+)", done.stderr, re.M).group(1).decode()


def meet(one, other, name_of_other, name_of_one):
    """Both have the other's statement as a file, and confirm what the other side reads out."""
    for to, of, name in ((one, other, name_of_other), (other, one, name_of_one)):
        path = os.path.join(to.base, "statement")
        fingerprint = statement(of, path)
        assert to.json("peer", "add", to.dir, name, path)["fingerprint"] == fingerprint
        assert to.json("peer", "show", to.dir, name)["state"] == "met"
        to.cli("peer", "confirm", to.dir, name, fingerprint)


class Pair:
    """A node below and one above, and a folder between."""

    def __enter__(self):
        self.low, self.high = FileNode("Low").init(), FileNode("High").init()
        meet(self.low, self.high, "high", "low")
        self.out = os.path.join(self.low.base, "out")
        return self

    def __exit__(self, *error):
        self.high.__exit__(*error)
        self.low.__exit__(*error)

    def write(self, *options):
        return self.low.write("high", self.out, "--size", "1", *options)


def unpack(path):
    """Everything that the ranges of a package hold, as bytes."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    with open(path, "rb") as f:
        body = f.read()[HEAD:]
    out = b""
    while True:
        length = int.from_bytes(body[:4], "big")
        if length == 0:
            return out
        packing, size, packed = body[16], int.from_bytes(body[17:21], "big"), body[21 : 4 + length]
        if packing:
            plain = ctypes.create_string_buffer(size)
            assert zstd.ZSTD_decompress(plain, size, packed, len(packed)) == size
            packed = plain.raw
        out += packed
        body = body[4 + length :]


def changed(path, at, to):
    """A copy with one bit other than it was."""
    shutil.copy(path, to)
    with open(to, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1]))
    return to


class Packages(unittest.TestCase):
    # D-14, D-27: signed files carry a feed one way, increments and withdrawals too.
    def test_objects_and_what_is_taken_back_reach_a_node_by_files_alone(self):
        with Pair() as p:
            give(p.low, indicator(1), indicator(2))
            (first,) = p.write()
            read, _ = p.high.read(first)
            self.assertEqual((read[0]["status"], read[0]["serial"], read[0]["peer"]), ("taken", 1, "low"))
            self.assertTrue(p.high.has(indicator(1)["id"]) and p.high.has(indicator(2)["id"]))
            give(p.low, indicator(3))
            p.low.cli("withdraw", p.low.dir, indicator(1)["id"], "--reason", "an error")
            (second,) = p.write()
            read, _ = p.high.read(p.out)
            self.assertEqual([r["status"] for r in read], ["known", "taken"])
            self.assertEqual((read[1]["taken"], read[1]["withdrawn"]), (1, 1))
            self.assertFalse(p.high.has(indicator(1)["id"]))
            self.assertTrue(p.high.has(indicator(3)["id"]))
            p.high.cli("ledger", "verify", p.high.dir)
            p.high.cli("rebuild", p.high.dir)
            self.assertEqual(p.high.read(p.out)[0][1]["status"], "known")

    # The same while both nodes run.
    def test_running_nodes_write_and_read_packages(self):
        with Pair() as p:
            p.low.serve()
            p.high.serve()
            give(p.low, indicator(1))
            p.high.read(*p.write())
            self.assertTrue(p.high.has(indicator(1)["id"]))
            self.assertEqual(p.low.stop(), 0)
            self.assertEqual(p.high.stop(), 0)

    # G17: a file's size and name tell nothing of what is in it; nothing new is a file too.
    def test_files_have_one_size_however_much_is_in_them(self):
        with Pair() as p:
            files = p.write()
            give(p.low, indicator(1))
            files += p.write()
            give(p.low, *[indicator(n) for n in range(2, 1500)])
            files += p.write()
            self.assertGreaterEqual(len(files), 3)
            self.assertEqual({os.path.getsize(f) for f in files}, {MIB})
            names = [f"{n:012}.package" for n in range(1, len(files) + 1)]
            self.assertEqual([os.path.basename(f) for f in files], names)
            # Filled up with what cannot be told from what is packed.
            with open(files[0], "rb") as f:
                self.assertLess(f.read()[HEAD:].count(0), 2 * MIB // 256)
            p.high.read(p.out)
            self.assertTrue(p.high.has(indicator(1499)["id"]))
            # One of another size is another choice; nobody has to make it twice.
            (large,) = p.low.write("high", p.out, "--size", "3")
            self.assertEqual(os.path.getsize(large), 3 * MIB)
            self.assertEqual(p.high.read(large)[0][0]["status"], "taken")

    # More than fits goes into more files; one object that never fits is named, and no number lost.
    def test_what_does_not_fit_into_one_file_goes_into_several(self):
        with Pair() as p:
            rng = seed()
            noise = [rng.randbytes(60000).hex() for _ in range(40)]
            give(p.low, *[indicator(n, name=noise[n]) for n in range(40)])
            files = p.write()
            self.assertGreater(len(files), 2)
            self.assertEqual({os.path.getsize(f) for f in files}, {MIB})
            read, _ = p.high.read(p.out)
            # And the identity of the maker.
            self.assertEqual(sum(r["taken"] for r in read), 41)
            give(p.low, indicator(99, name=rng.randbytes(1500000).hex()))
            done = p.low.cli(
                "package", "write", p.low.dir, "high", "--out", p.out, "--size", "1", check=False
            )
            self.assertEqual(done.returncode, 2)
            self.assertIn("alone needs a package of 2 MiB", done.stderr.decode())
            (next_one,) = p.low.write("high", p.out, "--size", "2")
            self.assertEqual(p.high.read(next_one)[0][0]["serial"], len(files) + 1)
            self.assertTrue(p.high.has(indicator(99)["id"]))

    # G1: what the peer may not have is in no package.
    def test_a_package_holds_nothing_that_the_peer_may_not_have(self):
        with Pair() as p:
            give(p.low, indicator(1, name="canary-open-3c41"), indicator(2, RED, "canary-red-9d2f"))
            (path,) = p.write()
            self.assertIn(b"canary-open-3c41", unpack(path))
            self.assertNotIn(b"canary-red-9d2f", unpack(path))
            self.assertNotIn(indicator(2)["id"].encode(), unpack(path))
            p.high.read(path)
            self.assertIsNotNone(holds(p.high.dir, b"canary-open-3c41"))
            self.assertIsNone(holds(p.high.dir, b"canary-red-9d2f"))

    # G1, D-27: what the peer may no longer have is taken back by a package, too.
    def test_what_a_peer_may_no_longer_have_is_taken_back(self):
        with Pair() as p:
            p.low.cli("community", "add", p.low.dir, "club", "--members", "high")
            give(p.low, indicator(1), indicator(2, GREEN))
            p.high.read(*p.write())
            self.assertTrue(p.high.has(indicator(1)["id"]) and p.high.has(indicator(2)["id"]))
            p.low.cli("community", "remove", p.low.dir, "club")
            p.high.read(*p.write())
            self.assertTrue(p.high.has(indicator(1)["id"]))
            self.assertFalse(p.high.has(indicator(2)["id"]))
            self.assertIn("no link leads to it", p.low.cli(
                "peer", "test", p.low.dir, "high", check=False).stdout.decode())

    # G8: a package that was read is named and changes nothing, however often it comes.
    def test_a_package_that_was_read_before_is_named_and_changes_nothing(self):
        with Pair() as p:
            give(p.low, indicator(1))
            (first,) = p.write()
            p.high.read(first)
            size = p.high.json("status", p.high.dir)["ledger"]["size"]
            for _ in range(2):
                read, _ = p.high.read(first)
                self.assertEqual(read[0]["status"], "known")
                self.assertRegex(read[0]["text"], "package 1 of low was read on 20.*nothing new")
            self.assertEqual(p.high.json("status", p.high.dir)["ledger"]["size"], size)

    # G8, D-27: in whatever order they come, they are taken in theirs.
    def test_packages_in_any_order_are_taken_in_theirs(self):
        with Pair() as p:
            files = []
            for n in range(1, 5):
                give(p.low, indicator(n))
                files += p.write()
            read, _ = p.high.read(*reversed(files))
            self.assertEqual([r["serial"] for r in read if r["status"] == "taken"], [1, 2, 3, 4])
            self.assertNotIn("package_missing", p.high.status("low"))
            for n in range(1, 5):
                self.assertTrue(p.high.has(indicator(n)["id"]))

    # D-14, G8: what is missing is named, nothing behind it is taken, and the maker can go back.
    def test_a_gap_is_named_until_it_is_closed(self):
        with Pair() as p:
            files = []
            for n in range(1, 5):
                give(p.low, indicator(n))
                files += p.write()
            p.high.read(files[0])
            read, _ = p.high.read(files[3], code=2)
            self.assertEqual(read[0]["status"], "gap")
            self.assertIn("packages 2 to 3 of low are missing", read[0]["text"])
            self.assertFalse(p.high.has(indicator(4)["id"]))
            self.assertEqual(p.high.status("low")["package_missing"], "2-3")
            self.assertIn("package-missing", [a["code"] for a in self.alarms(p.high)])
            # One of the two is found: the other is still missing.
            p.high.read(files[1], files[3], code=1)
            self.assertTrue(p.high.has(indicator(2)["id"]))
            self.assertEqual(p.high.status("low")["package_missing"], "3-3")
            # The maker goes back; what was taken meanwhile is passed over.
            (again,) = p.write("--again", "2")
            read, _ = p.high.read(again)
            self.assertEqual((read[0]["status"], read[0]["serial"], read[0]["taken"]), ("taken", 5, 2))
            self.assertTrue(p.high.has(indicator(3)["id"]) and p.high.has(indicator(4)["id"]))
            self.assertNotIn("package_missing", p.high.status("low"))
            # What was lost turns up: it holds nothing new.
            read, _ = p.high.read(files[2], files[3])
            self.assertEqual({r["status"] for r in read}, {"known"})

    def alarms(self, n):
        return json.loads(n.cli("status", n.dir, "--json", check=False).stdout)["alarms"]

    # D-14: no damaged byte is read past; nothing of a damaged file is taken.
    def test_a_damaged_package_is_refused_with_nothing_taken(self):
        with Pair() as p:
            rng = seed()
            give(p.low, indicator(1))
            (path,) = p.write()
            with open(path, "rb") as f:
                note = f.read().index(b"\0")
            bad = os.path.join(p.out, "bad")
            places = [0, 20, 100, note - 2, note, note + 1, HEAD - 1, HEAD, HEAD + 3, HEAD + 4, HEAD + 40]
            places += [MIB - 1] + [rng.randrange(note) for _ in range(40)]
            places += [rng.randrange(HEAD, MIB) for _ in range(20)]
            for at in places:
                said = p.high.refuses(changed(path, at, bad))
                self.assertRegex(said, "damaged|not signed|not a package|header|another node|no active", at)
            for length in (0, 1, HEAD - 1, HEAD, HEAD + 1, MIB - 1):
                with open(path, "rb") as f, open(bad, "wb") as to:
                    to.write(f.read(length))
                self.assertRegex(p.high.refuses(bad), "cut short|not a package", length)
            with open(path, "rb") as f, open(bad, "wb") as to:
                to.write(f.read() + b"\0")
            self.assertIn("too long", p.high.refuses(bad))
            with open(bad, "wb") as to:
                to.write(os.urandom(MIB))
            self.assertIn("not a package", p.high.refuses(bad))
            self.assertIn("not a regular file", p.high.refuses("/dev/null"))
            self.assertFalse(p.high.has(indicator(1)["id"]))
            self.assertNotIn("package_read", p.high.status("low"))
            p.high.read(path)
            self.assertTrue(p.high.has(indicator(1)["id"]))

    # D-14, D-18: a package is for one node, from one that its reader has confirmed.
    def test_a_package_for_another_or_of_a_stranger_is_refused(self):
        with Pair() as p, FileNode("Other").init() as other:
            give(p.low, indicator(1))
            (path,) = p.write()
            self.assertIn("no active peer here", other.cli(
                "package", "read", other.dir, path, check=False).stderr.decode())
            fingerprint = statement(p.low, os.path.join(other.base, "s"))
            other.cli("peer", "add", other.dir, "low", os.path.join(other.base, "s"))
            self.assertIn("no active peer here", other.refuses(path))
            self.assertIn("not the fingerprint", other.cli(
                "peer", "confirm", other.dir, "low", "00000-00000-00000-00000", check=False
            ).stderr.decode())
            other.cli("peer", "confirm", other.dir, "low", fingerprint)
            self.assertIn("it is for another node", other.refuses(path))
            p.high.cli("peer", "cut", p.high.dir, "low")
            self.assertIn("no active peer here", p.high.refuses(path))
            self.assertFalse(p.high.has(indicator(1)["id"]) or other.has(indicator(1)["id"]))

    # D-27: truly one-way: the maker knows of its reader an identity, and takes nothing from it.
    def test_a_maker_needs_no_statement_of_its_reader(self):
        with FileNode("Low").init() as low, FileNode("High").init() as high:
            identity = high.json("status", high.dir)["identity"]
            fingerprint = statement(low, os.path.join(high.base, "s"))
            high.cli("peer", "add", high.dir, "low", os.path.join(high.base, "s"))
            high.cli("peer", "confirm", high.dir, "low", fingerprint)
            self.assertIn("not a STIX identity", low.cli(
                "peer", "add", low.dir, "high", "--identity", "high", check=False).stderr.decode())
            low.cli("peer", "add", low.dir, "high", "--identity", identity)
            low.cli("peer", "add", low.dir, "third", "--identity",
                    "identity--5ee60e4b-24f9-4d8d-9ab8-000000000003")
            give(low, indicator(1))
            give(high, indicator(2))
            out = os.path.join(low.base, "out")
            (path,) = low.write("high", out)
            high.read(path)
            self.assertTrue(high.has(indicator(1)["id"]))
            (back,) = high.write("low", os.path.join(high.base, "out"))
            self.assertIn("no active peer here", low.refuses(back))
            self.assertEqual(low.json("peer", "show", low.dir, "high")["fed_by"], "packages")
            low.serve()
            self.assertEqual(low.stop(), 0)
            low.cli("peer", "cut", low.dir, "high")
            self.assertEqual(low.cli(
                "package", "write", low.dir, "high", "--out", out, check=False).returncode, 2)

    # G9: a maker that was set back, or tells two stories, is found out by the numbers and hashes.
    def test_another_package_under_a_number_that_was_read_is_refused(self):
        with Pair() as p:
            copy = os.path.join(p.low.base, "copy")
            shutil.copytree(p.low.dir, copy)
            give(p.low, indicator(1))
            p.high.read(*p.write())
            shutil.rmtree(p.low.dir)
            shutil.copytree(copy, p.low.dir)
            give(p.low, indicator(2))
            (first,) = p.write()
            self.assertIn("is another one than was read under this number", p.high.refuses(first))
            (second,) = p.write()
            self.assertIn("does not follow the one that was read before it", p.high.refuses(second))
            self.assertFalse(p.high.has(indicator(2)["id"]))

    # D-18: it is killed in the middle; the same package again brings the rest, nothing twice.
    def test_a_reader_that_is_killed_takes_the_rest_from_the_same_package(self):
        with Pair() as p:
            rng = seed()
            count = 3000
            give(p.low, *[indicator(n) for n in range(1, count + 1)])
            (path,) = p.low.write("high", p.out, "--size", "4")
            p.high.serve()
            for role in ("intake", "core", "intake"):
                reader = subprocess.Popen(
                    [os.environ.get("TOCSIN") or self.program(), "package", "read", p.high.dir, path],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                try:
                    reader.wait(rng.random() * 0.3)
                except subprocess.TimeoutExpired:
                    p.high.kill_role(role)
                reader.communicate(timeout=60)
            p.high.kill()
            p.high.read(path)
            self.assertEqual(p.high.json("status", p.high.dir)["indicators"], count)
            for n in rng.sample(range(1, count + 1), 20):
                found = p.high.json("show", p.high.dir, indicator(n)["id"])
                self.assertEqual(len(found["versions"]), 1)

    @staticmethod
    def program():
        from node import TOCSIN

        return TOCSIN

    # D-27: the one that is fed by files says how old its picture is; the one that feeds does not.
    def test_a_node_fed_by_packages_says_how_old_its_picture_is(self):
        with Pair() as p:
            self.assertEqual(p.high.status("low")["fed_by"], "packages")
            self.assertNotIn("package_age", p.high.status("low"))
            (first,) = p.write()
            p.high.read(first)
            s = p.high.status("low")
            self.assertEqual((s["fed_by"], s["package_read"]), ("packages", 1))
            self.assertLess(s["package_age"], 600)
            self.assertEqual(p.low.status("high")["package_written"], 1)
            self.assertNotIn("package_age", p.low.status("high"))
            self.assertEqual((self.alarms(p.high), self.alarms(p.low)), ([], []))
            self.assertEqual(p.high.json("status", p.high.dir)["picture_made"], s["package_made"])
            self.assertNotIn("picture_made", p.low.json("status", p.low.dir))
            p.high.add_user("admin", "admin", PASSWORD)
            p.high.serve()
            shown = p.high.request("GET", "/api/v1/peers/low", auth=("admin", PASSWORD)).json()
            self.assertEqual((shown["fed_by"], shown["package_read"]), ("packages", 1))
            metrics = p.high.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
            self.assertRegex(metrics, r'tocsin_package_age_seconds\{peer="low"\} \d+')
            self.assertRegex(metrics, r'tocsin_package_missing\{peer="low"\} 0')


    # Where there is a way back, the maker learns what was read; a receipt of somebody else is none.
    def test_a_receipt_says_what_was_read(self):
        with Pair() as p:
            give(p.low, indicator(1))
            p.high.read(*p.write())
            receipt = os.path.join(p.high.base, "receipt")
            p.high.cli("package", "receipt", p.high.dir, "low", "--out", receipt)
            give(p.low, indicator(2))
            p.write()
            self.assertNotIn("package_confirmed", p.low.status("high"))
            p.low.cli("package", "accept", p.low.dir, "high", receipt)
            s = p.low.status("high")
            self.assertEqual((s["package_written"], s["package_confirmed"]), (2, 1))
            own = os.path.join(p.low.base, "receipt")
            p.low.cli("package", "receipt", p.low.dir, "high", "--out", own)
            self.assertEqual(
                p.low.cli("package", "accept", p.low.dir, "high", own, check=False).returncode, 2)

    # G8: whatever is lost, doubled and out of order, both know the same in the end.
    def test_lost_doubled_and_shuffled_packages_converge(self):
        with Pair() as p:
            rng = seed()
            p.low.serve()
            p.high.serve()
            alive, files = set(), []
            for n in range(1, 25):
                give(p.low, indicator(n))
                alive.add(n)
                if rng.random() < 0.3:
                    gone = rng.choice(sorted(alive))
                    alive.remove(gone)
                    p.low.cli("withdraw", p.low.dir, indicator(gone)["id"], "--reason", "an error")
                files += p.write()
                hand = [f for f in rng.choices(files, k=3) if rng.random() < 0.7]
                if hand:
                    p.high.cli("package", "read", p.high.dir, *hand, check=False)
            missing = p.high.status("low").get("package_missing")
            if missing:
                p.write("--again", missing.split("-")[0])
            p.write()
            # Those that were lost on the way never come.
            lost = [f for f in files if rng.random() < 0.5] if missing else []
            for f in lost:
                os.unlink(f)
            p.high.cli("package", "read", p.high.dir, p.out, check=False)
            self.assertNotIn("package_missing", p.high.status("low"))
            for n in range(1, 25):
                self.assertEqual(p.high.has(indicator(n)["id"]), n in alive, n)


class Both(unittest.TestCase):
    # G8: what comes by link and by package as well is here once.
    def test_the_same_by_link_and_by_package_is_harmless(self):
        from test_exchange import has, wait_until
        from test_peers import two_nodes

        with two_nodes() as (a, b):
            for n in (a, b):
                n.add_user("admin", "admin", PASSWORD)
            give(a, *[indicator(n) for n in range(1, 6)])
            wait_until(lambda: has(b, indicator(5)["id"]), 10, "the link brings it")
            out = os.path.join(a.base, "out")
            os.mkdir(out)
            a.cli("package", "write", a.dir, "b", "--out", out, "--size", "1")
            a.cli("package", "write", a.dir, "b", "--out", out, "--size", "1", "--again", "1")
            b.cli("package", "read", b.dir, out)
            b.stop()
            give(a, indicator(6))
            a.cli("package", "write", a.dir, "b", "--out", out, "--size", "1")
            b.start()
            b.cli("package", "read", b.dir, out)
            wait_until(lambda: has(b, indicator(6)["id"]), 20, "it is there")
            give(a, indicator(7))
            wait_until(lambda: has(b, indicator(7)["id"]), 20, "the link goes on")
            for n in range(1, 8):
                found = b.request("GET", f"/api/v1/objects/{indicator(n)['id']}", auth=("admin", PASSWORD))
                self.assertEqual(len(found.json()["versions"]), 1)

    # G8: what waits for its turn by link does not turn away who comes with a medium.
    def test_a_package_waits_for_what_comes_by_link(self):
        from test_exchange import has, wait_until
        from test_peers import two_nodes

        with two_nodes() as (a, b):
            b.add_user("admin", "admin", PASSWORD)
            out = os.path.join(a.base, "out")
            os.mkdir(out)
            b.stop()
            for key, value in (("quota", 1000), ("quota_burst", 100), ("quota_when", "always")):
                b.set(key, value)
            give(a, *[indicator(n) for n in range(1, 6001)])
            a.cli("package", "write", a.dir, "b", "--out", out, "--size", "1")
            b.start()
            wait_until(lambda: b.show("a").get("throttled"), 20, "what comes by link waits")
            done = b.cli("package", "read", b.dir, out, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(has(b, indicator(6000)["id"]))

    # G18: keys rotate without signing again what is under way.
    def test_a_package_is_good_when_its_makers_keys_were_followed_since(self):
        from test_exchange import wait_until
        from test_peers import two_nodes

        with two_nodes() as (a, b):
            b.add_user("admin", "admin", PASSWORD)
            out = os.path.join(a.base, "out")
            os.mkdir(out)
            b.stop()
            give(a, *[indicator(n) for n in range(1, 6)])
            a.cli("package", "write", a.dir, "b", "--out", out, "--size", "1")
            # The reader learns of the new keys by the link, before it sees the medium.
            a.cli("key", "rotate", a.dir)
            b.start()
            wait_until(lambda: b.show("a")["rotations"], 20, "the rotation")
            done = b.cli("package", "read", b.dir, out, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    # G18: who comes later gets what its maker sealed with earlier keys, from files alone.
    def test_what_earlier_keys_sealed_reaches_a_later_reader_by_files(self):
        with Pair() as p, FileNode("Later") as later:
            later.init()
            give(p.low, indicator(1))
            p.write()
            for n in (2, 3):
                p.low.cli("key", "rotate", p.low.dir)
                give(p.low, indicator(n))
                p.low.write("high", p.out)
            meet(p.low, later, "later", "low")
            out = os.path.join(p.low.base, "for-later")
            found, _ = later.read(*p.low.write("later", out))
            self.assertEqual([f["refused"] for f in found], [0])
            for n in (1, 2, 3):
                self.assertTrue(later.has(indicator(n)["id"]), n)

    # G18: keys change also where nothing but files leads.
    def test_a_reader_of_files_follows_its_makers_keys(self):
        with Pair() as p:
            give(p.low, indicator(1))
            p.high.read(*p.write())
            p.low.cli("key", "rotate", p.low.dir)
            p.low.cli("key", "rotate", p.low.dir)
            give(p.low, indicator(2))
            written = p.write()
            self.assertIn("tocsin peer keys", p.high.refuses(*written))
            said = os.path.join(p.low.base, "keys")
            with open(said, "wb") as f:
                f.write(p.low.cli("key", "statement", p.low.dir).stdout)
            p.high.cli("peer", "keys", p.high.dir, "low", said)
            p.high.read(*written)
            self.assertTrue(p.high.has(indicator(2)["id"]))
            # What somebody else says of their keys leads nowhere.
            p.high.cli("key", "rotate", p.high.dir)
            with open(said, "wb") as f:
                f.write(p.high.cli("key", "statement", p.high.dir).stdout)
            done = p.high.cli("peer", "keys", p.high.dir, "low", said, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("another node's", done.stderr.decode())


if __name__ == "__main__":
    main()
