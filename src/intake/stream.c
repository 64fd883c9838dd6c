/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/stream.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/messages.h"
#include "intake/sighting.h"
#include "intake/tail.h"
#include "intake/watch.h"
#include "match/matcher.h"

enum {
	SLOTS = 1 << 16, /* power of two, more than EVENTS_HITS_MAX */
	PIECE = 64 << 10,
	VALUES_MAX = 8 << 20,
	ARGS_MEMORY = 256 << 10,
	LINE_HITS_MAX = EVENTS_HITS_MAX / 2,
};

struct stream {
	uint64_t id;
	struct tail *tail;
	bool inside;
	bool more;      /* whole lines are left of what was read */
	uint64_t inode; /* of the file last told of */
	uint64_t sent, taken;
	char error[EVENTS_ERROR_MAX];
	struct watch *watches[WATCHES_MAX];
	size_t watch_count;
	/* The batch being made. */
	usec now;
	uint32_t hit_count;
	bool overflow;
	struct buf values;
	struct event_hit hits[EVENTS_HITS_MAX];
	size_t value_at[EVENTS_HITS_MAX]; /* of the hit's value in `values`, which may move */
	uint32_t slots[SLOTS];            /* a hit's number plus one */
	struct buf message;
};

static enum err read_place(struct stream_place *out, yyjson_val *root)
{
	struct stream_place p = {0};
	struct str head = json_get_str(root, "head");

	p.offset = yyjson_get_uint(yyjson_obj_get(root, "offset"));
	p.inode = yyjson_get_uint(yyjson_obj_get(root, "inode"));
	p.device = yyjson_get_uint(yyjson_obj_get(root, "device"));
	p.inside = yyjson_get_bool(yyjson_obj_get(root, "inside"));
	p.head_bytes = (uint32_t)yyjson_get_uint(yyjson_obj_get(root, "head_bytes"));
	if (p.head_bytes > EVENTS_HEAD_MAX)
		return ERR_INVALID;
	if (p.head_bytes) {
		struct term digest;
		struct arena *arena = arena_new(4096);
		enum err rc = term_canonical(&digest, arena, TERM_SHA256, head);

		if (rc == OK)
			memcpy(p.head.b, digest.value.p, SHA256_LEN);
		arena_free(arena);
		TRY(rc);
	}
	*out = p;
	return OK;
}

static void open_watches(struct stream *s, const struct stream_tools *tools)
{
	for (const struct watch_class *const *c = WATCHES; *c; c++) {
		struct watch *w = (*c)->open(s->id, tools->env);

		if (w && (*c)->configure)
			(*c)->configure(w, tools->config);
		if (w)
			s->watches[s->watch_count++] = w;
	}
}

enum err stream_new(struct stream **out, const struct chan_message *m,
    const struct stream_tools *tools, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 4};
	struct arena *arena = arena_new(ARGS_MEMORY);
	struct stream_place place = {0};
	struct stream *s;
	yyjson_val *root = NULL;
	struct str path = STR_NONE;
	enum err rc = json_parse(&root, arena, m->body, &limits, fault);

	if (rc == OK) {
		path = json_get_str(root, "path");
		rc = path.n ? read_place(&place, root) : ERR_INVALID;
	}
	if (rc == OK) {
		s = mem_alloc(sizeof(*s));
		s->id = m->id;
		s->tail = tail_new(path, &place);
		s->inside = place.inside;
		buf_init(&s->values, VALUES_MAX);
		buf_init(&s->message, CHAN_MESSAGE_MAX);
		open_watches(s, tools);
		*out = s;
	}
	arena_free(arena);
	return rc;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->watch_count; i++)
		s->watches[i]->class->close(s->watches[i]);
	tail_free(s->tail);
	buf_free(&s->values);
	buf_free(&s->message);
	mem_free(s);
}

uint64_t stream_id(const struct stream *s)
{
	return s->id;
}

void stream_taken(struct stream *s, uint64_t batch)
{
	if (batch > s->taken && batch <= s->sent)
		s->taken = batch;
}

static struct str value_of(const struct stream *s, uint32_t hit)
{
	return (struct str){s->values.p + s->value_at[hit], s->hits[hit].value.value.n};
}

static bool same_hit(const struct stream *s, uint32_t i, const struct match_hit *hit, usec when)
{
	const struct event_hit *h = &s->hits[i];

	return h->seq == hit->entry.seq && h->value.kind == hit->value.kind &&
	       h->first / SIGHTING_WINDOW == when / SIGHTING_WINDOW &&
	       str_eq(value_of(s, i), hit->value.value);
}

/* Seconds are rounded outwards: the core looks closer. */
static bool valid_now(const struct index_entry *e, usec now)
{
	int64_t second = now / USEC_PER_SEC;

	return second >= e->from && (e->until == UINT32_MAX || second < e->until);
}

static void add_hit(struct stream *s, const struct match_hit *hit, usec when, size_t slot)
{
	struct event_hit *h = &s->hits[s->hit_count];

	if (s->hit_count == EVENTS_HITS_MAX) {
		s->overflow = true;
		return;
	}
	s->value_at[s->hit_count] = s->values.n;
	buf_put(&s->values, hit->value.value);
	if (s->values.failed != OK) {
		s->overflow = true;
		return;
	}
	*h = (struct event_hit){hit->entry.seq, hit->value, 1, when, when};
	s->slots[slot] = ++s->hit_count;
}

/* When the event happened, as it says itself; else now. */
static usec time_of(const struct stream *s, struct str timestamp)
{
	usec when;

	return timestamp.n && time_parse_any(&when, timestamp) == OK ? when : s->now;
}

static void take_event(void *ctx, const struct match_event *event)
{
	struct stream *s = ctx;
	usec when = time_of(s, event->timestamp);

	for (size_t i = 0; i < s->watch_count; i++)
		s->watches[i]->class->event(s->watches[i], event, when);
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	struct stream *s = ctx;
	usec when;
	size_t slot;

	if (!valid_now(&hit->entry, s->now))
		return;
	when = time_of(s, hit->timestamp);
	slot = fingerprint(hit->entry.seq, (unsigned)hit->value.kind,
	           (unsigned)(when / SIGHTING_WINDOW), hit->value.value) &
	       (SLOTS - 1);
	for (; s->slots[slot]; slot = (slot + 1) & (SLOTS - 1)) {
		struct event_hit *h = &s->hits[s->slots[slot] - 1];

		if (!same_hit(s, s->slots[slot] - 1, hit, when))
			continue;
		h->count++;
		h->first = when < h->first ? when : h->first;
		h->last = when > h->last ? when : h->last;
		return;
	}
	add_hit(s, hit, when, slot);
}

/* Feeds piece by piece, so that the hits of a batch stay within their bounds. */
static void feed(struct stream *s, const struct stream_tools *tools, struct match_counts *counts)
{
	const struct match_sink sink = {
	    .event = s->watch_count ? take_event : NULL, .hit = take_hit, .ctx = s};

	matcher_restart(tools->matcher, s->inside);
	for (;;) {
		struct str text = tail_text(s->tail);
		size_t done =
		    matcher_feed(tools->matcher, str_slice(text, 0, PIECE), counts, &sink);

		if (done == 0 && text.n > PIECE)
			done = matcher_feed(tools->matcher, text, counts, &sink);
		s->more = done > 0;
		if (!s->more)
			break;
		tail_consume(s->tail, done);
		if (s->hit_count >= LINE_HITS_MAX || s->values.n >= VALUES_MAX / 2)
			break;
	}
	s->inside = matcher_inside(tools->matcher);
}

static void begin_batch(struct stream *s, const struct stream_tools *tools)
{
	s->now = env_now(tools->env);
	s->hit_count = 0;
	s->overflow = false;
	buf_reset(&s->values);
	memset(s->slots, 0, sizeof(s->slots));
	if (indicators_refresh(tools->indicators))
		matcher_layers(tools->matcher, indicators_generation(tools->indicators),
		    indicators_delta(tools->indicators));
	for (size_t i = 0; i < s->watch_count; i++)
		if (s->watches[i]->class->begin)
			s->watches[i]->class->begin(s->watches[i], tools, s->now);
}

static void end_watches(struct stream *s, const struct stream_tools *tools)
{
	struct watch_batch batch = {tools->core, s->id, tail_place(s->tail), s->now};

	batch.place.inside = s->inside;
	for (size_t i = 0; i < s->watch_count; i++)
		s->watches[i]->class->batch(s->watches[i], &batch);
}

static bool set_error(struct stream *s, const char *text)
{
	struct str error = str_slice(str_c(text), 0, EVENTS_ERROR_MAX - 1);

	if (str_eq(str_c(s->error), error))
		return false;
	memcpy(s->error, error.p, error.n);
	s->error[error.n] = '\0';
	return true;
}

static void hand_over(
    struct stream *s, const struct stream_tools *tools, const struct match_counts *c)
{
	struct events e = {
	    .number = ++s->sent,
	    .place = tail_place(s->tail),
	    .size = tail_size(s->tail),
	    .lines = c->lines,
	    .bad = c->bad,
	    .skipped = c->skipped,
	    .error = str_c(s->error),
	    .hit_count = s->hit_count,
	};
	struct chan_message m = {.type = INTAKE_EVENTS, .id = s->id};
	struct str last = matcher_last_time(tools->matcher);

	if (c->bytes)
		end_watches(s, tools);
	e.place.inside = s->inside;
	s->inode = e.place.inode;
	if (last.n && time_parse_any(&e.last_event, last) != OK)
		e.last_event = 0;
	for (uint32_t i = 0; i < s->hit_count; i++)
		e.hits += s->hits[i].count;
	buf_reset(&s->message);
	events_put(&s->message, &e);
	for (uint32_t i = 0; i < s->hit_count; i++) {
		s->hits[i].value.value = value_of(s, i);
		event_hit_put(&s->message, &s->hits[i]);
	}
	m.body = buf_str(&s->message);
	/* The window bounds what is on the way; a channel that is closed begins anew anyway. */
	(void)!chan_send_always(tools->core, &m);
}

bool stream_step(struct stream *s, const struct stream_tools *tools)
{
	struct match_counts counts = {0};
	struct fault fault = {.code = OK};
	bool partial = tail_text(s->tail).n > 0, news = false;
	enum tail_event event;

	if (s->sent - s->taken >= STREAM_WINDOW)
		return false;
	begin_batch(s, tools);
	event = s->more ? TAIL_MORE : tail_read(s->tail, &fault);
	if (event == TAIL_MISSING)
		news = set_error(s, fault.text);
	else
		news = set_error(s, "");
	if (event == TAIL_CUT) {
		matcher_restart(tools->matcher, false);
		counts.lines = counts.bad = partial;
		s->inside = false;
		news = true;
	}
	if (event == TAIL_RENEWED)
		tail_end_line(s->tail);
	if (event == TAIL_MORE || event == TAIL_RENEWED)
		feed(s, tools, &counts);
	if (s->overflow)
		news |= set_error(s, "an event had more hits than can be kept; the rest is lost");
	/* Which file it is must be known before it can be renamed. */
	news |= tail_place(s->tail).inode != s->inode;
	if (news || counts.bytes)
		hand_over(s, tools, &counts);
	if (event == TAIL_RENEWED && !s->more) {
		s->inside = false;
		tail_next(s->tail);
	}
	return event == TAIL_MORE || event == TAIL_RENEWED || event == TAIL_CUT;
}
