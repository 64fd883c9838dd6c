/* SPDX-License-Identifier: Apache-2.0 */
/* What is urgent goes ahead of the feed, each object as a message of its own, and comes once more
 * with the feed, where it changes nothing: so whatever is lost or left out here is only late. Pure,
 * as the side that it is a part of; private to sync/. */
#pragma once

#include "base/bucket.h"
#include "base/buf.h"
#include "sync/message.h"

enum {
	LANE_WAIT_MAX = 4, /* that came and wait to be taken */
	LANE_RATE = 1,     /* sent to a peer, a second */
	LANE_BURST = 20,   /* and at once */
};

/* What one of either side does with it. */
struct lane {
	uint64_t looked;                 /* entries of our feed that were looked at */
	uint64_t due[SYNC_URGENT_FOUND]; /* urgent ones, to be sent */
	size_t due_count;
	struct bucket allowed;
	struct buf wait[LANE_WAIT_MAX]; /* bodies that came, in order */
	size_t wait_count;
	bool busy; /* somebody takes the first */
	struct lane_counts {
		uint64_t sent, left;    /* of our feed: left to the feed, beyond what may be sent */
		uint64_t taken, passed; /* of theirs: passed over, for the feed to bring */
	} counts;
};

void lane_init(struct lane *l);
void lane_free(struct lane *l);

/* Whether our feed has entries that were not looked at, and from which on: those that the peer has
 * are of no interest. */
bool lane_looks(struct lane *l, uint64_t acked, uint64_t feed, uint64_t *from);
void lane_found(struct lane *l, const uint64_t *urgent, size_t count, uint64_t upto);
/* The next entry to be sent now. */
bool lane_sends(struct lane *l, uint64_t acked, usec now, uint64_t *entry);
/* It could not be sent so. */
void lane_leaves(struct lane *l);

/* One came. */
void lane_heard(struct lane *l, const struct sync_message *m, struct str body, uint64_t held);
/* The next to be taken; borrowed until lane_done. */
bool lane_takes(struct lane *l, uint64_t held, struct sync_message *out);
void lane_done(struct lane *l, bool taken);
