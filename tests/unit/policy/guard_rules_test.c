/* SPDX-License-Identifier: Apache-2.0 */
/* Warning lists, own names and public suffixes, against a plain reading of them. G12 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/guard/compile.h"
#include "policy/guard/suffix.h"

struct rules {
	struct arena *arena;
	struct guard_builder *builder;
	struct buf block;
	struct guard_rules rules;
};

static void begin(struct rules *r)
{
	r->arena = arena_new(64 << 20);
	r->builder = guard_builder_new();
}

static void build(struct rules *r)
{
	const unsigned char stamp[RULES_STAMP] = {7};

	assert_int_equal(guard_build(r->builder, 99, stamp, &r->block, NULL), OK);
	assert_int_equal(rules_open(&r->rules, buf_str(&r->block), NULL), OK);
	assert_memory_equal(rules_stamp(buf_str(&r->block)), stamp, RULES_STAMP);
}

static void end(struct rules *r)
{
	buf_free(&r->block);
	guard_builder_free(r->builder);
	arena_free(r->arena);
}

static bool refused(struct rules *r, struct rules_hit *hit, enum term_kind kind, const char *text)
{
	struct term t;

	assert_int_equal(term_canonical(&t, r->arena, kind, str_c(text)), OK);
	return rules_refuse(hit, &r->rules, &t, term_text(r->arena, &t));
}

enum { NETS = 300, ASKED = 20000 };

static uint32_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

/* Whatever networks are listed, nested or side by side: what one search in order says is what
 * looking at each of them says. */
static void networks_are_found_as_by_looking_at_each(void **state)
{
	uint32_t first[NETS], last[NETS];
	struct rules r = {.arena = NULL};
	struct rules_hit hit;
	uint64_t seed = 20261128;
	struct buf json;

	(void)state;
	begin(&r);
	buf_init(&json, 1 << 20);
	buf_put(&json, S("{\"name\":\"n\",\"type\":\"cidr\",\"list\":["));
	for (unsigned i = 0; i < NETS; i++) {
		unsigned prefix = 12 + next(&seed) % 21;
		uint32_t mask = prefix < 32 ? UINT32_MAX >> prefix : 0;

		first[i] = (UINT32_C(20) << 24 | (next(&seed) & 0xffffff)) & ~mask;
		last[i] = first[i] | mask;
		buf_printf(&json, "%s\"%u.%u.%u.%u/%u\"", i ? "," : "", first[i] >> 24,
		    first[i] >> 16 & 255, first[i] >> 8 & 255, first[i] & 255, prefix);
	}
	buf_put(&json, S("]}"));
	assert_int_equal(guard_add_list(r.builder, r.arena, buf_str(&json), NULL), OK);
	build(&r);
	for (unsigned i = 0; i < ASKED; i++) {
		unsigned prefix = next(&seed) % 3 ? 32 : 8 + next(&seed) % 25;
		uint32_t mask = prefix < 32 ? UINT32_MAX >> prefix : 0;
		uint32_t a = (UINT32_C(20) << 24 | (next(&seed) & 0xffffff)) & ~mask;
		bool touches = false;
		char text[40];

		for (unsigned k = 0; k < NETS && !touches; k++)
			touches = first[k] <= (a | mask) && last[k] >= a;
		(void)snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255,
		    a >> 8 & 255, a & 255, prefix);
		assert_int_equal(refused(&r, &hit, TERM_IPV4, text), touches);
	}
	buf_free(&json);
	end(&r);
}

/* A list is of the attributes that it names and of no others; in two lists with the same text the
 * one that applies counts. */
static void lists_apply_to_what_they_are_of(void **state)
{
	struct rules r = {.arena = NULL};
	struct rules_hit hit;

	(void)state;
	begin(&r);
	assert_int_equal(guard_add_list(r.builder, r.arena,
	                     S("{\"name\":\"mails\",\"type\":\"string\",\"list\":[\"a@b.example\","
	                       "\"c.example\"],"
	                       "\"matching_attributes\":[\"email\"]}"),
	                     NULL),
	    OK);
	assert_int_equal(guard_add_list(r.builder, r.arena,
	                     S("{\"name\":\"names\",\"type\":\"string\",\"list\":[\"C.Example.\","
	                       "\"ab\", 7],\"matching_attributes\":[\"domain\"]}"),
	                     NULL),
	    OK);
	assert_int_equal(guard_add_list(r.builder, r.arena,
	                     S("{\"name\":\"parts\",\"type\":\"substring\",\"list\":[\"abcd.e\","
	                       "\"abcde\",\"abc\"]}"),
	                     NULL),
	    OK);
	build(&r);
	assert_true(refused(&r, &hit, TERM_EMAIL, "a@b.example"));
	assert_true(refused(&r, &hit, TERM_DOMAIN, "c.example"));
	assert_string_equal(arena_str(r.arena, hit.list).p, "names");
	assert_int_equal(hit.lie, RULES_SAME);
	assert_false(refused(&r, &hit, TERM_DOMAIN, "d.c.example"));
	assert_true(refused(&r, &hit, TERM_USER_AGENT, "xx abcde yy"));
	assert_true(refused(&r, &hit, TERM_DOMAIN, "zabcd.example"));
	assert_false(refused(&r, &hit, TERM_DOMAIN, "abcf.example"));
	/* The number, and the part of three bytes that would be in everything. */
	assert_int_equal(guard_builder_ignored(r.builder), 2);
	end(&r);
}

static void check_label(const char *label, const char *wanted)
{
	struct arena *arena = arena_new(1 << 16);
	struct str out;

	assert_int_equal(suffix_label(&out, arena, str_c(label)), OK);
	assert_string_equal(arena_str(arena, out).p, wanted);
	arena_free(arena);
}

/* Of RFC 3492 section 7.1, and of the list of publicsuffix.org. */
static void labels_are_written_as_in_events(void **state)
{
	(void)state;
	check_label("com", "com");
	check_label("公司", "xn--55qx5d");
	check_label("рф", "xn--p1ai");
	check_label("bücher", "xn--bcher-kva");
	check_label("ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn");
	check_label("Pročprostěnemluvíčesky", "xn--Proprostnemluvesky-uyb24dma41a");
	check_label("3年B組金八先生", "xn--3B-ww4c5e180e575a65lsy2b");
}

static void suffixes_with_their_exceptions(void **state)
{
	struct rules r = {.arena = NULL};
	struct rules_hit hit;

	(void)state;
	begin(&r);
	assert_int_equal(
	    guard_add_suffixes(r.builder, r.arena,
	        S("// comment\n\ncom\nco.uk  trailing\n*.ck\n!www.ck\na.b.host.example\r\n"
	          "\xff\xff\n"),
	        NULL),
	    OK);
	build(&r);
	assert_true(refused(&r, &hit, TERM_DOMAIN, "co.uk"));
	assert_int_equal(hit.class, GUARD_SUFFIX);
	assert_true(refused(&r, &hit, TERM_DOMAIN, "any.ck"));
	assert_false(refused(&r, &hit, TERM_DOMAIN, "www.ck"));
	assert_false(refused(&r, &hit, TERM_DOMAIN, "evil.any.ck"));
	assert_false(refused(&r, &hit, TERM_DOMAIN, "evil.co.uk"));
	assert_true(refused(&r, &hit, TERM_DOMAIN, "host.example"));
	assert_int_equal(hit.lie, RULES_HOLDS);
	assert_int_equal(guard_builder_ignored(r.builder), 1);
	end(&r);
}

/* Every byte of a block may be wrong: it is refused, or asked without harm. */
static void a_damaged_block_does_no_harm(void **state)
{
	struct rules r = {.arena = NULL};
	struct rules_hit hit;
	uint64_t seed = 5;

	(void)state;
	begin(&r);
	assert_int_equal(guard_add_own(r.builder, r.arena,
	                     S("own.example,10.0.0.0/8 2001:db8::/32 a@b.example"), NULL),
	    OK);
	assert_int_equal(
	    guard_add_list(r.builder, r.arena,
	        S("{\"name\":\"p\",\"type\":\"substring\",\"list\":[\"badpart\"]}"), NULL),
	    OK);
	build(&r);
	for (unsigned i = 0; i < 20000; i++) {
		size_t at = next(&seed) % r.block.n;
		char was = r.block.p[at];
		struct guard_rules good = r.rules;

		r.block.p[at] = (char)next(&seed);
		if (rules_open(&r.rules, buf_str(&r.block), NULL) == OK) {
			(void)refused(&r, &hit, TERM_DOMAIN, "x.badpart.own.example");
			(void)refused(&r, &hit, TERM_IPV4, "10.1.2.3");
			(void)refused(&r, &hit, TERM_IPV6, "2001:db8::1");
		}
		r.block.p[at] = was;
		r.rules = good;
		if (i % 1000 == 0)
			arena_reset(r.arena);
	}
	for (size_t n = 0; n < r.block.n; n += 7)
		assert_int_not_equal(
		    rules_open(&r.rules, str_slice(buf_str(&r.block), 0, n), NULL), OK);
	end(&r);
}

static void what_is_not_a_list_is_refused_with_the_reason(void **state)
{
	static const char *const BAD[] = {"", "[]", "{}", "{\"name\":\"x\"}",
	    "{\"name\":\"x\",\"list\":[]}", "{\"name\":\"x\",\"type\":\"odd\",\"list\":[]}",
	    "{\"name\":\"\",\"type\":\"cidr\",\"list\":[]}",
	    "{\"name\":\"x\",\"type\":\"cidr\",\"list\":{}}"};
	struct rules r = {.arena = NULL};
	struct fault fault;

	(void)state;
	begin(&r);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		fault.text[0] = '\0';
		assert_int_not_equal(guard_add_list(r.builder, r.arena, str_c(BAD[i]), &fault), OK);
		assert_true(strlen(fault.text) > 0);
	}
	assert_int_equal(
	    guard_add_own(r.builder, r.arena, S("good.example b..ad"), &fault), ERR_INVALID);
	assert_non_null(strstr(fault.text, "b..ad"));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_are_found_as_by_looking_at_each),
	    cmocka_unit_test(lists_apply_to_what_they_are_of),
	    cmocka_unit_test(labels_are_written_as_in_events),
	    cmocka_unit_test(suffixes_with_their_exceptions),
	    cmocka_unit_test(a_damaged_block_does_no_harm),
	    cmocka_unit_test(what_is_not_a_list_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
