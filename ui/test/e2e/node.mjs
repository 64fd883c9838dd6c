// SPDX-License-Identifier: Apache-2.0
// The web interface in a real browser on a real node (the program named in TOCSIN), holding the
// project's samples: what the stand-in cannot prove, above all that the node's ledger proofs check.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CSP } from "../../dev/mock.mjs";
import { openPage, seriousFaults, signIn, startBrowser } from "./browser.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const TOCSIN = process.env.TOCSIN ?? join(root, "build/tocsin");
const PASSWORD = "a password of the tests";
const NODE = "CSIRT of the tests";
const SHOTS = process.env.TOCSIN_SHOTS; // a folder for pictures
const SPILLED = "indicator--5ee60e4b-24f9-4d8d-9ab8-0000000000a1";
const NEVER = "indicator--5ee60e4b-24f9-4d8d-9ab8-0000000000a2";

const dir = mkdtempSync(join(tmpdir(), "tocsin-ui-"));
const home = join(dir, "node");
const eve = join(dir, "eve.json");
const run = (args, input) =>
  execFileSync(TOCSIN, args, { input, encoding: "utf8", timeout: 60_000 });
const rows = (page) => page.locator("main > .table tbody tr");

let daemon;
let url;
let browser;

/** Starts the node; the address comes with its "ready" line. */
async function serve() {
  daemon = spawn(TOCSIN, ["serve", home, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: daemon.stdout })) {
    const said = JSON.parse(line);
    if (said.event === "ready") return said.url;
  }
  throw new Error("the node ended before it was ready");
}

/** A line as Suricata writes it, of a connection to a control server of the samples. */
function eveLine(dest_ip = "198.51.100.23") {
  return `${JSON.stringify({
    timestamp: new Date().toISOString().replace("Z", "000+0000"),
    flow_id: 1,
    event_type: "flow",
    src_ip: "192.0.2.31",
    src_port: 50123,
    dest_ip,
    dest_port: 443,
    proto: "TCP",
  })}\n`;
}

before(async () => {
  run(["init", home, "--name", NODE]);
  run(["user", "add", home, "watch", "--role", "analyst", "--password-stdin"], `${PASSWORD}\n`);
  run(["user", "add", home, "head", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  run(
    [
      "user",
      "add",
      home,
      "guest",
      "--role",
      "reader",
      "--clearance",
      "TLP:CLEAR",
      "--password-stdin",
    ],
    `${PASSWORD}\n`,
  );
  writeFileSync(eve, "");
  appendFileSync(
    join(home, "tocsin.conf"),
    `\n[source sensor-test]\nkind = eve\npath = ${eve}\nlabel = TLP:GREEN\ntrust = 80\n`,
  );
  run(["import", home, join(root, "samples/supplier-incident.json")]);
  url = await serve();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  if (daemon) {
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill("SIGTERM");
    await ended;
  }
  rmSync(dir, { recursive: true });
});

/** A signed-in page on the real node, and the watch over what must not happen. */
function onNode(name, account, check) {
  test(name, { timeout: 60_000 }, async () => {
    const { page, finish } = await openPage(browser, url);
    await signIn(page, account, PASSWORD);
    await check(page);
    assert.deepEqual(await finish(), []);
  });
}

test("the node sends the policy with every file of the page", async () => {
  const { page, finish } = await openPage(browser, url);
  const paths = await page.evaluate(() =>
    performance.getEntriesByType("resource").map((entry) => entry.name),
  );
  for (const path of [url, ...paths.filter((name) => name.includes("/assets/"))]) {
    const headers = (await page.request.get(path)).headers();
    assert.equal(headers["content-security-policy"], CSP, path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
  }
  assert.deepEqual(await finish(), []);
});

onNode("the page is live and names its node", "watch", async (page) => {
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("banner").getByText(NODE).waitFor();
  await page.goto(`${url}#/status`);
  await page.getByText("No alarms.").waitFor();
  await page.getByRole("cell", { name: "core", exact: true }).waitFor();
});

onNode("indicators are listed with their labels", "watch", async (page) => {
  await page.goto(`${url}#/indicators`);
  const row = rows(page).filter({ hasText: "Forged update host" });
  await row.getByText("TLP:GREEN").waitFor();
  await row.getByText("active", { exact: true }).waitFor();
});

// D-12: everything is in a signed ledger, and a reader can check it.
onNode("a defanged value leads to an object whose ledger proof checks", "watch", async (page) => {
  await page.goto(`${url}#/search`);
  await page.getByLabel("Search for").fill("meridian-updates[.]example");
  await page.getByLabel("Search for").press("Enter");
  await rows(page).filter({ hasText: "Forged update host" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Forged update host" }).waitFor();
  await page.getByRole("link", { name: "GATELOCK", exact: true }).waitFor();
  await page.getByRole("button", { name: "Verify in this browser" }).click();
  await page.getByText(/^Verified: these bytes/).waitFor();
  assert.equal(await page.locator(".steps .outcome.good").count(), 5);
});

// US-01: a line that a sensor writes is a sighting in the live list within two seconds.
onNode("a sensor's line is a sighting on the page within two seconds", "watch", async (page) => {
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("No sightings yet").waitFor();
  const from = Date.now();
  appendFileSync(eve, eveLine());
  const row = rows(page).filter({ hasText: "198.51.100.23" });
  await row.getByText("GATELOCK control server", { exact: true }).waitFor();
  const took = Date.now() - from;
  console.log(`from the sensor's line to the page: ${took} ms`);
  assert.ok(took < 2000, `${took} ms`);
  await row.getByText("TLP:GREEN").waitFor();
  await page.goto(`${url}#/sources`);
  await rows(page).filter({ hasText: "sensor-test" }).getByText("live", { exact: true }).waitFor();
});

onNode("what is above a reader's ceiling is on no page", "guest", async (page) => {
  await page.goto(`${url}#/indicators`);
  await page.getByText("No indicators").waitFor();
  await page.goto(`${url}#/search?q=gatelock`);
  await page.getByText("Nothing found for").waitFor();
  const bundle = JSON.parse(readFileSync(join(root, "samples/supplier-incident.json"), "utf8"));
  const green = bundle.objects.find((o) => o.name === "GATELOCK").id;
  await page.goto(`${url}#/object?id=${green}`);
  await page.getByText("There is no such object here, or not for your account.").waitFor();
});

/** An indicator of the tests, as a file would bring it. */
function held(n, pattern) {
  const time = "2026-01-01T00:00:00.000Z";
  return {
    type: "indicator",
    spec_version: "2.1",
    id: `indicator--5ee60e4b-24f9-4d8d-9ab8-0000000000b${n}`,
    created: time,
    modified: time,
    name: `Feed row ${n}`,
    pattern,
    pattern_type: "stix",
    valid_from: time,
    object_marking_refs: ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
  };
}

// G12: what would match nearly everything waits with its reason until a person releases it, on a real
// node: the next event meets it, and the ledger names who and why.
onNode(
  "what the guard holds back is released on the page, and matched then",
  "head",
  async (page) => {
    const objects = [
      held(1, "[ipv4-addr:value = '8.8.8.8']"),
      held(2, "[domain-name:value = 'co.uk']"),
      held(3, "[domain-name:value = 'org']"),
    ];
    const file = join(dir, "poison.json");
    const bundle = { type: "bundle", id: `bundle--${objects[0].id.slice(11)}`, objects };
    writeFileSync(file, JSON.stringify(bundle));
    run(["import", home, file, "--source", "poisoned-feed"]);
    await page.goto(`${url}#/quarantine`);
    const row = (name) => rows(page).filter({ hasText: name });
    assert.match(
      await row("Feed row 1").innerText(),
      /8\.8\.8\.8 is [\s\S]*by the guard[\s\S]*poisoned-feed/,
    );
    assert.equal(await rows(page).count(), 3);
    assert.deepEqual(await seriousFaults(page), []);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, "quarantine.png") });
    await row("Feed row 1").getByRole("checkbox").check();
    await row("Feed row 2").getByRole("checkbox").check();
    await page.getByRole("button", { name: "Release 2 chosen…" }).click();
    await page.getByLabel("Why, for whoever asks later").fill("used for tunnelling");
    await page.getByRole("button", { name: "Release all 2" }).click();
    await page.getByText("Done: 2 decisions are in the ledger.").waitFor();
    if (SHOTS) await page.screenshot({ path: join(SHOTS, "released.png") });
    await page.keyboard.press("Escape");
    await row("Feed row 3").waitFor();
    await page.waitForFunction(
      () => document.querySelectorAll("main > .table tbody tr").length === 1,
    );

    await page.goto(`${url}#/indicator?id=${objects[0].id}`);
    await page.getByText("It is matched against every event, by its values.").waitFor();
    // Who and why is in the ledger, for those alone who may see everything.
    const told = JSON.parse(run(["indicator", "show", home, objects[0].id, "--json"]));
    assert.deepEqual([told.decided_by, told.reason], ["head", "used for tunnelling"]);
    appendFileSync(eve, eveLine("8.8.8.8"));
    const met = page.getByRole("region", { name: "What it met" });
    await met.getByText("1 hit, one bar: 1 hour").waitFor();
    await met.locator("td").getByText("8.8.8.8", { exact: true }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, "indicator.png") });
  },
);

onNode("what the history cannot be asked for is said to be so", "head", async (page) => {
  const sequence = "[url:value = 'http://a.example/'] FOLLOWEDBY [url:value = 'http://b.example/']";
  const file = join(dir, "sequence.json");
  const objects = [held(9, sequence)];
  writeFileSync(
    file,
    JSON.stringify({ type: "bundle", id: objects[0].id.replace("indicator", "bundle"), objects }),
  );
  run(["import", home, file, "--source", "poisoned-feed"]);
  await page.goto(`${url}#/indicator?id=${objects[0].id}`);
  const met = page.getByRole("region", { name: "What it met" });
  await met.getByText("Not looked for in the history:").waitFor();
  assert.deepEqual(await seriousFaults(page), []);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "not-hunted.png") });
});

onNode("who and why is not told to who may not see everything", "guest", async (page) => {
  await page.goto(`${url}#/quarantine`);
  await page.getByText("Nothing is held back").waitFor();
  await page.goto(`${url}#/indicator?id=${held(1, "").id}`);
  await page.getByText("There is no such object here, or not for your account.").waitFor();
});

// D-50: what nobody knew of when it passed is found afterwards, with when and where.
onNode("what a sensor saw is found in the history", "watch", async (page) => {
  appendFileSync(eve, eveLine("198.51.100.99") + eveLine("198.51.100.99"));
  await page.goto(`${url}#/hunt`);
  await page.getByLabel("Paste anything with values in it").fill("to 198[.]51[.]100[.]99");
  // A stream hands over what it saw every few seconds.
  const seen = page.getByText("1 value found, 1 seen");
  for (const until = Date.now() + 40_000; !(await seen.isVisible()); ) {
    assert.ok(Date.now() < until, "the history does not hold what the sensor saw");
    await page.getByRole("button", { name: /^Hunt/ }).click();
    await page.getByText("Never seen means").waitFor();
  }
  const row = rows(page).filter({ has: page.getByText("198.51.100.99", { exact: true }) });
  assert.match(await row.innerText(), /^seen[\s\S]*\b2\b[\s\S]*~1[\s\S]*sensor-test/);
  await row.locator("summary").click();
  await row.getByText("2 times").waitFor();
  assert.deepEqual(await seriousFaults(page), []);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "hunt-seen.png"), fullPage: true });
});

// D-50: pasted text is hunted value by value, on a real node; a hunt is kept, and forgotten.
onNode("what is pasted is hunted, and the hunt kept", "watch", async (page) => {
  await page.goto(`${url}#/hunt`);
  await page
    .getByLabel("Paste anything with values in it")
    .fill("mail names meridian-updates[.]example, hosting 203[.]0[.]113[.]0/24, n[.]never.example");
  await page.keyboard.press("Control+Enter");
  await page.getByText("3 values found").waitFor();
  await page.getByText("Never seen means").waitFor();
  const row = (value) => rows(page).filter({ has: page.getByText(value, { exact: true }) });
  assert.match(await row("n.never.example").innerText(), /^never seen/);
  // What is known of a value is said whether it was seen or not.
  await row("meridian-updates.example").getByText("Forged update host").first().waitFor();
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("supplier");
  await page.getByRole("button", { name: "Save it" }).click();
  await page.getByText("1 saved hunt").click();
  await page.getByRole("button", { name: "Only what is new" }).click();
  await page.getByText("answered up to").waitFor();
  assert.deepEqual(await seriousFaults(page), []);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "hunt.png"), fullPage: true });
  await page.getByRole("button", { name: "Remove supplier" }).click();
  await page.getByText("1 saved hunt").waitFor({ state: "detached" });
});

// G19, G5: what was purged says so, why and when, to who may know that it was here; to others it is
// what never was.
onNode("an object that is purged says so on its page", "watch", async (page) => {
  const time = "2026-01-01T00:00:00.000Z";
  const file = join(dir, "spilled.json");
  writeFileSync(
    file,
    JSON.stringify({
      type: "indicator",
      spec_version: "2.1",
      id: SPILLED,
      created: time,
      modified: time,
      name: "Spilled beacon",
      pattern: "[domain-name:value = 'spilled.example']",
      pattern_type: "stix",
      valid_from: time,
      object_marking_refs: ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"],
    }),
  );
  run(["import", home, file]);
  await page.goto(`${url}#/object?id=${SPILLED}`);
  await page.getByRole("heading", { name: "Spilled beacon" }).waitFor();
  run(["purge", home, SPILLED, "--reason", "spillage drill"]);
  await page.reload();
  await page.getByRole("heading", { name: SPILLED }).waitFor();
  await page.getByText("The bytes of one version were removed from this node.").waitFor();
  const main = page.locator("main");
  await main.getByText("spillage drill").waitFor();
  await main.getByText(JSON.parse(run(["status", home, "--json"])).identity).waitFor();
  assert.doesNotMatch(await main.innerText(), /Spilled beacon|spilled\.example/);
  assert.deepEqual(await seriousFaults(page), []);
  if (SHOTS) await page.screenshot({ path: join(SHOTS, "purged.png") });
  await page.goto(`${url}#/object?id=${NEVER}`);
  await page.getByText("There is no such object here").waitFor();
});

onNode("nobody else is told that it was there", "guest", async (page) => {
  const said = [];
  for (const id of [SPILLED, NEVER]) {
    await page.goto(`${url}#/object?id=${id}`);
    await page.getByRole("heading", { name: id }).waitFor();
    await page.getByText("There is no such object here").waitFor();
    said.push((await page.locator("main").innerText()).replace(id, ""));
  }
  assert.equal(said[0], said[1]);
});
