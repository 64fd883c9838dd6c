/* SPDX-License-Identifier: Apache-2.0 */
/* The relying party's side of OpenID Connect (authorization code with PKCE): learns the provider's
 * addresses, gives codes for ID tokens, verifies these. It asks nothing but the provider, holds
 * nothing of the node but the client's secret, and knows no account: it says whom the provider
 * means. Each question has limits of time and size, and there are limits to how many there are. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/loop.h"

struct oidc_client;
struct ssl_ctx_st;

enum { OIDC_JOBS_MAX = 32, OIDC_BODY_MAX = 256 << 10 };

struct oidc_client_options {
	struct loop *loop;
	const struct env *env;
	struct ssl_ctx_st *tls; /* of tls_client_new */
	struct str issuer, client_id, client_secret, claim;
};

/* All must outlive it. */
struct oidc_client *oidc_client_new(const struct oidc_client_options *options);
void oidc_client_free(struct oidc_client *c); /* who waits is answered ERR_CLOSED; NULL allowed */

/* OK: the text is what was asked for. Else it says what is wrong, for people: ERR_BUSY (too many at
 * a time, or the provider failed just now), ERR_IO (it does not answer), ERR_DENIED (it refuses, or
 * what it says does not hold), ERR_PARSE, ERR_LIMIT. May be called before the asking returns. */
typedef void (*oidc_done)(void *ctx, enum err rc, struct str text);

/* Where the provider asks people who they are. */
void oidc_client_look(struct oidc_client *c, oidc_done done, void *ctx);

struct oidc_code {
	struct str code, verifier, nonce, redirect;
};

/* Whom the provider means: the claim's value. */
void oidc_client_take(
    struct oidc_client *c, const struct oidc_code *code, oidc_done done, void *ctx);
