/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the writer share. Private to history/store*.c. */
#pragma once

#include "history/cursor.h"
#include "history/manifest.h"
#include "history/store.h"

enum {
	/* Segments of a level that become one of the next; of runs, which are short, more. */
	FAN = 8,
	FAN_RUNS = 16,
	HOURS_DAY = 24,
};

#define SEGMENT_BYTES_MAX (UINT64_C(8) << 30) /* larger ones are not made by merging */
#define USEC_PER_HOUR (SECONDS * USEC_PER_SEC)

struct job;
struct noting;

struct history_store {
	struct str dir; /* owned */
	int dir_fd, lock_fd;
	struct manifest manifest;
	struct segment *segments; /* as the manifest's parts */
	struct job *job;          /* merging that has been begun */
	struct noting *noting;    /* of what is busy, likewise */
};

/* Passes on to a segment what is to be kept. */
struct keeping {
	struct segment_writer *writer;
	uint32_t from;                           /* hours before it are dropped */
	uint32_t until;                          /* hours after it count as it */
	uint16_t until_second;                   /* and as this second of it */
	bool (*drop)(void *ctx, struct str key); /* NULL: no key is dropped */
	void *ctx;
	uint64_t old, ahead, dropped, kept;
	bool dropping, begun;
	uint32_t source;
	struct str key; /* in `text` */
	char text[KEY_MAX];
};

struct row_sink keeping_sink(struct keeping *k);

static inline uint32_t hour_at(usec when)
{
	usec hour = when > 0 ? when / USEC_PER_HOUR : 0;

	return hour < HOUR_END ? (uint32_t)hour : HOUR_END - 1;
}

/* The parts at `gone` (ascending) give way to the segment, when it has rows, or to nothing; on disk
 * when it returns. Takes the segment over; on failure everything is as before and its file is
 * removed. */
struct change {
	const size_t *gone;
	size_t gone_count;
	uint64_t number;
	uint8_t level;
};
MUST_USE enum err store_replace(
    struct history_store *s, const struct change *c, bool made, struct fault *fault);
void store_unlink(const struct history_store *s, uint64_t number);
/* A merge that is under way begins anew when it is next due. */
void store_stop_job(struct history_store *s);
/* Likewise; history/busy.c. */
void store_stop_noting(struct history_store *s);
