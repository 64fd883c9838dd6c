/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "sys/env.h"

static void boot_is_recognised_and_no_other_is(void **state)
{
	char boot[SYS_BOOT], other[SYS_BOOT];

	(void)state;
	sys_boot(boot);
	if (!boot[0])
		skip(); /* a system that does not say */
	assert_true(sys_boot_is(boot));
	memcpy(other, boot, sizeof(other));
	other[0] = (char)(other[0] == 'a' ? 'b' : 'a');
	assert_false(sys_boot_is(other));
}

static void unknown_boot_is_never_this_one(void **state)
{
	const char unknown[SYS_BOOT] = {0};

	(void)state;
	assert_false(sys_boot_is(unknown));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(boot_is_recognised_and_no_other_is),
	    cmocka_unit_test(unknown_boot_is_never_this_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
