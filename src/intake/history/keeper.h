/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of core that keeps the history: it alone opens the writer (history/store.h), takes
 * runs in their order, and between them merges, ends what retention ends and counts what is busy.
 * A run that cannot be written now is tried again for a while, so that streams do not stand still
 * because the history does. */
#pragma once

#include "base/env.h"
#include "history/store.h"
#include "intake/events.h"
#include "sys/loop.h"

struct keeper;

struct keeper_options {
	struct str dir;   /* of the node */
	uint64_t reserve; /* bytes to leave free on the file system */
	usec keep;        /* what is older is ended; 0: nothing is */
	usec patience;    /* with runs that cannot be written */
	const struct env *env;
	struct loop *loop;
	/* From the loop: jobs are done, or the fault is another. */
	void (*news)(void *ctx);
	void *ctx;
};

/* Something to do. It belongs to the keeper until it is done; strings must stay. */
struct keeper_job {
	struct str source; /* whose run it is */
	int fd;            /* of the run; the caller's */
	struct stream_place place;
	const struct term *erase; /* or values to take out; NULL: a run */
	size_t erase_count;
	uint64_t erased; /* rows that went */
	enum err
	    rc; /* of a run OK; else it is lost: ERR_INVALID, it was none; other: not written */
	struct fault fault;
	struct keeper_job *next;
};

struct keeper_figures {
	struct history_counts counts;
	uint64_t refused;   /* runs that were none */
	uint64_t lost;      /* runs that could not be written */
	size_t waiting;     /* jobs not yet done */
	struct fault fault; /* code OK, or why something cannot be written just now */
	bool reserved;      /* the fault: what space is left is the ledger's */
};

MUST_USE enum err keeper_open(
    struct keeper **out, const struct keeper_options *options, struct fault *fault);
/* Before the start: the place of a source; false when it has none yet. */
bool keeper_place(const struct keeper *k, struct str source, struct stream_place *out);
/* Before the start: the source's history begins here. */
MUST_USE enum err keeper_begin(
    struct keeper *k, struct str source, const struct stream_place *place, struct fault *fault);
MUST_USE enum err keeper_start(struct keeper *k, struct fault *fault);
/* Jobs that are not done are let go. */
void keeper_close(struct keeper *k); /* NULL allowed */

void keeper_give(struct keeper *k, struct keeper_job *job);
/* A job that is done, in order; NULL when there is none. */
struct keeper_job *keeper_take(struct keeper *k);
void keeper_figures(struct keeper *k, struct keeper_figures *out);
