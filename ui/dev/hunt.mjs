// SPDX-License-Identifier: Apache-2.0
// The stand-in's history: what a hunt finds in a text, and what was seen of it. The real one is the
// node's; here are answers of every kind: seen, never seen, many below a name, refused.
import { micros } from "./data.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const refang = (text) =>
  text
    .replace(/\[\.\]|\(\.\)|\[dot\]/gi, ".")
    .replace(/\[at\]|\[@\]/gi, "@")
    .replace(/hxxp/gi, "http");

const KINDS = [
  [/^\[.*\]$/, "pattern"],
  [/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/, "ipv4-addr"],
  [/^https?:/, "url"],
  [/@/, "email-addr"],
  [/^[0-9a-f]{64}$/, "file:SHA-256"],
  [/^([a-z0-9_-]+\.)+[a-z]{2,}$/, "domain-name"],
];

/** Every value of a text, each once, in its order. */
function valuesOf(text) {
  const found = new Map();
  for (const word of text.match(/\[[^\]]*=[^\]]*\]|[^\s,;<>"']+/g) ?? []) {
    const value = refang(word).toLowerCase();
    const type = KINDS.find(([shape]) => shape.test(value))?.[1];
    if (type && !found.has(value)) found.set(value, { type, written: word });
  }
  return [...found].map(([value, { type, written }], n) => ({
    n,
    value,
    type,
    ...(written === value ? {} : { written }),
  }));
}

export function makeHunts(now, indicators) {
  const saved = new Map();
  const seenOf = (value, days, each, sources) => {
    const bins = days.map((d) => ({ time: micros(now - d * DAY), count: each + (d % 3) }));
    const count = bins.reduce((sum, bin) => sum + bin.count, 0);
    const first_seen = bins[0].time;
    const last_seen = bins.at(-1).time;
    return {
      value,
      seen: true,
      count,
      first_seen,
      last_seen,
      hosts: Math.ceil(count / 9),
      step: 21_600,
      bins,
      sources: sources.map((name) => ({ name, count, first_seen, last_seen })),
      names: [],
      more: false,
    };
  };
  const NETWORK = ["sensor-alderfield", "sensor-corvendale"];
  const table = (value, type) => {
    if (type === "pattern" && /followedby/.test(value))
      return [
        { refused: "FOLLOWEDBY needs whole events, of which the history keeps values alone" },
      ];
    if (value === "198.51.100.23") return [seenOf(value, [61, 33, 12, 11, 10, 2, 1], 40, NETWORK)];
    if (value === "203.0.113.0/24")
      return [71, 72, 80].map((n, i) => seenOf(`203.0.113.${n}`, [20 - i, 3 + i], 4, NETWORK));
    if (value === "meridian-updates.example") {
      const one = seenOf("cdn.meridian-updates.example", [9, 8, 1], 312, [...NETWORK, "sensor-x"]);
      const { first_seen, last_seen } = one;
      const answer = "198.51.100.23";
      one.names = [{ name: one.value, answer, count: 31, first_seen, last_seen }];
      return [one, seenOf("www.meridian-updates.example", [8], 2, ["sensor-brackwater"])];
    }
    return [{}];
  };
  const known = (value) =>
    indicators()
      .filter((i) => i.pattern.includes(`'${value}'`))
      .map((i) => ({
        id: i.id,
        name: i.name,
        label: i.label,
        source: i.source,
        active: i.active,
        quarantined: i.quarantined,
      }));
  const never = { seen: false, count: 0, hosts: 0, step: 21_600, bins: [], sources: [], names: [] };

  async function run(text, p, rs, pace) {
    const values = valuesOf(text);
    rs.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const say = (event, data) => rs.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const value of values) say("value", value);
    const sums = { seen: 0, refused: 0 };
    for (const { n, value, type } of values) {
      await pace(n);
      if (rs.destroyed) return;
      const all = table(value, type).map((a) => ({
        n,
        value,
        type: value.includes("/") ? "ipv4-addr" : type,
        ...never,
        more: false,
        indicators: known(a.value ?? value),
        ...a,
      }));
      sums.seen += all.some((a) => a.seen);
      sums.refused += all.some((a) => a.refused);
      for (const answer of all) say("answer", answer);
    }
    say("end", {
      values: values.length,
      ...sums,
      left_out: false,
      since: p.get("since") ?? undefined,
      until: micros(Date.now()),
    });
    rs.end();
  }

  return {
    run,
    list: () => [...saved.values()],
    save(name, text, by) {
      if (!/^[\w.-]+$/.test(name)) return undefined;
      saved.set(name, { name, text, by, saved: micros(Date.now()) });
      return saved.get(name);
    },
    mark(name, until) {
      saved.set(name, { ...saved.get(name), answered: until });
      return saved.get(name);
    },
    remove: (name) => saved.delete(name),
  };
}
