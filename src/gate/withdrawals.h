/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that were taken back, by this node or by another originator, and how far each peer that
 * had them is with it. For who may audit, and of these who would see the object if it were still
 * there: whoever may not, is told of none. */
#pragma once

#include "gate/read.h"

struct gate_withdrawal_peer {
	struct str name; /* ours for it */
	bool active;     /* false: met only, or cut: nobody tells it */
	bool acted;      /* its signed receipt says that it is done there */
	usec time;       /* when the receipt was signed */
	usec contact;    /* when something of it was last entered here; 0: never */
	usec purged;     /* when it removed the bytes, as it signed; 0: it has not said so */
};
struct gate_withdrawal {
	struct str id, reason, originator;
	struct str by; /* "local", or where it came from */
	usec time;     /* when it was decided, there */
	usec received; /* when it entered the ledger here */
	/* Those that had the object from here, by name. */
	struct gate_withdrawal_peer *peers;
	size_t peer_count;
};
struct gate_withdrawals {
	struct gate_withdrawal *items;
	size_t count;
	struct str next;
};
/* Newest first; limit and next of the query. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_withdrawals(const struct gate_ask *ask, const struct gate_query *query,
    struct gate_withdrawals *out, struct fault *fault);
/* ERR_NOT_FOUND. */
MUST_USE enum err gate_withdrawal(
    const struct gate_ask *ask, struct str id, struct gate_withdrawal *out, struct fault *fault);

/* What this node purged, and what peers demand to be purged: by object, in the order of ids. */
struct gate_purge {
	struct str id;
	bool demanded;       /* copies are here that somebody wants gone */
	struct str reason;   /* of the newest who said so, in words of which nothing is known */
	struct str by;       /* identity of who said so first: ours, or who demands it */
	usec time;           /* when that was said */
	uint64_t tombstones; /* of versions of it */
	/* Those that had it from here, or asked for it, by name; `acted`: it is hidden there. */
	struct gate_withdrawal_peer *peers;
	size_t peer_count;
};
struct gate_purges {
	struct gate_purge *items;
	size_t count;
};
/* Of this object alone, or with STR_NONE of all. ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_purges(
    const struct gate_ask *ask, struct str id, struct gate_purges *out, struct fault *fault);
