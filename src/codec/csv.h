/* SPDX-License-Identifier: Apache-2.0 */
/* Records of comma-separated text (RFC 4180; LF line ends are taken as well). Says nothing of
 * headers or of what fields mean. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct csv {
	struct str text;
	size_t at;
	size_t line; /* of the record last read, from 1 */
	size_t next_line;
	char separator;
};

enum { CSV_FIELDS_MAX = 256, CSV_FIELD_BYTES_MAX = 1 << 20 };

struct csv_record {
	struct str *fields; /* borrowed from the text, or in the arena where quotes were doubled */
	size_t count;       /* an empty line is one empty field */
};

/* `text` must stay in place. A byte order mark at the start is skipped. */
struct csv csv_open(struct str text, char separator);
/* ERR_NOT_FOUND at the end. ERR_PARSE (a quote in an unquoted field, text behind a quoted one, a
 * quote never closed) and ERR_LIMIT name the line; the next call goes on with the line after. */
MUST_USE enum err csv_next(
    struct csv *c, struct csv_record *out, struct arena *arena, struct fault *fault);
