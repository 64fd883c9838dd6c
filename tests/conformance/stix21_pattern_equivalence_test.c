/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of patterns that mean the same, or not, as the tests of python-stix2 have them. Equivalence
 * itself is nothing that this program decides; but two patterns that mean the same must match the
 * same observations, whatever these are, and for two that do not there are some that tell. */
#include "conformance/rows.h"

#include "base/arena.h"
#include "base/buf.h"
#include "codec/json.h"
#include "pattern/find.h"
#include "pattern/machine.h"

enum { TRIES = 4000, OBSERVED_MAX = 8 };

static struct arena *arena;
static struct pattern_machine *machine;
static size_t alike, told, open_rows, skipped;

static uint32_t roll(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 33) % below;
}

/* Objects of the types and values that the rows speak of. */
static void put_world(struct buf *out, uint64_t *seed)
{
	static const char *const VALUES[] = {"0", "1", "2", "3", "4", "1.23", "true", "false",
	    "\"O\xc2\xa2\"", "\"foo\"", "\"fjhxYe\"", "\"1982-12-31T02:14:17.232Z\""};
	static const char *const YEARS[] = {"1977", "1982", "1993", "1994", "1999", "2000", "2001"};
	static const char *const TYPES[] = {"a", "a", "a", "b", "c", "v", "x", "z"};
	uint32_t n = 1 + roll(seed, OBSERVED_MAX);
	const char *year = YEARS[roll(seed, 7)];
	bool dense = roll(seed, 2); /* one type, few values: long patterns match too */

	buf_put(out, S("["));
	for (uint32_t i = 0; i < n; i++) {
		int second = (int)roll(seed, 6);

		buf_printf(out,
		    "%s{\"type\":\"observed-data\",\"first_observed\":\"%s-09-01T00:00:0%dZ\","
		    "\"last_observed\":\"%s-09-01T00:00:0%dZ\",\"number_observed\":1,\"objects\":{"
		    "\"0\":{\"type\":\"%s\",\"b\":%s,\"c\":%s,\"d\":%s,\"u\":1,\"w\":1,\"y\":1}}}",
		    i ? "," : "", year, second, year, second, TYPES[dense ? 0 : roll(seed, 8)],
		    VALUES[roll(seed, dense ? 5 : 12)], VALUES[roll(seed, 5)],
		    VALUES[roll(seed, 5)]);
	}
	buf_put(out, S("]"));
}

static bool matches(const struct pattern_program *p, const struct pattern_observations *o)
{
	struct pattern_item items[OBSERVED_MAX];
	uint64_t leaves[OBSERVED_MAX];
	struct pattern_tally tally = {0};
	struct pattern_found found;

	assert_int_equal(p->words, 1);
	for (size_t i = 0; i < o->count; i++) {
		(void)pattern_see(machine, p, &o->list[i], &leaves[i], &tally);
		items[i] = (struct pattern_item){
		    o->list[i].first, o->list[i].last, o->list[i].number, &leaves[i]};
	}
	assert_int_equal(pattern_find(&found, arena, p, items, o->count, PATTERN_WORK_MAX), OK);
	assert_int_not_equal(found.verdict, PATTERN_UNDECIDED);
	return found.verdict == PATTERN_MATCH;
}

static struct pattern_program *compiled(struct str text)
{
	struct pattern_program *p;
	struct fault fault = {OK, ""};
	size_t at;

	/* One of the rows repeats a qualifier, which only 2.0 allows. */
	if (pattern_compile(&p, arena, text, PATTERN_READ_20, &at, &fault) != OK)
		ROW_FAIL("%.*s: %s", STR_ARG(text), fault.text);
	return p;
}

/* Addresses and registry keys: the reference compares them by what they mean, matching does so by
 * their text (section 9.6), so these rows say nothing about it. */
static bool by_meaning(struct str pattern)
{
	return str_search(pattern, S("addr:")) < pattern.n ||
	       str_search(pattern, S("windows-registry-key:")) < pattern.n;
}

static bool differ(struct str a, struct str b)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	struct buf world;
	bool differs = false;

	buf_init(&world, 1 << 20);
	for (int i = 0; i < TRIES && !differs; i++) {
		struct fault fault = {OK, ""};
		struct pattern_observations o;
		yyjson_val *root;

		arena_reset(arena);
		buf_reset(&world);
		put_world(&world, &seed);
		assert_int_equal(
		    json_parse(&root, arena, buf_str(&world), &JSON_LIMITS_OBJECT, &fault), OK);
		assert_int_equal(pattern_observations(&o, arena, root, &fault), OK);
		differs = matches(compiled(a), &o) != matches(compiled(b), &o);
	}
	buf_free(&world);
	return differs;
}

static void row(yyjson_val *r, size_t number)
{
	struct str a = row_str(r, "pattern1"), b = row_str(r, "pattern2");
	size_t open_before = open_rows;
	bool same = yyjson_get_bool(yyjson_obj_get(r, "equivalent"));

	if (by_meaning(a)) {
		skipped++;
		return;
	}
	if (!differ(a, b))
		*(same ? &alike : &open_rows) += 1;
	else if (same)
		ROW_FAIL("row %zu: %.*s and %.*s differ", number, STR_ARG(a), STR_ARG(b));
	else
		told++;
	if (open_rows > open_before)
		print_message(
		    "row %zu: nothing tells %.*s from %.*s\n", number, STR_ARG(a), STR_ARG(b));
}

static void patterns_that_mean_the_same_match_the_same(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	machine = pattern_machine_new();
	rows_walk("stix21_pattern_equivalence", row);
	print_message(
	    "%zu pairs matched alike, %zu were told apart, %zu were not, %zu by meaning\n", alike,
	    told, open_rows, skipped);
	/* A window around one observation says nothing, so that row 14 names two equal patterns. */
	assert_int_equal(open_rows, 1);
	pattern_machine_free(machine);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_that_mean_the_same_match_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
