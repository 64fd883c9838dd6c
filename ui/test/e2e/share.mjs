// SPDX-License-Identifier: Apache-2.0
// Sharing on the page of a real node with two real peers (the program named in TOCSIN): who gets an
// object is named before and after, it arrives where it was said, and is taken back by name.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage, seriousFaults, signIn, startBrowser } from "./browser.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const TOCSIN = process.env.TOCSIN ?? join(root, "build/tocsin");
const SHOTS = process.env.TOCSIN_SHOTS; // a folder for pictures of every screen
const PASSWORD = "a password of the tests";
const AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

const dir = mkdtempSync(join(tmpdir(), "tocsin-share-"));
const home = (name) => join(dir, name);
const run = (args, input) =>
  execFileSync(TOCSIN, args, { input, encoding: "utf8", timeout: 60_000 });
const rows = (page) => page.locator("main .table").first().locator("tbody tr");
const nodes = {};
let browser;

async function serve(name) {
  const args = ["serve", home(name), "--listen", "127.0.0.1:0", "--link", "127.0.0.1:0"];
  const process = spawn(TOCSIN, args, { stdio: ["ignore", "pipe", "ignore"] });
  nodes[name] = { process };
  for await (const line of createInterface({ input: process.stdout })) {
    const said = JSON.parse(line);
    if (said.event === "ready") {
      Object.assign(nodes[name], { url: said.url, link: said.link });
      return;
    }
  }
  throw new Error(`${name} ended before it was ready`);
}

function befriend(one, other) {
  const invite = ["peer", "invite", home(one), other, "--address", nodes[one].link, "--json"];
  const { code } = JSON.parse(run(invite));
  const accepted = JSON.parse(run(["peer", "accept", home(other), one, code, "--json"]));
  run(["peer", "confirm", home(one), other, accepted.fingerprint]);
  run(["peer", "confirm", home(other), one, accepted.fingerprint]);
}

function indicator(n, name, marking, by) {
  const time = "2026-01-01T00:00:00.000Z";
  return {
    type: "indicator",
    spec_version: "2.1",
    id: `indicator--5ee60e4b-24f9-4d8d-9ab8-00000000000${n}`,
    created: time,
    modified: time,
    created_by_ref: by,
    name,
    pattern: `[domain-name:value = 'share${n}.example']`,
    pattern_type: "stix",
    valid_from: time,
    object_marking_refs: [marking],
  };
}

let shared;
let other;
let deal;

before(async () => {
  for (const name of ["csirt", "milcert", "desk"]) {
    run(["init", home(name), "--name", name]);
    const add = ["user", "add", home(name), "watch", "--role", "analyst", "--password-stdin"];
    run(add, `${PASSWORD}\n`);
  }
  const guest = ["--role", "reader", "--organisation", "acme", "--password-stdin"];
  run(["user", "add", home("csirt"), "guest", ...guest], `${PASSWORD}\n`);
  for (const name of ["csirt", "milcert", "desk"]) await serve(name);
  befriend("csirt", "milcert");
  befriend("csirt", "desk");
  const defence = ["community", "add", home("csirt"), "defence", "--members", "milcert"];
  run([...defence, "--title", "Defence"]);
  const { identity } = JSON.parse(run(["status", home("csirt"), "--json"]));
  shared = indicator(1, "Staging host", AMBER, identity);
  other = indicator(
    2,
    "Reported by a stranger",
    AMBER,
    "identity--00000000-0000-4000-8000-00000000beef",
  );
  const objects = [shared, other];
  writeFileSync(
    join(dir, "in.json"),
    JSON.stringify({ type: "bundle", id: `bundle--${shared.id.slice(11)}`, objects }),
  );
  run(["import", home("csirt"), join(dir, "in.json"), "--source", "case-7"]);
  for (const name of ["csirt", "milcert"]) {
    const add = ["user", "add", home(name), "head", "--role", "admin", "--password-stdin"];
    run(add, `${PASSWORD}\n`);
  }
  const propose = ["agreement", "propose", home("milcert"), "fusion", "--with", "csirt", "--json"];
  const terms = ["--title", "Fusion cell", "--purpose", "early warning", "--types", "indicator"];
  deal = JSON.parse(run([...propose, ...terms])).id;
  run(["agreement", "sign", home("milcert"), deal]);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  for (const { process } of Object.values(nodes)) {
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGTERM");
    await ended;
  }
  rmSync(dir, { recursive: true });
});

/** A signed-in page, the watch over what must not happen, and over its accessibility. */
function onNode(name, check, { node = "csirt", context = {}, user = "watch" } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const { url } = nodes[node];
    const { page, finish } = await openPage(browser, url, context);
    await signIn(page, user, PASSWORD);
    await check(page, url);
    assert.deepEqual(await finish(), []);
  });
}

/** Nothing serious for who cannot see, nothing that must be scrolled sideways; and a picture. */
async function look(page, name) {
  assert.deepEqual(await seriousFaults(page), [], name);
  const wide = await page.evaluate(() => {
    const box = document.querySelector("dialog[open]") ?? document.documentElement;
    return box.scrollWidth - box.clientWidth;
  });
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px`);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

const LOOKS = [
  ["dark", { colorScheme: "dark" }],
  ["light", { colorScheme: "light" }],
  ["narrow-dark", { colorScheme: "dark", viewport: { width: 360, height: 780 } }],
  ["narrow-light", { colorScheme: "light", viewport: { width: 360, height: 780 } }],
];

for (const [look_, context] of LOOKS) {
  // US-03, P11: who would get it, by name, before anything is given.
  onNode(
    `who gets an object is told by name, ${look_}`,
    async (page, url) => {
      await page.goto(`${url}#/object?id=${shared.id}`);
      await page.getByRole("heading", { name: "Staging host" }).waitFor();
      await look(page, `object-${look_}`);
      await page.getByRole("button", { name: "Who gets this?" }).focus();
      await page.keyboard.press("Enter");
      const panel = page.getByRole("dialog", { name: "Who gets this?" });
      await panel.getByText("Nodes outside that get it: nobody").waitFor();
      const milcert = panel.getByRole("listitem").filter({ hasText: "milcert" }).first();
      await milcert.getByText("does not", { exact: true }).waitFor();
      await panel.getByText("Guests of this node").waitFor();
      await milcert.locator("summary").focus();
      await page.keyboard.press("Enter");
      await milcert.getByText("outside.no-audience").first().waitFor();
      await look(page, `who-${look_}`);
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });
      const back = await page.evaluate(() => document.activeElement?.textContent);
      assert.equal(back, "Who gets this?");
      await page.getByRole("button", { name: "Share…" }).click();
      const share = page.getByRole("dialog", { name: "Share" });
      await share.getByText("Nothing is changed yet.").waitFor();
      await share.getByLabel("milcert").check();
      await share.getByText("Newly get it").waitFor();
      await look(page, `share-${look_}`);
      await page.keyboard.press("Escape");
      await share.waitFor({ state: "detached" });
    },
    { context },
  );
  onNode(
    `peers and what they have are told, ${look_}`,
    async (page, url) => {
      await page.goto(`${url}#/peers`);
      const row = rows(page).filter({ hasText: "milcert" });
      await row.getByText("linked", { exact: true }).waitFor();
      await row.getByText("post-quantum", { exact: true }).waitFor();
      await page.getByText("No withdrawal is under way.").waitFor();
      // D-36: who gives whom how much, and what is withheld by which rule.
      const ledger = page.getByRole("region", { name: "Who gives whom how much" });
      await ledger.getByText("milcert, by type and rule").click();
      const counted = ledger.getByRole("row").filter({ hasText: "milcert, by type" });
      await counted.getByText("outside.no-audience").waitFor();
      await ledger.getByRole("heading", { name: "By community" }).waitFor();
      await look(page, `peers-${look_}`);
      await row.getByRole("link", { name: "milcert" }).click();
      await page.getByRole("heading", { name: "milcert", level: 1 }).waitFor();
      await page.getByText("X25519MLKEM768").waitFor();
      await look(page, `peer-${look_}`);
    },
    { context },
  );
}

// US-03: shared by name, it arrives where it was said, and nowhere else.
onNode("an object is shared by name and arrives", async (page, url) => {
  await page.goto(`${url}#/object?id=${shared.id}`);
  await page.getByRole("button", { name: "Share…" }).click();
  const share = page.getByRole("dialog", { name: "Share" });
  await share.getByLabel("milcert").check();
  const preview = share.getByRole("region", { name: "What it changes" });
  await preview.locator("dd", { hasText: "milcert" }).last().waitFor();
  const gain = preview.getByRole("listitem").filter({ hasText: "gets it" });
  assert.match((await gain.allInnerTexts()).join("\n"), /milcert/);
  assert.doesNotMatch((await gain.allInnerTexts()).join("\n"), /desk/);
  await share.getByRole("button", { name: "Share under this label" }).click();
  await page.getByText(/^Done: version /).waitFor();
  await page.getByText("releasable to: milcert").first().waitFor();
  await page.getByRole("button", { name: "Who gets this?" }).click();
  await page.getByText("Nodes outside that get it: milcert").waitFor();
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "who-after.png") });
});

onNode(
  "the peer that was named has it",
  async (page, url) => {
    await page.goto(`${url}#/search?q=${shared.id}`);
    await rows(page).filter({ hasText: "Staging host" }).waitFor();
    await page.goto(`${url}#/object?id=${shared.id}`);
    await page.getByRole("button", { name: "Share…" }).click();
    const share = page.getByRole("dialog", { name: "Share" });
    await share.getByLabel("TLP level").selectOption("TLP:RED");
    await share.getByRole("button", { name: "Share under this label" }).click();
    // It is not this node's to say, and the words say whose it is.
    await share.getByText("it came from csirt").waitFor();
  },
  { node: "milcert" },
);

// G3: what another made keeps its label; the refusal is said in the node's words.
onNode("a label of what another made is not lowered", async (page, url) => {
  await page.goto(`${url}#/object?id=${other.id}`);
  assert.equal(await page.getByRole("button", { name: "Take back…" }).count(), 0);
  await page.getByRole("button", { name: "Share…" }).click();
  const share = page.getByRole("dialog", { name: "Share" });
  await share.getByText("This node did not make the object").waitFor();
  await share.getByLabel("TLP level").selectOption("TLP:CLEAR");
  await share.getByRole("button", { name: "Share under this label" }).click();
  await share.getByText("only who created the object lowers its label").waitFor();
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "share-refused.png") });
});

// G11, US-03: taken back with a reason, and the page follows it until the peer has signed.
onNode("an own object is taken back, and the peer's receipt is awaited live", async (page, url) => {
  await page.goto(`${url}#/object?id=${shared.id}`);
  await page.getByRole("button", { name: "Take back…" }).click();
  const panel = page.getByRole("dialog", { name: "Take it back everywhere?" });
  await panel.getByText("Peers that have it: milcert").waitFor();
  await look(page, "withdraw");
  assert.equal(await panel.getByRole("button", { name: "Take it back" }).isEnabled(), false);
  await panel.getByLabel("Reason").fill("The host was ours");
  await panel.getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("heading", { name: "Peers", level: 1 }).waitFor();
  await page.getByText("1 withdrawal is done").click();
  await page.getByText("done at all 1").waitFor();
  await page.getByText("The host was ours").waitFor();
  const milcert = page.locator(".back li").filter({ hasText: "milcert" });
  await milcert.getByText("acted", { exact: true }).waitFor();
  await look(page, "withdrawals");
  await page.goto(`${url}#/object?id=${shared.id}`);
  await page.getByText("There is no such object here, or not for your account.").waitFor();
});

// D-1, P2: an agreement is signed and left by people, each after a question; what others say stands beside.
onNode(
  "an agreement is signed on the page and comes into force",
  async (page, url) => {
    await page.goto(`${url}#/agreements`);
    await page.getByRole("link", { name: "fusion" }).click();
    await page.getByRole("heading", { name: "Fusion cell", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Sign…" }).click();
    const ask = page.getByRole("dialog", { name: "Sign fusion?" });
    await ask.getByText("milcert").waitFor();
    await look(page, "agreement-sign");
    await ask.getByRole("button", { name: "Sign", exact: true }).click();
    await ask.waitFor({ state: "detached" });
    await page.getByText("in force", { exact: true }).waitFor();
    await page.getByText("signature holds").nth(1).waitFor();
    await look(page, "agreement");
    await page.goto(`${url}#/agreements`);
    const communities = page.getByRole("region", { name: "Communities of this node" });
    await communities.getByRole("link", { name: "fusion" }).waitFor();
    await communities.getByText("early warning").waitFor();
    await look(page, "communities");
    await communities.getByRole("link", { name: "fusion" }).click();
    await page.getByRole("button", { name: "Leave…" }).click();
    const leave = page.getByRole("dialog", { name: "Leave fusion?" });
    await leave.getByLabel("Reason, for the other parties").fill("The exercise is over");
    await leave.getByRole("button", { name: "Leave", exact: true }).click();
    await page.getByText("The exercise is over").waitFor();
    await page.getByText("left", { exact: true }).first().waitFor();
  },
  { user: "head" },
);

for (const [look_, context] of LOOKS) {
  onNode(
    `agreements and their parties are told, ${look_}`,
    async (page, url) => {
      await page.goto(`${url}#/agreements`);
      await page.getByRole("link", { name: "fusion" }).waitFor();
      await look(page, `agreements-${look_}`);
      await page.goto(`${url}#/agreements?id=${deal}`);
      await page.getByText("The exercise is over").waitFor();
      assert.equal(await page.getByRole("button", { name: "Sign…" }).count(), 0);
      await look(page, `agreement-${look_}`);
    },
    { context },
  );
}
