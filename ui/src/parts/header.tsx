// SPDX-License-Identifier: Apache-2.0
// The head of every page: which node, what may be seen, whether it is live, what time it is.
import { useRef } from "preact/hooks";
import { now } from "../state/clock";
import { lastSign, link } from "../state/live";
import { chooseLanguage, language, shortcuts, type Theme, theme } from "../state/prefs";
import { go, hrefTo, type Page, route } from "../state/route";
import { mayAudit, session, signOut } from "../state/session";
import { status } from "../state/status";
import { clockOf, stamp } from "../state/time";
import { isLanguage, LANGUAGES, text } from "../text/text";
import { Marking } from "./bits";

export const NAV = [
  "sightings",
  "indicators",
  "quarantine",
  "hunt",
  "sources",
  "search",
  "status",
  "peers",
  "agreements",
] as const;

/** The pages that this account has. */
export function navPages(): readonly (typeof NAV)[number][] {
  return NAV.filter((page) => (page !== "peers" && page !== "agreements") || mayAudit());
}

function Nav() {
  const t = text.value.nav;
  const { page } = route.value;
  const here: Page = page === "indicator" ? "indicators" : page;
  const held = status.value?.quarantined ?? 0;
  const alarms = status.value?.alarms.length ?? 0;
  return (
    <nav aria-label={t.label}>
      {navPages().map((page) => (
        <a key={page} href={hrefTo(page)} aria-current={page === here ? "page" : undefined}>
          {t[page]}
          {page === "quarantine" && held > 0 && <span class="badge calm">{held}</span>}
          {page === "status" && alarms > 0 && <span class="badge">{alarms}</span>}
        </a>
      ))}
    </nav>
  );
}

function Link() {
  const t = text.value.link;
  const at = lastSign.value === 0 ? undefined : clockOf(lastSign.value);
  const state = link.value;
  const words = { connecting: t.connecting, live: t.live, stale: at ? t.stale(at) : t.staleNever };
  // Only the change of state is announced, not every tick of the time beside it.
  return (
    <span class={`link ${state}`}>
      <span role="status">
        <span class="dot" aria-hidden="true" />
        {words[state]}
      </span>
      {state === "live" && at && <span class="dim wide">{t.lastSign(at)}</span>}
    </span>
  );
}

function Find() {
  const t = text.value.header;
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    const q = input.current?.value.trim();
    if (q) go(hrefTo("search", { q }));
  };
  return (
    <search>
      <form onSubmit={submit}>
        <input
          ref={input}
          id="find"
          type="search"
          aria-label={t.find}
          placeholder={t.findHint}
          autocomplete="off"
          spellcheck={false}
        />
      </form>
    </search>
  );
}

function Menu() {
  const t = text.value.menu;
  const who = session.value;
  if (!who) return null;
  const expires = who.expires ? Date.parse(who.expires) : undefined;
  return (
    <>
      <button
        type="button"
        class="who"
        popovertarget="menu"
        aria-label={`${who.name}: ${text.value.header.account}`}
      >
        {who.name}
      </button>
      <div id="menu" popover="auto">
        <p>
          <strong>{t.signedIn(who.name, who.role)}</strong>
          {expires !== undefined && (
            <span class="dim">
              <br />
              {t.until(stamp(expires, now.value))}
            </span>
          )}
        </p>
        <label>
          {t.theme}
          <select
            value={theme.value}
            onChange={(e) => {
              theme.value = e.currentTarget.value as Theme;
            }}
          >
            <option value="auto">{t.themes.auto}</option>
            <option value="dark">{t.themes.dark}</option>
            <option value="light">{t.themes.light}</option>
          </select>
        </label>
        <label>
          {t.language}
          <select
            value={language.value}
            onChange={(e) => {
              if (isLanguage(e.currentTarget.value)) chooseLanguage(e.currentTarget.value);
            }}
          >
            {Object.entries(LANGUAGES).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={shortcuts.value}
            onChange={(e) => {
              shortcuts.value = e.currentTarget.checked;
            }}
          />
          {t.keys}
        </label>
        <div class="actions">
          <button type="button" onClick={openKeys}>
            {t.keyList}
          </button>
          <button type="button" onClick={() => void signOut()}>
            {t.signOut}
          </button>
        </div>
      </div>
    </>
  );
}

/** The dialog itself is always in the page, closed. */
export function openKeys(): void {
  document.querySelector<HTMLElement>("#menu")?.hidePopover();
  const dialog = document.querySelector<HTMLDialogElement>("#keys");
  if (dialog && !dialog.open) dialog.showModal();
}

export function KeyList() {
  const t = text.value.keys;
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">{t.title}</h2>
      {!shortcuts.value && <p>{t.off}</p>}
      <dl class="keys">
        {t.rows.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="button" onClick={(e) => e.currentTarget.closest("dialog")?.close()}>
          {t.close}
        </button>
      </form>
    </dialog>
  );
}

export function Header() {
  const t = text.value.header;
  const who = session.value;
  return (
    <header>
      <p class="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 2a1.6 1.6 0 0 1 1.6 1.6v.5c2.9.7 4.9 3.2 4.9 6.4v4l1.7 2.6v1.4H3.8v-1.4l1.7-2.6v-4c0-3.2 2-5.7 4.9-6.4v-.5A1.6 1.6 0 0 1 12 2zM9.8 20h4.4a2.2 2.2 0 0 1-4.4 0z" />
        </svg>
        tocsin <strong>{status.value?.name}</strong>
      </p>
      <Nav />
      <Find />
      <Link />
      {who && (
        <span class="ceiling" title={t.ceilingHelp}>
          <span class="dim wide">{t.ceiling}</span> <Marking tlp={who.clearance} />
        </span>
      )}
      <time class="clock" title={t.clock} dateTime={new Date(now.value).toISOString()}>
        {clockOf(now.value)}
      </time>
      <Menu />
    </header>
  );
}
