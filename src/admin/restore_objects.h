/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of one restored collection: each becomes a record with the date its manifest gives,
 * in batches. */
#pragma once

#include "admin/restore.h"

struct restore_objects;

struct restore_collection {
	uint32_t feed;
	struct str objects;  /* the list, as text; STR_NONE: none */
	struct str manifest; /* likewise */
};

struct restore_objects *restore_objects_new(
    const struct command_ctx *ctx, const struct restore_options *options);
void restore_objects_free(struct restore_objects *o);
/* dry: only sees that the lists can be walked. */
MUST_USE enum err restore_objects_take(struct restore_objects *o,
    const struct restore_collection *collection, bool dry, struct fault *fault);
/* Members of a JSON object, without braces: total, taken, duplicates, refused, failures. */
void restore_objects_report(const struct restore_objects *o, struct buf *out);
