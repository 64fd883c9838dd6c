/* SPDX-License-Identifier: Apache-2.0 */
/* A call's body: u8 length and op, u16 length and by, u32 length and args. A reply's: u16 status
 * and the rest. */
#include "sys/rpc_chan.h"

#include "base/mem.h"
#include "base/rd.h"
#include "sys/message.h"

struct pending {
	uint64_t id; /* 0: free */
	rpc_done done;
	void *ctx;
};

struct rpc_client {
	struct chan *chan;
	uint64_t last_id;
	size_t max;
	struct pending list[];
};

struct rpc_client *rpc_client_new(size_t pending_max)
{
	struct rpc_client *c = mem_alloc(sizeof(*c) + pending_max * sizeof(struct pending));

	c->max = pending_max;
	return c;
}

static void fail_pending(struct rpc_client *c)
{
	for (size_t i = 0; i < c->max; i++) {
		struct pending p = c->list[i];

		if (p.id == 0)
			continue;
		c->list[i].id = 0;
		p.done(p.ctx, ERR_CLOSED, S("the node's core went away before it answered"));
	}
}

void rpc_client_free(struct rpc_client *c)
{
	if (!c)
		return;
	c->chan = NULL;
	fail_pending(c);
	mem_free(c);
}

void rpc_client_attach(struct rpc_client *c, struct chan *chan)
{
	c->chan = NULL;
	fail_pending(c);
	c->chan = chan;
}

static struct pending *find(struct rpc_client *c, uint64_t id)
{
	for (size_t i = 0; i < c->max; i++)
		if (c->list[i].id == id)
			return &c->list[i];
	return NULL;
}

static enum err client_call(void *ctx, const struct rpc_call *call, rpc_done done, void *done_ctx)
{
	struct rpc_client *c = ctx;
	struct pending *slot = find(c, 0);
	int fd = call->fd;
	struct buf b;
	enum err rc;

	if (!c->chan)
		return ERR_CLOSED;
	if (!slot)
		return ERR_BUSY;
	if (call->op.n > RPC_OP_MAX || call->by.n > RPC_BY_MAX || call->args.n > RPC_ARGS_MAX)
		return ERR_LIMIT;
	buf_init(&b, CHAN_MESSAGE_MAX);
	buf_u8(&b, (uint8_t)call->op.n);
	buf_put(&b, call->op);
	buf_u16(&b, (uint16_t)call->by.n);
	buf_put(&b, call->by);
	buf_u32(&b, (uint32_t)call->args.n);
	buf_put(&b, call->args);
	rc = b.failed;
	if (rc == OK)
		rc = chan_send(c->chan, &(struct chan_message){.type = MESSAGE_CALL,
		                            .id = c->last_id + 1,
		                            .body = buf_str(&b),
		                            .fds = &fd,
		                            .fd_count = fd >= 0});
	buf_free(&b);
	if (rc != OK)
		return rc;
	*slot = (struct pending){.id = ++c->last_id, .done = done, .ctx = done_ctx};
	return OK;
}

struct rpc rpc_client_rpc(struct rpc_client *c)
{
	return (struct rpc){.call = client_call, .ctx = c};
}

enum err rpc_client_take(struct rpc_client *c, const struct chan_message *m)
{
	struct rd r = rd_of(m->body);
	uint16_t status = rd_u16(&r);
	struct str reply = rd_rest(&r);
	struct pending *slot = m->id ? find(c, m->id) : NULL;
	struct pending p;

	if (m->type != MESSAGE_REPLY || r.failed || !slot || status > ERR_CLOSED)
		return ERR_PARSE;
	p = *slot;
	slot->id = 0;
	p.done(p.ctx, (enum err)status, reply);
	return OK;
}

enum err rpc_call_read(struct rpc_call *out, const struct chan_message *m, struct fault *fault)
{
	struct rd r = rd_of(m->body);
	struct rpc_call call;

	call.op = rd_bytes(&r, rd_u8(&r));
	call.by = rd_bytes(&r, rd_u16(&r));
	call.args = rd_text(&r);
	call.fd = m->fd_count > 0 ? m->fds[0] : -1;
	if (m->type != MESSAGE_CALL || !rd_done(&r) || m->id == 0 || m->fd_count > 1 ||
	    call.op.n > RPC_OP_MAX || call.by.n > RPC_BY_MAX || call.args.n > RPC_ARGS_MAX)
		return fail(fault, ERR_PARSE, "a call between roles is malformed");
	*out = call;
	return OK;
}

enum err rpc_reply_send(struct chan *chan, uint64_t id, enum err status, struct str reply)
{
	struct buf b;
	enum err rc;

	if (reply.n > CHAN_MESSAGE_MAX - sizeof(uint16_t)) {
		status = ERR_LIMIT;
		reply = S("the answer is longer than a message between roles may be");
	}
	buf_init(&b, CHAN_MESSAGE_MAX);
	buf_u16(&b, (uint16_t)status);
	buf_put(&b, reply);
	rc = b.failed;
	if (rc == OK)
		rc = chan_send_always(chan,
		    &(struct chan_message){.type = MESSAGE_REPLY, .id = id, .body = buf_str(&b)});
	buf_free(&b);
	return rc;
}
