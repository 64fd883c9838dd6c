/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/read.h"

static void every_reading_row_has_a_handler_and_no_other_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++)
		assert_int_equal(
		    api_reads(&OPS[i]), OPS[i].kind == OP_READ && OPS[i].answer <= ANSWER_PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_reading_row_has_a_handler_and_no_other_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
