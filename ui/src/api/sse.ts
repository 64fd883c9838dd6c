// SPDX-License-Identifier: Apache-2.0
// A parser of event streams (WHATWG HTML §9.2.6): text in, events out. It knows no connection.

export interface StreamEvent {
  id: string; // the last id seen so far, as the standard has it
  event: string;
  data: string;
}

const LINE_MAX = 1 << 20;

export class StreamParser {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];
  private started = false;

  push(text: string): StreamEvent[] {
    let all = this.rest + text;
    if (!this.started && all.length > 0) {
      if (all.startsWith("\uFEFF")) all = all.slice(1);
      this.started = true;
    }
    // A carriage return at the very end may be half of a line end: it waits for what follows.
    const held = all.endsWith("\r") ? 1 : 0;
    const lines = all.slice(0, all.length - held).split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? "") + (held ? "\r" : "");
    if (this.rest.length > LINE_MAX) throw new Error("a line of the event stream is too long");
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): StreamEvent[] {
    if (line === "") return this.end();
    const colon = line.indexOf(":");
    if (colon === 0) return [];
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    return [];
  }

  private end(): StreamEvent[] {
    const { id, event, data } = this;
    this.event = "";
    this.data = [];
    return data.length === 0 ? [] : [{ id, event: event || "message", data: data.join("\n") }];
  }
}
