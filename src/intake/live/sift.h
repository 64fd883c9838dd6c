/* SPDX-License-Identifier: Apache-2.0 */
/* What an event must have before a pattern can be true of it, so that most patterns never look at
 * most events: for each alternative of each expression one thing, the rarest that all of the
 * alternative needs. An event that has none of a pattern's things is none of its observations.
 * Pure. */
#pragma once

#include "intake/live/observe.h"
#include "pattern/program.h"
#include "stix/equality.h"

enum sift_kind {
	SIFT_TERM, /* this value, whatever holds it */
	SIFT_NAME, /* a file of this name */
	SIFT_PORT, /* a port of this number */
	SIFT_PART, /* this text within a value of `part_of` */
	SIFT_TYPE, /* an object of this type */
};

struct sift_key {
	enum sift_kind kind;
	enum observe_type type; /* of TYPE, and of PART whose values are searched */
	struct term term;
	struct str text; /* of NAME and PART; of TYPE, when not empty, what stands in the line */
	unsigned port;
};

enum { SIFT_KEYS_MAX = 20000, SIFT_PART_MIN = 4 };

struct sift {
	struct sift_key *keys;
	size_t count;
	unsigned types; /* of the observables that it looks at; each a bit of enum observe_type */
	bool never;     /* no event of a sensor can make the pattern true */
};

/* Prepares the program too: constants that are compared with values of a known kind become
 * canonical, as these are, and what the indicator index finds by itself, alternatives that are one
 * plain value, is no longer looked for. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err sift_program(struct sift *out, struct arena *arena, struct pattern_program *p);
