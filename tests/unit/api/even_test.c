/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/even.h"

/* G5: nothing of what an answer took is in when it leaves, but that it took longer than most. */
static void answers_leave_at_few_times(void **state)
{
	usec first = even_time(0), before = 0;
	unsigned times = 0;

	(void)state;
	for (usec took = 0; took < first; took++)
		assert_int_equal(even_time(took), first);
	for (usec took = 0; took < USEC_PER_SEC; took += 7) {
		usec at = even_time(took);

		assert_true(at > took && at >= before);
		/* Long ones are made longer by an eighth at most. */
		assert_true(at - took <= first || at - took <= took / 8 + 1);
		times += at != before;
		before = at;
	}
	assert_in_range(times, 10, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_leave_at_few_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
