// SPDX-License-Identifier: Apache-2.0
// Small parts that every page uses: times, labels, links, and the empty, loading and error states.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../api/client";
import type { Label } from "../api/types.gen";
import { now } from "../state/clock";
import { objectHref } from "../state/route";
import { span, stamp } from "../state/time";
import type { Text } from "../text/en";
import { text } from "../text/text";

export function Time({ iso, ago = false }: { iso: string | undefined; ago?: boolean }) {
  const t = text.value.common;
  if (!iso) return <span class="dim">{t.never}</span>;
  const ms = Date.parse(iso);
  const distance = now.value - ms;
  const relative = distance < 0 ? t.ahead(span(-distance, t)) : t.ago(span(distance, t));
  return (
    <time dateTime={iso} title={ago ? iso : `${iso} (${relative})`}>
      {ago ? relative : stamp(ms, now.value)}
    </time>
  );
}

type Tlp = Label["tlp"];

const TLP_CLASS: Record<Tlp, keyof Text["labels"]> = {
  "TLP:CLEAR": "clear",
  "TLP:GREEN": "green",
  "TLP:AMBER": "amber",
  "TLP:AMBER+STRICT": "amberStrict",
  "TLP:RED": "red",
};

/** The label as its text in the colours of TLP 2.0; what we do not know looks like the strictest. */
export function Marking({ tlp }: { tlp: Tlp }) {
  const name = TLP_CLASS[tlp] ?? "red";
  return (
    <span class={`tlp tlp-${name}`} title={text.value.labels[name]}>
      {tlp}
    </span>
  );
}

/** A value that must be read letter by letter. */
export function Mono({ children }: { children: ComponentChildren }) {
  return <span class="mono">{children}</span>;
}

export function ObjectLink({
  id,
  version,
  row = false,
  children,
}: {
  id: string;
  version?: string | undefined;
  row?: boolean;
  children: ComponentChildren;
}) {
  return (
    <a href={objectHref(id, version)} data-row={row ? "" : undefined}>
      {children}
    </a>
  );
}

export function errorText(error: unknown, t: Text["errors"]): string {
  if (!(error instanceof ApiError)) return t.broken;
  if (error.status === 0) return t.unreachable;
  if (error.status === 403) return t.denied;
  if (error.status === 404) return t.notFound;
  if (error.status >= 500) return t.busy;
  return t.other(error.message);
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = text.value;
  return (
    <div class="notice bad" role="alert">
      <p>{errorText(error, t.errors)}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {t.common.retry}
        </button>
      )}
    </div>
  );
}

export function Loading() {
  return (
    <p class="notice dim" role="status">
      {text.value.common.loading}
    </p>
  );
}

export function Empty({ title, help }: { title: string; help?: string }) {
  return (
    <div class="notice">
      <p>
        <strong>{title}</strong>
      </p>
      {help && <p class="dim">{help}</p>}
    </div>
  );
}

export function Copy({ value }: { value: string }) {
  const [done, setDone] = useState(false);
  const t = text.value.common;
  const copy = () => {
    navigator.clipboard?.writeText(value).then(
      () => {
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      },
      () => setDone(false),
    );
  };
  return (
    <button type="button" class="small quiet" onClick={copy}>
      <span aria-live="polite">{done ? t.copied : t.copy}</span>
    </button>
  );
}

export function Figure({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function PageHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="head">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </div>
  );
}

export function More({
  next,
  busy,
  more,
  shown,
}: {
  next: string | undefined;
  busy: boolean;
  more: () => void;
  shown: number;
}) {
  const t = text.value.common;
  return (
    <p class="foot dim">
      {t.shown(shown)}
      {next ? (
        <button type="button" onClick={more} disabled={busy}>
          {busy ? t.loading : t.more}
        </button>
      ) : (
        <span>{t.end}</span>
      )}
    </p>
  );
}
