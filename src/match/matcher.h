/* SPDX-License-Identifier: Apache-2.0 */
/* Event lines in, hits out: takes blocks of a sensor's stream apart into lines, each line into
 * values, and asks the indicator index for all of them in batches, so that its cache misses
 * overlap. Names match their own indicators and those of every parent domain; addresses also the
 * networks around them. Pure: no file, no clock. */
#pragma once

#include "match/delta.h"
#include "match/eve.h"
#include "match/index.h"

struct match_hit {
	struct str line;      /* the event */
	struct str timestamp; /* as the event has it */
	enum eve_field field;
	struct term value;        /* what was seen */
	struct index_entry entry; /* the indicator's value: the same, a parent, a network */
};

/* A value of an event, in canonical form. */
struct match_value {
	struct term term;
	enum eve_field field;
};

/* What DNS answered, in canonical form: a name, and an address or another name. */
struct match_answer {
	struct term name, data;
};

/* An event that holds values, or answers that are wanted. One of more than a thousand values comes
 * in parts, with its answers in the first. */
struct match_event {
	bool goes_on; /* a further part of the event told of last */
	struct str line;
	struct str timestamp; /* as the event has it */
	const struct match_value *values;
	size_t count;
	const struct match_answer *answers;
	size_t answer_count;
	bool answers_cut;         /* there were more, or some that are no names and addresses */
	const struct str *traits; /* EVE_TRAITS, unescaped; STR_NONE: none such, or not wanted */
};

/* Who is told: of some events, then that these were all for now, then of their hits. Strings live
 * for the call, those of values and answers and they themselves until `events_end`. */
struct match_sink {
	void (*event)(void *ctx, const struct match_event *event); /* NULL: not told */
	void (*events_end)(void *ctx);                             /* may be NULL */
	unsigned wants; /* EVE_WANT_*: what of them beside values and time */
	void (*hit)(void *ctx, const struct match_hit *hit);
	void *ctx;
};

struct match_counts {
	uint64_t bytes;   /* of the lines below */
	uint64_t lines;   /* complete ones, empty ones left out */
	uint64_t bad;     /* of them: malformed */
	uint64_t skipped; /* of them: longer than EVE_LINE_MAX */
	uint64_t hits;
};

struct matcher;

struct matcher *matcher_new(bits_fn bits); /* NULL: the best one */
void matcher_free(struct matcher *m);
/* What is asked from now on; either may be NULL. They must stay, and have the same seed. */
void matcher_layers(
    struct matcher *m, const struct match_index *generation, const struct match_delta *delta);

/* Matches every complete line of the block (which has EVE_SLACK readable bytes behind it), adds to
 * *counts and returns how many bytes are done with: the caller keeps the rest and gives it again
 * with more behind it. A line of more than EVE_LINE_MAX bytes is let go piece by piece. */
size_t matcher_feed(struct matcher *m, struct str block, struct match_counts *counts,
    const struct match_sink *sink);
/* Inside a line that is being let go: what was consumed does not end with a whole line. */
bool matcher_inside(const struct matcher *m);
/* The time, as written, of the last event that held a value; empty when none did. */
struct str matcher_last_time(const struct matcher *m);
/* Starts anew, at the start of a line or within one that is to be let go. */
void matcher_restart(struct matcher *m, bool inside);
