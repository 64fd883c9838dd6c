/* SPDX-License-Identifier: Apache-2.0 */
/* The core's side of what peers send: one range of a feed after the other goes to intake, comes
 * back checked, and is appended with its position in one batch; the answer is the signed receipt.
 * Private to intake/. */
#pragma once

#include "sys/command.h"
#include "view/state.h"

struct ranges;

struct ranges *ranges_new(const struct command_ctx *ctx, struct state *state);
void ranges_free(struct ranges *x); /* NULL allowed */

/* A range that is a part of its file, and who is answered instead of a ticket, maybe within the
 * call. */
struct range_part {
	uint64_t at, length;
	usec made; /* of the package: the keys that counted then signed its heads */
	rpc_done done;
	void *ctx;
};

/* "sync.take" {peer, from} with the range as a file: {size, root, receipt, waited?}, or {error,
 * reason, text} when nothing was taken. Ranges of several peers are taken in turn (quota.h). A
 * range that does not begin where the last ended is answered with what is held. While another of
 * its peer is being taken a range is refused, and a part waits. Only for calls by "peer:NAME" of
 * that name. part may be NULL. */
MUST_USE enum err ranges_take(struct ranges *x, const struct rpc_call *call,
    struct command_reply *reply, const struct range_part *part, struct fault *fault);
/* "sync.ahead" {from} with an urgent object as a file: {}, or {error, reason, text} when it was not
 * taken; the peer's position stays as it is. */
MUST_USE enum err ranges_ahead(struct ranges *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
/* "sync.receipt" {peer}: {size, root, receipt} for what is held. */
MUST_USE enum err ranges_receipt(struct ranges *x, const struct rpc_call *call,
    struct command_reply *reply, struct fault *fault);
/* intake is there, or NULL: it is gone, and nothing came of what it was at. */
void ranges_attach(struct ranges *x, struct chan *intake);
/* INTAKE_RANGE_ITEMS and INTAKE_RANGE_END. */
MUST_USE enum err ranges_message(struct ranges *x, const struct chan_message *m);
