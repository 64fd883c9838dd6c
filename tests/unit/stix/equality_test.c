/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "stix/equality.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(8 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "kind text; kind text" of a pattern's terms, with "+" at the end when they are a part only. */
static const char *terms_of(const char *pattern)
{
	struct term_list l;
	struct fault fault = {OK, ""};
	enum err rc = equality_terms(&l, arena, str_c(pattern), &fault);
	struct str s = S("");

	if (rc != OK)
		return arena_printf(arena, "%s: %s", err_name(rc), fault.text).p;
	for (size_t i = 0; i < l.count; i++)
		s = arena_printf(arena, "%.*s%s%s %.*s", STR_ARG(s), i ? "; " : "",
		    term_kind_name(l.list[i].kind), STR_ARG(term_text(arena, &l.list[i])));
	return arena_printf(arena, "%.*s%s", STR_ARG(s), l.partial ? " +" : "").p;
}

#define MD5 "79054025255fb1a26e4bc422aef54eb4"
#define SHA256 "aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"

static void plain_values_are_found_in_every_spelling(void **state)
{
	static const char *const ROWS[][2] = {
	    {"[ipv4-addr:value = '198.51.100.3']", "ipv4-addr 198.51.100.3"},
	    {"[ipv4-addr:value='198.51.100.77/24']", "ipv4-addr 198.51.100.0/24"},
	    {"[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "ipv4-addr 198.51.100.0/24"},
	    {"[ipv4-addr:value = '198.51.100.3/32']", "ipv4-addr 198.51.100.3"},
	    {"[ipv6-addr:value = '2001:DB8:0::01']", "ipv6-addr 2001:db8::1"},
	    {"[ipv6-addr:value ISSUBSET '2001:db8:ffff::/33']", "ipv6-addr 2001:db8:8000::/33"},
	    {"[domain-name:value == 'Evil.EXAMPLE.']", "domain-name evil.example"},
	    {"[url:value = 'HTTP://u:p@Evil.example:80?q=%7e%c3#x']",
	        "url http://evil.example/?q=~%C3"},
	    {"[url:value = 'http://evil.example/<a>|{b}^`\"%7c']",
	        "url http://evil.example/%3Ca%3E%7C%7Bb%7D%5E%60%22%7C"},
	    {"[email-addr:value = 'A.B@Evil.Example']", "email-addr a.b@evil.example"},
	    {"[email-message:from_ref.value = 'a@b.example']", "email-addr a@b.example"},
	    {"[network-traffic:dst_ref.value = '198.51.100.3']", "ipv4-addr 198.51.100.3"},
	    {"[network-traffic:src_ref.value = 'evil.example']", "domain-name evil.example"},
	    {"[network-traffic:dst_ref.value ISSUBSET '2001:db8::/64']", "ipv6-addr 2001:db8::/64"},
	    {"[file:hashes.MD5 = '" MD5 "']", "file:MD5 " MD5},
	    {"[file:hashes.'MD5' = '" MD5 "']", "file:MD5 " MD5},
	    {"[file:hashes.'SHA-256' = '" SHA256 "']", "file:SHA-256 " SHA256},
	    {"[file:hashes.SHA-256 = '" SHA256 "']", "file:SHA-256 " SHA256},
	    {"[file:hashes.sha256 = '" SHA256 "']", "file:SHA-256 " SHA256},
	    {"[x509-certificate:hashes.MD5 = '" MD5 "']", "x509-certificate:MD5 " MD5},
	    {"[x509-certificate:hashes.'SHA-1' = "
	     "'2D:D1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37']",
	        "x509-certificate:SHA-1 2dd19f809986fcac5f2a2afda3f37e967cdd2437"},
	    {"[x509-certificate:hashes.sha256 = '" SHA256 "']", "x509-certificate:SHA-256 " SHA256},
	    {"[network-traffic:x_ja3 = '" MD5 "' OR network-traffic:x_ja3s_hash = '" MD5 "']",
	        "ja3 " MD5 "; ja3s " MD5},
	    {"[network-traffic:x_ja4 = 'T13d1516h2_8daaf6152771_e5627efa2ab1']",
	        "ja4 t13d1516h2_8daaf6152771_e5627efa2ab1"},
	    {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = "
	     "'Mozilla/5.0 (x)']",
	        "user-agent Mozilla/5.0 (x)"},
	    {"[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]",
	        "ipv4-addr 192.0.2.1; ipv4-addr 192.0.2.2"},
	    {"[url:value = 'http://a.example/it\\'s\\\\'] OR ([domain-name:value = 'a.example'])",
	        "url http://a.example/it's%5C; domain-name a.example"},
	    {"[(ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'b.example') OR "
	     "file:hashes.MD5 = '" MD5 "']",
	        "ipv4-addr 192.0.2.1; domain-name b.example; file:MD5 " MD5},
	    {"/* c */ [ domain-name:value\n= // why\n 'b.example' ]", "domain-name b.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_string_equal(terms_of(ROWS[i][0]), ROWS[i][1]);
}

/* A term must alone make the pattern true, else a hit would be a false one. */
static void what_needs_more_than_one_value_gives_no_term(void **state)
{
	static const char *const NONE[] = {
	    "[ipv4-addr:value = '192.0.2.1' AND domain-name:value = 'a.example']",
	    "[ipv4-addr:value = '192.0.2.1'] AND [domain-name:value = 'a.example']",
	    "[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [domain-name:value = 'a.example']",
	    "[ipv4-addr:value = '192.0.2.1'] REPEATS 3 TIMES",
	    "([ipv4-addr:value = '192.0.2.1']) WITHIN 3 SECONDS",
	    "[ipv4-addr:value = '192.0.2.1'] START t'2020-01-01T00:00:00Z' STOP "
	    "t'2020-01-02T00:00:00Z'",
	    "[ipv4-addr:value != '192.0.2.1']",
	    "[ipv4-addr:value NOT = '192.0.2.1']",
	    "[ipv4-addr:value NOT IN ('192.0.2.1')]",
	    "[ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']",
	    "[ipv4-addr:value ISSUPERSET '192.0.2.0/24']",
	    "[ipv4-addr:value LIKE '192.0.2.%']",
	    "[domain-name:value MATCHES 'a.example']",
	    "[domain-name:value ISSUBSET 'a.example']",
	    "[domain-name:resolves_to_refs[*].value = '192.0.2.1']",
	    "[file:name = 'a.exe']",
	    "[file:hashes.MD5 = 'f00']",
	    "[file:hashes.SSDEEP = 'f00']",
	    "[ipv4-addr:value = 'example']",
	    "[ipv4-addr:value = 7]",
	    "[ipv4-addr:value IN ()]",
	    "[EXISTS ipv4-addr:value]",
	    "[NOT EXISTS ipv4-addr:value]",
	    "[x509-certificate:hashes.'SHA-512' = '" SHA256 SHA256 "']",
	    "[network-traffic:x_ja4 = 't13d1516h2']",
	    "[network-traffic:extensions.'http-request-ext'.request_header.Accept = 'x']",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++)
		assert_string_equal(terms_of(NONE[i]),
		    "unsupported: no part of the pattern is one plain value compared for equality");
}

static void alternatives_that_are_no_value_make_it_partial(void **state)
{
	(void)state;
	assert_string_equal(terms_of("[ipv4-addr:value = '192.0.2.1' OR file:name = 'x']"),
	    "ipv4-addr 192.0.2.1 +");
	assert_string_equal(terms_of("[ipv4-addr:value = '192.0.2.1'] OR ([file:name = 'x'] AND "
	                             "[ipv4-addr:value = '192.0.2.2'])"),
	    "ipv4-addr 192.0.2.1 +");
	assert_string_equal(
	    terms_of("[ipv4-addr:value IN ('192.0.2.1', 'x')]"), "ipv4-addr 192.0.2.1 +");
}

static void what_is_no_pattern_is_refused_with_its_position(void **state)
{
	static const char *const ROWS[][2] = {
	    {"", "syntax: position 0: the pattern ends where '[' is expected"},
	    {"file:size = 1", "syntax: position 0: '[' expected"},
	    {"[file:size = ]", "syntax: position 13: a constant expected"},
	    {"[file:name = 'x'", "syntax: position 16: the pattern ends where ']' is expected"},
	    {"[file:name = 'x]", "syntax: position 13: a string is never closed"},
	    {"[file:name = x]", "syntax: position 13: a constant expected"},
	    {"[file:name = 'x'] [", "syntax: position 18: the end of the pattern expected"},
	    {"[file:name = \"x\"]", "syntax: position 13: '\"' does not belong in a pattern"},
	    {"[file.name = 'x']", "syntax: position 5: ':' expected"},
	    {"[a:b = h'abc']", "syntax: position 7: not a hexadecimal constant"},
	    {"[a:b = 1] REPEATS 2 TIMES REPEATS 2 TIMES",
	        "syntax: position 26: the same qualifier twice on one expression"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		assert_string_equal(terms_of(ROWS[i][0]), ROWS[i][1]);
}

static void deep_and_wide_patterns_are_limited(void **state)
{
	struct term_list l;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_byte(&b, '(');
	assert_int_equal(equality_terms(&l, arena, buf_str(&b), NULL), ERR_LIMIT);
	buf_reset(&b);
	buf_put(&b, S("[domain-name:value IN ('a.example'"));
	for (int i = 0; i < TERMS_PER_PATTERN_MAX; i++)
		buf_put(&b, S(",'a.example'"));
	buf_put(&b, S(")]"));
	assert_int_equal(equality_terms(&l, arena, buf_str(&b), NULL), ERR_LIMIT);
	buf_free(&b);
}

static void guesses_are_what_a_person_means(void **state)
{
	static const char *const ROWS[][2] = {
	    {" 198.51.100[.]3 ", "[ipv4-addr:value = '198.51.100.3']"},
	    {"198.51.100.0/24", "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
	    {"2001:db8[:]:1", "[ipv6-addr:value = '2001:db8::1']"},
	    {"[2001:db8::1]", "[ipv6-addr:value = '2001:db8::1']"},
	    {"::1", "[ipv6-addr:value = '::1']"},
	    {"hxxps[:]//evil[.]example/a?b", "[url:value = 'https://evil.example/a?b']"},
	    {"hXXp://evil(.)example:8080", "[url:value = 'http://evil.example:8080/']"},
	    {"h**p[://]evil[dot]example", "[url:value = 'http://evil.example/']"},
	    {"http://[2001:DB8::1]:443/", "[url:value = 'http://[2001:db8::1]:443/']"},
	    {"evil[.]example/it's", "[url:value = 'http://evil.example/it\\'s']"},
	    {"Evil[.]Example", "[domain-name:value = 'evil.example']"},
	    {"*.evil.example", "[domain-name:value = 'evil.example']"},
	    {"hxxp.example", "[domain-name:value = 'hxxp.example']"},
	    {"bob[at]evil{.}example", "[email-addr:value = 'bob@evil.example']"},
	    {"<mailto:bob@evil.example>", "[email-addr:value = 'bob@evil.example']"},
	    {MD5, "[file:hashes.MD5 = '" MD5 "']"},
	    {"AEC070645FE53EE3B3763059376134F058CC337247C978ADD178B6CCDFB0019F",
	        "[file:hashes.'SHA-256' = '" SHA256 "']"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct term t;

		assert_int_equal(term_guess(&t, arena, str_c(ROWS[i][0])), OK);
		assert_string_equal(arena_str(arena, term_pattern(arena, &t)).p, ROWS[i][1]);
	}
}

static void nonsense_is_no_value(void **state)
{
	static const char *const BAD[] = {"", "hello", "a b.example", "1.2.3", "1.2.3.4.5",
	    "256.1.1.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/01", "2001:db8::/129",
	    "::1%eth0", "x..example", "-", ".", "@evil.example", "bob@", "http://", "http:///x",
	    "://a.example", "f00", "C:\\a.exe", "http://a b.example/", "a.example:99999/x",
	    "evil.123", "@a@b.example", "a<b@c.example", "a,b@c.example", "\xc3\xa9vil.example"};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct term t;

		assert_int_equal(term_guess(&t, arena, str_c(BAD[i])), ERR_INVALID);
	}
}

/* Pattern, text and guess of any canonical value lead back to that value. */
static void every_form_of_a_term_leads_back_to_it(void **state)
{
	static const char *const SEEDS[] = {"203.0.113.9", "203.0.113.0/25", "2001:db8::9",
	    "2001:db8::/32", "a-b_c.evil.example", "https://evil.example:8443/a%20b/?x='y'\\z",
	    "x.y+z@evil.example", MD5, SHA256};

	(void)state;
	for (size_t i = 0; i < sizeof(SEEDS) / sizeof(SEEDS[0]); i++) {
		struct term a, b;
		struct term_list l;

		assert_int_equal(term_guess(&a, arena, str_c(SEEDS[i])), OK);
		assert_int_equal(term_canonical(&b, arena, a.kind, term_text(arena, &a)), OK);
		assert_true(a.prefix == b.prefix && str_eq(a.value, b.value));
		assert_int_equal(equality_terms(&l, arena, term_pattern(arena, &a), NULL), OK);
		assert_int_equal(l.count, 1);
		assert_false(l.partial);
		assert_true(l.list[0].kind == a.kind && l.list[0].prefix == a.prefix);
		assert_true(str_eq(l.list[0].value, a.value));
	}
}

/* Any defanging of dots and colons is undone; refanging twice changes nothing. */
static void random_defangings_round_trip(void **state)
{
	static const char *const DOTS[] = {".", "[.]", "(.)", "{.}", "[dot]", "(DOT)", "\\."};
	static const char *const COLONS[] = {":", "[:]", "(:)"};
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		static const char CLEAN[] = "https://a.b-c.evil.example:8080/x.y/z";
		char text[300];
		size_t n = 0;
		struct str fanged, again;

		for (size_t i = 0; i < sizeof(CLEAN) - 1; i++) {
			const char *put = NULL;

			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
			if (CLEAN[i] == '.')
				put = DOTS[(seed >> 33) % 7];
			else if (CLEAN[i] == ':')
				put = COLONS[(seed >> 33) % 3];
			if (!put) {
				text[n++] = CLEAN[i];
				continue;
			}
			memcpy(text + n, put, strlen(put));
			n += strlen(put);
		}
		if (seed >> 62 & 1)
			text[1] = text[2] = 'x';
		fanged = term_refang(arena, (struct str){text, n});
		assert_true(str_eq(fanged, str_c(CLEAN)));
		again = term_refang(arena, fanged);
		assert_true(str_eq(again, fanged));
		if (round % 1000 == 0)
			arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_values_are_found_in_every_spelling),
	    cmocka_unit_test(what_needs_more_than_one_value_gives_no_term),
	    cmocka_unit_test(alternatives_that_are_no_value_make_it_partial),
	    cmocka_unit_test(what_is_no_pattern_is_refused_with_its_position),
	    cmocka_unit_test(deep_and_wide_patterns_are_limited),
	    cmocka_unit_test(guesses_are_what_a_person_means),
	    cmocka_unit_test(nonsense_is_no_value),
	    cmocka_unit_test(every_form_of_a_term_leads_back_to_it),
	    cmocka_unit_test(random_defangings_round_trip),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
