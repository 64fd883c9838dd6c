/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that go to a peer ahead of its feed (sync/lane.h): finds them, and makes the messages.
 * Private to exchange/. */
#pragma once

#include "exchange/make.h"

struct urgent {
	struct making making; /* the owner fills in what it reads */
	struct buf body;      /* of the message that was made */
	struct buf packed;    /* private */
	uint32_t label;       /* the last that was looked at, and whether it is urgent */
	bool looked, is_urgent;
};

void urgent_init(struct urgent *u);
void urgent_free(struct urgent *u);

/* Which of the entries from `from` on are urgent; *upto is beyond `from`, where to go on. */
size_t urgent_look(struct urgent *u, uint64_t from, uint64_t size, uint64_t out[SYNC_URGENT_FOUND],
    uint64_t *upto);
/* Puts the message SYNC_URGENT of this entry into u->body. ERR_DENIED: it is not urgent by its
 * originator's word, not to be had any more, or too long. The arena is reset. */
MUST_USE enum err urgent_make(
    struct urgent *u, uint64_t entry, usec now, struct arena *arena, struct fault *fault);
