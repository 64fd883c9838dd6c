// SPDX-License-Identifier: Apache-2.0
// The peers of the stand-in node: every state that a link, a receipt and a withdrawal can be in, so
// that the pages can be seen with all of them at once.
import { makeAgreements } from "./agreements.mjs";

const DAY_MS = 86_400_000;

export function makePeers(now, micros) {
  const at = (ms) => micros(now + ms);
  const peer = (name, more) => ({
    name,
    state: "active",
    connected: true,
    post_quantum: true,
    node: `${name}.example`,
    identity: "identity--8a2f4a1c-5f0e-4a52-9d0c-0c3a7a0f8f11",
    address: "192.0.2.10:8417",
    ceiling: "TLP:AMBER",
    fingerprint: "8d1c2-7f00b-91ab3-5520e",
    since: at(-7.2e6),
    group: "X25519MLKEM768",
    cert_expires: at(400 * DAY_MS),
    given: 1204,
    behind_by: 0,
    receipts_outstanding: 0,
    last_receipt: at(-40_000),
    received: 318,
    last_proof: at(-41_000),
    last_contact: at(-1000),
    denies: false,
    unknown: 0,
    differs: 0,
    ...more,
  });
  const peers = [
    peer("eu-milcert", {}),
    peer("le-desk", {
      post_quantum: false,
      group: "X25519",
      cert_expires: at(12 * DAY_MS),
      behind_by: 7,
      receipts_outstanding: 1,
      unknown: 3,
      differs: 1,
    }),
    peer("nl-ncsc", {
      connected: false,
      since: at(-9.3e7),
      error: "192.0.2.44:8417: connection refused",
      behind_by: 31,
      receipts_outstanding: 2,
      last_contact: at(-9.3e7),
    }),
    peer("new-partner", { state: "met", connected: false, given: 0, received: 0 }),
    peer("old-partner", { state: "cut", connected: false }),
    peer("restored-node", {
      denies: true,
      stopped: "its feed became shorter",
      stopped_there: true,
    }),
  ];
  const page = (p) => ({
    ...p,
    clock_skew: -0.412,
    round_trip: 0.021,
    bytes_in: 48_211,
    bytes_out: 1_482_110,
    invited: true,
    origin: `${p.name}.example`,
    key: `${p.name}.example+66a9232e+Ae95xXHECFuQhhUjKv5J2otFkVfJC1Af1B73fl/kCmkZ`,
    cert: "ab".repeat(32),
    statement: "{}",
  });
  const gone = "indicator--0f5ce0a1-7d61-5d7e-8a6c-5a0c5e9e0b34";
  const withdrawal = {
    id: gone,
    reason: 'Reported in error: <b>not</b> hostile "at all"',
    originator: peers[0].identity,
    by: "local",
    time: at(-60_000),
    received: at(-60_000),
    acted: 1,
    outstanding: 2,
    unreached: 1,
    peers: [
      { name: "eu-milcert", state: "acted", active: true, time: at(-58_000) },
      { name: "le-desk", state: "waiting", active: true, last_contact: at(-1000) },
      { name: "nl-ncsc", state: "not-reached", active: true, last_contact: at(-9.3e7) },
    ],
  };
  const counts = (type, given, confirmed, taken_back, received) => ({
    type,
    given,
    confirmed,
    taken_back,
    received,
  });
  const exchange = peers.slice(0, 3).map((p, i) => ({
    peer: p.name,
    node: p.node,
    state: p.state,
    communities: i < 2 ? "defence" : "",
    types: i < 2 ? [counts("indicator", 1100, 1093, 4, 0), counts("malware", 0, 0, 0, 12)] : [],
    withheld: [
      {
        rule: "outside.not-named",
        text: "its level asks that the peer itself is named",
        count: 41,
      },
    ],
    needs:
      i === 0
        ? [
            {
              own: true,
              type: "malware",
              requested: 2,
              offered: 1,
              delivered: 1,
              refused: 1,
              latency_s: 5400,
            },
            {
              own: false,
              type: "indicator",
              requested: 1,
              offered: 0,
              delivered: 0,
              refused: 0,
              rule: "outside.not-named",
            },
          ]
        : [],
    more: i === 0,
  }));
  const makers = makeAgreements(peers, at);

  const verdict = (allow, named) => ({
    verdict: allow ? "allow" : "deny",
    rule: allow ? "tlp.within-clearance" : named ? "releasable.not-named" : "outside.no-audience",
    text: allow ? "its TLP level is within the clearance" : "it is not among the recipients",
    conditions: [
      { rule: "reader.no-clearance", holds: true, text: "the reader has a clearance" },
      { rule: "outside.no-audience", holds: allow, text: "it says who outside may have it" },
    ],
  });
  /** A rule of thumb in place of the node's policy: peers get what is green or names them. */
  function audience(object, tlp, p) {
    const label = p.get("tlp") ?? tlp;
    const asked = p.get("releasable_to");
    const to = asked && asked !== "*" ? asked.split(",") : [];
    const row = (kind, name, more) => {
      const gets = (level, list) =>
        kind !== "peer" || (list.length ? list.includes(name) : level <= "TLP:GREEN");
      const now_ = gets(tlp === "TLP:AMBER" ? "TLP:X" : tlp, []);
      const then = gets(label.startsWith("TLP:A") ? "TLP:X" : label, to);
      return {
        kind,
        name,
        who: kind === "peer" ? "a peer, cleared to TLP:AMBER" : "an account of this node",
        now: verdict(now_, false),
        ...(asked ? { after: verdict(then, to.length > 0) } : {}),
        ...more,
      };
    };
    const readers = [
      ...peers.map((x) => row("peer", x.name, { state: x.state, title: x.node, copy: "none" })),
      row("community", "defence", { title: "Defence" }),
      row("guests", "airport-authority", { count: 2 }),
      row("accounts", "TLP:AMBER+STRICT", { count: 3 }),
    ];
    const names = (key) =>
      readers
        .filter((r) => r.kind === "peer" && r[key]?.verdict === "allow")
        .map((r) => r.name)
        .join(", ") || "nobody";
    return {
      id: object.id,
      version: micros(Date.parse(object.modified)),
      label: tlp,
      outside: names("now"),
      ...(asked
        ? {
            after_label: to.length ? `${label}; releasable to: ${to.join(", ")}` : label,
            after_outside: names("after"),
          }
        : {}),
      marking: {
        extension_type: "property-extension",
        tlp: label,
        ...(to.length ? { releasable_to: to } : {}),
      },
      own: true,
      readers,
    };
  }

  const { peers: _, ...listed } = withdrawal;
  return {
    audience,
    /** The answer to a path, or undefined. */
    answer(path) {
      if (path === "peers") return { items: peers };
      if (path === "exchange") return { items: exchange };
      if (path === "needs") return { items: makers.needs };
      if (path === "agreements") return { items: makers.agreements };
      const deal = makers.pages.find((a) => path.startsWith(`agreements/${a.id}`));
      if (deal) return path.endsWith("/signatures") ? makers.proof(deal) : deal;
      if (path === "withdrawals") return { items: [listed] };
      if (path === `withdrawals/${gone}`) return withdrawal;
      const found = peers.find((p) => path === `peers/${p.name}`);
      return found && page(found);
    },
  };
}
