/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: row of the table, may this reader ask it, are the parameters right, run,
 * answer. */
#include "api/request.h"

#include <assert.h>
#include <string.h>

#include "api/access.h"
#include "api/describe.h"
#include "api/even.h"
#include "api/hunt/hunt.h"
#include "api/render.h"
#include "base/mem.h"

#define TYPE_JSON "application/json"

static const struct answer_row {
	int status;
	const char *code;
	bool hide; /* the fault names things of the machine: for the log, not for readers */
} ANSWERS[] = {
    [OK] = {200, "ok", false},
    [ERR_NOMEM] = {503, "out-of-memory", true},
    [ERR_LIMIT] = {413, "limit", false},
    [ERR_PARSE] = {400, "syntax", false},
    [ERR_INVALID] = {400, "invalid", false},
    [ERR_NOT_FOUND] = {404, "not-found", false},
    [ERR_CONFLICT] = {409, "conflict", false},
    [ERR_DENIED] = {403, "denied", false},
    [ERR_UNSUPPORTED] = {400, "unsupported", false},
    [ERR_IO] = {500, "internal", true},
    [ERR_FULL] = {507, "no-space", false},
    [ERR_CORRUPT] = {500, "internal", true},
    [ERR_BUSY] = {503, "busy", false},
    [ERR_CLOSED] = {503, "busy", true},
};

struct api *api_new(const struct api_options *options)
{
	struct api *a = mem_alloc(sizeof(*a));

	assert(OPS_COUNT <= sizeof(a->answers) / sizeof(a->answers[0]));
	a->o = *options;
	return a;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	streams_free(a);
	hunts_free(a);
	even_finish(a);
	mem_free(a);
}

void api_committed(struct api *a)
{
	streams_tick(a);
}

void request_audit(const struct api_request *q, const char *outcome)
{
	log_event(q->api->o.log, LOG_INFO, "api.audit",
	    LOG_KV({"op", str_c(q->op->name)}, {"by", q->reader.name}, {"peer", http_peer(q->rq)},
	        {"outcome", str_c(outcome)}));
}

static void count_answer(struct api_request *q, int status)
{
	if (q->op)
		q->api->answers[q->op - OPS][status / 100 % STATUS_CLASSES]++;
}

void request_reply(struct api_request *q, int status, const char *type, struct str body)
{
	struct buf out = q->out;

	count_answer(q, status);
	http_set(q->rq, "Content-Type", str_c(type));
	http_set(q->rq, "Cache-Control", S("no-store"));
	http_set(q->rq, "X-Content-Type-Options", S("nosniff"));
	http_set(q->rq, "Content-Security-Policy", S("default-src 'none'; frame-ancestors 'none'"));
	/* Ends the request, and with it its arena, in which *q lives. */
	http_reply(q->rq, status, body);
	buf_free(&out);
}

void request_refuse(struct api_request *q, int status, const char *code, struct str message)
{
	struct buf body;

	buf_init(&body, 16 << 10);
	render_problem(&body, code, message);
	if (status == 401 && !http_header(q->rq, "X-Requested-With").p)
		http_set(q->rq, "WWW-Authenticate", S("Basic realm=\"tocsin\", charset=\"UTF-8\""));
	if (status == 503 || status == 429)
		http_set(q->rq, "Retry-After", S("1"));
	request_reply(q, status, TYPE_JSON, buf_str(&body));
	buf_free(&body);
}

void request_fail(struct api_request *q, enum err rc, struct str message)
{
	const struct answer_row *row = &ANSWERS[rc];

	if (row->hide) {
		log_event(q->api->o.log, LOG_ERROR, "api.failed",
		    LOG_KV({"op", str_c(q->op->name)}, {"error", message}));
		message = S("the node cannot answer this now; its log says why");
	}
	request_refuse(q, row->status, row->code, message);
}

static void read_handle(struct api_request *q)
{
	const struct api_read read = {.ask = &q->ask, .args = &q->args, .node = &q->api->o.node};
	struct fault fault;
	enum err rc = api_read(&read, &q->out, &fault);

	even_reply(q, rc, rc == OK ? S("") : str_c(fault.text));
}

static void openapi_handle(struct api_request *q)
{
	describe_openapi(&q->out, q->api->o.node.version);
	request_reply(q, 200, TYPE_JSON, buf_str(&q->out));
}

static const struct {
	const char *op;
	void (*run)(struct api_request *q);
} SPECIAL[] = {
    {"event.stream", stream_handle},
    {"hunt.run", hunt_handle},
    {"metrics.show", metrics_handle},
    {"openapi.show", openapi_handle},
    {"object.share", share_handle},
    {"object.withdraw", withdraw_handle},
};

static void run(struct api_request *q)
{
	for (size_t i = 0; i < sizeof(SPECIAL) / sizeof(*SPECIAL); i++) {
		if (strcmp(SPECIAL[i].op, q->op->name) == 0) {
			SPECIAL[i].run(q);
			return;
		}
	}
	if (q->op->kind == OP_SESSION)
		session_handle(q);
	else if (q->op->kind == OP_WRITE)
		write_handle(q);
	else
		read_handle(q);
}

/* A form on another site can send text/plain, never application/json. */
static bool body_type_is_right(const struct api_request *q)
{
	struct str type = http_header(q->rq, "Content-Type");

	if (q->op->method != OP_POST || q->op->file)
		return true;
	return str_eq_nocase(str_trim(str_cut(&type, ';')), S(TYPE_JSON));
}

static void run_if_right(struct api_request *q, const struct op_route *route)
{
	const struct api_asked asked = {
	    .route = route, .query = http_query(q->rq), .body = http_body(q->rq)};
	struct fault fault;
	enum err rc;

	if (!body_type_is_right(q)) {
		request_refuse(q, 415, "unsupported",
		    S("the body must be JSON: Content-Type: application/json"));
		return;
	}
	rc = api_args_parse(&q->args, q->ask.arena, &asked, &fault);
	if (rc == OK)
		run(q);
	else
		request_fail(q, rc, str_c(fault.text));
}

/* Credentials that do not hold matter only where some are needed; a request that another site made
 * a browser send matters wherever it would change something. */
static bool credentials_refused(struct api_request *q, enum err rc)
{
	if (rc == ERR_INVALID && q->op->method != OP_GET) {
		request_refuse(q, 403, "denied", S("asked by a page of another site"));
		return true;
	}
	if (rc == OK || q->op->open)
		return false;
	if (rc == ERR_DENIED) {
		request_audit(q, "wrong credentials");
		request_refuse(q, 401, "unidentified", S("these credentials do not hold"));
	} else if (rc == ERR_UNSUPPORTED) {
		request_refuse(q, 401, "code-needed", S(IDENTIFY_TOKEN_INSTEAD));
	} else if (rc == ERR_LIMIT) {
		request_refuse(q, 401, "code-required", S(IDENTIFY_NO_CODE));
	} else if (rc == ERR_BUSY) {
		request_refuse(q, 429, "busy", S("too many failed attempts; wait a moment"));
	} else {
		request_fail(q, rc, S("identification failed"));
	}
	return true;
}

static void authorise(struct api_request *q, const struct op_route *route, enum err identified)
{
	bool open_figures = q->api->o.metrics_open && strcmp(q->op->name, "metrics.show") == 0;
	enum api_access access = open_figures ? ACCESS_YES : api_access(q->op, &q->reader);

	if (credentials_refused(q, identified))
		return;
	if (access == ACCESS_IDENTIFY) {
		request_refuse(q, 401, "unidentified", S("sign in, or send a token"));
	} else if (access == ACCESS_NO) {
		request_audit(q, "denied");
		request_refuse(q, 403, "denied", S("your role may not ask this"));
	} else {
		run_if_right(q, route);
	}
}

static const char *method_name(enum http_method m)
{
	static const char *const NAMES[] = {[HTTP_GET] = "GET",
	    [HTTP_HEAD] = "GET",
	    [HTTP_POST] = "POST",
	    [HTTP_DELETE] = "DELETE"};

	return (size_t)m < sizeof(NAMES) / sizeof(*NAMES) && NAMES[m] ? NAMES[m] : "";
}

static void refuse_method(struct api_request *q, struct str path)
{
	static const char *const TRIED[] = {"GET", "POST", "DELETE"};
	struct buf allow;
	struct op_route route;

	buf_init(&allow, 64);
	for (size_t i = 0; i < sizeof(TRIED) / sizeof(*TRIED); i++)
		if (op_route(&route, TRIED[i], path) == OP_FOUND)
			buf_printf(&allow, "%s%s", allow.n ? ", " : "", TRIED[i]);
	http_set(q->rq, "Allow", buf_str(&allow));
	q->op = NULL;
	request_refuse(q, 405, "method", S("this path does not know this method"));
	buf_free(&allow);
}

/* The request, with the anonymous reader unless somebody was identified. */
static struct api_request *begin(
    struct api *a, struct http_request *rq, const struct api_caller *caller)
{
	struct api_request *q = arena_zalloc(http_arena(rq), sizeof(*q));

	if (!q)
		return NULL;
	*q = (struct api_request){.api = a, .rq = rq, .fd = -1, .began = sys_monotonic()};
	q->reader = (struct reader){.name = S(""), .role = ROLE_NONE, .clearance = TLP_CLEAR};
	if (caller->rc == OK && caller->who) {
		q->reader = caller->who->reader;
		q->reader.name = arena_str(http_arena(rq), q->reader.name);
		q->kind = caller->who->kind;
		q->expires = caller->who->expires;
	}
	q->ask = (struct gate_ask){
	    .gate = a->o.gate, .reader = &q->reader, .outlet = OUTLET_API, .arena = http_arena(rq)};
	buf_init(&q->out, API_ANSWER_MAX);
	return q;
}

void api_handle(struct api *a, struct http_request *rq, const struct api_caller *caller)
{
	struct str path = http_path(rq);
	struct op_route route = {0};
	struct api_request *q;

	if (files_handle(a, rq))
		return;
	q = begin(a, rq, caller);
	if (!q) {
		http_reply(rq, 503, STR_NONE);
		return;
	}
	switch (op_route(&route, method_name(http_method(rq)), path)) {
	case OP_FOUND:
		q->op = route.op;
		authorise(q, &route, caller->rc);
		break;
	case OP_NO_METHOD:
		refuse_method(q, path);
		break;
	case OP_NO_PATH:
		request_refuse(q, 404, "not-found", S("there is nothing at this address"));
		break;
	}
}
