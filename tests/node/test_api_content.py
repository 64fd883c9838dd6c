# SPDX-License-Identifier: Apache-2.0
"""What the interface says of content: each reader the same world without what is hidden, whole
lists by pages, exact bytes, proofs that anybody can check, figures that Prometheus reads."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import unittest
import uuid

from node import Node, main, skip, wait_until

PASSWORD = "correct horse 7"
TLP = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
CLEARED = {"reader": ["CLEAR", "GREEN", "AMBER"], "analyst": list(TLP)}


def indicator(number, tlp, name=None):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid5(uuid.NAMESPACE_URL, f'{number}')}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": name or f"Supplier portal {number}",
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 250 + 1}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        "object_marking_refs": [TLP[tlp]],
    }


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(proof):
    """RFC 9162 §2.1.3.2 from the answer alone."""
    at, last = proof["seq"], proof["size"] - 1
    have = bytes.fromhex(proof["leaf"])
    for other in map(bytes.fromhex, proof["hashes"]):
        if at % 2 == 1 or at == last:
            have = node_hash(other, have)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            have = node_hash(have, other)
        at, last = at // 2, last // 2
    return have if last == 0 else None


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().init()
        for role in CLEARED:
            cls.node.add_user(role, role, PASSWORD)
        cls.objects = [indicator(i, list(TLP)[i % 4]) for i in range(48)]
        cls.objects[7]["name"] = "evil \u202e\u001b[2J name"
        bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": cls.objects}
        cls.path = os.path.join(cls.node.base, "bundle.json")
        with open(cls.path, "w", encoding="utf-8") as f:
            json.dump(bundle, f)
        cls.node.serve()
        cls.node.cli("import", cls.node.dir, cls.path, "--source", "test")

    @classmethod
    def tearDownClass(cls):
        cls.node.__exit__(None, None, None)

    def ask(self, path, role="analyst"):
        answer = self.node.request("GET", path, auth=(role, PASSWORD))
        self.assertEqual(answer.status, 200, f"{path}: {answer.body}")
        return answer.json()

    def all_of(self, path, role, limit):
        """Every item by pages, and how many answers that took."""
        items, token, answers = [], None, 0
        while True:
            page = self.ask(
                f"{path}{'&' if '?' in path else '?'}limit={limit}" + (f"&next={token}" if token else ""), role
            )
            self.assertLessEqual(len(page["items"]), limit)
            items += page["items"]
            answers += 1
            token = page.get("next")
            if not token:
                return items, answers

    def expected(self, role):
        return {o["id"] for i, o in enumerate(self.objects) if list(TLP)[i % 4] in CLEARED[role]}

    # G2: one decision for lists, reads, search and counts.
    def test_each_reader_sees_its_own_world_everywhere(self):
        for role in CLEARED:
            seen = self.expected(role)
            listed, _ = self.all_of("/api/v1/indicators", role, 7)
            self.assertEqual({i["id"] for i in listed}, seen)
            self.assertEqual(len(listed), len(seen))
            found, _ = self.all_of("/api/v1/search?q=supplier%20portal", role, 1000)
            self.assertEqual({i["id"] for i in found} | {self.objects[7]["id"]} & seen,
                             seen)
            self.assertEqual(self.ask("/api/v1/status", role)["indicators"], len(seen))
            for o in self.objects:
                status = self.node.request(
                    "GET", f"/api/v1/objects/{o['id']}", auth=(role, PASSWORD)
                ).status
                self.assertEqual(status, 200 if o["id"] in seen else 404)

    def test_what_is_hidden_answers_as_what_is_not_there(self):
        hidden = next(o for i, o in enumerate(self.objects) if list(TLP)[i % 4] == "RED")
        absent = "indicator--" + str(uuid.uuid4())
        for path in ("/api/v1/objects/{}", "/api/v1/objects/{}?version=2026-01-01T00:00:00Z"):
            a = self.node.request("GET", path.format(hidden["id"]), auth=("reader", PASSWORD))
            b = self.node.request("GET", path.format(absent), auth=("reader", PASSWORD))
            self.assertEqual(a.status, 404)
            self.assertEqual(
                a.body.replace(hidden["id"].encode(), b""), b.body.replace(absent.encode(), b"")
            )

    def test_pages_join_to_the_whole_list(self):
        whole, _ = self.all_of("/api/v1/indicators", "analyst", 1000)
        for limit in (1, 5, 48):
            items, _ = self.all_of("/api/v1/indicators", "analyst", limit)
            self.assertEqual([i["id"] for i in items], [i["id"] for i in whole])

    def test_a_token_of_a_page_serves_its_list_and_reader_only(self):
        token = self.ask("/api/v1/indicators?limit=5")["next"]
        others = [
            (f"/api/v1/sightings?limit=5&next={token}", "analyst"),
            (f"/api/v1/indicators?limit=5&next={token}", "reader"),
            (f"/api/v1/indicators?limit=5&q=portal&next={token}", "analyst"),
            (f"/api/v1/indicators?limit=5&next={token[:-4]}AAAA", "analyst"),
        ]
        for path, role in others:
            answer = self.node.request("GET", path, auth=(role, PASSWORD))
            self.assertEqual(answer.status, 400, path)

    def test_search_finds_ids_types_and_defanged_values(self):
        o = self.objects[4]
        value = o["pattern"].split("'")[1]
        self.assertEqual(self.ask(f"/api/v1/search?q={o['id']}")["items"][0]["why"], "id")
        self.assertIn(o["id"], [i["id"] for i in self.ask(f"/api/v1/search?q={o['id'][:20]}")["items"]])
        for text in (value, value.replace(".", "%5B.%5D")):
            hits = self.ask(f"/api/v1/search?q={text}")["items"]
            self.assertIn(o["id"], [i["id"] for i in hits])
        typed = self.ask("/api/v1/search?type=indicator&limit=1000")["items"]
        self.assertEqual({i["id"] for i in typed}, {x["id"] for x in self.objects})

    def test_an_object_comes_with_the_bytes_it_was_received_in(self):
        raw = json.dumps(self.objects[5]).encode()
        answer = self.node.request(
            "GET", f"/api/v1/objects/{self.objects[5]['id']}", auth=("analyst", PASSWORD)
        )
        self.assertIn(b'"object":' + raw, answer.body)
        self.assertEqual(
            answer.json()["proof"]["content_sha256"], hashlib.sha256(raw).hexdigest()
        )
        self.assertEqual(answer.json()["source"], "test")

    def test_a_proof_leads_from_the_bytes_to_the_signed_root(self):
        for o in self.objects[:9]:
            proof = self.ask(f"/api/v1/objects/{o['id']}/proof")
            header = bytes.fromhex(proof["header"])
            content = hashlib.sha256(json.dumps(o).encode()).digest()
            self.assertIn(content, header)
            self.assertEqual(hashlib.sha256(b"\x00" + header).hexdigest(), proof["leaf"])
            self.assertEqual(root_of(proof).hex(), proof["root"])
            origin, size, root = proof["checkpoint"].split("\n")[:3]
            self.assertEqual((origin, int(size)), (proof["origin"], proof["size"]))
            self.assertEqual(base64.b64decode(root).hex(), proof["root"])
            self.assertIn(proof["origin"], proof["public_key"])

    def test_readers_learn_nothing_of_the_ledgers_length(self):
        answer = self.ask(f"/api/v1/objects/{self.objects[0]['id']}", "reader")
        self.assertNotIn("proof", answer)
        self.assertNotIn("seq", answer["versions"][0])
        self.assertNotIn("ledger", self.ask("/api/v1/status", "reader"))

    def test_the_command_line_answers_as_the_interface_does(self):
        for verb, path in (
            (["search", self.node.dir, "portal", "--limit", "9"], "/api/v1/search?q=portal&limit=9"),
            (["indicator", "list", self.node.dir], "/api/v1/indicators"),
            (["collection", "list", self.node.dir], "/api/v1/collections"),
            (["show", self.node.dir, self.objects[2]["id"]], f"/api/v1/objects/{self.objects[2]['id']}"),
        ):
            local = json.loads(self.node.cli(*verb, "--json").stdout)
            remote = self.ask(path)
            for answer in (local, remote):
                answer.pop("next", None)
                answer.pop("proof", None)
                # The operator has the files; an account, its clearance.
                answer.get("label", {}).pop("rule", None)
            self.assertEqual(local, remote, verb)

    # G14: a name cannot drive the terminal of who reads it.
    def test_the_command_line_shows_controls_it_does_not_obey_them(self):
        for verb in (["show", self.node.dir, self.objects[7]["id"]], ["search", self.node.dir, "evil"],
                     ["indicator", "list", self.node.dir]):
            out = self.node.cli(*verb).stdout.decode()
            self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out))
        self.assertIn("\\x1b[2J", out)

    def test_exit_codes_say_yes_no_and_error(self):
        def code(*args):
            return self.node.cli(*args, check=False).returncode

        self.assertEqual(code("search", self.node.dir, "portal"), 0)
        self.assertEqual(code("search", self.node.dir, "nothinglikethis"), 1)
        self.assertEqual(code("show", self.node.dir, "indicator--" + str(uuid.uuid4())), 1)
        self.assertEqual(code("search", self.node.dir), 2)
        self.assertEqual(code("status", "/nonexistent"), 2)
        self.assertEqual(code("search", self.node.dir, "x", "--limit", "0"), 2)

    def test_a_killed_node_is_not_said_to_run(self):
        with Node().init() as n:
            n.serve()
            status = json.loads(n.cli("status", n.dir, "--json").stdout)
            self.assertEqual({r["role"] for r in status["roles"]}, set(n.roles()))
            n.process.kill()
            n.process.wait()
            self.assertTrue(n.status_file()["roles"])
            self.assertEqual(json.loads(n.cli("status", n.dir, "--json").stdout)["roles"], [])

    def test_uploading_a_file_names_what_is_refused(self):
        other = dict(self.objects[3], description="same version, other content")
        fresh = indicator(900, "GREEN")
        body = json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": [fresh, other]})
        answer = self.node.request(
            "POST", "/api/v1/import?source=upload&format=stix&name=two.json", body=body,
            auth=("analyst", PASSWORD),
        )
        self.assertEqual(answer.status, 200, answer.body)
        reply = answer.json()
        self.assertEqual((reply["total"], reply["taken"], reply["refused"]), (2, 1, 1))
        self.assertEqual(reply["failures"][0]["id"], other["id"])
        self.objects.append(fresh)  # what every test of this node expects is kept in step
        self.assertEqual(self.ask(f"/api/v1/objects/{fresh['id']}")["source"], "upload")


class Figures(unittest.TestCase):
    LINE = re.compile(
        r'^([a-z_:][a-z0-9_:]*)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? '
        r"-?[0-9.e+]+$"
    )

    def figures(self, node, auth):
        answer = node.request("GET", "/metrics", auth=auth)
        if answer.status != 200:
            return answer.status, None
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        text = answer.body.decode()
        named, values = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, named, "declared twice")
                named[name] = kind
            elif not line.startswith("# HELP "):
                match = self.LINE.match(line)
                self.assertTrue(match, line)
                self.assertIn(match[1], named, "undeclared")
                self.assertTrue(match[1].startswith("tocsin_"))
                self.assertEqual(match[1].endswith("_total"), named[match[1]] == "counter")
                self.assertNotIn(line.rsplit(" ", 1)[0], values, "given twice")
                values[line.rsplit(" ", 1)[0]] = float(line.rsplit(" ", 1)[1])
        return 200, values

    # G2: figures of the content are the asking reader's own.
    def test_figures_are_of_what_the_reader_may_see(self):
        with Node().init() as n:
            n.add_user("auditor", "auditor", PASSWORD)
            n.cli("user", "add", n.dir, "amber", "--role", "auditor", "--clearance", "amber",
                  "--password-stdin", input=PASSWORD.encode())
            n.add_user("reader", "reader", PASSWORD)
            path = os.path.join(n.base, "b.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}",
                           "objects": [indicator(i, list(TLP)[i % 4]) for i in range(8)]}, f)
            n.cli("import", n.dir, path)
            n.serve()
            _, red = self.figures(n, ("auditor", PASSWORD))
            _, amber = self.figures(n, ("amber", PASSWORD))
            self.assertEqual(red["tocsin_indicators"], 8)
            self.assertEqual(amber["tocsin_indicators"], 6)
            counted = 'tocsin_http_answers_total{operation="metrics.show",class="2xx"}'
            self.assertEqual(amber[counted], 1)
            # The same series before and after, or nobody sees that it grew.
            restarts = 'tocsin_process_restarts_total{role="intake"}'
            self.assertEqual(amber[restarts], 0)
            n.kill_role("intake")
            wait_until(lambda: n.roles()["intake"]["restarts"] == 1, what="intake is back")
            self.assertEqual(self.figures(n, ("auditor", PASSWORD))[1][restarts], 1)
            self.assertEqual(self.figures(n, ("reader", PASSWORD))[0], 403)
            self.assertEqual(self.figures(n, None)[0], 401)

    def test_promtool_finds_nothing_amiss_in_them(self):
        deps = os.environ.get("TOCSIN_DEPS", os.path.expanduser("~/.cache/tocsin/deps"))
        promtool = shutil.which("promtool") or shutil.which("promtool", path=f"{deps}/bin")
        if not promtool:
            skip("promtool is not installed; scripts/setup --test fetches it")
        with Node().init() as n:
            n.add_user("auditor", "auditor", PASSWORD)
            n.add_source("gate-3", "/nonexistent/eve.json")
            n.serve()
            text = n.request("GET", "/metrics", auth=("auditor", PASSWORD)).body
            done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_an_open_node_gives_process_figures_to_anybody_and_no_more(self):
        with Node().init() as n:
            conf = os.path.join(n.dir, "tocsin.conf")
            with open(conf, encoding="utf-8") as f:
                text = f.read()
            text = re.sub(r"(?m)^metrics = .*\n", "", text).replace("[serve]\n", "[serve]\nmetrics = open\n")
            with open(conf, "w", encoding="utf-8") as f:
                f.write(text)
            n.serve()
            status, values = self.figures(n, None)
            self.assertEqual(status, 200)
            self.assertTrue(any(k.startswith("tocsin_process_resident_memory_bytes{") for k in values))
            for content in ("tocsin_objects", "tocsin_indicators", "tocsin_ledger_records"):
                self.assertNotIn(content, values)


if __name__ == "__main__":
    main()
