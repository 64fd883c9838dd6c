/* SPDX-License-Identifier: Apache-2.0 */
/* One question to a server elsewhere, over HTTPS: one connection, one answer, no redirect is
 * followed, nothing is kept. The other side controls nothing but the answer's bytes, and of those
 * there are limits of size and time. Looking the name up blocks the process: this belongs into a
 * role that may wait. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "sys/loop.h"

struct http_fetch;
struct ssl_ctx_st;

enum { HTTP_FETCH_HEAD_MAX = 16 << 10, HTTP_FETCH_PROBLEM_MAX = 200 };

struct http_fetch_answer {
	unsigned status;
	struct str body;
};

struct http_fetch_options {
	struct loop *loop;
	struct ssl_ctx_st *tls;   /* of tls_client_new; outlives the fetch */
	struct str url;           /* http_url_parse */
	struct str form;          /* application/x-www-form-urlencoded for POST; STR_NONE: GET */
	struct str authorization; /* value of the field; STR_NONE: none */
	size_t body_max;
	usec time_max; /* for all of it, the look-up apart */
	/* Called once, from the loop; the fetch is freed after it. Answers of every status are OK;
	 * else the text says what came of it: ERR_IO (no answer), ERR_LIMIT (too large), ERR_PARSE,
	 * ERR_DENIED (its certificate is not trusted). */
	void (*done)(void *ctx, enum err rc, const struct http_fetch_answer *a, struct str text);
	void *ctx;
};

/* All strings are copied. ERR_PARSE for a URL that is none, ERR_NOT_FOUND for a name without
 * addresses: then `done` is not called. */
MUST_USE enum err http_fetch_start(
    struct http_fetch **out, const struct http_fetch_options *options, struct fault *fault);
/* Ends it; `done` is not called. NULL allowed. */
void http_fetch_cancel(struct http_fetch *f);
