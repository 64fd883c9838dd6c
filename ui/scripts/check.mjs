// SPDX-License-Identifier: Apache-2.0
// Format, lint and types, as the build machine sees them.
import { spawnSync } from "node:child_process";

const steps = [
  ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings", "."],
  ["node_modules/typescript/bin/tsc", "--noEmit"],
];
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
