/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>

#include "base/seen.h"

enum { ADDED = 4000 };

static struct str name(char out[40], int i)
{
	return (struct str){out, (size_t)snprintf(out, 40, "indicator--%026d", i)};
}

static void what_was_added_is_always_remembered(void **state)
{
	struct seen s = {.key = {.k0 = 7}};
	char text[40];

	(void)state;
	for (int i = 0; i < ADDED; i++)
		seen_add(&s, name(text, i));
	for (int i = 0; i < ADDED; i++)
		assert_true(seen_maybe(&s, name(text, i)));
}

static void of_what_was_not_added_little_seems_to_be_there(void **state)
{
	struct seen s = {.key = {.k0 = 7}};
	char text[40];
	int wrong = 0;

	(void)state;
	assert_false(seen_maybe(&s, S("")));
	for (int i = 0; i < ADDED; i++)
		seen_add(&s, name(text, i));
	for (int i = ADDED; i < 2 * ADDED; i++)
		wrong += seen_maybe(&s, name(text, i));
	assert_true(wrong < ADDED / 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_added_is_always_remembered),
	    cmocka_unit_test(of_what_was_not_added_little_seems_to_be_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
