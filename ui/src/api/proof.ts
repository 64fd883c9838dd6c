// SPDX-License-Identifier: Apache-2.0
// Checks in the browser that an object is in the signed ledger: RFC 6962 inclusion (§2.1.1) and a
// C2SP checkpoint (signed note, Ed25519). It takes the node's word for nothing but the public key,
// whose fingerprint a person can compare.
import type { Proof } from "./types.gen";

export type StepName = "content" | "header" | "path" | "checkpoint" | "signature";
export type Outcome = "good" | "bad" | "unchecked";

export interface PathStep {
  side: "left" | "right"; // where the sibling stands
  sibling: string;
  result: string;
}

export interface Step {
  name: StepName;
  outcome: Outcome;
  got: string;
  want: string;
  path?: PathStep[];
}

export interface Verdict {
  steps: Step[];
  outcome: Outcome; // bad when any step is; unchecked when any is and none is bad
  keyId: string;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new Error("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function unbase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

async function sha256(...parts: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Root from a leaf and its path (RFC 9162 §2.1.3.2); undefined when the path does not fit. */
export async function climb(
  leaf: string,
  seq: number,
  size: number,
  hashes: readonly string[],
): Promise<{ root: string; path: PathStep[] } | undefined> {
  if (seq < 0 || seq >= size) return undefined;
  // BigInt: records are counted beyond the 32 bits that the shift operators keep.
  let fn = BigInt(seq);
  let sn = BigInt(size - 1);
  let node = unhex(leaf);
  const path: PathStep[] = [];
  for (const sibling of hashes) {
    if (sn === 0n) return undefined;
    const left = fn % 2n === 1n || fn === sn;
    node = left
      ? await sha256(NODE, unhex(sibling), node)
      : await sha256(NODE, node, unhex(sibling));
    path.push({ side: left ? "left" : "right", sibling, result: hex(node) });
    if (left) {
      while (fn % 2n === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? { root: hex(node), path } : undefined;
}

export interface Checkpoint {
  text: string; // what was signed
  origin: string;
  size: number;
  root: string;
  signatures: { name: string; keyId: string; signature: Uint8Array<ArrayBuffer> }[];
}

export function parseCheckpoint(note: string): Checkpoint {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0) throw new Error("the checkpoint has no signatures");
  const text = note.slice(0, cut + 1);
  const [origin, size, root] = text.split("\n");
  if (!origin || !size || !root || !/^\d+$/.test(size)) throw new Error("not a checkpoint");
  const signatures = [];
  for (const line of note.slice(cut + 2).split("\n")) {
    const match = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!match?.[1] || !match[2]) continue;
    const bytes = unbase64(match[2]);
    signatures.push({ name: match[1], keyId: hex(bytes.slice(0, 4)), signature: bytes.slice(4) });
  }
  return { text, origin, size: Number(size), root: hex(unbase64(root)), signatures };
}

export interface Verifier {
  name: string;
  keyId: string;
  key: Uint8Array<ArrayBuffer>;
}

/** name+keyid+base64(0x01 || key), as C2SP signed-note writes it. */
export async function parseVerifier(vkey: string): Promise<Verifier> {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey.trim());
  if (!match?.[1] || !match[2] || !match[3]) throw new Error("not a verifier key");
  const bytes = unbase64(match[3]);
  if (bytes.length !== 33 || bytes[0] !== 1) throw new Error("not an Ed25519 verifier key");
  const name = new TextEncoder().encode(`${match[1]}\n`);
  const id = hex(await sha256(name, bytes)).slice(0, 8);
  if (id !== match[2]) throw new Error("the verifier key's id does not match the key");
  return { name: match[1], keyId: match[2], key: bytes.slice(1) };
}

async function signatureStep(checkpoint: Checkpoint, verifier: Verifier): Promise<Step> {
  const want = `${verifier.name}+${verifier.keyId}`;
  const found = checkpoint.signatures.find(
    (s) => s.name === verifier.name && s.keyId === verifier.keyId,
  );
  if (!found) return { name: "signature", outcome: "bad", got: "", want };
  const got = `${found.name}+${found.keyId}`;
  try {
    const key = await crypto.subtle.importKey("raw", verifier.key, "Ed25519", false, ["verify"]);
    const text = new TextEncoder().encode(checkpoint.text);
    const good = await crypto.subtle.verify("Ed25519", key, found.signature, text);
    return { name: "signature", outcome: good ? "good" : "bad", got, want };
  } catch {
    // An older browser without Ed25519: to say "bad" would be a lie.
    return { name: "signature", outcome: "unchecked", got, want };
  }
}

function compare(name: StepName, got: string, want: string): Step {
  return { name, got, want, outcome: got === want ? "good" : "bad" };
}

async function headSteps(proof: Proof, content: string): Promise<Step[]> {
  const digest = hex(await sha256(new TextEncoder().encode(content)));
  const leaf = hex(await sha256(LEAF, unhex(proof.header)));
  const header = compare("header", leaf, proof.leaf);
  // A header that does not hold the digest it is said to hold proves nothing about the content.
  if (!proof.header.includes(proof.content_sha256)) header.outcome = "bad";
  return [compare("content", digest, proof.content_sha256), header];
}

export async function verify(proof: Proof, content: string): Promise<Verdict> {
  const steps = await headSteps(proof, content);
  const climbed = await climb(proof.leaf, proof.seq, proof.size, proof.hashes);
  const path = compare("path", climbed?.root ?? "", proof.root);
  if (climbed) path.path = climbed.path;
  steps.push(path);
  const checkpoint = parseCheckpoint(proof.checkpoint);
  steps.push(
    compare(
      "checkpoint",
      `${checkpoint.size} ${checkpoint.root}`,
      `${proof.size} ${climbed?.root ?? proof.root}`,
    ),
  );
  // A copy of a node may lack the key: that is not a wrong signature.
  const verifier = proof.public_key ? await parseVerifier(proof.public_key) : undefined;
  steps.push(
    verifier
      ? await signatureStep(checkpoint, verifier)
      : { name: "signature", outcome: "unchecked", got: "", want: "" },
  );
  const has = (outcome: Outcome) => steps.some((s) => s.outcome === outcome);
  const outcome = has("bad") ? "bad" : has("unchecked") ? "unchecked" : "good";
  return { steps, outcome, keyId: verifier?.keyId ?? "" };
}
