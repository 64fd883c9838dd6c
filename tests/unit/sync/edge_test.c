/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "sync/edge.h"
#include "sync/range.h"

enum { LEAVES = 300 };

static struct sha256 leaf_of(unsigned n)
{
	struct sha256 statement = sha256((struct str){(const char *)&n, sizeof(n)});

	return sync_leaf(SYNC_OBJECT, &statement);
}

static struct checkpoint head_of(unsigned size)
{
	struct merkle_frontier f = {0};

	for (unsigned i = 0; i < size; i++) {
		struct sha256 leaf = leaf_of(i);

		merkle_frontier_add(&f, &leaf);
	}
	return (struct checkpoint){
	    .origin = S("a/to/b"), .size = size, .root = merkle_frontier_root(&f)};
}

static void a_range_is_taken_whole_when_its_head_continues_the_edge(void **state)
{
	struct sync_edge e = {0};
	struct sha256 leaves[LEAVES];
	struct checkpoint head;

	(void)state;
	for (unsigned i = 0; i < LEAVES; i++)
		leaves[i] = leaf_of(i);
	for (unsigned from = 0, count = 1; from + count <= LEAVES; from += count, count += 3) {
		head = head_of(from + count);
		assert_int_equal(sync_edge_take(&e, leaves + from, count, &head, NULL), OK);
		assert_int_equal(sync_edge_judge(&e, &head), SYNC_STANDS);
		head = head_of(from);
		assert_int_equal(sync_edge_judge(&e, &head), SYNC_REWINDS);
	}
}

static void an_edge_is_the_same_after_its_bytes(void **state)
{
	struct sync_edge e = {0}, back;
	struct buf b;

	(void)state;
	buf_init(&b, SYNC_EDGE_BYTES_MAX);
	for (unsigned i = 0; i < LEAVES; i++) {
		struct sha256 leaf = leaf_of(i), a, c;
		struct checkpoint head = head_of(i + 1);

		assert_int_equal(sync_edge_take(&e, &leaf, 1, &head, NULL), OK);
		buf_reset(&b);
		sync_edge_put(&e, &b);
		assert_int_equal(b.failed, OK);
		assert_int_equal(sync_edge_get(&back, buf_str(&b), NULL), OK);
		a = sync_edge_root(&e);
		c = sync_edge_root(&back);
		assert_memory_equal(&a, &c, sizeof(a));
		assert_int_equal(
		    sync_edge_get(&back, str_slice(buf_str(&b), 0, b.n - 1), NULL), ERR_PARSE);
	}
	buf_free(&b);
}

/* G9: two heads of one size with other roots, or a head that does not continue what is held, are
 * found whatever entries come with them. */
static void two_stories_are_found(void **state)
{
	struct sync_edge e = {0}, before;
	struct sha256 leaves[LEAVES];
	struct checkpoint head = head_of(10), other = head;

	(void)state;
	for (unsigned i = 0; i < LEAVES; i++)
		leaves[i] = leaf_of(i);
	assert_int_equal(sync_edge_take(&e, leaves, 10, &head, NULL), OK);
	before = e;
	other.root.b[5] ^= 1;
	assert_int_equal(sync_edge_judge(&e, &other), SYNC_CONFLICTS);
	assert_true(sync_heads_conflict(&head, &other));
	other.origin = S("c/to/b");
	assert_false(sync_heads_conflict(&head, &other));

	/* An entry was changed in the past: the tree over the new past fits no edge of the old. */
	head = head_of(20);
	assert_int_equal(sync_edge_take(&e, leaves + 10, 9, &head, NULL), ERR_INVALID);
	leaves[15] = leaf_of(1000);
	assert_int_equal(sync_edge_take(&e, leaves + 10, 10, &head, NULL), ERR_CONFLICT);
	assert_memory_equal(&e, &before, sizeof(e));
}

static void the_kind_of_an_entry_is_part_of_its_leaf(void **state)
{
	struct sha256 statement = sha256(S("x"));
	struct sha256 a = sync_leaf(SYNC_OBJECT, &statement);
	struct sha256 b = sync_leaf(SYNC_WITHDRAWAL, &statement);

	(void)state;
	assert_memory_not_equal(&a, &b, sizeof(a));
}

static void a_receipt_reads_as_it_was_written(void **state)
{
	struct sync_receipt r = {.origin = S("a/to/b"), .size = 12, .time = 1700000000123456}, back;
	struct buf b;

	(void)state;
	r.root = sha256(S("x"));
	buf_init(&b, 1024);
	sync_receipt_put(&r, &b);
	assert_int_equal(sync_receipt_get(&back, buf_str(&b), NULL), OK);
	assert_true(str_eq(back.origin, r.origin));
	assert_int_equal(back.size, r.size);
	assert_int_equal(back.time, r.time);
	assert_memory_equal(&back.root, &r.root, sizeof(r.root));
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(
		    sync_receipt_get(&back, str_slice(buf_str(&b), 0, n), NULL), ERR_PARSE);
	/* A head of a feed is no receipt, nor the other way round. */
	assert_int_equal(sync_receipt_get(&back, str_slice(buf_str(&b), 17, b.n), NULL), ERR_PARSE);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_range_is_taken_whole_when_its_head_continues_the_edge),
	    cmocka_unit_test(an_edge_is_the_same_after_its_bytes),
	    cmocka_unit_test(two_stories_are_found),
	    cmocka_unit_test(the_kind_of_an_entry_is_part_of_its_leaf),
	    cmocka_unit_test(a_receipt_reads_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
