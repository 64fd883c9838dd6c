/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032) keys and signatures, and C2SP signed notes: the form of every checkpoint. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum { ED25519_PUBLIC = 32, ED25519_SEED = 32, ED25519_SIGNATURE = 64 };

struct sign_public {
	unsigned char b[ED25519_PUBLIC];
};

struct sign_key; /* a private key; wiped when freed */

MUST_USE enum err sign_key_from_seed(struct sign_key **out, const unsigned char seed[ED25519_SEED]);
void sign_key_free(struct sign_key *key);
struct sign_public sign_key_public(const struct sign_key *key);
MUST_USE enum err sign_message(
    const struct sign_key *key, struct str message, unsigned char out[ED25519_SIGNATURE]);
bool sign_verify(const struct sign_public *key, struct str message,
    const unsigned char signature[ED25519_SIGNATURE]);

/* A named public key as C2SP signed-note writes it: name+hex(key id)+base64(type || key). */
struct note_verifier {
	struct str name;
	uint32_t id;
	struct sign_public key;
};

MUST_USE enum err note_verifier_parse(
    struct note_verifier *out, struct arena *arena, struct str vkey, struct fault *fault);
struct str note_verifier_format(
    struct arena *arena, struct str name, const struct sign_public *key);
/* Signs text (which must end in \n): the whole note. STR_NONE with *fault set when refused. */
MUST_USE enum err note_sign(struct str *out, struct arena *arena, struct str text, struct str name,
    const struct sign_key *key, struct fault *fault);
/* The text that the verifier's key signed. Unknown signatures are ignored, a known one that fails
 * is ERR_INVALID, none that is known ERR_NOT_FOUND. At least 16 signatures are read. */
MUST_USE enum err note_open(
    struct str *text, struct str note, const struct note_verifier *verifier, struct fault *fault);
