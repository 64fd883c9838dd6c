/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/bucket.h"

static const struct bucket_size TEN = {.rate = 10, .burst = 20};
static const usec SECOND = USEC_PER_SEC;

static unsigned taken_in(struct bucket *b, usec from, usec to)
{
	unsigned n = 0;

	for (usec now = from; now < to; now += SECOND / 100)
		if (bucket_has(b, TEN, 1, now)) {
			bucket_take(b, TEN, 1, now);
			n++;
		}
	return n;
}

static void a_burst_at_once_then_so_much_a_second(void **state)
{
	struct bucket b = {0};
	usec start = 1000 * SECOND;

	(void)state;
	assert_int_equal(taken_in(&b, start, start + SECOND / 100), 1);
	assert_in_range(taken_in(&b, start, start + 10 * SECOND), 118, 120);
	assert_in_range(taken_in(&b, start + 10 * SECOND, start + 20 * SECOND), 99, 101);
	/* After a rest as much at once again, and no more than that. */
	assert_in_range(taken_in(&b, start + 3600 * SECOND, start + 3601 * SECOND), 29, 31);
}

static void what_is_owed_is_waited_for(void **state)
{
	struct bucket b = {0};
	usec now = 1000 * SECOND;

	(void)state;
	bucket_take(&b, TEN, 50, now);
	assert_false(bucket_has(&b, TEN, 1, now));
	/* 30 are owed; with one more than that it has one. */
	assert_int_equal(bucket_when(&b, TEN, 1, now), now + 31 * SECOND / 10);
	assert_true(bucket_has(&b, TEN, 1, now + 31 * SECOND / 10));
	/* However much is taken, so much is owed at most. */
	for (int i = 0; i < 1000; i++)
		bucket_take(&b, TEN, 5000, now);
	assert_true(bucket_has(&b, TEN, 20, now + (20 + BUCKET_TAKE_MAX) * SECOND / 10));
	/* More than it ever holds is there when it is full. */
	assert_int_equal(bucket_when(&b, TEN, 1000, now), b.full_at);
}

static void a_clock_that_is_set_back_holds_nobody_up(void **state)
{
	struct bucket b = {0};
	usec now = INT64_C(1800000000) * SECOND;

	(void)state;
	bucket_take(&b, TEN, 40, now);
	assert_false(bucket_has(&b, TEN, 1, now));
	assert_true(bucket_has(&b, TEN, 1, now - INT64_C(400000000) * SECOND));
}

static void without_a_rate_there_is_no_limit(void **state)
{
	const struct bucket_size none = {0, 1};
	struct bucket b = {0};

	(void)state;
	bucket_take(&b, none, UINT32_MAX, 1);
	assert_true(bucket_has(&b, none, UINT32_MAX, 1));
	assert_int_equal(bucket_when(&b, none, 7, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_burst_at_once_then_so_much_a_second),
	    cmocka_unit_test(what_is_owed_is_waited_for),
	    cmocka_unit_test(a_clock_that_is_set_back_holds_nobody_up),
	    cmocka_unit_test(without_a_rate_there_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
