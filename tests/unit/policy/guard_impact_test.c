/* SPDX-License-Identifier: Apache-2.0 */
/* How much a new indicator would hit, and the words for it. G12 */
#include "test.h"

#include <string.h>

#include "base/arena.h"
#include "policy/guard/impact.h"

static void either_limit_is_enough_and_zero_is_none(void **state)
{
	const struct impact_limits both = {10000, 20}, events = {10000, 0}, never = {0, 0};

	(void)state;
	assert_true(impact_refuses(&(struct impact){10000, 1}, &both));
	assert_false(impact_refuses(&(struct impact){9999, 19}, &both));
	assert_true(impact_refuses(&(struct impact){1000, 20}, &both));
	assert_false(impact_refuses(&(struct impact){1000, 2000}, &events));
	assert_false(impact_refuses(&(struct impact){UINT64_MAX, UINT32_MAX}, &never));
}

static void check(uint64_t count, unsigned hosts, const char *wanted)
{
	struct buf b;

	buf_init(&b, 1000);
	impact_put(&b, &(struct impact){count, hosts});
	buf_byte(&b, 0);
	assert_string_equal(b.p, wanted);
	buf_free(&b);
}

static void it_is_said_in_words(void **state)
{
	(void)state;
	check(41000, 312, "would have hit 41,000 events of about 312 hosts in 24 hours");
	check(1234567, 1, "would have hit 1,234,567 events of about 1 host in 24 hours");
	check(1000000, 0, "would have hit 1,000,000 events in 24 hours");
	check(UINT64_MAX, 1001,
	    "would have hit 18,446,744,073,709,551,615 events of about 1,001 hosts in 24 hours");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(either_limit_is_enough_and_zero_is_none),
	    cmocka_unit_test(it_is_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
