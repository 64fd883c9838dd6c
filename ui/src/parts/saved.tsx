// SPDX-License-Identifier: Apache-2.0
// Hunts that are kept: run again over all of the time, or over what came since they were answered.
import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import type { SavedHunt } from "../api/types.gen";
import { useAgain, usePages } from "../state/data";
import { exact, pasted, startHunt } from "../state/hunt";
import { mayShare } from "../state/session";
import { text } from "../text/text";
import { Failed, Time } from "./bits";
import { Dialog, Refusal } from "./dialog";

const PAGE = 100;
const NEWS_MS = 10_000;

const messageOf = (error: unknown): string =>
  error instanceof ApiError && error.message ? error.message : text.value.errors.unreachable;

export const useSaved = () =>
  usePages<SavedHunt>("saved", (next, signal) => call("hunt.list", { limit: PAGE, next }, signal));

/** What was answered once is not new the next time. */
async function runNew(hunt: SavedHunt): Promise<void> {
  const end = await startHunt(hunt.answered);
  if (end && mayShare()) await call("hunt.mark", { name: hunt.name, until: end.until });
}

function One({ hunt, changed }: { hunt: SavedHunt; changed: () => void }) {
  const t = text.value.hunt;
  const [refused, setRefused] = useState<string>();
  const hold = (work: Promise<unknown>) => {
    setRefused(undefined);
    work.then(changed, (error) => setRefused(messageOf(error)));
  };
  const load = () => {
    pasted.value = hunt.text;
    exact.value = false;
  };
  return (
    <li>
      <span>
        <strong>{hunt.name}</strong>{" "}
        <span class="dim">
          {t.savedBy(hunt.by)} <Time iso={hunt.saved} />;{" "}
          {hunt.answered ? t.answeredTo : t.neverAnswered}
          {hunt.answered && (
            <>
              {" "}
              <Time iso={hunt.answered} />
            </>
          )}
        </span>
        {(hunt.news ?? 0) > 0 && (
          <span class="warn">
            {t.news(hunt.news ?? 0)} <Time iso={hunt.last_new ?? hunt.saved} />
          </span>
        )}
        {hunt.more && <span class="warn">{t.newsMore}</span>}
        <span class="mono dim clip" title={hunt.text}>
          {hunt.text}
        </span>
      </span>
      <span class="tools">
        <button
          type="button"
          class="small"
          onClick={() => {
            load();
            hold(startHunt());
          }}
        >
          {t.runAll}
        </button>
        <button
          type="button"
          class="small"
          onClick={() => {
            load();
            hold(runNew(hunt));
          }}
        >
          {t.runNew}
        </button>
        {mayShare() && (
          <button
            type="button"
            class="small quiet"
            aria-label={t.removeOne(hunt.name)}
            onClick={() => hold(call("hunt.remove", { name: hunt.name }))}
          >
            {t.remove}
          </button>
        )}
      </span>
      <Refusal message={refused} />
    </li>
  );
}

export function Saved({ list }: { list: ReturnType<typeof useSaved> }) {
  const t = text.value.hunt;
  useAgain(list, NEWS_MS);
  if (list.error !== undefined) return <Failed error={list.error} retry={list.reload} />;
  if (!list.data || list.data.length === 0) return null;
  return (
    <details class="saved">
      <summary>{t.saved(list.data.length)}</summary>
      <ul class="plain">
        {list.data.map((hunt) => (
          <One key={hunt.name} hunt={hunt} changed={list.reload} />
        ))}
      </ul>
    </details>
  );
}

export function SavePanel({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = text.value.hunt;
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const apply = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    call("hunt.save", { name: name.trim(), text: pasted.value })
      .then(onDone, (error) => setRefused(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={t.saveTitle} onClose={onClose}>
      <form class="share" onSubmit={apply}>
        <p>{t.saveHelp}</p>
        <label class="reason">
          {t.saveName}
          <input
            required
            maxLength={64}
            autocomplete="off"
            spellcheck={false}
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </label>
        <Refusal message={refused} />
        <p class="actions">
          <button type="submit" class="main" disabled={busy || name.trim() === ""}>
            {busy ? text.value.share.busy : t.saveApply}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
