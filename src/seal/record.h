/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger keeps of a seal: the note, and of an own seal all that its envelopes are computed
 * again from: which records it covers, and the secret that their salts, their places among the 256
 * leaves and the leaves that stand for nothing come from. The secret leaves the node as little as
 * the ledger does. Pure. */
#pragma once

#include "seal/seal.h"

enum { SEAL_SECRET = 32, SEAL_RECORD_MAX = SEAL_NOTE_MAX + (16 << 10) };

struct seal_secret {
	unsigned char b[SEAL_SECRET];
};

/* One statement of an own seal. */
struct seal_entry {
	uint32_t seq; /* of its record; rises from entry to entry */
	uint16_t members;
	struct sha256 properties;
};

struct seal_record {
	size_t count; /* 0: another node's seal */
	struct seal_secret secret;
	struct seal_entry entries[SEAL_LEAVES];
	struct str note;
};

void seal_record_put(struct buf *out, const struct seal_record *r);
/* Of another node's. */
void seal_record_put_note(struct buf *out, struct str note);
/* All of `bytes`; the note is borrowed. */
MUST_USE enum err seal_record_read(struct seal_record *out, struct str bytes, struct fault *fault);

/* First and last record of an own seal; false for whatever is not one. */
bool seal_record_range(struct str bytes, uint64_t *first, uint64_t *last);

/* Of entry i. */
struct seal_seed seal_seed_of(const struct seal_secret *secret, uint16_t i);

/* The tree of a seal: its statements in places that say nothing of their order, and hashes that
 * nobody can tell from a statement's in all others. */
struct seal_tree {
	struct sha256 nodes[2 * SEAL_LEAVES - 1]; /* level by level, leaves first, the root last */
	uint8_t places[SEAL_LEAVES];              /* of the entries, then of the rest */
};

/* leaves[i] is entry i's; count <= SEAL_LEAVES. */
void seal_tree_make(struct seal_tree *tree, const struct seal_secret *secret,
    const struct sha256 *leaves, size_t count);
const struct sha256 *seal_tree_root(const struct seal_tree *tree);
/* Fills index and path of entry i's envelope. */
void seal_tree_prove(const struct seal_tree *tree, size_t i, struct envelope *out);
