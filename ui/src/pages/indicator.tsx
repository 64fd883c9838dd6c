// SPDX-License-Identifier: Apache-2.0
// One indicator: whether it is matched and why not, its life, what it met and when, and the decision
// about it for those who may take it.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client";
import type { Life as Decay, Indicator, Sighting } from "../api/types.gen";
import { AudiencePanel } from "../parts/audience";
import { Bars } from "../parts/bars";
import {
  Copy,
  Empty,
  Failed,
  Figure,
  Loading,
  Marking,
  Mono,
  More,
  ObjectLink,
  PageHead,
  Time,
} from "../parts/bits";
import { DecayCurve, momentsOf, Steps } from "../parts/decay";
import { DecidePanel, type Verb } from "../parts/decide";
import { frameOf, LifeLine } from "../parts/lifeline";
import { type Column, Table } from "../parts/table";
import { now } from "../state/clock";
import { type Paged, useAgain, useLoad, usePages } from "../state/data";
import { binHits, DAY, timeOf } from "../state/hits";
import { listen } from "../state/live";
import { hrefTo, objectHref, route } from "../state/route";
import { mayAdminister, mayAudit } from "../state/session";
import { merge } from "../state/sightings";
import { clockOf, dateOf, span } from "../state/time";
import type { Text } from "../text/en";
import { text } from "../text/text";
import { type State, stateOf } from "./indicators";

const PAGE = 500;
const DECISIONS_MS = 15_000;

type How = keyof Text["indicator"]["how"];

const HOWS: readonly string[] = ["values", "events", "both", "no"];

/** By what it is matched, as the node says it. */
function howOf(i: Indicator): How {
  return HOWS.includes(i.matched ?? "") ? (i.matched as How) : "values";
}

function saying(state: State, how: How): string {
  const t = text.value.indicator;
  if (state === "active") return t.how[how];
  return state === "quarantined" ? t.held : t.says[state];
}

/** The one thing that matters first: is it matched, and if not, what stands in the way. */
function Verdict({ i }: { i: Indicator }) {
  const t = text.value.indicator;
  const state = stateOf(i, now.value);
  const by = i.decided_by ? t.byPerson(i.decided_by) : i.reason ? t.byGuard : "";
  if (i.quarantined) {
    return (
      <div class="notice warn-box verdict-box">
        <p>
          <strong>{t.held}</strong>
        </p>
        <p class="why">{i.reason ?? text.value.quarantine.noReason}</p>
        <p>
          {by} {mayAdminister() ? t.heldHelp : t.heldHelpReader}
        </p>
      </div>
    );
  }
  const how = howOf(i);
  const tone = state !== "active" ? "" : how === "no" ? "warn-box" : "good-box";
  return (
    <div class={`notice verdict-box ${tone}`}>
      <p>
        <strong>{saying(state, how)}</strong>
      </p>
      {i.matched_reason && <p class="why">{i.matched_reason}</p>}
      {i.decided_by ? (
        <>
          <p>{t.released(i.decided_by)}</p>
          <p class="why">{i.reason}</p>
        </>
      ) : (
        <p class="dim">{t.guardFree}</p>
      )}
    </div>
  );
}

function Life({ i, hits }: { i: Indicator; hits: readonly Sighting[] }) {
  const t = text.value.indicator;
  const from = Date.parse(i.valid_from ?? i.received);
  const until = i.valid_until ? Date.parse(i.valid_until) : undefined;
  const at = now.value;
  const ends = i.life?.ends ? Date.parse(i.life.ends) : undefined;
  // When it was taken back is when this node heard of it.
  const over = i.revoked ? Date.parse(i.received) : i.life && (ends ?? from);
  const days = (a: number, b: number) => span(b - a, text.value.common);
  const life = {
    from,
    until,
    over,
    marks: i.life ? momentsOf(i.life) : [],
    now: at,
    hits: hits.map(timeOf),
    matched: !i.revoked && !i.quarantined && !(i.active && i.matched === "no"),
  };
  const words =
    at < from
      ? t.lifeAhead(days(at, from))
      : until === undefined
        ? t.lifeOpen(days(from, at))
        : at < until
          ? t.lifeNow(days(from, at), days(at, until))
          : t.lifeOver(days(until, at));
  return (
    <section aria-labelledby="life">
      <h2 id="life">{t.life}</h2>
      {i.life && <DecayCurve d={i.life} now={at} frame={frameOf(life)} />}
      <LifeLine life={life} />
      <p class="ends">
        <span>
          {t.validFrom} <Time iso={i.valid_from ?? i.received} />
        </span>
        <span class="grow">
          {i.revoked ? (
            <>
              {t.lifeRevoked} <Time iso={i.received} />
            </>
          ) : (
            words
          )}
        </span>
        <span>
          {i.valid_until ? (
            <>
              {t.validUntil} <Time iso={i.valid_until} />
            </>
          ) : (
            t.noEnd
          )}
        </span>
      </p>
    </section>
  );
}

/** Why its score is what it is. */
function Ages({ d }: { d: Decay }) {
  const t = text.value.decay;
  return (
    <section aria-labelledby="ages">
      <h2 id="ages">{t.title}</h2>
      <p class="lead">{d.whole ? t.lead(d.threshold) : t.leadPart(d.threshold)}</p>
      <dl class="figures">
        <Figure label={t.now}>
          <strong>{d.score}</strong> {t.ofStart(d.start)}
        </Figure>
        <Figure label={t.begins}>
          <Time iso={d.begins} />
        </Figure>
        <Figure label={t.model}>{t.modelSays(t.kinds[d.kind], d.days, d.speed)}</Figure>
        <Figure label={t.lastSeen}>
          <Time iso={d.last_seen} />
        </Figure>
        <Figure label={t.falsePositives}>
          {t.falsePositivesSay(d.false_positives, d.false_positive_points)}
          {d.more && <div class="dim">{t.more}</div>}
        </Figure>
        <Figure label={text.value.indicators.confidence}>{d.confidence}</Figure>
        <Figure label={t.trust}>{t.trustSays(d.trust)}</Figure>
      </dl>
      <Steps d={d} now={now.value} />
    </section>
  );
}

/** A bar's beginning: the day, and the hour where bars are shorter than a day. */
function beginOf(step: number): (ms: number) => string {
  return (ms) => (step < DAY ? `${dateOf(ms)} ${clockOf(ms).slice(0, 5)}Z` : dateOf(ms));
}

function sightingColumns(): Column<Sighting>[] {
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
      key: "first",
      head: text.value.indicator.firstSeen,
      kind: "fit",
      cell: (s) => <Time iso={s.first_seen ?? s.received} />,
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
      cell: (s) =>
        s.value ? (
          <>
            <a class="mono value" href={hrefTo("search", { q: s.value })}>
              {s.value}
            </a>{" "}
            <span class="dim type">{s.value_type}</span>
          </>
        ) : (
          <span class="dim">{text.value.indicator.noValue}</span>
        ),
    },
    { key: "source", head: t.source, kind: "fit", cell: (s) => s.source },
    { key: "label", head: t.label, kind: "fit", cell: (s) => <Marking tlp={s.label} /> },
  ];
}

function Hits({ i, list }: { i: Indicator; list: Paged<Sighting> }) {
  const t = text.value.indicator;
  const rows = list.data ?? [];
  const binned = binHits(rows, now.value, list.next === undefined);
  const step = t.steps(binned.step / (DAY / 24));
  return (
    <section aria-labelledby="hits">
      <h2 id="hits">{t.hits}</h2>
      {i.hunted_reason && (
        <p class="dim">
          {t.notHunted} {i.hunted_reason}
        </p>
      )}
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {list.data && rows.length === 0 && (
        <p class="dim">{i.quarantined ? t.noHitsHeld : t.noHits}</p>
      )}
      {rows.length > 0 && (
        <>
          <Bars
            bars={binned.bars}
            name={t.hitsPer(step)}
            heads={[t.from, t.count]}
            when={beginOf(binned.step)}
            says={t.hitsSay(binned.total, step, list.next !== undefined)}
            quiet={t.noHits}
          />
          <Table caption={t.hits} columns={sightingColumns()} rows={rows} keyOf={(s) => s.id} />
          <More next={list.next} busy={list.busy} more={list.more} shown={rows.length} />
        </>
      )}
    </section>
  );
}

function Facts({ i }: { i: Indicator }) {
  const t = text.value.indicators;
  return (
    <dl class="figures">
      <Figure label={t.hits}>
        <strong>
          {i.hits.toLocaleString(text.value.locale)}
          {i.hits_more && "+"}
        </strong>
        {i.seen_before !== undefined && i.seen_before > 0 && (
          <div class="warn">
            {text.value.indicator.seenBefore(i.seen_before, i.seen_before_more === true)}
          </div>
        )}
      </Figure>
      <Figure label={t.lastHit}>
        <Time iso={i.last_hit} />
      </Figure>
      <Figure label={t.confidence}>
        {i.confidence ?? <span class="dim">{text.value.indicator.noConfidence}</span>}
      </Figure>
      <Figure label={t.source}>{i.source}</Figure>
      <Figure label={t.label}>
        <Marking tlp={i.label} />
      </Figure>
      <Figure label={text.value.object.received}>
        <Time iso={i.received} />
      </Figure>
      <Figure label={text.value.object.id}>
        <Mono>{i.id}</Mono> <Copy value={i.id} />
      </Figure>
    </dl>
  );
}

function Actions({ i, onDecided }: { i: Indicator; onDecided: () => void }) {
  const t = text.value;
  const [open, setOpen] = useState<"who" | Verb>();
  const close = () => setOpen(undefined);
  const verb: Verb = i.quarantined ? "release" : "quarantine";
  return (
    <>
      <span class="tools">
        {mayAdminister() && (
          <button
            type="button"
            class={verb === "release" ? "main" : undefined}
            onClick={() => setOpen(verb)}
          >
            {t.decide.button[verb]}
          </button>
        )}
        {mayAudit() && (
          <button type="button" onClick={() => setOpen("who")}>
            {t.audience.button}
          </button>
        )}
        {i.pattern && <a href={hrefTo("hunt", { q: i.pattern })}>{t.indicator.hunt}</a>}
        <a href={objectHref(i.id)}>{t.indicator.object}</a>
      </span>
      {open === "who" && <AudiencePanel id={i.id} version={undefined} onClose={close} />}
      {(open === "release" || open === "quarantine") && (
        <DecidePanel verb={open} items={[i]} onClose={close} onDone={onDecided} />
      )}
    </>
  );
}

function Shown({ i, again }: { i: Indicator; again: () => void }) {
  const t = text.value;
  const state = stateOf(i, now.value);
  const hits = usePages<Sighting>(i.id, (next, signal) =>
    call("sighting.list", { indicator: i.id, since: undefined, limit: PAGE, next }, signal),
  );
  useEffect(
    () =>
      listen("sighting", (item) => {
        if (item.indicator?.id === i.id) hits.change((rows) => merge(rows, [item]));
      }),
    [i.id, hits.change],
  );
  return (
    <>
      <PageHead title={i.name ?? t.indicators.unnamed}>
        <span class={`state ${state}`}>{t.indicators.states[state]}</span>
        <Marking tlp={i.label} />
        <Actions i={i} onDecided={again} />
      </PageHead>
      <div class="columns wide-left">
        <div>
          <Verdict i={i} />
          <section aria-labelledby="pattern">
            <h2 id="pattern">{t.indicators.pattern}</h2>
            <pre class="pattern">{i.pattern}</pre>
            {i.pattern && <Copy value={i.pattern} />}
          </section>
          <Life i={i} hits={hits.data ?? []} />
          {i.life && <Ages d={i.life} />}
        </div>
        <div>
          <Facts i={i} />
        </div>
      </div>
      <Hits i={i} list={hits} />
    </>
  );
}

export function IndicatorView() {
  const id = route.value.params.get("id") ?? "";
  const load = useLoad(id || null, (signal) => call("indicator.show", { id }, signal));
  useAgain(load, DECISIONS_MS); // what others decide comes by no event
  useEffect(() => {
    const off = [
      listen("indicator", (item) => item.id === id && load.reload()),
      listen("sighting", (item) => item.indicator?.id === id && load.reload()),
    ];
    return () => {
      for (const stop of off) stop();
    };
  }, [id]);
  if (!id) return <Empty title={text.value.indicator.missing} />;
  if (load.data) return <Shown i={load.data} again={load.reload} />;
  return (
    <>
      <PageHead title={id} />
      {load.error === undefined ? <Loading /> : <Failed error={load.error} retry={load.reload} />}
    </>
  );
}
