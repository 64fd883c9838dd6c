/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/credentials.h"

#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/rd.h"
#include "crypt/token.h"

enum { SESSION_VERSION = 1, TOKEN_ID_MAX = 64 };

static enum err parse_basic(struct credentials *out, struct arena *arena, struct str text)
{
	struct str plain;
	size_t colon;

	TRY(base64_decode(&plain, arena, text));
	colon = str_find(plain, ':');
	if (colon == plain.n)
		return ERR_PARSE;
	out->scheme = SCHEME_BASIC;
	out->name = str_slice(plain, 0, colon);
	out->password = str_from(plain, colon + 1);
	return OK;
}

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_';
}

static bool is_token_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

static enum err parse_bearer(struct credentials *out, struct str text)
{
	size_t dot = str_find(text, '.');

	out->scheme = SCHEME_BEARER;
	out->id = str_slice(text, 0, dot);
	out->secret = str_from(text, dot + 1);
	if (out->id.n > TOKEN_ID_MAX || !is_token_text(out->id) || !is_token_text(out->secret))
		return ERR_PARSE;
	return OK;
}

enum err credentials_parse(struct credentials *out, struct arena *arena, struct str authorization)
{
	struct credentials c = {0};
	size_t space = str_find(authorization, ' ');
	struct str scheme = str_slice(authorization, 0, space);
	struct str rest = str_trim(str_from(authorization, space));

	if (authorization.n > AUTHORIZATION_MAX)
		return ERR_PARSE;
	if (str_eq_nocase(scheme, S("Basic")))
		TRY(parse_basic(&c, arena, rest));
	else if (str_eq_nocase(scheme, S("Bearer")))
		TRY(parse_bearer(&c, rest));
	else
		return ERR_PARSE;
	*out = c;
	return OK;
}

struct str cookie_value(struct str header, struct str name)
{
	struct str rest = header.n <= COOKIE_MAX ? header : STR_NONE;

	while (rest.p) {
		struct str pair = str_trim(str_cut(&rest, ';'));
		size_t equals = str_find(pair, '=');

		if (equals < pair.n && str_eq(str_slice(pair, 0, equals), name))
			return str_from(pair, equals + 1);
	}
	return STR_NONE;
}

bool origin_is(struct str origin, struct str host)
{
	size_t at = str_search(origin, S("://"));

	return host.n > 0 && at < origin.n && str_eq_nocase(str_from(origin, at + 3), host);
}

struct str session_seal(const struct session *s, const struct sha256 *key, struct arena *arena)
{
	struct str text;
	struct buf b;

	buf_init(&b, 17 + ACCOUNT_NAME_MAX);
	buf_u8(&b, SESSION_VERSION);
	buf_u64(&b, (uint64_t)s->expires);
	buf_u64(&b, s->generation);
	buf_put(&b, (struct str){s->name, s->name_n});
	text = b.failed == OK ? token_seal(key, S("session"), buf_str(&b), arena) : STR_NONE;
	buf_free(&b);
	return text;
}

enum err session_open(
    struct session *out, const struct sha256 *key, struct str text, struct arena *arena)
{
	struct session s = {0};
	struct str plain, name;
	struct rd r;

	TRY(token_open(&plain, key, S("session"), text, arena));
	r = rd_of(plain);
	if (rd_u8(&r) != SESSION_VERSION)
		return ERR_INVALID;
	s.expires = (usec)rd_u64(&r);
	s.generation = rd_u64(&r);
	name = rd_rest(&r);
	if (r.failed || !account_name_valid(name))
		return ERR_INVALID;
	memcpy(s.name, name.p, name.n);
	s.name_n = name.n;
	*out = s;
	return OK;
}
