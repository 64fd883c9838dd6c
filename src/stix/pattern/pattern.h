/* SPDX-License-Identifier: Apache-2.0 */
/* The STIX pattern language (STIX 2.1 section 9) read into its comparisons: enough to say whether a
 * pattern is well-formed, and which of its comparisons alone make it true. It evaluates nothing. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum pattern_op {
	PATTERN_EQUAL,
	PATTERN_NOT_EQUAL,
	PATTERN_ORDER, /* < <= > >= */
	PATTERN_IN,
	PATTERN_LIKE,
	PATTERN_MATCHES,
	PATTERN_ISSUBSET,
	PATTERN_ISSUPERSET,
	PATTERN_EXISTS,
};

enum pattern_literal {
	PATTERN_STRING,
	PATTERN_NUMBER,
	PATTERN_BOOL,
	PATTERN_TIME,
	PATTERN_HEX,
	PATTERN_BINARY,
};

struct pattern_value {
	enum pattern_literal kind;
	struct str text; /* of strings without quotes and with escapes undone; else as written */
};

/* One comparison: type:path NOT? op values. */
struct pattern_test {
	struct str type;
	struct str path; /* as written after the colon */
	bool negated;
	bool alone; /* true of one observation, it makes the whole pattern true */
	enum pattern_op op;
	struct pattern_value *values; /* one, for IN any number, for EXISTS none */
	size_t value_count;
	size_t at; /* offset in the pattern */
};

struct pattern {
	struct pattern_test *tests;
	size_t count;
};

enum { PATTERN_DEPTH_MAX = 64, PATTERN_TESTS_MAX = 100000 };

/* `lenient` also takes what many producers write and the grammar refuses: hyphens in unquoted path
 * steps (hashes.SHA-256), lower-case keywords, a backslash before any character. ERR_PARSE with the
 * position in the fault, ERR_LIMIT, ERR_NOMEM. Strings borrow from `text` where they can. */
MUST_USE enum err pattern_parse(
    struct pattern *out, struct arena *arena, struct str text, bool lenient, struct fault *fault);
