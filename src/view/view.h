/* SPDX-License-Identifier: Apache-2.0 */
/* Views: what is derived from the ledger so that questions are answered fast. Each view follows the
 * ledger with a cursor of its own, in order, in batches; each can be dropped and is rebuilt to the
 * same content (`tocsin rebuild`). Views hold nothing that the ledger does not.
 *
 *   feed/      per collection: positions, dates added, object numbers (view/feed.h)
 *   relations  references between objects, both ways; values of observables and indicators
 *   text       full-text search over names, descriptions, patterns, values
 *   state      accounts, tokens, collections, API roots, sources and their positions, statuses
 */
#pragma once

#include "base/err.h"
#include "store/store.h"

struct view;

/* One row a view; `rebuild`, the core's follower threads and the consistency test walk the table.
 */
struct view_class {
	const char *name;
	/* Opens for writing, creating what is missing; `dir` is the node's "views" folder. */
	enum err (*open)(struct view **out, struct str dir, struct fault *fault);
	/* The next record it has not seen. */
	uint64_t (*cursor)(const struct view *v);
	/* Takes records [cursor, end) in one transaction with the cursor. */
	enum err (*follow)(
	    struct view *v, const struct store *s, uint64_t end, struct fault *fault);
	void (*close)(struct view *v);
};

extern const struct view_class *const VIEW_CLASSES[]; /* ends with NULL */
