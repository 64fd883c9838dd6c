/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of the history, one a node: takes runs as segments, merges segments, ends what
 * retention ends. A segment is never changed; the manifest, which names them all and holds the
 * place of each source, is replaced at once. So each function has either happened or not, also
 * when the process is killed or the power fails within it. What was adopted is on disk.
 *
 * The clock is an argument. It may go back: nothing is lost. What was observed later than it was
 * adopted counts as observed then (and is counted as ahead), whatever the clock of its sensor says.
 * For one thread. */
#pragma once

#include <stdbool.h>

#include "base/env.h"
#include "history/run.h"
#include "stix/equality.h"

enum {
	HISTORY_SOURCES_MAX = 4096,
	HISTORY_SOURCE_MAX = 255, /* bytes of a source's name */
	HISTORY_PLACE_MAX = 256,  /* bytes of a place */
	HISTORY_SEGMENTS_MAX = 4096,
};

/* Since the history was begun, unless said otherwise. */
struct history_counts {
	uint64_t seen;     /* observations adopted */
	uint64_t runs;     /* adopted */
	uint64_t ahead;    /* hours of a value whose observations were later than their adoption */
	uint64_t old;      /* hours of a value that retention ended */
	uint64_t merges;   /* done */
	uint64_t rows;     /* now: hours of values and pairs, one a segment */
	uint64_t bytes;    /* now: of the segments */
	unsigned segments; /* now */
	unsigned sources;  /* now */
	usec oldest;       /* now: retention's horizon; 0: none */
};

struct history_store;

/* Makes the folder when it is not there and removes what a crash left over. ERR_BUSY when there is
 * another writer, ERR_CORRUPT, ERR_FULL, ERR_IO. */
MUST_USE enum err history_open(struct history_store **out, struct str dir, struct fault *fault);
void history_close(struct history_store *s); /* NULL allowed */

/* Checks the run and keeps it, with the place (bytes that only the caller understands) up to which
 * the source is now complete: both or neither. An empty run moves the place alone. ERR_INVALID or
 * ERR_LIMIT for a bad run, ERR_FULL, ERR_IO: then everything is as before. */
MUST_USE enum err history_adopt(struct history_store *s, struct str run, struct str source,
    struct str place, usec now, struct fault *fault);
/* The place that was given with the source's last run; STR_NONE when there is none. Borrowed until
 * the next call. */
struct str history_place(const struct history_store *s, struct str source);

/* Does a part of the merging that is due: at most `rows` rows of it. *more: call again, when there
 * is time. An idle store answers at once. */
MUST_USE enum err history_merge(
    struct history_store *s, uint64_t rows, bool *more, struct fault *fault);
/* So many segments more than merging would leave: adopt no further run before some is done when
 * this is more than a few dozen. */
unsigned history_behind(const struct history_store *s);

/* From now on nothing older than `keep` before now, or before the last observation when the clock
 * is ahead of it, is read; whole segments go at once, the rest when it has become an eighth. */
MUST_USE enum err history_retain(struct history_store *s, usec keep, usec now, struct fault *fault);

/* Takes values out, with all their pairs, wherever they are (some bytes of a person). Done and on
 * disk when it returns; *erased is how many rows went. */
MUST_USE enum err history_erase(struct history_store *s, const struct term *values, size_t count,
    uint64_t *erased, struct fault *fault);

/* Makes the table that history_busy() of history/reader.h asks anew, a part of it at a call: at
 * most `rows` rows, and *more says that it is not whole yet. Reads what was adopted for the last 24
 * hours and more: begin it every few minutes. */
MUST_USE enum err history_note_busy(
    struct history_store *s, usec now, uint64_t rows, bool *more, struct fault *fault);

struct history_counts history_counts(const struct history_store *s);
