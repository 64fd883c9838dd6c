# SPDX-License-Identifier: Apache-2.0
"""The real ATT&CK bundles, loaded in the order of their releases, come back by TAXII as the very bytes
that the files have."""

import json
import os
import sys
import unittest

import node

FOLDER = "../shared/samples/attack"
RELEASES = ["12.1", "15.1", "17.1", "18.1"]


def slices(text):
    """Each member of the top-level list `objects` as (value, its text)."""
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"objects"')) + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        value, end = decoder.raw_decode(text, at)
        yield value, text[at:end]
        at = end


def key(value):
    return value["id"], value.get("modified") or value.get("created")


class Attack(unittest.TestCase):
    def test_releases_come_back_byte_for_byte(self):
        files = [os.path.join(FOLDER, f"ics-attack-{r}.json") for r in RELEASES]
        if not all(map(os.path.exists, files)):
            node.skip(f"{FOLDER} is not here")
        first = {}  # of each version the text that came first
        with node.Node() as n:
            n.init()
            n.add_user("reader", "admin", "Password0")
            n.serve()
            refused = set()
            for name in files:
                refused |= self.load(n, name, first)
            connection = n.connection()
            every = self.read(n, connection, "match[version]=all")
            last = self.read(n, connection, "")
            connection.close()
        own = {v["id"] for v, _ in every if key(v) not in first}
        self.assertLessEqual(len(own), 1, "only the node's own identity is not of the files")
        got = {key(v): text for v, text in every if v["id"] not in own}
        self.assertEqual(set(got), {k for k in first if k not in refused})
        for k, text in got.items():
            self.assertEqual(text, first[k])
        newest = {}
        for oid, version in got:
            newest[oid] = max(version, newest.get(oid, ""))
        self.assertEqual({v["id"]: key(v)[1] for v, _ in last if v["id"] not in own}, newest)

    def load(self, n, name, first):
        """Imports one release. The versions it refuses for what is in them; those that clash with a
        version that is there (ATT&CK changed some without a new `modified`) are counted here."""
        clashes = 0
        with open(name, encoding="utf-8") as f:
            for value, text in slices(f.read()):
                clashes += json.loads(first.setdefault(key(value), text)) != value
        done = n.cli(
            "import", n.dir, name, "--label", "TLP:CLEAR", "--json", check=False, timeout=120
        )
        self.assertIn(done.returncode, (0, 1), done.stderr[-2000:])
        reply = json.loads(done.stdout)
        print(f"{name}: {reply['taken']} taken, {reply['duplicates']} here, {reply['refused']} "
              f"refused, {clashes} of them clash", file=sys.stderr)
        named = [f for f in reply["failures"] if "this id and version" not in f["message"]]
        self.assertEqual(reply["refused"], clashes + len(named))
        self.assertLess(len(named), 0.01 * reply["total"])
        return {k for k in first if k[0] in {f["id"] for f in named} and k[1] in
                {f["version"][:23] + "Z" for f in named}}

    def read(self, n, connection, query):
        """All pages of the default collection, in order, no object version twice."""
        found, token = [], ""
        headers = {"Accept": "application/taxii+json;version=2.1"}
        while True:
            path = f"/intel/collections/all/objects/?limit=500&{query}{token}"
            answer = n.request(
                "GET", path, headers=headers, auth=("reader", "Password0"), connection=connection
            )
            self.assertEqual(answer.status, 200, answer.body[:300])
            text = answer.body.decode()
            page = list(slices(text))
            found += page
            envelope = json.loads(text)
            if not envelope["more"]:
                break
            self.assertEqual(len(page), 500)
            token = f"&next={envelope['next']}"
        keys = [key(v) for v, _ in found]
        self.assertEqual(len(keys), len(set(keys)))
        return found


if __name__ == "__main__":
    node.main()
