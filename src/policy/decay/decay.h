/* SPDX-License-Identifier: Apache-2.0 */
/* How an indicator ages. Its score begins at its confidence, as far as its source is trusted, less
 * what is held against it as false positives, and falls along the polynomial that MISP and OpenCTI
 * use,
 *
 *   score(t) = start * (1 - ((t - seen) / lifetime) ^ (1 / speed)),
 *
 * from when it was last stated or seen; lifetime and speed by the kind of its values. The curve is
 * closed, so the moment at which it falls below the threshold is computed when something becomes
 * known, and no clock has to run for it. Pure. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "stix/equality.h"

enum decay_kind {
	DECAY_ADDRESS,
	DECAY_DOMAIN,
	DECAY_URL,
	DECAY_EMAIL,
	DECAY_FILE,
	DECAY_CERTIFICATE,
	DECAY_TLS, /* fingerprints of hellos */
	DECAY_USER_AGENT,
	DECAY_OTHER, /* no plain values */
	DECAY_KINDS,
};

enum { DECAY_POINTS_MAX = 8, DECAY_DAYS_MAX = 36500, DECAY_FULL = 100 };

struct decay_model {
	uint32_t days;  /* until the score is 0 */
	uint32_t speed; /* in hundredths: more falls faster at first */
	/* Scores that people want to know the passing of, descending. */
	uint32_t points[DECAY_POINTS_MAX];
	size_t point_count;
};

struct decay {
	uint32_t threshold;      /* below it nothing is matched; 0: everything is */
	uint32_t confidence;     /* of what states none */
	uint32_t false_positive; /* points that each takes off */
	struct decay_model models[DECAY_KINDS];
};

const char *decay_kind_name(enum decay_kind kind); /* "address" ... */
/* "lifetime DAYS speed NUMBER points N,N,N"; the last may be left out. ERR_INVALID. */
MUST_USE enum err decay_model_parse(struct decay_model *out, struct str text, struct fault *fault);
/* That of the longest life among the values; NULL: they are none. */
enum decay_kind decay_kind_of(const struct decay *d, const struct term_list *terms);

/* What is known of one indicator. */
struct decay_facts {
	enum decay_kind kind;
	int confidence;  /* -1: none is stated */
	uint32_t trust;  /* in its source, of 100 */
	usec stated;     /* when it was stated, or begins to be valid */
	usec seen;       /* when it was last seen; 0: never */
	uint64_t denied; /* false positives in hundredths: what each weighs */
};

/* The speed as it stands in the formula. */
double decay_speed(const struct decay_model *m);
/* Where the curve begins. */
usec decay_begins(const struct decay_facts *f);
/* The points that false positives take off; all of them, also where there are fewer to take. */
double decay_denied(const struct decay *d, const struct decay_facts *f);
double decay_start(const struct decay *d, const struct decay_facts *f);
double decay_score(const struct decay *d, const struct decay_facts *f, usec at);
/* From when on the score is below `score`: 0 when it always is, INT64_MAX when it never is. */
usec decay_below(const struct decay *d, const struct decay_facts *f, uint32_t score);
