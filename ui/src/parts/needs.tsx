// SPDX-License-Identifier: Apache-2.0
// What this node and its peers ask each other for, and what nobody supplies.
import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import type { Need, NeedSide } from "../api/types.gen";
import { useAgain, useLoad } from "../state/data";
import { hrefTo } from "../state/route";
import { mayShare } from "../state/session";
import { text } from "../text/text";
import { Failed, Loading, Time } from "./bits";
import { Refusal } from "./dialog";

/** Gaps first, then what is open, then the rest; each newest first, as they came. */
export function byGap(a: Need, b: Need): number {
  const rank = (n: Need) => (n.gap ? 0 : n.state === "open" ? 1 : 2);
  return rank(a) - rank(b);
}

/** Seconds as a person says them. */
export function tookOf(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

function Side({ need, side }: { need: Need; side: NeedSide }) {
  const t = text.value.needs;
  const said = side.answer === "none" ? undefined : t.answers[side.answer];
  return (
    <li>
      {need.own ? <a href={hrefTo("peers", { name: side.peer })}>{side.peer}</a> : t.thisNode}
      <span>
        {said ?? (need.own ? t.noAnswer : t.notAnswered)}
        {side.reason && (
          <>
            : <q>{side.reason}</q>
          </>
        )}
        {side.delivered > 0 && (
          <div>
            {t.delivered(side.delivered)}
            {side.latency_s !== undefined && (
              <span class="dim"> {t.after(tookOf(side.latency_s))}</span>
            )}
          </div>
        )}
        {side.withheld !== undefined && side.withheld > 0 && (
          <div>
            {t.withheld(side.withheld)} {side.text} <span class="dim mono">{side.rule}</span>
          </div>
        )}
      </span>
    </li>
  );
}

function Answer({ need, done }: { need: Need; done: () => void }) {
  const t = text.value.needs;
  const [refused, setRefused] = useState<string>();
  const say = (op: "need.offer" | "need.decline" | "need.close") => {
    setRefused(undefined);
    call(op, { id: need.id }).then(done, (e) =>
      setRefused(e instanceof ApiError && e.message ? e.message : text.value.errors.unreachable),
    );
  };
  if (!mayShare() || need.state !== "open") return null;
  return (
    <>
      <p class="actions">
        {need.own ? (
          <button type="button" onClick={() => say("need.close")}>
            {t.close}
          </button>
        ) : (
          <>
            <button type="button" onClick={() => say("need.offer")}>
              {t.offer}
            </button>
            <button type="button" onClick={() => say("need.decline")}>
              {t.decline}
            </button>
          </>
        )}
      </p>
      <Refusal message={refused} />
    </>
  );
}

function OneNeed({ need, done }: { need: Need; done: () => void }) {
  const t = text.value.needs;
  const who = need.sides[0]?.peer ?? need.by;
  const shape = need.gap ? "error" : need.state === "open" ? "notYet" : "stopped";
  return (
    <article class="withdrawal">
      <p>
        <span class={`state ${shape}`}>{need.gap ? t.gap : t.states[need.state]}</span>{" "}
        <strong>{need.text}</strong>{" "}
        <span class="dim">
          {need.type}, {need.community}, {need.own ? t.weAsk : t.asks(who)}{" "}
          <Time iso={need.asked} ago />
          {need.expires && (
            <>
              , {t.until} <Time iso={need.expires} />
            </>
          )}
        </span>
      </p>
      <ul class="plain counts">
        {need.sides.map((side) => (
          <Side key={side.peer} need={need} side={side} />
        ))}
      </ul>
      <Answer need={need} done={done} />
    </article>
  );
}

export function Needs() {
  const t = text.value.needs;
  const list = useLoad("needs", (signal) => call("need.list", { limit: 1000 }, signal));
  useAgain(list);
  const rows = list.data?.items.toSorted(byGap);
  const gaps = rows?.filter((n) => n.gap).length ?? 0;
  return (
    <section aria-labelledby="needs">
      <h2 id="needs">{t.title}</h2>
      <p class="dim">{t.help}</p>
      {list.loading && <Loading />}
      {list.error !== undefined && <Failed error={list.error} retry={list.reload} />}
      {gaps > 0 && <p class="warn">{t.gaps(gaps)}</p>}
      {rows?.length === 0 && <p>{t.none}</p>}
      {rows?.map((need) => (
        <OneNeed key={need.id} need={need} done={list.reload} />
      ))}
    </section>
  );
}
