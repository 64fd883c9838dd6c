/* SPDX-License-Identifier: Apache-2.0 */
/* Small grammars of HTTP: percent-encoding, query strings, media types with parameters and quality
 * values (RFC 9110 §5.6, §8.3, §12.5.1). Pure, over untrusted bytes. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Percent-decoding of one path segment or query field; ERR_PARSE on a broken escape or a NUL,
 * ERR_NOMEM when the arena refuses. Borrows raw when there is nothing to decode. */
MUST_USE enum err http_decode(
    struct str *out, struct arena *arena, struct str raw, bool plus_is_space);

/* Walks "a=1&b&c=2": cuts the next pair off *rest, undecoded; false at the end. Empty pairs are
 * skipped; value is STR_NONE when there is no '='. */
bool http_query_next(struct str *rest, struct str *key, struct str *value);

/* One element of an Accept or Content-Type field. */
struct http_media {
	struct str type;    /* "application/taxii+json", "application/" + "*", "*" + "/" + "*" */
	struct str version; /* parameter "version", unquoted; STR_NONE when absent */
	unsigned quality;   /* 0..1000 */
};

/* Cuts the next element off a comma list. ERR_NOT_FOUND at the end; ERR_PARSE when it is no media
 * range. */
MUST_USE enum err http_media_next(struct str *rest, struct http_media *out);

/* "https://HOST[:PORT]/PATH[?QUERY]", as this program asks others: no user, no fragment, nothing
 * but visible ASCII; all borrowed. */
struct http_url {
	struct str authority; /* as it was written: HOST or HOST:PORT */
	struct str host;      /* without brackets */
	uint16_t port;        /* 443 when none is written */
	struct str target;    /* path and query; "/" when none is written */
};

enum { HTTP_URL_MAX = 2000, HTTP_HOST_MAX = 255 };

/* ERR_PARSE for everything else. */
MUST_USE enum err http_url_parse(struct http_url *out, struct str text);

/* Appends text as a value of a query or a form: all but unreserved characters escaped. */
void http_escape(struct buf *out, struct str text);
