// SPDX-License-Identifier: Apache-2.0
// What an indicator met, as bars over its time: pure.
import type { Sighting } from "../api/types.gen";

export interface Bar {
  start: number;
  count: number;
  known: boolean; // false: what is here says nothing about it
}

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** From the finest: the first by which all of the time fits into BARS_MAX. */
const STEPS = [HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY, 364 * DAY];
const BARS_MIN = 24;
const BARS_MAX = 90;

export interface Binned {
  step: number;
  bars: Bar[];
  total: number;
}

export function timeOf(s: Sighting): number {
  return Date.parse(s.last_seen ?? s.received);
}

/** Each sighting counts where its last event was. `complete`: no older ones are left to load. */
export function binHits(rows: readonly Sighting[], now: number, complete: boolean): Binned {
  const times = rows.map(timeOf).filter(Number.isFinite);
  const oldest = Math.min(now, ...times);
  const newest = Math.max(now, ...times);
  const fits = (step: number) => Math.floor(newest / step) - Math.floor(oldest / step) < BARS_MAX;
  const step = STEPS.find(fits) ?? 364 * DAY;
  const last = Math.floor(newest / step);
  const first = Math.max(
    last - BARS_MAX + 1,
    Math.min(Math.floor(oldest / step), last - BARS_MIN + 1),
  );
  const counts = new Map<number, number>();
  let total = 0;
  for (const row of rows) {
    const bin = Math.floor(timeOf(row) / step);
    counts.set(bin, (counts.get(bin) ?? 0) + row.count);
    total += row.count;
  }
  const known = complete ? first : Math.floor(oldest / step);
  const bars = Array.from({ length: last - first + 1 }, (_, i) => {
    const bin = first + i;
    return { start: bin * step, count: counts.get(bin) ?? 0, known: bin >= known };
  });
  return { step, bars, total };
}
