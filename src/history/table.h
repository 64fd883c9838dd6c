/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream saw since its last run: every value with the hours in which it was seen, how often,
 * and by about how many hosts. Memory of a fixed size (HISTORY_TABLE_BYTES), taken at once; a full
 * table says so and is made a run (history/run.h), which empties it and takes room for its order
 * meanwhile. Pure: it asks no clock. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/env.h"
#include "stix/equality.h"

enum {
	HISTORY_TABLE_BYTES = 72 << 20,
	HISTORY_VALUE_MAX = 8 << 10, /* bytes of a value; longer ones are left out and counted */
	HISTORY_NAME_MAX = 255,      /* bytes of a name in a pair */
	HISTORY_RUN_MAX = 192 << 20, /* bytes of a run; usual ones have a tenth */
};

struct history_table;

/* The seed decides where values land, so that nobody who chooses values can choose that too. */
struct history_table *history_table_new(uint64_t seed);
void history_table_free(struct history_table *t); /* NULL allowed */

/* One observation of a value in canonical form (an address without prefix, so of full length). The
 * host, an address, is the party of one's own; NULL when there is none. `when` is the event's time.
 * False: the table is full and nothing was noted; make a run, then note it again. What cannot be
 * kept (a network, a value that is too long or no UTF-8) is counted as left out and gives true. */
struct history_observation {
	const struct term *value, *host;
	usec when;
};
bool history_see(
    struct history_table *t, const struct term *value, const struct term *host, usec when);
/* The same of many, in their order, in far less time than one by one when values are many: what
 * each needs of memory is fetched ahead. How many were noted before the table was full. */
size_t history_see_all(struct history_table *t, const struct history_observation *list, size_t n);
/* Passive DNS: the name was answered by an address or by another name. Found from both ends. */
bool history_see_pair(
    struct history_table *t, const struct term *name, const struct term *answer, usec when);

/* Since the last run; pairs are not among them. */
uint64_t history_table_seen(const struct history_table *t);
/* Since the table was made. */
uint64_t history_table_left_out(const struct history_table *t);

/* There is no longer surely room for what 64 KiB of events, or the longest of them, may add: make a
 * run before more comes. */
bool history_table_is_nearly_full(const struct history_table *t);

/* Appends everything as one run and empties the table. ERR_NOMEM, ERR_LIMIT when `out` (with a
 * ceiling of at least HISTORY_RUN_MAX) cannot take it: then the table keeps what it has. */
MUST_USE enum err history_table_run(struct history_table *t, struct buf *out);
