# SPDX-License-Identifier: Apache-2.0
"""What a node asks its community for, what became of it, and what nobody supplies."""

import unittest

from node import main, wait_until
from test_exchange import PASSWORD, give, has, holds
from test_federation import three_nodes
from test_labels import AMBER, indicator, marking

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


def needs(n, *options):
    return n.json("need", "list", n.dir, *options)["items"]


def need(n, wanted):
    found = [x for x in needs(n) if x["id"] == wanted]
    return found[0] if found else None


def side(n, wanted, peer):
    found = need(n, wanted)
    return found and next((s for s in found["sides"] if s["peer"] == peer), None)


class Needs(unittest.TestCase):
    # D-36, P2: requested, offered, delivered, refused with the rule, how long it took; and what nobody
    # supplies.
    def test_a_need_is_asked_answered_and_met(self):
        with three_nodes() as (a, b, c):
            for n, members in ((a, "milcert,desk"), (b, "csirt"), (c, "csirt")):
                # What is shared in it does not keep a question from its members.
                n.cli("community", "add", n.dir, "club", "--members", members, "--types", "indicator")
            want = a.json("need", "add", a.dir, "--community", "Club", "--type", "indicator",
                          "--text", "canary-want-6e01")["id"]
            malware = a.json("need", "add", a.dir, "--community", "club", "--type", "malware")["id"]
            for n in (b, c):
                wait_until(lambda n=n: need(n, want) and need(n, malware), 30, "who is asked knows")
                self.assertEqual((need(n, want)["own"], need(n, want)["text"], need(n, want)["gap"]),
                                 (False, "canary-want-6e01", True))
                self.assertEqual([s["peer"] for s in need(n, want)["sides"]], ["csirt"])
            self.assertEqual({x["id"] for x in needs(a, "--gap", "true")}, {want, malware})
            # One keeps what it has, and the rule is named; one says no; one delivers.
            kept = indicator("kept", AMBER)
            give(b, kept)
            wait_until(lambda: side(b, want, "csirt").get("withheld") == 1, 30, "it is withheld")
            self.assertEqual(side(b, want, "csirt")["rule"], "outside.no-audience")
            c.cli("need", "decline", c.dir, want, "--reason", "a court case")
            wait_until(lambda: side(a, want, "desk")["answer"] == "declined", 30, "the answer")
            self.assertEqual(side(a, want, "desk")["reason"], "a court case")
            self.assertEqual(side(a, want, "milcert")["answer"], "none")
            self.assertTrue(need(a, want)["gap"])
            b.cli("need", "offer", b.dir, want)
            wait_until(lambda: not need(a, want)["gap"], 30, "an offer is a supplier")
            label = marking("club", tlp="TLP:AMBER", communities=["club"])
            thing = indicator("met", label["id"])
            give(b, label, thing)
            wait_until(lambda: has(a, thing["id"]), 30, "it is delivered")
            got = side(a, want, "milcert")
            self.assertEqual((got["answer"], got["delivered"]), ("offered", 1))
            self.assertGreater(got["latency_s"], 0)
            self.assertEqual(side(b, want, "csirt")["delivered"], 1)
            # The ledger of the exchange has it for the two sides, and for them alone.
            answer = a.request("GET", "/api/v1/exchange", auth=("admin", PASSWORD)).json()
            found = {x["peer"]: {y["type"]: y for y in x["needs"]} for x in answer["items"]}
            mine = found["milcert"]["indicator"]
            self.assertEqual((mine["own"], mine["requested"], mine["offered"], mine["delivered"],
                              mine["refused"]), (True, 1, 1, 1, 0))
            self.assertAlmostEqual(mine["latency_s"], got["latency_s"], places=3)
            self.assertEqual(found["desk"]["indicator"]["refused"], 1)
            self.assertEqual(found["desk"]["malware"]["requested"], 1)
            answer = b.request("GET", "/api/v1/exchange", auth=("admin", PASSWORD)).json()
            theirs = {x["peer"]: x["needs"] for x in answer["items"]}
            self.assertEqual(theirs["desk"], [])
            self.assertIn("outside.no-audience", [y.get("rule") for y in theirs["csirt"]])
            # The gap report: what nobody supplies.
            self.assertEqual([x["id"] for x in needs(a, "--gap", "true")], [malware])
            # Its end: by who asks alone.
            self.assertIn("only who asks", b.refusal("need", "close", b.dir, malware))
            a.cli("need", "close", a.dir, malware)
            # While a newer version arrives, there may be a moment in which neither is listed.
            wait_until(lambda: (need(b, malware) or {}).get("state") == "closed", 30,
                       "who was asked is told")
            self.assertEqual(needs(a, "--gap", "true"), [])
            self.assertIn("it is closed", b.refusal("need", "offer", b.dir, malware))

    # G1: a question is for who is asked.
    def test_who_is_not_asked_does_not_learn_of_it(self):
        with three_nodes() as (a, b, c):
            a.cli("community", "add", a.dir, "club", "--members", "milcert")
            want = a.json("need", "add", a.dir, "--community", "club", "--type", "report",
                          "--text", "canary-want-77ab")["id"]
            wait_until(lambda: need(b, want), 30, "who is asked knows")
            last = indicator("last", CLEAR)
            give(a, last)
            wait_until(lambda: has(c, last["id"]), 30, "the other has what came after")
            self.assertEqual(needs(c), [])
            self.assertIsNone(holds(c.dir, b"canary-want-77ab"))
            for options, words in (
                (("--community", "nowhere", "--type", "report"), "in no community"),
                (("--community", "club", "--type", "x-thing"), "not a STIX type"),
                (("--community", "club", "--type", "report", "--until", "2020-01-01T00:00:00Z"),
                 "a time to come"),
            ):
                self.assertIn(words, a.refusal("need", "add", a.dir, *options))


if __name__ == "__main__":
    main()
