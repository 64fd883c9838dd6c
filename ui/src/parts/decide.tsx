// SPDX-License-Identifier: Apache-2.0
// A person's word about indicators: let them be matched, or keep them from it. One reason for all, an
// answer for each. What changed under the person's eyes is not decided but shown.
import { useRef, useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import type { Indicator } from "../api/types.gen";
import { text } from "../text/text";
import { Dialog } from "./dialog";

export type Verb = "release" | "quarantine";

export interface Outcome {
  id: string;
  done: boolean;
  said: string;
}

/** Why what is here now is not what the person looked at; undefined when it is. */
export function conflict(verb: Verb, seen: Indicator, here: Indicator): string | undefined {
  const t = text.value.decide;
  if (here.pattern !== seen.pattern) return t.patternChanged(here.pattern ?? "");
  if (here.quarantined === (verb === "quarantine")) {
    const already = verb === "release" ? t.alreadyReleased : t.alreadyQuarantined;
    return already(here.decided_by ?? "", here.reason ?? "");
  }
  if (here.reason !== seen.reason) return t.reasonChanged(here.reason ?? "");
  return undefined;
}

async function decideOne(verb: Verb, seen: Indicator, reason: string): Promise<Outcome> {
  const { id } = seen;
  const t = text.value;
  try {
    const clash = conflict(verb, seen, await call("indicator.show", { id }));
    if (clash) return { id, done: false, said: clash };
    const op = verb === "release" ? "indicator.release" : "indicator.quarantine";
    const answer = await call(op, { id, reason });
    return { id, done: true, said: t.decide.done[verb](answer.by) };
  } catch (error) {
    const refused = error instanceof ApiError && error.status !== 0;
    return { id, done: false, said: refused ? error.message : t.errors.unreachable };
  }
}

function Outcomes({ items, outcomes }: { items: readonly Indicator[]; outcomes: Outcome[] }) {
  const t = text.value;
  return (
    <ul class="plain decided">
      {items.map((i) => {
        const outcome = outcomes.find((o) => o.id === i.id);
        return (
          <li key={i.id}>
            <span>
              <strong>{i.name ?? t.indicators.unnamed}</strong>{" "}
              <span class="mono dim break">{i.pattern}</span>
            </span>
            {outcome ? (
              <span class={`outcome ${outcome.done ? "good" : "bad"}`}>{outcome.said}</span>
            ) : (
              i.reason && <span class="why">{i.reason}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function DecidePanel({
  verb,
  items,
  onClose,
  onDone,
}: {
  verb: Verb;
  items: readonly Indicator[];
  onClose: () => void;
  onDone: (outcomes: Outcome[]) => void;
}) {
  const t = text.value.decide;
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const closed = useRef(false);
  const over = outcomes.length === items.length;
  const apply = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const all: Outcome[] = [];
    // One after the other: each is a decision of its own, and a person can stop by closing.
    for (const item of items) {
      if (closed.current) break;
      all.push(await decideOne(verb, item, reason.trim()));
      setOutcomes([...all]);
    }
    setBusy(false);
    onDone(all);
  };
  const failed = outcomes.filter((o) => !o.done).length;
  const close = () => {
    closed.current = true;
    onClose();
  };
  return (
    <Dialog title={t.title[verb](items.length)} onClose={close}>
      <form class="share" onSubmit={apply}>
        <p class="notice warn-box">{t.help[verb]}</p>
        <Outcomes items={items} outcomes={outcomes} />
        {!over && (
          <label class="reason">
            {t.reason}
            <textarea
              required
              maxLength={1000}
              rows={3}
              value={reason}
              onInput={(e) => setReason(e.currentTarget.value)}
            />
          </label>
        )}
        <div role="status">
          {over && (
            <p class={`notice ${failed > 0 ? "bad" : "good-box"}`}>
              {t.sum(outcomes.length - failed, failed)}
            </p>
          )}
        </div>
        {!over && (
          <p class="actions">
            <button type="submit" class="main" disabled={busy || reason.trim() === ""}>
              {busy ? t.busy(outcomes.length, items.length) : t.apply[verb](items.length)}
            </button>
          </p>
        )}
      </form>
    </Dialog>
  );
}
