/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and the decision who may see what: pure functions, the only place where the rules are.
 * Today a label is a TLP level (1 and 2.0 as one scale); the encoding is versioned, so that more
 * (releasability, need-to-know, hop limits) can be added without rewriting a ledger. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "stix/marking.h"

struct label {
	enum tlp tlp; /* never TLP_NONE: what has no label is TLP_UNKNOWN, the most restrictive */
};

enum { LABEL_ENCODED_MAX = 255 };

/* The bytes kept in a record: a version byte, then fields of {tag, length, value}. Returns their
 * count. */
size_t label_encode(const struct label *l, char out[LABEL_ENCODED_MAX]);
/* Anything unreadable decodes to the most restrictive label, and so does a field this program does
 * not know: it may be a restriction. It never fails. */
struct label label_decode(struct str bytes);
/* The least label that is at least as restrictive as both (what derived data carries). */
struct label label_join(const struct label *a, const struct label *b);
/* The label of an object: its own markings, else the default (of the source, of --label), else the
 * most restrictive. A default never lowers what the markings say. */
struct label label_of(enum tlp markings, const struct label *fallback);

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
	OUTLETS,
};

/* Who asks. Anonymous is {.clearance = TLP_CLEAR}. */
struct reader {
	struct str name;
	uint8_t role;       /* ops/role.h */
	enum tlp clearance; /* the highest TLP level this reader may see */
};

enum verdict { VERDICT_ALLOW, VERDICT_REDACT, VERDICT_DENY };

struct decision {
	enum verdict verdict;
	const char *rule; /* stable id of the rule that decided: "tlp.within-clearance" ... */
};

/* The first rule that applies decides; none: deny. */
struct decision policy_decide(
    const struct label *label, const struct reader *reader, enum outlet outlet);

/* What of a reader the decision depends on: readers with equal keys get equal decisions for every
 * label and outlet, so decisions may be cached under it. */
uint32_t policy_reader_key(const struct reader *reader);
