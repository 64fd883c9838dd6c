# SPDX-License-Identifier: Apache-2.0
"""`tocsin rebuild`: refused while the node runs; afterwards every answer is what it was."""

import json
import os
import shutil
import tempfile
import unittest

from node import Node
from test_canary import data_file


class Rebuild(unittest.TestCase):
    def answers(self, node):
        out = []
        for words in (("search", "drifter"), ("search", "malware"), ("collection", "list")):
            if words[0] == "search":
                out.append(node.cli("search", node.dir, words[1], "--json").stdout)
            else:
                out.append(node.cli(*words, node.dir, "--json").stdout)
        return out

    def test_views_are_made_anew_from_the_ledger_alone(self):
        with Node() as node, tempfile.TemporaryDirectory() as folder:
            node.init()
            path = os.path.join(folder, "data.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(data_file(), f)
            node.cli("taxii", "restore", node.dir, path)
            before = self.answers(node)
            self.assertIn(b"drifter", before[0])
            node.serve()
            refused = node.cli("rebuild", node.dir, check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn(b"running", refused.stderr)
            node.stop()
            shutil.rmtree(os.path.join(node.dir, "views"))
            # Nothing is found then, and that is not said to be the whole truth.
            without = node.cli("search", node.dir, "drifter", check=False)
            self.assertIn(b"views hold 0 of", without.stderr)
            reply = json.loads(node.cli("rebuild", node.dir, "--json").stdout)
            self.assertGreater(reply["records"], 5)
            self.assertEqual({v["records"] for v in reply["views"]}, {reply["records"]})
            self.assertEqual(self.answers(node), before)
            self.assertEqual(node.cli("search", node.dir, "drifter").stderr, b"")


if __name__ == "__main__":
    unittest.main()
