/* SPDX-License-Identifier: Apache-2.0 */
/* The intake role's side of an import: maps the submitted file, takes it apart and hands prepared
 * objects over in batches, a batch a call, so that sensor streams go on beside it. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "sys/chan.h"

struct job;

/* From an INTAKE_IMPORT message. Always gives a job: one that cannot begin ends with the reason. */
struct job *job_new(const struct chan_message *m);
void job_free(struct job *j); /* NULL allowed */

/* Sends the next batch. True when there is more to do. When the channel is full nothing is lost:
 * call again when it has drained; *blocked is then set. */
bool job_step(struct job *j, struct chan *core, bool *blocked);
