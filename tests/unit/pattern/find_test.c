/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "pattern_case.h"

/* Witnesses alone are a match, and the same answer is given whatever order observations come in. */
static void check_case(struct kase *k, uint64_t number)
{
	struct pattern_found found;
	struct slow_observed alone[SLOW_OBSERVED];
	bool expected = slow_match(&k->ways, k->observed, k->count);

	assert_int_equal(
	    pattern_find(&found, arena, k->program, k->items, (size_t)k->count, PATTERN_WORK_MAX),
	    OK);
	if (found.verdict != (expected ? PATTERN_MATCH : PATTERN_NO_MATCH)) {
		say_case(k, number);
		assert_int_equal(found.verdict, expected ? PATTERN_MATCH : PATTERN_NO_MATCH);
	}
	for (size_t i = 0; i < found.count; i++)
		alone[i] = k->observed[found.witnesses[i]];
	if (expected && !slow_match(&k->ways, alone, (int)found.count)) {
		say_case(k, number);
		assert_true(false);
	}
}

/* "A million cases, no difference." */
static void random_patterns_match_what_the_slow_evaluator_says(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15, wanted = cases(1000000), matches = 0;
	static struct kase k;

	(void)state;
	buf_init(&k.text, 1 << 16);
	for (uint64_t i = 0; i < wanted;) {
		if (!make_case(&k, &seed))
			continue;
		check_case(&k, i);
		matches += slow_match(&k.ways, k.observed, k.count);
		i++;
	}
	buf_free(&k.text);
	print_message(
	    "%llu cases, %llu matches\n", (unsigned long long)wanted, (unsigned long long)matches);
	assert_in_range(matches, wanted / 10, wanted - wanted / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        random_patterns_match_what_the_slow_evaluator_says, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
