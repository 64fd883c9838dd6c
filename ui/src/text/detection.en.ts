// SPDX-License-Identifier: Apache-2.0
// The words about indicators one by one, what is held back, and hunting.
import { countIn } from "./count";

const count = countIn("en-GB");

export const detection = {
  quarantine: {
    title: "Quarantine",
    lead: "Kept and shared, but matched against no event, until a person releases them. Read the reason before you do: what is released meets every event of every sensor.",
    leadReader:
      "Kept and shared, but matched against no event, until an administrator of the node releases them.",
    reason: "Held back because",
    noReason: "who held it back, and why, is not for your account",
    byGuard: "by the guard",
    by: (name: string) => `by ${name}`,
    kinds: {
      "too-wide": "too wide a network",
      reserved: "reserved or private",
      "public-suffix": "a public suffix",
      common: "what everybody uses",
      "warning-list": "on a warning list",
      own: "one's own",
      impact: "would hit very much",
      person: "a person's decision",
      unjudged: "could not be judged",
      hidden: "not for your account",
    },
    received: "Received",
    choose: "Choose",
    chooseOne: (name: string) => `Choose ${name}`,
    chooseAll: (n: number) => `all ${n.toLocaleString("en-GB")} shown`,
    decision: "Decision",
    filter: "Name, pattern or reason",
    empty: "Nothing is held back",
    emptyHelp:
      "What would match nearly everything, or what everybody uses, comes here by itself, whoever sent it.",
    emptyFilter: "Nothing that is held back fits the filter.",
    emptyFilterHelp: "Only the rows loaded here are looked at.",
  },
  decide: {
    button: { release: "Release…", quarantine: "Quarantine…" },
    chosen: (n: number) => `Release ${n.toLocaleString("en-GB")} chosen…`,
    title: {
      release: (n: number) =>
        n === 1 ? "Release this indicator?" : `Release ${count(n, "indicator", "indicators")}?`,
      quarantine: (n: number) =>
        n === 1 ? "Hold this indicator back?" : `Hold ${count(n, "indicator", "indicators")} back?`,
    },
    help: {
      release:
        "What is released is matched against every event from now on, with the pattern it has now; a later version with another pattern is judged anew. Your name and reason are kept for good.",
      quarantine:
        "No version of what is held back is matched any more until somebody releases it. Its sightings so far remain. Your name and reason are kept for good.",
    },
    reason: "Why, for whoever asks later",
    apply: {
      release: (n: number) => (n === 1 ? "Release it" : `Release all ${n}`),
      quarantine: (n: number) => (n === 1 ? "Hold it back" : `Hold all ${n} back`),
    },
    busy: (done: number, all: number) => (all === 1 ? "At work…" : `${done} of ${all} decided…`),
    done: {
      release: (by: string) => `released by ${by}`,
      quarantine: (by: string) => `held back by ${by}`,
    },
    sum: (done: number, failed: number) =>
      failed === 0
        ? `Done: ${count(done, "decision is", "decisions are")} in the ledger.`
        : `${count(done, "decision is", "decisions are")} in the ledger; ${failed} not taken: see above.`,
    patternChanged: (pattern: string) =>
      `Not decided: it has another pattern by now. Look again: ${pattern}`,
    reasonChanged: (reason: string) =>
      `Not decided: it is held back for another reason by now. Look again: ${reason}`,
    alreadyReleased: (by: string, reason: string) =>
      by
        ? `Not decided: ${by} released it already: ${reason}`
        : "Not decided: it is held back no more.",
    alreadyQuarantined: (by: string, reason: string) =>
      `Not decided: ${by || "the guard"} holds it back already: ${reason}`,
  },
  hunt: {
    title: "Hunt",
    paste: "Paste anything with values in it",
    hint: "A mail, a report, a list, CSV, a STIX bundle or a pattern in [ ]: addresses, networks, names, URLs, hashes and mail addresses are found in it, defanged ones too (hxxp, [.], [at]).",
    submit: "Hunt",
    stop: "Stop",
    reach: "back to",
    spans: { day: "24 hours", week: "7 days", quarter: "90 days", all: "all that is kept" },
    below: "with the names below a name",
    save: "Save…",
    progress: (all: number, seen: number) =>
      `${count(all, "value", "values")} found, ${seen.toLocaleString("en-GB")} seen`,
    answered: (n: number, all: number) => `(${n} of ${all} answered)`,
    stopped: (n: number, all: number) =>
      `Stopped: ${n} of ${all} are answered. Of the others nothing is known.`,
    broken: (n: number, all: number) =>
      `Broken off: ${n} of ${all} are answered. Of the others nothing is known; hunt again.`,
    leftOut: "The text holds more than the 10,000 values of one hunt: the rest was not looked at.",
    nothing: "No value found in this text",
    nothingHelp:
      "It takes addresses, networks, names, URLs, hashes, mail addresses or a pattern. A name needs a top-level domain.",
    noneSuch: "None.",
    asFarAs:
      "Never seen means: not in that time, not by a source that your account may see, and not before the history was kept.",
    show: { all: "All", seen: "Seen", never: "Never seen", refused: "Cannot be hunted" },
    verdicts: { waiting: "…", seen: "seen", never: "never seen", refused: "cannot be hunted" },
    verdict: "Answer",
    value: "Value",
    events: "Events",
    hosts: "Hosts",
    about: (n: number) => (n === 0 ? "–" : `~${n.toLocaleString("en-GB")}`),
    span: "First and last seen",
    when: "When",
    whenSays: (span: string) => `Events over ${span}; the figures are in the details`,
    sources: "Sources",
    andMore: (n: number) => `and ${n} more`,
    known: "Indicators",
    within: (value: string) => `found under ${value}`,
    details: (names: number, sources: number) =>
      `${count(sources, "source", "sources")}${names > 0 ? `, ${count(names, "DNS answer", "DNS answers")}` : ""}`,
    dns: "Passive DNS",
    times: (n: number) => count(n, "time", "times"),
    perStep: (step: string) => `Events by ${step}`,
    more: "There is more than this answer can hold.",
    saved: (n: number) => count(n, "saved hunt", "saved hunts"),
    savedBy: (name: string) => `by ${name}`,
    answeredTo: "answered up to",
    neverAnswered: "not answered yet",
    news: (n: number) => `At least ${n} new, the last`,
    newsMore: "Not everything could be looked at.",
    runAll: "Hunt again",
    runNew: "Only what is new",
    remove: "Remove",
    removeOne: (name: string) => `Remove ${name}`,
    saveTitle: "Save this hunt",
    saveHelp:
      "The text is kept under a name, for you and the node's administrators, to be run again: over everything, or over what is new since it was answered.",
    saveName: "Name",
    saveApply: "Save it",
  },
  worth: {
    title: "What indicators were worth",
    lead: "By the source that brought them first, over what your account may see. First to know: values of indicators that met something, which this source stated before any other.",
    name: "Source",
    indicators: "Indicators",
    hit: "Met something",
    hits: "Hits",
    falsePositives: "False positives",
    first: "First to know",
    empty: "No indicators that your account may see.",
    more: "The newest 20,000 sightings and opinions are counted; there are more.",
  },
  decay: {
    title: "How it ages",
    lead: (threshold: number) =>
      `Its score falls from when it was last stated or seen; below ${threshold} it is matched no more, until a sighting brings it back.`,
    leadPart: (threshold: number) =>
      `Its score falls from when it was last stated or seen; below ${threshold} it is matched no more. This is by the evidence that your account may see: what the node does may differ.`,
    now: "Score now",
    ofStart: (start: number) => `of ${start} at the beginning`,
    begins: "Curve begins",
    model: "Ages as",
    modelSays: (kind: string, days: number, speed: number) =>
      `${kind}: ${count(days, "day", "days")} to nothing, speed ${speed}`,
    kinds: {
      address: "an address",
      domain: "a name",
      url: "a URL",
      email: "a mail address",
      file: "a file",
      certificate: "a certificate",
      tls: "a TLS fingerprint",
      user_agent: "a user agent",
      other: "a pattern",
    },
    lastSeen: "Last seen",
    falsePositives: "False positives",
    falsePositivesSay: (n: number, points: number) =>
      n === 0 ? "none" : `${count(n, "source says so", "sources say so")}: ${points} points off`,
    more: "There is more evidence than was looked at.",
    trust: "Trust in its source",
    trustSays: (n: number) => `${n} of 100`,
    curve: (score: number, start: number, threshold: number) =>
      `The score over time: ${start} at the beginning, ${score} now, not matched below ${threshold}`,
    threshold: (n: number) => `not matched below ${n}`,
    steps: "What comes when",
    what: "What",
    score: "Score",
    when: "When",
    point: "a score of interest",
    ends: "it is matched no more",
    next: "next",
    passed: "passed",
    fromTheBeginning: "from the beginning",
  },
  indicator: {
    hunt: "Hunt for it",
    missing: "Which indicator? Open one from the list.",
    object: "The object and its proof",
    open: "Is it matched, and what did it meet?",
    held: "Held back: it is matched against no event.",
    heldHelp: "It stays so until you or another administrator releases it.",
    heldHelpReader: "It stays so until an administrator of the node releases it.",
    byGuard: "Said by the node's guard.",
    byPerson: (name: string) => `Decided by ${name}.`,
    how: {
      values: "It is matched against every event, by its values.",
      events:
        "It is matched against every event: its pattern is evaluated on the events themselves.",
      both: "It is matched against every event: part by its values, part on the events themselves.",
      no: "It is active, yet it cannot be matched.",
    },
    says: {
      revoked: "It is not matched: its maker has taken it back.",
      expired: "It is not matched: its time is over.",
      notYet: "It is not matched yet: its time has not begun.",
      faded: "It is not matched: its score has fallen below the threshold.",
      idle: "It is not matched now.",
    },
    released: (by: string) => `${by} released it from quarantine:`,
    guardFree: "Neither the guard nor a person holds it back.",
    life: "Life",
    lifeNow: (gone: string, left: string) => `valid for ${gone}, ${left} left`,
    lifeOpen: (gone: string) => `valid for ${gone}`,
    lifeOver: (gone: string) => `over for ${gone}`,
    lifeAhead: (left: string) => `begins in ${left}`,
    lifeRevoked: "taken back by its maker, known here since",
    validFrom: "from",
    validUntil: "until",
    noEnd: "no end is set",
    hits: "What it met",
    noHits: "Nothing that your account may see, so far.",
    noHitsHeld:
      "Nothing that your account may see. While it is held back, no event is compared with it.",
    notHunted: "Not looked for in the history:",
    seenBefore: (n: number, more: boolean) =>
      `of these, seen ${more ? "at least " : ""}${count(n, "time", "times")} before it was known`,
    firstSeen: "First seen",
    noValue: "not shown to your account",
    from: "From",
    count: "Hits",
    steps: (hours: number) =>
      hours === 1
        ? "1 hour"
        : hours < 24
          ? `${hours} hours`
          : hours === 24
            ? "1 day"
            : `${hours / 24} days`,
    hitsPer: (step: string) => `Hits, one bar: ${step}, at the last event of each sighting`,
    hitsSay: (n: number, step: string, more: boolean) =>
      `${count(n, "hit", "hits")}, one bar: ${step}${more ? "; grey: earlier than the rows loaded here" : ""}`,
    noConfidence: "not stated",
  },
};
