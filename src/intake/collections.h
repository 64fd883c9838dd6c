/* SPDX-License-Identifier: Apache-2.0 */
/* Which collection a name means, for the core: from the state view as far as it has come, and from
 * the records behind it. Private to intake/. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

struct collections;

struct collection {
	uint64_t feed;
	bool can_write; /* by who comes by network */
};

/* `views` is the node's folder of views; the state view need not be there yet. The store stays the
 * caller's and must stay. */
MUST_USE enum err collections_open(
    struct collections **out, const struct store *store, struct str views, struct fault *fault);
void collections_close(struct collections *c); /* NULL allowed */
/* By its id, else by an alias that only one has: ERR_NOT_FOUND, ERR_CONFLICT. */
MUST_USE enum err collections_find(
    struct collections *c, struct str name, struct collection *out, struct fault *fault);
