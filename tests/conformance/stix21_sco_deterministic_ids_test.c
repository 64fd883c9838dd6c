/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include "codec/json.h"
#include "stix/id.h"

static struct arena *arena;

static void row(yyjson_val *r, size_t number)
{
	yyjson_val *object = yyjson_obj_get(r, "object_without_id");
	struct fault fault = {OK, ""};
	struct str id = S("");
	enum err rc;

	arena_reset(arena);
	rc = stix_sco_id(&id, arena, stix_type_of(json_get_str(object, "type")), object, &fault);
	if (rc != OK || !str_eq(id, row_str(r, "expect_id")))
		ROW_FAIL("row %zu: %s expected, got %.*s %s (%s)", number,
		    row_str(r, "expect_id").p, STR_ARG(id), fault.text, row_str(r, "source").p);
}

static void identifiers_follow_the_algorithm(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	rows_walk("stix21_sco_deterministic_ids", row);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(identifiers_follow_the_algorithm)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
