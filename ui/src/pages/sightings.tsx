// SPDX-License-Identifier: Apache-2.0
// The first page: what the sensors' events met, newest first, live.
import { useEffect, useState } from "preact/hooks";
import type { Sighting } from "../api/types.gen";
import {
  Empty,
  Failed,
  Loading,
  Marking,
  Mono,
  More,
  ObjectLink,
  PageHead,
  Time,
} from "../parts/bits";
import { Strip } from "../parts/strip";
import { type Column, Table } from "../parts/table";
import { now } from "../state/clock";
import { hrefTo, indicatorHref, objectHref } from "../state/route";
import * as list from "../state/sightings";
import { text } from "../text/text";

const SCROLLED_PX = 120;

function columns(): Column<Sighting>[] {
  const t = text.value.sightings;
  return [
    {
      key: "when",
      head: t.when,
      kind: "fit",
      cell: (s) => (
        <ObjectLink id={s.id} row>
          <Time iso={s.last_seen ?? s.received} />
        </ObjectLink>
      ),
    },
    {
      key: "count",
      head: t.count,
      kind: "num",
      cell: (s) => <strong>{s.count.toLocaleString(text.value.locale)}</strong>,
    },
    {
      key: "value",
      head: t.value,
      kind: "main",
      cell: (s) => (
        <>
          {s.value && (
            <a class="mono value" href={hrefTo("search", { q: s.value })}>
              {s.value}
            </a>
          )}{" "}
          <span class="dim type">{s.value_type}</span>
        </>
      ),
    },
    {
      key: "indicator",
      head: t.indicator,
      kind: "main",
      cell: (s) => <IndicatorName s={s} />,
    },
    {
      key: "source",
      head: t.source,
      kind: "fit",
      cell: (s) => s.source,
    },
    { key: "label", head: t.label, kind: "fit", cell: (s) => <Marking tlp={s.label} /> },
  ];
}

function IndicatorName({ s }: { s: Sighting }) {
  const t = text.value.sightings;
  if (!s.indicator) return <span class="dim">{t.noIndicator}</span>;
  const { id, name, pattern } = s.indicator;
  const href = id.startsWith("indicator--") ? indicatorHref(id) : objectHref(id);
  return <a href={href}>{name ?? pattern ?? <Mono>{id}</Mono>}</a>;
}

function fits(s: Sighting, filter: string): boolean {
  const words = [s.value, s.value_type, s.indicator?.name, s.source, s.label];
  return words.some((word) => word?.toLowerCase().includes(filter));
}

/** Says how many came, at most every ten seconds, for those who do not see the rows move. */
function Announcer() {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let from = list.arrived.value;
    const timer = setInterval(() => {
      const count = list.arrived.value - from;
      from = list.arrived.value;
      setSaid(count > 0 ? text.value.sightings.announce(count) : "");
    }, 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="hidden" role="status">
      {said}
    </p>
  );
}

function Rows({ filter }: { filter: string }) {
  const t = text.value.sightings;
  const all = list.rows.value;
  const shown = filter ? all.filter((s) => fits(s, filter)) : all;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const more = () => {
    setBusy(true);
    setError(undefined);
    list
      .loadMoreSightings()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  if (all.length === 0) {
    if (list.loadState.value === "loading") return <Loading />;
    if (list.loadState.value === "ready") return <Empty title={t.empty} help={t.emptyHelp} />;
  }
  return (
    <>
      {list.loadState.value === "error" && (
        <Failed error={list.loadError.value} retry={() => void list.loadSightings()} />
      )}
      {all.length > 0 && shown.length === 0 && <Empty title={t.emptyFilter} />}
      {shown.length > 0 && (
        <Table
          caption={t.title}
          columns={columns()}
          rows={shown}
          keyOf={(s) => s.id}
          classOf={(s) => (list.fresh.value.has(s.id) ? "fresh" : undefined)}
        />
      )}
      {error !== undefined && <Failed error={error} retry={more} />}
      {all.length > 0 && (
        <More next={list.next.value} busy={busy} more={more} shown={shown.length} />
      )}
    </>
  );
}

export function togglePause(): void {
  list.paused.value = !list.paused.value;
  if (!list.held.value) list.release();
}

export function Sightings() {
  const t = text.value.sightings;
  const [filter, setFilter] = useState("");
  useEffect(() => {
    const onScroll = () => {
      list.scrolled.value = scrollY > SCROLLED_PX;
      if (!list.held.value) list.release();
    };
    addEventListener("scroll", onScroll, { passive: true });
    onScroll();
    return () => {
      removeEventListener("scroll", onScroll);
      list.scrolled.value = false;
    };
  }, []);
  const waiting = list.waiting.value.length;
  const complete = list.loadState.value === "ready" && list.next.value === undefined;
  return (
    <>
      <PageHead title={t.title}>
        <input
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onInput={(e) => setFilter(e.currentTarget.value.toLowerCase())}
          spellcheck={false}
        />
        <button type="button" aria-keyshortcuts="p" onClick={togglePause}>
          {list.paused.value ? t.resume : t.pause} <kbd>p</kbd>
        </button>
        {list.paused.value && <span class="warn">{t.paused(waiting)}</span>}
      </PageHead>
      <Strip minutes={list.perMinute(list.rows.value, now.value, complete)} />
      {!list.paused.value && waiting > 0 && (
        <button type="button" class="held main" onClick={() => scrollTo({ top: 0 })}>
          {t.held(waiting)}
        </button>
      )}
      <Announcer />
      <Rows filter={filter.trim()} />
    </>
  );
}
