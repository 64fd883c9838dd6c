# SPDX-License-Identifier: Apache-2.0
"""Nodes on addresses of their own: a bridge and a network namespace each, and everything that goes
over the wires between them captured. Needs root; there is nothing of it left afterwards."""

import contextlib
import ctypes
import http.client
import json
import os
import socket
import ssl
import struct
import subprocess
import threading

from node import TOCSIN, skip
from test_peers import PeerNode

NEW_NET = 0x40000000
LINK_PORT, FRONT_PORT = 7700, 8443
ALL_FRAMES = 3


def ip(*args):
    done = subprocess.run(["ip", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise OSError(f"ip {' '.join(args)}: {done.stdout.decode().strip()}")


class Segment:
    """What was seen of one TCP segment."""

    def __init__(self, frame):
        at = 14 + (frame[14] & 15) * 4
        self.source, self.target = frame[26:30], frame[30:34]
        self.ports = struct.unpack(">HH", frame[at : at + 4])
        (self.number,) = struct.unpack(">I", frame[at + 4 : at + 8])
        (total,) = struct.unpack(">H", frame[16:18])
        self.payload = frame[at + (frame[at + 12] >> 4) * 4 : 14 + total]


class Wires:
    """A bridge in a namespace that this thread moves to; sees each frame once, where it enters."""

    def __init__(self):
        self.prefix = f"tcs{os.getpid()}"
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.names, self.segments, self.strangers = [], [], []
        self.sockets, self.threads = [], []
        try:
            self.space("hub")
        except OSError as error:
            skip(f"network namespaces need root: {error}")
        self.enter(f"/run/netns/{self.prefix}hub")
        ip("link", "add", "br0", "type", "bridge")
        ip("address", "add", "10.77.0.254/24", "dev", "br0")
        ip("link", "set", "br0", "up")
        ip("link", "set", "lo", "up")

    def space(self, name):
        ip("netns", "add", self.prefix + name)
        self.names.append(self.prefix + name)
        return self.prefix + name

    @staticmethod
    def enter(path):
        fd = path if isinstance(path, int) else os.open(path, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(fd, NEW_NET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        if not isinstance(path, int):
            os.close(fd)

    def attach(self, number):
        """A namespace at 10.77.0.number; its name."""
        space, port = self.space(f"n{number}"), f"v{number}"
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", port, "master", "br0", "up")
        ip("-n", space, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
        ip("-n", space, "link", "set", "eth0", "up")
        ip("-n", space, "link", "set", "lo", "up")
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
        s.bind((port, ALL_FRAMES))
        thread = threading.Thread(target=self.watch, args=(s,), daemon=True)
        thread.start()
        self.sockets.append(s)
        self.threads.append(thread)
        return space

    def watch(self, s):
        while True:
            try:
                frame, where = s.recvfrom(1 << 17)
            except OSError:
                return
            if where[2] == socket.PACKET_OUTGOING:
                continue  # the other port saw it come in
            if frame[12:14] == b"\x08\x00" and frame[23] == socket.IPPROTO_TCP:
                self.segments.append(Segment(frame))
            else:
                self.strangers.append(frame)

    def between(self, a, b):
        """Bytes of the link that two nodes said to each other, each stream's repeats left out."""
        ends = {socket.inet_aton(f"10.77.0.{n}") for n in (a, b)}
        seen = {}
        for s in list(self.segments):
            if {s.source, s.target} == ends and LINK_PORT in s.ports and s.payload:
                seen[s.source, s.ports, s.number] = len(s.payload)
        return sum(seen.values())

    def close(self):
        for s in self.sockets:
            s.close()
        self.enter(self.home)
        os.close(self.home)
        for name in self.names:
            with contextlib.suppress(OSError):
                ip("netns", "delete", name)


class NetNode(PeerNode):
    """A node in a namespace of its own."""

    def __init__(self, name, wires, number):
        super().__init__(name)
        self.number, self.space = number, wires.attach(number)
        self.host, self.port = f"10.77.0.{number}", FRONT_PORT
        self.link = f"{self.host}:{LINK_PORT}"

    def init(self):
        self.cli("init", self.dir, "--name", self.name, "--listen", f"{self.host}:{FRONT_PORT}",
                 "--link", self.link)
        return self

    def connection(self, timeout=30):
        context = ssl.create_default_context(cafile=os.path.join(self.dir, "tls/cert.pem"))
        context.check_hostname = False  # its certificate is pinned, and names no address
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.space, TOCSIN, "serve", self.dir],
                stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        assert line and json.loads(line)["event"] == "ready", line
        return self
