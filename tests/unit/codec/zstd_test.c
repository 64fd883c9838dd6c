/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "codec/zstd.h"

static void what_was_packed_unpacks_to_itself(void **state)
{
	struct buf text, packed, again;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_init(&packed, 1 << 20);
	buf_init(&again, 1 << 20);
	for (unsigned n = 0; n < 2000; n += 97) {
		buf_reset(&packed);
		buf_reset(&again);
		zstd_pack(&packed, buf_str(&text));
		assert_int_equal(packed.failed, OK);
		assert_int_equal(zstd_unpack(&again, buf_str(&packed), text.n), OK);
		assert_true(str_eq(buf_str(&text), buf_str(&again)));
		for (unsigned i = 0; i < 97; i++)
			buf_printf(&text, "{\"n\":%u}", i * n);
	}
	assert_true(packed.n < text.n);
	buf_free(&text);
	buf_free(&packed);
	buf_free(&again);
}

static void nothing_expands_past_what_was_stated(void **state)
{
	static const char zeros[100000];
	struct buf packed, out;

	(void)state;
	buf_init(&packed, 1 << 20);
	buf_init(&out, 50000);
	zstd_pack(&packed, (struct str){zeros, sizeof(zeros)});
	assert_int_equal(zstd_unpack(&out, buf_str(&packed), 40000), ERR_PARSE);
	assert_int_equal(zstd_unpack(&out, buf_str(&packed), 60000), ERR_LIMIT);
	assert_int_equal(out.n, 0);
	buf_reset(&out);
	assert_int_equal(zstd_unpack(&out, S("not zstd"), 8), ERR_PARSE);
	assert_int_equal(
	    zstd_unpack(&out, str_slice(buf_str(&packed), 0, packed.n - 1), 40000), ERR_PARSE);
	buf_free(&packed);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_packed_unpacks_to_itself),
	    cmocka_unit_test(nothing_expands_past_what_was_stated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
