// SPDX-License-Identifier: Apache-2.0
// How the node is: for the header of every page, and whole on the status page.
import { signal } from "@preact/signals";
import { call } from "../api/client";
import type { Status } from "../api/types.gen";
import { learnSkew } from "./clock";
import { listen } from "./live";

export const status = signal<Status | undefined>(undefined);
export const statusError = signal<unknown>(undefined);

const EVERY_MS = 15_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let run = 0; // an answer that comes after stopStatus() starts no further turn

export async function loadStatus(): Promise<void> {
  const sent = Date.now();
  try {
    const answer = await call("status.show", {});
    learnSkew(answer.now, sent, Date.now());
    status.value = answer;
    statusError.value = undefined;
  } catch (error) {
    statusError.value = error;
  }
}

export function startStatus(): void {
  stopStatus();
  const mine = ++run;
  const turn = async () => {
    await loadStatus();
    if (mine === run) timer = setTimeout(turn, EVERY_MS);
  };
  timer = setTimeout(turn, 0);
}

export function stopStatus(): void {
  clearTimeout(timer);
  run++;
  status.value = undefined;
}

listen("status", (item) => {
  status.value = { ...status.value, ...item };
});
