/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/side.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sync/lane.h"

enum { PATIENCE_MAX = 6 }; /* retries are put off up to two to this power */

/* Our feed, and what the other side has of it. */
struct giving {
	uint64_t feed;
	bool settled;
	bool known; /* the other side has said what it holds */
	bool asked; /* it has said so when our feed was not whole yet: hello is to be answered */
	struct sync_message hello;
	uint64_t acked, sent;
	uint64_t kept;                     /* size of the newest receipt */
	uint64_t flights[SYNC_FLIGHT_MAX]; /* ends of what is on the way */
	size_t flight_count;
	bool making;   /* somebody makes a range from `sent` */
	bool outdated; /* that one is not wanted any more */
	bool failed;   /* the last one could not be made: not before something else happens */
	bool same_due, head_due;
	uint64_t head_size; /* of what they deny, so that the two heads can be compared */
	usec retry_at;      /* 0: nothing is waited for */
	unsigned patience;
};

/* Their feed, and what is durable here. */
struct taking {
	uint64_t held;
	struct sha256 root;
	struct buf queue[SYNC_FLIGHT_MAX]; /* bodies of ranges, in order, from `held` on */
	size_t count;
	uint64_t end; /* of the last in the queue */
	bool busy;    /* somebody takes the first */
	bool hello_due, taken_due, sign_due, signing;
	struct buf receipt; /* of our signer, for `held`; empty when there is none */
	struct buf head;    /* to be judged */
	bool judging;
	usec retry_at;
	unsigned patience;
	usec same;
};

struct sync_side {
	struct sync_options options;
	struct giving give;
	struct taking take;
	struct lane lane;
	struct buf kept; /* a receipt of theirs, to be kept */
	struct sync_message kept_message;
	bool keep_due;
	bool stopped, by_them, stop_due;
	enum sync_reason reason;
	char text[SYNC_TEXT_MAX + 1];
};

struct sync_side *sync_side_new(const struct sync_options *options)
{
	struct sync_side *s = mem_alloc(sizeof(*s));

	s->options = *options;
	s->give.feed = options->feed;
	s->give.settled = options->settled;
	s->give.kept = options->kept;
	s->take.held = s->take.end = options->held;
	s->take.root = options->held_root;
	s->take.hello_due = true;
	for (size_t i = 0; i < SYNC_FLIGHT_MAX; i++)
		buf_init(&s->take.queue[i], SYNC_BODY_MAX);
	buf_init(&s->take.receipt, SYNC_NOTE_MAX);
	buf_init(&s->take.head, SYNC_NOTE_MAX);
	buf_init(&s->kept, SYNC_NOTE_MAX);
	lane_init(&s->lane);
	return s;
}

void sync_side_free(struct sync_side *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SYNC_FLIGHT_MAX; i++)
		buf_free(&s->take.queue[i]);
	buf_free(&s->take.receipt);
	buf_free(&s->take.head);
	buf_free(&s->kept);
	lane_free(&s->lane);
	mem_free(s);
}

static usec later(const struct sync_side *s, usec now, unsigned patience)
{
	return now + (s->options.retry << patience);
}

static void be_patient(unsigned *patience)
{
	if (*patience < PATIENCE_MAX)
		++*patience;
}

static void stop(struct sync_side *s, enum sync_reason reason, struct str text, bool by_them)
{
	if (s->stopped)
		return;
	s->stopped = true;
	s->by_them = by_them;
	s->stop_due = !by_them;
	s->reason = reason;
	(void)snprintf(
	    s->text, sizeof(s->text), "%.*s", STR_ARG(str_slice(text, 0, SYNC_TEXT_MAX)));
}

/* What is on the way counts as lost. */
static void go_back(struct giving *g, uint64_t to)
{
	g->acked = g->sent = to;
	g->flight_count = 0;
	g->outdated = g->making;
	g->failed = false;
	g->retry_at = 0;
}

/* What they hold is not the beginning of our feed: our own word on it, signed. */
static void deny(struct giving *g, uint64_t size)
{
	g->known = false;
	g->head_due = true;
	g->head_size = size < g->feed ? size : g->feed;
}

/* They hold so much: is it the beginning of our feed? */
static void answer_hello(struct sync_side *s)
{
	struct giving *g = &s->give;
	struct sha256 root;

	g->asked = false;
	if (g->hello.size > g->feed && !g->settled) {
		g->asked = true;
		return;
	}
	if (g->hello.size > g->feed || !s->options.root(s->options.ctx, g->hello.size, &root) ||
	    !sha256_eq(&root, &g->hello.root)) {
		deny(g, g->hello.size);
		return;
	}
	g->known = true;
	go_back(g, g->hello.size);
	g->same_due = g->hello.size == g->feed;
}

static void hear_hello(struct sync_side *s, const struct sync_message *m)
{
	if (m->version != SYNC_VERSION) {
		char text[80];

		(void)snprintf(text, sizeof(text), "version %u is spoken there, %d here",
		    m->version, SYNC_VERSION);
		stop(s, SYNC_REASON_VERSION, str_c(text), false);
		return;
	}
	s->give.hello = *m;
	s->give.hello.text = STR_NONE;
	answer_hello(s);
}

static void keep(struct sync_side *s, const struct sync_message *m)
{
	buf_reset(&s->kept);
	buf_put(&s->kept, m->text);
	s->kept_message = *m;
	s->kept_message.text = buf_str(&s->kept);
	s->keep_due = true;
	s->give.kept = m->size;
}

static void hear_taken(struct sync_side *s, const struct sync_message *m, usec now)
{
	struct giving *g = &s->give;
	struct sha256 root;
	size_t left = 0;

	if (!g->known || m->size < g->acked || m->size > g->feed)
		return;
	if (!s->options.root(s->options.ctx, m->size, &root) || !sha256_eq(&root, &m->root)) {
		deny(g, m->size);
		return;
	}
	/* One for as much is here, or on its way: told again and again it costs nothing. */
	if (m->text.n > 0 && m->size > g->kept)
		keep(s, m);
	if (m->size > g->acked)
		g->patience = 0;
	g->acked = m->size;
	if (g->sent < m->size) {
		g->sent = m->size;
		g->outdated = g->making;
	}
	g->failed = false;
	for (size_t i = 0; i < g->flight_count; i++)
		if (g->flights[i] > m->size)
			g->flights[left++] = g->flights[i];
	g->flight_count = left;
	g->retry_at = left > 0 ? later(s, now, g->patience) : 0;
}

static void answered(struct taking *t)
{
	t->retry_at = 0;
	t->patience = 0;
}

static void hear_same(struct sync_side *s, const struct sync_message *m, usec now)
{
	struct taking *t = &s->take;

	if (m->size != t->held)
		return; /* late: about what was held before */
	if (!sha256_eq(&m->root, &t->root)) {
		stop(s, SYNC_REASON_MALFORMED, S("says that another feed is the same"), false);
		return;
	}
	t->same = now;
	if (m->kept >= t->held) {
		answered(t);
		return;
	}
	/* They lack the receipt; whether this one arrives, their next answer tells. */
	if (t->receipt.n > 0)
		t->taken_due = true;
	else if (!t->signing)
		t->sign_due = true;
	t->retry_at = later(s, now, t->patience);
}

static void hear_range(struct sync_side *s, const struct sync_message *m, struct str body, usec now)
{
	struct taking *t = &s->take;
	struct buf *place;

	if (m->from + m->count <= t->held) {
		t->taken_due = true; /* it has not heard of it */
		return;
	}
	if (m->from != t->end) {
		/* After a gap, or across what waits: asked for again when nothing waits any more.
		 */
		if (m->from > t->end || t->count == 0)
			t->retry_at = t->retry_at ? t->retry_at : later(s, now, t->patience);
		return;
	}
	if (t->count == SYNC_FLIGHT_MAX)
		return;
	place = &t->queue[t->count];
	buf_reset(place);
	buf_put(place, body);
	if (place->failed)
		return;
	t->count++;
	t->end = m->from + m->count;
	answered(t);
}

static void hear_head(struct sync_side *s, const struct sync_message *m)
{
	struct taking *t = &s->take;

	if (t->judging || t->head.n > 0)
		return;
	buf_reset(&t->head);
	buf_put(&t->head, m->text);
	answered(t);
}

void sync_heard(struct sync_side *s, unsigned type, struct str body, usec now)
{
	struct sync_message m;
	struct fault fault = {.code = OK};

	if (s->stopped)
		return;
	if (sync_message_get(&m, type, body, &fault) != OK) {
		stop(s, SYNC_REASON_MALFORMED, str_c(fault.text), false);
		return;
	}
	switch (m.type) {
	case SYNC_HELLO:
		hear_hello(s, &m);
		break;
	case SYNC_SAME:
		hear_same(s, &m, now);
		break;
	case SYNC_HEAD:
		hear_head(s, &m);
		break;
	case SYNC_RANGE:
		hear_range(s, &m, body, now);
		break;
	case SYNC_TAKEN:
		hear_taken(s, &m, now);
		break;
	case SYNC_STOP:
		stop(s, m.reason, m.text, true);
		break;
	case SYNC_URGENT:
		lane_heard(&s->lane, &m, body, s->take.held);
		break;
	case SYNC_TYPES:
		break;
	}
}

void sync_grown(struct sync_side *s, uint64_t size, bool settled)
{
	s->give.feed = size;
	s->give.settled = settled;
	if (s->give.asked)
		answer_hello(s);
}

bool sync_made(struct sync_side *s, uint32_t count, usec now)
{
	struct giving *g = &s->give;

	g->making = false;
	if (g->outdated || s->stopped) {
		g->outdated = false;
		return false;
	}
	if (count == 0) {
		g->failed = true;
		be_patient(&g->patience);
		g->retry_at = later(s, now, g->patience);
		return false;
	}
	g->sent += count;
	g->flights[g->flight_count++] = g->sent;
	if (!g->retry_at || g->flight_count == 1)
		g->retry_at = later(s, now, g->patience);
	return true;
}

static void shift_queue(struct taking *t)
{
	struct buf first = t->queue[0];

	for (size_t i = 1; i < SYNC_FLIGHT_MAX; i++)
		t->queue[i - 1] = t->queue[i];
	t->queue[SYNC_FLIGHT_MAX - 1] = first;
	t->count--;
}

/* More was durable than this side knew: an earlier connection's ranges were still being taken. */
static void drop_stale(struct taking *t)
{
	struct sync_message m;

	if (t->count > 0 && sync_message_get(&m, SYNC_RANGE, buf_str(&t->queue[0]), NULL) == OK &&
	    m.from == t->held)
		return;
	if (t->count > 0 || t->end != t->held)
		t->hello_due = true;
	t->count = 0;
	t->end = t->held;
}

/* Nothing of it was taken; what waits behind it is of no use either. */
static void take_failed(struct sync_side *s, const struct sync_took *t, usec now)
{
	s->take.count = 0;
	s->take.end = s->take.held;
	if (t->status == ERR_CONFLICT || t->status == ERR_INVALID) {
		stop(s, t->reason, t->text, false);
		return;
	}
	be_patient(&s->take.patience);
	s->take.retry_at = later(s, now, s->take.patience);
}

void sync_took(struct sync_side *s, const struct sync_took *t, usec now)
{
	struct taking *take = &s->take;

	take->busy = false;
	if (t->status != OK) {
		take_failed(s, t, now);
		return;
	}
	shift_queue(take);
	take->held = t->size;
	take->root = t->root;
	drop_stale(take);
	buf_reset(&take->receipt);
	buf_put(&take->receipt, t->receipt);
	take->taken_due = true;
	take->patience = 0;
	take->same = now;
}

void sync_signed(struct sync_side *s, uint64_t size, struct str receipt)
{
	struct taking *t = &s->take;

	t->signing = false;
	if (size != t->held)
		return; /* the range that came in between has one of its own */
	buf_reset(&t->receipt);
	buf_put(&t->receipt, receipt);
	t->taken_due = receipt.n > 0;
}

void sync_judged(struct sync_side *s, enum sync_reason reason, struct str text, usec now)
{
	struct taking *t = &s->take;

	t->judging = false;
	buf_reset(&t->head);
	if (reason != SYNC_REASON_NONE) {
		stop(s, reason, text, false);
		return;
	}
	be_patient(&t->patience);
	t->retry_at = later(s, now, t->patience);
}

void sync_tick(struct sync_side *s, usec now)
{
	struct giving *g = &s->give;
	struct taking *t = &s->take;

	if (s->stopped)
		return;
	if (g->retry_at && now >= g->retry_at) {
		be_patient(&g->patience);
		go_back(g, g->acked);
	}
	if (t->retry_at && now >= t->retry_at) {
		t->retry_at = 0;
		if (t->count == 0 && !t->busy)
			t->hello_due = true;
	}
}

usec sync_deadline(const struct sync_side *s)
{
	usec a = s->give.retry_at, b = s->take.retry_at;

	if (s->stopped)
		return 0;
	return !a || (b && b < a) ? b : a;
}

static bool send(struct sync_command *out, struct sync_message m)
{
	*out = (struct sync_command){.what = SYNC_DO_SEND, .message = m};
	return true;
}

static bool next_of_taking(struct sync_side *s, usec now, struct sync_command *out)
{
	struct taking *t = &s->take;

	if (t->head.n > 0 && !t->judging) {
		t->judging = true;
		*out = (struct sync_command){.what = SYNC_DO_JUDGE,
		    .message = {.type = SYNC_HEAD, .text = buf_str(&t->head)}};
		return true;
	}
	if (t->count > 0 && !t->busy) {
		t->busy = true;
		*out = (struct sync_command){.what = SYNC_DO_TAKE};
		/* It was read when it came. */
		return sync_message_get(&out->message, SYNC_RANGE, buf_str(&t->queue[0]), NULL) ==
		       OK;
	}
	if (t->sign_due) {
		t->sign_due = false;
		t->signing = true;
		*out = (struct sync_command){.what = SYNC_DO_SIGN};
		return true;
	}
	if (t->taken_due) {
		t->taken_due = false;
		return send(out, (struct sync_message){.type = SYNC_TAKEN,
		                     .size = t->held,
		                     .root = t->root,
		                     .text = buf_str(&t->receipt)});
	}
	if (t->hello_due) {
		t->hello_due = false;
		t->retry_at = later(s, now, t->patience);
		be_patient(&t->patience);
		return send(out, (struct sync_message){.type = SYNC_HELLO,
		                     .version = SYNC_VERSION,
		                     .text = s->options.identity,
		                     .size = t->held,
		                     .root = t->root});
	}
	return false;
}

static bool next_of_giving(struct sync_side *s, struct sync_command *out)
{
	struct giving *g = &s->give;

	if (g->head_due) {
		g->head_due = false;
		*out = (struct sync_command){.what = SYNC_DO_HEAD, .from = g->head_size};
		return true;
	}
	if (g->same_due) {
		g->same_due = false;
		return send(out, (struct sync_message){.type = SYNC_SAME,
		                     .size = g->hello.size,
		                     .root = g->hello.root,
		                     .kept = g->kept});
	}
	if (g->known && !g->making && !g->failed && g->flight_count < SYNC_FLIGHT_MAX &&
	    g->sent < g->feed && (g->flight_count > 0 || !g->retry_at)) {
		g->making = true;
		*out = (struct sync_command){.what = SYNC_DO_MAKE, .from = g->sent};
		return true;
	}
	return false;
}

bool sync_next_urgent(struct sync_side *s, usec now, struct sync_command *out)
{
	struct giving *g = &s->give;
	uint64_t from;

	if (s->stopped)
		return false;
	*out = (struct sync_command){.what = SYNC_DO_AHEAD};
	if (lane_takes(&s->lane, s->take.held, &out->message))
		return true;
	if (!g->known)
		return false;
	if (lane_sends(&s->lane, g->acked, now, &from)) {
		*out = (struct sync_command){.what = SYNC_DO_URGE, .from = from};
		return true;
	}
	if (lane_looks(&s->lane, g->acked, g->feed, &from)) {
		*out = (struct sync_command){.what = SYNC_DO_LOOK, .from = from};
		return true;
	}
	return false;
}

void sync_looked(struct sync_side *s, const uint64_t *urgent, size_t count, uint64_t upto)
{
	lane_found(&s->lane, urgent, count, upto);
}

void sync_unurged(struct sync_side *s)
{
	lane_leaves(&s->lane);
}

void sync_urged(struct sync_side *s, const struct sync_took *t)
{
	lane_done(&s->lane, t->status == OK);
	if (t->status == ERR_CONFLICT || t->status == ERR_INVALID)
		stop(s, t->reason, t->text, false);
}

bool sync_next(struct sync_side *s, usec now, struct sync_command *out)
{
	if (s->stop_due) {
		s->stop_due = false;
		return send(
		    out, (struct sync_message){
		             .type = SYNC_STOP, .reason = s->reason, .text = str_c(s->text)});
	}
	if (s->keep_due) {
		s->keep_due = false;
		*out = (struct sync_command){.what = SYNC_DO_KEEP, .message = s->kept_message};
		return true;
	}
	if (s->stopped)
		return false;
	return next_of_taking(s, now, out) || next_of_giving(s, out);
}

void sync_status(const struct sync_side *s, struct sync_status *out)
{
	*out = (struct sync_status){
	    .feed = s->give.feed,
	    .acknowledged = s->give.acked,
	    .held = s->take.held,
	    .waiting = s->take.count,
	    .same = s->take.same,
	    .urgent = {s->lane.counts.sent, s->lane.counts.left, s->lane.counts.taken,
	        s->lane.counts.passed},
	    .stopped = s->stopped,
	    .by_them = s->by_them,
	    .reason = s->reason,
	};
	memcpy(out->text, s->text, sizeof(out->text));
}
