/* SPDX-License-Identifier: Apache-2.0 */
/* Calls come in, run at once, and are answered together after one commit. */
#include "admin/request.h"
#include "base/mem.h"
#include "codec/json.h"
#include "ops/ops.h"
#include "serve/core.h"
#include "sys/message.h"

enum { REPLY_MAX = CHAN_MESSAGE_MAX - 1024, WAITERS_MAX = 4096 };

struct command_ticket {
	struct core *core;
	struct conn *conn; /* NULL: gone */
	uint64_t id;
	struct command_ticket *previous, *next; /* in core->tickets */
	struct command_ticket *next_answered;
	rpc_done done; /* NULL: whoever asked by `conn` is answered */
	void *done_ctx;
	enum err status;
	struct buf reply;
};

/* The core's own commands. */
static enum err wait_for_views(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault);
static enum err wait_for_signature(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault);
static enum err ask_signer(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault);
static enum err ping(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault);

static const struct command OWN[] = {
    {.op = "ping", .always = true, .run = ping},
    {.op = "views.wait", .always = true, .run = wait_for_views},
    {.op = "signed.wait", .always = true, .run = wait_for_signature},
    {.op = "verify-password", .always = true, .run = ask_signer},
    {0},
};

static struct command_ticket *ticket_new(struct core *core, struct conn *conn, uint64_t id)
{
	struct command_ticket *t = mem_alloc(sizeof(*t));

	t->core = core;
	t->conn = conn;
	t->id = id;
	buf_init(&t->reply, REPLY_MAX);
	t->next = core->tickets;
	if (t->next)
		t->next->previous = t;
	core->tickets = t;
	core->ticket_count++;
	return t;
}

static void ticket_free(struct command_ticket *t)
{
	struct core *core = t->core;

	if (t->previous)
		t->previous->next = t->next;
	else
		core->tickets = t->next;
	if (t->next)
		t->next->previous = t->previous;
	core->ticket_count--;
	buf_free(&t->reply);
	mem_free(t);
}

void core_drop_tickets(struct core *core)
{
	while (core->tickets)
		ticket_free(core->tickets);
	mem_free(core->waiters);
}

void core_forget(struct core *core, const struct conn *conn)
{
	for (struct command_ticket *t = core->tickets; t; t = t->next)
		if (t->conn == conn)
			t->conn = NULL;
}

static void set_reply(struct command_ticket *t, enum err status, struct str reply)
{
	t->status = status;
	if (reply.p != t->reply.p) {
		buf_reset(&t->reply);
		buf_put(&t->reply, reply);
	}
	if (t->reply.failed != OK) {
		t->status = ERR_LIMIT;
		buf_reset(&t->reply);
		buf_put(&t->reply, S("the answer is too long"));
	}
}

void command_answer(struct command_ticket *t, enum err status, struct str reply)
{
	struct core *core = t->core;

	if (t->done) {
		t->done(t->done_ctx, status, reply);
		ticket_free(t);
		return;
	}
	set_reply(t, status, reply);
	*core->answered_last = t;
	core->answered_last = &t->next_answered;
	loop_task_run(core->turn);
}

static const struct command *find_in(const struct command *list, struct str op)
{
	for (; list && list->op; list++)
		if (str_eq(op, str_c(list->op)))
			return list;
	return NULL;
}

static const struct command *find(struct core *core, struct str op, void **part)
{
	const struct command *c = find_in(OWN, op);

	*part = core;
	for (size_t i = 0; !c && CORE_PARTS[i]; i++) {
		c = find_in(CORE_PARTS[i]->commands, op);
		*part = core->parts[i];
	}
	return c;
}

/* What comes by network and needs a second person waits for one. */
static bool must_wait(const struct core *core, enum conn_kind kind, struct str op)
{
	return kind == CONN_FRONT && op_of_name(op) &&
	       ops_listed(core->role->config.two_person, op);
}

static enum err wait(struct core *core, const struct rpc_call *call, struct command_reply *reply,
    struct fault *fault)
{
	void *part;

	(void)find(core, S("request.approve"), &part);
	return admin_request_make(part, call, reply, fault);
}

static enum err run(struct core *core, enum conn_kind kind, struct rpc_call *call,
    struct command_reply *reply, struct fault *fault)
{
	void *part;
	const struct command *c = find(core, call->op, &part);
	enum err rc;

	if (!c || (c->local && kind != CONN_CONTROL) || c->link != (kind == CONN_LINK))
		return fail(fault, ERR_UNSUPPORTED, "%.*s: the core has no such operation",
		    STR_ARG(call->op));
	if (core->full && !c->always)
		return fail(fault, ERR_FULL,
		    "the disk is full: nothing is taken until there is space again");
	if (kind == CONN_CONTROL)
		call->by = S("local");
	if (!reply->request.p && must_wait(core, kind, call->op))
		rc = wait(core, call, reply, fault);
	else
		rc = c->run(part, call, reply, fault);
	if (rc == ERR_FULL)
		core_space_full(core);
	return rc;
}

void core_call(struct conn *conn, const struct chan_message *m)
{
	struct core *core = conn->core;
	struct command_ticket *t;
	struct command_reply reply;
	struct rpc_call call;
	struct fault fault = {0};
	enum err rc;

	if (core->ticket_count >= CORE_TICKETS_MAX) {
		(void)!rpc_reply_send(
		    conn->chan, m->id, ERR_BUSY, S("too many operations are under way; try again"));
		return;
	}
	t = ticket_new(core, conn, m->id);
	reply = (struct command_reply){.json = &t->reply, .ticket = t};
	rc = rpc_call_read(&call, m, &fault);
	if (rc == OK)
		rc = run(core, conn->kind, &call, &reply, &fault);
	if (rc != OK)
		command_answer(t, rc, str_c(fault.text));
	else if (!reply.later)
		command_answer(t, OK, t->reply.n > 0 ? buf_str(&t->reply) : S("{}"));
}

enum err core_run(
    void *ctx, const struct rpc_call *asked, struct str request, rpc_done done, void *done_ctx)
{
	struct core *core = ctx;
	struct rpc_call call = *asked;
	struct command_ticket *t;
	struct command_reply reply;
	struct fault fault = {0};
	enum err rc;

	if (core->ticket_count >= CORE_TICKETS_MAX)
		return ERR_BUSY;
	t = ticket_new(core, NULL, 0);
	t->done = done;
	t->done_ctx = done_ctx;
	reply = (struct command_reply){.json = &t->reply, .ticket = t, .request = request};
	rc = run(core, CONN_FRONT, &call, &reply, &fault);
	if (rc != OK)
		command_answer(t, rc, str_c(fault.text));
	else if (!reply.later)
		command_answer(t, OK, t->reply.n > 0 ? buf_str(&t->reply) : S("{}"));
	return OK;
}

void core_commit(void *ctx, void (*done)(void *ctx, enum err status), void *done_ctx)
{
	struct core *core = ctx;

	if (done) {
		if (core->waiter_count % WAITERS_MAX == 0)
			core->waiters = mem_grow(core->waiters, core->waiter_count + WAITERS_MAX,
			    sizeof(*core->waiters));
		core->waiters[core->waiter_count++] =
		    (struct core_waiter){.done = done, .ctx = done_ctx};
	}
	loop_task_run(core->turn);
}

static void send_answers(struct core *core, enum err committed)
{
	struct command_ticket *t = core->answered;

	core->answered = NULL;
	core->answered_last = &core->answered;
	while (t) {
		struct command_ticket *next = t->next_answered;

		if (committed != OK && t->status == OK)
			set_reply(t, committed, S("the ledger could not be written"));
		if (t->conn && t->conn->chan)
			(void)!rpc_reply_send(t->conn->chan, t->id, t->status, buf_str(&t->reply));
		ticket_free(t);
		t = next;
	}
}

static void tell_waiters(struct core *core, enum err committed)
{
	struct core_waiter *list = core->waiters;
	size_t count = core->waiter_count;

	/* Those who are told may wait again. */
	core->waiters = NULL;
	core->waiter_count = 0;
	for (size_t i = 0; i < count; i++)
		list[i].done(list[i].ctx, committed);
	mem_free(list);
}

static void tell_committed(struct core *core)
{
	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->committed)
			CORE_PARTS[i]->committed(core->parts[i]);
}

void core_turn(void *ctx)
{
	struct core *core = ctx;
	struct fault fault;
	bool grown;
	enum err rc;

	for (size_t i = 0; CORE_PARTS[i]; i++)
		if (CORE_PARTS[i]->follow)
			CORE_PARTS[i]->follow(core->parts[i]);
	grown = store_size_pending(core->store) > store_size(core->store);
	rc = grown ? store_commit(core->store, &fault) : OK;

	if (rc != OK)
		log_event(&core->role->log, LOG_ALERT, "ledger.commit",
		    LOG_KV({"error", str_c(err_name(rc))}, {"text", str_c(fault.text)}));
	send_answers(core, rc);
	tell_waiters(core, rc);
	if (rc != OK) {
		/* The parts have counted on what they appended, and what is on the disk now only
		 * recovery can tell. */
		role_exit(core->role, 1);
		return;
	}
	if (grown) {
		followers_notify(core->followers);
		core_push_committed(core);
		core_sign_due(core);
		core_seal_due(core->seal);
		tell_committed(core);
		core_space_check(core);
	}
	core_stop_if_done(core);
}

static enum err ping(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	(void)part;
	(void)call;
	(void)reply;
	(void)fault;
	return OK;
}

static enum err wait_until(struct core *core, struct command_reply *reply, bool is_signed)
{
	/* As many tickets as places. */
	reply->later = true;
	core->view_waits[core->view_wait_count++] =
	    (struct core_view_wait){.size = store_size_pending(core->store),
	        .ticket = reply->ticket,
	        .is_signed = is_signed};
	core_views_moved(core);
	return OK;
}

static enum err wait_for_views(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	(void)call;
	(void)fault;
	return wait_until(part, reply, false);
}

static enum err wait_for_signature(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct core *core = part;

	(void)call;
	if (core->sign.refused)
		return fail(fault, ERR_DENIED, "the signer refuses the ledger");
	return wait_until(core, reply, true);
}

void core_views_moved(void *ctx)
{
	struct core *core = ctx;
	uint64_t cursor = followers_cursor(core->followers);

	for (size_t i = 0; i < core->view_wait_count;) {
		struct core_view_wait *w = &core->view_waits[i];

		if (w->size > (w->is_signed ? core->sign.size : cursor)) {
			i++;
			continue;
		}
		command_answer(w->ticket, OK, S("{}"));
		*w = core->view_waits[--core->view_wait_count];
	}
}

static void signer_answered(void *ctx, enum err status, struct str reply)
{
	command_answer(ctx, status, reply);
}

static enum err ask_signer(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct core *core = part;
	struct rpc rpc = core->ctx.signer;
	enum err rc;

	/* Before the call: the answer may come within it. */
	reply->later = true;
	rc = rpc.call(rpc.ctx, call, signer_answered, reply->ticket);
	if (rc != OK) {
		reply->later = false;
		return fail(fault, rc, "the signer cannot be asked now; try again");
	}
	return OK;
}
