/* SPDX-License-Identifier: Apache-2.0 */
/* Every answer has the shape that the tables promise to clients. */
#include "test.h"

#include <string.h>

#include "api/render.h"
#include "ops/schema.h"

static bool fits(const struct field *f, yyjson_val *v)
{
	switch (f->type) {
	case TYPE_INT:
		return yyjson_is_int(v);
	case TYPE_BOOL:
		return yyjson_is_bool(v);
	case TYPE_SCHEMA:
	case TYPE_OBJECT:
		return yyjson_is_obj(v);
	default:
		return yyjson_is_str(v);
	}
}

static void assert_word(const struct field *f, yyjson_val *v)
{
	for (size_t i = 0; f->values && f->values[i]; i++)
		if (str_eq(str_c(f->values[i]), json_str(v)))
			return;
	assert_null(f->values);
}

static void assert_shape(const struct schema *s, yyjson_val *object)
{
	size_t known = 0;

	assert_true(yyjson_is_obj(object));
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		yyjson_val *v = yyjson_obj_get(object, f->name);
		yyjson_val *item;
		size_t k, n;

		if (!v && f->required)
			print_error("%s has no %s\n", s->name, f->name);
		assert_true(v || !f->required);
		if (!v)
			continue;
		known++;
		if (f->list) {
			assert_true(yyjson_is_arr(v));
			yyjson_arr_foreach(v, k, n, item) assert_true(fits(f, item));
			continue;
		}
		assert_true(fits(f, v));
		assert_word(f, v);
		if (f->type == TYPE_SCHEMA)
			assert_shape(schema_of_name(str_c(f->of)), v);
	}
	assert_int_equal(known, yyjson_obj_size(object));
}

static void assert_is(const struct buf *text, const char *schema, struct arena *arena)
{
	struct fault fault = {0};
	yyjson_val *root;

	assert_int_equal(json_parse(&root, arena, buf_str(text), &JSON_LIMITS_OBJECT, &fault), OK);
	assert_shape(schema_of_name(str_c(schema)), root);
}

static const struct gate_object OBJECT = {
    .id = {"indicator--1", 12}, .label = {.tlp = TLP_UNKNOWN}, .version = 5, .received = 7};

static const struct gate_sighting SIGHTING = {
    .object = {.label = {.tlp = TLP_AMBER_STRICT}},
    .id = {"sighting--1", 11},
    .count = UINT64_MAX,
    .first_seen = 1,
    .last_seen = 2,
    .received = 3,
    .indicator_id = {"indicator--1", 12},
    .indicator_name = {"n\x1b[2J", 5},
    .pattern = {"[a:b = 'c']", 11},
    .indicator = {.label = {.tlp = TLP_GREEN}},
    .indicator_source = {"feed", 4},
    .confidence = 70,
    .value = {"evil.example", 12},
    .value_type = {"domain-name", 11},
    .source = {"dmz", 3},
};

static void full_values_have_their_shape(void **state)
{
	struct buf out;
	struct json_writer w;
	const struct gate_indicator indicator = {.object = OBJECT,
	    .id = S("indicator--1"),
	    .name = S("n"),
	    .pattern = S("p"),
	    .source = S("s"),
	    .valid_from = 1,
	    .valid_until = 2,
	    .received = 3,
	    .last_hit = 4,
	    .hits = 5,
	    .confidence = 6};
	const struct gate_source source = {.name = S("n"),
	    .kind = S("k"),
	    .path = S("p"),
	    .trust = S("t"),
	    .state = S("error"),
	    .error = S("e"),
	    .label = {.tlp = TLP_GREEN},
	    .last_event = 1,
	    .last_read = 2};
	const struct gate_found found = {.object = OBJECT,
	    .id = S("indicator--1"),
	    .type = S("indicator"),
	    .title = S("t"),
	    .value = S("v"),
	    .why = "network"};

	buf_init(&out, 1 << 20);
	w = json_writer(&out);
	render_sighting(&w, &SIGHTING);
	assert_is(&out, "Sighting", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_indicator(&w, &indicator);
	assert_is(&out, "Indicator", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_source(&w, &source);
	assert_is(&out, "Source", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_found(&w, &found);
	assert_is(&out, "Found", *state);
	buf_free(&out);
}

static void bare_values_leave_out_what_they_do_not_have(void **state)
{
	const struct gate_relation relation = {.path = S("created_by_ref"),
	    .id = S("identity--1"),
	    .type = S("identity"),
	    .out = true};
	const struct gate_sighting sighting = {
	    .object = {.label = {.tlp = TLP_CLEAR}}, .id = S("sighting--1"), .source = S("s")};
	const struct gate_account account = {
	    .name = S("a"), .role = ROLE_READER, .clearance = S("TLP:AMBER")};
	const struct gate_token token = {.id = S("i"), .account = S("a")};
	const struct gate_collection collection = {
	    .id = S("1"), .root = S("intel"), .title = S("t"), .can_write = true};
	struct buf out;
	struct json_writer w;

	buf_init(&out, 1 << 20);
	w = json_writer(&out);
	render_relation(&w, &relation);
	assert_is(&out, "Relation", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_sighting(&w, &sighting);
	assert_is(&out, "Sighting", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_account(&w, &account);
	assert_is(&out, "Account", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_token(&w, &token);
	assert_is(&out, "TokenRow", *state);
	buf_reset(&out);
	w = json_writer(&out);
	render_collection(&w, &collection, false);
	assert_is(&out, "Collection", *state);
	assert_true(str_search(buf_str(&out), S("\"can_write\":false")) < out.n);
	buf_free(&out);
}

static void proofs_sessions_and_problems_have_their_shape(void **state)
{
	const struct sha256 hash = {{1, 2, 3}};
	const struct gate_proof proof = {.seq = 1,
	    .size = 2,
	    .hashes = &hash,
	    .count = 1,
	    .header = S("\x01\x02"),
	    .checkpoint = S("c\n"),
	    .origin = S("o"),
	    .public_key = S("k")};
	const struct reader reader = {
	    .name = S("alice"), .role = ROLE_ANALYST, .clearance = TLP_RED};
	struct buf out;
	struct json_writer w;

	buf_init(&out, 1 << 20);
	w = json_writer(&out);
	render_proof(&w, NULL, &proof, &hash);
	assert_is(&out, "Proof", *state);
	assert_true(str_search(buf_str(&out), S("\"header\":\"0102\"")) < out.n);
	buf_reset(&out);
	w = json_writer(&out);
	render_session(&w, S("alice"), &reader, 0);
	assert_is(&out, "Session", *state);
	buf_reset(&out);
	render_problem(&out, "invalid", S("a \"b\"\n"));
	assert_is(&out, "Problem", *state);
	buf_free(&out);
}

/* G14: foreign text cannot leave JSON strings as a control character. */
static void controls_in_foreign_text_are_escaped(void **state)
{
	struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 1 << 20);
	w = json_writer(&out);
	render_sighting(&w, &SIGHTING);
	assert_int_equal(str_find(buf_str(&out), '\x1b'), out.n);
	buf_free(&out);
}

static int setup(void **state)
{
	*state = arena_new(8 << 20);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(full_values_have_their_shape, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        bare_values_leave_out_what_they_do_not_have, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        proofs_sessions_and_problems_have_their_shape, setup, teardown),
	    cmocka_unit_test(controls_in_foreign_text_are_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
