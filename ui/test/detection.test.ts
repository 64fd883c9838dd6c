// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Life as Decay, HuntAnswer, Indicator, Sighting } from "../src/api/types.gen";
import { curveOf, momentsOf, scoreAt, stepsOf } from "../src/parts/decay";
import { conflict } from "../src/parts/decide";
import { frameOf } from "../src/parts/lifeline";
import { binHits } from "../src/state/hits";
import { rowsOf, slots } from "../src/state/hunt";

const NOW = Date.parse("2026-11-28T03:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const indicator = (part: Partial<Indicator>): Indicator => ({
  id: "indicator--1",
  pattern: "[ipv4-addr:value = '8.8.8.8']",
  revoked: false,
  active: false,
  quarantined: true,
  reason: "8.8.8.8 is a public name server that everybody uses",
  label: "TLP:GREEN",
  source: "feed",
  hits: 0,
  received: "2026-11-28T02:00:00.000000Z",
  ...part,
});

const sighting = (ago: number, count: number): Sighting => ({
  id: `sighting--${ago}`,
  count,
  last_seen: new Date(NOW - ago).toISOString(),
  source: "sensor",
  label: "TLP:GREEN",
  received: new Date(NOW - ago).toISOString(),
});

describe("a decision", () => {
  const seen = indicator({});
  test("stands when nothing changed", () => {
    expect(conflict("release", seen, indicator({ hits: 3 }))).toBeUndefined();
    const free = indicator({ quarantined: false, active: true });
    expect(conflict("quarantine", free, { ...free, hits: 3 })).toBeUndefined();
  });
  test("is not taken about another pattern, another reason, or twice", () => {
    expect(conflict("release", seen, indicator({ pattern: "[x:y = 1]" }))).toMatch(/\[x:y = 1\]$/);
    expect(conflict("release", seen, indicator({ reason: "it is ours" }))).toMatch(/it is ours$/);
    const released = { quarantined: false, decided_by: "maria", reason: "case 7" };
    expect(conflict("release", seen, indicator(released))).toMatch(/maria released it.*case 7/);
  });
});

describe("hits over time", () => {
  test("are counted where the last event was, and sum up", () => {
    const rows = [sighting(10, 3), sighting(HOUR + 10, 4), sighting(HOUR + 20, 5)];
    const { bars, step, total } = binHits(rows, NOW, true);
    expect([step, total]).toEqual([HOUR, 12]);
    expect(bars.reduce((n, bar) => n + bar.count, 0)).toBe(12);
    expect(bars.at(-2)).toEqual({ start: NOW - HOUR, count: 3, known: true });
    expect(bars.at(-3)).toEqual({ start: NOW - 2 * HOUR, count: 9, known: true });
  });
  test("fit whatever their time is, and leave none out", () => {
    for (const days of [1, 3, 20, 80, 400, 3000]) {
      const rows = Array.from({ length: 50 }, (_, i) => sighting((i * days * DAY) / 50, 2));
      const { bars, total } = binHits(rows, NOW, true);
      expect(bars.length).toBeLessThanOrEqual(90);
      expect(bars.reduce((n, bar) => n + bar.count, 0)).toBe(total);
    }
  });
  test("say nothing about what is not loaded", () => {
    const { bars } = binHits([sighting(2 * HOUR, 1)], NOW, false);
    expect(bars.filter((bar) => !bar.known).every((bar) => bar.count === 0)).toBe(true);
    expect(bars.filter((bar) => bar.known).map((bar) => bar.count)).toEqual([1, 0, 0]);
  });
});

describe("a hunt", () => {
  const value = (n: number) => ({ n, value: `v${n}`, type: "domain-name" });
  const answer = (n: number, part: Partial<HuntAnswer> = {}): HuntAnswer => ({
    n,
    value: `v${n}`,
    type: "domain-name",
    seen: false,
    count: 0,
    hosts: 0,
    step: 3600,
    bins: [],
    sources: [],
    names: [],
    indicators: [],
    more: false,
    ...part,
  });
  test("has a row for each answer, and one for each value that waits", () => {
    const got = [answer(0), answer(1, { seen: true }), answer(1, { seen: true, value: "a.v1" })];
    const rows = rowsOf([value(0), value(1), value(2)], got);
    expect(rows.map((r) => [r.answer?.value, r.verdict])).toEqual([
      ["v0", "never"],
      ["v1", "seen"],
      ["a.v1", "seen"],
      [undefined, "waiting"],
    ]);
    expect(new Set(rows.map((r) => r.key)).size).toBe(4);
    expect(rowsOf([value(0)], [answer(0, { refused: "too short" })])[0]?.verdict).toBe("refused");
  });
  test("puts every event into a slot, at the edges too", () => {
    const at = (ago: number) => ({ time: new Date(NOW - ago).toISOString(), count: 1 });
    const bins = [at(11 * HOUR), at(10 * HOUR), at(5 * HOUR), at(0), at(-HOUR)];
    expect(slots(bins, NOW - 10 * HOUR, NOW, 10)).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
  });
});

describe("how an indicator ages", () => {
  const life: Decay = {
    kind: "address",
    days: 60,
    speed: 3,
    threshold: 20,
    begins: "2026-01-01T00:00:00.000000Z",
    start: 80,
    score: 40,
    ends: "2026-01-26T07:30:00.000000Z",
    points: [
      { score: 80, passed: true },
      { score: 60, passed: true, at: "2026-01-01T22:30:00.000000Z" },
      { score: 20, passed: false, at: "2026-01-26T07:30:00.000000Z" },
    ],
    confidence: 80,
    trust: 100,
    false_positives: 0,
    false_positive_points: 0,
    whole: true,
  };
  const begins = Date.parse(life.begins);
  // The node's own figures: policy/decay, 80 points, 60 days, speed 3.
  test("is the node's curve", () => {
    expect(scoreAt(life, begins - DAY)).toBe(80);
    expect(scoreAt(life, begins + 60 * DAY)).toBe(0);
    for (const { score, at } of [...life.points.slice(1), { score: 20, at: life.ends }])
      expect(scoreAt(life, Date.parse(at ?? ""))).toBeCloseTo(score, 6);
    for (const [ms, score] of curveOf(life)) expect(scoreAt(life, ms)).toBeCloseTo(score, 6);
    expect(curveOf(life).at(-1)).toEqual([begins + 60 * DAY, 0]);
  });
  test("says what is passed, what comes next, and where it ends", () => {
    const steps = stepsOf(life, begins + 10 * DAY);
    expect(steps.map((s) => [s.score, s.past])).toEqual([
      [80, true],
      [60, true],
      [20, false],
      [20, false],
    ]);
    expect(steps.at(-1)?.key).toBe("ends");
    // Too low from its beginning: there is no moment, and nothing comes any more.
    const { ends, ...weak } = { ...life, start: 10 };
    expect(stepsOf({ ...weak, points: [] }, begins)[0]).toMatchObject({
      at: undefined,
      past: true,
    });
    expect(momentsOf({ ...weak, points: [] })).toEqual([begins]);
    expect(momentsOf(life)).toContain(Date.parse(ends ?? ""));
  });
});

describe("the life line", () => {
  const life = { from: NOW - DAY, until: undefined, now: NOW, hits: [], matched: true };
  test("shows all of a life: begin, now, end and what it met", () => {
    for (const part of [
      {},
      { until: NOW + 30 * DAY },
      { until: NOW - HOUR },
      { from: NOW + DAY },
      { hits: [NOW - 3 * DAY] },
      { over: NOW + 2 * DAY, marks: [NOW - 9 * DAY, NOW + 5 * DAY] },
    ]) {
      const shown = { ...life, ...part };
      const [begin, end] = frameOf(shown);
      const { over = NOW, marks = [] } = shown as { over?: number; marks?: number[] };
      const all = [shown.from, shown.now, shown.until ?? NOW, over, ...marks, ...shown.hits];
      for (const ms of all) {
        expect(ms).toBeGreaterThanOrEqual(begin);
        expect(ms).toBeLessThan(end);
      }
    }
  });
});
