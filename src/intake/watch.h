/* SPDX-License-Identifier: Apache-2.0 */
/* What looks at every event of a stream beside the indicator index: one row of WATCHES each. A
 * watch is told the events of a batch in their order, then that the batch has ended, when it may
 * tell core what it found by messages of its own. It keeps what it needs in memory of a fixed size
 * and never holds up the stream longer than core does. */
#pragma once

#include "base/env.h"
#include "intake/events.h"
#include "match/matcher.h"
#include "sys/chan.h"
#include "sys/config.h"

struct stream_tools;

/* The first member of every watch's own structure. */
struct watch {
	const struct watch_class *class;
};

/* A stream's batch that has been read. */
struct watch_batch {
	struct chan *core;
	uint64_t stream;
	struct stream_place place; /* up to which the events so far go */
	usec now;
};

struct watch_class {
	/* One for a stream; NULL when it has nothing to do there. */
	struct watch *(*open)(uint64_t stream, const struct env *env);
	/* NULL, or told of the node's configuration before the first event. */
	void (*configure)(struct watch *w, const struct config *config);
	/* A batch is about to be read; may be NULL. */
	void (*begin)(struct watch *w, const struct stream_tools *tools, usec now);
	/* EVE_WANT_*: what of the batch's events it will look at; 0: it is told of none. */
	unsigned (*wants)(const struct watch *w);
	/* `when` is the event's own time, or now when it has none. */
	void (*event)(struct watch *w, const struct match_event *event, usec when);
	/* Strings of the events are gone. */
	void (*batch)(struct watch *w, const struct watch_batch *batch);
	void (*close)(struct watch *w);
};

extern const struct watch_class *const WATCHES[]; /* ends with NULL */

enum { WATCHES_MAX = 8 };
