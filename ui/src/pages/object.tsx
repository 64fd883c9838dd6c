// SPDX-License-Identifier: Apache-2.0
// One object: what it says, who may see it and why, what it hangs together with, and the proof that
// these bytes are in the ledger.
import { useState } from "preact/hooks";
import { ApiError, call, callText } from "../api/client";
import { rawMember } from "../api/rawjson";
import type { ObjectPage, Purge, Relation } from "../api/types.gen";
import { AudiencePanel } from "../parts/audience";
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
import { ProofPanel } from "../parts/proof";
import { SharePanel, WithdrawPanel } from "../parts/share";
import { useLoad } from "../state/data";
import { go, hrefTo, indicatorHref, objectHref, route } from "../state/route";
import { mayAudit, mayShare } from "../state/session";
import { status } from "../state/status";
import { text } from "../text/text";

interface Shown {
  page: ObjectPage;
  raw: string; // the object's bytes as they came
}

async function loadObject(id: string, version: string, signal: AbortSignal): Promise<Shown> {
  const body = await callText("object.show", { id, version }, signal);
  const page: ObjectPage = JSON.parse(body);
  return { page, raw: rawMember(body, "object") ?? JSON.stringify(page.object) };
}

const TITLE_KEYS = ["name", "value", "path", "subject", "abstract", "pattern", "relationship_type"];

const HASHES = ["SHA-256", "SHA-512", "SHA-1", "MD5"];

function strongestHash(hashes: unknown): string | undefined {
  const found = new Map(Object.entries(hashes ?? {}));
  const hash = HASHES.map((kind) => found.get(kind)).find((value) => typeof value === "string");
  return hash as string | undefined;
}

/** What a person would call it. */
export function titleOf(page: Pick<ObjectPage, "id" | "type" | "object" | "relations">): string {
  for (const key of TITLE_KEYS) {
    const value = page.object[key];
    if (typeof value === "string" && value !== "") return value;
  }
  if (page.type === "sighting") {
    const of = page.relations.find((r) => r.path === "sighting_of_ref")?.title;
    if (of) return text.value.object.sightingOf(of);
  }
  const { hashes } = page.object;
  return strongestHash(hashes) ?? page.id;
}

function Facts({ page }: { page: ObjectPage }) {
  const t = text.value.object;
  return (
    <dl class="figures">
      <Figure label={t.label}>
        <Marking tlp={page.label.tlp} />
        <div>{page.label.text}</div>
        <div class="dim">
          {t.rule} <Mono>{page.label.rule}</Mono>
        </div>
      </Figure>
      <Figure label={t.id}>
        <Mono>{page.id}</Mono> <Copy value={page.id} />
      </Figure>
      <Figure label={t.version}>
        {page.version ? <Mono>{page.version}</Mono> : <span class="dim">{t.unversioned}</span>}
      </Figure>
      <Figure label={t.received}>
        <Time iso={page.received} />
      </Figure>
      <Figure label={t.source}>{page.source}</Figure>
      <Figure label={t.spec}>{page.spec_version}</Figure>
    </dl>
  );
}

function Versions({ page }: { page: ObjectPage }) {
  const t = text.value.object;
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{t.versions}</h2>
      <ul class="plain">
        {page.versions.map((v, i) => {
          const here = v.version === page.version;
          return (
            <li key={v.version ?? v.received} aria-current={here ? "true" : undefined}>
              <ObjectLink id={page.id} version={v.version}>
                <Mono>{v.version ?? t.unversioned}</Mono>
              </ObjectLink>{" "}
              <span class="dim">
                {[
                  i === 0 ? t.newest : "",
                  here ? t.thisVersion : "",
                  v.seq === undefined
                    ? ""
                    : `${t.record} ${v.seq.toLocaleString(text.value.locale)}`,
                ]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function RelationList({ title, rows }: { title: string; rows: readonly Relation[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain relations">
        {rows.map((r) => (
          <li key={`${r.path} ${r.via} ${r.id}`}>
            <span class="dim">{r.via ?? r.path}</span>
            <span>
              <span class="type">{r.type}</span>{" "}
              <ObjectLink id={r.id} row>
                {r.title ?? <Mono>{r.id}</Mono>}
              </ObjectLink>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Relations({ page }: { page: ObjectPage }) {
  const t = text.value.object;
  const out = page.relations.filter((r) => r.direction === "out");
  const into = page.relations.filter((r) => r.direction === "in");
  return (
    <section aria-labelledby="relations">
      <h2 id="relations">{t.relations}</h2>
      {page.relations.length === 0 && <p class="dim">{t.noRelations}</p>}
      <RelationList title={t.outgoing} rows={out} />
      <RelationList title={t.incoming} rows={into} />
    </section>
  );
}

function Raw({ shown }: { shown: Shown }) {
  const t = text.value.object;
  const [exact, setExact] = useState(false);
  const size = new TextEncoder().encode(shown.raw).length;
  // Laying out goes by way of JSON.parse, which rounds large integers; the exact view does not.
  const body = exact ? shown.raw : JSON.stringify(shown.page.object, null, 2);
  return (
    <section aria-labelledby="raw">
      <h2 id="raw">{t.raw}</h2>
      <div class="tools">
        <button type="button" aria-pressed={!exact} onClick={() => setExact(false)}>
          {t.pretty}
        </button>
        <button type="button" aria-pressed={exact} onClick={() => setExact(true)}>
          {t.exact}
        </button>
        <span class="dim">{t.bytes(size)}</span>
        <Copy value={shown.raw} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the keyboard */}
      <pre tabIndex={0}>{body}</pre>
    </section>
  );
}

/** What may be done about it, and by whom: buttons that open a dialogue each. */
function Actions({ page, onShared }: { page: ObjectPage; onShared: (version: string) => void }) {
  const t = text.value;
  const [open, setOpen] = useState<"who" | "share" | "withdraw">();
  const close = () => setOpen(undefined);
  const indicator = page.type === "indicator" && (
    <a href={indicatorHref(page.id)}>{t.indicator.open}</a>
  );
  const { created_by_ref: maker } = page.object;
  const own = maker !== undefined && maker === status.value?.identity;
  const newest = page.versions[0]?.version === page.version;
  if (!mayAudit()) return indicator || null;
  return (
    <>
      <span class="tools">
        {indicator}
        <button type="button" onClick={() => setOpen("who")}>
          {t.audience.button}
        </button>
        {mayShare() && newest && !page.revoked && (
          <button type="button" onClick={() => setOpen("share")}>
            {t.share.button}
          </button>
        )}
        {mayShare() && own && (
          <button type="button" onClick={() => setOpen("withdraw")}>
            {t.withdraw.button}
          </button>
        )}
      </span>
      {open === "who" && <AudiencePanel id={page.id} version={page.version} onClose={close} />}
      {open === "share" && (
        <SharePanel
          id={page.id}
          onClose={close}
          onDone={(version) => {
            close();
            onShared(version);
          }}
        />
      )}
      {open === "withdraw" && (
        <WithdrawPanel
          id={page.id}
          title={titleOf(page)}
          onClose={close}
          onDone={() => go(hrefTo("peers"))}
        />
      )}
    </>
  );
}

/** Of what is not here: that its bytes were removed, for those who may know of it. */
async function findPurge(id: string, signal: AbortSignal): Promise<Purge | null> {
  const { items } = await call("purge.list", { id }, signal);
  return items.find((purge) => purge.tombstones > 0) ?? null;
}

function Purged({ purge }: { purge: Purge }) {
  const t = text.value.object;
  return (
    <>
      <PageHead title={purge.id}>
        <span class="state revoked">{t.purged}</span>
      </PageHead>
      <p class="notice warn-box">{t.purgedHelp(purge.tombstones)}</p>
      <dl class="figures">
        <Figure label={t.purgedWhy}>{purge.reason}</Figure>
        <Figure label={t.purgedBy}>
          <Mono>{purge.by}</Mono>
        </Figure>
        <Figure label={t.purgedWhen}>
          <Time iso={purge.time} />
        </Figure>
      </dl>
    </>
  );
}

function NotShown({ id, error, retry }: { id: string; error: unknown; retry: () => void }) {
  const missing = error instanceof ApiError && error.status === 404 && mayAudit();
  const purge = useLoad(missing ? id : null, (signal) => findPurge(id, signal));
  if (purge.data) return <Purged purge={purge.data} />;
  return (
    <>
      <PageHead title={id} />
      {purge.loading ? <Loading /> : <Failed error={error} retry={retry} />}
    </>
  );
}

export function ObjectView() {
  const t = text.value.object;
  const { params } = route.value;
  const id = params.get("id") ?? "";
  const version = params.get("version") ?? "";
  const load = useLoad(id ? `${id} ${version}` : null, (signal) => loadObject(id, version, signal));
  const [shared, setShared] = useState<string>();
  if (!id) return <Empty title={t.missing} />;
  if (!load.data && load.error !== undefined)
    return <NotShown key={id} id={id} error={load.error} retry={load.reload} />;
  if (!load.data) {
    return (
      <>
        <PageHead title={id} />
        {load.loading && <Loading />}
      </>
    );
  }
  const { page } = load.data;
  return (
    <>
      <PageHead title={titleOf(page)}>
        <span class="type big">{page.type}</span>
        <Marking tlp={page.label.tlp} />
        {page.revoked && <span class="state revoked">{t.revoked}</span>}
        <Actions
          page={page}
          onShared={(to) => {
            setShared(to);
            if (version) go(objectHref(id));
            else load.reload();
          }}
        />
      </PageHead>
      <div role="status">
        {shared && <p class="notice good-box">{text.value.share.done(shared)}</p>}
      </div>
      {page.revoked && <p class="notice warn-box">{t.revokedHelp}</p>}
      {page.redacted && <p class="notice">{t.redactedHelp(page.left_out ?? 0)}</p>}
      <div class="columns wide-left">
        <div>
          <Raw shown={load.data} />
          <ProofPanel
            key={`${page.id} ${page.version}`}
            id={page.id}
            version={page.version}
            given={page.proof}
            content={load.data.raw}
          />
        </div>
        <div class="first-if-narrow">
          <Facts page={page} />
          <Relations page={page} />
          <Versions page={page} />
        </div>
      </div>
    </>
  );
}
