/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a node signs its ledger with: keys/ledger (Ed25519) and keys/ledger-mldsa
 * (ML-DSA-65), a seed in base64 each, and what others verify with, ledger/public-key and
 * ledger/public-key-mldsa, a C2SP verifier key each. A second place of the same kind, keys/ledger-2
 * and keys/ledger-2-mldsa, takes the keys of the next rotation; which of the two counts is decided
 * in the ledger, and the other is emptied then.
 *
 * An Ed25519 key may stay in a token ([keys] in tocsin.conf): its file then holds "pkcs11:" and the
 * key's id there. ML-DSA-65 keys are always files: tokens do not know them yet. */
#pragma once

#include "base/arena.h"
#include "crypt/cms.h"
#include "crypt/sign.h"
#include "sys/config.h"

#define MAIL_PAIR "keys/mail.pem"
#define MAIL_CERT "tls/mail.pem"
/* What members without a node check by: a key with its certificate, and the certificate for who may
 * not see keys. Made here when there is none; who has one of an authority puts it there. For the
 * signer before it is confined. */
MUST_USE enum err mail_key_open(struct cms_signer **out, struct str dir,
    const struct config *config, struct arena *arena, struct fault *fault);

struct ledger_keys {
	struct sign_key *key;
	struct mldsa_key *mldsa;
};

struct config;
struct pkcs11;
/* The token that the configuration names, signed in; NULL when it names none. */
MUST_USE enum err ledger_token_open(
    struct pkcs11 **out, const struct config *config, struct arena *arena, struct fault *fault);

/* Of a new node: makes all four files, and the Ed25519 key in the token where there is one. */
MUST_USE enum err ledger_keys_make(struct str dir, struct str origin, struct pkcs11 *token,
    struct arena *arena, struct fault *fault);
/* Reads both of the first place. A node of before has no ML-DSA-65 key: it is made here, so this is
 * for the signer before it is confined, and for `tocsin init`. */
MUST_USE enum err ledger_keys_open(struct ledger_keys *out, struct str dir, struct str origin,
    struct pkcs11 *token, struct arena *arena, struct fault *fault);
void ledger_keys_close(struct ledger_keys *keys);
struct note_signer ledger_keys_signer(const struct ledger_keys *keys, struct str origin);

enum { KEY_PLACES = 2 };

/* Both places, as the signer has them: it opens nothing after its start. */
struct key_ring {
	struct ledger_keys keys[KEY_PLACES]; /* key NULL: the place is empty */
	int files[KEY_PLACES][2];
	struct pkcs11 *token; /* NULL: keys are files; outlives the ring */
	int current;
	bool lost; /* the ledger says to sign with keys that are not here: nothing is signed */
};

/* Makes what is not there. ERR_CORRUPT when no place holds both keys. */
MUST_USE enum err key_ring_open(struct key_ring *out, struct str dir, struct str origin,
    struct pkcs11 *token, struct arena *arena, struct fault *fault);
void key_ring_close(struct key_ring *ring);
/* Fresh keys, durable, in the place that does not count; what stood there is gone. */
MUST_USE enum err key_ring_make(struct key_ring *ring, struct fault *fault);
/* From now on these count (a C2SP verifier key, Ed25519), and the other place is emptied.
 * ERR_NOT_FOUND: they are in neither. */
MUST_USE enum err key_ring_use(struct key_ring *ring, struct str origin, struct str key,
    struct arena *arena, struct fault *fault);
