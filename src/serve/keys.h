/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a node signs its ledger with: keys/ledger (Ed25519) and keys/ledger-mldsa
 * (ML-DSA-65), a seed in base64 each, and what others verify with, ledger/public-key and
 * ledger/public-key-mldsa, a C2SP verifier key each. */
#pragma once

#include "base/arena.h"
#include "crypt/sign.h"

struct ledger_keys {
	struct sign_key *key;
	struct mldsa_key *mldsa;
};

/* Of a new node: makes all four files. */
MUST_USE enum err ledger_keys_make(
    struct str dir, struct str origin, struct arena *arena, struct fault *fault);
/* Reads both. A node of before has no ML-DSA-65 key: it is made here, so this is for the signer
 * before it is confined, and for `tocsin init`. */
MUST_USE enum err ledger_keys_open(struct ledger_keys *out, struct str dir, struct str origin,
    struct arena *arena, struct fault *fault);
void ledger_keys_close(struct ledger_keys *keys);
struct note_signer ledger_keys_signer(const struct ledger_keys *keys, struct str origin);
