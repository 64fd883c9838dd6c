/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/provider.h"

#include "codec/json.h"
#include "http/text.h"

static const struct json_limits LIMITS = {.bytes = 256 << 10, .depth = 16};

enum { WORDS_MAX = 64, WORD_MAX = 60 };

static enum err read_address(
    struct str *out, yyjson_val *root, const char *key, uint16_t port, struct fault *fault)
{
	struct str text = json_get_str(root, key);
	struct http_url url;

	if (!text.p || http_url_parse(&url, text) != OK)
		return fail(fault, ERR_PARSE, "the provider's %s is no https address", key);
	if (url.port != port)
		return fail(fault, ERR_DENIED,
		    "the provider's %s has port %u, its issuer %u: only that one is asked", key,
		    (unsigned)url.port, (unsigned)port);
	*out = text;
	return OK;
}

/* Whether a list that may be absent has the word. */
static bool lists(yyjson_val *root, const char *key, struct str word, bool when_absent)
{
	yyjson_val *list = yyjson_obj_get(root, key);
	yyjson_val *item;
	size_t i, n;

	if (!yyjson_is_arr(list))
		return when_absent;
	yyjson_arr_foreach(list, i, n, item)
	{
		if (i < WORDS_MAX && str_eq(json_str(item), word))
			return true;
	}
	return false;
}

enum err oidc_provider_parse(struct oidc_provider *out, struct arena *arena, struct str text,
    struct str issuer, struct fault *fault)
{
	static const char METHODS[] = "token_endpoint_auth_methods_supported";
	struct oidc_provider p = {0};
	struct http_url url;
	yyjson_val *root;

	if (http_url_parse(&url, issuer) != OK)
		return fail(fault, ERR_INVALID, "the issuer is no https address");
	if (json_parse(&root, arena, text, &LIMITS, NULL) != OK || !yyjson_is_obj(root))
		return fail(fault, ERR_PARSE, "the provider's configuration is no JSON");
	if (!str_eq(json_get_str(root, "issuer"), issuer))
		return fail(fault, ERR_DENIED,
		    "the provider calls itself by another issuer than [oidc] issuer, which must be "
		    "written exactly as it does");
	TRY(read_address(&p.authorization, root, "authorization_endpoint", url.port, fault));
	TRY(read_address(&p.token, root, "token_endpoint", url.port, fault));
	TRY(read_address(&p.keys, root, "jwks_uri", url.port, fault));
	if (!lists(root, "code_challenge_methods_supported", S("S256"), true))
		return fail(fault, ERR_DENIED, "the provider knows no PKCE with S256");
	p.by_form = !lists(root, METHODS, S("client_secret_basic"), true);
	if (p.by_form && !lists(root, METHODS, S("client_secret_post"), false))
		return fail(fault, ERR_DENIED,
		    "the provider takes neither client_secret_basic nor client_secret_post");
	*out = p;
	return OK;
}

/* A word as RFC 6749 §5.2 has them; what is none is not repeated to people. */
static struct str word_of(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '_'))
			return S("an unreadable error");
	return text.n > 0 && text.n <= WORD_MAX ? text : S("an unreadable error");
}

enum err oidc_answer_parse(struct str *id_token, struct arena *arena, unsigned status,
    struct str text, struct fault *fault)
{
	yyjson_val *root = NULL;
	bool read = json_parse(&root, arena, text, &LIMITS, NULL) == OK && yyjson_is_obj(root);
	struct str token = read ? json_get_str(root, "id_token") : STR_NONE;

	if (status >= 300 && status < 400)
		return fail(
		    fault, ERR_DENIED, "the provider sends elsewhere, which is not followed");
	if (status != 200 && read)
		return fail(fault, ERR_DENIED, "the provider refuses the code: %.*s",
		    STR_ARG(word_of(json_get_str(root, "error"))));
	if (status != 200 || !read)
		return fail(fault, ERR_PARSE, "the provider's answer (%u) cannot be read", status);
	if (!token.p)
		return fail(fault, ERR_PARSE, "the provider gives no ID token");
	*id_token = token;
	return OK;
}
