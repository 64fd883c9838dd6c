/* SPDX-License-Identifier: Apache-2.0 */
/* From table to run to store to reader, against a plain array of everything that was seen. */
#include "world.h"

#include "base/buf.h"

enum { ROUNDS = 40, ROUND = 600, MANY = 20 };

struct asked {
	const struct world *w;
	usec from, until;
	size_t entries;
	uint64_t count;
	char last[KEY_MAX];
	size_t last_n;
};

static unsigned source_number(struct str name)
{
	for (unsigned i = 0; i < SOURCES; i++)
		if (str_eq(name, str_c(SOURCE_NAMES[i])))
			return i;
	assert_true(false);
	return 0;
}

static bool check_entry(void *ctx, const struct history_entry *e)
{
	struct asked *a = ctx;
	struct sum want =
	    world_sum(a->w, value_of(a->w, &e->term), source_number(e->source), a->from, a->until);
	char key[KEY_MAX];
	size_t n = key_put(key, &e->term);
	uint64_t count = 0;

	assert_int_equal(e->count, want.count);
	assert_true(e->first == want.first);
	assert_true(e->last == want.last);
	assert_memory_equal(&e->hosts, &want.hosts, sizeof(want.hosts));
	assert_int_equal(e->bin_count, want.hours);
	for (size_t i = 0; i < e->bin_count; i++) {
		count += e->bins[i].count;
		assert_true(i == 0 || e->bins[i].first / HOUR > e->bins[i - 1].first / HOUR);
	}
	assert_int_equal(count, want.count);
	assert_true(str_cmp((struct str){a->last, a->last_n}, (struct str){key, n}) <= 0);
	memcpy(a->last, key, n);
	a->last_n = n;
	a->entries++;
	a->count += e->count;
	return true;
}

typedef bool (*meant_fn)(const struct term *t, const struct term *asked);

static bool is_it(const struct term *t, const struct term *asked)
{
	return same_term(t, asked);
}

static bool is_within(const struct term *t, const struct term *asked)
{
	if (t->kind != asked->kind)
		return false;
	for (unsigned i = 0; i < asked->prefix; i++)
		if ((t->value.p[i / 8] ^ asked->value.p[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool is_below(const struct term *t, const struct term *asked)
{
	size_t n = asked->value.n;

	return t->kind == TERM_DOMAIN && str_ends(t->value, asked->value) &&
	       (t->value.n == n || t->value.p[t->value.n - n - 1] == '.');
}

static bool is_kind(const struct term *t, const struct term *asked)
{
	return t->kind == asked->kind;
}

/* What all that is meant comes to. */
static struct asked expect(
    const struct world *w, meant_fn meant, const struct term *term, usec from, usec until)
{
	struct asked a = {.w = w};

	for (size_t i = 0; i < VALUES; i++) {
		if (w->values[i].same != i || !meant(&w->values[i].term, term))
			continue;
		for (unsigned s = 0; s < SOURCES; s++) {
			struct sum sum = world_sum(w, (unsigned)i, s, from, until);

			a.entries += sum.count > 0;
			a.count += sum.count;
		}
	}
	return a;
}

static void assert_asked(const struct asked *got, const struct asked *want)
{
	assert_int_equal(got->entries, want->entries);
	assert_int_equal(got->count, want->count);
}

static bool is_behind(const struct term *t, const struct term *asked)
{
	return t->kind == asked->kind && str_cmp(t->value, asked->value) >= 0;
}

static void check_questions(
    const struct world *w, struct history_reader *r, usec from, usec until, uint64_t *random)
{
	struct term net4 = {TERM_IPV4, 15, {"\x0a\x02\0\0", 4}};
	struct term name = {TERM_DOMAIN, 0, S("n1.example")};
	struct term url = {.kind = TERM_URL};
	struct term any = w->values[next_random(random) % VALUES].term;
	struct term some[2 * MANY];
	struct term_list many = {.list = some, .count = (size_t)2 * MANY};
	struct asked got = {.w = w, .from = from, .until = until}, fresh = got, want;

	/* Each twice, and different ones: they are told once. */
	for (size_t i = 0; i < MANY; i++) {
		size_t v = next_random(random) % (VALUES / MANY) + i * (VALUES / MANY);

		while (w->values[v].same < i * (VALUES / MANY))
			v = i * (VALUES / MANY) + (v + 1) % (VALUES / MANY);
		some[i] = some[2 * MANY - 1 - i] = w->values[v].term;
	}
	assert_int_equal(history_find(r, &any, from, until, check_entry, &got, NULL), OK);
	want = expect(w, is_it, &any, from, until);
	assert_asked(&got, &want);
	got = fresh;
	assert_int_equal(history_find_many(r, &many, from, until, check_entry, &got, NULL), OK);
	want = fresh;
	for (size_t i = 0; i < MANY; i++) {
		struct asked one = expect(w, is_it, &some[i], from, until);

		want.entries += one.entries;
		want.count += one.count;
	}
	assert_asked(&got, &want);
	got = fresh;
	assert_int_equal(history_network(r, &net4, from, until, check_entry, &got, NULL), OK);
	want = expect(w, is_within, &net4, from, until);
	assert_true(want.entries > 0);
	assert_asked(&got, &want);
	got = fresh;
	assert_int_equal(history_below(r, &name, from, until, check_entry, &got, NULL), OK);
	want = expect(w, is_below, &name, from, until);
	assert_true(want.entries > 0);
	assert_asked(&got, &want);
	got = fresh;
	assert_int_equal(history_scan(r, TERM_URL, from, until, check_entry, &got, NULL), OK);
	want = expect(w, is_kind, &url, from, until);
	assert_asked(&got, &want);
	url.value = S("http://n20.example/");
	got = fresh;
	assert_int_equal(history_scan_on(r, &url, from, until, check_entry, &got, NULL), OK);
	want = expect(w, is_behind, &url, from, until);
	assert_true(want.entries > 0);
	assert_asked(&got, &want);
}

struct pairs_asked {
	const struct world *w;
	const struct term *term;
	size_t count;
	uint64_t total;
};

static bool check_pair(void *ctx, const struct history_pair *p)
{
	struct pairs_asked *a = ctx;
	uint64_t count = 0;
	usec first = INT64_MAX, last = 0;

	for (size_t i = 0; i < a->w->pair_count; i++) {
		const struct pair_seen *s = &a->w->pairs[i];

		if (!str_eq(p->source, str_c(SOURCE_NAMES[s->source])) ||
		    !same_term(&a->w->values[s->name].term, &p->name) ||
		    !same_term(&a->w->values[s->answer].term, &p->answer))
			continue;
		count++;
		first = second_of(s->when) < first ? second_of(s->when) : first;
		last = second_of(s->when) > last ? second_of(s->when) : last;
	}
	assert_true(same_term(a->term, &p->name) || same_term(a->term, &p->answer));
	assert_int_equal(p->count, count);
	assert_true(p->first == first && p->last == last);
	a->count++;
	a->total += count;
	return true;
}

static void check_pairs(const struct world *w, struct history_reader *r)
{
	for (size_t v = 0; v < 60; v++) {
		struct pairs_asked got = {w, &w->values[v].term, 0, 0};
		uint64_t total = 0;

		for (size_t i = 0; i < w->pair_count; i++) {
			total += same_term(&w->values[w->pairs[i].name].term, got.term);
			total += same_term(&w->values[w->pairs[i].answer].term, got.term);
		}
		assert_int_equal(history_pairs(r, got.term, HISTORY_ALWAYS_FROM,
		                     HISTORY_ALWAYS_UNTIL, check_pair, &got, NULL),
		    OK);
		assert_int_equal(got.total, total);
	}
}

static void adopt(struct history_store *s, struct history_table *t, const char *source, usec now)
{
	struct buf run;
	char place[32];
	struct fault fault = {.text = ""};
	enum err rc;
	int n = snprintf(place, sizeof(place), "at %lld", (long long)now);

	buf_init(&run, HISTORY_RUN_MAX);
	assert_int_equal(history_table_run(t, &run), OK);
	assert_int_equal(history_table_seen(t), 0);
	rc = history_adopt(
	    s, buf_str(&run), str_c(source), (struct str){place, (size_t)n}, now, &fault);
	assert_string_equal(fault.text, "");
	assert_int_equal(rc, OK);
	assert_true(str_eq(history_place(s, str_c(source)), (struct str){place, (size_t)n}));
	buf_free(&run);
}

/* D-50: what passed is found by value, network, name and kind, for any span of time, whether it has
 * been merged or not, and by readers that were open before. */
static void everything_seen_is_found_and_nothing_else(void **state)
{
	uint64_t random = 7;
	struct world *w = world_new(&random);
	struct history_table *t = history_table_new(3);
	struct history_store *s;
	struct history_reader *r;
	char dir[TEMP_PATH];
	bool more;

	(void)state;
	make_folder(dir, "history");
	assert_int_equal(history_open(&s, str_c(dir), NULL), OK);
	assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
	for (unsigned round = 0; round < ROUNDS; round++) {
		usec now = T0 + round * 7 * HOUR;
		unsigned source = (unsigned)(next_random(&random) % SOURCES);

		for (unsigned i = 0; i < ROUND; i++)
			assert_true(world_see(w, t, source, now, &random));
		for (unsigned i = 0; i < ROUND / 50; i++)
			world_pair(w, t, source, now, &random);
		adopt(s, t, SOURCE_NAMES[source], now);
		assert_int_equal(history_merge(s, 5000, &more, NULL), OK);
		if (round % 8 == 7) {
			assert_int_equal(history_refresh(r, NULL), OK);
			check_questions(w, r, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, &random);
			check_questions(w, r, now - 100 * HOUR, now - 20 * HOUR - 77, &random);
		}
	}
	do
		assert_int_equal(history_merge(s, 5000, &more, NULL), OK);
	while (more);
	assert_true(history_counts(s).segments < 16);
	assert_int_equal(history_counts(s).seen, w->count);
	history_close(s);
	assert_int_equal(history_open(&s, str_c(dir), NULL), OK);
	assert_int_equal(history_refresh(r, NULL), OK);
	for (unsigned i = 0; i < 40; i++)
		check_questions(w, r, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, &random);
	check_pairs(w, r);
	history_reader_close(r);
	history_close(s);
	history_table_free(t);
	mem_free(w);
	remove_folder(dir);
}

static void check_busy(const struct world *w, const char *dir, const uint64_t *counts)
{
	struct history_reader *r;
	unsigned found = 0;

	assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
	for (unsigned v = 0; v < VALUES; v++) {
		uint64_t events = 0;
		unsigned hosts;
		bool busy = history_busy(r, &w->values[v].term, &events, &hosts);

		if (w->values[v].same != v)
			continue;
		assert_int_equal(busy, counts[v] >= HISTORY_BUSY);
		assert_int_equal(busy ? events : 0, busy ? counts[v] : 0);
		found += busy;
	}
	history_reader_close(r);
	assert_in_range(found, 1, 19);
}

/* What was seen often in the last day is counted from what was there when the count began, whatever
 * is adopted, merged and dropped while it goes on. */
static void what_is_busy_is_counted_piece_by_piece(void **state)
{
	uint64_t random = 11, counts[VALUES] = {0};
	usec now = T0 / HOUR * HOUR;
	struct world *w = world_new(&random);
	struct history_table *t = history_table_new(3);
	struct history_store *s;
	char dir[TEMP_PATH];
	size_t steps = 0;
	bool more = true, merging;

	(void)state;
	make_folder(dir, "history");
	assert_int_equal(history_open(&s, str_c(dir), NULL), OK);
	for (unsigned source = 0; source < SOURCES; source++) {
		for (unsigned i = 0; i < 10000; i++)
			assert_true(world_see(w, t, source, now, &random));
		adopt(s, t, SOURCE_NAMES[source], now);
	}
	for (size_t i = 0; i < w->count; i++)
		counts[w->seen[i].value] += w->seen[i].when >= now - 24 * HOUR;
	for (; more; steps++) {
		assert_int_equal(history_note_busy(s, now, 500, &more, NULL), OK);
		for (unsigned i = 0; i < 50; i++)
			assert_true(world_see(w, t, 0, now, &random));
		adopt(s, t, SOURCE_NAMES[0], now);
		assert_int_equal(history_merge(s, UINT64_MAX, &merging, NULL), OK);
	}
	assert_true(steps > 5);
	check_busy(w, dir, counts);
	assert_int_equal(history_note_busy(s, now, 500, &more, NULL), OK);
	assert_true(more);
	history_close(s);
	history_table_free(t);
	mem_free(w);
	remove_folder(dir);
}

static bool add_count(void *ctx, const struct history_entry *e)
{
	*(uint64_t *)ctx += e->count;
	return true;
}

/* D-50: an hour is meant or not as a whole, also while two runs have a part of it each. */
static void an_hour_of_two_runs_is_one_hour(void **state)
{
	static const usec MINUTES[] = {10, 50};
	static const struct term VALUE = {.kind = TERM_DOMAIN, .value = {"evil.example", 12}};
	usec hour = T0 / HOUR * HOUR, minute = HOUR / 60;
	struct history_table *t = history_table_new(3);
	struct history_store *s;
	struct history_reader *r;
	uint64_t count = 0;
	char dir[TEMP_PATH];

	(void)state;
	make_folder(dir, "history");
	assert_int_equal(history_open(&s, str_c(dir), NULL), OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(history_see(t, &VALUE, NULL, hour + MINUTES[i] * minute));
		adopt(s, t, SOURCE_NAMES[0], hour + HOUR);
	}
	assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
	assert_int_equal(history_find(r, &VALUE, hour + 30 * minute, hour + 40 * minute, add_count,
	                     &count, NULL),
	    OK);
	assert_int_equal(count, 2);
	assert_int_equal(
	    history_find(r, &VALUE, hour + 51 * minute, hour + HOUR, add_count, &count, NULL), OK);
	assert_int_equal(count, 2);
	history_reader_close(r);
	history_close(s);
	history_table_free(t);
	remove_folder(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_seen_is_found_and_nothing_else),
	    cmocka_unit_test(an_hour_of_two_runs_is_one_hour),
	    cmocka_unit_test(what_is_busy_is_counted_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
