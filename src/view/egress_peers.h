/* SPDX-License-Identifier: Apache-2.0 */
/* The peers as the egress view's writer knows them at a place in the ledger: who they are to
 * policy, from the decisions up to there. Private to this folder. */
#pragma once

#include "policy/decide.h"
#include "store/store.h"
#include "view/sql.h"

enum { EGRESS_PEERS_MAX = 1024, EGRESS_NAME_MAX = 255 };

struct egress_peer {
	char name[EGRESS_NAME_MAX + 1], identity[EGRESS_NAME_MAX + 1];
	uint32_t feed;   /* its number */
	uint64_t size;   /* of its feed */
	uint32_t source; /* of the records that came from it; 0: none ever did */
	bool active;
	struct reader reader;
};

struct egress_peers {
	struct egress_peer *all; /* in the order of names */
	size_t count;
};

/* True when a decision of this path may change who may see what. */
bool egress_peers_concern(struct str path);
/* Reads them anew, from the decisions that the database names. Peers whose identity is not known as
 * a feed get one. A decision that cannot be read makes a peer inactive. */
MUST_USE enum err egress_peers_load(struct egress_peers *p, struct sql *q, const struct store *s,
    struct arena *arena, struct fault *fault);
void egress_peers_free(struct egress_peers *p);
