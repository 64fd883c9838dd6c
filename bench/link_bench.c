/* SPDX-License-Identifier: Apache-2.0 */
/* Times the handshake of a link, hybrid post-quantum and classical, and what a link carries: both
 * sides in this process, over loopback, on processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypt/cert.h"
#include "sys/address.h"
#include "sys/listen.h"
#include "wire/wire.h"

enum { HANDSHAKES = 400, MESSAGES = 256, MESSAGE_BYTES = 1 << 20 };

struct bench {
	struct loop *loop;
	struct ssl_ctx_st *tls;
	int listener;
	char url[LISTEN_URL_MAX];
	unsigned ready;
	unsigned received;
	bool blocked;
};

static void need(enum err rc)
{
	if (rc != OK)
		abort();
}

/* Processor time: other programs on the machine do not count. */
static double seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void on_ready(void *ctx, struct wire *w)
{
	struct bench *b = ctx;

	(void)w;
	if (++b->ready == 2)
		loop_stop(b->loop);
}

static void on_message(void *ctx, struct wire *w, const struct wire_message *m)
{
	struct bench *b = ctx;

	(void)w;
	(void)m;
	if (++b->received == MESSAGES)
		loop_stop(b->loop);
}

static void on_drained(void *ctx, struct wire *w)
{
	struct bench *b = ctx;

	(void)w;
	b->blocked = false;
	loop_stop(b->loop);
}

static void on_closed(void *ctx, struct wire *w)
{
	(void)ctx;
	(void)w;
	abort();
}

static void open_tls(struct bench *b, bool classical)
{
	const struct str hosts[] = {S("localhost")};
	const struct cert_request request = {.name = S("bench"),
	    .hosts = hosts,
	    .host_count = 1,
	    .not_before = INT64_C(1700000000) * USEC_PER_SEC,
	    .days = 3650};
	struct tls_link_options o = {.classical = classical};
	struct arena *arena = arena_new(1 << 20);

	need(cert_make(&o.cert_pem, &o.key_pem, arena, &request, NULL));
	need(tls_link_new(&b->tls, &o, NULL));
	arena_free(arena);
}

static void connect_pair(struct bench *b, struct wire *pair[2])
{
	struct str url = str_c(b->url);
	struct wire_options o = {.loop = b->loop,
	    .tls = b->tls,
	    .client = true,
	    .ready = on_ready,
	    .message = on_message,
	    .drained = on_drained,
	    .closed = on_closed,
	    .ctx = b};

	need(address_dial(&o.fd, str_slice(url, strlen("https://"), url.n - 1), NULL));
	pair[0] = wire_new(&o);
	o.client = false;
	do {
		o.fd = accept4(b->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (o.fd < 0);
	pair[1] = wire_new(&o);
	b->ready = 0;
	need(loop_run(b->loop, NULL));
}

/* Milliseconds of both sides together, a handshake. */
static double handshakes(struct bench *b, bool classical)
{
	struct wire *pair[2];
	double start;

	open_tls(b, classical);
	start = seconds();
	for (int i = 0; i < HANDSHAKES; i++) {
		connect_pair(b, pair);
		if (wire_facts(pair[0])->post_quantum == classical)
			abort();
		wire_free(pair[0]);
		wire_free(pair[1]);
	}
	start = (seconds() - start) / (double)HANDSHAKES * 1e3;
	tls_link_free(b->tls);
	return start;
}

/* Megabytes a second of processor time, both sides together. */
static double carry(struct bench *b)
{
	char *body = mem_alloc(MESSAGE_BYTES);
	const struct wire_message m = {WIRE_TYPE_FIRST, {body, MESSAGE_BYTES}};
	struct wire *pair[2];
	unsigned sent = 0;
	double start;

	open_tls(b, false);
	connect_pair(b, pair);
	start = seconds();
	while (b->received < MESSAGES) {
		while (sent < MESSAGES && !b->blocked) {
			b->blocked = wire_send(pair[0], &m) != OK;
			sent += !b->blocked;
		}
		need(loop_run(b->loop, NULL));
	}
	start = seconds() - start;
	wire_free(pair[0]);
	wire_free(pair[1]);
	tls_link_free(b->tls);
	mem_free(body);
	return (double)MESSAGES * (double)MESSAGE_BYTES / 1e6 / start;
}

int main(void)
{
	struct bench b = {0};
	double hybrid, classical;

	need(loop_new(&b.loop, NULL));
	need(listen_tcp(&b.listener, b.url, S("127.0.0.1:0"), NULL));
	(void)handshakes(&b, true); /* warms up what is made once */
	classical = handshakes(&b, true);
	hybrid = handshakes(&b, false);
	(void)printf(
	    "Post-quantum handshake of a link, beyond a classical one\t%.2f ms\t< 1 ms\t-\t"
	    "X25519MLKEM768 %.2f ms, X25519 %.2f ms of processor, both sides together\n",
	    hybrid - classical, hybrid, classical);
	(void)printf("Bytes over a link\t%.0f MB/s\t-\t-\tboth sides on one core, TLS included\n",
	    carry(&b));
	close(b.listener);
	loop_free(b.loop);
	return 0;
}
