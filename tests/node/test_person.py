# SPDX-License-Identifier: Apache-2.0
"""What a node holds about a person can be given to that person, and no other node learns which of a
node's people did what."""

import json
import os
import unittest

from node import main
from test_exchange import CLEAR, GREEN, PASSWORD, RED, give, holds, indicator
from test_labels import marking
from test_members import FileNode as MemberNode
from test_packages import FileNode, meet, unpack


def identity(n, name, kind, **more):
    return {"type": "identity", "spec_version": "2.1",
            "id": f"identity--5ee60e4b-24f9-4d8d-9ab8-{n:012x}",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
            "name": name, "identity_class": kind, "object_marking_refs": [CLEAR], **more}


class Person(unittest.TestCase):
    def export(self, n, term, code=0):
        done = n.cli("person", "export", n.dir, term, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    # G27: everything about an account: its own decisions, what it read and brought, and no other's.
    def test_everything_about_an_account_is_one_document(self):
        with MemberNode().init() as n:
            n.cli("user", "add", n.dir, "alice", "--role", "contributor", "--clearance", "TLP:RED",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            n.add_user("bob", "analyst", PASSWORD)
            n.cli("token", "add", n.dir, "--user", "alice", "--name", "script")
            give(n, indicator(1, RED), indicator(2))
            n.serve()
            for who in ("alice", "bob"):
                n.request("GET", f"/api/v1/objects/{indicator(1)['id']}", auth=(who, PASSWORD))
            n.request("POST", "/api/v1/import?format=stix", auth=("alice", PASSWORD),
                      body=json.dumps({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-000000000001",
                                       "objects": [indicator(3)]}),
                      headers={"Content-Type": "application/octet-stream"})
            self.assertEqual(n.stop(), 0)
            about = self.export(n, "alice")
            paths = [d["path"] for d in about["decisions"]]
            who = {a["name"]: a["id"] for a in n.json("user", "list", n.dir)["items"]}
            self.assertEqual(about["account"], {"id": who["alice"], "name": "alice"})
            self.assertIn(f"account/{who['alice']}", paths)
            self.assertIn(f"read/{who['alice']}", paths)
            self.assertTrue(any(p.startswith("token/") for p in paths), paths)
            self.assertIn(f"source/api:{who['alice']}", paths)
            self.assertFalse([p for p in paths if who["bob"] in p])
            self.assertNotIn(who["bob"], json.dumps(about))
            self.assertNotIn("bob", json.dumps(about))
            self.assertEqual(about["person"], "alice")
            self.assertEqual(self.export(n, "nobody-at-all", code=1)["decisions"], [])

    # G27: and everything that names somebody, in whatever version and spelling, seen or not.
    def test_objects_that_name_a_person_are_found_in_all_versions(self):
        personal = marking("person-marking", tlp="TLP:AMBER", personal_data="present")
        jane = identity(1, "Jane Ro\u00e9", "individual")
        newer = dict(jane, modified="2026-02-01T00:00:00.000Z", contact_information="x@example.org")
        firm = identity(2, "Jane Ro\u00e9 Ltd", "organization")
        seen = indicator(3, personal["id"], name="Mail of JANE Ro\u00e9")
        other = indicator(4, name="Jane Ro\u00e9, not labelled")
        gone = indicator(5, personal["id"], name="jane ro\u00e9, withdrawn")
        address = {"type": "email-addr", "spec_version": "2.1", "value": "jane@example.org",
                   "id": "email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3",
                   "object_marking_refs": [CLEAR]}
        with MemberNode().init() as n:
            give(n, personal, jane, firm, seen, other, gone, address)
            give(n, newer)
            n.cli("withdraw", n.dir, gone["id"], "--reason", "an error")
            found = self.export(n, "jane ro\u00e9")["objects"]
            self.assertEqual([o["content"] for o in found], [jane, seen, gone, newer])
            self.assertEqual([o["hidden"] for o in found], [False, False, True, False])
            self.assertEqual([o["superseded"] for o in found], [True, False, False, False])
            found = self.export(n, "jane@example.org")["objects"]
            self.assertEqual([o["id"] for o in found], [address["id"]])
            self.assertEqual(n.cli("person", "export", n.dir, "ja", check=False).returncode, 2)

    # G27: a person's objects are erased, the running node's log stays verifiable, and what was not
    # erased is said. Nobody erases by accident.
    def test_a_person_is_erased_and_the_ledger_verifies(self):
        personal = marking("person-marking", tlp="TLP:AMBER", personal_data="present")
        jane = identity(1, "Jane Roe", "individual", contact_information="canary-7f3a91 Jane Roe")
        newer = dict(jane, modified="2026-02-01T00:00:00.000Z", name="Mrs. canary-55aa10")
        seen = indicator(3, personal["id"], name="Mail of JANE ROE, canary-1c0ffe")
        other = indicator(4, name="Jane Roe, not labelled, canary-stays")
        canaries = [b"canary-7f3a91", b"canary-55aa10", b"canary-1c0ffe"]
        with MemberNode().init() as n:
            n.add_user("admin", "admin", PASSWORD)
            give(n, personal, jane, seen, other)
            give(n, newer)
            n.serve()

            def erase(*args):
                done = n.cli("person", "erase", n.dir, "jane roe", *args, check=False)
                return done.returncode, (done.stdout + done.stderr).decode()

            code, said = erase()
            self.assertEqual(code, 1, said)
            self.assertIn(f"erase   {jane['id']}, versions: 2", said)
            self.assertIn(f"erase   {seen['id']}, versions: 1", said)
            self.assertRegex(said, f"stays   record [0-9]+, {other['id']}")
            self.assertIn("--expect 2", said)
            for args in (["--yes"], ["--expect", "3", "--reason", "asked"], ["--reason", "asked"],
                         ["--yes", "--reason", "asked by JANE Roe"]):
                self.assertNotEqual(erase(*args)[0], 0, args)
            self.assertEqual([holds(n.dir, c) is None for c in canaries], [False] * 3)

            code, said = erase("--expect", "2", "--reason", "article 17")
            self.assertEqual(code, 0, said)
            self.assertIn("erased: 2 objects, 3 records", said)
            self.assertEqual([holds(n.dir, c) for c in canaries], [None] * 3)
            self.assertIsNotNone(holds(n.dir, b"canary-stays"))
            self.assertEqual(self.export(n, "jane roe", code=1)["objects"], [])
            purged = n.json("purge", "list", n.dir)["items"]
            self.assertEqual({(p["id"], p["reason"]) for p in purged},
                             {(o["id"], "article 17") for o in (jane, seen)})
            gone = n.request("GET", f"/api/v1/objects/{jane['id']}", auth=("admin", PASSWORD))
            self.assertEqual(gone.status, 404)
            self.assertEqual(erase("--yes", "--reason", "article 17")[0], 1)
            self.assertEqual(n.stop(), 0)
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)
            self.assertEqual([holds(n.dir, c) for c in canaries], [None] * 3)

    # G27: the same on a node that is not running; many objects are more than one call, and the
    # node's own identity stays.
    def test_many_objects_of_a_stopped_node_are_erased(self):
        with MemberNode().init() as n:
            give(n, *[identity(i, f"canary-7f3a91 {i}", "individual") for i in range(200)])
            done = n.cli("person", "erase", n.dir, "canary-7f3a91", "--yes", "--reason", "asked")
            self.assertIn(b"erased: 200 objects, 200 records", done.stdout)
            self.assertIsNone(holds(n.dir, b"canary-7f3a91"))
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)
            own = n.identity()
            done = n.cli("person", "erase", n.dir, own[-12:], check=False)
            self.assertNotIn(f"erase   {own}".encode(), done.stdout)
            self.assertIn(b"stays   record 0, ", done.stdout)

    # G27: a name is erased from every file of a node that it worked on in every way there is; what
    # it did stays, as its id's, and the ledger verifies.
    def test_the_name_of_an_account_is_erased_and_the_ledger_verifies(self):
        name, needle = "jane.roe-7f3a91", b"jane.roe-7f3a91"
        as_jane = (name, PASSWORD)
        send = {"Content-Type": "application/json"}

        def post(n, path, body, who=as_jane, status=200, **more):
            done = n.request("POST", "/api/v1" + path, auth=who, body=json.dumps(body),
                             headers={**send, **more})
            self.assertEqual(done.status, status, (path, done.body))
            return done.json() if done.body else None

        with MemberNode().init() as n:
            n.set("two_person", "account.password, root.add")
            n.add_user(name, "admin", PASSWORD)
            n.add_user("bob", "admin", PASSWORD)
            token = n.cli("token", "add", n.dir, "--user", name).stdout.decode().strip()
            n.cli("community", "add", n.dir, "isac")
            given = dict(indicator(2), created_by_ref=n.identity())
            give(n, indicator(1, RED), given)
            n.serve()
            for auth in (as_jane, token):
                n.request("GET", f"/api/v1/objects/{indicator(1)['id']}", auth=auth)
            self.assertEqual(n.request("GET", "/api/v1/status", auth=(name, "wrong")).status, 401)
            session = post(n, "/session", {"name": name, "password": PASSWORD}, who=None)
            self.assertEqual(session["name"], name)
            bundle = {"type": "bundle", "objects": [indicator(3)],
                      "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-000000000001"}
            n.request("POST", f"/api/v1/import?format=stix&source=api:{name}", auth=as_jane,
                      body=json.dumps(bundle), headers={"Content-Type": "application/octet-stream"})
            post(n, f"/indicators/{indicator(3)['id']}/quarantine", {"reason": "noise"})
            post(n, f"/objects/{indicator(2)['id']}/withdraw", {"reason": "an error"})
            post(n, "/saved-hunts", {"name": "mine", "text": "192.0.2.1"})
            post(n, "/communities", {"name": "room", "title": "A room"})
            asked = [post(n, "/roots", {"name": "extra", "title": "Extra"}, status=202),
                     post(n, f"/accounts/{name}/password", {"password": PASSWORD + "x"}, status=202,
                          who=("bob", PASSWORD))]
            # People see the name, wherever it is said who.
            self.assertEqual([r["request"]["by"] for r in asked], [name, "bob"])
            self.assertEqual(json.loads(asked[1]["request"]["args"]), {"name": name})
            self.assertEqual(n.json("hunt", "list", n.dir)["items"][0]["by"], name)
            shown = n.json("show", n.dir, indicator(3)["id"])
            self.assertEqual(shown["source"], f"api:{name}")
            self.assertIn(needle, n.cli("audit", "list", n.dir, "--who", name).stdout)
            held = n.json("indicator", "show", n.dir, indicator(3)["id"])
            self.assertEqual(held["decided_by"], name)
            post(n, f"/objects/{indicator(3)['id']}/share", {"tlp": "TLP:CLEAR"})
            self.assertEqual(n.stop(), 0)
            with open(n.log_path, "rb") as log:
                self.assertNotIn(needle, log.read())
            own = next(a["id"] for a in n.json("user", "list", n.dir)["items"] if a["name"] == name)
            self.assertTrue(holds(n.dir, needle).endswith("people/accounts"))

            n.serve()
            self.assertEqual(n.cli("user", "forget", n.dir, name, check=False).returncode, 2)
            n.cli("user", "remove", n.dir, name)
            n.cli("user", "forget", n.dir, name)
            self.assertIsNone(holds(n.dir, needle))
            # The node that runs knows it no more, and what was done is the id's.
            saved = n.request("GET", "/api/v1/saved-hunts", auth=("bob", PASSWORD)).json()
            self.assertEqual(saved["items"][0]["by"], own)
            self.assertIn(own.encode(), n.cli("audit", "list", n.dir, "--who", own).stdout)
            self.assertEqual(n.stop(), 0)
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)
            self.assertIsNone(holds(n.dir, needle))
            self.assertEqual(self.export(n, name, code=1)["decisions"], [])
            self.assertNotEqual(self.export(n, own)["decisions"], [])
            # Who comes under that name is somebody else.
            n.add_user(name, "reader", PASSWORD)
            news = next(a["id"] for a in n.json("user", "list", n.dir)["items"] if a["name"] == name)
            self.assertNotEqual(news, own)

    # G27: toward peers and members analysts have no name at all.
    def test_no_analysts_name_reaches_a_peer_or_a_member(self):
        name = "zebra-analyst-77"
        with FileNode("Low").init() as low, FileNode("High").init() as high:
            meet(low, high, "high", "low")
            low.add_user(name, "admin", PASSWORD)
            low.cli("user", "add", low.dir, "acme", "--role", "reader", "--password-stdin",
                    "--organisation", "acme", input=PASSWORD.encode() + b"\n")
            low.serve()
            own = [dict(indicator(n, GREEN), created_by_ref=self.identity(low)) for n in (1, 2)]
            done = low.request(
                "POST", "/api/v1/import?format=stix", auth=(name, PASSWORD),
                body=json.dumps({"type": "bundle", "objects": own,
                                 "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-000000000001"}),
                headers={"Content-Type": "application/octet-stream"})
            self.assertEqual(done.json()["taken"], 2, done.body)
            ask = {"Content-Type": "application/json"}
            done = low.request("POST", f"/api/v1/objects/{own[0]['id']}/share", headers=ask,
                               auth=(name, PASSWORD), body=json.dumps({"tlp": "TLP:CLEAR"}))
            self.assertEqual(done.status, 200, done.body)
            low.stop()
            out = os.path.join(low.base, "out")
            files = low.write("high", out, "--size", "1")
            low.serve()
            done = low.request("POST", f"/api/v1/objects/{own[0]['id']}/withdraw", headers=ask,
                               auth=(name, PASSWORD), body=json.dumps({"reason": "an error"}))
            self.assertEqual(done.status, 200, done.body)
            self.assertEqual(low.stop(), 0)
            files += low.write("high", out, "--size", "1")
            read, _ = high.read(*files)
            self.assertEqual(sum(r["taken"] > 0 for r in read), 1)
            self.assertEqual(sum(r["withdrawn"] for r in read), 1)
            for path in files:
                self.assertNotIn(name.encode(), unpack(path))
            self.assertIsNone(holds(high.dir, name.encode()))
            part = os.path.join(low.base, "part.json")
            low.cli("member", "write", low.dir, "acme", "--out", part)
            for suffix in ("", ".sig", ".p7s"):
                with open(part + suffix, "rb") as f:
                    self.assertNotIn(name.encode(), f.read())
            self.assertIsNotNone(holds(low.dir, name.encode()))

    def identity(self, n):
        with open(os.path.join(n.dir, "tocsin.conf"), encoding="utf-8") as f:
            return next(x.split(" = ")[1].strip() for x in f if x.startswith("identity ="))


if __name__ == "__main__":
    main()
