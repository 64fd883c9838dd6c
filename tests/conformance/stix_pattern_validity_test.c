/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include <time.h>

#include "base/arena.h"
#include "pattern/program.h"

enum { SLOW_MS = 50 };

static struct arena *arena;
static size_t departed;
static double slowest; /* milliseconds */

static double milliseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void row(yyjson_val *r, size_t number)
{
	struct fault fault = {OK, ""};
	struct pattern_program *p;
	double begun = milliseconds(), took;
	size_t at;
	bool valid;

	arena_reset(arena);
	valid = pattern_compile(&p, arena, row_str(r, "pattern"),
	            row_is(r, "spec_version", "2.0") ? PATTERN_READ_20 : PATTERN_READ_21, &at,
	            &fault) == OK;
	took = milliseconds() - begun;
	slowest = took > slowest ? took : slowest;
	if (valid == row_is(r, "expect", "valid"))
		return;
	departed++;
	/* What is wrong with a digest is no matter of syntax, and a long pattern is not wrong. */
	if (!valid || !(row_is(r, "error_class", "semantic") ||
	                  str_starts(row_str(r, "ref_error"), S("RecursionError"))))
		ROW_FAIL("row %zu: %s expected: %s: %s", number, row_str(r, "expect").p, fault.text,
		    row_str(r, "pattern").p);
}

static void walk(const char *set, size_t most)
{
	arena = arena_new(64 << 20);
	departed = 0;
	slowest = 0;
	rows_walk(set, row);
	print_message("%s: %zu departures, slowest %.2f ms\n", set, departed, slowest);
	assert_true(departed <= most);
	assert_true(slowest < SLOW_MS);
	arena_free(arena);
}

static void patterns_of_2_1_are_read_as_the_grammar_says(void **state)
{
	(void)state;
	walk("stix_pattern_validity_v21", 0);
}

static void patterns_of_2_0_are_read_as_the_grammar_says(void **state)
{
	(void)state;
	walk("stix_pattern_validity_v20", 1);
}

static void patterns_found_in_public_are_read_as_the_grammar_says(void **state)
{
	(void)state;
	walk("stix_patterns_wild", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_of_2_1_are_read_as_the_grammar_says),
	    cmocka_unit_test(patterns_of_2_0_are_read_as_the_grammar_says),
	    cmocka_unit_test(patterns_found_in_public_are_read_as_the_grammar_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
