/* SPDX-License-Identifier: Apache-2.0 */
/* A segment: what some runs held, sorted, in a file that is written once and then only mapped.
 *
 *   "tochist1", then blocks; each is records (history/record.h) and a sum of them, 8 bytes
 *   filter      a Bloom filter of the keys, lines of 64 bytes, on a multiple of 64
 *   starts      of each block: where it is (u64), and the end of its first key in `texts` (u64);
 *               then the end of the blocks and of the texts
 *   texts       the first key of each block, as far as it differs from the last key before it
 *   foot        SEGMENT_FOOT bytes: where these are, counts, sums (struct foot in segment.c)
 *
 * A block's sum is looked at whenever it is read; that of filter, starts and texts by the writer
 * when it opens the file. Every read is checked against its bounds. Private to history/. */
#pragma once

#include "base/err.h"
#include "history/record.h"

enum {
	SEGMENT_FOOT = 128,
	SEGMENT_NAME = 32,    /* "segment-" and a number, with its NUL */
	SEGMENT_BLOCK = 4096, /* bytes of a block, from which on it ends */
	SEGMENT_LINE = 64,
	SEGMENT_SUM = 8,
};

struct segment {
	const char *map;
	size_t bytes;
	uint64_t keys, rows, seen;
	uint32_t first_hour, last_hour;
	uint64_t blocks;
	uint64_t filter_lines;
	const char *filter, *starts, *texts;
	uint64_t text_bytes;
};

void segment_file(char out[SEGMENT_NAME], uint64_t number);

/* Of the file in an open folder. `whole`: also the sums of filter and starts. ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_IO. */
MUST_USE enum err segment_open(
    struct segment *out, int dir_fd, uint64_t number, bool whole, struct fault *fault);
/* Has the system read meanwhile what opening it will look at. */
void segment_prefetch_foot(int dir_fd, uint64_t number);
void segment_close(struct segment *s);
/* The same for bytes that stay, aligned for uint64_t. */
MUST_USE enum err segment_of(
    struct segment *out, struct str bytes, bool whole, struct fault *fault);

uint64_t segment_print(struct str key);
/* False: the key of this print is not in it. */
bool segment_may_hold(const struct segment *s, uint64_t print);
/* Have the system read meanwhile what segment_may_hold(), segment_seek() and then segment_block()
 * will look at. */
void segment_prefetch(const struct segment *s, uint64_t print);
void segment_prefetch_starts(const struct segment *s);
void segment_prefetch_block(const struct segment *s, struct str key);
/* The last block that may have keys before the given one: from there on it is to be looked for. */
uint64_t segment_seek(const struct segment *s, struct str key);
/* The records of a block; false when it is damaged. */
bool segment_block(const struct segment *s, uint64_t block, struct str *out);

struct segment_writer;

/* For at most so many keys. The file is made anew. */
MUST_USE enum err segment_writer_new(struct segment_writer **out, int dir_fd, uint64_t number,
    uint64_t keys_max, struct fault *fault);
/* Closes; what was not finished is to be removed by the caller. NULL allowed. */
void segment_writer_free(struct segment_writer *w);
/* Keys ascend; within a key sources; then rows by their hours. */
void segment_begin(struct segment_writer *w, struct str key, uint32_t source);
void segment_put(struct segment_writer *w, const struct history_row *row);
void segment_end(struct segment_writer *w);
/* What has gone wrong so far; nothing is written then. */
enum err segment_failed(const struct segment_writer *w, struct fault *fault);
/* Puts the rest, and everything on disk. */
MUST_USE enum err segment_finish(struct segment_writer *w, struct fault *fault);
