/* SPDX-License-Identifier: Apache-2.0 */
#include "sealing.h"

static void a_record_gives_back_what_was_put(void **state)
{
	const struct str contents[] = {S("{\"a\":1}"), S("{}"), S("{\"b\":[]}")};
	struct seal_record again;
	struct sealing t;
	struct buf b;

	(void)state;
	sealing_make(&t, contents, 3);
	buf_init(&b, SEAL_RECORD_MAX);
	seal_record_put(&b, &t.record);
	assert_int_equal(seal_record_read(&again, buf_str(&b), NULL), OK);
	assert_int_equal(again.count, 3);
	assert_memory_equal(&again.secret, &t.record.secret, sizeof(again.secret));
	assert_true(str_eq(again.note, t.note));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(again.entries[i].seq, t.record.entries[i].seq);
		assert_int_equal(again.entries[i].members, t.record.entries[i].members);
		assert_true(
		    sha256_eq(&again.entries[i].properties, &t.record.entries[i].properties));
	}
	for (size_t n = 0; n < b.n - t.note.n; n++)
		assert_int_equal(
		    seal_record_read(&again, str_slice(buf_str(&b), 0, n), NULL), ERR_PARSE);
	buf_reset(&b);
	seal_record_put_note(&b, t.note);
	assert_int_equal(seal_record_read(&again, buf_str(&b), NULL), OK);
	assert_int_equal(again.count, 0);
	assert_true(str_eq(again.note, t.note));
	buf_free(&b);
	sealing_free(&t);
}

static void entries_out_of_order_are_refused(void **state)
{
	const struct str contents[] = {S("{\"a\":1}"), S("{}")};
	struct seal_record again;
	struct sealing t;
	struct buf b;

	(void)state;
	sealing_make(&t, contents, 2);
	t.record.entries[1].seq = t.record.entries[0].seq;
	buf_init(&b, SEAL_RECORD_MAX);
	seal_record_put(&b, &t.record);
	assert_int_equal(seal_record_read(&again, buf_str(&b), NULL), ERR_PARSE);
	buf_free(&b);
	sealing_free(&t);
}

static void a_tree_is_a_function_of_its_secret_and_leaves(void **state)
{
	const struct sha256 leaf = sha256(S("leaf"));
	struct seal_secret secret = {{1}};
	struct seal_tree a, b;

	(void)state;
	seal_tree_make(&a, &secret, &leaf, 1);
	seal_tree_make(&b, &secret, &leaf, 1);
	assert_memory_equal(&a, &b, sizeof(a));
	secret.b[0] = 2;
	seal_tree_make(&b, &secret, &leaf, 1);
	assert_false(sha256_eq(seal_tree_root(&a), seal_tree_root(&b)));
	assert_memory_not_equal(a.places, b.places, sizeof(a.places));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_gives_back_what_was_put),
	    cmocka_unit_test(entries_out_of_order_are_refused),
	    cmocka_unit_test(a_tree_is_a_function_of_its_secret_and_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
