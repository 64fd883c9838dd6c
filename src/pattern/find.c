/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "pattern/plan.h"

/* Floors of the groups that are still to be tried, and ends of those that were. */
struct search {
	struct plan *p;
	usec **open;
	size_t open_count;
	size_t open_cap;
	usec **tried; /* by hash; NULL: free */
	size_t tried_count;
	size_t tried_cap; /* a power of two */
};

static size_t vector_bytes(const struct plan *p)
{
	return (size_t)p->group_count * sizeof(usec);
}

static usec *ends(struct plan *p)
{
	usec *v = arena_alloc(p->arena, vector_bytes(p));

	p->failed = p->failed || !v;
	for (int i = 0; v && i < p->group_count; i++)
		v[i] = p->cells[p->groups[i].cell].end;
	return v;
}

static size_t slot_of(const struct search *s, const usec *v)
{
	const struct hash_key key = {0x746f6373696e, 0x7061747465726e};
	const struct str bytes = {(const char *)v, vector_bytes(s->p)};
	size_t at = (size_t)hash_bytes(&key, bytes) & (s->tried_cap - 1);

	while (s->tried[at] && memcmp(s->tried[at], v, bytes.n) != 0)
		at = (at + 1) & (s->tried_cap - 1);
	return at;
}

static bool grow_tried(struct search *s)
{
	struct search old = *s;

	s->tried_cap = old.tried_cap ? 2 * old.tried_cap : 64;
	s->tried = arena_array(s->p->arena, s->tried_cap, sizeof(*s->tried));
	if (!s->tried) {
		s->p->failed = true;
		return false;
	}
	memset(s->tried, 0, s->tried_cap * sizeof(*s->tried));
	for (size_t i = 0; i < old.tried_cap; i++)
		if (old.tried[i])
			s->tried[slot_of(s, old.tried[i])] = old.tried[i];
	return true;
}

/* False when these ends were there before, or memory ran out. */
static bool remember(struct search *s, usec *v)
{
	size_t slot;

	if (2 * s->tried_count >= s->tried_cap && !grow_tried(s))
		return false;
	slot = slot_of(s, v);
	if (s->tried[slot])
		return false;
	s->tried[slot] = v;
	s->tried_count++;
	return true;
}

static void push(struct search *s, usec *floors)
{
	if (s->open_count == s->open_cap) {
		size_t cap = s->open_cap ? 2 * s->open_cap : 64;
		usec **open = arena_array(s->p->arena, cap, sizeof(*open));

		if (!open) {
			s->p->failed = true;
			return;
		}
		if (s->open_count)
			memcpy(open, s->open, s->open_count * sizeof(*open));
		s->open = open;
		s->open_cap = cap;
	}
	s->open[s->open_count++] = floors;
}

/* The first time after the group's end at which there is more for it; PLAN_FOREVER: never. */
static usec next_gain(struct plan *p, const struct group *g)
{
	const struct cell *c = &p->cells[g->cell];

	for (size_t k = plan_since(p, g, c->end); k < g->count; k++) {
		const struct pattern_item *item = plan_item(p, g->ranks[k]);

		p->work++;
		if (item->first > c->end && item->last >= c->begin)
			return item->first;
	}
	return PLAN_FOREVER;
}

/* Repetitions of one expression end in their order: where some end at one time, for any of them to
 * end later the last of them must. */
static int last_alike(const struct plan *p, int group)
{
	for (int j = group + 1; j < p->group_count; j++)
		if (p->groups[j].twin == group &&
		    p->cells[p->groups[j].cell].end == p->cells[p->groups[group].cell].end)
			group = j;
	return group;
}

/* Of the groups that lack, one at least must end later. */
static void branch(struct search *s, const bool *lack, const usec *now)
{
	struct plan *p = s->p;
	usec gains[PATTERN_GROUPS_MAX];

	p->work += (uint64_t)p->group_count * (uint64_t)p->group_count;
	for (int i = 0; i < PATTERN_GROUPS_MAX; i++)
		gains[i] = PLAN_FOREVER;
	for (int i = 0; i < p->group_count; i++) {
		usec gain = lack[i] ? next_gain(p, &p->groups[i]) : PLAN_FOREVER;
		int last = last_alike(p, i);

		if (gain <= p->groups[i].ceiling && gain < gains[last])
			gains[last] = gain;
	}
	for (int i = p->group_count - 1; i >= 0 && !p->failed; i--) {
		usec *floors =
		    gains[i] < PLAN_FOREVER ? arena_alloc(p->arena, vector_bytes(p)) : NULL;

		if (gains[i] == PLAN_FOREVER)
			continue;
		p->failed = !floors;
		if (!floors)
			return;
		memcpy(floors, now, vector_bytes(p));
		floors[i] = gains[i];
		push(s, floors);
	}
}

/* True when there is a match, which then is in the flows. */
static bool search_plan(struct plan *p)
{
	struct search s = {.p = p};
	bool lack[PATTERN_GROUPS_MAX], never[PATTERN_GROUPS_MAX];
	usec *now;

	now = arena_zalloc(p->arena, vector_bytes(p));
	if (!now) {
		p->failed = true;
		return false;
	}
	for (int i = 0; i < p->group_count; i++)
		now[i] = PLAN_NEVER;
	push(&s, now);
	while (s.open_count > 0 && !p->failed && p->work <= p->work_max) {
		usec *floors = s.open[--s.open_count];

		for (int i = 0; i < p->group_count; i++)
			p->groups[i].floor = floors[i];
		if (!plan_settle(p))
			continue;
		now = ends(p);
		if (!now || !remember(&s, now))
			continue;
		if (plan_flow(p, false, lack))
			return true;
		/* What will never suffice need not be tried later. */
		if (p->work <= p->work_max && plan_flow(p, true, never))
			branch(&s, lack, now);
	}
	return false;
}

/* Items in the order of their first times: what happens earlier is taken first. */
struct ordering {
	usec first;
	size_t item;
};

static int by_first(const void *a, const void *b)
{
	const struct ordering *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static bool of_use(const struct pattern_program *program, const struct pattern_item *item)
{
	for (size_t i = 0; i < program->words; i++)
		if (item->leaves[i])
			return item->number > 0;
	return false;
}

static bool order_items(struct plan *p, size_t count)
{
	struct ordering *order = arena_array(p->arena, count, sizeof(*order));

	p->ranks = arena_array(p->arena, count, sizeof(*p->ranks));
	if (!order || !p->ranks)
		return false;
	for (size_t i = 0; i < count; i++)
		if (of_use(p->program, &p->items[i]))
			order[p->count++] = (struct ordering){p->items[i].first, i};
	if (p->count > 0)
		qsort(order, p->count, sizeof(*order), by_first);
	for (size_t i = 0; i < p->count; i++)
		p->ranks[i] = (struct rank){.item = order[i].item};
	p->work += count;
	return true;
}

static bool take_room(struct plan *p)
{
	const struct pattern_program *program = p->program;

	p->cells = arena_array(p->arena, program->cells, sizeof(*p->cells));
	p->groups = arena_array(p->arena, program->groups, sizeof(*p->groups));
	p->listings = arena_zalloc(p->arena, program->listings * sizeof(*p->listings));
	p->choices = arena_array(p->arena, program->choices + 1, sizeof(*p->choices));
	p->widths = arena_array(p->arena, program->choices + 1, sizeof(*p->widths));
	if (!p->cells || !p->groups || !p->listings || !p->choices || !p->widths)
		return false;
	memset(p->choices, 0, (program->choices + 1) * sizeof(*p->choices));
	return true;
}

static int by_index(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static enum err take_witnesses(struct pattern_found *out, struct plan *p)
{
	bool *taken = arena_zalloc(p->arena, p->count);

	out->witnesses = arena_array(p->arena, p->count, sizeof(*out->witnesses));
	if (!taken || !out->witnesses)
		return ERR_NOMEM;
	for (int i = 0; i < p->group_count; i++)
		for (size_t k = 0; k < p->groups[i].count; k++)
			if (plan_share(p, &p->groups[i], k) > 0)
				taken[p->groups[i].ranks[k]] = true;
	for (size_t i = 0; i < p->count; i++)
		if (taken[i])
			out->witnesses[out->count++] = p->ranks[i].item;
	qsort(out->witnesses, out->count, sizeof(*out->witnesses), by_index);
	out->verdict = PATTERN_MATCH;
	return OK;
}

enum err pattern_find(struct pattern_found *out, struct arena *arena,
    const struct pattern_program *program, const struct pattern_item *items, size_t count,
    uint64_t work_max)
{
	struct plan p = {.arena = arena, .program = program, .items = items, .work_max = work_max};
	enum err rc = OK;
	bool found = false;

	*out = (struct pattern_found){.verdict = PATTERN_UNDECIDED};
	if (!order_items(&p, count) || !take_room(&p))
		return ERR_NOMEM;
	do
		found = plan_build(&p) && search_plan(&p);
	while (!found && !p.failed && p.work <= work_max && plan_choose(&p));
	if (found)
		rc = take_witnesses(out, &p);
	else if (p.failed)
		rc = ERR_NOMEM;
	else if (p.work <= work_max)
		out->verdict = PATTERN_NO_MATCH;
	out->work = p.work;
	return rc;
}
