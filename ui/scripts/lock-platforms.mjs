// SPDX-License-Identifier: Apache-2.0
// Completes package-lock.json after `npm install` from a registry that mirrors only some platforms:
// npm ci refuses a lock file that leaves out optional packages, even those of other systems. The
// entries added here carry no digest; they are never installed on Linux with glibc.
import { readFileSync, writeFileSync } from "node:fs";

const OS = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/;
const CPU = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|ppc64le|powerpc64le|riscv64|s390x|x64)\b/;

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const { packages } = lock;
let added = 0;
for (const { optionalDependencies } of Object.values(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (packages[key]) continue;
    const os = OS.exec(name)?.[1];
    if (!os || !/^\d/.test(version)) throw new Error(`${name} ${version}: no platform in its name`);
    const cpu = CPU.exec(name)?.[1];
    packages[key] = {
      version,
      ...(cpu ? { cpu: [cpu === "powerpc64le" ? "ppc64" : cpu] } : {}),
      dev: true,
      ...(name.includes("musl") ? { libc: ["musl"] } : {}),
      optional: true,
      os: [os],
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);
