// SPDX-License-Identifier: Apache-2.0
// How the node itself is: alarms first.
import type { LivePatterns, Status as NodeStatus } from "../api/types.gen";
import { Copy, Failed, Figure, Loading, Mono, ObjectLink, PageHead, Time } from "../parts/bits";
import { Table } from "../parts/table";
import { now, skewMs } from "../state/clock";
import { hrefTo } from "../state/route";
import { loadStatus, status, statusError } from "../state/status";
import { bytes, clockOf } from "../state/time";
import { text } from "../text/text";

const SKEW_MS = 5000;

function Alarms({ node }: { node: NodeStatus }) {
  const t = text.value.status;
  return (
    <section aria-labelledby="alarms">
      <h2 id="alarms">{t.alarms}</h2>
      {node.alarms.length === 0 && (
        <p>
          <span class="state live">{t.noAlarms}</span>
        </p>
      )}
      {node.alarms.map((alarm) => (
        <div key={alarm.code} class="notice bad">
          <p>
            <strong>{alarm.code}</strong>: {alarm.message}
          </p>
          <p class="dim">
            {t.since} <Time iso={alarm.since} /> (<Time iso={alarm.since} ago />)
          </p>
        </div>
      ))}
    </section>
  );
}

function About({ node }: { node: NodeStatus }) {
  const t = text.value.status;
  const number = (n: number) => n.toLocaleString(text.value.locale);
  return (
    <div class="columns">
      <section aria-labelledby="node">
        <h2 id="node">{t.node}</h2>
        <dl class="figures">
          <Figure label={t.name}>
            <strong>{node.name}</strong>
          </Figure>
          <Figure label={t.identity}>
            <ObjectLink id={node.identity}>
              <Mono>{node.identity}</Mono>
            </ObjectLink>
          </Figure>
          <Figure label={t.program}>tocsin {node.version}</Figure>
          <Figure label={t.clock}>
            {clockOf(now.value)}
            {Math.abs(skewMs.value) > SKEW_MS && (
              <div class="warn">{t.skew((Math.abs(skewMs.value) / 1000).toFixed(0))}</div>
            )}
          </Figure>
        </dl>
      </section>
      <section aria-labelledby="holdings">
        <h2 id="holdings">{t.holdings}</h2>
        <dl class="figures">
          <Figure label={t.objects}>{number(node.objects)}</Figure>
          <Figure label={t.indicators}>{number(node.indicators)}</Figure>
          <Figure label={t.held}>
            <a href={hrefTo("quarantine")}>{number(node.quarantined)}</a>
            {node.quarantined_for.map(({ reason, count }) => (
              <div key={reason}>
                <a href={hrefTo("quarantine", { kind: reason })}>
                  {text.value.quarantine.kinds[reason]}
                </a>{" "}
                <span class="dim">{number(count)}</span>
              </div>
            ))}
          </Figure>
          <Figure label={t.sightings}>{number(node.sightings)}</Figure>
          <Figure label={t.sources}>{number(node.sources)}</Figure>
        </dl>
      </section>
    </div>
  );
}

const PATTERNS = [
  "armed",
  "broad",
  "waiting",
  "never",
  "refused",
  "disarmed",
  "matches",
  "events",
  "kept",
  "crowded",
  "undecided",
] as const;

/** What was given up says that something may be missed. */
const LOST: readonly string[] = ["waiting", "disarmed", "crowded", "undecided"];

function Patterns({ patterns }: { patterns: LivePatterns }) {
  const t = text.value.status;
  return (
    <section aria-labelledby="patterns">
      <h2 id="patterns">{t.patterns}</h2>
      <dl class="figures">
        {PATTERNS.map((key) => (
          <Figure key={key} label={t.pattern[key]}>
            <span class={LOST.includes(key) && patterns[key] > 0 ? "warn" : undefined}>
              {patterns[key].toLocaleString(text.value.locale)}
            </span>
          </Figure>
        ))}
      </dl>
    </section>
  );
}

function Ledger({ node }: { node: NodeStatus }) {
  const t = text.value.status;
  const { ledger } = node;
  if (!ledger) return <p class="dim">{t.ledgerNone}</p>;
  const unsigned = ledger.size - ledger.checkpoint_size;
  const number = (n: number) => n.toLocaleString(text.value.locale);
  return (
    <dl class="figures">
      <Figure label={t.records}>{number(ledger.size)}</Figure>
      <Figure label={t.signed}>
        {number(ledger.checkpoint_size)}
        {unsigned > 0 && <div class="dim">{t.unsigned(unsigned)}</div>}
      </Figure>
      {ledger.root && (
        <Figure label={t.root}>
          <Mono>{ledger.root}</Mono> <Copy value={ledger.root} />
        </Figure>
      )}
    </dl>
  );
}

function Views({ node }: { node: NodeStatus }) {
  const t = text.value.status;
  return (
    <Table
      caption={t.views}
      rows={node.views}
      keyOf={(v) => v.name}
      columns={[
        { key: "view", head: t.view, kind: "main", cell: (v) => v.name },
        {
          key: "cursor",
          head: t.cursor,
          kind: "num",
          cell: (v) => v.cursor?.toLocaleString(text.value.locale) ?? "–",
        },
        {
          key: "lag",
          head: t.lag,
          kind: "fit",
          cell: (v) =>
            v.lag === 0 ? (
              <span class="state live">{t.upToDate}</span>
            ) : (
              <span class="state silent">{t.behind(v.lag)}</span>
            ),
        },
      ]}
    />
  );
}

function Roles({ node }: { node: NodeStatus }) {
  const t = text.value.status;
  if (node.roles.length === 0) return <p class="dim">{t.noRoles}</p>;
  return (
    <Table
      caption={t.roles}
      rows={node.roles}
      keyOf={(r) => `${r.role} ${r.pid}`}
      columns={[
        { key: "role", head: t.role, kind: "main", cell: (r) => r.role },
        { key: "pid", head: t.pid, kind: "num", cell: (r) => r.pid },
        {
          key: "restarts",
          head: t.restarts,
          kind: "num",
          cell: (r) => (r.restarts > 0 ? <span class="warn">{r.restarts}</span> : 0),
        },
        {
          key: "memory",
          head: t.memory,
          kind: "num",
          cell: (r) => (r.rss === undefined ? "–" : bytes(r.rss)),
        },
      ]}
    />
  );
}

export function Status() {
  const t = text.value.status;
  const node = status.value;
  return (
    <>
      <PageHead title={t.title} />
      {statusError.value !== undefined && (
        <Failed error={statusError.value} retry={() => void loadStatus()} />
      )}
      {!node && statusError.value === undefined && <Loading />}
      {node && (
        <>
          <Alarms node={node} />
          <About node={node} />
          <section aria-labelledby="ledger">
            <h2 id="ledger">{t.ledger}</h2>
            <Ledger node={node} />
          </section>
          <div class="columns">
            <section aria-labelledby="views">
              <h2 id="views">{t.views}</h2>
              {node.ledger ? <Views node={node} /> : <p class="dim">{t.ledgerNone}</p>}
            </section>
            <section aria-labelledby="roles">
              <h2 id="roles">{t.roles}</h2>
              <Roles node={node} />
            </section>
          </div>
          {node.patterns && <Patterns patterns={node.patterns} />}
        </>
      )}
    </>
  );
}
