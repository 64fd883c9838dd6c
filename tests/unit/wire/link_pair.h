/* SPDX-License-Identifier: Apache-2.0 */
/* Two wires on one loop, joined by a TCP connection over loopback, each with a certificate of its
 * own; and what each has seen. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypt/cert.h"
#include "sys/address.h"
#include "sys/listen.h"
#include "wire/wire.h"

struct side {
	struct loop *loop;
	struct ssl_ctx_st *tls;
	struct sha256 cert;
	struct wire *wire;
	size_t messages, bytes, drained, readies;
	size_t stop_at; /* stops the loop after so many messages */
	bool ready, closed;
	bool stop_when_ready;
	enum wire_end end;
	char text[WIRE_TEXT_MAX];
};

struct pair {
	struct loop *loop;
	struct arena *arena;
	int listener;
	char url[LISTEN_URL_MAX];
	struct side server, client;
};

static void pair_ready(void *ctx, struct wire *w)
{
	struct side *s = ctx;

	(void)w;
	s->readies++;
	s->ready = true;
	if (s->stop_when_ready)
		loop_stop(s->loop);
}

static void pair_message(void *ctx, struct wire *w, const struct wire_message *m)
{
	struct side *s = ctx;

	(void)w;
	assert_int_equal(m->type, WIRE_TYPE_FIRST + s->messages % 7);
	for (size_t i = 0; i < m->body.n; i += 997)
		assert_int_equal(m->body.p[i], (char)(s->messages + i));
	s->messages++;
	s->bytes += m->body.n;
	if (s->messages == s->stop_at)
		loop_stop(s->loop);
}

static void pair_drained(void *ctx, struct wire *w)
{
	struct side *s = ctx;

	(void)w;
	s->drained++;
}

static void pair_closed(void *ctx, struct wire *w)
{
	struct side *s = ctx;
	struct str text;

	assert_false(s->closed);
	s->closed = true;
	s->end = wire_ended(w, &text);
	(void)snprintf(s->text, sizeof(s->text), "%.*s", STR_ARG(text));
	loop_stop(s->loop);
}

static void side_open(struct side *s, struct pair *p, const char *name, bool classical)
{
	const struct str hosts[] = {S("localhost")};
	const struct cert_request request = {.name = str_c(name),
	    .hosts = hosts,
	    .host_count = 1,
	    .not_before = INT64_C(1700000000) * USEC_PER_SEC,
	    .days = 3650};
	struct tls_link_options o = {.classical = classical};

	*s = (struct side){.loop = p->loop};
	assert_int_equal(cert_make(&o.cert_pem, &o.key_pem, p->arena, &request, NULL), OK);
	assert_int_equal(cert_fingerprint(&s->cert, o.cert_pem, NULL), OK);
	assert_int_equal(tls_link_new(&s->tls, &o, NULL), OK);
}

static struct wire_options side_options(struct side *s, int fd)
{
	return (struct wire_options){.loop = s->loop,
	    .tls = s->tls,
	    .fd = fd,
	    .ready = pair_ready,
	    .message = pair_message,
	    .drained = pair_drained,
	    .closed = pair_closed,
	    .ctx = s};
}

static struct str pair_address(const struct pair *p)
{
	return str_slice(str_c(p->url), strlen("https://"), strlen(p->url) - 1);
}

/* A TCP connection: *out is the accepted end, the result the dialled one. */
static int pair_sockets(const struct pair *p, int *out)
{
	int fd;

	assert_int_equal(address_dial(&fd, pair_address(p), NULL), OK);
	do {
		*out = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (*out < 0);
	return fd;
}

static void pair_open(struct pair *p, bool server_classical, bool client_classical)
{
	*p = (struct pair){.arena = arena_new(1 << 20)};
	assert_int_equal(loop_new(&p->loop, NULL), OK);
	assert_int_equal(listen_tcp(&p->listener, p->url, S("127.0.0.1:0"), NULL), OK);
	side_open(&p->server, p, "server", server_classical);
	side_open(&p->client, p, "client", client_classical);
}

static void pair_connect(struct pair *p, const struct wire_options *how)
{
	struct wire_options o = side_options(&p->server, -1);
	int fd = pair_sockets(p, &o.fd);

	o.body_max = how->body_max;
	o.high = how->high;
	o.low = how->low;
	o.alive_every = how->alive_every;
	o.silence_max = how->silence_max;
	o.pace_bytes = how->pace_bytes;
	o.pace_every = how->pace_every;
	p->server.wire = wire_new(&o);
	o.client = true;
	o.fd = fd;
	o.ctx = &p->client;
	o.loop = p->client.loop;
	o.tls = p->client.tls;
	p->client.wire = wire_new(&o);
	p->server.stop_when_ready = p->client.stop_when_ready = true;
	while (!(p->server.ready && p->client.ready) && !p->server.closed && !p->client.closed)
		assert_int_equal(loop_run(p->loop, NULL), OK);
	p->server.stop_when_ready = p->client.stop_when_ready = false;
}

static void pair_free(struct pair *p)
{
	wire_free(p->server.wire);
	wire_free(p->client.wire);
	tls_link_free(p->server.tls);
	tls_link_free(p->client.tls);
	close(p->listener);
	loop_free(p->loop);
	arena_free(p->arena);
}

/* The message that pair_message expects as the nth. */
static enum err side_send_by(struct side *s, size_t nth, size_t n,
    enum err (*send)(struct wire *w, const struct wire_message *m))
{
	char *body = mem_alloc(n + 1);
	enum err rc;

	for (size_t i = 0; i < n; i++)
		body[i] = (char)(nth + i);
	rc = send(s->wire, &(struct wire_message){
	                       .type = (uint16_t)(WIRE_TYPE_FIRST + nth % 7), .body = {body, n}});
	mem_free(body);
	return rc;
}

static enum err side_send(struct side *s, size_t nth, size_t n)
{
	return side_send_by(s, nth, n, wire_send);
}

/* Until this side knows that the wire has ended. */
static void run_until_closed(struct side *s)
{
	while (!s->closed)
		assert_int_equal(loop_run(s->loop, NULL), OK);
}
