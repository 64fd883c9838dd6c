/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/stix_verdict.h"

static struct arena *arena;

/* Section 7.2.3.1 lets a granular marking name a language alone; the reference does not. */
static bool only_language_marked(yyjson_val *object)
{
	yyjson_val *marking = yyjson_ptr_get(object, "/granular_markings/0");

	return yyjson_obj_get(marking, "lang") && !yyjson_obj_get(marking, "marking_ref");
}

static void row(yyjson_val *r, size_t number)
{
	yyjson_val *object = yyjson_obj_get(r, "object");
	bool valid = row_is(r, "ref_validator_must", "valid") || only_language_marked(object);
	struct verdict v;

	arena_reset(arena);
	v = verdict_of(arena, object, S(""));
	if ((v.musts == 0) != valid)
		ROW_FAIL("row %zu: %s expected, %zu MUST findings (%s)", number,
		    valid ? "valid" : "invalid", v.musts, v.first);
}

static void examples_of_the_specification_are_judged_by_its_text(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	rows_walk("stix21_spec_examples", row);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_of_the_specification_are_judged_by_its_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
