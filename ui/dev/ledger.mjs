// SPDX-License-Identifier: Apache-2.0
// A small true ledger for the stand-in node: RFC 6962 by its definition, a C2SP checkpoint.
import { createHash, generateKeyPairSync, sign } from "node:crypto";

export const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

function split(n) {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
function pathOf(m, leaves) {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

export function makeLedger(origin) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(1), raw]);
  const keyId = sha256(Buffer.from(`${origin}\n`), typed).subarray(0, 4);
  const headers = [];
  const leaves = () => headers.map((header) => sha256(Buffer.of(0), header));
  return {
    append(id, content) {
      headers.push(Buffer.concat([Buffer.from(`${headers.length}\n${id}\n`), sha256(content)]));
      return headers.length - 1;
    },
    head() {
      const size = headers.length;
      return { size, checkpoint_size: size, root: rootOf(leaves()).toString("hex") };
    },
    prove(seq, content) {
      const all = leaves();
      const root = rootOf(all);
      const text = `${origin}\n${all.length}\n${root.toString("base64")}\n`;
      const signed = Buffer.concat([keyId, sign(null, Buffer.from(text), privateKey)]);
      return {
        seq,
        size: all.length,
        leaf: all[seq].toString("hex"),
        root: root.toString("hex"),
        hashes: pathOf(seq, all).map((h) => h.toString("hex")),
        checkpoint: `${text}\n\u2014 ${origin} ${signed.toString("base64")}\n`,
        origin,
        public_key: `${origin}+${keyId.toString("hex")}+${typed.toString("base64")}`,
        header: headers[seq].toString("hex"),
        content_sha256: sha256(content).toString("hex"),
      };
    },
  };
}
