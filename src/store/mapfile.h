/* SPDX-License-Identifier: Apache-2.0 */
/* A file that grows under a mapping of fixed address: the mapping reaches to the file's largest
 * size from the start, and only what was reserved is touched. One process writes through it,
 * others see what it stores. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/segment.h"

struct mapfile {
	unsigned char *base;
	uint64_t max;  /* bytes mapped */
	uint64_t size; /* bytes of the file, as far as the writer knows */
	int fd;        /* the writer's, else -1 */
	const struct store_io *io;
};

/* `write`: made when it is not there. Readers: ERR_NOT_FOUND when it is not there. */
MUST_USE enum err mapfile_open(struct mapfile *m, int dir_fd, const char *name, uint64_t max,
    bool write, const struct store_io *io, struct fault *fault);
void mapfile_close(struct mapfile *m);
/* At least n bytes that can be stored to without a fault: ERR_FULL. */
MUST_USE enum err mapfile_reserve(struct mapfile *m, uint64_t n, struct fault *fault);
MUST_USE enum err mapfile_sync(struct mapfile *m, struct fault *fault);
