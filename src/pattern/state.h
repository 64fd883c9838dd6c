/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern on a live stream: observations are fed one at a time, in any order, and a match is told
 * with the observation that completes it. Each answer is that of pattern_find() over what is kept:
 * the observations fed that are true of some expression, whose `last` is not before now - window,
 * and that no earlier match has used. What cannot be kept is counted. */
#pragma once

#include "pattern/find.h"

struct pattern_limits {
	size_t items;  /* kept at once; of more the one that is over longest goes */
	usec window;   /* how long one is kept, unless the pattern's own window is shorter */
	uint64_t work; /* steps for one observation */
	/* Told of each that is forgotten, but not of a match's witnesses; may be NULL. */
	void (*forgotten)(void *ctx, uint64_t ref);
	void *ctx;
};

#define PATTERN_LIMITS                                                                             \
	((struct pattern_limits){.items = 1024, .window = 24 * 3600 * USEC_PER_SEC, .work = 200000})

struct pattern_counters {
	uint64_t fed;
	uint64_t kept;      /* of those, at some time */
	uint64_t expired;   /* forgotten because the window had passed */
	uint64_t crowded;   /* forgotten because there were too many: matches may be missed */
	uint64_t undecided; /* feeds after which the work ran out: likewise */
	uint64_t matches;
};

struct pattern_state;

/* The program must outlive it. Aborts when memory is refused: it takes all it will ever have. */
struct pattern_state *pattern_state_new(
    const struct pattern_program *p, const struct pattern_limits *limits);
void pattern_state_free(struct pattern_state *s); /* NULL allowed */
const struct pattern_counters *pattern_state_counters(const struct pattern_state *s);
/* Bytes that it holds. */
size_t pattern_state_bytes(const struct pattern_state *s);

struct pattern_hit {
	bool match;
	uint64_t *witnesses; /* the refs of the observations, in the order fed; in the arena */
	size_t count;
};

/* `ref` is the caller's name for the item. `now` may not go back; what is fed later should not have
 * begun before it, or it may find that its match was forgotten. ERR_NOMEM. */
MUST_USE enum err pattern_feed(struct pattern_hit *out, struct pattern_state *s,
    struct arena *arena, const struct pattern_item *item, uint64_t ref, usec now);
