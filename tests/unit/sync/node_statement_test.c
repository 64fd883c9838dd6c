/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "crypt/sign.h"
#include "sync/node_statement.h"

#define CERT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define IDENTITY_ID "identity--05976880-6921-444b-a796-ceab80f6f2d4"

struct signed_by {
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct node_statement said;
};

static struct signed_by signer(struct arena *arena, unsigned char first)
{
	unsigned char seed[ED25519_SEED] = {first};
	struct signed_by s = {.said = {.name = S("Node"),
	                          .identity = S(IDENTITY_ID),
	                          .origin = S("tocsin/one"),
	                          .cert = S(CERT),
	                          .address = S("node.example:9443"),
	                          .post_quantum = true}};
	struct sign_public public;

	assert_int_equal(sign_key_from_seed(&s.key, seed), OK);
	public = sign_key_public(s.key);
	s.said.key = note_verifier_format(arena, s.said.origin, &public);
	assert_int_equal(mldsa_key_from_seed(&s.mldsa, seed), OK);
	s.said.pq_key = note_verifier_format_mldsa(arena, s.said.origin, mldsa_key_public(s.mldsa));
	return s;
}

static struct str sign_with(
    struct arena *arena, const struct signed_by *s, const struct mldsa_key *mldsa)
{
	const struct note_signer by = {.name = s->said.origin, .key = s->key, .mldsa = mldsa};
	struct str note = STR_NONE;

	assert_int_equal(
	    note_sign(&note, arena, node_statement_text(arena, &s->said), &by, NULL), OK);
	return note;
}

static struct str sign(struct arena *arena, const struct signed_by *s)
{
	return sign_with(arena, s, s->mldsa);
}

static void done(struct signed_by *s)
{
	sign_key_free(s->key);
	mldsa_key_free(s->mldsa);
}

static void a_statement_comes_back_as_it_was_said(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct signed_by s = signer(arena, 1);
	struct node_statement again;

	(void)state;
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), NULL), OK);
	assert_true(str_eq(again.name, s.said.name));
	assert_true(str_eq(again.identity, s.said.identity));
	assert_true(str_eq(again.key, s.said.key));
	assert_true(str_eq(again.cert, s.said.cert));
	assert_true(str_eq(again.address, s.said.address));
	assert_true(again.post_quantum && str_eq(again.pq_key, s.said.pq_key));
	assert_true(str_eq(again.text, node_statement_text(arena, &s.said)));
	done(&s);
	arena_free(arena);
}

static void a_changed_or_foreign_statement_is_refused(void **state)
{
	struct arena *arena = arena_new(64 << 20);
	struct signed_by s = signer(arena, 1);
	struct signed_by other = signer(arena, 2);
	struct node_statement again;
	struct str note = sign(arena, &s);

	(void)state;
	for (size_t i = 0; i < note.n; i += 41) {
		char *copy = (char *)(uintptr_t)arena_str(arena, note).p;

		copy[i] = copy[i] == 'x' ? 'y' : 'x';
		assert_int_not_equal(
		    node_statement_read(&again, arena, (struct str){copy, note.n}, NULL), OK);
	}
	/* G16: without the post-quantum signature it promises, it is nothing. */
	assert_int_not_equal(
	    node_statement_read(&again, arena, sign_with(arena, &s, NULL), NULL), OK);
	assert_int_not_equal(
	    node_statement_read(&again, arena, sign_with(arena, &s, other.mldsa), NULL), OK);
	/* Signed by somebody else than the key in it. */
	s.said.key = other.said.key;
	assert_int_not_equal(node_statement_read(&again, arena, sign(arena, &s), NULL), OK);
	done(&s);
	done(&other);
	arena_free(arena);
}

static void what_cannot_be_true_is_refused_though_it_is_signed(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct signed_by s = signer(arena, 1);
	const struct node_statement good = s.said;
	struct node_statement again;
	struct fault fault;

	(void)state;
	s.said.identity = S("identity--nobody");
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), &fault), ERR_INVALID);
	s.said = good;
	s.said.cert = S("00");
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), &fault), ERR_INVALID);
	s.said = good;
	s.said.address = S("no port");
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), &fault), ERR_INVALID);
	s.said = good;
	s.said.name = S("\x1b[31mred");
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), &fault), ERR_INVALID);
	s.said = good;
	s.said.pq_key = STR_NONE;
	assert_int_equal(node_statement_read(&again, arena, sign(arena, &s), &fault), ERR_INVALID);
	done(&s);
	arena_free(arena);
}

static void both_sides_compute_the_same_fingerprint(void **state)
{
	char one[NODE_STATEMENT_FINGERPRINT + 1], two[NODE_STATEMENT_FINGERPRINT + 1];

	(void)state;
	node_statement_fingerprint(one, S("a"), S("b"), S("nonce"));
	node_statement_fingerprint(two, S("b"), S("a"), S("nonce"));
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 23);
	assert_true(one[5] == '-' && one[11] == '-' && one[17] == '-');
	node_statement_fingerprint(two, S("b"), S("a"), S("other"));
	assert_string_not_equal(one, two);
	node_statement_fingerprint(two, S("a"), S("c"), S("nonce"));
	assert_string_not_equal(one, two);
}

static void people_may_type_a_fingerprint_as_they_like(void **state)
{
	(void)state;
	assert_true(node_statement_fingerprint_eq(
	    S("12345 6789a bcdef 01234"), S("12345-6789a-bcdef-01234")));
	assert_true(
	    node_statement_fingerprint_eq(S("123456789ABCDEF01234"), S("12345-6789a-bcdef-01234")));
	assert_false(node_statement_fingerprint_eq(
	    S("12345-6789a-bcdef-01235"), S("12345-6789a-bcdef-01234")));
	assert_false(node_statement_fingerprint_eq(S("12345"), S("12345-6789a-bcdef-01234")));
	assert_false(node_statement_fingerprint_eq(S(""), S("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_statement_comes_back_as_it_was_said),
	    cmocka_unit_test(a_changed_or_foreign_statement_is_refused),
	    cmocka_unit_test(what_cannot_be_true_is_refused_though_it_is_signed),
	    cmocka_unit_test(both_sides_compute_the_same_fingerprint),
	    cmocka_unit_test(people_may_type_a_fingerprint_as_they_like),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
