/* SPDX-License-Identifier: Apache-2.0 */
/* How much a peer may give, and whose turn it is when several wait. Pure: it is told the time.
 * Private to intake/range/. */
#pragma once

#include "base/bucket.h"
#include "base/str.h"

enum {
	QUOTA_PEERS_MAX = 256,
	QUOTA_NAME_MAX = 64,
	QUOTA_AHEAD_RATE = 2, /* urgent objects of one peer, a second: twice what is sent */
	QUOTA_AHEAD_BURST = 40,
};

struct quota_peer {
	char name[QUOTA_NAME_MAX + 1];
	struct bucket entries, ahead;
};

struct quota {
	struct bucket_size size; /* entries of feeds; rate 0: no limit */
	bool always;             /* else it binds only while somebody else waits */
	struct quota_peer peers[QUOTA_PEERS_MAX];
};

/* The peer's place. When all are taken, that of who gave longest ago is given away. */
struct quota_peer *quota_peer(struct quota *q, struct str name);

/* Takes one of the urgent objects that the peer may give now; false: there is none. */
bool quota_ahead(struct quota_peer *p, usec now);

/* Who waits with a range. */
struct quota_waiting {
	const struct quota_peer *peer;
	uint64_t id; /* rises with the time of coming */
};

/* Whose turn it is: who is within the quota before who is over it, then who has had least of it,
 * then who came first. `count` when it is nobody's: then *when is the time to ask again. */
size_t quota_next(
    const struct quota *q, const struct quota_waiting *list, size_t count, usec now, usec *when);
/* The peer gave so many entries. */
void quota_spend(const struct quota *q, struct quota_peer *p, uint32_t entries, usec now);
bool quota_is_over(const struct quota *q, const struct quota_peer *p, usec now);
