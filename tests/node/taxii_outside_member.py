# SPDX-License-Identifier: Apache-2.0
"""Run by test_outside_member.py inside a virtual environment that has taxii2-client: prints, as one
JSON document, all that a member without a node can get at. Arguments: URL, certificate, user,
password."""

import json
import sys

from taxii2client import v21

URL, CERT, USER, PASSWORD = sys.argv[1:5]
server = v21.Server(URL + "taxii2/", user=USER, password=PASSWORD, verify=CERT)
found = {"objects": [], "manifest": [], "pages": []}
for root in server.api_roots:
    for collection in root.collections:
        if not collection.can_read:
            continue
        found["objects"] += collection.get_objects().get("objects", [])
        found["manifest"] += [o["id"] for o in collection.get_manifest().get("objects", [])]
        pages = v21.as_pages(collection.get_objects, per_request=2)
        found["pages"].append([[o["id"] for o in p.get("objects", [])] for p in pages])
print(json.dumps(found))
