/* SPDX-License-Identifier: Apache-2.0 */
/* What an identity provider sends: its configuration, its answer, its keys and a token, one a
 * line; and the last line as the claims of a token that is rightly signed, so that the fuzzer gets
 * behind the signature. */
#include <stdlib.h>

#include "crypt/sign.h"
#include "crypt/token.h"
#include "oidc/provider.h"
#include "oidc/token.h"

static const struct oidc_rules RULES = {.issuer = S("https://sso.example"),
    .client_id = S("tocsin"),
    .nonce = S("n"),
    .claim = S("sub"),
    .now = INT64_C(1800000000) * USEC_PER_SEC};

static void check_claims(struct arena *arena, struct str claims)
{
	static const unsigned char SEED[ED25519_SEED] = {7};
	unsigned char signature[ED25519_SIGNATURE];
	struct str subject = STR_NONE;
	struct sign_public public;
	struct oidc_token token;
	struct jws_key trusted;
	struct sign_key *key;
	struct str text;

	if (sign_key_from_seed(&key, SEED) != OK)
		abort();
	text = arena_printf(arena, "%.*s.%.*s",
	    STR_ARG(base64url_encode(arena, S("{\"alg\":\"EdDSA\"}"))),
	    STR_ARG(base64url_encode(arena, claims)));
	if (!text.p || sign_message(key, text, signature) != OK)
		abort();
	text = arena_printf(arena, "%.*s.%.*s", STR_ARG(text),
	    STR_ARG(
	        base64url_encode(arena, (struct str){(const char *)signature, sizeof(signature)})));
	public = sign_key_public(key);
	trusted =
	    (struct jws_key){.alg = JWS_EDDSA, .first = {(const char *)public.b, sizeof(public.b)}};
	if (oidc_token_read(&token, arena, text, NULL) == OK &&
	    oidc_token_check(&subject, &token, &trusted, &RULES, arena, NULL) == OK &&
	    (subject.n == 0 || subject.n > OIDC_SUBJECT_MAX))
		abort();
	sign_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct arena *arena = arena_new(16 << 20);
	struct str line[4] = {{0}};
	struct oidc_provider provider;
	struct oidc_keys keys;
	struct oidc_token token;
	struct str text;

	for (size_t i = 0; i < 4; i++)
		line[i] = str_cut(&rest, '\n');
	if (oidc_provider_parse(&provider, arena, line[0], RULES.issuer, NULL) == OK &&
	    !str_starts(provider.token, S("https://")))
		abort();
	if (oidc_answer_parse(&text, arena, 200, line[1], NULL) == OK && !text.p)
		abort();
	if (oidc_keys_parse(&keys, arena, line[2], NULL) == OK &&
	    oidc_token_read(&token, arena, line[3], NULL) == OK) {
		const struct jws_key *key = oidc_token_key(&token, &keys);

		/* Nobody without the key makes a token. */
		if (key && key->alg == JWS_EDDSA &&
		    oidc_token_check(&text, &token, key, &RULES, arena, NULL) == OK)
			abort();
	}
	if (rest.n <= 8000)
		check_claims(arena, rest.p ? rest : S(""));
	arena_free(arena);
	return 0;
}
