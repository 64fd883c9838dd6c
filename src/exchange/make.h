/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of a peer's feed, made of what the egress view lists and the envelopes of the
 * originators: for the link, and for packages. Private to exchange/. */
#pragma once

#include "seal/ledger.h"
#include "store/store.h"
#include "sync/range.h"
#include "view/egress.h"

struct making {
	const struct store *store;
	struct egress *egress;
	uint32_t feed;       /* its number */
	struct str identity; /* of this node */
	struct seal_cache *seals;
	struct sync_maker maker;
	uint64_t from; /* of the range that is made */
	size_t most;   /* entries of it; 0: as many as fit */
	/* Say in each range what became of this node's own keys, to who hears it no other way. */
	bool tells_keys;
};

void making_init(struct making *m);
void making_free(struct making *m);

/* Puts entries from `from` on into the maker; none when there are none. The arena is reset. */
MUST_USE enum err making_fill(
    struct making *m, uint64_t from, usec now, struct arena *arena, struct fault *fault);
/* The message SYNC_RANGE of what was filled in, with the signed head at its end; its packed bytes
 * are put into `packed`, which it borrows. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err making_pack(
    struct sync_message *out, const struct making *m, struct str head, struct buf *packed);
