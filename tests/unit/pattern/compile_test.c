/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, with its reason and its place; and patterns made to hurt. */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "pattern/find.h"
#include "pattern/machine.h"

static struct arena *arena;
static struct buf text;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(256 << 20);
	buf_init(&text, 8 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	buf_free(&text);
	return 0;
}

static enum err compile_as(enum pattern_reading reading, struct str pattern, size_t *at,
    struct fault *fault, struct pattern_program **p)
{
	*fault = (struct fault){OK, ""};
	return pattern_compile(p, arena, pattern, reading, at, fault);
}

static void assert_refused(const char *pattern, enum err code, size_t at, const char *why)
{
	struct pattern_program *p;
	struct fault fault;
	size_t where;

	assert_int_equal(compile_as(PATTERN_READ_21, str_c(pattern), &where, &fault, &p), code);
	if (where != at || !strstr(fault.text, why)) {
		print_error("%s: at %zu: %s\n", pattern, where, fault.text);
		assert_true(false);
	}
}

/* "Check with position and reason." */
static void what_is_no_pattern_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused("", ERR_PARSE, 0, "the pattern ends where '[' is expected");
	assert_refused("[a:b = 1", ERR_PARSE, 8, "']'");
	assert_refused("[a:b = ]", ERR_PARSE, 7, "a constant");
	assert_refused("[a:b = 'x", ERR_PARSE, 7, "never closed");
	assert_refused("[a:b = 'x\\y']", ERR_PARSE, 9, "backslash");
	assert_refused("[a:b ? 1]", ERR_PARSE, 5, "does not belong");
	assert_refused("[a:b = h'0']", ERR_PARSE, 7, "hexadecimal");
	assert_refused("[a:b IN (1, 'x')]", ERR_PARSE, 12, "of one type");
	assert_refused("[a:b < true]", ERR_PARSE, 1, "no order");
	assert_refused("[a:b = 1] WITHIN 0 SECONDS", ERR_PARSE, 17, "above zero");
	assert_refused("[a:b = 1] REPEATS 0 TIMES", ERR_PARSE, 18, "above zero");
	assert_refused("[a:b = 1] REPEATS 2 TIMES REPEATS 2 TIMES", ERR_PARSE, 26, "twice");
	assert_refused("[a:b = 1] START t'2024-02-30T00:00:00Z' STOP t'2024-03-01T00:00:00Z'",
	    ERR_PARSE, 10, "no time that exists");
	assert_refused("[a:b MATCHES 'x(']", ERR_INVALID, 16, "parenthesis");
	assert_refused("[a:b = b'AB==']", ERR_PARSE, 7, "base64");
}

static void version_2_0_may_repeat_a_qualifier(void **state)
{
	struct pattern_program *p;
	struct fault fault;
	size_t at;

	(void)state;
	assert_int_equal(compile_as(PATTERN_READ_20, S("[a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES"),
	                     &at, &fault, &p),
	    OK);
	assert_int_equal(p->root->kind, PATTERN_GROUP);
	assert_int_equal(p->root->count, 6);
}

/* Each of these is a few bytes, or a megabyte, of trouble. */
static void hostile_patterns_are_refused_at_a_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_byte(&text, '(');
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, PATTERN_DEPTH_MAX, "nested too deep");
	buf_reset(&text);
	buf_put(&text, S("[a:b"));
	for (int i = 0; i < 1000; i++)
		buf_put(&text, S("[*]"));
	buf_put(&text, S(" = 1]"));
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, 4 + 3 * (PATTERN_STEPS_MAX - 1) + 1, "too many steps");
	buf_reset(&text);
	buf_put(&text, S("[a:b = 1]"));
	for (int i = 0; i < 1000; i++)
		buf_put(&text, S(" WITHIN 5 SECONDS"));
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, 10 + 17 * PATTERN_QUALIFIERS_MAX, "too many qualifiers");
	buf_reset(&text);
	buf_put(&text, S("[a:b = 1]"));
	for (int i = 1; i <= PATTERN_GROUPS_MAX; i++)
		buf_printf(&text, " AND [a:b = %d]", i + 1);
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, 0, "must be true together");
	buf_reset(&text);
	assert_refused("(((([a:b=1] AND [a:b=2]) REPEATS 9 TIMES) REPEATS 9 TIMES) REPEATS 9 TIMES)"
	               " REPEATS 999999999999999999999 TIMES",
	    ERR_LIMIT, 0, "must be true together");
	for (int i = 0; i < PATTERN_BYTES_MAX + 1; i++)
		buf_byte(&text, ' ');
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, 0, "at most");
	buf_reset(&text);
	assert_refused("[a:b MATCHES '((((a{1,1000}){1,1000}){1,1000}){1,1000})']", ERR_INVALID, 55,
	    "too large");
	buf_put(&text, S("[a:b MATCHES '"));
	for (int i = 0; i < PATTERN_REGEX_BYTES_MAX; i++)
		buf_byte(&text, 'a');
	buf_put(&text, S("b']"));
	buf_byte(&text, '\0');
	assert_refused(text.p, ERR_LIMIT, 13, "too long");
	buf_reset(&text);
}

/* A megabyte of alternatives is large, not hostile: it compiles. */
static void a_megabyte_of_alternatives_is_a_pattern(void **state)
{
	struct pattern_program *p;
	struct fault fault;
	size_t at;

	(void)state;
	buf_put(&text, S("[a:b = 0"));
	for (int i = 1; text.n < PATTERN_BYTES_MAX - 100; i++)
		buf_printf(&text, " OR a:b = %d", i);
	buf_put(&text, S("]"));
	assert_int_equal(compile_as(PATTERN_READ_21, buf_str(&text), &at, &fault, &p), OK);
	assert_true(p->single);
	assert_true(arena_used(arena) < 64 << 20);
}

static struct pattern_observation one(yyjson_val *json, struct pattern_thing *thing)
{
	*thing = (struct pattern_thing){S("0"), S("a"), json};
	return (struct pattern_observation){.number = 1, .things = {thing, 1}};
}

static bool sees(const char *pattern, const char *json, struct pattern_tally *tally)
{
	struct pattern_machine *m = pattern_machine_new();
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	struct pattern_thing thing;
	struct pattern_observation o = one(yyjson_doc_get_root(doc), &thing);
	struct pattern_program *p;
	struct fault fault;
	uint64_t leaves;
	size_t at;
	bool seen;

	*tally = (struct pattern_tally){0};
	assert_int_equal(compile_as(PATTERN_READ_21, str_c(pattern), &at, &fault, &p), OK);
	seen = pattern_see(m, p, &o, &leaves, tally);
	yyjson_doc_free(doc);
	pattern_machine_free(m);
	return seen;
}

/* Limits make a comparison false, whether it is negated or not, and are counted. */
static void regular_expressions_that_explode_are_cut_off_and_counted(void **state)
{
	static const char BOMB[] =
	    "{\"b\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}";
	struct pattern_tally tally;

	(void)state;
	assert_false(sees("[a:b MATCHES '^(a+)+$']", BOMB, &tally));
	assert_int_equal(tally.limits, 1);
	assert_false(sees("[a:b NOT MATCHES '^(a+)+$']", BOMB, &tally));
	assert_int_equal(tally.limits, 1);
	assert_false(sees("[a:b MATCHES '^(?:(?:(?:a|aa)+)+)+$']", BOMB, &tally));
	assert_int_equal(tally.limits, 1);
	/* Recursion without end. */
	assert_false(sees("[a:b MATCHES '^(a(?1)?)+(?R)!!$']", BOMB, &tally));
	/* A thousand of them are given up together. */
	buf_put(&text, S("[a:b MATCHES '^(a+)+$'"));
	for (int i = 0; i < 999; i++)
		buf_put(&text, S(" OR a:b MATCHES '^(a+)+$'"));
	buf_put(&text, S("]"));
	buf_byte(&text, '\0');
	assert_false(sees(text.p, BOMB, &tally));
	assert_int_equal(tally.limits, 1000);
	/* One that only looks so. */
	assert_true(sees("[a:b MATCHES '^a+!$']", BOMB, &tally));
	assert_int_equal(tally.limits, 0);
}

static void values_that_are_too_long_are_not_searched_and_counted(void **state)
{
	struct pattern_tally tally;

	(void)state;
	buf_put(&text, S("{\"b\":\""));
	for (int i = 0; i < 70000; i++)
		buf_byte(&text, 'a');
	buf_put(&text, S("\"}"));
	buf_byte(&text, '\0');
	assert_false(sees("[a:b MATCHES 'a']", text.p, &tally));
	assert_int_equal(tally.limits, 1);
	assert_false(sees("[a:b NOT LIKE '%b%']", text.p, &tally));
	assert_int_equal(tally.limits, 1);
	assert_true(sees("[a:b != 'a']", text.p, &tally));
	/* A letter with more marks than any language has. */
	buf_reset(&text);
	buf_put(&text, S("{\"b\":\"a"));
	for (int i = 0; i < 1000; i++)
		buf_put(&text, i % 2 ? S("\xcc\x81") : S("\xcc\xa3"));
	buf_put(&text, S("\"}"));
	buf_byte(&text, '\0');
	assert_false(sees("[a:b LIKE 'a%']", text.p, &tally));
	assert_int_equal(tally.limits, 1);
}

/* Lists of references that lead to each other: each [*] multiplies the ways. */
static void references_in_circles_are_cut_off_and_counted(void **state)
{
	struct pattern_machine *m = pattern_machine_new();
	struct pattern_thing things[40];
	struct pattern_observation o = {.number = 1, .things = {things, 40}};
	struct pattern_tally tally = {0};
	struct pattern_program *p;
	struct fault fault;
	uint64_t leaves;
	yyjson_doc *doc;
	size_t at;

	(void)state;
	buf_put(&text, S("{\"type\":\"a\",\"x_refs\":[\"00\""));
	for (int i = 1; i < 40; i++)
		buf_printf(&text, ",\"%02d\"", i);
	buf_put(&text, S("]}"));
	doc = yyjson_read(text.p, text.n, 0);
	for (int i = 0; i < 40; i++)
		things[i] = (struct pattern_thing){
		    arena_printf(arena, "%02d", i), S("a"), yyjson_doc_get_root(doc)};
	assert_int_equal(
	    compile_as(PATTERN_READ_21,
	        S("[a:x_refs[*].x_refs[*].x_refs[*].x_refs[*].x_refs[*].x_refs[*].name = 1]"), &at,
	        &fault, &p),
	    OK);
	assert_false(pattern_see(m, p, &o, &leaves, &tally));
	assert_int_equal(tally.limits, 1);
	yyjson_doc_free(doc);
	pattern_machine_free(m);
}

/* Sets to be packed: choosing among them is hard in general. It ends all the same, and says so. */
static void a_choice_that_explodes_is_undecided_never_a_match(void **state)
{
	struct pattern_item items[64];
	uint64_t bits[64];
	struct pattern_program *p;
	struct pattern_found found;
	struct fault fault;
	size_t at;

	(void)state;
	for (int k = 0; k < 20; k++)
		buf_printf(&text,
		    "%s(([a:b=%d] AND [a:b=%d]) OR ([a:b=%d] AND [a:b=%d] AND [a:b=%d]))",
		    k ? " FOLLOWEDBY " : "", k, k + 1, k + 2, k + 3, k + 4);
	assert_int_equal(compile_as(PATTERN_READ_21, buf_str(&text), &at, &fault, &p), OK);
	for (int i = 0; i < 64; i++) {
		bits[i] = UINT64_C(0x9249249249249249) >> i % 3;
		items[i] = (struct pattern_item){i % 7, i % 7 + i % 3, 1, &bits[i]};
	}
	assert_int_equal(pattern_find(&found, arena, p, items, 30, 2000000), OK);
	assert_int_equal(found.verdict, PATTERN_UNDECIDED);
	assert_true(found.work < 4000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        what_is_no_pattern_is_refused_with_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(version_2_0_may_repeat_a_qualifier, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        hostile_patterns_are_refused_at_a_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_megabyte_of_alternatives_is_a_pattern, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        regular_expressions_that_explode_are_cut_off_and_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        values_that_are_too_long_are_not_searched_and_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        references_in_circles_are_cut_off_and_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_choice_that_explodes_is_undecided_never_a_match, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
