/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/split.h"

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(d->state >> 33) % sides;
}

static void put_string(struct buf *b, struct dice *d)
{
	static const char *const BITS[] = {"a", "\\\"", "\\\\", "{", "}", "[", "]", ",", ":", "\\n",
	    "objects", "\\u007b", "long text with nothing special in it, to cross blocks"};

	buf_byte(b, '"');
	for (uint32_t n = roll(d, 12); n > 0; n--)
		buf_put(b, str_c(BITS[roll(d, sizeof(BITS) / sizeof(BITS[0]))]));
	buf_byte(b, '"');
}

static void put_space(struct buf *b, struct dice *d)
{
	for (uint32_t n = roll(d, 8); n > 5; n--)
		buf_byte(b, " \n\t\r"[roll(d, 4)]);
}

static void put_value(struct buf *b, struct dice *d, int depth)
{
	static const char *const PLAIN[] = {"1", "-2.5e3", "true", "false", "null", "{}", "[]"};
	uint32_t kind = roll(d, depth > 5 ? 2 : 4);

	if (kind == 0) {
		buf_put(b, str_c(PLAIN[roll(d, sizeof(PLAIN) / sizeof(PLAIN[0]))]));
		return;
	}
	if (kind == 1) {
		put_string(b, d);
		return;
	}
	buf_byte(b, kind == 2 ? '{' : '[');
	for (uint32_t i = 0, n = roll(d, 5); i < n; i++) {
		buf_printf(b, "%s", i ? "," : "");
		put_space(b, d);
		if (kind == 2)
			buf_printf(b, "\"k%u\":", (unsigned)i);
		put_value(b, d, depth + 1);
		put_space(b, d);
	}
	buf_byte(b, kind == 2 ? '}' : ']');
}

static void put_document(struct buf *b, struct dice *d)
{
	uint32_t before = roll(d, 4), after = roll(d, 4), members = roll(d, 6);

	put_space(b, d);
	buf_byte(b, '{');
	put_space(b, d);
	for (uint32_t i = 0; i < before; i++) {
		buf_printf(b, "\"b%u\" : ", (unsigned)i);
		put_value(b, d, 2);
		put_space(b, d);
		buf_put(b, S(", "));
	}
	buf_put(b, S("\"objects\":"));
	put_space(b, d);
	buf_byte(b, '[');
	put_space(b, d);
	for (uint32_t i = 0; i < members; i++) {
		buf_put(b, i ? S(",") : S(""));
		put_space(b, d);
		put_value(b, d, 0);
		put_space(b, d);
	}
	buf_byte(b, ']');
	for (uint32_t i = 0; i < after; i++) {
		buf_printf(b, ",\"a%u\":", (unsigned)i);
		put_value(b, d, 2);
	}
	put_space(b, d);
	buf_byte(b, '}');
	put_space(b, d);
}

static void random_documents_split_as_yyjson_reads_them(void **state)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	struct arena *arena = arena_new(8 << 20);
	struct dice dice = {20261122};
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int round = 0; round < 20000; round++) {
		yyjson_val *root, *list, *part;
		struct split s;
		struct str range;
		size_t n = 0;

		buf_reset(&b);
		arena_reset(arena);
		put_document(&b, &dice);
		assert_int_equal(json_parse(&root, arena, buf_str(&b), &limits, NULL), OK);
		list = yyjson_obj_get(root, "objects");
		assert_int_equal(split_open(&s, buf_str(&b), NULL), OK);
		while (split_next(&s, &range, NULL) == OK) {
			assert_int_equal(json_parse(&part, arena, range, &limits, NULL), OK);
			assert_true(yyjson_equals(part, yyjson_arr_get(list, n)));
			n++;
		}
		assert_int_equal(n, yyjson_arr_size(list));
		assert_int_equal(split_next(&s, &range, NULL), ERR_NOT_FOUND);
	}
	buf_free(&b);
	arena_free(arena);
}

/* Cut anywhere, a document gives a whole prefix of its members and then an error. */
static void truncated_documents_keep_what_was_whole(void **state)
{
	struct dice dice = {7};
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int round = 0; round < 200; round++) {
		struct split whole;
		size_t end;

		buf_reset(&b);
		put_document(&b, &dice);
		end = str_trim(buf_str(&b)).n + (size_t)(str_trim(buf_str(&b)).p - b.p);
		assert_int_equal(split_open(&whole, buf_str(&b), NULL), OK);
		for (size_t cut = 0; cut < end; cut++) {
			struct split s, w = whole;
			struct str got, want;
			enum err rc = split_open(&s, (struct str){b.p, cut}, NULL);

			while (rc == OK && (rc = split_next(&s, &got, NULL)) == OK) {
				/* A scalar cut short cannot be told from a whole one. */
				assert_int_equal(split_next(&w, &want, NULL), OK);
				assert_true(got.p == want.p && got.n <= want.n);
				if (*got.p == '{' || *got.p == '[' || *got.p == '"')
					assert_int_equal(got.n, want.n);
			}
			assert_int_equal(rc, ERR_PARSE);
		}
	}
	buf_free(&b);
}

static void wrong_structure_is_named_with_its_byte(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} ROWS[] = {
	    {"", "byte 0: '{' expected"},
	    {"[]", "byte 0: '{' expected"},
	    {"{}", "the JSON object has no list `objects`"},
	    {"{\"objects\":{}}", "byte 11: '[' expected"},
	    {"{\"objects\":[{\"a\":[}]}", "byte 18: '}' closes a bracket of the other kind"},
	    {"{\"objects\":[1 2]}", "byte 14: ',' expected"},
	    {"{\"objects\":[1,]}", "byte 14: a value is missing"},
	    {"{\"objects\":[]} x", "byte 15: something follows the JSON object"},
	    {"{\"objects\":[],\"objects\":[]}", "byte 14: objects: duplicate key"},
	    {"{\"objects\":[{\"a\":\"\\\"}",
	        "byte 21: the text ends inside what '{' opened at byte 12"},
	    {"{a:1}", "byte 1: '\"' expected"},
	    {"{\"a\" 1}", "byte 5: ':' expected"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct fault fault = {OK, ""};
		struct split s;
		struct str range;
		enum err rc = split_open(&s, str_c(ROWS[i].text), &fault);

		while (rc == OK)
			rc = split_next(&s, &range, &fault);
		assert_int_equal(rc, ERR_PARSE);
		assert_string_equal(fault.text, ROWS[i].says);
	}
}

static void a_million_brackets_cost_no_stack(void **state)
{
	enum { N = 1000000 };
	char *text = mem_alloc(2 * N + 100);
	struct split s;
	struct str range;

	(void)state;
	memcpy(text, "{\"objects\":[", 12);
	memset(text + 12, '[', N);
	memset(text + 12 + N, ']', N);
	memcpy(text + 12 + 2 * N, ",7]}", 4);
	assert_int_equal(split_open(&s, (struct str){text, 2 * N + 16}, NULL), OK);
	assert_int_equal(split_next(&s, &range, NULL), OK);
	assert_int_equal(range.n, 2 * N);
	assert_int_equal(split_next(&s, &range, NULL), OK);
	assert_true(str_eq(range, S("7")));
	assert_int_equal(split_next(&s, &range, NULL), ERR_NOT_FOUND);
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_documents_split_as_yyjson_reads_them),
	    cmocka_unit_test(truncated_documents_keep_what_was_whole),
	    cmocka_unit_test(wrong_structure_is_named_with_its_byte),
	    cmocka_unit_test(a_million_brackets_cost_no_stack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
