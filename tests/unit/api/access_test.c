/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/access.h"

/* G25: made from the table: every operation, every role, and nobody. */
static void every_role_may_what_its_row_says_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++) {
		for (int role = ROLE_NONE; role < ROLES; role++) {
			const struct reader reader = {.role = (uint8_t)role, .clearance = TLP_RED};
			enum api_access expected = ACCESS_NO;

			if (OPS[i].open || role_may((enum role)role, OPS[i].action))
				expected = ACCESS_YES;
			else if (role == ROLE_NONE)
				expected = ACCESS_IDENTIFY;
			assert_int_equal(api_access(&OPS[i], &reader), expected);
		}
	}
}

/* G25 */
static void nobody_may_nothing_but_ask_who_he_is(void **state)
{
	const struct reader nobody = {.role = ROLE_NONE, .clearance = TLP_CLEAR};

	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++) {
		if (api_access(&OPS[i], &nobody) == ACCESS_YES) {
			assert_true(OPS[i].open);
			assert_int_not_equal(OPS[i].kind, OP_WRITE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_role_may_what_its_row_says_and_nothing_else),
	    cmocka_unit_test(nobody_may_nothing_but_ask_who_he_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
