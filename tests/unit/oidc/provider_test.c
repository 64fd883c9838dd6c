/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "oidc/provider.h"

#define ISSUER "https://sso.example"
#define REST                                                                                       \
	"\"authorization_endpoint\":\"https://sso.example/a\",\"token_endpoint\":"                 \
	"\"https://sso.example/t\",\"jwks_uri\":\"https://keys.example/k\"}"

static void a_provider_says_where_it_is_asked(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct oidc_provider p;

	(void)state;
	assert_int_equal(
	    oidc_provider_parse(&p, a, S("{\"issuer\":\"" ISSUER "\"," REST), S(ISSUER), NULL), OK);
	assert_true(str_eq(p.authorization, S("https://sso.example/a")));
	assert_true(str_eq(p.keys, S("https://keys.example/k")));
	assert_false(p.by_form);
	assert_int_equal(
	    oidc_provider_parse(&p, a,
	        S("{\"issuer\":\"" ISSUER
	          "\",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]," REST),
	        S(ISSUER), NULL),
	    OK);
	assert_true(p.by_form);
	arena_free(a);
}

static void what_a_provider_must_not_say_is_named(void **state)
{
	static const struct {
		struct str text;
		const char *word;
	} CASES[] = {
	    {S("{\"issuer\":\"https://sso.example/\"," REST), "another issuer"},
	    {S("{" REST), "another issuer"},
	    {S("{\"issuer\":\"" ISSUER "\"}"), "authorization_endpoint"},
	    {S("{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"http://sso.example/a\"}"),
	        "authorization_endpoint"},
	    {S("{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://a:22/\"}"),
	        "has port 22"},
	    {S("{\"issuer\":\"" ISSUER "\",\"code_challenge_methods_supported\":[\"plain\"]," REST),
	        "PKCE"},
	    {S("{\"issuer\":\"" ISSUER
	       "\",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]," REST),
	        "client_secret_basic"},
	    {S("<html>"), "no JSON"},
	    {S("[]"), "no JSON"},
	    {S("{\"issuer\":\"" ISSUER "\",\"issuer\":\"x\"}"), "no JSON"},
	};
	struct arena *a = arena_new(1 << 20);
	struct oidc_provider p;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_not_equal(
		    oidc_provider_parse(&p, a, CASES[i].text, S(ISSUER), &fault), OK);
		assert_non_null(strstr(fault.text, CASES[i].word));
	}
	arena_free(a);
}

static void answers_give_a_token_or_the_providers_word(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct fault fault;
	struct str token;

	(void)state;
	assert_int_equal(
	    oidc_answer_parse(&token, a, 200, S("{\"id_token\":\"a.b.c\"}"), NULL), OK);
	assert_true(str_eq(token, S("a.b.c")));
	assert_int_equal(oidc_answer_parse(&token, a, 200, S("{}"), NULL), ERR_PARSE);
	assert_int_equal(oidc_answer_parse(&token, a, 302, S(""), NULL), ERR_DENIED);
	assert_int_equal(oidc_answer_parse(&token, a, 500, S("oops"), NULL), ERR_PARSE);
	assert_int_equal(
	    oidc_answer_parse(&token, a, 400, S("{\"error\":\"invalid_grant\"}"), &fault),
	    ERR_DENIED);
	assert_non_null(strstr(fault.text, "invalid_grant"));
	/* What is no word of the standard is not passed on. */
	assert_int_equal(
	    oidc_answer_parse(&token, a, 400, S("{\"error\":\"<b>call 112\"}"), &fault),
	    ERR_DENIED);
	assert_null(strstr(fault.text, "112"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_provider_says_where_it_is_asked),
	    cmocka_unit_test(what_a_provider_must_not_say_is_named),
	    cmocka_unit_test(answers_give_a_token_or_the_providers_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
