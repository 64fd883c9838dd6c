/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the history to answers: the sources that the reader may know of are joined, hours are
 * joined to bins. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/hunt/internal.h"

static const usec HOUR = 3600 * USEC_PER_SEC;

bool hunt_sees(const struct hunt_sources *s, struct str source)
{
	return s->count && bsearch(&source, s->names, s->count, sizeof(*s->names), str_order);
}

void hunt_gather_init(struct hunt_gather *g, struct gate_hunt *h, const struct gate_ask *ask)
{
	*g = (struct hunt_gather){.hunt = h, .ask = ask};
}

/* Items that grow in the arena. */
static bool make_room(struct hunt_gather *g, void **items, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 4;
	void *p;

	if (count < *room)
		return true;
	p = arena_array(g->ask->arena, more, size);
	if (!p) {
		g->failed = true;
		return false;
	}
	if (count)
		memcpy(p, *items, count * size);
	*items = p;
	*room = more;
	return true;
}

static int by_time(const void *pa, const void *pb)
{
	usec a = ((const struct gate_hunt_bin *)pa)->time;
	usec b = ((const struct gate_hunt_bin *)pb)->time;

	return a < b ? -1 : a > b;
}

static int by_name(const void *pa, const void *pb)
{
	return str_cmp(((const struct gate_hunt_source *)pa)->name,
	    ((const struct gate_hunt_source *)pb)->name);
}

/* The shortest of a few steps in which the time asked for has no more bins than an answer holds. */
static usec step_of(const struct gate_hunt *h, const struct gate_hunt_answer *a)
{
	static const int HOURS[] = {1, 6, 24, 7 * 24, 28 * 24};
	usec span = h->options.since ? h->until - h->options.since : a->last - a->first;
	usec step = HOUR;

	for (size_t i = 0; i < sizeof(HOURS) / sizeof(HOURS[0]); i++) {
		step = HOURS[i] * HOUR;
		if (span / step + 2 <= GATE_HUNT_BINS_MAX)
			break;
	}
	return step;
}

static void put_bins(struct hunt_gather *g, struct hunt_build *b)
{
	struct gate_hunt_answer *a = b->answer;

	a->step = step_of(g->hunt, a);
	a->bins = arena_array(g->ask->arena, GATE_HUNT_BINS_MAX, sizeof(*a->bins));
	if (!a->bins) {
		g->failed = true;
		return;
	}
	if (b->hour_count > 1)
		qsort(b->hours, b->hour_count, sizeof(*b->hours), by_time);
	for (size_t i = 0; i < b->hour_count; i++) {
		usec time = b->hours[i].time - b->hours[i].time % a->step;

		if (a->bin_count && a->bins[a->bin_count - 1].time == time) {
			a->bins[a->bin_count - 1].count += b->hours[i].count;
		} else if (a->bin_count < GATE_HUNT_BINS_MAX) {
			a->bins[a->bin_count].time = time;
			a->bins[a->bin_count++].count = b->hours[i].count;
		} else {
			a->more = true;
		}
	}
}

/* The answer is whole. */
static void finish(struct hunt_gather *g, struct hunt_build *b)
{
	struct gate_hunt_answer *a = b->answer;

	if (!a)
		return;
	a->hosts = history_hosts_count(&b->hosts);
	if (a->source_count > 1)
		qsort(a->sources, a->source_count, sizeof(*a->sources), by_name);
	if (a->source_count > GATE_HUNT_SOURCES_MAX) {
		a->source_count = GATE_HUNT_SOURCES_MAX;
		a->more = true;
	}
	put_bins(g, b);
	b->answer = NULL;
	b->hosts = (struct history_hosts){.bits = {0}};
	b->hour_count = b->source_room = 0;
}

struct gate_hunt_answer *hunt_gather_add(struct hunt_gather *g, const struct term *term)
{
	struct gate_hunt_answer *a;

	finish(g, &g->one);
	if (!make_room(g, (void **)&g->items, g->count, &g->room, sizeof(*g->items)))
		return NULL;
	a = &g->items[g->count++];
	*a = (struct gate_hunt_answer){.n = g->hunt->next, .refused = STR_NONE, .step = HOUR};
	g->term = *term;
	g->term.value = arena_str(g->ask->arena, term->value);
	a->term = g->term;
	a->value = g->term.value.p ? term_text(g->ask->arena, &g->term) : STR_NONE;
	a->type = str_c(term_kind_name(term->kind));
	g->failed |= !a->value.p;
	return a;
}

void hunt_gather_total(struct hunt_gather *g, const struct term *term)
{
	/* The items move as they grow: the sum goes there when it is whole. */
	struct gate_hunt_answer *a = arena_alloc(g->ask->arena, sizeof(*a));
	struct gate_hunt_answer *first = a ? hunt_gather_add(g, term) : NULL;

	g->failed |= !first;
	if (!first)
		return;
	*a = *first;
	g->total.answer = a;
}

static struct gate_hunt_source *source_of(
    struct hunt_gather *g, struct hunt_build *b, struct str name)
{
	struct gate_hunt_answer *a = b->answer;
	struct gate_hunt_source *s;

	for (size_t i = 0; i < a->source_count; i++)
		if (str_eq(a->sources[i].name, name))
			return &a->sources[i];
	if (!make_room(
	        g, (void **)&a->sources, a->source_count, &b->source_room, sizeof(*a->sources)))
		return NULL;
	s = &a->sources[a->source_count++];
	*s = (struct gate_hunt_source){.name = arena_str(g->ask->arena, name)};
	g->failed |= !s->name.p;
	return s;
}

/* `count` and times of a source or of all of them. */
#define SUM(to, e)                                                                                 \
	do {                                                                                       \
		if (!(to)->count || (e)->first < (to)->first)                                      \
			(to)->first = (e)->first;                                                  \
		if ((e)->last > (to)->last)                                                        \
			(to)->last = (e)->last;                                                    \
		(to)->count += (e)->count;                                                         \
	} while (0)

static void add_entry(struct hunt_gather *g, struct hunt_build *b, const struct history_entry *e)
{
	struct gate_hunt_source *s = source_of(g, b, e->source);

	if (!s)
		return;
	SUM(s, e);
	SUM(b->answer, e);
	history_hosts_join(&b->hosts, &e->hosts);
	for (size_t i = 0; i < e->bin_count; i++) {
		usec time = e->bins[i].first - e->bins[i].first % HOUR;

		if (b->hour_count == b->hour_room) {
			b->hour_room = b->hour_room ? b->hour_room * 2 : 64;
			b->hours = mem_grow(b->hours, b->hour_room, sizeof(*b->hours));
		}
		b->hours[b->hour_count++] = (struct gate_hunt_bin){time, e->bins[i].count};
	}
}

static bool is_wanted(const struct hunt_gather *g, const struct history_entry *e)
{
	return hunt_sees(&g->hunt->sources, e->source) &&
	       (!g->hunt->scan || pattern_values_takes(g->hunt->scan, &e->term));
}

bool hunt_gather_entry(void *ctx, const struct history_entry *e)
{
	struct hunt_gather *g = ctx;

	/* A pattern takes as long for one value as some others together. */
	g->looked += g->hunt->scan ? GATE_HUNT_SCAN_COST : 1;
	if (!g->hunt->options.patient && g->looked > GATE_HUNT_LOOK_MAX) {
		g->more = true;
		return false;
	}
	if (!is_wanted(g, e))
		return true;
	if (!g->one.answer || !term_eq(&g->term, &e->term)) {
		if (g->count == GATE_HUNT_ANSWERS_MAX) {
			g->more = true;
			return false;
		}
		g->one.answer = hunt_gather_add(g, &e->term);
		if (!g->one.answer)
			return false;
	}
	add_entry(g, &g->one, e);
	if (g->total.answer)
		add_entry(g, &g->total, e);
	return !g->failed;
}

void hunt_gather_end(struct hunt_gather *g)
{
	struct gate_hunt_answer *total = g->total.answer;

	finish(g, &g->one);
	finish(g, &g->total);
	if (total)
		g->items[0] = *total;
	mem_free(g->one.hours);
	mem_free(g->total.hours);
	g->one.hours = g->total.hours = NULL;
	g->one.hour_room = g->total.hour_room = 0;
	if (g->more && g->count)
		g->items[0].more = true;
}
