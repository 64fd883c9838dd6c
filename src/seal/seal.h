/* SPDX-License-Identifier: Apache-2.0 */
/* The originator's signature over what it states. A seal is a note (C2SP signed-note, Ed25519 and
 * ML-DSA-65) over the root of a tree of exactly 256 statements, most of which a reader of one never
 * sees; an envelope proves one statement, and with it one object's content, against its seal. An
 * envelope survives every relay: whoever has the originator's public keys checks it, offline.
 * Pure: no ledger, no clock, no policy. doc/seal-format.md describes the bytes. */
#pragma once

#include "crypt/sign.h"
#include "seal/properties.h"
#include "seal/statement.h"

enum {
	SEAL_DEPTH = 8,
	SEAL_LEAVES = 1 << SEAL_DEPTH,
	SEAL_TEXT_MAX = 512,
	SEAL_NOTE_MAX = 64 << 10,
	ENVELOPE_BYTES_MAX = 64 << 10,
};

struct seal {
	struct sha256 id;    /* SHA-256 of the text: what envelopes call it by */
	struct str identity; /* the originator's */
	usec time;
	struct sha256 root;
};

/* What is signed. */
void seal_text(struct buf *out, const struct seal *s);
/* A text, or a note without looking at its signatures. Strings are borrowed. */
MUST_USE enum err seal_read(struct seal *out, struct str text, struct fault *fault);
/* The text of a note whose signatures were checked, of this identity. */
MUST_USE enum err seal_of(
    struct seal *out, struct str text, struct str identity, struct fault *fault);
/* A note that both keys signed (Ed25519's alone when keys->mldsa is not there), of this identity.
 * About 200 us: keep the result for all envelopes of this seal. */
MUST_USE enum err seal_open(struct seal *out, struct str note, struct str identity,
    const struct note_keys *keys, struct fault *fault);

/* What an entry of a redacted copy's leaves begins with. */
enum seal_leaf { SEAL_LEAF_HASH = 0, SEAL_LEAF_SALT = 1 };

struct envelope {
	struct statement statement;
	struct sha256 seal; /* id of the seal */
	uint8_t index;      /* among the seal's leaves; says nothing of their order */
	struct sha256 path[SEAL_DEPTH];
	/* Of a full copy: */
	struct seal_seed seed;
	/* Of a copy with members left out (STR_NONE: a full one), one entry a leaf, the content's
	 * last: u8 1 and the salt of one that is there, u8 0 and the hash of one that is not. */
	struct str leaves;
};

void envelope_put(struct buf *out, const struct envelope *e);
/* All of `bytes`, at most ENVELOPE_BYTES_MAX, borrowed. One encoding, as statement_read. */
MUST_USE enum err envelope_read(struct envelope *out, struct str bytes, struct fault *fault);

/* `seal` came from seal_open, `content` is the copy's bytes. OK: the originator stated this id,
 * version, kind and label of exactly this content, or, for a copy with members left out, of exactly
 * these members in this order. ERR_INVALID says which step failed. That the statement's id and
 * version are those in the content is the caller's to check, who parses it anyway. */
MUST_USE enum err seal_verify(
    const struct envelope *e, const struct seal *seal, struct str content, struct fault *fault);
