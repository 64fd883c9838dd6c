/* SPDX-License-Identifier: Apache-2.0 */
/* The right edge of a feed that a node receives: all it must keep to know whether what comes next
 * continues what came before (RFC 6962 §2.1). A head that does not continue it is proof against who
 * signed it. Signatures are looked at by others, before. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/rd.h"
#include "store/checkpoint.h"
#include "store/merkle.h"

/* Starts as all zeros: nothing received. */
struct sync_edge {
	struct merkle_frontier frontier;
};

static inline uint64_t sync_edge_size(const struct sync_edge *e)
{
	return e->frontier.size;
}
struct sha256 sync_edge_root(const struct sync_edge *e);

enum { SYNC_EDGE_BYTES_MAX = 8 + 64 * SHA256_LEN };
/* The size, then the hash of each complete subtree. */
void sync_edge_put(const struct sync_edge *e, struct buf *out);
MUST_USE enum err sync_edge_get(struct sync_edge *out, struct str bytes, struct fault *fault);

/* Takes the leaves of entries [size, size + count) when `head` is the tree with them in it. OK, and
 * the edge has moved; ERR_INVALID when head counts other entries; ERR_CONFLICT when its root is
 * another: then the signer of `head` tells another story than the one that the edge holds. */
MUST_USE enum err sync_edge_take(struct sync_edge *e, const struct sha256 *leaves, size_t count,
    const struct checkpoint *head, struct fault *fault);

/* How a signed head stands to what is held. */
enum sync_standing {
	SYNC_STANDS,    /* of the same size and root */
	SYNC_AHEAD,     /* larger: entries are needed to tell */
	SYNC_REWINDS,   /* smaller: the signer had signed more */
	SYNC_CONFLICTS, /* of the same size with another root: proof with the two heads alone */
};
enum sync_standing sync_edge_judge(const struct sync_edge *e, const struct checkpoint *head);
/* Two heads of one origin that no append-only feed can both have: proof against their signer. */
bool sync_heads_conflict(const struct checkpoint *a, const struct checkpoint *b);

/* What a receiver signs: all entries below `size` of the feed are durable here and acted upon. */
struct sync_receipt {
	struct str origin; /* of the feed */
	uint64_t size;
	struct sha256 root;
	usec time;
};
/* The text to be signed:
 *
 *     tocsin receipt 1
 *     <origin>
 *     <size>
 *     <root, base64>
 *     <time, RFC 3339>
 */
void sync_receipt_put(const struct sync_receipt *r, struct buf *out);
/* Of a note or its text. The origin is borrowed. ERR_PARSE. */
MUST_USE enum err sync_receipt_get(struct sync_receipt *out, struct str text, struct fault *fault);
