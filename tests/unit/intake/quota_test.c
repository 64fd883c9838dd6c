/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>

#include "base/mem.h"
#include "intake/range/quota.h"

enum { RANGE = 1000 };

static const usec SECOND = USEC_PER_SEC;
static const usec START = INT64_C(1700000000) * USEC_PER_SEC;

static struct quota *quota_new(uint32_t rate, uint32_t burst, bool always)
{
	struct quota *q = mem_alloc(sizeof(*q));

	q->size = (struct bucket_size){rate, burst};
	q->always = always;
	return q;
}

/* G15: who gives little goes before who gives much, however long that one waits already. */
static void who_is_within_the_quota_goes_first(void **state)
{
	struct quota *q = quota_new(100, 100, false);
	struct quota_peer *flood = quota_peer(q, S("flood")), *few = quota_peer(q, S("few"));
	const struct quota_waiting both[] = {{flood, 1}, {few, 2}};
	usec when;

	(void)state;
	assert_int_equal(quota_next(q, both, 2, START, &when), 0);
	quota_spend(q, flood, RANGE, START);
	assert_true(quota_is_over(q, flood, START));
	assert_int_equal(quota_next(q, both, 2, START, &when), 1);
	/* Alone it does not wait. */
	assert_int_equal(quota_next(q, both, 1, START, &when), 0);
	assert_int_equal(quota_next(q, both, 0, START, &when), 0);
	mem_free(q);
}

/* Of two that give more than their quota each has its turn. */
static void two_floods_take_turns(void **state)
{
	struct quota *q = quota_new(100, 100, false);
	struct quota_peer *p[2] = {quota_peer(q, S("one")), quota_peer(q, S("other"))};
	unsigned turns[2] = {0};
	usec when, now = START;

	(void)state;
	for (uint64_t i = 0; i < 100; i++, now += SECOND / 50) {
		const struct quota_waiting both[] = {{p[0], 2 * i}, {p[1], 2 * i + 1}};
		size_t turn = quota_next(q, both, 2, now, &when);

		turns[turn]++;
		quota_spend(q, p[turn], RANGE, now);
	}
	assert_in_range(turns[0], 49, 51);
	mem_free(q);
}

static void a_quota_that_always_binds_says_when(void **state)
{
	struct quota *q = quota_new(100, 100, true);
	struct quota_peer *p = quota_peer(q, S("one"));
	const struct quota_waiting one = {p, 1};
	usec when;

	(void)state;
	quota_spend(q, p, RANGE, START);
	assert_int_equal(quota_next(q, &one, 1, START, &when), 1);
	assert_in_range(when, START + 9 * SECOND, START + 10 * SECOND);
	assert_int_equal(quota_next(q, &one, 1, when, &when), 0);
	mem_free(q);
}

/* G15: what is urgent is bounded too. */
static void so_many_are_urgent_and_no_more(void **state)
{
	struct quota *q = quota_new(100, 100, false);
	struct quota_peer *p = quota_peer(q, S("one"));
	unsigned taken = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		taken += quota_ahead(p, START + i * (SECOND / 100));
	assert_in_range(taken, QUOTA_AHEAD_BURST + 9 * QUOTA_AHEAD_RATE,
	    QUOTA_AHEAD_BURST + 10 * QUOTA_AHEAD_RATE);
	mem_free(q);
}

static void more_peers_than_places_forget_who_gave_longest_ago(void **state)
{
	struct quota *q = quota_new(100, 100, false);
	struct quota_peer *flood = quota_peer(q, S("flood"));
	char name[16];

	(void)state;
	quota_spend(q, flood, RANGE, START);
	for (int i = 0; i < 2 * QUOTA_PEERS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		quota_spend(q, quota_peer(q, str_c(name)), 1, START - 100 * SECOND + i);
	}
	assert_ptr_equal(quota_peer(q, S("flood")), flood);
	assert_true(quota_is_over(q, flood, START));
	mem_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_is_within_the_quota_goes_first),
	    cmocka_unit_test(two_floods_take_turns),
	    cmocka_unit_test(a_quota_that_always_binds_says_when),
	    cmocka_unit_test(so_many_are_urgent_and_no_more),
	    cmocka_unit_test(more_peers_than_places_forget_who_gave_longest_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
