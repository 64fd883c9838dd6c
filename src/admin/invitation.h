/* SPDX-License-Identifier: Apache-2.0 */
/* The one-time code by which two nodes meet: where the inviting node is, which certificate it
 * shows, and a secret of 128 bits. Whoever has the code proves so by a signature that is bound to
 * the TLS connection; what the inviting node keeps of the secret cannot make such a proof. Pure,
 * but for the secret of a new code. A code that somebody types is foreign bytes. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"
#include "crypt/sign.h"

enum {
	INVITATION_SECRET = 16,
	INVITATION_ID = 16,           /* hexadecimal digits */
	INVITATION_ADDRESS_MAX = 100, /* bytes of HOST:PORT */
	INVITATION_CODE_MAX = 512,    /* characters, with hyphens */
	INVITATION_BINDING = 32,      /* of the TLS connection: RFC 9266 */
};

struct invitation {
	struct str address;
	struct sha256 cert;
	unsigned char secret[INVITATION_SECRET];
};

/* Groups of five letters and digits (RFC 4648 base32, lower case) joined by hyphens, in the arena.
 * ERR_LIMIT for an address that is too long. */
MUST_USE enum err invitation_format(
    struct str *out, struct arena *arena, const struct invitation *in, struct fault *fault);
/* Case, white space and hyphens do not count. ERR_PARSE, with words for who mistyped. */
MUST_USE enum err invitation_parse(
    struct invitation *out, struct arena *arena, struct str code, struct fault *fault);

/* The name under which the inviting node finds the invitation; tells nothing of the secret. */
void invitation_id(char out[INVITATION_ID + 1], const struct invitation *in);
/* What the inviting node keeps to check proofs. */
MUST_USE enum err invitation_verifier(
    struct sign_public *out, const struct invitation *in, struct fault *fault);
/* The proof that this statement comes, over the connection of this binding, from who has the code.
 */
MUST_USE enum err invitation_prove(unsigned char out[ED25519_SIGNATURE],
    const struct invitation *in, const unsigned char binding[INVITATION_BINDING],
    struct str statement, struct fault *fault);
bool invitation_check(const struct sign_public *verifier,
    const unsigned char binding[INVITATION_BINDING], struct str statement,
    const unsigned char proof[ED25519_SIGNATURE]);
