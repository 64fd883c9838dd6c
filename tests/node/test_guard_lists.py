# SPDX-License-Identifier: Apache-2.0
"""What an operator gives the guard: warning lists, own names and networks, public suffixes."""

import hashlib
import ipaddress
import json
import os
import pathlib
import unittest

from node import main, skip, wait_until
from sensed import PASSWORD, Sensed, an_id, indicator
from test_exchange import give
from test_peers import two_nodes

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "shared/samples/warninglists"
SUFFIX_LIST = pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat")
OWN = "own.example, 192.0.2.0/24 portal.big.example desk@mail.example"
LISTS = {
    "nets.json": {"name": "Office clouds", "type": "cidr", "version": 1, "description": "",
                  "list": ["198.51.100.0/25", "203.0.113.9", "2001:db8:7::/48", "not an address"],
                  "matching_attributes": ["ip-src", "ip-dst"]},
    "hosts/list.json": {"name": "Vendors", "type": "hostname", "version": 1, "description": "",
                        "list": [".vendor.example", "update.deep.example"],
                        "matching_attributes": ["hostname", "domain", "url"]},
    "top.json": {"name": "Top sites", "type": "string", "version": 1, "description": "",
                 "list": ["Popular.example", "http://portal.example/start"],
                 "matching_attributes": ["hostname", "domain", "url"]},
    "hashes.json": {"name": "Test files", "type": "string", "version": 1, "description": "",
                    "list": ["44D88612FEA8A8F36DE82E1278ABB02F"], "matching_attributes": ["md5"]},
    "parts.json": {"name": "Sandboxes", "type": "substring", "version": 1, "description": "",
                   "list": ["sandbox.test", "x"], "matching_attributes": ["domain", "url"]},
    "regex.json": {"name": "Parked", "type": "regex", "version": 1, "description": "",
                   "list": ["/^parked-[0-9]+\\.example$/i", "(((", "/(a+)+$/"],
                   "matching_attributes": ["domain"]},
}
# Pattern, and a word of the reason.
HELD = [
    ("[ipv4-addr:value = '198.51.100.7']", "Office clouds"),
    ("[ipv4-addr:value = '198.51.100.0/24']", 'holds what is on the warning list "Office clouds"'),
    ("[ipv4-addr:value = '203.0.113.9']", "Office clouds"),
    ("[ipv6-addr:value = '2001:db8:7::1']", "Office clouds"),
    ("[domain-name:value = 'vendor.example']", "Vendors"),
    ("[domain-name:value = 'a.b.vendor.example']", "Vendors"),
    ("[domain-name:value = 'deep.example']", 'holds what is on the warning list "Vendors"'),
    ("[url:value = 'https://cdn.vendor.example/x/y?z']", "Vendors"),
    ("[domain-name:value = 'popular.example']", "Top sites"),
    ("[url:value = 'http://popular.example/']", "Top sites"),
    ("[url:value = 'http://portal.example/start']", "Top sites"),
    ("[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02f']", "Test files"),
    ("[url:value = 'http://eu.sandbox.test.example/run']", "Sandboxes"),
    ("[domain-name:value = 'PARKED-77.example']", "Parked"),
    ("[domain-name:value = 'mail.own.example']", "is this organisation's own"),
    ("[domain-name:value = 'portal.big.example']", "is this organisation's own"),
    ("[domain-name:value = 'big.example']", "holds what is this organisation's own"),
    ("[url:value = 'https://www.own.example/login']", "is this organisation's own"),
    ("[url:value = 'https://192.0.2.80/login']", "is this organisation's own"),
    ("[email-addr:value = 'chief@own.example']", "is this organisation's own"),
    ("[email-addr:value = 'desk@mail.example']", "is this organisation's own"),
    ("[ipv4-addr:value = '192.0.2.80']", "is this organisation's own"),
    ("[ipv4-addr:value = '192.0.0.0/20']", "holds"),
    ("[domain-name:value = 'shops.example']", "public suffix"),
    ("[domain-name:value = 'any.wild.example']", "public suffix"),
    ("[domain-name:value = 'xn--55qx5d.example']", "public suffix"),
]
FREE = [
    "[ipv4-addr:value = '198.51.100.200']",
    "[ipv4-addr:value = '203.0.113.10']",
    "[ipv6-addr:value = '2001:db8:8::1']",
    "[domain-name:value = 'evilvendor.example']",
    "[domain-name:value = 'evil.popular.example']",
    "[url:value = 'http://popular.example/evil.zip']",
    "[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02e']",
    "[file:hashes.'SHA-1' = '3395856ce81f2b7382dee72602f798b642f14140']",
    "[domain-name:value = 'parked-x.example']",
    "[domain-name:value = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example']",
    "[domain-name:value = 'notown.example']",
    "[email-addr:value = 'chief@own.example.evil.example']",
    "[domain-name:value = 'evil.shops.example']",
    "[domain-name:value = 'free.wild.example']",
]
SUFFIXES = "// a comment\nshops.example\n*.wild.example\n!free.wild.example\n公司.example\n"


class Lists(Sensed):
    def setUp(self):
        super().setUp()
        self.lists = pathlib.Path(self.n.base) / "lists"
        for name, content in LISTS.items():
            self.write(name, json.dumps(content))
        self.suffixes = pathlib.Path(self.n.base) / "suffixes.dat"
        self.suffixes.write_text(SUFFIXES, encoding="utf-8")
        self.n.configure("guard", lists=self.lists, suffixes=self.suffixes,
                         own=OWN)

    def write(self, name, text):
        (self.lists / name).parent.mkdir(parents=True, exist_ok=True)
        (self.lists / name).write_text(text, encoding="utf-8")

    def show(self, number):
        return json.loads(self.n.cli("indicator", "show", self.n.dir, an_id(number),
                                     "--json").stdout)

    def sees(self, name, hits):
        """The name is seen; the sightings of indicator 1 become so many."""
        before = self.found().get(99, 0)
        self.see_name(name)
        self.see_name(f"n{self.second}.end.example")  # a value of its own is told at once
        wait_until(lambda: self.found().get(99, 0) > before, what="the last event is matched")
        wait_until(lambda: self.found().get(1, 0) >= hits, what="so many hits")
        self.assertEqual(self.found().get(1, 0), hits)

    # G12: each kind of list, own names, and public suffixes hold back what they name, what lies in
    # it and what holds it, and nothing else; the reason says which.
    def test_each_kind_of_list_holds_back_with_its_name(self):
        self.take(*(indicator(k, pattern) for k, (pattern, _) in enumerate(HELD)),
                  *(indicator(500 + k, pattern) for k, pattern in enumerate(FREE)))
        for k, (pattern, reason) in enumerate(HELD):
            shown = self.show(k)
            self.assertTrue(shown["quarantined"], pattern)
            self.assertIn(reason, shown["reason"], pattern)
        for k, pattern in enumerate(FREE):
            self.assertFalse(self.show(500 + k)["quarantined"], (pattern, self.show(500 + k)))

    def kept_for(self):
        status = self.n.request("GET", "/api/v1/status", auth=("admin", PASSWORD)).json()
        return status["quarantined"], {k["reason"]: k["count"] for k in status["quarantined_for"]}

    # G12: what is kept back is counted by what speaks against it, for those alone who may know.
    def test_what_is_kept_back_is_counted_by_reason(self):
        self.n.add_user("reader", "reader", PASSWORD)
        self.take(indicator(1, "[domain-name:value = 'popular.example']"),
                  indicator(2, "[ipv4-addr:value = '192.0.2.80']"),
                  indicator(3, "[ipv4-addr:value = '0.0.0.0/0']"),
                  indicator(4, "[domain-name:value = 'free.example']"))
        self.n.serve()
        self.assertEqual(self.kept_for(), (3, {"warning-list": 1, "own": 1, "too-wide": 1}))
        for verb, number in (("quarantine", 4), ("release", 1)):
            self.n.cli("indicator", verb, self.n.dir, an_id(number), "--reason", "looked at it")
        self.take(indicator(3, "[ipv4-addr:value = '10.0.0.1']", 2))
        self.assertEqual(self.kept_for(), (3, {"own": 1, "reserved": 1, "person": 1}))
        shown = self.show(2)
        self.assertEqual((shown["quarantined_for"], self.show(4)["quarantined_for"]), ("own", "person"))
        metrics = self.n.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
        self.assertIn('tocsin_quarantined_indicators{reason="own"} 1\n', metrics)
        self.assertIn('tocsin_quarantined_indicators{reason="warning-list"} 0\n', metrics)
        status = self.n.request("GET", "/api/v1/status", auth=("reader", PASSWORD)).json()
        self.assertEqual((status["quarantined"], status["quarantined_for"]), (3, []))
        seen = self.n.request("GET", f"/api/v1/indicators/{an_id(2)}", auth=("reader", PASSWORD)).json()
        self.assertTrue(seen["quarantined"])
        self.n.stop()
        before = self.n.cli("status", self.n.dir, "--json").stdout
        self.n.cli("rebuild", self.n.dir)
        after = self.n.cli("status", self.n.dir, "--json").stdout
        self.assertEqual(*(json.loads(x)["quarantined_for"] for x in (before, after)))

    # G12: what is there already is judged anew when the lists change, both ways.
    def test_another_list_judges_what_is_there_anew(self):
        self.take(indicator(1, "[domain-name:value = 'later.example']"),
                  indicator(99, "[domain-name:value = 'end.example']"))
        self.n.serve()
        self.sees("later.example", 1)
        self.n.stop()
        self.write("later.json", json.dumps({"name": "Later", "type": "string",
                                             "list": ["later.example"]}))
        self.n.serve()
        self.sees("later.example", 1)
        self.assertIn('"Later"', self.show(1)["reason"])
        self.n.stop()
        (self.lists / "later.json").unlink()
        self.n.serve()
        self.sees("later.example", 2)
        self.assertFalse(self.show(1)["quarantined"])

    # A list that cannot be read is named; rules that were there stay, a node without any does not
    # start.
    def test_a_damaged_list_never_opens_the_guard(self):
        self.take(indicator(1, "[domain-name:value = 'popular.example']"))
        for bad in ("{", '{"name": "x", "type": "cidr"}', '{"name": "x", "type": "what", "list": []}'):
            self.write("top.json", bad)
            self.n.serve()
            self.assertTrue(self.show(1)["quarantined"], bad)
            self.n.stop()
            kept = [e for e in self.n.log_events() if e.get("event") == "guard.rules.kept"]
            self.assertIn("top.json", kept[-1]["text"])
        os.unlink(os.path.join(self.n.dir, "views/guard"))
        done = self.n.cli("rebuild", self.n.dir, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"top.json", done.stderr)
        self.write("top.json", json.dumps(LISTS["top.json"]))
        self.n.cli("rebuild", self.n.dir)
        self.assertIn("Top sites", self.show(1)["reason"])

    def test_what_is_no_name_is_refused_in_the_configuration(self):
        self.n.configure("guard", own="own.example two..dots")
        for words in (("rebuild",), ("config", "check")):
            done = self.n.cli(*words, self.n.dir, check=False)
            self.assertNotEqual(done.returncode, 0, words)
            self.assertIn(b"two..dots", done.stderr)


def quoted(path, value):
    return f"[{path} = '{value}']"


def poison():
    """A thousand values that must not be matched unseen, each with the event that it would match."""
    out = []

    def add(pattern, **event):
        out.append((pattern, event))

    def add_name(name, query=None):
        add(quoted("domain-name:value", name.lower()),
            event_type="dns", dns={"type": "query", "rrname": query or name})

    def add_address(text):
        net = ipaddress.ip_network(text, strict=False)
        kind = "ipv4-addr" if net.version == 4 else "ipv6-addr"
        add(quoted(f"{kind}:value", text),
            event_type="flow", src_ip="198.51.100.9", dest_ip=str(net[net.num_addresses // 2]), proto="UDP")

    def listed(name):
        return json.loads((SAMPLES / name).read_text(encoding="utf-8"))["list"]

    def some(name, count):
        entries = [e for e in listed(name) if e.isascii()]
        return entries[:: max(1, len(entries) // count)][:count]

    for text in some("public-dns-v4.json", 200):
        add_address(text)
    for name in ("rfc1918.json", "rfc3849.json", "rfc5735.json", "rfc6598.json", "multicast.json"):
        for text in listed(name):
            add_address(text)
    for k in range(40):
        add_address(f"{k * 5 + 1}.0.0.0/{k % 12}")
        add_address(f"10.{k}.{k + 1}.{k + 2}")
    for address in ("1.1.1.1", "8.8.8.8", "9.9.9.9", "1.1.1.0/24", "8.8.0.0/16", "2606:4700:4700::1111"):
        add_address(address)
    for k in range(30):
        add_address(f"192.0.2.{k}")
    for name in some("tlds.json", 120) + some("second-level-tlds.json", 200):
        add_name(name, f"evil.{name.lower()}")
    for name in some("moz-top500.json", 100) + some("cisco_top1000.json", 100):
        add_name(name)
    for name in listed("automated-malware-analysis.json"):
        add_name("report." + name)
    for name in listed("rfc6761.json"):
        add_name(name)
    # Big content networks, by the name of the host and by its front page.
    for name in ("cloudfront.net", "akamai.net", "fastly.net", "github.io", "amazonaws.com", "gstatic.com"):
        add_name(name, f"www.{name}")
        add(quoted("url:value", f"https://{name}/"),
            event_type="http", http={"hostname": name, "url": "/", "protocol": "HTTP/1.1"})
    for k in range(40):
        add_name(f"host{k}.own.example")
    for name in ("big.example", "portal.big.example"):
        add_name(name)
    algorithms = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}
    digests = [d for name in ("empty-hashes.json", "eicar.com.json") for d in listed(name)]
    digests += [hashlib.new(a, c).hexdigest() for a in ("md5", "sha1", "sha256")
                for c in (b"", b"\n", b"\r\n", b" ", b"\0")]
    for digest in digests:
        if len(digest) in algorithms:
            algorithm = algorithms[len(digest)]
            add(quoted(f"file:hashes.'{algorithm}'", digest), event_type="fileinfo", fileinfo={
                "filename": "/x", algorithm.lower().replace("-", ""): digest, "size": 0})
    return out


class Corpus(Sensed):
    # G12: of a thousand values that would hit everybody, not one is matched, and every one is listed
    # with its reason; what is bad and nobody's is matched beside them.
    def test_of_a_thousand_poisoned_indicators_none_is_matched_silently(self):
        if not SAMPLES.exists() or not SUFFIX_LIST.exists():
            skip("no warning lists, or no list of public suffixes")
        self.n.configure("guard", lists=SAMPLES, own=OWN)
        bad = poison()
        self.assertGreaterEqual(len(bad), 1000)
        self.take(indicator(9999, quoted("domain-name:value", "known.example")),
                  *(indicator(k, pattern) for k, (pattern, _) in enumerate(bad)))
        self.n.serve()
        for _, event in bad:
            self.see(**event)
        self.see_name("known.example")
        wait_until(lambda: self.found().get(9999) == 1, what="the last event is matched")
        self.assertEqual(self.found(), {9999: 1})
        held, following = [], ()
        while following is not None:
            page = json.loads(self.n.cli("indicator", "list", self.n.dir, "--quarantined", "true",
                                         "--limit", "100", *following, "--json").stdout)
            held += page["items"]
            following = ("--next", page["next"]) if page.get("next") else None
        self.assertEqual({i["id"] for i in held}, {an_id(k) for k in range(len(bad))})
        for item in held:
            self.assertTrue(item["reason"], item)


class FromAPeer(unittest.TestCase):
    # G12: a trusted peer's 1.1.1.1 is taken, shown with the reason, and not matched.
    def test_what_a_trusted_peer_sends_is_judged_like_any_other(self):
        with two_nodes() as (a, b):
            b.add_user("admin", "admin", PASSWORD)
            give(a, indicator(1, "[ipv4-addr:value = '1.1.1.1']"),
                 indicator(2, "[domain-name:value = 'peer.example']"))

            def shown(number):
                answer = b.request("GET", f"/api/v1/indicators/{an_id(number)}",
                                   auth=("admin", PASSWORD))
                return answer.json() if answer.status == 200 else {}

            wait_until(lambda: shown(2).get("active"), what="both are there")
            self.assertIn("1.1.1.1 is a public name server", shown(1)["reason"])
            self.assertTrue(shown(1)["quarantined"])
            self.assertFalse(shown(1)["active"])
            self.assertNotIn("decided_by", shown(1))


if __name__ == "__main__":
    main()
