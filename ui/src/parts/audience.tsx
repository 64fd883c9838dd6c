// SPDX-License-Identifier: Apache-2.0
// Who gets an object and who does not, by name: verdict, the rule in words, and every condition.
import { call } from "../api/client";
import type { Audience, AudienceReader, AudienceVerdict } from "../api/types.gen";
import { useLoad } from "../state/data";
import type { Text } from "../text/en";
import { text } from "../text/text";
import { Failed, Loading, Mono } from "./bits";
import { Dialog } from "./dialog";

const KINDS = ["peer", "community", "guests", "accounts"] as const;

/** What a person calls a reader: accounts have no name of their own. */
export function readerName(r: AudienceReader, t: Text["audience"]): string {
  if (r.kind === "accounts") return t.ownAccounts(r.count ?? 0, r.name);
  if (r.kind === "guests") return t.guestAccounts(r.count ?? 0, r.name);
  if (r.kind === "community") return t.communityMember(r.name);
  return r.name;
}

export function gets(v: AudienceVerdict | undefined): boolean {
  return v !== undefined && v.verdict !== "deny";
}

/** Names of peers as the node wrote them; an audience of none is said. */
export function outside(names: string, t: Text["audience"]): string {
  return names === "nobody" ? t.nobody : names;
}

function Conditions({ verdict }: { verdict: AudienceVerdict }) {
  const t = text.value.audience;
  return (
    <ul class="plain conditions">
      {verdict.conditions.map((c) => (
        <li key={c.rule}>
          <span class={`outcome ${c.holds ? "good" : "bad"}`}>{c.holds ? t.holds : t.fails}</span>
          <span>
            {c.text} <span class="dim mono">{c.rule}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Reader({ reader }: { reader: AudienceReader }) {
  const t = text.value.audience;
  const v = reader.now;
  const copy = reader.copy && reader.copy !== "none" ? t.copies[reader.copy] : undefined;
  return (
    <li>
      <details class="reader">
        <summary>
          <span class={`gets ${gets(v) ? "yes" : "no"}`}>{gets(v) ? t.yes : t.no}</span>
          <span>
            <strong>{readerName(reader, t)}</strong>
            {reader.title && reader.title !== reader.name && (
              <span class="dim"> {reader.title}</span>
            )}
            {reader.state && reader.state !== "active" && (
              <span class="warn"> {t.states[reader.state]}</span>
            )}
            <br />
            {v.text}
            {v.through && <span> ({t.through(v.through)})</span>}
            {copy && <div class="copy">{copy}</div>}
          </span>
        </summary>
        <p class="dim">
          {reader.who}
          {reader.accounts && ` (${reader.accounts})`}
        </p>
        <p>
          {t.rule} <Mono>{v.rule}</Mono>
        </p>
        {v.left_out && (
          <p>
            {t.leftOut} <Mono>{v.left_out}</Mono>
          </p>
        )}
        {v.derived && (
          <p>
            {t.derived} <Mono>{v.derived}</Mono>
          </p>
        )}
        <Conditions verdict={v} />
      </details>
    </li>
  );
}

function Group({ kind, readers }: { kind: AudienceReader["kind"]; readers: AudienceReader[] }) {
  const t = text.value.audience;
  const mine = readers
    .filter((r) => r.kind === kind)
    .toSorted((a, b) => Number(gets(b.now)) - Number(gets(a.now)) || a.name.localeCompare(b.name));
  if (mine.length === 0) return null;
  return (
    <section aria-label={t.kinds[kind]}>
      <h3>{t.kinds[kind]}</h3>
      <ul class="plain readers">
        {mine.map((r) => (
          <Reader key={`${r.name} ${r.who}`} reader={r} />
        ))}
      </ul>
    </section>
  );
}

function Readers({ audience }: { audience: Audience }) {
  const t = text.value.audience;
  return (
    <>
      <p>
        {t.label} <strong>{audience.label}</strong>
      </p>
      <p class="answer">
        {t.outside} <strong>{outside(audience.outside, t)}</strong>
      </p>
      <p class="dim">{t.help}</p>
      {KINDS.map((kind) => (
        <Group key={kind} kind={kind} readers={audience.readers} />
      ))}
    </>
  );
}

export function AudiencePanel({
  id,
  version,
  onClose,
}: {
  id: string;
  version: string | undefined;
  onClose: () => void;
}) {
  const load = useLoad(`${id} ${version}`, (signal) =>
    call("object.audience", { id, version }, signal),
  );
  return (
    <Dialog title={text.value.audience.title} onClose={onClose}>
      {load.loading && <Loading />}
      {load.error !== undefined && <Failed error={load.error} retry={load.reload} />}
      {load.data && <Readers audience={load.data} />}
    </Dialog>
  );
}
