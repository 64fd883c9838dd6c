/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/call.h"

#include "serve/serve.h"

enum err call_core(struct str *reply, struct arena *arena, const struct call *c, struct buf *args,
    struct fault *fault)
{
	const struct rpc_call rpc = {
	    .op = c->op, .by = S("local"), .args = buf_str(args), .fd = c->fd};
	enum err rc = args->failed == OK
	                  ? node_call(c->dir, &rpc, arena, reply, fault)
	                  : fail(fault, ERR_LIMIT, "%s",
	                        c->too_long ? c->too_long : "the arguments are too long");

	buf_free(args);
	return rc;
}
