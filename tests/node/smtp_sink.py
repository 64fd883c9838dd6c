# SPDX-License-Identifier: Apache-2.0
"""A mail server on loopback that keeps what it gets: prints its port, then writes each message to a
file of the folder given, with the envelope beside it, and prints that file's name."""

import asyncio
import json
import os
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}.eml")
        with open(path, "wb") as f:
            f.write(envelope.content)
        with open(path + ".json", "w", encoding="utf-8") as f:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos}, f)
        print(path, flush=True)
        return "250 kept"


async def serve():
    loop = asyncio.get_running_loop()
    sink = Sink(sys.argv[1])
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=1 << 28, loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve())
