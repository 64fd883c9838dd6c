/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/head.h"
#include "http/server.h"

static int parse(struct http_head *out, const char *text)
{
	static struct http_field fields[HTTP_HEADERS_MAX];

	*out = (struct http_head){.fields = fields, .fields_max = HTTP_HEADERS_MAX};
	return http_head_parse(out, str_c(text));
}

static void a_plain_request_is_read(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse(&h, "GET /a/b/?match[type]=x&limit=2 HTTP/1.1\r\n"
	                           "Host: localhost\r\nAccept:  text/html \r\n\r\n"),
	    0);
	assert_int_equal(h.method, HTTP_GET);
	assert_true(str_eq(h.path, S("/a/b/")));
	assert_true(str_eq(h.query, S("match[type]=x&limit=2")));
	assert_int_equal(h.count, 2);
	assert_true(str_eq(h.fields[1].value, S("text/html")));
	assert_true(h.keep_alive);
}

static void the_absolute_form_loses_its_authority(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse(&h, "GET https://h:1/x?y HTTP/1.1\r\n\r\n"), 0);
	assert_true(str_eq(h.path, S("/x")));
	assert_int_equal(parse(&h, "GET http://h HTTP/1.1\r\n\r\n"), 0);
	assert_true(str_eq(h.path, S("/")));
}

static void what_two_parsers_could_read_differently_is_refused(void **state)
{
	static const struct {
		const char *text;
		int status;
	} CASES[] = {
	    {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
	    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
	    {"GET / HTTP/2.0\r\n\r\n", 505},
	    {"GET /\r\n\r\n", 400},
	    {"GET  / HTTP/1.1\r\n\r\n", 400},
	    {"GET x HTTP/1.1\r\n\r\n", 400},
	    {"GET /\xc3\xa4 HTTP/1.1\r\n\r\n", 400},
	    {"G(T / HTTP/1.1\r\n\r\n", 400},
	    {"GET / HTTP/1.1\r\nExpect: tea\r\n\r\n", 417},
	    {"\r\n\r\n", 400},
	    {"", 400},
	};
	struct http_head h;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(parse(&h, CASES[i].text), CASES[i].status);
}

static void connection_options_decide_about_the_next_request(void **state)
{
	struct http_head h;

	(void)state;
	assert_int_equal(parse(&h, "GET / HTTP/1.0\r\n\r\n"), 0);
	assert_false(h.keep_alive);
	assert_int_equal(parse(&h, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), 0);
	assert_true(h.keep_alive);
	assert_int_equal(parse(&h, "GET / HTTP/1.1\r\nConnection: te, close\r\n\r\n"), 0);
	assert_false(h.keep_alive);
}

static void the_end_of_a_head_is_found_across_pieces(void **state)
{
	struct str whole = S("GET / HTTP/1.1\r\nA: b\r\n\r\nrest");

	(void)state;
	for (size_t n = 0; n < whole.n - 4; n++) {
		assert_int_equal(http_head_end(str_slice(whole, 0, n), 0), 0);
		assert_int_equal(http_head_end(whole, n), whole.n - 4);
	}
}

/* The same chunks, however they are cut, decode to the same body. */
static void chunks_decode_the_same_however_they_arrive(void **state)
{
	struct str whole = S("4;x=y\r\nWiki\r\n5 \r\npedia\r\n0\r\nT: v\r\n\r\nNEXT");

	(void)state;
	for (size_t cut = 1; cut < whole.n; cut++) {
		struct http_chunks c = {0};
		enum http_chunks_result r = HTTP_CHUNKS_MORE;
		struct buf body;
		size_t at = 0;

		buf_init(&body, 100);
		while (r == HTTP_CHUNKS_MORE && at < whole.n) {
			size_t used = 0;

			r = http_chunks_feed(&c, str_slice(whole, at, at + cut), &body, &used);
			at += used;
		}
		assert_int_equal(r, HTTP_CHUNKS_DONE);
		assert_true(str_eq(buf_str(&body), S("Wikipedia")));
		assert_true(str_eq(str_from(whole, at), S("NEXT")));
		buf_free(&body);
	}
}

static void bad_and_big_chunks_are_refused(void **state)
{
	static const struct {
		struct str text;
		enum http_chunks_result result;
	} CASES[] = {
	    {S("\r\n"), HTTP_CHUNKS_BAD},
	    {S("g\r\n"), HTTP_CHUNKS_BAD},
	    {S("-1\r\n"), HTTP_CHUNKS_BAD},
	    {S("1\r\nab\r\n"), HTTP_CHUNKS_BAD},
	    {S("1\nab"), HTTP_CHUNKS_BAD},
	    {S("fffffffffffffffff\r\n"), HTTP_CHUNKS_BAD},
	    {S("b\r\n12345678901\r\n"), HTTP_CHUNKS_BIG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct http_chunks c = {0};
		struct buf body;
		size_t used = 0;

		buf_init(&body, 10);
		assert_int_equal(
		    http_chunks_feed(&c, CASES[i].text, &body, &used), CASES[i].result);
		buf_free(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_request_is_read),
	    cmocka_unit_test(the_absolute_form_loses_its_authority),
	    cmocka_unit_test(what_two_parsers_could_read_differently_is_refused),
	    cmocka_unit_test(connection_options_decide_about_the_next_request),
	    cmocka_unit_test(the_end_of_a_head_is_found_across_pieces),
	    cmocka_unit_test(chunks_decode_the_same_however_they_arrive),
	    cmocka_unit_test(bad_and_big_chunks_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
