/* SPDX-License-Identifier: Apache-2.0 */
/* Hunts backwards for patterns over values of one kind: every value of that kind that the history
 * has is asked, in pieces, one pattern after the other. Those that wait are for the ledger to keep,
 * so that none is forgotten; one that was begun begins anew after a restart, which adds nothing. */
#pragma once

#include "codec/json.h"
#include "intake/hunt/before.h"

struct sweeps;

struct sweeps *sweeps_new(const struct log *log);
void sweeps_free(struct sweeps *s); /* NULL allowed */

/* Whether the pattern can be hunted so; else the reason. */
MUST_USE enum err sweeps_takes(struct str pattern, struct fault *fault);
/* The indicator is the record; `known`: since when it is active. False: too many wait. */
bool sweeps_add(struct sweeps *s, uint64_t seq, usec known);
/* The first that waits; NULL when none does. */
struct sweep_of {
	uint64_t seq;
	usec known;
};
const struct sweep_of *sweeps_first(const struct sweeps *s);
/* A piece of the first one, until that time of the monotonic clock. */
struct sweep_piece {
	struct before *before; /* of its indicator */
	struct history_reader *history;
	struct str pattern;
	usec until;
	bool appended, done; /* there was something to tell; it is through */
};
/* ERR_FULL and others: unless it is done, nothing is skipped; try again. */
MUST_USE enum err sweeps_go_on(struct sweeps *s, struct sweep_piece *piece, struct fault *fault);
/* The first one is through, or counts no more. */
void sweeps_drop(struct sweeps *s);

void sweeps_put(const struct sweeps *s, struct json_writer *w, const char *key);
void sweeps_get(struct sweeps *s, yyjson_val *list);
