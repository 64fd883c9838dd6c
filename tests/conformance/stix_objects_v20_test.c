/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/stix_verdict.h"

/* doc/conformance.md says why. */
static const char *const DEPARTURES[] = {"test_additional_schemas_custom_type_invalid_schema",
    "test_pattern_custom_object_prefix_lax", "test_artifact_url_payloadbin",
    "test_software_language", NULL};

static struct str spec_of(struct str named)
{
	return named.n ? named : S("2.0");
}

static struct verdict_set set = {
    .name = "stix_objects_v20", .spec_of = spec_of, .departures = DEPARTURES};

static void row(yyjson_val *r, size_t number)
{
	verdict_row(&set, r, number);
}

static void verdicts_on_musts_are_those_of_the_specification(void **state)
{
	(void)state;
	verdict_walk(&set, row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts_on_musts_are_those_of_the_specification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
