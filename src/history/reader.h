/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen, when, where and how often: reads the files that the one writer (history/store.h)
 * leaves, without a lock and beside it. A reader sees the history as it was at its last refresh and
 * keeps seeing that, whatever the writer merges or drops. For one thread.
 *
 * Times are kept by the hour: an hour counts as within [from, until) when its first or last
 * observation is, or when they lie around it. Answers come in the order of values (addresses by
 * bytes, names by their labels from the right, texts by bytes), then of sources as they were first
 * known: the same question, asked of the same history, has the same answer. */
#pragma once

#include <stdbool.h>

#include "base/env.h"
#include "history/hosts.h"
#include "stix/equality.h"

struct history_reader;

/* An hour, and what was seen in it. */
struct history_bin {
	usec first, last; /* to the second */
	uint64_t count;
	struct history_hosts hosts;
};

/* One value at one source, over the hours asked for; lives for the call. */
struct history_entry {
	struct term term;
	struct str source;
	usec first, last;
	uint64_t count;
	struct history_hosts hosts;     /* join those of several entries, then count */
	unsigned host_count;            /* history_hosts_count() of it */
	const struct history_bin *bins; /* by time, none empty */
	size_t bin_count;
};

/* A name and what it was answered with, at one source. */
struct history_pair {
	struct term name, answer;
	struct str source;
	usec first, last;
	uint64_t count;
};

/* False ends the walk. */
typedef bool (*history_fn)(void *ctx, const struct history_entry *e);
typedef bool (*history_pair_fn)(void *ctx, const struct history_pair *p);

#define HISTORY_ALWAYS_FROM INT64_C(0)
#define HISTORY_ALWAYS_UNTIL INT64_MAX

/* The folder of the history; one that is not there (yet) is an empty history. ERR_CORRUPT, ERR_IO.
 */
MUST_USE enum err history_reader_open(
    struct history_reader **out, struct str dir, struct fault *fault);
void history_reader_close(struct history_reader *r); /* NULL allowed */
/* Sees what the writer has done since. Cheap when that is nothing. */
MUST_USE enum err history_refresh(struct history_reader *r, struct fault *fault);
/* Changes whenever a refresh brought something new. */
uint64_t history_generation(const struct history_reader *r);
/* How far a source is in, as its writer said (history/store.h); empty when it is not known. */
struct str history_reader_place(const struct history_reader *r, struct str source);
/* How many values there may be in all, and the bytes of the files. */
uint64_t history_bytes(const struct history_reader *r);

/* Exactly this value. Every function here: OK also when nothing was seen; ERR_CORRUPT. */
MUST_USE enum err history_find(struct history_reader *r, const struct term *value, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault);
/* Many values, in any order; entries come in the order of the history, each value once. */
MUST_USE enum err history_find_many(struct history_reader *r, const struct term_list *values,
    usec from, usec until, history_fn fn, void *ctx, struct fault *fault);
/* Every address within a network (a term with a prefix; one of full length is that address). */
MUST_USE enum err history_network(struct history_reader *r, const struct term *network, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault);
/* A name and every name below it. */
MUST_USE enum err history_below(struct history_reader *r, const struct term *name, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault);
/* Every value of a kind; or those from one value of it on. */
MUST_USE enum err history_scan(struct history_reader *r, enum term_kind kind, usec from, usec until,
    history_fn fn, void *ctx, struct fault *fault);
MUST_USE enum err history_scan_on(struct history_reader *r, const struct term *first, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault);

/* Passive DNS of a name (its answers) or of an answer (its names); of a name that is also an
 * answer, both. */
MUST_USE enum err history_pairs(struct history_reader *r, const struct term *name_or_answer,
    usec from, usec until, history_pair_fn fn, void *ctx, struct fault *fault);

/* Whether the value was seen HISTORY_BUSY times or more in the 24 hours before the writer last
 * looked (some minutes ago), and then how often and by about how many hosts, over all sources. One
 * probe of a small table, for whoever asks at every new indicator. */
enum { HISTORY_BUSY = 1000 };
bool history_busy(
    const struct history_reader *r, const struct term *value, uint64_t *events, unsigned *hosts);
