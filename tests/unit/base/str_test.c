/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/str.h"

static void cut_walks_every_field_and_ends(void **state)
{
	struct str rest = S("a,,b");
	struct str head;

	(void)state;
	head = str_cut(&rest, ',');
	assert_true(str_eq(head, S("a")));
	head = str_cut(&rest, ',');
	assert_true(str_eq(head, S("")));
	assert_non_null(rest.p);
	head = str_cut(&rest, ',');
	assert_true(str_eq(head, S("b")));
	assert_null(rest.p);
}

static void u64_refuses_signs_and_overflow(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(str_u64(S("18446744073709551615"), &v), OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_u64(S("18446744073709551616"), &v), ERR_LIMIT);
	assert_int_equal(str_u64(S("-1"), &v), ERR_PARSE);
	assert_int_equal(str_u64(S(""), &v), ERR_PARSE);
	assert_true(v == UINT64_MAX);
}

static void slices_are_clamped(void **state)
{
	(void)state;
	assert_int_equal(str_slice(S("abc"), 2, 99).n, 1);
	assert_int_equal(str_slice(S("abc"), 9, 1).n, 0);
	assert_true(str_eq(str_trim(S(" \tx\n")), S("x")));
	assert_int_equal(str_search(S("hxxp://a[.]b"), S("[.]")), 8);
}

static void hexadecimal_digits_are_those_of_both_cases_and_no_others(void **state)
{
	static const char DIGITS[] = "0123456789abcdef", CAPITALS[] = "0123456789ABCDEF";

	(void)state;
	for (int c = 0; c < 256; c++) {
		size_t small = str_find(str_c(DIGITS), (char)c);
		size_t large = str_find(str_c(CAPITALS), (char)c);
		size_t value = small < large ? small : large;

		assert_int_equal(str_hex_digit((char)c), value < 16 ? (int)value : -1);
	}
}

static void hexadecimal_text_spells_so_many_bytes_or_none(void **state)
{
	unsigned char out[2];

	(void)state;
	assert_true(str_hex(out, 2, S("0aFf")));
	assert_int_equal(out[0], 0x0a);
	assert_int_equal(out[1], 0xff);
	assert_true(str_hex(out, 0, S("")));
	assert_false(str_hex(out, 2, S("0af")));
	assert_false(str_hex(out, 2, S("0aff0")));
	assert_false(str_hex(out, 2, S("0afg")));
	assert_false(str_hex(out, 2, S("0a f")));
	assert_false(str_hex(out, 2, STR_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_walks_every_field_and_ends),
	    cmocka_unit_test(u64_refuses_signs_and_overflow),
	    cmocka_unit_test(slices_are_clamped),
	    cmocka_unit_test(hexadecimal_digits_are_those_of_both_cases_and_no_others),
	    cmocka_unit_test(hexadecimal_text_spells_so_many_bytes_or_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
