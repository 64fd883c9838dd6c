/* SPDX-License-Identifier: Apache-2.0 */
#include "http/fetch.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "crypt/tls.h"
#include "crypt/tls_client.h"
#include "http/head.h"
#include "http/text.h"
#include "sys/address.h"

enum { ARENA_MAX = 64 << 10, REQUEST_MAX = 32 << 10, RECORD = 16 << 10, FIELDS_MAX = 64 };

enum fetch_state { CONNECTING, SENDING, HEAD, BODY };

struct http_fetch {
	struct http_fetch_options o;
	struct arena *arena;
	struct http_url url;
	char host[HTTP_HOST_MAX + 1];
	struct str addresses[ADDRESSES_MAX];
	size_t address_count, address; /* the one that is tried */
	int fd;
	struct ssl_st *ssl;
	struct event *readable, *writable;
	struct loop_timer *timer;
	struct loop_task *task; /* tells how it ended */
	enum fetch_state state;
	struct buf request, in, body;
	size_t sent;
	struct http_head head;
	struct http_field fields[FIELDS_MAX];
	struct http_chunks chunks;
	unsigned status;
	bool ended;
	enum err rc;
	char text[HTTP_FETCH_PROBLEM_MAX];
};

static void hang_up(struct http_fetch *f)
{
	if (f->readable)
		event_free(f->readable);
	if (f->writable)
		event_free(f->writable);
	f->readable = f->writable = NULL;
	tls_session_free(f->ssl);
	f->ssl = NULL;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void http_fetch_cancel(struct http_fetch *f)
{
	if (!f)
		return;
	hang_up(f);
	loop_timer_free(f->timer);
	loop_task_free(f->task);
	if (f->request.p)
		explicit_bzero(f->request.p, f->request.n);
	buf_free(&f->request);
	buf_free(&f->in);
	buf_free(&f->body);
	arena_free(f->arena);
	mem_free(f);
}

static void tell(void *ctx)
{
	struct http_fetch *f = ctx;
	const struct http_fetch_answer a = {.status = f->status, .body = buf_str(&f->body)};

	f->o.done(f->o.ctx, f->rc, f->rc == OK ? &a : NULL, str_c(f->text));
	http_fetch_cancel(f);
}

/* The first end counts; it is told from the loop. */
static void end(struct http_fetch *f, enum err rc, const char *text)
{
	if (f->ended)
		return;
	f->ended = true;
	f->rc = rc;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
	hang_up(f);
	loop_timer_clear(f->timer);
	loop_task_run(f->task);
}

static void cut_off(struct http_fetch *f)
{
	char problem[HTTP_FETCH_PROBLEM_MAX];
	bool shaken = f->ssl && tls_is_ready(f->ssl);

	/* Without a length the answer ends where the connection does. */
	if (f->state == BODY && !f->head.chunked && !f->head.has_length) {
		end(f, OK, "");
		return;
	}
	tls_client_problem(f->ssl, problem, sizeof(problem));
	end(f, shaken ? ERR_IO : ERR_DENIED, problem);
}

static void begin_body(struct http_fetch *f, size_t head_n)
{
	buf_consume(&f->in, head_n);
	f->state = BODY;
	f->chunks = (struct http_chunks){0};
	if (f->head.has_length && f->head.length > f->o.body_max)
		end(f, ERR_LIMIT, "its answer is too large");
}

static void advance_head(struct http_fetch *f)
{
	size_t head_n = http_head_end(buf_str(&f->in), 0);
	struct str block;

	if (head_n == 0) {
		if (f->in.n > HTTP_FETCH_HEAD_MAX)
			end(f, ERR_LIMIT, "the head of its answer is too large");
		return;
	}
	block = arena_str(f->arena, str_slice(buf_str(&f->in), 0, head_n));
	f->head = (struct http_head){.fields = f->fields, .fields_max = FIELDS_MAX};
	if (head_n > HTTP_FETCH_HEAD_MAX || !block.p)
		end(f, ERR_LIMIT, "the head of its answer is too large");
	else if (!http_answer_parse(&f->head, &f->status, block) || f->status < 200)
		end(f, ERR_PARSE, "its answer is no HTTP/1.1");
	else
		begin_body(f, head_n);
}

static void advance_body(struct http_fetch *f)
{
	struct str in = buf_str(&f->in);
	size_t used = in.n;

	if (f->head.chunked) {
		switch (http_chunks_feed(&f->chunks, in, &f->body, &used)) {
		case HTTP_CHUNKS_MORE:
			break;
		case HTTP_CHUNKS_DONE:
			end(f, OK, "");
			return;
		case HTTP_CHUNKS_BIG:
			end(f, ERR_LIMIT, "its answer is too large");
			return;
		case HTTP_CHUNKS_BAD:
			end(f, ERR_PARSE, "its answer is no HTTP/1.1");
			return;
		}
	} else {
		size_t left = f->head.has_length ? (size_t)f->head.length - f->body.n : used;

		used = used < left ? used : left;
		buf_put(&f->body, str_slice(in, 0, used));
	}
	buf_consume(&f->in, used);
	if (f->body.failed != OK)
		end(f, ERR_LIMIT, "its answer is too large");
	else if (f->head.has_length && f->body.n == f->head.length)
		end(f, OK, "");
}

static void receive(struct http_fetch *f)
{
	char bytes[RECORD];

	while (!f->ended) {
		long n = tls_read(f->ssl, bytes, sizeof(bytes));

		if (n == TLS_OVER)
			cut_off(f);
		if (n <= 0)
			return;
		buf_put(&f->in, (struct str){bytes, (size_t)n});
		if (f->state == SENDING)
			f->state = HEAD;
		if (f->state == HEAD)
			advance_head(f);
		if (!f->ended && f->state == BODY)
			advance_body(f);
	}
}

static void send_request(struct http_fetch *f)
{
	while (!f->ended && f->state == SENDING && f->sent < f->request.n) {
		struct str rest = str_from(buf_str(&f->request), f->sent);
		long n = tls_write(f->ssl, rest.p, rest.n);

		if (n == TLS_OVER)
			cut_off(f);
		if (n <= 0) {
			if (n == TLS_WAIT_WRITE)
				(void)event_add(f->writable, NULL);
			return;
		}
		f->sent += (size_t)n;
	}
	if (!f->ended && f->state == SENDING)
		f->state = HEAD;
}

static void try_next(struct http_fetch *f);

static void connected(struct http_fetch *f)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
		hang_up(f);
		try_next(f);
		return;
	}
	f->ssl = tls_client_session(f->o.tls, f->fd, f->host);
	if (!f->ssl) {
		end(f, ERR_NOMEM, "no memory for TLS");
		return;
	}
	f->state = SENDING;
	(void)event_add(f->readable, NULL);
	send_request(f);
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct http_fetch *f = ctx;

	(void)fd;
	if ((what & EV_WRITE) && f->state != CONNECTING)
		(void)event_del(f->writable);
	if (f->state == CONNECTING) {
		(void)event_del(f->writable);
		connected(f);
		return;
	}
	if (f->state == SENDING)
		send_request(f);
	if (!f->ended && f->state >= HEAD)
		receive(f);
}

static void try_next(struct http_fetch *f)
{
	while (f->address < f->address_count) {
		struct str address = f->addresses[f->address++];

		if (address_dial(&f->fd, address, NULL) != OK) {
			f->fd = -1;
			continue;
		}
		f->readable =
		    event_new(loop_base(f->o.loop), f->fd, EV_READ | EV_PERSIST, on_event, f);
		f->writable =
		    event_new(loop_base(f->o.loop), f->fd, EV_WRITE | EV_PERSIST, on_event, f);
		if (f->readable && f->writable)
			(void)event_add(f->writable, NULL);
		else
			end(f, ERR_NOMEM, "no memory for a connection");
		return;
	}
	end(f, ERR_IO, "nobody answers at its address");
}

static void on_timer(void *ctx)
{
	struct http_fetch *f = ctx;

	end(f, ERR_IO,
	    f->state == CONNECTING ? "nobody answered in time" : "it did not answer in time");
}

static void write_request(struct http_fetch *f)
{
	const struct http_fetch_options *o = &f->o;
	struct buf *out = &f->request;

	buf_put(out, o->form.p ? S("POST ") : S("GET "));
	buf_put(out, f->url.target);
	buf_put(out, S(" HTTP/1.1\r\nHost: "));
	buf_put(out, f->url.authority);
	buf_put(out, S("\r\nAccept: application/json\r\nConnection: close\r\n"));
	if (o->authorization.p) {
		buf_put(out, S("Authorization: "));
		buf_put(out, o->authorization);
		buf_put(out, S("\r\n"));
	}
	if (o->form.p)
		buf_printf(out,
		    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
		    o->form.n);
	buf_put(out, S("\r\n"));
	buf_put(out, o->form);
}

static enum err prepare(struct http_fetch *f, struct fault *fault)
{
	struct str copy = arena_str(f->arena, f->o.url);
	struct str place;

	if (!copy.p || http_url_parse(&f->url, copy) != OK)
		return fail(fault, ERR_PARSE, "not an address like https://HOST/PATH");
	(void)snprintf(f->host, sizeof(f->host), "%.*s", STR_ARG(f->url.host));
	place =
	    arena_printf(f->arena, str_find(f->url.host, ':') < f->url.host.n ? "[%s]:%u" : "%s:%u",
	        f->host, (unsigned)f->url.port);
	write_request(f);
	if (!place.p || f->request.failed != OK)
		return fail(fault, ERR_LIMIT, "the question would be too large");
	return address_resolve_all(f->addresses, &f->address_count, f->arena, place, fault);
}

enum err http_fetch_start(
    struct http_fetch **out, const struct http_fetch_options *options, struct fault *fault)
{
	struct http_fetch *f = mem_alloc(sizeof(*f));
	enum err rc;

	*f = (struct http_fetch){.o = *options, .fd = -1, .arena = arena_new(ARENA_MAX)};
	buf_init(&f->request, REQUEST_MAX);
	buf_init(&f->in, (size_t)HTTP_FETCH_HEAD_MAX + 2 * RECORD);
	buf_init(&f->body, options->body_max);
	rc = prepare(f, fault);
	if (rc != OK) {
		http_fetch_cancel(f);
		return rc;
	}
	f->timer = loop_timer_new(options->loop, on_timer, f);
	f->task = loop_task_new(options->loop, tell, f);
	loop_timer_set(f->timer, options->time_max);
	try_next(f);
	*out = f;
	return OK;
}
