// SPDX-License-Identifier: Apache-2.0
// How an indicator of the stand-in ages: as [decay] has it by default, at a threshold of 20.
import { micros } from "./data.mjs";

const DAY = 86_400_000;
const THRESHOLD = 20;
const POINTS = [80, 60, 40, 20];

const KINDS = [
  [/^\[ipv[46]-addr/, "address", 60],
  [/^\[domain-name/, "domain", 180],
  [/^\[url/, "url", 180],
  [/^\[email-addr/, "email", 365],
  [/^\[file/, "file", 365],
];
const SPEED = 3;

/** Members of an indicator that is shown alone. */
export function lifeOf(i, now) {
  const [, kind, days] = KINDS.find(([form]) => form.test(i.pattern)) ?? [0, "other", 365];
  const denied = i.name?.includes("second control server") ? 1 : 0;
  const start = (i.confidence ?? 50) - 12.5 * denied;
  const stated = Date.parse(i.valid_from ?? i.received);
  const seen = i.last_hit && Date.parse(i.last_hit);
  const begins = Math.max(stated, seen ?? 0);
  const at = (score) => begins + days * DAY * (1 - score / start) ** SPEED;
  const when = (score) => (start < score ? {} : { at: micros(at(score)) });
  const fallen = Math.min(1, Math.max(0, now - begins) / (days * DAY)) ** (1 / SPEED);
  const ends = start < THRESHOLD ? {} : { ends: micros(at(THRESHOLD)) };
  const until = start < THRESHOLD ? begins : at(THRESHOLD);
  const valid = i.valid_until ? Date.parse(i.valid_until) : Number.POSITIVE_INFINITY;
  return {
    matched_until: micros(Math.min(until, valid)),
    active: i.active && now < until,
    life: {
      kind,
      days,
      speed: SPEED,
      threshold: THRESHOLD,
      begins: micros(begins),
      start,
      score: Math.floor(start * (1 - fallen) * 10) / 10,
      ...ends,
      points: POINTS.map((score) => ({
        score,
        passed: start < score || at(score) <= now,
        ...when(score),
      })),
      confidence: i.confidence ?? 50,
      trust: 100,
      ...(seen ? { last_seen: i.last_hit } : {}),
      false_positives: denied,
      false_positive_points: 12.5 * denied,
      whole: false,
    },
  };
}

/** What the indicators of each source were worth; each stands for one value of its own. */
export function worthOf(all) {
  const sources = new Map();
  for (const i of all) {
    const name = i.source;
    const s = sources.get(name) ?? {
      name,
      indicators: 0,
      hit: 0,
      hits: 0,
      false_positives: 0,
      first: 0,
    };
    const hit = i.hits > 0 ? 1 : 0;
    s.indicators++;
    s.hit += hit;
    s.hits += i.hits;
    s.first += hit;
    s.false_positives += i.name?.includes("second control server") ? 1 : 0;
    sources.set(name, s);
  }
  return {
    sources: [...sources.values()].sort((a, b) => b.first - a.first || b.hits - a.hits),
    sightings: all.reduce((n, i) => n + i.hits, 0),
    more: false,
  };
}
