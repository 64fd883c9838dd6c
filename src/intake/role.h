/* SPDX-License-Identifier: Apache-2.0 */
/* The intake role: the only process of a node that parses foreign files and streams. It takes
 * submitted files apart (job.c), follows sensor streams (stream.c), and hands what it found to the
 * core; it writes nothing itself. */
#pragma once

#include "base/env.h"
#include "base/log.h"
#include "sys/chan.h"
#include "sys/config.h"

struct intake;

struct intake_options {
	struct loop *loop;
	const struct env *env;
	const struct log *log;
	struct str dir; /* the node directory */
	const struct config *config;
	/* For people: a figure that changed, an alarm that begins or (text NULL) ends. May be NULL.
	 */
	void (*figure)(void *ctx, const char *name, uint64_t value);
	void (*alarm)(void *ctx, const char *code, const char *text);
	void *ctx;
};

/* Before the sandbox is closed: opens what must be opened by name. All must outlive it. */
MUST_USE enum err intake_new(
    struct intake **out, const struct intake_options *options, struct fault *fault);
void intake_free(struct intake *x); /* NULL allowed */
/* NULL: the core is gone; its streams and imports begin anew with the next one. */
void intake_attach(struct intake *x, struct chan *core);
/* ERR_PARSE: not a message of the core's. */
MUST_USE enum err intake_message(struct intake *x, const struct chan_message *m);
void intake_drained(struct intake *x);
void intake_stop(struct intake *x); /* takes nothing more */
