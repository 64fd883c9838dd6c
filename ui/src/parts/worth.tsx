// SPDX-License-Identifier: Apache-2.0
// What the indicators of each source were worth, over what the account may see.
import { call } from "../api/client";
import type { SourceWorth } from "../api/types.gen";
import { useAgain, useLoad } from "../state/data";
import { text } from "../text/text";
import { Failed, Loading } from "./bits";
import { type Column, Table } from "./table";

const AGAIN_MS = 60_000;

function columns(): Column<SourceWorth>[] {
  const t = text.value.worth;
  const number = (n: number) =>
    n === 0 ? <span class="dim">0</span> : n.toLocaleString(text.value.locale);
  return [
    { key: "name", head: t.name, kind: "main", cell: (s) => <strong>{s.name}</strong> },
    { key: "indicators", head: t.indicators, kind: "num", cell: (s) => number(s.indicators) },
    { key: "hit", head: t.hit, kind: "num", cell: (s) => number(s.hit) },
    { key: "hits", head: t.hits, kind: "num", cell: (s) => number(s.hits) },
    {
      key: "false",
      head: t.falsePositives,
      kind: "num",
      cell: (s) =>
        s.false_positives > 0 ? (
          <span class="warn">{number(s.false_positives)}</span>
        ) : (
          number(s.false_positives)
        ),
    },
    { key: "first", head: t.first, kind: "num", cell: (s) => number(s.first) },
  ];
}

export function WorthOfSources() {
  const t = text.value.worth;
  const load = useLoad("worth", (signal) => call("source.worth", {}, signal));
  useAgain(load, AGAIN_MS);
  const rows = load.data?.sources;
  return (
    <section aria-labelledby="worth">
      <h2 id="worth">{t.title}</h2>
      <p class="lead">{t.lead}</p>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      {rows?.length === 0 && <p class="dim">{t.empty}</p>}
      {rows && rows.length > 0 && (
        <Table caption={t.title} columns={columns()} rows={rows} keyOf={(s) => s.name} />
      )}
      {load.data?.more && <p class="foot dim">{t.more}</p>}
    </section>
  );
}
