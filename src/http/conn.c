/* SPDX-License-Identifier: Apache-2.0 */
/* One connection as a state machine over a non-blocking socket. TLS is driven directly (not through
 * libevent's buffers), so that an answer leaves in the turn that made it. */
#include "http/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypt/tls.h"

enum {
	RECORD = 16 << 10,                           /* the most that one TLS record holds */
	IN_MAX = HTTP_HEADER_BYTES_MAX + 2 * RECORD, /* received, not yet understood */
	TURNS_MAX = 64,    /* requests or reads before others get a turn */
	RECORDS_MAX = 256, /* and records sent */
	COPIED_MAX = 64 << 20,
	LINGER_BYTES_MAX = 64 << 20,
};

/* Here a result is bytes moved; 0 when it would wait; -1 when the connection is over. */
static long tls_result(struct http_conn *c, long n)
{
	if (n == TLS_WAIT_WRITE)
		c->io_wants_write = true;
	return n >= 0 ? n : n == TLS_OVER ? -1 : 0;
}

static long socket_result(ssize_t n)
{
	if (n > 0)
		return (long)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static long io_read(struct http_conn *c, char *to, size_t room)
{
	return c->ssl ? tls_result(c, tls_read(c->ssl, to, room))
	              : socket_result(recv(c->fd, to, room, 0));
}

static long io_write(struct http_conn *c, const char *from, size_t n)
{
	return c->ssl ? tls_result(c, tls_write(c->ssl, from, n))
	              : socket_result(send(c->fd, from, n, MSG_NOSIGNAL));
}

static void arm(struct http_conn *c, bool read, bool write, const struct timeval *timeout)
{
	if (read != c->reading || (read && timeout != c->timeout)) {
		if (read)
			(void)event_add(c->read_event, timeout);
		else
			(void)event_del(c->read_event);
		c->reading = read;
		c->timeout = timeout;
	}
	if (write != c->writing) {
		if (write)
			(void)event_add(c->write_event, c->server->idle);
		else
			(void)event_del(c->write_event);
		c->writing = write;
	}
}

void conn_watch(struct http_conn *c)
{
	const struct http_server *s = c->server;
	bool sending = out_left(&c->out) > 0;

	switch (c->state) {
	case CONN_HEAD:
	case CONN_BODY:
		arm(c, !sending, sending || c->io_wants_write, s->idle);
		break;
	case CONN_BUSY:
		arm(c, false, sending, s->idle);
		break;
	case CONN_STREAM:
		arm(c, true, sending, NULL);
		break;
	case CONN_LINGER:
		arm(c, true, false, s->linger);
		break;
	}
}

enum step {
	STEP_ON,   /* done; there may be more to do */
	STEP_WAIT, /* for the socket, or for the handler */
	STEP_GONE, /* closed: c is no more */
};

static enum step gone(struct http_conn *c)
{
	conn_close(c);
	return STEP_GONE;
}

static enum step flush(struct http_conn *c)
{
	char record[RECORD];

	for (unsigned i = 0; i < RECORDS_MAX && out_left(&c->out); i++) {
		size_t n = out_gather(&c->out, record, sizeof(record));
		long sent = io_write(c, record, n);

		if (sent < 0)
			return gone(c);
		if (sent == 0)
			return STEP_WAIT;
		out_sent(&c->out, (size_t)sent);
	}
	return out_left(&c->out) ? STEP_WAIT : STEP_ON;
}

static enum step receive(struct http_conn *c)
{
	char bytes[RECORD];
	long limit = c->state == CONN_HEAD ? HTTP_HEAD_SECONDS : HTTP_BODY_SECONDS;
	bool starting = c->state == CONN_HEAD && c->in.n == 0;
	bool shaking = c->ssl && !tls_is_ready(c->ssl);
	long now = server_now(c->server);
	long n;

	c->io_wants_write = false;
	n = io_read(c, bytes, sizeof(bytes));
	if (shaking && c->server->options.tls12 && tls_is_ready(c->ssl) && tls_is_12(c->ssl))
		c->server->options.tls12(c->server->options.ctx);
	if (n > 0 && starting)
		c->started = now;
	if (n < 0 || ((n > 0 || shaking) && now - c->started > limit))
		return gone(c);
	if (n == 0)
		return STEP_WAIT;
	buf_put(&c->in, (struct str){bytes, (size_t)n});
	return STEP_ON;
}

static void refuse(struct http_conn *c, int status)
{
	c->unread = true;
	c->last = true;
	reply_refuse(c, status);
	c->state = CONN_HEAD;
}

static void dispatch(struct http_conn *c)
{
	c->state = CONN_BUSY;
	c->server->options.handler(c->server->options.ctx, &c->rq);
}

/* Both return true when something was done and there may be more to do. */
static bool advance_body(struct http_conn *c)
{
	struct http_request *rq = &c->rq;
	size_t used = 0;

	if (rq->head.chunked) {
		switch (http_chunks_feed(&rq->chunks, buf_str(&c->in), &rq->body, &used)) {
		case HTTP_CHUNKS_MORE:
			buf_consume(&c->in, used);
			return false;
		case HTTP_CHUNKS_DONE:
			buf_consume(&c->in, used);
			dispatch(c);
			return true;
		case HTTP_CHUNKS_BIG:
			refuse(c, 413);
			return true;
		case HTTP_CHUNKS_BAD:
			refuse(c, 400);
			return true;
		}
	}
	used = (size_t)rq->head.length - rq->body.n;
	used = used < c->in.n ? used : c->in.n;
	buf_put(&rq->body, str_slice(buf_str(&c->in), 0, used));
	buf_consume(&c->in, used);
	if (rq->body.failed != OK) {
		refuse(c, 413);
		return true;
	}
	if (rq->body.n < rq->head.length)
		return false;
	dispatch(c);
	return true;
}

static bool advance_head(struct http_conn *c)
{
	struct http_request *rq = &c->rq;
	size_t body_max = c->server->options.body_max;
	struct str block;
	size_t end;
	int status;

	while (str_starts(buf_str(&c->in), S("\r\n")))
		buf_consume(&c->in, 2);
	end = http_head_end(buf_str(&c->in), c->scanned);
	c->scanned = c->in.n;
	if (end > HTTP_HEADER_BYTES_MAX || (!end && c->in.n > HTTP_HEADER_BYTES_MAX)) {
		refuse(c, 431);
		return true;
	}
	if (!end)
		return false;
	block = arena_str(rq->arena, str_slice(buf_str(&c->in), 0, end));
	buf_consume(&c->in, end);
	c->scanned = 0;
	rq->head = (struct http_head){.fields = rq->fields, .fields_max = HTTP_HEADERS_MAX};
	status = block.p ? http_head_parse(&rq->head, block) : 503;
	if (!status && !rq->head.chunked && rq->head.length > body_max)
		status = 413;
	if (status) {
		refuse(c, status);
		return true;
	}
	c->last = !rq->head.keep_alive;
	c->started = server_now(c->server);
	c->state = CONN_BODY;
	rq->chunks = (struct http_chunks){0};
	if (rq->head.wait_continue && c->in.n == 0 && (rq->head.chunked || rq->head.length))
		buf_put(&c->out.head, S("HTTP/1.1 100 Continue\r\n\r\n"));
	return true;
}

static enum step finish(struct http_conn *c)
{
	if (c->ssl)
		tls_say_goodbye(c->ssl);
	if (!c->unread)
		return gone(c);
	/* Closing now would reset the connection and destroy the answer on its way. */
	(void)shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGER;
	return STEP_WAIT;
}

/* Between requests the loop tells when there is more; asking the socket again costs a call. */
static bool idle(const struct http_conn *c)
{
	return c->state == CONN_HEAD && c->in.n == 0 && !(c->ssl && tls_has_pending(c->ssl));
}

static enum step advance(struct http_conn *c, unsigned turn)
{
	enum step step = flush(c);

	if (step != STEP_ON)
		return step;
	if (c->state == CONN_HEAD && c->last)
		return finish(c);
	if (c->state == CONN_BODY ? advance_body(c) : c->state == CONN_HEAD && advance_head(c))
		return STEP_ON;
	if (c->state > CONN_BODY || (turn > 0 && idle(c)))
		return STEP_WAIT;
	return receive(c);
}

void conn_pump(struct http_conn *c)
{
	enum step step = STEP_ON;

	c->pumping = true;
	for (unsigned turn = 0; turn < TURNS_MAX && step == STEP_ON; turn++)
		step = advance(c, turn);
	if (step == STEP_GONE)
		return;
	c->pumping = false;
	conn_watch(c);
	if (step == STEP_ON)
		event_active(c->read_event, EV_READ, 0);
}

void conn_answered(struct http_conn *c)
{
	struct http_request *rq = &c->rq;

	arena_reset(rq->arena);
	buf_free(&rq->body);
	buf_reset(&rq->headers);
	c->state = CONN_HEAD;
	if (!c->pumping)
		conn_pump(c);
}

/* The answer is out and the client is still sending: read it away, to an end. */
static void drain(struct http_conn *c)
{
	char bytes[RECORD];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);

	if (n > 0)
		c->lingered += (size_t)n;
	if ((n <= 0 && socket_result(n) < 0) || c->lingered > LINGER_BYTES_MAX)
		conn_close(c);
}

/* Nothing is expected of a stream's reader but that it leaves. */
static void watch_reader(struct http_conn *c)
{
	char bytes[512];
	long n = io_read(c, bytes, sizeof(bytes));

	if (n < 0)
		conn_close(c);
}

static void on_read(evutil_socket_t fd, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)fd;
	if (what & EV_TIMEOUT) {
		conn_close(c);
	} else if (c->state == CONN_LINGER) {
		drain(c);
	} else if (c->state == CONN_STREAM) {
		watch_reader(c);
	} else {
		conn_pump(c);
	}
}

static void on_write(evutil_socket_t fd, short what, void *ctx)
{
	struct http_conn *c = ctx;

	(void)fd;
	if (what & EV_TIMEOUT)
		conn_close(c);
	else
		conn_pump(c);
}

static void name_peer(struct http_conn *c, const struct sockaddr_storage *peer)
{
	const void *address = NULL;

	if (peer->ss_family == AF_INET)
		address = &((const struct sockaddr_in *)peer)->sin_addr;
	else if (peer->ss_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)peer)->sin6_addr;
	if (!address || !inet_ntop(peer->ss_family, address, c->peer, sizeof(c->peer)))
		c->peer[0] = '\0';
}

void conn_open(struct http_server *s, int fd, const struct sockaddr_storage *peer)
{
	struct http_conn *c = mem_alloc(sizeof(*c));

	*c = (struct http_conn){.server = s, .fd = fd, .older = s->newest};
	name_peer(c, peer);
	buf_init(&c->in, IN_MAX);
	out_init(&c->out, COPIED_MAX);
	c->rq.conn = c;
	c->rq.arena = arena_new(HTTP_ARENA_MAX);
	buf_init(&c->rq.body, s->options.body_max);
	buf_init(&c->rq.headers, HTTP_HEADER_BYTES_MAX);
	c->read_event = event_new(s->options.base, fd, EV_READ | EV_PERSIST, on_read, c);
	c->write_event = event_new(s->options.base, fd, EV_WRITE | EV_PERSIST, on_write, c);
	if (s->newest)
		s->newest->newer = c;
	s->newest = c;
	s->count++;
	if (s->options.tls)
		c->ssl = tls_accept(s->options.tls, fd);
	if (!c->read_event || !c->write_event || (s->options.tls && !c->ssl)) {
		conn_close(c);
		return;
	}
	c->started = server_now(s);
	conn_watch(c);
}

void conn_close(struct http_conn *c)
{
	struct http_server *s = c->server;

	if (c->state == CONN_STREAM && c->rq.closed)
		c->rq.closed(c->rq.closed_ctx);
	if (c->read_event)
		event_free(c->read_event);
	if (c->write_event)
		event_free(c->write_event);
	tls_session_free(c->ssl);
	(void)close(c->fd);
	if (c->newer)
		c->newer->older = c->older;
	else
		s->newest = c->older;
	if (c->older)
		c->older->newer = c->newer;
	s->count--;
	buf_free(&c->in);
	out_free(&c->out);
	arena_free(c->rq.arena);
	buf_free(&c->rq.body);
	buf_free(&c->rq.headers);
	mem_free(c);
	server_resume(s);
}
