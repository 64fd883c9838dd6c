/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "admin/invitation.h"

static const unsigned char BINDING[INVITATION_BINDING] = {1, 2, 3};
static const unsigned char OTHER_BINDING[INVITATION_BINDING] = {1, 2, 4};

static struct invitation example(const char *address)
{
	struct invitation in = {.address = str_c(address)};

	for (size_t i = 0; i < SHA256_LEN; i++)
		in.cert.b[i] = (unsigned char)(i * 7);
	for (size_t i = 0; i < INVITATION_SECRET; i++)
		in.secret[i] = (unsigned char)(200 - i);
	return in;
}

static void a_code_comes_back_as_it_was_whatever_its_length(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	char address[INVITATION_ADDRESS_MAX + 1];

	(void)state;
	for (size_t n = 3; n <= INVITATION_ADDRESS_MAX; n++) {
		struct invitation in, again;
		struct str code;

		memset(address, 'h', n);
		memcpy(address + n - 2, ":1", 3);
		in = example(address);
		assert_int_equal(invitation_format(&code, arena, &in, NULL), OK);
		assert_true(code.n <= INVITATION_CODE_MAX);
		assert_int_equal(invitation_parse(&again, arena, code, NULL), OK);
		assert_true(str_eq(again.address, in.address));
		assert_memory_equal(again.secret, in.secret, INVITATION_SECRET);
		assert_true(sha256_eq(&again.cert, &in.cert));
		arena_reset(arena);
	}
	arena_free(arena);
}

static void case_spaces_and_line_ends_do_not_count(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct invitation in = example("node.example:9443");
	struct invitation again;
	char typed[INVITATION_CODE_MAX];
	struct str code;

	(void)state;
	assert_int_equal(invitation_format(&code, arena, &in, NULL), OK);
	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];

		typed[i] = (char)(c >= 'a' && c <= 'z' ? c - 32
		                  : c == '-'           ? (i % 4 ? ' ' : '\n')
		                                       : c);
	}
	assert_int_equal(invitation_parse(&again, arena, (struct str){typed, code.n}, NULL), OK);
	assert_memory_equal(again.secret, in.secret, INVITATION_SECRET);
	arena_free(arena);
}

static void every_single_mistake_is_noticed(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct invitation in = example("10.0.0.1:9443");
	struct invitation again;
	struct fault fault;
	struct str code;
	char typed[INVITATION_CODE_MAX];

	(void)state;
	assert_int_equal(invitation_format(&code, arena, &in, NULL), OK);
	for (size_t i = 0; i < code.n; i++) {
		memcpy(typed, code.p, code.n);
		if (typed[i] == '-')
			continue;
		typed[i] = typed[i] == 'q' ? 'r' : 'q';
		assert_int_equal(
		    invitation_parse(&again, arena, (struct str){typed, code.n}, &fault),
		    ERR_PARSE);
		assert_int_equal(
		    invitation_parse(&again, arena, str_slice(code, 0, i), &fault), ERR_PARSE);
	}
	typed[0] = '!';
	assert_int_equal(
	    invitation_parse(&again, arena, (struct str){typed, code.n}, &fault), ERR_PARSE);
	assert_non_null(strstr(fault.text, "character 1"));
	arena_free(arena);
}

static void a_proof_holds_for_one_connection_one_statement_and_one_code(void **state)
{
	struct invitation in = example("h:1");
	struct invitation other = example("h:1");
	unsigned char proof[ED25519_SIGNATURE];
	struct sign_public verifier, other_verifier;

	(void)state;
	other.secret[3] ^= 1;
	assert_int_equal(invitation_verifier(&verifier, &in, NULL), OK);
	assert_int_equal(invitation_verifier(&other_verifier, &other, NULL), OK);
	assert_int_equal(invitation_prove(proof, &in, BINDING, S("statement"), NULL), OK);
	assert_true(invitation_check(&verifier, BINDING, S("statement"), proof));
	assert_false(invitation_check(&verifier, OTHER_BINDING, S("statement"), proof));
	assert_false(invitation_check(&verifier, BINDING, S("Statement"), proof));
	assert_false(invitation_check(&other_verifier, BINDING, S("statement"), proof));
}

static void ids_differ_with_the_secret_and_do_not_show_it(void **state)
{
	struct invitation in = example("h:1");
	char one[INVITATION_ID + 1], two[INVITATION_ID + 1], start[INVITATION_ID + 1];

	(void)state;
	invitation_id(one, &in);
	for (size_t i = 0; i < INVITATION_ID / 2; i++)
		(void)snprintf(start + 2 * i, 3, "%02x", in.secret[i]);
	assert_string_not_equal(one, start);
	in.secret[15] ^= 1;
	invitation_id(two, &in);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), INVITATION_ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_code_comes_back_as_it_was_whatever_its_length),
	    cmocka_unit_test(case_spaces_and_line_ends_do_not_count),
	    cmocka_unit_test(every_single_mistake_is_noticed),
	    cmocka_unit_test(a_proof_holds_for_one_connection_one_statement_and_one_code),
	    cmocka_unit_test(ids_differ_with_the_secret_and_do_not_show_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
