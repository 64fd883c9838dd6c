/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "crypt/tls.h"
#include "wire/frame.h"

enum {
	RECORD = 16 << 10, /* the most that one TLS record holds */
	HIGH_DEFAULT = 4 << 20,
	LOW_DEFAULT = 1 << 20,
	RECORDS_PER_TURN = 64,  /* each way; then the others' events get their turn */
	KEEP_BYTES = 256 << 10, /* a bigger empty buffer is given back */
};

/* The wire's own types. */
enum { TYPE_ALIVE = 1, TYPE_GOODBYE = 2, TYPE_FILLER = 3 };

enum state {
	CONNECTING, /* a client's socket */
	SHAKING,
	TALKING,
	LEAVING, /* goodbye is queued: only sending */
	ENDED,
};

static const usec HANDSHAKE_MAX = 10 * USEC_PER_SEC;
static const usec ALIVE_EVERY = 30 * USEC_PER_SEC;
static const usec SILENCE_MAX = 90 * USEC_PER_SEC;
static const usec LEAVE_MAX = 2 * USEC_PER_SEC;
static const usec LATE_MAX = USEC_PER_SEC; /* beats missed longer ago are not made up for */

/* One message on its way out. */
struct outgoing {
	struct outgoing *next;
	size_t n, sent;
	bool ahead; /* of those that are not */
	char bytes[];
};

struct wire {
	struct wire_options o;
	struct ssl_st *ssl;
	struct event *readable, *writable;
	struct loop_timer *timer; /* of the handshake, of signs of life, of leaving */
	struct loop_timer *beat;  /* of a paced wire; else NULL */
	usec next_beat;
	struct loop_task *close_task;
	enum state state;
	bool paused, refused, told;
	bool wants_write; /* TLS has something to send before it can go on reading */
	unsigned busy;    /* callbacks on the stack: wire_free then only marks */
	bool dead;
	struct outgoing *first, **last;
	size_t queued;
	struct buf in;
	usec heard, said; /* monotonic */
	struct tls_facts facts;
	struct wire_counts counts;
	enum wire_end end;
	char text[WIRE_TEXT_MAX];
};

static void release(struct wire *w)
{
	event_free(w->readable);
	event_free(w->writable);
	loop_timer_free(w->timer);
	loop_timer_free(w->beat);
	loop_task_free(w->close_task);
	while (w->first) {
		struct outgoing *m = w->first;

		w->first = m->next;
		mem_free(m);
	}
	buf_free(&w->in);
	tls_session_free(w->ssl);
	close(w->o.fd);
	mem_free(w);
}

static void enter(struct wire *w)
{
	w->busy++;
}

static void leave(struct wire *w)
{
	if (--w->busy == 0 && w->dead)
		release(w);
}

static void tell_closed(void *ctx)
{
	struct wire *w = ctx;

	if (w->told || w->dead)
		return;
	w->told = true;
	enter(w);
	w->o.closed(w->o.ctx, w);
	leave(w);
}

/* The first reason stays. */
static void finish(struct wire *w, enum wire_end end, struct str text)
{
	if (w->state == ENDED)
		return;
	w->state = ENDED;
	if (w->end == WIRE_OPEN) {
		w->end = end;
		(void)snprintf(w->text, sizeof(w->text), "%.*s", STR_ARG(text));
	}
	event_del(w->readable);
	event_del(w->writable);
	loop_timer_clear(w->timer);
	if (w->beat)
		loop_timer_clear(w->beat);
	loop_task_run(w->close_task);
}

/* TLS found the connection over. */
static void cut_off(struct wire *w)
{
	char problem[WIRE_TEXT_MAX];

	tls_link_problem(problem, sizeof(problem));
	if (w->state == SHAKING)
		finish(w, WIRE_NO_TLS, str_c(problem));
	else
		finish(w, WIRE_GONE, str_c(problem));
}

static bool is_over(const struct wire *w)
{
	return w->dead || w->state == ENDED;
}

static void watch(struct wire *w)
{
	bool sends = (w->state == TALKING || w->state == LEAVING) && !w->beat;

	if (is_over(w))
		return;
	if ((w->state == SHAKING || w->state == TALKING) && !w->paused)
		(void)event_add(w->readable, NULL);
	else
		(void)event_del(w->readable);
	if (w->state == CONNECTING || w->wants_write || (sends && w->first))
		(void)event_add(w->writable, NULL);
	else
		(void)event_del(w->writable);
}

/* The longest run of queued bytes for one record of at most `max`. */
static size_t gather(const struct wire *w, char record[RECORD], size_t max)
{
	size_t n = 0;

	for (const struct outgoing *m = w->first; m && n < max; m = m->next) {
		size_t left = m->n - m->sent;
		size_t take = left < max - n ? left : max - n;

		memcpy(record + n, m->bytes + m->sent, take);
		n += take;
	}
	return n;
}

static void out_done(struct wire *w, size_t n)
{
	w->queued -= n;
	w->counts.bytes_out += n;
	while (n > 0 && w->first) {
		struct outgoing *m = w->first;
		size_t take = n < m->n - m->sent ? n : m->n - m->sent;

		m->sent += take;
		n -= take;
		if (m->sent < m->n)
			break;
		w->first = m->next;
		if (!w->first)
			w->last = &w->first;
		mem_free(m);
	}
}

/* One record of what is queued, at most `max` bytes of it; false when no more can be sent now. */
static bool send_record(struct wire *w, size_t max)
{
	char record[RECORD];
	size_t n = gather(w, record, max);
	long sent = tls_write(w->ssl, record, n);

	if (sent == TLS_OVER)
		cut_off(w);
	if (sent <= 0)
		return false;
	out_done(w, (size_t)sent);
	w->said = sys_monotonic();
	return true;
}

/* What the queue's having become shorter means. */
static void sent_some(struct wire *w)
{
	if (w->state == LEAVING && !w->first) {
		tls_say_goodbye(w->ssl);
		(void)shutdown(w->o.fd, SHUT_WR);
		finish(w, WIRE_LEFT, S(""));
	} else if (w->refused && w->queued <= w->o.low && w->state == TALKING) {
		w->refused = false;
		if (w->o.drained)
			w->o.drained(w->o.ctx, w);
	}
}

static void flush(struct wire *w)
{
	if (w->beat)
		return;
	for (unsigned i = 0; i < RECORDS_PER_TURN && w->first && !is_over(w); i++)
		if (!send_record(w, RECORD))
			break;
	sent_some(w);
}

static usec earlier(usec a, usec b)
{
	return a < b ? a : b;
}

/* Until the next sign of life is due, of ours or of theirs. */
static void set_timer(struct wire *w)
{
	usec now = sys_monotonic();

	loop_timer_set(
	    w->timer, earlier(w->said + w->o.alive_every, w->heard + w->o.silence_max) - now);
}

/* Behind what is on its way and what else goes ahead, or at the end. */
static void put_in_queue(struct wire *w, struct outgoing *m)
{
	struct outgoing **at = w->last;

	if (m->ahead)
		for (at = &w->first; *at && ((*at)->sent > 0 || (*at)->ahead);)
			at = &(*at)->next;
	m->next = *at;
	*at = m;
	if (!m->next)
		w->last = &m->next;
}

static enum err queue(struct wire *w, uint16_t type, struct str body, bool ahead)
{
	struct outgoing *m;

	if (body.n > WIRE_BODY_MAX)
		return ERR_LIMIT;
	m = mem_alloc(sizeof(*m) + FRAME_HEADER + body.n);
	frame_header(m->bytes, type, body.n);
	if (body.n > 0)
		memcpy(m->bytes + FRAME_HEADER, body.p, body.n);
	m->n = FRAME_HEADER + body.n;
	m->ahead = ahead;
	put_in_queue(w, m);
	w->queued += m->n;
	w->counts.messages_out++;
	return OK;
}

/* One record of always the same size. When the network does not take it, it is tried again with the
 * next beat: a slow network is seen to be slow, whatever is said over it. */
static void send_beat(struct wire *w)
{
	size_t n = w->o.pace_bytes;

	if (w->queued < n) {
		size_t missing = n - w->queued;
		size_t body = missing > FRAME_HEADER ? missing - FRAME_HEADER : 0;
		char *zeros = mem_alloc(body + 1);

		(void)!queue(w, TYPE_FILLER, (struct str){zeros, body}, false);
		w->counts.fillers_out++;
		w->counts.filled_out += FRAME_HEADER + body;
		mem_free(zeros);
	}
	(void)send_record(w, n);
	if (!is_over(w))
		sent_some(w);
}

static void on_beat(void *ctx)
{
	struct wire *w = ctx;
	usec now = sys_monotonic();

	enter(w);
	if (now - w->next_beat > LATE_MAX)
		w->next_beat = now;
	while (w->next_beat <= now && !is_over(w)) {
		send_beat(w);
		w->next_beat += w->o.pace_every;
	}
	if (!is_over(w))
		loop_timer_set(w->beat, w->next_beat - now);
	watch(w);
	leave(w);
}

static void on_timer(void *ctx)
{
	struct wire *w = ctx;
	usec now = sys_monotonic();

	enter(w);
	if (w->state == CONNECTING) {
		finish(w, WIRE_UNREACHABLE, S("nobody answered in time"));
	} else if (w->state == SHAKING) {
		finish(w, WIRE_NO_TLS, S("the TLS handshake was not finished in time"));
	} else if (w->state == LEAVING) {
		finish(w, WIRE_LEFT, S(""));
	} else if (w->state == TALKING) {
		/* Who does not listen cannot complain of silence. */
		if (w->paused)
			w->heard = now;
		if (now - w->heard >= w->o.silence_max) {
			finish(w, WIRE_SILENT, S("nothing was heard for too long"));
		} else {
			if (now - w->said >= w->o.alive_every && !w->first)
				(void)!queue(w, TYPE_ALIVE, S(""), false);
			w->said = now;
			flush(w);
			if (!is_over(w))
				set_timer(w);
		}
	}
	watch(w);
	leave(w);
}

static void hand_over(struct wire *w, const struct frame *f)
{
	w->counts.messages_in++;
	if (f->type == TYPE_GOODBYE) {
		finish(w, WIRE_REFUSED, str_slice(f->body, 0, WIRE_TEXT_MAX - 1));
	} else if (f->type >= WIRE_TYPE_FIRST) {
		w->o.message(w->o.ctx, w, &(struct wire_message){.type = f->type, .body = f->body});
	} else if (f->type == TYPE_FILLER) {
		w->counts.fillers_in++;
		w->counts.filled_in += FRAME_HEADER + f->body.n;
	} else if (f->type != TYPE_ALIVE || f->body.n > 0) {
		finish(w, WIRE_BROKEN, S("a message of an unknown kind came"));
	}
}

/* Every whole message in the buffer. */
static void deliver(struct wire *w)
{
	size_t at = 0;

	while (w->state == TALKING && !w->paused && !w->dead) {
		struct frame f;
		size_t want;
		enum err rc = frame_read(&f, &want, str_from(buf_str(&w->in), at), w->o.body_max);

		if (rc == ERR_LIMIT)
			finish(w, WIRE_BROKEN, S("a message longer than allowed came"));
		if (rc != OK)
			break;
		at += FRAME_HEADER + f.body.n;
		hand_over(w, &f);
	}
	buf_consume(&w->in, at);
	if (w->in.n == 0 && w->in.cap > KEEP_BYTES)
		buf_free(&w->in);
}

static void become_ready(struct wire *w)
{
	struct fault fault;

	if (tls_link_facts(&w->facts, w->ssl, &fault) != OK) {
		finish(w, WIRE_NO_TLS, str_c(fault.text));
		return;
	}
	w->state = TALKING;
	w->said = w->heard = w->next_beat = sys_monotonic();
	set_timer(w);
	if (w->beat)
		loop_timer_set(w->beat, 0);
	w->o.ready(w->o.ctx, w);
}

static void read_turn(struct wire *w)
{
	char record[RECORD];

	w->wants_write = false;
	for (unsigned i = 0; i < RECORDS_PER_TURN; i++) {
		long n = tls_read(w->ssl, record, sizeof(record));

		if (w->state == SHAKING && n != TLS_OVER && tls_is_ready(w->ssl))
			become_ready(w);
		if (n > 0 && !is_over(w)) {
			w->heard = sys_monotonic();
			w->counts.bytes_in += (uint64_t)n;
			buf_put(&w->in, (struct str){record, (size_t)n});
			deliver(w);
		}
		if (is_over(w) || w->paused || w->state == LEAVING)
			return;
		if (n == TLS_OVER)
			cut_off(w);
		if (n == TLS_WAIT_WRITE)
			w->wants_write = true;
		if (n <= 0)
			return;
	}
	/* What TLS holds already no socket will announce. */
	if (tls_has_pending(w->ssl))
		event_active(w->readable, EV_READ, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct wire *w = ctx;

	(void)fd;
	(void)what;
	enter(w);
	if (w->state == TALKING)
		deliver(w);
	if (!is_over(w) && !w->paused && w->state != LEAVING)
		read_turn(w);
	if (!is_over(w) && w->state != SHAKING)
		flush(w);
	watch(w);
	leave(w);
}

static void on_connected(struct wire *w)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(w->o.fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		error = errno;
	if (error != 0) {
		finish(w, WIRE_UNREACHABLE, str_c(sys_error(error)));
		return;
	}
	w->state = SHAKING;
	read_turn(w);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct wire *w = ctx;

	(void)fd;
	(void)what;
	enter(w);
	if (w->state == CONNECTING)
		on_connected(w);
	else if (!w->paused && w->state != LEAVING && !is_over(w))
		/* A goodbye that is there already is read before writing finds it gone. */
		read_turn(w);
	if (!is_over(w) && w->state != SHAKING && w->state != CONNECTING)
		flush(w);
	watch(w);
	leave(w);
}

static usec or_default(usec value, usec otherwise)
{
	return value > 0 ? value : otherwise;
}

struct wire *wire_new(const struct wire_options *options)
{
	struct ssl_st *ssl = tls_link_session(options->tls, options->fd, options->client);
	struct event_base *base = loop_base(options->loop);
	struct wire *w;

	if (!ssl) {
		close(options->fd);
		return NULL;
	}
	w = mem_alloc(sizeof(*w));
	w->o = *options;
	w->ssl = ssl;
	w->state = options->client ? CONNECTING : SHAKING;
	w->last = &w->first;
	if (w->o.high == 0) {
		w->o.high = HIGH_DEFAULT;
		w->o.low = LOW_DEFAULT;
	}
	w->o.handshake_max = or_default(w->o.handshake_max, HANDSHAKE_MAX);
	w->o.alive_every = or_default(w->o.alive_every, ALIVE_EVERY);
	w->o.silence_max = or_default(w->o.silence_max, SILENCE_MAX);
	buf_init(&w->in, FRAME_HEADER + WIRE_BODY_MAX + RECORD);
	wire_set_body_max(w, options->body_max);
	w->readable = event_new(base, w->o.fd, EV_READ | EV_PERSIST, on_readable, w);
	w->writable = event_new(base, w->o.fd, EV_WRITE | EV_PERSIST, on_writable, w);
	if (!w->readable || !w->writable)
		abort();
	w->timer = loop_timer_new(w->o.loop, on_timer, w);
	if (w->o.pace_bytes > WIRE_PACE_MAX)
		w->o.pace_bytes = WIRE_PACE_MAX;
	if (w->o.pace_bytes > 0)
		w->beat = loop_timer_new(w->o.loop, on_beat, w);
	w->close_task = loop_task_new(w->o.loop, tell_closed, w);
	loop_timer_set(w->timer, w->o.handshake_max);
	watch(w);
	return w;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	w->dead = true;
	if (w->busy == 0)
		release(w);
}

const struct tls_facts *wire_facts(const struct wire *w)
{
	return &w->facts;
}

static enum err put(struct wire *w, const struct wire_message *m, bool ahead)
{
	if (w->state != TALKING || w->dead)
		return ERR_CLOSED;
	TRY(queue(w, m->type, m->body, ahead));
	/* It leaves at the end of this turn, together with what follows it. */
	if (w->busy == 0)
		event_active(w->writable, EV_WRITE, 0);
	return OK;
}

enum err wire_send_always(struct wire *w, const struct wire_message *m)
{
	return put(w, m, false);
}

enum err wire_send_ahead(struct wire *w, const struct wire_message *m)
{
	size_t ahead = 0;

	for (const struct outgoing *o = w->first; o && (o->ahead || o->sent > 0); o = o->next)
		ahead += o->ahead ? o->n : 0;
	return ahead > w->o.high ? ERR_BUSY : put(w, m, true);
}

enum err wire_send(struct wire *w, const struct wire_message *m)
{
	if (w->state == TALKING && w->queued > w->o.high) {
		w->refused = true;
		return ERR_BUSY;
	}
	return wire_send_always(w, m);
}

void wire_close(struct wire *w, struct str reason)
{
	if (is_over(w) || w->state == LEAVING)
		return;
	if (w->state != TALKING) {
		finish(w, WIRE_LEFT, reason);
		return;
	}
	w->end = WIRE_LEFT;
	(void)snprintf(w->text, sizeof(w->text), "%.*s", STR_ARG(reason));
	(void)!queue(w, TYPE_GOODBYE, str_slice(reason, 0, WIRE_TEXT_MAX - 1), false);
	w->state = LEAVING;
	loop_timer_set(w->timer, LEAVE_MAX);
	watch(w);
	event_active(w->writable, EV_WRITE, 0);
}

void wire_set_body_max(struct wire *w, size_t body_max)
{
	w->o.body_max = body_max > 0 && body_max < WIRE_BODY_MAX ? body_max : WIRE_BODY_MAX;
}

void wire_pause(struct wire *w, bool pause)
{
	if (w->paused == pause || is_over(w))
		return;
	w->paused = pause;
	w->heard = sys_monotonic();
	watch(w);
	/* Whole messages may be waiting in the buffer, which no event will announce. */
	if (!pause && w->state == TALKING)
		event_active(w->readable, EV_READ, 0);
}

size_t wire_queued(const struct wire *w)
{
	return w->queued;
}

struct wire_counts wire_counts(const struct wire *w)
{
	return w->counts;
}

enum wire_end wire_ended(const struct wire *w, struct str *text)
{
	if (text)
		*text = str_c(w->text);
	return w->state == ENDED ? w->end : WIRE_OPEN;
}
