/* SPDX-License-Identifier: Apache-2.0 */
/* Removing the bytes of objects: tombstones are committed first, then the content's bytes become
 * zeros. A record's header, which is its leaf in the tree, stays. */
#pragma once

#include "store/internal.h"

/* The writer's, before it reads any frame: finishes an erasure that was under way. */
MUST_USE enum err purge_resume(struct store *s, struct fault *fault);
/* The writer's, when the index is whole and nothing is pending: erases what committed tombstones
 * are of and is there still. */
MUST_USE enum err purge_finish(struct store *s, struct fault *fault);
/* A record of the batch being published: when it is a tombstone, its record's row says so. True
 * when it is. */
bool purge_mark(struct store *s, uint64_t seq);
