/* SPDX-License-Identifier: Apache-2.0 */
/* Purging several objects from the command line. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct purge_list {
	const char *dir;
	struct str op;     /* "purge.each" or "retention.apply" */
	struct str reason; /* the former's */
	const struct str *ids;
	size_t count;
};

/* Purges each with all its versions, then waits until nothing of them is left in any view and the
 * tombstones are signed. At an error the first *dealt are purged, and the others are as they were.
 */
MUST_USE enum err purge_each(
    const struct purge_list *l, size_t *dealt, uint64_t *records, struct fault *fault);
