// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client";
import type { Indicator } from "../api/types.gen";
import { Empty, Failed, Loading, Marking, More, PageHead, Time } from "../parts/bits";
import { type Column, Table } from "../parts/table";
import { now } from "../state/clock";
import { usePages } from "../state/data";
import { listen } from "../state/live";
import { go, hrefTo, indicatorHref, route } from "../state/route";
import type { Text } from "../text/en";
import { text } from "../text/text";

export type State = keyof Text["indicators"]["states"];

const PAGE = 100;

/** Why an indicator is matched or not, in one word. */
export function stateOf(i: Indicator, at: number): State {
  if (i.revoked) return "revoked";
  if (i.valid_until && Date.parse(i.valid_until) <= at) return "expired";
  if (i.valid_from && Date.parse(i.valid_from) > at) return "notYet";
  if (i.quarantined) return "quarantined";
  if (i.matched_until && Date.parse(i.matched_until) <= at) return "faded";
  return i.active ? "active" : "idle";
}

function columns(): Column<Indicator>[] {
  const t = text.value.indicators;
  return [
    {
      key: "name",
      head: t.name,
      kind: "main",
      cell: (i) => (
        <>
          <div>
            <a href={indicatorHref(i.id)} data-row="">
              {i.name ?? t.unnamed}
            </a>
          </div>
          <div class="mono dim clip" title={i.pattern}>
            {i.pattern}
          </div>
        </>
      ),
    },
    {
      key: "state",
      head: t.state,
      kind: "fit",
      cell: (i) => {
        const state = stateOf(i, now.value);
        return (
          <span class={`state ${state}`} title={i.reason}>
            {t.states[state]}
          </span>
        );
      },
    },
    {
      key: "hits",
      head: t.hits,
      kind: "num",
      cell: (i) =>
        i.hits > 0 ? (
          <strong>
            {i.hits.toLocaleString(text.value.locale)}
            {i.hits_more && "+"}
          </strong>
        ) : (
          <span class="dim">0</span>
        ),
    },
    { key: "last", head: t.lastHit, kind: "fit", cell: (i) => <Time iso={i.last_hit} /> },
    {
      key: "until",
      head: t.validUntil,
      kind: "fit",
      cell: (i) =>
        i.valid_until ? <Time iso={i.valid_until} /> : <span class="dim">{t.forever}</span>,
    },
    {
      key: "confidence",
      head: t.confidence,
      kind: "num",
      cell: (i) => i.confidence ?? <span class="dim">–</span>,
    },
    { key: "source", head: t.source, kind: "fit", cell: (i) => i.source },
    { key: "label", head: t.label, kind: "fit", cell: (i) => <Marking tlp={i.label} /> },
  ];
}

function Filter({ q, active }: { q: string; active: string }) {
  const t = text.value.indicators;
  const [words, setWords] = useState(q);
  useEffect(() => setWords(q), [q]);
  const submit = (event: Event) => {
    event.preventDefault();
    go(hrefTo("indicators", { q: words.trim(), active }));
  };
  return (
    <form class="filter" onSubmit={submit}>
      <input
        type="search"
        aria-label={t.filter}
        placeholder={t.filter}
        value={words}
        onInput={(e) => setWords(e.currentTarget.value)}
        spellcheck={false}
      />
      <label class="inline">
        {t.show}
        <select
          value={active}
          onChange={(e) =>
            go(hrefTo("indicators", { q: words.trim(), active: e.currentTarget.value }))
          }
        >
          <option value="">{t.all}</option>
          <option value="true">{t.active}</option>
          <option value="false">{t.notActive}</option>
        </select>
      </label>
      <button type="submit">{t.apply}</button>
    </form>
  );
}

/** A changed indicator takes the place of its older self; a new one goes on top. */
export function put(items: readonly Indicator[], item: Indicator): Indicator[] {
  const at = items.findIndex((old) => old.id === item.id);
  return at < 0 ? [item, ...items] : items.map((old, i) => (i === at ? item : old));
}

export function Indicators() {
  const t = text.value.indicators;
  const { params } = route.value;
  const q = params.get("q") ?? "";
  const active = params.get("active") ?? "";
  const list = usePages<Indicator>(`${active} ${q}`, (next, signal) =>
    call(
      "indicator.list",
      { limit: PAGE, q, active: active === "" ? undefined : active === "true", next },
      signal,
    ),
  );
  const plain = q === "" && active === "";
  useEffect(() => {
    // With a filter the node decides what fits, so only the plain list grows by itself.
    return listen("indicator", (item) =>
      list.change((items) =>
        plain || items.some((old) => old.id === item.id) ? put(items, item) : items,
      ),
    );
  }, [list.change, plain]);
  return (
    <>
      <PageHead title={t.title}>
        <Filter q={q} active={active} />
      </PageHead>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data?.length === 0 &&
        (plain ? <Empty title={t.empty} help={t.emptyHelp} /> : <Empty title={t.emptyFilter} />)}
      {list.data && list.data.length > 0 && (
        <>
          <Table
            caption={t.title}
            columns={columns()}
            rows={list.data}
            keyOf={(i) => i.id}
            classOf={(i) => (stateOf(i, now.value) === "active" ? undefined : "off")}
          />
          <More next={list.next} busy={list.busy} more={list.more} shown={list.data.length} />
        </>
      )}
    </>
  );
}
