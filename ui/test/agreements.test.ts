// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Agreement, AgreementParty, Need } from "../src/api/types.gen";
import { byWait, wordsOf } from "../src/pages/agreements";
import { byGap, tookOf } from "../src/parts/needs";

const party = (more: Partial<AgreementParty>): AgreementParty => ({
  identity: "identity--1",
  own: true,
  state: "proposed",
  member: false,
  ...more,
});

const agreement = (more: Partial<Agreement>): Agreement => ({
  id: "tocsin-agreement--1",
  version: "2026-01-01T00:00:00.000000Z",
  state: "proposed",
  own: "proposed",
  party: true,
  proposed_by: "identity--2",
  community: "club",
  name_taken: false,
  kind: "community",
  ceiling: "TLP:AMBER",
  anonymise: "victims",
  reciprocity_visible: false,
  sha256: "",
  parties: [party({}), party({ identity: "identity--2", own: false })],
  ...more,
});

const need = (more: Partial<Need>): Need => ({
  id: "note--1",
  own: true,
  by: "identity--1",
  community: "club",
  type: "malware",
  text: "",
  state: "open",
  asked: "2026-01-01T00:00:00.000000Z",
  gap: false,
  sides: [],
  ...more,
});

// P2: what a node may say is never less than no.
describe("words about an agreement", () => {
  it("are yes and no while it waits, and leaving whenever this node is in it", () => {
    expect(wordsOf(agreement({}))).toEqual(["sign", "decline"]);
    expect(wordsOf(agreement({ state: "in-force", own: "signed" }))).toEqual(["leave"]);
    expect(wordsOf(agreement({ state: "left", own: "left" }))).toEqual(["sign", "decline"]);
    expect(wordsOf(agreement({ own: "declined", state: "declined" }))).toEqual(["sign"]);
  });
  it("stay while a newer version waits: the one before can be left", () => {
    const parties = [party({ member: true })];
    expect(wordsOf(agreement({ state: "in-force", parties }))).toEqual([
      "sign",
      "decline",
      "leave",
    ]);
  });
  it("are none for who is no party, and no signature where the name is taken or the time is over", () => {
    expect(wordsOf(agreement({ party: false }))).toEqual([]);
    expect(wordsOf(agreement({ name_taken: true }))).toEqual(["decline"]);
    expect(wordsOf(agreement({ state: "expired" }))).toEqual([]);
  });
});

it("agreements that wait for this node come first, those that are over last", () => {
  const over = agreement({ state: "expired", own: "signed" });
  const force = agreement({ state: "in-force", own: "signed" });
  const waits = agreement({});
  expect([over, force, waits].toSorted(byWait)).toEqual([waits, force, over]);
});

// D-36
it("needs without a supplier come first", () => {
  const closed = need({ state: "closed" });
  const open = need({});
  const gap = need({ gap: true });
  expect([closed, open, gap].toSorted(byGap)).toEqual([gap, open, closed]);
});

it("seconds are said as people say them", () => {
  expect(tookOf(0.25)).toBe("0.3 s");
  expect(tookOf(90)).toBe("90 s");
  expect(tookOf(5400)).toBe("90 min");
  expect(tookOf(86400)).toBe("24 h");
});
