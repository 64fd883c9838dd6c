// SPDX-License-Identifier: Apache-2.0
// The web interface in a real browser against the stand-in node: ui.mjs DIST. What a real node does
// rarely is made to happen here: it goes away, a session ends, content is hostile.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CSP, startMock } from "../../dev/mock.mjs";
import { openPage, seriousFaults, signIn, startBrowser } from "./browser.mjs";

const DIST = process.env.TOCSIN_UI_DIST;
const PAGES = [
  "sightings",
  "indicators",
  "quarantine",
  "hunt?q=198.51.100.23%20203.0.113.0/24%20never.example",
  "sources",
  "search?q=gatelock",
  "status",
  "peers",
  "peers?name=le-desk",
  "agreements",
  "agreements?id=tocsin-agreement--00000000-0000-4000-8000-000000000001",
];
const rows = (page) => page.locator("main > .table tbody tr");

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** One test with a node and a signed-in page of its own, and the watch over what must not happen. */
function onPage(name, run, { node = {}, context = {}, allowed = [] } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const mock = await startMock({ ...(DIST ? { dist: DIST } : {}), still: true, ...node });
    try {
      const { page, finish } = await openPage(browser, mock.url, context);
      await signIn(page, "analyst", "analyst");
      await run({ page, mock });
      const wrong = (await finish()).filter((line) => !allowed.some((ok) => line.includes(ok)));
      assert.deepEqual(wrong, []);
    } finally {
      await mock.close();
    }
  });
}

async function visit(page, mock, where) {
  await page.goto(`${mock.url}#/${where}`);
  await page.locator("main h1").waitFor();
  await page.waitForFunction(
    () => !document.querySelector("main")?.textContent.includes("Loading…"),
  );
}

describe("signing in", () => {
  test("is refused in words, then let in; the page names node, ceiling and time", async () => {
    const mock = await startMock({ ...(DIST ? { dist: DIST } : {}), still: true });
    const { page, finish } = await openPage(browser, mock.url);
    const answer = await page.request.get(mock.url);
    assert.equal(answer.headers()["content-security-policy"], CSP);
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel("Account").fill("analyst");
    await page.getByLabel("Password").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("Account and password do not fit together.").waitFor();
    await signIn(page, "analyst", "analyst");
    const header = page.getByRole("banner");
    await header.getByText("cz-csirt").waitFor();
    await header.getByText("TLP:AMBER+STRICT").waitFor();
    assert.match(await header.locator(".clock").innerText(), /^\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(await finish(), []);
    await mock.close();
  });
  test("asks for a code where an account has an authenticator, and only then", async () => {
    const mock = await startMock({ ...(DIST ? { dist: DIST } : {}), still: true });
    const { page, finish } = await openPage(browser, mock.url);
    const code = page.getByLabel("Code of your authenticator");
    await page.getByLabel("Account").fill("officer");
    await page.getByLabel("Password").fill("officer");
    assert.equal(await code.count(), 0);
    await page.keyboard.press("Enter");
    await code.waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.keyboard.type("654321");
    await page.keyboard.press("Enter");
    await page.getByText("The code is wrong, or was used already.").waitFor();
    await page.keyboard.type("123 456");
    await page.keyboard.press("Enter");
    await page.getByRole("banner").getByText("cz-csirt").waitFor();
    assert.deepEqual(await finish(), []);
    await mock.close();
  });
  const withProvider = async (node, run) => {
    const mock = await startMock({
      ...(DIST ? { dist: DIST } : {}),
      still: true,
      oidc: "Ministry",
      ...node,
    });
    const { page, finish } = await openPage(browser, mock.url);
    const button = page.getByRole("button", { name: "Sign in with Ministry" });
    await button.waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await button.click();
    await run(page);
    assert.equal(new URL(page.url()).search, "");
    assert.deepEqual(await finish(), []);
    await mock.close();
  };
  test("goes by the identity provider and comes back signed in, without its code", () =>
    withProvider({}, async (page) => {
      await page.getByRole("banner").getByText("cz-csirt").waitFor();
    }));
  test("says what to do when nobody is linked, and lets an account in then", () =>
    withProvider({ linked: false }, async (page) => {
      await page.getByText("Give this to an administrator of the node").waitFor();
      await page.getByText('nobody is linked to "x-17"').waitFor();
      assert.deepEqual(await seriousFaults(page), []);
      await page.getByLabel("Account").fill("analyst");
      await page.getByLabel("Password").fill("analyst");
      await page.keyboard.press("Enter");
      await page.getByRole("banner").getByText("cz-csirt").waitFor();
    }));
  test("says when the identity provider refused", () =>
    withProvider({ linked: "refused" }, async (page) => {
      await page.getByText("The identity provider did not sign you in.").waitFor();
    }));
  onPage(
    "is asked for again when the session has ended, and leads back",
    async ({ page, mock }) => {
      await visit(page, mock, "indicators");
      mock.expireSessions();
      await page.getByRole("link", { name: "Sources" }).click();
      await page.getByText("Your session has ended.").waitFor();
      await signIn(page, "analyst", "analyst");
      await page.getByRole("heading", { name: "Sources", level: 1 }).waitFor();
    },
  );
  onPage("out: nothing stays on the page", async ({ page }) => {
    await rows(page).first().waitFor();
    await page.getByRole("button", { name: "Account and settings" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await page.getByText("GATELOCK").count(), 0);
  });
});

describe("live sightings", () => {
  // US-01: a hit is in the live list within two seconds.
  onPage("appear on top within two seconds, and grow in place", async ({ page, mock }) => {
    await page.getByText("Live", { exact: true }).waitFor();
    await rows(page).first().waitFor();
    const before = await rows(page).count();
    const from = Date.now();
    const seen = mock.sight(3);
    const row = rows(page).first();
    await row.getByText(seen.value, { exact: true }).waitFor();
    await row.getByText(String(seen.count), { exact: true }).waitFor();
    assert.ok(Date.now() - from < 2000);
    mock.emit("sighting", { ...seen, count: seen.count + 40, received: new Date().toISOString() });
    await row.getByText(String(seen.count + 40), { exact: true }).waitFor();
    assert.ok((await rows(page).count()) - before <= 1);
  });
  onPage("say when they are stale, and fill the gap afterwards", async ({ page, mock }) => {
    await page.getByText("Live", { exact: true }).waitFor();
    mock.down();
    await page.getByText(/^Stale: last update \d\d:\d\d:\d\dZ, reconnecting$/).waitFor();
    await page.getByText("The connection to the node is lost").waitFor();
    const missed = mock.sight(900);
    mock.up();
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 20_000 });
    await rows(page).first().getByText(String(missed.count), { exact: true }).waitFor();
  });
  onPage("resume with the id of the last event", async ({ page, mock }) => {
    await page.getByText("Live", { exact: true }).waitFor();
    const seen = mock.sight(1);
    await rows(page).first().getByText(seen.value, { exact: true }).waitFor();
    mock.down();
    await page.getByText(/^Stale/).waitFor();
    // Only the stream knows of this one: the list of the stand-in does not hold it.
    const received = new Date().toISOString();
    mock.emit("sighting", { ...seen, id: "sighting--missed", value: "missed.example", received });
    mock.up();
    await rows(page).first().getByText("missed.example").waitFor({ timeout: 20_000 });
  });
  onPage("hold still while paused, and say how many wait", async ({ page, mock }) => {
    await page.getByText("Live", { exact: true }).waitFor();
    await rows(page).first().waitFor();
    await page.keyboard.press("p");
    const first = await rows(page).first().innerText();
    mock.emit("sighting", {
      ...mock.world.sightings[0],
      id: "sighting--held",
      value: "held.example",
      received: new Date().toISOString(),
    });
    await page.getByText("Paused: 1 sighting waiting").waitFor();
    assert.equal(await rows(page).first().innerText(), first);
    await page.keyboard.press("p");
    await rows(page).first().getByText("held.example").waitFor();
  });
  onPage("are worked by keyboard alone", async ({ page }) => {
    await rows(page).first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("j");
    const href = await page.evaluate(() => document.activeElement?.getAttribute("href"));
    assert.equal(href, await rows(page).nth(1).locator("a[data-row]").getAttribute("href"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Ledger proof" }).waitFor();
    await page.keyboard.press("2");
    await page.getByRole("heading", { name: "Indicators", level: 1 }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("malware");
    await page.keyboard.press("Enter");
    await rows(page).filter({ hasText: "GATELOCK" }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("next row, previous row").waitFor();
  });
  onPage("leave single keys alone when they are switched off", async ({ page }) => {
    await page.getByRole("button", { name: "Account and settings" }).click();
    await page.getByLabel("Single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.locator("body").press("3");
    await page.getByRole("heading", { name: "Live sightings" }).waitFor();
  });
  onPage(
    "say so when there are none",
    async ({ page }) => {
      await page.getByText("No sightings yet").waitFor();
    },
    { node: { empty: true } },
  );
  onPage("show hostile text as text", async ({ page, mock }) => {
    const evil = '<img src=x onerror="reports.push(1)"><script>reports.push(1)</script>\u202e';
    await page.getByText("Live", { exact: true }).waitFor();
    const base = mock.world.sightings[0];
    mock.emit("sighting", {
      ...base,
      id: "sighting--evil",
      value: "javascript:reports.push(1)",
      source: evil,
      indicator: { id: "javascript:reports.push(1)", name: evil, pattern: evil },
      received: new Date().toISOString(),
    });
    const row = rows(page).filter({ hasText: "javascript:reports" });
    await row.waitFor();
    assert.equal(await row.locator("img, script").count(), 0);
    for (const link of await row.getByRole("link").all()) {
      assert.match((await link.getAttribute("href")) ?? "", /^#\//);
    }
  });
});

describe("the other pages", () => {
  onPage("indicators: state and filter", async ({ page, mock }) => {
    await visit(page, mock, "indicators");
    for (const state of ["active", "revoked", "expired", "not yet valid"]) {
      await rows(page).getByText(state, { exact: true }).first().waitFor();
    }
    await page.getByLabel("Name, pattern or value").fill("198.51.100.23");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => document.querySelectorAll("main > .table tbody tr").length === 1,
    );
  });
  // US-01: a silent sensor is said to be silent.
  onPage("sources: the worst first, each with what to do", async ({ page, mock }) => {
    await visit(page, mock, "sources");
    const first = await rows(page).first().innerText();
    assert.match(first, /error/);
    assert.match(first, /permission denied/);
    assert.match(await rows(page).nth(1).innerText(), /silent[\s\S]*nothing has come for 4 min/);
  });
  // US-02: what a source's indicators were worth.
  onPage("sources: what their indicators were worth", async ({ page, mock }) => {
    await visit(page, mock, "sources");
    const worth = page.getByRole("region", { name: "What indicators were worth" });
    const best = await worth.locator("tbody tr").first().innerText();
    assert.match(best, /^supplier-incident\s+9\s+7\s+\d+\s+0\s+7$/);
    assert.match(
      await worth.getByRole("row", { name: /watchlist/ }).innerText(),
      /1\s+0\s+0\s+1\s+0$/,
    );
  });
  onPage("search: a defanged value, and why it fits", async ({ page, mock }) => {
    await visit(page, mock, "search");
    await page
      .getByLabel("Search for")
      .fill("hxxp://cdn.meridian-updates[.]example/checkin/4.2.1/setup.exe");
    await page.getByLabel("Search for").press("Enter");
    await rows(page).filter({ hasText: "the value itself" }).first().waitFor();
    await page.getByLabel("Search for").fill("no such thing");
    await page.getByLabel("Search for").press("Enter");
    await page.getByText('Nothing found for "no such thing"').waitFor();
  });
  onPage(
    "status: alarms on every page, roles and views",
    async ({ page, mock }) => {
      await page.getByText("1 alarm: see Status").waitFor();
      await visit(page, mock, "status");
      await page.getByText("disk-full").waitFor();
      await page.getByText("2 records behind").waitFor();
      // G12: how much is held back, by what speaks against it, leads to just that.
      await page.getByRole("link", { name: "a public suffix", exact: true }).click();
      await page.getByRole("heading", { name: "Quarantine", level: 1 }).waitFor();
      await rows(page).nth(1).waitFor();
      assert.equal(await rows(page).count(), 2);
    },
    { node: { alarm: true } },
  );
  // D-36: a peer that is in need of somebody stands out in words, whatever its need is.
  onPage("peers: the worst first, each need in words", async ({ page, mock }) => {
    await visit(page, mock, "peers");
    const peers = page.getByRole("region", { name: "Peers", exact: true }).locator("tbody tr");
    assert.match(await peers.first().innerText(), /no link|denies what it signed/);
    for (const [name, words] of [
      ["le-desk", /CLASSICAL only[\s\S]*12 days left|11 days left/],
      ["nl-ncsc", /no link[\s\S]*connection refused/],
      ["new-partner", /to be confirmed[\s\S]*tocsin peer confirm/],
      ["old-partner", /cut/],
      ["restored-node", /denies what it signed[\s\S]*The peer says: its feed became shorter/],
    ])
      assert.match(await peers.filter({ hasText: name }).first().innerText(), words, name);
    await page.getByText(/^1 peer has a classical key exchange/).waitFor();
    const flight = page.getByRole("region", { name: "Taken back" });
    await flight.getByText("under way: 1 of 3 have acted").waitFor();
    for (const state of ["acted", "waiting", "not reached"])
      await flight.getByText(state, { exact: true }).waitFor();
    assert.equal(await flight.locator("b").count(), 0);
    await page.getByText("Nothing comes back of: indicator").first().waitFor();
  });
  // D-36: what is asked for, by whom, what became of it, and what nobody supplies, first.
  onPage("needs: gaps first, answers in words", async ({ page, mock }) => {
    await visit(page, mock, "peers");
    const needs = page.getByRole("region", { name: "What is asked for" });
    await needs.getByText("2 needs have no supplier").waitFor();
    const items = needs.getByRole("article");
    assert.match(await items.first().innerText(), /no supplier[\s\S]*has not answered/);
    assert.match(
      await items.last().innerText(),
      /offers it[\s\S]*3 objects delivered the first after 90 min[\s\S]*declines: “?a court case/,
    );
    // What a peer asks, this node answers.
    assert.match(await items.filter({ hasText: "airport case" }).innerText(), /this node/);
    assert.match(await needs.innerText(), /41 here are kept from it[\s\S]*outside\.not-named/);
  });
  // P2, P9, P11: what waits for this node's word first; who declines is not ranked, who is not reached is named.
  onPage("agreements: what waits first, each party's word", async ({ page, mock }) => {
    await visit(page, mock, "agreements");
    const found = page.getByRole("region", { name: "Agreements" }).locator("tbody tr");
    assert.match(await found.first().innerText(), /proposed[\s\S]*pillar/);
    await found.filter({ hasText: "fusion" }).getByRole("link").click();
    await page.getByRole("heading", { name: "Fusion cell", level: 1 }).waitFor();
    await page.getByText("1 member would not get from this node").waitFor();
    await page.getByText("the operation is over").waitFor();
    await page.getByText("signature holds").first().waitFor();
    // Who may not administer reads, and says nothing for the node.
    assert.equal(await page.getByRole("button", { name: "Leave…" }).count(), 0);
  });
  onPage(
    "peers: not there for who may not audit",
    async ({ page }) => {
      await page.getByRole("link", { name: "Status", exact: true }).waitFor();
      assert.equal(await page.getByRole("link", { name: "Peers" }).count(), 0);
      assert.equal(await page.getByRole("link", { name: "Agreements" }).count(), 0);
      await page.keyboard.press("8");
      await page.getByRole("heading", { name: "Live sightings" }).waitFor();
    },
    { node: { role: "reader" } },
  );
  onPage("a missing object and a hidden one are told alike", async ({ page, mock }) => {
    for (const id of ["malware--00000000-0000-4000-8000-000000000000", hiddenId(mock)]) {
      await visit(page, mock, `object?id=${id}`);
      await page.getByText("There is no such object here, or not for your account.").waitFor();
    }
  });
});

function named(mock, word) {
  const all = [...mock.world.versions.values()].map(([v]) => v.object);
  return all.find((o) => o.type === "indicator" && o.name?.includes(word)).id;
}

// G12: what would match nearly everything waits, with its reason, for a person.
describe("quarantine", () => {
  const admin = { node: { role: "admin" } };
  onPage("names what is held back and why, and finds it by its reason", async ({ page, mock }) => {
    await visit(page, mock, "quarantine");
    const row = rows(page).filter({ hasText: "Resolver used by the implant" });
    assert.match(
      await row.innerText(),
      /8\.8\.8\.8 is a public name server[\s\S]*what everybody uses, by the guard/,
    );
    await page.getByLabel("Held back because").selectOption({ label: "a public suffix (2)" });
    assert.equal(await rows(page).count(), 2);
    await page.getByLabel("Name, pattern or reason").fill("github");
    assert.equal(await rows(page).count(), 1);
    // Who may not decide is not asked to.
    assert.equal(await page.getByRole("button", { name: /Release/ }).count(), 0);
    assert.equal(await page.getByRole("checkbox").count(), 0);
  });
  onPage(
    "releases what was chosen, by keyboard alone, and says what was not taken",
    async ({ page, mock }) => {
      await visit(page, mock, "quarantine");
      await rows(page).nth(4).waitFor();
      for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
      // Somebody else was quicker with one of them.
      mock.guard.decide(named(mock, "Dropped file"), "release", "seen in case 7", "maria");
      await page.getByRole("button", { name: "Release 2 chosen…" }).press("Enter");
      const dialog = page.getByRole("dialog");
      const apply = dialog.getByRole("button", { name: "Release all 2" });
      assert.ok(await apply.isDisabled());
      await dialog.getByLabel("Why, for whoever asks later").fill("agreed at the handover");
      await apply.press("Enter");
      await dialog.getByText("1 decision is in the ledger; 1 not taken: see above.").waitFor();
      await dialog.getByText("maria released it already: seen in case 7").waitFor();
      await dialog.getByText("released by analyst").waitFor();
      await page.keyboard.press("Escape");
      await page.waitForFunction(
        () => document.querySelectorAll("main > .table tbody tr").length === 3,
      );
    },
    admin,
  );
  onPage(
    "decides nothing about what changed under the eyes",
    async ({ page, mock }) => {
      await visit(page, mock, "quarantine");
      const row = rows(page).filter({ hasText: "Resolver" });
      await row.getByRole("button", { name: "Release…" }).click();
      const [{ object }] = mock.world.versions.get(named(mock, "Resolver"));
      const pattern = "[ipv4-addr:value = '8.0.0.0/8']";
      mock.world.put({ ...object, pattern }, "partner-feed", Date.now());
      await page.getByLabel("Why, for whoever asks later").fill("used for tunnelling");
      await page.getByRole("button", { name: "Release it" }).click();
      await page.getByText(`it has another pattern by now. Look again: ${pattern}`).waitFor();
      assert.ok(mock.guard.of(object).quarantined);
    },
    admin,
  );
});

// D-50: anything that is pasted is hunted, value by value; the answers stream.
describe("hunting", () => {
  const PASTED =
    "The implant calls 198[.]51[.]100[.]23; names below meridian-updates[.]example, hosting 203.0.113.0/24, " +
    "never[.]example and [a:b = 1 FOLLOWEDBY c:d = 2]";
  const open = async (page, mock) => {
    await visit(page, mock, "hunt");
    await page.getByLabel("Paste anything with values in it").fill(PASTED);
  };
  const row = (page, value) => rows(page).filter({ has: page.getByText(value, { exact: true }) });
  onPage(
    "finds the values in pasted text and says of each what was seen",
    async ({ page, mock }) => {
      await open(page, mock);
      await page.keyboard.press("Control+Enter");
      await page.getByText("5 values found, 3 seen").waitFor();
      const first = await row(page, "198.51.100.23").innerText();
      assert.match(first, /^seen[\s\S]*198\[\.\]51[\s\S]*287[\s\S]*~32[\s\S]*sensor-alderfield/);
      assert.match(first, /GATELOCK control server\s*active/);
      assert.match(await row(page, "never.example").innerText(), /^never seen/);
      await page.getByText("FOLLOWEDBY needs whole events").waitFor();
      // What was seen below a name and within a network, each with where it was found.
      assert.equal(await rows(page).filter({ hasText: "found under 203.0.113.0/24" }).count(), 3);
      await row(page, "cdn.meridian-updates.example").getByText("3 sources, 1 DNS answer").click();
      await page.getByText("cdn.meridian-updates.example → 198.51.100.23").waitFor();
      await page.getByRole("button", { name: /^Never seen/ }).click();
      assert.equal(await rows(page).count(), 1);
      // Looked at and come back to: the answers are still there.
      await page.getByRole("button", { name: /^All/ }).click();
      await row(page, "198.51.100.23").getByRole("link", { name: "GATELOCK" }).click();
      await page.getByText("It is matched against every event, by its values.").waitFor();
      await page.goBack();
      await page.getByText("5 values found, 3 seen").waitFor();
      await row(page, "198.51.100.23").waitFor();
    },
  );
  onPage("shows the values at once, the answers as they come", async ({ page, mock }) => {
    let go = () => {};
    mock.pace((n) => (n === 1 ? new Promise((resolve) => (go = resolve)) : undefined));
    await open(page, mock);
    await page.getByRole("button", { name: /^Hunt/ }).click();
    await page.getByText("(1 of 5 answered)").waitFor();
    assert.match(await row(page, "198.51.100.23").innerText(), /^seen/);
    assert.match(await row(page, "never.example").innerText(), /^…/);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped: 1 of 5 are answered.").waitFor();
    go();
  });
  onPage("never takes half an answer for a whole one", async ({ page, mock }) => {
    mock.pace((n) => (n === 2 ? new Promise(() => {}) : undefined));
    await open(page, mock);
    await page.getByRole("button", { name: /^Hunt/ }).click();
    await page.getByText("(2 of 5 answered)").waitFor();
    mock.down();
    await page.getByText("Broken off: 2 of 5 are answered. Of the others nothing").waitFor();
  });
  onPage("keeps a hunt by name, and asks for what is new", async ({ page, mock }) => {
    await open(page, mock);
    await page.getByRole("button", { name: "Save…" }).click();
    await page.getByLabel("Name", { exact: true }).fill("no good name");
    await page.getByRole("button", { name: "Save it" }).click();
    await page.getByText("The node refused: name: letters, digits").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("supplier");
    await page.getByRole("button", { name: "Save it" }).click();
    await page.getByText("1 saved hunt").click();
    await page.getByText("not answered yet").waitFor();
    await page.getByRole("button", { name: "Only what is new" }).click();
    await page.getByText("5 values found").waitFor();
    await page.getByText("answered up to").waitFor();
    const again = page.waitForRequest((rq) => rq.url().includes("/hunts?since="));
    await page.getByRole("button", { name: "Only what is new" }).click();
    await again;
    await page.getByRole("button", { name: "Remove supplier" }).click();
    await page.getByText("1 saved hunt").waitFor({ state: "detached" });
  });
});

describe("the indicator page", () => {
  // US-02: what it met, since when, and until when it counts.
  onPage("says that it is matched, and what it met", async ({ page, mock }) => {
    await visit(page, mock, "indicators");
    await page.getByRole("link", { name: "GATELOCK control server", exact: true }).click();
    await page.getByRole("heading", { name: "GATELOCK control server", level: 1 }).waitFor();
    await page.getByText("It is matched against every event, by its values.").waitFor();
    await page.getByText("Neither the guard nor a person holds it back.").waitFor();
    await page.getByText("no end is set").waitFor();
    const hits = page.getByRole("region", { name: "What it met" });
    const all = mock.world.hits(await page.evaluate(() => location.hash.split("id=")[1]));
    const sum = (items) => items.reduce((n, s) => n + s.count, 0);
    await hits.getByText(`${sum(all)} hits, one bar: 1 hour`).waitFor();
    assert.equal(await hits.locator("a[data-row]").count(), all.length);
    // It grows while one looks.
    const seen = {
      ...all[0],
      id: "sighting--fresh",
      count: 40,
      received: new Date().toISOString(),
    };
    mock.emit("sighting", seen);
    await hits.getByText(`${sum(all) + 40} hits, one bar: 1 hour`).waitFor();
    await page.getByRole("link", { name: "The object and its proof" }).click();
    await page.getByRole("heading", { name: "Ledger proof" }).waitFor();
  });
  onPage("says how it is matched, and when it cannot be", async ({ page, mock }) => {
    await visit(page, mock, `indicator?id=${named(mock, "Beacon after the notice")}`);
    await page.getByText("its pattern is evaluated on the events themselves").waitFor();
    await visit(page, mock, `indicator?id=${named(mock, "Update paths of the implant")}`);
    await page.getByText("It is active, yet it cannot be matched.").waitFor();
    await page.getByText("its regular expression takes too much work").waitFor();
  });
  // US-02: how it ages: the score, what it follows from, what is passed and what comes next.
  onPage("shows how it ages, and when it is matched no more", async ({ page, mock }) => {
    await visit(page, mock, `indicator?id=${named(mock, "second control server")}`);
    const ages = page.getByRole("region", { name: "How it ages" });
    await ages.getByText("of 57.5 at the beginning").waitFor();
    await ages.getByText("an address: 60 days to nothing, speed 3").waitFor();
    await ages.getByText("1 source says so: 12.5 points off").waitFor();
    await ages.getByText("This is by the evidence that your account may see").waitFor();
    await ages
      .getByRole("row", { name: "a score of interest (passed) 80 from the beginning" })
      .waitFor();
    await ages.getByRole("row", { name: /a score of interest \(next\) 20/ }).waitFor();
    await page
      .getByRole("img", { name: /57.5 at the beginning, .* not matched below 20/ })
      .waitFor();
    await visit(page, mock, `indicator?id=${named(mock, "Lead of the winter before")}`);
    await page.getByText("It is not matched: its score has fallen below the threshold.").waitFor();
    await page.getByText("faded", { exact: true }).waitFor();
  });
  onPage("says when its time is over, or it was taken back", async ({ page, mock }) => {
    await visit(page, mock, `indicator?id=${named(mock, "Scanner of last week")}`);
    await page.getByText("It is not matched: its time is over.").waitFor();
    await visit(page, mock, `indicator?id=${named(mock, "reported in error")}`);
    await page.getByText("It is not matched: its maker has taken it back.").waitFor();
    await visit(page, mock, `indicator?id=${named(mock, "hosting range")}`);
    await page.getByText("of these, seen 3 times before it was known").waitFor();
    await visit(page, mock, "indicator?id=indicator--00000000-0000-4000-8000-000000000000");
    await page.getByText("There is no such object here, or not for your account.").waitFor();
  });
  // G12: released by a person, which is recorded; and put back.
  onPage(
    "releases and holds back, and shows whose word stands",
    async ({ page, mock }) => {
      const id = named(mock, "Resolver");
      await visit(page, mock, `indicator?id=${id}`);
      await page.getByText("Held back: it is matched against no event.").waitFor();
      await page.getByText("8.8.8.8 is a public name server that everybody uses").waitFor();
      for (const [open, reason, apply, after] of [
        ["Release…", "the implant uses it", "Release it", "analyst released it from quarantine:"],
        ["Quarantine…", "too many hits", "Hold it back", "Decided by analyst."],
      ]) {
        await page.getByRole("button", { name: open }).click();
        await page.getByLabel("Why, for whoever asks later").fill(reason);
        await page.getByRole("button", { name: apply }).click();
        await page.getByText("Done: 1 decision is in the ledger.").waitFor();
        await page.keyboard.press("Escape");
        await page.getByText(after).waitFor();
        await page.getByText(reason, { exact: true }).waitFor();
      }
    },
    { node: { role: "admin" } },
  );
});

function hiddenId(mock) {
  for (const [id, [v]] of mock.world.versions) {
    if (mock.world.labelOf(v.object) === "TLP:RED") return id;
  }
  throw new Error("the stand-in holds nothing red");
}

describe("the object page", () => {
  const big =
    '{"type":"tool", "spec_version":"2.1","id":"tool--1b5b8b0e-6f1c-4b0e-8b5a-0a1b2c3d4e5f","name":"big","x_n":9007199254740993,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z"}';
  const put = (mock) => mock.world.put({ ...JSON.parse(big), raw: big }, "test", Date.now());
  const open = async (page, mock) => {
    put(mock);
    await visit(page, mock, "object?id=tool--1b5b8b0e-6f1c-4b0e-8b5a-0a1b2c3d4e5f");
  };
  const verify = async (page) => {
    await page.getByRole("button", { name: "Show the proof" }).click();
    await page.getByRole("button", { name: "Verify in this browser" }).click();
    await page.locator(".verdict").waitFor();
    return page.locator(".verdict").innerText();
  };
  onPage("shows the bytes as they came", async ({ page, mock }) => {
    await open(page, mock);
    await page.getByRole("button", { name: "Exact bytes" }).click();
    assert.equal(await page.locator("pre").first().innerText(), big);
  });
  // D-12: everything is in a signed ledger, and a reader can check it.
  onPage("verifies the ledger proof in the browser, step by step", async ({ page, mock }) => {
    await open(page, mock);
    assert.match(await verify(page), /^Verified: these bytes/);
    assert.equal(await page.locator(".steps .outcome.good").count(), 5);
  });
  onPage("says so when the node shows other bytes than it recorded", async ({ page, mock }) => {
    await page.route(/\/api\/v1\/objects\/tool--[^/]*$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace('"name":"big"', '"name":"bug"'),
      });
    });
    await open(page, mock);
    assert.match(await verify(page), /^NOT verified/);
    assert.equal(await page.locator(".steps .outcome.bad").count(), 1);
  });
  onPage("links relations both ways", async ({ page, mock }) => {
    await visit(page, mock, "search?q=malware");
    await rows(page).filter({ hasText: "GATELOCK" }).first().getByRole("link").first().click();
    await page.getByRole("link", { name: "Meridian Boarding Systems" }).click();
    await page.getByRole("heading", { name: "Meridian Boarding Systems" }).waitFor();
    await page.getByRole("link", { name: "GATELOCK", exact: true }).click();
    await page.getByRole("heading", { name: "GATELOCK", exact: true }).waitFor();
  });
});

describe("for everybody", () => {
  const looks = [
    ["dark", { colorScheme: "dark" }],
    ["light", { colorScheme: "light" }],
    ["narrow", { viewport: { width: 320, height: 700 } }],
    ["without motion", { reducedMotion: "reduce" }],
  ];
  for (const [name, context] of looks) {
    onPage(
      `no serious accessibility fault on any page, ${name}`,
      async ({ page, mock }) => {
        const id = [...mock.world.versions.keys()].find((key) => key.startsWith("malware"));
        const pages = [`object?id=${id}`, `indicator?id=${named(mock, "GATELOCK control")}`];
        pages.push(`indicator?id=${named(mock, "Resolver")}`);
        for (const where of [...PAGES, ...pages]) {
          await visit(page, mock, where);
          assert.deepEqual(await seriousFaults(page), [], where);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${where} scrolls sideways by ${wide} px`);
        }
        await visit(page, mock, `object?id=${id}`);
        for (const [name, there] of [
          ["Who gets this?", "Nodes outside that get it"],
          ["Share…", "Nothing is changed yet."],
        ]) {
          await page.getByRole("button", { name }).click();
          await page.getByRole("dialog").getByText(there).first().waitFor();
          assert.deepEqual(await seriousFaults(page), [], name);
          const wide = await page
            .getByRole("dialog")
            .evaluate((box) => box.scrollWidth - box.clientWidth);
          assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px`);
          await page.keyboard.press("Escape");
        }
        await page.getByRole("button", { name: "Account and settings" }).click();
        assert.deepEqual(await seriousFaults(page), [], "menu");
        await visit(page, mock, "quarantine");
        await page.getByRole("button", { name: "Release…" }).first().click();
        await page.getByText("Your name and reason are kept for good.").waitFor();
        assert.deepEqual(await seriousFaults(page), [], "Release");
      },
      { context, node: { alarm: true, role: "admin" } },
    );
  }
  onPage("speaks Dutch when told to", async ({ page }) => {
    await page.getByRole("button", { name: "Account and settings" }).click();
    await page.getByLabel("Language").selectOption("nl");
    await page.getByRole("heading", { name: "Waarnemingen, live" }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "nl");
  });
});
