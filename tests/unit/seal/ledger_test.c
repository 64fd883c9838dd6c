/* SPDX-License-Identifier: Apache-2.0 */
/* Seals in a ledger: sealed as the core does it, read as those that send do. */
#include "sealing.h"

#include "seal/ledger.h"
#include "stix/object.h"
#include "unit/store/ledger.h"

struct node {
	struct ledger l;
	struct sealing keys;
	struct seal_batch batch;
	uint64_t secrets;
};

static struct node *node_make(void)
{
	struct node *n = calloc(1, sizeof(*n)); // NOLINT

	ledger_make(&n->l);
	sealing_keys(&n->keys, 1);
	return n;
}

static void node_end(struct node *n)
{
	sealing_free(&n->keys);
	ledger_remove(&n->l);
	free(n); // NOLINT
}

static uint64_t add(struct node *n, enum record_kind kind, const char *id, uint8_t flags)
{
	char content[200];
	struct record r = {.kind = kind,
	    .flags = flags,
	    .id = str_c(id),
	    .version = (int64_t)store_size_pending(n->l.store),
	    .label = S("\x01\x01\x00\x01\x03"),
	    .content = {content, 0}};
	uint64_t seq;

	r.content.n = (size_t)snprintf(content, sizeof(content),
	    "{\"id\":\"%s\",\"n\":%d,\"name\":\"x\"}", id, (int)r.version);
	assert_int_equal(store_append(n->l.store, &r, 1, &seq, &n->l.fault), OK);
	return seq;
}

/* One seal, appended and not committed; false when there was nothing to seal. */
static bool seal_once(struct node *n, uint64_t end)
{
	const struct note_signer signer = {ORIGIN, n->keys.key, n->keys.mldsa};
	struct seal_extent extent;
	struct seal s = {.identity = IDENTITY, .time = WHEN};
	struct record r = {.kind = RECORD_SEAL, .label = S("\x01\x01\x00\x01\x05")};
	char id[SEAL_ID_MAX];
	struct buf text, content;
	uint64_t next, seq;

	assert_int_equal(seal_extent(&extent, n->l.store, NULL), OK);
	n->batch.record.secret = (struct seal_secret){{(unsigned char)++n->secrets}};
	assert_int_equal(
	    seal_batch_make(&n->batch, n->l.store, IDENTITY, extent.next, end, &next, NULL), OK);
	if (n->batch.record.count == 0)
		return false;
	buf_init(&text, SEAL_TEXT_MAX);
	buf_init(&content, SEAL_RECORD_MAX);
	s.root = *seal_tree_root(&n->batch.tree);
	seal_text(&text, &s);
	assert_int_equal(
	    note_sign(&n->batch.record.note, n->keys.arena, buf_str(&text), &signer, NULL), OK);
	seal_record_put(&content, &n->batch.record);
	seal_id_own(id, extent.seals);
	r.id = str_c(id);
	r.content = buf_str(&content);
	assert_int_equal(store_append(n->l.store, &r, 1, &seq, &n->l.fault), OK);
	buf_free(&text);
	buf_free(&content);
	return true;
}

static void seal_all(struct node *n)
{
	ledger_commit(&n->l);
	while (seal_once(n, store_size(n->l.store)))
		ledger_commit(&n->l);
}

/* As a peer checks it, with public keys alone. */
static void assert_proven(struct node *n, struct seal_cache *cache, uint64_t seq)
{
	const struct store *s = n->l.store;
	struct sealed sealed;
	struct envelope e;
	struct seal seal;
	struct str bytes;

	assert_int_equal(seal_envelope_of(&sealed, cache, s, seq, &n->l.fault), OK);
	bytes = sealing_bytes(n->keys.arena, &sealed.envelope);
	assert_int_equal(envelope_read(&e, bytes, NULL), OK);
	assert_int_equal(seal_open(&seal, sealed.note, IDENTITY, &n->keys.keys, NULL), OK);
	assert_int_equal(seal_verify(&e, &seal, store_content(s, seq), NULL), OK);
	assert_int_equal(e.statement.time, store_row(s, seq)->received);
	assert_true(str_eq(e.statement.label, store_label(s, store_row(s, seq)->label)));
}

/* P4: an originator's signature over every object, and one signature for up to 256 of them. */
static void own_objects_are_proven_and_others_left_alone(void **state)
{
	struct node *n = node_make();
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	struct seal_extent extent;
	char id[64];
	size_t own = 0;

	(void)state;
	for (int i = 0; i < 700; i++) {
		(void)snprintf(id, sizeof(id), "indicator--%d", i);
		(void)add(n, i % 11 ? RECORD_OBJECT : RECORD_DECISION, id,
		    i % 5 ? 0 : RECORD_FLAG_RECEIVED);
		own += i % 11 && i % 5;
	}
	ledger_commit(&n->l);
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 1, NULL), ERR_NOT_FOUND);
	seal_all(n);
	assert_int_equal(seal_extent(&extent, n->l.store, NULL), OK);
	assert_int_equal(extent.seals, (own + SEAL_LEAVES - 1) / SEAL_LEAVES);
	for (uint64_t seq = 0; seq < 700; seq++) {
		if (seq % 11 && seq % 5)
			assert_proven(n, cache,
			    (seq * 389) % 700 % 11 && (seq * 389) % 700 % 5 ? (seq * 389) % 700
			                                                    : seq);
		else
			assert_int_equal(
			    seal_envelope_of(&sealed, cache, n->l.store, seq, NULL), ERR_NOT_FOUND);
	}
	/* The seals themselves are stated by nobody. */
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 700, NULL), ERR_NOT_FOUND);
	assert_false(seal_once(n, store_size(n->l.store)));
	seal_cache_free(cache);
	node_end(n);
}

static void a_withdrawal_is_stated_as_one(void **state)
{
	struct node *n = node_make();
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	uint64_t seq;

	(void)state;
	(void)add(n, RECORD_OBJECT, "indicator--1", 0);
	seq = add(n, RECORD_DECISION, "withdraw/indicator--1", 0);
	(void)add(n, RECORD_DECISION, "withdraw/indicator--2", RECORD_FLAG_RECEIVED);
	(void)add(n, RECORD_DECISION, "account/indicator--1", 0);
	seal_all(n);
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, seq, NULL), OK);
	assert_int_equal(sealed.envelope.statement.kind, SEAL_WITHDRAWAL);
	assert_true(str_eq(sealed.envelope.statement.id, S("indicator--1")));
	assert_int_equal(sealed.envelope.statement.version, store_row(n->l.store, seq)->received);
	assert_proven(n, cache, seq);
	assert_int_equal(n->batch.record.count, 0); /* nothing was left */
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 2, NULL), ERR_NOT_FOUND);
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 3, NULL), ERR_NOT_FOUND);
	seal_cache_free(cache);
	node_end(n);
}

static void a_received_object_keeps_its_originators_envelope(void **state)
{
	struct node *from = node_make();
	struct node *to = node_make();
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	struct record r[3] = {
	    {.kind = RECORD_SEAL}, {.kind = RECORD_OBJECT}, {.kind = RECORD_ENVELOPE}};
	char id[SEAL_ID_MAX];
	struct buf note;
	uint64_t first;

	(void)state;
	(void)add(from, RECORD_OBJECT, "indicator--1", 0);
	seal_all(from);
	assert_int_equal(seal_envelope_of(&sealed, cache, from->l.store, 0, NULL), OK);
	buf_init(&note, SEAL_RECORD_MAX);
	seal_record_put_note(&note, sealed.note);
	seal_id_of(id, &sealed.envelope.seal);
	r[0].id = str_c(id);
	r[0].content = buf_str(&note);
	r[1].flags = RECORD_FLAG_RECEIVED;
	r[1].content = store_content(from->l.store, 0);
	r[2].content = sealing_bytes(to->keys.arena, &sealed.envelope);
	r[1].label = r[2].label = S("another here");
	r[1].id = r[2].id = S("indicator--1");
	assert_int_equal(store_append(to->l.store, r, 3, &first, &to->l.fault), OK);
	ledger_commit(&to->l);
	/* It is the object that is found by its id. */
	assert_int_equal(store_find(to->l.store, S("indicator--1")), 1);
	assert_int_equal(store_older(to->l.store, 1), STORE_NONE);
	seal_cache_free(cache);
	cache = seal_cache_new();
	assert_int_equal(seal_envelope_of(&sealed, cache, to->l.store, 1, &to->l.fault), OK);
	assert_false(sealed.own);
	/* The label is the originator's, whatever it became here. */
	assert_true(str_eq(sealed.envelope.statement.label, S("\x01\x01\x00\x01\x03")));
	assert_false(seal_once(to, store_size(to->l.store)));
	buf_free(&note);
	seal_cache_free(cache);
	node_end(from);
	node_end(to);
}

/* What was not committed before a crash is sealed again, once, with the same statements. */
static void a_crash_between_signature_and_commit_loses_and_doubles_nothing(void **state)
{
	struct node *n = node_make();
	struct seal_cache *cache = seal_cache_new();
	struct statement before, after;
	struct sealed sealed;
	struct seal_extent extent;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)add(n, RECORD_OBJECT, i ? "indicator--1" : "indicator--0", 0);
	ledger_commit(&n->l);
	for (int crash = 0; crash < 3; crash++) {
		assert_true(seal_once(n, 3));
		/* The reader's handle of another process sees nothing of it. */
		assert_int_equal(store_size(n->l.store), 3);
		seal_statement_of(&before, n->l.store, IDENTITY, &n->batch.record.entries[1]);
		ledger_reopen(&n->l);
		assert_int_equal(seal_extent(&extent, n->l.store, NULL), OK);
		if (extent.seals > 0)
			break; /* it had reached the file */
	}
	seal_all(n);
	assert_int_equal(seal_extent(&extent, n->l.store, NULL), OK);
	assert_int_equal(extent.seals, 1);
	assert_int_equal(extent.next, 3);
	for (uint64_t seq = 0; seq < 3; seq++)
		assert_proven(n, cache, seq);
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 1, NULL), OK);
	after = sealed.envelope.statement;
	assert_true(str_eq(before.id, after.id));
	assert_int_equal(before.version, after.version);
	assert_int_equal(before.time, after.time);
	seal_cache_free(cache);
	node_end(n);
}

static void a_seal_that_does_not_fit_its_records_is_corrupt(void **state)
{
	struct node *n = node_make();
	struct seal_cache *cache = seal_cache_new();
	struct sealed sealed;
	struct record r = {.kind = RECORD_SEAL, .id = S("own-seal/0")};
	struct str content;
	uint64_t seq;
	char *copy;

	(void)state;
	(void)add(n, RECORD_OBJECT, "indicator--0", 0);
	(void)add(n, RECORD_OBJECT, "indicator--1", 0);
	ledger_commit(&n->l);
	assert_true(seal_once(n, 1));
	content = store_content(n->l.store, 2);
	copy = arena_alloc(n->keys.arena, content.n);
	memcpy(copy, content.p, content.n);
	copy[4 + SEAL_SECRET + 3] = 1; /* of the other record */
	r.content = (struct str){copy, content.n};
	r.version = 1;
	assert_int_equal(store_append(n->l.store, &r, 1, &seq, NULL), OK);
	ledger_commit(&n->l);
	assert_int_equal(seal_envelope_of(&sealed, cache, n->l.store, 1, &n->l.fault), ERR_CORRUPT);
	seal_cache_free(cache);
	node_end(n);
}

static void the_number_of_seals_is_found(void **state)
{
	struct node *n = node_make();
	struct seal_extent extent;
	char id[32];

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		assert_int_equal(seal_extent(&extent, n->l.store, NULL), OK);
		assert_int_equal(extent.seals, i);
		(void)snprintf(id, sizeof(id), "indicator--%d", (int)i);
		(void)add(n, RECORD_OBJECT, id, 0);
		seal_all(n);
	}
	node_end(n);
}

static void an_envelope_stands_behind_what_it_proves_or_is_refused(void **state)
{
	struct node *n = node_make();
	struct record r[2] = {{.kind = RECORD_OBJECT, .id = S("a--1"), .version = 1},
	    {.kind = RECORD_ENVELOPE, .id = S("a--1"), .version = 1}};
	uint64_t first;

	(void)state;
	assert_int_equal(store_append(n->l.store, &r[1], 1, &first, &n->l.fault), ERR_INVALID);
	r[1].version = 2;
	assert_int_equal(store_append(n->l.store, r, 2, &first, &n->l.fault), ERR_INVALID);
	r[1].version = 1;
	r[1].id = S("a--2");
	assert_int_equal(store_append(n->l.store, r, 2, &first, &n->l.fault), ERR_INVALID);
	r[1].id = S("a--1");
	r[0].kind = RECORD_MEMBER;
	assert_int_equal(store_append(n->l.store, r, 2, &first, &n->l.fault), ERR_INVALID);
	r[0].kind = RECORD_OBJECT;
	assert_int_equal(store_append(n->l.store, r, 2, &first, &n->l.fault), OK);
	node_end(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_objects_are_proven_and_others_left_alone),
	    cmocka_unit_test(a_withdrawal_is_stated_as_one),
	    cmocka_unit_test(a_received_object_keeps_its_originators_envelope),
	    cmocka_unit_test(a_crash_between_signature_and_commit_loses_and_doubles_nothing),
	    cmocka_unit_test(a_seal_that_does_not_fit_its_records_is_corrupt),
	    cmocka_unit_test(the_number_of_seals_is_found),
	    cmocka_unit_test(an_envelope_stands_behind_what_it_proves_or_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
