/* SPDX-License-Identifier: Apache-2.0 */
/* What is left out of an object under terms, and when nothing of it may go. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "policy/release.h"
#include "stix/type.h"
#include "temp.h"

#define SOMEBODY "identity--00000000-0000-4000-8000-0000000000f1"
#define MAKER "identity--00000000-0000-4000-8000-0000000000f2"
#define SENDER "identity--00000000-0000-4000-8000-0000000000f3"
#define HEAD(type)                                                                                 \
	"\"type\":\"" type "\",\"id\":\"" type "--00000000-0000-4000-8000-0000000000aa\","
#define MADE "\"created_by_ref\":\"" MAKER "\","

static const struct uuid SENDER_ID = {{0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xf3}};

static struct arena *memory;

static yyjson_val *parsed(const char *json)
{
	yyjson_val *root;

	assert_int_equal(json_parse(&root, memory, str_c(json), &JSON_LIMITS_OBJECT, NULL), OK);
	return root;
}

static uint16_t type_of(yyjson_val *object)
{
	return stix_type_of(json_get_str(object, "type"));
}

/* "a b": the members that are left out; "-": nothing may go. */
static void members_left_out(char out[512], yyjson_val *object, uint32_t withheld)
{
	struct release r;
	size_t i, max, n = 0, count = 0;
	yyjson_val *key, *value;

	policy_release(&r, type_of(object), object, withheld, &SENDER_ID);
	assert_int_equal(r.verdict == VERDICT_REDACT, r.count > 0);
	assert_int_equal(r.verdict == VERDICT_DENY, r.rule != NULL);
	out[0] = 0;
	if (r.verdict == VERDICT_DENY) {
		(void)snprintf(out, 512, "-");
		return;
	}
	yyjson_obj_foreach(object, i, max, key, value)
	{
		(void)value;
		if (!release_omits(&r, i))
			continue;
		n += (size_t)snprintf(out + n, 512 - n, "%s%s", n ? " " : "", yyjson_get_str(key));
		count++;
	}
	assert_int_equal(count, r.count);
}

struct expected {
	const char *object, *left_out;
};

static void expect(const struct expected *cases, size_t count, uint32_t withheld)
{
	char got[512];

	for (size_t i = 0; i < count; i++) {
		members_left_out(got, parsed(cases[i].object), withheld);
		if (strcmp(got, cases[i].left_out) != 0)
			print_message("%s\n", cases[i].object);
		assert_string_equal(got, cases[i].left_out);
	}
}

/* P6, US-03: whatever names who was hit. */
static void what_names_victims_is_left_out(void **state)
{
	static const struct expected CASES[] = {
	    {"{" HEAD("sighting") "\"where_sighted_refs\":[\"" MAKER "\"]," MADE
	                          "\"description\":\"x\",\"count\":1}",
	        "where_sighted_refs description"},
	    {"{" HEAD("incident") "\"name\":\"x\",\"description\":\"y\",\"x_victim\":1,"
	                          "\"x_NameOfVictims\":[],\"x_deep\":[{\"a\":{\"victim_of\":2}}]}",
	        "description x_victim x_NameOfVictims x_deep"},
	    {"{" HEAD("indicator") "\"name\":\"x\",\"description\":\"y\",\"labels\":[\"z\"]}", ""},
	    {"{" HEAD("indicator") "\"x_seen_at\":{\"who\":[\"" SOMEBODY "\"]}}", "x_seen_at"},
	    {"{" HEAD("indicator") "\"x_seen_at\":{\"" SOMEBODY "\":1}}", "x_seen_at"},
	    {"{" HEAD("indicator") MADE "\"x_by\":\"" MAKER "\",\"x_via\":\"" SENDER "\"}", ""},
	    {"{" HEAD("note") MADE "\"content\":\"x\",\"object_refs\":[\"" MAKER "\"]}", ""},
	    {"{" HEAD("report") MADE "\"object_refs\":[\"" MAKER "\",\"" SOMEBODY "\"]}", "-"},
	    {"{" HEAD("indicator") "\"extensions\":{\"x\":{\"victims\":[]}}}", "extensions"},
	    {"{" HEAD("x-own") "\"extensions\":{\"x\":{\"victims\":[]}}}", "-"},
	    {"{" HEAD("x-own") "\"victim\":\"x\",\"other\":1}", "victim"},
	};

	(void)state;
	expect(CASES, sizeof(CASES) / sizeof(CASES[0]), WITHHOLD_VICTIMS);
}

static void relations_and_identities_of_victims_do_not_go(void **state)
{
	static const struct expected CASES[] = {
	    {"{" HEAD("relationship") "\"relationship_type\":\"targets\",\"source_ref\":\"x\","
	                              "\"target_ref\":\"" SOMEBODY "\"}",
	        "-"},
	    {"{" HEAD(
	         "relationship") "\"relationship_type\":\"attributed-to\",\"source_ref\":\"x\","
	                         "\"target_ref\":\"" SOMEBODY "\"}",
	        ""},
	    {"{" HEAD(
	         "relationship") "\"relationship_type\":\"attributed-to\",\"source_ref\":\"x\","
	                         "\"target_ref\":\"y\",\"x_of\":\"" SOMEBODY "\"}",
	        "x_of"},
	    {"{" HEAD("relationship") "\"relationship_type\":\"indicates\",\"source_ref\":\"x\"}",
	        ""},
	    {"{\"type\":\"identity\",\"id\":\"" SOMEBODY "\",\"name\":\"x\"}", "-"},
	    {"{\"type\":\"identity\",\"id\":\"" SOMEBODY "\",\"name\":\"x\","
	     "\"identity_class\":\"organization\"," MADE "\"sectors\":[]}",
	        "-"},
	    {"{\"type\":\"identity\",\"id\":\"" SOMEBODY "\",\"name\":\"x\","
	     "\"identity_class\":\"class\"}",
	        ""},
	    {"{\"type\":\"identity\",\"id\":\"" MAKER "\"," MADE "\"name\":\"x\"}", ""},
	    {"{\"type\":\"identity\",\"id\":\"" MAKER "\"," MADE
	     "\"name\":\"x\",\"roles\":[\"Main Victim\"]}",
	        "-"},
	    {"{\"type\":\"identity\",\"id\":\"" SENDER "\",\"name\":\"x\"}", ""},
	    {"{" HEAD("language-content") "\"object_ref\":\"sighting--x\",\"contents\":{}}", "-"},
	    {"{" HEAD("language-content") "\"object_ref\":\"malware--x\",\"contents\":{}}", ""},
	    {"{" HEAD("marking-definition") "\"extensions\":{\"x\":{\"releasable_to\":[\"" SOMEBODY
	                                    "\"],\"victims\":1}}}",
	        ""},
	};

	(void)state;
	expect(CASES, sizeof(CASES) / sizeof(CASES[0]), WITHHOLD_VICTIMS);
}

/* What a marking of a part points at stays, and so does the object. */
static void what_is_marked_or_required_keeps_all_of_it_here(void **state)
{
	static const struct expected CASES[] = {
	    {"{" HEAD("incident") "\"description\":\"y\",\"granular_markings\":["
	                          "{\"marking_ref\":\"m\",\"selectors\":[\"name\"]}]}",
	        "description"},
	    {"{" HEAD(
	         "incident") "\"description\":\"y\",\"granular_markings\":["
	                     "{\"marking_ref\":\"m\",\"selectors\":[\"name\",\"description\"]}]}",
	        "-"},
	    {"{" HEAD("incident") "\"x_victims\":[1],\"granular_markings\":["
	                          "{\"marking_ref\":\"m\",\"selectors\":[\"x_victims.[0]\"]}]}",
	        "-"},
	    {"{" HEAD("incident") "\"object_marking_refs\":[\"" SOMEBODY "\"]}", "-"},
	};
	struct release r;

	(void)state;
	expect(CASES, sizeof(CASES) / sizeof(CASES[0]), WITHHOLD_VICTIMS);
	policy_release(&r, STIX_TYPE_INDICATOR, parsed("{\"a\":1}"), WITHHOLD_UNKNOWN, NULL);
	assert_string_equal(r.rule, "release.unknown-terms");
	policy_release(&r, STIX_TYPE_INDICATOR, parsed("[1]"), WITHHOLD_VICTIMS, NULL);
	assert_int_equal(r.verdict, VERDICT_DENY);
	policy_release(&r, STIX_TYPE_INDICATOR, parsed("[1]"), 0, NULL);
	assert_int_equal(r.verdict, VERDICT_ALLOW);
}

static void members_are_left_out_by_name(void **state)
{
	static const struct expected CASES[] = {
	    {"{" HEAD("indicator") "\"description\":\"y\",\"labels\":[],\"confidence\":3}",
	        "description confidence"},
	    {"{" HEAD("sighting") "\"where_sighted_refs\":[],\"confidence\":3}", "confidence"},
	};
	uint32_t description, confidence, none = 7;

	(void)state;
	assert_true(withhold_of_name(&description, S("description")));
	assert_true(withhold_of_name(&confidence, S("Confidence")));
	assert_false(withhold_of_name(&none, S("id")));
	assert_false(withhold_of_name(&none, S("")));
	assert_int_equal(none, 7);
	expect(CASES, sizeof(CASES) / sizeof(CASES[0]), description | confidence);
}

/* An object with more members than can be proven one by one is not taken apart. */
static void what_can_only_be_proven_whole_stays_whole(void **state)
{
	struct buf b;
	struct release r;
	char got[512];

	(void)state;
	for (int members = RELEASE_MEMBERS_MAX; members <= RELEASE_MEMBERS_MAX + 1; members++) {
		buf_init(&b, 1 << 20);
		buf_printf(&b, "{" HEAD("incident") "\"x_victim\":1");
		for (int i = 3; i < members; i++)
			buf_printf(&b, ",\"m%d\":%d", i, i);
		buf_printf(&b, "}");
		buf_byte(&b, 0);
		members_left_out(got, parsed(b.p), WITHHOLD_VICTIMS);
		assert_string_equal(got, members == RELEASE_MEMBERS_MAX ? "x_victim" : "-");
		policy_release(&r, STIX_TYPE_INCIDENT, parsed(b.p), 2, NULL);
		assert_int_equal(r.verdict, VERDICT_ALLOW);
		buf_free(&b);
	}
}

static const char *const POOL[] = {"\"description\":\"d\"", "\"name\":\"n\"",
    "\"where_sighted_refs\":[\"" SOMEBODY "\"]", "\"x_a\":\"" SOMEBODY "\"",
    "\"x_b\":\"" MAKER "\"", "\"x_c\":{\"victim\":{}}", "\"labels\":[\"l\"]", "\"confidence\":1",
    "\"count\":2", "\"object_refs\":[\"" SOMEBODY "\"]", "\"revoked\":false",
    "\"extensions\":{\"e\":[]}", "\"external_references\":[]", MADE "\"lang\":\"en\""};
static const char *const TYPES[] = {"sighting", "incident", "indicator", "report", "x-own"};

static void put_some(struct buf *out, uint64_t members)
{
	for (size_t i = 0; i < sizeof(POOL) / sizeof(POOL[0]); i++)
		if (members >> i & 1)
			buf_printf(out, ",%s", POOL[i]);
	buf_byte(out, '}');
	buf_byte(out, 0);
}

/* G1: nothing of whom the terms protect is in what remains; what remains has nothing more to leave
 * out; stricter terms leave out no less; and what identifies and orders an object always goes. */
static void what_remains_names_nobody(void **state)
{
	uint64_t seed = 3;
	long redacted = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint32_t terms = (uint32_t)(next_random(&seed) % 32);
		struct release r, again, stricter;
		size_t at, max;
		yyjson_val *object, *key, *value;
		struct buf b, rest;
		struct json_writer w;

		buf_init(&b, 4096);
		buf_init(&rest, 4096);
		buf_printf(&b, "{\"type\":\"%s\",\"id\":\"x--y\"",
		    TYPES[next_random(&seed) % (sizeof(TYPES) / sizeof(TYPES[0]))]);
		put_some(&b, next_random(&seed));
		object = parsed(b.p);
		policy_release(&r, type_of(object), object, terms, &SENDER_ID);
		policy_release(&stricter, type_of(object), object, terms | 3, &SENDER_ID);
		if (r.verdict == VERDICT_DENY)
			assert_int_equal(stricter.verdict, VERDICT_DENY);
		w = json_writer(&rest);
		json_object(&w, NULL);
		yyjson_obj_foreach(object, at, max, key, value)
		{
			char *text = yyjson_val_write(value, 0, NULL);

			if (release_omits(&r, at) && stricter.verdict != VERDICT_DENY)
				assert_true(release_omits(&stricter, at));
			if (release_omits(&r, at))
				assert_true(at >= 2 && strcmp(yyjson_get_str(key), "revoked") != 0);
			else
				json_put_raw(&w, yyjson_get_str(key), str_c(text));
			free(text);
		}
		json_end_object(&w);
		buf_byte(&rest, 0);
		redacted += r.verdict == VERDICT_REDACT;
		if (r.verdict != VERDICT_DENY && (terms & WITHHOLD_VICTIMS)) {
			assert_null(strstr(rest.p, SOMEBODY));
			assert_null(strstr(rest.p, "victim"));
		}
		if (r.verdict != VERDICT_DENY) {
			policy_release(&again, type_of(object), parsed(rest.p), terms, &SENDER_ID);
			assert_int_equal(again.verdict, VERDICT_ALLOW);
		}
		buf_free(&b);
		buf_free(&rest);
		arena_reset(memory);
	}
	assert_in_range(redacted, 1000, 19000);
}

static int set_up(void **state)
{
	(void)state;
	memory = arena_new(64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_names_victims_is_left_out),
	    cmocka_unit_test(relations_and_identities_of_victims_do_not_go),
	    cmocka_unit_test(what_is_marked_or_required_keeps_all_of_it_here),
	    cmocka_unit_test(members_are_left_out_by_name),
	    cmocka_unit_test(what_can_only_be_proven_whole_stays_whole),
	    cmocka_unit_test(what_remains_names_nobody),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
