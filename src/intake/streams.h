/* SPDX-License-Identifier: Apache-2.0 */
/* The sensor streams in the core: hits become sightings, and a stream's place is appended in one
 * batch with the sightings it led to, so that after any crash each event has counted once. Private
 * to intake/. */
#pragma once

#include "sys/command.h"

struct streams;

/* For each source of the configuration; ctx must stay. */
MUST_USE enum err streams_new(
    struct streams **out, const struct command_ctx *ctx, struct fault *fault);
void streams_close(struct streams *x);                       /* NULL allowed */
void streams_attach(struct streams *x, struct chan *intake); /* NULL: it is gone */
/* INTAKE_EVENTS. */
MUST_USE enum err streams_message(struct streams *x, const struct chan_message *m);
/* INTAKE_FOUND: for the batch that follows. */
MUST_USE enum err streams_found(struct streams *x, const struct chan_message *m);
