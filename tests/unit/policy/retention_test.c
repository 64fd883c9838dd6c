/* SPDX-License-Identifier: Apache-2.0 */
/* How long objects are kept. G27 */
#include "test.h"

#include "policy/retention.h"

static const usec DAY = 86400 * USEC_PER_SEC;

static enum err set(struct retention *r, const char *name, uint32_t days)
{
	return retention_set(r, str_c(name), days, NULL);
}

static void only_types_that_have_versions_are_taken(void **state)
{
	static const char *const NOT[] = {"email-addr", "marking-definition", "bundle",
	    "extension-definition", "x-custom", "indicators", ""};
	struct retention r = {.personal = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(NOT) / sizeof(NOT[0]); i++)
		assert_int_equal(set(&r, NOT[i], 1), ERR_INVALID);
	assert_int_equal(set(&r, "indicator", 30), OK);
	assert_int_equal(set(&r, "sighting", 10), OK);
	assert_int_equal(retention_days(&r, STIX_TYPE_INDICATOR, PERSONAL_NONE), 30);
	assert_int_equal(retention_days(&r, STIX_TYPE_SIGHTING, PERSONAL_NONE), 10);
	assert_int_equal(retention_days(&r, STIX_TYPE_IDENTITY, PERSONAL_NONE), 0);
}

static void the_least_counts_for_personal_data(void **state)
{
	struct retention r = {.personal = 0};

	(void)state;
	assert_int_equal(set(&r, "indicator", 30), OK);
	assert_int_equal(retention_days(&r, STIX_TYPE_INDICATOR, PERSONAL_PRESENT), 30);
	assert_int_equal(set(&r, "personal", 7), OK);
	assert_int_equal(retention_days(&r, STIX_TYPE_INDICATOR, PERSONAL_PRESENT), 7);
	assert_int_equal(retention_days(&r, STIX_TYPE_INDICATOR, PERSONAL_NONE), 30);
	assert_int_equal(retention_days(&r, STIX_TYPE_IDENTITY, PERSONAL_SPECIAL), 7);
	assert_int_equal(set(&r, "personal", 60), OK);
	assert_int_equal(retention_days(&r, STIX_TYPE_INDICATOR, PERSONAL_PRESENT), 30);
	assert_int_equal(retention_days(&r, STIX_TYPE_EMAIL_ADDR, PERSONAL_PRESENT), 0);
	assert_int_equal(retention_days(&r, STIX_TYPES, PERSONAL_PRESENT), 0);
}

static void days_are_counted_from_the_objects_own_time(void **state)
{
	struct retention_times t = {.received = 5 * DAY};

	(void)state;
	assert_true(retention_end(&t, 30) == 35 * DAY);
	t.modified = 3 * DAY;
	assert_true(retention_end(&t, 30) == 33 * DAY);
	t.valid_until = 9 * DAY + 1;
	assert_true(retention_end(&t, 30) == 39 * DAY + 1);
	t.valid_until = LABEL_EXPIRES_MAX;
	assert_true(retention_end(&t, 36500) > LABEL_EXPIRES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_types_that_have_versions_are_taken),
	    cmocka_unit_test(the_least_counts_for_personal_data),
	    cmocka_unit_test(days_are_counted_from_the_objects_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
