/* SPDX-License-Identifier: Apache-2.0 */
/* A request to the core role, whoever carries it: the front through its channel, a command through
 * the control socket, a test directly. The answer may come before `call` returns. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct rpc_call {
	struct str op;   /* name of a row of ops/ops.h, or of an internal one: "verify-password" */
	struct str by;   /* account name of who asks; "local" for the operator's own commands */
	struct str args; /* JSON object */
	int fd;          /* a file with the body, or -1; stays the caller's */
};

/* status OK: reply is the JSON result; else it is the fault's text. Borrowed for the call. */
typedef void (*rpc_done)(void *ctx, enum err status, struct str reply);

struct rpc {
	/* ERR_BUSY when its bounded queue is full: done is then not called. */
	enum err (*call)(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx);
	void *ctx;
};

/* Answers once the views show what was done, so that a client reads what it wrote; at once when
 * that cannot be asked. The change is durable already: whatever `done` is told, it was done. */
static inline void rpc_when_visible(
    const struct rpc *rpc, struct str by, rpc_done done, void *done_ctx)
{
	const struct rpc_call wait = {.op = S("views.wait"), .by = by, .args = S("{}"), .fd = -1};

	if (rpc->call(rpc->ctx, &wait, done, done_ctx) != OK)
		done(done_ctx, OK, S(""));
}
