/* SPDX-License-Identifier: Apache-2.0 */
/* How observations are written down, in runs and in the blocks of segments. A record is
 *
 *   shared   varint: how many bytes of the key are those of the record before (0 at the start)
 *   rest     varint, and so many bytes: the key's end
 *   source   varint
 *   rows     varint, from 1 to RECORD_ROWS
 *   hour     varint: the first row's, since 1970
 *   length   varint, and so many bytes: the rows
 *
 * A key with more rows at a source has further records. A row is
 *
 *   tag      0-3: hours since the row before, less one (0 in a first row; 15: so many and a varint)
 *            4: seen once; 5-7: 0 to 5 hosts, 6: more, 7: all 256 bits follow
 *   seen once:  2 bytes, its second;  else a varint, how often less two, and 3 bytes, the seconds
 *            of the first and the last
 *   hosts    for 6 a byte, how many; a byte each, which bit, ascending
 *
 * Varints have 7 bits a byte, the lowest first; integers have the lowest byte first. Reading is
 * safe whatever the bytes are. Private to history/. */
#pragma once

#include "history/hosts.h"
#include "history/key.h"

enum {
	RECORD_ROWS = 128,
	RECORD_ROW_BYTES = 64, /* a row has less */
	RECORD_HEAD_BYTES = 32,
	RECORD_BYTES = RECORD_HEAD_BYTES + KEY_MAX + RECORD_ROWS * RECORD_ROW_BYTES,
	SECONDS = 3600, /* of an hour */
};

#define HOUR_END (UINT32_C(1) << 24) /* hours are before the year 3883 */
#define COUNT_END (UINT64_C(1) << 48)

/* A value, at a source, in an hour. */
struct history_row {
	uint32_t hour;
	uint16_t first, last; /* seconds of the hour */
	uint64_t count;
	struct history_hosts hosts;
};

/* What was seen of the same in the same hour. */
void history_row_join(struct history_row *to, const struct history_row *from);

/* Reads records one after another. */
struct record_reader {
	const unsigned char *p, *end;
	struct str key; /* of the record, in `keys` */
	size_t held;    /* bytes of `keys`: the key of the record before, of another block maybe */
	uint32_t source;
	bool same;     /* key and source are those of the record before */
	uint32_t rows; /* left in it */
	uint32_t hour; /* of the last row read, or of the first one */
	bool first;    /* the next row is its first */
	const unsigned char *row, *rows_end;
	char keys[KEY_MAX];
};

void record_start(struct record_reader *r, struct str bytes);
/* The next block: a record there may be the same as one here. */
void record_continue(struct record_reader *r, struct str block);

enum record_step { RECORD_END, RECORD_GOOD, RECORD_BAD };

/* To the next record, wherever in the rows of the last one. */
enum record_step record_next(struct record_reader *r);
/* The next row of the record. */
enum record_step record_row(struct record_reader *r, struct history_row *out);

/* Writes them: begin, rows by their hours (those of one hour are joined), end. */
struct record_writer {
	struct buf *out;
	char last[KEY_MAX]; /* the key of the last record of the block */
	size_t last_n;
	char key[KEY_MAX];
	size_t key_n;
	uint32_t source;
	uint32_t rows, first_hour, hour; /* in `body` */
	bool waiting;                    /* a row that may be joined yet */
	struct history_row row;
	uint64_t rows_written;
	size_t body_n;
	unsigned char body[(RECORD_ROWS + 1) * RECORD_ROW_BYTES];
};

void record_writer_start(struct record_writer *w, struct buf *out);
void record_begin(struct record_writer *w, struct str key, uint32_t source);
/* True when a record has been put into `out`: the block may end here. */
bool record_put(struct record_writer *w, const struct history_row *row);
void record_finish(struct record_writer *w); /* puts what is left of the group */
/* A block has ended: the next key is written whole. */
void record_writer_cut(struct record_writer *w);
