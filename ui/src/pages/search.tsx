// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "preact/hooks";
import { call } from "../api/client";
import type { Found } from "../api/types.gen";
import { Empty, Failed, Loading, Marking, More, ObjectLink, PageHead, Time } from "../parts/bits";
import { type Column, Table } from "../parts/table";
import { usePages } from "../state/data";
import { go, hrefTo, route } from "../state/route";
import { text } from "../text/text";

const PAGE = 50;
// The types that a watch looks for; the query itself takes any.
const TYPES = [
  "indicator",
  "sighting",
  "observed-data",
  "note",
  "malware",
  "threat-actor",
  "intrusion-set",
  "campaign",
  "attack-pattern",
  "tool",
  "vulnerability",
  "infrastructure",
  "course-of-action",
  "identity",
  "report",
  "incident",
  "relationship",
  "ipv4-addr",
  "ipv6-addr",
  "domain-name",
  "url",
  "email-addr",
  "file",
];

function columns(): Column<Found>[] {
  const t = text.value.search;
  return [
    {
      key: "object",
      head: t.object,
      kind: "main",
      cell: (f) => (
        <>
          <div>
            <ObjectLink id={f.id} row>
              {f.title ?? f.value ?? f.id}
            </ObjectLink>
          </div>
          <div class="mono dim clip" title={f.value ?? f.id}>
            {f.title && f.value ? f.value : f.id}
          </div>
        </>
      ),
    },
    { key: "type", head: t.kind, kind: "fit", cell: (f) => f.type },
    { key: "why", head: t.why, kind: "fit", cell: (f) => t.whys[f.why] },
    {
      key: "received",
      head: t.received,
      kind: "fit",
      cell: (f) => <Time iso={f.received} />,
    },
    { key: "label", head: t.objectLabel, kind: "fit", cell: (f) => <Marking tlp={f.label} /> },
  ];
}

function Form({ q, type }: { q: string; type: string }) {
  const t = text.value.search;
  const words = useRef<HTMLInputElement>(null);
  const select = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (words.current) words.current.value = q;
    if (select.current) select.current.value = type;
  }, [q, type]);
  const submit = (event?: Event) => {
    event?.preventDefault();
    go(hrefTo("search", { q: words.current?.value.trim(), type: select.current?.value }));
  };
  return (
    <form class="filter big" onSubmit={submit}>
      <input
        ref={words}
        type="search"
        aria-label={t.label}
        aria-describedby="search-hint"
        placeholder={t.start}
        autocomplete="off"
        spellcheck={false}
      />
      <label class="inline">
        {t.type}
        <select ref={select} onChange={() => submit()}>
          <option value="">{t.anyType}</option>
          {TYPES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="submit" class="main">
        {t.submit}
      </button>
      <p class="dim" id="search-hint">
        {t.hint}
      </p>
    </form>
  );
}

export function Search() {
  const t = text.value.search;
  const { params } = route.value;
  const q = params.get("q") ?? "";
  const type = params.get("type") ?? "";
  const asked = q !== "" || type !== "";
  const list = usePages<Found>(asked ? `${type} ${q}` : null, (next, signal) =>
    call("object.search", { q, type, limit: PAGE, next }, signal),
  );
  return (
    <>
      <PageHead title={t.title} />
      <Form q={q} type={type} />
      {q && (
        <p class="tools">
          <a href={hrefTo("hunt", { q })}>{t.hunt(q)}</a>
        </p>
      )}
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      <div role="status">
        {list.data &&
          (list.data.length === 0 ? (
            <Empty title={t.empty(q || type)} help={t.emptyHelp} />
          ) : (
            <p class="dim">{t.found(list.data.length, list.next !== undefined)}</p>
          ))}
      </div>
      {list.data && list.data.length > 0 && (
        <>
          <Table caption={t.title} columns={columns()} rows={list.data} keyOf={(f) => f.id} />
          <More next={list.next} busy={list.busy} more={list.more} shown={list.data.length} />
        </>
      )}
    </>
  );
}
