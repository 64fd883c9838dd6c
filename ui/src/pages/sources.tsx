// SPDX-License-Identifier: Apache-2.0
// Where events come from, and whether they still do: the worst first, each with what to do. Below,
// what the indicators of each source were worth.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { call } from "../api/client";
import type { Source } from "../api/types.gen";
import { Empty, Failed, Loading, Marking, PageHead, Time } from "../parts/bits";
import { type Column, Table } from "../parts/table";
import { WorthOfSources } from "../parts/worth";
import { now } from "../state/clock";
import { useLoad } from "../state/data";
import { listen } from "../state/live";
import { bytes, span } from "../state/time";
import type { Text } from "../text/en";
import { text } from "../text/text";

type State = Source["state"] | "read";

const ORDER: Record<State, number> = { error: 0, silent: 1, stopped: 2, live: 3, read: 4 };
const BEHIND_BYTES = 16_000_000;

/** A file that was imported is not "stopped": it was read, and that is all that was wanted of it. */
export function stateOf(s: Source): State {
  return s.state === "stopped" && s.kind === "import" ? "read" : s.state;
}

export function byNeed(a: Source, b: Source): number {
  return ORDER[stateOf(a)] - ORDER[stateOf(b)] || a.name.localeCompare(b.name);
}

/** What a person on watch should do about a source; empty when nothing. */
export function advice(s: Source, at: number, t: Text): string[] {
  const words = t.sources;
  const todo: string[] = [];
  const state = stateOf(s);
  if (state === "error") todo.push(words.todoError);
  if (state === "stopped") todo.push(words.todoStopped);
  if (state === "silent") {
    const last = s.last_read ?? s.last_event;
    todo.push(last ? words.todoSilent(span(at - Date.parse(last), t.common)) : words.todoNever);
  }
  if (s.bad > 0) todo.push(words.todoBad(s.bad));
  if (s.untimed > 0) todo.push(words.todoUntimed(s.untimed));
  if (s.lag_bytes > BEHIND_BYTES) todo.push(words.todoLag);
  return todo;
}

function columns(): Column<Source>[] {
  const t = text.value.sources;
  const number = (n: number) => n.toLocaleString(text.value.locale);
  const faint = (n: number) => (n === 0 ? <span class="dim">0</span> : number(n));
  // What was read once has no events: noughts and "never" would look like something amiss.
  const ofEvents = (cell: (s: Source) => ComponentChildren) => (s: Source) =>
    stateOf(s) === "read" ? <span class="dim">–</span> : cell(s);
  return [
    {
      key: "state",
      head: t.state,
      kind: "fit",
      cell: (s) => <span class={`state ${stateOf(s)}`}>{t.states[stateOf(s)]}</span>,
    },
    {
      key: "name",
      head: t.name,
      kind: "main",
      cell: (s) => (
        <>
          <strong>{s.name}</strong> <span class="dim">{s.kind}</span>
          {s.path && <div class="mono dim break">{s.path}</div>}
          {s.error && <div class="bad-text">{s.error}</div>}
          {advice(s, now.value, text.value).map((line) => (
            <div key={line} class="todo">
              {line}
            </div>
          ))}
        </>
      ),
    },
    {
      key: "last",
      head: t.lastEvent,
      kind: "fit",
      cell: ofEvents((s) => (
        <>
          <Time iso={s.last_event} ago={s.last_event !== undefined} />
          <div class="dim">{s.last_event && <Time iso={s.last_event} />}</div>
        </>
      )),
    },
    {
      key: "lag",
      head: t.lag,
      kind: "num",
      cell: ofEvents((s) => (
        <span title={t.progress(bytes(s.position), bytes(s.size))}>
          {s.lag_bytes > 0 ? bytes(s.lag_bytes) : <span class="dim">{t.noLag}</span>}
        </span>
      )),
    },
    { key: "lines", head: t.lines, kind: "num", cell: ofEvents((s) => number(s.lines)) },
    {
      key: "hits",
      head: t.hits,
      kind: "num",
      cell: ofEvents((s) => <strong>{number(s.hits)}</strong>),
    },
    {
      key: "bad",
      head: t.bad,
      kind: "num",
      cell: ofEvents((s) => (s.bad > 0 ? <span class="warn">{number(s.bad)}</span> : faint(s.bad))),
    },
    {
      key: "skipped",
      head: t.skipped,
      kind: "num",
      cell: ofEvents((s) =>
        s.skipped > 0 ? <span class="warn">{number(s.skipped)}</span> : faint(s.skipped),
      ),
    },
    {
      key: "label",
      head: t.label,
      kind: "fit",
      cell: (s) => (
        <>
          <Marking tlp={s.label} />
          {s.trust && (
            <div class="dim">
              {t.trust} {s.trust}
            </div>
          )}
        </>
      ),
    },
  ];
}

function Summary({ sources }: { sources: readonly Source[] }) {
  const t = text.value.sources;
  const states = (Object.keys(ORDER) as State[])
    .map((state) => ({ state, n: sources.filter((s) => stateOf(s) === state).length }))
    .filter(({ n }) => n > 0);
  return (
    <p class="summary">
      {states.map(({ state, n }) => (
        <span key={state} class={`state ${state}`}>
          {n} {t.summary[state]}
        </span>
      ))}
    </p>
  );
}

export function Sources() {
  const t = text.value.sources;
  const list = useLoad("sources", (signal) =>
    call("source.list", { limit: 1000, next: undefined }, signal),
  );
  // Counters change all the time: every event is a reason to ask again, at most every two seconds.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        list.reload();
      }, 2000);
    };
    const stop = listen("source", soon);
    const every = setInterval(soon, 10_000);
    return () => {
      stop();
      clearInterval(every);
      clearTimeout(timer);
    };
  }, []);
  const rows = list.data?.items.toSorted(byNeed);
  return (
    <>
      <PageHead title={t.title}>{rows && <Summary sources={rows} />}</PageHead>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows?.length === 0 && <Empty title={t.empty} help={t.emptyHelp} />}
      {rows && rows.length > 0 && (
        <Table caption={t.title} columns={columns()} rows={rows} keyOf={(s) => s.name} />
      )}
      <WorthOfSources />
    </>
  );
}
