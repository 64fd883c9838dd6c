// SPDX-License-Identifier: Apache-2.0
// What the guard or a person holds back from being matched, with the reason; and letting it go, one or
// many, with a reason of one's own.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client";
import type { Indicator } from "../api/types.gen";
import { Empty, Failed, Loading, Marking, More, PageHead, Time } from "../parts/bits";
import { DecidePanel } from "../parts/decide";
import { type Column, Table } from "../parts/table";
import { usePages } from "../state/data";
import { indicatorHref, route } from "../state/route";
import { mayAdminister } from "../state/session";
import { text } from "../text/text";

type Kind = NonNullable<Indicator["quarantined_for"]> | "hidden";

const PAGE = 200;

/** What speaks against it, as far as this account may know. */
export const kindOf = (i: Pick<Indicator, "quarantined_for">): Kind =>
  i.quarantined_for ?? "hidden";

function columns(
  chosen: ReadonlySet<string>,
  tick: (id: string) => void,
  release: (i: Indicator) => void,
): Column<Indicator>[] {
  const t = text.value.quarantine;
  const named = text.value.indicators;
  const all: Column<Indicator>[] = [
    {
      key: "name",
      head: named.name,
      kind: "main",
      cell: (i) => (
        <>
          <div>
            <a href={indicatorHref(i.id)} data-row="">
              {i.name ?? named.unnamed}
            </a>
          </div>
          <div class="mono dim clip" title={i.pattern}>
            {i.pattern}
          </div>
        </>
      ),
    },
    {
      key: "reason",
      head: t.reason,
      kind: "main",
      cell: (i) => (
        <>
          <div class="why">{i.reason ?? t.noReason}</div>
          {i.reason && (
            <div class="dim">
              {t.kinds[kindOf(i)]}, {i.decided_by ? t.by(i.decided_by) : t.byGuard}
            </div>
          )}
        </>
      ),
    },
    { key: "source", head: named.source, kind: "fit", cell: (i) => i.source },
    {
      key: "confidence",
      head: named.confidence,
      kind: "num",
      cell: (i) => i.confidence ?? <span class="dim">–</span>,
    },
    { key: "received", head: t.received, kind: "fit", cell: (i) => <Time iso={i.received} /> },
    { key: "label", head: named.label, kind: "fit", cell: (i) => <Marking tlp={i.label} /> },
  ];
  if (!mayAdminister()) return all;
  return [
    {
      key: "tick",
      head: t.choose,
      kind: "fit",
      cell: (i) => (
        <input
          type="checkbox"
          aria-label={t.chooseOne(i.name ?? i.id)}
          checked={chosen.has(i.id)}
          onChange={() => tick(i.id)}
        />
      ),
    },
    ...all,
    {
      key: "do",
      head: t.decision,
      kind: "fit",
      cell: (i) => (
        <button type="button" class="small" onClick={() => release(i)}>
          {text.value.decide.button.release}
        </button>
      ),
    },
  ];
}

interface Wanted {
  q: string;
  source: string;
  kind: string;
}

/** Names with how many rows each has, the most first. */
function counted(items: readonly Indicator[], of: (i: Indicator) => string): [string, number][] {
  const found = new Map<string, number>();
  for (const item of items) found.set(of(item), (found.get(of(item)) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

function Choice({
  label,
  any,
  value,
  options,
  words = (name) => name,
  change,
}: {
  label: string;
  any: string;
  value: string;
  options: [string, number][];
  words?: (name: string) => string;
  change: (value: string) => void;
}) {
  const gone = value !== "" && !options.some(([name]) => name === value);
  const all = gone ? [...options, [value, 0] as const] : options;
  return (
    <label class="inline">
      {label}
      <select value={value} onChange={(e) => change(e.currentTarget.value)}>
        <option value="">{any}</option>
        {all.map(([name, n]) => (
          <option key={name} value={name}>
            {`${words(name)} (${n})`}
          </option>
        ))}
      </select>
    </label>
  );
}

function fits(i: Indicator, wanted: Wanted): boolean {
  if (wanted.source && i.source !== wanted.source) return false;
  if (wanted.kind && kindOf(i) !== wanted.kind) return false;
  const words = [i.name, i.pattern, i.reason, i.id];
  const q = wanted.q.trim().toLowerCase();
  return words.some((word) => word?.toLowerCase().includes(q));
}

function Filter({
  items,
  wanted,
  set,
}: {
  items: readonly Indicator[];
  wanted: Wanted;
  set: (part: Partial<Wanted>) => void;
}) {
  const t = text.value.quarantine;
  return (
    <div class="filter">
      <input
        type="search"
        aria-label={t.filter}
        placeholder={t.filter}
        value={wanted.q}
        onInput={(e) => set({ q: e.currentTarget.value })}
        spellcheck={false}
      />
      <Choice
        label={t.reason}
        any={text.value.indicators.all}
        value={wanted.kind}
        options={counted(items, kindOf)}
        words={(kind) => t.kinds[kind as Kind]}
        change={(kind) => set({ kind })}
      />
      <Choice
        label={text.value.indicators.source}
        any={text.value.indicators.all}
        value={wanted.source}
        options={counted(items, (i) => i.source)}
        change={(source) => set({ source })}
      />
    </div>
  );
}

/** What is chosen, and what to do with it; always in sight while one scrolls. */
function Chosen({
  shown,
  picked,
  choose,
  release,
}: {
  shown: number;
  picked: number;
  choose: (all: boolean) => void;
  release: () => void;
}) {
  const t = text.value.quarantine;
  return (
    <p class="tools choose">
      <label class="inline">
        <input
          type="checkbox"
          checked={picked === shown}
          onChange={() => choose(picked !== shown)}
        />
        {t.chooseAll(shown)}
      </label>
      <button type="button" class="main" disabled={picked === 0} onClick={release}>
        {text.value.decide.chosen(picked)}
      </button>
    </p>
  );
}

export function Quarantine() {
  const t = text.value.quarantine;
  const { params } = route.value;
  const [wanted, setWanted] = useState<Wanted>({
    q: params.get("q") ?? "",
    source: params.get("source") ?? "",
    kind: params.get("kind") ?? "",
  });
  const list = usePages<Indicator>("quarantine", (next, signal) =>
    call("indicator.list", { quarantined: true, limit: PAGE, next }, signal),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [deciding, setDeciding] = useState<Indicator[]>();
  // Few are held back of many: one answer of the node may hold none of them and not be the last.
  const short = list.data !== undefined && list.data.length < PAGE && list.next !== undefined;
  useEffect(() => {
    if (short && !list.busy && list.error === undefined) list.more();
  }, [short, list.busy, list.next]);
  const items = list.data ?? [];
  const shown = items.filter((i) => fits(i, wanted));
  // What the filter hides is not decided with what it shows.
  const picked = shown.filter((i) => chosen.has(i.id));
  const tick = (id: string) => {
    const after = new Set(chosen);
    if (!after.delete(id)) after.add(id);
    setChosen(after);
  };
  const filtered = wanted.q !== "" || wanted.source !== "" || wanted.kind !== "";
  return (
    <>
      <PageHead title={t.title}>
        <Filter items={items} wanted={wanted} set={(part) => setWanted({ ...wanted, ...part })} />
      </PageHead>
      <p class="dim lead">{mayAdminister() ? t.lead : t.leadReader}</p>
      {(list.loading || (short && items.length === 0)) && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data && !short && shown.length === 0 && (
        <Empty
          title={filtered ? t.emptyFilter : t.empty}
          help={filtered ? t.emptyFilterHelp : t.emptyHelp}
        />
      )}
      {shown.length > 0 && (
        <>
          {mayAdminister() && (
            <Chosen
              shown={shown.length}
              picked={picked.length}
              choose={(all) => setChosen(new Set(all ? shown.map((i) => i.id) : []))}
              release={() => setDeciding(picked)}
            />
          )}
          <Table
            caption={t.title}
            columns={columns(chosen, tick, (i) => setDeciding([i]))}
            rows={shown}
            keyOf={(i) => i.id}
            classOf={(i) => (chosen.has(i.id) ? "chosen" : undefined)}
          />
        </>
      )}
      {items.length > 0 && (
        <More next={list.next} busy={list.busy || short} more={list.more} shown={shown.length} />
      )}
      {deciding && (
        <DecidePanel
          verb="release"
          items={deciding}
          onDone={() => {
            setChosen(new Set());
            list.reload();
          }}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </>
  );
}
