/* SPDX-License-Identifier: Apache-2.0 */
/* Which derived objects are of which records: what a purge goes by. */
#include "seal/derived.h"

#include <stdio.h>

#include "stix/object.h"
#include "unit/store/ledger.h"

static struct record record(enum record_kind kind, const char *id, struct str content)
{
	return (struct record){.kind = kind,
	    .flags = kind == RECORD_DERIVED ? 0 : RECORD_FLAG_DERIVED,
	    .id = str_c(id),
	    .version = 1,
	    .label = S("\x01\x01\x00\x01\x03"),
	    .content = content};
}

static void add_object(struct ledger *l)
{
	struct record r = record(RECORD_OBJECT, "note--1", S("{}"));
	uint64_t seq;

	r.flags = 0;
	r.version = (int64_t)store_size_pending(l->store);
	assert_int_equal(store_append(l->store, &r, 1, &seq, &l->fault), OK);
}

/* What is derived of `original`, at the number returned. */
static uint64_t add_derived(struct ledger *l, enum derived_kind kind, uint64_t original)
{
	const struct derived d = {.kind = kind, .original = original, .community = S("isac")};
	struct record r[2];
	struct buf link;
	uint64_t seq;

	buf_init(&link, 256);
	derived_put(&link, &d);
	r[0] = record(RECORD_OBJECT, "note--2", S("{\"x\":1}"));
	r[1] = record(RECORD_DERIVED, "derived/note--2", buf_str(&link));
	r[0].version = r[1].version = (int64_t)store_size_pending(l->store);
	assert_int_equal(store_append(l->store, r, 2, &seq, &l->fault), OK);
	buf_free(&link);
	return seq;
}

/* "3 5": what is derived of the record. */
static const char *of(const struct derivations *d, uint64_t original)
{
	static _Thread_local char text[128];
	size_t n = 0;

	text[0] = 0;
	for (size_t i = derivations_of(d, original);
	    i < d->count && d->list[i].original == original; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, n ? " %d" : "%d", (int)d->list[i].seq);
	return text;
}

/* G19: each record's own, in any order in which they came; neither markings nor secrets, nor what
 * says that it is of a record that is not before it. */
static void each_record_has_what_was_derived_of_it(void **state)
{
	struct derivations d;
	struct ledger l;
	struct record secret =
	    record(RECORD_DERIVED, "pseudonyms/isac", S("01234567890123456789012345678901"));
	uint64_t seq;

	(void)state;
	ledger_make(&l);
	derivations_find(&d, l.store);
	assert_int_equal(d.count, 0);
	assert_int_equal(derivations_of(&d, 0), 0);
	for (int i = 0; i < 3; i++)
		add_object(&l);                                                  /* 0, 1, 2 */
	assert_int_equal(store_append(l.store, &secret, 1, &seq, &l.fault), OK); /* 3 */
	add_derived(&l, DERIVED_COPY, 2);                                        /* 4 */
	add_derived(&l, DERIVED_COPY, 0);                                        /* 6 */
	add_derived(&l, DERIVED_MARKING, STORE_NONE);                            /* 8 */
	add_derived(&l, DERIVED_RELATION, 2);                                    /* 10 */
	add_derived(&l, DERIVED_COPY, 900);                                      /* 12 */
	assert_int_equal(store_commit(l.store, &l.fault), OK);
	add_derived(&l, DERIVED_PSEUDONYM, 0); /* 14, not committed yet */
	derivations_find(&d, l.store);
	assert_int_equal(d.count, 4);
	assert_string_equal(of(&d, 0), "6 14");
	assert_string_equal(of(&d, 1), "");
	assert_string_equal(of(&d, 2), "4 10");
	assert_string_equal(of(&d, 3), "");
	assert_int_equal(derivations_of(&d, 3), d.count);
	derivations_free(&d);
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_record_has_what_was_derived_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
