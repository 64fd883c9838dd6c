/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents (RFC 8259), read by yyjson under limits. Stricter than yyjson: a duplicate key in
 * an object, a lone surrogate and invalid UTF-8 are errors. Values are read with yyjson's own
 * accessors; this is the only place a document is made from foreign bytes. Telemetry lines do not
 * come here, nor does a bundle as a whole (codec/split.h). A number that neither 64 bits nor a
 * finite double can hold is kept as it was written (yyjson_is_raw), so that no digit is lost. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct json_limits {
	size_t bytes; /* of text */
	size_t depth; /* of nesting, at most JSON_DEPTH_MAX */
};

enum { JSON_DEPTH_MAX = 256 };

/* What one STIX object, one API request, one configuration value may have. */
#define JSON_LIMITS_OBJECT ((struct json_limits){.bytes = 8u << 20, .depth = 64})

/* The root value, living in the arena. The fault names the byte offset and, where there is one, the
 * JSON path. ERR_PARSE, ERR_LIMIT or ERR_NOMEM. */
MUST_USE enum err json_parse(yyjson_val **out, struct arena *arena, struct str text,
    const struct json_limits *limits, struct fault *fault);

/* Where `value` stands in the document of `root`: "external_references.[0].hashes", empty for the
 * root. Found by walking down, so it is for messages, not for loops. In the arena. */
struct str json_path(struct arena *arena, yyjson_val *root, const yyjson_val *value);

/* Borrowed views of values; STR_NONE when absent or of another type. */
struct str json_str(yyjson_val *value);
struct str json_get_str(yyjson_val *object, const char *key);

/* A writer that appends one JSON text to a buf and places the commas. Strings are escaped, invalid
 * UTF-8 is replaced by U+FFFD. Errors stick in the buf. */
struct json_writer {
	struct buf *out;
	bool comma;
};

/* The text between quotes, as the writer writes strings. */
void json_quote(struct buf *out, struct str text);

struct json_writer json_writer(struct buf *out);
void json_object(struct json_writer *w, const char *key); /* key NULL inside lists and at the top */
void json_list(struct json_writer *w, const char *key);
void json_end_object(struct json_writer *w);
void json_end_list(struct json_writer *w);
void json_put_str(struct json_writer *w, const char *key, struct str value);
void json_put_int(struct json_writer *w, const char *key, int64_t value);
void json_put_real(struct json_writer *w, const char *key, double value); /* NaN, Inf: null */
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
/* Text that is JSON already (a stored object). */
void json_put_raw(struct json_writer *w, const char *key, struct str json);
/* RFC 3339 in UTC with exactly six digits, as TAXII wants it. */
void json_put_time(struct json_writer *w, const char *key, int64_t when); /* usec */
