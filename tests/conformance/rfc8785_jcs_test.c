/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include <math.h>

#include "base/base64.h"
#include "base/buf.h"
#include "codec/jcs.h"
#include "codec/json.h"

static struct arena *arena;

static void number_row(yyjson_val *r, size_t number)
{
	uint64_t bits = strtoull(row_str(r, "ieee754_hex").p, NULL, 16);
	char text[JCS_NUMBER_MAX];
	struct str got;
	double value;

	memcpy(&value, &bits, sizeof(value));
	if (!isfinite(value)) {
		/* No JSON text is such a number: json_parse keeps 1e999 raw and jcs_write refuses
		 * it. */
		assert_false(
		    yyjson_is_str(yyjson_obj_get(r, "expect")) && !row_is(r, "expect", "error"));
		return;
	}
	got = jcs_number(text, value);
	if (!str_eq(got, row_str(r, "expect")))
		ROW_FAIL(
		    "row %zu: %s expected, got %.*s", number, row_str(r, "expect").p, STR_ARG(got));
}

static void document_row(yyjson_val *r, size_t number)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct str text;
	yyjson_val *value;
	struct buf canonical, hex;

	assert_int_equal(base64_decode(&text, arena, row_str(r, "input_b64")), OK);
	assert_int_equal(json_parse(&value, arena, text, &limits, NULL), OK);
	buf_init(&canonical, 1 << 20);
	buf_init(&hex, 1 << 20);
	assert_int_equal(jcs_write(&canonical, arena, value, NULL), OK);
	buf_hex(&hex, canonical.p, canonical.n);
	if (!str_eq(buf_str(&hex), row_str(r, "expect_hex")))
		ROW_FAIL("row %zu (%s): got %.*s", number, row_str(r, "name").p,
		    STR_ARG(buf_str(&canonical)));
	buf_free(&hex);
	buf_free(&canonical);
}

static void row(yyjson_val *r, size_t number)
{
	arena_reset(arena);
	if (row_is(r, "kind", "number"))
		number_row(r, number);
	else
		document_row(r, number);
}

static void texts_are_canonical_to_the_byte(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	rows_walk("rfc8785_jcs", row);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_canonical_to_the_byte)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
