/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/schema.h"

const char *const WORDS_ROLE[] = {"reader", "contributor", "analyst", "auditor", "admin", NULL};
const char *const WORDS_TLP[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED", NULL};
const char *const WORDS_FORMAT[] = {"auto", "stix", "csv", "list", "lines", NULL};
static const char *const WORDS_STATE[] = {"live", "silent", "stopped", "error", NULL};
static const char *const WORDS_DIRECTION[] = {"out", "in", NULL};
static const char *const WORDS_WHY[] = {"id", "value", "network", "domain", "type", "text", NULL};
static const char *const WORDS_FED_BY[] = {"link", "packages", NULL};
static const char *const WORDS_PEER[] = {"met", "active", "cut", NULL};
static const char *const WORDS_PACE[] = {"none", "ours", "theirs", "both", NULL};
static const char *const WORDS_PURGE[] = {"purged", "demanded", NULL};
static const char *const WORDS_PURGE_PEER[] = {"purged", "hidden", "waiting", "not-reached", NULL};
static const char *const WORDS_BACK[] = {"acted", "waiting", "not-reached", NULL};
static const char *const WORDS_DENIAL[] = {"rewound", "equivocates", NULL};
static const char *const WORDS_REQUEST[] = {
    "waiting", "done", "failed", "refused", "expired", NULL};
static const char *const WORDS_OK[] = {"ok", NULL};

#define MUST true
#define MAY false

static const struct field ERROR_BODY[] = {
    {"code", TYPE_TEXT, MUST, .help = "stable word for programs: not-found, denied, invalid ..."},
    {"message", TYPE_TEXT, MUST, .help = "one sentence for people: what, where, the limit"},
};

static const struct field ERROR[] = {
    {"error", TYPE_SCHEMA, MUST, .of = "ProblemBody", .help = "why there is no other answer"},
};

static const struct field HEALTH[] = {
    {"status", TYPE_TEXT, MUST, .values = WORDS_OK, .help = "the node answers"},
};

static const struct field SESSION[] = {
    {"name", TYPE_TEXT, MUST, .help = "account name"},
    {"role", TYPE_TEXT, MUST, .values = WORDS_ROLE, .help = "what the account may do"},
    {"clearance", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "the highest label it may see"},
    {"expires", TYPE_TIME, MAY, .help = "end of the session; absent for other credentials"},
};

static const struct field SIGN_IN_WAYS[] = {
    {"oidc", TYPE_TEXT, MAY, .help = "name of the identity provider, where there is one"},
};

static const struct field SIGN_IN_BEGUN[] = {
    {"url", TYPE_TEXT, MUST, .help = "where the identity provider asks who it is"},
};

static const struct field LEDGER_HEAD[] = {
    {"size", TYPE_INT, MUST, .help = "records"},
    {"checkpoint_size", TYPE_INT, MUST, .help = "records under the newest signed checkpoint"},
    {"root", TYPE_HEX, MAY, .help = "RFC 6962 root of that checkpoint"},
};

static const struct field VIEW[] = {
    {"name", TYPE_TEXT, MUST, .help = "which view"},
    {"cursor", TYPE_INT, MUST, .help = "records it has taken"},
    {"lag", TYPE_INT, MUST, .help = "records it has yet to take"},
};

static const struct field PROCESS[] = {
    {"role", TYPE_TEXT, MUST, .help = "core, front, intake, link, signer or signin"},
    {"pid", TYPE_INT, MUST, .help = "process id"},
    {"restarts", TYPE_INT, MUST, .help = "times it was started again"},
    {"rss", TYPE_INT, MAY, .help = "resident memory in bytes"},
};

static const struct field ALARM[] = {
    {"code", TYPE_TEXT, MUST, .help = "stable word: disk-full, ledger-damaged ..."},
    {"message", TYPE_TEXT, MUST, .help = "what is wrong and what to do"},
    {"since", TYPE_TIME, MUST, .help = "when it began"},
};

static const struct field PATTERNS[] = {
    {"armed", TYPE_INT, MUST, .help = "patterns that look at events"},
    {"broad", TYPE_INT, MUST, .help = "of these, those that look at all events of some kind"},
    {"waiting", TYPE_INT, MUST, .help = "not armed: there are too many newer ones"},
    {"never", TYPE_INT, MUST, .help = "no event of a sensor can make them true"},
    {"refused", TYPE_INT, MUST, .help = "no valid patterns, or too large"},
    {"disarmed", TYPE_INT, MUST, .help = "their work ran out too often"},
    {"events", TYPE_INT, MUST, .help = "that some pattern looked at"},
    {"kept", TYPE_INT, MUST, .help = "observations that a pattern kept"},
    {"crowded", TYPE_INT, MUST, .help = "of these, forgotten for lack of room"},
    {"undecided", TYPE_INT, MUST, .help = "looks after which the work ran out"},
    {"matches", TYPE_INT, MUST, .help = "times that a pattern was true"},
};

static const struct field FINDINGS[] = {
    {"beacon", TYPE_INT, MUST, .help = "findings of this detector, newer versions too"},
    {"rare", TYPE_INT, MUST, .help = "likewise"},
    {"scan", TYPE_INT, MUST, .help = "likewise"},
    {"burst", TYPE_INT, MUST, .help = "likewise"},
    {"tunnel", TYPE_INT, MUST, .help = "likewise"},
    {"made_names", TYPE_INT, MUST, .help = "likewise"},
    {"dropped", TYPE_INT, MUST, .help = "too many of a source in an hour, or no space"},
    {"crowded", TYPE_INT, MUST, .help = "hosts and pairs that detectors forgot for others"},
};

static const struct field STATUS[] = {
    {"name", TYPE_TEXT, MUST, .help = "the node's name"},
    {"version", TYPE_TEXT, MUST, .help = "of the program"},
    {"identity", TYPE_ID, MUST, .help = "the node's STIX identity"},
    {"ledger", TYPE_SCHEMA, MAY, .of = "LedgerHead", .help = "for who may audit"},
    {"objects", TYPE_INT, MUST, .help = "objects that the asking reader may see"},
    {"indicators", TYPE_INT, MUST, .help = "of these, indicators"},
    {"sightings", TYPE_INT, MUST, .help = "of these, sightings"},
    {"sources", TYPE_INT, MUST, .help = "sources that the asking reader may see"},
    {"quarantined", TYPE_INT, MUST, .help = "of the indicators, those kept from being matched"},
    {"quarantined_for", TYPE_SCHEMA, MUST, true, "KeptFor", NULL,
        "of these, by reason; for who may audit"},
    {"patterns", TYPE_SCHEMA, MAY, .of = "LivePatterns",
        .help = "on events, since intake started; for who may audit"},
    {"findings", TYPE_SCHEMA, MAY, .of = "FindingCounts",
        .help = "of behaviour, since core started; for who may audit"},
    {"views", TYPE_SCHEMA, MUST, true, "View", NULL, "for who may audit"},
    {"roles", TYPE_SCHEMA, MUST, true, "Process", NULL, "running processes; empty when stopped"},
    {"alarms", TYPE_SCHEMA, MUST, true, "Alarm", NULL, "what needs a person"},
    {"taxii_url", TYPE_TEXT, MAY, .help = "of the listener for TAXII alone, where there is one"},
    {"taxii_tls12", TYPE_INT, MAY,
        .help = "connections there that spoke TLS 1.2, since the front started"},
    {"history_seen", TYPE_INT, MAY,
        .help = "observations that the history took, for who may audit"},
    {"history_bytes", TYPE_INT, MAY, .help = "bytes of the history, likewise"},
    {"history_waiting", TYPE_INT, MAY,
        .help = "runs of streams that are not yet on disk, likewise; their streams wait"},
    {"history_refused", TYPE_INT, MAY, .help = "damaged runs, which were lost, likewise"},
    {"history_lost", TYPE_INT, MAY,
        .help = "runs that could not be written for 5 minutes, which were lost, likewise"},
    {"history_gaps", TYPE_INT, MAY,
        .help = "times that events could not be found again after a crash, likewise"},
    {"picture_made", TYPE_TIME, MAY,
        .help = "of a node that packages feed: when the newest was made; of several peers', the "
                "oldest of these"},
    {"now", TYPE_TIME, MUST, .help = "the node's clock"},
};

static const char *const WORDS_KEPT[] = {"too-wide", "reserved", "public-suffix", "common",
    "warning-list", "own", "impact", "person", "unjudged", NULL};

static const struct field KEPT_FOR[] = {
    {"reason", TYPE_TEXT, MUST, .values = WORDS_KEPT, .help = "what speaks against matching"},
    {"count", TYPE_INT, MUST, .help = "indicators that the asking reader may see"},
};

static const struct field SIGHTED_INDICATOR[] = {
    {"id", TYPE_ID, MUST, .help = "of the indicator, or of what else was sighted"},
    {"name", TYPE_TEXT, MAY, .help = "absent when it has none, or not for this reader"},
    {"pattern", TYPE_TEXT, MAY, .help = "absent when it has none, or not for this reader"},
    {"confidence", TYPE_INT, MAY, .help = "as its newest version states it"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "who may see it"},
    {"source", TYPE_TEXT, MUST, .help = "where it came from"},
};

static const struct field SIGHTING[] = {
    {"id", TYPE_ID, MUST, .help = "of the sighting"},
    {"count", TYPE_INT, MUST, .help = "how often in its time window"},
    {"first_seen", TYPE_TIME, MAY, .help = "of the first event"},
    {"last_seen", TYPE_TIME, MAY, .help = "of the last event so far"},
    {"indicator", TYPE_SCHEMA, MAY, .of = "SightedIndicator", .help = "what was sighted"},
    {"value", TYPE_TEXT, MAY, .help = "the observed value"},
    {"value_type", TYPE_TEXT, MAY, .help = "its STIX type: ipv4-addr, domain-name ..."},
    {"source", TYPE_TEXT, MUST, .help = "where it was seen"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "who may see it"},
    {"received", TYPE_TIME, MUST, .help = "when this version entered the ledger"},
};

static const struct field INDICATOR[] = {
    {"id", TYPE_ID, MUST, .help = "of the indicator"},
    {"name", TYPE_TEXT, MAY, .help = "given by its maker"},
    {"pattern", TYPE_TEXT, MAY, .help = "as it was received"},
    {"valid_from", TYPE_TIME, MAY, .help = "start of validity"},
    {"valid_until", TYPE_TIME, MAY, .help = "end of validity; absent: no end"},
    {"matched_until", TYPE_TIME, MAY,
        .help = "when it is matched no more: end of validity, or of its life where that is told"},
    {"life", TYPE_SCHEMA, MAY, .of = "Life",
        .help = "how it ages, where it does; of one that is shown alone, to people of the node's "
                "own organisation"},
    {"confidence", TYPE_INT, MAY, .help = "0 to 100"},
    {"revoked", TYPE_BOOL, MUST, .help = "taken back by its maker"},
    {"active", TYPE_BOOL, MUST, .help = "matched against events now"},
    {"quarantined", TYPE_BOOL, MUST, .help = "held back until a person releases it"},
    {"quarantined_for", TYPE_TEXT, MAY, .values = WORDS_KEPT, .help = "what speaks against it"},
    {"reason", TYPE_TEXT, MAY, .help = "why it is quarantined, or was released"},
    {"decided_by", TYPE_TEXT, MAY, .help = "who released or quarantined it"},
    {"matched", TYPE_TEXT, MAY,
        .help = "of one that is shown alone: by its values, on events, both, or no"},
    {"matched_reason", TYPE_TEXT, MAY, .help = "why it is not, or not wholly"},
    {"hunted_reason", TYPE_TEXT, MAY,
        .help = "of one that is shown alone: why the history is not hunted for it, or for its "
                "plain values alone"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "who may see it"},
    {"source", TYPE_TEXT, MUST, .help = "where it came from"},
    {"hits", TYPE_INT, MUST, .help = "sum of its sightings' counts that this reader may see"},
    {"hits_more", TYPE_BOOL, MAY,
        .help = "true: it has more hits than that, too many to be counted at once"},
    {"seen_before", TYPE_INT, MAY,
        .help = "of these, what the history had seen before it was known; where one is shown"},
    {"seen_before_more", TYPE_BOOL, MAY, .help = "true: there may have been more than that"},
    {"last_hit", TYPE_TIME, MAY, .help = "newest of them"},
    {"received", TYPE_TIME, MUST, .help = "when this version entered the ledger"},
};

static const struct field INDICATOR_DECISION[] = {
    {"id", TYPE_ID, MUST, .help = "of the indicator"},
    {"state", TYPE_TEXT, MUST, .help = "released or quarantined"},
    {"by", TYPE_TEXT, MUST, .help = "who decided it"},
};

static const struct field SOURCE[] = {
    {"name", TYPE_TEXT, MUST, .help = "unique in the node"},
    {"kind", TYPE_TEXT, MUST, .help = "suricata-eve, import ..."},
    {"path", TYPE_TEXT, MAY, .help = "file it reads"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP,
        .help = "what its events are labelled at least"},
    {"trust", TYPE_TEXT, MAY, .help = "as the operator set it"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_STATE, .help = "silent: open, but no event of late"},
    {"position", TYPE_INT, MUST, .help = "bytes taken and in the ledger's account"},
    {"size", TYPE_INT, MUST, .help = "bytes in the file"},
    {"lag_bytes", TYPE_INT, MUST, .help = "bytes yet to be read"},
    {"lines", TYPE_INT, MUST, .help = "taken since the source was made"},
    {"hits", TYPE_INT, MUST, .help = "events that matched an indicator"},
    {"bad", TYPE_INT, MUST, .help = "lines that could not be read"},
    {"skipped", TYPE_INT, MUST, .help = "lines that are too long, passed over"},
    {"untimed", TYPE_INT, MUST,
        .help = "events that say no time or one that cannot be: they count as of when they were "
                "read"},
    {"last_event", TYPE_TIME, MAY, .help = "time inside the newest event"},
    {"last_read", TYPE_TIME, MAY, .help = "when something was last read"},
    {"error", TYPE_TEXT, MAY, .help = "why it is not live"},
};

static const struct field FOUND[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"type", TYPE_TEXT, MUST, .help = "STIX type"},
    {"title", TYPE_TEXT, MAY, .help = "name, or what stands for it"},
    {"value", TYPE_TEXT, MAY, .help = "of an observable, or an indicator's pattern"},
    {"label", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "who may see it"},
    {"version", TYPE_TIME, MAY, .help = "newest; absent when the object has none"},
    {"received", TYPE_TIME, MUST, .help = "when this version entered the ledger"},
    {"why", TYPE_TEXT, MUST, .values = WORDS_WHY, .help = "what of it fits the question"},
};

static const struct field LABEL[] = {
    {"tlp", TYPE_TEXT, MUST, .values = WORDS_TLP, .help = "its level; unreadable counts as red"},
    {"text", TYPE_TEXT, MUST, .help = "what the level means, for people"},
    {"rule", TYPE_TEXT, MUST, .help = "the rule by which this reader sees it"},
};

static const char *const WORDS_VERDICT[] = {"allow", "redact", "derive", "deny", NULL};

static const struct field WHY_CONDITION[] = {
    {"rule", TYPE_TEXT, MUST, .help = "the rule that denies when it does not hold"},
    {"holds", TYPE_BOOL, MUST, .help = "whether it does"},
    {"text", TYPE_TEXT, MUST, .help = "for people"},
};

static const struct field WHY[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"version", TYPE_TIME, MAY, .help = "absent when the object has none"},
    {"reader", TYPE_TEXT, MUST, .help = "who was asked about"},
    {"who", TYPE_TEXT, MUST, .help = "what that reader is, in words"},
    {"label", TYPE_TEXT, MUST, .help = "of the object, in words"},
    {"verdict", TYPE_TEXT, MUST, .values = WORDS_VERDICT, .help = "whether the reader gets it"},
    {"rule", TYPE_TEXT, MUST, .help = "the rule that decides"},
    {"terms", TYPE_TEXT, MAY, .help = "the community that leaves members out, and which"},
    {"left_out", TYPE_TEXT, MAY, .help = "the members of this object that are left out"},
    {"derived", TYPE_ID, MAY, .help = "the new object that is there in its place"},
    {"conditions", TYPE_SCHEMA, MUST, true, "WhyCondition", NULL, "those that its label sets"},
};

static const char *const WORDS_AUDIENCE[] = {"peer", "community", "guests", "accounts", NULL};
static const char *const WORDS_COPY[] = {"none", "given", "receipted", "theirs", NULL};

static const struct field AUDIENCE_VERDICT[] = {
    {"verdict", TYPE_TEXT, MUST, .values = WORDS_VERDICT, .help = "whether the reader gets it"},
    {"rule", TYPE_TEXT, MUST, .help = "the rule that decides"},
    {"text", TYPE_TEXT, MUST, .help = "that rule, for people"},
    {"through", TYPE_TEXT, MAY, .help = "the community without which it would not get it"},
    {"left_out", TYPE_TEXT, MAY, .help = "the members that its terms leave out"},
    {"derived", TYPE_ID, MAY, .help = "the new object that is there in its place"},
    {"conditions", TYPE_SCHEMA, MUST, true, "WhyCondition", NULL, "those that the label sets"},
};

static const struct field AUDIENCE_READER[] = {
    {"kind", TYPE_TEXT, MUST, .values = WORDS_AUDIENCE,
        .help = "accounts: of this node; guests: of another organisation; community: any member"},
    {"name", TYPE_TEXT, MUST,
        .help = "of peer, community or organisation; of accounts their clearance"},
    {"title", TYPE_TEXT, MAY, .help = "what it calls itself"},
    {"state", TYPE_TEXT, MAY, .values = WORDS_PEER, .help = "of a peer"},
    {"who", TYPE_TEXT, MUST, .help = "what it is taken for, in words"},
    {"count", TYPE_INT, MAY, .help = "accounts that are alike"},
    {"accounts", TYPE_TEXT, MAY, .help = "their names; for who may administer"},
    {"copy", TYPE_TEXT, MAY, .values = WORDS_COPY,
        .help = "of a peer: whether this version was given to it, and it signed for it, or sent "
                "it"},
    {"now", TYPE_SCHEMA, MUST, .of = "AudienceVerdict", .help = "as the object is labelled"},
    {"after", TYPE_SCHEMA, MAY, .of = "AudienceVerdict",
        .help = "under the label that was asked about"},
};

static const struct field AUDIENCE[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"version", TYPE_TIME, MAY, .help = "absent when the object has none"},
    {"label", TYPE_TEXT, MUST, .help = "of the object, in words"},
    {"outside", TYPE_TEXT, MUST, .help = "names of the peers that get it; \"nobody\""},
    {"after_label", TYPE_TEXT, MAY, .help = "the label that was asked about, in words"},
    {"after_outside", TYPE_TEXT, MAY, .help = "names of the peers that would get it; \"nobody\""},
    {"marking", TYPE_OBJECT, MAY,
        .help = "the extension tocsin-label that says the label, or the one asked about"},
    {"own", TYPE_BOOL, MUST, .help = "made by the asking reader's organisation"},
    {"readers", TYPE_SCHEMA, MUST, true, "AudienceReader", NULL,
        "every peer, community and kind of account"},
};

static const struct field SHARED[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"version", TYPE_TIME, MUST, .help = "the newer one, with that label"},
    {"marking", TYPE_ID, MUST, .help = "the marking-definition that says the label"},
};

static const struct field WITHDRAWN[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"by", TYPE_TEXT, MUST, .help = "account that took it back"},
};

static const struct field PURGED_NOW[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"versions", TYPE_INT, MUST, .help = "copies whose bytes are removed"},
    {"by", TYPE_TEXT, MUST, .help = "account that purged it"},
};

static const struct field OBJECT_VERSION[] = {
    {"version", TYPE_TIME, MAY, .help = "absent when the object has none"},
    {"received", TYPE_TIME, MUST, .help = "when it entered the ledger"},
    {"seq", TYPE_INT, MAY, .help = "its record; for who may audit"},
};

static const struct field RELATION[] = {
    {"path", TYPE_TEXT, MUST, .help = "the property that refers: created_by_ref, source_ref ..."},
    {"direction", TYPE_TEXT, MUST, .values = WORDS_DIRECTION, .help = "out: this object refers"},
    {"id", TYPE_ID, MUST, .help = "of the other object"},
    {"type", TYPE_TEXT, MUST, .help = "of the other object"},
    {"title", TYPE_TEXT, MAY, .help = "of the other object, when it is here and may be seen"},
    {"via", TYPE_TEXT, MAY, .help = "relationship_type, when a relationship joins the two"},
    {"via_id", TYPE_ID, MAY, .help = "of that relationship"},
};

static const struct field PROOF[] = {
    {"seq", TYPE_INT, MUST, .help = "number of the record"},
    {"size", TYPE_INT, MUST, .help = "of the tree under the checkpoint"},
    {"leaf", TYPE_HEX, MUST, .help = "RFC 6962 leaf hash of the record: SHA-256 of 00 and header"},
    {"header", TYPE_HEX, MUST, .help = "the record without its content, as the ledger keeps it"},
    {"content_sha256", TYPE_HEX, MUST, .help = "of the object's bytes; the header holds it"},
    {"root", TYPE_HEX, MUST, .help = "RFC 6962 root of that tree"},
    {"hashes", TYPE_HEX, MUST, true, NULL, NULL, "inclusion proof, from the leaf upwards"},
    {"checkpoint", TYPE_TEXT, MUST, .help = "C2SP signed note over origin, size and root"},
    {"origin", TYPE_TEXT, MUST, .help = "name of the ledger"},
    {"public_key", TYPE_TEXT, MUST, .help = "C2SP verifier key of the ledger"},
};

static const struct field OBJECT[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"type", TYPE_TEXT, MUST, .help = "STIX type"},
    {"version", TYPE_TIME, MAY, .help = "absent when the object has none"},
    {"label", TYPE_SCHEMA, MUST, .of = "Label", .help = "who may see it, and why"},
    {"source", TYPE_TEXT, MUST, .help = "where it came from"},
    {"received", TYPE_TIME, MUST, .help = "when this version entered the ledger"},
    {"revoked", TYPE_BOOL, MUST, .help = "taken back by its maker"},
    {"redacted", TYPE_BOOL, MAY, .help = "members that its originator stated are not here"},
    {"left_out", TYPE_INT, MAY, .help = "how many of them; when it is redacted"},
    {"spec_version", TYPE_TEXT, MUST, .help = "2.0 or 2.1"},
    {"object", TYPE_OBJECT, MUST, .help = "the bytes as they were received"},
    {"versions", TYPE_SCHEMA, MUST, true, "ObjectVersion", NULL, "newest first"},
    {"relations", TYPE_SCHEMA, MUST, true, "Relation", NULL, "at most 1,000"},
    {"proof", TYPE_SCHEMA, MAY, .of = "Proof", .help = "for who may audit, once signed"},
};

static const struct field EVENT[] = {
    {"sighting", TYPE_SCHEMA, MAY, .of = "Sighting", .help = "event: sighting"},
    {"indicator", TYPE_SCHEMA, MAY, .of = "Indicator", .help = "event: indicator"},
    {"source", TYPE_SCHEMA, MAY, .of = "Source", .help = "event: source"},
    {"status", TYPE_SCHEMA, MAY, .of = "Status", .help = "event: status"},
};

static const struct field REFUSED[] = {
    {"id", TYPE_TEXT, MAY, .help = "of the refused object, when it could be read"},
    {"version", TYPE_TEXT, MAY, .help = "of the refused object, when it could be read"},
    {"path", TYPE_TEXT, MAY, .help = "JSON path, line or byte offset of what is wrong"},
    {"message", TYPE_TEXT, MUST, .help = "what is wrong"},
};

static const struct field IMPORTED[] = {
    {"total", TYPE_INT, MUST, .help = "objects in the file"},
    {"taken", TYPE_INT, MUST, .help = "new in the ledger"},
    {"duplicates", TYPE_INT, MUST, .help = "were there already, unchanged"},
    {"refused", TYPE_INT, MUST, .help = "not taken"},
    {"above_ceiling", TYPE_INT, MAY, .help = "of these, labelled above this node's ceiling"},
    {"failures", TYPE_SCHEMA, MUST, true, "Refused", NULL, "the first 1,000 refused"},
};

static const struct field ACCOUNT[] = {
    {"name", TYPE_TEXT, MUST, .help = "unique in the node"},
    {"id", TYPE_TEXT, MUST, .help = "by which the ledger and the log know it"},
    {"role", TYPE_TEXT, MUST, .values = WORDS_ROLE, .help = "what it may do"},
    {"clearance", TYPE_TEXT, MUST, .help = "the highest labels it may see"},
    {"organisation", TYPE_TEXT, MAY, .help = "of a guest; absent: the node's own"},
    {"organisations", TYPE_TEXT, MAY, .help = "countries and organisations it belongs to"},
    {"communities", TYPE_TEXT, MAY, .help = "those it takes part in; absent: all of the node's"},
    {"tags", TYPE_TEXT, MAY, .help = "need-to-know tags it holds"},
    {"changed", TYPE_TIME, MAY, .help = "when it was last changed"},
    {"password", TYPE_BOOL, MUST, .help = "it can sign in with a password"},
    {"certificate", TYPE_BOOL, MUST, .help = "it can sign in with a client certificate"},
    {"totp", TYPE_BOOL, MUST, .help = "it signs in with a one-time code beside its password"},
    {"subject", TYPE_TEXT, MAY, .help = "whom the identity provider knows as it"},
};

#include "ops/agreement_shapes.h"
#include "ops/export_shapes.h"
#include "ops/hunt_shapes.h"
#include "ops/life_shapes.h"
#include "ops/need_shapes.h"

static const struct field COMMUNITY[] = {
    {"name", TYPE_TEXT, MUST, .help = "as labels name it"},
    {"title", TYPE_TEXT, MAY, .help = "for people"},
    {"members", TYPE_TEXT, MUST, .help = "names of peers"},
    {"own", TYPE_BOOL, MUST, .help = "this node takes part"},
    {"kind", TYPE_TEXT, MUST, .values = WORDS_COMMUNITY_KIND, .help = "of the community"},
    {"hub", TYPE_ID, MAY, .help = "of a pillar: identity of a node"},
    {"direction", TYPE_TEXT, MAY, .values = WORDS_PILLAR_DIRECTION,
        .help = "of a pillar, as its hub sees it"},
    {"incident", TYPE_ID, MAY, .help = "of a room"},
    {"agreement", TYPE_ID, MAY, .help = "that its terms are those of; absent: this node's own"},
    {"ceiling", TYPE_TEXT, MUST, .values = WORDS_TLP,
        .help = "the highest label that its members get through it"},
    {"types", TYPE_TEXT, MAY, .help = "STIX types shared in it; absent: all"},
    {"anonymise", TYPE_TEXT, MUST, .help = "what its members get objects without; empty: nothing"},
    {"purposes", TYPE_TEXT, MAY, .help = "what it is for"},
    {"expires", TYPE_TIME, MAY, .help = "its end; absent: never"},
    {"changed", TYPE_TIME, MAY, .help = "when it was last changed"},
};

static const struct field MEMBER[] = {
    {"name", TYPE_TEXT, MUST, .help = "account name"},
    {"organisation", TYPE_TEXT, MUST, .help = "whose account it is"},
    {"mail", TYPE_TEXT, MAY, .help = "address that its mail goes to"},
    {"certificate", TYPE_TEXT, MAY, .help = "SHA-256 of the one that its messages are checked by"},
    {"certificate_until", TYPE_TIME, MAY, .help = "the end of that certificate"},
    {"part", TYPE_INT, MUST, .help = "number of the part written last; 0: none was"},
    {"objects", TYPE_INT, MAY, .help = "in that part"},
    {"given", TYPE_TIME, MAY, .help = "when it was written"},
    {"sha256", TYPE_TEXT, MAY, .help = "of its bundle"},
    {"by_mail", TYPE_BOOL, MAY, .help = "it was written as a mail"},
    {"messages", TYPE_INT, MUST, .help = "that were taken from it"},
    {"taken", TYPE_TIME, MAY, .help = "when the last of them was"},
};

static const struct field TOKEN_ROW[] = {
    {"id", TYPE_TEXT, MUST, .help = "first part of the token"},
    {"account", TYPE_TEXT, MUST, .help = "whose it is"},
    {"name", TYPE_TEXT, MAY, .help = "to tell it from others"},
    {"created", TYPE_TIME, MUST, .help = "when it was made"},
    {"expires", TYPE_TIME, MAY, .help = "absent: never"},
};

static const struct field TOKEN[] = {
    {"token", TYPE_TEXT, MUST, .help = "shown this once; only its hash is kept"},
};

static const struct field TOTP[] = {
    {"name", TYPE_TEXT, MUST, .help = "account name"},
    {"secret", TYPE_TEXT, MUST, .help = "for its authenticator, in base32; shown this once"},
    {"url", TYPE_TEXT, MUST, .help = "the same as otpauth://totp/..., as apps read it"},
};

static const struct field REQUEST[] = {
    {"id", TYPE_TEXT, MUST, .help = "rises with time"},
    {"op", TYPE_TEXT, MUST, .help = "operation that is to run"},
    {"args", TYPE_TEXT, MUST, .help = "its arguments as JSON, without a password"},
    {"hash", TYPE_TEXT, MUST, .help = "SHA-256 over id, operation, who asks and arguments"},
    {"by", TYPE_TEXT, MUST, .help = "account that asks"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_REQUEST, .help = "what became of it"},
    {"made", TYPE_TIME, MUST, .help = "when it was asked"},
    {"expires", TYPE_TIME, MUST, .help = "when it waits no longer"},
    {"second", TYPE_TEXT, MAY, .help = "who approved or refused it"},
    {"text", TYPE_TEXT, MAY, .help = "why it was refused, or failed"},
};

static const struct field REQUESTED[] = {
    {"request", TYPE_SCHEMA, MUST, .of = "Request", .help = "as it is now"},
};

static const struct field COLLECTION[] = {
    {"id", TYPE_TEXT, MUST, .help = "UUID"},
    {"root", TYPE_TEXT, MUST, .help = "TAXII API root it is in"},
    {"title", TYPE_TEXT, MUST, .help = "for people"},
    {"alias", TYPE_TEXT, MAY, .help = "second name in URLs"},
    {"description", TYPE_TEXT, MAY, .help = "for people"},
    {"can_read", TYPE_BOOL, MUST, .help = "by the asking reader"},
    {"can_write", TYPE_BOOL, MUST, .help = "by the asking reader"},
};

#define PEER_FIELDS                                                                                \
	{"name", TYPE_TEXT, MUST, .help = "this node's name for it"},                              \
	    {"state", TYPE_TEXT, MUST, .values = WORDS_PEER,                                       \
	        .help = "met: its fingerprint is not confirmed here yet"},                         \
	    {"connected", TYPE_BOOL, MUST, .help = "there is a link now"},                         \
	    {"post_quantum", TYPE_BOOL, MUST,                                                      \
	        .help =                                                                            \
	            "key exchange of the newest link; before the first, what it says of itself"},  \
	    {"node", TYPE_TEXT, MUST, .help = "the name it gives itself"},                         \
	    {"identity", TYPE_ID, MUST, .help = "its STIX identity"},                              \
	    {"address", TYPE_TEXT, MAY,                                                            \
	        .help = "where it is dialled; absent: it dials this node"},                        \
	    {"ceiling", TYPE_TEXT, MUST, .help = "the highest level that it may be sent"},         \
	    {"fingerprint", TYPE_TEXT, MUST,                                                       \
	        .help = "the same on both sides, for people to compare"},                          \
	    {"changed", TYPE_TIME, MAY, .help = "when this was last decided"},                     \
	    {"fed_by", TYPE_TEXT, MUST, .values = WORDS_FED_BY,                                    \
	        .help = "packages: files carry its feed, no link leads to it"},                    \
	    {"package_read", TYPE_INT, MAY, .help = "number of the newest package of it"},         \
	    {"package_read_at", TYPE_TIME, MAY, .help = "when that was read"},                     \
	    {"package_made", TYPE_TIME, MAY,                                                       \
	        .help = "when that was made there: as old is the picture it gives"},               \
	    {"package_age", TYPE_INT, MAY, .help = "seconds since then"},                          \
	    {"package_missing", TYPE_TEXT, MAY,                                                    \
	        .help = "numbers of packages without which no later one is taken: 8-9"},           \
	    {"package_written", TYPE_INT, MAY, .help = "number of the newest package for it"},     \
	    {"package_written_at", TYPE_TIME, MAY, .help = "when that was written"},               \
	    {"package_confirmed", TYPE_INT, MAY,                                                   \
	        .help = "number of the newest that a receipt of the peer covers"},                 \
	    {"since", TYPE_TIME, MAY, .help = "when the link came up or went down"},               \
	    {"group", TYPE_TEXT, MAY, .help = "key exchange of the newest link"},                  \
	    {"cert_expires", TYPE_TIME, MAY, .help = "end of its certificate"},                    \
	    {"error", TYPE_TEXT, MAY, .help = "why there is no link"},                             \
	    {"given", TYPE_INT, MUST, .help = "entries of its feed: all that it is to have"},      \
	    {"behind_by", TYPE_INT, MUST,                                                          \
	        .help = "of these, those that it has not signed a receipt for"},                   \
	    {"receipts_outstanding", TYPE_INT, MUST,                                               \
	        .help = "of these, those that take an object back"},                               \
	    {"last_receipt", TYPE_TIME, MAY, .help = "when it signed its newest receipt"},         \
	    {"received", TYPE_INT, MUST, .help = "entries of its feed to this node, taken here"},  \
	    {"last_proof", TYPE_TIME, MAY,                                                         \
	        .help = "when the newest signed head of its feed was checked"},                    \
	    {"last_contact", TYPE_TIME, MAY,                                                       \
	        .help = "when it is or was last heard of, by link or in the ledger"},              \
	    {"stopped", TYPE_TEXT, MAY,                                                            \
	        .help = "why nothing is exchanged though there is a link"},                        \
	    {"stopped_there", TYPE_BOOL, MAY, .help = "the peer stopped it: those are its words"}, \
	    {"throttled", TYPE_BOOL, MAY,                                                          \
	        .help = "it gives more than its quota: others are taken first"},                   \
	    {"denies", TYPE_BOOL, MUST,                                                            \
	        .help = "evidence stands that it denies what it had signed"}

static const struct field PEER[] = {PEER_FIELDS};

static const struct field ROTATION[] = {
    {"time", TYPE_TIME, MUST, .help = "from then on the new keys sign"},
    {"before", TYPE_TEXT, MUST, .help = "name and id of the old keys"},
    {"after", TYPE_TEXT, MUST, .help = "name and id of the new keys"},
};

static const struct field COMPROMISE[] = {
    {"since", TYPE_TIME, MUST, .help = "what the keys sealed from then on is hidden"},
    {"by", TYPE_TEXT, MUST, .help = "who said so: local, peer:NAME or relay"},
    {"hidden", TYPE_INT, MUST, .help = "versions of objects that were hidden then"},
    {"ids", TYPE_TEXT, MUST, true, NULL, NULL, "their ids, the first 1,000"},
};

static const struct field ORIGINATOR[] = {
    {"identity", TYPE_ID, MUST, .help = "its STIX identity, by which commands name it"},
    {"node", TYPE_TEXT, MUST, .help = "the name it gives itself"},
    {"origin", TYPE_TEXT, MUST, .help = "name of its ledger"},
    {"key", TYPE_TEXT, MUST, .help = "C2SP verifier key of its ledger"},
    {"introduced_by", TYPE_TEXT, MUST, .help = "who passed on what it states of itself: peer:NAME"},
    {"taken", TYPE_BOOL, MUST, .help = "what it stated is taken: it was not cut here"},
    {"changed", TYPE_TIME, MAY, .help = "when this was last decided"},
};

static const struct field PEER_PAGE[] = {
    PEER_FIELDS,
    {"clock_skew", TYPE_REAL, MAY, .help = "seconds that its clock is ahead"},
    {"round_trip", TYPE_REAL, MAY, .help = "seconds there and back"},
    {"pace", TYPE_TEXT, MAY, .values = WORDS_PACE,
        .help = "who sends at a constant rate that tells a listener nothing"},
    {"bytes_in", TYPE_INT, MAY, .help = "received over this link"},
    {"bytes_out", TYPE_INT, MAY, .help = "sent over this link"},
    {"ranges_throttled", TYPE_INT, MAY,
        .help = "ranges of its feed that waited for others, as it gave more than its quota"},
    {"urgent_sent", TYPE_INT, MAY, .help = "urgent objects sent ahead of its feed"},
    {"urgent_left", TYPE_INT, MAY, .help = "urgent objects left to its feed: there were too many"},
    {"urgent_taken", TYPE_INT, MAY, .help = "urgent objects taken ahead of its feed to this node"},
    {"urgent_passed", TYPE_INT, MAY,
        .help = "urgent objects passed over, for its feed to bring: there were too many"},
    {"above_ceiling", TYPE_INT, MUST,
        .help = "objects from it above this node's ceiling, kept out"},
    {"unknown", TYPE_INT, MUST,
        .help = "entries not taken: by originators whose keys are not known here"},
    {"differs", TYPE_INT, MUST,
        .help = "objects not taken: their version is here with another content"},
    {"refused", TYPE_INT, MUST,
        .help = "objects not taken: not valid, in another's name, another's, or revoked"},
    {"invited", TYPE_BOOL, MUST, .help = "by this node"},
    {"origin", TYPE_TEXT, MUST, .help = "name of its ledger"},
    {"key", TYPE_TEXT, MUST, .help = "C2SP verifier key of its ledger"},
    {"rotations", TYPE_SCHEMA, MUST, true, "Rotation", NULL,
        "its changes of ledger keys since it is known here"},
    {"compromises", TYPE_SCHEMA, MUST, true, "Compromise", NULL,
        "its keys that were in other hands"},
    {"cert", TYPE_HEX, MUST, .help = "SHA-256 of its link certificate"},
    {"next_cert", TYPE_HEX, MAY, .help = "SHA-256 of the one that it announced to show next"},
    {"own_cert_expires", TYPE_TIME, MAY, .help = "end of this node's own link certificate"},
    {"statement", TYPE_TEXT, MUST, .help = "what it said of itself, as it signed it"},
};

static const struct field EVIDENCE[] = {
    {"peer", TYPE_TEXT, MUST, .help = "this node's name for it"},
    {"identity", TYPE_ID, MUST, .help = "its STIX identity"},
    {"origin", TYPE_TEXT, MUST, .help = "of its feed to this node, as it signs it"},
    {"kind", TYPE_TEXT, MUST, .values = WORDS_DENIAL,
        .help = "rewound: its feed became shorter; equivocates: it became another"},
    {"why", TYPE_TEXT, MUST, .help = "for people"},
    {"proof", TYPE_BOOL, MUST, .help = "the two heads prove it to everybody: one size, two roots"},
    {"stands", TYPE_BOOL, MUST, .help = "nothing is exchanged until it is invited anew"},
    {"time", TYPE_TIME, MUST, .help = "when it was found"},
    {"held", TYPE_TEXT, MUST, .help = "C2SP signed note: the head that this node held"},
    {"shown", TYPE_TEXT, MUST, .help = "C2SP signed note: the head that it showed then"},
    {"keys", TYPE_TEXT, MUST, true, NULL, NULL, "C2SP verifier keys of the peer"},
};

static const struct field WITHDRAWAL_PEER[] = {
    {"name", TYPE_TEXT, MUST, .help = "this node's name for it"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_BACK,
        .help = "acted: its signed receipt says so; not-reached: nothing was heard of it since"},
    {"active", TYPE_BOOL, MUST, .help = "false: it was cut, so nobody tells it any more"},
    {"time", TYPE_TIME, MAY, .help = "when it signed the receipt"},
    {"purged", TYPE_TIME, MAY, .help = "when it removed the bytes, as it signed"},
    {"last_contact", TYPE_TIME, MAY, .help = "when it is or was last heard of"},
};

static const struct field PURGE_PEER[] = {
    {"name", TYPE_TEXT, MUST, .help = "this node's name for it"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_PURGE_PEER,
        .help = "purged: it signed that it did; hidden: its signed receipt says so"},
    {"active", TYPE_BOOL, MUST, .help = "false: it was cut, so nobody tells it any more"},
    {"time", TYPE_TIME, MAY, .help = "when it removed the bytes, as it signed"},
};

static const struct field PURGE[] = {
    {"id", TYPE_ID, MUST, .help = "of the object"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_PURGE,
        .help = "demanded: bytes are here that a peer wants removed"},
    {"reason", TYPE_TEXT, MUST, .help = "as who said so gave it; at most 1,000 bytes"},
    {"by", TYPE_TEXT, MUST, .help = "identity of who purged it, or of who demands it"},
    {"time", TYPE_TIME, MUST, .help = "when that was said"},
    {"tombstones", TYPE_INT, MUST, .help = "copies of it whose bytes are gone here"},
    {"peers", TYPE_SCHEMA, MUST, true, "PurgePeer", NULL,
        "those that had the object from here or asked for it, by name"},
};

#define WITHDRAWAL_FIELDS                                                                          \
	{"id", TYPE_ID, MUST, .help = "of the object"},                                            \
	    {"reason", TYPE_TEXT, MUST, .help = "as its originator gave it; at most 1,000 bytes"}, \
	    {"originator", TYPE_TEXT, MUST, .help = "identity of who took it back"},               \
	    {"by", TYPE_TEXT, MUST, .help = "local, or the peer it came from: peer:NAME"},         \
	    {"time", TYPE_TIME, MUST, .help = "when it was decided"},                              \
	    {"received", TYPE_TIME, MUST, .help = "when it entered the ledger"},                   \
	    {"acted", TYPE_INT, MUST, .help = "peers whose receipt says that it is done there"},   \
	    {"outstanding", TYPE_INT, MUST, .help = "peers that had the object, without one"},     \
	    {"unreached", TYPE_INT, MUST, .help = "of these, those not heard of since"}

static const struct field WITHDRAWAL[] = {WITHDRAWAL_FIELDS};

static const struct field WITHDRAWAL_PAGE[] = {
    WITHDRAWAL_FIELDS,
    {"peers", TYPE_SCHEMA, MUST, true, "WithdrawalPeer", NULL,
        "those that had the object from here, by name"},
};

static const struct field EXCHANGE_TYPE[] = {
    {"type", TYPE_TEXT, MUST, .help = "STIX type; \"other types\" for those that are not STIX's"},
    {"given", TYPE_INT, MUST, .help = "versions of objects put into its feed"},
    {"confirmed", TYPE_INT, MUST, .help = "of these, those that it signed a receipt for"},
    {"taken_back", TYPE_INT, MUST, .help = "entries that take an object back"},
    {"received", TYPE_INT, MUST, .help = "objects that came from it and are here now"},
};

static const struct field EXCHANGE_RULE[] = {
    {"rule", TYPE_TEXT, MUST, .help = "the rule that keeps them from it"},
    {"text", TYPE_TEXT, MUST, .help = "for people"},
    {"count", TYPE_INT, MUST, .help = "objects that are here, not from it, and not given"},
};

static const struct field EXCHANGE[] = {
    {"peer", TYPE_TEXT, MUST, .help = "this node's name for it"},
    {"node", TYPE_TEXT, MUST, .help = "the name it gives itself"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_PEER, .help = "of the peer"},
    {"communities", TYPE_TEXT, MUST, .help = "that both nodes are in, separated by commas"},
    {"types", TYPE_SCHEMA, MUST, true, "ExchangeType", NULL, "those exchanged"},
    {"withheld", TYPE_SCHEMA, MUST, true, "ExchangeRule", NULL, "what it is not given, and why"},
    {"needs", TYPE_SCHEMA, MUST, true, "ExchangeNeed", NULL,
        "what was asked, either way; of the newest 200 needs"},
    {"more", TYPE_BOOL, MUST,
        .help = "there is more than the newest 200,000 records and entries that were counted"},
};

#define SHAPE(name, fields, help) {name, fields, sizeof(fields) / sizeof(*(fields)), help}

const struct schema SCHEMAS[] = {
    SHAPE("Problem", ERROR, "What every answer with a status of 400 or more holds"),
    SHAPE("ProblemBody", ERROR_BODY, "What went wrong"),
    SHAPE("Health", HEALTH, "The node answers"),
    SHAPE("Session", SESSION, "Who is asking"),
    SHAPE("SignInWays", SIGN_IN_WAYS, "How people may sign in beside account and password"),
    SHAPE("SignInBegun", SIGN_IN_BEGUN, "A sign-in with the identity provider"),
    SHAPE("Status", STATUS, "How the node is"),
    SHAPE("KeptFor", KEPT_FOR, "Why indicators are not matched"),
    SHAPE("LedgerHead", LEDGER_HEAD, "How long the ledger is and what signs it"),
    SHAPE("View", VIEW, "How far a view follows the ledger"),
    SHAPE("FindingCounts", FINDINGS, "What detectors of behaviour came to"),
    SHAPE("LivePatterns", PATTERNS, "What patterns on events came to"),
    SHAPE("Process", PROCESS, "A running role of the node"),
    SHAPE("Alarm", ALARM, "Something that needs a person"),
    SHAPE("Sighting", SIGHTING, "An indicator met an event"),
    SHAPE("SightedIndicator", SIGHTED_INDICATOR, "What a sighting is of"),
    SHAPE("Indicator", INDICATOR, "A pattern of malicious activity"),
    SHAPE("IndicatorDecision", INDICATOR_DECISION, "A person's word about an indicator"),
    SHAPE("Source", SOURCE, "Where objects and events come from"),
    SHAPE("Found", FOUND, "One object that fits a search"),
    SHAPE("ObjectPage", OBJECT, "One version of an object with all that belongs to it"),
    SHAPE("Label", LABEL, "Who may see an object"),
    SHAPE("Why", WHY, "Whether somebody gets an object, and why"),
    SHAPE("WhyCondition", WHY_CONDITION, "One condition of a label"),
    SHAPE("Audience", AUDIENCE, "Who gets an object and who not"),
    SHAPE("AudienceReader", AUDIENCE_READER, "One reader, or several that are alike"),
    SHAPE("AudienceVerdict", AUDIENCE_VERDICT, "Whether a reader gets an object"),
    SHAPE("Shared", SHARED, "An object's version with another label"),
    SHAPE("Withdrawn", WITHDRAWN, "An object that was just taken back"),
    SHAPE("ObjectVersion", OBJECT_VERSION, "One version of an object"),
    SHAPE("Relation", RELATION, "A reference between two objects"),
    SHAPE("Proof", PROOF, "That a record is in the signed ledger"),
    SHAPE("LiveEvent", EVENT,
        "Server-sent events: the member's name is the event, its value the data"),
    SHAPE("Imported", IMPORTED, "What became of a submission"),
    SHAPE("Refused", REFUSED, "An object that was not taken"),
    SHAPE("Account", ACCOUNT, "Who may sign in"),
    SHAPE("Member", MEMBER, "Who takes part by files and mail, without a node"),
    SHAPE("TokenRow", TOKEN_ROW, "A credential for programs, without its secret"),
    SHAPE("Token", TOKEN, "A new credential for programs"),
    SHAPE("Request", REQUEST, "An operation that needs a second person"),
    SHAPE("Requested", REQUESTED, "A request that was made, approved or refused"),
    SHAPE("Totp", TOTP, "A new second factor of an account"),
    SHAPE("Community", COMMUNITY, "Who shares what with whom"),
    SHAPES_AGREEMENTS,
    SHAPES_NEEDS,
    SHAPES_HUNTS,
    SHAPES_EXPORT,
    SHAPES_LIFE,
    SHAPE("Peer", PEER, "Another node that this one knows"),
    SHAPE("Originator", ORIGINATOR, "A node known through peers only"),
    SHAPE("PeerPage", PEER_PAGE, "One peer with all that is known of it"),
    SHAPE("Rotation", ROTATION, "Ledger keys were followed by others"),
    SHAPE("Compromise", COMPROMISE, "Ledger keys were in other hands"),
    SHAPE("Evidence", EVIDENCE, "That a peer denies what it had signed"),
    SHAPE("PurgedNow", PURGED_NOW, "An object that was just purged"),
    SHAPE("Purge", PURGE, "An object that was purged, or is to be"),
    SHAPE("PurgePeer", PURGE_PEER, "How far a peer is with a purge"),
    SHAPE("Withdrawal", WITHDRAWAL, "An object that was taken back"),
    SHAPE("WithdrawalPage", WITHDRAWAL_PAGE, "One withdrawal, and how far each peer is with it"),
    SHAPE("WithdrawalPeer", WITHDRAWAL_PEER, "How far a peer is with a withdrawal"),
    SHAPE("Exchange", EXCHANGE, "Who gives whom how much"),
    SHAPE("ExchangeType", EXCHANGE_TYPE, "Counts of one type"),
    SHAPE("ExchangeRule", EXCHANGE_RULE, "What one rule keeps from a peer"),
    SHAPE("Collection", COLLECTION, "A feed, as TAXII shows it"),
};

const size_t SCHEMA_COUNT = sizeof(SCHEMAS) / sizeof(*SCHEMAS);

const struct schema *schema_of_name(struct str name)
{
	for (size_t i = 0; i < SCHEMA_COUNT; i++)
		if (str_eq(str_c(SCHEMAS[i].name), name))
			return &SCHEMAS[i];
	return NULL;
}
