/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "stix/extract/extract.h"

/* "kind value" of each, a line each. */
static struct str found_in(struct arena *arena, struct str text, struct extract *out)
{
	struct extract got;
	struct fault fault;
	struct buf b;
	struct str s;

	buf_init(&b, 8 << 20);
	assert_int_equal(extract_values(&got, arena, text, &fault), OK);
	for (size_t i = 0; i < got.count; i++) {
		const struct extracted *e = &got.list[i];

		if (e->pattern.p)
			buf_printf(&b, "pattern %.*s\n", STR_ARG(e->pattern));
		else
			buf_printf(&b, "%s %.*s\n", term_kind_name(e->term.kind),
			    STR_ARG(term_text(arena, &e->term)));
	}
	s = arena_str(arena, buf_str(&b));
	buf_free(&b);
	if (out)
		*out = got;
	return s;
}

static void finds(const char *text, const char *expected)
{
	struct arena *arena = arena_new(64 << 20);

	assert_string_equal(found_in(arena, str_c(text), NULL).p, expected);
	arena_free(arena);
}

/* D-50 */
static void plain_and_defanged_values_are_found(void **state)
{
	(void)state;
	finds("198.51.100.7", "ipv4-addr 198.51.100.7\n");
	finds("198[.]51[.]100[.]7", "ipv4-addr 198.51.100.7\n");
	finds("198.51.100.0/24", "ipv4-addr 198.51.100.0/24\n");
	finds("evil[.]example", "domain-name evil.example\n");
	finds("evil(dot)example evil{.}example EVIL[DOT]example", "domain-name evil.example\n");
	finds("evil [.] example", "domain-name evil.example\n");
	finds("hxxps://evil[.]example/a?b=c&d=e",
	    "url https://evil.example/a?b=c&d=e\ndomain-name evil.example\n");
	finds(
	    "hxxp[://]evil[.]example[/]x", "url http://evil.example/x\ndomain-name evil.example\n");
	finds("mallory [at] evil [dot] example", "email-addr mallory@evil.example\n");
	finds("[2001:db8::7]:443", "ipv6-addr 2001:db8::7\n");
	finds("d41d8cd98f00b204e9800998ecf8427e", "file:MD5 d41d8cd98f00b204e9800998ecf8427e\n");
	finds("t13d1516h2_8daaf6152771_e5627efa2ab1", "ja4 t13d1516h2_8daaf6152771_e5627efa2ab1\n");
	finds("AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD",
	    "x509-certificate:SHA-1 aabbccddeeff00112233445566778899aabbccdd\n");
}

/* D-50: what is around a value is not the value's. */
static void values_are_found_within_prose(void **state)
{
	(void)state;
	finds("The dropper (203.0.113.9:8080) calls back to 'cdn[.]evil[.]example', then to\n"
	      "<hxxps://evil[.]example/gate.php>. MD5: 0123456789abcdef0123456789abcdef.",
	    "ipv4-addr 203.0.113.9\n"
	    "domain-name cdn.evil.example\n"
	    "url https://evil.example/gate.php\n"
	    "domain-name evil.example\n"
	    "file:MD5 0123456789abcdef0123456789abcdef\n");
	finds("src=203.0.113.9;dst=203.0.113.10,203.0.113.11|203.0.113.12",
	    "ipv4-addr 203.0.113.9\nipv4-addr 203.0.113.10\nipv4-addr 203.0.113.11\n"
	    "ipv4-addr 203.0.113.12\n");
	finds("see http://a.example/x(y), http://b.example/z.",
	    "url http://a.example/x(y)\ndomain-name a.example\nurl http://b.example/z\n"
	    "domain-name b.example\n");
	finds("http://a.example/x,http://b.example/",
	    "url http://a.example/x\ndomain-name a.example\nurl http://b.example/\n"
	    "domain-name b.example\n");
	finds("\xe2\x80\x9c"
	      "evil.example\xe2\x80\x9d",
	    "domain-name evil.example\n");
}

static void what_only_looks_like_a_value_is_left_out(void **state)
{
	(void)state;
	finds("It opened invoice.pdf, ran kernel32.dll at 12:34:56 on 2026-01-31, e.g. v1.2.3; "
	      "i.e. 00:11:22:33:44:55 and 3.14 :: ... --",
	    "");
	finds("", "");
	finds("[.] [at] :// hxxp:// [", "");
}

static void a_value_is_found_once_in_the_order_of_the_text(void **state)
{
	struct arena *arena = arena_new(64 << 20);
	struct extract got;

	(void)state;
	assert_string_equal(
	    found_in(arena, S("b.example hxxp://x.example/ B[.]example a.example"), &got).p,
	    "domain-name b.example\nurl http://x.example/\ndomain-name x.example\n"
	    "domain-name a.example\n");
	assert_true(str_eq(got.list[1].written, S("hxxp://x.example/")));
	assert_true(str_eq(got.list[0].written, S("b.example")));
	assert_string_equal(found_in(arena, S("c[.]example"), &got).p, "domain-name c.example\n");
	assert_true(str_eq(got.list[0].written, S("c[.]example")));
	arena_free(arena);
}

/* D-50 */
static void patterns_are_found_and_their_plain_values_taken(void **state)
{
	(void)state;
	finds("[ipv4-addr:value = '198.51.100.7'] OR [domain-name:value = 'evil.example']",
	    "ipv4-addr 198.51.100.7\ndomain-name evil.example\n");
	finds("hunt for [domain-name:value LIKE '%.evil.example'] please",
	    "pattern [domain-name:value LIKE '%.evil.example']\n");
	finds("([a:b = 1] FOLLOWEDBY [a:b = 2]) WITHIN 5 SECONDS",
	    "pattern ([a:b = 1] FOLLOWEDBY [a:b = 2]) WITHIN 5 SECONDS\n");
	finds("x [url:value MATCHES '\\\\.php\\\\?id=[0-9]+$'] REPEATS 3 TIMES y evil.example",
	    "pattern [url:value MATCHES '\\\\.php\\\\?id=[0-9]+$'] REPEATS 3 TIMES\n"
	    "domain-name evil.example\n");
}

/* D-50 */
static void strings_of_json_are_text(void **state)
{
	(void)state;
	finds("{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\","
	      "\"objects\":[{\"type\":\"indicator\",\"valid_from\":\"2026-01-01T00:00:00.000Z\","
	      "\"pattern\":\"[file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']\"},"
	      "{\"type\":\"domain-name\",\"value\":\"evil\\u002eexample\"}]}",
	    "file:SHA-1 da39a3ee5e6b4b0d3255bfef95601890afd80709\ndomain-name evil.example\n");
	finds("{\"src_ip\":\"203.0.113.9\",\"n\":1}\n{\"src_ip\":\"203.0.113.10\"}\nx.example",
	    "ipv4-addr 203.0.113.9\nipv4-addr 203.0.113.10\ndomain-name x.example\n");
}

/* D-50: a mail as it was sent; what is encoded is read, files become their digest. */
static void a_mail_is_read_through_its_encodings(void **state)
{
	(void)state;
	finds("Received: from relay.example ([203.0.113.5])\r\n"
	      "From: Mallory <mallory@evil.example>\r\n"
	      "MIME-Version: 1.0\r\n"
	      "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
	      "--b\r\n"
	      "Content-Type: text/plain\r\n"
	      "Content-Transfer-Encoding: base64\r\n\r\n"
	      "c2VlIGh0dHA6Ly9iYWQuZXhhbXBsZS94\r\n"
	      "--b\r\n"
	      "Content-Type: application/octet-stream\r\n"
	      "Content-Transfer-Encoding: base64\r\n\r\n"
	      "YWJj\r\n"
	      "--b--\r\n",
	    "domain-name relay.example\nipv4-addr 203.0.113.5\nemail-addr mallory@evil.example\n"
	    "url http://bad.example/x\ndomain-name bad.example\n"
	    "file:SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
}

static void too_much_is_said_to_be_so(void **state)
{
	struct arena *arena = arena_new(256 << 20);
	struct extract got;
	struct fault fault;
	struct buf b;

	(void)state;
	buf_init(&b, 8 << 20);
	for (unsigned i = 0; i <= EXTRACT_VALUES_MAX; i++)
		buf_printf(&b, "10.%u.%u.%u\n", i >> 16 & 255, i >> 8 & 255, i & 255);
	assert_int_equal(extract_values(&got, arena, buf_str(&b), &fault), OK);
	assert_int_equal(got.count, EXTRACT_VALUES_MAX);
	assert_true(got.more);
	(void)buf_grow(&b, EXTRACT_TEXT_MAX);
	assert_int_equal(extract_values(&got, arena, buf_str(&b), &fault), ERR_LIMIT);
	buf_free(&b);
	arena_free(arena);
}

/* Patterns that never end, brackets in brackets: each costs what its length costs. */
static void hostile_text_takes_linear_time(void **state)
{
	static const char *const PIECES[] = {"[a:b[a:b", "[aa:bb='", "((((", "[.][.]", "://://",
	    ",http://", "::", "a:a:a:a:", "{\"a\":["};
	struct arena *arena = arena_new(256 << 20);
	struct extract got;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(PIECES) / sizeof(*PIECES); i++) {
		struct buf b;

		buf_init(&b, EXTRACT_TEXT_MAX);
		while (b.n < (1 << 20))
			buf_put(&b, str_c(PIECES[i]));
		arena_reset(arena);
		assert_int_equal(extract_values(&got, arena, buf_str(&b), &fault), OK);
		buf_free(&b);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_and_defanged_values_are_found),
	    cmocka_unit_test(values_are_found_within_prose),
	    cmocka_unit_test(what_only_looks_like_a_value_is_left_out),
	    cmocka_unit_test(a_value_is_found_once_in_the_order_of_the_text),
	    cmocka_unit_test(patterns_are_found_and_their_plain_values_taken),
	    cmocka_unit_test(strings_of_json_are_text),
	    cmocka_unit_test(a_mail_is_read_through_its_encodings),
	    cmocka_unit_test(too_much_is_said_to_be_so),
	    cmocka_unit_test(hostile_text_takes_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
