# SPDX-License-Identifier: Apache-2.0
"""Who takes an object back sees of each peer that had it whether it has acted; how far a peer is;
and a peer that denies what it had signed is found, named, refused and proven."""

import json
import os
import shutil
import unittest

from node import Node, main, wait_until
from test_exchange import PASSWORD, RED, give, has
from test_federation import CLEAR, befriend, three_nodes
from test_labels import indicator
from test_peers import confirm, linked, meet, two_nodes


def withdrawal(n, object_id, check=False):
    done = n.cli("withdrawal", "show", n.dir, object_id, "--json", check=check)
    return json.loads(done.stdout) if done.stdout else None


def states(n, object_id):
    return {p["name"]: p["state"] for p in withdrawal(n, object_id)["peers"]}


class Receipts(unittest.TestCase):
    # G8, G11: the originator sees who acted, who did not, and who was not reached.
    def test_the_originator_sees_who_has_acted_and_who_was_not_reached(self):
        with three_nodes() as (a, b, c):
            wrong, kept = indicator("wrong", CLEAR), indicator("kept", CLEAR)
            give(a, wrong, kept)
            for n in (b, c):
                wait_until(lambda n=n: has(n, wrong["id"]), 10, "it is there")
            c.stop()
            a.cli("withdraw", a.dir, wrong["id"], "--reason", "a mistake")
            expected = {"milcert": "acted", "desk": "not-reached"}
            wait_until(lambda: states(a, wrong["id"]) == expected, 10, "b acted, c cannot")
            shown = withdrawal(a, wrong["id"])
            self.assertEqual((shown["acted"], shown["outstanding"], shown["unreached"]), (1, 1, 1))
            self.assertEqual((shown["reason"], shown["by"]), ("a mistake", "local"))
            acted, missed = sorted(shown["peers"], key=lambda p: p["state"])
            self.assertGreaterEqual(acted["time"], shown["time"])
            self.assertNotIn("time", missed)
            self.assertLess(missed["last_contact"], shown["time"])
            desk = a.show("desk")
            self.assertEqual((desk["behind_by"], desk["receipts_outstanding"]), (1, 1))
            # For people: the name of who was not reached, and an answer that is no.
            said = a.cli("withdrawal", "show", a.dir, wrong["id"], check=False)
            self.assertEqual(said.returncode, 1)
            self.assertRegex(said.stdout.decode(), r"desk +not-reached")

            c.start()
            wait_until(lambda: states(a, wrong["id"]).get("desk") == "acted", 20, "c acted")
            self.assertFalse(has(c, wrong["id"]))
            self.assertEqual(
                a.cli("withdrawal", "show", a.dir, wrong["id"]).returncode, 0)
            wait_until(lambda: a.show("desk")["behind_by"] == 0, 10, "nothing is outstanding")
            self.assertIsNone(withdrawal(a, kept["id"]))
            # Where it was received, it says from whom; what it relayed is followed there too.
            told = c.json("withdrawal", "list", c.dir)["items"][0]
            self.assertEqual((told["id"], told["reason"]), (wrong["id"], "a mistake"))
            self.assertIn(told["by"], ("peer:csirt", "peer:milcert"))
            self.assertEqual(told["originator"], a.json("status", a.dir)["identity"])

    # G7, G11: a node that relayed what another stated takes back that it gave it, and no more.
    def test_what_another_stated_is_taken_back_from_those_who_had_it_from_here(self):
        with three_nodes() as (a, b, c):
            c.cli("peer", "cut", c.dir, "csirt")
            relayed = indicator("relayed", CLEAR)
            give(a, relayed)
            wait_until(lambda: has(c, relayed["id"]), 10, "it is relayed")
            b.cli("withdraw", b.dir, relayed["id"], "--reason", "not good enough for us")
            wait_until(lambda: states(b, relayed["id"]) == {"desk": "acted"}, 10, "c acted")
            self.assertFalse(has(b, relayed["id"]))
            self.assertFalse(has(c, relayed["id"]))
            self.assertTrue(has(a, relayed["id"]))
            for n in (a, c):
                self.assertIsNone(withdrawal(n, relayed["id"]))

    # G1: that an object was taken back is told to who may audit and would have seen it, alone.
    def test_a_withdrawal_is_not_shown_to_who_might_not_see_the_object(self):
        with Node() as n:
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            for name, role in (("low", "auditor"), ("reader", "reader")):
                n.cli("user", "add", n.dir, name, "--role", role, "--clearance", "TLP:GREEN",
                      "--password-stdin", input=PASSWORD.encode() + b"\n")
            n.serve()
            secret, open_ = indicator("canary-secret-41d9", RED), indicator("open", CLEAR)
            give(n, secret, open_)
            for o in (secret, open_):
                n.cli("withdraw", n.dir, o["id"], "--reason", f"why {o['name']}")

            def listed(name):
                answer = n.request("GET", "/api/v1/withdrawals", auth=(name, PASSWORD))
                return answer.status, [x["id"] for x in answer.json().get("items", [])]

            def shown(name, o):
                path = f"/api/v1/withdrawals/{o['id']}"
                return n.request("GET", path, auth=(name, PASSWORD))

            self.assertEqual(listed("admin"), (200, [open_["id"], secret["id"]]))
            self.assertEqual(listed("low"), (200, [open_["id"]]))
            self.assertEqual(listed("reader"), (403, []))
            self.assertEqual(shown("admin", secret).status, 200)
            self.assertEqual(shown("low", open_).status, 200)
            hidden, absent = shown("low", secret), shown("low", indicator("never", CLEAR))
            self.assertEqual((hidden.status, absent.status), (404, 404))
            self.assertEqual(hidden.body.replace(secret["id"].encode(), b""),
                             absent.body.replace(indicator("never", CLEAR)["id"].encode(), b""))
            for o in (secret, open_):
                self.assertEqual(shown("reader", o).status, 403)
            # Pages go on where the last one ended.
            first = n.request("GET", "/api/v1/withdrawals?limit=1", auth=("admin", PASSWORD)).json()
            rest = n.request("GET", f"/api/v1/withdrawals?limit=1&next={first['next']}",
                             auth=("admin", PASSWORD)).json()
            self.assertEqual([x["id"] for x in first["items"] + rest["items"]],
                             [open_["id"], secret["id"]])


def rolled_back(a, b, count):
    """What a has given since is lost: its directory is that of an earlier day, with `count` other
    objects in it. Both are linked again."""
    a.stop()
    shutil.copytree(a.dir, os.path.join(a.base, "backup"), symlinks=True)
    a.start()
    lost = [indicator(f"lost-{i}", CLEAR) for i in range(4)]
    give(a, *lost)
    wait_until(lambda: all(has(b, o["id"]) for o in lost), 10, "b has them")
    wait_until(lambda: a.show("b")["behind_by"] == 0, 10, "and has signed for them")
    a.stop()
    os.rename(a.dir, os.path.join(a.base, "newest"))
    os.rename(os.path.join(a.base, "backup"), a.dir)
    if count:
        give(a, *[indicator(f"other-{i}", CLEAR) for i in range(count)])
    a.start()
    wait_until(linked(a, b), 30, "the link")
    return lost


class TwoStories(unittest.TestCase):
    # G9: two signed heads of one size are found, kept as proof, told to people, and acted upon.
    def test_a_peer_that_tells_two_stories_is_refused_named_and_proven(self):
        with two_nodes() as (a, b):
            for n in (a, b):
                n.add_user("admin", "admin", PASSWORD)
            b.add_user("reader", "reader", PASSWORD)
            first = indicator("first", CLEAR)
            give(a, first)
            wait_until(lambda: has(b, first["id"]), 10, "it is there")
            self.assertEqual(b.cli("status", b.dir).returncode, 0)
            rolled_back(a, b, 6)
            wait_until(lambda: b.show("a")["denies"], 20, "b finds it")

            # Named: status, metrics, peer show, log; and to nobody who may not audit.
            status = b.cli("status", b.dir, check=False)
            self.assertEqual(status.returncode, 1)
            self.assertIn(b"peer-equivocates", status.stdout)
            self.assertIn(b"The peer a denies", status.stdout)
            metrics = b.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
            self.assertIn('tocsin_alarm{code="peer-equivocates"} 1', metrics)
            self.assertIn('tocsin_peer_denies{peer="a"} 1', metrics)
            self.assertIn("peer.equivocates", [e["event"] for e in b.log_events()])
            self.assertIn(b"denies", b.cli("peer", "show", b.dir, "a").stdout)
            told = b.request("GET", "/api/v1/status", auth=("reader", PASSWORD)).json()
            self.assertEqual(told["alarms"], [])
            for path in ("/api/v1/peers/a/evidence", "/api/v1/peers/a", "/api/v1/withdrawals"):
                answer = b.request("GET", path, auth=("reader", PASSWORD))
                self.assertEqual(answer.status, 403, path)

            # Refused: what it gives now is not taken, over any new link.
            later = indicator("later", CLEAR)
            give(a, later)
            b.stop()
            b.start()
            wait_until(linked(a, b), 30, "the link")
            wait_until(lambda: "two stories" in b.show("a").get("stopped", ""), 10, "it says so")
            self.assertFalse(has(b, later["id"]))

            # Proven: with the peer's public keys, and nothing of this node.
            evidence = b.json("peer", "evidence", b.dir, "a")
            self.assertTrue(evidence["proof"] and evidence["stands"], evidence)
            self.assertEqual(evidence["kind"], "equivocates")
            for note in ("held", "shown"):
                self.assertIn(evidence[note], b.cli("peer", "evidence", b.dir, "a").stdout.decode())
            keys = []
            for name in ("public-key", "public-key-mldsa"):
                with open(os.path.join(a.dir, "ledger", name)) as f:
                    keys += ["--key", f.read().strip()]
            self.assertEqual([k for k in keys if k != "--key"], evidence["keys"])
            path = os.path.join(a.base, "evidence.json")

            def verify(**changes):
                with open(path, "w") as f:
                    json.dump({**evidence, **changes}, f)
                return a.cli("evidence", "verify", path, *keys, check=False)

            self.assertEqual(verify().returncode, 0)
            self.assertIn(b"two different heads", verify().stdout)
            # Nobody can be accused with one head twice, or with one that is not signed.
            self.assertIn(b"say the same", verify(shown=evidence["held"]).stdout)
            forged = evidence["held"].replace("\n", "\n1", 1)
            self.assertEqual(verify(held=forged).returncode, 1)
            self.assertIn(b"the head held", verify(held=forged).stdout)

            # It is known after a restart and from the ledger alone, when nothing runs.
            b.stop()
            b.cli("rebuild", b.dir)
            self.assertEqual(b.cli("status", b.dir, check=False).returncode, 1)
            self.assertEqual(b.json("peer", "evidence", b.dir, "a"), evidence)

    # G9: a node restored from a backup is not shut out for good: people decide, and it is on record.
    def test_a_restored_node_is_refused_until_it_is_invited_anew(self):
        for count, kind in ((0, "rewound"), (6, "equivocates")):
            with self.subTest(kind), two_nodes() as (a, b):
                for n in (a, b):
                    n.add_user("admin", "admin", PASSWORD)
                give(a, indicator("first", CLEAR))
                lost = rolled_back(a, b, count)
                wait_until(lambda: b.show("a")["denies"], 20, "b finds it")
                evidence = b.json("peer", "evidence", b.dir, "a")
                self.assertEqual((evidence["kind"], evidence["proof"]), (kind, kind == "equivocates"))
                self.assertIn(f"peer-{kind}".encode(), b.cli("status", b.dir, check=False).stdout)
                # The restored node is told, whenever it comes: by the other side alone it learns.
                for n in (a, b):
                    n.stop()
                    n.start()
                wait_until(linked(a, b), 30, "the link")
                wait_until(lambda: a.show("b").get("stopped_there"), 10, "a is told")
                said = a.cli("status", a.dir, check=False)
                self.assertEqual(said.returncode, 1)
                self.assertIn(b"exchange-stopped", said.stdout)
                path = os.path.join(b.base, "evidence.json")
                with open(path, "w") as f:
                    json.dump(evidence, f)
                keys = [word for key in evidence["keys"] for word in ("--key", key)]
                said = b.cli("evidence", "verify", path, *keys, check=False)
                self.assertEqual(said.returncode, 0 if evidence["proof"] else 1)
                if not evidence["proof"]:
                    self.assertIn(b"prove nothing by themselves", said.stdout)

                a.cli("peer", "cut", a.dir, "b")
                b.cli("peer", "cut", b.dir, "a")
                confirm(a, b, meet(a, b))
                wait_until(linked(a, b), 20, "the link")
                again, back = indicator("again", CLEAR), indicator("back", CLEAR)
                give(a, again)
                give(b, back)
                wait_until(lambda: has(b, again["id"]), 20, "what a states now reaches b")
                wait_until(lambda: has(a, back["id"]), 20, "and the other way")
                self.assertTrue(has(b, lost[0]["id"]), "what was taken stays")
                # The same version with another content is not taken for it, and counted.
                self.assertEqual(b.show("a")["differs"], 0)
                give(a, {**lost[0], "name": "another story"})
                wait_until(lambda: b.show("a")["differs"] == 1, 20, "it is counted")
                found = b.request("GET", f"/api/v1/objects/{lost[0]['id']}", auth=("admin", PASSWORD))
                self.assertEqual(found.json()["object"]["name"], lost[0]["name"])
                wait_until(lambda: a.show("b")["behind_by"] == 0, 10, "it is signed for")
                self.assertEqual(b.show("a")["received"], a.show("b")["given"])
                self.assertEqual(b.cli("status", b.dir).returncode, 0)
                self.assertFalse(b.show("a")["denies"])
                self.assertEqual(
                    b.json("peer", "evidence", b.dir, "a"), {**evidence, "stands": False})

    # G9: the signed head it comes back with is what counts, not that it was away.
    def test_a_rewound_feed_that_goes_on_from_what_was_signed_ends_the_alarm(self):
        with two_nodes() as (a, b):
            for n in (a, b):
                n.add_user("admin", "admin", PASSWORD)
            lost = rolled_back(a, b, 0)
            wait_until(lambda: b.show("a")["denies"], 20, "b finds it")
            a.stop()
            shutil.rmtree(a.dir)
            os.rename(os.path.join(a.base, "newest"), a.dir)
            a.start()
            wait_until(linked(a, b), 30, "the link")
            later = indicator("later", CLEAR)
            give(a, later)
            wait_until(lambda: has(b, later["id"]), 20, "its feed goes on")
            self.assertTrue(has(b, lost[0]["id"]))
            self.assertEqual(b.cli("status", b.dir).returncode, 0)


if __name__ == "__main__":
    main()
