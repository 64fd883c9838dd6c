// SPDX-License-Identifier: Apache-2.0
// The list of sightings that the first page shows: kept while other pages are open, newest first,
// bounded, and held still while a person reads.
import { computed, signal } from "@preact/signals";
import { call } from "../api/client";
import type { Sighting } from "../api/types.gen";
import { listen, whenStanding } from "./live";

export const ROWS_MAX = 1000;
export const PAGE = 100;

/** Newest first by receipt. A new version of a sighting takes the place of the old one. */
export function merge(rows: readonly Sighting[], fresh: readonly Sighting[], max = ROWS_MAX) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const item of fresh) {
    const old = byId.get(item.id);
    if (!old || old.received <= item.received) byId.set(item.id, item);
  }
  return [...byId.values()]
    .sort((a, b) => (a.received < b.received ? 1 : a.received > b.received ? -1 : 0))
    .slice(0, max);
}

export interface Minute {
  start: number;
  count: number;
  known: boolean; // false: older than what is loaded, so the count says nothing
}

/** Sightings by minute of receipt over the last `minutes`, oldest first. */
export function perMinute(
  rows: readonly Sighting[],
  now: number,
  complete: boolean,
  minutes = 60,
): Minute[] {
  const last = Math.floor(now / 60_000);
  const counts = new Map<number, number>();
  let oldest = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const minute = Math.floor(Date.parse(row.received) / 60_000);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
    oldest = Math.min(oldest, minute);
  }
  return Array.from({ length: minutes }, (_, i) => {
    const minute = last - minutes + 1 + i;
    const known = complete || minute > oldest;
    return { start: minute * 60_000, count: counts.get(minute) ?? 0, known };
  });
}

/** What is on the page, and what waits while it is held. */
export const rows = signal<Sighting[]>([]);
export const waiting = signal<Sighting[]>([]);
export const paused = signal(false);
/** True while the reader has scrolled down: rows must not move under the eyes. */
export const scrolled = signal(false);
export const held = computed(() => paused.value || scrolled.value);
export const next = signal<string | undefined>(undefined);
export const loadState = signal<"loading" | "ready" | "error">("loading");
export const loadError = signal<unknown>(undefined);
/** Ids that arrived live a moment ago. */
export const fresh = signal<ReadonlySet<string>>(new Set());
/** How many arrived live since the page was opened. */
export const arrived = signal(0);

const FRESH_MS = 4000;

export function release(): void {
  const items = waiting.value;
  if (items.length === 0) return;
  waiting.value = [];
  show(items);
}

function show(items: Sighting[]): void {
  rows.value = merge(rows.value, items);
  const ids = items.map((item) => item.id);
  fresh.value = new Set([...fresh.value, ...ids]);
  setTimeout(() => {
    const left = new Set(fresh.value);
    for (const id of ids) left.delete(id);
    fresh.value = left;
  }, FRESH_MS);
}

// Events may come in bursts of thousands: they are put on the page together, ten times a second.
let burst: Sighting[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

function flush(): void {
  timer = undefined;
  const items = burst;
  burst = [];
  arrived.value += items.length;
  if (held.value) waiting.value = merge(waiting.value, items);
  else show(items);
}

export function take(item: Sighting): void {
  burst.push(item);
  timer ??= setTimeout(flush, 100);
}

let loading: Promise<void> = Promise.resolve();

export function loadSightings(): Promise<void> {
  loading = load();
  return loading;
}

async function load(): Promise<void> {
  loadState.value = "loading";
  try {
    const page = await call("sighting.list", { limit: PAGE, next: undefined, since: undefined });
    rows.value = merge(rows.value, page.items);
    next.value = page.next;
    loadState.value = "ready";
  } catch (error) {
    loadError.value = error;
    loadState.value = "error";
  }
}

/** What came while the live connection was away, or before it stood; goes the way of live events. */
export async function catchUp(): Promise<void> {
  const page = await call("sighting.list", { limit: PAGE, next: undefined, since: undefined });
  const known = new Map([...rows.value, ...waiting.value].map((row) => [row.id, row.received]));
  if (known.size > 0 && page.next && !page.items.some((item) => known.has(item.id))) {
    // More was missed than one page holds: a list with a hole in it would look complete.
    rows.value = merge([], page.items);
    next.value = page.next;
    return;
  }
  for (const item of page.items) {
    if ((known.get(item.id) ?? "") < item.received) take(item);
  }
}

export async function loadMoreSightings(): Promise<void> {
  if (!next.value) return;
  const page = await call("sighting.list", { limit: PAGE, next: next.value, since: undefined });
  rows.value = merge(rows.value, page.items);
  next.value = rows.value.length >= ROWS_MAX ? undefined : page.next;
}

export function clearSightings(): void {
  clearTimeout(timer);
  timer = undefined;
  burst = [];
  rows.value = [];
  waiting.value = [];
  next.value = undefined;
  arrived.value = 0;
  loadState.value = "loading";
}

export function startSightings(): void {
  listen("sighting", take);
  whenStanding(() => {
    // When it fails the connection is failing too, and comes here again.
    loading.then(catchUp).catch(() => undefined);
  });
}
