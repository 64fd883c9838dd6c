/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "ops/role.h"

static void roles_may_what_the_table_says(void **state)
{
	static const struct {
		enum role role;
		const char *may; /* read, write, delete, metrics, audit, administer */
	} CASES[] = {
	    {ROLE_NONE, "------"},
	    {ROLE_READER, "r-----"},
	    {ROLE_CONTRIBUTOR, "rw----"},
	    {ROLE_ANALYST, "rwdmu-"},
	    {ROLE_AUDITOR, "r--mu-"},
	    {ROLE_ADMIN, "rwdmua"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		for (int a = 0; a < ACTIONS; a++)
			assert_int_equal(
			    role_may(CASES[i].role, (enum action)a), CASES[i].may[a] != '-');
	assert_false(role_may((enum role)99, ACTION_READ));
	assert_false(role_may(ROLE_ADMIN, (enum action)99));
}

static void names_of_roles_are_read_back(void **state)
{
	(void)state;
	for (int r = ROLE_NONE + 1; r < ROLES; r++)
		assert_int_equal(role_of_name(str_c(role_name((enum role)r))), r);
	assert_int_equal(role_of_name(S("none")), ROLE_NONE);
	assert_int_equal(role_of_name(S("Admin")), ROLE_NONE);
	assert_int_equal(role_of_name(STR_NONE), ROLE_NONE);
	assert_string_equal(role_name((enum role)99), "none");
}

static void a_role_covers_those_that_may_no_more(void **state)
{
	(void)state;
	for (int a = 0; a < ROLES; a++)
		for (int b = 0; b < ROLES; b++) {
			bool covers = true;

			for (int c = 0; c < ACTIONS; c++)
				covers = covers && (!role_may((enum role)b, (enum action)c) ||
				                       role_may((enum role)a, (enum action)c));
			assert_int_equal(role_covers((enum role)a, (enum role)b), covers);
		}
	assert_false(role_covers((enum role)99, ROLE_NONE));
}

static void names_of_accounts_are_plain(void **state)
{
	static const char *const GOOD[] = {"a", "greta", "g.reta_2-x@example.org", "7"};
	static const char *const BAD[] = {
	    "", ".a", "-a", "a b", "a/b", "a\"", "gr\xc3\xa9ta", "local", "a\n"};
	char big[66];

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_true(account_name_valid(str_c(GOOD[i])));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(account_name_valid(str_c(BAD[i])));
	memset(big, 'a', sizeof(big));
	assert_true(account_name_valid((struct str){big, 64}));
	assert_false(account_name_valid((struct str){big, 65}));
}

static void lists_of_roles_are_read_or_refused_by_name(void **state)
{
	struct fault fault;
	unsigned bits;

	(void)state;
	assert_int_equal(role_list(&bits, S(" admin ,analyst"), &fault), OK);
	assert_int_equal(bits, 1u << ROLE_ADMIN | 1u << ROLE_ANALYST);
	assert_int_equal(role_list(&bits, STR_NONE, &fault), OK);
	assert_int_equal(bits, 0);
	assert_int_equal(role_list(&bits, S("admin,chief"), &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "chief"));
	assert_int_equal(role_list(&bits, S("admin,"), &fault), ERR_INVALID);
	assert_int_equal(role_list(&bits, S("none"), &fault), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roles_may_what_the_table_says),
	    cmocka_unit_test(names_of_roles_are_read_back),
	    cmocka_unit_test(a_role_covers_those_that_may_no_more),
	    cmocka_unit_test(names_of_accounts_are_plain),
	    cmocka_unit_test(lists_of_roles_are_read_or_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
