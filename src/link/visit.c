/* SPDX-License-Identifier: Apache-2.0 */
#include "link/visit.h"

#include "sys/address.h"

static const usec PATIENCE = 15 * USEC_PER_SEC;

struct visiting {
	const struct visit *visit;
	struct visit_result *result;
	struct arena *arena;
	struct loop *loop;
	usec asked;
	enum err outcome;
	struct fault *fault;
};

static void end(struct visiting *v, enum err outcome)
{
	v->outcome = outcome;
	loop_stop(v->loop);
}

static void on_ready(void *ctx, struct wire *w)
{
	struct visiting *v = ctx;
	struct buf body;
	enum err rc;

	v->result->facts = *wire_facts(w);
	buf_init(&body, LINK_GREETING_MAX);
	rc = v->visit->say(v->visit->ctx, wire_facts(w), &body, v->fault);
	if (rc == OK) {
		v->asked = sys_monotonic();
		rc = body.failed;
	}
	if (rc == OK)
		rc = wire_send(
		    w, &(struct wire_message){.type = v->visit->type, .body = buf_str(&body)});
	buf_free(&body);
	if (rc != OK)
		end(v, rc);
}

static void on_message(void *ctx, struct wire *w, const struct wire_message *m)
{
	struct visiting *v = ctx;

	(void)w;
	if (m->type != v->visit->expected) {
		end(v, fail(v->fault, ERR_PARSE, "it answered something else than was asked"));
		return;
	}
	v->result->trip = sys_monotonic() - v->asked;
	v->result->answer = arena_str(v->arena, m->body);
	end(v, v->result->answer.p ? OK : fail(v->fault, ERR_NOMEM, "no memory for an answer"));
}

static void on_closed(void *ctx, struct wire *w)
{
	struct visiting *v = ctx;
	struct str text;

	if (v->outcome == OK && v->result->answer.p)
		return;
	v->result->end = wire_ended(w, &text);
	end(v, fail(v->fault, v->result->end == WIRE_REFUSED ? ERR_DENIED : ERR_IO, "%.*s",
	           STR_ARG(text)));
}

static void on_timer(void *ctx)
{
	struct visiting *v = ctx;

	v->result->end = WIRE_SILENT;
	end(v, fail(v->fault, ERR_IO, "it did not answer in time"));
}

enum err link_visit(struct visit_result *result, struct arena *arena, const struct visit *visit,
    struct fault *fault)
{
	struct visiting v = {
	    .visit = visit, .result = result, .arena = arena, .fault = fault, .outcome = ERR_IO};
	struct loop_timer *timer;
	struct wire *wire;
	enum err rc;
	int fd;

	*result = (struct visit_result){.end = WIRE_UNREACHABLE};
	TRY(loop_new(&v.loop, fault));
	rc = address_dial(&fd, visit->address, fault);
	if (rc != OK) {
		loop_free(v.loop);
		return rc;
	}
	timer = loop_timer_new(v.loop, on_timer, &v);
	loop_timer_set(timer, PATIENCE);
	wire = wire_new(&(struct wire_options){.loop = v.loop,
	    .tls = visit->tls,
	    .fd = fd,
	    .client = true,
	    .body_max = LINK_GREETING_MAX,
	    .ready = on_ready,
	    .message = on_message,
	    .closed = on_closed,
	    .ctx = &v});
	rc = wire ? loop_run(v.loop, fault) : fail(fault, ERR_NOMEM, "no memory for a connection");
	wire_free(wire);
	loop_timer_free(timer);
	loop_free(v.loop);
	return rc == OK ? v.outcome : rc;
}
