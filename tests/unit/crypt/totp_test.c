/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "crypt/totp.h"

static const unsigned char RFC_SECRET[TOTP_SECRET] = "12345678901234567890";

/* RFC 6238 appendix B, the rows of SHA-1: eight digits there. */
static void codes_of_the_rfc(void **state)
{
	static const struct {
		uint64_t seconds;
		uint32_t code;
	} rows[] = {{59, 94287082}, {1111111109, 7081804}, {1111111111, 14050471},
	    {1234567890, 89005924}, {2000000000, 69279037}, {UINT64_C(20000000000), 65353130}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    totp_number(RFC_SECRET, rows[i].seconds / 30) % 100000000, rows[i].code);
}

/* RFC 4226 appendix D: six digits. */
static void codes_are_six_digits_with_their_zeros(void **state)
{
	static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
	    "254676", "287922", "162583", "399871", "520489"};
	uint64_t step = 0;

	(void)state;
	for (uint64_t i = 1; i < 10; i++) {
		assert_true(totp_check(
		    &step, RFC_SECRET, str_c(codes[i]), (usec)i * 30 * USEC_PER_SEC, i - 1));
		assert_int_equal(step, i);
	}
	assert_true(totp_check(&step, RFC_SECRET, S("081804"), 1111111109 * USEC_PER_SEC, 0));
}

static void a_code_holds_for_three_steps_and_once(void **state)
{
	const usec now = INT64_C(9) * 30 * USEC_PER_SEC;
	uint64_t step = 0;

	(void)state;
	assert_true(totp_check(&step, RFC_SECRET, S("520489"), now - 30 * USEC_PER_SEC, 0));
	assert_true(totp_check(&step, RFC_SECRET, S("520489"), now + 59 * USEC_PER_SEC, 0));
	assert_false(totp_check(&step, RFC_SECRET, S("520489"), now + 60 * USEC_PER_SEC, 0));
	assert_false(totp_check(&step, RFC_SECRET, S("520489"), now - 31 * USEC_PER_SEC, 0));
	assert_false(totp_check(&step, RFC_SECRET, S("520489"), now, 9));
	/* An older code does not hold either once a newer one was used. */
	assert_false(totp_check(&step, RFC_SECRET, S("399871"), now, 9));
	assert_true(totp_check(&step, RFC_SECRET, S("520489"), now, 8));
}

static void what_is_no_code_is_wrong(void **state)
{
	static const char *const no[] = {"", "52048", "5204890", " 520489", "520488", "abcdef"};
	uint64_t step = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(
		    totp_check(&step, RFC_SECRET, str_c(no[i]), INT64_C(9) * 30 * USEC_PER_SEC, 0));
	assert_false(totp_check(&step, RFC_SECRET, STR_NONE, 0, 0));
	assert_int_equal(step, 77);
}

/* RFC 4648 base32 of the same bytes, as apps take it. */
static void a_secret_is_shown_in_base32(void **state)
{
	char text[TOTP_TEXT + 1];

	(void)state;
	totp_text(text, RFC_SECRET);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_of_the_rfc),
	    cmocka_unit_test(codes_are_six_digits_with_their_zeros),
	    cmocka_unit_test(a_code_holds_for_three_steps_and_once),
	    cmocka_unit_test(what_is_no_code_is_wrong),
	    cmocka_unit_test(a_secret_is_shown_in_base32),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
