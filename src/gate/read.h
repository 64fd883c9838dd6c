/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, search, relations, figures, proofs and the live stream, each as this reader may have it.
 * Everything counts and names only what the reader may see; of an object it is always the newest
 * version that this reader may see. Lists come newest first. Strings live in the ask's arena, or
 * as long as the gate. */
#pragma once

#include "gate/gate.h"
#include "policy/decay/decay.h"
#include "policy/guard.h"

enum { GATE_LIST_MAX = 1000, GATE_QUERY_MAX = 1024 };

enum gate_active { GATE_ACTIVE_ANY, GATE_ACTIVE_ONLY, GATE_INACTIVE_ONLY };

/* For all lists; members that a list does not know must be zero. */
struct gate_query {
	uint32_t limit;               /* 1..GATE_LIST_MAX */
	struct str next;              /* token of the same list, query and reader, or STR_NONE */
	struct str text;              /* q; at most GATE_QUERY_MAX bytes (search, indicators) */
	struct str type;              /* name of a STIX type, or STR_NONE (search) */
	struct str of;                /* id of what was sighted, or STR_NONE (sightings) */
	usec since;                   /* received at or after; 0: none */
	enum gate_active active;      /* (indicators) */
	enum gate_active quarantined; /* (indicators) ONLY: those that are */
};

/* How an indicator ages, by the evidence that the reader may see. People of the own organisation
 * are told: how far it trusts its sources is not for guests. Where nothing ages nobody is told. */
struct gate_life {
	bool told;
	bool whole; /* by all evidence that there is, so it is what is done */
	bool more;  /* there is more than was looked at */
	enum decay_kind kind;
	struct decay_model model;
	uint32_t threshold, confidence; /* as it counts: what is stated, or what stands for it */
	uint32_t trust;
	usec begins, seen; /* seen 0: never */
	uint64_t deniers;  /* sources that call it a false positive */
	double denied;     /* points that these take off */
	double start, score;
	usec below;                    /* as decay_below(): the threshold's */
	usec points[DECAY_POINTS_MAX]; /* likewise, of the model's points */
};

struct gate_indicator {
	struct gate_object object;
	struct str id, name, pattern, source;
	usec valid_from, valid_until, received; /* valid_until 0: no end */
	usec matched_until;                     /* that, or the end of its life; likewise */
	struct gate_life life;
	usec last_hit;         /* 0: never */
	uint64_t hits;         /* counts of the visible sightings, summed */
	bool hits_more;        /* there are more than `hits` says: too many to count */
	uint64_t seen_before;  /* of these, before it was known (gate_indicator alone) */
	bool seen_before_more; /* there may have been more */
	int confidence;        /* -1: none */
	bool revoked, active, quarantined;
	/* Of a quarantine or release; for those alone who see everything, when a person decided it
	 * or it tells of the organisation. */
	enum guard_class quarantined_for;
	struct str reason, decided_by;
};

struct gate_sighting {
	struct gate_object object;
	struct str id;
	uint64_t count;
	usec first_seen, last_seen, received;
	/* Empty when the reader may not see the indicator. */
	struct str indicator_id, indicator_name, pattern;
	struct gate_object indicator; /* its label, where it came from */
	struct str indicator_source;
	int confidence;               /* of the indicator; -1: none */
	struct str value, value_type; /* of the observable that was seen */
	struct str source;
};

struct gate_found {
	struct gate_object object;
	struct str id, type, title, value;
	const char *why; /* "id", "value", "network", "domain", "type", "text" */
};

struct gate_relation {
	struct str path, id, type, title;
	struct str via; /* the relationship's type when a relationship object joins the two */
	struct str via_id;
	bool out;
};

/* One page: `next` is STR_NONE at the end. A page may be short, even empty, and not be the last:
 * the work of one call is bounded. */
struct gate_indicators {
	struct gate_indicator *items;
	size_t count;
	struct str next;
};
struct gate_sightings {
	struct gate_sighting *items;
	size_t count;
	struct str next;
};
struct gate_search {
	struct gate_found *items;
	size_t count;
	struct str next;
};
MUST_USE enum err gate_indicator(
    const struct gate_ask *ask, struct str id, struct gate_indicator *out, struct fault *fault);
MUST_USE enum err gate_indicators(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_indicators *out, struct fault *fault);
MUST_USE enum err gate_sightings(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_sightings *out, struct fault *fault);
/* q: an id or the beginning of one, a type, a value as people write it (defanged accepted), words.
 */
MUST_USE enum err gate_search(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_search *out, struct fault *fault);

/* What an object refers to and what refers to it, newest first, at most GATE_RELATIONS_MAX. Only
 * what this reader may see, at both ends. */
enum { GATE_RELATIONS_MAX = 1000 };
struct gate_relations {
	struct gate_relation *items;
	size_t count;
};
MUST_USE enum err gate_relations(
    const struct gate_ask *ask, struct str id, struct gate_relations *out, struct fault *fault);

/* What a person would call it: name, value, pattern, or the id. */
struct str gate_title(const struct gate_ask *ask, const struct gate_object *object);

struct gate_source {
	struct str name, kind, path, trust, state /* live, silent, stopped, error */, error;
	struct label label;
	uint64_t position, size, lag_bytes, lines, bad, skipped, untimed;
	uint64_t hits;              /* sightings of this source that the reader may see */
	usec last_event, last_read; /* 0: none */
};
struct gate_sources {
	struct gate_source *items;
	size_t count;
};
/* By name; those whose own label the reader may see. */
MUST_USE enum err gate_sources(
    const struct gate_ask *ask, struct gate_sources *out, struct fault *fault);

/* ERR_DENIED without ACTION_ADMINISTER. */
struct gate_account {
	struct str name, id;
	enum role role;
	struct str clearance; /* "TLP:AMBER,EU:EU-R" */
	/* Lists as text with commas; STR_NONE where nothing was decided. */
	struct str organisation, organisations, communities, tags;
	struct str subject; /* with the identity provider; empty: it has none */
	usec changed;
	bool has_password, has_certificate, has_totp;
};
struct gate_accounts {
	struct gate_account *items;
	size_t count;
};
MUST_USE enum err gate_accounts(
    const struct gate_ask *ask, struct gate_accounts *out, struct fault *fault);
/* What two persons decide, newest first; only an administrator is told. */
struct gate_request {
	struct str id, op, args, hash, by, state, second, text;
	usec made, expires;
};
struct gate_requests {
	struct gate_request *items;
	size_t count;
};
MUST_USE enum err gate_requests(
    const struct gate_ask *ask, struct gate_requests *out, struct fault *fault);
/* Likewise. Lists are texts with commas. */
struct gate_community {
	struct str name, title, members, types, anonymise, purposes, expires;
	struct str kind, hub, direction, incident, agreement; /* hub and on: STR_NONE, none */
	enum tlp ceiling;
	bool own; /* this node takes part */
	usec changed;
};
struct gate_communities {
	struct gate_community *items;
	size_t count;
};
MUST_USE enum err gate_communities(
    const struct gate_ask *ask, struct gate_communities *out, struct fault *fault);
struct gate_token {
	struct str id, account, name;
	usec created, expires; /* expires 0: never */
};
struct gate_tokens {
	struct gate_token *items;
	size_t count;
};
MUST_USE enum err gate_tokens(
    const struct gate_ask *ask, struct gate_tokens *out, struct fault *fault);

/* That a record the reader may see is in the ledger, against the newest checkpoint covering it.
 * ERR_BUSY when none covers it yet; ERR_DENIED without ACTION_AUDIT: a proof tells how many records
 * there are. */
struct gate_proof {
	uint64_t seq, size;
	struct sha256 leaf, root;
	const struct sha256 *hashes;
	size_t count;
	struct str header; /* bytes: leaf = SHA-256(00 || header); it holds the content's hash */
	struct str checkpoint, origin;
	struct str public_key; /* C2SP verifier key */
};
MUST_USE enum err gate_prove(const struct gate_ask *ask, struct str id, int64_t version,
    struct gate_proof *out, struct fault *fault);

struct gate_view {
	const char *name;
	uint64_t cursor, lag; /* records */
};
enum { GATE_VIEWS_MAX = 8 };
struct gate_figures {
	/* Only for readers with ACTION_AUDIT (has_ledger): how many records there are tells of
	 * hidden ones. */
	bool has_ledger;
	uint64_t ledger_size, checkpoint_size;
	uint64_t derived; /* records of objects that were derived for guests */
	struct sha256 root;
	struct gate_view views[GATE_VIEWS_MAX];
	size_t view_count;
	/* Of what this reader may see: distinct ids. */
	uint64_t objects, indicators, sightings, sources;
	/* Of the indicators those that are kept from being matched, by enum guard_class. */
	uint64_t kept[GUARD_CLASSES];
};
MUST_USE enum err gate_figures(
    const struct gate_ask *ask, struct gate_figures *out, struct fault *fault);
/* How many of the ledger's records all views hold, and how many there are: for who runs the node.
 */
uint64_t gate_views_end(const struct gate *g);
uint64_t gate_ledger_end(const struct gate *g);

/* The live stream: what became visible after *position, oldest first, at most max. Moves *position
 * behind what it looked at, so 0 events with progress is possible: call again while `more`. A
 * position is sent to a reader only as a token (gate_position_seal). */
enum gate_event_kind { GATE_EVENT_SIGHTING, GATE_EVENT_INDICATOR };
struct gate_event {
	enum gate_event_kind kind;
	uint64_t after; /* position behind this event */
	struct gate_sighting sighting;
	struct gate_indicator indicator;
};
struct gate_events {
	struct gate_event *items;
	size_t count;
	bool more;
};
uint64_t gate_position(const struct gate *g); /* now: the end of the ledger */
MUST_USE enum err gate_events(const struct gate_ask *ask, uint64_t *position, size_t max,
    struct gate_events *out, struct fault *fault);
struct str gate_position_seal(const struct gate_ask *ask, uint64_t position);
MUST_USE enum err gate_position_open(
    const struct gate_ask *ask, struct str token, uint64_t *out, struct fault *fault);
