/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "cli/terminal.h"
#include "codec/json.h"

static void assert_shown(struct str text, struct str expected)
{
	struct buf out;

	buf_init(&out, 4096);
	terminal_put(&out, text);
	if (!str_eq(buf_str(&out), expected))
		print_error("shown as %.*s\n", STR_ARG(buf_str(&out)));
	assert_true(str_eq(buf_str(&out), expected));
	buf_free(&out);
}

/* G14: nothing that a sensor or a feed wrote can drive the operator's terminal. */
static void escapes_and_reversals_are_shown_not_obeyed(void **state)
{
	(void)state;
	assert_shown(S("\x1b]0;owned\x07"), S("\\x1b]0;owned\\x07"));
	assert_shown(S("a\r\nb\tc\x7f"), S("a\\x0d\\x0ab\\x09c\\x7f"));
	assert_shown(S("\xc2\x9b"
	               "2J"),
	    S("\\u{009b}2J"));
	assert_shown(S("exe.\xe2\x80\xae"
	               "gpj"),
	    S("exe.\\u{202e}gpj"));
	assert_shown(S("\xff\xc3"), S("\\xff\\xc3"));
	assert_shown(S("\xed\xa0\x80"), S("\\xed\\xa0\\x80"));
	assert_shown(S("na\xc3\xafve \xe2\x9c\x93 \xf0\x9f\x99\x82"),
	    S("na\xc3\xafve \xe2\x9c\x93 \xf0\x9f\x99\x82"));
}

/* G14 */
static void json_for_a_terminal_keeps_its_values(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct fault fault;
	struct buf out;
	yyjson_val *root;

	(void)state;
	buf_init(&out, 4096);
	terminal_put_json(&out, S("{\"a\":\r\n\"\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\xa1z\"}"));
	assert_true(str_eq(buf_str(&out), S("{\"a\":\n\"\\u009b\\u202e\\udb40\\udc21z\"}")));
	assert_int_equal(json_parse(&root, arena, buf_str(&out), &JSON_LIMITS_OBJECT, &fault), OK);
	assert_true(str_eq(json_get_str(root, "a"), S("\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\xa1z")));
	buf_free(&out);
	arena_free(arena);
}

static void tables_line_up_and_cut_long_cells(void **state)
{
	static const struct terminal_column COLUMNS[] = {
	    {"a", "A"}, {"b.c", "DEEP"}, {"d", "LAST"}, {NULL, NULL}};
	struct arena *arena = arena_new(1 << 20);
	struct fault fault;
	struct buf out;
	yyjson_val *root;

	(void)state;
	assert_int_equal(json_parse(&root, arena,
	                     S("[{\"a\":\"\xc3\xa9t\xc3\xa9\",\"b\":{\"c\":12},\"d\":true},"
	                       "{\"a\":\"x\",\"d\":\"\x7f\",\"d_more\":true}]"),
	                     &JSON_LIMITS_OBJECT, &fault),
	    OK);
	buf_init(&out, 4096);
	terminal_table(&out, root, COLUMNS);
	assert_true(str_eq(buf_str(&out), S("A    DEEP  LAST\n"
	                                    "\xc3\xa9t\xc3\xa9  12    yes\n"
	                                    "x          \\x7f+\n")));
	buf_free(&out);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escapes_and_reversals_are_shown_not_obeyed),
	    cmocka_unit_test(json_for_a_terminal_keeps_its_values),
	    cmocka_unit_test(tables_line_up_and_cut_long_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
