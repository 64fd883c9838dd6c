// SPDX-License-Identifier: Apache-2.0
// What the stand-in node holds: the samples of the project (a supplier incident at four airports),
// and sightings of the hour before it was started.
import { readFileSync } from "node:fs";
import { sha256 } from "./ledger.mjs";

const TLP = {
  "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
  "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
  "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
  "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
  "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
};
export const TEXTS = {
  "TLP:CLEAR": "Disclosure is not limited.",
  "TLP:GREEN": "Limited disclosure, within the community.",
  "TLP:AMBER":
    "Limited disclosure, within the organisation and its clients, on a need-to-know basis.",
  "TLP:AMBER+STRICT": "Limited disclosure, within the organisation only, on a need-to-know basis.",
  "TLP:RED": "Not for disclosure, restricted to the named recipients.",
};
export const SENSORS = ["alderfield", "brackwater", "corvendale", "dunmarsh"].map(
  (s) => `sensor-${s}`,
);

const LOCAL = "identity--5a0c5e9e-0b34-5d7e-8a6c-0f5ce0a1a001";
const fake = (type, seed) => {
  const h = sha256(Buffer.from(seed)).toString("hex");
  return `${type}--${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
};
export const micros = (ms) => new Date(ms).toISOString().replace("Z", "000Z");

// What each sensor saw, by the word in the indicator's name.
const SEEN = [
  ["GATELOCK control server", "198.51.100.23", "ipv4-addr"],
  ["hosting range", "203.0.113.71", "ipv4-addr"],
  ["IPv6", "2001:db8:77::23", "ipv6-addr"],
  ["Forged update host", "cdn.meridian-updates.example", "domain-name"],
  ["Forged update", "http://cdn.meridian-updates.example/checkin/4.2.1/setup.exe", "url"],
  ["installer", "d46e479f3cc1598e3a6fc22d6d0cd1f03c91537e828a8a7a42fc2037c6112fdd", "file"],
  ["Sender", "support@meridian-updates.example", "email-addr"],
  ["Fallback names", "gate-status.example", "domain-name"],
];

function extraIndicators(now) {
  const base = {
    type: "indicator",
    spec_version: "2.1",
    pattern_type: "stix",
    created_by_ref: LOCAL,
  };
  const at = (ms) => new Date(now + ms).toISOString();
  const make = (seed, more) => ({
    ...base,
    id: fake("indicator", seed),
    created: at(-9e6),
    modified: at(-9e6),
    valid_from: at(-9e8),
    object_marking_refs: [Object.keys(TLP)[1]],
    ...more,
  });
  return [
    make("w1", {
      name: "second control server",
      pattern: "[ipv4-addr:value = '198.51.100.77']",
      confidence: 70,
    }),
    make("w2", {
      name: "Scanner of last week",
      pattern: "[ipv4-addr:value = '192.0.2.200']",
      valid_until: at(-8.6e7),
    }),
    make("w3", {
      name: "Update server, reported in error",
      pattern: "[domain-name:value = 'updates.example.com']",
      revoked: true,
      modified: at(-4e6),
    }),
    make("w4", {
      name: "Maintenance window of the supplier",
      pattern: "[domain-name:value = 'remote.meridian.example']",
      valid_from: at(7.2e6),
      object_marking_refs: [Object.keys(TLP)[3]],
    }),
    make("w5", {
      name: "Liaison's lead, sole source",
      pattern: "[ipv6-addr:value = '2001:db8:dead::5']",
      confidence: 40,
      object_marking_refs: [Object.keys(TLP)[4]],
    }),
    make("w6", {
      name: "Beacon after the notice",
      pattern:
        "[email-message:subject LIKE '%update%'] FOLLOWEDBY [domain-name:value = 'gate-status.example'] WITHIN 600 SECONDS",
    }),
    make("w7", {
      name: "Update paths of the implant",
      pattern: "[url:value MATCHES '^(a+)+/checkin/']",
    }),
    make("w8", {
      name: "Lead of the winter before",
      pattern: "[ipv4-addr:value = '192.0.2.77']",
      confidence: 60,
      created: at(-200 * 8.64e7),
      modified: at(-200 * 8.64e7),
      valid_from: at(-200 * 8.64e7),
    }),
    ...HELD.map(([name, pattern], i) => make(`h${i}`, { name, pattern, confidence: 85 - 5 * i })),
  ];
}

/** What the guard holds back, by the indicator's name, with its reason. */
const HELD = [
  [
    "Resolver used by the implant",
    "[ipv4-addr:value = '8.8.8.8']",
    "8.8.8.8 is a public name server that everybody uses",
    "common",
  ],
  [
    "Feed of the week, row 4,211",
    "[domain-name:value = 'co.uk']",
    "co.uk is a public suffix: below it are names of many owners",
    "public-suffix",
  ],
  [
    "Feed of the week, row 4,212",
    "[domain-name:value = 'github.io']",
    "github.io is a public suffix: below it are names of many owners",
    "public-suffix",
  ],
  [
    "Dropped file",
    "[file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 is the hash of an empty file",
    "common",
  ],
  [
    "Scanning range, unverified",
    "[ipv4-addr:value = '198.0.0.0/8']",
    "198.0.0.0/8 is a network of too many addresses",
    "too-wide",
  ],
];

/** What stands about indicators: the guard's word, or a person's, by id. */
export function makeGuard(newest) {
  const held = new Map(
    HELD.map(([name, , reason, kind]) => [
      name,
      { quarantined: true, quarantined_for: kind, reason },
    ]),
  );
  const said = new Map();
  return {
    of: (object) => said.get(object.id) ?? held.get(object.name) ?? { quarantined: false },
    decide(id, verb, reason, by) {
      if (newest(id)?.object.type !== "indicator") return undefined;
      const held = verb === "quarantine" && { quarantined_for: "person" };
      said.set(id, { quarantined: verb === "quarantine", reason, decided_by: by, ...held });
      return { id, state: verb === "quarantine" ? "quarantined" : "released", by };
    },
  };
}

export function makeWorld(samples, ledger, now) {
  const versions = new Map(); // id -> [{object, raw, seq, received, source}], newest first
  const sightings = [];
  const put = (object, source, received) => {
    const raw = object.raw ?? JSON.stringify(object);
    const seq = ledger.append(object.id, Buffer.from(raw));
    const version = { object, raw, seq, source, received: micros(received) };
    versions.set(object.id, [version, ...(versions.get(object.id) ?? [])]);
    return version;
  };
  const newest = (id) => versions.get(id)?.[0];
  const labelOf = (object) => TLP[object.object_marking_refs?.[0]] ?? "TLP:RED";

  put(
    {
      type: "identity",
      spec_version: "2.1",
      id: LOCAL,
      created: micros(now - 9e8),
      modified: micros(now - 9e8),
      name: "cz-csirt",
      identity_class: "organization",
      object_marking_refs: [Object.keys(TLP)[0]],
    },
    "cz-csirt",
    now - 9e8,
  );
  const bundle = JSON.parse(readFileSync(samples, "utf8"));
  bundle.objects.forEach((object, i) => {
    put(object, "supplier-incident", now - 7.5e6 + i * 900);
  });
  extraIndicators(now).forEach((object, i) => {
    put(object, i === 0 ? "watchlist" : "partner-feed", now - 7e6 + i * 900);
  });
  const malware = [...versions.values()].find(([v]) => v.object.type === "malware")?.[0];
  if (malware) {
    const { object } = malware;
    put(
      {
        ...object,
        modified: new Date(now - 3.1e6).toISOString(),
        description:
          `${object.description ?? ""} Second version: spreads by the update channel.`.trim(),
      },
      "supplier-incident",
      now - 3.1e6,
    );
  }

  const indicatorOf = (word) =>
    [...versions.values()]
      .map(([v]) => v.object)
      .find((o) => o.type === "indicator" && o.name?.includes(word));
  const hits = (id) => sightings.filter((s) => s.indicator.id === id);

  function sight(n, at, grow) {
    const [word, value, value_type] = SEEN[n % SEEN.length];
    const sensor = SENSORS[(n * 7 + (n >> 2)) % SENSORS.length];
    const indicator = indicatorOf(word);
    const hour = Math.floor(at / 3.6e6);
    const id = fake("sighting", `${value} ${sensor} ${hour} ${indicator.id}`);
    const old = sightings.find((s) => s.id === id);
    const label = labelOf(indicator);
    const item = {
      id,
      count: (old?.count ?? 0) + grow,
      first_seen: old?.first_seen ?? micros(at - 350),
      last_seen: micros(at - 350),
      indicator: { id: indicator.id, name: indicator.name, pattern: indicator.pattern },
      value,
      value_type,
      source: sensor,
      label: n % 11 === 3 ? "TLP:AMBER+STRICT" : label,
      received: micros(at),
    };
    if (old) sightings.splice(sightings.indexOf(old), 1);
    sightings.unshift(item);
    put(
      {
        type: "sighting",
        spec_version: "2.1",
        id,
        created: item.first_seen,
        modified: item.received,
        created_by_ref: LOCAL,
        first_seen: item.first_seen,
        last_seen: item.last_seen,
        count: item.count,
        sighting_of_ref: indicator.id,
        observed_data_refs: [fake("observed-data", id)],
        object_marking_refs: indicator.object_marking_refs,
      },
      sensor,
      at,
    );
    return item;
  }

  // A quiet start, a burst when the forged update goes out, then a steady trickle.
  for (let n = 0, at = now - 3.5e6; at < now - 4000; n++) {
    const burst = at > now - 1.5e6 && at < now - 1.0e6;
    sight(n, at, 1 + ((n * 5) % 7));
    at += (burst ? 9000 : 70_000) + ((n * 7919) % 17) * 900;
  }
  return { versions, sightings, newest, labelOf, hits, put, sight };
}
