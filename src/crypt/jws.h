/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of JSON Web Signature (RFC 7515, RFC 7518 §3.3 and §3.4, RFC 8037) as identity
 * providers make them, verified with public keys that come as their parts. No other algorithm has
 * a name here, so none can be asked for: neither `none` nor one with a shared secret. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum jws_alg {
	JWS_RS256, /* RSA PKCS #1 v1.5, SHA-256, 2048 to 8192 bits */
	JWS_ES256, /* ECDSA over P-256, SHA-256 */
	JWS_EDDSA, /* Ed25519 */
	JWS_ALGS,
};

/* ERR_UNSUPPORTED for whatever is not one of the three. */
MUST_USE enum err jws_alg_of(enum jws_alg *out, struct str name);

/* Big-endian bytes: modulus and exponent; x and y; or the one value of Ed25519. */
struct jws_key {
	enum jws_alg alg;
	struct str first, second;
};

/* Whether the parts have lengths that a key of the algorithm has; foreign bytes, checked before
 * they are kept. */
bool jws_key_fits(const struct jws_key *key);
/* False also for a key that is none, such as a point that is not on the curve. */
bool jws_verify(const struct jws_key *key, struct str message, struct str signature);
