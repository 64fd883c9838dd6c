/* SPDX-License-Identifier: Apache-2.0 */
/* Live streams: server-sent events of what became visible to each reader, in the ledger's order.
 * A slow reader lags behind and catches up; nothing is queued for it beyond the connection's own
 * buffer. Every event is read through the gate for the stream's reader, and a stream ends after a
 * while so that its reader is identified anew. */
#include "api/request.h"

#include <string.h>

#include "api/render.h"
#include "base/hash.h"
#include "base/mem.h"
#include "http/server.h"

enum {
	STREAMS_MAX = 256,
	STREAMS_OF_ONE_READER_MAX = 32,
	EVENTS_A_TURN = 100,
	SOURCES_WATCHED_MAX = 256,
	READER_NAME_MAX = 255,
	ARENA_MAX = 32 << 20,
};

static const usec TICK = USEC_PER_SEC / 2; /* the shortest wait */
static const usec PING_AFTER = 15 * USEC_PER_SEC;
static const usec SOURCES_EVERY = 2 * USEC_PER_SEC;
static const usec STATUS_EVERY = 5 * USEC_PER_SEC;
static const usec LIFE_MAX = 15 * 60 * USEC_PER_SEC;
static const usec BUSY_MAX = 60 * USEC_PER_SEC;

struct stream {
	struct api *api;
	struct stream *next;
	struct http_request *rq; /* NULL: the reader is gone */
	struct reader reader;
	char name[READER_NAME_MAX + 1];
	uint64_t position;
	usec ends;
	usec sent;       /* when something last went out */
	usec busy_since; /* 0: not busy */
	usec sources_at, status_at;
	uint64_t sources[SOURCES_WATCHED_MAX]; /* hashes of what was last sent */
};

/* One turn over one stream. */
struct turn {
	struct api *api;
	struct stream *s;
	struct gate_ask ask;
	usec now;
	bool blocked;
};

static void gone(void *ctx)
{
	struct stream *s = ctx;

	s->rq = NULL;
	/* The connection gives up on a reader that takes nothing, too. */
	if (s->busy_since)
		s->api->streams_cut++;
}

static void send_event(struct turn *t, struct str id, const char *event, struct str data)
{
	enum err rc = http_stream_send(t->s->rq, id, str_c(event), data);

	t->blocked = rc != OK;
	if (rc == OK) {
		t->s->sent = t->now;
		t->s->busy_since = 0;
	} else if (t->s->busy_since == 0) {
		t->s->busy_since = t->now;
	}
}

static void send_record(struct turn *t, const struct gate_event *e, struct buf *data)
{
	struct json_writer w = json_writer(data);
	bool sighting = e->kind == GATE_EVENT_SIGHTING;

	buf_reset(data);
	if (sighting)
		render_sighting(&w, &e->sighting);
	else
		render_indicator(&w, &e->indicator);
	if (data->failed == OK)
		send_event(t, gate_position_seal(&t->ask, e->after),
		    sighting ? "sighting" : "indicator", buf_str(data));
	if (!t->blocked)
		t->s->position = e->after;
}

/* Returns whether there is more to send at once. */
static bool send_records(struct turn *t, struct buf *data)
{
	uint64_t position = t->s->position;
	struct gate_events events = {.count = 0};
	struct fault fault;

	if (position >= gate_position(t->api->o.gate))
		return false;
	if (gate_events(&t->ask, &position, EVENTS_A_TURN, &events, &fault) != OK) {
		log_event(
		    t->api->o.log, LOG_ERROR, "api.stream", LOG_KV({"error", str_c(fault.text)}));
		return false;
	}
	for (size_t i = 0; i < events.count && !t->blocked; i++)
		send_record(t, &events.items[i], data);
	if (!t->blocked)
		t->s->position = position;
	return events.more && !t->blocked;
}

static void send_sources(struct turn *t, struct buf *data)
{
	const struct hash_key key = {0, 0}; /* only to see change, not a table */
	struct gate_sources all;

	if (t->blocked || t->now < t->s->sources_at)
		return;
	t->s->sources_at = t->now + SOURCES_EVERY;
	if (gate_sources(&t->ask, &all, NULL) != OK)
		return;
	for (size_t i = 0; i < all.count && i < SOURCES_WATCHED_MAX && !t->blocked; i++) {
		struct json_writer w = json_writer(data);
		uint64_t hash;

		buf_reset(data);
		render_source(&w, &all.items[i]);
		hash = hash_bytes(&key, buf_str(data));
		if (data->failed != OK || hash == t->s->sources[i])
			continue;
		send_event(t, STR_NONE, "source", buf_str(data));
		if (!t->blocked)
			t->s->sources[i] = hash;
	}
}

static void send_status(struct turn *t, struct buf *data)
{
	const struct api_read read = {.ask = &t->ask, .node = &t->api->o.node};
	struct json_writer w = json_writer(data);

	if (t->blocked || t->now < t->s->status_at)
		return;
	t->s->status_at = t->now + STATUS_EVERY;
	buf_reset(data);
	if (api_read_status(&read, &w, NULL) == OK && data->failed == OK)
		send_event(t, STR_NONE, "status", buf_str(data));
}

static bool is_cut(const struct stream *s, usec now)
{
	return s->busy_since && now - s->busy_since >= BUSY_MAX;
}

/* Returns whether the stream has more to send at once. */
static bool turn_of(struct turn *t, struct buf *data)
{
	bool more;

	if (t->now >= t->s->ends || is_cut(t->s, t->now)) {
		t->api->streams_cut += is_cut(t->s, t->now);
		http_stream_end(t->s->rq);
		t->s->rq = NULL;
		return false;
	}
	more = send_records(t, data);
	send_sources(t, data);
	send_status(t, data);
	if (!t->blocked && t->now - t->s->sent >= PING_AFTER && http_stream_ping(t->s->rq) == OK)
		t->s->sent = t->now;
	return more;
}

static void reap(struct api *a)
{
	struct stream **at = &a->streams;

	while (*at) {
		struct stream *s = *at;

		if (s->rq) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		a->stream_count--;
		mem_free(s);
	}
}

static usec earlier(usec a, usec b)
{
	return a < b ? a : b;
}

/* When a stream wants its next turn; what is committed wakes it before. */
static usec due_of(const struct stream *s, usec now)
{
	if (s->busy_since)
		return now + TICK;
	return earlier(
	    earlier(s->sources_at, s->status_at), earlier(s->sent + PING_AFTER, s->ends));
}

void streams_tick(struct api *a)
{
	usec now = env_now(a->o.node.env);
	usec due = now + PING_AFTER;
	struct buf data;
	bool more = false;

	buf_init(&data, 1 << 20);
	for (struct stream *s = a->streams; s; s = s->next) {
		struct turn t = {.api = a, .s = s, .now = now};

		if (!s->rq)
			continue;
		arena_reset(a->stream_arena);
		t.ask = (struct gate_ask){.gate = a->o.gate,
		    .reader = &s->reader,
		    .outlet = OUTLET_STREAM,
		    .arena = a->stream_arena};
		more |= turn_of(&t, &data);
		due = earlier(due, due_of(s, now));
	}
	buf_free(&data);
	reap(a);
	if (a->streams)
		loop_timer_set(a->stream_timer, more ? 0 : due - now > TICK ? due - now : TICK);
}

static void tick(void *ctx)
{
	streams_tick(ctx);
}

static size_t streams_of(const struct api *a, struct str name)
{
	size_t n = 0;

	for (const struct stream *s = a->streams; s; s = s->next)
		n += s->rq && str_eq(s->reader.name, name);
	return n;
}

static struct stream *stream_new(struct api_request *q)
{
	usec now = env_now(q->api->o.node.env);
	struct stream *s = mem_alloc(sizeof(*s));
	struct str last = http_header(q->rq, "Last-Event-ID");

	*s = (struct stream){.api = q->api, .rq = q->rq, .reader = q->reader, .sent = now};
	s->reader.name = str_slice(q->reader.name, 0, READER_NAME_MAX);
	memcpy(s->name, s->reader.name.p, s->reader.name.n);
	s->reader.name.p = s->name;
	s->ends = now + LIFE_MAX;
	if (q->expires && q->expires < s->ends)
		s->ends = q->expires;
	/* A position of before the node's key changed, or of another reader, starts from now. */
	if (!last.p || gate_position_open(&q->ask, last, &s->position, NULL) != OK)
		s->position = gate_position(q->api->o.gate);
	return s;
}

void stream_handle(struct api_request *q)
{
	struct api *a = q->api;
	struct stream *s;

	reap(a);
	if (a->stream_count >= STREAMS_MAX ||
	    streams_of(a, q->reader.name) >= STREAMS_OF_ONE_READER_MAX) {
		request_refuse(q, 503, "busy", S("too many live streams are open"));
		return;
	}
	if (!a->stream_timer) {
		a->stream_timer = loop_timer_new(a->o.loop, tick, a);
		a->stream_arena = arena_new(ARENA_MAX);
	}
	s = stream_new(q);
	if (http_stream_start(q->rq, gone, s) != OK) {
		mem_free(s);
		request_refuse(q, 503, "busy", S("the stream cannot be opened"));
		return;
	}
	q->api->answers[q->op - OPS][2]++;
	s->next = a->streams;
	a->streams = s;
	a->stream_count++;
	loop_timer_set(a->stream_timer, 0);
}

void streams_free(struct api *a)
{
	for (struct stream *s = a->streams; s; s = s->next) {
		if (s->rq)
			http_stream_end(s->rq);
		s->rq = NULL;
	}
	reap(a);
	loop_timer_free(a->stream_timer);
	arena_free(a->stream_arena);
}
