# SPDX-License-Identifier: Apache-2.0
"""Values for sensors: what may be detected, what may be blocked, and what is left out, by number."""

import base64
import re

from node import main
from sensed import PASSWORD, Sensed, an_id, indicator

EXTENSION = "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
TERMS = [
    # The label's terms, detecting allowed, blocking allowed.
    ({"pap": "CLEAR"}, True, True),
    ({"pap": "GREEN"}, True, True),
    ({"pap": "AMBER"}, True, False),
    ({"pap": "RED"}, True, False),
    ({"permitted_actions": "externally-visible-direct"}, True, True),
    ({"permitted_actions": "externally-visible-indirect"}, True, True),
    ({"permitted_actions": "internally-visible"}, True, False),
    ({"permitted_actions": "contact-for-instruction"}, False, False),
    ({"permitted_actions": "none"}, False, False),
    ({"pap": "GREEN", "permitted_actions": "internally-visible"}, True, False),
]

PAP = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
IEP = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
PAP_RED = "marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e"


def definition(number, **members):
    return {"type": "marking-definition", "spec_version": "2.1",
            "id": f"marking-definition--5ee60e4b-24f9-4d8d-9ab8-{number:012d}",
            "created": "2026-01-01T00:00:00.000Z", **members}


def extended(number, extension, **members):
    return definition(number, extensions={extension: {"extension_type": "property-extension", **members}})


def marking(number, terms):
    return extended(number, EXTENSION, scheme="tlp2", level="AMBER", **terms)


def iep(number, action, **members):
    return extended(number, IEP, **{
        "encrypt_in_transit": "may", "permitted_actions": action, "affected_party_notifications": "may",
        "tlp": "amber", "provider_attribution": "must-not", "unmodified_resale": "must-not",
        "iep_id": "0224bfdf-ea3a-49c3-96f6-66d908bb1845", "iep_version": 2.0, "description": "A policy",
        "start_date": "2022-10-01T00:00:00Z", **members})


class Export(Sensed):
    def export(self, use, *options, check=True):
        done = self.n.cli("indicator", "export", self.n.dir, "--for", use, *options, check=check)
        left = dict((word, int(count)) for count, word in
                    re.findall(r"(\d+) (revoked|time|quarantined|pap|iep|label|pattern|format)",
                               done.stderr.decode()))
        return done.stdout.decode().splitlines(), left

    # G12: PAP and IEP decide what a sensor may do with an indicator.
    def test_pap_and_iep_decide_what_may_be_blocked(self):
        made = []
        for k, (terms, _, _) in enumerate(TERMS):
            mark = marking(k, terms)
            made += [mark, indicator(k, f"[domain-name:value = 'n{k}.example']",
                                     object_marking_refs=[mark["id"]])]
        self.take(*made)
        detect, left = self.export("detect")
        self.assertEqual(set(detect), {f"n{k}.example" for k, t in enumerate(TERMS) if t[1]})
        self.assertEqual(left, {"iep": 2})
        block, left = self.export("block")
        self.assertEqual(set(block), {f"n{k}.example" for k, t in enumerate(TERMS) if t[2]})
        self.assertEqual(left, {"pap": 2, "iep": 4})

    # G12: the same in the words of others: the extensions that OASIS keeps for PAP and IEP, PAP as
    # OpenCTI and MISP write it, and PAP's own markings by their ids alone.
    def test_others_say_pap_and_iep_in_their_words(self):
        cases = [
            # What is made, what of it may be detected and blocked.
            (extended(0, PAP, pap="green"), True, True),
            (extended(1, PAP, pap="red"), True, False),
            (iep(2, "externally-visible-direct-actions"), True, True),
            (iep(3, "internally-visible-actions"), True, False),
            (iep(4, "contact-for-instruction"), False, False),
            (iep(5, "none"), False, False),
            (definition(6, definition_type="PAP", definition={"pap": "PAP:AMBER"}), True, False),
            (definition(7, definition_type="statement", definition={"statement": "PAP:RED"}), True, False),
            (definition(8, definition_type="statement", definition={"statement": "Copyright"}), True, True),
        ]
        made = []
        for k, (mark, _, _) in enumerate(cases):
            made += [mark, indicator(k, f"[domain-name:value = 'n{k}.example']",
                                     object_marking_refs=[mark["id"], CLEAR])]
        made += [indicator(20, "[domain-name:value = 'id.example']", object_marking_refs=[PAP_RED, CLEAR]),
                 indicator(21, "[domain-name:value = 'tag.example']", labels=["x", "PAP:AMBER"]),
                 indicator(22, "[domain-name:value = 'red.example']", labels=["red", "PAP:BLUE"])]
        self.take(*made)
        detect, left = self.export("detect")
        self.assertEqual(set(detect), {f"n{k}.example" for k, c in enumerate(cases) if c[1]} |
                         {"id.example", "tag.example", "red.example"})
        self.assertEqual(left, {"iep": 2})
        block, left = self.export("block")
        self.assertEqual(set(block), {f"n{k}.example" for k, c in enumerate(cases) if c[2]} | {"red.example"})
        self.assertEqual(left, {"pap": 5, "iep": 3})

    # G2: an IEP that is not understood hides what it marks; its level is one like any other.
    def test_an_iep_restricts_sight_as_its_level_does(self):
        odd, red = iep(1, "as-you-like"), iep(2, "externally-visible-direct-actions", tlp="red")
        self.take(odd, indicator(1, "[domain-name:value = 'odd.example']", object_marking_refs=[odd["id"]]),
                  red, indicator(2, "[domain-name:value = 'red.example']", object_marking_refs=[red["id"]]))
        self.n.add_user("reader", "reader", PASSWORD)
        self.n.serve()
        answer = self.n.request("GET", "/api/v1/indicator-values?for=detect&limit=1000",
                                auth=("reader", PASSWORD)).json()
        self.assertEqual(answer["values"], [])

    # G12: what is quarantined, revoked, out of its time or no set of values is left out and counted.
    def test_what_is_not_matched_is_not_exported_either(self):
        self.take(indicator(1, "[domain-name:value = 'good.example' OR ipv4-addr:value = '198.51.100.7']"),
                  indicator(2, "[ipv4-addr:value = '8.8.8.8']"),
                  indicator(3, "[domain-name:value = 'gone.example']", revoked=True),
                  indicator(4, "[domain-name:value = 'old.example']", valid_until="2026-01-02T00:00:00Z"),
                  indicator(5, "[domain-name:value = 'a.example' AND domain-name:value = 'b.example']"),
                  indicator(6, "[domain-name:value = 'mine.example']"),
                  indicator(7, "[ipv4-addr:value ISSUBSET '198.51.100.0/28']"))
        self.n.cli("indicator", "quarantine", self.n.dir, an_id(6), "--reason", "ours")
        lines, left = self.export("block")
        self.assertEqual(set(lines), {"good.example", "198.51.100.7", "198.51.100.0/28"})
        self.assertEqual(left, {"quarantined": 2, "revoked": 1, "time": 1, "pattern": 1})

    def test_lines_fit_suricatas_datasets(self):
        self.take(indicator(1, "[domain-name:value = 'good.example']"),
                  indicator(2, "[url:value = 'http://good.example/x']"),
                  indicator(3, "[ipv4-addr:value = '198.51.100.7']"),
                  indicator(4, "[ipv4-addr:value ISSUBSET '198.51.100.0/28']"),
                  indicator(5, "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']"))
        for kind, wanted in (("domain-name", base64.b64encode(b"good.example").decode()),
                             ("url", base64.b64encode(b"http://good.example/x").decode()),
                             ("file:MD5", "0123456789abcdef0123456789abcdef")):
            lines, left = self.export("detect", "--format", "suricata", "--kind", kind)
            self.assertEqual((lines, left), ([wanted], {}))
        lines, left = self.export("detect", "--format", "suricata", "--kind", "ipv4-addr")
        self.assertEqual((lines, left), (["198.51.100.7"], {"format": 1}))
        self.assertEqual(self.n.cli("indicator", "export", self.n.dir, "--for", "detect", "--format",
                                    "odd", check=False).returncode, 2)
        self.assertEqual(self.n.cli("indicator", "export", self.n.dir, check=False).returncode, 2)

    # Many pages; and a reader gets values of what it may see alone.
    def test_pages_come_to_all_and_a_reader_gets_what_it_may_see(self):
        self.take(*(indicator(k, f"[domain-name:value = 'n{k}.example']") for k in range(250)),
                  indicator(900, "[domain-name:value = 'secret.example']",
                            object_marking_refs=["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]))
        lines, _ = self.export("block", "--limit", "7")
        self.assertEqual(sorted(lines), sorted([f"n{k}.example" for k in range(250)] + ["secret.example"]))
        self.n.add_user("reader", "reader", PASSWORD)
        self.n.serve()
        answer = self.n.request("GET", "/api/v1/indicator-values?for=block&limit=1000",
                                auth=("reader", PASSWORD)).json()
        values = {v["value"] for v in answer["values"]}
        self.assertEqual(len(values), 250)
        self.assertNotIn("secret.example", values)
        self.assertEqual((answer["indicators"], answer["left_out"]), (250, []))


if __name__ == "__main__":
    main()
