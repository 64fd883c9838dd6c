/* SPDX-License-Identifier: Apache-2.0 */
/* The values that were seen so often of late that an indicator of them would flood people: a small
 * file beside the manifest, which readers hold in memory. "tochbsy1", count (u64), then as many
 * rows by their prints: two prints of the key, how often, hosts (u64 each); and a sum. Private to
 * history/. */
#pragma once

#include <sys/stat.h>

#include "base/err.h"
#include "base/str.h"

enum { BUSY_MAX = 65536, BUSY_ROW = 32 };

struct busy_row {
	uint64_t print, again; /* two prints by different keys: of 128 bits no two are alike */
	uint64_t count;
	uint64_t hosts;
};

struct busy {
	struct busy_row *rows; /* by print, then again */
	size_t count;
	struct stat at;
	bool read;
};

void busy_free(struct busy *b);
struct busy_row busy_row_of(struct str key);
/* Sorts the rows and replaces the file in the folder; the most frequent BUSY_MAX of them. */
MUST_USE enum err busy_write(
    struct busy_row *rows, size_t count, struct str dir, struct fault *fault);
/* A file that is not there, or damaged, is an empty table: it will be made anew. */
MUST_USE enum err busy_refresh(struct busy *b, int dir_fd, struct fault *fault);
bool busy_find(const struct busy *b, struct str key, uint64_t *count, unsigned *hosts);
