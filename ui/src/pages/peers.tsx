// SPDX-License-Identifier: Apache-2.0
// The other nodes: whether there is a link and of what kind, what each was given and has signed for,
// and how far what was taken back has come. With ?name= one of them.
import { useEffect } from "preact/hooks";
import { call } from "../api/client";
import type { Peer, PeerPage, Withdrawal, WithdrawalPage } from "../api/types.gen";
import { Copy, Empty, Failed, Figure, Loading, Mono, PageHead, Time } from "../parts/bits";
import { type Column, Table } from "../parts/table";
import { now } from "../state/clock";
import { type Loaded, useLoad } from "../state/data";
import { hrefTo, route } from "../state/route";
import { bytes } from "../state/time";
import type { Text } from "../text/en";
import { text } from "../text/text";

const AGAIN_MS = 2000;
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

function useAgain<T>(loaded: Loaded<T>): void {
  useEffect(() => {
    const every = setInterval(loaded.reload, AGAIN_MS);
    return () => clearInterval(every);
  }, []);
}

const number = (n: number) => n.toLocaleString(text.value.locale);

function State({ peer }: { peer: Peer }) {
  const { shape, word } = linkOf(peer);
  return <span class={`state ${shape}`}>{text.value.peers.links[word]}</span>;
}

/** Classical stands out by its words: the colour only helps. */
function Exchange({ peer }: { peer: Peer }) {
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
          <span class="dim">{p.node}</span>
          {p.error && !p.connected && p.state !== "cut" && <div class="bad-text">{p.error}</div>}
          {p.stopped && <div class="bad-text">{p.stopped}</div>}
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
    { key: "exchange", head: t.exchange, kind: "fit", cell: (p) => <Exchange peer={p} /> },
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
          {peer.stopped && <div class="bad-text">{peer.stopped}</div>}
        </Figure>
        <Figure label={t.exchange}>
          <Exchange peer={peer} /> {peer.group && <Mono>{peer.group}</Mono>}
        </Figure>
        <Figure label={t.clock}>
          {skew === undefined ? (
            <span class="dim">–</span>
          ) : (
            <span class={Math.abs(skew) > SKEW_WARN_S ? "warn" : undefined}>
              {t.skew(skew.toFixed(3))}
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
        <Figure label={t.received}>{number(peer.received)}</Figure>
        <Figure label={t.proof}>
          <Time iso={peer.last_proof} />
        </Figure>
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
        <Table caption={t.title} columns={columns()} rows={rows} keyOf={(p) => p.name} />
      )}
      {list.error === undefined && <Withdrawals />}
    </>
  );
}

export function Peers() {
  const name = route.value.params.get("name");
  return name ? <OnePeer key={name} name={name} /> : <AllPeers />;
}
