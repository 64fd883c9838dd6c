/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "sync/lane.h"

static const usec SECOND = USEC_PER_SEC;

static unsigned send_all(struct lane *l, uint64_t acked, usec now)
{
	uint64_t entry;
	unsigned n = 0;

	while (lane_sends(l, acked, now, &entry))
		n++;
	return n;
}

static void find(struct lane *l, uint64_t from, size_t count)
{
	uint64_t urgent[SYNC_URGENT_FOUND];

	for (size_t i = 0; i < count; i++)
		urgent[i] = from + i;
	lane_found(l, urgent, count, from + count);
}

static void what_the_peer_has_is_not_looked_at(void **state)
{
	struct lane l;
	uint64_t from;

	(void)state;
	lane_init(&l);
	assert_true(lane_looks(&l, 7, 10, &from));
	assert_int_equal(from, 7);
	find(&l, 7, 2);
	/* First what was found goes out. */
	assert_false(lane_looks(&l, 7, 10, &from));
	/* The feed was faster with one of them. */
	assert_int_equal(send_all(&l, 8, SECOND), 1);
	assert_true(lane_looks(&l, 8, 10, &from));
	assert_int_equal(from, 9);
	lane_found(&l, NULL, 0, 10);
	assert_false(lane_looks(&l, 8, 10, &from));
	lane_free(&l);
}

/* G15: what is beyond what may go ahead is left to the feed, and counted. */
static void so_many_go_ahead_and_no_more(void **state)
{
	struct lane l;
	unsigned sent = 0;

	(void)state;
	lane_init(&l);
	for (uint64_t i = 0; i < 10; i++) {
		find(&l, 10 * i, 10);
		sent += send_all(&l, 0, 1000 * SECOND);
	}
	assert_int_equal(sent, LANE_BURST);
	assert_int_equal(l.counts.sent, LANE_BURST);
	assert_int_equal(l.counts.left, 100 - LANE_BURST);
	find(&l, 100, 10);
	assert_int_equal(send_all(&l, 0, 1003 * SECOND), 3 * LANE_RATE);
	lane_leaves(&l);
	assert_int_equal(l.counts.sent + l.counts.left, 110);
	lane_free(&l);
}

static struct sync_message urgent(struct buf *body, uint64_t from)
{
	struct sync_message m = {
	    .type = SYNC_URGENT, .from = from, .count = 1, .unpacked = 1, .packed = S("x")};

	buf_init(body, 256);
	sync_message_put(body, &m);
	return m;
}

static void hear(struct lane *l, uint64_t from, uint64_t held)
{
	struct buf body;
	struct sync_message m = urgent(&body, from);

	lane_heard(l, &m, buf_str(&body), held);
	buf_free(&body);
}

static void what_came_is_taken_one_after_the_other(void **state)
{
	struct sync_message m;
	struct lane l;

	(void)state;
	lane_init(&l);
	hear(&l, 3, 4); /* there already */
	for (uint64_t i = 0; i < LANE_WAIT_MAX + 2; i++)
		hear(&l, 10 + i, 4);
	assert_int_equal(l.counts.passed, 2);
	assert_true(lane_takes(&l, 4, &m));
	assert_int_equal(m.from, 10);
	assert_false(lane_takes(&l, 4, &m));
	lane_done(&l, true);
	/* The feed has brought one of those that wait. */
	assert_true(lane_takes(&l, 12, &m));
	assert_int_equal(m.from, 12);
	lane_done(&l, false);
	assert_true(lane_takes(&l, 12, &m));
	lane_done(&l, true);
	assert_false(lane_takes(&l, 12, &m));
	assert_int_equal(l.counts.taken, 2);
	assert_int_equal(l.counts.passed, 3);
	lane_free(&l);
}

/* Foreign bytes: one entry, of a bounded length. */
static void an_urgent_message_is_one_entry(void **state)
{
	struct sync_message m, read;
	struct buf body;

	(void)state;
	m = urgent(&body, 5);
	assert_int_equal(sync_message_get(&read, SYNC_URGENT, buf_str(&body), NULL), OK);
	assert_int_equal(read.from, 5);
	m.count = 2;
	buf_reset(&body);
	sync_message_put(&body, &m);
	assert_int_equal(sync_message_get(&read, SYNC_URGENT, buf_str(&body), NULL), ERR_LIMIT);
	m.count = 1;
	m.packing = SYNC_ZSTD;
	m.unpacked = SYNC_URGENT_MAX + 1;
	buf_reset(&body);
	sync_message_put(&body, &m);
	assert_int_equal(sync_message_get(&read, SYNC_URGENT, buf_str(&body), NULL), ERR_LIMIT);
	assert_int_equal(sync_message_get(&read, SYNC_RANGE, buf_str(&body), NULL), OK);
	assert_int_equal(sync_message_get(&read, SYNC_TYPES, buf_str(&body), NULL), ERR_PARSE);
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_peer_has_is_not_looked_at),
	    cmocka_unit_test(so_many_go_ahead_and_no_more),
	    cmocka_unit_test(what_came_is_taken_one_after_the_other),
	    cmocka_unit_test(an_urgent_message_is_one_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
