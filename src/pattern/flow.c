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

/* A group's items from plan_since() up to the first for which this is false are those it reaches,
 * but for what was over before it begins. */
static bool begun(const struct reach *r, const struct group *g, size_t rank)
{
	const struct cell *c = &r->p->cells[g->cell];

	return plan_item(r->p, rank)->first <= (r->later ? g->ceiling : c->end);
}

static bool over(const struct reach *r, const struct group *g, size_t rank)
{
	return plan_item(r->p, rank)->last < r->p->cells[g->cell].begin;
}

static uint64_t *left_of(struct plan *p, size_t rank)
{
	struct rank *r = &p->ranks[rank];

	if (r->flow != p->flow) {
		r->flow = p->flow;
		r->left = plan_item(p, rank)->number;
	}
	return &r->left;
}

static uint64_t *share_of(struct plan *p, struct group *g, size_t k)
{
	struct share *s = &g->flow[k];

	if (s->flow != p->flow) {
		s->flow = p->flow;
		s->amount = 0;
	}
	return &s->amount;
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
		if (at < g->count && plan_share(r->p, g, at) > 0)
			come_to(r, j, rank);
	}
}

/* Moves what is free of the item along the way back to the group that asked first. */
static uint64_t move(struct reach *r, int start, size_t rank, uint64_t amount)
{
	struct plan *p = r->p;
	size_t at = rank;

	if (*left_of(p, rank) < amount)
		amount = *left_of(p, rank);
	for (int i = p->ranks[rank].taker; i != start; i = p->ranks[at].taker) {
		struct group *g = &p->groups[i];

		at = r->through[i];
		if (*share_of(p, g, place(g, at)) < amount)
			amount = *share_of(p, g, place(g, at));
	}
	*left_of(p, rank) -= amount;
	at = rank;
	for (int i = p->ranks[rank].taker;; i = p->ranks[at].taker) {
		struct group *g = &p->groups[i];

		*share_of(p, g, place(g, at)) += amount;
		if (i == start)
			return amount;
		at = r->through[i];
		*share_of(p, g, place(g, at)) -= amount;
	}
}

/* How many more the group could be given by one way; 0: none, and r->seen are those that lack. */
static uint64_t augment(struct reach *r, int start, uint64_t amount)
{
	struct plan *p = r->p;

	memset(r->seen, 0, (size_t)p->group_count * sizeof(*r->seen));
	p->round++;
	p->work += (uint64_t)p->group_count;
	r->length = 0;
	come_to(r, start, 0);
	for (int i = 0; i < r->length; i++) {
		const struct group *g = &p->groups[r->queue[i]];

		for (size_t k = plan_since(p, g, p->cells[g->cell].begin);
		    k < g->count && begun(r, g, g->ranks[k]); k++) {
			size_t rank = g->ranks[k];

			p->work++;
			if (p->ranks[rank].round == p->round || over(r, g, rank))
				continue;
			p->ranks[rank].round = p->round;
			p->ranks[rank].taker = r->queue[i];
			if (*left_of(p, rank) > 0)
				return move(r, start, rank, amount);
			ask_holders(r, rank);
		}
	}
	return 0;
}

/* What is free goes to who asks first; most patterns need no more than this. */
static uint64_t take_free(struct reach *r, struct group *g, uint64_t want)
{
	struct plan *p = r->p;

	for (size_t k = plan_since(p, g, p->cells[g->cell].begin);
	    k < g->count && want > 0 && begun(r, g, g->ranks[k]); k++) {
		uint64_t *left = left_of(p, g->ranks[k]);
		uint64_t n = *left < want ? *left : want;

		p->work++;
		if (n == 0 || over(r, g, g->ranks[k]))
			continue;
		*share_of(p, g, k) += n;
		*left -= n;
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

	p->flow++;
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
