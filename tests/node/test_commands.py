# SPDX-License-Identifier: Apache-2.0
"""Commands that write reach the core whether the node runs or not, and say only what was asked."""

import json
import os
import shutil
import stat
import threading
import unittest

from node import Node, main, wait_until

PASSWORD = "a long enough password"


def names(n):
    listed = json.loads(n.cli("user", "list", n.dir, "--json").stdout)
    return {a["name"] for a in listed["items"]}


class Commands(unittest.TestCase):
    def test_writing_needs_no_running_node_and_leaves_none(self):
        with Node().init() as n:
            done = n.cli(
                "user", "add", n.dir, "alice", "--role", "reader", "--password-stdin",
                input=PASSWORD.encode() + b"\n",
            )
            # A sanitized build runs without seccomp, and says so.
            said = [x for x in done.stderr.splitlines() if b'"seccomp":"no"' not in x]
            self.assertEqual(said, [])
            self.assertEqual(names(n), {"alice"})
            self.assertEqual(os.listdir(os.path.join(n.dir, "run")), ["lock"])

    def test_half_a_verb_says_how_it_goes_on(self):
        with Node() as n:
            half = n.cli("ledger", check=False)
            self.assertEqual(half.returncode, 2)
            for verb in (b"ledger verify", b"ledger head", b"ledger prove"):
                self.assertIn(b"tocsin " + verb, half.stderr)
            none = n.cli("ledgers", check=False)
            self.assertEqual(none.returncode, 2)
            self.assertIn(b"there is no verb ledgers", none.stderr)
            self.assertRegex(n.cli("--version").stdout, rb"^tocsin \d+\.\d+")

    def test_a_check_says_which_member_of_a_bundle_cannot_be_read(self):
        text = b'{"type":"bundle","id":"bundle--0","objects":[{"type":"x"},{"id":7}]}'
        with Node() as n:
            done = n.cli("stix", "check", "-", "--json", input=text, check=False)
            found = json.loads(done.stdout)["findings"]
            self.assertIn("objects.[0].id", [f["path"] for f in found])
            self.assertIn("objects.[1].type", [f["path"] for f in found])
            done = n.cli("stix", "check", "-", "--json", input=b'[{"id":7}]', check=False)
            self.assertEqual(json.loads(done.stdout)["findings"][0]["path"], "[0].type")

    def test_commands_at_the_same_time_wait_for_each_other(self):
        with Node().init() as n:
            wanted = {f"user{i}" for i in range(6)}
            errors = []

            def add(name):
                try:
                    n.add_user(name, "reader", PASSWORD)
                except AssertionError as error:
                    errors.append(error)

            threads = [threading.Thread(target=add, args=(name,)) for name in wanted]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(errors, [])
            self.assertEqual(names(n), wanted)

    def test_what_a_command_wrote_is_seen_by_the_next_one(self):
        with Node().init() as n:
            n.serve()
            for i in range(20):
                n.add_user(f"user{i}", "reader", PASSWORD)
                self.assertIn(f"user{i}", names(n))
            self.assertEqual(n.stop(), 0)

    def test_the_control_socket_is_the_operators_alone(self):
        with Node().init() as n:
            n.serve()
            mode = os.stat(os.path.join(n.dir, "run/control.sock")).st_mode
            self.assertTrue(stat.S_ISSOCK(mode))
            self.assertEqual(mode & 0o777, 0o600)
            self.assertEqual(n.stop(), 0)

    def test_reading_goes_on_while_core_is_away(self):
        with Node().init() as n:
            n.add_user("alice", "analyst", PASSWORD)
            n.serve()
            auth = ("alice", PASSWORD)
            self.assertEqual(n.request("GET", "/api/v1/status", auth=auth).status, 200)
            for _ in range(5):
                before = n.kill_role("core")
                answer = n.request("GET", "/api/v1/status", auth=auth)
                self.assertEqual(answer.status, 200, answer.body)
                wait_until(lambda: n.roles()["core"]["pid"] not in (0, before), what="core")
            self.assertEqual(n.stop(), 0)

    # Invariant 1: the signer does not cover up a ledger that was put back to an older state.
    def test_an_older_ledger_is_not_signed_again(self):
        with Node().init() as n:
            ledger = os.path.join(n.dir, "ledger")
            copy = os.path.join(n.base, "copy")
            shutil.copytree(ledger, copy)
            for name in ["alice", "bob"]:
                n.add_user(name, "reader", PASSWORD)
            shutil.rmtree(ledger)
            shutil.copytree(copy, ledger)
            n.serve()
            n.add_user("carol", "reader", PASSWORD)
            wait_until(lambda: "ledger-unsigned" in n.alarms(), what="the alarm")
            self.assertEqual(n.stop(), 0)


if __name__ == "__main__":
    main()
