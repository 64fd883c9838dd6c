// SPDX-License-Identifier: Apache-2.0
/// <reference types="node" />
import { createHash, generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { describe, expect, it } from "vitest";
import { climb, parseCheckpoint, parseVerifier, verify } from "../src/api/proof";
import type { Proof } from "../src/api/types.gen";

// Node 18 has the browser's crypto, but not under its name.
if (!globalThis.crypto) Object.assign(globalThis, { crypto: webcrypto });

const hash = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafOf = (header: Buffer) => hash(Buffer.of(0), header);

// The slow, obvious definitions of RFC 6962 §2.1, written apart from the code under test.
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
function rootOf(leaves: Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  const k = split(leaves.length);
  return hash(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
function pathOf(m: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

const content = '{"type":"indicator","big":9007199254740993}';
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const typed = Buffer.concat([Buffer.of(1), raw]);
const name = "cz-csirt.example";
const keyId = hash(Buffer.from(`${name}\n`), typed).subarray(0, 4);
const vkey = `${name}+${keyId.toString("hex")}+${typed.toString("base64")}`;

function proofOf(seq: number, size: number): Proof {
  const digest = hash(Buffer.from(content));
  const headers = Array.from({ length: size }, (_, i) =>
    i === seq ? Buffer.concat([Buffer.from("header"), digest]) : Buffer.from(`other ${i}`),
  );
  const leaves = headers.map(leafOf);
  const root = rootOf(leaves);
  const text = `${name}\n${size}\n${root.toString("base64")}\n`;
  const signature = sign(null, Buffer.from(text), privateKey);
  const line = Buffer.concat([keyId, signature]).toString("base64");
  return {
    seq,
    size,
    leaf: leaves[seq]?.toString("hex") ?? "",
    root: root.toString("hex"),
    hashes: pathOf(seq, leaves).map((h) => h.toString("hex")),
    checkpoint: `${text}\n\u2014 ${name} ${line}\n`,
    origin: name,
    public_key: vkey,
    header: headers[seq]?.toString("hex") ?? "",
    content_sha256: digest.toString("hex"),
  };
}

describe("ledger proof in the browser", () => {
  it("accepts every record of every tree up to 33 records", async () => {
    for (let size = 1; size <= 33; size++) {
      for (let seq = 0; seq < size; seq++) {
        const proof = proofOf(seq, size);
        const climbed = await climb(proof.leaf, seq, size, proof.hashes);
        expect(climbed?.root).toBe(proof.root);
      }
    }
  });
  it("says good, step by step, for a true proof", async () => {
    const verdict = await verify(proofOf(5, 11), content);
    expect(verdict.steps.map((s) => [s.name, s.outcome])).toEqual([
      ["content", "good"],
      ["header", "good"],
      ["path", "good"],
      ["checkpoint", "good"],
      ["signature", "good"],
    ]);
    expect(verdict.outcome).toBe("good");
  });
  it("says bad when one byte of the content differs", async () => {
    expect((await verify(proofOf(5, 11), `${content} `)).outcome).toBe("bad");
  });
  it("says bad for another position, a cut path, a longer path, another root", async () => {
    const good = proofOf(5, 11);
    const bent: Proof[] = [
      { ...good, seq: 4 },
      { ...good, size: 12 },
      { ...good, hashes: good.hashes.slice(1) },
      { ...good, hashes: [...good.hashes, good.root] },
      { ...good, root: good.leaf },
      { ...good, seq: 11 },
    ];
    for (const proof of bent) expect((await verify(proof, content)).outcome).toBe("bad");
  });
  it("says bad when the checkpoint was signed over another text", async () => {
    const good = proofOf(5, 11);
    const other = proofOf(5, 12);
    const cut = good.checkpoint.indexOf("\n\n");
    const note =
      good.checkpoint.slice(0, cut) + other.checkpoint.slice(other.checkpoint.indexOf("\n\n"));
    const verdict = await verify({ ...good, checkpoint: note }, content);
    expect(verdict.steps.at(-1)?.outcome).toBe("bad");
  });
  it("says bad when a header does not hold the digest it is said to hold", async () => {
    const good = proofOf(5, 11);
    const other = hash(Buffer.from("other content")).toString("hex");
    const verdict = await verify({ ...good, content_sha256: other }, "other content");
    expect(verdict.outcome).toBe("bad");
  });
  it("refuses a verifier key whose id is not that of its key", async () => {
    await expect(parseVerifier(vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+"))).rejects.toThrow();
  });
  it("refuses a note without signatures", () => {
    expect(() => parseCheckpoint("origin\n1\nAAAA\n")).toThrow();
  });
});
