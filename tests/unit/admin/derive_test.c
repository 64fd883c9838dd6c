/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for an object in a community: nothing of whom the terms protect, all else as it was
 * written, and ids that tell nothing. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "admin/derive/object.h"
#include "codec/json.h"
#include "stix/type.h"
#include "temp.h"

#define SOMEBODY "identity--00000000-0000-4000-8000-0000000000f1"
#define MAKER "identity--00000000-0000-4000-8000-0000000000f2"
#define SENDER "identity--00000000-0000-4000-8000-0000000000f3"
#define MARKING "marking-definition--00000000-0000-4000-8000-0000000000f4"
#define UUID_AA "00000000-0000-4000-8000-0000000000aa"

static const struct uuid SENDER_ID = {{0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xf3}};
static const struct sha256 SECRET = {{1, 2, 3}}, OTHER = {{1, 2, 4}};

static struct arena *memory;

static yyjson_val *parsed(const char *json)
{
	yyjson_val *root;

	assert_int_equal(json_parse(&root, memory, str_c(json), &JSON_LIMITS_OBJECT, NULL), OK);
	return root;
}

struct made {
	struct stix_object o;
	struct derivation parts;
	struct derive_ask ask;
	struct buf out;
};

/* False when nothing is to be derived, or can be. */
static bool make(struct made *m, const char *json, uint32_t terms, const struct sha256 *secret)
{
	assert_int_equal(stix_object_parse(&m->o, memory, str_c(json), NULL), OK);
	policy_derive(&m->parts, m->o.type, m->o.root, terms, &SENDER_ID);
	m->ask = (struct derive_ask){.bytes = str_c(json),
	    .o = &m->o,
	    .parts = &m->parts,
	    .secret = secret,
	    .sender = &SENDER_ID,
	    .by = S(SENDER),
	    .marking = S(MARKING),
	    .created = 1,
	    .modified = 2,
	    .arena = memory};
	m->ask.id = derived_id(memory, secret,
	    m->parts.pseudonym ? DERIVED_PSEUDONYM : DERIVED_COPY, m->o.type_name, m->o.id, terms);
	if (m->parts.verdict != VERDICT_REDACT)
		return false;
	buf_init(&m->out, 1 << 16);
	if (m->parts.pseudonym)
		derive_put_pseudonym(&m->out, &m->ask);
	else
		derive_put_copy(&m->out, &m->ask);
	assert_int_equal(m->out.failed, OK);
	buf_byte(&m->out, 0);
	return true;
}

static const char *const POOL[] = {"\"description\":\"d\"", "\"name\" : \"n\"",
    "\"where_sighted_refs\":[\"" SOMEBODY "\",\"location--" UUID_AA "\"]",
    "\"x_a\":\"" SOMEBODY "\"", "\"x_b\":\"" MAKER "\"", "\"x_c\":{\"victim\":{}}",
    "\"labels\":[\"l\"]", "\"confidence\":1.0", "\"count\":2",
    "\"object_refs\":[\"" SOMEBODY "\",\"malware--" UUID_AA "\"]", "\"revoked\":false",
    "\"extensions\":{\"e\":[]}", "\"external_references\":[{\"source_name\":\"s\"}]",
    "\"created_by_ref\":\"" MAKER "\"", "\"x_d\":{\"of\":[\"" SOMEBODY "\"]}",
    "\"granular_markings\":[]"};
static const char *const TYPES[] = {
    "sighting", "incident", "indicator", "report", "relationship", "x-own"};

static void random_object(struct buf *out, uint64_t *seed)
{
	const char *type = TYPES[next_random(seed) % (sizeof(TYPES) / sizeof(TYPES[0]))];
	uint64_t members = next_random(seed);

	buf_printf(out,
	    "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s--" UUID_AA
	    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-02T00:00:00Z\"",
	    type, type);
	for (size_t i = 0; i < sizeof(POOL) / sizeof(POOL[0]); i++)
		if (members >> i & 1)
			buf_printf(out, ", %s", POOL[i]);
	buf_byte(out, '}');
	buf_byte(out, 0);
}

/* What stays stands in the new object by the same name, with the same bytes. */
static void assert_kept(const struct made *m, yyjson_val *copy)
{
	size_t i, max;
	yyjson_val *key, *value;

	yyjson_obj_foreach(m->o.root, i, max, key, value)
	{
		yyjson_val *there = yyjson_obj_get(copy, yyjson_get_str(key));

		if (m->parts.parts[i] == DERIVE_DROP &&
		    !str_eq(json_str(key), S("external_references")))
			assert_null(there);
		if (m->parts.parts[i] == DERIVE_KEEP &&
		    !str_eq(json_str(key), S("external_references")))
			assert_true(yyjson_equals(there, value));
	}
}

/* P6, G1, D-28: over random objects and terms, nobody whom the terms protect is in what is derived,
 * and nothing of the original's identity but where it came from. */
static void what_is_derived_names_nobody(void **state)
{
	uint64_t seed = 7;
	long derived = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint32_t terms = (uint32_t)(next_random(&seed) % 32);
		struct release whole;
		struct made m;
		struct buf b;
		yyjson_val *copy;

		buf_init(&b, 4096);
		random_object(&b, &seed);
		if (make(&m, b.p, terms, &SECRET)) {
			derived++;
			copy = parsed(m.out.p);
			assert_kept(&m, copy);
			assert_true(str_eq(json_get_str(copy, "id"), m.ask.id));
			assert_true(str_eq(json_get_str(copy, "created_by_ref"), S(SENDER)));
			if (terms & WITHHOLD_VICTIMS) {
				assert_null(strstr(m.out.p, SOMEBODY));
				assert_null(strstr(m.out.p, "victim"));
			}
			buf_free(&m.out);
		}
		/* What terms leave whole is not derived. */
		policy_release(&whole, m.o.type, m.o.root, terms, &SENDER_ID);
		assert_int_equal(whole.verdict == VERDICT_ALLOW, m.parts.verdict == VERDICT_ALLOW);
		buf_free(&b);
		arena_reset(memory);
	}
	assert_in_range(derived, 1000, 19000);
}

/* P6: one victim has one pseudonym in a community, whatever the terms, and another in the next. */
static void pseudonyms_are_one_for_each_community(void **state)
{
	static const char *const SEEN =
	    "{\"type\":\"sighting\",\"spec_version\":\"2.1\",\"id\":\"sighting--" UUID_AA
	    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-01T00:00:00Z\","
	    "\"sighting_of_ref\":"
	    "\"malware--" UUID_AA "\",\"where_sighted_refs\":[\"" SOMEBODY "\"]}";
	struct str ours =
	    derived_id(memory, &SECRET, DERIVED_PSEUDONYM, S("identity"), S(SOMEBODY), 0);
	struct str again =
	    derived_id(memory, &SECRET, DERIVED_PSEUDONYM, S("identity"), S(SOMEBODY), 9);
	struct str theirs =
	    derived_id(memory, &OTHER, DERIVED_PSEUDONYM, S("identity"), S(SOMEBODY), 0);
	struct made m;

	(void)state;
	assert_true(str_eq(ours, again));
	assert_false(str_eq(ours, theirs));
	assert_false(str_eq(
	    derived_name(memory, &SECRET, S(SOMEBODY)), derived_name(memory, &OTHER, S(SOMEBODY))));
	assert_false(str_eq(derived_id(memory, &SECRET, DERIVED_COPY, S("report"), S("r"), 1),
	    derived_id(memory, &SECRET, DERIVED_COPY, S("report"), S("r"), 3)));
	assert_true(make(&m, SEEN, WITHHOLD_VICTIMS, &SECRET));
	assert_non_null(memmem(m.out.p, m.out.n, ours.p, ours.n));
	buf_free(&m.out);
	assert_true(make(&m, SEEN, WITHHOLD_VICTIMS, &OTHER));
	assert_non_null(memmem(m.out.p, m.out.n, theirs.p, theirs.n));
	buf_free(&m.out);
}

/* P6, D-28: of an identity go its class and sector, as words of the standard, and no time of it. */
static void an_identity_keeps_class_and_sector(void **state)
{
	static const char *const HIT =
	    "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"" SOMEBODY
	    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-01T00:00:00Z\","
	    "\"name\":\"canary\","
	    "\"identity_class\":\"organization\",\"sectors\":[\"energy\",\"the canary mill\"],"
	    "\"contact_information\":\"canary 1\",\"description\":\"canary\"}";
	yyjson_val *copy;
	struct made m;

	(void)state;
	assert_true(make(&m, HIT, WITHHOLD_VICTIMS, &SECRET));
	assert_true(m.parts.pseudonym);
	copy = parsed(m.out.p);
	assert_true(str_eq(json_get_str(copy, "identity_class"), S("organization")));
	assert_int_equal(yyjson_arr_size(yyjson_obj_get(copy, "sectors")), 1);
	assert_null(strstr(m.out.p, "canary"));
	assert_null(strstr(m.out.p, SOMEBODY));
	assert_null(strstr(m.out.p, "2026-01-01"));
	buf_free(&m.out);
}

static void what_it_stands_for_is_read_as_it_was_written(void **state)
{
	const struct derived d = {DERIVED_PSEUDONYM, 77, 5, S("isac")};
	struct derived back;
	struct buf b;

	(void)state;
	buf_init(&b, 512);
	derived_put(&b, &d);
	assert_int_equal(derived_read(&back, buf_str(&b), NULL), OK);
	assert_int_equal(back.kind, d.kind);
	assert_int_equal(back.original, d.original);
	assert_int_equal(back.terms, d.terms);
	assert_true(str_eq(back.community, d.community));
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(derived_read(&back, (struct str){b.p, n}, NULL), ERR_INVALID);
	buf_byte(&b, 0);
	assert_int_equal(derived_read(&back, buf_str(&b), NULL), ERR_INVALID);
	buf_free(&b);
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
	    cmocka_unit_test(what_is_derived_names_nobody),
	    cmocka_unit_test(pseudonyms_are_one_for_each_community),
	    cmocka_unit_test(an_identity_keeps_class_and_sector),
	    cmocka_unit_test(what_it_stands_for_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
