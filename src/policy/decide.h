/* SPDX-License-Identifier: Apache-2.0 */
/* Who may see what: one pure function over a label, a reader, a way out and the time, as an ordered
 * table of rules, and the only place where these rules are. requirements.md G1, G2, G5, G7; their
 * meaning in words: doc/labels.md. */
#pragma once

#include "policy/label.h"

/* Where something would go. Every way out has its own name, so that rules and logs can tell. */
enum outlet {
	OUTLET_TAXII,
	OUTLET_API,
	OUTLET_PAGE,
	OUTLET_SEARCH,
	OUTLET_COUNT,
	OUTLET_EXPORT,
	OUTLET_METRICS,
	OUTLET_STREAM,
	OUTLET_PEER,
	OUTLETS,
};

enum reader_kind {
	READER_ACCOUNT,  /* of this node, of a guest organisation, or nobody */
	READER_PEER,     /* another node */
	READER_OPERATOR, /* at the command line: to whom file permissions gave everything */
	READER_KINDS,
};

enum {
	READER_SELF_MAX = 128,
	READER_NAMES_MAX = 512,
	READER_COMMUNITIES_MAX = 64,
	READER_COMMUNITY_NAMES_MAX = 2048,
};

struct reader_names {
	uint16_t n;
	char set[READER_NAMES_MAX];
};

/* What membership of a community gives. */
struct reader_community {
	uint64_t types; /* bits by enum stix_type_id: what is shared in it; COMMUNITY_TYPES_ALL */
	usec expires;   /* 0: never */
	enum tlp ceiling;
	uint32_t withheld; /* what is left out for who gets it through it: policy/release.h */
	bool closed;       /* it leads elsewhere: nothing goes to this reader through it */
	uint16_t at;       /* of its name in `community_names` */
	uint8_t n;
};
#define COMMUNITY_TYPES_ALL UINT64_MAX

/* Who asks. Nobody in particular is {.clearance = TLP_CLEAR}. No pointer but the name. */
struct reader {
	struct str name;
	uint8_t role; /* ops/role.h; not for decisions */
	uint8_t kind;
	bool own; /* belongs to the node's own organisation */
	bool has_identity;
	enum tlp clearance; /* the highest TLP level this reader may see */
	struct levels levels;
	struct uuid identity; /* of its organisation, or of the peer */
	struct uuid node;     /* of a peer: the identity of the node that would send */
	uint8_t self_n;
	char self[READER_SELF_MAX];        /* the names it goes by itself */
	struct reader_names organisations; /* countries and organisations it belongs to */
	struct reader_names tags;
	uint8_t community_count;
	uint16_t community_names_n;
	struct reader_community communities[READER_COMMUNITIES_MAX];
	char community_names[READER_COMMUNITY_NAMES_MAX];
};

/* Who is not of this node: what names nobody is not for them beyond its level. */
static inline bool reader_is_outside(const struct reader *r)
{
	return r->kind == READER_PEER || (r->kind == READER_ACCOUNT && !r->own);
}

/* All give ERR_INVALID for what is no name (policy/names.h) and ERR_LIMIT when there is no room. */
MUST_USE enum err reader_add_self(struct reader *r, struct str name);
MUST_USE enum err reader_add_organisation(struct reader *r, struct str name);
MUST_USE enum err reader_add_tag(struct reader *r, struct str name);
MUST_USE enum err reader_add_community(
    struct reader *r, struct str name, const struct reader_community *terms);
/* The same reader in that community and no other. */
struct reader reader_only_in(const struct reader *r, struct str community);
/* Sets the identity and adds it to the names it goes by. */
void reader_set_identity(struct reader *r, const struct uuid *identity);

enum verdict { VERDICT_ALLOW, VERDICT_REDACT, VERDICT_DENY };

struct decision {
	enum verdict verdict;
	const char *rule;  /* stable id of the rule that decided: "tlp.within-clearance" ... */
	uint32_t withheld; /* of VERDICT_REDACT: what the reader may not have of it, never 0 */
};

/* The first rule that applies decides; none: deny. VERDICT_REDACT is an allowance under terms:
 * policy_release (policy/release.h) says what they come to for one object. Of a peer this tells
 * what it may see of objects of every type; which types its communities share is
 * policy_decide_type's. */
struct decision policy_decide(
    const struct label *label, const struct reader *reader, enum outlet outlet, usec now);
/* The same for one object's type (enum stix_type_id). */
struct decision policy_decide_type(const struct label *label, uint16_t type,
    const struct reader *reader, enum outlet outlet, usec now);

/* Readers for which every decision is the same, so that decisions may be cached. */
bool policy_same_reader(const struct reader *a, const struct reader *b);
/* When a decision about this label may change by itself: the first such time after now; INT64_MAX
 * when never. */
usec policy_label_until(const struct label *label, usec now);
usec policy_reader_until(const struct reader *reader, usec now);
