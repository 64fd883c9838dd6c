// SPDX-License-Identifier: Apache-2.0
// Paste anything: every value in it is looked up in the history of what the sensors saw. The values
// stand there at once, the answers come in beside them.
import { useEffect, useState } from "preact/hooks";
import type { HuntAnswer, HuntIndicator } from "../api/types.gen";
import { Empty, errorText, Failed, PageHead, Time } from "../parts/bits";
import { Saved, SavePanel, useSaved } from "../parts/saved";
import { type Column, Table } from "../parts/table";
import * as hunt from "../state/hunt";
import { hrefTo, indicatorHref, route } from "../state/route";
import { mayShare } from "../state/session";
import { span } from "../state/time";
import { text } from "../text/text";

const ROWS = 200;
const SLOTS = 40;
const SLOT = 3;
const HEIGHT = 22;
const SOURCES = 3;

const number = (n: number) => n.toLocaleString(text.value.locale);

/** When it was seen, in the time that was asked about; the figures stand in the row's details. */
function When({ answer }: { answer: HuntAnswer }) {
  const t = text.value.hunt;
  const { from, to } = hunt.asked.value;
  const first = answer.bins[0];
  if (!first) return null;
  const begin = from ?? Date.parse(first.time);
  const counts = hunt.slots(answer.bins, begin, Math.max(to, begin + 1), SLOTS);
  const top = Math.max(...counts);
  return (
    <svg
      class="when"
      viewBox={`0 0 ${SLOTS * SLOT} ${HEIGHT}`}
      role="img"
      aria-label={t.whenSays(span(to - begin, text.value.common))}
    >
      <line class="base" x1="0" x2={SLOTS * SLOT} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {counts.map((count, i) => {
        if (count === 0) return null;
        const height = Math.max(3, (count / top) * HEIGHT);
        const x = i * SLOT;
        return (
          <rect key={x} class="bar" x={x} y={HEIGHT - height} width={SLOT - 1} height={height} />
        );
      })}
    </svg>
  );
}

function Figures({ answer }: { answer: HuntAnswer }) {
  const t = text.value.hunt;
  return (
    <details class="figures-of">
      <summary>{t.details(answer.names.length, answer.sources.length)}</summary>
      {answer.names.length > 0 && (
        <>
          <h3>{t.dns}</h3>
          <ul class="plain">
            {answer.names.map((n) => (
              <li key={`${n.name} ${n.answer}`}>
                <span class="mono break">
                  {n.name} → {n.answer}
                </span>{" "}
                <span class="dim">
                  {t.times(n.count)}, <Time iso={n.first_seen} /> – <Time iso={n.last_seen} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{t.sources}</h3>
      <ul class="plain">
        {answer.sources.map((s) => (
          <li key={s.name}>
            {s.name}{" "}
            <span class="dim">
              {t.times(s.count)}, <Time iso={s.first_seen} /> – <Time iso={s.last_seen} />
            </span>
          </li>
        ))}
      </ul>
      <h3>{t.perStep(span(answer.step * 1000, text.value.common))}</h3>
      <ul class="plain bins">
        {answer.bins.map((bin) => (
          <li key={bin.time}>
            <Time iso={bin.time} /> <strong>{number(bin.count)}</strong>
          </li>
        ))}
      </ul>
      {answer.more && <p class="warn">{t.more}</p>}
    </details>
  );
}

function Known({ items }: { items: readonly HuntIndicator[] }) {
  const t = text.value.indicators;
  return (
    <ul class="plain">
      {items.map((i) => {
        const state = i.quarantined ? "quarantined" : i.active ? "active" : "idle";
        return (
          <li key={i.id}>
            <a href={indicatorHref(i.id)}>{i.name ?? t.unnamed}</a>{" "}
            <span class={`state ${state}`}>{t.states[state]}</span>
            {i.matches && <div class="dim mono clip">{i.matches}</div>}
          </li>
        );
      })}
    </ul>
  );
}

function Value({ row }: { row: hunt.Row }) {
  const { value, answer, verdict } = row;
  const shown = answer?.value ?? value.value;
  return (
    <>
      <a class="mono value" href={hrefTo("search", { q: shown })} data-row="">
        {shown}
      </a>{" "}
      <span class="dim type">{answer?.type ?? value.type}</span>
      {shown !== value.value ? (
        <div class="dim">{text.value.hunt.within(value.value)}</div>
      ) : (
        value.written && (
          <div class="mono dim clip" title={value.written}>
            {value.written}
          </div>
        )
      )}
      {verdict === "refused" && <div class="warn">{answer?.refused}</div>}
      {verdict === "seen" && answer && <Figures answer={answer} />}
    </>
  );
}

function Verdict({ row }: { row: hunt.Row }) {
  const t = text.value.hunt.verdicts;
  return <span class={`state ${row.verdict}`}>{t[row.verdict]}</span>;
}

function columns(): Column<hunt.Row>[] {
  const t = text.value.hunt;
  return [
    { key: "verdict", head: t.verdict, kind: "fit", cell: (r) => <Verdict row={r} /> },
    { key: "value", head: t.value, kind: "main", cell: (r) => <Value row={r} /> },
    {
      key: "count",
      head: t.events,
      kind: "num",
      cell: (r) => r.answer?.seen && <strong>{number(r.answer.count)}</strong>,
    },
    {
      key: "hosts",
      head: t.hosts,
      kind: "num",
      cell: (r) => r.answer?.seen && t.about(r.answer.hosts),
    },
    {
      key: "span",
      head: t.span,
      kind: "fit",
      cell: ({ answer }) =>
        answer?.seen && (
          <>
            <Time iso={answer.first_seen} />
            <br />
            <Time iso={answer.last_seen} />
          </>
        ),
    },
    {
      key: "when",
      head: t.when,
      kind: "fit",
      cell: ({ answer }) => answer?.seen && <When answer={answer} />,
    },
    {
      key: "sources",
      head: t.sources,
      cell: ({ answer }) => {
        const names = (answer?.sources ?? []).map((s) => s.name);
        if (names.length === 0) return null;
        const rest = names.length - SOURCES;
        return names.slice(0, SOURCES).join(", ") + (rest > 0 ? ` ${t.andMore(rest)}` : "");
      },
    },
    {
      key: "known",
      head: t.known,
      cell: ({ answer }) =>
        answer && answer.indicators.length > 0 && <Known items={answer.indicators} />,
    },
  ];
}

function Form({ onSave }: { onSave: () => void }) {
  const t = text.value.hunt;
  const running = hunt.phase.value === "running";
  const nothing = hunt.pasted.value.trim() === "";
  const submit = (event: Event) => {
    event.preventDefault();
    if (!nothing) void hunt.startHunt();
  };
  return (
    <form class="hunt" onSubmit={submit}>
      <label for="pasted">{t.paste}</label>
      <textarea
        id="pasted"
        class="mono"
        rows={6}
        aria-describedby="hunt-hint"
        autocomplete="off"
        spellcheck={false}
        value={hunt.pasted.value}
        onInput={(e) => {
          hunt.pasted.value = e.currentTarget.value;
        }}
        onKeyDown={(e) => {
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) submit(e);
        }}
      />
      <p class="dim" id="hunt-hint">
        {t.hint}
      </p>
      <p class="tools">
        <button type="submit" class="main" disabled={nothing}>
          {t.submit} <kbd>Ctrl ⏎</kbd>
        </button>
        {running && (
          <button type="button" onClick={hunt.stopHunt}>
            {t.stop}
          </button>
        )}
        <label class="inline">
          {t.reach}
          <select
            value={hunt.reach.value}
            onChange={(e) => {
              hunt.reach.value = e.currentTarget.value as hunt.Span;
            }}
          >
            {Object.keys(hunt.SPANS).map((key) => (
              <option key={key} value={key}>
                {t.spans[key as hunt.Span]}
              </option>
            ))}
          </select>
        </label>
        <label class="inline">
          <input
            type="checkbox"
            checked={!hunt.exact.value}
            onChange={(e) => {
              hunt.exact.value = !e.currentTarget.checked;
            }}
          />
          {t.below}
        </label>
        {mayShare() && (
          <button type="button" disabled={nothing} onClick={onSave}>
            {t.save}
          </button>
        )}
      </p>
    </form>
  );
}

/** How far it is and what came out, in one line; and whether that is all. */
function Progress() {
  const t = text.value.hunt;
  const phase = hunt.phase.value;
  const all = hunt.values.value.length;
  const done = hunt.answered.value;
  if (phase === "failed")
    return <Failed error={hunt.problem.value} retry={() => void hunt.startHunt()} />;
  if (phase === "none") return null;
  return (
    <>
      <p class="answer" role="status">
        {t.progress(all, hunt.seen.value)}
        {phase === "running" && <span class="dim"> {t.answered(done, all)}</span>}
      </p>
      {phase === "running" && <progress aria-label={t.title} max={Math.max(1, all)} value={done} />}
      {phase === "stopped" && <p class="notice warn-box">{t.stopped(done, all)}</p>}
      {phase === "broken" && (
        <p class="notice bad" role="alert">
          {t.broken(done, all)}{" "}
          {hunt.problem.value !== undefined && errorText(hunt.problem.value, text.value.errors)}
        </p>
      )}
      {hunt.end.value?.left_out && <p class="notice warn-box">{t.leftOut}</p>}
    </>
  );
}

const SHOW = ["all", "seen", "never", "refused"] as const;
type Show = (typeof SHOW)[number];

function Answers() {
  const t = text.value.hunt;
  const [show, setShow] = useState<Show>("all");
  const [limit, setLimit] = useState(ROWS);
  const rows = hunt.rowsOf(hunt.values.value, hunt.answers.value);
  const fit = show === "all" ? rows : rows.filter((row) => row.verdict === show);
  if (rows.length === 0)
    return hunt.phase.value === "done" ? <Empty title={t.nothing} help={t.nothingHelp} /> : null;
  const count = (of: Show) =>
    of === "all" ? rows.length : rows.filter((row) => row.verdict === of).length;
  return (
    <>
      <p class="tools">
        {SHOW.map((of) => (
          <button key={of} type="button" aria-pressed={show === of} onClick={() => setShow(of)}>
            {t.show[of]} ({number(count(of))})
          </button>
        ))}
      </p>
      {fit.length === 0 ? (
        <p class="dim">{t.noneSuch}</p>
      ) : (
        <Table
          caption={t.title}
          columns={columns()}
          rows={fit.slice(0, limit)}
          keyOf={(row) => row.key}
          classOf={(row) => (row.verdict === "seen" ? undefined : "off")}
        />
      )}
      {fit.length > limit && (
        <p class="foot dim">
          {text.value.common.shown(limit)}
          <button type="button" onClick={() => setLimit(limit + ROWS)}>
            {text.value.common.more}
          </button>
        </p>
      )}
      {hunt.phase.value === "done" && <p class="dim">{t.asFarAs}</p>}
    </>
  );
}

export function Hunt() {
  const t = text.value.hunt;
  const q = route.value.params.get("q") ?? "";
  const [saving, setSaving] = useState(false);
  const saved = useSaved();
  // A link with a value is a question.
  useEffect(() => {
    if (!q || q === hunt.pasted.value) return;
    hunt.pasted.value = q;
    void hunt.startHunt();
  }, [q]);
  return (
    <>
      <PageHead title={t.title} />
      <Form onSave={() => setSaving(true)} />
      <Saved list={saved} />
      <Progress />
      <Answers />
      {saving && (
        <SavePanel
          onClose={() => setSaving(false)}
          onDone={() => {
            setSaving(false);
            saved.reload();
          }}
        />
      )}
    </>
  );
}
