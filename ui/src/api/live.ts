// SPDX-License-Identifier: Apache-2.0
// The live connection: reads the event stream, notices when it is dead, comes back with the id of
// the last event it had. fetch() rather than EventSource, which drops that id when the node answers
// 503 once, and which cannot tell a quiet night from a dead line.
import { PAGE_HEADERS, urlOf } from "./client";
import { type StreamEvent, StreamParser } from "./sse";

export type LinkState = "connecting" | "live" | "stale";

export interface LiveOptions {
  onEvent: (event: StreamEvent) => void;
  onState: (state: LinkState) => void;
  onSign: () => void; // anything was heard, be it a comment
  onUnauthorised: () => void;
  silenceMs?: number;
}

const SILENCE_MS = 35_000; // the node sends a sign of life every 15 s
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 15_000;

/** Delay before try n (0, 1, ...), with jitter so that a restarted node is not met by all pages at once. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

export class Live {
  private lastId = "";
  private attempt = 0;
  private closed = false;
  private abort = new AbortController();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveOptions) {
    options.onState("connecting");
    void this.run();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.abort.abort();
  }

  private async run(): Promise<void> {
    try {
      await this.read();
    } catch {
      // Every way to fail has the same answer: say so and come back.
    }
    clearTimeout(this.silence);
    if (this.closed) return;
    this.options.onState("stale");
    this.retry = setTimeout(() => void this.run(), retryDelay(this.attempt++, Math.random()));
  }

  private async read(): Promise<void> {
    this.abort = new AbortController();
    this.watch();
    const headers: Record<string, string> = { ...PAGE_HEADERS, accept: "text/event-stream" };
    if (this.lastId) headers["last-event-id"] = this.lastId;
    const answer = await fetch(urlOf("event.stream", {}), {
      headers,
      cache: "no-store",
      credentials: "same-origin",
      signal: this.abort.signal,
    });
    if (answer.status === 401) {
      this.closed = true;
      this.options.onUnauthorised();
    }
    if (!answer.ok || !answer.body) return;
    this.options.onState("live");
    this.heard();
    const parser = new StreamParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.closed) return;
      this.heard();
      for (const event of parser.push(value)) {
        if (event.id) this.lastId = event.id;
        this.options.onEvent(event);
      }
    }
  }

  private heard(): void {
    this.attempt = 0;
    this.options.onSign();
    this.watch();
  }

  private watch(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.abort.abort(), this.options.silenceMs ?? SILENCE_MS);
  }
}
