/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that change something: handed to the core as they were asked, answered as it answers.
 */
#include "api/request.h"

#include <sys/mman.h>
#include <unistd.h>

void request_close(struct api_request *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
}

static void answer(struct api_request *q, struct str reply)
{
	if (q->op->result)
		request_reply(q, 200, "application/json", reply);
	else
		request_reply(q, 204, "application/json", STR_NONE);
}

static void on_visible(void *ctx, enum err status, struct str reply)
{
	struct api_request *q = ctx;

	(void)status;
	(void)reply;
	answer(q, buf_str(&q->out));
}

static void answer_when_visible(struct api_request *q, struct str reply)
{
	buf_reset(&q->out);
	buf_put(&q->out, reply);
	rpc_when_visible(q->api->o.rpc, q->reader.name, on_visible, q);
}

static void done(void *ctx, enum err status, struct str reply)
{
	struct api_request *q = ctx;

	request_close(q);
	request_audit(q, err_name(status));
	if (status != OK)
		request_fail(q, status, reply);
	else if (str_starts(reply, S("{\"request\":")) &&
	         !str_starts(str_c(q->op->name), S("request.")))
		request_reply(q, 202, "application/json", reply);
	else if (q->op->visible)
		answer_when_visible(q, reply);
	else
		answer(q, reply);
}

/* So that the core hands it on without looking inside. */
enum err request_file(struct api_request *q, struct str body, struct fault *fault)
{
	int fd = memfd_create("import", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t at = 0;

	if (fd < 0)
		return fail(fault, ERR_NOMEM, "no memory for the body");
	while (at < body.n) {
		ssize_t n = write(fd, body.p + at, body.n - at);

		if (n <= 0) {
			close(fd);
			return fail(fault, ERR_NOMEM, "no memory for the body");
		}
		at += (size_t)n;
	}
	q->fd = fd;
	return OK;
}

void write_handle(struct api_request *q)
{
	const struct rpc *rpc = q->api->o.rpc;
	struct rpc_call call = {.op = str_c(q->op->name), .by = q->reader.name};
	struct fault fault;
	enum err rc = OK;

	if (q->op->file)
		rc = request_file(q, http_body(q->rq), &fault);
	if (rc != OK) {
		request_fail(q, rc, str_c(fault.text));
		return;
	}
	api_args_json(&q->args, &q->out);
	call.args = arena_str(q->ask.arena, buf_str(&q->out));
	buf_reset(&q->out);
	call.fd = q->fd;
	rc = call.args.p ? rpc->call(rpc->ctx, &call, done, q) : ERR_NOMEM;
	if (rc != OK)
		done(q, rc, S("the node cannot take this now; try again"));
}

void withdraw_handle(struct api_request *q)
{
	struct gate_object object;
	struct fault fault;
	enum err rc;

	/* What the reader does not see is not there, for this either. */
	rc = gate_get(&q->ask, api_args_get(&q->args, "id")->text, GATE_NEWEST, &object, &fault);
	if (rc == OK)
		write_handle(q);
	else
		request_fail(q, rc, str_c(fault.text));
}
