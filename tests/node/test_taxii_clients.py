# SPDX-License-Identifier: Apache-2.0
"""The clients that users have: taxii2-client and stix2 from the package registry, in a virtual
environment made here (once, beside the build), against a running node."""

import fcntl
import os
import subprocess
import sys
import unittest
import venv

import node

FIXTURE = "../shared/conformance/taxii21_fixture.json"
PACKAGES = ["taxii2-client", "stix2"]


def python_with(packages, name="taxii"):
    """The interpreter of a virtual environment that has these packages; skips when it cannot be."""
    base = os.path.join(os.path.dirname(os.path.abspath(node.TOCSIN)), f"venv-{name}")
    python = os.path.join(base, "bin", "python")
    marker = os.path.join(base, "complete")
    # Tests that run at the same time want the same one: the first makes it.
    with open(f"{base}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(marker):
            make(base, python, packages)
            with open(marker, "w", encoding="utf-8"):
                pass
    return python


def make(base, python, packages):
    venv.create(base, with_pip=True, clear=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
    )
    if done.returncode != 0:
        node.skip(f"no {', '.join(packages)} from the registry: {done.stdout[-300:]!r}")


class RealClients(unittest.TestCase):
    def test_taxii2_client_and_stix2_read_write_and_delete(self):
        if not os.path.exists(FIXTURE):
            node.skip(f"{FIXTURE} is not here")
        python = python_with(PACKAGES)
        with node.Node() as n:
            n.init()
            n.add_user("admin", "admin", "Password0")
            n.cli("taxii", "restore", n.dir, FIXTURE, "--page-limit", "20")
            n.serve()
            script = os.path.join(os.path.dirname(__file__), "taxii_real_clients.py")
            cert = os.path.join(n.dir, "tls/cert.pem")
            # A bundle or a proxy of this machine would come before the certificate given.
            plain = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy")
            env = {k: v for k, v in os.environ.items() if k not in plain}
            done = subprocess.run(
                [python, "-B", script, n.url, cert, "admin", "Password0", "--writes"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=120,
                env=env,
            )
            sys.stderr.write(done.stdout.decode())
            self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    node.main()
