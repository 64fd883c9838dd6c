# SPDX-License-Identifier: Apache-2.0
"""An object that is purged leaves no byte in the node's directory, and the ledger still verifies."""

import contextlib
import json
import os
import subprocess
import time
import unittest

from node import TOCSIN, Node, main, seed, wait_until

PASSWORD = "correct horse 7"
CANARY = "spilledcanary7f3a91"
ID = "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d01"
NEWER = "latercanary55aa10"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
OTHER = "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d02"


def indicator(id, value, modified="2026-01-01T00:00:00.000Z"):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id,
        "created": "2026-01-01T00:00:00.000Z",
        "modified": modified,
        "name": f"Beacon {value}",
        "pattern": f"[domain-name:value = '{value}.example']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],
    }


def segments(n):
    folder = os.path.join(n.dir, "ledger", "segments")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def files_with(n, text):
    """Every file below the node's directory, of any kind that holds bytes, with the text in it."""
    found = []
    for folder, _, names in os.walk(n.dir):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                if text.encode() in f.read():
                    found.append(os.path.relpath(path, n.dir))
    return found


class Purge(unittest.TestCase):
    def fill(self, n):
        n.init()
        n.add_user("admin", "admin", PASSWORD)
        path = os.path.join(n.base, "bundle.json")
        with open(path, "w") as f:
            json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                       "objects": [indicator(ID, CANARY), indicator(OTHER, "stays-here"),
                                   indicator(ID, NEWER, "2026-02-01T00:00:00.000Z")]}, f)
        n.serve()
        n.cli("import", n.dir, path)
        self.assertIn(NEWER.encode(), n.cli("search", n.dir, NEWER).stdout)

    def verify(self, n):
        return n.cli("ledger", "verify", n.dir, check=False)

    def rebuild(self, n):
        answer = n.cli("rebuild", n.dir, check=False)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)

    # G19: no byte is left of what was stored and should not have been; the log still verifies. The
    # node runs all the while.
    def test_no_byte_is_left_and_the_ledger_verifies(self):
        with Node() as n:
            self.fill(n)
            wait_until(lambda: len(files_with(n, CANARY)) > 2, what="the views have it too")
            self.assertEqual(n.cli("purge", n.dir, ID, check=False).returncode, 2)
            missing = n.cli("purge", n.dir, ID[:-1] + "9", "--reason", "x", check=False)
            self.assertEqual(missing.returncode, 2)

            n.cli("purge", n.dir, ID, "--reason", "spillage drill")
            self.assertEqual(files_with(n, CANARY) + files_with(n, NEWER), [])
            self.assertTrue(files_with(n, "stays-here"))
            self.assertTrue(files_with(n, "spillage drill"))
            self.assertEqual(self.verify(n).returncode, 0, self.verify(n).stdout)
            self.assertIn(b"stays-here", n.cli("search", n.dir, "stays-here").stdout)
            self.assertNotIn(ID.encode(), n.cli("search", n.dir, CANARY, check=False).stdout)

            # Once more is no harm, and adds nothing.
            again = n.cli("purge", n.dir, ID, "--reason", "again", check=False)
            self.assertEqual(again.returncode, 2)
            self.assertIn(b"purged already", again.stderr)

            # It does not come back.
            path = os.path.join(n.base, "again.json")
            with open(path, "w") as f:
                json.dump(indicator(ID, CANARY), f)
            back = n.cli("import", n.dir, path, check=False)
            self.assertIn(b"purged", back.stdout + back.stderr)
            self.assertEqual(files_with(n, CANARY), [])

            self.assertEqual(n.stop(), 0)
            self.assertEqual(files_with(n, CANARY), [])
            self.rebuild(n)
            # An index made anew from the segments knows the same.
            for name in os.listdir(os.path.join(n.dir, "ledger", "index")):
                os.unlink(os.path.join(n.dir, "ledger", "index", name))
            self.rebuild(n)
            n.serve()
            for path in (f"/api/v1/objects/{ID}", f"/intel/collections/all/objects/{ID}/"):
                answer = n.request("GET", path, auth=("admin", PASSWORD),
                                   headers={"Accept": "application/taxii+json;version=2.1"})
                self.assertNotIn(CANARY.encode(), answer.body)
            self.assertEqual(
                n.request("GET", f"/api/v1/objects/{OTHER}", auth=("admin", PASSWORD)).status, 200)
            self.assertEqual(n.stop(), 0)
            self.assertEqual(files_with(n, CANARY), [])
            self.assertEqual(self.verify(n).returncode, 0)

    # G19: the same by the same code when the node does not run; one version alone.
    def test_one_version_of_a_stopped_node(self):
        with Node() as n:
            self.fill(n)
            self.assertEqual(n.stop(), 0)
            wrong = n.cli("purge", n.dir, ID, "--version", "2026-01-05T00:00:00.000Z", "--reason",
                          "x", check=False)
            self.assertEqual(wrong.returncode, 2)
            n.cli("purge", n.dir, ID, "--version", "2026-02-01T00:00:00.000Z", "--reason",
                  "the newer one says too much")
            self.assertEqual(self.verify(n).returncode, 0)
            self.rebuild(n)
            self.assertEqual(files_with(n, NEWER), [])
            self.assertTrue(files_with(n, CANARY))
            n.serve()
            shown = n.request("GET", f"/api/v1/objects/{ID}", auth=("admin", PASSWORD))
            self.assertEqual(shown.status, 200)
            self.assertIn(CANARY.encode(), shown.body)

    # G19: sightings name the values that were seen, and go with the indicator.
    def test_what_was_seen_of_it_goes_too(self):
        with Node() as n:
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            log = os.path.join(n.base, "eve.json")
            open(log, "w").close()
            n.add_source("sensor", log)
            path = os.path.join(n.base, "bundle.json")
            with open(path, "w") as f:
                json.dump({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff",
                           "objects": [indicator(ID, CANARY), indicator(OTHER, "stays-here")]}, f)
            n.cli("import", n.dir, path)
            n.serve()
            with open(log, "a") as f:
                for value in (CANARY, "stays-here"):
                    f.write(json.dumps({
                        "timestamp": "2026-02-01T00:00:01.000000+0000", "event_type": "dns",
                        "dns": {"type": "query", "rrname": f"{value}.example"}}) + "\n")

            def seen():
                answer = n.request("GET", "/api/v1/sightings", auth=("admin", PASSWORD))
                return sorted(s["value"] for s in answer.json()["items"])

            wait_until(lambda: len(seen()) == 2, what="both are seen")
            n.cli("purge", n.dir, ID, "--reason", "spillage drill")
            self.assertEqual(seen(), ["stays-here.example"])
            self.assertEqual(files_with(n, CANARY), [])
            self.assertEqual(self.verify(n).returncode, 0)
            self.assertEqual(n.stop(), 0)
            self.rebuild(n)
            self.assertEqual(files_with(n, CANARY), [])

    # G19: killed at whatever moment of a purge, the next start finishes it, or it never began.
    def test_a_purge_survives_being_killed(self):
        rng = seed()
        with Node() as n:
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            n.serve()
            done = 0
            for i in range(8):
                canary, object_id = f"{CANARY}{i}", f"{ID[:-1]}{i}"
                path = os.path.join(n.base, "bundle.json")
                with open(path, "w") as f:
                    json.dump(indicator(object_id, canary), f)
                n.cli("import", n.dir, path)
                asked = subprocess.Popen(
                    [TOCSIN, "purge", n.dir, object_id, "--reason", "spillage drill"],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.random() * 0.04)
                n.kill_role("core")
                n.kill()
                answered = asked.wait(30) == 0
                n.serve()
                # Once it is hidden, it is gone; the views follow by themselves.
                shown = n.request("GET", f"/api/v1/objects/{object_id}", auth=("admin", PASSWORD))
                self.assertIn(shown.status, (200, 404))
                self.assertFalse(answered and shown.status == 200)
                if shown.status == 200:
                    n.cli("purge", n.dir, object_id, "--reason", "spillage drill")
                done += shown.status == 404
                wait_until(lambda c=canary: files_with(n, c) == [], what="nothing is left of it")
            print(f"{done} of 8 were under way")
            self.assertEqual(n.stop(), 0)
            self.assertEqual(self.verify(n).returncode, 0)
            self.rebuild(n)
            self.assertEqual(files_with(n, CANARY), [])

    # G19, G5: an administrator purges by the interface, and waits for a second where the node says so.
    def test_an_administrator_purges_and_a_second_one_approves(self):
        with Node() as n:
            n.init()
            for name, role in (("ann", "admin"), ("bob", "admin"), ("cyd", "analyst")):
                n.add_user(name, role, PASSWORD)
            n.set("two_person", "object.purge")
            path = os.path.join(n.base, "bundle.json")
            with open(path, "w") as f:
                json.dump({**indicator(ID, CANARY), "object_marking_refs": [AMBER]}, f)
            n.cli("import", n.dir, path)
            n.serve()

            def ask(who, rest, **body):
                return n.request("POST", f"/api/v1/{rest}", body=json.dumps(body).encode(),
                                 auth=(who, PASSWORD), headers={"Content-Type": "application/json"})

            self.assertEqual(ask("cyd", f"objects/{ID}/purge", reason="x").status, 403)
            self.assertEqual(ask("ann", f"objects/{ID}/purge").status, 400)
            made = ask("ann", f"objects/{ID}/purge", reason="spillage drill")
            self.assertEqual(made.status, 202, made.body)
            request = made.json()["request"]
            self.assertTrue(files_with(n, CANARY))
            approved = ask("bob", f"requests/{request['id']}/approve", hash=request["hash"])
            self.assertEqual(approved.status, 200, approved.body)
            wait_until(lambda: files_with(n, CANARY) == [], what="it is gone")
            listed = n.request("GET", "/api/v1/purges", auth=("ann", PASSWORD)).json()["items"]
            self.assertEqual([(p["id"], p["state"], p["reason"], p["tombstones"]) for p in listed],
                             [(ID, "purged", "spillage drill", 1)])
            self.assertEqual(
                n.request("GET", "/api/v1/purges", auth=("bob", PASSWORD)).json()["items"], listed)
            # Of one object, as its page asks; whoever may not see it is told what is told of none.
            for object_id, found in ((ID, listed), (OTHER, [])):
                one = n.request("GET", f"/api/v1/purges?id={object_id}", auth=("ann", PASSWORD))
                self.assertEqual(one.json()["items"], found)
            n.cli("user", "add", n.dir, "dee", "--role", "analyst", "--clearance", "TLP:CLEAR",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            for rest, status in (("objects/{}", 404), ("purges?id={}", 200)):
                gone, never = (n.request("GET", f"/api/v1/{rest.format(i)}", auth=("dee", PASSWORD))
                               for i in (ID, OTHER))
                self.assertEqual((gone.status, never.status), (status, status))
                self.assertEqual(gone.body.replace(ID.encode(), b""),
                                 never.body.replace(OTHER.encode(), b""))

    # G19: only a tombstone makes missing content good.
    def test_content_that_is_gone_without_a_tombstone_is_named(self):
        with Node() as n:
            self.fill(n)
            self.assertEqual(n.stop(), 0)
            n.cli("purge", n.dir, ID, "--reason", "spillage drill")
            with open(segments(n)[0], "r+b") as f:
                data = f.read()
                end = data.index(b"}", data.index(b"2026-01-01T00:00:00Z",
                                                  data.index(b"Beacon stays-here")))
                start = data.rindex(b'{"type"', 0, data.index(b"Beacon stays-here"))
                end = data.index(b"}", end) + 1
                f.seek(start)
                f.write(bytes(end - start))
            bad = self.verify(n)
            self.assertNotEqual(bad.returncode, 0)
            self.assertIn(OTHER.encode(), bad.stdout + bad.stderr)


if __name__ == "__main__":
    main()
