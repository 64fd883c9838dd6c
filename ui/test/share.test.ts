// SPDX-License-Identifier: Apache-2.0
// What the pages of peers and sharing work out by themselves, without a browser.
import { describe, expect, test } from "vitest";
import type { Exchange, ExchangeType, Peer } from "../src/api/types.gen";
import { byCommunity, byNeed, daysLeft, gapsOf, linkOf, sumOf } from "../src/pages/peers";
import { changeOf, wantedOf } from "../src/parts/share";

function peer(name: string, more: Partial<Peer> = {}): Peer {
  return {
    name,
    state: "active",
    connected: true,
    post_quantum: true,
    node: name,
    identity: "identity--8a2f4a1c-5f0e-4a52-9d0c-0c3a7a0f8f11",
    ceiling: "TLP:AMBER",
    fingerprint: "",
    given: 0,
    behind_by: 0,
    receipts_outstanding: 0,
    received: 0,
    denies: false,
    fed_by: "link",
    ...more,
  };
}

describe("a label to share under", () => {
  test("starts as the marking says, and comes back the same", () => {
    const marking = { tlp: "TLP:AMBER", releasable_to: ["milcert", "cz"], need_to_know: ["op-x"] };
    expect(changeOf(wantedOf(marking))).toEqual({
      tlp: "TLP:AMBER",
      releasable_to: "milcert,cz",
      communities: "*",
      need_to_know: "op-x",
    });
  });
  test("is not made up where the marking is not what it should be", () => {
    const wanted = wantedOf({ tlp: "TLP:PINK", releasable_to: "all", communities: [7, "csirt"] });
    expect(wanted.tlp).toBeUndefined();
    expect(wanted.releasable_to).toEqual([]);
    expect(wanted.communities).toEqual(["csirt"]);
  });
});

describe("peers", () => {
  test("a link that carries nothing is not called good", () => {
    expect(linkOf(peer("a")).word).toBe("up");
    expect(linkOf(peer("a", { stopped: "its feed became shorter" })).shape).toBe("error");
    expect(linkOf(peer("a", { denies: true })).word).toBe("denies");
    expect(linkOf(peer("a", { state: "cut", denies: true })).word).toBe("cut");
    expect(linkOf(peer("a", { state: "met", connected: false })).word).toBe("met");
  });
  test("who needs somebody comes first", () => {
    const all = [
      peer("cut", { state: "cut" }),
      peer("good"),
      peer("new", { state: "met" }),
      peer("down", { connected: false }),
    ];
    expect(all.toSorted(byNeed).map((p) => p.name)).toEqual(["down", "new", "good", "cut"]);
  });
  test("a certificate has whole days left, and none when it has ended", () => {
    const at = Date.parse("2026-11-28T12:00:00Z");
    expect(daysLeft("2026-11-30T11:59:59Z", at)).toBe(1);
    expect(daysLeft("2026-11-28T11:59:59Z", at)).toBeLessThan(0);
  });
});

// D-36: reciprocity and its gaps.
describe("the exchange", () => {
  const type = (name: string, given: number, received: number): ExchangeType => ({
    type: name,
    given,
    confirmed: given,
    taken_back: 0,
    received,
  });
  const of = (name: string, communities: string, types: ExchangeType[]): Exchange => ({
    peer: name,
    node: name,
    state: "active",
    communities,
    types,
    withheld: [],
    needs: [],
    more: false,
  });
  test("names the types that go one way", () => {
    const types = [type("indicator", 5, 0), type("malware", 2, 3), type("report", 0, 1)];
    expect(gapsOf(types)).toEqual({ onlyGiven: ["indicator"], onlyReceived: ["report"] });
  });
  test("sums a community over its members, each once", () => {
    const all = [
      of("a", "csirt, defence", [type("indicator", 5, 1)]),
      of("b", "defence", [type("indicator", 2, 0), type("report", 1, 0)]),
      of("c", "", [type("indicator", 9, 9)]),
    ];
    const sums = byCommunity(all);
    expect(sums.map((c) => [c.name, c.peers, c.sum.given, c.sum.received])).toEqual([
      ["csirt", ["a"], 5, 1],
      ["defence", ["a", "b"], 8, 1],
    ]);
    expect(sumOf([]).given).toBe(0);
  });
});
