/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from a peer that has been taken over: the channel hands over only messages within its
 * limits, calls are read whole or refused, and the channel ends. */
#include <assert.h>
#include <stddef.h>
#include <unistd.h>

#include "sys/message.h"
#include "sys/rpc_chan.h"

enum { BODY_MAX = 4096 };

static void on_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct rpc_client *client = ctx;
	struct rpc_call call;
	struct fault fault;

	(void)c;
	assert(m->body.n <= BODY_MAX && m->fd_count == 0);
	if (rpc_call_read(&call, m, &fault) == OK)
		assert(call.op.n + call.by.n + call.args.n + 7 == m->body.n && call.fd == -1);
	/* Nobody asked: no reply fits. */
	assert(rpc_client_take(client, m) != OK);
}

static void on_closed(void *ctx, struct chan *c)
{
	(void)c;
	(void)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_client *client = rpc_client_new(1);
	struct loop *loop;
	struct chan *c;
	int fds[2];

	/* The kernel takes it at once. */
	if (size > 64 << 10)
		size = 64 << 10;
	assert(loop_new(&loop, NULL) == OK && chan_pair(fds, NULL) == OK);
	c = chan_new(&(struct chan_options){.loop = loop,
	    .fd = fds[0],
	    .body_max = BODY_MAX,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = client});
	assert(write(fds[1], data, size) == (ssize_t)size);
	close(fds[1]);
	while (!chan_is_closed(c))
		(void)event_base_loop(loop_base(loop), EVLOOP_ONCE);
	chan_free(c);
	loop_free(loop);
	rpc_client_free(client);
	return 0;
}
