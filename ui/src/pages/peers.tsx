// SPDX-License-Identifier: Apache-2.0
// The other nodes: whether there is a link and of what kind, what each was given and has signed for,
// and how far what was taken back has come. With ?name= one of them.
import { useState } from "preact/hooks";
import { call } from "../api/client";
import type {
  Exchange,
  ExchangeType,
  Peer,
  PeerPage,
  Withdrawal,
  WithdrawalPage,
} from "../api/types.gen";
import { Copy, Empty, Failed, Figure, Loading, Mono, PageHead, Time } from "../parts/bits";
import { Needs, tookOf } from "../parts/needs";
import { type Column, Table } from "../parts/table";
import { now } from "../state/clock";
import { useAgain, useLoad } from "../state/data";
import { hrefTo, route } from "../state/route";
import { bytes } from "../state/time";
import type { Text } from "../text/en";
import { text } from "../text/text";

const CERT_WARN_DAYS = 30;
const DAY_MS = 86_400_000;
const SKEW_WARN_S = 2;

type Shape = "live" | "error" | "notYet" | "stopped";

/** A link that is there may yet carry nothing: that is said first. */
export function linkOf(p: Peer): { shape: Shape; word: keyof Text["peers"]["links"] } {
  if (p.state === "cut") return { shape: "stopped", word: "cut" };
  if (p.denies) return { shape: "error", word: "denies" };
  if (p.state === "met") return { shape: "notYet", word: "met" };
  if (!p.connected) return { shape: "error", word: "down" };
  return p.stopped ? { shape: "error", word: "stopped" } : { shape: "live", word: "up" };
}

const ORDER: Record<Shape, number> = { error: 0, notYet: 1, live: 2, stopped: 3 };

export function byNeed(a: Peer, b: Peer): number {
  return ORDER[linkOf(a).shape] - ORDER[linkOf(b).shape] || a.name.localeCompare(b.name);
}

export function daysLeft(expires: string, at: number): number {
  return Math.floor((Date.parse(expires) - at) / DAY_MS);
}

const number = (n: number) => n.toLocaleString(text.value.locale);

function State({ peer }: { peer: Peer }) {
  const { shape, word } = linkOf(peer);
  return <span class={`state ${shape}`}>{text.value.peers.links[word]}</span>;
}

/** Why nothing is exchanged, and who says so. */
function Stopped({ peer }: { peer: Peer }) {
  if (!peer.stopped) return null;
  const t = text.value.peers;
  return (
    <div class="bad-text">{peer.stopped_there ? t.stoppedThere(peer.stopped) : peer.stopped}</div>
  );
}

/** Classical stands out by its words: the colour only helps. */
function KeyExchange({ peer }: { peer: Peer }) {
  const t = text.value.peers;
  if (peer.post_quantum) return <span>{t.postQuantum}</span>;
  return <strong class="warn classical">{t.classical}</strong>;
}

function Certificate({ peer }: { peer: Peer }) {
  const t = text.value.peers;
  if (!peer.cert_expires) return <span class="dim">–</span>;
  const days = daysLeft(peer.cert_expires, now.value);
  const words = days < 0 ? t.certEnded : t.daysLeft(days);
  return days < CERT_WARN_DAYS ? <span class="warn">{words}</span> : <span>{words}</span>;
}

function Outstanding({ n }: { n: number }) {
  return n > 0 ? <strong class="warn">{number(n)}</strong> : <span class="dim">0</span>;
}

function columns(): Column<Peer>[] {
  const t = text.value.peers;
  return [
    { key: "state", head: t.link, kind: "fit", cell: (p) => <State peer={p} /> },
    {
      key: "name",
      head: t.peer,
      kind: "main",
      cell: (p) => (
        <>
          <a href={hrefTo("peers", { name: p.name })} data-row="">
            <strong>{p.name}</strong>
          </a>{" "}
          {p.node !== p.name && <span class="dim">{p.node}</span>}
          {p.error && !p.connected && p.state !== "cut" && <div class="bad-text">{p.error}</div>}
          <Stopped peer={p} />
          {p.throttled && <div class="todo">{t.throttled}</div>}
          {p.state === "met" && <div class="todo">{t.todoMet}</div>}
        </>
      ),
    },
    {
      key: "since",
      head: t.since,
      kind: "fit",
      cell: (p) => (p.since ? <Time iso={p.since} ago /> : <span class="dim">–</span>),
    },
    { key: "exchange", head: t.exchange, kind: "fit", cell: (p) => <KeyExchange peer={p} /> },
    { key: "given", head: t.given, kind: "num", cell: (p) => number(p.given) },
    { key: "behind", head: t.behind, kind: "num", cell: (p) => <Outstanding n={p.behind_by} /> },
    {
      key: "outstanding",
      head: t.outstanding,
      kind: "num",
      cell: (p) => <Outstanding n={p.receipts_outstanding} />,
    },
    {
      key: "receipt",
      head: t.receipt,
      kind: "fit",
      cell: (p) => <Time iso={p.last_receipt} ago={p.last_receipt !== undefined} />,
    },
    { key: "received", head: t.received, kind: "num", cell: (p) => number(p.received) },
    {
      key: "proof",
      head: t.proof,
      kind: "fit",
      cell: (p) => <Time iso={p.last_proof} ago={p.last_proof !== undefined} />,
    },
    { key: "certificate", head: t.certificate, kind: "fit", cell: (p) => <Certificate peer={p} /> },
  ];
}

/* ---- withdrawals ---- */

const PEER_STATES = {
  acted: "live",
  waiting: "notYet",
  "not-reached": "error",
} as const;

function WithdrawalPeers({ page }: { page: WithdrawalPage }) {
  const t = text.value.peers;
  if (page.peers.length === 0) return <p class="dim">{t.nobodyHadIt}</p>;
  return (
    <ul class="plain back">
      {page.peers.map((p) => (
        <li key={p.name}>
          <span class={`state ${PEER_STATES[p.state]}`}>{t.back[p.state]}</span>
          <span>
            <a href={hrefTo("peers", { name: p.name })}>{p.name}</a>{" "}
            <span class="dim">
              {p.time ? (
                <>
                  {t.signedAt} <Time iso={p.time} />
                </>
              ) : (
                <>
                  {t.lastHeard} <Time iso={p.last_contact} ago={p.last_contact !== undefined} />
                </>
              )}
            </span>
            {!p.active && <div class="warn">{t.notTold}</div>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function OneWithdrawal({ given }: { given: Withdrawal }) {
  const t = text.value.peers;
  // Asked for again whenever a count of it changed.
  const load = useLoad(
    `${given.id} ${given.acted} ${given.outstanding} ${given.unreached}`,
    (signal) => call("withdrawal.show", { id: given.id }, signal),
  );
  const total = given.acted + given.outstanding;
  return (
    <article class="withdrawal">
      <p>
        <span class={`state ${given.outstanding > 0 ? "notYet" : "live"}`}>
          {given.outstanding > 0 ? t.inFlight(given.acted, total) : t.done(total)}
        </span>{" "}
        <Mono>{given.id}</Mono> <Copy value={given.id} />
      </p>
      <p>
        {t.reason} <q>{given.reason}</q>{" "}
        <span class="dim">
          <Time iso={given.received} />
          {given.by !== "local" && `, ${t.from(given.by.replace(/^peer:/, ""))}`}
        </span>
      </p>
      {load.data && <WithdrawalPeers page={load.data} />}
    </article>
  );
}

function Withdrawals() {
  const t = text.value.peers;
  const list = useLoad("withdrawals", (signal) => call("withdrawal.list", { limit: 50 }, signal));
  useAgain(list);
  const rows = list.data?.items;
  const flying = rows?.filter((w) => w.outstanding > 0) ?? [];
  const done = rows?.filter((w) => w.outstanding === 0) ?? [];
  return (
    <section aria-labelledby="withdrawals">
      <h2 id="withdrawals">{t.withdrawals}</h2>
      <p class="dim">{t.withdrawalsHelp}</p>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows && flying.length === 0 && <p>{t.noneInFlight}</p>}
      {flying.map((w) => (
        <OneWithdrawal key={w.id} given={w} />
      ))}
      {done.length > 0 && (
        <details>
          <summary>{t.doneList(done.length)}</summary>
          {done.map((w) => (
            <OneWithdrawal key={w.id} given={w} />
          ))}
        </details>
      )}
    </section>
  );
}

/* ---- who gives whom how much ---- */

const PERIODS = [1, 7, 30, 0] as const; // days; 0: all there is

type Sum = Pick<ExchangeType, "given" | "confirmed" | "taken_back" | "received">;

export function sumOf(types: readonly Sum[]): Sum {
  const of = (key: keyof Sum) => types.reduce((sum, t) => sum + t[key], 0);
  return {
    given: of("given"),
    confirmed: of("confirmed"),
    taken_back: of("taken_back"),
    received: of("received"),
  };
}

/** Types that go one way only: where the exchange has a gap. */
export function gapsOf(types: readonly ExchangeType[]) {
  return {
    onlyGiven: types.filter((t) => t.given > 0 && t.received === 0).map((t) => t.type),
    onlyReceived: types.filter((t) => t.received > 0 && t.given === 0).map((t) => t.type),
  };
}

/** A community is the sum of those of its members that are peers. */
export function byCommunity(
  all: readonly Exchange[],
): { name: string; sum: Sum; peers: string[] }[] {
  const names = new Set(all.flatMap((e) => e.communities.split(", ").filter(Boolean)));
  return [...names].toSorted().map((name) => {
    const members = all.filter((e) => e.communities.split(", ").includes(name));
    return {
      name,
      peers: members.map((e) => e.peer),
      sum: sumOf(members.flatMap((e) => e.types)),
    };
  });
}

function Gaps({ exchange }: { exchange: Exchange }) {
  const t = text.value.exchange;
  const { onlyGiven, onlyReceived } = gapsOf(exchange.types);
  if (exchange.types.length === 0) return <div class="todo">{t.nothing}</div>;
  return (
    <>
      {onlyGiven.length > 0 && <div class="todo">{t.onlyGiven(onlyGiven.join(", "))}</div>}
      {onlyReceived.length > 0 && <div class="todo">{t.onlyReceived(onlyReceived.join(", "))}</div>}
    </>
  );
}

function ByType({ exchange }: { exchange: Exchange }) {
  const t = text.value.exchange;
  return (
    <details>
      <summary>{t.details(exchange.peer)}</summary>
      <ul class="plain counts">
        {exchange.types.map((row) => (
          <li key={row.type}>
            <span class="type">{row.type}</span>
            <span>
              {t.row(
                number(row.given),
                number(row.confirmed),
                number(row.taken_back),
                number(row.received),
              )}
            </span>
          </li>
        ))}
        {exchange.needs.map((row) => (
          <li key={`${row.own} ${row.type}`}>
            <span class="type">{row.type}</span>
            <span>
              {row.own ? text.value.needs.weAsk : text.value.needs.asks(exchange.peer)}
              {": "}
              {text.value.needs.sums(row.requested, row.offered, row.delivered, row.refused)}
              {row.latency_s !== undefined && (
                <span class="dim"> {text.value.needs.median(tookOf(row.latency_s))}</span>
              )}
              {row.rule && <span class="dim mono"> {row.rule}</span>}
            </span>
          </li>
        ))}
        {exchange.withheld.map((row) => (
          <li key={row.rule}>
            <span>{t.withheldCount(row.count)}</span>
            <span>
              {row.text} <span class="dim mono">{row.rule}</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function sums<T>(sum: (row: T) => Sum): Column<T>[] {
  const t = text.value.exchange;
  return [
    { key: "given", head: t.given, kind: "num", cell: (r) => number(sum(r).given) },
    { key: "confirmed", head: t.confirmed, kind: "num", cell: (r) => number(sum(r).confirmed) },
    { key: "back", head: t.takenBack, kind: "num", cell: (r) => number(sum(r).taken_back) },
    { key: "received", head: t.received, kind: "num", cell: (r) => number(sum(r).received) },
  ];
}

function ExchangeLedger() {
  const t = text.value.exchange;
  const [days, setDays] = useState<number>(30);
  const list = useLoad(`exchange ${days}`, (signal) => {
    const since = new Date(now.peek() - days * DAY_MS).toISOString();
    return call("exchange.list", { limit: 1000, since: days ? since : undefined }, signal);
  });
  const rows = list.data?.items;
  const communities = rows ? byCommunity(rows) : [];
  const withheld = (e: Exchange) => e.withheld.reduce((sum, r) => sum + r.count, 0);
  return (
    <section aria-labelledby="exchange">
      <h2 id="exchange">{t.title}</h2>
      <p class="dim">{t.help}</p>
      <p class="tools">
        <label class="inline">
          {t.period}
          <select value={String(days)} onChange={(e) => setDays(Number(e.currentTarget.value))}>
            {PERIODS.map((n) => (
              <option key={n} value={String(n)}>
                {n ? t.lastDays(n) : t.always}
              </option>
            ))}
          </select>
        </label>
        {rows?.some((e) => e.more) && <span class="warn">{t.more}</span>}
      </p>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows && rows.length > 0 && (
        <Table
          caption={t.title}
          rows={rows}
          keyOf={(e) => e.peer}
          columns={[
            {
              key: "peer",
              head: text.value.peers.peer,
              kind: "main",
              cell: (e) => (
                <>
                  <a href={hrefTo("peers", { name: e.peer })}>{e.peer}</a>
                  <Gaps exchange={e} />
                  <ByType exchange={e} />
                </>
              ),
            },
            ...sums<Exchange>((e) => sumOf(e.types)),
            { key: "withheld", head: t.withheld, kind: "num", cell: (e) => number(withheld(e)) },
          ]}
        />
      )}
      {communities.length > 0 && (
        <>
          <h3>{t.communities}</h3>
          <Table
            caption={t.communities}
            rows={communities}
            keyOf={(c) => c.name}
            columns={[
              {
                key: "name",
                head: t.community,
                kind: "main",
                cell: (c) => (
                  <>
                    {c.name} <span class="dim">{c.peers.join(", ")}</span>
                  </>
                ),
              },
              ...sums<(typeof communities)[number]>((c) => c.sum),
            ]}
          />
        </>
      )}
    </section>
  );
}

/* ---- one peer ---- */

function Facts({ peer }: { peer: PeerPage }) {
  const t = text.value.peers;
  const skew = peer.clock_skew;
  return (
    <div class="columns">
      <dl class="figures">
        <Figure label={t.link}>
          <State peer={peer} />{" "}
          {peer.since && (
            <span class="dim">
              {t.since} <Time iso={peer.since} />
            </span>
          )}
          {peer.error && !peer.connected && <div class="bad-text">{peer.error}</div>}
          <Stopped peer={peer} />
        </Figure>
        <Figure label={t.exchange}>
          <KeyExchange peer={peer} /> {peer.group && <Mono>{peer.group}</Mono>}
        </Figure>
        <Figure label={t.clock}>
          {skew === undefined ? (
            <span class="dim">–</span>
          ) : (
            <span class={Math.abs(skew) > SKEW_WARN_S ? "warn" : undefined}>
              {skew < 0 ? t.slow(Math.abs(skew).toFixed(3)) : t.fast(skew.toFixed(3))}
            </span>
          )}
        </Figure>
        <Figure label={t.certificate}>
          <Certificate peer={peer} />{" "}
          {peer.cert_expires && (
            <span class="dim">
              <Time iso={peer.cert_expires} />
            </span>
          )}
        </Figure>
        <Figure label={t.traffic}>
          {t.inOut(bytes(peer.bytes_in ?? 0), bytes(peer.bytes_out ?? 0))}
        </Figure>
        <Figure label={t.heard}>
          <Time iso={peer.last_contact} />
        </Figure>
      </dl>
      <dl class="figures">
        <Figure label={t.given}>{number(peer.given)}</Figure>
        <Figure label={t.behind}>
          <Outstanding n={peer.behind_by} />
        </Figure>
        <Figure label={t.outstanding}>
          <Outstanding n={peer.receipts_outstanding} />
        </Figure>
        <Figure label={t.receipt}>
          <Time iso={peer.last_receipt} />
        </Figure>
        <Figure label={t.received}>
          {number(peer.received)}
          {peer.throttled && <div class="todo">{t.throttled}</div>}
        </Figure>
        <Figure label={t.proof}>
          <Time iso={peer.last_proof} />
        </Figure>
        {peer.unknown + peer.differs > 0 && (
          <Figure label={t.notTaken}>
            <span class="warn">{t.notTakenWhy(peer.unknown, peer.differs)}</span>
          </Figure>
        )}
      </dl>
    </div>
  );
}

function Identity({ peer }: { peer: PeerPage }) {
  const t = text.value.peers;
  return (
    <section aria-labelledby="identity">
      <h2 id="identity">{t.identity}</h2>
      <dl class="figures">
        <Figure label={t.calls}>{peer.node}</Figure>
        <Figure label={t.ceiling}>{peer.ceiling}</Figure>
        <Figure label={t.fingerprint}>
          <Mono>{peer.fingerprint}</Mono> <Copy value={peer.fingerprint} />
        </Figure>
        <Figure label={t.address}>
          {peer.address ? <Mono>{peer.address}</Mono> : <span class="dim">{t.itDials}</span>}
        </Figure>
        <Figure label={t.stixIdentity}>
          <Mono>{peer.identity}</Mono>
        </Figure>
        <Figure label={t.key}>
          <Mono>{peer.key}</Mono>
        </Figure>
      </dl>
    </section>
  );
}

function OnePeer({ name }: { name: string }) {
  const t = text.value.peers;
  const load = useLoad(name, (signal) => call("peer.show", { name }, signal));
  useAgain(load);
  return (
    <>
      <PageHead title={name}>
        <a href={hrefTo("peers")}>{t.all}</a>
      </PageHead>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      {load.data?.denies && <p class="notice bad">{t.deniesHelp(name)}</p>}
      {load.data && <Facts peer={load.data} />}
      {load.data && <Identity peer={load.data} />}
    </>
  );
}

function AllPeers() {
  const t = text.value.peers;
  const list = useLoad("peers", (signal) => call("peer.list", { limit: 1000 }, signal));
  useAgain(list);
  const rows = list.data?.items.toSorted(byNeed);
  const classical = rows?.filter((p) => p.state !== "cut" && !p.post_quantum).length ?? 0;
  return (
    <>
      <PageHead title={t.title}>
        {classical > 0 && <strong class="warn">{t.classicalCount(classical)}</strong>}
      </PageHead>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows?.length === 0 && <Empty title={t.empty} help={t.emptyHelp} />}
      {rows && rows.length > 0 && (
        <section aria-label={t.title}>
          <Table caption={t.title} columns={columns()} rows={rows} keyOf={(p) => p.name} />
        </section>
      )}
      {list.error === undefined && <Withdrawals />}
      {rows && rows.length > 0 && <Needs />}
      {rows && rows.length > 0 && <ExchangeLedger />}
    </>
  );
}

export function Peers() {
  const name = route.value.params.get("name");
  return name ? <OnePeer key={name} name={name} /> : <AllPeers />;
}
