/* SPDX-License-Identifier: Apache-2.0 */
/* How far the feed of a peer was taken: the decision "position/peer/NAME", in the same batch as
 * what was taken. */
#pragma once

#include "base/arena.h"
#include "store/store.h"
#include "sync/edge.h"

struct position {
	struct str identity; /* of the peer whose feed it is */
	struct sync_edge edge;
	struct str head; /* the signed head at its end; empty at first */
	/* Since the beginning. */
	uint64_t taken, duplicates, differs, refused, unknown, withdrawn, ignored;
};

/* The newest of a peer of this identity; one of another identity's feed does not count. */
MUST_USE enum err position_read(struct position *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault);
void position_put(struct buf *out, const struct position *p, usec now);

/* What proves that a peer tells two stories, for the decision "evidence/NAME": the two signed heads
 * and why they contradict each other. */
struct evidence {
	struct str peer, identity, why, held, shown;
	usec time;
};
void evidence_put(struct buf *out, const struct evidence *e);
