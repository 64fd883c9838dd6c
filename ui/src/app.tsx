// SPDX-License-Identifier: Apache-2.0
// The frame around the pages: header, what is wrong (stale, alarms), the page, or the sign-in.
import { Component, type ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Agreements } from "./pages/agreements";
import { Hunt } from "./pages/hunt";
import { IndicatorView } from "./pages/indicator";
import { Indicators } from "./pages/indicators";
import { ObjectView } from "./pages/object";
import { Peers } from "./pages/peers";
import { Quarantine } from "./pages/quarantine";
import { Search } from "./pages/search";
import { Sightings } from "./pages/sightings";
import { SignIn } from "./pages/signin";
import { Sources } from "./pages/sources";
import { Status } from "./pages/status";
import { Failed, Loading } from "./parts/bits";
import { Header, KeyList } from "./parts/header";
import { now } from "./state/clock";
import { clearHunt } from "./state/hunt";
import { lastSign, link, startLive, stopLive } from "./state/live";
import { hrefTo, type Page, route } from "./state/route";
import { findSession, session, sessionError } from "./state/session";
import { clearSightings, loadSightings } from "./state/sightings";
import { startStatus, status, stopStatus } from "./state/status";
import { clockOf } from "./state/time";
import { text } from "./text/text";

const STALE_LONG_MS = 5000;

const VIEWS: Record<Page, () => preact.JSX.Element> = {
  sightings: Sightings,
  indicators: Indicators,
  quarantine: Quarantine,
  hunt: Hunt,
  sources: Sources,
  search: Search,
  status: Status,
  peers: Peers,
  agreements: Agreements,
  indicator: IndicatorView,
  object: ObjectView,
};

class Boundary extends Component<{ children: ComponentChildren }, { error?: unknown }> {
  override state: { error?: unknown } = {};
  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error !== undefined) return <Failed error={this.state.error} />;
    return this.props.children;
  }
}

/** A dead connection is said across the page, not only by a dot: old data looks like a quiet night. */
function StaleBar() {
  const t = text.value.link;
  const since = lastSign.value;
  if (link.value !== "stale" || (since > 0 && now.value - since < STALE_LONG_MS)) return null;
  return (
    <p class="bar-note warn-box" role="status">
      {since > 0 ? t.staleLong(clockOf(since)) : t.staleLongNever}
    </p>
  );
}

function AlarmBar() {
  const alarms = status.value?.alarms ?? [];
  const first = alarms[0];
  if (!first || route.value.page === "status") return null;
  return (
    <p class="bar-note bad" role="status">
      <a href={hrefTo("status")}>{text.value.status.alarmBar(alarms.length)}</a> {first.message}
    </p>
  );
}

function title(page: Page): string {
  const t = text.value;
  if (page === "object") return t.nav.search;
  return page === "indicator" ? t.nav.indicators : t.nav[page];
}

function Signed() {
  const { page, params } = route.value;
  useEffect(() => {
    startStatus();
    startLive();
    void loadSightings();
    return () => {
      stopLive();
      stopStatus();
      clearSightings();
      clearHunt();
    };
  }, []);
  const where = `${page}?${params}`;
  // A new page begins at its heading, for eyes and for screen readers.
  useEffect(() => {
    scrollTo({ top: 0 });
    const focused = document.activeElement;
    if (focused === document.body || !focused?.closest("main, header form")) return;
    if (!focused.closest("main form")) document.querySelector<HTMLElement>("main h1")?.focus();
  }, [where]);
  const name = status.value?.name;
  useEffect(() => {
    document.title = [title(page), name, "tocsin"].filter(Boolean).join(" · ");
  });
  const View = VIEWS[page];
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {text.value.skip}
      </button>
      <Header />
      <AlarmBar />
      <StaleBar />
      <main id="content" tabIndex={-1}>
        <Boundary key={where}>
          <View />
        </Boundary>
      </main>
      <KeyList />
    </>
  );
}

// The address after # is the route, so no link can lead into the page.
function skip(): void {
  document.querySelector<HTMLElement>("#content")?.focus();
}

export function App() {
  if (session.value) return <Signed key={session.value.name} />;
  if (session.value === null) return <SignIn />;
  return (
    <main class="sign-in">
      {sessionError.value === undefined ? (
        <Loading />
      ) : (
        <Failed error={sessionError.value} retry={() => void findSession()} />
      )}
    </main>
  );
}
