/* SPDX-License-Identifier: Apache-2.0 */
/* What is told beside where a value was seen: the names and answers of DNS. */
#include <stdlib.h>

#include "base/mem.h"
#include "gate/hunt/internal.h"

enum { PAIRS_MAX = 4096 }; /* looked at for one value */

struct pairs {
	const struct gate_hunt *hunt;
	struct arena *arena;
	struct gate_hunt_name *items;
	size_t count;
	bool more, failed;
};

static bool take_pair(void *ctx, const struct history_pair *p)
{
	struct pairs *all = ctx;
	struct gate_hunt_name n = {.count = p->count, .first = p->first, .last = p->last};

	if (!hunt_sees(&all->hunt->sources, p->source))
		return true;
	n.name = arena_str(all->arena, p->name.value);
	n.answer = term_text(all->arena, &p->answer);
	if (p->answer.kind == TERM_DOMAIN)
		n.answer = arena_str(all->arena, n.answer);
	all->failed |= !n.name.p || !n.answer.p;
	if (all->count == PAIRS_MAX) {
		all->more = true;
		return false;
	}
	all->items[all->count++] = n;
	return !all->failed;
}

static int by_value(const void *pa, const void *pb)
{
	const struct gate_hunt_name *a = pa, *b = pb;
	int order = str_cmp(a->name, b->name);

	return order ? order : str_cmp(a->answer, b->answer);
}

static int newest_first(const void *pa, const void *pb)
{
	const struct gate_hunt_name *a = pa, *b = pb;

	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return by_value(pa, pb);
}

/* Several sources may have seen the same. */
static void join_pairs(struct pairs *all)
{
	size_t n = 0;

	qsort(all->items, all->count, sizeof(*all->items), by_value);
	for (size_t i = 0; i < all->count; i++) {
		const struct gate_hunt_name *from = &all->items[i];
		struct gate_hunt_name *to = n ? &all->items[n - 1] : NULL;

		if (!to || by_value(to, from) != 0) {
			all->items[n++] = *from;
			continue;
		}
		to->count += from->count;
		to->first = from->first < to->first ? from->first : to->first;
		to->last = from->last > to->last ? from->last : to->last;
	}
	all->count = n;
	qsort(all->items, n, sizeof(*all->items), newest_first);
}

enum err hunt_names(struct gate_hunt *h, const struct gate_ask *ask, const struct term *term,
    struct gate_hunt_answer *out, struct fault *fault)
{
	struct pairs all = {.hunt = h, .arena = ask->arena};
	enum err rc;

	all.items = mem_alloc(PAIRS_MAX * sizeof(*all.items));
	rc = history_pairs(
	    ask->gate->history, term, h->options.since, h->until, take_pair, &all, fault);
	if (rc == OK && all.failed)
		rc = fail(fault, ERR_NOMEM, "no memory for names");
	if (rc == OK && all.count > 0) {
		join_pairs(&all);
		out->more |= all.more || all.count > GATE_HUNT_NAMES_MAX;
		out->name_count = all.count < GATE_HUNT_NAMES_MAX ? all.count : GATE_HUNT_NAMES_MAX;
		out->names = arena_array(ask->arena, out->name_count, sizeof(*out->names));
		if (!out->names)
			rc = fail(fault, ERR_NOMEM, "no memory for names");
		for (size_t i = 0; out->names && i < out->name_count; i++)
			out->names[i] = all.items[i];
	}
	mem_free(all.items);
	return rc;
}
