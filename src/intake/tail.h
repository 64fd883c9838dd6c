/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file that somebody else appends to, in order, across renaming, removal, making
 * anew, and cutting to nothing: every byte that was there to be read once. It holds a place that
 * can be gone back to after a restart. What a writer wrote and cut before it could be read is
 * lost, as it is for everybody. */
#pragma once

#include "intake/events.h"

struct tail;

enum tail_event {
	TAIL_MORE,    /* bytes were read, there may be more */
	TAIL_WAIT,    /* nothing new for now */
	TAIL_CUT,     /* the file was cut or replaced in place: what was not whole is gone */
	TAIL_RENEWED, /* the end of a file whose name now belongs to another, which comes next */
	TAIL_MISSING, /* no such file, or it may not be read: see the fault */
};

enum { TAIL_READ = 256 << 10, TAIL_BUFFER = 2 << 20 };

/* `place` NULL: from the start of the file. The path must stay. */
struct tail *tail_new(struct str path, const struct stream_place *place);
void tail_free(struct tail *t); /* NULL allowed */

/* Whether the file of the place is still there, under whatever name, and reaches so far. */
bool tail_can_begin(struct str path, const struct stream_place *place);

/* Reads on. After TAIL_CUT and TAIL_RENEWED the buffer starts with the other file: tail_text must
 * have been dealt with before (TAIL_RENEWED is given once, with the rest of the old file's text
 * still there). */
enum tail_event tail_read(struct tail *t, struct fault *fault);
/* What was read and not consumed; EVE_SLACK bytes behind it can be read. */
struct str tail_text(const struct tail *t);
void tail_consume(struct tail *t, size_t n);
/* After TAIL_RENEWED: a last line that has no end gets one. */
void tail_end_line(struct tail *t);
/* After TAIL_RENEWED: goes on with the file that has the name now. */
void tail_next(struct tail *t);
/* Behind what was consumed. */
struct stream_place tail_place(const struct tail *t);
uint64_t tail_size(const struct tail *t);
struct str tail_path(const struct tail *t);
