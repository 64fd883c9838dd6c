/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/stream.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intake/history/feed.h"
#include "intake/messages.h"
#include "intake/position.h"
#include "intake/sighting.h"
#include "intake/tail.h"
#include "intake/watch.h"
#include "match/index.h"
#include "match/matcher.h"

enum {
	SLOTS = 1 << 16, /* power of two, more than EVENTS_HITS_MAX */
	PIECE = 64 << 10,
	VALUES_MAX = 8 << 20,
	ARGS_MEMORY = 256 << 10,
	LINE_HITS_MAX = EVENTS_HITS_MAX / 2,
};

/* The ledger and the history each know how far they have come. After a crash they differ; until the
 * one that is ahead is reached, the other alone is told. */
enum readers { READ_BY_BOTH, READ_BY_HISTORY, READ_BY_LEDGER };

struct stream {
	uint64_t id;
	struct tail *tail;
	bool inside;
	bool more;        /* whole lines are left of what was read */
	uint64_t records; /* the match view must have seen so many first; 0: it has */
	bool leaving;     /* all of the file was read and another has its name */
	uint64_t inode;   /* of the file last told of */
	uint64_t sent, taken;
	char error[EVENTS_ERROR_MAX];
	struct watch *watches[WATCHES_MAX];
	size_t watch_count;
	struct watch *looking[WATCHES_MAX]; /* those that look at the batch */
	size_t looking_count;
	unsigned wants;               /* EVE_WANT_*, of all of them together and of the history */
	struct history_feed *history; /* NULL: the node keeps none */
	enum readers readers;
	struct stream_place until; /* of the one that is ahead */
	/* The batch being made. */
	usec now;
	uint32_t hit_count;
	uint64_t untimed; /* likewise */
	bool overflow;
	struct buf values;
	struct event_hit hits[EVENTS_HITS_MAX];
	size_t value_at[EVENTS_HITS_MAX]; /* of the hit's value in `values`, which may move */
	uint32_t slots[SLOTS];            /* a hit's number plus one */
	struct buf message;
};

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

/* Where to begin: at the place of the one that is behind. */
static struct stream_place begin_at(struct stream *s, struct str path,
    const struct stream_place *ledger, const struct stream_place *history)
{
	struct stream_place start = *history;

	if (ledger->inode == 0)
		return *ledger;
	if (start.inode == 0) /* nothing was kept yet, of the same file */
		start = (struct stream_place){.inode = ledger->inode, .device = ledger->device};
	if (place_same_file(&start, ledger) && start.offset == ledger->offset)
		return *ledger;
	if (!tail_can_begin(path, ledger) || !tail_can_begin(path, &start)) {
		history_feed_gap(s->history);
		return *ledger;
	}
	if (place_same_file(&start, ledger) && start.offset > ledger->offset) {
		s->readers = READ_BY_LEDGER;
		s->until = start;
		return *ledger;
	}
	s->readers = READ_BY_HISTORY;
	s->until = *ledger;
	return start;
}

enum err stream_new(struct stream **out, const struct chan_message *m,
    const struct stream_tools *tools, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 4};
	struct arena *arena = arena_new(ARGS_MEMORY);
	struct stream_place place = {0}, history = {0};
	struct stream *s;
	yyjson_val *root = NULL, *old;
	struct str path = STR_NONE;
	enum err rc = json_parse(&root, arena, m->body, &limits, fault);

	if (rc == OK) {
		path = json_get_str(root, "path");
		rc = path.n ? position_place(&place, root) : ERR_INVALID;
	}
	old = yyjson_obj_get(root, "history");
	if (rc == OK && old)
		rc = position_place(&history, old);
	if (rc == OK) {
		s = mem_alloc(sizeof(*s));
		s->id = m->id;
		if (old) {
			s->history = history_feed_new(tools->env, &history);
			place = begin_at(s, path, &place, &history);
		}
		s->tail = tail_new(path, &place);
		s->inside = place.inside;
		s->records = yyjson_get_uint(yyjson_obj_get(root, "records"));
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
	history_feed_free(s->history);
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

void stream_run_taken(struct stream *s, uint64_t number)
{
	if (s->history)
		history_feed_taken(s->history, number);
}

bool stream_waits(const struct stream *s)
{
	return s->records > 0;
}

/* A view that is being made anew, by other rules or in another form, has none of the indicators at
 * first: what was read then would be matched with nothing, and never again. */
static bool is_ready(struct stream *s, const struct stream_tools *tools)
{
	if (s->records && indicators_cursor(tools->indicators) >= s->records)
		s->records = 0;
	return s->records == 0;
}

bool stream_owes(const struct stream *s)
{
	return s->history && history_feed_owes(s->history);
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

static void take_event(void *ctx, const struct match_event *event)
{
	struct stream *s = ctx;
	usec when = s->now;

	s->untimed += !event_time(&when, event->timestamp, s->now) && s->readers != READ_BY_HISTORY;
	if (s->history && s->readers != READ_BY_LEDGER)
		history_feed_event(s->history, event, when);
	if (s->readers == READ_BY_HISTORY)
		return;
	for (size_t i = 0; i < s->looking_count; i++)
		s->looking[i]->class->event(s->looking[i], event, when);
}

static void take_events_end(void *ctx)
{
	struct stream *s = ctx;

	if (s->history)
		history_feed_events_end(s->history);
}

static void take_hit(void *ctx, const struct match_hit *hit)
{
	struct stream *s = ctx;
	usec when = s->now;
	size_t slot;

	if (s->readers == READ_BY_HISTORY ||
	    !index_is_due(hit->entry.from, hit->entry.until, s->now))
		return;
	(void)event_time(&when, hit->timestamp, s->now);
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

/* What was read, as far as the same readers are told of it. */
static struct str text_of(const struct stream *s)
{
	struct str text = tail_text(s->tail);
	struct stream_place at = tail_place(s->tail);

	if (s->readers == READ_BY_BOTH || !place_same_file(&at, &s->until))
		return text;
	return str_slice(text, 0, at.offset < s->until.offset ? s->until.offset - at.offset : 0);
}

/* Where the one that is ahead is reached, both go on; and so they do where it cannot be met any
 * more, for its file was cut. */
static void meet(struct stream *s, enum tail_event event)
{
	struct stream_place at = tail_place(s->tail);
	bool same = place_same_file(&at, &s->until);

	if (s->readers == READ_BY_BOTH)
		return;
	if (same && at.offset >= s->until.offset)
		s->inside = s->until.inside;
	else if (event == TAIL_MORE || s->more || (!same && event == TAIL_RENEWED) ||
	         (event != TAIL_CUT && tail_can_begin(tail_path(s->tail), &s->until)))
		return;
	s->readers = READ_BY_BOTH;
	s->more = true;
}

/* Feeds piece by piece, so that the hits of a batch stay within their bounds. */
static void feed(struct stream *s, const struct stream_tools *tools, struct match_counts *counts)
{
	const struct match_sink sink = {
	    .event = take_event,
	    .events_end = take_events_end,
	    .wants = s->wants,
	    .hit = take_hit,
	    .ctx = s,
	};

	matcher_restart(tools->matcher, s->inside);
	for (;;) {
		struct str text = text_of(s);
		size_t done =
		    matcher_feed(tools->matcher, str_slice(text, 0, PIECE), counts, &sink);

		if (done == 0 && text.n > PIECE)
			done = matcher_feed(tools->matcher, text, counts, &sink);
		s->more = done > 0;
		if (!s->more)
			break;
		tail_consume(s->tail, done);
		if (s->hit_count >= LINE_HITS_MAX || s->values.n >= VALUES_MAX / 2 ||
		    (s->history && history_feed_is_full(s->history)))
			break;
	}
	s->inside = matcher_inside(tools->matcher);
}

static void begin_watches(struct stream *s, const struct stream_tools *tools)
{
	s->wants = s->history ? EVE_WANT_ANSWERS : 0;
	s->looking_count = 0;
	for (size_t i = 0; i < s->watch_count; i++) {
		struct watch *w = s->watches[i];
		unsigned wants;

		if (w->class->begin)
			w->class->begin(w, tools, s->now);
		wants = w->class->wants(w);
		if (wants)
			s->looking[s->looking_count++] = w;
		s->wants |= wants;
	}
}

static void begin_batch(struct stream *s, const struct stream_tools *tools)
{
	s->now = env_now(tools->env);
	s->hit_count = 0;
	s->untimed = 0;
	s->overflow = false;
	buf_reset(&s->values);
	memset(s->slots, 0, sizeof(s->slots));
	indicators_refresh(tools->indicators);
	matcher_layers(tools->matcher, indicators_generation(tools->indicators),
	    indicators_delta(tools->indicators));
	begin_watches(s, tools);
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
	    .untimed = s->untimed,
	    .error = str_c(s->error),
	    .hit_count = s->hit_count,
	};
	struct chan_message m = {.type = INTAKE_EVENTS, .id = s->id};
	struct str last = matcher_last_time(tools->matcher);

	if (c->bytes)
		end_watches(s, tools);
	e.place.inside = s->inside;
	s->inode = e.place.inode;
	(void)event_time(&e.last_event, last, s->now);
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

static bool is_held(const struct stream *s)
{
	return s->sent - s->taken >= STREAM_WINDOW ||
	       (s->history && history_feed_is_full(s->history));
}

/* Core has the events of a run before the run. */
static void hand_over_run(struct stream *s, const struct stream_tools *tools, enum readers readers)
{
	struct stream_place place = tail_place(s->tail);

	place.inside = s->inside;
	if (s->history && history_feed_is_due(s->history, &place, s->leaving, s->now))
		history_feed_hand_over(s->history, tools->core, s->id,
		    readers == READ_BY_HISTORY ? 0 : s->sent, &place, s->now);
}

/* Reads on and feeds what is there; true when core is to hear of it. */
static bool read_on(struct stream *s, const struct stream_tools *tools, enum tail_event *event,
    struct match_counts *counts)
{
	struct fault fault = {.code = OK};
	bool partial = tail_text(s->tail).n > 0, news;

	*event = s->more ? TAIL_MORE : tail_read(s->tail, &fault);
	news = set_error(s, *event == TAIL_MISSING ? fault.text : "");
	if (*event == TAIL_CUT) {
		matcher_restart(tools->matcher, false);
		counts->lines = counts->bad = partial;
		s->inside = false;
		news = true;
	}
	if (*event == TAIL_RENEWED)
		tail_end_line(s->tail);
	if (*event == TAIL_MORE || *event == TAIL_RENEWED)
		feed(s, tools, counts);
	if (s->overflow)
		news |= set_error(s, "an event had more hits than can be kept; the rest is lost");
	/* Which file it is must be known before it can be renamed. */
	return news | (tail_place(s->tail).inode != s->inode) | (counts->bytes > 0);
}

/* Goes on to the next file when the history has all of this one: so ledger and history are never
 * further apart than a rotation. False: not yet. */
static bool leave(struct stream *s)
{
	struct stream_place place = tail_place(s->tail);

	if (!s->leaving)
		return true;
	if (s->history && !history_feed_is_settled(s->history, &place))
		return false;
	s->leaving = s->inside = false;
	tail_next(s->tail);
	return true;
}

bool stream_step(struct stream *s, const struct stream_tools *tools)
{
	struct match_counts counts = {0};
	enum readers readers = s->readers;
	enum tail_event event;
	bool news;

	if (!is_ready(s, tools))
		return false;
	if (is_held(s) || !leave(s)) {
		s->now = env_now(tools->env);
		hand_over_run(s, tools, readers);
		if (is_held(s) || !leave(s))
			return false;
	}
	begin_batch(s, tools);
	news = read_on(s, tools, &event, &counts);
	if (readers != READ_BY_HISTORY && news)
		hand_over(s, tools, &counts);
	s->leaving = event == TAIL_RENEWED && !s->more;
	hand_over_run(s, tools, readers);
	meet(s, event);
	return event == TAIL_MORE || event == TAIL_RENEWED || event == TAIL_CUT || s->more;
}
