/* SPDX-License-Identifier: Apache-2.0 */
/* The intake role's side of a range of a peer's feed: unpacks it, holds its head against the edge
 * of what was taken before, checks every envelope and every object, and hands all of it over.
 * Nothing counts before its end does: a range is taken whole or not at all. */
#pragma once

#include "sys/chan.h"

struct range_job;

/* From an INTAKE_RANGE message. Always gives a job: one that cannot begin ends with the reason. */
struct range_job *range_job_new(const struct chan_message *m);
void range_job_free(struct range_job *j); /* NULL allowed */
/* One object that goes ahead of what waits. */
bool range_job_is_urgent(const struct range_job *j);
/* Sends the next batch; as job_step. */
bool range_job_step(struct range_job *j, struct chan *core, bool *blocked);
