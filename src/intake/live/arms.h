/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns that are armed, compiled once for all streams of the process, and the tables that
 * say which of them look at an event. Follows the match view's list (view/live/patterns.h). */
#pragma once

#include "base/env.h"
#include "intake/live/figures.h"
#include "intake/live/observe.h"
#include "intake/live/sift.h"
#include "pattern/machine.h"
#include "view/live/patterns.h"

/* BYTES: of all that is compiled. STRIKES: times that a pattern's work may run out. ITEMS:
 * observations that a pattern may want. */
enum { ARM_BYTES_MAX = 256 << 20, ARM_STRIKES_MAX = 8, ARM_ITEMS_MAX = 4096, ARM_ID_MAX = 80 };

enum arm_state {
	ARM_LIVE,
	ARM_NEVER,    /* no event can make it true; or the index finds all of it */
	ARM_REFUSED,  /* it is no valid pattern, or too large */
	ARM_DISARMED, /* its work ran out too often */
};

/* What was compiled: it stays as long as somebody holds it. */
struct arm_body {
	uint64_t holders;
	struct arena *arena;
	struct pattern_program *program;
	struct sift sift;
};

struct arm {
	uint64_t seq;
	char id[ARM_ID_MAX]; /* of the indicator; empty when it is longer */
	uint32_t from, until;
	enum arm_state state;
	struct arm_body *body; /* of one that is live or was */
	unsigned strikes;
};

struct arms;

/* `views`: the node's folder of views. */
MUST_USE enum err arms_open(struct arms **out, struct str views, struct fault *fault);
/* Of a list by seq that stays as it is; its texts are not needed afterwards. */
struct arms *arms_of(const struct live_pattern *list, size_t count);
void arms_close(struct arms *a); /* NULL allowed */
/* True when what is armed has changed. */
bool arms_refresh(struct arms *a);
/* By seq, ascending; the same number for the same pattern until arms_refresh gives true. */
size_t arms_count(const struct arms *a);
struct arm *arms_at(struct arms *a, size_t i);
/* How many are in a state, and how many of the live ones have to look at every event of a type. */
size_t arms_in(const struct arms *a, enum arm_state state);
size_t arms_broad(const struct arms *a);
/* Of all streams together; who looks at events counts in it. */
struct live_figures *arms_figures(struct arms *a);
/* Time passes: how many of them look at events now. */
void arms_count_due(struct arms *a, usec now);
/* Observations that the pattern wants at the same time, at most ARM_ITEMS_MAX + 1. */
uint64_t arm_wants(const struct pattern_span *s);
void arm_body_release(struct arm_body *b); /* NULL allowed */
/* Its work ran out: the last time that it may disarms it. */
void arm_strike(struct arm *arm);
/* After strikes: whom events call is told anew. */
void arms_settle(struct arms *a);

/* Whom an event may concern: those first whom its values call, without reading more of it; the
 * answer's numbers live until the next question. */
struct arms_answer {
	const uint32_t *list;
	size_t count;
};
/* What of the event must have been read for that. */
enum { ARMS_WANT = EVE_WANT_KIND | EVE_WANT_ANSWERS };
/* *deeper: someone waits for what only the event as observed data tells. */
struct arms_answer arms_for_event(struct arms *a, const struct match_event *event, bool *deeper);
/* Adds those whom the observed data call, and gives all. */
struct arms_answer arms_for_observed(
    struct arms *a, const struct match_event *event, const struct observed *o);

/* How a pattern is matched beside the index, for people: compiles it once. */
struct arm_verdict {
	enum arm_state state;
	struct str reason; /* in the arena; of those that are not live */
};
void arm_judge(struct arm_verdict *out, struct arena *arena, struct str pattern);
