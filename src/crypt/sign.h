/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032) keys and signatures, and C2SP signed notes: the form of every checkpoint. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/mldsa.h"

enum { ED25519_PUBLIC = 32, ED25519_SEED = 32, ED25519_SIGNATURE = 64 };

struct sign_public {
	unsigned char b[ED25519_PUBLIC];
};

struct sign_key; /* a private key; wiped when freed */

MUST_USE enum err sign_key_from_seed(struct sign_key **out, const unsigned char seed[ED25519_SEED]);
struct pkcs11;
/* One that stays in a token (crypt/pkcs11.h), which must outlive it. */
MUST_USE enum err sign_key_from_token(
    struct sign_key **out, struct pkcs11 *token, struct str id, struct fault *fault);
void sign_key_free(struct sign_key *key);
struct sign_public sign_key_public(const struct sign_key *key);
MUST_USE enum err sign_message(
    const struct sign_key *key, struct str message, unsigned char out[ED25519_SIGNATURE]);
bool sign_verify(const struct sign_public *key, struct str message,
    const unsigned char signature[ED25519_SIGNATURE]);

/* C2SP's bytes for signature types. ML-DSA-65 has none assigned: 0xff and a name stand for it. */
enum note_type { NOTE_ED25519 = 0x01, NOTE_MLDSA65 = 0xff };

/* A named public key as C2SP signed-note writes it: name+hex(key id)+base64(type || key). */
struct note_verifier {
	struct str name;
	uint32_t id;
	enum note_type type;
	struct str key; /* ED25519_PUBLIC or MLDSA_PUBLIC bytes */
};

MUST_USE enum err note_verifier_parse(
    struct note_verifier *out, struct arena *arena, struct str vkey, struct fault *fault);
struct str note_verifier_format(
    struct arena *arena, struct str name, const struct sign_public *key);
struct str note_verifier_format_mldsa(
    struct arena *arena, struct str name, const struct mldsa_public *key);

/* Both keys of one signer. Readers that know only the first still verify: they pass the other's
 * signature over. */
struct note_keys {
	struct note_verifier key;   /* Ed25519 */
	struct note_verifier mldsa; /* of the same name; name.p NULL: none is known */
};

/* One or two public keys, one a line, in any order. */
MUST_USE enum err note_keys_parse(
    struct note_keys *out, struct arena *arena, struct str lines, struct fault *fault);

struct note_signer {
	struct str name;
	const struct sign_key *key;
	const struct mldsa_key *mldsa; /* NULL: Ed25519 alone */
};

/* Signs text (which must end in \n): the whole note. STR_NONE with *fault set when refused. */
MUST_USE enum err note_sign(struct str *out, struct arena *arena, struct str text,
    const struct note_signer *signer, struct fault *fault);
/* The text that the verifier's key signed. Unknown signatures are ignored, a known one that fails
 * is ERR_INVALID, none that is known ERR_NOT_FOUND. At least 16 signatures are read. */
MUST_USE enum err note_open(
    struct str *text, struct str note, const struct note_verifier *verifier, struct fault *fault);
/* The same for every key that is given: each must have signed. */
MUST_USE enum err note_open_all(
    struct str *text, struct str note, const struct note_keys *keys, struct fault *fault);
