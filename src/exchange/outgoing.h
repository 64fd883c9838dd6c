/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of an object that goes to a peer, with its envelope: as it stands here, or without the
 * members that the terms withhold. Private to exchange/. */
#pragma once

#include "seal/seal.h"
#include "store/store.h"
#include "sync/range.h"

struct outgoing_source {
	const struct store *store;
	uint64_t seq;
	enum sync_kind kind;
	const struct envelope *envelope; /* of the copy that is here */
	uint32_t withheld;               /* policy/release.h; 0: nothing */
	struct str sender;               /* identity of this node */
};

struct outgoing {
	struct envelope envelope;
	struct str content;        /* STR_NONE: what is taken back comes without it */
	struct buf object, leaves; /* private: a copy that is made */
};

/* ERR_DENIED: under these terms nothing of it may be sent. Its strings live as
 * long as the store, or until outgoing_free, which is called whatever this returned. */
MUST_USE enum err outgoing_make(
    struct outgoing *out, const struct outgoing_source *from, struct fault *fault);
void outgoing_free(struct outgoing *out);
