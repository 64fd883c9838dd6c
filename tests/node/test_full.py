# SPDX-License-Identifier: Apache-2.0
"""A disk that runs full: refused with one clear error, an alarm, and on by itself afterwards."""

import json
import os
import subprocess
import tempfile
import unittest
import uuid

from node import Node, main, skip, wait_until


class SmallDisk:
    """A tmpfs of its own, removed at the end."""

    def __init__(self, megabytes):
        self.path = tempfile.mkdtemp(prefix="tocsin-disk-")
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tocsin-test", self.path],
            stderr=subprocess.PIPE,
        )
        if done.returncode != 0:
            os.rmdir(self.path)
            skip(f"no file system of a stated size here: {done.stderr.decode().strip()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=False)
        os.rmdir(self.path)


def bundle(path, count):
    objects = [
        {
            "type": "ipv4-addr",
            "spec_version": "2.1",
            "id": f"ipv4-addr--{uuid.uuid4()}",
            "value": "198.51.100.7",
            "x_padding": "x" * 2000,
        }
        for _ in range(count)
    ]
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}, f)
    return [o["id"] for o in objects]


class Full(unittest.TestCase):
    # Bad input: disk full stops intake with an alarm and resumes by itself.
    def test_a_full_disk_is_said_and_got_over(self):
        with SmallDisk(96) as disk, Node(parent=disk.path) as n:
            n.init().set("free_reserve", "32M")
            n.serve()
            with tempfile.TemporaryDirectory() as elsewhere:
                file = os.path.join(elsewhere, "bundle.json")
                taken = bundle(file, 100)
                n.cli("import", n.dir, file, "--label", "TLP:CLEAR")
                self.assertEqual(n.alarms(), [])
                filler = os.path.join(disk.path, "filler")
                free = os.statvfs(disk.path)
                with open(filler, "wb") as f:
                    os.posix_fallocate(f.fileno(), 0, free.f_bavail * free.f_frsize - (8 << 20))
                refused = None
                for _ in range(10):
                    ids = bundle(file, 100)
                    done = n.cli("import", n.dir, file, "--label", "TLP:CLEAR", check=False)
                    if done.returncode != 0:
                        refused = done
                        break
                    taken += ids
                self.assertIsNotNone(refused)
                self.assertEqual(refused.returncode, 2)
                self.assertIn(b"disk is full", refused.stderr)
                wait_until(lambda: "disk-full" in n.alarms(), what="the alarm is on")
                os.unlink(filler)
                wait_until(lambda: n.alarms() == [], what="the alarm is off")
                taken += bundle(file, 100)
                n.cli("import", n.dir, file, "--label", "TLP:CLEAR")
                for ident in taken[::50] + taken[-1:]:
                    n.cli("show", n.dir, ident)
            self.assertEqual(n.stop(), 0)
            n.cli("ledger", "verify", n.dir)


if __name__ == "__main__":
    main()
