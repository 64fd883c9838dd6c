/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rd.h"

static void arena_stops_at_its_ceiling_and_recovers_by_reset(void **state)
{
	struct arena *a = arena_new(1000);

	(void)state;
	assert_non_null(arena_alloc(a, 900));
	assert_null(arena_alloc(a, 200));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_array(a, SIZE_MAX / 2, 4));
	arena_reset(a);
	assert_non_null(arena_alloc(a, 900));
	arena_free(a);
}

static void arena_blocks_never_overlap(void **state)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char *blocks[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		blocks[i] = arena_alloc(a, i * 7);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % 16, 0);
		memset(blocks[i], (int)i, i * 7);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j < i * 7; j++)
			assert_int_equal(blocks[i][j], i);
	arena_free(a);
}

static void buf_error_sticks_and_keeps_what_was_whole(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_put(&b, S("12345"));
	buf_put(&b, S("6789"));
	assert_int_equal(b.failed, ERR_LIMIT);
	buf_byte(&b, 'x');
	assert_true(str_eq(buf_str(&b), S("12345")));
	buf_reset(&b);
	assert_int_equal(b.failed, OK);
	buf_free(&b);
}

static void buf_prints_past_its_first_size(void **state)
{
	struct buf b;
	char wide[1000];

	(void)state;
	buf_init(&b, 1 << 16);
	memset(wide, 'w', sizeof(wide));
	buf_printf(&b, "<%.*s>", (int)sizeof(wide), wide);
	assert_int_equal(b.n, sizeof(wide) + 2);
	assert_int_equal(b.p[b.n - 1], '>');
	buf_free(&b);
}

static void integers_survive_the_way_through_buf_and_rd(void **state)
{
	struct buf b;
	struct rd r;

	(void)state;
	buf_init(&b, 64);
	buf_u8(&b, 0xfe);
	buf_u16(&b, 0x1234);
	buf_u32(&b, 0xdeadbeef);
	buf_u64(&b, UINT64_C(0x0123456789abcdef));
	r = rd_of(buf_str(&b));
	assert_int_equal(rd_u8(&r), 0xfe);
	assert_int_equal(rd_u16(&r), 0x1234);
	assert_int_equal(rd_u32(&r), 0xdeadbeef);
	assert_true(rd_u64(&r) == UINT64_C(0x0123456789abcdef));
	assert_true(rd_done(&r));
	assert_int_equal(rd_u8(&r), 0);
	assert_false(rd_done(&r));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arena_stops_at_its_ceiling_and_recovers_by_reset),
	    cmocka_unit_test(arena_blocks_never_overlap),
	    cmocka_unit_test(buf_error_sticks_and_keeps_what_was_whole),
	    cmocka_unit_test(buf_prints_past_its_first_size),
	    cmocka_unit_test(integers_survive_the_way_through_buf_and_rd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
