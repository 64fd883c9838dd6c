/* SPDX-License-Identifier: Apache-2.0 */
/* A STIX pattern compiled: paths are steps, constants are values, LIKE and MATCHES are ready to
 * run, and what joins observations is a tree of spans. A program is immutable, lives in the arena
 * it was made in, and may be shared by threads, each with a machine of its own (machine.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "stix/pattern/pattern.h"

enum {
	PATTERN_BYTES_MAX = 1 << 20,   /* of text */
	PATTERN_LEAVES_MAX = 4096,     /* different observation expressions [...] */
	PATTERN_GROUPS_MAX = 256,      /* those that must be true together, REPEATS unrolled */
	PATTERN_CELLS_MAX = 16384,     /* spans around them */
	PATTERN_REGEX_BYTES_MAX = 8192 /* of one regular expression */
};

/* How the text of a property is to be read: by its name (section 3.1 and 9.4). */
enum pattern_encoding {
	PATTERN_TEXT,
	PATTERN_OF_HEX,    /* name_hex */
	PATTERN_OF_BASE64, /* name_bin */
};

struct pattern_number {
	bool whole; /* the integer is exact */
	bool negative;
	uint64_t magnitude;
	double real;
};

struct pattern_network {
	unsigned char address[16];
	unsigned char bytes; /* 4 or 16 */
	unsigned char prefix;
};

struct pattern_constant {
	enum pattern_literal kind;
	struct str text; /* of strings and times; bytes of h'' and b'' */
	bool bytes;      /* `octets` holds the text's characters as bytes, all below U+0100 */
	struct str octets;
	struct pattern_number number;
	bool truth;
};

struct pattern_check {
	struct str type;
	struct str path; /* as written after the colon */
	const struct pattern_step *steps;
	size_t step_count;
	bool alone; /* true of one observation, it makes the whole pattern true */
	bool negated;
	enum pattern_op op;
	enum pattern_encoding encoding;
	struct pattern_constant *values;
	size_t value_count;
	bool sorted; /* strings of IN, for binary search */
	void *regex; /* of MATCHES; NULL: matches nothing of this encoding */
	struct str like;
	bool like_fits;   /* of LIKE: the constant can be of this encoding */
	bool has_network; /* of ISSUBSET and ISSUPERSET: the constant is one */
	struct pattern_network network;
	size_t at;
};

enum pattern_expr_kind { PATTERN_CHECK, PATTERN_EVERY, PATTERN_SOME };

/* What stands between brackets. */
struct pattern_expr {
	enum pattern_expr_kind kind;
	struct pattern_check *check;
	struct pattern_expr *first;
	struct pattern_expr *next;
};

enum pattern_span_kind {
	PATTERN_GROUP,    /* `count` observations of which each meets one of `leaves` */
	PATTERN_TOGETHER, /* AND */
	PATTERN_EITHER,   /* OR */
	PATTERN_INTURN,   /* FOLLOWEDBY */
	PATTERN_WINDOW,   /* WITHIN: last - first <= span */
	PATTERN_PERIOD,   /* START STOP: from <= t <= until */
	PATTERN_TIMES,    /* REPEATS of what is no group: `count` */
};

/* What joins observations: each span takes observations of its own, at times of its own. */
struct pattern_span {
	enum pattern_span_kind kind;
	size_t listing;   /* of groups: which of program->listings */
	uint64_t *leaves; /* a bit each */
	uint64_t count;
	usec span;
	usec from;
	usec until;
	struct pattern_span *first;
	struct pattern_span *next;
};

struct pattern_program {
	struct pattern_expr **leaves;
	size_t leaf_count;
	size_t words; /* of 64 leaves each */
	struct pattern_span *root;
	size_t groups;   /* most that one choice of alternatives has, and so below */
	size_t listings; /* different groups, of all choices */
	size_t cells;    /* spans */
	size_t choices;  /* alternatives to choose from */
	bool single;     /* one observation decides */
	usec window;     /* no match is longer; -1: nothing says so */
};

/* *at is where the pattern is wrong. ERR_PARSE, ERR_INVALID (a regular expression or a time that is
 * none), ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err pattern_compile(struct pattern_program **out, struct arena *arena,
    struct str text, enum pattern_reading reading, size_t *at, struct fault *fault);
