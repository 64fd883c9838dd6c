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

/* How many of an item a group takes; of an older flow: none. */
struct share {
	uint64_t amount;
	uint64_t flow;
};

/* Room for the flow of one of the groups that have the same items. */
struct flow_room {
	struct flow_room *next;
	struct share *flow;
};

/* The items that an expression may take: found once for all choices and repetitions. */
struct listing {
	bool filled;
	bool enough;
	size_t *ranks; /* ascending */
	size_t count;
	usec longest; /* of these items */
	struct flow_room *rooms;
	struct flow_room **next; /* the first that this choice has not used */
};

/* An expression that wants observations. */
struct group {
	const struct pattern_span *span;
	int cell;
	int twin;            /* the same one of the repetition before: it ends no later */
	int repeated;        /* the cell of that repetition, */
	uint64_t before;     /* and how many twins came before */
	usec floor;          /* `end` is not before this */
	usec ceiling;        /* nor after this */
	const size_t *ranks; /* of its listing, and so the next two */
	size_t count;
	usec longest;
	struct share *flow; /* how many of each it takes */
};

/* What an item has besides what the caller gave. */
struct rank {
	size_t item; /* its index there */
	uint64_t left;
	uint64_t flow;  /* of which `left` is; in a newer one, all is left */
	uint64_t round; /* of the search for a way in which `taker` is the group that asks for it */
	int taker;
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
	struct listing *listings;
	size_t *choices; /* which alternative, of each OR in turn */
	size_t *widths;  /* of how many */
	size_t chosen;
	uint64_t flow;  /* counts them, so that nothing needs to be wiped */
	uint64_t round; /* likewise */
	uint64_t work;
	uint64_t work_max;
	bool failed; /* memory ran out */
};

static inline const struct pattern_item *plan_item(const struct plan *p, size_t rank)
{
	return &p->items[p->ranks[rank].item];
}

static inline uint64_t plan_share(const struct plan *p, const struct group *g, size_t k)
{
	return g->flow[k].flow == p->flow ? g->flow[k].amount : 0;
}

/* The first of the group's items that can matter from `begin` on. */
size_t plan_since(const struct plan *p, const struct group *g, usec begin);

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
