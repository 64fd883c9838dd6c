/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/stix_verdict.h"

/* doc/conformance.md says why. */
static const char *const DEPARTURES[] = {"IdentityTestCases::test_invalid_check",
    "test_custom_property_name_invalid_character", "test_custom_property_name_long",
    "ObservedDataTestCases::test_software_language", "test_network_traffic_end_is_active",
    "test_network_traffic_http_request_header", "test_network_traffic_ipfix",
    "test_network_traffic_ports", "test_network_traffic_protocols",
    "test_network_traffic_socket_options", NULL};

/* Asked for 2.1, the reference still reads an object that says 2.0 as 2.0. */
static struct str spec_of(struct str named)
{
	return str_eq(named, S("2.0")) ? named : S("");
}

static struct verdict_set set = {
    .name = "stix_objects_v21", .spec_of = spec_of, .departures = DEPARTURES};

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
