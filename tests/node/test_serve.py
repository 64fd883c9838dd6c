# SPDX-License-Identifier: Apache-2.0
"""The life of a node: made, started, watched over, stopped."""

import json
import os
import shutil
import signal
import ssl
import unittest

from node import Node, main, runs, wait_until


class Life(unittest.TestCase):
    def test_init_refuses_a_directory_that_is_not_empty(self):
        with Node().init() as n:
            before = sorted(os.listdir(n.dir))
            done = n.cli("init", n.dir, "--name", "Another", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"not empty", done.stderr)
            self.assertEqual(sorted(os.listdir(n.dir)), before)

    def test_init_keeps_keys_from_others(self):
        with Node().init() as n:
            for path in ["keys/ledger", "keys/tls.pem", "keys/session", "tocsin.conf"]:
                mode = os.stat(os.path.join(n.dir, path)).st_mode
                self.assertEqual(mode & 0o077, 0, path)
            self.assertEqual(os.stat(n.dir).st_mode & 0o777, 0o700)

    def test_init_says_what_a_name_must_be(self):
        with Node() as n:
            done = n.cli("init", n.dir, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"--name", done.stderr)
            done = n.cli("init", n.dir, "--name", "x" * 65, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"64 bytes", done.stderr)
            self.assertFalse(os.path.exists(n.dir))

    def test_wrong_configuration_names_file_line_and_key(self):
        with Node().init() as n:
            n.add_source("x", "relative/path")
            done = n.cli("config", "check", n.dir, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr.decode(), r"tocsin\.conf:\d+: path: ")
            n.serve(expect_ready=False)
            self.assertEqual(n.process.wait(20), 2)
            self.assertEqual(n.process.stdout.read(), b"")

    def test_configuration_in_normal_form_parses_to_itself(self):
        with Node().init() as n:
            n.add_source("gate-3", "/var/log/suricata/eve.json")
            text = n.cli("config", "print", n.dir).stdout
            with open(os.path.join(n.dir, "tocsin.conf"), "wb") as f:
                f.write(text)
            self.assertEqual(n.cli("config", "print", n.dir).stdout, text)
            self.assertIn(b"trust = 50", text)

    def test_serve_says_ready_once_and_stops_cleanly(self):
        with Node().init() as n:
            n.serve()
            self.assertRegex(n.url, r"^https://127\.0\.0\.1:\d+/$")
            process = n.process
            roles = n.roles()
            self.assertTrue(all(r["pid"] > 0 and r["rss"] > 0 for r in roles.values()))
            stdout = process.stdout
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(20), 0)
            self.assertEqual(stdout.read(), b"")
            self.assertFalse(os.path.exists(os.path.join(n.dir, "run/control.sock")))
            self.assertFalse(os.path.exists(os.path.join(n.dir, "run/status.json")))
            for role in roles.values():
                self.assertFalse(os.path.exists(f"/proc/{role['pid']}"))

    def test_a_second_node_on_the_same_directory_is_refused(self):
        with Node().init() as n:
            n.serve()
            done = n.cli("serve", n.dir, "--listen", "127.0.0.1:0", check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"running already", done.stderr)
            self.assertEqual(n.stop(), 0)

    def test_a_role_that_dies_is_started_again(self):
        with Node().init() as n:
            n.serve()
            for name in n.roles():
                before = n.kill_role(name)
                after = wait_until(
                    lambda: n.roles()[name]["pid"] not in (0, before) and n.roles()[name],
                    what=f"{name} is back",
                )
                self.assertEqual(after["restarts"], 1)
            self.assertEqual(n.stop(), 0)

    def test_a_role_that_hangs_is_started_again(self):
        with Node().init() as n:
            n.set("role_timeout", 2)
            n.serve()
            for name in n.roles():
                before = n.roles()[name]["pid"]
                os.kill(before, signal.SIGSTOP)
                after = wait_until(
                    lambda: n.roles()[name]["pid"] not in (0, before) and n.roles()[name],
                    what=f"{name} is back",
                )
                self.assertEqual(after["restarts"], 1)
                self.assertFalse(os.path.exists(f"/proc/{before}"))
            self.assertEqual([e["name"] for e in self.logged(n, "role.hung")], list(n.roles()))
            wait_until(lambda: n.request("GET", "/healthz").status == 200, what="it serves")
            self.assertEqual(n.stop(), 0)

    def served(self, n):
        return ssl.get_server_certificate((n.host, n.port))

    def install(self, n, certificate, key):
        for name, text in (("tls/cert.pem", certificate), ("keys/tls.pem", key)):
            with open(os.path.join(n.dir, name), "w", encoding="ascii") as f:
                f.write(text)

    def read(self, n, name):
        with open(os.path.join(n.dir, name), encoding="ascii") as f:
            return f.read()

    def logged(self, n, event):
        return [e for e in n.log_events() if e["event"] == event]

    def test_a_renewed_certificate_is_read_on_sighup(self):
        with Node().init() as n, Node().init() as other:
            n.serve()
            before = self.served(n)
            roles = n.roles()
            open_before = n.connection()
            self.assertEqual(n.request("GET", "/healthz", connection=open_before).status, 200)
            self.install(n, self.read(other, "tls/cert.pem"), self.read(other, "keys/tls.pem"))
            n.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.logged(n, "front.certificate-read"), what="it is read")
            self.assertNotEqual(self.served(n), before)
            self.assertEqual(n.request("GET", "/healthz").status, 200)
            # Who is connected stays so, and no process was started again.
            self.assertEqual(n.request("GET", "/healthz", connection=open_before).status, 200)
            open_before.close()
            self.assertEqual([r["pid"] for r in n.roles().values()],
                             [r["pid"] for r in roles.values()])
            self.assertIn("tocsin.conf", self.logged(n, "node.reload")[0]["text"])
            self.assertEqual(n.stop(), 0)

    def test_a_certificate_that_cannot_be_used_is_not_taken(self):
        with Node().init() as n, Node().init() as other:
            n.serve()
            before = self.served(n)
            key = self.read(n, "keys/tls.pem")
            spoilt = [(self.read(other, "tls/cert.pem"), key), ("", key), (before, "no key")]
            for i, (certificate, its_key) in enumerate(spoilt):
                self.install(n, certificate, its_key)
                n.process.send_signal(signal.SIGHUP)
                wait_until(lambda: len(self.logged(n, "front.certificate-kept")) > i, what="said")
                self.assertEqual(self.served(n), before)
            os.unlink(os.path.join(n.dir, "keys/tls.pem"))
            n.process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(self.logged(n, "front.certificate-kept")) > 3, what="said")
            self.assertIn("keys/tls.pem", self.logged(n, "node.unreloaded")[0]["path"])
            self.assertEqual(self.served(n), before)
            self.assertEqual(n.stop(), 0)

    def test_roles_end_with_their_supervisor(self):
        with Node().init() as n:
            n.serve()
            pids = [r["pid"] for r in n.roles().values()]
            n.process.kill()
            n.process.wait()
            wait_until(lambda: not any(runs(p) for p in pids), what="ended")
            n.process.stdout.close()
            n.process = None
            n.serve()
            self.assertEqual(n.stop(), 0)

    def test_roles_wait_for_core_to_make_the_index_anew(self):
        # As after a power cut: the ledger is there, what is made from it is not.
        with Node().init() as n:
            lines = os.path.join(n.base, "list.txt")
            with open(lines, "w", encoding="ascii") as f:
                f.writelines(f"host{i}.example\n" for i in range(20000))
            n.cli("import", n.dir, lines, "--label", "TLP:CLEAR")
            for _ in range(5):
                shutil.rmtree(os.path.join(n.dir, "ledger/index"))
                n.serve()
                self.assertEqual({r["restarts"] for r in n.roles().values()}, {0})
                self.assertEqual(n.stop(), 0)

    def test_a_pipe_is_imported_like_a_file(self):
        with Node().init() as n:
            taken = n.cli("import", n.dir, "-", "--label", "TLP:CLEAR", "--json",
                          input=b"host1.example\nhost2.example\n")
            self.assertEqual(json.loads(taken.stdout)["taken"], 2)

    def test_every_role_is_locked_in(self):
        with Node().init() as n:
            n.serve()
            names = set(n.roles())
            found = {e["role"]: e for e in n.log_events() if e["event"] == "role.sandbox"}
            self.assertEqual(set(found), names)
            sanitized = any(e["seccomp"] == "no" for e in found.values())
            for role, event in found.items():
                if event["landlock"] != "0":
                    self.assertEqual(event["files"], "refused", role)
                if not sanitized:
                    # The link dials peers.
                    wanted = "open" if role == "link" else "refused"
                    self.assertEqual(event["sockets"], wanted, role)
                    self.assertEqual(event["exec"], "refused", role)
            if any(e["landlock"] == "0" for e in found.values()):
                self.assertIn("no-landlock", n.alarms())
            for name, role in n.roles().items():
                with open(f"/proc/{role['pid']}/status", encoding="ascii") as f:
                    text = f.read()
                self.assertIn("NoNewPrivs:\t1", text, name)
                if not sanitized:
                    self.assertIn("Seccomp:\t2", text, name)
            self.assertEqual(n.stop(), 0)


if __name__ == "__main__":
    main()
