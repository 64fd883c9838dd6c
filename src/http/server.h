/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 (RFC 9110, 9112) over TLS, on libevent's loop: requests come in as bounded values,
 * answers leave as copied bytes, as ranges of mapped bytes, or as an event stream. It knows no
 * route, no STIX and no account. One answer at a time leaves a connection, so a slow reader holds
 * back its own pipelined requests and nobody's memory. */
#pragma once

#include <event2/event.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"
#include "http/head.h"
#include "http/text.h"

struct http_server;
struct http_request; /* lives until answered; see http_reply and http_stream_start */

/* Called once for each request that is whole; answers now or later, in the same thread. */
typedef void (*http_handler)(void *ctx, struct http_request *rq);

enum {
	HTTP_HEADER_BYTES_MAX = 32 << 10, /* request line and headers together: else 431 */
	HTTP_TARGET_MAX = 8 << 10,        /* else 414 */
	HTTP_HEADERS_MAX = 64,            /* else 431 */
	HTTP_ARENA_MAX = 32 << 20,        /* what a handler may allocate for one request */
	HTTP_IDLE_SECONDS = 60,           /* between requests, and between bytes of one */
	HTTP_HEAD_SECONDS = 20,           /* for all of a request's head */
	HTTP_BODY_SECONDS = 600,          /* for all of its body */
	HTTP_STREAM_QUEUE_MAX = 256 << 10,
};

struct http_server_options {
	struct event_base *base;
	int listen_fd;          /* bound, listening, non-blocking; the server owns it */
	struct ssl_ctx_st *tls; /* NULL: plain (loopback or Unix socket only); stays the caller's */
	size_t body_max;        /* longer bodies are answered 413 unread */
	size_t connections_max; /* past it, new ones wait in the kernel's queue */
	void (*tls12)(void *ctx); /* a handshake gave TLS 1.2; NULL: nobody wants to know */
	http_handler handler;
	void *ctx;
};

/* Also makes the process ignore SIGPIPE, which a reader that goes away would raise. */
MUST_USE enum err http_server_new(
    struct http_server **out, const struct http_server_options *options, struct fault *fault);
/* Closes every connection. Requests not yet answered must not be used after it. */
void http_server_free(struct http_server *s); /* NULL allowed */
/* For connections from now on; those that are open keep theirs. The caller may free the old one. */
void http_server_set_tls(struct http_server *s, struct ssl_ctx_st *tls);
size_t http_server_connections(const struct http_server *s);

enum http_method http_method(const struct http_request *rq);
struct str http_path(const struct http_request *rq);                     /* undecoded, before '?' */
struct str http_query(const struct http_request *rq);                    /* undecoded, after '?' */
struct str http_header(const struct http_request *rq, const char *name); /* STR_NONE if absent */
struct str http_body(const struct http_request *rq); /* whole; length at most body_max */
/* The body as an anonymous file, for another process to map; the caller closes it. */
MUST_USE enum err http_body_fd(int *out, const struct http_request *rq, struct fault *fault);
struct arena *http_arena(struct http_request *rq);   /* lives as long as the request */
struct str http_peer(const struct http_request *rq); /* address as text */
bool http_secure(const struct http_request *rq);     /* came over TLS */
/* SHA-256 of the client's certificate; false when it sent none. */
bool http_client_cert(const struct http_request *rq, struct sha256 *out);

/* Headers may be set until the answer; control characters in values are dropped. */
void http_set(struct http_request *rq, const char *name, struct str value);
/* Answers and ends the request; body is copied. */
void http_reply(struct http_request *rq, int status, struct str body);
/* Parts of the body, in order: copied, or by reference to bytes that stay readable and unchanged as
 * long as the server lives (the ledger's maps, files in the program). */
void http_reply_add(struct http_request *rq, struct str part);
void http_reply_ref(struct http_request *rq, struct str part);
void http_reply_send(struct http_request *rq, int status);

/* Server-sent events: starts a stream on this request. `closed` is called once when the reader is
 * gone (not after http_stream_end); the request is invalid after either. */
MUST_USE enum err http_stream_start(struct http_request *rq, void (*closed)(void *ctx), void *ctx);
/* ERR_BUSY when the reader is too slow (HTTP_STREAM_QUEUE_MAX); nothing is queued then. `data`
 * holds no line break, id may be STR_NONE. */
MUST_USE enum err http_stream_send(
    struct http_request *rq, struct str id, struct str event, struct str data);
/* A comment line, so that nothing on the way takes the stream for dead. ERR_BUSY as above. */
MUST_USE enum err http_stream_ping(struct http_request *rq);
void http_stream_end(struct http_request *rq);
