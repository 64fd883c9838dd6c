/* SPDX-License-Identifier: Apache-2.0 */
/* The query string of a TAXII request (TAXII 2.1 §3.4): limit, next, added_after and the match
 * filters, read from untrusted text under limits. Pure. What is malformed is an error; fields that
 * an endpoint does not know are ignored, as the specification allows. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum {
	FILTER_VALUES_MAX = 1000, /* alternatives in one match field */
	FILTER_NEXT_MAX = 512,
};

/* The fields an endpoint understands, as bits. */
enum filter_field {
	FILTER_LIMIT = 1,
	FILTER_NEXT = 2,
	FILTER_ADDED_AFTER = 4,
	FILTER_ID = 8,
	FILTER_TYPE = 16,
	FILTER_VERSION = 32,
	FILTER_SPEC = 64,
	FILTER_PAGING = FILTER_LIMIT | FILTER_NEXT | FILTER_ADDED_AFTER,
};

struct filter {
	unsigned seen;  /* FILTER_* given */
	uint64_t limit; /* with FILTER_LIMIT: at least 1 */
	struct str next;
	usec added_after;
	const struct str *ids;
	size_t id_count;
	const struct str *types;
	size_t type_count;
	uint8_t versions; /* FEED_VERSION_* of gate/feed.h */
	const int64_t *exact;
	size_t exact_count;
	uint8_t specs;      /* FEED_SPEC_* of gate/feed.h; 0 with FILTER_SPEC: none that we know */
	struct str binding; /* all but limit and next, one text: what `next` belongs to */
};

/* `known` says which fields count. ERR_INVALID (the fault says which field and why), ERR_LIMIT,
 * ERR_NOMEM. Strings live in the arena or in `query`. */
MUST_USE enum err filter_parse(
    struct filter *out, struct arena *arena, struct str query, unsigned known, struct fault *fault);
