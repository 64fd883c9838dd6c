/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "crypt/sign.h"

#define NAME S("node.example/ledger")

struct fixture {
	struct arena *arena;
	struct sign_key *key;
	struct note_verifier verifier;
};

static void fixture_make(struct fixture *f, unsigned char seed_byte)
{
	unsigned char seed[ED25519_SEED];
	struct sign_public public;
	struct str vkey;

	memset(seed, seed_byte, sizeof(seed));
	f->arena = arena_new(1 << 20);
	assert_int_equal(sign_key_from_seed(&f->key, seed), OK);
	public = sign_key_public(f->key);
	vkey = note_verifier_format(f->arena, NAME, &public);
	assert_int_equal(note_verifier_parse(&f->verifier, f->arena, vkey, NULL), OK);
}

static void fixture_free(struct fixture *f)
{
	sign_key_free(f->key);
	arena_free(f->arena);
}

/* RFC 8032 §7.1, test 2 */
static void ed25519_signs_as_the_rfc_says(void **state)
{
	static const unsigned char SEED[ED25519_SEED] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96,
	    0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35,
	    0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
	static const unsigned char START[] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8};
	unsigned char signature[ED25519_SIGNATURE];
	struct sign_public public;
	struct sign_key *key;

	(void)state;
	assert_int_equal(sign_key_from_seed(&key, SEED), OK);
	assert_int_equal(sign_message(key, S("r"), signature), OK);
	assert_memory_equal(signature, START, sizeof(START));
	public = sign_key_public(key);
	assert_true(sign_verify(&public, S("r"), signature));
	assert_false(sign_verify(&public, S("s"), signature));
	sign_key_free(key);
}

static void what_is_signed_opens(void **state)
{
	struct fixture f;
	struct str note, text;

	(void)state;
	fixture_make(&f, 7);
	assert_int_equal(note_sign(&note, f.arena, S("one\n\ntwo\n"),
	                     &(struct note_signer){.name = NAME, .key = f.key}, NULL),
	    OK);
	assert_int_equal(note_open(&text, note, &f.verifier, NULL), OK);
	assert_true(str_eq(text, S("one\n\ntwo\n")));
	fixture_free(&f);
}

/* Every byte of a note is covered: by the signature, or by the form. */
static void no_bit_of_a_note_can_be_changed(void **state)
{
	struct fixture f;
	struct str note, text;
	char copy[1024];

	(void)state;
	fixture_make(&f, 7);
	assert_int_equal(note_sign(&note, f.arena, S("a text\n"),
	                     &(struct note_signer){.name = NAME, .key = f.key}, NULL),
	    OK);
	assert_true(note.n < sizeof(copy));
	for (size_t bit = 0; bit < note.n * 8; bit++) {
		memcpy(copy, note.p, note.n);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_not_equal(
		    note_open(&text, (struct str){copy, note.n}, &f.verifier, NULL), OK);
	}
	fixture_free(&f);
}

static void another_key_of_the_same_name_is_not_known(void **state)
{
	struct fixture mine, other;
	struct str note, text;

	(void)state;
	fixture_make(&mine, 7);
	fixture_make(&other, 8);
	assert_int_equal(note_sign(&note, mine.arena, S("a text\n"),
	                     &(struct note_signer){.name = NAME, .key = other.key}, NULL),
	    OK);
	assert_int_equal(note_open(&text, note, &mine.verifier, NULL), ERR_NOT_FOUND);
	fixture_free(&mine);
	fixture_free(&other);
}

static void sixteen_signatures_are_read_and_a_flood_is_refused(void **state)
{
	static const char LINE[] = "\xe2\x80\x94 other.example/x AAAAAAAA\n";
	struct fixture f;
	struct str note, text;

	(void)state;
	fixture_make(&f, 7);
	assert_int_equal(note_sign(&note, f.arena, S("a text\n"),
	                     &(struct note_signer){.name = NAME, .key = f.key}, NULL),
	    OK);
	for (int i = 0; i < 63; i++)
		note = arena_printf(f.arena, "%.*s%s", STR_ARG(note), LINE);
	assert_int_equal(note_open(&text, note, &f.verifier, NULL), OK);
	note = arena_printf(f.arena, "%.*s%s", STR_ARG(note), LINE);
	assert_int_equal(note_open(&text, note, &f.verifier, NULL), ERR_LIMIT);
	fixture_free(&f);
}

static void ml_dsa_signs_and_refuses_what_was_changed(void **state)
{
	static const unsigned char SEED[MLDSA_SEED] = {7};
	unsigned char signature[MLDSA_SIGNATURE], again[MLDSA_SIGNATURE];
	struct mldsa_key *key, *other;
	const struct mldsa_public *public;

	(void)state;
	assert_int_equal(mldsa_key_from_seed(&key, SEED), OK);
	assert_int_equal(mldsa_key_from_seed(&other, (unsigned char[MLDSA_SEED]){8}), OK);
	public = mldsa_key_public(key);
	assert_int_equal(mldsa_sign(key, S("a text"), signature), OK);
	assert_int_equal(mldsa_sign(key, S("a text"), again), OK);
	assert_memory_not_equal(signature, again, sizeof(again));
	assert_true(mldsa_verify(public, S("a text"), signature));
	assert_true(mldsa_verify(public, S("a text"), again));
	assert_false(mldsa_verify(public, S("a texu"), signature));
	assert_false(mldsa_verify(mldsa_key_public(other), S("a text"), signature));
	for (size_t i = 0; i < sizeof(signature); i += 101) {
		signature[i] ^= 1;
		assert_false(mldsa_verify(public, S("a text"), signature));
		signature[i] ^= 1;
	}
	mldsa_key_free(key);
	mldsa_key_free(other);
}

struct both {
	struct fixture f;
	struct mldsa_key *mldsa;
	struct note_keys keys;
	struct str note;
};

static void both_make(struct both *b)
{
	struct str vkey, vkey_mldsa, lines;
	struct sign_public public;

	fixture_make(&b->f, 1);
	assert_int_equal(mldsa_key_from_seed(&b->mldsa, (unsigned char[MLDSA_SEED]){1}), OK);
	public = sign_key_public(b->f.key);
	vkey = note_verifier_format(b->f.arena, NAME, &public);
	vkey_mldsa = note_verifier_format_mldsa(b->f.arena, NAME, mldsa_key_public(b->mldsa));
	lines = arena_printf(b->f.arena, "%.*s\n%.*s\n", STR_ARG(vkey_mldsa), STR_ARG(vkey));
	assert_int_equal(note_keys_parse(&b->keys, b->f.arena, lines, NULL), OK);
	assert_int_equal(note_sign(&b->note, b->f.arena, S("a text\n"),
	                     &(struct note_signer){NAME, b->f.key, b->mldsa}, NULL),
	    OK);
}

static void both_free(struct both *b)
{
	mldsa_key_free(b->mldsa);
	fixture_free(&b->f);
}

static void a_note_of_both_keys_opens_with_either_and_with_both(void **state)
{
	struct note_keys old;
	struct str text;
	struct both b;

	(void)state;
	both_make(&b);
	old = (struct note_keys){.key = b.keys.key};
	assert_int_equal(note_open(&text, b.note, &b.keys.key, NULL), OK);
	assert_int_equal(note_open(&text, b.note, &b.keys.mldsa, NULL), OK);
	assert_int_equal(note_open_all(&text, b.note, &b.keys, NULL), OK);
	assert_true(str_eq(text, S("a text\n")));
	assert_int_equal(note_open_all(&text, b.note, &old, NULL), OK);
	both_free(&b);
}

static void who_has_both_keys_asks_for_both_signatures(void **state)
{
	struct str text, note;
	struct both b;

	(void)state;
	both_make(&b);
	assert_int_equal(note_sign(&note, b.f.arena, S("a text\n"),
	                     &(struct note_signer){.name = NAME, .key = b.f.key}, NULL),
	    OK);
	assert_int_equal(note_open_all(&text, note, &b.keys, NULL), ERR_NOT_FOUND);
	both_free(&b);
}

static void every_changed_byte_of_a_note_of_both_keys_is_seen(void **state)
{
	struct str text;
	struct both b;
	char *copy;

	(void)state;
	both_make(&b);
	copy = arena_alloc(b.f.arena, b.note.n);
	for (size_t i = 0; i < b.note.n; i++) {
		memcpy(copy, b.note.p, b.note.n);
		copy[i] ^= 1;
		assert_int_not_equal(
		    note_open_all(&text, (struct str){copy, b.note.n}, &b.keys, NULL), OK);
	}
	both_free(&b);
}

static void keys_of_two_signers_are_not_taken_for_one(void **state)
{
	struct str lines, vkey, vkey_mldsa;
	struct sign_public public;
	struct note_keys keys;
	struct both b;

	(void)state;
	both_make(&b);
	public = sign_key_public(b.f.key);
	vkey = note_verifier_format(b.f.arena, NAME, &public);
	vkey_mldsa = note_verifier_format_mldsa(b.f.arena, S("b"), mldsa_key_public(b.mldsa));
	lines = arena_printf(b.f.arena, "%.*s\n%.*s", STR_ARG(vkey), STR_ARG(vkey_mldsa));
	assert_int_equal(note_keys_parse(&keys, b.f.arena, lines, NULL), ERR_INVALID);
	lines = arena_printf(b.f.arena, "%.*s\n%.*s", STR_ARG(vkey), STR_ARG(vkey));
	assert_int_equal(note_keys_parse(&keys, b.f.arena, lines, NULL), ERR_CONFLICT);
	assert_int_equal(note_keys_parse(&keys, b.f.arena, vkey_mldsa, NULL), ERR_INVALID);
	both_free(&b);
}

static void a_wrong_public_key_text_says_why(void **state)
{
	static const char *const BAD[] = {"", "name", "name+00000000", "name+00000000+AAAA",
	    "na me+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	    "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"};
	struct arena *arena = arena_new(4096);
	struct note_verifier v;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		fault = (struct fault){OK, ""};
		assert_int_not_equal(note_verifier_parse(&v, arena, str_c(BAD[i]), &fault), OK);
		assert_true(fault.text[0]);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ed25519_signs_as_the_rfc_says),
	    cmocka_unit_test(what_is_signed_opens),
	    cmocka_unit_test(no_bit_of_a_note_can_be_changed),
	    cmocka_unit_test(another_key_of_the_same_name_is_not_known),
	    cmocka_unit_test(sixteen_signatures_are_read_and_a_flood_is_refused),
	    cmocka_unit_test(a_wrong_public_key_text_says_why),
	    cmocka_unit_test(ml_dsa_signs_and_refuses_what_was_changed),
	    cmocka_unit_test(a_note_of_both_keys_opens_with_either_and_with_both),
	    cmocka_unit_test(who_has_both_keys_asks_for_both_signatures),
	    cmocka_unit_test(every_changed_byte_of_a_note_of_both_keys_is_seen),
	    cmocka_unit_test(keys_of_two_signers_are_not_taken_for_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
