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
  /** for who may audit */
  views: View[];
  /** running processes; empty when stopped */
  roles: Process[];
  /** what needs a person */
  alarms: Alarm[];
  /** of a node that packages feed: when the newest was made; of several peers', the oldest of these */
  picture_made?: string;
  /** the node's clock */
  now: string;
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

/** A running role of the node. */
export interface Process {
  /** core, front, intake, link or signer */
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
  /** 0 to 100 */
  confidence?: number;
  /** taken back by its maker */
  revoked: boolean;
  /** matched against events now */
  active: boolean;
  /** who may see it */
  label: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED";
  /** where it came from */
  source: string;
  /** sum of its sightings' counts that this reader may see */
  hits: number;
  /** true: it has more hits than that, too many to be counted at once */
  hits_more?: boolean;
  /** newest of them */
  last_hit?: string;
  /** when this version entered the ledger */
  received: string;
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
  /** Say how the node is. */
  "status.show": { params: Record<string, never>; result: Status };
  /** List sightings, newest first. */
  "sighting.list": { params: { limit?: number; next?: string; since?: string }; result: Page<Sighting> };
  /** List indicators, newest first. */
  "indicator.list": { params: { limit?: number; next?: string; q?: string; active?: boolean }; result: Page<Indicator> };
  /** List sources with their health. */
  "source.list": { params: { limit?: number; next?: string }; result: Page<Source> };
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
  /** Follow what is new as server-sent events; Last-Event-ID resumes. */
  "event.stream": { params: Record<string, never>; result: LiveEvent };
  /** Take a file of objects or indicators; the body is the file. */
  "import": { params: { source?: string; label?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; format?: "auto" | "stix" | "csv" | "list" | "lines"; name?: string; collection?: string }; result: Imported };
  /** List accounts. */
  "account.list": { params: { limit?: number; next?: string }; result: Page<Account> };
  /** Make an account, or change one of that name. */
  "account.add": { params: { name: string; role: "reader" | "contributor" | "analyst" | "auditor" | "admin"; password: string; clearance?: string; organisation?: string; organisations?: string; communities?: string; tags?: string }; result: Account };
  /** Give an account another password. */
  "account.password": { params: { name: string; password: string }; result: Account };
  /** Let an account sign in with a client certificate. */
  "account.certificate": { params: { name: string; sha256: string }; result: Account };
  /** Remove an account; its tokens end with it. */
  "account.remove": { params: { name: string }; result: null };
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
  "community.add": { params: { name: string; title?: string; members?: string; ceiling?: "TLP:CLEAR" | "TLP:GREEN" | "TLP:AMBER" | "TLP:AMBER+STRICT" | "TLP:RED"; types?: string; anonymise?: string; purposes?: string; expires?: string }; result: Community };
  /** End a community; what was shared through it is no more. */
  "community.remove": { params: { name: string }; result: null };
  /** Let a peer, or this node, take part in a community. */
  "community.join": { params: { name: string; member?: string }; result: Community };
  /** Let a peer, or this node, leave a community. */
  "community.leave": { params: { name: string; member?: string }; result: Community };
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
  "status.show": { method: "GET", path: "/api/v1/status", inPath: [], body: "none" },
  "sighting.list": { method: "GET", path: "/api/v1/sightings", inPath: [], body: "none" },
  "indicator.list": { method: "GET", path: "/api/v1/indicators", inPath: [], body: "none" },
  "source.list": { method: "GET", path: "/api/v1/sources", inPath: [], body: "none" },
  "object.search": { method: "GET", path: "/api/v1/search", inPath: [], body: "none" },
  "object.show": { method: "GET", path: "/api/v1/objects/{id}", inPath: ["id"], body: "none" },
  "object.prove": { method: "GET", path: "/api/v1/objects/{id}/proof", inPath: ["id"], body: "none" },
  "object.why": { method: "GET", path: "/api/v1/objects/{id}/why", inPath: ["id"], body: "none" },
  "object.audience": { method: "GET", path: "/api/v1/objects/{id}/audience", inPath: ["id"], body: "none" },
  "object.share": { method: "POST", path: "/api/v1/objects/{id}/share", inPath: ["id"], body: "json" },
  "object.withdraw": { method: "POST", path: "/api/v1/objects/{id}/withdraw", inPath: ["id"], body: "json" },
  "event.stream": { method: "GET", path: "/api/v1/events", inPath: [], body: "none" },
  "import": { method: "POST", path: "/api/v1/import", inPath: [], body: "file" },
  "account.list": { method: "GET", path: "/api/v1/accounts", inPath: [], body: "none" },
  "account.add": { method: "POST", path: "/api/v1/accounts", inPath: [], body: "json" },
  "account.password": { method: "POST", path: "/api/v1/accounts/{name}/password", inPath: ["name"], body: "json" },
  "account.certificate": { method: "POST", path: "/api/v1/accounts/{name}/certificate", inPath: ["name"], body: "json" },
  "account.remove": { method: "DELETE", path: "/api/v1/accounts/{name}", inPath: ["name"], body: "none" },
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
  "peer.list": { method: "GET", path: "/api/v1/peers", inPath: [], body: "none" },
  "originator.list": { method: "GET", path: "/api/v1/originators", inPath: [], body: "none" },
  "peer.show": { method: "GET", path: "/api/v1/peers/{name}", inPath: ["name"], body: "none" },
  "peer.evidence": { method: "GET", path: "/api/v1/peers/{name}/evidence", inPath: ["name"], body: "none" },
  "exchange.list": { method: "GET", path: "/api/v1/exchange", inPath: [], body: "none" },
  "withdrawal.list": { method: "GET", path: "/api/v1/withdrawals", inPath: [], body: "none" },
  "withdrawal.show": { method: "GET", path: "/api/v1/withdrawals/{id}", inPath: ["id"], body: "none" },
  "root.add": { method: "POST", path: "/api/v1/roots", inPath: [], body: "json" },
  "openapi.show": { method: "GET", path: "/api/v1/openapi.json", inPath: [], body: "none" },
  "metrics.show": { method: "GET", path: "/metrics", inPath: [], body: "none" },
  "health.show": { method: "GET", path: "/healthz", inPath: [], body: "none" },
} as const;
