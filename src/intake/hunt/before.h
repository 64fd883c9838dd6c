/* SPDX-License-Identifier: Apache-2.0 */
/* A sighting of what was there before its indicator: written once for an indicator, a value and a
 * source, with the real times and counts of the history, less what sightings of the stream count
 * already: both as they were when the history had come as far as it has. Its id follows from the
 * three, so that to hunt again adds nothing. Appends to the ledger, never commits. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "history/reader.h"
#include "policy/label.h"
#include "sys/command.h"

struct before {
	const struct command_ctx *ctx;
	struct uuid space;   /* of the node's identity */
	struct arena *arena; /* for one sighting */
	struct buf json;
	const struct history_reader *history; /* that the entries are of */
	struct str indicator;                 /* its id */
	struct label label;                   /* its label */
	usec known;                           /* since when */
};

/* *appended: there was something to tell. ERR_FULL and others of store_append. */
MUST_USE enum err before_tell(
    struct before *b, const struct history_entry *e, bool *appended, struct fault *fault);
