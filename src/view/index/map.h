/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the match view as mapped memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct map {
	void *p;
	size_t n;
};

/* size 0: the file as it is; else a new one of zeroes whose blocks are really there, so that
 * writing to the map cannot fail. ERR_NOT_FOUND, ERR_CORRUPT, ERR_FULL, ERR_IO. */
MUST_USE enum err view_map(
    struct map *out, const char *path, bool write, size_t size, struct fault *fault);
void view_unmap(struct map *m);
