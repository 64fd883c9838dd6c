/* SPDX-License-Identifier: Apache-2.0 */
/* One sensor stream in the intake role: reads its file, matches the events, hands batches to the
 * core, and never has more than a few of them on the way. */
#pragma once

#include "base/env.h"
#include "sys/chan.h"
#include "sys/config.h"
#include "view/indicators.h"

enum { STREAM_WINDOW = 4 /* batches not yet taken */ };

struct stream;
struct matcher;
struct arms;

/* What streams share. */
struct stream_tools {
	const struct env *env;
	const struct config *config;
	struct matcher *matcher;
	struct indicators *indicators;
	struct arms *arms; /* patterns that look at events */
	struct chan *core;
};

/* From an INTAKE_FOLLOW message; ERR_PARSE, ERR_INVALID. */
MUST_USE enum err stream_new(struct stream **out, const struct chan_message *m,
    const struct stream_tools *tools, struct fault *fault);
void stream_free(struct stream *s); /* NULL allowed */
uint64_t stream_id(const struct stream *s);
void stream_taken(struct stream *s, uint64_t batch);
/* A run of the history is on disk. */
void stream_run_taken(struct stream *s, uint64_t number);
/* The match view is not there yet, and nobody tells when it is. */
bool stream_waits(const struct stream *s);
/* The history has something to be told a little later. */
bool stream_owes(const struct stream *s);

/* Reads and hands over one batch. True when there is more to do at once. */
bool stream_step(struct stream *s, const struct stream_tools *tools);
