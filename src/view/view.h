/* SPDX-License-Identifier: Apache-2.0 */
/* Views: what is derived from the ledger so that questions are answered fast. Each view follows the
 * ledger with a cursor of its own, in order, in batches; each can be dropped and is rebuilt to the
 * same content (`tocsin rebuild`). Views hold nothing that the ledger does not.
 *
 *   feed       per collection: dates added and record numbers; per type: record numbers
 *   relations  references to objects, values of observables and indicators, beginnings of ids
 *   text       words of names, descriptions, patterns, values
 *   state      the newest decision of each path: accounts, tokens, collections, sources ...
 *   match      the indicator index that intake maps (view/indicators.h)
 *   egress     per peer: the objects it is given, in order (view/egress.h) */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/* The first member of every view's own structure. */
struct view {
	const struct view_class *class;
};

typedef void (*view_line_fn)(void *ctx, struct str line);

/* One row a view; `rebuild`, the core's follower threads and the consistency test walk the table.
 */
struct view_class {
	const char *name;
	/* Does not step back while much comes in at once. */
	bool urgent;
	/* Opens for writing, creating what is missing; what is damaged or of another format is
	 * dropped and starts empty. `dir` is the node's "views" folder. */
	enum err (*open)(struct view **out, struct str dir, struct fault *fault);
	/* The next record it has not seen. */
	uint64_t (*cursor)(const struct view *v);
	/* Whether what it has seen is the beginning of this ledger. */
	bool (*fits)(const struct view *v, const struct store *s);
	/* Takes records [cursor, end) in one transaction with the cursor. After an error the view
	 * must be closed and opened again. */
	enum err (*follow)(
	    struct view *v, const struct store *s, uint64_t end, struct fault *fault);
	/* Nothing is to be followed for now: give back memory that only work needs. */
	void (*rest)(struct view *v);
	/* Its whole content as text, in a fixed order: equal views give equal lines. */
	enum err (*dump)(struct view *v, view_line_fn line, void *ctx, struct fault *fault);
	void (*close)(struct view *v);
	/* Removes everything of it. Readers notice. Not while it is open. */
	enum err (*drop)(struct str dir, struct fault *fault);
};

extern const struct view_class *const VIEW_CLASSES[]; /* ends with NULL */

enum { VIEW_COUNT = 6, VIEW_BATCH_RECORDS = 32768 };

/* Opens a view of this ledger: one that does not fit is dropped first. */
MUST_USE enum err view_open(struct view **out, const struct view_class *class, struct str dir,
    const struct store *s, struct fault *fault);
/* The record that record `seq` is the tombstone of; STORE_NONE when it is none. */
uint64_t view_purged(const struct store *s, uint64_t seq);
/* Whether one of the records [from, end) is the tombstone of a record before `before`. */
bool view_purges(const struct store *s, uint64_t from, uint64_t end, uint64_t before);
/* Follows until it has seen all that is committed, in batches. */
MUST_USE enum err view_catch_up(struct view *v, const struct store *s, struct fault *fault);
