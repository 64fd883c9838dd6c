// SPDX-License-Identifier: Apache-2.0
// Sharing: another label for an object, by names, with what it would change for every reader before
// it is applied; and taking an object back. What may be done is the node's to say.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import type { Audience, AudienceReader, Label } from "../api/types.gen";
import { useLoad } from "../state/data";
import { status } from "../state/status";
import { text } from "../text/text";
import { gets, outside, readerName } from "./audience";
import { Failed, Loading, Mono } from "./bits";
import { Dialog, Refusal } from "./dialog";

const LEVELS: Label["tlp"][] = [
  "TLP:CLEAR",
  "TLP:GREEN",
  "TLP:AMBER",
  "TLP:AMBER+STRICT",
  "TLP:RED",
];
const SETTLE_MS = 200;

interface Wanted {
  tlp: Label["tlp"] | undefined; // undefined: beside a classification there need be none
  releasable_to: string[];
  communities: string[];
  need_to_know: string[];
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

export function wantedOf(marking: Audience["marking"]): Wanted {
  const { tlp, releasable_to, communities, need_to_know } = marking ?? {};
  return {
    tlp: LEVELS.find((level) => level === tlp),
    releasable_to: names(releasable_to),
    communities: names(communities),
    need_to_know: names(need_to_know),
  };
}

/** As the node takes it: a list without a name is left out of the label. */
export function changeOf(w: Wanted) {
  const list = (all: string[]) => (all.length > 0 ? all.join(",") : "*");
  return {
    tlp: w.tlp,
    releasable_to: list(w.releasable_to),
    communities: list(w.communities),
    need_to_know: list(w.need_to_know),
  };
}

/** Every name that can be chosen, with those that are there already. */
function choices(readers: readonly AudienceReader[], kind: string, chosen: string[]): string[] {
  const known = readers.filter((r) => r.kind === kind && r.state !== "cut").map((r) => r.name);
  const lower = new Set(known.map((name) => name.toLowerCase()));
  return [...known, ...chosen.filter((name) => !lower.has(name.toLowerCase()))];
}

function Names({
  legend,
  help,
  all,
  chosen,
  show = (name) => name,
  change,
}: {
  legend: string;
  help: string;
  all: string[];
  chosen: string[];
  show?: (name: string) => string;
  change: (names: string[]) => void;
}) {
  const has = (name: string) => chosen.some((c) => c.toLowerCase() === name.toLowerCase());
  const toggle = (name: string) =>
    change(
      has(name) ? chosen.filter((c) => c.toLowerCase() !== name.toLowerCase()) : [...chosen, name],
    );
  return (
    <fieldset>
      <legend>{legend}</legend>
      <p class="dim">{help}</p>
      <div class="choices">
        {all.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={has(name)} onChange={() => toggle(name)} /> {show(name)}
          </label>
        ))}
        {all.length === 0 && <span class="dim">{text.value.share.none}</span>}
      </div>
    </fieldset>
  );
}

function Change({
  title,
  readers,
  gain,
}: {
  title: string;
  readers: AudienceReader[];
  gain: boolean;
}) {
  const t = text.value;
  if (readers.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {readers.map((r) => (
          <li key={`${r.kind} ${r.name} ${r.who}`}>
            <span class={`gets ${gain ? "yes" : "no"}`}>
              {gain ? t.share.gains : t.share.loses}
            </span>{" "}
            <strong>{readerName(r, t.audience)}</strong> <span class="dim">{r.after?.text}</span>
            {!gain && (r.copy === "given" || r.copy === "receipted") && (
              <div class="warn">{t.share.hadIt}</div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Preview({ audience }: { audience: Audience }) {
  const t = text.value;
  const gain = audience.readers.filter((r) => !gets(r.now) && gets(r.after));
  const lose = audience.readers.filter((r) => gets(r.now) && !gets(r.after));
  return (
    <>
      <dl class="figures before-after">
        <div>
          <dt>{t.share.before}</dt>
          <dd>
            {audience.label}
            <br />
            {t.audience.outside} <strong>{outside(audience.outside, t.audience)}</strong>
          </dd>
        </div>
        <div>
          <dt>{t.share.after}</dt>
          <dd>
            {audience.after_label}
            <br />
            {t.audience.outside}{" "}
            <strong>{outside(audience.after_outside ?? "nobody", t.audience)}</strong>
          </dd>
        </div>
      </dl>
      <Change title={t.share.gain} readers={gain} gain />
      <Change title={t.share.lose} readers={lose} gain={false} />
      <p class="dim">{t.share.same(audience.readers.length - gain.length - lose.length)}</p>
    </>
  );
}

/** What was asked last and answered, until there is a newer answer. */
function usePreview(id: string, wanted: Wanted) {
  const change = changeOf(wanted);
  const asked = JSON.stringify(change);
  const [settled, setSettled] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const load = useLoad(`${id} ${settled}`, (signal) =>
    call("object.audience", { id, ...(JSON.parse(settled) as typeof change) }, signal),
  );
  const last = useRef<Audience>(undefined);
  if (load.data) last.current = load.data;
  const current = load.data !== undefined && settled === asked;
  return { shown: load.error === undefined ? last.current : undefined, current, error: load.error };
}

function messageOf(error: unknown): string {
  return error instanceof ApiError && error.message ? error.message : text.value.errors.unreachable;
}

function Form({
  id,
  start,
  onDone,
}: {
  id: string;
  start: Audience;
  onDone: (version: string) => void;
}) {
  const t = text.value.share;
  const [wanted, setWanted] = useState(() => wantedOf(start.marking));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const { shown, current, error } = usePreview(id, wanted);
  const own = status.value?.identity;
  const recipients = choices(start.readers, "peer", [
    ...(own ? [own] : []),
    ...wantedOf(start.marking).releasable_to,
  ]);
  const set = (part: Partial<Wanted>) => setWanted((old) => ({ ...old, ...part }));
  const nothing =
    JSON.stringify(changeOf(wanted)) === JSON.stringify(changeOf(wantedOf(start.marking)));
  const apply = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    call("object.share", { id, version: start.version, ...changeOf(wanted) })
      .then(
        (done) => onDone(done.version),
        (e) => setRefused(messageOf(e)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <form class="share" onSubmit={apply}>
      {!start.own && <p class="notice">{t.notOwn}</p>}
      <label class="level">
        {t.level}
        <select
          value={wanted.tlp ?? ""}
          onChange={(e) => set({ tlp: LEVELS.find((level) => level === e.currentTarget.value) })}
        >
          {wanted.tlp === undefined && <option value="">{t.asItIs}</option>}
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </label>
      <Names
        legend={t.recipients}
        help={t.recipientsHelp}
        all={recipients}
        chosen={wanted.releasable_to}
        show={(name) => (name === own ? t.thisNode : name)}
        change={(releasable_to) => set({ releasable_to })}
      />
      <Names
        legend={t.communities}
        help={t.communitiesHelp}
        all={choices(start.readers, "community", wantedOf(start.marking).communities)}
        chosen={wanted.communities}
        change={(communities) => set({ communities })}
      />
      <section aria-label={t.preview} aria-live="polite" aria-busy={!current}>
        <h3>{t.preview}</h3>
        {error !== undefined && <p class="notice bad">{messageOf(error)}</p>}
        {shown?.after_label && <Preview audience={shown} />}
      </section>
      <details>
        <summary>{t.byHand}</summary>
        <p class="dim">{t.byHandHelp}</p>
        <pre>{JSON.stringify(shown?.marking ?? start.marking, null, 2)}</pre>
      </details>
      <Refusal message={refused} />
      <p class="actions">
        <button type="submit" class="main" disabled={busy || nothing || !current}>
          {busy ? t.busy : t.apply}
        </button>
        {nothing && <span class="dim">{t.nothing}</span>}
      </p>
    </form>
  );
}

export function SharePanel({
  id,
  onClose,
  onDone,
}: {
  id: string;
  onClose: () => void;
  onDone: (version: string) => void;
}) {
  const t = text.value.share;
  const load = useLoad(id, (signal) => call("object.audience", { id }, signal));
  return (
    <Dialog title={t.title} onClose={onClose}>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      {load.data?.marking && <Form id={id} start={load.data} onDone={onDone} />}
      {load.data && !load.data.marking && <p class="notice">{t.cannot}</p>}
    </Dialog>
  );
}

export function WithdrawPanel({
  id,
  title,
  onClose,
  onDone,
}: {
  id: string;
  title: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const t = text.value.withdraw;
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const load = useLoad(id, (signal) => call("object.audience", { id }, signal));
  const have = load.data?.readers.filter((r) => r.copy === "given" || r.copy === "receipted");
  const apply = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefused(undefined);
    call("object.withdraw", { id, reason: reason.trim() })
      .then(onDone, (e) => setRefused(messageOf(e)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={t.title} onClose={onClose}>
      <form class="share" onSubmit={apply}>
        <p>
          <strong>{title}</strong>
          <br />
          <Mono>{id}</Mono>
        </p>
        <p class="notice warn-box">{t.help}</p>
        {have && (
          <p>
            {t.have}{" "}
            <strong>{have.map((r) => r.name).join(", ") || text.value.audience.nobody}</strong>
          </p>
        )}
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
        <Refusal message={refused} />
        <p class="actions">
          <button type="submit" class="main" disabled={busy || reason.trim() === ""}>
            {busy ? text.value.share.busy : t.apply}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
