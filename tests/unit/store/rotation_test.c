/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include "crypt/mldsa.h"
#include "store/compromise.h"
#include "store/link_cert.h"
#include "store/rotation.h"

#define IDENTITY S("identity--6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define ORIGIN S("tocsin/6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define HEX "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
#define WHEN INT64_C(1763781600000000)

struct pair {
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct key_lines lines;
};

struct keys {
	struct arena *arena;
	struct pair old, new;
	struct str note;
};

static void make_pair(struct keys *k, struct pair *p, unsigned char byte)
{
	const unsigned char seed[ED25519_SEED] = {byte};
	struct sign_public public;

	assert_int_equal(sign_key_from_seed(&p->key, seed), OK);
	assert_int_equal(mldsa_key_from_seed(&p->mldsa, seed), OK);
	public = sign_key_public(p->key);
	p->lines.key = note_verifier_format(k->arena, ORIGIN, &public);
	p->lines.pq_key = note_verifier_format_mldsa(k->arena, ORIGIN, mldsa_key_public(p->mldsa));
}

static struct str sign(struct keys *k, struct str text, const struct pair *p)
{
	const struct note_signer signer = {.name = ORIGIN, .key = p->key, .mldsa = p->mldsa};
	struct str note;

	assert_int_equal(note_sign(&note, k->arena, text, &signer, NULL), OK);
	return note;
}

/* As the signer does: the text once, the signatures of both. */
static struct str sign_both(struct keys *k, struct str text)
{
	struct str first = sign(k, text, &k->old), second = sign(k, text, &k->new);

	return arena_printf(
	    k->arena, "%.*s%.*s", STR_ARG(first), STR_ARG(str_from(second, text.n + 1)));
}

static struct str text_of(struct keys *k)
{
	const struct rotation r = {.identity = IDENTITY,
	    .time = WHEN,
	    .size = 77,
	    .before = k->old.lines,
	    .after = k->new.lines};
	struct str text;
	struct buf b;

	buf_init(&b, ROTATION_NOTE_MAX);
	rotation_text(&b, &r);
	text = arena_str(k->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static void setup(struct keys *k)
{
	k->arena = arena_new(512 << 20);
	make_pair(k, &k->old, 1);
	make_pair(k, &k->new, 2);
	k->note = sign_both(k, text_of(k));
}

static void done(struct keys *k)
{
	sign_key_free(k->old.key);
	sign_key_free(k->new.key);
	mldsa_key_free(k->old.mldsa);
	mldsa_key_free(k->new.mldsa);
	arena_free(k->arena);
}

/* G18: old keys and new ones sign it, all four, or it is none. */
static void a_rotation_is_signed_by_all_four_keys(void **state)
{
	struct keys k;
	struct rotation r;
	struct str text;

	(void)state;
	setup(&k);
	text = text_of(&k);
	assert_int_equal(rotation_read(&r, k.arena, k.note, NULL), OK);
	assert_true(str_eq(r.identity, IDENTITY) && r.time == WHEN && r.size == 77);
	assert_true(key_lines_eq(&r.before, &k.old.lines) && key_lines_eq(&r.after, &k.new.lines));
	assert_true(str_starts(k.old.lines.key, key_lines_id(&r.before)));
	assert_int_not_equal(rotation_read(&r, k.arena, sign(&k, text, &k.old), NULL), OK);
	assert_int_not_equal(rotation_read(&r, k.arena, sign(&k, text, &k.new), NULL), OK);
	assert_int_not_equal(rotation_read(&r, k.arena, text, NULL), OK);
	k.new.lines.pq_key = k.old.lines.pq_key;
	assert_int_not_equal(rotation_read(&r, k.arena, sign_both(&k, text_of(&k)), NULL), OK);
	done(&k);
}

static void a_rotation_with_any_byte_changed_is_none(void **state)
{
	struct keys k;
	char *copy;

	(void)state;
	setup(&k);
	copy = arena_alloc(k.arena, k.note.n);
	for (size_t i = 0; i < k.note.n; i += 61) {
		struct arena *arena = arena_new(1 << 20);
		struct rotation r;

		memcpy(copy, k.note.p, k.note.n);
		copy[i] ^= 1;
		assert_int_not_equal(
		    rotation_read(&r, arena, (struct str){copy, k.note.n}, NULL), OK);
		arena_free(arena);
	}
	done(&k);
}

static void a_compromise_has_one_spelling(void **state)
{
	struct compromise c = {.identity = IDENTITY, .time = WHEN, .since = WHEN - 5, .count = 2};
	struct compromise again;
	struct keys k;
	struct str text;
	struct buf b;

	(void)state;
	setup(&k);
	c.keys[0] = k.old.lines.key;
	c.keys[1] = k.new.lines.key;
	buf_init(&b, ROTATION_NOTE_MAX);
	compromise_text(&b, &c);
	text = buf_str(&b);
	assert_int_equal(compromise_read(&again, text, NULL), OK);
	assert_true(again.since == WHEN - 5 && again.count == 2);
	assert_true(compromise_names(&again, k.new.lines.key) &&
	            !compromise_names(&again, k.new.lines.pq_key));
	assert_int_equal(compromise_read(&again, sign(&k, text, &k.new), NULL), OK);
	assert_int_equal(again.count, 2);
	assert_int_equal(compromise_read(&again, str_slice(text, 0, text.n - 1), NULL), ERR_PARSE);
	assert_int_equal(
	    compromise_read(&again, arena_printf(k.arena, "%.*s%s", STR_ARG(text), "\nmore"), NULL),
	    OK); /* behind an empty line signatures stand, for the caller to check */
	buf_free(&b);
	done(&k);
}

static void a_link_certificate_has_one_spelling(void **state)
{
	static const char *const WRONG[] = {"tocsin link 1\n", "tocsin link 1\nx\ny\n0a\n",
	    "tocsin link 1\n\n2026-11-21T10:00:00.000000Z\n" HEX "\n",
	    "tocsin link 1\nidentity--x\n2026-11-21T10:00:00Z\n" HEX "\n",
	    "tocsin link 1\nidentity--x\n2026-11-21T10:00:00.000000Z\n" HEX "\nmore\n",
	    ("tocsin link 1\nidentity--x\n2026-11-21T10:00:00.000000Z\n" HEX)};
	const struct link_cert c = {.identity = IDENTITY, .time = WHEN, .cert = S(HEX)};
	struct link_cert again;
	struct keys k;
	struct str text;
	struct buf b;

	(void)state;
	setup(&k);
	buf_init(&b, 4096);
	link_cert_text(&b, &c);
	text = buf_str(&b);
	assert_int_equal(link_cert_read(&again, text, NULL), OK);
	assert_true(str_eq(again.cert, c.cert) && again.time == WHEN);
	assert_int_equal(link_cert_read(&again, sign(&k, text, &k.new), NULL), OK);
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
		assert_int_equal(link_cert_read(&again, str_c(WRONG[i]), NULL), ERR_PARSE);
	buf_free(&b);
	done(&k);
}

static void hide(struct ledger *l, uint64_t id, int64_t version)
{
	struct arena *arena = arena_new(4096);
	struct record r = {
	    .kind = RECORD_DECISION, .version = 1, .label = S("TLP:RED"), .content = S("{}")};
	struct sample s;
	uint64_t seq;

	sample_make(&s, id, version, 10);
	r.id = store_void_path(arena, version, s.record.id);
	assert_int_equal(store_append(l->store, &r, 1, &seq, NULL), OK);
	arena_free(arena);
}

static void check(struct ledger *l, uint64_t seq, bool hidden, bool superseded)
{
	assert_int_equal(store_withdrawn(store_row(l->store, seq)), hidden);
	assert_int_equal(store_superseded(store_row(l->store, seq)), superseded);
}

/* G18: a version alone is hidden; the one before counts again, until a newer one comes. */
static void a_void_version_gives_way_to_the_one_before(void **state)
{
	struct ledger l;

	(void)state;
	ledger_make(&l);
	(void)ledger_append(&l, 1, 10);
	(void)ledger_append(&l, 1, 20);
	(void)ledger_append(&l, 1, 30);
	(void)ledger_append(&l, 2, 30);
	ledger_commit(&l);
	hide(&l, 1, 30);
	hide(&l, 1, 20);
	check(&l, 0, false, true);
	ledger_commit(&l);
	check(&l, 0, false, false);
	assert_true(store_withdrawn(store_row(l.store, 1)));
	assert_true(store_withdrawn(store_row(l.store, 2)));
	check(&l, 3, false, false);
	(void)ledger_append(&l, 1, 40);
	ledger_commit(&l);
	check(&l, 0, false, true);
	assert_false(store_superseded(store_row(l.store, 6)));
	ledger_compare_with_rebuilt(&l);
	check(&l, 0, false, true);
	check(&l, 1, true, true);
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rotation_is_signed_by_all_four_keys),
	    cmocka_unit_test(a_rotation_with_any_byte_changed_is_none),
	    cmocka_unit_test(a_compromise_has_one_spelling),
	    cmocka_unit_test(a_link_certificate_has_one_spelling),
	    cmocka_unit_test(a_void_version_gives_way_to_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
