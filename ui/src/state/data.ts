// SPDX-License-Identifier: Apache-2.0
// Loading for pages: one value or a list with "more", always with its loading and error state, and
// never with the answer of a question that is no longer asked.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../api/types.gen";

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** `key` names the question; when it changes, the old answer goes. A null key asks nothing. */
export function useLoad<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ key: string | null; data?: T; error?: unknown }>({ key });
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => setState({ key, data }),
      (error) => {
        if (!isAbort(error))
          setState((old) => (old.key === key ? { ...old, error } : { key, error }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);
  const current = state.key === key ? state : { key };
  return {
    data: current.data,
    error: current.error,
    loading: key !== null && current.data === undefined && current.error === undefined,
    reload: () => setTurn((n) => n + 1),
  };
}

export interface Meanwhile<T> {
  /** The answer, with all that happened while it was on its way. */
  whole: (asked: Promise<T>) => Promise<T>;
  happened: (update: (value: T) => T) => void;
}

/** An answer may be older than what happens before it comes: that would be lost with it. */
export function meanwhile<T>(): Meanwhile<T> {
  const awaited = new Set<((value: T) => T)[]>();
  return {
    whole: (asked) => {
      const updates: ((value: T) => T)[] = [];
      awaited.add(updates);
      return asked
        .then((answer) => {
          let value = answer;
          for (const update of updates) value = update(value);
          return value;
        })
        .finally(() => awaited.delete(updates));
    },
    happened: (update) => {
      for (const updates of awaited) updates.push(update);
    },
  };
}

const AGAIN_MS = 2000;

/** Asked again and again, for what changes without a word to the page. */
export function useAgain<T>(loaded: Loaded<T>, ms = AGAIN_MS): void {
  useEffect(() => {
    const every = setInterval(loaded.reload, ms);
    return () => clearInterval(every);
  }, []);
}

export interface Paged<T> extends Loaded<T[]> {
  next: string | undefined;
  more: () => void;
  busy: boolean; // more is on its way
  change: (update: (items: T[]) => T[]) => void;
}

/** A list by pages. */
export function usePages<T>(
  key: string | null,
  load: (next: string | undefined, signal?: AbortSignal) => Promise<Page<T>>,
): Paged<T> {
  const [coming] = useState(() => meanwhile<Page<T>>());
  const first = useLoad(key, (signal) => coming.whole(load(undefined, signal)));
  const [extra, setExtra] = useState<{ of: unknown; items: T[]; next: string | undefined }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const latest = useRef<Page<T>>(undefined);
  latest.current = first.data;
  // What was added belongs to one first page; with another it is no longer shown.
  const mine = extra && extra.of === first.data ? extra : undefined;
  const items = mine?.items ?? first.data?.items;
  const next = mine ? mine.next : first.data?.next;
  const put = (of: Page<T>, all: T[], token: string | undefined) => {
    if (latest.current === of) setExtra({ of, items: all, next: token });
  };
  const more = () => {
    const of = first.data;
    if (!of || !next || busy) return;
    setBusy(true);
    setError(undefined);
    load(next)
      .then((page) => put(of, [...(items ?? []), ...page.items], page.next), setError)
      .finally(() => setBusy(false));
  };
  const change = (update: (items: T[]) => T[]) => {
    coming.happened((page) => ({ ...page, items: update(page.items) }));
    const of = latest.current;
    if (!of) return;
    setExtra((old) => {
      const base = old && old.of === of ? old : { of, items: of.items, next: of.next };
      return { ...base, items: update(base.items) };
    });
  };
  return { ...first, data: items, error: first.error ?? error, next, more, busy, change };
}
