/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ledger.h"

static void what_is_committed_is_there_after_opening_again(void **state)
{
	struct ledger l;
	struct sample s;
	struct record r;

	(void)state;
	ledger_make(&l);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(ledger_append(&l, i, 1), i);
	ledger_commit(&l);
	ledger_reopen(&l);
	assert_int_equal(store_size(l.store), 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		sample_make(&s, i, 1, 100 + i % 400);
		store_record(l.store, i, &r);
		assert_true(str_eq(r.id, s.record.id));
		assert_true(str_eq(r.content, s.record.content));
		assert_true(str_eq(r.label, s.record.label));
		assert_int_equal(r.source, s.record.source);
		assert_int_equal(r.tag, s.record.tag);
		s.record.hash = sha256(s.record.content);
		assert_true(sha256_eq(&r.hash, &s.record.hash));
		assert_int_equal(store_find(l.store, s.record.id), i);
	}
	assert_int_equal(store_labels(l.store), 2);
	ledger_remove(&l);
}

static void readers_see_a_batch_when_it_is_committed(void **state)
{
	struct ledger l;
	struct store *reader;
	struct sample s;

	(void)state;
	ledger_make(&l);
	assert_int_equal(ledger_try_open(&l, false, &reader), OK);
	for (uint64_t i = 0; i < 20000; i++) {
		ledger_append(&l, i, 1);
		if (i % 1000 != 999)
			continue;
		sample_make(&s, i, 1, 100 + i % 400);
		assert_int_equal(store_size(reader), i - 999);
		assert_int_equal(store_find(reader, s.record.id), STORE_NONE);
		ledger_commit(&l);
		assert_int_equal(store_size(reader), i + 1);
		assert_int_equal(store_find(reader, s.record.id), i);
		assert_true(str_eq(store_content(reader, i), s.record.content));
	}
	store_close(reader);
	ledger_remove(&l);
}

static void received_times_are_unique_and_rise(void **state)
{
	struct sample s[3];
	struct record r[3];
	struct ledger l;
	uint64_t first;

	(void)state;
	ledger_make(&l);
	for (size_t i = 0; i < 3; i++) {
		sample_make(&s[i], i, 1, 10);
		r[i] = s[i].record;
	}
	r[1].added = 5;
	assert_int_equal(store_append(l.store, r, 3, &first, NULL), OK);
	l.clock -= 1000000;
	assert_true(r[0].received < r[1].received && r[1].received < r[2].received);
	assert_int_equal(r[0].added, r[0].received);
	assert_int_equal(r[1].added, 5);
	ledger_commit(&l);
	ledger_reopen(&l);
	ledger_append(&l, 9, 1);
	assert_true(store_row(l.store, 3)->received > r[2].received);
	ledger_remove(&l);
}

static void versions_are_ordered_however_they_arrive(void **state)
{
	static const int64_t ARRIVAL[] = {30, 10, 20, 40, 5, 35};
	static const int64_t ORDER[] = {40, 35, 30, 20, 10, 5};
	struct ledger l;
	struct sample s;
	uint64_t seq;

	(void)state;
	ledger_make(&l);
	for (size_t i = 0; i < 6; i++) {
		ledger_append(&l, 1, ARRIVAL[i]);
		if (i % 2)
			ledger_commit(&l);
	}
	sample_make(&s, 1, 1, 10);
	for (int again = 0; again < 2; again++) {
		seq = store_find(l.store, s.record.id);
		for (size_t i = 0; i < 6; i++) {
			assert_int_not_equal(seq, STORE_NONE);
			assert_int_equal(store_row(l.store, seq)->version, ORDER[i]);
			assert_int_equal(store_superseded(store_row(l.store, seq)), i > 0);
			assert_int_equal(store_find_version(l.store, s.record.id, ORDER[i]), seq);
			seq = store_older(l.store, seq);
		}
		assert_int_equal(seq, STORE_NONE);
		assert_int_equal(store_find_version(l.store, s.record.id, 7), STORE_NONE);
		ledger_reopen(&l);
	}
	ledger_remove(&l);
}

static void withdraw(struct ledger *l, uint64_t id)
{
	struct sample s;
	char path[128];
	uint64_t seq;

	sample_make(&s, id, 1, 0);
	(void)snprintf(path, sizeof(path), STORE_WITHDRAW "%.*s", STR_ARG(s.record.id));
	s.record.kind = RECORD_DECISION;
	s.record.id = str_c(path);
	assert_int_equal(store_append(l->store, &s.record, 1, &seq, NULL), OK);
}

/* G11: what was withdrawn stays so, in every version, those that come later and those that were
 * there, also after the index was made anew. */
static void what_was_withdrawn_stays_withdrawn(void **state)
{
	static const bool WITHDRAWN[] = {true, false, true, false, true, false};
	struct ledger l;

	(void)state;
	ledger_make(&l);
	ledger_append(&l, 1, 10);
	ledger_append(&l, 2, 10);
	ledger_commit(&l);
	withdraw(&l, 1);
	assert_false(store_withdrawn(store_row(l.store, 0)));
	ledger_reopen(&l);
	assert_false(store_withdrawn(store_row(l.store, 0)));
	assert_int_equal(store_withdrawals(l.store), 0);
	ledger_append(&l, 1, 5);
	withdraw(&l, 1);
	ledger_append(&l, 1, 20);
	ledger_append(&l, 2, 20);
	for (int again = 0; again < 2; again++) {
		ledger_commit(&l);
		assert_int_equal(store_withdrawals(l.store), 1);
		for (uint64_t seq = 0; seq < 6; seq++)
			if (store_row(l.store, seq)->kind == RECORD_OBJECT)
				assert_int_equal(
				    store_withdrawn(store_row(l.store, seq)), WITHDRAWN[seq]);
		ledger_reopen(&l);
	}
	ledger_append(&l, 1, 30);
	ledger_commit(&l);
	assert_true(store_withdrawn(store_row(l.store, 6)));
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

static void retract(struct ledger *l, uint64_t id, int64_t version, bool hide)
{
	struct sample s;
	char path[128];
	uint64_t seq;

	sample_make(&s, id, version, 0);
	(void)snprintf(path, sizeof(path), STORE_RETRACT "%.*s", STR_ARG(s.record.id));
	s.record.kind = RECORD_DECISION;
	s.record.flags = hide ? RECORD_FLAG_RETRACTED : 0;
	s.record.id = str_c(path);
	assert_int_equal(store_append(l->store, &s.record, 1, &seq, NULL), OK);
	ledger_commit(l);
}

static void what_was_retracted_can_be_given_again(void **state)
{
	struct ledger l;

	(void)state;
	ledger_make(&l);
	ledger_append(&l, 1, 10);
	retract(&l, 1, 1, true);
	assert_true(store_withdrawn(store_row(l.store, 0)));
	ledger_append(&l, 1, 20);
	ledger_commit(&l);
	assert_true(store_withdrawn(store_row(l.store, 2)));
	retract(&l, 1, 2, false);
	assert_false(store_withdrawn(store_row(l.store, 0)));
	assert_false(store_withdrawn(store_row(l.store, 2)));
	ledger_append(&l, 1, 30);
	ledger_commit(&l);
	assert_false(store_withdrawn(store_row(l.store, 4)));
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

/* A fuller copy hides the one of its version, and no other; also after the index was made anew. */
static void a_copy_that_takes_anothers_place_hides_it(void **state)
{
	static const bool HIDDEN[] = {false, true, false, true, false};
	struct ledger l;
	struct sample s;
	uint64_t seq;

	(void)state;
	ledger_make(&l);
	ledger_append(&l, 1, 30);
	ledger_append(&l, 1, 20);
	ledger_append(&l, 1, 10);
	ledger_commit(&l);
	sample_make(&s, 1, 20, 99);
	s.record.flags = RECORD_FLAG_REPLACES;
	assert_int_equal(store_append(l.store, &s.record, 1, &seq, NULL), OK);
	assert_false(store_withdrawn(store_row(l.store, 1)));
	ledger_reopen(&l);
	assert_false(store_withdrawn(store_row(l.store, 1)));
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_append(l.store, &s.record, 1, &seq, NULL), OK);
	for (int again = 0; again < 2; again++) {
		ledger_commit(&l);
		for (uint64_t at = 0; at < 5; at++)
			assert_int_equal(store_withdrawn(store_row(l.store, at)), HIDDEN[at]);
		assert_int_equal(store_find(l.store, s.record.id), 0);
		assert_int_equal(store_find_version(l.store, s.record.id, 20), 4);
		assert_int_equal(store_withdrawals(l.store), 2);
		ledger_reopen(&l);
	}
	ledger_compare_with_rebuilt(&l);
	ledger_remove(&l);
}

static void memberships_do_not_hide_the_object(void **state)
{
	struct ledger l;
	struct sample s;
	uint64_t seq;

	(void)state;
	ledger_make(&l);
	ledger_append(&l, 1, 1);
	sample_make(&s, 1, 1, 0);
	s.record.kind = RECORD_MEMBER;
	assert_int_equal(store_append(l.store, &s.record, 1, &seq, NULL), OK);
	ledger_commit(&l);
	assert_int_equal(store_find(l.store, s.record.id), 0);
	ledger_remove(&l);
}

static void a_second_writer_is_refused(void **state)
{
	struct ledger l;
	struct store *other = NULL;

	(void)state;
	ledger_make(&l);
	assert_int_equal(ledger_try_open(&l, true, &other), ERR_BUSY);
	assert_null(other);
	ledger_remove(&l);
}

static void uncommitted_batches_are_gone_after_closing(void **state)
{
	struct ledger l;
	struct sample s;

	(void)state;
	ledger_make(&l);
	ledger_append(&l, 1, 1);
	ledger_commit(&l);
	ledger_append(&l, 1, 2);
	ledger_append(&l, 2, 1);
	ledger_reopen(&l);
	assert_int_equal(store_size(l.store), 1);
	sample_make(&s, 1, 1, 10);
	assert_int_equal(store_find(l.store, s.record.id), 0);
	assert_int_equal(ledger_append(&l, 2, 1), 1);
	ledger_commit(&l);
	ledger_remove(&l);
}

static void limits_are_named(void **state)
{
	char long_id[STORE_ID_MAX + 1];
	struct ledger l;
	struct sample s;
	uint64_t seq;

	(void)state;
	ledger_make(&l);
	memset(long_id, 'x', sizeof(long_id));
	sample_make(&s, 1, 1, 10);
	s.record.id = (struct str){long_id, sizeof(long_id)};
	assert_int_equal(store_append(l.store, &s.record, 1, &seq, &l.fault), ERR_LIMIT);
	assert_non_null(strstr(l.fault.text, "255"));
	s.record.id = S("");
	assert_int_equal(store_append(l.store, &s.record, 1, &seq, &l.fault), ERR_LIMIT);
	assert_int_equal(store_append(l.store, &s.record, 0, &seq, &l.fault), ERR_LIMIT);
	assert_int_equal(store_size_pending(l.store), 0);
	ledger_remove(&l);
}

static void a_folder_without_a_ledger_is_not_found(void **state)
{
	struct ledger l;
	struct store *s;

	(void)state;
	ledger_make(&l);
	store_close(l.store);
	remove_folder(l.dir);
	assert_int_equal(ledger_try_open(&l, false, &s), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_committed_is_there_after_opening_again),
	    cmocka_unit_test(readers_see_a_batch_when_it_is_committed),
	    cmocka_unit_test(received_times_are_unique_and_rise),
	    cmocka_unit_test(versions_are_ordered_however_they_arrive),
	    cmocka_unit_test(what_was_withdrawn_stays_withdrawn),
	    cmocka_unit_test(what_was_retracted_can_be_given_again),
	    cmocka_unit_test(a_copy_that_takes_anothers_place_hides_it),
	    cmocka_unit_test(memberships_do_not_hide_the_object),
	    cmocka_unit_test(a_second_writer_is_refused),
	    cmocka_unit_test(uncommitted_batches_are_gone_after_closing),
	    cmocka_unit_test(limits_are_named),
	    cmocka_unit_test(a_folder_without_a_ledger_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
