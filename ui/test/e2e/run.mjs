// SPDX-License-Identifier: Apache-2.0
// Runs one file of browser tests: run.mjs FILE. Without a browser it says so and is skipped (77).
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { haveBrowser } from "./browser.mjs";

if (!haveBrowser) {
  console.log("SKIP: no Chromium; install Debian's package chromium, or name one in CHROMIUM");
  process.exit(process.env.TOCSIN_NO_SKIP ? 1 : 77);
}
const file = join(dirname(fileURLToPath(import.meta.url)), process.argv[2] ?? "ui.mjs");
const { status } = spawnSync(process.execPath, ["--test", file], { stdio: "inherit" });
process.exit(status ?? 1);
