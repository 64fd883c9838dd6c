# SPDX-License-Identifier: Apache-2.0
"""A release as its users get it: built twice in two places, signed, and run. Of what is committed."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPENDENCIES_MAX = 12


def release(out, *key):
    """Builds in a folder of its own, without a compiler's cache; the archive."""
    work = out / "work"
    work.mkdir(parents=True)
    env = os.environ | {"TMPDIR": str(work), "CCACHE_DISABLE": "1"}
    subprocess.run([ROOT / "scripts/release", out, *key], env=env, check=True, stdout=subprocess.DEVNULL)
    return next(out.glob("*.tar.gz"))


class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="tocsin-release-")
        base = pathlib.Path(cls.folder.name)
        cls.addClassCleanup(cls.folder.cleanup)
        cls.key = base / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", cls.key], check=True)
        cls.one = release(base / "one", cls.key)
        cls.two = release(base / "a" / "longer" / "way" / "two")
        subprocess.run(["tar", "-C", base, "-xzf", cls.one], check=True)
        cls.tree = next(base.glob("tocsin-*"))

    # G22, P14: whoever builds it again gets the same bytes.
    def test_two_builds_are_the_same_bytes(self):
        self.assertEqual(self.one.read_bytes(), self.two.read_bytes())

    # G22: a changed archive is not taken for the signed one.
    def test_the_signature_is_of_this_archive_alone(self):
        signers = self.tree.parent / "signers"
        signers.write_text("tocsin " + self.key.with_suffix(".pub").read_text())

        def verifies(content):
            command = ["ssh-keygen", "-q", "-Y", "verify", "-f", signers, "-I", "tocsin", "-n", "tocsin"]
            done = subprocess.run([*command, "-s", f"{self.one}.sig"], input=content, capture_output=True)
            return done.returncode == 0

        content = self.one.read_bytes()
        self.assertTrue(verifies(content))
        self.assertFalse(verifies(content + b"x"))

    # G22: what it is made of is listed, with versions, and is little.
    def test_the_bill_of_materials_names_every_part(self):
        bill = json.loads((self.tree / "sbom.cdx.json").read_text())
        parts = {p["name"]: p for p in bill["components"]}
        self.assertEqual(bill["bomFormat"], "CycloneDX")
        self.assertTrue(all(p["version"] and p["purl"].startswith("pkg:") for p in parts.values()))
        self.assertTrue({"preact", "libc6", "libevent-dev"} <= set(parts), sorted(parts))
        linked = subprocess.run(
            ["readelf", "-d", self.tree / "bin/tocsin"], check=True, capture_output=True, text=True
        ).stdout
        for library in ("sqlite3", "seccomp", "zstd", "yyjson"):
            self.assertIn(f"lib{library}.so", linked)
            self.assertTrue(any(f"lib{library}" in name for name in parts), library)
        self.assertLessEqual(len(parts), DEPENDENCIES_MAX, sorted(parts))

    def test_what_is_installed_is_whole_and_runs(self):
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=self.tree, check=True)
        done = subprocess.run([self.tree / "bin/tocsin", "--version"], check=True, capture_output=True)
        self.assertIn(b"tocsin", done.stdout)
        self.assertTrue((self.tree / "share/man/man1/tocsin.1").exists())


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
