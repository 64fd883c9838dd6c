/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "ops/ops.h"

static void every_row_is_whole_and_named_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++) {
		const struct op *op = &OPS[i];

		assert_non_null(op->help);
		assert_ptr_equal(op_of_name(str_c(op->name)), op);
		assert_true(op->path[0] == '/');
		if (op->result)
			assert_non_null(schema_of_name(str_c(op->result)));
		for (size_t k = i + 1; k < OPS_COUNT; k++)
			assert_false(op->method == OPS[k].method &&
			             strcmp(op->path, OPS[k].path) == 0 && op->top == OPS[k].top);
	}
	assert_null(op_of_name(S("object")));
}

static void what_writes_is_never_open_nor_a_get(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++) {
		if (OPS[i].kind == OP_WRITE) {
			assert_false(OPS[i].open);
			assert_int_not_equal(OPS[i].method, OP_GET);
			assert_int_not_equal(OPS[i].action, ACTION_READ);
		}
	}
}

static void every_list_has_limit_and_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPS_COUNT; i++) {
		unsigned found = 0;

		if (OPS[i].answer != ANSWER_PAGE)
			continue;
		for (size_t k = 0; k < OPS[i].param_count; k++)
			found += strcmp(OPS[i].params[k].name, "limit") == 0 ||
			         strcmp(OPS[i].params[k].name, "next") == 0;
		assert_int_equal(found, 2);
	}
}

static void every_schema_is_named_once_and_refers_to_what_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCHEMA_COUNT; i++) {
		const struct schema *s = &SCHEMAS[i];

		assert_ptr_equal(schema_of_name(str_c(s->name)), s);
		for (size_t k = 0; k < s->count; k++) {
			assert_non_null(s->fields[k].name);
			assert_non_null(s->fields[k].help);
			assert_int_equal(s->fields[k].type == TYPE_SCHEMA, s->fields[k].of != NULL);
			if (s->fields[k].of)
				assert_non_null(schema_of_name(str_c(s->fields[k].of)));
		}
	}
}

static void paths_find_their_rows_and_values(void **state)
{
	struct op_route r = {0};

	(void)state;
	assert_int_equal(op_route(&r, "GET", S("/api/v1/objects/indicator--1/proof")), OP_FOUND);
	assert_string_equal(r.op->name, "object.prove");
	assert_int_equal(r.count, 1);
	assert_true(str_eq(r.values[0], S("indicator--1")));
	assert_int_equal(op_route(&r, "GET", S("/healthz")), OP_FOUND);
	assert_string_equal(r.op->name, "health.show");
	assert_int_equal(op_route(&r, "DELETE", S("/api/v1/session")), OP_FOUND);
	assert_string_equal(r.op->name, "session.delete");
}

static void other_paths_and_methods_are_told_apart(void **state)
{
	struct op_route r = {0};

	(void)state;
	assert_int_equal(op_route(&r, "DELETE", S("/api/v1/sightings")), OP_NO_METHOD);
	assert_int_equal(op_route(&r, "GET", S("/api/v1/sighting")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", S("/api/v1/sightings/")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", S("/sightings")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", S("/api/v1/metrics")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", S("/api/v1/objects/")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", S("/api/v1/objects/a/b")), OP_NO_PATH);
	assert_int_equal(op_route(&r, "GET", STR_NONE), OP_NO_PATH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_is_whole_and_named_once),
	    cmocka_unit_test(what_writes_is_never_open_nor_a_get),
	    cmocka_unit_test(every_list_has_limit_and_next),
	    cmocka_unit_test(every_schema_is_named_once_and_refers_to_what_is),
	    cmocka_unit_test(paths_find_their_rows_and_values),
	    cmocka_unit_test(other_paths_and_methods_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
