// Generated from src/ops by the build; do not edit.

/** One answer of a list; `next` asks for what follows. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** What every answer with a status of 400 or more holds. */
export interface Problem {
  /** why there is no other answer */
  error: ProblemBody;
}

/** What went wrong. */
export interface ProblemBody {
  /** stable word for programs: not-found, denied, invalid ... */
  code: string;
  /** one sentence for people: what, where, the limit */
  message: string;
}

/** The node answers. */
export interface Health {
  /** the node answers */
  status: "ok";
}

/** Who is asking. */
export interface Session {
  /** account name */
  name: string;
  /** what the account may do */
  role: "reader" | "contributor" | "analyst" | "auditor" | "admin";
  /** the highest label it may see */
  clearance: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** end of the session; absent for other credentials */
  expires?: string;
}

/** How people may sign in beside account and password. */
export interface SignInWays {
  /** name of the identity provider, where there is one */
  oidc?: string;
}

/** A sign-in with the identity provider. */
export interface SignInBegun {
  /** where the identity provider asks who it is */
  url: string;
}

/** How the node is. */
export interface Status {
  /** the node's name */
  name: string;
  /** of the program */
  version: string;
  /** the node's STIX identity */
  identity: string;
  /** for who may audit */
  ledger?: LedgerHead;
  /** objects that the asking reader may see */
  objects: number;
  /** of these, indicators */
  indicators: number;
  /** of these, sightings */
  sightings: number;
  /** sources that the asking reader may see */
  sources: number;
  /** of the indicators, those kept from being matched */
  quarantined: number;
  /** of these, by reason; for who may audit */
  quarantined_for: KeptFor[];
  /** on events, since intake started; for who may audit */
  patterns?: LivePatterns;
  /** of behaviour, since core started; for who may audit */
  findings?: FindingCounts;
  /** for who may audit */
  views: View[];
  /** running processes; empty when stopped */
  roles: Process[];
  /** what needs a person */
  alarms: Alarm[];
  /** of the listener for TAXII alone, where there is one */
  taxii_url?: string;
  /** connections there that spoke TLS 1.2, since the front started */
  taxii_tls12?: number;
  /** observations that the history took, for who may audit */
  history_seen?: number;
  /** bytes of the history, likewise */
  history_bytes?: number;
  /** runs of streams that are not yet on disk, likewise; their streams wait */
  history_waiting?: number;
  /** damaged runs, which were lost, likewise */
  history_refused?: number;
  /** runs that could not be written for 5 minutes, which were lost, likewise */
  history_lost?: number;
  /** times that events could not be found again after a crash, likewise */
  history_gaps?: number;
  /** of a node that packages feed: when the newest was made; of several peers', the oldest of these */
  picture_made?: string;
  /** the node's clock */
  now: string;
}

/** Why indicators are not matched. */
export interface KeptFor {
  /** what speaks against matching */
  reason: "too-wide" | "reserved" | "public-suffix" | "common" | "warning-list" | "own" | "impact" | "person" | "unjudged";
  /** indicators that the asking reader may see */
  count: number;
}

/** How long the ledger is and what signs it. */
export interface LedgerHead {
  /** records */
  size: number;
  /** records under the newest signed checkpoint */
  checkpoint_size: number;
  /** RFC 6962 root of that checkpoint */
  root?: string;
}

/** How far a view follows the ledger. */
export interface View {
  /** which view */
  name: string;
  /** records it has taken */
  cursor: number;
  /** records it has yet to take */
  lag: number;
}

/** What detectors of behaviour came to. */
export interface FindingCounts {
  /** findings of this detector, newer versions too */
  beacon: number;
  /** likewise */
  rare: number;
  /** likewise */
  scan: number;
  /** likewise */
  burst: number;
  /** likewise */
  tunnel: number;
  /** likewise */
  made_names: number;
  /** too many of a source in an hour, or no space */
  dropped: number;
  /** hosts and pairs that detectors forgot for others */
  crowded: number;
}

/** What patterns on events came to. */
export interface LivePatterns {
  /** patterns that look at events */
  armed: number;
  /** of these, those that look at all events of some kind */
  broad: number;
  /** not armed: there are too many newer ones */
  waiting: number;
  /** no event of a sensor can make them true */
  never: number;
  /** no valid patterns, or too large */
  refused: number;
  /** their work ran out too often */
  disarmed: number;
  /** that some pattern looked at */
  events: number;
  /** observations that a pattern kept */
  kept: number;
  /** of these, forgotten for lack of room */
  crowded: number;
  /** looks after which the work ran out */
  undecided: number;
  /** times that a pattern was true */
  matches: number;
}

/** A running role of the node. */
export interface Process {
  /** core, front, intake, link, signer or signin */
  role: string;
  /** process id */
  pid: number;
  /** times it was started again */
  restarts: number;
  /** resident memory in bytes */
  rss?: number;
}

/** Something that needs a person. */
export interface Alarm {
  /** stable word: disk-full, ledger-damaged ... */
  code: string;
  /** what is wrong and what to do */
  message: string;
  /** when it began */
  since: string;
}

/** An indicator met an event. */
export interface Sighting {
  /** of the sighting */
  id: string;
  /** how often in its time window */
  count: number;
  /** of the first event */
  first_seen?: string;
  /** of the last event so far */
  last_seen?: string;
  /** what was sighted */
  indicator?: SightedIndicator;
  /** the observed value */
  value?: string;
  /** its STIX type: ipv4-addr, domain-name ... */
  value_type?: string;
  /** where it was seen */
  source: string;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** when this version entered the ledger */
  received: string;
}

/** What a sighting is of. */
export interface SightedIndicator {
  /** of the indicator, or of what else was sighted */
  id: string;
  /** absent when it has none, or not for this reader */
  name?: string;
  /** absent when it has none, or not for this reader */
  pattern?: string;
  /** as its newest version states it */
  confidence?: number;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** where it came from */
  source: string;
}

/** A pattern of malicious activity. */
export interface Indicator {
  /** of the indicator */
  id: string;
  /** given by its maker */
  name?: string;
  /** as it was received */
  pattern?: string;
  /** start of validity */
  valid_from?: string;
  /** end of validity; absent: no end */
  valid_until?: string;
  /** when it is matched no more: end of validity, or of its life where that is told */
  matched_until?: string;
  /** how it ages, where it does; of one that is shown alone, to people of the node's own organisation */
  life?: Life;
  /** 0 to 100 */
  confidence?: number;
  /** taken back by its maker */
  revoked: boolean;
  /** matched against events now */
  active: boolean;
  /** held back until a person releases it */
  quarantined: boolean;
  /** what speaks against it */
  quarantined_for?: "too-wide" | "reserved" | "public-suffix" | "common" | "warning-list" | "own" | "impact" | "person" | "unjudged";
  /** why it is quarantined, or was released */
  reason?: string;
  /** who released or quarantined it */
  decided_by?: string;
  /** of one that is shown alone: by its values, on events, both, or no */
  matched?: string;
  /** why it is not, or not wholly */
  matched_reason?: string;
  /** of one that is shown alone: why the history is not hunted for it, or for its plain values alone */
  hunted_reason?: string;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** where it came from */
  source: string;
  /** sum of its sightings' counts that this reader may see */
  hits: number;
  /** true: it has more hits than that, too many to be counted at once */
  hits_more?: boolean;
  /** of these, what the history had seen before it was known; where one is shown */
  seen_before?: number;
  /** true: there may have been more than that */
  seen_before_more?: boolean;
  /** newest of them */
  last_hit?: string;
  /** when this version entered the ledger */
  received: string;
}

/** A person's word about an indicator. */
export interface IndicatorDecision {
  /** of the indicator */
  id: string;
  /** released or quarantined */
  state: string;
  /** who decided it */
  by: string;
}

/** Where objects and events come from. */
export interface Source {
  /** unique in the node */
  name: string;
  /** suricata-eve, import ... */
  kind: string;
  /** file it reads */
  path?: string;
  /** what its events are labelled at least */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** as the operator set it */
  trust?: string;
  /** silent: open, but no event of late */
  state: "live" | "silent" | "stopped" | "error";
  /** bytes taken and in the ledger's account */
  position: number;
  /** bytes in the file */
  size: number;
  /** bytes yet to be read */
  lag_bytes: number;
  /** taken since the source was made */
  lines: number;
  /** events that matched an indicator */
  hits: number;
  /** lines that could not be read */
  bad: number;
  /** lines that are too long, passed over */
  skipped: number;
  /** events that say no time or one that cannot be: they count as of when they were read */
  untimed: number;
  /** time inside the newest event */
  last_event?: string;
  /** when something was last read */
  last_read?: string;
  /** why it is not live */
  error?: string;
}

/** One object that fits a search. */
export interface Found {
  /** of the object */
  id: string;
  /** STIX type */
  type: string;
  /** name, or what stands for it */
  title?: string;
  /** of an observable, or an indicator's pattern */
  value?: string;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** newest; absent when the object has none */
  version?: string;
  /** when this version entered the ledger */
  received: string;
  /** what of it fits the question */
  why: "id" | "value" | "network" | "domain" | "type" | "text";
}

/** One version of an object with all that belongs to it. */
export interface ObjectPage {
  /** of the object */
  id: string;
  /** STIX type */
  type: string;
  /** absent when the object has none */
  version?: string;
  /** who may see it, and why */
  label: Label;
  /** where it came from */
  source: string;
  /** when this version entered the ledger */
  received: string;
  /** taken back by its maker */
  revoked: boolean;
  /** members that its originator stated are not here */
  redacted?: boolean;
  /** how many of them; when it is redacted */
  left_out?: number;
  /** 2.0 or 2.1 */
  spec_version: string;
  /** the bytes as they were received */
  object: Record<string, unknown>;
  /** newest first */
  versions: ObjectVersion[];
  /** at most 1,000 */
  relations: Relation[];
  /** for who may audit, once signed */
  proof?: Proof;
}

/** Who may see an object. */
export interface Label {
  /** its level; unreadable counts as red */
  tlp: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** what the level means, for people */
  text: string;
  /** the rule by which this reader sees it */
  rule: string;
}

/** Whether somebody gets an object, and why. */
export interface Why {
  /** of the object */
  id: string;
  /** absent when the object has none */
  version?: string;
  /** who was asked about */
  reader: string;
  /** what that reader is, in words */
  who: string;
  /** of the object, in words */
  label: string;
  /** whether the reader gets it */
  verdict: "allow" | "redact" | "derive" | "deny";
  /** the rule that decides */
  rule: string;
  /** the community that leaves members out, and which */
  terms?: string;
  /** the members of this object that are left out */
  left_out?: string;
  /** the new object that is there in its place */
  derived?: string;
  /** those that its label sets */
  conditions: WhyCondition[];
}

/** One condition of a label. */
export interface WhyCondition {
  /** the rule that denies when it does not hold */
  rule: string;
  /** whether it does */
  holds: boolean;
  /** for people */
  text: string;
}

/** Who gets an object and who not. */
export interface Audience {
  /** of the object */
  id: string;
  /** absent when the object has none */
  version?: string;
  /** of the object, in words */
  label: string;
  /** names of the peers that get it; "nobody" */
  outside: string;
  /** the label that was asked about, in words */
  after_label?: string;
  /** names of the peers that would get it; "nobody" */
  after_outside?: string;
  /** the extension tocsin-label that says the label, or the one asked about */
  marking?: Record<string, unknown>;
  /** made by the asking reader's organisation */
  own: boolean;
  /** every peer, community and kind of account */
  readers: AudienceReader[];
}

/** One reader, or several that are alike. */
export interface AudienceReader {
  /** accounts: of this node; guests: of another organisation; community: any member */
  kind: "peer" | "community" | "guests" | "accounts";
  /** of peer, community or organisation; of accounts their clearance */
  name: string;
  /** what it calls itself */
  title?: string;
  /** of a peer */
  state?: "met" | "active" | "cut";
  /** what it is taken for, in words */
  who: string;
  /** accounts that are alike */
  count?: number;
  /** their names; for who may administer */
  accounts?: string;
  /** of a peer: whether this version was given to it, and it signed for it, or sent it */
  copy?: "none" | "given" | "receipted" | "theirs";
  /** as the object is labelled */
  now: AudienceVerdict;
  /** under the label that was asked about */
  after?: AudienceVerdict;
}

/** Whether a reader gets an object. */
export interface AudienceVerdict {
  /** whether the reader gets it */
  verdict: "allow" | "redact" | "derive" | "deny";
  /** the rule that decides */
  rule: string;
  /** that rule, for people */
  text: string;
  /** the community without which it would not get it */
  through?: string;
  /** the members that its terms leave out */
  left_out?: string;
  /** the new object that is there in its place */
  derived?: string;
  /** those that the label sets */
  conditions: WhyCondition[];
}

/** An object's version with another label. */
export interface Shared {
  /** of the object */
  id: string;
  /** the newer one, with that label */
  version: string;
  /** the marking-definition that says the label */
  marking: string;
}

/** An object that was just taken back. */
export interface Withdrawn {
  /** of the object */
  id: string;
  /** account that took it back */
  by: string;
}

/** One version of an object. */
export interface ObjectVersion {
  /** absent when the object has none */
  version?: string;
  /** when it entered the ledger */
  received: string;
  /** its record; for who may audit */
  seq?: number;
}

/** A reference between two objects. */
export interface Relation {
  /** the property that refers: created_by_ref, source_ref ... */
  path: string;
  /** out: this object refers */
  direction: "out" | "in";
  /** of the other object */
  id: string;
  /** of the other object */
  type: string;
  /** of the other object, when it is here and may be seen */
  title?: string;
  /** relationship_type, when a relationship joins the two */
  via?: string;
  /** of that relationship */
  via_id?: string;
}

/** That a record is in the signed ledger. */
export interface Proof {
  /** number of the record */
  seq: number;
  /** of the tree under the checkpoint */
  size: number;
  /** RFC 6962 leaf hash of the record: SHA-256 of 00 and header */
  leaf: string;
  /** the record without its content, as the ledger keeps it */
  header: string;
  /** of the object's bytes; the header holds it */
  content_sha256: string;
  /** RFC 6962 root of that tree */
  root: string;
  /** inclusion proof, from the leaf upwards */
  hashes: string[];
  /** C2SP signed note over origin, size and root */
  checkpoint: string;
  /** name of the ledger */
  origin: string;
  /** C2SP verifier key of the ledger */
  public_key: string;
}

/** Server-sent events: the member's name is the event, its value the data. */
export interface LiveEvent {
  /** event: sighting */
  sighting?: Sighting;
  /** event: indicator */
  indicator?: Indicator;
  /** event: source */
  source?: Source;
  /** event: status */
  status?: Status;
}

/** What became of a submission. */
export interface Imported {
  /** objects in the file */
  total: number;
  /** new in the ledger */
  taken: number;
  /** were there already, unchanged */
  duplicates: number;
  /** not taken */
  refused: number;
  /** of these, labelled above this node's ceiling */
  above_ceiling?: number;
  /** the first 1,000 refused */
  failures: Refused[];
}

/** An object that was not taken. */
export interface Refused {
  /** of the refused object, when it could be read */
  id?: string;
  /** of the refused object, when it could be read */
  version?: string;
  /** JSON path, line or byte offset of what is wrong */
  path?: string;
  /** what is wrong */
  message: string;
}

/** Who may sign in. */
export interface Account {
  /** unique in the node */
  name: string;
  /** by which the ledger and the log know it */
  id: string;
  /** what it may do */
  role: "reader" | "contributor" | "analyst" | "auditor" | "admin";
  /** the highest labels it may see */
  clearance: string;
  /** of a guest; absent: the node's own */
  organisation?: string;
  /** countries and organisations it belongs to */
  organisations?: string;
  /** those it takes part in; absent: all of the node's */
  communities?: string;
  /** need-to-know tags it holds */
  tags?: string;
  /** when it was last changed */
  changed?: string;
  /** it can sign in with a password */
  password: boolean;
  /** it can sign in with a client certificate */
  certificate: boolean;
  /** it signs in with a one-time code beside its password */
  totp: boolean;
  /** whom the identity provider knows as it */
  subject?: string;
}

/** Who takes part by files and mail, without a node. */
export interface Member {
  /** account name */
  name: string;
  /** whose account it is */
  organisation: string;
  /** address that its mail goes to */
  mail?: string;
  /** SHA-256 of the one that its messages are checked by */
  certificate?: string;
  /** the end of that certificate */
  certificate_until?: string;
  /** number of the part written last; 0: none was */
  part: number;
  /** in that part */
  objects?: number;
  /** when it was written */
  given?: string;
  /** of its bundle */
  sha256?: string;
  /** it was written as a mail */
  by_mail?: boolean;
  /** that were taken from it */
  messages: number;
  /** when the last of them was */
  taken?: string;
}

/** A credential for programs, without its secret. */
export interface TokenRow {
  /** first part of the token */
  id: string;
  /** whose it is */
  account: string;
  /** to tell it from others */
  name?: string;
  /** when it was made */
  created: string;
  /** absent: never */
  expires?: string;
}

/** A new credential for programs. */
export interface Token {
  /** shown this once; only its hash is kept */
  token: string;
}

/** An operation that needs a second person. */
export interface Request {
  /** rises with time */
  id: string;
  /** operation that is to run */
  op: string;
  /** its arguments as JSON, without a password */
  args: string;
  /** SHA-256 over id, operation, who asks and arguments */
  hash: string;
  /** account that asks */
  by: string;
  /** what became of it */
  state: "waiting" | "done" | "failed" | "refused" | "expired";
  /** when it was asked */
  made: string;
  /** when it waits no longer */
  expires: string;
  /** who approved or refused it */
  second?: string;
  /** why it was refused, or failed */
  text?: string;
}

/** A request that was made, approved or refused. */
export interface Requested {
  /** as it is now */
  request: Request;
}

/** A new second factor of an account. */
export interface Totp {
  /** account name */
  name: string;
  /** for its authenticator, in base32; shown this once */
  secret: string;
  /** the same as otpauth://totp/..., as apps read it */
  url: string;
}

/** Who shares what with whom. */
export interface Community {
  /** as labels name it */
  name: string;
  /** for people */
  title?: string;
  /** names of peers */
  members: string;
  /** this node takes part */
  own: boolean;
  /** of the community */
  kind: "community" | "pillar" | "room";
  /** of a pillar: identity of a node */
  hub?: string;
  /** of a pillar, as its hub sees it */
  direction?: "both" | "in" | "out";
  /** of a room */
  incident?: string;
  /** that its terms are those of; absent: this node's own */
  agreement?: string;
  /** the highest label that its members get through it */
  ceiling: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** STIX types shared in it; absent: all */
  types?: string;
  /** what its members get objects without; empty: nothing */
  anonymise: string;
  /** what it is for */
  purposes?: string;
  /** its end; absent: never */
  expires?: string;
  /** when it was last changed */
  changed?: string;
}

/** What nodes agree to share in a community. */
export interface Agreement {
  /** of the agreement */
  id: string;
  /** the newest one */
  version: string;
  /** the one that all have signed and that holds */
  held_version?: string;
  /** agreed: all have signed, it has not begun */
  state: "proposed" | "declined" | "agreed" | "in-force" | "left" | "expired" | "ended" | "withdrawn";
  /** what this node says of the newest version */
  own: "proposed" | "signed" | "declined" | "left";
  /** this node is one of the parties */
  party: boolean;
  /** one of the parties */
  proposed_by: string;
  /** that it makes, as labels name it */
  community: string;
  /** another community has that name here, so it cannot come into force */
  name_taken: boolean;
  /** for people */
  title?: string;
  /** of the community */
  kind: "community" | "pillar" | "room";
  /** of a pillar: one of the parties */
  hub?: string;
  /** of a pillar, as its hub sees it */
  direction?: "both" | "in" | "out";
  /** of a room */
  incident?: string;
  /** the highest label that members get through it */
  ceiling: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** STIX types shared in it; absent: all */
  types?: string;
  /** what it is for */
  purposes?: string;
  /** what members get objects without */
  anonymise: string;
  /** how long what is shared is kept */
  retention?: string;
  /** the legal basis */
  legal_ref?: string;
  /** when it begins */
  valid_from?: string;
  /** its end; absent: never */
  expires?: string;
  /** the parties agree that they may publish what they gave and got */
  reciprocity_visible: boolean;
  /** of the newest version's canonical form */
  sha256: string;
  /** those of the newest version */
  parties: AgreementParty[];
}

/** One agreement with all that is known of it. */
export interface AgreementPage {
  /** of the agreement */
  id: string;
  /** the newest one */
  version: string;
  /** the one that all have signed and that holds */
  held_version?: string;
  /** agreed: all have signed, it has not begun */
  state: "proposed" | "declined" | "agreed" | "in-force" | "left" | "expired" | "ended" | "withdrawn";
  /** what this node says of the newest version */
  own: "proposed" | "signed" | "declined" | "left";
  /** this node is one of the parties */
  party: boolean;
  /** one of the parties */
  proposed_by: string;
  /** that it makes, as labels name it */
  community: string;
  /** another community has that name here, so it cannot come into force */
  name_taken: boolean;
  /** for people */
  title?: string;
  /** of the community */
  kind: "community" | "pillar" | "room";
  /** of a pillar: one of the parties */
  hub?: string;
  /** of a pillar, as its hub sees it */
  direction?: "both" | "in" | "out";
  /** of a room */
  incident?: string;
  /** the highest label that members get through it */
  ceiling: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** STIX types shared in it; absent: all */
  types?: string;
  /** what it is for */
  purposes?: string;
  /** what members get objects without */
  anonymise: string;
  /** how long what is shared is kept */
  retention?: string;
  /** the legal basis */
  legal_ref?: string;
  /** when it begins */
  valid_from?: string;
  /** its end; absent: never */
  expires?: string;
  /** the parties agree that they may publish what they gave and got */
  reciprocity_visible: boolean;
  /** of the newest version's canonical form */
  sha256: string;
  /** those of the newest version */
  parties: AgreementParty[];
  /** what is labelled for the community: between this node and each other party, never between others */
  reciprocity: AgreementSide[];
  /** members that would not get from this node what is for the community at its ceiling */
  unreached: AgreementUnreached[];
  /** there is more than the newest 200,000 that were counted */
  more: boolean;
}

/** A node that an agreement is between. */
export interface AgreementParty {
  /** of the party */
  identity: string;
  /** it is this node */
  own: boolean;
  /** this node's name for it; absent: not met */
  peer?: string;
  /** the name it gives itself */
  node?: string;
  /** proposed: it has not answered the newest version, which is a normal answer */
  state: "proposed" | "signed" | "declined" | "left";
  /** when it said so */
  said?: string;
  /** its own words */
  reason?: string;
  /** it has signed the version that holds and has not left */
  member: boolean;
}

/** What went between this node and a party. */
export interface AgreementSide {
  /** this node's name for the other side */
  peer: string;
  /** between it and this node */
  types: AgreementTraffic[];
}

/** Objects of one type, both ways. */
export interface AgreementTraffic {
  /** STIX type; "other types" for those that are not STIX's */
  type: string;
  /** versions of objects for the community, put into its feed */
  given: number;
  /** likewise, that came from it and are here now */
  received: number;
}

/** A member that this node does not reach. */
export interface AgreementUnreached {
  /** of a member */
  identity: string;
  /** this node's name for it; absent: not met */
  peer?: string;
  /** that keeps from it what is for the community */
  rule: string;
  /** for people */
  text: string;
}

/** What this node says of an agreement. */
export interface AgreementAnswer {
  /** of the agreement */
  id: string;
  /** that it makes, as labels name it */
  community: string;
  /** of it */
  version: string;
  /** what this node says of it now */
  own: "proposed" | "signed" | "declined" | "left";
}

/** Whether the parties' signatures hold. */
export interface AgreementProof {
  /** of the agreement */
  id: string;
  /** the newest one */
  version: string;
  /** of its canonical form: what is signed */
  sha256: string;
  /** of each party */
  signatures: AgreementSignature[];
  /** each party that has signed can be shown to have */
  verified: boolean;
}

/** A party's signature. */
export interface AgreementSignature {
  /** of the party */
  identity: string;
  /** it is this node */
  own: boolean;
  /** this node's name for it */
  peer?: string;
  /** what it says of the newest version */
  state: "proposed" | "signed" | "declined" | "left";
  /** none: it has said nothing; unsealed: it was not signed yet */
  signature: "none" | "verified" | "unsealed" | "refused";
  /** for people: by which keys, or why not */
  text: string;
  /** the opinion that says so */
  object?: string;
}

/** What a node asks the members of a community for. */
export interface Need {
  /** of the note that says it */
  id: string;
  /** this node asks */
  own: boolean;
  /** identity of who asks */
  by: string;
  /** whose members are asked */
  community: string;
  /** the STIX type that is needed */
  type: string;
  /** for people */
  text: string;
  /** over: its end has passed */
  state: "open" | "closed" | "over";
  /** when it was entered here */
  asked: string;
  /** absent: never */
  expires?: string;
  /** it is open, and nobody has delivered or offered */
  gap: boolean;
  /** what became of it with each peer */
  sides: NeedSide[];
}

/** What became of a need with one peer. */
export interface NeedSide {
  /** that was asked, or that asks */
  peer: string;
  /** its word, or this node's to it; none is a normal answer */
  answer: "none" | "offered" | "declined";
  /** in its own words */
  reason?: string;
  /** objects of that type that went since it was asked */
  delivered: number;
  /** when the first did */
  first?: string;
  /** seconds from the need to the first */
  latency_s?: number;
  /** objects of that type here that it does not get */
  withheld?: number;
  /** that keeps most of these from it */
  rule?: string;
  /** the rule, for people */
  text?: string;
}

/** A need that was asked or answered. */
export interface NeedAnswer {
  /** of the need */
  id: string;
}

/** Needs of one type between this node and a peer. */
export interface ExchangeNeed {
  /** this node asks it; else it asks this node */
  own: boolean;
  /** STIX type */
  type: string;
  /** needs */
  requested: number;
  /** of these, those offered to be met */
  offered: number;
  /** those for which something went */
  delivered: number;
  /** those declined */
  refused: number;
  /** that keeps most of what it asks for from it */
  rule?: string;
  /** median seconds from a need to the first delivery */
  latency_s?: number;
}

/** Server-sent events of a hunt: the member's name is the event, its value the data. */
export interface HuntEvent {
  /** event: value; all of them come before the first answer */
  value?: HuntValue;
  /** event: answer; at least one for each value, in the order of their numbers */
  answer?: HuntAnswer;
  /** event: end; nothing comes behind it */
  end?: HuntEnd;
  /** event: problem; in place of the end: the hunt was broken off */
  problem?: ProblemBody;
}

/** A value that a hunt found in its text. */
export interface HuntValue {
  /** its number in this hunt, from 0; answers name it */
  n: number;
  /** in its canonical form, or the pattern as it was given */
  value: string;
  /** ipv4-addr, domain-name, file:SHA-256 ... or pattern */
  type: string;
  /** as the text has it, when that is another form */
  written?: string;
}

/** Where and when a value was seen. */
export interface HuntAnswer {
  /** of the value that was hunted */
  n: number;
  /** that was seen: the one hunted, an address of that network, a name below it */
  value: string;
  /** of that value */
  type: string;
  /** false: never in that time, as far as this reader may know */
  seen: boolean;
  /** events with it */
  count: number;
  /** of the first of them */
  first_seen?: string;
  /** of the last */
  last_seen?: string;
  /** hosts that had it, about */
  hosts: number;
  /** seconds that one of the bins is long */
  step: number;
  /** when it was seen, oldest first; at most 400 */
  bins: HuntBin[];
  /** who saw it, by name; at most 64 */
  sources: HuntSource[];
  /** passive DNS, from either end; at most 50, the newest */
  names: HuntName[];
  /** that name it, newest first, then those that match it by a name above it or a network around it, the nearest first; at most 20 */
  indicators: HuntIndicator[];
  /** there is more than this answer, or the answers to this value, can hold */
  more: boolean;
  /** why it cannot be hunted */
  refused?: string;
}

/** Events of a while. */
export interface HuntBin {
  /** its start */
  time: string;
  /** events in it */
  count: number;
}

/** What one source saw of a value. */
export interface HuntSource {
  /** of the source */
  name: string;
  /** events of it */
  count: number;
  /** of these, the first */
  first_seen: string;
  /** of these, the last */
  last_seen: string;
}

/** A name and what it was answered with. */
export interface HuntName {
  /** that was asked for (passive DNS) */
  name: string;
  /** what it was answered with: an address or a name */
  answer: string;
  /** times it was */
  count: number;
  /** the first of them */
  first_seen: string;
  /** the last */
  last_seen: string;
}

/** An indicator that names or matches a value. */
export interface HuntIndicator {
  /** of an indicator that names the value, or what it lies in */
  id: string;
  /** given by its maker */
  name?: string;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** where it came from */
  source: string;
  /** matched against events now */
  active: boolean;
  /** held back until a person releases it */
  quarantined: boolean;
  /** the name above the value, or the network around it, that it names; absent: the value itself */
  matches?: string;
}

/** What a hunt came to. */
export interface HuntEnd {
  /** that were hunted */
  values: number;
  /** of these, those that were seen */
  seen: number;
  /** of these, those that cannot be hunted */
  refused: number;
  /** the text holds more than the 10,000 values of one hunt */
  left_out: boolean;
  /** when what was looked at begins; absent: with the history */
  since?: string;
  /** where it ends */
  until: string;
}

/** A hunt that is kept under a name. */
export interface SavedHunt {
  /** by which it is run again */
  name: string;
  /** with the values that it is after */
  text: string;
  /** account that saved it */
  by: string;
  /** when */
  saved: string;
  /** up to when it was answered: what is seen later is new */
  answered?: string;
  /** in a list: observations since then, or since it was saved, at least, as far as this reader may know */
  news?: number;
  /** of these, the last */
  last_new?: string;
  /** in a list: not everything could be looked at */
  more?: boolean;
}

/** Values for sensors. */
export interface IndicatorValues {
  /** newest indicators first */
  values: IndicatorValue[];
  /** on this page, with such values */
  indicators: number;
  /** of those looked at for this page */
  left_out: LeftOut[];
  /** token of the next page; absent at the end */
  next?: string;
}

/** A value that an indicator names. */
export interface IndicatorValue {
  /** in its canonical form */
  value: string;
  /** ipv4-addr, domain-name, file:SHA-256 ... */
  kind: string;
  /** of the indicator */
  id: string;
}

/** Why indicators are left out. */
export interface LeftOut {
  /** time: not yet or no longer valid; pattern: it is no set of values */
  reason: "revoked" | "time" | "quarantined" | "pap" | "iep" | "label" | "pattern";
  /** indicators */
  count: number;
}

/** How an indicator ages. */
export interface Life {
  /** of its values: by which it ages */
  kind: "address" | "domain" | "url" | "email" | "file" | "certificate" | "tls" | "user_agent" | "other";
  /** from the beginning of the curve until the score is 0 */
  days: number;
  /** the higher, the more falls at first */
  speed: number;
  /** below it nothing is matched */
  threshold: number;
  /** of the curve: when it was last stated or seen */
  begins: string;
  /** score at the beginning: start * (1 - (age / days) ^ (1 / speed)) is the score, cut to tenths here */
  start: number;
  /** now */
  score: number;
  /** when the score falls below the threshold; absent: it was from the beginning */
  ends?: string;
  /** scores of interest, descending */
  points: LifePoint[];
  /** as it counts: stated, or what stands for none */
  confidence: number;
  /** in its source, of 100 */
  trust: number;
  /** by its sightings; absent: never */
  last_seen?: string;
  /** sources that call it one */
  false_positives: number;
  /** what these take off, by their trust */
  false_positive_points: number;
  /** by all evidence, so it is what is done; false: by what this reader may see of it */
  whole: boolean;
  /** true: there is more evidence than was looked at */
  more?: boolean;
}

/** A score of which people want to know the passing. */
export interface LifePoint {
  /** of interest, as [decay] names it */
  score: number;
  /** the score is below it now */
  passed: boolean;
  /** when it falls below; absent: it was from the beginning */
  at?: string;
}

/** What the indicators of sources were worth. */
export interface Worth {
  /** who was first most often leads */
  sources: SourceWorth[];
  /** that were counted, of those this reader may see */
  sightings: number;
  /** there are more than the newest 20,000 sightings, or opinions, that were counted */
  more: boolean;
}

/** What those of one source were worth. */
export interface SourceWorth {
  /** of the source; a peer's is peer:NAME, imports are local */
  name: string;
  /** that it brought first */
  indicators: number;
  /** of these, those that were sighted */
  hit: number;
  /** counts of these sightings, summed */
  hits: number;
  /** held against them: of each, the sources that say so */
  false_positives: number;
  /** values of sighted indicators that this source stated before any other */
  first: number;
}

/** Another node that this one knows. */
export interface Peer {
  /** this node's name for it */
  name: string;
  /** met: its fingerprint is not confirmed here yet */
  state: "met" | "active" | "cut";
  /** there is a link now */
  connected: boolean;
  /** key exchange of the newest link; before the first, what it says of itself */
  post_quantum: boolean;
  /** the name it gives itself */
  node: string;
  /** its STIX identity */
  identity: string;
  /** where it is dialled; absent: it dials this node */
  address?: string;
  /** the highest level that it may be sent */
  ceiling: string;
  /** the same on both sides, for people to compare */
  fingerprint: string;
  /** when this was last decided */
  changed?: string;
  /** packages: files carry its feed, no link leads to it */
  fed_by: "link" | "packages";
  /** number of the newest package of it */
  package_read?: number;
  /** when that was read */
  package_read_at?: string;
  /** when that was made there: as old is the picture it gives */
  package_made?: string;
  /** seconds since then */
  package_age?: number;
  /** numbers of packages without which no later one is taken: 8-9 */
  package_missing?: string;
  /** number of the newest package for it */
  package_written?: number;
  /** when that was written */
  package_written_at?: string;
  /** number of the newest that a receipt of the peer covers */
  package_confirmed?: number;
  /** when the link came up or went down */
  since?: string;
  /** key exchange of the newest link */
  group?: string;
  /** end of its certificate */
  cert_expires?: string;
  /** why there is no link */
  error?: string;
  /** entries of its feed: all that it is to have */
  given: number;
  /** of these, those that it has not signed a receipt for */
  behind_by: number;
  /** of these, those that take an object back */
  receipts_outstanding: number;
  /** when it signed its newest receipt */
  last_receipt?: string;
  /** entries of its feed to this node, taken here */
  received: number;
  /** when the newest signed head of its feed was checked */
  last_proof?: string;
  /** when it is or was last heard of, by link or in the ledger */
  last_contact?: string;
  /** why nothing is exchanged though there is a link */
  stopped?: string;
  /** the peer stopped it: those are its words */
  stopped_there?: boolean;
  /** it gives more than its quota: others are taken first */
  throttled?: boolean;
  /** evidence stands that it denies what it had signed */
  denies: boolean;
}

/** A node known through peers only. */
export interface Originator {
  /** its STIX identity, by which commands name it */
  identity: string;
  /** the name it gives itself */
  node: string;
  /** name of its ledger */
  origin: string;
  /** C2SP verifier key of its ledger */
  key: string;
  /** who passed on what it states of itself: peer:NAME */
  introduced_by: string;
  /** what it stated is taken: it was not cut here */
  taken: boolean;
  /** when this was last decided */
  changed?: string;
}

/** One peer with all that is known of it. */
export interface PeerPage {
  /** this node's name for it */
  name: string;
  /** met: its fingerprint is not confirmed here yet */
  state: "met" | "active" | "cut";
  /** there is a link now */
  connected: boolean;
  /** key exchange of the newest link; before the first, what it says of itself */
  post_quantum: boolean;
  /** the name it gives itself */
  node: string;
  /** its STIX identity */
  identity: string;
  /** where it is dialled; absent: it dials this node */
  address?: string;
  /** the highest level that it may be sent */
  ceiling: string;
  /** the same on both sides, for people to compare */
  fingerprint: string;
  /** when this was last decided */
  changed?: string;
  /** packages: files carry its feed, no link leads to it */
  fed_by: "link" | "packages";
  /** number of the newest package of it */
  package_read?: number;
  /** when that was read */
  package_read_at?: string;
  /** when that was made there: as old is the picture it gives */
  package_made?: string;
  /** seconds since then */
  package_age?: number;
  /** numbers of packages without which no later one is taken: 8-9 */
  package_missing?: string;
  /** number of the newest package for it */
  package_written?: number;
  /** when that was written */
  package_written_at?: string;
  /** number of the newest that a receipt of the peer covers */
  package_confirmed?: number;
  /** when the link came up or went down */
  since?: string;
  /** key exchange of the newest link */
  group?: string;
  /** end of its certificate */
  cert_expires?: string;
  /** why there is no link */
  error?: string;
  /** entries of its feed: all that it is to have */
  given: number;
  /** of these, those that it has not signed a receipt for */
  behind_by: number;
  /** of these, those that take an object back */
  receipts_outstanding: number;
  /** when it signed its newest receipt */
  last_receipt?: string;
  /** entries of its feed to this node, taken here */
  received: number;
  /** when the newest signed head of its feed was checked */
  last_proof?: string;
  /** when it is or was last heard of, by link or in the ledger */
  last_contact?: string;
  /** why nothing is exchanged though there is a link */
  stopped?: string;
  /** the peer stopped it: those are its words */
  stopped_there?: boolean;
  /** it gives more than its quota: others are taken first */
  throttled?: boolean;
  /** evidence stands that it denies what it had signed */
  denies: boolean;
  /** seconds that its clock is ahead */
  clock_skew?: number;
  /** seconds there and back */
  round_trip?: number;
  /** who sends at a constant rate that tells a listener nothing */
  pace?: "none" | "ours" | "theirs" | "both";
  /** received over this link */
  bytes_in?: number;
  /** sent over this link */
  bytes_out?: number;
  /** ranges of its feed that waited for others, as it gave more than its quota */
  ranges_throttled?: number;
  /** urgent objects sent ahead of its feed */
  urgent_sent?: number;
  /** urgent objects left to its feed: there were too many */
  urgent_left?: number;
  /** urgent objects taken ahead of its feed to this node */
  urgent_taken?: number;
  /** urgent objects passed over, for its feed to bring: there were too many */
  urgent_passed?: number;
  /** objects from it above this node's ceiling, kept out */
  above_ceiling: number;
  /** entries not taken: by originators whose keys are not known here */
  unknown: number;
  /** objects not taken: their version is here with another content */
  differs: number;
  /** objects not taken: not valid, in another's name, another's, or revoked */
  refused: number;
  /** by this node */
  invited: boolean;
  /** name of its ledger */
  origin: string;
  /** C2SP verifier key of its ledger */
  key: string;
  /** its changes of ledger keys since it is known here */
  rotations: Rotation[];
  /** its keys that were in other hands */
  compromises: Compromise[];
  /** SHA-256 of its link certificate */
  cert: string;
  /** SHA-256 of the one that it announced to show next */
  next_cert?: string;
  /** end of this node's own link certificate */
  own_cert_expires?: string;
  /** what it said of itself, as it signed it */
  statement: string;
}

/** Ledger keys were followed by others. */
export interface Rotation {
  /** from then on the new keys sign */
  time: string;
  /** name and id of the old keys */
  before: string;
  /** name and id of the new keys */
  after: string;
}

/** Ledger keys were in other hands. */
export interface Compromise {
  /** what the keys sealed from then on is hidden */
  since: string;
  /** who said so: local, peer:NAME or relay */
  by: string;
  /** versions of objects that were hidden then */
  hidden: number;
  /** their ids, the first 1,000 */
  ids: string[];
}

/** That a peer denies what it had signed. */
export interface Evidence {
  /** this node's name for it */
  peer: string;
  /** its STIX identity */
  identity: string;
  /** of its feed to this node, as it signs it */
  origin: string;
  /** rewound: its feed became shorter; equivocates: it became another */
  kind: "rewound" | "equivocates";
  /** for people */
  why: string;
  /** the two heads prove it to everybody: one size, two roots */
  proof: boolean;
  /** nothing is exchanged until it is invited anew */
  stands: boolean;
  /** when it was found */
  time: string;
  /** C2SP signed note: the head that this node held */
  held: string;
  /** C2SP signed note: the head that it showed then */
  shown: string;
  /** C2SP verifier keys of the peer */
  keys: string[];
}

/** An object that was just purged. */
export interface PurgedNow {
  /** of the object */
  id: string;
  /** copies whose bytes are removed */
  versions: number;
  /** account that purged it */
  by: string;
}

/** An object that was purged, or is to be. */
export interface Purge {
  /** of the object */
  id: string;
  /** demanded: bytes are here that a peer wants removed */
  state: "purged" | "demanded";
  /** as who said so gave it; at most 1,000 bytes */
  reason: string;
  /** identity of who purged it, or of who demands it */
  by: string;
  /** when that was said */
  time: string;
  /** copies of it whose bytes are gone here */
  tombstones: number;
  /** those that had the object from here or asked for it, by name */
  peers: PurgePeer[];
}

/** How far a peer is with a purge. */
export interface PurgePeer {
  /** this node's name for it */
  name: string;
  /** purged: it signed that it did; hidden: its signed receipt says so */
  state: "purged" | "hidden" | "waiting" | "not-reached";
  /** false: it was cut, so nobody tells it any more */
  active: boolean;
  /** when it removed the bytes, as it signed */
  time?: string;
}

/** An object that was taken back. */
export interface Withdrawal {
  /** of the object */
  id: string;
  /** as its originator gave it; at most 1,000 bytes */
  reason: string;
  /** identity of who took it back */
  originator: string;
  /** local, or the peer it came from: peer:NAME */
  by: string;
  /** when it was decided */
  time: string;
  /** when it entered the ledger */
  received: string;
  /** peers whose receipt says that it is done there */
  acted: number;
  /** peers that had the object, without one */
  outstanding: number;
  /** of these, those not heard of since */
  unreached: number;
}

/** One withdrawal, and how far each peer is with it. */
export interface WithdrawalPage {
  /** of the object */
  id: string;
  /** as its originator gave it; at most 1,000 bytes */
  reason: string;
  /** identity of who took it back */
  originator: string;
  /** local, or the peer it came from: peer:NAME */
  by: string;
  /** when it was decided */
  time: string;
  /** when it entered the ledger */
  received: string;
  /** peers whose receipt says that it is done there */
  acted: number;
  /** peers that had the object, without one */
  outstanding: number;
  /** of these, those not heard of since */
  unreached: number;
  /** those that had the object from here, by name */
  peers: WithdrawalPeer[];
}

/** How far a peer is with a withdrawal. */
export interface WithdrawalPeer {
  /** this node's name for it */
  name: string;
  /** acted: its signed receipt says so; not-reached: nothing was heard of it since */
  state: "acted" | "waiting" | "not-reached";
  /** false: it was cut, so nobody tells it any more */
  active: boolean;
  /** when it signed the receipt */
  time?: string;
  /** when it removed the bytes, as it signed */
  purged?: string;
  /** when it is or was last heard of */
  last_contact?: string;
}

/** Who gives whom how much. */
export interface Exchange {
  /** this node's name for it */
  peer: string;
  /** the name it gives itself */
  node: string;
  /** of the peer */
  state: "met" | "active" | "cut";
  /** that both nodes are in, separated by commas */
  communities: string;
  /** those exchanged */
  types: ExchangeType[];
  /** what it is not given, and why */
  withheld: ExchangeRule[];
  /** what was asked, either way; of the newest 200 needs */
  needs: ExchangeNeed[];
  /** there is more than the newest 200,000 records and entries that were counted */
  more: boolean;
}

/** Counts of one type. */
export interface ExchangeType {
  /** STIX type; "other types" for those that are not STIX's */
  type: string;
  /** versions of objects put into its feed */
  given: number;
  /** of these, those that it signed a receipt for */
  confirmed: number;
  /** entries that take an object back */
  taken_back: number;
  /** objects that came from it and are here now */
  received: number;
}

/** What one rule keeps from a peer. */
export interface ExchangeRule {
  /** the rule that keeps them from it */
  rule: string;
  /** for people */
  text: string;
  /** objects that are here, not from it, and not given */
  count: number;
}

/** A feed, as TAXII shows it. */
export interface Collection {
  /** UUID */
  id: string;
  /** TAXII API root it is in */
  root: string;
  /** for people */
  title: string;
  /** second name in URLs */
  alias?: string;
  /** for people */
  description?: string;
  /** by the asking reader */
  can_read: boolean;
  /** by the asking reader */
  can_write: boolean;
}

export interface Operations {
  /** Say who is asking; 401 when nobody. */
  "session.show": { params: Record<string, never>; result: Session };
  /** Sign in: check the password and set the session cookie. */
  "session.create": { params: { name: string; password: string; code?: string }; result: Session };
  /** Sign out: remove the session cookie. */
  "session.delete": { params: Record<string, never>; result: null };
  /** Say how people may sign in. */
  "session.ways": { params: Record<string, never>; result: SignInWays };
  /** Begin to sign in with the identity provider; it sends back to the page. */
  "session.begin": { params: Record<string, never>; result: SignInBegun };
  /** Sign in with what the identity provider gave: set the session cookie. */
  "session.finish": { params: { state: string; code?: string; error?: string }; result: Session };
  /** Say how the node is. */
  "status.show": { params: Record<string, never>; result: Status };
  /** List sightings, newest first. */
  "sighting.list": { params: { limit?: number; next?: string; since?: string; indicator?: string }; result: Page<Sighting> };
  /** List indicators, newest first. */
  "indicator.list": { params: { limit?: number; next?: string; q?: string; active?: boolean; quarantined?: boolean }; result: Page<Indicator> };
  /** Show one indicator: whether it is matched, and why it is not. */
  "indicator.show": { params: { id: string }; result: Indicator };
  /** Let an indicator be matched that the guard holds back, with its pattern of now. */
  "indicator.release": { params: { id: string; reason: string }; result: IndicatorDecision };
  /** Keep an indicator from being matched, in every version, until it is released. */
  "indicator.quarantine": { params: { id: string; reason: string }; result: IndicatorDecision };
  /** List sources with their health. */
  "source.list": { params: { limit?: number; next?: string }; result: Page<Source> };
  /** Say what the indicators of each source were worth. */
  "source.worth": { params: Record<string, never>; result: Worth };
  /** Find objects by id, type, value or text. */
  "object.search": { params: { q?: string; type?: string; limit?: number; next?: string }; result: Page<Found> };
  /** Show one object with versions, relations, label and proof. */
  "object.show": { params: { id: string; version?: string }; result: ObjectPage };
  /** Prove that an object is in the signed ledger. */
  "object.prove": { params: { id: string; version?: string }; result: Proof };
  /** Say whether a reader gets an object, by which rule, and each condition. */
  "object.why": { params: { id: string; reader: string; version?: string }; result: Why };
  /** Say who gets an object and who not, by name, also under another label. */
  "object.audience": { params: { id: string; version?: string; tlp?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; releasable_to?: string; communities?: string; need_to_know?: string; max_hops?: number; expires?: string }; result: Audience };
  /** Give an object another label: a newer version of it, by who may make one. */
  "object.share": { params: { id: string; version?: string; tlp?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; releasable_to?: string; communities?: string; need_to_know?: string; max_hops?: number; expires?: string }; result: Shared };
  /** Take back an object that this node made, here and at every peer that had it. */
  "object.withdraw": { params: { id: string; reason: string }; result: Withdrawn };
  /** Remove every byte of an object, leave a tombstone, ask peers for the same. */
  "object.purge": { params: { id: string; version?: string; reason: string }; result: PurgedNow };
  /** Follow what is new as server-sent events; Last-Event-ID resumes. */
  "event.stream": { params: Record<string, never>; result: LiveEvent };
  /** Take a file of objects or indicators; the body is the file. */
  "import": { params: { source?: string; label?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; format?: "auto" | "stix" | "csv" | "list" | "lines"; name?: string; collection?: string }; result: Imported };
  /** List accounts. */
  "account.list": { params: { limit?: number; next?: string }; result: Page<Account> };
  /** List accounts of other organisations with what they were given as files. */
  "member.list": { params: { limit?: number; next?: string }; result: Page<Member> };
  /** Make an account, or change one of that name. */
  "account.add": { params: { name: string; role: "reader" | "contributor" | "analyst" | "auditor" | "admin"; password: string; clearance?: string; organisation?: string; organisations?: string; communities?: string; tags?: string }; result: Account };
  /** Give an account another password. */
  "account.password": { params: { name: string; password: string }; result: Account };
  /** Let an account sign in with a client certificate. */
  "account.certificate": { params: { name: string; sha256: string }; result: Account };
  /** Remove an account; its tokens end with it. */
  "account.remove": { params: { name: string }; result: null };
  /** Let an account sign in with the identity provider. */
  "oidc.add": { params: { name: string; subject: string }; result: Account };
  /** Let an account not sign in with the identity provider any more. */
  "oidc.remove": { params: { name: string }; result: null };
  /** Give an account a second factor; its secret is shown once. */
  "totp.add": { params: { name: string }; result: Totp };
  /** Take the second factor of an account away. */
  "totp.remove": { params: { name: string }; result: null };
  /** List tokens, without their secrets. */
  "token.list": { params: { limit?: number; next?: string }; result: Page<TokenRow> };
  /** Make a token for programs; it is shown once. */
  "token.add": { params: { account: string; name?: string; expires?: string; role?: "reader" | "contributor" | "analyst" | "auditor" | "admin" }; result: Token };
  /** Make a token worthless. */
  "token.revoke": { params: { id: string }; result: null };
  /** List what waits, or waited, for a second person, newest first. */
  "request.list": { params: { limit?: number; next?: string }; result: Page<Request> };
  /** Let run what another administrator asked. */
  "request.approve": { params: { id: string; hash: string }; result: Requested };
  /** Let a request never run. */
  "request.refuse": { params: { id: string; reason?: string }; result: Requested };
  /** List the collections that TAXII serves to the asking reader. */
  "collection.list": { params: { limit?: number; next?: string }; result: Page<Collection> };
  /** Make a collection. */
  "collection.add": { params: { title: string; root?: string; alias?: string; description?: string; can_read?: boolean; can_write?: boolean }; result: Collection };
  /** List communities with their members and terms. */
  "community.list": { params: { limit?: number; next?: string }; result: Page<Community> };
  /** Make a community, or change one of that name. */
  "community.add": { params: { name: string; title?: string; kind?: "community" | "pillar" | "room"; hub?: string; direction?: "both" | "in" | "out"; incident?: string; members?: string; ceiling?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; types?: string; anonymise?: string; purposes?: string; expires?: string }; result: Community };
  /** End a community; what was shared through it is no more. */
  "community.remove": { params: { name: string }; result: null };
  /** Let a peer, or this node, take part in a community. */
  "community.join": { params: { name: string; member?: string }; result: Community };
  /** Let a peer, or this node, leave a community. */
  "community.leave": { params: { name: string; member?: string }; result: Community };
  /** List agreements and how they stand. */
  "agreement.list": { params: { limit?: number; next?: string }; result: Page<Agreement> };
  /** Propose an agreement to peers, or a newer version of one. */
  "agreement.propose": { params: { name: string; with?: string; changes?: string; title?: string; kind?: "community" | "pillar" | "room"; hub?: string; direction?: "both" | "in" | "out"; incident?: string; ceiling?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; types?: string; purposes?: string; anonymise?: string; retention?: string; legal_ref?: string; valid_from?: string; expires?: string; reciprocity_visible?: boolean }; result: AgreementAnswer };
  /** Show one agreement, what each party says and what went which way. */
  "agreement.show": { params: { id: string }; result: AgreementPage };
  /** Check the parties' signatures on an agreement with their keys. */
  "agreement.verify": { params: { id: string }; result: AgreementProof };
  /** Sign an agreement: this node's consent. */
  "agreement.sign": { params: { id: string; reason?: string; version?: string }; result: AgreementAnswer };
  /** Decline an agreement. */
  "agreement.decline": { params: { id: string; reason?: string; version?: string }; result: AgreementAnswer };
  /** End this node's part in an agreement, from now on. */
  "agreement.leave": { params: { id: string; reason?: string; version?: string }; result: AgreementAnswer };
  /** List what this node and its peers ask for, and what became of it. */
  "need.list": { params: { limit?: number; next?: string; gap?: boolean }; result: Page<Need> };
  /** Ask the members of a community for objects of a type. */
  "need.add": { params: { community: string; type: string; text?: string; expires?: string }; result: NeedAnswer };
  /** Say that what was asked for is needed no more. */
  "need.close": { params: { id: string }; result: NeedAnswer };
  /** Say to who asks that this node can supply it. */
  "need.offer": { params: { id: string; reason?: string }; result: NeedAnswer };
  /** Say to who asks that this node does not supply it. */
  "need.decline": { params: { id: string; reason?: string }; result: NeedAnswer };
  /** Say of every value in a text whether, when and where it was seen. */
  "hunt.run": { params: { since?: string; until?: string; exact?: boolean }; result: HuntEvent };
  /** List saved hunts: one's own, and for administrators all. */
  "hunt.list": { params: { limit?: number; next?: string }; result: Page<SavedHunt> };
  /** Keep the text of a hunt under a name. */
  "hunt.save": { params: { name: string; text: string }; result: SavedHunt };
  /** Say up to when a saved hunt was answered. */
  "hunt.mark": { params: { name: string; until: string }; result: SavedHunt };
  /** Forget a saved hunt. */
  "hunt.remove": { params: { name: string }; result: null };
  /** Values of the indicators that may be used so, and why others are left out. */
  "indicator.export": { params: { for: "detect" | "block"; kind?: "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "email-addr" | "file:MD5" | "file:SHA-1" | "file:SHA-256" | "file:SHA-512" | "x509-certificate:MD5" | "x509-certificate:SHA-1" | "x509-certificate:SHA-256" | "ja3" | "ja3s" | "ja4" | "user-agent"; limit?: number; next?: string }; result: IndicatorValues };
  /** List peers and how their links are. */
  "peer.list": { params: { limit?: number; next?: string }; result: Page<Peer> };
  /** List originators that peers introduced, whom nobody here has met. */
  "originator.list": { params: { limit?: number; next?: string }; result: Page<Originator> };
  /** Show one peer, its statement and its link. */
  "peer.show": { params: { name: string }; result: PeerPage };
  /** Show the signed heads by which a peer denies what it had signed. */
  "peer.evidence": { params: { name: string }; result: Evidence };
  /** Count who gives whom how much, by type, and what is withheld, by rule. */
  "exchange.list": { params: { limit?: number; next?: string; since?: string }; result: Page<Exchange> };
  /** List objects that were purged, or that peers demand to be, and how far peers are. */
  "purge.list": { params: { limit?: number; next?: string; id?: string }; result: Page<Purge> };
  /** List objects that were taken back, newest first, and how far peers are. */
  "withdrawal.list": { params: { limit?: number; next?: string }; result: Page<Withdrawal> };
  /** Say of each peer that had a withdrawn object whether it has acted. */
  "withdrawal.show": { params: { id: string }; result: WithdrawalPage };
  /** Make a TAXII API root. */
  "root.add": { params: { name: string; title: string; description?: string; page_limit?: number }; result: null };
  /** Describe this interface (OpenAPI 3.1). */
  "openapi.show": { params: Record<string, never>; result: string };
  /** Give figures in the Prometheus text format. */
  "metrics.show": { params: Record<string, never>; result: string };
  /** Say that the node answers. */
  "health.show": { params: Record<string, never>; result: Health };
}

export type OperationName = keyof Operations;

/** How each operation is asked for. */
export const ROUTES = {
  "session.show": { method: "GET", path: "/api/v1/session", inPath: [], body: "none" },
  "session.create": { method: "POST", path: "/api/v1/session", inPath: [], body: "json" },
  "session.delete": { method: "DELETE", path: "/api/v1/session", inPath: [], body: "none" },
  "session.ways": { method: "GET", path: "/api/v1/session/ways", inPath: [], body: "none" },
  "session.begin": { method: "POST", path: "/api/v1/session/oidc", inPath: [], body: "json" },
  "session.finish": { method: "POST", path: "/api/v1/session/oidc/finish", inPath: [], body: "json" },
  "status.show": { method: "GET", path: "/api/v1/status", inPath: [], body: "none" },
  "sighting.list": { method: "GET", path: "/api/v1/sightings", inPath: [], body: "none" },
  "indicator.list": { method: "GET", path: "/api/v1/indicators", inPath: [], body: "none" },
  "indicator.show": { method: "GET", path: "/api/v1/indicators/{id}", inPath: ["id"], body: "none" },
  "indicator.release": { method: "POST", path: "/api/v1/indicators/{id}/release", inPath: ["id"], body: "json" },
  "indicator.quarantine": { method: "POST", path: "/api/v1/indicators/{id}/quarantine", inPath: ["id"], body: "json" },
  "source.list": { method: "GET", path: "/api/v1/sources", inPath: [], body: "none" },
  "source.worth": { method: "GET", path: "/api/v1/source-worth", inPath: [], body: "none" },
  "object.search": { method: "GET", path: "/api/v1/search", inPath: [], body: "none" },
  "object.show": { method: "GET", path: "/api/v1/objects/{id}", inPath: ["id"], body: "none" },
  "object.prove": { method: "GET", path: "/api/v1/objects/{id}/proof", inPath: ["id"], body: "none" },
  "object.why": { method: "GET", path: "/api/v1/objects/{id}/why", inPath: ["id"], body: "none" },
  "object.audience": { method: "GET", path: "/api/v1/objects/{id}/audience", inPath: ["id"], body: "none" },
  "object.share": { method: "POST", path: "/api/v1/objects/{id}/share", inPath: ["id"], body: "json" },
  "object.withdraw": { method: "POST", path: "/api/v1/objects/{id}/withdraw", inPath: ["id"], body: "json" },
  "object.purge": { method: "POST", path: "/api/v1/objects/{id}/purge", inPath: ["id"], body: "json" },
  "event.stream": { method: "GET", path: "/api/v1/events", inPath: [], body: "none" },
  "import": { method: "POST", path: "/api/v1/import", inPath: [], body: "file" },
  "account.list": { method: "GET", path: "/api/v1/accounts", inPath: [], body: "none" },
  "member.list": { method: "GET", path: "/api/v1/members", inPath: [], body: "none" },
  "account.add": { method: "POST", path: "/api/v1/accounts", inPath: [], body: "json" },
  "account.password": { method: "POST", path: "/api/v1/accounts/{name}/password", inPath: ["name"], body: "json" },
  "account.certificate": { method: "POST", path: "/api/v1/accounts/{name}/certificate", inPath: ["name"], body: "json" },
  "account.remove": { method: "DELETE", path: "/api/v1/accounts/{name}", inPath: ["name"], body: "none" },
  "oidc.add": { method: "POST", path: "/api/v1/accounts/{name}/oidc", inPath: ["name"], body: "json" },
  "oidc.remove": { method: "DELETE", path: "/api/v1/accounts/{name}/oidc", inPath: ["name"], body: "none" },
  "totp.add": { method: "POST", path: "/api/v1/accounts/{name}/totp", inPath: ["name"], body: "json" },
  "totp.remove": { method: "DELETE", path: "/api/v1/accounts/{name}/totp", inPath: ["name"], body: "none" },
  "token.list": { method: "GET", path: "/api/v1/tokens", inPath: [], body: "none" },
  "token.add": { method: "POST", path: "/api/v1/tokens", inPath: [], body: "json" },
  "token.revoke": { method: "DELETE", path: "/api/v1/tokens/{id}", inPath: ["id"], body: "none" },
  "request.list": { method: "GET", path: "/api/v1/requests", inPath: [], body: "none" },
  "request.approve": { method: "POST", path: "/api/v1/requests/{id}/approve", inPath: ["id"], body: "json" },
  "request.refuse": { method: "POST", path: "/api/v1/requests/{id}/refuse", inPath: ["id"], body: "json" },
  "collection.list": { method: "GET", path: "/api/v1/collections", inPath: [], body: "none" },
  "collection.add": { method: "POST", path: "/api/v1/collections", inPath: [], body: "json" },
  "community.list": { method: "GET", path: "/api/v1/communities", inPath: [], body: "none" },
  "community.add": { method: "POST", path: "/api/v1/communities", inPath: [], body: "json" },
  "community.remove": { method: "DELETE", path: "/api/v1/communities/{name}", inPath: ["name"], body: "none" },
  "community.join": { method: "POST", path: "/api/v1/communities/{name}/join", inPath: ["name"], body: "json" },
  "community.leave": { method: "POST", path: "/api/v1/communities/{name}/leave", inPath: ["name"], body: "json" },
  "agreement.list": { method: "GET", path: "/api/v1/agreements", inPath: [], body: "none" },
  "agreement.propose": { method: "POST", path: "/api/v1/agreements", inPath: [], body: "json" },
  "agreement.show": { method: "GET", path: "/api/v1/agreements/{id}", inPath: ["id"], body: "none" },
  "agreement.verify": { method: "GET", path: "/api/v1/agreements/{id}/signatures", inPath: ["id"], body: "none" },
  "agreement.sign": { method: "POST", path: "/api/v1/agreements/{id}/sign", inPath: ["id"], body: "json" },
  "agreement.decline": { method: "POST", path: "/api/v1/agreements/{id}/decline", inPath: ["id"], body: "json" },
  "agreement.leave": { method: "POST", path: "/api/v1/agreements/{id}/leave", inPath: ["id"], body: "json" },
  "need.list": { method: "GET", path: "/api/v1/needs", inPath: [], body: "none" },
  "need.add": { method: "POST", path: "/api/v1/needs", inPath: [], body: "json" },
  "need.close": { method: "POST", path: "/api/v1/needs/{id}/close", inPath: ["id"], body: "json" },
  "need.offer": { method: "POST", path: "/api/v1/needs/{id}/offer", inPath: ["id"], body: "json" },
  "need.decline": { method: "POST", path: "/api/v1/needs/{id}/decline", inPath: ["id"], body: "json" },
  "hunt.run": { method: "POST", path: "/api/v1/hunts", inPath: [], body: "file" },
  "hunt.list": { method: "GET", path: "/api/v1/saved-hunts", inPath: [], body: "none" },
  "hunt.save": { method: "POST", path: "/api/v1/saved-hunts", inPath: [], body: "json" },
  "hunt.mark": { method: "POST", path: "/api/v1/saved-hunts/{name}/answered", inPath: ["name"], body: "json" },
  "hunt.remove": { method: "DELETE", path: "/api/v1/saved-hunts/{name}", inPath: ["name"], body: "none" },
  "indicator.export": { method: "GET", path: "/api/v1/indicator-values", inPath: [], body: "none" },
  "peer.list": { method: "GET", path: "/api/v1/peers", inPath: [], body: "none" },
  "originator.list": { method: "GET", path: "/api/v1/originators", inPath: [], body: "none" },
  "peer.show": { method: "GET", path: "/api/v1/peers/{name}", inPath: ["name"], body: "none" },
  "peer.evidence": { method: "GET", path: "/api/v1/peers/{name}/evidence", inPath: ["name"], body: "none" },
  "exchange.list": { method: "GET", path: "/api/v1/exchange", inPath: [], body: "none" },
  "purge.list": { method: "GET", path: "/api/v1/purges", inPath: [], body: "none" },
  "withdrawal.list": { method: "GET", path: "/api/v1/withdrawals", inPath: [], body: "none" },
  "withdrawal.show": { method: "GET", path: "/api/v1/withdrawals/{id}", inPath: ["id"], body: "none" },
  "root.add": { method: "POST", path: "/api/v1/roots", inPath: [], body: "json" },
  "openapi.show": { method: "GET", path: "/api/v1/openapi.json", inPath: [], body: "none" },
  "metrics.show": { method: "GET", path: "/metrics", inPath: [], body: "none" },
  "health.show": { method: "GET", path: "/healthz", inPath: [], body: "none" },
} as const;
