/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "api/args.h"

static enum err parse(struct api_args *out, struct arena *arena, const char *method,
    const char *target, const char *body, struct fault *fault)
{
	struct str path = str_c(target);
	struct op_route route;
	struct api_asked asked = {.body = str_c(body)};

	asked.query = str_from(path, str_find(path, '?') + 1);
	path = str_slice(path, 0, str_find(path, '?'));
	assert_int_equal(op_route(&route, method, path), OP_FOUND);
	asked.route = &route;
	return api_args_parse(out, arena, &asked, fault);
}

static void assert_says(const struct fault *fault, const char *part)
{
	if (!strstr(fault->text, part))
		print_error("\"%s\" does not say \"%s\"\n", fault->text, part);
	assert_non_null(strstr(fault->text, part));
}

static void values_are_decoded_and_typed(void **state)
{
	struct api_args args;
	struct fault fault;

	assert_int_equal(
	    parse(&args, *state, "GET", "/api/v1/search?q=hxxp%3A%2F%2Fa+b&limit=7", NULL, &fault),
	    OK);
	assert_true(str_eq(api_args_get(&args, "q")->text, S("hxxp://a b")));
	assert_int_equal(api_args_get(&args, "limit")->number, 7);
	assert_false(api_args_get(&args, "next")->given);
	assert_int_equal(
	    parse(&args, *state, "GET",
	        "/api/v1/objects/indicator--x%2d1?version=2026-01-02T03:04:05Z", NULL, &fault),
	    OK);
	assert_true(str_eq(api_args_get(&args, "id")->text, S("indicator--x-1")));
	assert_true(api_args_get(&args, "version")->number == INT64_C(1767323045000000));
}

/* G25: a name in a place where none is listened to is no name that was not heard. */
static void a_body_where_none_is_known_says_nothing_or_is_refused(void **state)
{
	static const char *const bad[] = {
	    "{\"name\":\"bob\"}", "{\"id\":\"bob\"}", "[]", "bob", "{}{}", "\"bob\""};
	struct api_args args;
	struct fault fault;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(
		    parse(&args, *state, "DELETE", "/api/v1/accounts/ann", bad[i], &fault), OK);
		assert_int_not_equal(
		    parse(&args, *state, "POST", "/api/v1/accounts/ann/totp", bad[i], &fault), OK);
	}
	assert_int_equal(parse(&args, *state, "DELETE", "/api/v1/accounts/ann", "{}", &fault), OK);
	assert_int_equal(parse(&args, *state, "DELETE", "/api/v1/accounts/ann", NULL, &fault), OK);
}

static void a_list_has_a_limit_when_none_is_asked(void **state)
{
	struct api_args args;
	struct fault fault;

	assert_int_equal(parse(&args, *state, "GET", "/api/v1/sightings", NULL, &fault), OK);
	assert_int_equal(api_args_get(&args, "limit")->number, OPS_LIST_DEFAULT);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *target, *part;
	} CASES[] = {
	    {"/api/v1/sightings?limt=5", "limt"},
	    {"/api/v1/sightings?limit=0", "1 to 1000"},
	    {"/api/v1/sightings?limit=1001", "1 to 1000"},
	    {"/api/v1/sightings?limit=-1", "limit"},
	    {"/api/v1/sightings?limit=5&limit=6", "twice"},
	    {"/api/v1/sightings?since=yesterday", "since"},
	    {"/api/v1/sightings?since", "since"},
	    {"/api/v1/indicators?active=maybe", "true or false"},
	    {"/api/v1/sightings?limit=%zz", "escape"},
	    {"/api/v1/sightings?next=%00", "escape"},
	    {"/api/v1/status?a=1", "known here: none"},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
		struct api_args args;
		struct fault fault = {0};
		enum err rc = parse(&args, *state, "GET", CASES[i].target, NULL, &fault);

		assert_true(rc == ERR_INVALID || rc == ERR_PARSE);
		assert_says(&fault, CASES[i].part);
	}
}

static void a_body_is_held_against_the_row(void **state)
{
	static const struct {
		const char *body, *part;
	} CASES[] = {
	    {"", ""},
	    {"[]", "object"},
	    {"{\"name\":\"a\"}", "is missing"},
	    {"{\"name\":\"a\",\"role\":\"king\",\"password\":\"12345678\"}", "one of reader"},
	    {"{\"name\":\"a\",\"role\":\"reader\",\"password\":\"short\"}", "8 to 1024"},
	    {"{\"name\":[\"a\"],\"role\":\"reader\",\"password\":\"12345678\"}", "values must be"},
	    {"{\"name\":\"a\",\"name\":\"b\"}", ""},
	    {"{\"name\":\"a\",\"admin\":true}", "admin"},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
		struct api_args args;
		struct fault fault = {0};

		assert_int_not_equal(
		    parse(&args, *state, "POST", "/api/v1/accounts", CASES[i].body, &fault), OK);
		assert_says(&fault, CASES[i].part);
	}
}

/* G25: the account that is changed is the one that the body names: no second name can come in by
 * path or query, for any row that writes. */
static void no_parameter_is_taken_from_another_place(void **state)
{
	for (size_t i = 0; i < OPS_COUNT; i++) {
		for (size_t k = 0; k < OPS[i].param_count; k++) {
			const struct op_param *p = &OPS[i].params[k];
			struct op_route route = {.op = &OPS[i], .values = {S("a--b")}, .count = 1};
			struct api_asked asked = {.route = &route, .body = S("{}")};
			struct api_args args;
			struct fault fault = {0};

			if (p->in == IN_QUERY)
				continue;
			asked.query = arena_printf(*state, "%s=other", p->name);
			assert_int_equal(
			    api_args_parse(&args, *state, &asked, &fault), ERR_INVALID);
			assert_non_null(strstr(fault.text, "unknown query parameter"));
		}
	}
}

static void what_was_given_is_what_the_core_gets(void **state)
{
	struct api_args args;
	struct fault fault;
	struct buf json;

	assert_int_equal(
	    parse(&args, *state, "POST", "/api/v1/accounts",
	        "{\"role\":\"reader\",\"name\":\"a\\\"b\",\"password\":\"12345678\"}", &fault),
	    OK);
	buf_init(&json, 4096);
	api_args_json(&args, &json);
	assert_true(str_eq(buf_str(&json),
	    S("{\"name\":\"a\\\"b\",\"role\":\"reader\",\"password\":\"12345678\"}")));
	buf_free(&json);
}

static int setup(void **state)
{
	*state = arena_new(1 << 20);
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
	    cmocka_unit_test_setup_teardown(values_are_decoded_and_typed, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_list_has_a_limit_when_none_is_asked, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_body_where_none_is_known_says_nothing_or_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_wrong_is_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_body_is_held_against_the_row, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        no_parameter_is_taken_from_another_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_was_given_is_what_the_core_gets, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
