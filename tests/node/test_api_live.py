# SPDX-License-Identifier: Apache-2.0
"""The live stream: what became visible, to whom it is visible, once, in order, and resumed."""

import base64
import json
import os
import threading
import unittest
import uuid

from node import Node, main, wait_until
from test_api_content import PASSWORD, TLP, indicator


class Stream:
    """Server-sent events in a thread."""

    def __init__(self, node, auth, last=None):
        headers = {"Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        self.connection = node.connection()
        text = base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
        headers["Authorization"] = f"Basic {text}"
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.socket = self.connection.sock  # the answer takes it over
        self.answer = self.connection.getresponse()
        self.events, self.comments, self.last = [], 0, last
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        event = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if line == "":
                    if "data" in event:
                        self.last = event.get("id", self.last)
                        self.events.append((event.get("event"), json.loads(event["data"])))
                    event = {}
                elif line.startswith(":"):
                    self.comments += 1
                else:
                    key, value = line.split(": ", 1)
                    event[key] = value
        except (OSError, ValueError):
            pass

    def ids(self, kind="indicator"):
        return [data["id"] for name, data in list(self.events) if name == kind]

    def close(self):
        self.socket.shutdown(2)
        self.thread.join(10)
        self.answer.close()
        self.connection.close()


class Live(unittest.TestCase):
    def put(self, node, objects):
        path = os.path.join(node.base, f"{uuid.uuid4()}.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}, f)
        node.cli("import", node.dir, path)
        return [o["id"] for o in objects]

    # G2: the stream asks the same decision as lists do.
    def test_events_come_once_in_order_and_only_to_who_may_see_them(self):
        with Node().init() as n:
            n.add_user("reader", "reader", PASSWORD)
            n.add_user("analyst", "analyst", PASSWORD)
            n.serve()
            low, high = Stream(n, ("reader", PASSWORD)), Stream(n, ("analyst", PASSWORD))
            self.assertEqual(low.answer.status, 200)
            self.assertTrue(low.answer.getheader("Content-Type").startswith("text/event-stream"))
            wait_until(lambda: any(e[0] == "status" for e in low.events), what="a first status")
            ids = self.put(n, [indicator(i, list(TLP)[i % 4]) for i in range(40)])
            visible = [x for i, x in enumerate(ids) if i % 4 != 3]
            wait_until(lambda: len(high.ids()) >= 40, what="all events")
            wait_until(lambda: len(low.ids()) >= 30, what="the visible events")
            self.assertEqual(high.ids(), ids)
            self.assertEqual(low.ids(), visible)
            low.close()
            high.close()

    def test_a_reader_that_was_away_misses_nothing(self):
        with Node().init() as n:
            n.add_user("analyst", "analyst", PASSWORD)
            n.serve()
            first = Stream(n, ("analyst", PASSWORD))
            wait_until(lambda: first.events, what="a first event")
            before = self.put(n, [indicator(i, "GREEN") for i in range(5)])
            wait_until(lambda: len(first.ids()) == 5, what="five events")
            first.close()
            away = self.put(n, [indicator(i, "GREEN") for i in range(100, 350)])
            second = Stream(n, ("analyst", PASSWORD), first.last)
            wait_until(lambda: len(second.ids()) >= 250, what="what was missed")
            self.assertEqual(second.ids(), away)
            self.assertFalse(set(before) & set(second.ids()))
            second.close()

    def test_a_strange_position_starts_from_now(self):
        with Node().init() as n:
            n.add_user("analyst", "analyst", PASSWORD)
            n.serve()
            self.put(n, [indicator(1, "GREEN")])
            stream = Stream(n, ("analyst", PASSWORD), "not-a-position")
            wait_until(lambda: any(e[0] == "status" for e in stream.events), what="a status")
            self.assertEqual(stream.ids(), [])
            stream.close()


if __name__ == "__main__":
    main()
