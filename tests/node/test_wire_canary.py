# SPDX-License-Identifier: Apache-2.0
"""Four nodes on a network, and all that goes over its wires: an object for one of them alone is not
to be seen by the others, neither its bytes nor that there is one."""

import base64
import os
import secrets
import struct
import unittest

from nets import NetNode, Wires
from node import main, wait_until
from test_canary import COMMON, TAXII
from test_exchange import PASSWORD, give, has
from test_federation import befriend
from test_labels import indicator, marking

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
ROUNDS = 4
SECRET_BYTES = 60000  # incompressible, as hexadecimal text


def spellings(needle):
    """The same bytes as they may stand anywhere."""
    found = {needle, needle.hex().encode(), needle.hex().upper().encode(),
             needle.decode().encode("utf-16-le")}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + needle)
        found.add(whole[4 : len(whole) // 4 * 4 - 4])
    return found


def files_of(node):
    for folder, _, names in os.walk(node.base):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    yield path, f.read()


def client_hellos(segments):
    """(names of the server, protocols) that connections began with."""
    for s in segments:
        data = s.payload
        if data[:2] != b"\x16\x03" or data[5:6] != b"\x01":
            continue
        at = 9 + 2 + 32
        at += 1 + data[at]
        at += 2 + struct.unpack(">H", data[at : at + 2])[0]
        at += 1 + data[at]
        (left,) = struct.unpack(">H", data[at : at + 2])
        at, end, found = at + 2, at + 2 + left, {}
        while at + 4 <= min(end, len(data)):
            kind, n = struct.unpack(">HH", data[at : at + 4])
            found[kind] = data[at + 4 : at + 4 + n]
            at += 4 + n
        yield found.get(0), found.get(16)


class WireCanary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.wires = Wires()
        cls.addClassCleanup(cls.wires.close)
        cls.nodes = []
        for number, name in enumerate(("origin", "chosen", "bystander", "behind"), 1):
            n = NetNode(name, cls.wires, number)
            cls.addClassCleanup(n.__exit__, None, None, None)
            n.init()
            n.add_user("admin", "admin", PASSWORD)
            n.start()
            cls.nodes.append(n)
        a, b, c, d = cls.nodes
        befriend(a, b, "chosen", "origin")
        befriend(a, c, "bystander", "origin")
        befriend(b, c, "bystander", "chosen")
        befriend(b, d, "behind", "chosen")
        cls.marking = marking("for the chosen", tlp="TLP:AMBER", releasable_to=["chosen"])
        first, second = indicator("first", CLEAR), indicator("second", CLEAR)
        give(a, cls.marking, first)
        give(b, second)
        for n, thing in ((b, first), (c, first), (d, second)):
            wait_until(lambda n=n, t=thing: has(n, t["id"]), 10, "everybody is linked")

    def publish(self, tag, secret):
        """One round: what is for all, with or without what is for one; its cost for the others."""
        a, b, c, d = self.nodes
        before = [self.wires.between(1, 3), self.wires.between(2, 3), self.wires.between(2, 4)]
        if secret:
            give(a, secret)
            wait_until(lambda: has(b, secret["id"]), 10, "the chosen one has it")
        # A node takes what another relays when it knows its originator: for the last it is the third.
        one, other = indicator(f"round-{tag}", CLEAR), indicator(f"later-{tag}", CLEAR)
        give(a, one)
        for n in (b, c):
            wait_until(lambda n=n: has(n, one["id"]), 10, "everybody has what is for all")
        give(b, other)
        for n in (c, d):
            wait_until(lambda n=n: has(n, other["id"]), 10, "everybody has what is for all")
        self.settle()
        after = [self.wires.between(1, 3), self.wires.between(2, 3), self.wires.between(2, 4)]
        return [y - x for x, y in zip(before, after)]

    def settle(self):
        """Until nothing more is said between the others."""
        seen = []

        def quiet():
            seen.append(self.wires.between(1, 3) + self.wires.between(2, 3) +
                        self.wires.between(2, 4))
            return len(seen) > 60 and len(set(seen[-60:])) == 1

        wait_until(quiet, 20, "the links are quiet")

    # G1: looked for in everything that leaves, is stored or is said.
    # G17: nothing that is said before TLS hides it names anybody.
    def test_what_is_for_one_is_not_to_be_seen_by_the_others(self):
        a, b, c, d = self.nodes
        canaries, costs = [], {True: [], False: []}
        for i in range(ROUNDS):
            for hidden in (False, True):
                secret = None
                if hidden:
                    canaries.append(f"canary{secrets.token_hex(12)}".encode())
                    secret = indicator(canaries[-1].decode(), self.marking["id"])
                    secret["description"] = secrets.token_hex(SECRET_BYTES // 2)
                costs[hidden].append(self.publish(f"{i}-{hidden:d}", secret))
        # The wires of the others carried the same, whether there was something hidden or not.
        for link, name in enumerate(("origin-bystander", "chosen-bystander", "chosen-behind")):
            without, with_ = (sorted(x[link] for x in costs[k])[ROUNDS // 2] for k in (False, True))
            print(f"{name}: {without} bytes a round without, {with_} with")
            self.assertGreater(without, 500)
            self.assertLess(abs(with_ - without), 1000, name)
        # The chosen one did get it all, so that there was something to see.
        self.assertGreater(self.wires.between(1, 2), ROUNDS * SECRET_BYTES // 2)
        needles = set().union(*(spellings(x) for x in canaries))
        for needle in needles:
            for s in self.wires.segments:
                self.assertNotIn(needle, s.payload)
        for n in (c, d):
            for path, data in files_of(n):
                for needle in needles:
                    self.assertNotIn(needle, data, path)
        self.hidden_from_every_answer(c, d, canaries)
        self.names_of_nobody()

    def hidden_from_every_answer(self, c, d, canaries):
        ids = [indicator(x.decode())["id"] for x in canaries]
        for n in (c, d):
            paths = COMMON + [f"/api/v1/objects/{i}" for i in ids]
            paths += [f"/api/v1/search?q={x.decode()}" for x in canaries]
            paths += ["/api/v1/peers", "/api/v1/withdrawals", "/intel/collections/all/objects/",
                      "/intel/collections/all/manifest/"]
            for path in paths:
                headers = TAXII if not path.startswith(("/api", "/metrics", "/h")) else {}
                answer = n.request("GET", path, auth=("admin", PASSWORD), headers=headers)
                said = answer.body.replace(path.encode(), b"")
                for canary, id in zip(canaries, ids):
                    if canary.decode() not in path and id not in path:
                        self.assertNotIn(canary, said, path)
                        self.assertNotIn(id.encode(), said, path)
            for verb in ("status DIR", "indicator list DIR", "sighting list DIR", "peer list DIR",
                         "source list DIR", f"search DIR {canaries[0].decode()}"):
                words = [n.dir if w == "DIR" else w for w in verb.split()]
                done = n.cli(*words, check=False)
                self.assertNotIn(ids[0].encode(), done.stdout + done.stderr, verb)
            for id in ids:
                for verb in (("show", id), ("why", id, "admin")):
                    done = n.cli(verb[0], n.dir, *verb[1:], check=False)
                    self.assertEqual(done.returncode, 1, done)
                    self.assertIn(b"no object", done.stderr)

    def names_of_nobody(self):
        hellos = list(client_hellos(self.wires.segments))
        link = [h for h in hellos if h[1] is not None]
        self.assertGreaterEqual(len(link), 4)
        for server, protocols in link:
            self.assertIsNone(server)
            self.assertIn(protocols, (b"\0\x09\x08tocsin/1", b"\0\x09\x08http/1.1"))
        names = [n.name.encode() for n in self.nodes] + [b"for the chosen", b"community"]
        for s in self.wires.segments:
            for name in names:
                self.assertNotIn(name, s.payload)


if __name__ == "__main__":
    main()
