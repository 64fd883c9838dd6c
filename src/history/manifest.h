/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: which segments are the history, which sources there are and how far each is in, and
 * what retention has ended. A file of some kilobytes that is replaced at once: what it does not
 * name is not there. Private to history/. */
#pragma once

#include "history/store.h"

enum { MANIFEST_LEVELS = 32, MANIFEST_BYTES_MAX = 8 << 20 };

struct history_source {
	size_t name_n, place_n;
	char name[HISTORY_SOURCE_MAX];
	char place[HISTORY_PLACE_MAX];
};

struct history_part {
	uint64_t number; /* of its file */
	uint8_t level;
};

struct manifest {
	uint64_t generation; /* one more at each change */
	uint64_t next;       /* number for a file */
	uint32_t horizon;    /* hours before it are not read */
	uint32_t latest;     /* hour: what the clock has said at most */
	uint32_t keep;       /* hours, as retention last said; 0: for ever */
	uint64_t seen, runs, ahead, old, merges;
	size_t source_count, part_count;
	struct history_source *sources; /* their places are their numbers in segments */
	struct history_part *parts;     /* from old to new */
};

void manifest_free(struct manifest *m);
/* An empty one when there is no file. ERR_CORRUPT, ERR_IO. */
MUST_USE enum err manifest_read(struct manifest *out, struct str dir, struct fault *fault);
/* Durable when it returns; `generation` is one more. */
MUST_USE enum err manifest_write(struct manifest *m, struct str dir, struct fault *fault);
/* The place of a source, empty when there is none of that name. */
struct str manifest_place(const struct manifest *m, struct str name);
/* The number of a source; source_count when there is none of that name. */
size_t manifest_source(const struct manifest *m, struct str name);
