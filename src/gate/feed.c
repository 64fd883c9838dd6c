/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a collection. The common case (newest version, STIX 2.1) is decided from the row alone;
 * only where an object has several versions are the others looked at. */
#include "gate/feed.h"

#include <stdlib.h>

#include "gate/internal.h"

struct page_work {
	const struct gate_ask *ask;
	struct gate *g;
	const struct sight *sight;
	const struct feed_query *q;
	struct arena *arena;
	struct gate_object *items;
	size_t count, room;
	size_t bytes;
	bool more;
};

static bool spec_of_21(const struct row *row)
{
	return !(row->flags & RECORD_FLAG_SPEC_20);
}

/* Whether another version of the same object counts beside `row` when versions are compared:
 * visible, in this feed, of the spec versions asked for. */
static bool counts(const struct page_work *w, const struct row *row, uint64_t other)
{
	const struct row *o = store_row(w->g->store, other);

	if (o->kind != RECORD_OBJECT || !sight_allows(w->g, w->sight, other))
		return false;
	if (w->q->specs == 0 && spec_of_21(o) != spec_of_21(row))
		return false;
	if (w->q->specs != 0 && !(w->q->specs & (spec_of_21(o) ? FEED_SPEC_21 : FEED_SPEC_20)))
		return false;
	return feeds_has(w->g->feeds, w->q->feed, other);
}

static bool is_last(const struct page_work *w, const struct row *row, uint64_t seq)
{
	const struct store *s = w->g->store;

	if (!store_superseded(row))
		return true;
	for (uint64_t o = store_find(s, store_id(s, seq)); o != STORE_NONE && o != seq;
	    o = store_older(s, o))
		if (counts(w, row, o))
			return false;
	return true;
}

static bool is_first(const struct page_work *w, const struct row *row, uint64_t seq)
{
	const struct store *s = w->g->store;

	for (uint64_t o = store_older(s, seq); o != STORE_NONE; o = store_older(s, o))
		if (counts(w, row, o))
			return false;
	return true;
}

/* By default only the newest spec version of an object is given. */
static bool has_21_beside(const struct page_work *w, uint64_t seq)
{
	const struct store *s = w->g->store;

	for (uint64_t o = store_find(s, store_id(s, seq)); o != STORE_NONE; o = store_older(s, o)) {
		const struct row *row = store_row(s, o);

		if (row->kind == RECORD_OBJECT && spec_of_21(row) &&
		    sight_allows(w->g, w->sight, o) && feeds_has(w->g->feeds, w->q->feed, o))
			return true;
	}
	return false;
}

static bool spec_fits(const struct page_work *w, const struct row *row, uint64_t seq)
{
	if (w->q->specs != 0)
		return (w->q->specs & (spec_of_21(row) ? FEED_SPEC_21 : FEED_SPEC_20)) != 0;
	return spec_of_21(row) || !has_21_beside(w, seq);
}

static bool version_fits(const struct page_work *w, const struct row *row, uint64_t seq, usec added)
{
	const struct feed_query *q = w->q;
	int64_t own = row->version != 0 ? row->version : added;

	if (q->versions & FEED_VERSION_ALL)
		return true;
	for (size_t i = 0; i < q->exact_count; i++)
		if (q->exact[i] == own)
			return true;
	if ((q->versions & FEED_VERSION_FIRST) && is_first(w, row, seq))
		return true;
	if ((q->versions & FEED_VERSION_LAST) || (q->versions == 0 && q->exact_count == 0))
		return is_last(w, row, seq);
	return false;
}

static bool one_of(const struct str *list, size_t count, struct str s)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i], s))
			return true;
	return count == 0;
}

static struct str type_in_id(struct str id)
{
	return str_slice(id, 0, str_search(id, S("--")));
}

static bool fits(const struct page_work *w, uint64_t seq, usec added)
{
	const struct row *row = store_row(w->g->store, seq);
	const struct feed_query *q = w->q;

	if (!sight_allows(w->g, w->sight, seq))
		return false;
	if (q->id_count && !one_of(q->ids, q->id_count, store_id(w->g->store, seq)))
		return false;
	if (q->type_count &&
	    !one_of(q->types, q->type_count, type_in_id(store_id(w->g->store, seq))))
		return false;
	return spec_fits(w, row, seq) && version_fits(w, row, seq, added);
}

/* Takes a fitting entry, or notes that there is more than goes into this page. */
static enum err take(struct page_work *w, uint64_t seq, usec added, struct fault *fault)
{
	struct gate_object *o;

	if (w->count == w->q->limit || (w->count > 0 && w->bytes > w->q->bytes_max)) {
		w->more = true;
		return OK;
	}
	if (w->count == w->room) {
		size_t room = w->room ? w->room * 4 : 64;
		struct gate_object *items;

		if (room > w->q->limit)
			room = w->q->limit;
		items = arena_array(w->arena, room, sizeof(*items));
		if (!items)
			return fail(fault, ERR_NOMEM, "out of memory for a page");
		for (size_t i = 0; i < w->count; i++)
			items[i] = w->items[i];
		w->items = items;
		w->room = room;
	}
	o = &w->items[w->count++];
	gate_fill(w->g, seq, o);
	o->added = added;
	gate_note(w->ask, o);
	w->bytes += o->bytes.n;
	return OK;
}

static size_t first_index(const struct list *l, size_t count, const struct feed_query *q)
{
	size_t by_position = 0, by_added = 0;

	if (q->after.added != INT64_MIN)
		by_position = list_after(l, count, q->after.added, q->after.seq);
	if (q->added_after != INT64_MIN)
		by_added = list_after(l, count, q->added_after, UINT64_MAX);
	return by_position > by_added ? by_position : by_added;
}

static enum err scan(struct page_work *w, struct list *l, struct fault *fault)
{
	size_t count = list_count(l);

	for (size_t i = first_index(l, count, w->q); i < count && !w->more; i++) {
		struct list_entry e = list_at(l, i);

		if (!(e.seq & LIST_GONE) && fits(w, e.seq, e.when))
			TRY(take(w, e.seq, e.when, fault));
	}
	return OK;
}

struct candidate {
	usec added;
	uint64_t seq;
};

static int compare_candidates(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;

	if (a->added != b->added)
		return a->added < b->added ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static bool is_after(const struct feed_query *q, const struct candidate *c)
{
	const struct candidate position = {q->after.added, q->after.seq};

	if (q->added_after != INT64_MIN && c->added <= q->added_after)
		return false;
	return q->after.added == INT64_MIN || compare_candidates(c, &position) > 0;
}

/* Of one object only its versions are looked at, however large the feed is. */
static enum err walk_versions(struct page_work *w, struct list *l, struct fault *fault)
{
	const struct store *s = w->g->store;
	struct str id = w->q->ids[0];
	uint64_t newest = id.n && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;
	struct candidate *list;
	size_t n = 0, i = 0;

	for (uint64_t o = newest; o != STORE_NONE; o = store_older(s, o))
		n++;
	list = arena_array(w->arena, n, sizeof(*list));
	if (!list)
		return fail(fault, ERR_NOMEM, "out of memory for %zu versions", n);
	for (uint64_t o = newest; o != STORE_NONE && i < n; o = store_older(s, o)) {
		size_t at;

		if (feeds_has(w->g->feeds, w->q->feed, o) &&
		    list_find(l, o, store_row(s, o)->added, &at))
			list[i++] = (struct candidate){list_at(l, at).when, o};
	}
	if (i > 1)
		qsort(list, i, sizeof(*list), compare_candidates);
	for (size_t k = 0; k < i && !w->more; k++)
		if (is_after(w->q, &list[k]) && fits(w, list[k].seq, list[k].added))
			TRY(take(w, list[k].seq, list[k].added, fault));
	return OK;
}

enum err gate_feed_page(const struct gate_ask *ask, const struct feed_query *query,
    struct feed_page *out, struct fault *fault)
{
	struct page_work w = {.ask = ask, .g = ask->gate, .q = query, .arena = ask->arena};
	struct list *l;

	if (query->limit == 0)
		return fail(fault, ERR_INVALID, "a page has at least one object");
	w.sight = gate_sight(ask);
	l = feeds_of(w.g->feeds, query->feed);
	if (l && query->id_count == 1)
		TRY(walk_versions(&w, l, fault));
	else if (l)
		TRY(scan(&w, l, fault));
	*out = (struct feed_page){.items = w.items, .count = w.count, .more = w.more};
	return OK;
}

enum err gate_feed_count(
    const struct gate_ask *ask, uint32_t feed, uint64_t *out, struct fault *fault)
{
	const struct sight *sight = gate_sight(ask);
	struct list *l = feeds_of(ask->gate->feeds, feed);
	size_t count = l ? list_count(l) : 0;
	uint64_t n = 0;

	(void)fault;
	for (size_t i = 0; i < count; i++) {
		struct list_entry e = list_at(l, i);

		if (!(e.seq & LIST_GONE) && sight_allows(ask->gate, sight, e.seq))
			n++;
	}
	*out = n;
	return OK;
}
