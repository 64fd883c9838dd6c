/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/jcs.h"
#include "codec/json.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const char *canonical(const char *json)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct fault fault = {OK, ""};
	yyjson_val *v;
	struct buf b;
	struct str s;

	if (json_parse(&v, arena, str_c(json), &limits, &fault) != OK)
		return arena_printf(arena, "refused: %s", fault.text).p;
	buf_init(&b, 1 << 20);
	s = jcs_write(&b, arena, v, &fault) == OK ? arena_str(arena, buf_str(&b))
	                                          : arena_printf(arena, "refused: %s", fault.text);
	buf_free(&b);
	return s.p;
}

static void one_text_for_each_value(void **state)
{
	static const char *const ROWS[][2] = {
	    {" { \"b\" : [ 1.0 , -0.0, 1E2 ] , \"a\" : null } ", "{\"a\":null,\"b\":[1,0,100]}"},
	    {"\"\\u0041\\/\\u000a\\u001F\\u007f\\u20ac\\ud83d\\ude00\"",
	        "\"A/\\n\\u001f\x7f\xe2\x82\xac\xf0\x9f\x98\x80\""},
	    {"[9007199254740992,-9007199254740992]", "[9007199254740992,-9007199254740992]"},
	    {"{\"\xef\xac\x81\":1,\"\xf0\x9f\x98\x80\":2,\"\xe2\x82\xac\":3}",
	        "{\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\x81\":1}"},
	    {"{\"aa\":1,\"a\":2,\"\":3,\"A\":4}", "{\"\":3,\"A\":4,\"a\":2,\"aa\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_string_equal(canonical(ROWS[i][0]), ROWS[i][1]);
}

/* Two integers that one double stands for must not get one text. */
static void numbers_that_would_lose_digits_are_refused(void **state)
{
	static const char *const LOST[] = {"9007199254740993", "-9007199254740993",
	    "18446744073709551615", "18446744073709551616", "123456789012345678901", "1e999",
	    "-1e999"};
	static const char *const KEPT[] = {"9007199254740994", "18014398509481984",
	    "184467440737095520", "123456789012345680000", "-123456789012345680000", "0"};

	(void)state;
	for (size_t i = 0; i < sizeof(LOST) / sizeof(LOST[0]); i++)
		assert_string_equal(canonical(LOST[i]),
		    arena_printf(arena,
		        "refused: the number %s would lose digits in canonical JSON", LOST[i])
		        .p);
	for (size_t i = 0; i < sizeof(KEPT) / sizeof(KEPT[0]); i++)
		assert_string_equal(canonical(KEPT[i]), KEPT[i]);
	assert_string_equal(canonical("{\"a\":1,\"a\":1}"), "refused: byte 7: a: duplicate key");
}

/* What is written reads back as the same text, also where a real becomes a long integer. */
static void canonical_texts_are_fixed_points(void **state)
{
	static const char *const TEXTS[] = {"184467440737095516.6", "1.5e20",
	    "123456789012345678.9", "999999999999999900000.5", "1e21", "-1e20"};

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		const char *once = canonical(TEXTS[i]);

		assert_string_equal(canonical(once), once);
		assert_false(str_starts(str_c(once), S("refused")));
	}
}

/* Every number reads back as itself, and no shorter decimal does. */
static void random_doubles_round_trip_in_the_shortest_form(void **state)
{
	uint64_t seed = 8785;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		char text[JCS_NUMBER_MAX + 1];
		char shorter[64];
		struct str s;
		double v;
		int digits = 0;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		memcpy(&v, &seed, sizeof(v));
		if (!isfinite(v))
			continue;
		s = jcs_number(text, v);
		text[s.n] = '\0';
		assert_true(strtod(text, NULL) == v);
		for (size_t k = 0; k < s.n && text[k] != 'e'; k++)
			digits += text[k] >= '0' && text[k] <= '9';
		if (i % 10 || strchr(text, 'e') == NULL || digits < 2)
			continue;
		(void)snprintf(shorter, sizeof(shorter), "%.*e", digits - 2, v);
		assert_true(strtod(shorter, NULL) != v);
	}
}

static void nested_values_keep_their_order_and_their_numbers(void **state)
{
	const char *once = canonical("{\"z\":{\"y\":[1e-7,1e21,0.1,1.2345678901234568e20]},"
	                             "\"a\":[{},[],\"\\u0001\"]}");

	(void)state;
	assert_string_equal(once, "{\"a\":[{},[],\"\\u0001\"],\"z\":{\"y\":[1e-7,1e+21,0.1,"
	                          "123456789012345680000]}}");
}

static void keys_are_ordered_by_utf_16(void **state)
{
	(void)state;
	assert_true(jcs_key_cmp(S("a"), S("b")) < 0);
	assert_true(jcs_key_cmp(S("a"), S("a")) == 0);
	assert_true(jcs_key_cmp(S("ab"), S("a")) > 0);
	/* U+10000 has the surrogates D800 DC00, which come before U+E000. */
	assert_true(jcs_key_cmp(S("\xf0\x90\x80\x80"), S("\xee\x80\x80")) < 0);
	assert_true(jcs_key_cmp(S("\xf0\x90\x80\x80"), S("\xed\x9f\xbf")) > 0);
	assert_true(jcs_key_cmp(S("\xf0\x90\x80\x80"), S("\xf0\x90\x80\x81")) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_text_for_each_value),
	    cmocka_unit_test(numbers_that_would_lose_digits_are_refused),
	    cmocka_unit_test(canonical_texts_are_fixed_points),
	    cmocka_unit_test(random_doubles_round_trip_in_the_shortest_form),
	    cmocka_unit_test(nested_values_keep_their_order_and_their_numbers),
	    cmocka_unit_test(keys_are_ordered_by_utf_16),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
