/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/text.h"

static void percent_escapes_are_decoded_or_refused(void **state)
{
	static const struct {
		struct str raw, decoded; /* decoded.p NULL: refused */
	} CASES[] = {
	    {S("plain"), S("plain")},
	    {S("match%5Btype%5d"), S("match[type]")},
	    {S("a+b"), S("a b")},
	    {S("%2B"), S("+")},
	    {S("%C3%A4"), S("\xc3\xa4")},
	    {S(""), S("")},
	    {S("%"), {NULL, 0}},
	    {S("%4"), {NULL, 0}},
	    {S("%zz"), {NULL, 0}},
	    {S("%4z"), {NULL, 0}},
	    {S("a%00"), {NULL, 0}},
	};
	struct arena *a = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct str out = STR_NONE;
		enum err rc = http_decode(&out, a, CASES[i].raw, true);

		assert_int_equal(rc, CASES[i].decoded.p ? OK : ERR_PARSE);
		assert_true(str_eq(out, CASES[i].decoded));
	}
	arena_free(a);
}

static void a_query_is_walked_pair_by_pair(void **state)
{
	struct str rest = S("a=1&&b&c=x=y&");
	struct str key, value;

	(void)state;
	assert_true(http_query_next(&rest, &key, &value));
	assert_true(str_eq(key, S("a")) && str_eq(value, S("1")));
	assert_true(http_query_next(&rest, &key, &value));
	assert_true(str_eq(key, S("b")));
	assert_null(value.p);
	assert_true(http_query_next(&rest, &key, &value));
	assert_true(str_eq(key, S("c")) && str_eq(value, S("x=y")));
	assert_false(http_query_next(&rest, &key, &value));
}

static void media_ranges_are_read_with_parameters_and_quality(void **state)
{
	struct str rest = S("application/taxii+json;version=2.1, application/stix+json ; "
	                    "version=\"2.1\" ;q=0.5,*/*;q=0,, text/html;a=\"x,y;z\"");
	struct http_media m;

	(void)state;
	assert_int_equal(http_media_next(&rest, &m), OK);
	assert_true(str_eq(m.type, S("application/taxii+json")));
	assert_true(str_eq(m.version, S("2.1")));
	assert_int_equal(m.quality, 1000);
	assert_int_equal(http_media_next(&rest, &m), OK);
	assert_true(str_eq(m.version, S("2.1")));
	assert_int_equal(m.quality, 500);
	assert_int_equal(http_media_next(&rest, &m), OK);
	assert_true(str_eq(m.type, S("*/*")));
	assert_int_equal(m.quality, 0);
	assert_int_equal(http_media_next(&rest, &m), OK);
	assert_true(str_eq(m.type, S("text/html")));
	assert_int_equal(http_media_next(&rest, &m), ERR_NOT_FOUND);
}

static void what_is_no_media_range_is_refused(void **state)
{
	static const struct str BAD[] = {
	    S("html"), S("/x"), S("x/"), S("a/b/c"), S("a b/c"), S("a/b;q=2"), S("a/b;q=x")};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct str rest = BAD[i];
		struct http_media m;

		assert_int_equal(http_media_next(&rest, &m), ERR_PARSE);
	}
}

static void addresses_of_servers_are_taken_apart_or_refused(void **state)
{
	static const struct {
		struct str text, host, target; /* host.p NULL: refused */
		uint16_t port;
	} CASES[] = {
	    {S("https://sso.example"), S("sso.example"), S("/"), 443},
	    {S("https://sso.example:8443/realms/a?b=c"), S("sso.example"), S("/realms/a?b=c"),
	        8443},
	    {S("https://[::1]:444/"), S("::1"), S("/"), 444},
	    {S("https://192.0.2.1/"), S("192.0.2.1"), S("/"), 443},
	    {S("http://sso.example/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https:///x"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a:0/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a:65536/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a:/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://user@a/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a/#b"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a?b/c"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a /"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://a\r\nHost: b/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://-a/"), {NULL, 0}, {NULL, 0}, 0},
	    {S("https://::1/"), {NULL, 0}, {NULL, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct http_url url = {0};

		assert_int_equal(
		    http_url_parse(&url, CASES[i].text), CASES[i].host.p ? OK : ERR_PARSE);
		assert_true(str_eq(url.host, CASES[i].host));
		assert_true(str_eq(url.target, CASES[i].target));
		assert_int_equal(url.port, CASES[i].port);
	}
}

static void values_of_forms_are_escaped(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	http_escape(&b, S("a-Z_0.~ &=+/%\xc3"));
	assert_true(str_eq(buf_str(&b), S("a-Z_0.~%20%26%3D%2B%2F%25%C3")));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(percent_escapes_are_decoded_or_refused),
	    cmocka_unit_test(addresses_of_servers_are_taken_apart_or_refused),
	    cmocka_unit_test(values_of_forms_are_escaped),
	    cmocka_unit_test(a_query_is_walked_pair_by_pair),
	    cmocka_unit_test(media_ranges_are_read_with_parameters_and_quality),
	    cmocka_unit_test(what_is_no_media_range_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
