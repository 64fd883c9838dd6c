# SPDX-License-Identifier: Apache-2.0
"""Who gets an object and who does not, by name, before anything is given and after; and the same
under another label that nobody has applied."""

import unittest
import urllib.parse

from node import main, wait_until
from test_exchange import PASSWORD, give, has
from test_federation import CLEAR, three_nodes
from test_labels import AMBER, indicator, marking


def reader(answer, kind, name):
    return next(r for r in answer["readers"] if (r["kind"], r["name"]) == (kind, name))


class Audience(unittest.TestCase):
    def ask(self, n, thing, **change):
        query = urllib.parse.urlencode(change)
        path = f"/api/v1/objects/{thing['id']}/audience" + (f"?{query}" if query else "")
        answer = n.request("GET", path, auth=("admin", PASSWORD))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    # US-03, P11: by name who would get it, and by which rule the others do not; what was given is
    # told from what was signed for.
    def test_readers_are_named_with_verdict_and_what_they_have(self):
        with three_nodes() as (a, b, _):
            a.cli("community", "add", a.dir, "defence", "--members", "milcert", "--title", "Defence")
            b.cli("community", "add", b.dir, "defence", "--members", "csirt")
            a.cli("user", "add", a.dir, "guest", "--role", "reader", "--organisation", "acme",
                  "--clearance", "TLP:GREEN", "--password-stdin", input=b"correct horse 7\n")
            defence = marking("defence", tlp="TLP:AMBER", communities=["defence"])
            thing = indicator("for-defence", defence["id"])
            give(a, defence, thing)
            wait_until(lambda: has(b, thing["id"]), 5, "milcert has it")
            wait_until(
                lambda: reader(self.ask(a, thing), "peer", "milcert")["copy"] == "receipted",
                5, "milcert signed for it")
            answer = self.ask(a, thing)
            self.assertEqual(answer["outside"], "milcert")
            milcert, desk = reader(answer, "peer", "milcert"), reader(answer, "peer", "desk")
            self.assertEqual((milcert["now"]["verdict"], milcert["now"]["through"]),
                             ("allow", "defence"))
            self.assertEqual((desk["now"]["verdict"], desk["now"]["rule"], desk["copy"]),
                             ("deny", "community.not-member", "none"))
            self.assertIn("no community that it is for", desk["now"]["text"])
            self.assertEqual(reader(answer, "community", "defence")["title"], "Defence")
            guest = reader(answer, "guests", "acme")
            self.assertEqual((guest["count"], guest["accounts"], guest["now"]["verdict"]),
                             (1, "guest", "deny"))
            # One decision function: why says of everybody what the audience says.
            for kind, name, row in (("peer", "desk", desk), ("peer", "milcert", milcert)):
                why = a.json("why", a.dir, thing["id"], f"{kind}:{name}", check=False)
                self.assertEqual({k: row["now"][k] for k in ("verdict", "rule", "conditions")},
                                 {k: why[k] for k in ("verdict", "rule", "conditions")})
            theirs = self.ask(b, thing)
            self.assertEqual(reader(theirs, "peer", "csirt")["copy"], "theirs")

    # US-03: the preview names who would newly get it and who no longer, and changes nothing.
    def test_another_label_is_previewed_and_changes_nothing(self):
        with three_nodes() as (a, b, c):
            thing = indicator("stays-here", AMBER)
            give(a, thing)
            before = self.ask(a, thing)
            self.assertEqual(before["outside"], "nobody")
            self.assertNotIn("after_label", before)
            answer = self.ask(a, thing, releasable_to="milcert", need_to_know="*")
            self.assertEqual((answer["outside"], answer["after_outside"]), ("nobody", "milcert"))
            self.assertEqual(answer["marking"], {
                "extension_type": "property-extension", "tlp": "TLP:AMBER",
                "releasable_to": ["milcert"]})
            desk = reader(answer, "peer", "desk")
            self.assertEqual(desk["after"]["rule"], "releasable.not-named")
            strict = self.ask(a, thing, releasable_to="milcert", tlp="TLP:AMBER+STRICT")
            self.assertEqual(reader(strict, "peer", "milcert")["after"]["rule"],
                             "tlp.above-clearance")
            nobody = self.ask(a, thing, releasable_to="")
            self.assertEqual(nobody["after_outside"], "nobody")
            self.assertEqual(reader(nobody, "accounts", "TLP:RED")["after"]["verdict"], "deny")
            # What the preview said is what a marking that says the same brings about.
            said = marking("as previewed", **answer["marking"])
            other = indicator("as-previewed", said["id"])
            give(a, said, other)
            wait_until(lambda: has(b, other["id"]), 5, "milcert has the one so marked")
            last = indicator("the-last", CLEAR)
            give(a, last)
            for n in (b, c):
                wait_until(lambda n=n: has(n, last["id"]), 5, "what came last is there")
                self.assertFalse(has(n, thing["id"]))
            self.assertFalse(has(c, other["id"]))
            self.assertEqual(self.ask(a, thing), before)
            printed = a.cli("audience", a.dir, thing["id"], "--releasable-to", "milcert").stdout
            self.assertRegex(printed.decode(), r"(?m)^peer +milcert +deny +allow")

    # D-36: who gives whom how much, by type, what is withheld and by which rule.
    def test_the_exchange_is_counted_by_peer_type_and_rule(self):
        with three_nodes() as (a, b, _):
            a.cli("community", "add", a.dir, "defence", "--members", "milcert")
            a.cli("user", "add", a.dir, "low", "--role", "auditor", "--clearance", "TLP:CLEAR",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            a.add_user("reader", "reader", PASSWORD)
            first, second = indicator("one", CLEAR), indicator("two", CLEAR)
            kept, theirs = indicator("amber", AMBER), indicator("from-milcert", CLEAR)
            give(a, first, second, kept)
            give(b, theirs)

            def of(peer, who="admin", query=""):
                answer = a.request("GET", f"/api/v1/exchange{query}", auth=(who, PASSWORD))
                self.assertEqual(answer.status, 200, answer.body)
                row = next(r for r in answer.json()["items"] if r["peer"] == peer)
                types = {t["type"]: (t["given"], t["confirmed"], t["taken_back"], t["received"])
                         for t in row["types"]}
                return row, types.get("indicator", (0, 0, 0, 0))

            wait_until(lambda: of("milcert")[1] == (2, 2, 0, 1), 5, "given, signed for, received")
            a.cli("withdraw", a.dir, first["id"], "--reason", "a mistake")
            wait_until(lambda: of("milcert")[1] == (2, 2, 1, 1), 5, "and one taken back")
            row = of("milcert")[0]
            self.assertEqual((row["communities"], row["more"]), ("defence", False))
            self.assertIn("outside.no-audience", {r["rule"]: r["count"] for r in row["withheld"]})
            self.assertEqual(of("desk")[1][3], 0)
            # Nothing is counted that the asking reader may not see.
            low = {r["rule"] for r in of("milcert", "low")[0]["withheld"]}
            self.assertNotIn("outside.no-audience", low)
            self.assertEqual(of("milcert", query="?since=2999-01-01T00:00:00Z")[1], (0, 0, 0, 0))
            refused = a.request("GET", "/api/v1/exchange", auth=("reader", PASSWORD))
            self.assertEqual(refused.status, 403)
            printed = a.cli("exchange", a.dir).stdout.decode()
            self.assertRegex(printed, r"(?m)^indicator +2 +2 +1 +1$")

    # G5: who may not audit is told nothing, and of a hidden object nobody is told.
    def test_only_who_may_audit_and_sees_the_object_is_told(self):
        with three_nodes() as (a, _, __):
            thing = indicator("for-analysts", AMBER)
            give(a, thing)
            a.add_user("green", "reader", PASSWORD)
            a.cli("user", "add", a.dir, "low", "--role", "auditor", "--clearance", "TLP:GREEN",
                  "--password-stdin", input=PASSWORD.encode() + b"\n")
            path = f"/api/v1/objects/{thing['id']}/audience"
            self.assertEqual(a.request("GET", path, auth=("green", PASSWORD)).status, 403)
            self.assertEqual(a.request("GET", path, auth=("low", PASSWORD)).status, 404)
            for query in ("tlp=PINK", "releasable_to=a%20b", "max_hops=x", "communities=" + "x" * 65):
                self.assertEqual(
                    a.request("GET", f"{path}?{query}", auth=("admin", PASSWORD)).status, 400, query)


if __name__ == "__main__":
    main()
