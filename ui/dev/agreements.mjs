// SPDX-License-Identifier: Apache-2.0
// The agreements and needs of the stand-in node: one in each state that a page must show.
const HASH = "4e1f0b6a9d5c2e7783a1c0f2b4d6e8901a3c5e7f9b1d3f507192a3b4c5d6e7f8";
const OWN = "identity--00000000-0000-4000-8000-00000000c0de";

export function makeAgreements(peers, at) {
  const identity = (n) => `identity--8a2f4a1c-5f0e-4a52-9d0c-0c3a7a0f8f0${n}`;
  const own = (state, more) => ({ identity: OWN, own: true, state, member: false, ...more });
  const other = (n, state, more) => ({
    identity: identity(n),
    own: false,
    peer: peers[n].name,
    node: peers[n].node,
    state,
    member: false,
    ...more,
  });
  const deal = (n, more) => ({
    id: `tocsin-agreement--00000000-0000-4000-8000-00000000000${n}`,
    version: at(-3.6e6),
    state: "proposed",
    own: "proposed",
    party: true,
    name_taken: false,
    proposed_by: identity(0),
    kind: "community",
    ceiling: "TLP:AMBER",
    anonymise: "victims",
    reciprocity_visible: false,
    sha256: HASH,
    ...more,
  });
  const agreements = [
    deal(1, {
      state: "in-force",
      own: "signed",
      held_version: at(-3.6e6),
      community: "fusion",
      title: "Fusion cell of the four communities",
      types: "indicator,sighting,report",
      purposes: "early warning; common picture",
      retention: "P90D",
      legal_ref: "MoU 7/2026",
      expires: at(90 * 86_400_000),
      parties: [
        own("signed", { said: at(-3e6), member: true }),
        other(0, "signed", { said: at(-3.1e6), member: true }),
        other(1, "left", { said: at(-1e6), reason: "the operation is over" }),
      ],
    }),
    deal(2, {
      community: "pillar",
      kind: "pillar",
      hub: identity(0),
      direction: "in",
      types: "indicator",
      parties: [own("proposed"), other(0, "signed", { said: at(-2e6) }), other(1, "proposed")],
    }),
    deal(3, {
      state: "declined",
      own: "signed",
      community: "room-7",
      kind: "room",
      incident: "incident--00000000-0000-4000-8000-000000000007",
      expires: at(7 * 86_400_000),
      parties: [
        own("signed", { said: at(-2e6) }),
        other(1, "declined", { said: at(-1e6), reason: "not without our ministry" }),
      ],
    }),
  ];
  const pages = agreements.map((a, i) => ({
    ...a,
    reciprocity: [
      {
        peer: peers[0].name,
        types: i === 0 ? [{ type: "indicator", given: 1204, received: 318 }] : [],
      },
    ],
    unreached:
      i === 0
        ? [
            {
              identity: identity(0),
              peer: peers[0].name,
              rule: "tlp.above-clearance",
              text: "its TLP level is above the clearance",
            },
          ]
        : [],
    more: false,
  }));
  const proof = (a) => ({
    id: a.id,
    version: a.version,
    sha256: a.sha256,
    verified: true,
    signatures: a.parties.map((p) => ({
      identity: p.identity,
      own: p.own,
      ...(p.peer ? { peer: p.peer } : {}),
      state: p.state,
      signature: p.state === "proposed" ? "none" : "verified",
      text:
        p.state === "proposed"
          ? "it has not answered"
          : "signed by cz-csirt.example+1f2e3d4c, Ed25519 and ML-DSA-65",
    })),
  });
  const need = (n, more) => ({
    id: `note--00000000-0000-4000-8000-00000000000${n}`,
    own: true,
    by: OWN,
    community: "fusion",
    type: "malware",
    state: "open",
    asked: at(-7.2e6),
    gap: false,
    ...more,
  });
  const needs = [
    need(1, {
      text: "Samples of GATELOCK",
      sides: [
        {
          peer: peers[0].name,
          answer: "offered",
          delivered: 3,
          first: at(-1.8e6),
          latency_s: 5400,
        },
        { peer: peers[1].name, answer: "declined", reason: "a court case", delivered: 0 },
      ],
    }),
    need(2, {
      type: "infrastructure",
      text: "infrastructure wanted",
      gap: true,
      sides: [{ peer: peers[0].name, answer: "none", delivered: 0 }],
    }),
    need(3, {
      own: false,
      by: identity(0),
      type: "indicator",
      text: "Indicators of the airport case",
      gap: true,
      sides: [
        {
          peer: peers[0].name,
          answer: "none",
          delivered: 0,
          withheld: 41,
          rule: "outside.not-named",
          text: "its level asks that the peer itself is named, and it is not",
        },
      ],
    }),
  ];
  return { agreements, pages, proof, needs };
}
