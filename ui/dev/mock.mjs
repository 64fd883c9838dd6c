// SPDX-License-Identifier: Apache-2.0
// A stand-in for the node, to work on the pages without a daemon and to test what a real one does
// rarely (it dies, a session ends): node dev/mock.mjs [--dist DIR] [--port N] [--still] [--alarm].
// Account analyst, password analyst. The contract is src/api/types.gen.ts.

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { makeGuard, makeWorld, micros, SENSORS, TEXTS } from "./data.mjs";
import { makeHunts } from "./hunt.mjs";
import { makeLedger } from "./ledger.mjs";
import { lifeOf, worthOf } from "./life.mjs";
import { makePeers } from "./peers.mjs";

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const here = dirname(fileURLToPath(import.meta.url));

function refang(q) {
  return q
    .replace(/\[\.\]|\(\.\)/g, ".")
    .replace(/^hxxp/i, "http")
    .replace(/\[@\]/g, "@");
}

/** By what an indicator is matched. */
function howOf({ active, pattern }) {
  if (!active) return { matched: "no" };
  if (/FOLLOWEDBY/.test(pattern)) return { matched: "events" };
  if (/MATCHES/.test(pattern))
    return { matched: "no", matched_reason: "its regular expression takes too much work" };
  return { matched: "values" };
}

function heldFor(all) {
  const counts = new Map();
  for (const { quarantined_for: reason } of all)
    if (reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

export async function startMock(options = {}) {
  const {
    dist = join(here, "../dist"),
    port = 0,
    still = false,
    alarm = false,
    empty = false,
    role = "analyst",
    oidc = undefined, // name of an identity provider; it lets in unless `linked` says no, or "refused"
    linked = true,
  } = options;
  const now = Date.now();
  const ledger = makeLedger("cz-csirt.example");
  const world = makeWorld(join(here, "../../samples/supplier-incident.json"), ledger, now);
  const guard = makeGuard(world.newest);
  const peers = makePeers(now, micros);
  if (empty) world.sightings.length = 0;
  const hunts = makeHunts(now, indicators);
  const streams = new Set();
  const cookies = new Set();
  const log = []; // events sent: [id, kind, item]
  const state = {
    down: false,
    pace: async () => {}, // before each answer of a hunt
    who: { name: "analyst", role, clearance: "TLP:AMBER+STRICT" },
  };
  let counter = world.sightings.length;

  const title = (o) =>
    o.name ?? o.value ?? (o.type === "relationship" ? o.relationship_type : undefined);
  const page = (all, p) => {
    const at = Number(p.get("next") ?? 0);
    const limit = Math.min(Number(p.get("limit") ?? 100), 1000);
    const items = all.slice(at, at + limit);
    return at + limit < all.length ? { items, next: String(at + limit) } : { items };
  };
  const newestObjects = () =>
    [...world.versions.values()]
      .map(([v]) => v)
      .filter((v) => world.labelOf(v.object) !== "TLP:RED");

  function indicators() {
    const t = Date.now();
    return newestObjects()
      .filter((v) => v.object.type === "indicator")
      .map((v) => {
        const {
          id,
          name,
          pattern,
          valid_from,
          valid_until,
          confidence,
          revoked = false,
        } = v.object;
        const seen = world.hits(id);
        const word = guard.of(v.object);
        const current =
          !revoked && !(Date.parse(valid_until) <= t) && !(Date.parse(valid_from) > t);
        return {
          id,
          name,
          pattern,
          valid_from,
          valid_until,
          confidence,
          revoked,
          active: current && !word.quarantined,
          ...word,
          label: world.labelOf(v.object),
          source: v.source,
          hits: seen.reduce((sum, s) => sum + s.count, 0),
          last_hit: seen[0]?.last_seen,
          ...(name?.includes("hosting range") ? { seen_before: 3 } : {}),
          received: v.received,
        };
      })
      .map((i) => {
        const { matched_until, active } = lifeOf(i, t);
        return { ...i, matched_until, active };
      })
      .sort((a, b) => (a.received < b.received ? 1 : -1));
  }
  function sources() {
    const base = {
      kind: "suricata-eve",
      trust: "80",
      bad: 0,
      skipped: 0,
      untimed: 0,
      lag_bytes: 0,
      label: "TLP:GREEN",
    };
    const of = (name) => world.sightings.filter((s) => s.source === name);
    const total = (name) => of(name).reduce((sum, s) => sum + s.count, 0);
    const sensors = SENSORS.map((name, i) => ({
      ...base,
      name,
      path: `/var/log/suricata/${name}/eve.json`,
      state: "live",
      position: 48_211_004 * (i + 1),
      size: 48_211_004 * (i + 1),
      lines: 161_204 * (i + 1),
      hits: total(name),
      last_event: of(name)[0]?.last_seen,
      last_read: micros(Date.now() - 400 * (i + 1)),
      ...(i === 1 ? { skipped: 3, lag_bytes: 231_000 } : {}),
      ...(i === 2
        ? {
            state: "silent",
            last_read: micros(now - 251_000),
            last_event: micros(now - 251_000),
            bad: 3,
          }
        : {}),
      ...(i === 3
        ? {
            state: "error",
            error:
              "/var/log/suricata/sensor-dunmarsh/eve.json: permission denied (give the account tocsin the right to read it)",
          }
        : {}),
    }));
    const files = [
      ["supplier-incident", 27],
      ["watchlist", 1],
      ["partner-feed", 4],
    ].map(([name, lines]) => ({
      ...base,
      name,
      kind: "import",
      state: "stopped",
      position: lines * 800,
      size: lines * 800,
      lines,
      hits: 0,
      last_read: micros(now - 7e6),
    }));
    return [...sensors, ...files];
  }
  function relations(v) {
    const found = [];
    const refs = (object) =>
      Object.entries(object).flatMap(([key, value]) =>
        /_refs?$/.test(key) && !key.startsWith("object_marking")
          ? [value].flat().map((id) => [key, id])
          : [],
      );
    const row = (path, direction, object, via) => ({
      path,
      direction,
      id: object.id,
      type: object.type,
      title: title(object),
      via,
    });
    for (const [key, id] of refs(v.object)) {
      const other = world.newest(id)?.object;
      found.push(
        other
          ? row(key, "out", other)
          : { path: key, direction: "out", id, type: id.split("--")[0] },
      );
    }
    for (const { object: other } of newestObjects()) {
      for (const [key, id] of refs(other)) {
        if (id !== v.object.id || other.id === id || found.length > 60) continue;
        // A relationship is shown as what it joins.
        const far = world.newest(
          key === "source_ref" ? other.target_ref : other.source_ref,
        )?.object;
        if (other.type !== "relationship") found.push(row(key, "in", other));
        else if (key === "source_ref" && far)
          found.push(row("target_ref", "out", far, other.relationship_type));
        else if (key === "target_ref" && far)
          found.push(row("source_ref", "in", far, other.relationship_type));
      }
    }
    return found;
  }
  function search(p) {
    const q = refang((p.get("q") ?? "").trim().toLowerCase());
    const type = p.get("type") ?? "";
    const why = ({ object: o }) => {
      if (q === "") return "type";
      if (o.id.startsWith(q)) return "id";
      if (o.value?.toLowerCase() === q || o.pattern?.toLowerCase().includes(`'${q}'`))
        return "value";
      if (o.type === q) return "type";
      return q.length > 2 && JSON.stringify(o).toLowerCase().includes(q) ? "text" : undefined;
    };
    return newestObjects()
      .filter((v) => !type || v.object.type === type)
      .map((v) => ({
        id: v.object.id,
        type: v.object.type,
        title: title(v.object),
        value: v.object.value ?? v.object.pattern,
        label: world.labelOf(v.object),
        version: v.object.modified,
        received: v.received,
        why: why(v),
      }))
      .filter((f) => f.why)
      .sort((a, b) => (a.received < b.received ? 1 : -1));
  }
  function find(id, version) {
    const all = world.versions.get(id);
    const v = version
      ? all?.find(
          (x) => micros(Date.parse(x.object.modified)) === version || x.object.modified === version,
        )
      : all?.[0];
    return v && world.labelOf(v.object) !== "TLP:RED" ? v : undefined;
  }
  function objectPage(v) {
    const o = v.object;
    const tlp = world.labelOf(o);
    const head = {
      id: o.id,
      type: o.type,
      version: micros(Date.parse(o.modified)),
      label: { tlp, text: TEXTS[tlp], rule: "tlp.clearance" },
      source: v.source,
      received: v.received,
      revoked: o.revoked ?? false,
      spec_version: "2.1",
    };
    const versions = world.versions.get(o.id).map((x) => ({
      version: micros(Date.parse(x.object.modified)),
      received: x.received,
      seq: x.seq,
    }));
    return `${JSON.stringify(head).slice(0, -1)},"object":${v.raw},"versions":${JSON.stringify(versions)},"relations":${JSON.stringify(relations(v))}}`;
  }
  function status() {
    const { size } = ledger.head();
    return {
      name: "cz-csirt",
      version: "0.1.0",
      identity: "identity--5a0c5e9e-0b34-5d7e-8a6c-0f5ce0a1a001",
      ledger: ledger.head(),
      objects: world.versions.size,
      indicators: indicators().length,
      sightings: world.sightings.length,
      quarantined: indicators().filter((i) => i.quarantined).length,
      quarantined_for: heldFor(indicators()),
      patterns: {
        armed: 41,
        broad: 2,
        waiting: 0,
        never: 1,
        refused: 3,
        disarmed: 1,
        matches: 7,
        events: 48_211,
        kept: 904,
        crowded: 0,
        undecided: 5,
      },
      sources: 7,
      views: ["objects", "values", "feeds", "text"].map((name, i) => ({
        name,
        cursor: i === 3 ? size - 2 : size,
        lag: i === 3 ? 2 : 0,
      })),
      roles: [
        ["core", 41.3],
        ["front", 18.9],
        ["intake", 22.4],
        ["signer", 4.1],
      ].map(([role, mb], i) => ({ role, pid: 4120 + i, restarts: i === 2 ? 1 : 0, rss: mb * 1e6 })),
      alarms: alarm
        ? [
            {
              code: "disk-full",
              message:
                "The disk of /var/lib/tocsin has 0 bytes left: intake is stopped. Free space; it goes on by itself.",
              since: micros(now - 95_000),
            },
          ]
        : [],
      now: micros(Date.now()),
    };
  }

  function emit(kind, item) {
    const entry = [String(log.length + 1), kind, item];
    log.push(entry);
    for (const stream of streams) send(stream, entry);
    return item;
  }
  const send = (stream, [id, kind, item]) =>
    stream.write(`id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(item)}\n\n`);
  const sight = (grow = 1) => emit("sighting", world.sight(counter++, Date.now(), grow));

  function openStream(rq, rs) {
    rs.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    rs.write(": ping\n\n");
    const last = Number(rq.headers["last-event-id"] ?? log.length);
    for (const entry of log.slice(last)) send(rs, entry);
    streams.add(rs);
    rs.on("close", () => streams.delete(rs));
  }
  const json = (rs, code, body, headers = {}) => {
    rs.writeHead(code, {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...headers,
    });
    rs.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const problem = (rs, code, word, message) => json(rs, code, { error: { code: word, message } });
  const cookieOf = (rq) => /session=(\w+)/.exec(rq.headers.cookie ?? "")?.[1];

  const enter = (rs) => {
    const cookie = `s${cookies.size}${now}`;
    cookies.add(cookie);
    return json(
      rs,
      200,
      { ...state.who, expires: micros(now + 4.3e7) },
      { "set-cookie": `session=${cookie}; HttpOnly; SameSite=Strict; Path=/` },
    );
  };

  /** The node's side of a sign-in with the identity provider, whose page is at /idp. */
  async function provider(path, rq, rs) {
    if (path === "session/ways") return json(rs, 200, oidc ? { oidc } : {});
    if (path === "session/oidc") return json(rs, 200, { url: "/idp?state=s1" });
    let text = "";
    for await (const chunk of rq) text += chunk;
    const { code, state } = JSON.parse(text);
    if (state !== "s1") return problem(rs, 403, "oidc-state", "another sign-in");
    if (!code) return problem(rs, 403, "oidc-there", "not signed in there");
    return linked ? enter(rs) : problem(rs, 403, "oidc-unlinked", 'nobody is linked to "x-17"');
  }

  async function session(rq, rs) {
    const known = cookies.has(cookieOf(rq));
    const body = { ...state.who, expires: micros(now + 4.3e7) };
    if (rq.method === "GET")
      return known ? json(rs, 200, body) : problem(rs, 401, "unauthorised", "nobody is signed in");
    if (rq.method === "DELETE") {
      cookies.delete(cookieOf(rq));
      rs.writeHead(204);
      return rs.end();
    }
    let text = "";
    for await (const chunk of rq) text += chunk;
    const { name, password, code } = JSON.parse(text);
    if (!["analyst", "officer"].includes(name) || password !== name)
      return problem(rs, 401, "unauthorised", "account or password is wrong");
    if (name === "officer" && !code) return problem(rs, 401, "code-needed", "a code is needed");
    if (name === "officer" && code !== "123456")
      return problem(rs, 401, "code-wrong", "the code is wrong");
    return enter(rs);
  }
  function objects(rest, p, rs) {
    const [, id, sub] = /^([^/]+)(\/proof|\/audience)?$/.exec(rest) ?? [];
    const v = find(decodeURIComponent(id ?? ""), p.get("version"));
    if (!v) return problem(rs, 404, "not-found", "there is no such object");
    if (sub === "/audience")
      return json(rs, 200, peers.audience(v.object, world.labelOf(v.object), p));
    return json(rs, 200, sub ? ledger.prove(v.seq, Buffer.from(v.raw)) : objectPage(v));
  }
  const bodyOf = async (rq) => {
    let text = "";
    for await (const chunk of rq) text += chunk;
    return text;
  };
  async function hunt(path, p, rq, rs) {
    if (path === "hunts") return hunts.run(await bodyOf(rq), p, rs, (n) => state.pace(n));
    if (rq.method === "GET") return json(rs, 200, page(hunts.list(), p));
    const [, name = "", mark] = path.split("/").map(decodeURIComponent);
    if (rq.method === "DELETE") {
      hunts.remove(name);
      rs.writeHead(204);
      return rs.end();
    }
    const asked = JSON.parse(await bodyOf(rq));
    const done = mark
      ? hunts.mark(name, asked.until)
      : hunts.save(asked.name, asked.text, state.who.name);
    if (!done) return problem(rs, 400, "invalid", "name: letters, digits, dot, underscore, hyphen");
    return json(rs, 200, done);
  }
  /** One indicator, or a person's word about it. */
  async function indicator(rest, rq, rs) {
    const [id = "", verb] = rest.split("/").map(decodeURIComponent);
    const found = indicators().find((i) => i.id === id);
    if (found) Object.assign(found, lifeOf(found, Date.now()));
    if (found) Object.assign(found, howOf(found));
    if (!found) return problem(rs, 404, "not-found", "no such indicator");
    if (!verb) return json(rs, 200, found);
    if (state.who.role !== "admin") return problem(rs, 403, "denied", "not for this role");
    const { reason } = JSON.parse(await bodyOf(rq));
    return json(rs, 200, guard.decide(id, verb, reason, state.who.name));
  }
  function api(path, p, rq, rs) {
    if (path === "session") return session(rq, rs);
    if (path.startsWith("session/")) return provider(path, rq, rs);
    if (!cookies.has(cookieOf(rq))) return problem(rs, 401, "unauthorised", "sign in first");
    if (path === "events") return openStream(rq, rs);
    if (path === "status") return json(rs, 200, status());
    if (path === "sightings") {
      const of = p.get("indicator");
      const all = world.sightings.filter((s) => !of || s.indicator.id === of);
      return json(rs, 200, page(all, p));
    }
    if (path === "sources") return json(rs, 200, page(sources(), p));
    if (path === "source-worth") return json(rs, 200, worthOf(indicators()));
    if (path === "search") return json(rs, 200, page(search(p), p));
    if (path === "indicators") {
      const q = refang((p.get("q") ?? "").toLowerCase());
      const active = p.get("active");
      const held = p.get("quarantined");
      const fits = (i) =>
        `${i.name} ${i.pattern}`.toLowerCase().includes(q) &&
        (!active || String(i.active) === active) &&
        (!held || String(i.quarantined) === held);
      return json(rs, 200, page(indicators().filter(fits), p));
    }
    if (path === "hunts" || path.startsWith("saved-hunts")) return hunt(path, p, rq, rs);
    if (path.startsWith("indicators/")) return indicator(path.slice(11), rq, rs);
    if (path.startsWith("objects/")) return objects(path.slice(8), p, rs);
    const known = peers.answer(decodeURIComponent(path));
    if (known) return json(rs, 200, known);
    return problem(rs, 404, "not-found", `no route ${path}`);
  }
  function file(path, rs) {
    const name = join(dist, normalize(path === "/" ? "/index.html" : path));
    if (!name.startsWith(dist) || !existsSync(name) || !TYPES[extname(name)])
      return problem(rs, 404, "not-found", path);
    rs.writeHead(200, {
      "content-type": TYPES[extname(name)],
      "content-security-policy": CSP,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    return rs.end(readFileSync(name));
  }

  const server = createServer((rq, rs) => {
    const url = new URL(rq.url, "http://x");
    if (state.down) return rq.socket.destroy();
    if (url.pathname === "/idp") {
      const said = linked === "refused" ? "error=access_denied" : "code=c1";
      rs.writeHead(302, { location: `/?${said}&state=${url.searchParams.get("state")}` });
      return rs.end();
    }
    if (url.pathname.startsWith("/api/v1/"))
      return api(url.pathname.slice(8), url.searchParams, rq, rs);
    return file(url.pathname, rs);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const ping = () => {
    for (const stream of streams) stream.write(": ping\n\n");
  };
  const timers = [setInterval(ping, 5000)];
  if (!still) timers.push(setInterval(() => sight(1 + (counter % 4)), 2500));

  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    world,
    guard,
    pace(wait) {
      state.pace = wait;
    },
    sight,
    emit,
    /** The node goes away: connections break and new ones are refused, until up(). */
    down() {
      state.down = true;
      server.closeAllConnections();
    },
    up() {
      state.down = false;
    },
    expireSessions: () => cookies.clear(),
    close() {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const arg = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1];
  const has = (name) => process.argv.includes(`--${name}`);
  const mock = await startMock({
    ...(has("dist") ? { dist: arg("dist") } : {}),
    port: has("port") ? Number(arg("port")) : 8417,
    still: has("still"),
    alarm: has("alarm"),
    empty: has("empty"),
  });
  console.log(JSON.stringify({ event: "ready", url: mock.url, login: "analyst / analyst" }));
}
