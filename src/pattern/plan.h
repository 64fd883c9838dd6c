/* SPDX-License-Identifier: Apache-2.0 */
/* One choice of alternatives laid out for the search; for find.c, plan.c and flow.c alone. */
#pragma once

#include "pattern/find.h"

enum { PLAN_NONE = -1 };

#define PLAN_NEVER (INT64_MIN / 4)
#define PLAN_FOREVER (INT64_MAX / 4)

/* A span of the pattern: all that is in it happens in [begin, end]. */
struct cell {
	const struct pattern_span *span;
	int parent;
	int before; /* the cell that must end before this one begins */
	int group;  /* of groups: index */
	usec begin;
	usec end;
};

/* An expression that wants observations. */
struct group {
	const struct pattern_span *span;
	int cell;
	int twin;       /* the same one of the repetition before: it ends no later */
	usec floor;     /* `end` is not before this */
	usec ceiling;   /* nor after this */
	size_t *ranks;  /* of the items it may take, ascending */
	uint64_t *flow; /* how many of each it takes */
	size_t count;
	usec longest; /* of those items */
};

/* What an item has besides what the caller gave. */
struct rank {
	size_t item; /* its index there */
	uint64_t left;
	int taker; /* of the search for a way: the group that asks, or PLAN_NONE */
};

struct plan {
	struct arena *arena;
	const struct pattern_program *program;
	const struct pattern_item *items;
	struct rank *ranks; /* by first */
	size_t count;
	struct cell *cells; /* as many as the program says, and so below */
	int cell_count;
	struct group *groups;
	int group_count;
	size_t *choices; /* which alternative, of each OR in turn */
	size_t *widths;  /* of how many */
	size_t chosen;
	uint64_t work;
	uint64_t work_max;
	bool failed; /* memory ran out */
};

static inline const struct pattern_item *plan_item(const struct plan *p, size_t rank)
{
	return &p->items[p->ranks[rank].item];
}

/* Lays out the pattern under the choices at hand; false when an expression can never have enough,
 * or p->failed. */
bool plan_build(struct plan *p);
/* The next choices after those that plan_build() took; false when there are no more. */
bool plan_choose(struct plan *p);
/* Raises begins and ends to the least that the floors allow; false when there is none. */
bool plan_settle(struct plan *p);

/* Gives each group its items: of those that it can reach now, or, `later`, ever. False when they do
 * not suffice: `short_of` then says of each group whether it is one of those that lack. */
bool plan_flow(struct plan *p, bool later, bool *short_of);
