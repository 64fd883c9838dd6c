#!/usr/bin/env python3
"""Writes the samples of this folder: a supplier incident at four airports, with documentation
addresses only (RFC 5737, 3849, 2606). Seeded: the same files every time.

    supplier-incident.json   STIX 2.1 bundle: what the supplier's CSIRT shares
    watchlist.csv            a few more indicators, as a spreadsheet would hold them
    shared-by-mail.txt       a plain, defanged list, as it arrives in a mail
    airports.eve.json        Suricata EVE lines of the four airports' sensors
    shared-incident.json     STIX 2.1 bundle: three indicators for three different circles of readers
"""

import datetime
import hashlib
import json
import pathlib
import random
import uuid

HERE = pathlib.Path(__file__).resolve().parent
SEED = uuid.UUID("6f1b1c1e-5d0b-4c57-9a2e-6d2a4f6f0c11")
DAY = datetime.datetime(2026, 9, 19, 3, 0, tzinfo=datetime.timezone.utc)
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
LABEL = "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"  # tocsin-label, doc/labels.md

AIRPORTS = [("Alderfield", "192.0.2.0"), ("Brackwater", "192.0.2.64"), ("Corvendale", "192.0.2.128"),
            ("Dunmarsh", "192.0.2.192")]
PAYLOAD = hashlib.sha256(b"checkin-update-4.2.1.exe").hexdigest()
DROPPER = hashlib.md5(b"boarding-helper.dll").hexdigest()


def stix_id(kind, name):
    # A version 4 shape made from the name, so that the file does not change from run to run.
    raw = bytearray(uuid.uuid5(SEED, f"{kind}/{name}").bytes)
    raw[6] = raw[6] & 0x0F | 0x40
    return f"{kind}--{uuid.UUID(bytes=bytes(raw))}"


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def sdo(kind, name, marking=GREEN, minutes=0, **rest):
    when = stamp(DAY + datetime.timedelta(minutes=minutes))
    return {"type": kind, "spec_version": "2.1", "id": stix_id(kind, name),
            "created_by_ref": stix_id("identity", "csirt"), "created": when, "modified": when,
            "name": name, "object_marking_refs": [marking], **rest}


def indicator(name, pattern, minutes, marking=GREEN, confidence=80, **rest):
    return sdo("indicator", name, marking, minutes, pattern=pattern, pattern_type="stix",
               valid_from=stamp(DAY), confidence=confidence,
               indicator_types=["malicious-activity"], **rest)


def relation(source, verb, target, minutes):
    when = stamp(DAY + datetime.timedelta(minutes=minutes))
    return {"type": "relationship", "spec_version": "2.1",
            "id": stix_id("relationship", source["id"] + verb + target["id"]),
            "created_by_ref": stix_id("identity", "csirt"), "created": when, "modified": when,
            "relationship_type": verb, "source_ref": source["id"], "target_ref": target["id"],
            "object_marking_refs": [GREEN]}


def bundle():
    csirt = sdo("identity", "csirt", CLEAR, identity_class="organization")
    csirt.update(name="National CSIRT (example)", sectors=["government"])
    csirt["id"] = stix_id("identity", "csirt")
    supplier = sdo("identity", "Meridian Boarding Systems", AMBER, 1,
                   identity_class="organization", sectors=["aerospace"],
                   description="Supplier of check-in and boarding software to several airports.")
    malware = sdo("malware", "GATELOCK", GREEN, 2, is_family=True, malware_types=["ransomware"],
                  description="Ransomware that arrived with a forged update of boarding software.")
    hosts = sdo("infrastructure", "GATELOCK control servers", GREEN, 3,
                infrastructure_types=["command-and-control"])
    access = sdo("attack-pattern", "Compromise of the software supply chain", CLEAR, 4,
                 external_references=[{"source_name": "mitre-attack", "external_id": "T1195.002",
                                       "url": "https://attack.mitre.org/techniques/T1195/002/"}])
    indicators = [
        indicator("GATELOCK control server", "[ipv4-addr:value = '198.51.100.23']", 5),
        indicator("GATELOCK control servers, hosting range",
                  "[ipv4-addr:value ISSUBSET '203.0.113.64/28']", 6, confidence=60),
        indicator("GATELOCK control server, IPv6", "[ipv6-addr:value = '2001:db8:77::23']", 7),
        indicator("Forged update host", "[domain-name:value = 'meridian-updates.example']", 8),
        indicator("Forged update",
                  "[url:value = 'http://cdn.meridian-updates.example/checkin/4.2.1/setup.exe']", 9),
        indicator("GATELOCK installer", f"[file:hashes.'SHA-256' = '{PAYLOAD}']", 10),
        indicator("GATELOCK helper", f"[file:hashes.MD5 = '{DROPPER}']", 11),
        indicator("Sender of the forged notice",
                  "[email-addr:value = 'support@meridian-updates.example']", 12, AMBER),
        indicator("Fallback names", "[domain-name:value = 'gate-status.example' OR "
                  "domain-name:value = 'boarding-sync.example']", 13),
    ]
    report = sdo("report", "Check-in outage at four airports: one supplier, one cause", AMBER, 20,
                 published=stamp(DAY + datetime.timedelta(minutes=20)), report_types=["incident"],
                 description="Four airports reported local outages of check-in within six hours. "
                             "All run the same supplier's boarding software.",
                 object_refs=[o["id"] for o in (supplier, malware, hosts, access, *indicators)])
    relations = [relation(malware, "communicates-with", hosts, 21),
                 relation(malware, "uses", access, 22),
                 relation(malware, "targets", supplier, 23)]
    relations += [relation(i, "indicates", malware, 24 + n) for n, i in enumerate(indicators)]
    objects = [csirt, supplier, malware, hosts, access, *indicators, report, *relations]
    return {"type": "bundle", "id": stix_id("bundle", "supplier-incident"), "objects": objects}


def label(name, **parts):
    return {"type": "marking-definition", "spec_version": "2.1",
            "id": stix_id("marking-definition", name), "created": stamp(DAY), "name": name,
            "extensions": {LABEL: {"extension_type": "property-extension", **parts}}}


def shared():
    """Of the same incident, what is not for everybody. None of it is in the sensors' lines."""
    defence = label("For the milCERT alone", scheme="tlp2", level="AMBER+STRICT",
                    releasable_to=["milcert"])
    case = label("For the investigation", scheme="tlp2", level="AMBER", communities=["case-17"])
    indicators = [
        indicator("GATELOCK relay at a military supplier",
                  "[domain-name:value = 'depot-relay.example']", 40, defence["id"]),
        indicator("GATELOCK payment panel",
                  "[url:value = 'http://gatelock-pay.example/panel']", 41, case["id"]),
        indicator("GATELOCK second stage", "[domain-name:value = 'stage-two.example']", 42, CLEAR),
    ]
    for made in indicators:
        del made["created_by_ref"]  # the node that takes them in first is their originator
    return {"type": "bundle", "id": stix_id("bundle", "shared-incident"),
            "objects": [defence, case, *indicators]}


class Eve:
    """Lines of one sensor: ordinary traffic with the incident in it."""

    def __init__(self, rng, airport, network):
        self.rng, self.airport = rng, airport
        self.base = int(network.split(".")[3])
        self.now = DAY + datetime.timedelta(seconds=rng.randrange(60))

    def line(self, kind, dest, port, **fields):
        self.now += datetime.timedelta(milliseconds=self.rng.randrange(200, 9000))
        host = f"192.0.2.{self.base + self.rng.randrange(10, 60)}"
        return {"timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
                "flow_id": self.rng.getrandbits(62), "in_iface": "span0", "event_type": kind,
                "src_ip": host, "src_port": self.rng.randrange(32768, 61000), "dest_ip": dest,
                "dest_port": port, "proto": "UDP" if kind == "dns" else "TCP", **fields,
                "host": f"sensor-{self.airport.lower()}"}

    def ordinary(self):
        dest = f"192.0.2.{self.rng.randrange(1, 250)}"
        name = self.rng.choice(["www.example.com", "time.example.net", "mail.example.org",
                                "flights.example.com", "crew.example.net"])
        return self.rng.choice([
            lambda: self.line("dns", "192.0.2.1", 53,
                              dns={"type": "query", "id": self.rng.getrandbits(16),
                                   "rrname": name, "rrtype": "A"}),
            lambda: self.line("tls", dest, 443, tls={"sni": name, "version": "TLS 1.3"}),
            lambda: self.line("http", dest, 80,
                              http={"hostname": name, "url": f"/p/{self.rng.randrange(999)}",
                                    "http_method": "GET", "status": 200}),
            lambda: self.line("flow", dest, 443,
                              flow={"bytes_toserver": self.rng.randrange(400, 90000),
                                    "bytes_toclient": self.rng.randrange(400, 900000)}),
        ])()

    def incident(self):
        cdn = "cdn.meridian-updates.example"
        return [
            self.line("dns", "192.0.2.1", 53, dns={"type": "query", "id": 7, "rrname": cdn,
                                                   "rrtype": "A"}),
            self.line("http", "203.0.113.70", 80,
                      http={"hostname": cdn, "url": "/checkin/4.2.1/setup.exe",
                            "http_method": "GET", "status": 200}),
            self.line("fileinfo", "203.0.113.70", 80,
                      fileinfo={"filename": "/checkin/4.2.1/setup.exe", "sha256": PAYLOAD,
                                "size": 4194304}),
            self.line("tls", "198.51.100.23", 443, tls={"sni": "gate-status.example",
                                                        "version": "TLS 1.2"}),
            self.line("flow", "2001:db8:77::23", 8443, flow={"bytes_toserver": 5120,
                                                             "bytes_toclient": 812}),
        ]


def eve():
    rng = random.Random(20260919)
    lines = []
    for n, (airport, network) in enumerate(AIRPORTS):
        sensor = Eve(rng, airport, network)
        sensor.now += datetime.timedelta(minutes=n * 2)
        steps = [sensor.ordinary() for _ in range(40)] + sensor.incident()
        steps += [sensor.ordinary() for _ in range(10)]
        steps += [sensor.line("tls", "198.51.100.23", 443, tls={"sni": "boarding-sync.example"})
                  for _ in range(rng.randrange(2, 7))]
        lines += steps
    # The same address where it does not count: an answer, not a peer.
    quiet = Eve(rng, "Dunmarsh", "192.0.2.192")
    lines.append(quiet.line("dns", "192.0.2.1", 53,
                            dns={"type": "answer", "rrname": "www.example.com", "rrtype": "A",
                                 "answers": [{"rrname": "www.example.com", "rrtype": "A",
                                              "rdata": "198.51.100.77"}]}))
    return sorted(lines, key=lambda e: e["timestamp"])


def main():
    for name, content in (("supplier-incident", bundle()), ("shared-incident", shared())):
        with open(HERE / f"{name}.json", "w") as f:
            json.dump(content, f, indent=2)
            f.write("\n")
    with open(HERE / "airports.eve.json", "w") as f:
        for event in eve():
            f.write(json.dumps(event, separators=(",", ":")) + "\n")
    (HERE / "watchlist.csv").write_text(
        "value,type,valid_from,valid_until,confidence,labels,description\n"
        "198.51.100.77,ipv4-addr,2026-09-18T00:00:00Z,,70,gatelock,second control server\n"
        "boarding-helper.example,domain-name,2026-09-18T00:00:00Z,,70,gatelock,"
        "\"helper download, seen at one airport\"\n")
    (HERE / "shared-by-mail.txt").write_text(
        "# shared by mail, defanged\n"
        "hxxp://meridian-updates[.]example/notice.html\n"
        "check-in-status[.]example\n"
        "198[.]51[.]100[.]88\n")


main()
