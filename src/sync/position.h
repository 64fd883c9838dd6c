/* SPDX-License-Identifier: Apache-2.0 */
/* How far the feed of a peer was taken: the decision "position/peer/NAME", in the same batch as
 * what was taken. A peer that was found to deny what it had signed and was invited anew begins
 * another feed: positions before that do not count any more. */
#pragma once

#include "base/arena.h"
#include "crypt/sign.h"
#include "store/store.h"
#include "sync/edge.h"
#include "sync/message.h"

struct position {
	struct str identity; /* of the peer whose feed it is */
	struct sync_edge edge;
	struct str head; /* the signed head at its end; empty at first */
	/* Since the beginning. */
	uint64_t taken, duplicates, differs, refused, unknown, above, withdrawn, ignored;
	usec time; /* of the newest range, and of the check of its head; 0: none was taken */
};

/* The newest of a peer of this identity; one of another identity's feed does not count. */
MUST_USE enum err position_read(struct position *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault);
void position_put(struct buf *out, const struct position *p, usec now);

/* That a peer denies what it had signed, for the decision "evidence/NAME": the two signed heads and
 * why they cannot both be. */
struct evidence {
	struct str peer, identity, why, held, shown;
	usec time;
	enum sync_reason reason; /* SYNC_REASON_REWOUND or SYNC_REASON_EQUIVOCATES */
	/* As it is read: */
	bool proof;  /* the two heads prove it alone: one size, two roots */
	bool stands; /* neither a new invitation nor entries that go on from the held head came
	                since */
};
void evidence_put(struct buf *out, const struct evidence *e);
/* Whether two notes prove to anybody who has the keys that their signer told two stories: both are
 * signed with every key, name one feed and one size, and have two roots. ERR_INVALID says what is
 * not so. */
MUST_USE enum err evidence_check(struct checkpoint *out, struct str held, struct str shown,
    const struct note_keys *keys, struct fault *fault);
/* The newest about a peer of this identity. ERR_NOT_FOUND. */
MUST_USE enum err evidence_read(struct evidence *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault);
