/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/token.h"

#include "codec/json.h"
#include "crypt/token.h"

static const struct json_limits LIMITS = {.bytes = 256 << 10, .depth = 16};

/* Clocks of two machines are never the same. A token is made for the question just asked. */
static const int64_t SKEW = 60;
static const int64_t AGE_MAX = 600;

enum { AUDIENCES_MAX = 32 };

static bool part(struct str *out, struct arena *arena, yyjson_val *key, const char *name)
{
	struct str text = json_get_str(key, name);

	return text.p && text.n <= 2000 && base64url_decode(out, arena, text) == OK && out->n > 0;
}

/* Leading zeros say nothing of a number. */
static struct str without_zeros(struct str number)
{
	while (number.n > 1 && number.p[0] == 0)
		number = str_from(number, 1);
	return number;
}

static bool read_parts(struct jws_key *out, struct arena *arena, yyjson_val *key)
{
	struct str kind = json_get_str(key, "kty");
	struct str curve = json_get_str(key, "crv");

	if (str_eq(kind, S("RSA"))) {
		out->alg = JWS_RS256;
		if (!part(&out->first, arena, key, "n") || !part(&out->second, arena, key, "e"))
			return false;
		out->first = without_zeros(out->first);
		out->second = without_zeros(out->second);
		return true;
	}
	if (str_eq(kind, S("EC")) && str_eq(curve, S("P-256"))) {
		out->alg = JWS_ES256;
		return part(&out->first, arena, key, "x") && part(&out->second, arena, key, "y");
	}
	out->alg = JWS_EDDSA;
	return str_eq(kind, S("OKP")) && str_eq(curve, S("Ed25519")) &&
	       part(&out->first, arena, key, "x");
}

static bool read_key(struct oidc_key *out, struct arena *arena, yyjson_val *key)
{
	struct str use = json_get_str(key, "use");
	struct str name = json_get_str(key, "alg");
	enum jws_alg alg;

	out->kid = json_get_str(key, "kid");
	if ((use.p && !str_eq(use, S("sig"))) || out->kid.n > OIDC_KID_MAX ||
	    !read_parts(&out->key, arena, key) || !jws_key_fits(&out->key))
		return false;
	return !name.p || (jws_alg_of(&alg, name) == OK && alg == out->key.alg);
}

enum err oidc_keys_parse(
    struct oidc_keys *out, struct arena *arena, struct str text, struct fault *fault)
{
	yyjson_val *root, *key;
	size_t i, n;

	out->count = 0;
	if (json_parse(&root, arena, text, &LIMITS, NULL) != OK)
		return fail(fault, ERR_PARSE, "the provider's keys are no JSON");
	yyjson_arr_foreach(yyjson_obj_get(root, "keys"), i, n, key)
	{
		if (out->count < OIDC_KEYS_MAX && read_key(&out->items[out->count], arena, key))
			out->count++;
	}
	return out->count > 0 ? OK
	                      : fail(fault, ERR_NOT_FOUND,
	                            "the provider shows no key of RS256, ES256 or Ed25519");
}

static enum err read_header(
    struct oidc_token *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct str json;
	yyjson_val *root;

	if (base64url_decode(&json, arena, text) != OK ||
	    json_parse(&root, arena, json, &LIMITS, NULL) != OK || !yyjson_is_obj(root))
		return fail(fault, ERR_PARSE, "the ID token's header cannot be read");
	if (jws_alg_of(&out->alg, json_get_str(root, "alg")) != OK)
		return fail(fault, ERR_DENIED,
		    "the ID token is not signed with RS256, ES256 or EdDSA: set one of them at the "
		    "provider");
	/* Who must be understood to be understood is not (RFC 7515 §4.1.11). */
	if (yyjson_obj_get(root, "crit"))
		return fail(fault, ERR_DENIED, "the ID token wants an extension of JWS");
	out->kid = json_get_str(root, "kid");
	return OK;
}

enum err oidc_token_read(
    struct oidc_token *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct oidc_token token = {0};
	struct str rest = text;
	struct str header = str_cut(&rest, '.');
	struct str payload = str_cut(&rest, '.');

	if (text.n > OIDC_TOKEN_MAX)
		return fail(
		    fault, ERR_LIMIT, "the ID token is longer than %d bytes", OIDC_TOKEN_MAX);
	if (!rest.p || str_find(rest, '.') < rest.n)
		return fail(fault, ERR_PARSE, "the ID token has not three parts");
	TRY(read_header(&token, arena, header, fault));
	if (base64url_decode(&token.payload, arena, payload) != OK ||
	    base64url_decode(&token.signature, arena, rest) != OK)
		return fail(fault, ERR_PARSE, "the ID token is no base64url");
	token.message = str_slice(text, 0, header.n + 1 + payload.n);
	*out = token;
	return OK;
}

const struct jws_key *oidc_token_key(const struct oidc_token *token, const struct oidc_keys *keys)
{
	const struct jws_key *found = NULL;

	for (size_t i = 0; i < keys->count; i++) {
		const struct oidc_key *k = &keys->items[i];

		if (k->key.alg != token->alg || (token->kid.p && !str_eq(k->kid, token->kid)))
			continue;
		if (token->kid.p)
			return &k->key;
		if (found)
			return NULL;
		found = &k->key;
	}
	return found;
}

/* One text or several; whoever else it is for. */
static bool is_for(yyjson_val *audience, struct str client_id, bool *others)
{
	bool ours = false;
	yyjson_val *item;
	size_t i, n;

	*others = false;
	if (yyjson_is_str(audience))
		return str_eq(json_str(audience), client_id);
	if (yyjson_arr_size(audience) > AUDIENCES_MAX)
		return false;
	yyjson_arr_foreach(audience, i, n, item)
	{
		bool same = str_eq(json_str(item), client_id);

		ours |= same;
		*others |= !same;
	}
	return ours;
}

static enum err check_parties(yyjson_val *root, const struct oidc_rules *rules, struct fault *fault)
{
	yyjson_val *party = yyjson_obj_get(root, "azp");
	bool others;

	if (!str_eq(json_get_str(root, "iss"), rules->issuer))
		return fail(fault, ERR_DENIED, "the ID token is of another issuer");
	if (!is_for(yyjson_obj_get(root, "aud"), rules->client_id, &others))
		return fail(fault, ERR_DENIED, "the ID token is for another client (aud)");
	if ((others && !party) || (party && !str_eq(json_str(party), rules->client_id)))
		return fail(
		    fault, ERR_DENIED, "the ID token was asked for by another client (azp)");
	if (rules->nonce.n == 0 || !str_eq(json_get_str(root, "nonce"), rules->nonce))
		return fail(fault, ERR_DENIED,
		    "the ID token is not of this sign-in (nonce): sign in again");
	return OK;
}

/* Seconds since 1970; -1 for what is none, or not of this age of the world. */
static int64_t seconds(yyjson_val *root, const char *claim)
{
	yyjson_val *value = yyjson_obj_get(root, claim);
	double real = yyjson_is_real(value) ? yyjson_get_real(value) : -1;

	if (yyjson_is_uint(value))
		return yyjson_get_uint(value) < (uint64_t)1 << 40 ? (int64_t)yyjson_get_uint(value)
		                                                  : -1;
	return real >= 0 && real < (double)((int64_t)1 << 40) ? (int64_t)real : -1;
}

static enum err check_times(yyjson_val *root, usec now, struct fault *fault)
{
	int64_t at = now / USEC_PER_SEC;
	int64_t end = seconds(root, "exp");
	int64_t made = seconds(root, "iat");
	int64_t start = yyjson_obj_get(root, "nbf") ? seconds(root, "nbf") : 0;

	if (end < 0 || made < 0 || start < 0)
		return fail(
		    fault, ERR_DENIED, "the ID token does not say from when to when it counts");
	if (end + SKEW <= at)
		return fail(fault, ERR_DENIED,
		    "the ID token is expired: sign in again, or set the clocks right");
	if (made > at + SKEW || start > at + SKEW)
		return fail(
		    fault, ERR_DENIED, "the ID token is of a time to come: set the clocks right");
	if (made + AGE_MAX < at)
		return fail(fault, ERR_DENIED,
		    "the ID token was made more than %lld minutes ago: sign in again, or set the "
		    "clocks right",
		    (long long)AGE_MAX / 60);
	return OK;
}

static enum err read_subject(struct str *subject, yyjson_val *root, const struct oidc_rules *rules,
    struct arena *arena, struct fault *fault)
{
	const char *name = arena_str(arena, rules->claim).p;
	struct str value = name ? json_get_str(root, name) : STR_NONE;

	if (value.n == 0 || value.n > OIDC_SUBJECT_MAX || json_get_str(root, "sub").n == 0)
		return fail(fault, ERR_DENIED,
		    "the ID token has no usable claim %.*s (1 to %d bytes of text)",
		    STR_ARG(str_slice(rules->claim, 0, 60)), OIDC_SUBJECT_MAX);
	/* Anybody can give a provider somebody else's address. */
	if (str_eq(rules->claim, S("email")) &&
	    !yyjson_is_true(yyjson_obj_get(root, "email_verified")))
		return fail(fault, ERR_DENIED,
		    "the provider has not verified this e-mail address (email_verified)");
	*subject = value;
	return OK;
}

enum err oidc_token_check(struct str *subject, const struct oidc_token *token,
    const struct jws_key *key, const struct oidc_rules *rules, struct arena *arena,
    struct fault *fault)
{
	yyjson_val *root;

	if (key->alg != token->alg || !jws_verify(key, token->message, token->signature))
		return fail(fault, ERR_DENIED, "the ID token's signature does not hold");
	if (json_parse(&root, arena, token->payload, &LIMITS, NULL) != OK || !yyjson_is_obj(root))
		return fail(fault, ERR_PARSE, "the ID token's claims cannot be read");
	TRY(check_parties(root, rules, fault));
	TRY(check_times(root, rules->now, fault));
	return read_subject(subject, root, rules, arena, fault);
}
