/* SPDX-License-Identifier: Apache-2.0 */
/* Removing what should never have been here: which records a purge takes, what their tombstones
 * say, and the decisions that hide what is purged and state it to peers. The store puts zeros over
 * the contents at the commit, and each view removes what it made of them when it comes to the
 * tombstones.
 *
 * The decision "purge/ID" of this node, sealed like a withdrawal, is what peers that were given
 * the object are asked with; one that was received is such a demand, or the answer to ours. */
#pragma once

#include "base/arena.h"
#include "store/store.h"

enum { PURGE_REASON_MAX = 1000, PURGE_VERSIONS_MAX = 16384 };

struct purge {
	struct str id;
	bool one;        /* only this version of it, else all */
	int64_t version; /* in microseconds */
	struct str reason;
	struct str by;       /* who purges, here */
	struct str demander; /* identity of the node that asks for it; STR_NONE: nobody did */
	struct str identity; /* ours */
	struct str views;    /* the node's "views" folder */
	struct str label;    /* of the records that it makes */
	usec now;
	bool quiet; /* of one version: for this node alone, peers that have it are not told */
};

/* Appends in one batch, with what was derived of these versions for guests; *count: records whose
 * contents go. With all of an object, and in batches before it, go the sightings of it that were
 * made here, and what they observed: they name its values. ERR_NOT_FOUND: no such object or
 * version; ERR_CONFLICT: all of it is purged; ERR_LIMIT. */
MUST_USE enum err purge_append(
    struct store *s, const struct purge *p, uint32_t *count, struct fault *fault);

/* Every version of an object that is here still, one by one and for this node alone: its sightings
 * stay, and a version that is not here yet may come. *count and errors as above. */
MUST_USE enum err purge_quietly(
    struct store *s, const struct purge *p, uint32_t *count, struct fault *fault);

/* This version may not come back: it, or the whole object, was purged here. */
bool purge_forbids(const struct store *s, struct str id, int64_t version);
/* Contents of this object are here that a demand asks to purge: the newest such decision, or
 * STORE_NONE. */
uint64_t purge_demanded(const struct store *s, struct str id);

/* Purges what a demand asks for unasked, when it is of the object's originator, or every copy that
 * is here came from the peer that makes it; *done false: there is no such demand. */
MUST_USE enum err purge_comply(struct store *s, struct str views, struct str id, struct str label,
    usec now, bool *done, struct fault *fault);
/* Who a decision "purge/ID" is of: its originator's identity, read in the arena's time; ours for
 * one of this node. */
struct str purge_originator(const struct store *s, uint64_t decision);

/* What a purged object's terms of release come to (policy/release.h): classes of members that it
 * had, and those for which nothing of it could be let out. Kept in its tombstone, so that what its
 * content once decided is decided again without it. */
struct purge_outline {
	uint32_t present;
	uint32_t stuck;
};
MUST_USE enum err purge_outline(struct purge_outline *out, const struct store *s,
    uint64_t tombstone, struct arena *arena, struct fault *fault);
