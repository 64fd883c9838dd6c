# SPDX-License-Identifier: Apache-2.0
"""Keys change: history stays as it was signed, whoever had the first key still checks all of it, and
peers go along by themselves."""

import base64
import datetime
import os
import shutil
import signal
import subprocess
import unittest

from node import TOCSIN, Node, main, seed, wait_until
from test_federation import CLEAR, befriend, three_nodes
from test_labels import indicator as named
from test_exchange import PASSWORD, give, has, indicator
from test_peers import PeerNode, linked, meet, confirm

PUBLIC = "ledger/public-key"


def key_of(n):
    with open(os.path.join(n.dir, PUBLIC), encoding="utf-8") as f:
        return f.read().strip()


def keys_of(n):
    """Options with both keys of now."""
    options = []
    for name in (PUBLIC, PUBLIC + "-mldsa"):
        with open(os.path.join(n.dir, name), encoding="utf-8") as f:
            options += ["--key", f.read().strip()]
    return options


def verify(n, directory, *options, good=True):
    done = n.cli("ledger", "verify", directory, *options, check=False)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == (0 if good else 1), (done.returncode, text)
    return text


class Rotation(unittest.TestCase):
    # G18, G10: old history verifies at a third place with the first public key and a copy alone.
    def test_the_first_key_leads_to_every_later_one(self):
        with Node("Changing") as n, Node("Other") as other:
            n.init()
            other.init()
            first = keys_of(n)
            used = [key_of(n)]
            for _ in range(3):
                n.cli("key", "rotate", n.dir)
                used.append(key_of(n))
            self.assertEqual(len(set(used)), 4)
            copy = os.path.join(n.base, "copy")
            shutil.copytree(os.path.join(n.dir, "ledger"), os.path.join(copy, "ledger"))
            for name in (PUBLIC, PUBLIC + "-mldsa"):
                os.remove(os.path.join(copy, name))
            text = verify(n, copy, *first)
            self.assertEqual(text.count("followed: "), 3, text)
            for key in used:
                self.assertIn("+".join(key.split("+")[:2]), text)
            self.assertIn("Ed25519 and ML-DSA-65", text)
            # A key in the middle follows what came after it only; the newest nothing.
            self.assertEqual(verify(n, copy, "--key", used[2]).count("followed: "), 1)
            self.assertNotIn("followed", verify(n, copy, "--key", used[3]))
            self.assertIn("another ledger", verify(n, copy, *keys_of(other), good=False))

    # G18: the old keys are worth nothing any more.
    def test_the_old_keys_do_not_sign_again(self):
        with Node("Changing") as n:
            n.init().serve()
            wait_until(lambda: "not signed" not in verify(n, n.dir))
            with open(os.path.join(n.dir, "keys/ledger"), "rb") as f:
                secret = f.read().strip()
            n.cli("key", "rotate", n.dir)
            for name in os.listdir(os.path.join(n.dir, "keys")):
                with open(os.path.join(n.dir, "keys", name), "rb") as f:
                    self.assertNotIn(secret, f.read(), name)
            # What was signed before the rotation is not taken for what is there now.
            self.assertEqual(n.stop(), 0)
            first = os.path.join(n.base, "before")
            shutil.copytree(n.dir, first)
            n.cli("key", "rotate", n.dir)
            shutil.copy(os.path.join(n.dir, "ledger/checkpoint"), os.path.join(n.base, "newest"))
            shutil.copy(os.path.join(first, "ledger/checkpoint"), os.path.join(n.dir, "ledger"))
            text = verify(n, n.dir)
            self.assertIn("back from", text)
            self.assertIn("not signed yet", text)

    # G18: an old backup of the keys signs nothing.
    def test_keys_of_an_old_backup_sign_nothing(self):
        with Node("Restored") as n:
            n.init()
            first = keys_of(n)
            shutil.copytree(os.path.join(n.dir, "keys"), os.path.join(n.base, "backup"))
            n.cli("key", "rotate", n.dir)
            newest = os.path.join(n.base, "newest")
            os.rename(os.path.join(n.dir, "keys"), newest)
            shutil.copytree(os.path.join(n.base, "backup"), os.path.join(n.dir, "keys"))
            n.serve()
            n.add_user("admin", "admin", "a long password")
            wait_until(lambda: "ledger-unsigned" in n.alarms(), 10, "the alarm")
            self.assertIn("newest backup", alarm(n, "ledger-unsigned"))
            self.assertIn("not signed yet", verify(n, n.dir, *first))
            n.kill()
            shutil.rmtree(os.path.join(n.dir, "keys"))
            os.rename(newest, os.path.join(n.dir, "keys"))
            n.serve()
            wait_until(lambda: "not signed" not in verify(n, n.dir, *first), 10)
            self.assertEqual(n.alarms(), [])

    # G18: killed in the middle, a node has its old keys or its new ones, and signs on.
    def test_a_rotation_that_is_killed_leaves_old_or_new_keys(self):
        rng = seed()
        with Node("Dying") as n:
            n.init()
            first = keys_of(n)
            rotated = 0
            for i in range(12):
                n.serve()
                caller = subprocess.Popen(
                    [TOCSIN, "key", "rotate", n.dir],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                try:
                    caller.wait(rng.random() * 0.06)
                except subprocess.TimeoutExpired:
                    pass
                if i % 3 == 0:
                    n.kill_role("signer")
                elif i % 3 == 1:
                    n.kill_role("core")
                n.kill()
                caller.communicate()
                rotated += caller.returncode == 0
                verify(n, n.dir, *first)
                verify(n, n.dir)
                n.serve()
                wait_until(lambda: "not signed" not in verify(n, n.dir, *first), 10)
                self.assertEqual(n.alarms(), [])
                self.assertEqual(n.stop(), 0)
                text = verify(n, n.dir, *first)
                self.assertGreaterEqual(text.count("followed: "), rotated)
                self.assertNotIn("followed", verify(n, n.dir))


def pair(a, b):
    """Two nodes that are peers and connected."""
    for n in (a, b):
        n.init()
        n.add_user("admin", "admin", PASSWORD)
        n.start()
    confirm(a, b, meet(a, b))
    wait_until(linked(a, b), 10, "the link")


def rotate(n):
    return n.json("key", "rotate", n.dir)


def events(n, name):
    return [e for e in n.log_events() if e["event"] == name]


def passes(a, b, number):
    """What one gives, the other has; a range is there when its head and seals were believed."""
    item = indicator(number)
    give(a, item)
    wait_until(lambda: has(b, item["id"]), 10, f"object {number}")


def impostor(of):
    """A copy of a node, with all it has but its ledger keys; it rotated them, as it says."""
    copy = PeerNode(of.name)
    shutil.rmtree(copy.base)
    shutil.copytree(of.base, copy.base)
    copy.link = of.link
    for name in ("keys/ledger", "keys/ledger-mldsa"):
        with open(os.path.join(copy.dir, name), "wb") as f:
            f.write(base64.b64encode(os.urandom(32)) + b"\n")
    copy.cli("key", "rotate", copy.dir)
    return copy


class LinkCertificate(unittest.TestCase):
    # G18: a new link certificate is announced before it is shown; no link breaks, both ends go on.
    def test_a_new_certificate_is_announced_and_then_used(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            passes(a, b, 1)
            before = b.show("a")["cert"]
            self.assertIn("no certificate is waiting",
                          a.refusal("key", "rotate", a.dir, "--link", "--use"))
            # Who is away has not taken it, and is named.
            self.assertEqual(b.stop(), 0)
            a.cli("key", "rotate", a.dir, "--link")
            self.assertIn("the peer b has not taken",
                          a.refusal("key", "rotate", a.dir, "--link", "--use"))
            b.start()
            wait_until(lambda: a.cli("key", "rotate", a.dir, "--link", "--use",
                                     check=False).returncode == 0, 10, "b has taken it")
            ups = len(events(b, "link.up"))
            a.process.send_signal(signal.SIGHUP)
            wait_until(lambda: events(a, "link.certificate-read"), 10, "it is read")
            passes(a, b, 2)
            self.assertEqual(len(events(b, "link.up")), ups, "the link stayed")
            # Whoever dials, after a restart of either side, the new one is shown and believed.
            for n in (a, b, a):
                self.assertEqual(n.stop(), 0)
                n.start()
                wait_until(linked(a, b), 10, "the link")
            passes(b, a, 3)
            # The same for the one that is dialled.
            b.cli("key", "rotate", b.dir, "--link")
            wait_until(lambda: b.cli("key", "rotate", b.dir, "--link", "--use",
                                     check=False).returncode == 0, 10, "a has taken it")
            self.assertEqual(b.stop(), 0)
            b.start()
            wait_until(linked(a, b), 10, "the link")
            self.assertTrue(a.test("b")["good"])
            passes(a, b, 6)
            self.assertEqual(a.alarms() + b.alarms(), [])
            # The next one makes the first worthless.
            rotate(a)
            a.cli("key", "rotate", a.dir, "--link")
            wait_until(lambda: b.show("a")["cert"] != before, 10, "the second is pinned")
            wait_until(lambda: a.cli("key", "rotate", a.dir, "--link", "--use",
                                     check=False).returncode == 0, 10, "taken again")
            self.assertEqual(a.stop(), 0)
            a.start()
            wait_until(linked(a, b), 10, "the link")
            passes(a, b, 4)
            # An invitation names the certificate that is shown.
            with PeerNode("gamma") as c:
                c.init()
                c.add_user("admin", "admin", PASSWORD)
                c.start()
                befriend(a, c, "gamma", "alpha")
                passes(a, c, 5)


class Forged(unittest.TestCase):
    # G18, T2: a rotation that the pinned keys did not sign is refused and told; a person decides.
    def test_a_rotation_by_other_keys_is_refused(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            passes(a, b, 1)
            known = b.show("a")["key"]
            self.assertEqual(a.stop(), 0)
            with impostor(a) as thief:
                thief.start()
                wait_until(lambda: "peer-keys" in b.alarms(), 10, "the alarm")
                text = next(x["message"] for x in b.status_file()["alarms"]
                            if x["code"] == "peer-keys")
                self.assertIn("the keys pinned here did not sign", text)
                give(thief, indicator(666))
                wait_until(lambda: len(events(b, "link.keys")) > 1, 10, "it tries again")
                self.assertFalse(has(b, indicator(666)["id"]))
                shown = b.show("a")
                self.assertEqual((shown["key"], shown["rotations"]), (known, []))
                wait_until(lambda: "not those pinned" in b.show("a").get("error", ""), 10)
                # One command ends it.
                b.cli("peer", "cut", b.dir, "a")
                wait_until(lambda: b.alarms() == [], 10, "nothing to tell any more")
                tries = len(events(b, "link.keys"))
                wait_until(lambda: "has cut the link" in thief.show("b").get("error", ""), 10)
                self.assertEqual(len(events(b, "link.keys")), tries)


class Relayed(unittest.TestCase):
    # G18, G6: who knows an originator by a relay alone learns its new keys with its seals.
    def test_a_rotation_travels_with_the_seals(self):
        with three_nodes() as (a, b, c):
            # From now on the desk hears of the CSIRT by the milCERT only.
            c.cli("peer", "cut", c.dir, "csirt")
            one = named("relayed-before", CLEAR)
            give(a, one)
            wait_until(lambda: has(c, one["id"]), 10, "relayed")
            for i in range(2):
                a.cli("key", "rotate", a.dir)
                after = named(f"relayed-after-{i}", CLEAR)
                give(a, after)
                wait_until(lambda o=after: has(c, o["id"]), 10, "relayed under new keys")
            wait_until(lambda: len(c.show("csirt")["rotations"]) == 2, 10, "it is shown")
            self.assertEqual(c.show("csirt")["key"], key_of(a))
            self.assertEqual(c.show("csirt")["state"], "cut")
            self.assertEqual(events(c, "exchange.refused"), [])
            self.assertEqual(a.alarms() + b.alarms() + c.alarms(), [])


class Linked(unittest.TestCase):
    # G18, T2: nobody at the peer does anything, no link breaks, nothing is missing.
    def test_a_peer_goes_along_while_objects_flow(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            passes(a, b, 1)
            passes(b, a, 2)
            ups = len(events(b, "link.up"))
            first = key_of(a)
            for turn in range(2):
                base = 100 * (turn + 1)
                give(a, *[indicator(base + i) for i in range(20)])
                told = rotate(a)
                give(a, *[indicator(base + 20 + i) for i in range(20)])
                give(b, *[indicator(base + 40 + i) for i in range(20)])
                for i in range(40):
                    wait_until(lambda i=i: has(b, indicator(base + i)["id"]), 10, "given")
                for i in range(40, 60):
                    wait_until(lambda i=i: has(a, indicator(base + i)["id"]), 10, "taken")
                shown = b.show("a")
                self.assertEqual(shown["key"], told["key"])
                self.assertEqual(shown["key"], key_of(a))
                self.assertEqual(shown["state"], "active")
                self.assertEqual(len(shown["rotations"]), turn + 1)
                self.assertEqual(shown["rotations"][-1]["before"], told["before"])
                self.assertEqual(shown["rotations"][-1]["after"], told["after"])
            rotate(b)
            passes(b, a, 3)
            passes(a, b, 4)
            self.assertEqual(len(events(b, "link.up")), ups, "the link stayed")
            self.assertEqual(len(events(b, "peer.rotated")), 2)
            self.assertEqual(events(a, "exchange.refused") + events(b, "exchange.refused"), [])
            text = b.cli("peer", "show", b.dir, "a").stdout.decode()
            self.assertIn("KEYS ROTATED", text)
            self.assertIn(told["after"], text)
            self.assertEqual(a.alarms() + b.alarms(), [])
            # What was sealed before stays proven by the first key.
            self.assertIn("good", verify(b, a.dir, "--key", first))

    # G18: who was away finds the keys changed, twice, and goes along all the same.
    def test_a_peer_that_was_away_goes_along_when_it_is_back(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            passes(a, b, 1)
            self.assertEqual(b.stop(), 0)
            give(a, indicator(2))
            rotate(a)
            give(a, indicator(3))
            rotate(a)
            give(a, indicator(4))
            b.start()
            for i in (2, 3, 4):
                wait_until(lambda i=i: has(b, indicator(i)["id"]), 10, f"object {i}")
            self.assertEqual(len(b.show("a")["rotations"]), 2)
            passes(b, a, 5)
            # Rotated without running.
            self.assertEqual(a.stop(), 0)
            rotate(a)
            a.start()
            passes(a, b, 6)
            self.assertEqual(b.show("a")["key"], key_of(a))

    # G18: kept keys count after the peer cuts and everything is derived anew.
    def test_a_killed_peer_knows_the_keys_it_took(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            rotate(a)
            passes(a, b, 1)
            b.kill()
            b.cli("rebuild", b.dir)
            b.start()
            passes(a, b, 2)
            self.assertEqual(b.show("a")["key"], key_of(a))


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def newer(item, text):
    return dict(item, modified="2026-06-01T00:00:00.000Z", name=text)


def name_of(n, item):
    answer = n.request("GET", f"/api/v1/objects/{item['id']}", auth=("admin", PASSWORD))
    return answer.json()["object"]["name"] if answer.status == 200 else None


class Compromise(unittest.TestCase):
    # G18, T2: what came under the stolen keys since then is hidden at the peer and behind the relay;
    # what came before stays, and so does the version before.
    def test_what_the_old_keys_sealed_since_then_is_hidden_everywhere(self):
        with three_nodes() as (a, b, c):
            c.cli("peer", "cut", c.dir, "csirt")
            early = named("early", CLEAR)
            both = named("both", CLEAR)
            give(a, early, both)
            for n in (b, c):
                for o in (early, both):
                    wait_until(lambda n=n, o=o: has(n, o["id"]), 10, "before")
            since = now()
            forged = named("forged", CLEAR)
            give(a, forged, newer(both, "both, forged"))
            for n in (b, c):
                wait_until(lambda n=n: has(n, forged["id"]), 10, "forged")
                wait_until(lambda n=n: name_of(n, both) == "both, forged", 10, "forged too")
            own = named("own", CLEAR)
            give(b, own)
            wait_until(lambda: has(c, own["id"]), 10, "the relay's own")
            # Keys that count cannot say it of themselves.
            done = a.cli("key", "compromised", a.dir, "--since", since, check=False)
            self.assertIn("key rotate", done.stderr.decode())
            a.cli("key", "rotate", a.dir)
            late = named("late", CLEAR)
            give(a, late)
            for n in (b, c):
                wait_until(lambda n=n: has(n, late["id"]), 10, "late")
            # Nothing else that could carry the statement is given from here on.
            a.cli("key", "compromised", a.dir, "--since", since)
            for n in (b, c):
                wait_until(lambda n=n: not has(n, forged["id"]), 10, "hidden")
                wait_until(lambda n=n: name_of(n, both) == "both", 10, "the version before")
                for o in (early, late):
                    wait_until(lambda n=n, o=o: has(n, o["id"]), 10, o["name"])
                shown = wait_until(lambda n=n: n.show("csirt")["compromises"], 10, "shown")
                self.assertEqual(len(shown), 1)
                self.assertEqual(shown[0]["hidden"], 2)
                self.assertEqual(sorted(shown[0]["ids"]), sorted([forged["id"], both["id"]]))
            self.assertTrue(has(c, own["id"]))
            self.assertTrue(has(a, forged["id"]), "its own is for the node itself to look through")
            # Life goes on under the new keys.
            after = named("after", CLEAR)
            give(a, after, newer(early, "early, newer"))
            for n in (b, c):
                wait_until(lambda n=n: has(n, after["id"]), 10, "after")
                wait_until(lambda n=n: name_of(n, early) == "early, newer", 10, "newer")
            # All of it is in the ledgers, and derived anew from them.
            for n in (b, c):
                self.assertEqual(n.stop(), 0)
                n.cli("rebuild", n.dir)
                self.assertIn("good", verify(n, n.dir))
                shutil.rmtree(os.path.join(n.dir, "ledger/index"))
                n.start()
                self.assertFalse(has(n, forged["id"]))
                self.assertEqual(name_of(n, both), "both")
            self.assertEqual(a.alarms() + b.alarms() + c.alarms(), [])

    # G18, T2: a receiver decides alone when the peer cannot.
    def test_a_receiver_decides_for_itself(self):
        with PeerNode("alpha") as a, PeerNode("beta") as b:
            pair(a, b)
            passes(a, b, 1)
            since = now()
            passes(a, b, 2)
            told = b.json("peer", "compromised", b.dir, "a", "--since", since)
            self.assertEqual((told["hidden"], told["ids"]), (1, [indicator(2)["id"]]))
            self.assertTrue(has(b, indicator(1)["id"]))
            self.assertFalse(has(b, indicator(2)["id"]))
            # Nothing by these keys is taken any more, and no rotation that they sign.
            give(a, indicator(3))
            wait_until(lambda: events(b, "exchange.refused"), 10, "refused")
            rotate(a)
            wait_until(lambda: "peer-keys" in b.alarms(), 10, "the alarm")
            self.assertFalse(has(b, indicator(3)["id"]))
            self.assertEqual(b.show("a")["rotations"], [])
            # Another meeting makes it a peer again.
            b.cli("peer", "cut", b.dir, "a")
            a.cli("peer", "cut", a.dir, "b")
            confirm(a, b, meet(a, b))
            passes(a, b, 4)
            self.assertFalse(has(b, indicator(2)["id"]))


def certify(n, days):
    """Gives a node another certificate for web and link."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", str(days), "-subj", "/CN=node",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", os.path.join(n.dir, "keys/tls.pem"),
         "-out", os.path.join(n.dir, "tls/cert.pem")],
        check=True, capture_output=True)


def certify_mail(n, days):
    """Gives a node another key and certificate for signing mail."""
    key, cert = (os.path.join(n.base, name) for name in ("mail.key", "mail.cert"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", str(days), "-subj", "/CN=node", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    with open(os.path.join(n.dir, "keys/mail.pem"), "w", encoding="utf-8") as out:
        for path in (key, cert):
            with open(path, encoding="utf-8") as f:
                out.write(f.read())


def alarm(n, code):
    return next((x["message"] for x in n.status_file()["alarms"] if x["code"] == code), "")


class MetLater(unittest.TestCase):
    # G18, G2, US-03: who meets a node after its keys changed, twice, gets what it stated under each of
    # them; and so does who knows it only through that peer.
    def test_what_earlier_keys_sealed_reaches_who_comes_later(self):
        with PeerNode("csirt") as a, PeerNode("milcert") as b, PeerNode("desk") as c, PeerNode("old") as d:
            for n in (a, b, c, d):
                n.init()
                n.add_user("admin", "admin", PASSWORD)
                n.start()
            befriend(a, d, "old", "csirt")
            made = []
            for era in ("first", "second", "third"):
                if made:
                    a.cli("key", "rotate", a.dir)
                made.append(named(era, CLEAR))
                give(a, made[-1])
                # Sealed before the next rotation.
                wait_until(lambda m=made[-1]: has(d, m["id"]), 10, "at who was there before")
            befriend(a, b, "milcert", "csirt")
            befriend(b, c, "desk", "milcert")
            for n in (b, c):
                for thing in made:
                    wait_until(lambda n=n, t=thing: has(n, t["id"]), 10, thing["name"])
            self.assertEqual(b.show("csirt")["refused"], 0)
            self.assertEqual(alarm(b, "peer-keys"), "")
            # Over another rotation, as for who was there before.
            a.cli("key", "rotate", a.dir)
            last = named("fourth", CLEAR)
            give(a, last)
            for n in (b, c):
                wait_until(lambda n=n: has(n, last["id"]), 10, "after one more")
            for n in (b, c):
                n.cli("ledger", "verify", n.dir)


class Certificates(unittest.TestCase):
    # G18: ends of certificates are told 30, 7 and 1 days before, here and at the peer.
    def test_ends_are_told_on_both_sides(self):
        for days, words in ((29, "in less than 30 days"), (6, "in less than 7 days"),
                            (1, "in less than 1 day")):
            with PeerNode("alpha") as a, PeerNode("beta") as b:
                for n in (a, b):
                    n.init()
                    n.add_user("admin", "admin", PASSWORD)
                certify(a, days)
                certify_mail(a, days)
                a.start()
                b.start()
                confirm(a, b, meet(a, b))
                wait_until(linked(a, b), 10, "the link")
                wait_until(lambda: alarm(b, "certificate-expires"), 10, "at the peer")
                told = alarm(b, "certificate-expires")
                self.assertIn("The certificate of the peer a ends on", told)
                self.assertIn(words, told)
                wait_until(lambda: alarm(a, "certificate-expires"), 10, "its own")
                self.assertIn(words, alarm(a, "certificate-expires"))
                self.assertIn(words, alarm(a, "web-certificate-expires"))
                wait_until(lambda: words in alarm(a, "mail-certificate-expires"), 10, "of mail")
                self.assertEqual(alarm(b, "mail-certificate-expires"), "")
                self.assertIn(words, a.cli("status", a.dir, check=False).stdout.decode())
                ends = a.show("b")["own_cert_expires"]
                wait_until(lambda: b.show("a").get("cert_expires") == ends, 10, "the same end")
                metrics = b.request("GET", "/metrics", auth=("admin", PASSWORD)).body.decode()
                self.assertRegex(
                    metrics, r'tocsin_link_peer_certificate_end_seconds\{peer="a"\} [1-9]')
                self.assertRegex(metrics, r"\ntocsin_link_certificate_end_seconds [1-9]")
                # A new one ends the alarm about the web address.
                certify(a, 365)
                a.process.send_signal(signal.SIGHUP)
                wait_until(lambda: not alarm(a, "web-certificate-expires"), 10, "renewed")


if __name__ == "__main__":
    main()
