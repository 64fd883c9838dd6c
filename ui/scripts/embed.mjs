// SPDX-License-Identifier: Apache-2.0
// Turns a built folder into one C source: embed.mjs DIST OUT.c. The bytes come in by .incbin, raw
// and gzipped, so that the compiler does not read megabytes of numbers.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

function filesUnder(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(dir, entry.name)) : [join(dir, entry.name)],
  );
}

const [dist, out] = process.argv.slice(2);
if (!dist || !out) {
  console.error("usage: embed.mjs DIST OUT.c");
  process.exit(2);
}
const packed = join(dirname(out), "gz");
mkdirSync(packed, { recursive: true });

const symbols = [];
const rows = [];
function incbin(name, file) {
  symbols.push(
    `__asm__(".section .rodata\\n.balign 16\\n${name}:\\n.incbin \\"${file}\\"\\n${name}_end:\\n.byte 0\\n.previous\\n");`,
    `extern const unsigned char ${name}[], ${name}_end[];`,
  );
}

for (const [i, file] of filesUnder(dist).sort().entries()) {
  const path = `/${relative(dist, file)}`;
  const type = TYPES[extname(file)];
  if (!type) throw new Error(`${path}: no media type for ${extname(file)}`);
  const raw = readFileSync(file);
  const gz = gzipSync(raw, { level: 9 });
  incbin(`ui_raw_${i}`, file);
  let gzRow = "NULL, NULL";
  if (gz.length < statSync(file).size) {
    const gzFile = join(packed, `${i}.gz`);
    writeFileSync(gzFile, gz);
    incbin(`ui_gz_${i}`, gzFile);
    gzRow = `ui_gz_${i}, ui_gz_${i}_end`;
  }
  rows.push(`\t{"${path}", "${type}", ui_raw_${i}, ui_raw_${i}_end, ${gzRow}},`);
}

writeFileSync(
  out,
  `/* Made by ui/scripts/embed.mjs. */
#include "api/ui_files.h"

${symbols.join("\n")}

const struct ui_file ui_files[] = {
${rows.join("\n")}
};
const size_t ui_file_count = sizeof(ui_files) / sizeof(*ui_files);
`,
);
