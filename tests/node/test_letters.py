# SPDX-License-Identifier: Apache-2.0
"""What a member without a node sends counts as its own: every usual form of a signature by the
certificate that is pinned for it, once, with the authority of its account, and nobody else's."""

import json
import os
import re
import unittest

from node import main
from test_exchange import PASSWORD, give, indicator
from test_members import TAXII, FileNode, Member, bundle, openssl


def dated(folder, name, start, end):
    """A member whose certificate is in force from and until given times."""
    member = Member(folder, name)
    request = os.path.join(folder, "request")
    base = os.path.join(folder, "ca-" + name)
    os.makedirs(base)
    for file, text in (("index", ""), ("serial", "01\n")):
        with open(os.path.join(base, file), "w", encoding="utf-8") as f:
            f.write(text)
    with open(os.path.join(base, "conf"), "w", encoding="utf-8") as f:
        f.write(f"[ca]\ndefault_ca=c\n[c]\nnew_certs_dir={base}\ndatabase={base}/index\n"
                f"serial={base}/serial\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    openssl("req", "-new", "-key", member.key, "-subj", f"/CN={name}", "-out", request)
    openssl("ca", "-batch", "-selfsign", "-config", os.path.join(base, "conf"), "-in", request,
            "-keyfile", member.key, "-startdate", start, "-enddate", end, "-notext", "-out",
            member.cert)
    return member


class Sent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = FileNode().init()
        cls.n.guest("acme")
        cls.acme = Member(cls.n.base, "acme")
        cls.n.pin(cls.acme)
        cls.n.serve()
        cls.count = 100

    @classmethod
    def tearDownClass(cls):
        cls.n.__exit__(None, None, None)

    def fresh(self):
        type(self).count += 1
        return indicator(self.count)

    def reads(self, path):
        said = self.n.read("acme", path)
        self.assertEqual((said["report"]["taken"], said["report"]["refused"]), (1, 0))

    # D-14: whatever a member signs with, and however its mail program writes it.
    def test_every_usual_form_of_a_signature_is_taken(self):
        forms = {
            "file": lambda o: self.acme.sign("file", [o]),
            "file, SHA-512": lambda o: self.acme.sign("sha512", [o], "-md", "sha512"),
            "file, PSS": lambda o: self.acme.sign("pss", [o], "-keyopt", "rsa_padding_mode:pss"),
            "file, by key id": lambda o: self.acme.sign("keyid", [o], "-keyid"),
            "file, without the certificate": lambda o: self.acme.sign("bare", [o], "-nocerts"),
            "file, PEM": lambda o: self.acme.sign("pem", [o], "-outform", "PEM"),
            "mail": lambda o: self.acme.mail("mail", [o]),
            "mail, opaque": lambda o: self.acme.mail("opaque", [o], "-nodetach"),
            "mail, line ends of a file": lambda o: self.unix(self.acme.mail("unix", [o])),
            "mail, as it came by SMTP": lambda o: self.smtp(self.acme.mail("smtp", [o])),
            "mail, from an mbox": lambda o: self.mbox(self.acme.mail("mbox", [o])),
        }
        for name, make in forms.items():
            with self.subTest(form=name):
                given = self.fresh()
                self.reads(make(given))
                self.assertTrue(self.n.has(given["id"]))

    def unix(self, path):
        return self.changed(path, lambda b: b.replace(b"\r\n", b"\n"))

    def smtp(self, path):
        return self.changed(path, lambda b: b.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def mbox(self, path):
        return self.changed(path, lambda b: b"From soc@acme.example Sat Nov 28 07:00:00 2026\n" + b)

    def changed(self, path, how):
        with open(path, "rb") as f:
            content = f.read()
        with open(path, "wb") as f:
            f.write(how(content))
        return path

    def test_an_elliptic_key_is_as_good(self):
        member = Member(self.n.base, "ecorp", "ec")
        self.n.guest("ecorp")
        self.n.pin(member)
        given = self.fresh()
        self.n.read("ecorp", member.sign("ec", [given]))
        self.assertTrue(self.n.has(given["id"]))

    # G8: what was taken is not taken again, whatever is around it, and that is named.
    def test_a_replay_is_named_and_changes_nothing(self):
        given = self.fresh()
        path = self.acme.mail("replay", [given])
        self.reads(path)
        self.assertRegex(self.n.refuses("acme", path), "a replay: this is message [0-9]+ of acme")
        self.changed(path, lambda b: b"X-Relay: another\n" + b)
        self.assertIn("a replay", self.n.refuses("acme", path))

    # G6: nobody speaks for a member but who has its key.
    def test_what_is_not_the_members_is_refused(self):
        other = Member(self.n.base, "other")
        given = self.fresh()
        good = self.acme.mail("good", [given])
        cases = [
            ("another certificate", other.sign("other", [given])),
            ("another certificate", other.mail("other", [given])),
            ("does not fit", self.changed(self.acme.mail("changed", [given]),
                                         lambda b: b.replace(b"--=====", b"\n--=====", 1))),
            ("not signed", self.acme.path("entity.eml", self.entity(given))),
            ("not as S/MIME", self.changed(good, lambda b: b.replace(
                b"pkcs7-signature", b"pgp-signature").replace(b"x-pgp", b"pgp"))),
            ("no signed attributes", self.acme.sign("noattr", [given], "-noattr")),
            ("SHA-256, SHA-384 or SHA-512", self.acme.sign("sha1", [given], "-md", "sha1")),
            ("2 signatures", self.acme.sign(
                "two", [given], "-signer", other.cert, "-inkey", other.key)),
            ("more than one JSON", self.acme.mail(
                "several", [], part=[bundle([given]), bundle([given])])),
            ("no JSON", self.no_bundle()),
            ("encrypted", self.encrypted(given)),
            ("cannot be read", self.garbage(given)),
        ]
        for reason, path in cases:
            with self.subTest(reason=reason):
                self.assertIn(reason, self.n.refuses("acme", path))
                self.assertFalse(self.n.has(given["id"]))

    def entity(self, given):
        with open(self.acme.mail("plain", [given]).replace(".eml", ".entity"), "rb") as f:
            return f.read()

    def no_bundle(self):
        path = self.acme.path("nothing.entity", b"Content-Type: text/plain\r\n\r\nHello.\r\n")
        out = self.acme.path("nothing.eml")
        openssl("cms", "-sign", "-in", path, "-signer", self.acme.cert, "-inkey", self.acme.key,
                "-out", out)
        return out

    def encrypted(self, given):
        out = self.acme.path("encrypted.eml")
        openssl("cms", "-encrypt", "-in", self.acme.mail("clear", [given]), "-out", out, "-aes256",
                self.acme.cert)
        return out

    def garbage(self, given):
        path = self.acme.sign("garbage", [given])
        with open(path + ".p7s", "wb") as f:
            f.write(b"0\x82\xff\xff" + os.urandom(60))
        return path

    # A certificate counts from its beginning to its end.
    def test_a_certificate_that_is_not_in_force_is_named(self):
        for name, start, end, said in (
            ("late", "20200101000000Z", "20210101000000Z", "has expired"),
            ("early", "20400101000000Z", "20450101000000Z", "not in force yet"),
        ):
            with self.subTest(name=name):
                member = dated(self.n.base, name, start, end)
                self.n.guest(name)
                self.n.pin(member)
                self.assertIn(said, self.n.refuses(name, member.sign("a", [self.fresh()])))

    # G3, G6: the same authority as by TAXII: a member may neither speak for the node nor change what
    # is another's.
    def test_what_a_member_may_not_say_by_taxii_it_may_not_say_by_mail(self):
        with open(os.path.join(self.n.dir, "tocsin.conf"), encoding="utf-8") as f:
            node = re.search(r"^identity = (.*)$", f.read(), re.M).group(1)
        theirs = dict(self.fresh(),
                      created_by_ref="identity--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5e77")
        give(self.n, theirs)
        cases = [dict(self.fresh(), created_by_ref=node),
                 dict(theirs, modified="2026-03-01T00:00:00.000Z", revoked=True)]
        auth = ("acme", PASSWORD)
        for case in cases:
            with self.subTest(case=case):
                said = self.n.read("acme", self.acme.sign("may", [case]), code=2)
                answer = self.n.request(
                    "POST", f"/intel/collections/{self.everything()}/objects/",
                    body=json.dumps({"objects": [case]}), auth=auth,
                    headers=dict(TAXII, **{"Content-Type": TAXII["Accept"]})).json()
                self.assertEqual((answer["success_count"], answer["failure_count"]), (0, 1))
                self.assertEqual(said["report"]["failures"][0]["message"],
                                 answer["failures"][0]["message"])
        # What it brought by mail it may change by TAXII, for it is the same member.
        own = self.fresh()
        self.reads(self.acme.mail("own", [own]))
        newer = dict(own, modified="2026-03-01T00:00:00.000Z", name="Newer")
        answer = self.n.request(
            "POST", f"/intel/collections/{self.everything()}/objects/",
            body=json.dumps({"objects": [newer]}), auth=auth,
            headers=dict(TAXII, **{"Content-Type": TAXII["Accept"]})).json()
        self.assertEqual(answer["success_count"], 1, answer)

    def everything(self):
        answer = self.n.request("GET", "/intel/collections/", headers=TAXII, auth=("acme", PASSWORD))
        return next(c["id"] for c in answer.json()["collections"] if c.get("alias") == "all")

    def test_a_role_that_may_not_write_sends_nothing(self):
        member = Member(self.n.base, "quiet")
        self.n.guest("quiet", role="reader")
        self.n.pin(member)
        self.assertIn("may not give", self.n.refuses("quiet", member.sign("a", [self.fresh()])))


if __name__ == "__main__":
    main()
