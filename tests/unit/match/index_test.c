/* SPDX-License-Identifier: Apache-2.0 */
/* Generation and delta against the obvious: a list that is searched from end to end. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "match/delta.h"
#include "match/entry.h"
#include "match/index.h"

enum { COUNT = 3000, VALUE = 24 };

struct sample {
	struct index_entry list[COUNT];
	char values[COUNT][VALUE];
};

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Entries of all kinds, many of them for the same value. */
static struct sample *sample_new(void)
{
	struct sample *s = mem_alloc(sizeof(*s));
	uint64_t random = 99;

	for (size_t i = 0; i < COUNT; i++) {
		static const uint8_t SIZES[TERM_KINDS] = {
		    [TERM_IPV4] = 4, [TERM_IPV6] = 16, [TERM_MD5] = 16, [TERM_SHA1] = 20};
		enum term_kind kind = (enum term_kind)(next_random(&random) % TERM_KINDS);
		size_t n = SIZES[kind] ? SIZES[kind] : 1 + next_random(&random) % (VALUE - 1);
		uint8_t prefix = 0;

		memset(s->values[i], 0, VALUE);
		s->values[i][0] = (char)next_random(&random);
		s->values[i][n - 1] = (char)(next_random(&random) % 8);
		if (kind == TERM_IPV4)
			prefix = next_random(&random) % 4 ? 32 : 8;
		if (kind == TERM_IPV6)
			prefix = next_random(&random) % 4 ? 128 : 65;
		s->list[i] = (struct index_entry){
		    .term = {kind, prefix, {s->values[i], n}},
		    .seq = i,
		    .from = next_random(&random) % 2 ? 0 : (uint32_t)next_random(&random),
		    .until = next_random(&random) % 2 ? UINT32_MAX : (uint32_t)next_random(&random),
		};
	}
	return s;
}

struct tally {
	const struct sample *sample;
	size_t count;
	uint64_t sum;
};

static void tally(void *ctx, const struct index_entry *e)
{
	struct tally *t = ctx;
	const struct index_entry *want = &t->sample->list[e->seq];

	assert_true(e->seq < COUNT);
	assert_true(term_eq(&e->term, &want->term));
	assert_int_equal(e->from, want->from);
	assert_int_equal(e->until, want->until);
	t->count++;
	t->sum += e->seq + 1;
}

static struct tally expect(const struct sample *s, const struct term *term)
{
	struct tally t = {s, 0, 0};

	for (size_t i = 0; i < COUNT; i++)
		if (term_eq(&s->list[i].term, term))
			tally(&t, &s->list[i]);
	return t;
}

static void *generation(const struct sample *s, struct match_index *out)
{
	struct index_builder *b = index_builder_new(5);
	size_t size;
	void *map;

	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(index_builder_add(b, &s->list[i]), OK);
	size = index_builder_size(b);
	map = mem_alloc(size);
	index_builder_write(b, 77, map);
	assert_int_equal(match_open(out, (struct str){map, size}, NULL), OK);
	assert_int_equal(out->count, COUNT);
	assert_int_equal(out->next, 77);
	index_builder_free(b);
	return map;
}

static void a_generation_finds_every_entry_of_a_value_and_no_other(void **state)
{
	struct sample *s = sample_new();
	struct match_index x;
	void *map = generation(s, &x);
	struct tally all = {s, 0, 0};

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const struct term *term = &s->list[i].term;
		uint64_t h = entry_fingerprint(x.seed, term);
		struct tally want = expect(s, term), got = {s, 0, 0};

		assert_true(index_may_hold(&x, h));
		match_find(&x, h, term, tally, &got);
		assert_int_equal(got.count, want.count);
		assert_int_equal(got.sum, want.sum);
	}
	match_walk(&x, tally, &all);
	assert_int_equal(all.count, COUNT);
	assert_true(x.nets4 == UINT64_C(1) << 8);
	assert_true(x.nets6[1] == UINT64_C(1) << 1);
	mem_free(map);
	mem_free(s);
}

static void values_that_nobody_named_are_rarely_likely_and_never_found(void **state)
{
	struct sample *s = sample_new();
	struct match_index x;
	void *map = generation(s, &x);
	size_t likely = 0;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		char value[5] = {'n', (char)i, (char)(i >> 8), (char)(i >> 16), 'x'};
		struct term term = {TERM_DOMAIN, 0, {value, 5}};
		struct tally got = {s, 0, 0}, want = expect(s, &term);
		uint64_t h = entry_fingerprint(x.seed, &term);

		likely += index_may_hold(&x, h);
		match_find(&x, h, &term, tally, &got);
		assert_int_equal(got.count, want.count);
	}
	assert_true(likely < 20000 / 20);
	mem_free(map);
	mem_free(s);
}

static void an_empty_generation_finds_nothing(void **state)
{
	struct index_builder *b = index_builder_new(5);
	size_t size = index_builder_size(b);
	void *map = mem_alloc(size);
	struct term term = {TERM_DOMAIN, 0, S("a.example")};
	struct tally got = {0};
	struct match_index x;

	(void)state;
	index_builder_write(b, 0, map);
	assert_int_equal(match_open(&x, (struct str){map, size}, NULL), OK);
	match_find(&x, 1, &term, tally, &got);
	assert_int_equal(got.count, 0);
	mem_free(map);
	index_builder_free(b);
}

static void a_damaged_generation_is_refused_or_read_within_its_bounds(void **state)
{
	struct sample *s = sample_new();
	struct match_index x;
	char *map = generation(s, &x);
	size_t size = (size_t)(x.entries - map) + x.entry_bytes;
	uint64_t random = 3;

	(void)state;
	assert_int_equal(match_open(&x, (struct str){map, size - 4}, NULL), ERR_CORRUPT);
	assert_int_equal(match_open(&x, (struct str){map, 100}, NULL), ERR_CORRUPT);
	for (int round = 0; round < 3000; round++) {
		size_t at = next_random(&random) % (round % 2 ? size : 128);
		char was = map[at];
		struct tally nothing = {0};

		map[at] = (char)next_random(&random);
		if (match_open(&x, (struct str){map, size}, NULL) == OK)
			for (size_t i = 0; i < 20; i++) {
				struct term term = {TERM_DOMAIN, 0, S("no such name at all")};

				match_find(&x, next_random(&random), &term, tally, &nothing);
			}
		map[at] = was;
	}
	mem_free(map);
	mem_free(s);
}

static void a_delta_finds_what_was_added_until_it_is_full(void **state)
{
	struct sample *s = sample_new();
	size_t size = delta_size(COUNT);
	void *map = mem_alloc(size);
	struct match_delta *d = delta_format(map, COUNT, 5), *again;
	struct tally all = {s, 0, 0};
	size_t added = COUNT;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct tally got = {s, 0, 0};
		const struct term *term = &s->list[i].term;

		assert_int_equal(delta_add(d, &s->list[i]), OK);
		delta_find(d, entry_fingerprint(5, term), term, tally, &got);
		assert_true(got.count > 0);
	}
	for (size_t i = 0; i < COUNT; i++) {
		const struct term *term = &s->list[i].term;
		uint64_t h = entry_fingerprint(5, term);
		struct tally want = expect(s, term), got = {s, 0, 0};

		assert_true(delta_may_hold(d, h));
		delta_find(d, h, term, tally, &got);
		assert_int_equal(got.sum, want.sum);
	}
	delta_walk(d, tally, &all);
	assert_int_equal(all.count, COUNT);
	assert_true(delta_nets4(d) == UINT64_C(1) << 8);
	while (delta_add(d, &s->list[0]) == OK)
		added++;
	assert_int_equal(delta_count(d), added);
	assert_int_equal(delta_add(d, &s->list[0]), ERR_FULL);
	assert_int_equal(delta_open(&again, map, size, NULL), OK);
	assert_int_equal(delta_open(&again, map, size - 8, NULL), ERR_CORRUPT);
	mem_free(map);
	mem_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_generation_finds_every_entry_of_a_value_and_no_other),
	    cmocka_unit_test(values_that_nobody_named_are_rarely_likely_and_never_found),
	    cmocka_unit_test(an_empty_generation_finds_nothing),
	    cmocka_unit_test(a_damaged_generation_is_refused_or_read_within_its_bounds),
	    cmocka_unit_test(a_delta_finds_what_was_added_until_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
