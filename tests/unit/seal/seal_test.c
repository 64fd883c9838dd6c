/* SPDX-License-Identifier: Apache-2.0 */
#include "sealing.h"

#define OBJECT                                                                                     \
	S("{\"type\": \"indicator\", \"spec_version\":\"2.1\",\n \"id\":\"indicator--0\","         \
	  "\"created\":\"2026-11-01T00:00:00.000Z\",\"name\":\"a \\\"quoted\\\" } name\","         \
	  "\"external_references\":[{\"source_name\":\"x]\",\"n\":[1,-2.5e3,{}]}, null ],"         \
	  "\"confidence\" : 80 ,\"revoked\":false}\n")

enum { OBJECT_MEMBERS = 8 };

static enum err check(
    const struct sealing *t, struct str bytes, struct str content, struct fault *fault)
{
	struct envelope e;

	TRY(envelope_read(&e, bytes, fault));
	return seal_verify(&e, &t->seal, content, fault);
}

static void a_full_copy_is_proven_from_public_keys_alone(void **state)
{
	const struct str contents[] = {OBJECT, S("{}"), S("{\"id\":1}")};
	struct sealing t;

	(void)state;
	sealing_make(&t, contents, 3);
	assert_int_equal(t.statements[0].members, OBJECT_MEMBERS);
	for (size_t i = 0; i < 3; i++) {
		struct envelope e = sealing_envelope(&t, i);
		struct str bytes = sealing_bytes(t.arena, &e);

		assert_int_equal(check(&t, bytes, contents[i], NULL), OK);
		assert_int_equal(check(&t, bytes, contents[(i + 1) % 3], NULL), ERR_INVALID);
		assert_true(bytes.n < 600);
	}
	sealing_free(&t);
}

/* P1, P4: nothing of what the originator stated can be changed on the way. */
static void every_bit_changed_anywhere_is_refused(void **state)
{
	struct sealing t;
	struct str bytes;
	struct envelope e;
	char *copy;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	e = sealing_envelope(&t, 0);
	bytes = sealing_bytes(t.arena, &e);
	copy = arena_alloc(t.arena, bytes.n);
	for (size_t i = 0; i < bytes.n * 8; i++) {
		memcpy(copy, bytes.p, bytes.n);
		copy[i / 8] ^= (char)(1 << i % 8);
		assert_int_not_equal(check(&t, (struct str){copy, bytes.n}, OBJECT, NULL), OK);
	}
	copy = arena_alloc(t.arena, OBJECT.n);
	for (size_t i = 0; i < OBJECT.n * 8; i++) {
		memcpy(copy, OBJECT.p, OBJECT.n);
		copy[i / 8] ^= (char)(1 << i % 8);
		assert_int_not_equal(check(&t, bytes, (struct str){copy, OBJECT.n}, NULL), OK);
	}
	sealing_free(&t);
}

static void every_byte_changed_in_a_seal_is_refused(void **state)
{
	struct sealing t;
	struct seal s;
	char *copy;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	copy = arena_alloc(t.arena, t.note.n);
	for (size_t i = 0; i < t.note.n; i++) {
		memcpy(copy, t.note.p, t.note.n);
		copy[i] ^= (char)(1 << i % 7);
		assert_int_not_equal(
		    seal_open(&s, (struct str){copy, t.note.n}, IDENTITY, &t.keys, NULL), OK);
	}
	sealing_free(&t);
}

static void what_is_cut_or_lengthened_is_refused(void **state)
{
	struct sealing t;
	struct envelope e;
	struct str bytes, more;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	e = sealing_envelope(&t, 0);
	bytes = sealing_bytes(t.arena, &e);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_not_equal(check(&t, str_slice(bytes, 0, n), OBJECT, NULL), OK);
	more = (struct str){bytes.p, bytes.n + 1}; /* its closing zero */
	assert_int_equal(check(&t, more, OBJECT, NULL), ERR_PARSE);
	for (size_t n = 0; n < OBJECT.n; n++)
		assert_int_not_equal(check(&t, bytes, str_slice(OBJECT, 0, n), NULL), OK);
	sealing_free(&t);
}

static void a_copy_without_any_of_its_members_proves_the_rest(void **state)
{
	struct sealing t;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	for (uint64_t out = 0; out < 1 << OBJECT_MEMBERS; out++) {
		struct str copy;
		struct envelope e = sealing_redact(&t, 0, OBJECT, out, &copy);
		struct str bytes = sealing_bytes(t.arena, &e);

		assert_int_equal(check(&t, bytes, copy, NULL), OK);
		/* Nor is it taken for another subset. */
		if (out)
			assert_int_not_equal(check(&t, bytes, OBJECT, NULL), OK);
	}
	sealing_free(&t);
}

static void every_bit_changed_in_a_copy_with_members_left_out_is_refused(void **state)
{
	struct sealing t;
	struct str content, bytes;
	struct envelope e;
	char *copy;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	e = sealing_redact(&t, 0, OBJECT, 0x52, &content);
	bytes = sealing_bytes(t.arena, &e);
	copy = arena_alloc(t.arena, bytes.n);
	for (size_t i = 0; i < bytes.n * 8; i++) {
		memcpy(copy, bytes.p, bytes.n);
		copy[i / 8] ^= (char)(1 << i % 8);
		assert_int_not_equal(check(&t, (struct str){copy, bytes.n}, content, NULL), OK);
	}
	copy = arena_alloc(t.arena, content.n + 1);
	for (size_t i = 0; i < content.n * 8; i++) {
		memcpy(copy, content.p, content.n);
		copy[i / 8] ^= (char)(1 << i % 8);
		assert_int_not_equal(check(&t, bytes, (struct str){copy, content.n}, NULL), OK);
	}
	/* White space, in any place, is something that nobody stated. */
	for (size_t i = 0; i <= content.n; i++) {
		memcpy(copy, content.p, i);
		copy[i] = ' ';
		memcpy(copy + i + 1, content.p + i, content.n - i);
		assert_int_not_equal(check(&t, bytes, (struct str){copy, content.n + 1}, NULL), OK);
	}
	sealing_free(&t);
}

static void members_in_another_order_are_refused(void **state)
{
	const struct str content = S("{\"a\":1,\"b\":1,\"c\":1}");
	struct sealing t;
	struct str copy, bytes;
	struct envelope e;

	(void)state;
	sealing_make(&t, &content, 1);
	e = sealing_redact(&t, 0, content, 1, &copy);
	bytes = sealing_bytes(t.arena, &e);
	assert_int_equal(check(&t, bytes, S("{\"b\":1,\"c\":1}"), NULL), OK);
	assert_int_equal(check(&t, bytes, S("{\"c\":1,\"b\":1}"), NULL), ERR_INVALID);
	assert_int_equal(check(&t, bytes, S("{\"b\":1}"), NULL), ERR_INVALID);
	assert_int_equal(check(&t, bytes, S("{\"b\":1,\"c\":1,\"c\":1}"), NULL), ERR_INVALID);
	sealing_free(&t);
}

/* What is left out is salted: nobody finds it by trying. */
static void equal_members_of_two_objects_have_nothing_in_common(void **state)
{
	const struct str contents[] = {S("{\"victim\":\"x\"}"), S("{\"victim\":\"x\"}")};
	struct envelope e[2];
	struct sealing t;
	struct str copy;

	(void)state;
	sealing_make(&t, contents, 2);
	for (size_t i = 0; i < 2; i++)
		e[i] = sealing_redact(&t, i, contents[i], 1, &copy);
	assert_false(str_eq(str_slice(e[0].leaves, 1, 33), str_slice(e[1].leaves, 1, 33)));
	assert_false(str_eq(str_slice(e[0].leaves, 34, 66), str_slice(e[1].leaves, 34, 66)));
	sealing_free(&t);
}

static void places_in_a_seal_tell_nothing_of_order_or_number(void **state)
{
	struct str contents[SEAL_LEAVES];
	bool seen[SEAL_LEAVES] = {false};
	size_t rises = 0, last = 0;
	struct sealing t;

	(void)state;
	for (size_t i = 0; i < SEAL_LEAVES; i++)
		contents[i] = S("{\"a\":1}");
	sealing_make(&t, contents, SEAL_LEAVES);
	for (size_t i = 0; i < SEAL_LEAVES; i++) {
		struct envelope e = sealing_envelope(&t, i);

		assert_false(seen[e.index]);
		seen[e.index] = true;
		rises += i > 0 && e.index > last;
		last = e.index;
		assert_int_equal(seal_verify(&e, &t.seal, contents[i], NULL), OK);
	}
	assert_in_range(rises, 90, 166); /* a half of 255, and four standard deviations */
	sealing_free(&t);
}

static void a_seal_of_somebody_else_or_of_one_key_is_refused(void **state)
{
	const struct str other = S("identity--00000000-0000-4000-8000-000000000000");
	struct sealing t, stranger;
	struct str note, text;
	struct note_keys first;
	struct fault fault;
	struct seal s;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	sealing_keys(&stranger, 2);
	assert_int_equal(seal_open(&s, t.note, other, &t.keys, &fault), ERR_INVALID);
	assert_int_equal(seal_open(&s, t.note, IDENTITY, &stranger.keys, &fault), ERR_NOT_FOUND);
	/* Ed25519's alone: enough for who knows no other key, and for nobody else. */
	assert_int_equal(note_open(&text, t.note, &t.keys.key, NULL), OK);
	assert_int_equal(note_sign(&note, t.arena, text,
	                     &(struct note_signer){.name = ORIGIN, .key = t.key}, NULL),
	    OK);
	assert_int_equal(seal_open(&s, note, IDENTITY, &t.keys, &fault), ERR_NOT_FOUND);
	first = (struct note_keys){.key = t.keys.key};
	assert_int_equal(seal_open(&s, note, IDENTITY, &first, &fault), OK);
	sealing_free(&stranger);
	sealing_free(&t);
}

static void a_statement_under_anothers_seal_names_the_step(void **state)
{
	struct sealing t;
	struct envelope e;
	struct fault fault;

	(void)state;
	sealing_make(&t, &(struct str){OBJECT.p, OBJECT.n}, 1);
	e = sealing_envelope(&t, 0);
	e.statement.originator = S("identity--other");
	assert_int_equal(seal_verify(&e, &t.seal, OBJECT, &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "originator"));
	e = sealing_envelope(&t, 0);
	e.statement.label = S("\x01\x01\x00\x01\x00");
	assert_int_equal(seal_verify(&e, &t.seal, OBJECT, &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "statement"));
	e = sealing_envelope(&t, 0);
	e.seal.b[0] ^= 1;
	assert_int_equal(seal_verify(&e, &t.seal, OBJECT, &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "another seal"));
	e = sealing_envelope(&t, 0);
	assert_int_equal(seal_verify(&e, &t.seal, S("{}"), &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "content"));
	sealing_free(&t);
}

static void a_seals_text_has_one_form(void **state)
{
	static const char *const BAD[] = {
	    "",
	    "tocsin seal 1\nidentity--a\n2026-11-22T03:20:00.000000Z\n",
	    "tocsin seal 2\nidentity--a\n2026-11-22T03:20:00.000000Z\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "tocsin seal 1\n\n2026-11-22T03:20:00.000000Z\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "tocsin seal 1\nidentity--a\n2026-11-22T03:20:00.000Z\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "tocsin seal 1\nidentity--a\n2026-11-22T03:20:00.000000Z\nAAAA\n",
	    "tocsin seal 1\nidentity--a\n2026-11-22T03:20:00.000000Z\n"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n",
	};
	struct fault fault;
	struct seal s;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(seal_read(&s, str_c(BAD[i]), &fault), ERR_PARSE);
	assert_int_equal(seal_read(&s,
	                     S("tocsin seal 1\nidentity--a\n2026-11-22T03:20:00.000000Z\n"
	                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
	                     &fault),
	    OK);
	assert_true(str_eq(s.identity, S("identity--a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_copy_is_proven_from_public_keys_alone),
	    cmocka_unit_test(every_bit_changed_anywhere_is_refused),
	    cmocka_unit_test(every_byte_changed_in_a_seal_is_refused),
	    cmocka_unit_test(what_is_cut_or_lengthened_is_refused),
	    cmocka_unit_test(a_copy_without_any_of_its_members_proves_the_rest),
	    cmocka_unit_test(every_bit_changed_in_a_copy_with_members_left_out_is_refused),
	    cmocka_unit_test(members_in_another_order_are_refused),
	    cmocka_unit_test(equal_members_of_two_objects_have_nothing_in_common),
	    cmocka_unit_test(places_in_a_seal_tell_nothing_of_order_or_number),
	    cmocka_unit_test(a_seal_of_somebody_else_or_of_one_key_is_refused),
	    cmocka_unit_test(a_statement_under_anothers_seal_names_the_step),
	    cmocka_unit_test(a_seals_text_has_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
