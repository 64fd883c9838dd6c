/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "sync/peer.h"

enum { FORMER = 3 };

/* Keys four, three, two, one: three was met, four followed; two and one were told of at 500. */
static void make_peer(struct known_peer *p, struct former_keys former[FORMER])
{
	former[0] = (struct former_keys){.keys = S("three\n3"), .until = 400};
	former[1] = (struct former_keys){.keys = S("two\n2"), .until = 300, .learned = 500};
	former[2] = (struct former_keys){.keys = S("one\n1"), .until = 200, .learned = 500};
	*p = (struct known_peer){
	    .keys = S("four\n4"), .until = INT64_MAX, .former = former, .former_count = FORMER};
}

/* G18: what stolen keys sealed counts up to then; and what they named as their predecessors while
 * they were stolen, counts for nothing: whoever has them could have made it up. */
static void keys_told_of_by_stolen_ones_count_for_nothing(void **state)
{
	static const struct {
		const char *key;
		usec since;
		usec until[FORMER + 1]; /* of four, three, two, one */
	} CASES[] = {
	    {"three", 100, {INT64_MAX, 100, 0, 0}},
	    {"three", 600, {INT64_MAX, 400, 300, 200}},
	    {"two", 100, {INT64_MAX, 400, 100, 0}},
	    {"two", 499, {INT64_MAX, 400, 300, 0}},
	    {"two", 500, {INT64_MAX, 400, 300, 200}},
	    {"one", 100, {INT64_MAX, 400, 300, 100}},
	    {"four", 350, {350, 400, 0, 0}},
	    {"four", 500, {500, 400, 300, 200}},
	    {"nobody", 1, {INT64_MAX, 400, 300, 200}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct compromise c = {
		    .since = CASES[i].since, .keys = {str_c(CASES[i].key)}, .count = 1};
		struct former_keys former[FORMER];
		struct known_peer p;

		make_peer(&p, former);
		known_peer_disown(&p, &c);
		assert_int_equal(p.until, CASES[i].until[0]);
		for (size_t k = 0; k < FORMER; k++) {
			assert_int_equal(former[k].until, CASES[i].until[k + 1]);
			if (former[k].until == 0)
				assert_true(former[k].foreign);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_told_of_by_stolen_ones_count_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
