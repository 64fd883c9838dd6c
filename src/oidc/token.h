/* SPDX-License-Identifier: Apache-2.0 */
/* What an identity provider says of somebody: its ID token (OpenID Connect Core 1.0 §2, §3.1.3.7;
 * RFC 7515, 7517, 7519), read from foreign bytes, verified with the provider's keys, held against
 * what was asked. Pure; it knows no network and no account. A token that is encrypted, unsigned,
 * signed with a shared secret or with a key that the provider does not show is none. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/jws.h"

enum {
	OIDC_TOKEN_MAX = 16 << 10, /* bytes of an ID token */
	OIDC_KEYS_MAX = 32,        /* of one provider; more are not read */
	OIDC_KID_MAX = 255,
	OIDC_SUBJECT_MAX = 255,
};

struct oidc_key {
	struct str kid; /* STR_NONE: it has none */
	struct jws_key key;
};

struct oidc_keys {
	struct oidc_key items[OIDC_KEYS_MAX];
	size_t count;
};

/* A key set (RFC 7517 §5), in the arena. Keys of other kinds, for other uses or of no length are
 * passed over; ERR_NOT_FOUND when none is left. */
MUST_USE enum err oidc_keys_parse(
    struct oidc_keys *out, struct arena *arena, struct str text, struct fault *fault);

/* A token as it came: nothing of it is to be believed. Borrows from the text and the arena. */
struct oidc_token {
	enum jws_alg alg;
	struct str kid; /* STR_NONE: it names none */
	struct str message, payload, signature;
};

MUST_USE enum err oidc_token_read(
    struct oidc_token *out, struct arena *arena, struct str text, struct fault *fault);
/* The key that it names, of the right kind; without a name the only one of its kind. NULL: none. */
const struct jws_key *oidc_token_key(const struct oidc_token *token, const struct oidc_keys *keys);

/* What a token must say. */
struct oidc_rules {
	struct str issuer, client_id, nonce;
	struct str claim; /* "sub", or another that names the person */
	usec now;
};

/* The claim's value in the arena. ERR_DENIED: not signed with this key, or not what the rules say;
 * the fault says which. */
MUST_USE enum err oidc_token_check(struct str *subject, const struct oidc_token *token,
    const struct jws_key *key, const struct oidc_rules *rules, struct arena *arena,
    struct fault *fault);
