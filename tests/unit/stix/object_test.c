/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "codec/time.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "stix/type.h"

#define ID_TAIL "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct stix_object parsed(const char *json)
{
	struct stix_object o;
	struct fault fault = {OK, ""};

	assert_int_equal(stix_object_parse(&o, arena, str_c(json), &fault), OK);
	return o;
}

static void head_is_read_in_any_order(void **state)
{
	struct stix_object o =
	    parsed("{\"revoked\":true,\"modified\":\"2021-01-02T00:00:00.000001Z\","
	           "\"id\":\"indicator" ID_TAIL "\",\"created\":"
	           "\"2021-01-01T00:00:00Z\",\"spec_version\":\"2.1\","
	           "\"created_by_ref\":\"identity" ID_TAIL "\",\"type\":"
	           "\"indicator\"}");
	usec t;

	(void)state;
	assert_int_equal(o.type, STIX_TYPE_INDICATOR);
	assert_int_equal(o.spec, STIX_SPEC_21);
	assert_true(o.revoked && o.has_version);
	assert_int_equal(time_parse_utc(&t, S("2021-01-02T00:00:00.000001Z")), OK);
	assert_true(o.version == t && o.modified == t && o.created < t);
	assert_true(str_eq(o.created_by_ref, S("identity" ID_TAIL)));
}

static void spec_version_absent_means_2_0_but_for_observables(void **state)
{
	(void)state;
	assert_int_equal(
	    parsed("{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\"}").spec, STIX_SPEC_20);
	assert_int_equal(parsed("{\"type\":\"url\",\"id\":\"url" ID_TAIL "\"}").spec, STIX_SPEC_21);
	assert_int_equal(
	    parsed("{\"type\":\"x-a\",\"id\":\"x-a" ID_TAIL "\"}").type, STIX_TYPE_CUSTOM);
	assert_false(parsed("{\"type\":\"url\",\"id\":\"url" ID_TAIL "\"}").has_version);
}

static void what_cannot_be_identified_is_refused_by_path(void **state)
{
	static const struct {
		const char *json;
		const char *says;
	} ROWS[] = {
	    {"[]", "a STIX object is a JSON object, this is array"},
	    {"{\"id\":\"tool" ID_TAIL "\"}", "type: missing"},
	    {"{\"type\":7,\"id\":\"tool" ID_TAIL "\"}", "type: must be"},
	    {"{\"type\":\"tool\"}", "id: missing"},
	    {"{\"type\":\"tool\",\"id\":\"tool--1\"}", "id: 'tool--1' is not of the form"},
	    {"{\"type\":\"tool\",\"id\":\"url" ID_TAIL "\"}",
	        "id: 'url" ID_TAIL "' does not start"},
	    {"{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\",\"created\":1}", "created: "},
	    {"{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\",\"modified\":\"2021-02-29T00:00:00Z\"}",
	        "modified: '2021-02-29T00:00:00Z' is not a timestamp"},
	    {"{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\",\"revoked\":\"yes\"}", "revoked: "},
	    {"{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\",\"spec_version\":\"3\"}",
	        "spec_version: "},
	    {"{\"type\":\"tool\",\"type\":\"url\"}", "byte 15: type: duplicate key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct fault fault = {OK, ""};
		struct stix_object o;

		assert_int_not_equal(stix_object_parse(&o, arena, str_c(ROWS[i].json), &fault), OK);
		assert_memory_equal(fault.text, ROWS[i].says, strlen(ROWS[i].says));
	}
}

static void note_down(void *ctx, struct str where, struct str what)
{
	struct buf *b = ctx;

	buf_put(b, where);
	buf_byte(b, '=');
	buf_put(b, what);
	buf_byte(b, '\n');
}

static void references_are_found_wherever_they_are(void **state)
{
	struct stix_object o = parsed(
	    "{\"type\":\"report\",\"id\":\"report" ID_TAIL "\",\"object_refs\":[\"tool" ID_TAIL
	    "\",\"url" ID_TAIL "\"],\"objects\":{\"0\":{\"type\":\"file\",\"parent_directory_ref\":"
	    "\"1\"}},\"extensions\":{\"x\":{\"a\":[{\"deep_ref\":\"file" ID_TAIL "\"}]}}}");
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	stix_object_refs(&o, note_down, &b);
	buf_byte(&b, 0);
	assert_string_equal(b.p, "object_refs.[0]=tool" ID_TAIL "\nobject_refs.[1]=url" ID_TAIL
	                         "\nextensions.x.a.[0].deep_ref=file" ID_TAIL "\n");
	buf_free(&b);
}

static void texts_are_those_a_person_searches_by(void **state)
{
	struct stix_object o =
	    parsed("{\"type\":\"file\",\"id\":\"file" ID_TAIL
	           "\",\"name\":\"a.exe\",\"hashes\":{\"MD5\":\"ff\"},\"aliases\":["
	           "\"x\",\"y\"],\"external_references\":[{\"source_name\":"
	           "\"cve\",\"external_id\":\"CVE-2020-1\"}],\"mime_type\":\"z\"}");
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	stix_object_texts(&o, note_down, &b);
	buf_byte(&b, 0);
	assert_string_equal(b.p, "name=a.exe\nhashes=ff\naliases=x\naliases=y\nsource_name=cve\n"
	                         "external_id=CVE-2020-1\n");
	buf_free(&b);
}

static enum tlp tlp_with(const char *members)
{
	char json[2048];

	(void)snprintf(
	    json, sizeof(json), "{\"type\":\"tool\",\"id\":\"tool" ID_TAIL "\"%s}", members);
	return stix_object_tlp(&(struct stix_object){.root = parsed(json).root});
}

#define MARK(uuid) "\"marking-definition--" uuid "\""
#define RED1 MARK("5e57c739-391a-4eb3-b6be-7d15ca92d5ed")
#define CLEAR2 MARK("94868c89-83c2-464b-929b-a1a8aa3c8487")
#define STRICT2 MARK("939a9414-2ddd-4d32-a0cd-375ea402b003")

static void strictest_marking_wins(void **state)
{
	(void)state;
	assert_int_equal(tlp_with(""), TLP_NONE);
	assert_int_equal(tlp_with(",\"object_marking_refs\":[" CLEAR2 "," RED1 "]"), TLP_RED);
	assert_int_equal(tlp_with(",\"object_marking_refs\":[" CLEAR2 "],\"granular_markings\":[{"
	                          "\"marking_ref\":" STRICT2 ",\"selectors\":[\"name\"]}]"),
	    TLP_AMBER_STRICT);
	assert_int_equal(
	    tlp_with(",\"granular_markings\":[{\"lang\":\"fr\",\"selectors\":[\"name\"]}]"),
	    TLP_NONE);
}

/* G2: what cannot be read as a label is never the lowest one. */
static void wrong_and_unreadable_markings_are_unknown(void **state)
{
	(void)state;
	/* Invented variants of the TLP 2.0 ids, as they are found in public code. */
	assert_int_equal(
	    tlp_of_marking_id(S("marking-definition--94868c89-83c2-4f24-ae4d-79f2bf239a72")),
	    TLP_UNKNOWN);
	assert_int_equal(
	    tlp_of_marking_id(S("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b03e")),
	    TLP_UNKNOWN);
	assert_int_equal(
	    tlp_of_marking_id(S("marking-definition--E828B379-4E03-4974-9AC4-E53A884C97C1")),
	    TLP_RED);
	assert_int_equal(tlp_with(",\"object_marking_refs\":[" CLEAR2 ",\"statement" ID_TAIL "\"]"),
	    TLP_UNKNOWN);
	assert_int_equal(tlp_with(",\"object_marking_refs\":" RED1), TLP_UNKNOWN);
	assert_int_equal(tlp_with(",\"object_marking_refs\":[7]"), TLP_UNKNOWN);
	assert_int_equal(tlp_with(",\"granular_markings\":[" RED1 "]"), TLP_UNKNOWN);
}

static void names_and_ids_agree(void **state)
{
	(void)state;
	for (enum tlp t = TLP_CLEAR; t <= TLP_RED; t++) {
		assert_int_equal(tlp_of_name(tlp_name(t)), t);
		assert_int_equal(tlp_of_marking_id(tlp_marking_id(t)), t);
	}
	assert_int_equal(tlp_of_name(S("amber+strict")), TLP_AMBER_STRICT);
	assert_int_equal(tlp_of_name(S("TLP:WHITE")), TLP_CLEAR);
	assert_int_equal(tlp_of_name(S("")), TLP_UNKNOWN);
	assert_int_equal(tlp_of_name(S("TLP:")), TLP_UNKNOWN);
	assert_true(str_eq(tlp_name(TLP_UNKNOWN), S("TLP:RED")));
	assert_null(tlp_marking_id(TLP_UNKNOWN).p);
	assert_null(tlp_marking_id(TLP_NONE).p);
}

static void every_type_name_leads_back_to_its_number(void **state)
{
	(void)state;
	for (unsigned t = 1; t < STIX_TYPES; t++) {
		enum stix_type_id type = (enum stix_type_id)t;

		assert_true(stix_type_name(type).n > 0);
		assert_int_equal(stix_type_of(stix_type_name(type)), type);
	}
	assert_int_equal(stix_type_of(S("x-custom")), STIX_TYPE_CUSTOM);
	assert_int_equal(stix_type_of(S("")), STIX_TYPE_CUSTOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(head_is_read_in_any_order),
	    cmocka_unit_test(spec_version_absent_means_2_0_but_for_observables),
	    cmocka_unit_test(what_cannot_be_identified_is_refused_by_path),
	    cmocka_unit_test(references_are_found_wherever_they_are),
	    cmocka_unit_test(texts_are_those_a_person_searches_by),
	    cmocka_unit_test(strictest_marking_wins),
	    cmocka_unit_test(wrong_and_unreadable_markings_are_unknown),
	    cmocka_unit_test(names_and_ids_agree),
	    cmocka_unit_test(every_type_name_leads_back_to_its_number),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
