/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "codec/csv.h"

static void records_follow_rfc_4180(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct csv c = csv_open(S("\xef\xbb\xbf"
	                          "a,\"b\"\"c\",\r\n\"x\ny\",2,3\n\n,\nlast"),
	    ',');
	struct csv_record r;

	(void)state;
	assert_int_equal(csv_next(&c, &r, arena, NULL), OK);
	assert_int_equal(r.count, 3);
	assert_true(str_eq(r.fields[0], S("a")));
	assert_true(str_eq(r.fields[1], S("b\"c")));
	assert_int_equal(r.fields[2].n, 0);
	assert_int_equal(csv_next(&c, &r, arena, NULL), OK);
	assert_true(str_eq(r.fields[0], S("x\ny")));
	assert_int_equal(c.line, 2);
	assert_int_equal(csv_next(&c, &r, arena, NULL), OK);
	assert_int_equal(r.count, 1);
	assert_int_equal(c.line, 4);
	assert_int_equal(csv_next(&c, &r, arena, NULL), OK);
	assert_int_equal(r.count, 2);
	assert_int_equal(csv_next(&c, &r, arena, NULL), OK);
	assert_true(str_eq(r.fields[0], S("last")));
	assert_int_equal(c.line, 6);
	assert_int_equal(csv_next(&c, &r, arena, NULL), ERR_NOT_FOUND);
	arena_free(arena);
}

static void a_bad_record_names_its_line_and_spoils_no_other(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct csv c = csv_open(S("ok\na\"b,c\nok\n\"x\"y\nok\n\"open,\nok"), ',');
	struct csv_record r;
	struct fault fault = {OK, ""};
	size_t good = 0, bad = 0;
	enum err rc;

	(void)state;
	while ((rc = csv_next(&c, &r, arena, &fault)) != ERR_NOT_FOUND) {
		assert_true(rc == OK || rc == ERR_PARSE);
		good += rc == OK && str_eq(r.fields[0], S("ok"));
		bad += rc != OK;
	}
	assert_int_equal(good, 4);
	assert_int_equal(bad, 3);
	assert_string_equal(fault.text, "line 6: a quote is never closed");
	arena_free(arena);
}

static void too_many_fields_are_refused(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct csv_record r;
	struct fault fault = {OK, ""};
	char text[CSV_FIELDS_MAX + 1];
	struct csv c;

	(void)state;
	memset(text, ';', sizeof(text));
	c = csv_open((struct str){text, CSV_FIELDS_MAX - 1}, ';');
	assert_int_equal(csv_next(&c, &r, arena, &fault), OK);
	assert_int_equal(r.count, CSV_FIELDS_MAX);
	c = csv_open((struct str){text, CSV_FIELDS_MAX}, ';');
	assert_int_equal(csv_next(&c, &r, arena, &fault), ERR_LIMIT);
	assert_string_equal(fault.text, "line 1: more than 256 fields");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_follow_rfc_4180),
	    cmocka_unit_test(a_bad_record_names_its_line_and_spoils_no_other),
	    cmocka_unit_test(too_many_fields_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
