/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP/1.1 request (RFC 9112 §3 and §5) read from untrusted bytes, strictly: what
 * two parsers could read differently (folded lines, bare LF, two lengths, a length beside a
 * transfer coding) is refused. Pure. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER
};

struct http_field {
	struct str name;
	struct str value; /* without surrounding white space */
};

struct http_head {
	enum http_method method;
	struct str path;  /* undecoded, starts with '/' (or is "*") */
	struct str query; /* undecoded, after the first '?'; STR_NONE when there is none */
	struct http_field *fields;
	size_t count;
	size_t fields_max;  /* room in `fields`, set by the caller */
	uint64_t length;    /* of the body, when not chunked */
	bool has_length;    /* it was given */
	bool chunked;       /* the body comes in chunks */
	bool keep_alive;    /* the connection stays open after the answer */
	bool old;           /* HTTP/1.0 */
	bool wait_continue; /* the client waits for 100 */
};

/* Where the head ends: the index behind its empty line, or 0 when that has not come yet. `from`
 * says how much was looked at before. */
size_t http_head_end(struct str bytes, size_t from);
/* Reads a whole head (its empty line included) of at most HTTP_HEADER_BYTES_MAX bytes; strings
 * borrow from it. 0, or the status to answer before closing: 400, 414, 417, 431, 501, 505. */
int http_head_parse(struct http_head *out, struct str bytes);

/* The same of an answer: its status line, then fields. False when it is none that this program
 * understands. */
bool http_answer_parse(struct http_head *out, unsigned *status, struct str bytes);

/* A body in chunks (RFC 9112 §7.1), decoded as it comes. */
struct http_chunks {
	unsigned state; /* private; start from zero */
	uint64_t left;
	unsigned trailer; /* bytes of trailer lines seen */
};

enum http_chunks_result { HTTP_CHUNKS_MORE, HTTP_CHUNKS_DONE, HTTP_CHUNKS_BAD, HTTP_CHUNKS_BIG };

/* Appends what it can decode to body (whose max is the limit) and says in *used how many bytes of
 * `in` it took. Trailer fields are skipped. */
enum http_chunks_result http_chunks_feed(
    struct http_chunks *c, struct str in, struct buf *body, size_t *used);
