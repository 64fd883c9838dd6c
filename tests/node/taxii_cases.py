# SPDX-License-Identifier: Apache-2.0
"""Plays HTTP transcripts of another TAXII server's tests against ours and says where the answers
differ. What is compared, and what cannot be, is said at the place."""

import datetime
import http.client
import json
import re
import ssl

# The transcripts were taken on this day: such a time in them is "when the case ran".
RUN_TIME = re.compile(r"2026-11-21T[0-9:.]+Z")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
OWN_URL = re.compile(r"^https?://localhost:5000/")
# Error bodies are free (TAXII 2.1 §3.6.1 allows any), so only their status is compared.
HEADERS = ("X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last")


class Client:
    """One server, as the cases see it."""

    def __init__(self, host, port, cafile=None):
        context = ssl.create_default_context(cafile=cafile)
        if not cafile:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.base = f"https://{host}:{port}/"
        self.connection = http.client.HTTPSConnection(host, port, timeout=30, context=context)

    def request(self, method, target, headers, body):
        data = None
        if body is not None:
            data = body if isinstance(body, str) else json.dumps(body)
            data = data.encode()
        headers = {k: v for k, v in headers.items() if k not in ("Content-Length", "Host")}
        self.connection.request(method, target, body=data, headers=headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self):
        self.connection.close()


def is_twin(one, two):
    """The reference's test client followed its server's redirect to the final slash: one request is
    then recorded twice, once with the slash and once as it was sent."""
    one, two = one["request"], two["request"]
    return one["method"] == two["method"] and one["target"] != two["target"] and (
        one["target"].replace("/?", "?").rstrip("/") == two["target"].replace("/?", "?").rstrip("/")
    )


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def same(want, got, captured, base, where="", out=None):
    """Appends to `out` where `got` differs from what the transcript has."""
    out = [] if out is None else out
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            if key not in got or key not in want:
                out.append(f"{where}.{key}: {'missing' if key not in got else 'unexpected'}")
            else:
                same(want[key], got[key], captured, base, f"{where}.{key}", out)
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for i, (a, b) in enumerate(zip(want, got)):
            same(a, b, captured, base, f"{where}[{i}]", out)
    elif isinstance(want, str) and isinstance(got, str):
        if want.startswith("${"):
            return out
        if RUN_TIME.fullmatch(want) and TIMESTAMP.match(got):
            return out
        if OWN_URL.sub(base, want) != got:
            out.append(f"{where}: {got!r}, not {want!r}")
    elif want != got:
        out.append(f"{where}: {got!r}, not {want!r}")
    return out


def compare(expect, status, headers, body, captured, base):
    if status != expect["status"]:
        return [f"status {status}, not {expect['status']}: {body[:200]!r}"]
    wrong = []
    if status == 401 and not headers.get("WWW-Authenticate"):
        wrong.append("401 without WWW-Authenticate")
    if status >= 400:
        if json.loads(body).get("http_status") != str(status):
            wrong.append("the error's http_status is another")
        return wrong
    if headers.get("Content-Type") != "application/taxii+json;version=2.1":
        wrong.append(f"Content-Type {headers.get('Content-Type')}")
    for name in HEADERS:
        want, got = expect["headers"].get(name), headers.get(name)
        if want and got and RUN_TIME.fullmatch(want) and TIMESTAMP.match(got):
            continue
        if want != got:
            wrong.append(f"{name}: {got}, not {want}")
    if expect.get("json") is not None:
        wrong += same(expect["json"], json.loads(body), captured, base)
    return wrong


def play(client, case):
    """The differences of one case, empty when there are none."""
    captured, earlier, twin, wrong = {}, {}, False, []
    steps = case["steps"]
    for i, step in enumerate(steps):
        request = step["request"]
        twin = i > 0 and not twin and is_twin(steps[i - 1], step)
        if twin and request["method"] != "GET":
            continue  # it was done once
        known = earlier if twin else captured
        earlier = dict(known)
        target = RUN_TIME.sub(now(), request["target"])
        for name, value in known.items():
            target = target.replace("${%s}" % name, value)
        answer = client.request(request["method"], target, request["headers"], request["body"])
        found = compare(step["expect"], *answer, captured, client.base)
        wrong += [f"step {i + 1} {request['method']} {target}: {x}" for x in found]
        for name, key in step.get("capture", {}).items():
            try:
                captured[name] = str(json.loads(answer[2]).get(key, ""))
            except ValueError:
                wrong.append(f"step {i + 1}: no JSON to capture {name} from")
    return wrong
