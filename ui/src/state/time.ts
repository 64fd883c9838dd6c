// SPDX-License-Identifier: Apache-2.0
// Times as the watch reads them: UTC, to the second, the date only when it is not today's.
import type { Text } from "../text/en";

export function clockOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)}Z`;
}

export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** "14:02:11Z" today, "2026-11-20 14:02:11Z" otherwise. */
export function stamp(ms: number, now: number): string {
  if (!Number.isFinite(ms)) return "";
  return dateOf(ms) === dateOf(now) ? clockOf(ms) : `${dateOf(ms)} ${clockOf(ms)}`;
}

/** "12 s", "4 min", "3 h", "12 d": one unit, rounded down, never negative. */
export function span(ms: number, text: Text["common"]): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return text.seconds(s);
  if (s < 3600) return text.minutes(Math.floor(s / 60));
  if (s < 48 * 3600) return text.hours(Math.floor(s / 3600));
  return text.days(Math.floor(s / 86400));
}

/** "12.3 MB": powers of 1,000, as file managers and disks count. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let at = 0;
  while (n >= 1000 && at < units.length - 1) {
    n /= 1000;
    at++;
  }
  return `${at === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[at]}`;
}
