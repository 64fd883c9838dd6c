/* SPDX-License-Identifier: Apache-2.0 */
/* struct rpc carried over a channel (sys/chan.h). The client outlives its channels: when the other
 * side restarts, what was on its way fails with ERR_CLOSED (it may or may not have been done) and
 * the next call goes through the channel attached then. */
#pragma once

#include "sys/chan.h"
#include "sys/rpc.h"

enum {
	RPC_OP_MAX = 64,
	RPC_BY_MAX = 255,
	RPC_ARGS_MAX = 8 << 20,
};

struct rpc_client;

/* At most `pending_max` calls wait for their answers at a time; more are ERR_BUSY. */
struct rpc_client *rpc_client_new(size_t pending_max);
void rpc_client_free(struct rpc_client *c); /* what is pending fails; NULL allowed */
struct rpc rpc_client_rpc(struct rpc_client *c);
/* NULL: the other side is gone; every pending call fails with ERR_CLOSED. The channel stays the
 * caller's. */
void rpc_client_attach(struct rpc_client *c, struct chan *chan);
/* To be given each MESSAGE_REPLY. ERR_PARSE when it is none. */
MUST_USE enum err rpc_client_take(struct rpc_client *c, const struct chan_message *m);

/* The serving side. The call borrows from the message; a descriptor in it stays the message's. */
MUST_USE enum err rpc_call_read(
    struct rpc_call *out, const struct chan_message *m, struct fault *fault);
MUST_USE enum err rpc_reply_send(struct chan *chan, uint64_t id, enum err status, struct str reply);
