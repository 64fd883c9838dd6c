/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 over TLS, on libevent: requests come in as bounded values, answers leave as bytes,
 * ranges of mapped bytes, or an event stream. It knows no route, no STIX and no account. */
#pragma once

#include <event2/event.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

struct http_server;
struct http_request; /* lives until answered; see http_reply and http_stream */

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER
};

typedef void (*http_handler)(void *ctx, struct http_request *rq);

enum { HTTP_HEADER_BYTES_MAX = 32 << 10, HTTP_TARGET_MAX = 8 << 10 };

struct http_server_options {
	struct event_base *base;
	int listen_fd;          /* bound and listening; the server owns it */
	struct ssl_ctx_st *tls; /* NULL: plain (loopback or Unix socket only) */
	size_t body_max;
	size_t connections_max;
	http_handler handler;
	void *ctx;
};

MUST_USE enum err http_server_new(
    struct http_server **out, const struct http_server_options *options, struct fault *fault);
void http_server_free(struct http_server *s);

enum http_method http_method(const struct http_request *rq);
struct str http_path(const struct http_request *rq);                     /* undecoded, before '?' */
struct str http_query(const struct http_request *rq);                    /* undecoded, after '?' */
struct str http_header(const struct http_request *rq, const char *name); /* STR_NONE if absent */
struct str http_body(const struct http_request *rq); /* whole; length at most body_max */
struct arena *http_arena(struct http_request *rq);   /* lives as long as the request */
struct str http_peer(const struct http_request *rq); /* address as text */
/* SHA-256 of the client's certificate; false when it sent none. */
bool http_client_cert(const struct http_request *rq, struct sha256 *out);

/* Headers may be set until the answer. */
void http_set(struct http_request *rq, const char *name, struct str value);
/* Answers and ends the request; body is copied. */
void http_reply(struct http_request *rq, int status, struct str body);
/* Parts of the body without a copy: p must stay readable until `release(ctx)` is called. */
void http_reply_add(struct http_request *rq, struct str part);
void http_reply_ref(struct http_request *rq, struct str part, void (*release)(void *), void *ctx);
void http_reply_send(struct http_request *rq, int status);

/* Server-sent events: starts a stream on this request; send returns ERR_BUSY when the reader is too
 * slow (its queue limit is reached), and `closed` tells when it is gone. */
MUST_USE enum err http_stream_start(struct http_request *rq, void (*closed)(void *ctx), void *ctx);
MUST_USE enum err http_stream_send(
    struct http_request *rq, struct str id, struct str event, struct str data);
void http_stream_end(struct http_request *rq);

/* Percent-decoding of one path segment or query field; ERR_PARSE on a broken escape or NUL. */
MUST_USE enum err http_decode(
    struct str *out, struct arena *arena, struct str raw, bool plus_is_space);
