/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor streams in the core: hits become sightings, and a stream's place is appended in one
 * batch with the sightings it led to, so that after any crash each event has counted once. Private
 * to intake/. */
#pragma once

#include "policy/label.h"
#include "sys/command.h"

struct streams;

/* For each source of the configuration; ctx must stay. */
MUST_USE enum err streams_new(
    struct streams **out, const struct command_ctx *ctx, struct fault *fault);
void streams_close(struct streams *x);                       /* NULL allowed */
void streams_attach(struct streams *x, struct chan *intake); /* NULL: it is gone */
struct histories *streams_histories(const struct streams *x);
/* What a stream's records carry. */
struct stream_source {
	struct str name;
	uint32_t number;
	struct label label;
};
/* NULL when there is no such stream. */
const struct stream_source *streams_source(const struct streams *x, uint64_t id);
/* INTAKE_EVENTS, INTAKE_HISTORY. */
MUST_USE enum err streams_message(struct streams *x, const struct chan_message *m);
/* INTAKE_FOUND: for the batch that follows. */
MUST_USE enum err streams_found(struct streams *x, const struct chan_message *m);
