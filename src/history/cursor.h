/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in the order of key, source and hour: of a run or a segment, and of many of them as if they
 * were one. A group is what a key has at a source. Private to history/. */
#pragma once

#include "history/segment.h"

enum cursor_step {
	CURSOR_END,
	CURSOR_ROW,   /* `row` is of the same group */
	CURSOR_GROUP, /* `row` is the first of another group */
	CURSOR_BAD,   /* the bytes are damaged */
};

enum { CURSOR_STARTS = 3 };

struct cursor {
	const struct segment *segment; /* NULL: a run */
	uint64_t block;                /* the next one */
	uint32_t source;
	uint64_t start[CURSOR_STARTS]; /* the first bytes of the key, as numbers */
	struct history_row row;
	struct record_reader records;
};

/* A run, already checked, of the source. */
enum cursor_step cursor_run(struct cursor *c, struct str run, uint32_t source);
/* From the first group whose key is not before `from`; empty: from the start. */
enum cursor_step cursor_segment(struct cursor *c, const struct segment *s, struct str from);
enum cursor_step cursor_next(struct cursor *c);

static inline struct str cursor_key(const struct cursor *c)
{
	return c->records.key;
}

/* Who is told of groups. The key lives for the call. */
struct row_sink {
	void (*begin)(void *ctx, struct str key, uint32_t source);
	void (*row)(void *ctx, const struct history_row *row);
	void (*end)(void *ctx);
	void *ctx;
};

struct merger {
	size_t count, tied;
	struct cursor **heap, **ties;
	bool bad;
	uint64_t rows; /* read so far */
};

/* Room for so many cursors; they stay the caller's. */
void merger_init(struct merger *m, size_t cursors_max);
void merger_free(struct merger *m);
/* A cursor that has just been placed, with what that gave. */
void merger_add(struct merger *m, struct cursor *c, enum cursor_step step);
/* The next group's key; STR_NONE when there is none. */
struct str merger_key(const struct merger *m);
/* Tells the sink of the next group, rows by their hours (several of one hour may follow each
 * other). False: there is none, or `bad`. */
bool merger_group(struct merger *m, const struct row_sink *sink);
