/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a feed against a slow oracle written from TAXII 2.1 §3.4. */
#include "world.h"

#include "gate/feed.h"

enum { MODEL_MAX = 4096 };

/* What the oracle knows of each object version. */
struct member {
	uint64_t seq;
	char id[80];
	int64_t version;
	usec added;
	enum tlp tlp;
	bool spec_20;
	bool in; /* a member now */
};

struct model {
	struct world w;
	struct gate *gate;
	struct member list[MODEL_MAX];
	size_t count;
};

static void add_version(struct model *m, unsigned n, unsigned version, bool spec_20, enum tlp tlp)
{
	char text[WORLD_TEXT], id[80];
	struct member *e = &m->list[m->count];
	bool feed = next_random(&m->w.seed) % 4 != 0;
	usec added = next_random(&m->w.seed) % 3 ? 0 : 1600000000000000 + (usec)(n % 7) * 1000000;

	(void)snprintf(id, sizeof(id), "%s--%08x-0000-4000-8000-000000000000",
	    n % 3 ? "malware" : "x-custom", n);
	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"%s\",%s\"id\":\"%s\",\"created\":\"2024-01-01T00:00:00.000Z\","
	    "\"modified\":\"2024-01-%02uT00:00:00.000Z\",\"name\":\"n\",\"is_family\":false}",
	    n % 3 ? "malware" : "x-custom", spec_20 ? "" : "\"spec_version\":\"2.1\",", id,
	    version + 1);
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->list[i].id, id) == 0 &&
		    store_row(m->w.store, m->list[i].seq)->version ==
		        INT64_C(1704067200000000) + (int64_t)version * 86400000000)
			return;
	e->seq = world_add_in(&m->w, text, tlp, feed ? 1 : 0, feed ? added : 0);
	e->version = store_row(m->w.store, e->seq)->version;
	e->added = store_row(m->w.store, e->seq)->added;
	e->tlp = tlp;
	e->spec_20 = spec_20;
	e->in = feed;
	memcpy(e->id, id, sizeof(id));
	m->count++;
}

static void join_or_leave(struct model *m)
{
	struct member *e = &m->list[next_random(&m->w.seed) % m->count];
	bool join = next_random(&m->w.seed) % 2;
	uint64_t seq =
	    world_note(&m->w, join ? RECORD_MEMBER : RECORD_REMOVAL, e->id, NULL, e->version, 1);

	if (join && !e->in)
		e->added = store_row(m->w.store, seq)->added;
	e->in = join;
}

static void make(struct model *m)
{
	memset(m, 0, sizeof(*m));
	world_make(&m->w);
	for (unsigned step = 0; step < 1200; step++) {
		uint64_t r = next_random(&m->w.seed);

		if (r % 6 == 0 && m->count > 0)
			join_or_leave(m);
		else
			add_version(m, (unsigned)(r >> 8) % 150, (unsigned)(r >> 20) % 9,
			    r % 5 == 0, (enum tlp)(TLP_CLEAR + (r >> 30) % 6));
		if (r % 97 == 0)
			world_follow(&m->w);
	}
	world_follow(&m->w);
	WORLD_OK(&m->w, gate_open(&m->gate, str_c(m->w.dir), &m->w.env, &m->w.fault));
}

static bool visible(const struct member *e, enum tlp clearance)
{
	enum tlp level = e->tlp == TLP_UNKNOWN ? TLP_RED : e->tlp;

	return e->in && level <= clearance;
}

static bool spec_wanted(
    const struct model *m, const struct member *e, uint8_t specs, enum tlp clearance)
{
	if (specs)
		return (specs & (e->spec_20 ? FEED_SPEC_20 : FEED_SPEC_21)) != 0;
	if (!e->spec_20)
		return true;
	for (size_t i = 0; i < m->count; i++)
		if (visible(&m->list[i], clearance) && !m->list[i].spec_20 &&
		    strcmp(m->list[i].id, e->id) == 0)
			return false;
	return true;
}

static bool version_wanted(
    const struct model *m, const struct member *e, const struct feed_query *q, enum tlp clearance)
{
	bool newest = true, oldest = true;

	for (size_t i = 0; i < m->count; i++) {
		const struct member *o = &m->list[i];

		if (!visible(o, clearance) || strcmp(o->id, e->id) != 0 ||
		    !spec_wanted(m, o, q->specs, clearance))
			continue;
		newest = newest && o->version <= e->version;
		oldest = oldest && o->version >= e->version;
	}
	if (q->versions & FEED_VERSION_ALL)
		return true;
	for (size_t i = 0; i < q->exact_count; i++)
		if (q->exact[i] == e->version)
			return true;
	if ((q->versions & FEED_VERSION_FIRST) && oldest)
		return true;
	if ((q->versions & FEED_VERSION_LAST) || (!q->versions && !q->exact_count))
		return newest;
	return false;
}

static bool wanted(
    const struct model *m, const struct member *e, const struct feed_query *q, enum tlp clearance)
{
	if (!visible(e, clearance) || e->added <= q->added_after)
		return false;
	if (q->id_count && !str_eq(str_c(e->id), q->ids[0]))
		return false;
	if (q->type_count && !str_starts(str_c(e->id), q->types[0]))
		return false;
	return spec_wanted(m, e, q->specs, clearance) && version_wanted(m, e, q, clearance);
}

static int by_added(const void *pa, const void *pb)
{
	const struct member *a = *(const struct member *const *)pa;
	const struct member *b = *(const struct member *const *)pb;

	if (a->added != b->added)
		return a->added < b->added ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Walks all pages and holds them against the oracle's list. */
static void check_query(struct model *m, struct feed_query q, enum tlp clearance)
{
	const struct reader reader = {
	    .name = S("r"), .role = ROLE_READER, .own = true, .clearance = clearance};
	struct gate_ask ask = {m->gate, &reader, OUTLET_TAXII, m->w.arena};
	const struct member *expected[MODEL_MAX];
	struct feed_page page = {0};
	size_t n = 0, at = 0;

	for (size_t i = 0; i < m->count; i++)
		if (wanted(m, &m->list[i], &q, clearance))
			expected[n++] = &m->list[i];
	qsort(expected, n, sizeof(expected[0]), by_added);
	do {
		arena_reset(m->w.arena);
		WORLD_OK(&m->w, gate_feed_page(&ask, &q, &page, &m->w.fault));
		assert_int_equal(page.more, at + page.count < n);
		for (size_t i = 0; i < page.count; i++, at++) {
			assert_true(at < n);
			assert_int_equal(page.items[i].seq, expected[at]->seq);
			assert_int_equal(page.items[i].added, expected[at]->added);
		}
		if (page.count)
			q.after = (struct feed_position){
			    page.items[page.count - 1].added, page.items[page.count - 1].seq};
	} while (page.more);
	assert_int_equal(at, n);
}

static void pages_are_what_the_filters_say(void **state)
{
	static struct model m;
	const struct str types[] = {S("x-custom"), S("malware")};
	uint64_t seed = 99;

	(void)state;
	make(&m);
	for (unsigned i = 0; i < 400; i++) {
		uint64_t r = next_random(&seed);
		const struct member *e = &m.list[(r >> 40) % m.count];
		struct str id = str_c(e->id);
		int64_t exact = e->version;
		struct feed_query q = {
		    .feed = 1,
		    .after = FEED_START,
		    .added_after = r % 3 ? INT64_MIN : e->added,
		    .ids = &id,
		    .id_count = r % 5 == 0,
		    .types = &types[r >> 60 & 1],
		    .type_count = r % 7 == 0,
		    .versions = (uint8_t)(r >> 10 & 7),
		    .exact = &exact,
		    .exact_count = r >> 13 & 1,
		    .specs = (uint8_t)(r >> 14 & 3),
		    .limit = 1 + (r >> 20) % 50,
		    .bytes_max = r >> 33 & 1 ? SIZE_MAX : 900,
		};

		check_query(&m, q, (enum tlp)(TLP_CLEAR + i % 5));
	}
	gate_close(m.gate);
	world_end(&m.w);
}

static void a_page_of_a_feed_nobody_filled_is_empty(void **state)
{
	const struct reader reader = gate_local_reader();
	struct feed_query q = {
	    .feed = 77, .after = FEED_START, .added_after = INT64_MIN, .limit = 1};
	struct feed_page page;
	struct world w;
	struct gate *g;
	struct gate_ask ask = {NULL, &reader, OUTLET_TAXII, NULL};

	(void)state;
	world_make(&w);
	WORLD_OK(&w, gate_open(&g, str_c(w.dir), &w.env, &w.fault));
	ask.gate = g;
	ask.arena = w.arena;
	WORLD_OK(&w, gate_feed_page(&ask, &q, &page, &w.fault));
	assert_int_equal(page.count, 0);
	assert_false(page.more);
	q.limit = 0;
	assert_int_equal(gate_feed_page(&ask, &q, &page, &w.fault), ERR_INVALID);
	gate_close(g);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_what_the_filters_say),
	    cmocka_unit_test(a_page_of_a_feed_nobody_filled_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
