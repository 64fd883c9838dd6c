/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"

static enum err parse_with(
    yyjson_val **out, struct arena *arena, struct str text, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;

	return json_parse(out, arena, text, &limits, fault);
}

#define TEXT(literal) {(literal), sizeof(literal) - 1}

struct refusal {
	struct str text;
	enum err code;
	const char *says;
};

static void refusals_name_the_byte(void **state)
{
	static const struct refusal ROWS[] = {
	    {TEXT(""), ERR_PARSE, "byte 0"},
	    {TEXT("{\"a\":1,\"b\":2,\"a\":3}"), ERR_PARSE, "byte 13: a: duplicate key"},
	    {TEXT("{\"x\":[0,{\"a\":1,\"a\":3}]}"), ERR_PARSE, "byte 15: x.[1].a: duplicate key"},
	    {TEXT("{\"a\\u0062\":1,\"ab\":3}"), ERR_PARSE, "byte 13: ab: duplicate key"},
	    {TEXT("[1,]"), ERR_PARSE, "byte 2"},
	    {TEXT("[\"\\ud800\"]"), ERR_PARSE, "byte 8"},
	    {TEXT("[\"\\udc00\\ud800\"]"), ERR_PARSE, "byte"},
	    {TEXT("[\"\\udc00\"]"), ERR_PARSE, "byte"},
	    {TEXT("[\"\xff\"]"), ERR_PARSE, "byte 2"},
	    {TEXT("[\"\xed\xa0\x80\"]"), ERR_PARSE, "byte 2"},
	    {TEXT("\xef\xbb\xbf{}"), ERR_PARSE, "byte 0"},
	    {TEXT("{} {}"), ERR_PARSE, "byte 3"},
	    {TEXT("{\"a\":tru"), ERR_PARSE, "byte"},
	    {TEXT("NaN"), ERR_PARSE, "byte 0"},
	};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct fault fault = {OK, ""};
		yyjson_val *v = NULL;

		assert_int_equal(parse_with(&v, arena, ROWS[i].text, &fault), ROWS[i].code);
		assert_null(v);
		assert_memory_equal(fault.text, ROWS[i].says, strlen(ROWS[i].says));
	}
	arena_free(arena);
}

static void a_million_brackets_are_refused_by_depth(void **state)
{
	enum { N = 1000000 };
	struct arena *arena = arena_new(64 << 20);
	char *text = mem_alloc(2 * N);
	struct fault fault = {OK, ""};
	yyjson_val *v = NULL;

	(void)state;
	memset(text, '[', N);
	assert_int_equal(parse_with(&v, arena, (struct str){text, N}, &fault), ERR_LIMIT);
	assert_string_equal(fault.text, "byte 64: nested deeper than 64 levels");
	memset(text + N, ']', N);
	arena_reset(arena);
	assert_int_equal(parse_with(&v, arena, (struct str){text, 2 * N}, &fault), ERR_LIMIT);
	assert_string_equal(fault.text, "byte 64: nested deeper than 64 levels");
	/* The limit itself is allowed. */
	assert_int_equal(parse_with(&v, arena, (struct str){text + N - 64, 128}, &fault), OK);
	mem_free(text);
	arena_free(arena);
}

static void too_many_bytes_and_too_little_memory_are_named(void **state)
{
	const struct json_limits limits = {.bytes = 10, .depth = 5};
	struct arena *arena = arena_new(4096);
	struct fault fault = {OK, ""};
	char text[5000];
	yyjson_val *v = NULL;

	(void)state;
	memset(text, ' ', sizeof(text));
	assert_int_equal(json_parse(&v, arena, S("[1,2,3,4,5]"), &limits, &fault), ERR_LIMIT);
	assert_string_equal(fault.text, "11 bytes of JSON, more than the 10 allowed");
	assert_int_equal(
	    parse_with(&v, arena, (struct str){text, sizeof(text)}, &fault), ERR_NOMEM);
	arena_free(arena);
}

static void every_duplicate_is_found_in_wide_objects(void **state)
{
	struct arena *arena = arena_new(4 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int twin = 1; twin < 1000; twin += 37) {
		struct fault fault = {OK, ""};
		yyjson_val *v = NULL;

		buf_reset(&b);
		arena_reset(arena);
		buf_byte(&b, '{');
		for (int i = 0; i < 1000; i++)
			buf_printf(&b, "%s\"key-%d\":[{}]", i ? "," : "", i == 999 ? twin - 1 : i);
		buf_byte(&b, '}');
		assert_int_equal(parse_with(&v, arena, buf_str(&b), &fault), ERR_PARSE);
		assert_non_null(strstr(fault.text, "duplicate key"));
	}
	buf_free(&b);
	arena_free(arena);
}

static void numbers_keep_every_digit(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	yyjson_val *v = NULL;

	(void)state;
	assert_int_equal(
	    parse_with(&v, arena, S("[18446744073709551615,18446744073709551616,1e999,0.5]"), NULL),
	    OK);
	assert_true(yyjson_get_uint(yyjson_arr_get(v, 0)) == UINT64_MAX);
	assert_string_equal(yyjson_get_raw(yyjson_arr_get(v, 1)), "18446744073709551616");
	assert_string_equal(yyjson_get_raw(yyjson_arr_get(v, 2)), "1e999");
	assert_true(yyjson_get_real(yyjson_arr_get(v, 3)) == 0.5);
	arena_free(arena);
}

static void path_leads_to_any_value(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	yyjson_val *v = NULL;
	yyjson_val *deep;

	(void)state;
	assert_int_equal(
	    parse_with(&v, arena, S("{\"a\":{},\"refs\":[[],{\"h\":{\"SHA-1\":7}}]}"), NULL), OK);
	deep = yyjson_arr_get(yyjson_obj_get(v, "refs"), 1);
	assert_true(str_eq(json_path(arena, v, deep), S("refs.[1]")));
	deep = yyjson_obj_get(yyjson_obj_get(deep, "h"), "SHA-1");
	assert_true(str_eq(json_path(arena, v, deep), S("refs.[1].h.SHA-1")));
	assert_int_equal(json_path(arena, v, v).n, 0);
	arena_free(arena);
}

static void writer_places_commas_and_escapes(void **state)
{
	struct buf b;
	struct json_writer w;

	(void)state;
	buf_init(&b, 4096);
	w = json_writer(&b);
	json_object(&w, NULL);
	json_put_str(&w, "s", S("a\"\\\n\x01\x7f\xc3\xa9\xff\xed\xa0\x80"));
	json_list(&w, "l");
	json_put_int(&w, NULL, INT64_MIN);
	json_put_real(&w, NULL, 1e21);
	json_put_real(&w, NULL, 0.0 / 0.0);
	json_object(&w, NULL);
	json_end_object(&w);
	json_list(&w, NULL);
	json_end_list(&w);
	json_put_null(&w, NULL);
	json_end_list(&w);
	json_put_bool(&w, "b", false);
	json_put_raw(&w, "raw", S("{\"x\":1}"));
	json_put_time(&w, "t", 1);
	json_end_object(&w);
	assert_int_equal(b.failed, OK);
	buf_byte(&b, 0);
	assert_string_equal(b.p,
	    "{\"s\":"
	    "\"a\\\"\\\\\\n\\u0001\x7f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
	    "\"l\":[-9223372036854775808,1e+21,null,{},[],null],\"b\":false,\"raw\":{\"x\":1},"
	    "\"t\":\"1970-01-01T00:00:00.000001Z\"}");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refusals_name_the_byte),
	    cmocka_unit_test(a_million_brackets_are_refused_by_depth),
	    cmocka_unit_test(too_many_bytes_and_too_little_memory_are_named),
	    cmocka_unit_test(every_duplicate_is_found_in_wide_objects),
	    cmocka_unit_test(numbers_keep_every_digit),
	    cmocka_unit_test(path_leads_to_any_value),
	    cmocka_unit_test(writer_places_commas_and_escapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
