// SPDX-License-Identifier: Apache-2.0
// The budget of the first load: budget.mjs DIST. What index.html names counts as first load.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMITS = { js: 90_000, css: 12_000 };

const dist = process.argv[2] ?? "dist";
const html = readFileSync(join(dist, "index.html"), "utf8");
const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
const problems = [];

for (const name of named) {
  if (!name.startsWith("./")) problems.push(`index.html names ${name}: only ./ paths are allowed`);
}
if (/<script(?![^>]*\bsrc=)/.test(html) || /<style|\sstyle=|\son\w+=/.test(html)) {
  problems.push("index.html holds inline code or style, which the policy forbids");
}
for (const file of readdirSync(join(dist, "assets"))) {
  const text = readFileSync(join(dist, "assets", file), "utf8");
  if (/dangerouslySetInnerHTML\s*:|\beval\(|new Function\(/.test(text)) {
    problems.push(`${file} makes code or markup from strings`);
  }
}
for (const [kind, limit] of Object.entries(LIMITS)) {
  const size = named
    .filter((name) => name.endsWith(`.${kind}`))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
  const verdict = size > 0 && size <= limit ? "ok" : "OVER";
  console.log(`${kind} of the first load: ${size} bytes gzipped of ${limit}: ${verdict}`);
  if (verdict !== "ok") problems.push(`${kind}: ${size} bytes of ${limit}`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
