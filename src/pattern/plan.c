/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/plan.h"

#include <string.h>

static bool takes(const struct plan *p, const struct pattern_span *span, size_t rank)
{
	const uint64_t *leaves = plan_item(p, rank)->leaves;

	for (size_t i = 0; i < p->program->words; i++)
		if (leaves[i] & span->leaves[i])
			return true;
	return false;
}

static bool refused(struct plan *p)
{
	p->failed = true;
	return false;
}

static bool fill(struct plan *p, struct listing *l, const struct pattern_span *span)
{
	uint64_t sum = 0;

	l->ranks = arena_array(p->arena, p->count, sizeof(*l->ranks));
	if (!l->ranks)
		return refused(p);
	for (size_t i = 0; i < p->count; i++) {
		const struct pattern_item *item = plan_item(p, i);

		if (!takes(p, span, i))
			continue;
		l->ranks[l->count++] = i;
		if (item->last - item->first > l->longest)
			l->longest = item->last - item->first;
		sum += item->number < span->count ? item->number : span->count;
	}
	p->work += p->count;
	l->enough = sum >= span->count;
	l->filled = true;
	return true;
}

/* Flows are counted from 1: new room is of none. */
static bool add_room(struct plan *p, struct listing *l)
{
	struct flow_room *room = arena_zalloc(p->arena, sizeof(*room));

	p->work += l->count;
	if (!room)
		return refused(p);
	room->flow = arena_zalloc(p->arena, l->count * sizeof(*room->flow));
	if (!room->flow)
		return refused(p);
	*l->next = room;
	return true;
}

/* False when the group's items are too few, or p->failed. */
static bool add_group(struct plan *p, const struct pattern_span *span, int cell)
{
	struct listing *l = &p->listings[span->listing];
	struct group *g = &p->groups[p->group_count];

	if (!l->filled && !fill(p, l, span))
		return false;
	if (!l->enough)
		return false;
	if (!*l->next && !add_room(p, l))
		return false;
	*g = (struct group){.span = span,
	    .cell = cell,
	    .twin = PLAN_NONE,
	    .floor = PLAN_NEVER,
	    .ceiling = PLAN_FOREVER,
	    .ranks = l->ranks,
	    .count = l->count,
	    .longest = l->longest,
	    .flow = (*l->next)->flow};
	l->next = &(*l->next)->next;
	for (int c = cell; c != PLAN_NONE; c = p->cells[c].parent)
		if (p->cells[c].span->kind == PATTERN_PERIOD &&
		    p->cells[c].span->until < g->ceiling)
			g->ceiling = p->cells[c].span->until;
	p->cells[cell].group = p->group_count++;
	return true;
}

static const struct pattern_span *alternative(struct plan *p, const struct pattern_span *span)
{
	const struct pattern_span *chosen = NULL;
	size_t width = 0;

	for (const struct pattern_span *s = span->first; s; s = s->next)
		if (width++ == p->choices[p->chosen])
			chosen = s;
	p->widths[p->chosen++] = width;
	return chosen;
}

static bool add_span(struct plan *p, const struct pattern_span *span, int parent, int before);

static bool add_copies(struct plan *p, const struct pattern_span *span, int cell)
{
	int last = PLAN_NONE;

	for (uint64_t i = 0; i < span->count; i++) {
		int first = p->group_count;

		if (!add_span(p, span->first, cell, PLAN_NONE))
			return false;
		if (last != PLAN_NONE && p->groups[last].span == p->groups[first].span) {
			p->groups[first].twin = last;
			p->groups[first].before = p->groups[last].before + 1;
			p->groups[first].repeated = cell;
		}
		last = first;
	}
	return true;
}

static bool add_parts(struct plan *p, const struct pattern_span *span, int cell)
{
	int before = PLAN_NONE;

	for (const struct pattern_span *s = span->first; s; s = s->next) {
		int own = p->cell_count;

		if (!add_span(p, s, cell, before))
			return false;
		if (span->kind == PATTERN_INTURN)
			before = own;
	}
	return true;
}

static bool add_span(struct plan *p, const struct pattern_span *span, int parent, int before)
{
	int cell = p->cell_count;

	p->cell_count++;
	p->cells[cell] =
	    (struct cell){.span = span, .parent = parent, .before = before, .group = PLAN_NONE};
	if (span->kind == PATTERN_GROUP)
		return add_group(p, span, cell);
	if (span->kind == PATTERN_TIMES)
		return add_copies(p, span, cell);
	if (span->kind == PATTERN_EITHER) {
		span = alternative(p, span);
		return span && add_span(p, span, cell, PLAN_NONE);
	}
	return add_parts(p, span, cell);
}

bool plan_build(struct plan *p)
{
	p->cell_count = 0;
	p->group_count = 0;
	p->chosen = 0;
	for (size_t i = 0; i < p->program->listings; i++)
		p->listings[i].next = &p->listings[i].rooms;
	return add_span(p, p->program->root, PLAN_NONE, PLAN_NONE);
}

/* Choices behind the last one that was taken have not been looked at: they start anew. */
bool plan_choose(struct plan *p)
{
	size_t n = p->chosen;

	while (n > 0 && p->choices[n - 1] + 1 >= p->widths[n - 1])
		n--;
	if (n == 0)
		return false;
	p->choices[n - 1]++;
	memset(p->choices + n, 0, (p->program->choices + 1 - n) * sizeof(*p->choices));
	return true;
}

size_t plan_since(const struct plan *p, const struct group *g, usec begin)
{
	usec since = begin == PLAN_NEVER ? begin : begin - g->longest;
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (plan_item(p, g->ranks[middle])->first < since)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The earliest end by which the group could have had so many, when nothing before `begin` counts.
 */
static usec enough(struct plan *p, const struct group *g, usec begin, uint64_t want)
{
	uint64_t sum = 0;

	for (size_t k = plan_since(p, g, begin); k < g->count; k++) {
		const struct pattern_item *item = plan_item(p, g->ranks[k]);

		p->work++;
		if (item->last < begin)
			continue;
		sum += item->number < want ? item->number : want;
		if (sum >= want)
			return item->first > begin ? item->first : begin;
	}
	return PLAN_FOREVER;
}

static bool raise_to(usec *at, usec value)
{
	if (*at >= value)
		return false;
	*at = value;
	return true;
}

static bool settle_group(struct plan *p, struct group *g)
{
	struct cell *c = &p->cells[g->cell];
	usec end = enough(p, g, c->begin, g->span->count);

	(void)raise_to(&end, g->floor);
	if (g->twin != PLAN_NONE) {
		/* Twins end no later, and by then have had theirs. */
		(void)raise_to(&end, p->cells[p->groups[g->twin].cell].end);
		(void)raise_to(&end,
		    enough(p, g, p->cells[g->repeated].begin, (g->before + 1) * g->span->count));
	}
	(void)raise_to(&c->end, end);
	for (int up = c->parent; up != PLAN_NONE; up = p->cells[up].parent)
		if (!raise_to(&p->cells[up].end, c->end))
			break;
	return c->end <= g->ceiling && c->end < PLAN_FOREVER;
}

static bool settle_cell(struct plan *p, struct cell *c)
{
	if (c->parent != PLAN_NONE)
		(void)raise_to(&c->begin, p->cells[c->parent].begin);
	if (c->before != PLAN_NONE)
		(void)raise_to(&c->begin, p->cells[c->before].end);
	if (c->span->kind == PATTERN_PERIOD)
		(void)raise_to(&c->begin, c->span->from);
	return c->group == PLAN_NONE || settle_group(p, &p->groups[c->group]);
}

bool plan_settle(struct plan *p)
{
	bool again = true;

	for (int i = 0; i < p->cell_count; i++)
		p->cells[i].begin = p->cells[i].end = PLAN_NEVER;
	while (again) {
		again = false;
		p->work += (uint64_t)p->cell_count;
		if (p->work > p->work_max)
			return false;
		for (int i = 0; i < p->cell_count; i++)
			if (!settle_cell(p, &p->cells[i]))
				return false;
		for (int i = 0; i < p->cell_count; i++) {
			struct cell *c = &p->cells[i];

			if (c->span->kind == PATTERN_WINDOW)
				again = raise_to(&c->begin, c->end - c->span->span) || again;
		}
	}
	return true;
}
