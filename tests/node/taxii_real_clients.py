# SPDX-License-Identifier: Apache-2.0
"""Run by test_taxii_clients.py inside a virtual environment that has taxii2-client and stix2: what
users of those libraries do, against a node that restored the reference server's data.
Arguments: URL, certificate, user, password."""

import sys

import stix2
from taxii2client import v21
from taxii2client.exceptions import TAXIIServiceException

URL, CERT, USER, PASSWORD = sys.argv[1:5]
READABLE = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
WRITABLE = "365fed99-08fa-fdcd-a1b3-fb247eb41d01"
INDICATOR = "indicator--6770298f-0fd8-471a-ab8c-1c658a46574e"
WRITES = "--writes" in sys.argv

auth = {"user": USER, "password": PASSWORD, "verify": CERT}


def expect(condition, what):
    if not condition:
        raise SystemExit(f"real client: {what}")
    print(f"real client: {what}")


server = v21.Server(URL + "taxii2/", **auth)
expect(server.title == "Some TAXII Server", "taxii2-client reads the discovery")
expect(len(server.api_roots) == 3, "taxii2-client follows the API roots")
root = server.default
expect(root.title == "Malware Research Group", "taxii2-client reads the default API root")
collections = {c.id: c for c in root.collections}
expect(len(collections) == 5, "taxii2-client lists the collections")
readable = collections[READABLE]
expect(readable.can_read and readable.can_write, "taxii2-client reads a collection's rights")
expect(not collections["472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"].can_read, "and the lack of them")

envelope = readable.get_objects(type="indicator", version="all")
expect(len(envelope["objects"]) == 4, "taxii2-client filters by type and version")
pages = list(v21.as_pages(readable.get_objects, per_request=2, version="all"))
ids = [o["id"] for page in pages for o in page["objects"]]
expect(len(pages) == 4 and len(ids) == 7, "taxii2-client pages with next")
manifest = readable.get_manifest(added_after="2017-01-20T00:00:00.000Z")
expect(len(manifest["objects"]) == 2, "taxii2-client reads the manifest after a date")
versions = readable.object_versions(INDICATOR)
expect(len(versions["versions"]) == 3, "taxii2-client lists versions")
try:
    readable.get_object("malware--cee60c30-a68c-11e3-b0c1-a01aac20d000")
    expect(False, "an unknown object is an error")
except Exception as error:  # requests.HTTPError, but that is the client's own matter
    expect("404" in str(error), "an unknown object is 404")
wrong = v21.Server(URL + "taxii2/", user=USER, password="wrong", verify=CERT)
try:
    wrong.refresh()
    expect(False, "a wrong password is an error")
except (TAXIIServiceException, Exception) as error:
    expect("401" in str(error), "a wrong password is 401")

source = stix2.TAXIICollectionSource(readable)
expect(source.get(INDICATOR).modified.isoformat().startswith("2017-01-27"), "stix2 gets the newest")
expect(len(source.all_versions(INDICATOR)) == 3, "stix2 gets all versions")
found = source.query([stix2.Filter("type", "=", "malware")])
expect([o["id"] for o in found] == ["malware--c0931cc6-c75e-47e5-9036-78fabc95d4ec"], "stix2 queries")

if WRITES:
    sink = stix2.TAXIICollectionStore(collections[WRITABLE])
    made = stix2.Indicator(
        name="A beacon",
        pattern="[domain-name:value = 'beacon.example']",
        pattern_type="stix",
        valid_from="2026-01-01T00:00:00Z",
        object_marking_refs=[stix2.TLP_GREEN],
    )
    sink.add(made)
    back = sink.get(made.id)
    expect(back.pattern == made.pattern, "stix2 adds an object and reads it back")
    status = collections[WRITABLE].add_objects({"objects": [{"type": "indicator"}]})
    expect(status.failure_count == 1, "taxii2-client reads a status with a failure")
    again = root.get_status(status.id)
    expect(again.status == "complete", "taxii2-client reads the status again")
    collections[WRITABLE].delete_object(made.id)
    try:
        collections[WRITABLE].get_object(made.id)
        expect(False, "a deleted object is an error")
    except Exception as error:
        expect("404" in str(error), "a deleted object is 404")
