# SPDX-License-Identifier: Apache-2.0
"""The systemd unit, as this system's own systemd reads it."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from node import TOCSIN, main, skip

UNIT = os.path.join(os.path.dirname(__file__), "../../dist/tocsin.service")


class Unit(unittest.TestCase):
    def test_systemd_understands_every_line(self):
        if not shutil.which("systemd-analyze"):
            skip("systemd-analyze is not installed")
        with open(UNIT, encoding="utf-8") as f:
            text = f.read()
        # Neither program nor manual page is installed where tests run.
        text = text.replace("/usr/bin/tocsin", os.path.abspath(TOCSIN))
        text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tocsin.service")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            done = subprocess.run(
                ["systemd-analyze", "verify", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        said = [x for x in done.stdout.decode().splitlines() if "tocsin.service" in x]
        self.assertEqual(said, [])
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    main()
