/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "crypt/password.h"
#include "crypt/random.h"

static void a_verifier_takes_its_password_and_no_other(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct str verifier = STR_NONE;
	struct str again = STR_NONE;

	(void)state;
	assert_int_equal(password_hash(&verifier, a, S("correct horse"), NULL), OK);
	assert_int_equal(password_hash(&again, a, S("correct horse"), NULL), OK);
	assert_false(str_eq(verifier, again));
	assert_true(str_starts(verifier, S("$scrypt$ln=15,r=8,p=1$")));
	assert_true(password_verify(verifier, S("correct horse")));
	assert_false(password_verify(verifier, S("correct hors")));
	assert_false(password_verify(verifier, S("")));
	arena_free(a);
}

static void unreadable_verifiers_are_never_true(void **state)
{
	static const struct str BAD[] = {
	    {NULL, 0},
	    S(""),
	    S("$scrypt$ln=15,r=8,p=1$"),
	    S("$scrypt$ln=15,r=8,p=1$AAAA$AAAA"),
	    S("$scrypt$ln=1,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$"
	      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(password_verify(BAD[i], S("x")));
}

static void empty_and_huge_passwords_are_refused(void **state)
{
	struct arena *a = arena_new(1 << 16);
	static const char LONG[PASSWORD_MAX + 1] = {0};
	struct str out = S("untouched");

	(void)state;
	assert_int_equal(password_hash(&out, a, S(""), NULL), ERR_INVALID);
	assert_int_equal(
	    password_hash(&out, a, (struct str){LONG, sizeof(LONG)}, NULL), ERR_INVALID);
	assert_true(str_eq(out, S("untouched")));
	arena_free(a);
}

static void tokens_are_long_and_differ(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct str one = random_token(a);
	struct str two = random_token(a);

	(void)state;
	assert_int_equal(one.n, 43);
	assert_false(str_eq(one, two));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_verifier_takes_its_password_and_no_other),
	    cmocka_unit_test(unreadable_verifiers_are_never_true),
	    cmocka_unit_test(empty_and_huge_passwords_are_refused),
	    cmocka_unit_test(tokens_are_long_and_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
