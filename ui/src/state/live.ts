// SPDX-License-Identifier: Apache-2.0
// One live connection for the whole page; pages listen to the kinds of event they show.
import { signal } from "@preact/signals";
import { type LinkState, Live } from "../api/live";
import type { Indicator, Sighting, Source, Status } from "../api/types.gen";
import { nodeNow } from "./clock";
import { loseSession } from "./session";

interface Events {
  sighting: Sighting;
  indicator: Indicator;
  source: Source;
  status: Status;
}
/** Called each time the connection stands, the first time too. */
let onStanding: () => void = () => {};

export function whenStanding(call: () => void): void {
  onStanding = call;
}

type Listener<K extends keyof Events> = (item: Events[K]) => void;

export const link = signal<LinkState>("connecting");
/** When the node last gave a sign of life; 0: not yet. */
export const lastSign = signal(0);

const listeners: { [K in keyof Events]: Set<Listener<K>> } = {
  sighting: new Set(),
  indicator: new Set(),
  source: new Set(),
  status: new Set(),
};

let live: Live | undefined;

export function listen<K extends keyof Events>(kind: K, listener: Listener<K>): () => void {
  listeners[kind].add(listener);
  return () => {
    listeners[kind].delete(listener);
  };
}

function emit<K extends keyof Events>(kind: K, item: Events[K]): void {
  for (const listener of listeners[kind]) listener(item);
}

function isKind(value: string): value is keyof Events {
  return Object.hasOwn(listeners, value);
}

export function startLive(): void {
  stopLive();
  live = new Live({
    onEvent: ({ event, data }) => {
      if (isKind(event)) emit(event, JSON.parse(data));
    },
    onState: (state) => {
      link.value = state;
      if (state === "live") onStanding();
    },
    onSign: () => {
      lastSign.value = nodeNow();
    },
    onUnauthorised: loseSession,
  });
}

export function stopLive(): void {
  live?.close();
  live = undefined;
  lastSign.value = 0;
}
