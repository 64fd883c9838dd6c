/* SPDX-License-Identifier: Apache-2.0 */
/* One node's side of keeping two feeds the same over one connection: its own feed, which the other
 * takes, and the other's, which it takes. Pure: it is told what was heard, what became of what it
 * asked for, and the time; it answers with what to do next. Messages may be lost, doubled, late or
 * out of order, either side may vanish at any point: what is durable (`held` and the feed itself)
 * is all that the next connection starts from.
 *
 * A range is taken whole and in order or not at all. Nothing is acknowledged that is not durable.
 * At most SYNC_FLIGHT_MAX ranges are on the way or wait here. */
#pragma once

#include <stdbool.h>

#include "base/env.h"
#include "base/err.h"
#include "sync/message.h"

struct sync_side;

struct sync_options {
	struct str identity; /* of this node; must outlive the side */
	/* The root over the first `size` entries of our feed to this peer; false when it has fewer.
	 */
	bool (*root)(void *ctx, uint64_t size, struct sha256 *out);
	void *ctx;
	uint64_t feed;           /* entries of our feed */
	bool settled;            /* the feed has everything that the ledger has */
	uint64_t kept;           /* size of their newest receipt that we have */
	uint64_t held;           /* entries of theirs that are durable here */
	struct sha256 held_root; /* over them */
	usec retry;              /* after so long without an answer it is asked again */
};

struct sync_side *sync_side_new(const struct sync_options *options);
void sync_side_free(struct sync_side *s); /* NULL allowed */

enum sync_do {
	SYNC_DO_SEND,  /* `message` */
	SYNC_DO_MAKE,  /* a range of our feed from entry `from` on, to be sent: answer sync_made */
	SYNC_DO_HEAD,  /* send SYNC_HEAD with our signed head over the first `from` entries */
	SYNC_DO_TAKE,  /* the range in `message`: answer sync_took; borrowed until then */
	SYNC_DO_KEEP,  /* the receipt in `message`, durably; borrowed until the next call */
	SYNC_DO_SIGN,  /* a receipt for what is held: they have none: answer sync_signed */
	SYNC_DO_JUDGE, /* the head in `message`: answer sync_judged; borrowed until then */
	/* Of sync_next_urgent. */
	SYNC_DO_LOOK,  /* for urgent objects in our feed from entry `from` on: answer sync_looked */
	SYNC_DO_URGE,  /* send entry `from` as SYNC_URGENT, ahead of all that waits */
	SYNC_DO_AHEAD, /* take the object in `message`: answer sync_urged; borrowed until then */
};

struct sync_command {
	enum sync_do what;
	struct sync_message message;
	uint64_t from;
};

/* What to do next; false when there is nothing for now. To be asked after every event, and as long
 * as the wire takes more. */
bool sync_next(struct sync_side *s, usec now, struct sync_command *out);
/* The same for what does not wait for the wire to take more. */
bool sync_next_urgent(struct sync_side *s, usec now, struct sync_command *out);

/* A message of the other side. What cannot be ends the exchange with a reason: sync_next says so to
 * the other side. */
void sync_heard(struct sync_side *s, unsigned type, struct str body, usec now);
/* Our feed has so many entries now. */
void sync_grown(struct sync_side *s, uint64_t size, bool settled);
/* True: the range of `count` entries that was made is to be sent. False: it is out of date, throw
 * it away. count 0: it could not be made now; asked for again after `retry`. */
bool sync_made(struct sync_side *s, uint32_t count, usec now);
/* OK: the range is durable (or was already), `root` is over the `size` entries that are held now,
 * and `receipt` says so, signed.
 * Otherwise nothing of it was taken: ERR_CONFLICT and ERR_INVALID end the exchange (see `reason`),
 * anything else is tried again later. */
struct sync_took {
	enum err status;
	enum sync_reason reason;
	uint64_t size;
	struct sha256 root;
	struct str receipt;
	struct str text; /* for a person, when it failed */
};
void sync_took(struct sync_side *s, const struct sync_took *t, usec now);
/* A receipt for the first `size` entries; empty: none can be had now. */
void sync_signed(struct sync_side *s, uint64_t size, struct str receipt);
/* SYNC_REASON_NONE: it was no proof of anything; we ask again. */
void sync_judged(struct sync_side *s, enum sync_reason reason, struct str text, usec now);
/* Entries of our feed from where was asked to below `upto` were looked at, one at least; these are
 * urgent, at most SYNC_URGENT_FOUND. */
void sync_looked(struct sync_side *s, const uint64_t *urgent, size_t count, uint64_t upto);
/* The entry of SYNC_DO_URGE cannot go ahead: it is left to the feed. */
void sync_unurged(struct sync_side *s);
/* OK: the object is durable. ERR_CONFLICT and ERR_INVALID end the exchange, with `reason` and
 * `text`; after anything else the feed brings it. */
void sync_urged(struct sync_side *s, const struct sync_took *t);
/* Time has passed. */
void sync_tick(struct sync_side *s, usec now);
/* When sync_tick wants to be called next; 0: never. */
usec sync_deadline(const struct sync_side *s);

struct sync_status {
	uint64_t feed, acknowledged; /* entries of ours; of them durable there */
	uint64_t held;               /* entries of theirs */
	size_t waiting;              /* ranges of theirs that wait here */
	usec same;                   /* when both last agreed that nothing is missing here */
	struct {
		uint64_t sent, left;    /* ahead of our feed; left to the feed: too many */
		uint64_t taken, passed; /* ahead of theirs; passed over: the feed brings them */
	} urgent;
	bool stopped, by_them;
	enum sync_reason reason;
	char text[SYNC_TEXT_MAX + 1];
};
void sync_status(const struct sync_side *s, struct sync_status *out);
