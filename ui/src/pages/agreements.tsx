// SPDX-License-Identifier: Apache-2.0
// Agreements: what nodes agree to share, what each party says, and this node's own word. With ?id= one
// of them. Nothing here ranks anybody: figures are between this node and one other, for the two.
import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import type {
  Agreement,
  AgreementPage,
  AgreementParty,
  AgreementSide,
  AgreementUnreached,
} from "../api/types.gen";
import {
  Copy,
  Empty,
  Failed,
  Figure,
  Loading,
  Marking,
  Mono,
  ObjectLink,
  PageHead,
  Time,
} from "../parts/bits";
import { Dialog, Refusal } from "../parts/dialog";
import { type Column, Table } from "../parts/table";
import { useAgain, useLoad } from "../state/data";
import { hrefTo, route } from "../state/route";
import { mayAdminister } from "../state/session";
import { status } from "../state/status";
import { text } from "../text/text";

type Shape = "live" | "error" | "notYet" | "stopped";
export type Word = "sign" | "decline" | "leave";

const SHAPES: Record<Agreement["state"], Shape> = {
  "in-force": "live",
  agreed: "notYet",
  proposed: "notYet",
  declined: "stopped",
  left: "stopped",
  expired: "stopped",
  ended: "stopped",
  withdrawn: "stopped",
};
const SAYS: Record<AgreementParty["state"], Shape> = {
  signed: "live",
  proposed: "notYet",
  declined: "stopped",
  left: "stopped",
};

/** What this node may say to it now; the node decides on each. */
export function wordsOf(a: Agreement): Word[] {
  const over = a.state === "withdrawn" || a.state === "expired";
  const words: Word[] = [];
  if (a.party && !over && a.own !== "signed" && !a.name_taken) words.push("sign");
  if (a.party && !over && (a.own === "proposed" || a.own === "left")) words.push("decline");
  if (a.own === "signed" || a.parties.some((p) => p.own && p.member)) words.push("leave");
  return words;
}

/** First what waits for this node's word. */
export function byWait(a: Agreement, b: Agreement): number {
  const rank = (x: Agreement) =>
    x.party && x.own === "proposed" && SHAPES[x.state] !== "stopped"
      ? 0
      : SHAPES[x.state] === "stopped"
        ? 2
        : 1;
  return rank(a) - rank(b);
}

export function partyName(p: Pick<AgreementParty, "own" | "peer" | "identity">): string {
  return p.own ? (status.value?.name ?? text.value.agreements.thisNode) : (p.peer ?? p.identity);
}

function State({ agreement }: { agreement: Agreement }) {
  const t = text.value.agreements;
  return <span class={`state ${SHAPES[agreement.state]}`}>{t.states[agreement.state]}</span>;
}

function Says({ state }: { state: AgreementParty["state"] }) {
  return <span class={`state ${SAYS[state]}`}>{text.value.agreements.says[state]}</span>;
}

function columns(): Column<Agreement>[] {
  const t = text.value.agreements;
  return [
    { key: "state", head: t.state, kind: "fit", cell: (a) => <State agreement={a} /> },
    {
      key: "community",
      head: t.community,
      kind: "main",
      cell: (a) => (
        <>
          <a href={hrefTo("agreements", { id: a.id })} data-row="">
            <strong>{a.community}</strong>
          </a>{" "}
          <span class="dim">{a.title}</span>
          {a.purposes && <div class="dim">{a.purposes}</div>}
          {a.name_taken && <div class="todo">{t.nameTaken}</div>}
        </>
      ),
    },
    { key: "kind", head: t.kind, kind: "fit", cell: (a) => t.kinds[a.kind] },
    { key: "own", head: t.thisNode, kind: "fit", cell: (a) => <Says state={a.own} /> },
    {
      key: "parties",
      head: t.parties,
      kind: "main",
      cell: (a) =>
        a.parties
          .filter((p) => !p.own)
          .map((p) => `${partyName(p)}: ${t.says[p.state]}`)
          .join(", "),
    },
    { key: "ceiling", head: t.ceiling, kind: "fit", cell: (a) => <Marking tlp={a.ceiling} /> },
    {
      key: "expires",
      head: t.until,
      kind: "fit",
      cell: (a) => (a.expires ? <Time iso={a.expires} /> : <span class="dim">–</span>),
    },
  ];
}

/* ---- one agreement ---- */

function Terms({ a }: { a: AgreementPage }) {
  const t = text.value.agreements;
  const party = (id: string) => {
    const found = a.parties.find((p) => p.identity === id);
    return found ? partyName(found) : id;
  };
  return (
    <dl class="figures">
      <Figure label={t.state}>
        <State agreement={a} />
        {a.held_version && a.held_version !== a.version && <div class="todo">{t.newer}</div>}
        {a.name_taken && <div class="todo">{t.nameTaken}</div>}
      </Figure>
      <Figure label={t.kind}>
        {t.kinds[a.kind]}
        {a.hub && a.direction && (
          <div class="dim">{t.hub(party(a.hub), t.directions[a.direction])}</div>
        )}
        {a.incident && (
          <div>
            <ObjectLink id={a.incident}>{t.incident}</ObjectLink>
          </div>
        )}
      </Figure>
      <Figure label={t.purposes}>{a.purposes || <span class="dim">–</span>}</Figure>
      <Figure label={t.ceiling}>
        <Marking tlp={a.ceiling} />
      </Figure>
      <Figure label={t.types}>{a.types?.split(",").join(", ") || t.allTypes}</Figure>
      <Figure label={t.without}>{a.anonymise.split(",").join(", ") || t.nothing}</Figure>
      <Figure label={t.valid}>
        {a.valid_from ? <Time iso={a.valid_from} /> : t.onceSigned} –{" "}
        {a.expires ? <Time iso={a.expires} /> : t.noEnd}
      </Figure>
      {a.retention && <Figure label={t.retention}>{a.retention}</Figure>}
      {a.legal_ref && <Figure label={t.legal}>{a.legal_ref}</Figure>}
      <Figure label={t.proposedBy}>{party(a.proposed_by)}</Figure>
      <Figure label={t.signedText}>
        <Mono>{a.sha256}</Mono> <Copy value={a.sha256} />
      </Figure>
    </dl>
  );
}

function Parties({ a }: { a: AgreementPage }) {
  const t = text.value.agreements;
  return (
    <section aria-labelledby="parties">
      <h2 id="parties">{t.parties}</h2>
      <p class="dim">{t.partiesHelp}</p>
      <ul class="plain back">
        {a.parties.map((p) => (
          <li key={p.identity}>
            <Says state={p.state} />
            <span>
              <strong>{partyName(p)}</strong> {p.own && <span class="dim">({t.thisNode})</span>}{" "}
              <span class="dim">
                {p.said && <Time iso={p.said} />} {p.member && t.member}
              </span>
              {p.reason && (
                <div>
                  {t.reason} <q>{p.reason}</q>
                </div>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Members that a label for the community would name and not reach. */
function Unreached({ list }: { list: readonly AgreementUnreached[] }) {
  const t = text.value.agreements;
  if (list.length === 0) return null;
  return (
    <div class="notice warn-box" role="note">
      <p>
        <strong>{t.unreached(list.length)}</strong>
      </p>
      <ul class="plain">
        {list.map((u) => (
          <li key={u.identity}>
            {u.peer ?? u.identity}: {u.text} <span class="dim mono">{u.rule}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Reciprocity({ sides, more }: { sides: readonly AgreementSide[]; more: boolean }) {
  const t = text.value.agreements;
  const number = (n: number) => n.toLocaleString(text.value.locale);
  return (
    <section aria-labelledby="reciprocity">
      <h2 id="reciprocity">{t.reciprocity}</h2>
      <p class="dim">{t.reciprocityHelp}</p>
      {more && <p class="warn">{t.more}</p>}
      {sides.map((side) => (
        <div key={side.peer}>
          <h3>{side.peer}</h3>
          {side.types.length === 0 ? (
            <p class="dim">{t.nothingYet}</p>
          ) : (
            <Table
              caption={side.peer}
              rows={side.types}
              keyOf={(row) => row.type}
              columns={[
                { key: "type", head: t.type, kind: "main", cell: (row) => row.type },
                { key: "given", head: t.given, kind: "num", cell: (row) => number(row.given) },
                {
                  key: "received",
                  head: t.received,
                  kind: "num",
                  cell: (row) => number(row.received),
                },
              ]}
            />
          )}
        </div>
      ))}
    </section>
  );
}

function Signatures({ id }: { id: string }) {
  const t = text.value.agreements;
  const load = useLoad(`${id} signatures`, (signal) => call("agreement.verify", { id }, signal));
  useAgain(load); // this node's own seal follows its word
  return (
    <section aria-labelledby="signatures">
      <h2 id="signatures">{t.signatures}</h2>
      <p class="dim">{t.signaturesHelp}</p>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      <ul class="plain back">
        {load.data?.signatures.map((s) => (
          <li key={s.identity}>
            <span
              class={`state ${s.signature === "verified" ? "live" : s.signature === "refused" ? "error" : "notYet"}`}
            >
              {t.proofs[s.signature]}
            </span>
            <span>
              <strong>{partyName(s)}</strong> <span class="dim">{s.text}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The confirmation of a word that others hear. */
function WordPanel({
  agreement,
  word,
  onClose,
  onDone,
}: {
  agreement: AgreementPage;
  word: Word;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = text.value.agreements;
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const others = agreement.parties.filter((p) => !p.own).map(partyName);
  const apply = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    call(`agreement.${word}`, {
      id: agreement.id,
      version: agreement.version,
      reason: reason.trim() || undefined,
    })
      .then(onDone, (e) =>
        setRefused(e instanceof ApiError && e.message ? e.message : text.value.errors.unreachable),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={t.ask[word](agreement.community)} onClose={onClose}>
      <form class="share" onSubmit={apply}>
        <p class={word === "sign" ? "notice" : "notice warn-box"}>{t.askHelp[word]}</p>
        <p>
          {t.told} <strong>{others.join(", ")}</strong>
        </p>
        <label class="reason">
          {t.reasonFor}
          <textarea
            value={reason}
            maxLength={1000}
            rows={3}
            onInput={(e) => setReason(e.currentTarget.value)}
          />
        </label>
        <Refusal message={refused} />
        <p class="actions">
          <button type="submit" class="main" disabled={busy}>
            {t.do[word]}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function OneAgreement({ id }: { id: string }) {
  const t = text.value.agreements;
  const load = useLoad(id, (signal) => call("agreement.show", { id }, signal));
  const [word, setWord] = useState<Word>();
  useAgain(load);
  const a = load.data;
  const words = a && mayAdminister() ? wordsOf(a) : [];
  const done = () => {
    setWord(undefined);
    load.reload();
  };
  return (
    <>
      <PageHead title={a ? a.title || a.community : t.title}>
        <a href={hrefTo("agreements")}>{t.all}</a>
        {words.map((w) => (
          <button key={w} type="button" onClick={() => setWord(w)}>
            {t.open[w]}
          </button>
        ))}
      </PageHead>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      {a && (
        <>
          <Unreached list={a.unreached} />
          <Terms a={a} />
          <Parties a={a} />
          <Reciprocity sides={a.reciprocity} more={a.more} />
          <Signatures id={id} />
        </>
      )}
      {a && word && (
        <WordPanel agreement={a} word={word} onClose={() => setWord(undefined)} onDone={done} />
      )}
    </>
  );
}

/* ---- communities: what this node decided, and what follows from agreements ---- */

function Communities() {
  const t = text.value.agreements;
  const list = useLoad("communities", (signal) => call("community.list", { limit: 1000 }, signal));
  useAgain(list);
  const rows = list.data?.items;
  return (
    <section aria-labelledby="communities">
      <h2 id="communities">{t.communities}</h2>
      <p class="dim">{t.communitiesHelp}</p>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows?.length === 0 && <p>{t.noCommunities}</p>}
      {rows && rows.length > 0 && (
        <Table
          caption={t.communities}
          rows={rows}
          keyOf={(c) => c.name}
          columns={[
            {
              key: "name",
              head: t.community,
              kind: "main",
              cell: (c) => (
                <>
                  {c.agreement ? (
                    <a href={hrefTo("agreements", { id: c.agreement })}>{c.name}</a>
                  ) : (
                    c.name
                  )}{" "}
                  <span class="dim">{c.title}</span>
                  {c.purposes && <div class="dim">{c.purposes}</div>}
                  {!c.own && <div class="todo">{t.notIn}</div>}
                </>
              ),
            },
            {
              key: "kind",
              head: t.kind,
              kind: "fit",
              cell: (c) => (
                <>
                  {t.kinds[c.kind]}
                  {c.direction && <div class="dim">{t.directions[c.direction]}</div>}
                </>
              ),
            },
            {
              key: "members",
              head: t.members,
              kind: "main",
              cell: (c) => c.members.split(",").join(", ") || text.value.audience.nobody,
            },
            {
              key: "types",
              head: t.types,
              kind: "main",
              cell: (c) => c.types?.split(",").join(", ") || t.allTypes,
            },
            {
              key: "ceiling",
              head: t.ceiling,
              kind: "fit",
              cell: (c) => <Marking tlp={c.ceiling} />,
            },
            {
              key: "expires",
              head: t.until,
              kind: "fit",
              cell: (c) => (c.expires ? <Time iso={c.expires} /> : <span class="dim">–</span>),
            },
          ]}
        />
      )}
    </section>
  );
}

function AllAgreements() {
  const t = text.value.agreements;
  const list = useLoad("agreements", (signal) => call("agreement.list", { limit: 1000 }, signal));
  useAgain(list);
  const rows = list.data?.items.toSorted(byWait);
  return (
    <>
      <PageHead title={t.title} />
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {rows?.length === 0 && <Empty title={t.empty} help={t.emptyHelp} />}
      {rows && rows.length > 0 && (
        <section aria-label={t.title}>
          <Table caption={t.title} columns={columns()} rows={rows} keyOf={(a) => a.id} />
        </section>
      )}
      {mayAdminister() && <Communities />}
    </>
  );
}

export function Agreements() {
  const id = route.value.params.get("id");
  return id ? <OneAgreement key={id} id={id} /> : <AllAgreements />;
}
