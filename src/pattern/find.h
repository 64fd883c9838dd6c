/* SPDX-License-Identifier: Apache-2.0 */
/* Finds observations that together make a pattern true: how expressions that each take observations
 * of their own are joined over time.
 *
 * An observed-data object stands for `number` observations, each at some time in [first, last]. A
 * match gives every expression as many of them as it wants, none twice, and times that keep the
 * order, windows and periods. For one choice of alternatives (OR) every bound on time is monotone:
 * the earliest times that satisfy all are a least fixed point, and who may take which observation
 * then is a flow. Where expressions compete for the same observations, those that lack one must
 * look later, which is tried for each in turn. The answer is exact. That choosing is as hard as
 * packing sets in general, so its work is bounded, and what passes the bound is undecided, never a
 * match. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "pattern/program.h"

struct pattern_item {
	usec first;
	usec last;
	uint64_t number;
	const uint64_t *leaves; /* which are true of it, as pattern_see() says */
};

enum pattern_verdict {
	PATTERN_NO_MATCH,
	PATTERN_MATCH,
	PATTERN_UNDECIDED, /* the work ran out */
};

/* Steps: less than a second. */
enum { PATTERN_WORK_MAX = 20000000 };

struct pattern_found {
	enum pattern_verdict verdict;
	size_t *witnesses; /* indexes of the items of one match, in their order */
	size_t count;
	uint64_t work; /* steps that it took */
};

/* Takes at most about `work_max` steps. ERR_NOMEM when the arena refuses: the verdict is then
 * UNDECIDED too. */
MUST_USE enum err pattern_find(struct pattern_found *out, struct arena *arena,
    const struct pattern_program *p, const struct pattern_item *items, size_t count,
    uint64_t work_max);
