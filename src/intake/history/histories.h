/* SPDX-License-Identifier: Apache-2.0 */
/* The history in the core: takes the runs of the streams, and gives each to the keeper when the
 * ledger has what the run has. So the history never knows of an event that the ledger has not
 * reached: after a crash a stream goes on where the history is, and until the ledger's place only
 * the history is told. */
#pragma once

#include "intake/tally.h"
#include "sys/command.h"

struct histories;

/* `idle`: nothing of this stream is on its way to the disk any more; it may be followed. A history
 * that cannot be opened is an alarm; the node works without it. */
struct histories *histories_new(
    const struct command_ctx *ctx, void (*idle)(void *idle_ctx, uint64_t stream), void *idle_ctx);
void histories_close(struct histories *h); /* NULL allowed */

/* Before the start, one by one from stream 1 on. `keep`: this stream has a history. */
void histories_add(struct histories *h, struct str source, struct tally *tally, bool keep);
void histories_start(struct histories *h);

/* Another intake, or none: what has not got as far as the ledger is let go, to be read again. */
void histories_attach(struct histories *h, struct chan *intake);
/* Whether the stream feeds the history, and from where on. */
bool histories_place(const struct histories *h, uint64_t stream, struct stream_place *out);
bool histories_is_idle(const struct histories *h, uint64_t stream);
/* Runs wait for the ledger: look again soon. */
bool histories_wait(const struct histories *h);

/* Takes mail addresses of a person out: {"values":[...]}, answered when it is done with
 * {"erased":ROWS}. */
MUST_USE enum err histories_erase(struct histories *h, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);

/* INTAKE_HISTORY. */
MUST_USE enum err histories_message(struct histories *h, const struct chan_message *m);
/* Core has taken the events of this batch of the stream; 0: look again. */
void histories_taken(struct histories *h, uint64_t stream, uint64_t batch);
