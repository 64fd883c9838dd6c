/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens that a provider made, or did not: each reason for refusal once, over tokens signed
 * here. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "crypt/sign.h"
#include "crypt/token.h"
#include "oidc/token.h"

#define NOW INT64_C(1800000000)
#define HEADER "{\"alg\":\"EdDSA\",\"kid\":\"k\"}"
#define CLAIMS(rest)                                                                               \
	"{\"iss\":\"https://sso.example\",\"aud\":\"tocsin\",\"sub\":\"alice\",\"nonce\":\"n\","   \
	"\"iat\":1800000000,\"exp\":1800000300" rest "}"

struct scene {
	struct arena *arena;
	struct sign_key *key;
	struct oidc_keys keys;
	struct oidc_rules rules;
	struct fault fault;
	struct str subject;
};

static struct str encoded(struct scene *s, struct str bytes)
{
	return base64url_encode(s->arena, bytes);
}

static struct str keys_text(struct scene *s, const char *kid)
{
	struct sign_public public = sign_key_public(s->key);

	return arena_printf(s->arena,
	    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQAB\"},"
	    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%.*s\"}]}",
	    kid, STR_ARG(encoded(s, (struct str){(const char *)public.b, sizeof(public.b)})));
}

static void make(struct scene *s)
{
	static const unsigned char SEED[ED25519_SEED] = {7};

	memset(s, 0, sizeof(*s));
	s->arena = arena_new(4 << 20);
	assert_int_equal(sign_key_from_seed(&s->key, SEED), OK);
	assert_int_equal(oidc_keys_parse(&s->keys, s->arena, keys_text(s, "k"), NULL), OK);
	assert_int_equal(s->keys.count, 1);
	s->rules = (struct oidc_rules){.issuer = S("https://sso.example"),
	    .client_id = S("tocsin"),
	    .nonce = S("n"),
	    .claim = S("sub"),
	    .now = NOW * USEC_PER_SEC};
}

static void end(struct scene *s)
{
	sign_key_free(s->key);
	arena_free(s->arena);
}

static struct str token_of(struct scene *s, const char *header, const char *claims)
{
	unsigned char signature[ED25519_SIGNATURE];
	struct str message = arena_printf(s->arena, "%.*s.%.*s", STR_ARG(encoded(s, str_c(header))),
	    STR_ARG(encoded(s, str_c(claims))));

	assert_int_equal(sign_message(s->key, message, signature), OK);
	return arena_printf(s->arena, "%.*s.%.*s", STR_ARG(message),
	    STR_ARG(encoded(s, (struct str){(const char *)signature, sizeof(signature)})));
}

static enum err check(struct scene *s, struct str text)
{
	const struct jws_key *key;
	struct oidc_token token;
	enum err rc = oidc_token_read(&token, s->arena, text, &s->fault);

	if (rc != OK)
		return rc;
	key = oidc_token_key(&token, &s->keys);
	return key ? oidc_token_check(&s->subject, &token, key, &s->rules, s->arena, &s->fault)
	           : ERR_NOT_FOUND;
}

static enum err check_claims(struct scene *s, const char *claims)
{
	return check(s, token_of(s, HEADER, claims));
}

static void what_was_asked_for_is_taken(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	assert_int_equal(check_claims(&s, CLAIMS("")), OK);
	assert_true(str_eq(s.subject, S("alice")));
	assert_int_equal(check_claims(&s, CLAIMS(",\"azp\":\"tocsin\"")), OK);
	/* Without a name the only key of its kind will do. */
	assert_int_equal(check(&s, token_of(&s, "{\"alg\":\"EdDSA\"}", CLAIMS(""))), OK);
	s.rules.claim = S("email");
	assert_int_equal(
	    check_claims(&s, CLAIMS(",\"email\":\"a@b\",\"email_verified\":true")), OK);
	assert_true(str_eq(s.subject, S("a@b")));
	end(&s);
}

static void headers_that_promise_less_are_refused(void **state)
{
	static const struct {
		const char *header;
		enum err rc;
	} CASES[] = {
	    {"{\"alg\":\"none\"}", ERR_DENIED},
	    {"{\"alg\":\"HS256\",\"kid\":\"k\"}", ERR_DENIED},
	    {"{\"kid\":\"k\"}", ERR_DENIED},
	    {"{\"alg\":\"EdDSA\",\"kid\":\"other\"}", ERR_NOT_FOUND},
	    {"{\"alg\":\"RS256\",\"kid\":\"k\"}", ERR_NOT_FOUND},
	    {"{\"alg\":\"EdDSA\",\"kid\":\"k\",\"crit\":[\"b64\"],\"b64\":false}", ERR_DENIED},
	    {"{\"alg\":\"EdDSA\",\"alg\":\"none\"}", ERR_PARSE},
	    {"[]", ERR_PARSE},
	    {"", ERR_PARSE},
	};
	struct scene s;

	(void)state;
	make(&s);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(check(&s, token_of(&s, CASES[i].header, CLAIMS(""))), CASES[i].rc);
	end(&s);
}

/* A change of one claim, and the word of the reason. */
static void claims_that_differ_are_refused_with_their_name(void **state)
{
	static const struct {
		const char *from, *to, *word;
	} CASES[] = {
	    {"https://sso.example", "https://sso.example/", "issuer"},
	    {"\"aud\":\"tocsin\"", "\"aud\":\"tocsin2\"", "(aud)"},
	    {"\"aud\":\"tocsin\"", "\"aud\":[\"a\",\"b\"]", "(aud)"},
	    {"\"aud\":\"tocsin\"", "\"aud\":{\"tocsin\":1}", "(aud)"},
	    {"\"aud\":\"tocsin\"", "\"aud\":[\"tocsin\",\"b\"]", "(azp)"},
	    {"\"aud\":\"tocsin\"", "\"aud\":\"tocsin\",\"azp\":\"b\"", "(azp)"},
	    {"\"aud\":\"tocsin\"", "\"aud\":\"tocsin\",\"azp\":null", "(azp)"},
	    {"\"nonce\":\"n\"", "\"nonce\":\"m\"", "(nonce)"},
	    {"\"nonce\":\"n\"", "\"nonce\":null", "(nonce)"},
	    {"\"exp\":1800000300", "\"exp\":1799999900", "expired"},
	    {"\"exp\":1800000300", "\"exp\":\"1800000300\"", "from when"},
	    {"\"exp\":1800000300", "\"exp\":99999999999999999999", "from when"},
	    {"\"exp\":1800000300", "\"ex\":1800000300", "from when"},
	    {"\"iat\":1800000000", "\"iat\":1800000100", "time to come"},
	    {"\"iat\":1800000000", "\"iat\":1799999000", "10 minutes"},
	    {"\"iat\":1800000000", "\"iat\":-5", "from when"},
	    {"\"iat\":1800000000", "\"iat\":1800000000,\"nbf\":1800000100", "time to come"},
	    {"\"sub\":\"alice\"", "\"sub\":\"\"", "claim sub"},
	    {"\"sub\":\"alice\"", "\"sub\":7", "claim sub"},
	};
	struct scene s;

	(void)state;
	make(&s);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *all = CLAIMS("");
		const char *at = strstr(all, CASES[i].from);
		char claims[1000];

		assert_non_null(at);
		(void)snprintf(claims, sizeof(claims), "%.*s%s%s", (int)(at - all), all,
		    CASES[i].to, at + strlen(CASES[i].from));
		assert_int_equal(check_claims(&s, claims), ERR_DENIED);
		assert_non_null(strstr(s.fault.text, CASES[i].word));
	}
	assert_null(s.subject.p);
	end(&s);
}

static void an_address_that_nobody_verified_names_nobody(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	s.rules.claim = S("email");
	assert_int_equal(check_claims(&s, CLAIMS(",\"email\":\"a@b\"")), ERR_DENIED);
	assert_int_equal(
	    check_claims(&s, CLAIMS(",\"email\":\"a@b\",\"email_verified\":\"true\"")), ERR_DENIED);
	end(&s);
}

static void what_is_not_signed_as_it_stands_is_refused(void **state)
{
	struct scene s;
	struct str token, other;

	(void)state;
	make(&s);
	token = token_of(&s, HEADER, CLAIMS(""));
	other = token_of(&s, HEADER, CLAIMS(",\"x\":1"));
	/* The claims of one with the signature of the other. */
	assert_int_equal(check(&s, arena_printf(s.arena, "%.*s%s", (int)(other.n - 86), other.p,
	                               token.p + token.n - 86)),
	    ERR_DENIED);
	assert_int_equal(check(&s, str_slice(token, 0, token.n - 86)), ERR_DENIED);
	assert_int_equal(check(&s, str_slice(token, 0, token.n - 87)), ERR_PARSE);
	assert_int_equal(check(&s, arena_printf(s.arena, "%.*s.", STR_ARG(token))), ERR_PARSE);
	assert_int_equal(check(&s, arena_printf(s.arena, "%.*s=", STR_ARG(token))), ERR_PARSE);
	assert_int_equal(check(&s, S("")), ERR_PARSE);
	token.n = OIDC_TOKEN_MAX + 1;
	assert_int_equal(
	    check(&s, (struct str){arena_zalloc(s.arena, token.n), token.n}), ERR_LIMIT);
	end(&s);
}

static void keys_for_other_uses_are_passed_over(void **state)
{
	struct scene s;
	struct oidc_keys keys;

	(void)state;
	make(&s);
	assert_int_equal(oidc_keys_parse(&keys, s.arena, S("{\"keys\":[]}"), NULL), ERR_NOT_FOUND);
	assert_int_equal(oidc_keys_parse(&keys, s.arena, S("[]"), NULL), ERR_NOT_FOUND);
	assert_int_equal(oidc_keys_parse(&keys, s.arena, S("{"), NULL), ERR_PARSE);
	assert_int_equal(oidc_keys_parse(&keys, s.arena,
	                     S("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"},"
	                       "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\",\"x\":"
	                       "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
	                       "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"RS256\",\"x\":"
	                       "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
	                       "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}]}"),
	                     NULL),
	    ERR_NOT_FOUND);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_asked_for_is_taken),
	    cmocka_unit_test(headers_that_promise_less_are_refused),
	    cmocka_unit_test(claims_that_differ_are_refused_with_their_name),
	    cmocka_unit_test(an_address_that_nobody_verified_names_nobody),
	    cmocka_unit_test(what_is_not_signed_as_it_stands_is_refused),
	    cmocka_unit_test(keys_for_other_uses_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
