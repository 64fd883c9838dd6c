/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets in one thread: the test writes to its end, then turns the loop until
 * the answer it waits for is there. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "crypt/cert.h"
#include "crypt/tls.h"
#include "http/server.h"

enum { BODY_MAX = 1 << 20, PAGE = 3 << 20, CONNECTIONS = 8 };

struct fixture {
	struct event_base *base;
	struct http_server *server;
	struct sockaddr_in address;
	struct http_request *held; /* answered later by the test */
	struct http_request *stream;
	int closed;
	int requests;
	char *page;
};

static void on_closed(void *ctx)
{
	((struct fixture *)ctx)->closed++;
	((struct fixture *)ctx)->stream = NULL;
}

static void handle(void *ctx, struct http_request *rq)
{
	struct fixture *f = ctx;
	struct str path = http_path(rq);

	f->requests++;
	if (str_eq(path, S("/later"))) {
		f->held = rq;
	} else if (str_eq(path, S("/stream"))) {
		f->stream = rq;
		assert_int_equal(http_stream_start(rq, on_closed, f), OK);
	} else if (str_eq(path, S("/page"))) {
		for (size_t at = 0; at < PAGE; at += 1000) {
			struct str all = {f->page, PAGE};

			http_reply_ref(rq, str_slice(all, at, at + 900));
			http_reply_add(rq, str_slice(all, at + 900, at + 1000));
		}
		http_reply_send(rq, 200);
	} else {
		http_set(rq, "X-Path", path);
		http_set(rq, "X-Bad", S("a\r\nInjected: b"));
		http_reply_add(rq, S("body:"));
		http_reply_add(rq, http_body(rq));
		http_reply_send(rq, 200);
	}
}

static int listen_fd(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(*address);

	*address = (struct sockaddr_in){.sin_family = AF_INET};
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &n), 0);
	return fd;
}

static int start(void **state, struct ssl_ctx_st *tls)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct http_server_options options = {.tls = tls,
	    .body_max = BODY_MAX,
	    .connections_max = CONNECTIONS,
	    .handler = handle,
	    .ctx = f};

	f->page = test_malloc(PAGE);
	for (size_t i = 0; i < PAGE; i++)
		f->page[i] = (char)('a' + i % 23);
	f->base = options.base = event_base_new();
	options.listen_fd = listen_fd(&f->address);
	assert_int_equal(http_server_new(&f->server, &options, NULL), OK);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return start(state, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_server_free(f->server);
	event_base_free(f->base);
	test_free(f->page);
	test_free(f);
	return 0;
}

static int dial(struct fixture *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&f->address, sizeof(f->address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void turn(struct fixture *f)
{
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
}

/* Sends all and reads until `until` is at the end of what came, or the server closed. */
static void talk(struct fixture *f, int fd, struct str send_all, struct buf *in, struct str until)
{
	for (int i = 0; i < 2000000; i++) {
		char bytes[65536];
		ssize_t n = send_all.n ? send(fd, send_all.p, send_all.n, MSG_NOSIGNAL) : 0;

		if (n > 0)
			send_all = str_from(send_all, (size_t)n);
		turn(f);
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n > 0)
			buf_put(in, (struct str){bytes, (size_t)n});
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return;
		if (send_all.n == 0 && until.n && str_ends(buf_str(in), until))
			return;
	}
	assert_true(false); /* no answer */
}

static bool has(const struct buf *b, const char *text)
{
	return str_search(buf_str(b), str_c(text)) < b->n;
}

#define CHECK_ONE(request, expected)                                                               \
	do {                                                                                       \
		struct buf in_;                                                                    \
		int fd_ = dial(*state);                                                            \
		buf_init(&in_, 8 << 20);                                                           \
		talk(*state, fd_, request, &in_, STR_NONE);                                        \
		if (!has(&in_, expected))                                                          \
			print_error("%.*s\n", STR_ARG(buf_str(&in_)));                             \
		assert_true(has(&in_, expected));                                                  \
		close(fd_);                                                                        \
		turn(*state);                                                                      \
		buf_free(&in_);                                                                    \
	} while (0)

static void requests_are_answered_in_order_on_one_connection(void **state)
{
	struct buf in;
	int fd = dial(*state);

	buf_init(&in, 1 << 20);
	talk(*state, fd,
	    S("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
	      "HEAD /3 HTTP/1.1\r\n\r\nGET /4 HTTP/1.1\r\nConnection: close\r\n\r\n"),
	    &in, STR_NONE);
	assert_true(has(&in, "X-Path: /1\r\n"));
	assert_true(has(&in, "X-Bad: aInjected: b\r\n"));
	assert_true(has(&in, "body:abc"));
	assert_true(
	    has(&in, "X-Path: /3\r\nX-Bad: aInjected: b\r\nContent-Length: 5\r\n\r\nHTTP/1.1"));
	assert_true(str_ends(buf_str(&in), S("Content-Length: 5\r\n\r\nbody:")));
	close(fd);
	buf_free(&in);
}

static void bodies_come_whole_in_chunks_or_by_length(void **state)
{
	CHECK_ONE(S("POST /c HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
	            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
	    "body:abcde");
	CHECK_ONE(S("POST /c HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\n"
	            "Content-Length: 2\r\n\r\nhi"),
	    "body:hi");
}

static void a_client_that_asks_first_is_told_to_go_on(void **state)
{
	struct buf in;
	int fd = dial(*state);

	buf_init(&in, 1 << 20);
	talk(*state, fd, S("POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
	    &in, S("HTTP/1.1 100 Continue\r\n\r\n"));
	talk(*state, fd, S("hi"), &in, S("body:hi"));
	close(fd);
	buf_free(&in);
}

static void bad_requests_are_answered_and_closed(void **state)
{
	static char big[HTTP_HEADER_BYTES_MAX + 100] = "GET / HTTP/1.1\r\nA: ";

	memset(big + 19, 'x', sizeof(big) - 19);
	CHECK_ONE(S("nonsense\r\n\r\n"), "HTTP/1.1 400 ");
	CHECK_ONE(((struct str){big, sizeof(big)}), "HTTP/1.1 431 ");
	CHECK_ONE(S("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"), "HTTP/1.1 413 ");
	CHECK_ONE(S("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz"), "HTTP/1.1 400 ");
	assert_int_equal(((struct fixture *)*state)->requests, 0);
}

static void an_answer_may_come_later(void **state)
{
	struct fixture *f = *state;
	struct buf in;
	int fd = dial(f);

	buf_init(&in, 1 << 20);
	assert_true(send(fd, "GET /later HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n", 45, 0) > 0);
	while (!f->held)
		turn(f);
	assert_int_equal(f->requests, 1);
	http_reply(f->held, 202, S("at last"));
	talk(f, fd, STR_NONE, &in, S("body:"));
	assert_true(has(&in, "HTTP/1.1 202 Accepted"));
	assert_true(has(&in, "at lastHTTP/1.1 200 OK"));
	close(fd);
	buf_free(&in);
}

static void big_answers_arrive_whole(void **state)
{
	struct fixture *f = *state;
	struct buf in;
	int fd = dial(f);
	size_t at;

	buf_init(&in, 8 << 20);
	talk(f, fd, S("GET /page HTTP/1.1\r\nConnection: close\r\n\r\n"), &in, STR_NONE);
	at = str_search(buf_str(&in), S("\r\n\r\n")) + 4;
	assert_int_equal(in.n - at, PAGE);
	assert_memory_equal(in.p + at, f->page, PAGE);
	close(fd);
	buf_free(&in);
}

static void past_the_limit_connections_wait_their_turn(void **state)
{
	struct fixture *f = *state;
	int fds[CONNECTIONS + 1];
	struct buf in;

	buf_init(&in, 1 << 20);
	for (size_t i = 0; i <= CONNECTIONS; i++)
		fds[i] = dial(f);
	for (int i = 0; i < 50; i++)
		turn(f);
	assert_int_equal(http_server_connections(f->server), CONNECTIONS);
	close(fds[0]);
	talk(f, fds[CONNECTIONS], S("GET /x HTTP/1.1\r\n\r\n"), &in, S("body:"));
	for (size_t i = 1; i <= CONNECTIONS; i++)
		close(fds[i]);
	buf_free(&in);
}

static void streams_carry_events_and_refuse_slow_readers(void **state)
{
	struct fixture *f = *state;
	static char big[4000];
	struct buf in;
	int fd = dial(f);
	enum err rc = OK;

	memset(big, 'e', sizeof(big));
	buf_init(&in, 1 << 20);
	assert_true(send(fd, "GET /stream HTTP/1.1\r\n\r\n", 24, 0) > 0);
	while (!f->stream)
		turn(f);
	assert_int_equal(http_stream_send(f->stream, S("7"), S("sighting"), S("{\"a\":1}\nb")), OK);
	talk(f, fd, STR_NONE, &in, S("id: 7\nevent: sighting\ndata: {\"a\":1}\ndata: b\n\n"));
	assert_true(has(&in, "Content-Type: text/event-stream\r\n"));
	assert_int_equal(http_stream_ping(f->stream), OK);
	talk(f, fd, STR_NONE, &in, S(": ping\n\n"));
	for (int i = 0; i < 1000 && rc == OK; i++)
		rc = http_stream_send(f->stream, STR_NONE, S("x"), (struct str){big, sizeof(big)});
	assert_int_equal(rc, ERR_BUSY);
	close(fd);
	while (!f->closed)
		turn(f);
	assert_int_equal(f->closed, 1);
	assert_int_equal(http_server_connections(f->server), 0);
	buf_free(&in);
}

/* Over TLS: the same server, driven by a client in the same thread. */
static void tls_carries_requests_and_big_answers(void **state)
{
	struct str cert = STR_NONE, key = STR_NONE;
	struct str host = S("localhost");
	struct arena *a = arena_new(1 << 20);
	struct ssl_ctx_st *tls = NULL;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	struct fixture *f;
	struct buf in;
	size_t at;
	int fd;

	assert_int_equal(cert_make(&cert, &key, a,
	                     &(struct cert_request){.name = host,
	                         .hosts = &host,
	                         .host_count = 1,
	                         .not_before = 1700000000 * USEC_PER_SEC,
	                         .days = 3650},
	                     NULL),
	    OK);
	assert_int_equal(
	    tls_server_new(&tls, &(struct tls_options){.cert_pem = cert, .key_pem = key}, NULL),
	    OK);
	start(state, tls);
	f = *state;
	fd = dial(f);
	SSL_set_fd(ssl, fd);
	while (SSL_connect(ssl) != 1)
		turn(f);
	buf_init(&in, 8 << 20);
	assert_true(SSL_write(ssl, "GET /page HTTP/1.1\r\nConnection: close\r\n\r\n", 41) > 0);
	for (bool open = true; open;) {
		char bytes[16384];
		int n = SSL_read(ssl, bytes, sizeof(bytes));

		turn(f);
		if (n > 0)
			buf_put(&in, (struct str){bytes, (size_t)n});
		else
			open = SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ;
	}
	at = str_search(buf_str(&in), S("\r\n\r\n")) + 4;
	assert_int_equal(in.n - at, PAGE);
	assert_memory_equal(in.p + at, f->page, PAGE);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	buf_free(&in);
	teardown(state);
	tls_server_free(tls);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        requests_are_answered_in_order_on_one_connection, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        bodies_come_whole_in_chunks_or_by_length, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_client_that_asks_first_is_told_to_go_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(bad_requests_are_answered_and_closed, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_answer_may_come_later, setup, teardown),
	    cmocka_unit_test_setup_teardown(big_answers_arrive_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        past_the_limit_connections_wait_their_turn, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        streams_carry_events_and_refuse_slow_readers, setup, teardown),
	    cmocka_unit_test(tls_carries_requests_and_big_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
