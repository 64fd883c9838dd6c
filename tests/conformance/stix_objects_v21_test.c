/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/stix_verdict.h"

/* doc/conformance.md says why. */
static const char *const DEPARTURES[] = {"IdentityTestCases::test_invalid_check",
    "test_custom_property_name_invalid_character", "test_custom_property_name_long",
    "ObservedDataTestCases::test_software_language", "test_network_traffic_end_is_active",
    "test_network_traffic_http_request_header", "test_network_traffic_ipfix",
    "test_network_traffic_ports", "test_network_traffic_protocols",
    "test_network_traffic_socket_options"};

static struct arena *arena;
static size_t met, departed;

static void row(yyjson_val *r, size_t number)
{
	struct str spec = str_c(yyjson_get_str(yyjson_ptr_get(r, "/options/version")));
	struct verdict v;
	bool agrees;

	arena_reset(arena);
	/* Asked for 2.1, the reference still reads an object that says 2.0 as 2.0. */
	v = verdict_of(arena, yyjson_obj_get(r, "input"), str_eq(spec, S("2.0")) ? spec : S(""));
	agrees = (v.musts == 0) == row_is(r, "expect_must_only", "valid");
	if (agrees) {
		met++;
		return;
	}
	departed++;
	if (!departs(r, DEPARTURES, sizeof(DEPARTURES) / sizeof(DEPARTURES[0])))
		ROW_FAIL("row %zu: %s expected, %zu MUST findings (%s): %s", number,
		    row_str(r, "expect_must_only").p, v.musts, v.first, row_str(r, "source").p);
}

static void verdicts_on_musts_are_those_of_the_specification(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	rows_walk("stix_objects_v21", row);
	print_message("stix_objects_v21: %zu met, %zu departures\n", met, departed);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verdicts_on_musts_are_those_of_the_specification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
