// SPDX-License-Identifier: Apache-2.0
// The web interface in a real browser on a real node (the program named in TOCSIN), holding the
// project's samples: what the stand-in cannot prove, above all that the node's ledger proofs check.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CSP } from "../../dev/mock.mjs";
import { openPage, signIn, startBrowser } from "./browser.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const TOCSIN = process.env.TOCSIN ?? join(root, "build/tocsin");
const PASSWORD = "a password of the tests";
const NODE = "CSIRT of the tests";

const dir = mkdtempSync(join(tmpdir(), "tocsin-ui-"));
const home = join(dir, "node");
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

/** The samples in the form in which another TAXII server keeps its data. */
function asTaxiiData(bundle) {
  const meta = (o) => ({
    date_added: o.modified ?? "2026-09-19T03:00:00.000Z",
    media_type: "application/stix+json;version=2.1",
    version: o.modified,
  });
  return {
    "/discovery": { title: "samples", default: "/samples/", api_roots: ["/samples/"] },
    samples: {
      information: {
        title: "samples",
        versions: ["application/taxii+json;version=2.1"],
        max_content_length: 9765625,
      },
      status: [],
      collections: [
        {
          id: "4f9d0f6e-5d0c-4a4e-9d53-2d9c1b8f3a10",
          title: "samples",
          can_read: true,
          can_write: false,
          media_types: ["application/stix+json;version=2.1"],
          objects: bundle.objects,
          manifest: bundle.objects.map((o) => ({ id: o.id, ...meta(o) })),
        },
      ],
    },
  };
}

before(async () => {
  run(["init", home, "--name", NODE]);
  run(["user", "add", home, "watch", "--role", "analyst", "--password-stdin"], `${PASSWORD}\n`);
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
  const bundle = JSON.parse(readFileSync(join(root, "samples/supplier-incident.json"), "utf8"));
  const data = join(dir, "data.json");
  writeFileSync(data, JSON.stringify(asTaxiiData(bundle)));
  run(["taxii", "restore", home, data]);
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
