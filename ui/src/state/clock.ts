// SPDX-License-Identifier: Apache-2.0
// The node's time, as well as this browser can tell: its own clock, put right by what the node said.
import { signal } from "@preact/signals";

export const now = signal(Date.now());
export const skewMs = signal(0);

/** `nodeTime` was true somewhere between `sent` and `got` of this browser's clock. */
export function learnSkew(nodeTime: string, sent: number, got: number): void {
  const node = Date.parse(nodeTime);
  if (Number.isFinite(node)) skewMs.value = Math.round(node - (sent + got) / 2);
}

export function nodeNow(): number {
  return Date.now() + skewMs.value;
}

/** Ticks on the full second, so that clock and figures change together. */
export function startClock(): void {
  const tick = () => {
    now.value = nodeNow();
    setTimeout(tick, 1000 - (nodeNow() % 1000));
  };
  tick();
}
