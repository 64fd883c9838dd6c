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
