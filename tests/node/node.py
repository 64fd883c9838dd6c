# SPDX-License-Identifier: Apache-2.0
"""Real nodes for tests: processes on loopback, a directory each, driven as a user would. Nothing
here sleeps for a guessed time: wait_until() looks at short ticks until a condition holds."""

import base64
import http.client
import json
import os
import random
import re
import select
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

TOCSIN = os.environ.get("TOCSIN", os.path.join(os.path.dirname(__file__), "../../build/tocsin"))
TICK = 0.01
# The leak checker looks at other tasks of its process in /proc, which locked-in roles cannot.
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")


def wait_until(condition, timeout=30, what=None):
    """The first true value that condition() gives; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition.__name__}")
        time.sleep(TICK)


def runs(pid):
    """Whether any thread of the process lives: the first may be dead while another still holds its
    files, and one that is all dead may lie about until somebody asks after it."""
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8") as f:
                if f.read().rpartition(") ")[2][0] not in "ZX":
                    return True
    except (FileNotFoundError, ProcessLookupError):
        # A thread went while it was looked at: look again.
        return os.path.exists(f"/proc/{pid}") and runs(pid)
    return False


def skip(reason):
    """Skips the test, aloud; where TOCSIN_NO_SKIP is set that is a failure."""
    if os.environ.get("TOCSIN_NO_SKIP"):
        raise AssertionError(f"must not be skipped here: {reason}")
    print(f"SKIP: {reason}", file=sys.stderr)
    raise unittest.SkipTest(reason)


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Node:
    """A node directory and, between serve() and stop(), its processes. Use it with `with`."""

    def __init__(self, name="Test node", parent=None):
        self.parent = parent
        self.base = tempfile.mkdtemp(prefix="tocsin-node-", dir=parent)
        self.dir = os.path.join(self.base, "n")
        self.name = name
        self.process = None
        self.url = None
        self.taxii_url = None
        self.host = None
        self.port = None
        self.log_path = os.path.join(self.base, "log")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind and os.path.exists(self.log_path):
            with open(self.log_path, "rb") as log:
                sys.stderr.write(log.read()[-6000:].decode("utf-8", "replace"))
        self.kill()
        shutil.rmtree(self.base, ignore_errors=True)

    # The command line.

    def cli(self, *args, input=None, check=True, timeout=60):
        done = subprocess.run(
            [TOCSIN, *[str(a) for a in args]],
            input=input,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=timeout,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"tocsin {' '.join(map(str, args))}: {done.returncode}\n"
                f"{done.stdout.decode()}{done.stderr.decode()}"
            )
        return done

    def init(self):
        self.cli("init", self.dir, "--name", self.name)
        return self

    def add_source(self, name, path, label="TLP:AMBER", kind="eve", history=True):
        with open(os.path.join(self.dir, "tocsin.conf"), "a", encoding="utf-8") as conf:
            conf.write(f"\n[source {name}]\nkind = {kind}\npath = {path}\nlabel = {label}\n"
                       f"history = {'yes' if history else 'no'}\n")

    def set(self, key, value):
        """Changes one key of the configuration."""
        path = os.path.join(self.dir, "tocsin.conf")
        with open(path, encoding="utf-8") as conf:
            lines = conf.read().splitlines()
        lines = [f"{key} = {value}" if x.startswith(f"{key} =") else x for x in lines]
        with open(path, "w", encoding="utf-8") as conf:
            conf.write("\n".join(lines) + "\n")

    def identity(self):
        with open(os.path.join(self.dir, "tocsin.conf"), encoding="utf-8") as conf:
            return re.search(r"^identity = (\S+)$", conf.read(), re.MULTILINE).group(1)

    def configure(self, section, **keys):
        """Changes keys of one section of the configuration."""
        path = os.path.join(self.dir, "tocsin.conf")
        at = None
        with open(path, encoding="utf-8") as conf:
            lines = conf.read().splitlines()
        for i, line in enumerate(lines):
            if line.startswith("["):
                at = line.strip("[]")
            key = line.split("=")[0].strip()
            if at == section and key in keys:
                lines[i] = f"{key} = {keys.pop(key)}"
        assert not keys, f"[{section}] has no {keys}"
        with open(path, "w", encoding="utf-8") as conf:
            conf.write("\n".join(lines) + "\n")

    def add_user(self, name, role, password):
        self.cli(
            "user", "add", self.dir, name, "--role", role, "--password-stdin",
            input=password.encode() + b"\n",
        )

    # The processes.

    def serve(self, timeout=30, expect_ready=True):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [TOCSIN, "serve", self.dir, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        if not expect_ready:
            return self
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise AssertionError("the node did not say that it is ready")
        event = json.loads(line)
        assert event["event"] == "ready", event
        self.url = event["url"]
        self.taxii_url = event.get("taxii")
        self.host, port = self.url[len("https://") :].rstrip("/").rsplit(":", 1)
        self.port = int(port)
        return self

    def stop(self, timeout=30):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.process.stdout.close()
        self.process = None
        with open(self.log_path, "rb") as log:
            text = log.read().decode(errors="replace")
            for said in ("Sanitizer", "runtime error"):
                at = text.find(said)
                assert at < 0, "a sanitizer says: " + text[max(at - 200, 0) : at + 8000]
        return code

    def kill(self):
        if not self.process:
            return
        pids = [r["pid"] for r in self.roles().values() if r["pid"] > 0]
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        # Roles end with their supervisor, also one that it had just started anew; the directory is
        # free when they have.
        pids += self.role_processes()
        wait_until(lambda: not any(runs(p) for p in pids), what="roles end")

    def role_processes(self):
        """The pids of this node's roles, whatever its status says."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if words[1:2] == [b"role"] and self.dir.encode() in words:
                found.append(int(pid))
        return found

    def status_file(self):
        try:
            with open(os.path.join(self.dir, "run/status.json"), encoding="utf-8") as f:
                return json.load(f)
        except FileNotFoundError:
            return {"roles": [], "alarms": []}

    def roles(self):
        return {r["role"]: r for r in self.status_file()["roles"]}

    def alarms(self):
        return [a["code"] for a in self.status_file()["alarms"]]

    def kill_role(self, name):
        """SIGKILL; the pid that is gone."""
        pid = self.roles()[name]["pid"]
        if pid > 0:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return pid

    def log_events(self):
        events = []
        with open(self.log_path, encoding="utf-8") as log:
            for line in log:
                try:
                    events.append(json.loads(line))
                except ValueError:
                    events.append({"event": "unreadable", "line": line})
        return events

    # HTTP.

    def connection(self, timeout=30):
        context = ssl.create_default_context(cafile=os.path.join(self.dir, "tls/cert.pem"))
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)

    def request(self, method, path, body=None, headers=None, auth=None, connection=None):
        """One request; auth is (name, password) or a token. Connection errors are raised."""
        headers = dict(headers or {})
        if isinstance(auth, tuple):
            text = base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
            headers["Authorization"] = f"Basic {text}"
        elif auth:
            headers["Authorization"] = f"Bearer {auth}"
        own = connection is None
        connection = connection or self.connection()
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Response(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            if own:
                connection.close()


def seed():
    """The seed of this run: TOCSIN_SEED or a fresh one; printed, so that a failure can be replayed."""
    value = int(os.environ.get("TOCSIN_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"TOCSIN_SEED={value}", file=sys.stderr)
    return random.Random(value)


def main():
    unittest.main(verbosity=2)
