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
        expected, newest = {}, {}
        for name in files:
            with open(name, encoding="utf-8") as f:
                for value, text in slices(f.read()):
                    expected.setdefault(key(value), []).append(text)
                    newest[value["id"]] = max(key(value)[1], newest.get(value["id"], ""))
        with node.Node() as n:
            n.init()
            n.add_user("reader", "admin", "Password0")
            n.serve()
            for name in files:
                done = n.cli(
                    "import", n.dir, name, "--label", "TLP:CLEAR", "--json", check=False, timeout=120
                )
                self.assertIn(done.returncode, (0, 1), done.stderr[-2000:])
                reply = json.loads(done.stdout)
                print(f"{name}: {reply['taken']} taken, {reply['duplicates']} here, "
                      f"{reply['refused']} refused", file=sys.stderr)
                self.assertLess(reply["refused"], 0.02 * reply["total"])
            connection = n.connection()
            every = self.read(n, connection, "match[version]=all")
            last = self.read(n, connection, "")
            connection.close()
        own = {v["id"] for v, _ in every if key(v) not in expected}
        self.assertLessEqual(len(own), 1, "only the node's own identity is not of the files")
        for value, text in every:
            if value["id"] not in own:
                self.assertIn(text, expected[key(value)])
        got = {key(v) for v, _ in every}
        missing = [k for k in expected if k not in got]
        self.assertLess(len(missing), 0.02 * len(expected))
        for value, _ in last:
            if value["id"] not in own and value["id"] not in {m[0] for m in missing}:
                self.assertEqual(key(value)[1], newest[value["id"]])
        ids = [v["id"] for v, _ in last]
        self.assertEqual(len(ids), len(set(ids)))

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
