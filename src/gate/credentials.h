/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the credentials of a request: headers of foreign bytes to bounded values. Pure; private
 * to this folder. RFC 7617 (Basic), RFC 6750 (Bearer), RFC 6265 (cookies). */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"
#include "ops/role.h"

enum { AUTHORIZATION_MAX = 4096, COOKIE_MAX = 8192 };

enum scheme { SCHEME_BASIC, SCHEME_BEARER };

struct credentials {
	enum scheme scheme;
	struct str name, password; /* Basic */
	struct str id, secret;     /* Bearer: ID.SECRET */
};

/* ERR_PARSE for anything that is not exactly one of the schemes. Strings live in the arena. */
MUST_USE enum err credentials_parse(
    struct credentials *out, struct arena *arena, struct str authorization);

/* The value of a cookie, or STR_NONE; borrowed. */
struct str cookie_value(struct str header, struct str name);

/* True when Origin names the host that the request was sent to. */
bool origin_is(struct str origin, struct str host);

/* What a session cookie says; sealed, so that nobody else can say it. */
struct session {
	usec expires;
	uint64_t generation; /* number of the account's decision it was given under */
	char name[ACCOUNT_NAME_MAX];
	size_t name_n;
};

struct str session_seal(const struct session *s, const struct sha256 *key, struct arena *arena);
MUST_USE enum err session_open(
    struct session *out, const struct sha256 *key, struct str text, struct arena *arena);
