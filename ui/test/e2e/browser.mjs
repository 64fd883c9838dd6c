// SPDX-License-Identifier: Apache-2.0
// The browser of the tests: Debian's Chromium, a fresh profile each time, and a watch over what no
// page may do: break the policy, ask another origin, throw.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const haveBrowser = existsSync(PROGRAM);

export const startBrowser = () => chromium.launch({ executablePath: PROGRAM, args: FLAGS });

/** A page in a context of its own; `wrong` collects what must not happen. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    ignoreHTTPSErrors: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const wrong = [];
  const { origin } = new URL(url);
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) wrong.push(`foreign request: ${request.url()}`);
  });
  page.on("pageerror", (error) => wrong.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (/Content.Security.Policy|TrustedHTML|Refused to/i.test(message.text()))
      wrong.push(message.text());
  });
  await page.addInitScript(() => {
    globalThis.reports = [];
    addEventListener("securitypolicyviolation", (e) =>
      globalThis.reports.push(e.violatedDirective),
    );
  });
  await page.goto(url);
  const finish = async () => {
    wrong.push(...(await page.evaluate(() => globalThis.reports)));
    await context.close();
    return wrong;
  };
  return { page, wrong, finish };
}

export async function signIn(page, name, password) {
  await page.getByLabel("Account").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").waitFor();
}

/** axe by the debugger, not by a script element: the policy forbids that, and stays on. */
export async function seriousFaults(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    }),
  );
  return violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .map(
      (v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join(" | ")}`,
    );
}
