# SPDX-License-Identifier: Apache-2.0
"""A member that has no node takes part by files and by signed mail: it gets exactly what its account
reads by TAXII, in numbered parts that anybody's tools check, and what it sends counts as its own."""

import base64
import email
import email.policy
import hashlib
import json
import os
import re
import shutil
import subprocess
import unittest

from node import Node, main, skip
from test_exchange import CLEAR, GREEN, PASSWORD, RED, give, indicator
from test_labels import marking
from test_taxii_clients import python_with

TAXII = {"Accept": "application/taxii+json;version=2.1"}
ZERO = "0" * 64


def openssl(*args, input=None, check=True):
    done = subprocess.run(["openssl", *args], input=input, capture_output=True, timeout=60)
    if check and done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(args)}: {done.stderr.decode()}")
    return done


class Member:
    """What an organisation without a node has: a key, a certificate, openssl."""

    def __init__(self, folder, name, kind="rsa:2048"):
        self.folder, self.name = folder, name
        self.key = os.path.join(folder, f"{name}.key")
        self.cert = os.path.join(folder, f"{name}.pem")
        options = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
        openssl("req", "-x509", "-newkey", kind, *options, "-nodes", "-days", "30", "-subj",
                f"/CN={name}", "-keyout", self.key, "-out", self.cert)

    def path(self, name, content=None):
        path = os.path.join(self.folder, f"{self.name}-{name}")
        if content is not None:
            with open(path, "wb") as f:
                f.write(content)
        return path

    def sign(self, name, objects, *options):
        """A bundle with its signature beside it."""
        path = self.path(name, bundle(objects))
        openssl("cms", "-sign", "-binary", "-in", path, "-signer", self.cert, "-inkey", self.key,
                "-outform", "DER", "-out", path + ".p7s", *options)
        return path

    def mail(self, name, objects, *options, part=None):
        """A signed mail with a bundle attached, made by Python's own library and openssl."""
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message.set_content("Please find our objects attached.\n")
        for number, content in enumerate(part or [bundle(objects)]):
            message.add_attachment(content, maintype="application", subtype="stix+json",
                                   filename=f"objects-{number}.json")
        del message["MIME-Version"]
        entity = self.path(name + ".entity", message.as_bytes())
        path = self.path(name + ".eml")
        openssl("cms", "-sign", "-in", entity, "-signer", self.cert, "-inkey", self.key, "-out",
                path, "-from", f"soc@{self.name}.example", "-to", "cert@node.example",
                "-subject", "objects", *options)
        return path


def bundle(objects):
    return json.dumps({"type": "bundle", "id": "bundle--5ee60e4b-24f9-4d8d-9ab8-0000000000fe",
                       "objects": objects}).encode()


class FileNode(Node):
    def json(self, *args, check=True):
        return json.loads(self.cli(*args, "--json", check=check).stdout)

    def guest(self, name, *options, role="contributor"):
        self.cli("user", "add", self.dir, name, "--role", role, "--password-stdin",
                 "--organisation", name, *options, input=PASSWORD.encode() + b"\n")

    def pin(self, member, *options):
        self.cli("member", "certificate", self.dir, member.name, member.cert, *options)

    def write(self, name, *options):
        """The next part as (what was said, the bundle)."""
        path = os.path.join(self.base, f"part-{len(os.listdir(self.base))}.json")
        said = self.json("member", "write", self.dir, name, "--out", path, *options)
        with open(path, "rb") as f:
            return said, json.loads(f.read())["objects"]

    def nothing_new(self, name):
        path = os.path.join(self.base, "nothing.json")
        done = self.cli("member", "write", self.dir, name, "--out", path, check=False)
        assert done.returncode == 1 and not os.path.exists(path), done
        return "nothing new" in done.stderr.decode()

    def read(self, name, path, *options, code=0):
        done = self.cli("member", "read", self.dir, name, path, "--json", *options, check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout else done.stderr.decode()

    def refuses(self, name, path):
        """Nothing is taken: the ledger stays as it was."""
        size = self.json("status", self.dir)["ledger"]["size"]
        said = self.read(name, path, code=2)
        assert self.json("status", self.dir)["ledger"]["size"] == size, said
        return said

    def member(self, name):
        rows = self.json("member", "status", self.dir)["items"]
        return next(r for r in rows if r["name"] == name)

    def has(self, object_id):
        return self.cli("show", self.dir, object_id, check=False).returncode == 0

    def by_taxii(self, user):
        """Every object of every collection that the account reads, as bytes of JSON."""
        found = {}
        auth = (user, PASSWORD)
        answer = self.request("GET", "/intel/collections/", headers=TAXII, auth=auth).json()
        for collection in answer["collections"]:
            if not collection["can_read"]:
                continue
            url = next_url = f"/intel/collections/{collection['id']}/objects/?limit=3"
            while next_url:
                answer = self.request("GET", next_url, headers=TAXII, auth=auth)
                assert answer.status == 200, answer.body
                page = answer.json()
                found.update({o["id"]: o for o in page.get("objects", [])})
                next_url = f"{url}&next={page['next']}" if page.get("more") else None
        return found

    def mail_cert(self):
        return os.path.join(self.dir, "tls/mail.pem")


def ids(objects):
    return sorted(o["id"] for o in objects)


class Given(unittest.TestCase):
    # G1, G5, P1: by file a member has what it has by TAXII: the same objects, byte for byte as JSON,
    # and of the rest nothing.
    def test_by_file_a_member_has_exactly_what_it_reads_by_taxii(self):
        isac = marking("members-isac", tlp="TLP:AMBER", communities=["isac"])
        other = marking("members-other", tlp="TLP:AMBER", communities=["defence"])
        shown = [indicator(1), indicator(2, GREEN), indicator(3, isac["id"])]
        hidden = [indicator(4, RED, "canary-red"), indicator(5, other["id"], "canary-defence")]
        with FileNode().init() as n:
            n.cli("community", "add", n.dir, "isac")
            n.cli("community", "add", n.dir, "defence")
            n.guest("acme", "--communities", "isac", "--clearance", "TLP:AMBER")
            give(n, isac, other, *shown, *hidden)
            n.serve()
            said, objects = n.write("acme")
            self.assertEqual(said["serial"], 1)
            self.assertEqual({o["id"]: o for o in objects}, n.by_taxii("acme"))
            self.assertTrue(set(ids(shown)) <= set(ids(objects)))
            self.assertNotIn("canary", json.dumps(objects))
            self.assertTrue(n.nothing_new("acme"))
            # What it may have from now on, because it is in a community more, is given later ...
            n.cli("user", "add", n.dir, "acme", "--role", "contributor", "--password-stdin",
                  "--organisation", "acme", "--communities", "isac,defence", "--clearance",
                  "TLP:AMBER", input=PASSWORD.encode() + b"\n")
            said, more = n.write("acme")
            self.assertIn(hidden[1]["id"], ids(more))
            self.assertNotIn(hidden[0]["id"], ids(more))
            self.assertEqual({o["id"]: o for o in objects + more}, n.by_taxii("acme"))
            # ... and a newer version takes the place of the one that was given.
            newer = dict(indicator(1, name="Newer"), modified="2026-02-01T00:00:00.000Z")
            give(n, newer)
            self.assertEqual(n.write("acme")[1], [newer])

    # G1: objects keep their bytes.
    def test_objects_go_out_as_they_came_in(self):
        odd = (b'{"type":"bundle","id":"bundle--5ee60e4b-24f9-4d8d-9ab8-0000000000ff","objects":['
               b'{  "id":"indicator--5ee60e4b-24f9-4d8d-9ab8-000000000001", "type":"indicator",'
               b'"spec_version":"2.1","created":"2026-01-01T00:00:00.000Z",\n'
               b'"modified":"2026-01-01T00:00:00.000Z","name":"\\u00e9\xc3\xa9",'
               b'"pattern":"[domain-name:value = \'a.example\']","pattern_type":"stix",'
               b'"valid_from":"2026-01-01T00:00:00Z","x_n":1.50,'
               b'"object_marking_refs":["' + CLEAR.encode() + b'"]}]}')
        with FileNode().init() as n:
            n.guest("acme")
            path = os.path.join(n.base, "odd.json")
            with open(path, "wb") as f:
                f.write(odd)
            n.cli("import", n.dir, path)
            out = os.path.join(n.base, "out.json")
            n.cli("member", "write", n.dir, "acme", "--out", out)
            with open(out, "rb") as f:
                self.assertIn(odd[odd.index(b"{  "):-2], f.read())

    # D-14, G8: parts are numbered and chained, and tools that everybody has check them.
    def test_parts_are_signed_numbered_and_chained(self):
        with FileNode().init() as n:
            n.guest("acme")
            previous = ZERO
            for number in range(1, 4):
                give(n, indicator(number))
                path = os.path.join(n.base, f"{number}.json")
                n.cli("member", "write", n.dir, "acme", "--out", path)
                openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", path + ".p7s",
                        "-content", path, "-CAfile", n.mail_cert(), "-out", os.devnull)
                with open(path, "rb") as f:
                    digest = hashlib.sha256(f.read()).hexdigest()
                with open(path + ".sig", encoding="utf-8") as f:
                    note = f.read()
                self.assertIn(f"\nto acme\nserial {number}\n", note)
                self.assertIn(f"\nprevious {previous}\nsha256 {digest}\n", note)
                self.check_note(n, note)
                previous = digest
            # A changed bundle is found by either.
            with open(path, "ab") as f:
                f.write(b" ")
            done = openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", path + ".p7s",
                           "-content", path, "-CAfile", n.mail_cert(), check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(n.member("acme")["part"], 3)
            self.assertEqual(n.member("acme")["sha256"], digest)

    def check_note(self, n, note):
        """The Ed25519 signature, by openssl alone, with the key that the node publishes."""
        text, _, lines = note.partition("\n\n")
        with open(os.path.join(n.dir, "ledger/public-key"), encoding="utf-8") as f:
            key = base64.b64decode(f.read().strip().split("+", 2)[2])
        signature = base64.b64decode(lines.splitlines()[0].split(" ")[-1])
        files = {"key": b"0*0\x05\x06\x03+ep\x03!\x00" + key[1:], "sig": signature[4:],
                 "text": text.encode() + b"\n"}
        paths = {}
        for name, content in files.items():
            paths[name] = os.path.join(n.base, "note." + name)
            with open(paths[name], "wb") as f:
                f.write(content)
        openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                paths["key"], "-in", paths["text"], "-sigfile", paths["sig"])
        self.assertEqual(len(lines.splitlines()), 2)

    # D-27, G8: what got lost is given again, under a new number; what was added since a time, too.
    def test_what_was_lost_is_given_again(self):
        with FileNode().init() as n:
            n.guest("acme")
            n.write("acme")
            parts = []
            for number in (1, 2, 3):
                give(n, indicator(number))
                parts.append(n.write("acme"))
            said, objects = n.write("acme", "--again", "3")
            self.assertEqual(said["serial"], 5)
            self.assertEqual(ids(objects), ids([indicator(2), indicator(3)]))
            self.assertTrue(n.nothing_new("acme"))
            said, objects = n.write("acme", "--since", parts[1][0]["made"])
            self.assertEqual((said["serial"], ids(objects)), (6, ids([indicator(3)])))

    # D-27, G11: a member is told, once, under the node's signature, what it must not use any more.
    def test_what_is_withdrawn_or_not_shared_any_more_is_named_once(self):
        club = marking("members-club", tlp="TLP:AMBER", communities=["club"])
        with FileNode().init() as n:
            n.cli("community", "add", n.dir, "club")
            n.guest("acme", "--communities", "club", "--clearance", "TLP:AMBER")
            give(n, club, indicator(1), indicator(2, club["id"]), indicator(3))
            n.write("acme")
            give(n, dict(indicator(1), modified="2026-02-01T00:00:00.000Z"))
            n.write("acme")
            n.cli("withdraw", n.dir, indicator(1)["id"], "--reason", "an error")
            said, objects, note = self.part(n)
            self.assertEqual((said["objects"], said["back"], objects), (0, 1, []))
            self.assertEqual(re.findall(r"^back (.*)$", note, re.M), [indicator(1)["id"]])
            self.check_note(n, note)
            self.assertTrue(n.nothing_new("acme"))
            # What comes again is given again.
            n.cli("community", "remove", n.dir, "club")
            note = self.part(n)[2]
            self.assertEqual(re.findall(r"^back (.*)$", note, re.M), [indicator(2, club["id"])["id"]])
            n.cli("community", "add", n.dir, "club")
            said, objects, note = self.part(n)
            self.assertEqual((ids(objects), said["back"]), (ids([indicator(2)]), 0))
            self.assertTrue(n.nothing_new("acme"))
            # Who lost the part that said so is told again.
            self.assertIn(indicator(1)["id"], self.part(n, "--again", "3")[2])

    def part(self, n, *options):
        path = os.path.join(n.base, f"note-{len(os.listdir(n.base))}.json")
        said = n.json("member", "write", n.dir, "acme", "--out", path, *options)
        with open(path + ".sig", encoding="utf-8") as f, open(path, "rb") as g:
            return said, json.loads(g.read()).get("objects", []), f.read()

    # Views that are away or behind are waited for: nothing is missing from a part because of them.
    def test_a_part_waits_for_views_that_are_not_there(self):
        with FileNode().init() as n:
            n.guest("acme")
            give(n, *[indicator(k) for k in range(1, 50)])
            shutil.rmtree(os.path.join(n.dir, "views"))
            os.mkdir(os.path.join(n.dir, "views"), 0o700)
            said, objects = n.write("acme")
            self.assertEqual((said["objects"], len(objects), said["more"]), (50, 50, False))

    # What cannot be written is not counted as given.
    def test_a_file_that_is_there_is_not_replaced_and_nothing_counts_as_given(self):
        with FileNode().init() as n:
            n.guest("acme")
            give(n, indicator(1))
            for name in ("there.json", "other.json.p7s"):
                path = os.path.join(n.base, name)
                with open(path, "w", encoding="utf-8") as f:
                    f.write("mine")
                done = n.cli("member", "write", n.dir, "acme", "--out",
                             path.removesuffix(".p7s"), check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("exists already", done.stderr.decode())
                with open(path, encoding="utf-8") as f:
                    self.assertEqual(f.read(), "mine")
            self.assertEqual(n.member("acme")["part"], 0)
            self.assertIn(indicator(1)["id"], ids(n.write("acme")[1]))

    # Who is no member, and who was one under the same name.
    def test_only_accounts_of_others_are_members_and_a_new_one_begins_anew(self):
        with FileNode().init() as n:
            n.add_user("alice", "analyst", PASSWORD)
            for name in ("alice", "nobody"):
                done = n.cli("member", "write", n.dir, name, "--out",
                             os.path.join(n.base, "x"), check=False)
                self.assertEqual(done.returncode, 2, done.stdout)
            acme = Member(n.base, "acme")
            n.guest("acme")
            n.pin(acme)
            give(n, indicator(1))
            first = n.write("acme")[1]
            n.cli("user", "remove", n.dir, "acme")
            n.guest("acme")
            row = n.member("acme")
            self.assertNotIn("certificate", row)
            self.assertEqual(row["part"], 0)
            self.assertIn("no certificate is pinned", n.refuses("acme", acme.sign("a", [indicator(2)])))
            said, objects = n.write("acme")
            self.assertEqual((said["serial"], said["previous"]), (1, ZERO))
            self.assertEqual(ids(objects), ids(first))

    # G10: who was given what of the highest levels is in the ledger by name.
    def test_what_is_given_of_the_highest_levels_is_recorded_by_name(self):
        with FileNode().init() as n:
            named = marking("members-named", tlp="TLP:RED", releasable_to=["acme"])
            n.guest("acme", "--clearance", "TLP:RED")
            give(n, named, indicator(1), indicator(2, named["id"]))
            n.write("acme")
            rows = n.cli("audit", "list", n.dir, "--who", "acme", "--json").stdout.splitlines()
            out = [json.loads(r) for r in rows if json.loads(r)["path"].startswith("member-out/")]
            self.assertEqual(len(out), 1)
            self.assertEqual(json.loads(out[0]["content"])["recorded"], [indicator(2)["id"]])

    # The views are made anew from the ledger, and the ledger verifies.
    def test_what_was_given_and_taken_is_in_the_ledger(self):
        with FileNode().init() as n:
            acme = Member(n.base, "acme")
            n.guest("acme")
            n.pin(acme, "--mail", "soc@acme.example")
            give(n, indicator(1))
            n.write("acme")
            n.read("acme", acme.sign("a", [indicator(2)]))
            before = n.member("acme")
            n.cli("ledger", "verify", n.dir)
            n.cli("rebuild", n.dir)
            self.assertEqual(n.member("acme"), before)
            self.assertEqual((before["part"], before["messages"]), (1, 1))
            self.assertEqual(before["mail"], "soc@acme.example")


class Mailed(unittest.TestCase):
    """Through a real mail program to a real mail server."""

    def setUp(self):
        self.n = FileNode().init()
        self.n.set("mail", "cert@node.example")
        self.n.guest("acme")
        self.acme = Member(self.n.base, "acme")
        give(self.n, indicator(1), indicator(2, RED, "canary-red"))

    def tearDown(self):
        self.n.__exit__(None, None, None)

    def send(self, *options):
        """What arrives, as (path, envelope)."""
        if not shutil.which("msmtp"):
            skip("msmtp is not installed")
        folder = os.path.join(self.n.base, "inbox")
        os.makedirs(folder, exist_ok=True)
        sink = subprocess.Popen(
            [python_with(["aiosmtpd"], "smtp"), "-B",
             os.path.join(os.path.dirname(__file__), "smtp_sink.py"), folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            port = sink.stdout.readline().strip().decode()
            mail = self.n.cli("member", "write", self.n.dir, "acme", "--mail", "--out", "-", *options)
            subprocess.run(["msmtp", "-t", "--host=127.0.0.1", f"--port={port}", "--tls=off",
                            "--auth=off", "--read-envelope-from"], input=mail.stdout, check=True,
                           timeout=60)
            path = sink.stdout.readline().strip().decode()
            with open(path + ".json", encoding="utf-8") as f:
                return path, json.load(f)
        finally:
            sink.stdin.close()
            sink.wait(30)
            sink.stdout.close()

    def opened(self, path):
        """The bundle and the note in a mail whose signature openssl has checked."""
        out = os.path.join(self.n.base, "content")
        openssl("cms", "-verify", "-in", path, "-CAfile", self.n.mail_cert(), "-out", out)
        with open(out, "rb") as f:
            message = email.message_from_bytes(f.read(), policy=email.policy.default)
        parts = {p.get_filename(): p.get_content() for p in message.iter_attachments()}
        return parts["bundle.json"], parts["bundle.json.sig"]

    # D-14: a member that has nothing but mail.
    def test_a_mail_arrives_and_is_checked_by_openssl(self):
        self.n.pin(self.acme, "--mail", "soc@acme.example")
        path, envelope = self.send()
        self.assertEqual(envelope, {"from": "cert@node.example", "to": ["soc@acme.example"]})
        with open(path, "rb") as f:
            raw = f.read()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertEqual(message["Subject"], "Information")
        self.assertIsNotNone(message["Date"].datetime)
        self.assertFalse(message.defects)
        content, note = self.opened(path)
        self.assertIn(indicator(1)["id"], ids(json.loads(content)["objects"]))
        self.assertNotIn(b"canary", content)
        self.assertIn(f"sha256 {hashlib.sha256(content).hexdigest()}", note.decode()
                      if isinstance(note, bytes) else note)
        self.assertLess(max(map(len, raw.splitlines())), 999)
        self.assertTrue(self.n.member("acme")["by_mail"])
        self.assertTrue(self.n.nothing_new("acme"))

    # G1: only the member reads it.
    def test_an_encrypted_mail_is_for_the_member_alone(self):
        for kind in ("rsa:2048", "ec"):
            with self.subTest(kind=kind):
                self.acme = Member(self.n.base, "acme", kind)
                self.n.pin(self.acme, "--mail", "soc@acme.example")
                path, _ = self.send("--encrypt", "--again", "1")
                with open(path, "rb") as f:
                    message = email.message_from_bytes(f.read())
                self.assertNotIn(b"tocsin", message.get_payload(decode=True))
                inner = os.path.join(self.n.base, "inner.eml")
                openssl("cms", "-decrypt", "-in", path, "-recip", self.acme.cert, "-inkey",
                        self.acme.key, "-out", inner)
                content, _ = self.opened(inner)
                self.assertIn(indicator(1)["id"], ids(json.loads(content)["objects"]))
                other = Member(self.n.base, "other", kind)
                done = openssl("cms", "-decrypt", "-in", path, "-recip", other.cert, "-inkey",
                               other.key, check=False)
                self.assertNotEqual(done.returncode, 0)

    # What lacks is said before anything is numbered.
    def test_what_a_mail_needs_is_said(self):
        def said(*options):
            done = self.n.cli("member", "write", self.n.dir, "acme", "--mail", "--out", "-",
                              *options, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            return done.stderr.decode()

        self.assertIn("no address", said())
        self.n.pin(self.acme, "--mail", "soc@acme.example")
        self.n.set("mail", "none")
        self.assertIn("[node]", said())
        self.assertEqual(self.n.member("acme")["part"], 0)


if __name__ == "__main__":
    main()
