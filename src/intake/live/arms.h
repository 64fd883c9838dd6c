/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns that are armed, compiled once for all streams of the process, and the tables that
 * say which of them look at an event. Follows the match view's list (view/live/patterns.h). */
#pragma once

#include "base/env.h"
#include "intake/live/observe.h"
#include "intake/live/sift.h"
#include "pattern/machine.h"
#include "view/live/patterns.h"

/* BYTES: of all that is compiled. STRIKES: times that a pattern's work may run out. */
enum { ARM_BYTES_MAX = 256 << 20, ARM_STRIKES_MAX = 64 };

enum arm_state {
	ARM_LIVE,
	ARM_NEVER,    /* no event can make it true; or the index finds all of it */
	ARM_REFUSED,  /* it is no valid pattern, or too large */
	ARM_DISARMED, /* its work ran out too often */
};

struct arm {
	uint64_t seq;
	uint32_t from, until;
	enum arm_state state;
	struct arena *arena;
	struct pattern_program *program;
	struct sift sift;
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
void arms_disarm(struct arms *a, struct arm *arm);

/* Whom an event may concern: those first whom its values call, without reading more of it; the
 * answer's numbers live until the next question. */
struct arms_answer {
	const uint32_t *list;
	size_t count;
};
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
