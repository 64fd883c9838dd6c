// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { retryDelay } from "../src/api/live";
import { rawMember } from "../src/api/rawjson";
import { StreamParser } from "../src/api/sse";

describe("event stream parser", () => {
  const stream =
    '\uFEFF: ping\n\nid: a1\nevent: sighting\ndata: {"x":1}\n\ndata: two\r\ndata:lines\r\n\r\nevent: none\n\nid\ndata\n\n';
  const wanted = [
    { id: "a1", event: "sighting", data: '{"x":1}' },
    { id: "a1", event: "message", data: "two\nlines" },
    { id: "", event: "message", data: "" },
  ];
  it("reads events, comments, ids that stay, and every line end", () => {
    expect(new StreamParser().push(stream)).toEqual(wanted);
  });
  it("gives the same events wherever the stream is cut", () => {
    for (let at = 0; at <= stream.length; at++) {
      const parser = new StreamParser();
      expect([...parser.push(stream.slice(0, at)), ...parser.push(stream.slice(at))]).toEqual(
        wanted,
      );
    }
    const parser = new StreamParser();
    expect([...stream].flatMap((c) => parser.push(c))).toEqual(wanted);
  });
  it("gives up on a line without end", () => {
    expect(() => new StreamParser().push("x".repeat((1 << 20) + 1))).toThrow();
  });
});

describe("exact text of a member", () => {
  it("keeps digits, spaces and order as they came", () => {
    const object = '{ "b":9007199254740993.0, "a" : [1, {"object":"}"}] }';
    const text = ` {"id":"x","esc\\"aped":"a\\\\","object":${object} ,"n":-1.5e3,"t":true}\n`;
    expect(rawMember(text, "object")).toBe(object);
    expect(rawMember(text, "n")).toBe("-1.5e3");
    expect(rawMember(text, "t")).toBe("true");
    expect(rawMember(text, 'esc"aped')).toBe('"a\\\\"');
  });
  it("finds only members of the top level", () => {
    expect(rawMember('{"a":{"object":1}}', "object")).toBeUndefined();
    expect(rawMember('[{"object":1}]', "object")).toBeUndefined();
    expect(rawMember('{"object":{"a":1}', "object")).toBe('{"a":1}');
    expect(rawMember('{"object":{"a":1', "object")).toBeUndefined();
    expect(rawMember("", "object")).toBeUndefined();
  });
});

describe("coming back", () => {
  it("waits longer with each try, within bounds, never all at once", () => {
    expect(retryDelay(0, 0)).toBe(250);
    expect(retryDelay(0, 1)).toBe(500);
    expect(retryDelay(3, 1)).toBe(4000);
    expect(retryDelay(99, 1)).toBe(15000);
  });
});
