# SPDX-License-Identifier: Apache-2.0
"""Giving an object another label over the API: a newer version of it, by who may make one, as it was
previewed; and taking an own object back."""

import json
import unittest

from node import main, wait_until
from test_audience import reader
from test_exchange import PASSWORD, give, has
from test_federation import three_nodes
from test_labels import AMBER, GREEN, indicator

STRANGER = "identity--00000000-0000-4000-8000-00000000beef"


class Share(unittest.TestCase):
    def ask(self, n, who, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else None
        return n.request(method, f"/api/v1/objects/{path}",
                         json.dumps(body).encode() if body is not None else None,
                         headers=headers, auth=(who, PASSWORD))

    def share(self, n, who, thing, **label):
        return self.ask(n, who, "POST", f"{thing['id']}/share", label)

    def identity(self, n):
        return n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()["identity"]

    # US-03, P11: after sharing, who was previewed has it and nobody else; every other member stays.
    def test_what_is_shared_reaches_whom_the_preview_named(self):
        with three_nodes() as (a, b, c):
            a.add_user("analyst", "analyst", PASSWORD)
            thing = indicator("shared-later", AMBER, by=self.identity(a))
            thing["x_big"] = 12345678901234567890123
            give(a, thing)
            before = self.ask(a, "analyst", "GET", f"{thing['id']}/audience").json()
            self.assertEqual(before["outside"], "nobody")
            self.assertTrue(before["own"])
            preview = self.ask(
                a, "analyst", "GET", f"{thing['id']}/audience?releasable_to=milcert").json()
            done = self.share(a, "analyst", thing, releasable_to="milcert",
                              version=before["version"])
            self.assertEqual(done.status, 200, done.body)
            wait_until(lambda: has(b, thing["id"]), 5, "milcert has it")
            after = self.ask(a, "analyst", "GET", f"{thing['id']}/audience").json()
            self.assertEqual((after["version"], after["label"], after["outside"]),
                             (done.json()["version"], preview["after_label"], "milcert"))
            self.assertEqual(reader(after, "peer", "desk")["now"]["verdict"], "deny")
            self.assertFalse(has(c, thing["id"]))
            page = self.ask(b, "admin", "GET", thing["id"]).json()["object"]
            ours = {k: v for k, v in thing.items() if k not in ("modified", "object_marking_refs")}
            self.assertEqual({k: page[k] for k in ours}, ours)
            self.assertEqual(list(page), list(thing))
            # And back again: who had it is told that it may have it no longer.
            again = self.share(a, "analyst", thing, tlp="TLP:AMBER", releasable_to="*")
            self.assertEqual(again.status, 200, again.body)
            self.assertEqual(again.json()["marking"], AMBER)
            stale = self.share(a, "analyst", thing, releasable_to="desk", version=before["version"])
            self.assertEqual(stale.status, 409, stale.body)

    # G3, G25: only its maker lowers a label; what came from a peer is its originator's.
    def test_only_the_maker_gives_a_lower_label(self):
        with three_nodes() as (a, b, _):
            a.add_user("analyst", "analyst", PASSWORD)
            a.add_user("contributor", "contributor", PASSWORD)
            b.add_user("analyst", "analyst", PASSWORD)
            other = indicator("made-elsewhere", GREEN, by=STRANGER)
            give(a, other)
            lower = self.share(a, "analyst", other, tlp="TLP:CLEAR")
            self.assertEqual(lower.status, 403, lower.body)
            self.assertIn("only who created the object lowers its label",
                          lower.json()["error"]["message"])
            self.assertEqual(self.share(a, "contributor", other, tlp="TLP:AMBER").status, 403)
            self.assertEqual(self.share(a, "analyst", other, tlp="TLP:AMBER").status, 200)
            mine = indicator("green-mine", GREEN, by=self.identity(a))
            give(a, mine)
            a.cli("community", "add", a.dir, "both", "--members", "milcert")
            b.cli("community", "add", b.dir, "both", "--members", "csirt")
            wait_until(lambda: has(b, mine["id"]), 5, "milcert has it")
            theirs = self.share(b, "analyst", mine, tlp="TLP:RED")
            self.assertEqual(theirs.status, 403, theirs.body)
            self.assertIn("it came from csirt", theirs.json()["error"]["message"])

    # G11, G24, G25: an own object is taken back by an analyst, everywhere; another's is not.
    def test_an_own_object_is_taken_back_and_no_other(self):
        with three_nodes() as (a, b, _):
            a.add_user("analyst", "analyst", PASSWORD)
            a.add_user("contributor", "contributor", PASSWORD)
            a.cli("user", "add", a.dir, "low", "--role", "analyst", "--clearance", "TLP:CLEAR",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            mine = indicator("mine", GREEN, by=self.identity(a))
            other, nobodys = indicator("other", GREEN, by=STRANGER), indicator("nobodys", GREEN)
            a.cli("community", "add", a.dir, "both", "--members", "milcert")
            a.cli("user", "add", a.dir, "guest", "--role", "analyst", "--organisation", "acme",
                  "--communities", "both", "--clearance", "TLP:AMBER",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            b.cli("community", "add", b.dir, "both", "--members", "csirt")
            give(a, mine, other, nobodys)
            wait_until(lambda: has(b, mine["id"]), 5, "milcert has it")

            def back(who, thing, reason="a mistake"):
                return self.ask(a, who, "POST", f"{thing['id']}/withdraw", {"reason": reason})

            for who, thing, status in (("contributor", mine, 403), ("guest", mine, 403),
                                       ("low", mine, 404), ("analyst", other, 403),
                                       ("analyst", nobodys, 403)):
                self.assertEqual(back(who, thing).status, status, (who, thing["name"]))
            self.assertEqual(back("analyst", mine, "").status, 400)
            self.assertEqual(back("analyst", mine).status, 200)
            self.assertFalse(has(a, mine["id"]))
            wait_until(lambda: not has(b, mine["id"]), 5, "it is gone at milcert")
            self.assertEqual(back("analyst", mine).status, 404)
            for thing in (other, nobodys):
                self.assertTrue(has(a, thing["id"]))

    # G5: what is hidden cannot be shared and is not there; nothing asked is nothing done.
    def test_what_cannot_be_shared_is_refused_in_words(self):
        with three_nodes() as (a, _, __):
            a.cli("user", "add", a.dir, "low", "--role", "analyst", "--clearance", "TLP:GREEN",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            a.add_user("reader", "reader", PASSWORD)
            thing = indicator("amber-thing", AMBER)
            address = {"type": "domain-name", "spec_version": "2.1", "value": "x.example",
                       "id": "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"}
            give(a, thing)
            self.assertEqual(self.share(a, "low", thing, tlp="TLP:CLEAR").status, 404)
            self.assertEqual(self.share(a, "reader", thing, tlp="TLP:CLEAR").status, 403)
            self.assertEqual(self.share(a, "admin", thing).status, 400)
            self.assertEqual(self.share(a, "admin", thing, releasable_to="a b").status, 400)
            give(a, address)
            self.assertEqual(self.share(a, "admin", address, tlp="TLP:CLEAR").status, 400)


if __name__ == "__main__":
    main()
