/* SPDX-License-Identifier: Apache-2.0 */
#include "api/hunt/hunt.h"

#include <string.h>

#include "api/even.h"
#include "api/render.h"
#include "base/mem.h"

enum {
	READER_NAME_MAX = 255,
	ARENA_MAX = 128 << 20,
	TURN_BYTES = 16 << 20, /* of answers to one value, which may pass it, and those before */
	TURN_VALUES = 256,
};

static const usec TURN = USEC_PER_SEC / 100;
static const usec WAIT = USEC_PER_SEC / 20; /* for a reader whose connection is full */
static const usec BUSY_MAX = 60 * USEC_PER_SEC;

struct hunt {
	struct api *api;
	struct hunt *next;
	struct http_request *rq; /* NULL: the reader is gone */
	struct reader reader;
	char name[READER_NAME_MAX + 1];
	struct gate_hunt *hunt;
	struct hunt_sums sums;
	struct arena *arena; /* of one turn */
	size_t listed;       /* values told */
	bool ended;          /* the last event is in `out` */
	struct buf out;      /* events that wait: a line each, "NAME DATA" */
	size_t sent;         /* bytes of it */
	struct loop_alarm *alarm;
	usec busy_since; /* 0: not busy */
};

static void hunt_free(struct hunt *h)
{
	for (struct hunt **at = &h->api->hunts; *at; at = &(*at)->next)
		if (*at == h) {
			*at = h->next;
			break;
		}
	loop_alarm_free(h->alarm);
	gate_hunt_free(h->hunt);
	arena_free(h->arena);
	buf_free(&h->out);
	mem_free(h);
}

static void gone(void *ctx)
{
	struct hunt *h = ctx;

	h->rq = NULL;
	/* Freed in its next turn, which is not within this call. */
	loop_alarm_set(h->alarm, sys_monotonic());
}

static struct json_writer begin_event(struct hunt *h, const char *name)
{
	buf_printf(&h->out, "%s ", name);
	return json_writer(&h->out);
}

static void end_event(struct hunt *h)
{
	buf_byte(&h->out, '\n');
}

static void put_problem(struct hunt *h, enum err rc, struct str why)
{
	struct json_writer w;

	buf_reset(&h->out);
	h->sent = 0;
	h->ended = true;
	log_event(h->api->o.log, LOG_ERROR, "api.hunt", LOG_KV({"error", why}));
	w = begin_event(h, "problem");
	json_object(&w, NULL);
	json_put_str(&w, "code", str_c(err_name(rc)));
	json_put_str(&w, "message", S("the hunt cannot go on; the node's log says why"));
	json_end_object(&w);
	end_event(h);
}

static enum err put_answers(struct hunt *h, const struct gate_ask *ask, struct fault *fault)
{
	struct gate_hunt_answers answers;
	struct json_writer w;
	enum err rc;

	if (h->listed < gate_hunt_count(h->hunt)) {
		struct gate_hunt_value v = gate_hunt_value(h->hunt, ask, h->listed);

		w = begin_event(h, "value");
		render_hunt_value(&w, &v, h->listed++);
		end_event(h);
		return OK;
	}
	rc = gate_hunt_next(h->hunt, ask, &answers, fault);
	if (rc == ERR_NOT_FOUND) {
		w = begin_event(h, "end");
		render_hunt_end(&w, h->hunt, &h->sums);
		end_event(h);
		h->ended = true;
		return OK;
	}
	TRY(rc);
	hunt_sum(&h->sums, &answers);
	for (size_t i = 0; i < answers.count; i++) {
		w = begin_event(h, "answer");
		render_hunt_answer(&w, &answers.items[i]);
		end_event(h);
	}
	return h->out.failed == OK ? OK : fail(fault, ERR_LIMIT, "answers of too many bytes");
}

/* Some values more; they leave at a time that says little of how long they took. */
static void go_on(struct hunt *h)
{
	const struct gate_ask ask = {
	    .gate = h->api->o.gate, .reader = &h->reader, .outlet = OUTLET_API, .arena = h->arena};
	usec began = sys_monotonic();
	struct fault fault;
	enum err rc = OK;

	buf_reset(&h->out);
	h->sent = 0;
	for (int i = 0; i < TURN_VALUES && rc == OK && !h->ended && h->out.n < TURN_BYTES / 2;
	    i++) {
		arena_reset(h->arena);
		rc = put_answers(h, &ask, &fault);
		if (sys_monotonic() - began > TURN)
			break;
	}
	if (rc != OK)
		put_problem(h, rc, str_c(fault.text));
	loop_alarm_set(h->alarm, began + even_time(sys_monotonic() - began));
}

/* False when the reader's connection is full. */
static bool send_out(struct hunt *h)
{
	while (h->sent < h->out.n) {
		struct str rest = str_from(buf_str(&h->out), h->sent);
		struct str line = str_slice(rest, 0, str_find(rest, '\n'));
		size_t space = str_find(line, ' ');

		if (http_stream_send(h->rq, STR_NONE, str_slice(line, 0, space),
		        str_from(line, space + 1)) != OK)
			return false;
		h->sent += line.n + 1;
	}
	return true;
}

static void turn(void *ctx)
{
	struct hunt *h = ctx;
	usec now = sys_monotonic();

	if (!h->rq) {
		hunt_free(h);
		return;
	}
	if (!send_out(h)) {
		h->busy_since = h->busy_since ? h->busy_since : now;
		if (now - h->busy_since < BUSY_MAX) {
			loop_alarm_set(h->alarm, now + WAIT);
			return;
		}
		h->ended = true;
	}
	h->busy_since = 0;
	if (!h->ended) {
		go_on(h);
		return;
	}
	http_stream_end(h->rq);
	hunt_free(h);
}

static size_t count_of(const struct api *a, const struct str *reader)
{
	size_t n = 0;

	for (const struct hunt *h = a->hunts; h; h = h->next)
		n += !reader || str_eq(h->reader.name, *reader);
	return n;
}

static struct hunt *hunt_make(struct api_request *q, struct gate_hunt *hunt)
{
	struct hunt *h = mem_alloc(sizeof(*h));

	*h = (struct hunt){.api = q->api, .rq = q->rq, .reader = q->reader, .hunt = hunt};
	h->reader.name = str_slice(q->reader.name, 0, READER_NAME_MAX);
	memcpy(h->name, h->reader.name.p, h->reader.name.n);
	h->reader.name.p = h->name;
	h->arena = arena_new(ARENA_MAX);
	buf_init(&h->out, TURN_BYTES);
	h->alarm = loop_alarm_new(q->api->o.loop, turn, h);
	return h;
}

static void begin(struct api_request *q, struct gate_hunt *hunt)
{
	struct hunt *h = hunt_make(q, hunt);

	if (!h->alarm || http_stream_start(q->rq, gone, h) != OK) {
		hunt_free(h);
		request_refuse(q, 503, "busy", S("the stream cannot be opened"));
		return;
	}
	request_audit(q, "ok");
	q->api->answers[q->op - OPS][2]++;
	h->next = q->api->hunts;
	q->api->hunts = h;
	/* With what was taken out of the text. */
	go_on(h);
}

void hunt_handle(struct api_request *q)
{
	const struct gate_hunt_options options = {.text = http_body(q->rq),
	    .since = api_args_get(&q->args, "since")->number,
	    .until = api_args_get(&q->args, "until")->number,
	    .exact = api_args_get(&q->args, "exact")->number};
	struct gate_hunt *hunt;
	struct fault fault;
	enum err rc;

	if (count_of(q->api, NULL) >= HUNTS_MAX ||
	    count_of(q->api, &q->reader.name) >= HUNTS_OF_ONE_READER_MAX) {
		request_refuse(q, 503, "busy", S("too many hunts are running; try again"));
		return;
	}
	rc = gate_hunt_new(&hunt, &q->ask, &options, &fault);
	if (rc == OK)
		begin(q, hunt);
	else
		even_reply(q, rc, str_c(fault.text));
}

void hunts_free(struct api *a)
{
	while (a->hunts) {
		struct hunt *h = a->hunts;

		if (h->rq)
			http_stream_end(h->rq);
		hunt_free(h);
	}
}
