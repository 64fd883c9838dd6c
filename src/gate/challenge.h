/* SPDX-License-Identifier: Apache-2.0 */
/* A sign-in with the identity provider between its beginning and its end: what the browser that
 * began it must show again. It lies sealed in a cookie of that browser, so that nobody who begins
 * many costs the node anything, and each is good once. RFC 7636 (PKCE), OpenID Connect Core 1.0
 * §3.1.2.1 (state, nonce). */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "gate/gate.h"

struct challenges;

struct challenge {
	struct str state, nonce, verifier;
	struct str hash; /* of the verifier: code_challenge with S256 */
};

struct challenges *challenges_new(struct gate *gate, const struct env *env);
void challenges_free(struct challenges *c); /* NULL allowed */

/* A fresh one and the value of Set-Cookie that carries it; in the arena. */
MUST_USE enum err challenge_make(
    struct challenge *out, struct str *cookie, struct challenges *c, struct arena *arena);
/* The one that the Cookie field carries, if it is of this state, and then never again.
 * ERR_NOT_FOUND: none, or one that is over. ERR_INVALID: of another state. ERR_CONFLICT: used. */
MUST_USE enum err challenge_take(struct challenge *out, struct challenges *c, struct str cookies,
    struct str state, struct arena *arena);
/* Value of Set-Cookie that ends it. */
struct str challenge_cookie_end(void);
