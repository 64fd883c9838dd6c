/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the egress view: what each peer is given, as a list of entries numbered from 0 that only
 * grows, and the RFC 6962 tree over it. The list is a function of the ledger's order alone, so that
 * a rebuild gives the same bytes and the same signed heads hold.
 *
 * An object joins a peer's list when it is sealed and policy lets it out to the peer, in the order
 * in which that became true; it never joins the list of the peer that it came from or that
 * originated it. What a peer may no longer have is retracted by an entry of its own, what its
 * originator takes back is withdrawn by one.
 *
 * Terms of communities (policy/release.h) count as they are when a range is made: what was sent is
 * not sent again when they change. */
#pragma once

#include "store/merkle.h"
#include "sync/range.h"
#include "view/view.h"

struct egress;

/* `dir` is the node's "views" folder; it may be empty yet: then every list is. */
MUST_USE enum err egress_open(struct egress **out, struct str dir, struct fault *fault);
void egress_close(struct egress *e); /* NULL allowed */
/* How many records the view has seen. */
uint64_t egress_cursor(struct egress *e);

/* The list for the node of this identity; ERR_NOT_FOUND when there never was such a peer. */
struct egress_feed {
	uint32_t number; /* of the list, for the functions below */
	uint64_t size;
};
MUST_USE enum err egress_feed(
    struct egress *e, struct str identity, struct egress_feed *out, struct fault *fault);

struct egress_entry {
	enum sync_kind kind;
	uint64_t seq;            /* of the object's record; of a withdrawal, of its decision's */
	struct sha256 statement; /* leaf of the originator's statement about it */
};
/* Entries [from, ...), at most max. */
MUST_USE enum err egress_entries(struct egress *e, uint32_t feed, uint64_t from,
    struct egress_entry *out, size_t max, size_t *count, struct fault *fault);
/* How an object version is in the list, when it is and is not taken back. */
struct egress_given {
	uint64_t entry;    /* STORE_NONE: it is not given */
	uint32_t withheld; /* what of it the peer does not get (policy/release.h), as of now */
};
MUST_USE enum err egress_given(
    struct egress *e, uint32_t feed, uint64_t seq, struct egress_given *out, struct fault *fault);

/* How many of the entries [from, ...) take something back. */
MUST_USE enum err egress_back_count(
    struct egress *e, uint32_t feed, uint64_t from, uint64_t *out, struct fault *fault);
/* Whether the list had the object that the withdrawal `seq` is of when the view saw it, and the
 * entry that takes it back there: that of the withdrawal, or of a retraction before it. STORE_NONE:
 * it is not made yet. */
MUST_USE enum err egress_back(
    struct egress *e, uint32_t feed, uint64_t seq, bool *had, uint64_t *at, struct fault *fault);
/* The first receipt over an entry: when it was signed. ERR_NOT_FOUND: there is none (yet). */
MUST_USE enum err egress_receipt(
    struct egress *e, uint32_t feed, uint64_t entry, usec *out, struct fault *fault);
/* Decisions that take objects back, whoever made them, newest first, before the record `before`. */
MUST_USE enum err egress_withdrawals(struct egress *e, uint64_t before, uint64_t *out, size_t max,
    size_t *count, struct fault *fault);

/* The tree over the first `size` entries, size <= the feed's. */
MUST_USE enum err egress_root(
    struct egress *e, uint32_t feed, uint64_t size, struct sha256 *out, struct fault *fault);
MUST_USE enum err egress_consistency(struct egress *e, uint32_t feed, uint64_t old_size,
    uint64_t size, struct merkle_path *out, struct fault *fault);
