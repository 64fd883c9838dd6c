// SPDX-License-Identifier: Apache-2.0
// The hunt that is under way or was answered last: kept while other pages are open, so that one can
// look at an indicator and come back.
import { computed, signal } from "@preact/signals";
import { callEvents } from "../api/client";
import type { HuntAnswer, HuntBin, HuntEnd, HuntValue } from "../api/types.gen";
import { now } from "./clock";

const HOUR = 3_600_000;
export const SPANS = { day: 24 * HOUR, week: 168 * HOUR, quarter: 2160 * HOUR, all: 0 } as const;
export type Span = keyof typeof SPANS;

export type Phase = "none" | "running" | "done" | "stopped" | "broken" | "failed";

/** What was pasted, and how far back to look: changed by the person, not by the hunt. */
export const pasted = signal("");
export const reach = signal<Span>("quarter");
export const exact = signal(false);

export const phase = signal<Phase>("none");
export const values = signal<HuntValue[]>([]);
/** In the order in which they came, which is that of the values. */
export const answers = signal<HuntAnswer[]>([]);
export const end = signal<HuntEnd | undefined>(undefined);
export const problem = signal<unknown>(undefined);
/** The time that was asked about; from is undefined for all of the history. */
export const asked = signal<{ from: number | undefined; to: number }>({ from: undefined, to: 0 });

export const answered = computed(() => new Set(answers.value.map((a) => a.n)).size);
export const seen = computed(
  () => new Set(answers.value.filter((a) => a.seen).map((a) => a.n)).size,
);

let abort = new AbortController();
let run = 0;
// Thousands of events are put on the page together, ten times a second.
let waiting: { values: HuntValue[]; answers: HuntAnswer[] } = { values: [], answers: [] };
let timer: ReturnType<typeof setTimeout> | undefined;

function flush(): void {
  clearTimeout(timer);
  timer = undefined;
  const { values: v, answers: a } = waiting;
  waiting = { values: [], answers: [] };
  if (v.length > 0) values.value = [...values.value, ...v];
  if (a.length > 0) answers.value = [...answers.value, ...a];
}

function empty(): void {
  abort.abort();
  abort = new AbortController();
  run++;
  clearTimeout(timer);
  timer = undefined;
  waiting = { values: [], answers: [] };
  values.value = [];
  answers.value = [];
  end.value = undefined;
  problem.value = undefined;
  phase.value = "none";
}

export function clearHunt(): void {
  empty();
  pasted.value = "";
}

export function stopHunt(): void {
  if (phase.value !== "running") return;
  abort.abort();
  flush();
  phase.value = "stopped";
}

/** From now back as far as was chosen, or from `since` on. The end that the node named, if it came. */
export async function startHunt(since?: string): Promise<HuntEnd | undefined> {
  empty();
  const mine = run;
  const { signal } = abort;
  const back = SPANS[reach.value];
  const from = since ? Date.parse(since) : back > 0 ? now.value - back : undefined;
  asked.value = { from, to: now.value };
  phase.value = "running";
  const params = {
    since: since ?? (from === undefined ? undefined : new Date(from).toISOString()),
    until: undefined,
    exact: exact.value || undefined,
  };
  try {
    await callEvents(
      "hunt.run",
      params,
      pasted.value,
      ({ event, data }) => {
        if (mine !== run) return;
        if (event === "value") waiting.values.push(JSON.parse(data));
        else if (event === "answer") waiting.answers.push(JSON.parse(data));
        else if (event === "end") end.value = JSON.parse(data);
        else if (event === "problem") problem.value = JSON.parse(data);
        timer ??= setTimeout(flush, 100);
      },
      signal,
    );
    if (mine !== run) return undefined;
    flush();
    // A stream that ends without its last word holds less than the answer.
    phase.value = end.value ? "done" : "broken";
  } catch (error) {
    if (mine !== run || signal.aborted) return undefined;
    flush();
    problem.value = error;
    phase.value = values.value.length > 0 ? "broken" : "failed";
  }
  return end.value;
}

export type Verdict = "waiting" | "seen" | "never" | "refused";

export interface Row {
  key: string;
  value: HuntValue;
  answer: HuntAnswer | undefined; // undefined: not yet
  verdict: Verdict;
}

export function verdictOf(answer: HuntAnswer | undefined): Verdict {
  if (!answer) return "waiting";
  if (answer.refused !== undefined) return "refused";
  return answer.seen ? "seen" : "never";
}

/** One row an answer, and one for each value that waits for its own; nothing above ever moves. */
export function rowsOf(of: readonly HuntValue[], got: readonly HuntAnswer[]): Row[] {
  const byValue = new Map<number, HuntAnswer[]>();
  for (const answer of got) {
    const list = byValue.get(answer.n);
    if (list) list.push(answer);
    else byValue.set(answer.n, [answer]);
  }
  return of.flatMap((value): Row[] => {
    const mine = byValue.get(value.n);
    if (!mine) return [{ key: `${value.n}`, value, answer: undefined, verdict: "waiting" }];
    return mine.map((answer, i) => ({
      key: `${value.n} ${i}`,
      value,
      answer,
      verdict: verdictOf(answer),
    }));
  });
}

/** Events in each of n equal parts of the time from `from` to `to`. */
export function slots(bins: readonly HuntBin[], from: number, to: number, n: number): number[] {
  const counts = Array.from({ length: n }, () => 0);
  for (const bin of bins) {
    const at = Math.floor(((Date.parse(bin.time) - from) / (to - from)) * n);
    const slot = Math.min(n - 1, Math.max(0, at));
    counts[slot] = (counts[slot] ?? 0) + bin.count;
  }
  return counts;
}
