// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { urlOf } from "../src/api/client";
import type { Sighting, Source } from "../src/api/types.gen";
import { put, stateOf } from "../src/pages/indicators";
import { titleOf } from "../src/pages/object";
import { advice, byNeed } from "../src/pages/sources";
import { meanwhile } from "../src/state/data";
import { hrefTo, parseRoute } from "../src/state/route";
import { merge, perMinute } from "../src/state/sightings";
import { bytes, span, stamp } from "../src/state/time";
import { en } from "../src/text/en";
import { nl } from "../src/text/nl";
import { pickLanguage } from "../src/text/text";

function sighting(id: string, received: string, count = 1): Sighting {
  return { id, received, count, source: "s", label: "TLP:GREEN" };
}
const at = Date.parse("2026-11-21T14:02:11.000000Z");

describe("an answer that is on its way", () => {
  it("has what happens before it comes, and nothing that happens after or of another", async () => {
    const numbers = meanwhile<number[]>();
    let answer: (value: number[]) => void = () => {};
    const add = (n: number) => numbers.happened((list) => [...list, n]);
    add(1);
    const first = numbers.whole(
      new Promise<number[]>((resolve) => {
        answer = resolve;
      }),
    );
    add(2);
    add(3);
    answer([0]);
    expect(await first).toEqual([0, 2, 3]);
    add(4);
    await expect(numbers.whole(Promise.reject(new Error("gone")))).rejects.toThrow("gone");
    expect(await numbers.whole(Promise.resolve([9]))).toEqual([9]);
  });
});

describe("list of sightings", () => {
  it("shows the newest first and each sighting once, in its newest version", () => {
    const old = [sighting("b", "2026-11-21T14:00:02Z"), sighting("a", "2026-11-21T14:00:01Z")];
    const merged = merge(old, [sighting("a", "2026-11-21T14:00:03Z", 7)]);
    expect(merged.map((s) => [s.id, s.count])).toEqual([
      ["a", 7],
      ["b", 1],
    ]);
  });
  it("does not let a late answer undo a newer version", () => {
    const merged = merge(
      [sighting("a", "2026-11-21T14:00:03Z", 7)],
      [sighting("a", "2026-11-21T14:00:01Z")],
    );
    expect(merged[0]?.count).toBe(7);
  });
  it("is bounded", () => {
    const many = Array.from({ length: 50 }, (_, i) =>
      sighting(`${i}`, `2026-11-21T14:00:${10 + i}Z`),
    );
    expect(merge([], many, 20)).toHaveLength(20);
  });
  it("counts by minute and says which minutes it does not know", () => {
    const rows = [sighting("a", "2026-11-21T14:02:01Z"), sighting("b", "2026-11-21T14:00:59Z")];
    const minutes = perMinute(rows, at, false, 4);
    expect(minutes.map((m) => m.count)).toEqual([0, 1, 0, 1]);
    expect(minutes.map((m) => m.known)).toEqual([false, false, true, true]);
    expect(perMinute(rows, at, true, 4).every((m) => m.known)).toBe(true);
  });
});

describe("indicators", () => {
  const base = {
    id: "i",
    revoked: false,
    active: true,
    quarantined: false,
    label: "TLP:RED",
    source: "s",
    hits: 0,
    received: "",
  } as const;
  it("says why one is not matched", () => {
    expect(stateOf(base, at)).toBe("active");
    expect(stateOf({ ...base, active: false, revoked: true }, at)).toBe("revoked");
    expect(stateOf({ ...base, valid_until: "2026-11-21T14:02:11Z" }, at)).toBe("expired");
    expect(stateOf({ ...base, valid_from: "2026-11-21T14:02:12Z" }, at)).toBe("notYet");
    expect(stateOf({ ...base, active: false }, at)).toBe("idle");
    expect(stateOf({ ...base, active: false, quarantined: true }, at)).toBe("quarantined");
  });
  it("puts a changed one in its place and a new one on top", () => {
    const other = { ...base, id: "j" };
    expect(put([base, other], { ...other, hits: 3 }).map((i) => [i.id, i.hits])).toEqual([
      ["i", 0],
      ["j", 3],
    ]);
    expect(put([base], other)[0]?.id).toBe("j");
  });
});

describe("sources", () => {
  const source: Source = {
    name: "a",
    kind: "suricata-eve",
    label: "TLP:AMBER",
    state: "live",
    position: 0,
    size: 0,
    lag_bytes: 0,
    lines: 0,
    hits: 0,
    bad: 0,
    skipped: 0,
    untimed: 0,
  };
  it("shows the worst first", () => {
    const states = (["live", "stopped", "silent", "error"] as const).map((state) => ({
      ...source,
      state,
    }));
    expect(states.sort(byNeed).map((s) => s.state)).toEqual(["error", "silent", "stopped", "live"]);
  });
  // US-01: a sensor that stopped is said to be silent, and since when.
  it("says what to do about a silent one, and nothing about a live one", () => {
    expect(advice(source, at, en)).toEqual([]);
    const silent = { ...source, state: "silent", last_read: "2026-11-21T14:00:11Z" } as const;
    expect(advice(silent, at, en)[0]).toContain("2 min");
  });
});

describe("times and sizes", () => {
  it("gives the date only when it is not today's", () => {
    expect(stamp(at, at + 1000)).toBe("14:02:11Z");
    expect(stamp(at, at + 86_400_000)).toBe("2026-11-21 14:02:11Z");
    expect(stamp(Number.NaN, at)).toBe("");
  });
  it("speaks of spans in one unit", () => {
    expect([-5, 59_999, 60_000, 7_200_000, 172_800_000].map((ms) => span(ms, en.common))).toEqual([
      "0 s",
      "59 s",
      "1 min",
      "2 h",
      "2 d",
    ]);
  });
  it("writes sizes shortly", () => {
    expect([0, 999, 1000, 12_345_678, 999_000_000].map(bytes)).toEqual([
      "0 B",
      "999 B",
      "1.0 kB",
      "12.3 MB",
      "999 MB",
    ]);
  });
});

describe("addresses", () => {
  it("come back from the address bar as they went in", () => {
    const href = hrefTo("search", { q: "hxxp://a[.]b/?x=1&y#z", type: undefined });
    const { page, params } = parseRoute(href);
    expect(page).toBe("search");
    expect(params.get("q")).toBe("hxxp://a[.]b/?x=1&y#z");
    expect(parseRoute("#/no-such").page).toBe("sightings");
    expect(parseRoute("").page).toBe("sightings");
  });
  it("of the node are relative and escaped", () => {
    expect(urlOf("object.show", { id: "a/b?c", version: undefined })).toBe(
      "api/v1/objects/a%2Fb%3Fc",
    );
    expect(urlOf("indicator.list", { q: "a b", active: false })).toBe(
      "api/v1/indicators?q=a+b&active=false",
    );
    expect(urlOf("session.create", { name: "a", password: "b" })).toBe("api/v1/session");
  });
});

describe("texts", () => {
  it("picks the first language that is there", () => {
    expect(pickLanguage(["fr-FR", "nl-BE", "en"])).toBe("nl");
    expect(pickLanguage(["fr"])).toBe("en");
  });
  it("has no empty words in any language", () => {
    const walk = (value: unknown): void => {
      if (typeof value === "string") expect(value).not.toBe("");
      else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
    };
    walk(en);
    walk(nl);
  });
  it("names an object by what people call it", () => {
    const none = { id: "x--1", type: "x", object: {}, relations: [] };
    expect(titleOf({ ...none, type: "url", object: { value: "http://a/" } })).toBe("http://a/");
    expect(titleOf({ ...none, object: { name: 3 } })).toBe("x--1");
    const hashes = { MD5: "m", "SHA-256": "s" };
    expect(titleOf({ ...none, type: "file", object: { hashes } })).toBe("s");
    expect(titleOf({ ...none, type: "file", object: { hashes: 7 } })).toBe("x--1");
    const of = { path: "sighting_of_ref", direction: "out" as const, id: "i", type: "indicator" };
    const relations = [{ ...of, title: "Forged update" }];
    expect(titleOf({ ...none, type: "sighting", relations })).toBe("Sighting of Forged update");
  });
});
