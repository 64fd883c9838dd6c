/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes which observation: the most that can be given, by augmenting ways (Ford and Fulkerson).
 * Groups that cannot be served, with all those whose items they would need, are the ones that
 * lack. */
#include <string.h>

#include "pattern/plan.h"

struct reach {
	struct plan *p;
	bool later;
	bool *seen;      /* groups that the search came to */
	int *queue;      /* of those */
	size_t *through; /* the rank by which it came to a group */
	int length;
};

static bool reaches(const struct reach *r, const struct group *g, size_t rank)
{
	const struct pattern_item *item = plan_item(r->p, rank);
	const struct cell *c = &r->p->cells[g->cell];

	return item->first <= (r->later ? g->ceiling : c->end) && item->last >= c->begin;
}

/* Where the group has the item in its list; g->count when it has not. */
static size_t place(const struct group *g, size_t rank)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (g->ranks[middle] < rank)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->count && g->ranks[low] == rank ? low : g->count;
}

static void come_to(struct reach *r, int group, size_t through)
{
	r->seen[group] = true;
	r->through[group] = through;
	r->queue[r->length++] = group;
}

/* All that have some of the item may give it up. */
static void ask_holders(struct reach *r, size_t rank)
{
	for (int j = 0; j < r->p->group_count; j++) {
		const struct group *g = &r->p->groups[j];
		size_t at = r->seen[j] ? g->count : place(g, rank);

		r->p->work++;
		if (at < g->count && g->flow[at] > 0)
			come_to(r, j, rank);
	}
}

/* Moves what is free of the item along the way back to the group that asked first. */
static uint64_t move(struct reach *r, int start, size_t rank, uint64_t amount)
{
	struct plan *p = r->p;
	size_t at = rank;

	if (p->ranks[rank].left < amount)
		amount = p->ranks[rank].left;
	for (int g = p->ranks[rank].taker; g != start; g = p->ranks[at].taker) {
		at = r->through[g];
		if (p->groups[g].flow[place(&p->groups[g], at)] < amount)
			amount = p->groups[g].flow[place(&p->groups[g], at)];
	}
	p->ranks[rank].left -= amount;
	at = rank;
	for (int g = p->ranks[rank].taker;; g = p->ranks[at].taker) {
		p->groups[g].flow[place(&p->groups[g], at)] += amount;
		if (g == start)
			return amount;
		at = r->through[g];
		p->groups[g].flow[place(&p->groups[g], at)] -= amount;
	}
}

/* How many more the group could be given by one way; 0: none, and r->seen are those that lack. */
static uint64_t augment(struct reach *r, int start, uint64_t amount)
{
	struct plan *p = r->p;

	memset(r->seen, 0, (size_t)p->group_count * sizeof(*r->seen));
	for (size_t i = 0; i < p->count; i++)
		p->ranks[i].taker = PLAN_NONE;
	p->work += p->count;
	r->length = 0;
	come_to(r, start, 0);
	for (int i = 0; i < r->length; i++) {
		const struct group *g = &p->groups[r->queue[i]];

		for (size_t k = 0; k < g->count; k++) {
			size_t rank = g->ranks[k];

			p->work++;
			if (p->ranks[rank].taker != PLAN_NONE || !reaches(r, g, rank))
				continue;
			p->ranks[rank].taker = r->queue[i];
			if (p->ranks[rank].left > 0)
				return move(r, start, rank, amount);
			ask_holders(r, rank);
		}
	}
	return 0;
}

/* What is free goes to who asks first; most patterns need no more than this. */
static uint64_t take_free(struct reach *r, struct group *g, uint64_t want)
{
	for (size_t k = 0; k < g->count && want > 0; k++) {
		struct rank *rank = &r->p->ranks[g->ranks[k]];
		uint64_t n = rank->left < want ? rank->left : want;

		r->p->work++;
		if (n == 0 || !reaches(r, g, g->ranks[k]))
			continue;
		g->flow[k] += n;
		rank->left -= n;
		want -= n;
	}
	return want;
}

bool plan_flow(struct plan *p, bool later, bool *short_of)
{
	int queue[PATTERN_GROUPS_MAX];
	size_t through[PATTERN_GROUPS_MAX];
	struct reach r = {
	    .p = p, .later = later, .seen = short_of, .queue = queue, .through = through};

	for (size_t i = 0; i < p->count; i++)
		p->ranks[i].left = plan_item(p, i)->number;
	for (int i = 0; i < p->group_count; i++)
		memset(p->groups[i].flow, 0, p->groups[i].count * sizeof(uint64_t));
	p->work += p->count;
	for (int i = 0; i < p->group_count; i++) {
		uint64_t want = take_free(&r, &p->groups[i], p->groups[i].span->count);

		while (want > 0) {
			uint64_t n = augment(&r, i, want);

			if (n == 0 || p->work > p->work_max)
				return false;
			want -= n;
		}
	}
	return true;
}
