/* SPDX-License-Identifier: Apache-2.0 */
/* One observation: what the specification's section 9.6 says of values, and random comparisons
 * against a second evaluator that was written from it alone. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/json.h"
#include "pattern/machine.h"

static struct arena *arena;
static struct arena *work;
static struct pattern_machine *machine;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	work = arena_new(16 << 20);
	machine = pattern_machine_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	arena_free(work);
	pattern_machine_free(machine);
	return 0;
}

static bool sees(struct str pattern, struct str json, struct pattern_tally *tally)
{
	struct fault fault = {OK, ""};
	struct pattern_observation o;
	struct pattern_program *p;
	yyjson_val *root;
	uint64_t leaves;
	size_t at;

	arena_reset(work);
	if (pattern_compile(&p, work, pattern, PATTERN_READ_21, &at, &fault) != OK) {
		print_error("%.*s: %s\n", STR_ARG(pattern), fault.text);
		assert_true(false);
	}
	assert_int_equal(json_parse(&root, work, json, &JSON_LIMITS_OBJECT, &fault), OK);
	if (pattern_observation(&o, work, root, &(struct pattern_things){NULL, 0}, &fault) != OK) {
		print_error("%.*s: %s\n", STR_ARG(json), fault.text);
		assert_true(false);
	}
	return pattern_see(machine, p, &o, &leaves, tally);
}

/* Of one object of the type a with these properties. */
static bool holds(const char *pattern, const char *properties)
{
	struct pattern_tally tally = {0};
	struct str json = arena_printf(arena,
	    "{\"first_observed\":\"2020-01-01T00:00:00Z\",\"last_observed\":\"2020-01-01T00:00:"
	    "00Z\","
	    "\"number_observed\":1,\"objects\":{\"0\":{\"type\":\"a\",%s},"
	    "\"1\":{\"type\":\"b\",\"name\":\"far\",\"a_ref\":\"0\",\"b_ref\":\"1\"}}}",
	    properties);

	return sees(str_c(pattern), json, &tally);
}

static const struct {
	bool is;
	const char *pattern;
	const char *properties;
} FACTS[] = {
    /* Numbers compare by value, to the last of 64 bits. */
    {true, "[a:v = 5]", "\"v\":5.0"},
    {true, "[a:v = 5.0]", "\"v\":5"},
    {false, "[a:v = 9007199254740993]", "\"v\":9007199254740992"},
    {true, "[a:v > 9007199254740992.0]", "\"v\":9007199254740993"},
    {true, "[a:v < 18446744073709551615]", "\"v\":18446744073709551614"},
    {true, "[a:v > -0.5]", "\"v\":0"},
    {true, "[a:v < -0.5]", "\"v\":-1"},
    {true, "[a:v > -1.5]", "\"v\":-1"},
    {true, "[a:v = 0]", "\"v\":-0.0"},
    {true, "[a:v < 1.5]", "\"v\":-3"},
    {true, "[a:v > 0]", "\"v\":1e300"},
    {true, "[a:v = .5]", "\"v\":0.5"},
    {true, "[a:v = +00.50]", "\"v\":0.5"},
    {true, "[a:v = -.25]", "\"v\":-0.25"},
    {true, "[a:v < 99999999999999999999]", "\"v\":18446744073709551615"},
    {true, "[a:v = 99999999999999999999]", "\"v\":99999999999999999999"},
    /* Types that have nothing in common: false, != true, NOT turns either. */
    {false, "[a:v = '5']", "\"v\":5"},
    {true, "[a:v != '5']", "\"v\":5"},
    {true, "[a:v NOT = '5']", "\"v\":5"},
    {false, "[a:v NOT != '5']", "\"v\":5"},
    {false, "[a:v = 1]", "\"v\":true"},
    {true, "[a:v NOT LIKE '%']", "\"v\":5"},
    {true, "[a:v != 1]", "\"v\":null"},
    {false, "[a:v = 1]", "\"v\":[1]"},
    /* What is not there meets nothing, however it is asked. */
    {false, "[a:w NOT = 3]", "\"v\":5"},
    {false, "[a:w != 3]", "\"v\":5"},
    {false, "[NOT EXISTS a:w]", "\"v\":5"},
    {false, "[EXISTS a:w]", "\"v\":5"},
    {true, "[EXISTS a:v]", "\"v\":5"},
    {false, "[NOT EXISTS a:v]", "\"v\":5"},
    {false, "[a:w IN ()]", "\"w\":5"},
    {true, "[a:w NOT IN ()]", "\"w\":5"},
    /* Lists and dictionaries. */
    {true, "[a:l[1] = 'y']", "\"l\":[\"x\",\"y\"]"},
    {false, "[a:l[2] != 'y']", "\"l\":[\"x\",\"y\"]"},
    {false, "[a:l[-1] = 'y']", "\"l\":[\"x\",\"y\"]"},
    {true, "[a:l[*] = 'y']", "\"l\":[\"x\",\"y\"]"},
    {true, "[a:l[*] = 'x' AND a:l[*] = 'y']", "\"l\":[\"x\",\"y\"]"},
    {true, "[a:d.'k-e.y'.z = 1]", "\"d\":{\"k-e.y\":{\"z\":1}}"},
    {true, "[a:d.'it\\'s' = 1]", "\"d\":{\"it's\":1}"},
    {true, "[a:l[*].z = 2]", "\"l\":[{\"z\":1},{\"z\":2}]"},
    /* All of one expression is of one object; references lead on from there. */
    {false, "[a:v = 1 AND b:name = 'far']", "\"v\":1"},
    {true, "[a:v = 1 OR b:name = 'near']", "\"v\":1"},
    {true, "[a:b_ref.name = 'far']", "\"b_ref\":\"1\""},
    {true, "[a:b_refs[*].name = 'far']", "\"b_refs\":[\"9\",\"1\"]"},
    {true, "[a:b_ref.a_ref.v = 1]", "\"v\":1,\"b_ref\":\"1\""},
    {true, "[a:b_ref.b_ref.b_ref.name = 'far']", "\"b_ref\":\"1\""},
    {false, "[a:b_ref.name != 'far']", "\"b_ref\":\"9\""},
    {false, "[a:other.name = 'far']", "\"other\":\"1\""},
    {true, "[a:b_ref = '1']", "\"b_ref\":\"1\""},
    /* Text: by code point, without normalisation; LIKE and MATCHES in normal form C. */
    {true, "[a:v < 'b']", "\"v\":\"abc\""},
    {true, "[a:v > '\xef\xbf\xbd']", "\"v\":\"\xf0\x90\x80\x80\""},
    {false, "[a:v = '\xc3\xa9']", "\"v\":\"e\xcc\x81\""},
    {true, "[a:v LIKE '\xc3\xa9']", "\"v\":\"e\xcc\x81\""},
    {true, "[a:v LIKE '_']", "\"v\":\"e\xcc\x81\""},
    {true, "[a:v MATCHES '^.$']", "\"v\":\"e\xcc\x81\""},
    {true, "[a:v MATCHES 'b.d']", "\"v\":\"ab\\nde\""},
    {true, "[a:v LIKE '%b%d%']", "\"v\":\"ab\\nde\""},
    {false, "[a:v LIKE 'b']", "\"v\":\"abc\""},
    {true, "[a:v LIKE 'a%c']", "\"v\":\"ac\""},
    {false, "[a:v LIKE 'A']", "\"v\":\"a\""},
    {true, "[a:v IN ('c', 'a', 'b')]", "\"v\":\"b\""},
    {false, "[a:v IN ('c', 'a', 'b')]", "\"v\":\"bb\""},
    /* Binary: by the property's name, and of characters below U+0100. */
    {true, "[a:v_hex = h'00FF']", "\"v_hex\":\"00ff\""},
    {true, "[a:v_hex = b'AP8=']", "\"v_hex\":\"00ff\""},
    {true, "[a:v_bin = h'00ff']", "\"v_bin\":\"AP8=\""},
    {true, "[a:v_bin = '\xc3\xbf']", "\"v_bin\":\"/w==\""},
    {false, "[a:v_bin = '\xc4\x80']", "\"v_bin\":\"/w==\""},
    {true, "[a:v_bin != '\xc4\x80']", "\"v_bin\":\"/w==\""},
    {true, "[a:v = h'ff']", "\"v\":\"\xc3\xbf\""},
    {true, "[a:v_hex MATCHES '^\\\\xff$']", "\"v_hex\":\"ff\""},
    {true, "[a:v_hex LIKE '_b']", "\"v_hex\":\"ff62\""},
    {true, "[a:v_hex NOT MATCHES '\xc4\x80']", "\"v_hex\":\"ff\""},
    {false, "[a:v_hex = h'ff']", "\"v_hex\":\"xx\""},
    {true, "[a:v_hex IN ('b', 'c')]", "\"v_hex\":\"63\""},
    /* Times, to any digit. */
    {true, "[a:v = t'2020-01-01T00:00:00.1Z']", "\"v\":\"2020-01-01T00:00:00.100Z\""},
    {true, "[a:v > t'2020-01-01T00:00:00.123456789Z']", "\"v\":\"2020-01-01T00:00:00.12345679Z\""},
    {true, "[a:v < t'2020-01-01T00:00:01Z']", "\"v\":\"2020-01-01T00:00:00.999999999999Z\""},
    {false, "[a:v = '2020-01-01T00:00:00Z']", "\"v\":\"2020-01-01T00:00:00.0Z\""},
    {true, "[a:v != t'2020-01-01T00:00:00Z']", "\"v\":\"yesterday\""},
    /* Networks of either family. */
    {true, "[a:v ISSUBSET '10.0.0.0/8']", "\"v\":\"10.1.2.3\""},
    {true, "[a:v ISSUBSET '10.1.2.3/8']", "\"v\":\"10.9.0.0/16\""},
    {false, "[a:v ISSUBSET '10.0.0.0/16']", "\"v\":\"10.0.0.0/8\""},
    {true, "[a:v ISSUPERSET '10.0.0.0/16']", "\"v\":\"10.0.0.0/8\""},
    {true, "[a:v ISSUBSET '2001:db8::/33']", "\"v\":\"2001:DB8:7fff::1\""},
    {false, "[a:v ISSUBSET '2001:db8::/33']", "\"v\":\"2001:db8:8000::1\""},
    {false, "[a:v ISSUBSET '0.0.0.0/0']", "\"v\":\"::1\""},
    {true, "[a:v ISSUBSET '0.0.0.0/0']", "\"v\":\"255.255.255.255\""},
    {true, "[a:v NOT ISSUBSET '10.0.0.0/8']", "\"v\":\"example.org\""},
    {false, "[a:v = '1.2.3.4/32']", "\"v\":\"1.2.3.4\""},
    /* Precedence, and what is only white space. */
    {true, "[a:v = 1 OR a:v = 2 AND a:v = 3]", "\"v\":1"},
    {false, "[(a:v = 1 OR a:v = 2) AND a:v = 3]", "\"v\":1"},
    {true, "[ a : v /* one */ = // two\n 1 ]", "\"v\":1"},
    {true,
        "[a:v\xc2\xa0=\xe3\x80\x80"
        "1]",
        "\"v\":1"},
};

static void values_compare_as_section_9_6_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
		if (holds(FACTS[i].pattern, FACTS[i].properties) != FACTS[i].is) {
			print_error("%s on {%s} is not %d\n", FACTS[i].pattern, FACTS[i].properties,
			    FACTS[i].is);
			assert_true(false);
		}
}

static void a_text_that_had_to_be_a_time_is_told(void **state)
{
	struct pattern_tally tally = {0};

	(void)state;
	assert_false(sees(S("[a:v = t'2020-01-01T00:00:00Z']"),
	    S("{\"first_observed\":\"2020-01-01T00:00:00Z\",\"last_observed\":"
	      "\"2020-01-01T00:00:00Z\",\"objects\":{\"0\":{\"type\":\"a\",\"v\":\"soon\"}}}"),
	    &tally));
	assert_int_equal(tally.untimely, 1);
	assert_true(str_eq(tally.example, S("soon")));
}

/* The second evaluator: small values of four types, and what each operator makes of two. */
enum { NOTHING, WHOLE, REAL, WORD, TRUTH };

struct plain {
	int type;
	double number; /* of WHOLE, REAL (in halves), TRUTH */
	const char *word;
};

static const char *const WORDS[] = {"", "a", "b", "ab", "ba", "abba", "10.0.0.1"};
static const char *const MASKS[] = {"%", "a", "a%", "%a", "_", "a_", "%b%", "", "10%1", "__"};
static const struct {
	const char *regex;
	const char *mask; /* of LIKE, which means the same on the words above */
} REGEXES[] = {{"^a", "a%"}, {"a$", "%a"}, {"b", "%b%"}, {"^.$", "_"}, {"^$", ""}};

static uint32_t roll(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 33) % below;
}

static bool masked(const char *s, const char *mask)
{
	if (*mask == '%')
		return masked(s, mask + 1) || (*s && masked(s + 1, mask));
	if (!*s || !*mask)
		return !*s && !*mask;
	return (*mask == '_' || *mask == *s) && masked(s + 1, mask + 1);
}

static struct plain plain(uint64_t *seed, bool constant)
{
	int type = constant ? 1 + (int)roll(seed, 4) : (int)roll(seed, 5);

	return (struct plain){type,
	    type == TRUTH   ? roll(seed, 2)
	    : type == WHOLE ? (int)roll(seed, 5) - 2
	                    : ((int)roll(seed, 9) - 4) / 2.0,
	    WORDS[roll(seed, 7)]};
}

static void put_plain(struct buf *out, const struct plain *v, char quote)
{
	if (v->type == WHOLE)
		buf_printf(out, "%d", (int)v->number);
	else if (v->type == REAL)
		buf_printf(out, "%.1f", v->number);
	else if (v->type == TRUTH)
		buf_printf(out, "%s", v->number != 0 ? "true" : "false");
	else
		buf_printf(out, "%c%s%c", quote, v->word, quote);
}

/* 2: they have nothing in common. */
static int plain_order(const struct plain *a, const struct plain *b)
{
	bool numbers =
	    (a->type == WHOLE || a->type == REAL) && (b->type == WHOLE || b->type == REAL);
	int order;

	if (!numbers && a->type != b->type)
		return 2;
	if (a->type != WORD)
		return (a->number > b->number) - (a->number < b->number);
	order = strcmp(a->word, b->word);
	return (order > 0) - (order < 0);
}

static const char *const SIGNS[] = {"=", "!=", "<", "<=", ">", ">="};

static bool plain_holds(int sign, const struct plain *a, const struct plain *b)
{
	int order = plain_order(a, b);

	if (order == 2)
		return sign == 1;
	switch (sign) {
	case 0:
		return order == 0;
	case 1:
		return order != 0;
	case 2:
		return order < 0;
	case 3:
		return order <= 0;
	case 4:
		return order > 0;
	default:
		return order >= 0;
	}
}

enum { PROPERTIES = 3 };

static bool put_sign(struct buf *out, const struct plain *v, uint64_t *seed)
{
	struct plain c = plain(seed, true);
	int sign = (int)roll(seed, c.type == TRUTH ? 2 : 6);

	buf_printf(out, "%s ", SIGNS[sign]);
	put_plain(out, &c, '\'');
	return plain_holds(sign, v, &c);
}

/* Constants of one type. */
static bool put_list(struct buf *out, const struct plain *v, uint64_t *seed)
{
	struct plain member = plain(seed, true);
	const int n = (int)roll(seed, 4), type = member.type;
	bool is = false;

	buf_put(out, S("IN ("));
	for (int i = 0; i < n; i++) {
		while (member.type != type)
			member = plain(seed, true);
		buf_printf(out, "%s", i ? ", " : "");
		put_plain(out, &member, '\'');
		is = is || plain_holds(0, v, &member);
		member = plain(seed, true);
	}
	buf_put(out, S(")"));
	return is;
}

static bool put_wording(struct buf *out, const struct plain *v, uint64_t *seed)
{
	const char *mask = MASKS[roll(seed, 10)];

	if (roll(seed, 2)) {
		uint32_t r = roll(seed, 5);

		mask = REGEXES[r].mask;
		buf_printf(out, "MATCHES '%s'", REGEXES[r].regex);
	} else {
		buf_printf(out, "LIKE '%s'", mask);
	}
	return v->type == WORD && masked(v->word, mask);
}

/* One random comparison, as text and what it is worth. */
static bool put_test(struct buf *out, const struct plain *values, uint64_t *seed)
{
	const int property = (int)roll(seed, PROPERTIES);
	const struct plain *v = &values[property];
	bool negated = roll(seed, 3) == 0, is;
	uint32_t kind = roll(seed, 6);

	if (kind == 5) {
		buf_printf(out, "%sEXISTS a:p%d", negated ? "NOT " : "", property);
		return v->type != NOTHING && !negated;
	}
	buf_printf(out, "a:p%d%s ", property, negated ? " NOT" : "");
	is = kind < 2    ? put_sign(out, v, seed)
	     : kind == 2 ? put_list(out, v, seed)
	                 : put_wording(out, v, seed);
	return v->type != NOTHING && is != negated;
}

static bool put_tests(struct buf *out, const struct plain *values, uint64_t *seed, int depth)
{
	bool all, is, wrap;
	int parts;

	if (depth == 0 || roll(seed, 3) == 0)
		return put_test(out, values, seed);
	all = roll(seed, 2);
	wrap = true;
	is = all;
	parts = 2 + (int)roll(seed, 2);
	buf_printf(out, "%s", wrap ? "(" : "");
	for (int i = 0; i < parts; i++) {
		bool part;

		buf_printf(out, "%s", !i ? "" : all ? " AND " : " OR ");
		part = put_tests(out, values, seed, depth - 1);
		is = all ? is && part : is || part;
	}
	buf_printf(out, "%s", wrap ? ")" : "");
	return is;
}

static void random_comparisons_are_what_the_second_evaluator_says(void **state)
{
	uint64_t seed = 0x853c49e6748fea9b, true_ones = 0;
	const int wanted = 200000;
	struct buf pattern, json;

	(void)state;
	buf_init(&pattern, 1 << 16);
	buf_init(&json, 1 << 16);
	for (int i = 0; i < wanted; i++) {
		struct pattern_tally tally = {0};
		struct plain values[PROPERTIES];
		bool is;

		buf_reset(&pattern);
		buf_reset(&json);
		buf_put(&json, S("{\"first_observed\":\"2020-01-01T00:00:00Z\",\"last_observed\":"
		                 "\"2020-01-01T00:00:00Z\",\"objects\":{\"0\":{\"type\":\"a\""));
		for (int k = 0; k < PROPERTIES; k++) {
			values[k] = plain(&seed, false);
			if (values[k].type == NOTHING)
				continue;
			buf_printf(&json, ",\"p%d\":", k);
			put_plain(&json, &values[k], '"');
		}
		buf_put(&json, S("}}}"));
		buf_put(&pattern, S("["));
		is = put_tests(&pattern, values, &seed, 3);
		buf_put(&pattern, S("]"));
		if (sees(buf_str(&pattern), buf_str(&json), &tally) != is) {
			print_error("%.*s on %.*s is not %d\n", STR_ARG(buf_str(&pattern)),
			    STR_ARG(buf_str(&json)), is);
			assert_true(false);
		}
		true_ones += is;
	}
	assert_in_range(true_ones, wanted / 10, wanted - wanted / 10);
	buf_free(&pattern);
	buf_free(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(values_compare_as_section_9_6_says, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_text_that_had_to_be_a_time_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        random_comparisons_are_what_the_second_evaluator_says, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
