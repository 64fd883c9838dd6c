/* SPDX-License-Identifier: Apache-2.0 */
/* Seals in a node's ledger (doc/ledger-format.md). Own seals are records "own-seal/0", "own-seal/1"
 * and so on; those of others are "seal/" and their name in hexadecimal. The envelope of an own
 * object is computed again from its seal's record; that of a received one stands behind it. Works
 * on a reader's or the writer's handle, needs no key and never writes. */
#pragma once

#include "base/arena.h"
#include "seal/record.h"
#include "store/store.h"

enum { SEAL_ID_MAX = 80 };
/* NUL-terminated ids of seals' records. */
void seal_id_own(char out[SEAL_ID_MAX], uint64_t number);
void seal_id_of(char out[SEAL_ID_MAX], const struct sha256 *name);

/* True for what this node states: its own objects, its withdrawals "withdraw/<object id>"
 * and its purges "purge/<object id>".
 * What came from a peer is sealed by its originator and by nobody else. */
bool seal_is_own(const struct store *s, uint64_t seq);

/* The statement of an entry of an own seal; originator: the seal's identity. Strings live as long
 * as the store. */
void seal_statement_of(struct statement *out, const struct store *s, struct str originator,
    const struct seal_entry *entry);

/* Keeps the trees of the last own seals; one a thread, for one store. */
struct seal_cache;
struct seal_cache *seal_cache_new(void);
void seal_cache_free(struct seal_cache *c); /* NULL allowed */

struct sealed {
	struct envelope envelope; /* its strings and the note live as long as the store */
	struct str note;          /* of the seal, signatures and all */
	bool own;
};

/* Of record `seq`, an object or a withdrawal. ERR_NOT_FOUND: it is not sealed (yet). ERR_CORRUPT:
 * the ledger's seal does not fit its records. */
MUST_USE enum err seal_envelope_of(struct sealed *out, struct seal_cache *cache,
    const struct store *s, uint64_t seq, struct fault *fault);

/* How many own seals there are, and the first record that they do not reach. */
struct seal_extent {
	uint64_t seals;
	uint64_t next;
};
MUST_USE enum err seal_extent(struct seal_extent *out, const struct store *s, struct fault *fault);

/* The next statements to be sealed: what is own among the records [from, end), at most SEAL_LEAVES.
 * batch->record.secret is set by the caller, fresh and random for each. *next is where to go on;
 * batch->record.count 0: there is nothing to seal before it. */
struct seal_batch {
	struct seal_record record;
	struct seal_tree tree;
};
MUST_USE enum err seal_batch_make(struct seal_batch *batch, const struct store *s,
    struct str originator, uint64_t from, uint64_t end, uint64_t *next, struct fault *fault);
