/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "codec/json.h"
#include "stix/check.h"
#include "stix/property.h"
#include "stix/type.h"

#define UUID4 "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
#define TIMES "\"created\":\"2016-04-06T20:03:48.000Z\",\"modified\":\"2016-04-06T20:03:48.000Z\""
#define HEAD(type)                                                                                 \
	"\"type\":\"" type "\",\"spec_version\":\"2.1\",\"id\":\"" type "--" UUID4 "\"," TIMES
#define INDICATOR                                                                                  \
	HEAD("indicator")                                                                          \
	",\"name\":\"n\",\"description\":\"d\",\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\","   \
	"\"pattern_type\":\"stix\",\"valid_from\":\"2016-04-06T20:03:48Z\""

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct stix_findings findings_of(const char *members)
{
	struct str json = arena_printf(arena, "{%s}", members);
	struct fault fault = {OK, ""};
	struct stix_findings found;
	struct stix_object o;

	if (stix_object_parse(&o, arena, json, &fault) != OK)
		print_error("%s\n", fault.text);
	assert_int_equal(fault.code, OK);
	assert_int_equal(stix_check(&found, arena, &o), OK);
	assert_int_equal(found.count, found.musts + found.shoulds);
	return found;
}

/* "must path rule; should path rule" */
static const char *said_of(const char *members)
{
	struct stix_findings found = findings_of(members);
	struct str s = S("");

	for (size_t i = 0; i < found.count; i++)
		s = arena_printf(arena, "%.*s%s%s %.*s %.*s", STR_ARG(s), i ? "; " : "",
		    found.list[i].level == STIX_MUST ? "must" : "should",
		    STR_ARG(found.list[i].path), STR_ARG(found.list[i].rule));
	return arena_str(arena, s).p;
}

struct row {
	const char *members;
	const char *said;
};

static void all_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(said_of(rows[i].members), rows[i].said);
}

#define ALL(rows) all_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_good_object_has_no_findings(void **state)
{
	(void)state;
	assert_string_equal(said_of(INDICATOR), "");
}

static void each_value_is_held_against_its_kind(void **state)
{
	static const struct row ROWS[] = {
	    {INDICATOR ",\"confidence\":101", "must confidence range"},
	    {INDICATOR ",\"confidence\":\"1\"", "must confidence value-type"},
	    {INDICATOR ",\"confidence\":18446744073709551616", "must confidence integer-size"},
	    {INDICATOR ",\"confidence\":50.0", ""},
	    {INDICATOR ",\"labels\":[]", "must labels empty-list"},
	    {INDICATOR ",\"labels\":\"x\"", "must labels value-type"},
	    {INDICATOR ",\"labels\":[\"x\",7]", "must labels.[1] value-type"},
	    {INDICATOR ",\"valid_until\":\"2016-04-31T20:03:48Z\"", "must valid_until timestamp"},
	    {INDICATOR ",\"valid_until\":\"2016-04-06T20:03:48Z\"", "must valid_until time-order"},
	    {INDICATOR ",\"created_by_ref\":\"tool--" UUID4 "\"",
	        "must created_by_ref reference-type"},
	    {INDICATOR ",\"created_by_ref\":\"identity--1\"", "must created_by_ref id-form"},
	    {INDICATOR ",\"indicator_types\":[\"odd\"]",
	        "should indicator_types.[0] open-vocabulary"},
	    {INDICATOR ",\"lang\":\"no such thing\"", "must lang language"},
	    {INDICATOR ",\"external_references\":[{\"source_name\":\"a\"}]",
	        "must external_references.[0] external-reference"},
	    {INDICATOR ",\"external_references\":[{\"source_name\":\"cve\",\"external_id\":\"7\"}]",
	        "must external_references.[0].external_id external-id-form"},
	    {INDICATOR ",\"external_references\":[{\"source_name\":\"a\",\"description\":\"b\","
	               "\"hashes\":{\"SHA-256\":\"f00\",\"MD\":\"1\",\"foo\":\"1\"}}]",
	        "must external_references.[0].hashes.SHA-256 hash-form; "
	        "must external_references.[0].hashes.MD hash-name; "
	        "should external_references.[0].hashes.foo hash-algorithm"},
	    {INDICATOR
	        ",\"kill_chain_phases\":[{\"kill_chain_name\":\"A b\",\"phase_name\":\"c\"}]",
	        "should kill_chain_phases.[0].kill_chain_name kill-chain-form"},
	    {INDICATOR ",\"granular_markings\":[{\"selectors\":[\"nothing\"],\"marking_ref\":"
	               "\"marking-definition--" UUID4 "\"}]",
	        "must granular_markings.[0].selectors.[0] selector"},
	    {INDICATOR ",\"labels\":[\"x\"],\"granular_markings\":[{\"selectors\":[\"labels.[0]\"],"
	               "\"lang\":\"fr\"}]",
	        ""},
	    {INDICATOR ",\"my property\":1", "must my property property-name"},
	    {INDICATOR ",\"x_mine\":1", "should x_mine custom-property"},
	    {INDICATOR ",\"severity\":1",
	        "must severity reserved-property; should severity custom-property"},
	    {INDICATOR ",\"x_mine\":1,\"extensions\":{\"extension-definition--" UUID4 "\":{"
	               "\"extension_type\":\"toplevel-property-extension\"}}",
	        ""},
	    {HEAD("tool"), "must name required"},
	    {HEAD("x-thing"), "should type custom-type"},
	    {HEAD("x_thing"), "must type type-name; must id id-form"},
	};

	(void)state;
	ALL(ROWS);
}

static void conditions_between_properties_are_held(void **state)
{
	static const struct row ROWS[] = {
	    {HEAD("relationship") ",\"relationship_type\":\"uses\",\"source_ref\":\"tool--" UUID4
	                          "\",\"target_ref\":\"bundle--" UUID4 "\"",
	        "must target_ref reference-type; should relationship_type relationship-type"},
	    {HEAD("relationship") ",\"relationship_type\":\"indicates\",\"source_ref\":\"indicator-"
	                          "-" UUID4 "\",\"target_ref\":\"malware--" UUID4 "\"",
	        ""},
	    {HEAD("relationship") ",\"relationship_type\":\"derived-from\",\"source_ref\":\"tool-"
	                          "-" UUID4 "\",\"target_ref\":\"malware--" UUID4 "\"",
	        "should relationship_type relationship-type"},
	    {HEAD("location"), "must region required-one-of"},
	    {HEAD("location") ",\"latitude\":\"48\",\"longitude\":2", "must latitude value-type"},
	    {HEAD("malware") ",\"is_family\":true", "must name required-one-of"},
	    {HEAD(
	         "observed-data") ",\"first_observed\":\"2016-04-06T20:03:48Z\",\"last_observed\":"
	                          "\"2016-04-06T20:03:47Z\",\"number_observed\":0,\"object_refs\":["
	                          "\"identity--" UUID4 "\"]",
	        "must number_observed range; must object_refs.[0] reference-type; "
	        "must last_observed time-order"},
	    {"\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4\","
	     "\"value\":\"198.51.100.3\"",
	        ""},
	    {"\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd\","
	     "\"value\":\"198.51.100.3\"",
	        "should id sco-id"},
	    {"\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--" UUID4 "\",\"value\":\"198.51.100.3/01\"",
	        "must value value-form"},
	    {"\"type\":\"file\",\"id\":\"file--ff26c055-6336-5bc5-b98d-13d6226742dd\",\"size\":1",
	        "must id id-version; must name required-one-of"},
	    {"\"type\":\"artifact\",\"id\":\"artifact--" UUID4 "\",\"payload_bin\":\"!\",\"url\":"
	     "\"http://a.example/\"",
	        "must payload_bin base64; must url exclusive; must hashes required-one-of"},
	    {"\"type\":\"network-traffic\",\"id\":\"network-traffic--" UUID4
	     "\",\"protocols\":[\"tcp\"],"
	     "\"src_port\":65536,\"dst_port\":1",
	        "must src_port range; must src_ref required-one-of"},
	    {"\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition-"
	     "-" UUID4 "\",\"created\":\"2017-01-20T00:00:00.000Z\",\"definition_type\":\"tlp\","
	     "\"definition\":{"
	     "\"tlp\":\"red\"}",
	        "must definition tlp"},
	    {"\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":"
	     "\"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed\",\"created\":"
	     "\"2017-01-20T00:00:00.000Z\",\"definition_type\":\"tlp\",\"definition\":{\"tlp\":"
	     "\"red\"}",
	        ""},
	};

	(void)state;
	ALL(ROWS);
}

static void patterns_are_read_and_the_position_named(void **state)
{
	struct stix_findings found =
	    findings_of(HEAD("indicator") ",\"name\":\"n\",\"description\":\"d\",\"pattern\":\"["
	                                  "file:hashes.\\\"X\\\" = "
	                                  "'1']\",\"pattern_type\":\"stix\",\"valid_from\":\"2016-"
	                                  "04-06T20:03:48Z\"");

	(void)state;
	assert_int_equal(found.musts, 1);
	assert_true(str_eq(found.list[0].path, S("pattern")));
	assert_true(str_starts(found.list[0].message, S("position 13")));
	assert_true(str_eq(found.list[0].section, S("9")));
}

static void version_2_0_is_judged_by_its_own_rules(void **state)
{
	static const struct row ROWS[] = {
	    {"\"type\":\"indicator\",\"id\":\"indicator--" UUID4 "\"," TIMES
	     ",\"pattern\":\"[ipv4-addr:value = "
	     "'192.0.2.1']\",\"valid_from\":\"2016-04-06T20:03:48Z\"",
	        "must labels required"},
	    {"\"type\":\"observed-data\",\"id\":\"observed-data--" UUID4 "\"," TIMES
	     ",\"first_observed\":\"2016-04-06T20:03:48Z\",\"last_observed\":\"2016-04-06T20:03:"
	     "48Z\","
	     "\"number_observed\":1,\"objects\":{\"0\":{\"type\":\"file\",\"name\":\"a\","
	     "\"parent_directory_ref\":\"1\",\"content_ref\":\"9\"},\"1\":{\"type\":\"url\","
	     "\"value\":"
	     "\"http://a.example/\"}}",
	        "must objects.0.parent_directory_ref reference-type; must objects.0.content_ref "
	        "reference"},
	};

	(void)state;
	ALL(ROWS);
}

static void findings_past_the_limit_are_counted_only(void **state)
{
	struct buf b;
	struct stix_findings found;
	struct stix_object o;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, S("{" INDICATOR ",\"labels\":["));
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%s%d", i ? "," : "", i);
	buf_put(&b, S("]}"));
	assert_int_equal(stix_object_parse(&o, arena, buf_str(&b), NULL), OK);
	assert_int_equal(stix_check(&found, arena, &o), OK);
	assert_int_equal(found.musts, 1000);
	assert_int_equal(found.count, STIX_FINDINGS_MAX);
	buf_free(&b);
}

static void check_table(const struct part *table)
{
	assert_true(table->count <= 64);
	for (size_t i = 0; i < table->count; i++) {
		const struct property *p = &table->list[i];

		assert_true(p->name.n > 0 && strlen(p->name.p) == p->name.n);
		assert_true(p->kind != KIND_REF || p->targets != 0);
		assert_true((p->kind != KIND_ENUM && p->kind != KIND_OPEN) || p->words);
		assert_true((p->kind == KIND_PART) == (p->part != NULL));
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(table->list[k].name, p->name));
	}
}

static void tables_are_sound(void **state)
{
	(void)state;
	for (unsigned t = 0; t < STIX_TYPES; t++) {
		check_table(property_table((enum stix_type_id)t));
		check_table(property_common((enum stix_type_id)t, false));
		check_table(property_common((enum stix_type_id)t, true));
	}
	for (size_t i = 0; i < EXTENSION_COUNT; i++)
		check_table(EXTENSIONS[i].part);
}

/* Nothing that parses makes it fail, whatever types the values have. */
static void any_type_in_any_place_is_a_finding_not_a_crash(void **state)
{
	static const char *const VALUES[] = {"null", "true", "7", "-1.5", "\"\"", "\"x\"", "[]",
	    "[null]", "[[]]", "{}", "{\"a\":{}}", "[{}]", "[{\"a\":1}]", "1e999"};

	(void)state;
	for (unsigned t = 1; t < STIX_TYPES; t++) {
		struct str type = stix_type_name((enum stix_type_id)t);
		const struct part *tables[2] = {property_table((enum stix_type_id)t),
		    property_common((enum stix_type_id)t, false)};

		for (size_t k = 0; k < 2; k++)
			for (size_t i = 0; i < tables[k]->count; i++)
				for (size_t v = 0; v < sizeof(VALUES) / sizeof(VALUES[0]); v++) {
					struct stix_findings found;
					struct stix_object o;
					struct str json;

					arena_reset(arena);
					json = arena_printf(arena,
					    "{\"type\":\"%.*s\",\"id\":\"%.*s--" UUID4
					    "\",\"%s\":%s}",
					    STR_ARG(type), STR_ARG(type), tables[k]->list[i].name.p,
					    VALUES[v]);
					if (stix_object_parse(&o, arena, json, NULL) == OK)
						assert_int_equal(stix_check(&found, arena, &o), OK);
				}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_object_has_no_findings),
	    cmocka_unit_test(each_value_is_held_against_its_kind),
	    cmocka_unit_test(conditions_between_properties_are_held),
	    cmocka_unit_test(patterns_are_read_and_the_position_named),
	    cmocka_unit_test(version_2_0_is_judged_by_its_own_rules),
	    cmocka_unit_test(findings_past_the_limit_are_counted_only),
	    cmocka_unit_test(tables_are_sound),
	    cmocka_unit_test(any_type_in_any_place_is_a_finding_not_a_crash),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
