/* SPDX-License-Identifier: Apache-2.0 */
/* ML-DSA-65 (FIPS 204) keys and signatures: pure, with an empty context, over the message itself.
 * They stand beside Ed25519's, never alone: what one of the two algorithms loses, the other keeps.
 * A private key is kept as its 32-byte seed. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum { MLDSA_PUBLIC = 1952, MLDSA_SEED = 32, MLDSA_SIGNATURE = 3309 };

struct mldsa_public {
	unsigned char b[MLDSA_PUBLIC];
};

struct mldsa_key; /* a private key; wiped when freed */

MUST_USE enum err mldsa_key_from_seed(struct mldsa_key **out, const unsigned char seed[MLDSA_SEED]);
void mldsa_key_free(struct mldsa_key *key); /* NULL allowed */
const struct mldsa_public *mldsa_key_public(const struct mldsa_key *key);
/* About 0.8 ms. Two signatures of one message differ: the library adds randomness. */
MUST_USE enum err mldsa_sign(
    const struct mldsa_key *key, struct str message, unsigned char out[MLDSA_SIGNATURE]);
bool mldsa_verify(const struct mldsa_public *key, struct str message,
    const unsigned char signature[MLDSA_SIGNATURE]);
