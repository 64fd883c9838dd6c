// SPDX-License-Identifier: Apache-2.0
import { countIn } from "./count";
import type { detection as english } from "./detection.en";

const aantal = countIn("nl-NL");

export const detection: typeof english = {
  quarantine: {
    title: "Quarantaine",
    lead: "Bewaard en gedeeld, maar met geen gebeurtenis vergeleken, tot iemand ze vrijgeeft. Lees eerst de reden: wat vrij is, wordt met elke gebeurtenis van elke sensor vergeleken.",
    leadReader:
      "Bewaard en gedeeld, maar met geen gebeurtenis vergeleken, tot een beheerder van de node ze vrijgeeft.",
    reason: "Vastgehouden omdat",
    noReason: "wie het vasthield en waarom is niet voor uw account",
    byGuard: "door de bewaker",
    by: (name) => `door ${name}`,
    kinds: {
      "too-wide": "te breed netwerk",
      reserved: "gereserveerd of privé",
      "public-suffix": "een publiek achtervoegsel",
      common: "wat iedereen gebruikt",
      "warning-list": "op een waarschuwingslijst",
      own: "van onszelf",
      impact: "zou zeer veel treffen",
      person: "besluit van een mens",
      unjudged: "was niet te beoordelen",
      hidden: "niet voor uw account",
    },
    received: "Ontvangen",
    choose: "Kies",
    chooseOne: (name) => `Kies ${name}`,
    chooseAll: (n) => `alle ${n.toLocaleString("nl-NL")} getoonde`,
    decision: "Besluit",
    filter: "Naam, patroon of reden",
    empty: "Er wordt niets vastgehouden",
    emptyHelp:
      "Wat op bijna alles zou passen, of wat iedereen gebruikt, komt hier vanzelf, wie het ook stuurde.",
    emptyFilter: "Niets van wat vastgehouden wordt past bij het filter.",
    emptyFilterHelp: "Alleen de hier geladen rijen worden bekeken.",
  },
  decide: {
    button: { release: "Vrijgeven…", quarantine: "Vasthouden…" },
    chosen: (n) => `${n.toLocaleString("nl-NL")} gekozen vrijgeven…`,
    title: {
      release: (n) =>
        n === 1
          ? "Deze indicator vrijgeven?"
          : `${aantal(n, "indicator", "indicatoren")} vrijgeven?`,
      quarantine: (n) =>
        n === 1
          ? "Deze indicator vasthouden?"
          : `${aantal(n, "indicator", "indicatoren")} vasthouden?`,
    },
    help: {
      release:
        "Met wat vrij is wordt voortaan elke gebeurtenis vergeleken, met het patroon van nu; een latere versie met een ander patroon wordt opnieuw beoordeeld. Uw naam en reden blijven voorgoed bewaard.",
      quarantine:
        "Geen versie ervan wordt nog vergeleken tot iemand het vrijgeeft. De waarnemingen tot nu toe blijven. Uw naam en reden blijven voorgoed bewaard.",
    },
    reason: "Waarom, voor wie het later vraagt",
    apply: {
      release: (n) => (n === 1 ? "Geef vrij" : `Geef alle ${n} vrij`),
      quarantine: (n) => (n === 1 ? "Houd vast" : `Houd alle ${n} vast`),
    },
    busy: (done, all) => (all === 1 ? "Bezig…" : `${done} van ${all} besloten…`),
    done: {
      release: (by) => `vrijgegeven door ${by}`,
      quarantine: (by) => `vastgehouden door ${by}`,
    },
    sum: (done, failed) =>
      failed === 0
        ? `Klaar: ${aantal(done, "besluit staat", "besluiten staan")} in het register.`
        : `${aantal(done, "besluit staat", "besluiten staan")} in het register; ${failed} niet genomen: zie hierboven.`,
    patternChanged: (pattern) =>
      `Niet besloten: het heeft intussen een ander patroon. Kijk opnieuw: ${pattern}`,
    reasonChanged: (reason) =>
      `Niet besloten: het wordt intussen om een andere reden vastgehouden. Kijk opnieuw: ${reason}`,
    alreadyReleased: (by, reason) =>
      by
        ? `Niet besloten: ${by} gaf het al vrij: ${reason}`
        : "Niet besloten: het wordt niet meer vastgehouden.",
    alreadyQuarantined: (by, reason) =>
      `Niet besloten: ${by || "de bewaker"} houdt het al vast: ${reason}`,
  },
  hunt: {
    title: "Jacht",
    paste: "Plak iets met waarden erin",
    hint: "Een mail, een rapport, een lijst, CSV, een STIX-bundel of een patroon in [ ]: adressen, netwerken, namen, URL's, hashes en mailadressen worden erin gevonden, ook onschadelijk gemaakte (hxxp, [.], [at]).",
    submit: "Jaag",
    stop: "Stop",
    reach: "terug tot",
    spans: { day: "24 uur", week: "7 dagen", quarter: "90 dagen", all: "alles wat bewaard is" },
    below: "met de namen onder een naam",
    save: "Bewaar…",
    progress: (all, seen) =>
      `${aantal(all, "waarde", "waarden")} gevonden, ${seen.toLocaleString("nl-NL")} gezien`,
    answered: (n, all) => `(${n} van ${all} beantwoord)`,
    stopped: (n, all) => `Gestopt: ${n} van ${all} zijn beantwoord. Van de andere is niets bekend.`,
    broken: (n, all) =>
      `Afgebroken: ${n} van ${all} zijn beantwoord. Van de andere is niets bekend; jaag opnieuw.`,
    leftOut:
      "De tekst bevat meer dan de 10.000 waarden van één jacht: naar de rest is niet gekeken.",
    nothing: "Geen waarde gevonden in deze tekst",
    nothingHelp:
      "Het gaat om adressen, netwerken, namen, URL's, hashes, mailadressen of een patroon. Een naam heeft een topleveldomein nodig.",
    noneSuch: "Geen.",
    asFarAs:
      "Nooit gezien wil zeggen: niet in die tijd, niet door een bron die uw account mag zien, en niet vóór de geschiedenis werd bewaard.",
    show: { all: "Alle", seen: "Gezien", never: "Nooit gezien", refused: "Niet te bejagen" },
    verdicts: { waiting: "…", seen: "gezien", never: "nooit gezien", refused: "niet te bejagen" },
    verdict: "Antwoord",
    value: "Waarde",
    events: "Gebeurtenissen",
    hosts: "Hosts",
    about: (n) => (n === 0 ? "–" : `~${n.toLocaleString("nl-NL")}`),
    span: "Eerst en laatst gezien",
    when: "Wanneer",
    whenSays: (duur) => `Gebeurtenissen over ${duur}; de getallen staan in de details`,
    sources: "Bronnen",
    andMore: (n) => `en nog ${n}`,
    known: "Indicatoren",
    within: (value) => `gevonden onder ${value}`,
    details: (names, sources) =>
      `${aantal(sources, "bron", "bronnen")}${names > 0 ? `, ${aantal(names, "DNS-antwoord", "DNS-antwoorden")}` : ""}`,
    dns: "Passieve DNS",
    times: (n) => `${n.toLocaleString("nl-NL")} keer`,
    perStep: (step) => `Gebeurtenissen per ${step}`,
    more: "Er is meer dan in dit antwoord past.",
    saved: (n) => aantal(n, "bewaarde jacht", "bewaarde jachten"),
    savedBy: (name) => `door ${name}`,
    answeredTo: "beantwoord tot",
    neverAnswered: "nog niet beantwoord",
    news: (n) => `Minstens ${n} nieuw, de laatste`,
    newsMore: "Niet alles kon worden bekeken.",
    runAll: "Jaag opnieuw",
    runNew: "Alleen wat nieuw is",
    remove: "Verwijder",
    removeOne: (name) => `Verwijder ${name}`,
    saveTitle: "Bewaar deze jacht",
    saveHelp:
      "De tekst wordt onder een naam bewaard, voor u en de beheerders van de node, om opnieuw te jagen: over alles, of over wat nieuw is sinds het antwoord.",
    saveName: "Naam",
    saveApply: "Bewaar",
  },
  worth: {
    title: "Wat indicatoren waard waren",
    lead: "Per bron die ze het eerst bracht, over wat uw account mag zien. Het eerst: waarden van indicatoren die iets troffen, die deze bron vóór elke andere meldde.",
    name: "Bron",
    indicators: "Indicatoren",
    hit: "Trof iets",
    hits: "Treffers",
    falsePositives: "Vals alarm",
    first: "Het eerst",
    empty: "Geen indicatoren die uw account mag zien.",
    more: "De nieuwste 20.000 waarnemingen en meningen zijn geteld; er zijn er meer.",
  },
  decay: {
    title: "Hoe het veroudert",
    lead: (threshold) =>
      `De score daalt vanaf de laatste keer dat het werd gemeld of gezien; onder ${threshold} wordt het niet meer vergeleken, tot een waarneming het terugbrengt.`,
    leadPart: (threshold) =>
      `De score daalt vanaf de laatste keer dat het werd gemeld of gezien; onder ${threshold} wordt het niet meer vergeleken. Dit volgt uit wat uw account mag zien: wat de node doet kan anders zijn.`,
    now: "Score nu",
    ofStart: (start) => `van ${start} aan het begin`,
    begins: "Begin van de lijn",
    model: "Veroudert als",
    modelSays: (kind, days, speed) =>
      `${kind}: ${aantal(days, "dag", "dagen")} tot niets, snelheid ${speed}`,
    kinds: {
      address: "een adres",
      domain: "een naam",
      url: "een URL",
      email: "een mailadres",
      file: "een bestand",
      certificate: "een certificaat",
      tls: "een TLS-vingerafdruk",
      user_agent: "een user agent",
      other: "een patroon",
    },
    lastSeen: "Laatst gezien",
    falsePositives: "Vals alarm",
    falsePositivesSay: (n, points) =>
      n === 0 ? "geen" : `${aantal(n, "bron zegt", "bronnen zeggen")} het: ${points} punten eraf`,
    more: "Er is meer bewijs dan waarnaar is gekeken.",
    trust: "Vertrouwen in de bron",
    trustSays: (n) => `${n} van 100`,
    curve: (score, start, threshold) =>
      `De score over de tijd: ${start} aan het begin, ${score} nu, niet vergeleken onder ${threshold}`,
    threshold: (n) => `niet vergeleken onder ${n}`,
    steps: "Wat wanneer komt",
    what: "Wat",
    score: "Score",
    when: "Wanneer",
    point: "een score die telt",
    ends: "het wordt niet meer vergeleken",
    next: "hierna",
    passed: "voorbij",
    fromTheBeginning: "vanaf het begin",
  },
  indicator: {
    hunt: "Jaag erop",
    missing: "Welke indicator? Open er een uit de lijst.",
    object: "Het object en zijn bewijs",
    open: "Wordt het vergeleken, en wat trof het?",
    held: "Vastgehouden: het wordt met geen gebeurtenis vergeleken.",
    heldHelp: "Dat blijft zo tot u of een andere beheerder het vrijgeeft.",
    heldHelpReader: "Dat blijft zo tot een beheerder van de node het vrijgeeft.",
    byGuard: "Dat zegt de bewaker van de node.",
    byPerson: (name) => `Besloten door ${name}.`,
    how: {
      values: "Elke gebeurtenis wordt ermee vergeleken, op de waarden.",
      events:
        "Elke gebeurtenis wordt ermee vergeleken: het patroon loopt over de gebeurtenissen zelf.",
      both: "Elke gebeurtenis wordt ermee vergeleken: deels op de waarden, deels op de gebeurtenissen zelf.",
      no: "Het is actief, en toch niet te vergelijken.",
    },
    says: {
      revoked: "Niet vergeleken: de maker heeft het ingetrokken.",
      expired: "Niet vergeleken: de tijd ervan is voorbij.",
      notYet: "Nog niet vergeleken: de tijd ervan is nog niet begonnen.",
      faded: "Het wordt niet vergeleken: de score is onder de drempel gezakt.",
      idle: "Het wordt nu niet vergeleken.",
    },
    released: (by) => `${by} gaf het vrij uit quarantaine:`,
    guardFree: "De bewaker noch een mens houdt het vast.",
    life: "Leven",
    lifeNow: (gone, left) => `${gone} geldig, nog ${left}`,
    lifeOpen: (gone) => `${gone} geldig`,
    lifeOver: (gone) => `${gone} voorbij`,
    lifeAhead: (left) => `begint over ${left}`,
    lifeRevoked: "ingetrokken door de maker, hier bekend sinds",
    validFrom: "vanaf",
    validUntil: "tot",
    noEnd: "er is geen einde gesteld",
    hits: "Wat het trof",
    noHits: "Nog niets dat uw account mag zien.",
    noHitsHeld:
      "Niets dat uw account mag zien. Zolang het vastgehouden wordt, wordt er niets mee vergeleken.",
    notHunted: "Niet in de geschiedenis gezocht:",
    seenBefore: (n, more) =>
      `hiervan ${more ? "ten minste " : ""}${n.toLocaleString("nl-NL")} keer gezien voordat het bekend was`,
    firstSeen: "Eerst gezien",
    noValue: "niet voor uw account",
    from: "Vanaf",
    count: "Treffers",
    steps: (hours) =>
      hours === 1
        ? "1 uur"
        : hours < 24
          ? `${hours} uur`
          : hours === 24
            ? "1 dag"
            : `${hours / 24} dagen`,
    hitsPer: (step) =>
      `Treffers, een staaf: ${step}, naar de laatste gebeurtenis van elke waarneming`,
    hitsSay: (n, step, more) =>
      `${aantal(n, "treffer", "treffers")}, een staaf: ${step}${more ? "; grijs: van vóór de hier geladen rijen" : ""}`,
    noConfidence: "niet genoemd",
  },
};
