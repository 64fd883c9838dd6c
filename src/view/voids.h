/* SPDX-License-Identifier: Apache-2.0 */
/* What came with seals by keys that were in other hands: found in the whole ledger, and hidden
 * version by version with decisions "void/VERSION/ID". */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "store/compromise.h"

enum { VOIDS_LISTED_MAX = 1000 };

struct voids {
	uint64_t count; /* versions that are hidden now and were not */
	uint64_t left;  /* that cannot be: their ids are too long */
	struct buf ids; /* a JSON list of the first of them */
};

/* Reads every received object; a second a million. The decisions stand under the label. */
MUST_USE enum err voids_apply(struct voids *out, struct store *s, const struct compromise *c,
    struct str label, usec now, struct fault *fault);
/* Tells the log; nothing when nothing was kept. */
void voids_tell(const struct voids *v, const struct log *log, struct str identity, struct str by);
void voids_free(struct voids *v);

/* A peer's statement of rotation or compromise, foreign bytes. */
struct keys_said {
	struct str name; /* of the peer whose keys it is about */
	struct str note;
	struct str by; /* who brought it, for people */
	struct str label;
	usec now;
	const struct log *log;
};

/* The decision that keeps a statement of compromise, signed or decided here, with what it hides.
 * Nothing is done for one that is known. */
MUST_USE enum err voids_keep(struct voids *out, struct store *s, const struct compromise *c,
    const struct keys_said *said, struct fault *fault);
/* The same of a statement that leads to keys from before the peer was met. ERR_NOT_FOUND when it
 * does not follow on what is known. */
MUST_USE enum err keys_former_keep(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault);
/* Checks it against what is known of the peer, keeps it, and tells the log what is news. ERR_DENIED
 * when the keys known here did not sign it. */
MUST_USE enum err keys_said_keep(
    struct store *s, const struct keys_said *said, struct arena *arena, struct fault *fault);
