/* SPDX-License-Identifier: Apache-2.0 */
/* The STIX pattern language (STIX 2.1 section 9, STIX 2.0 part 5) read into a tree, and into the
 * flat list of its comparisons: enough to say whether a pattern is well-formed, and which of its
 * comparisons alone make it true. It evaluates nothing; that is the module pattern/. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum pattern_op {
	PATTERN_EQUAL,
	PATTERN_NOT_EQUAL,
	PATTERN_LESS,
	PATTERN_LESS_EQUAL,
	PATTERN_GREATER,
	PATTERN_GREATER_EQUAL,
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
	size_t at;       /* offset in the pattern */
};

enum pattern_step_kind {
	PATTERN_KEY,   /* .name or .'name' */
	PATTERN_INDEX, /* [3] */
	PATTERN_EACH,  /* [*] */
};

struct pattern_step {
	enum pattern_step_kind kind;
	struct str key;
	size_t index; /* SIZE_MAX: one that no list has */
};

/* One comparison: type:path NOT? op values. */
struct pattern_test {
	struct str type;
	struct str path; /* as written after the colon */
	struct pattern_step *steps;
	size_t step_count;
	bool negated;
	bool alone; /* true of one observation, it makes the whole pattern true */
	enum pattern_op op;
	struct pattern_value *values; /* one, for IN any number, for EXISTS none */
	size_t value_count;
	size_t at; /* offset in the pattern */
};

enum pattern_qualifier_kind {
	PATTERN_START_STOP,
	PATTERN_WITHIN,
	PATTERN_REPEATS,
};

struct pattern_qualifier {
	enum pattern_qualifier_kind kind;
	struct str first;  /* START's time, or the number */
	struct str second; /* STOP's time */
	size_t at;
	struct pattern_qualifier *next; /* the one around this one */
};

enum pattern_node_kind {
	PATTERN_TEST,    /* a comparison */
	PATTERN_ALL,     /* AND between comparisons */
	PATTERN_ANY,     /* OR between comparisons */
	PATTERN_OBSERVE, /* [...]: its one child is of the kinds above */
	PATTERN_AND,     /* between observations, as those below */
	PATTERN_OR,
	PATTERN_FOLLOWEDBY,
};

struct pattern_node {
	enum pattern_node_kind kind;
	size_t test; /* index of the comparison */
	size_t at;
	size_t end; /* of OBSERVE: where its ']' stands */
	struct pattern_qualifier
	    *qualifiers;            /* innermost first; of OBSERVE and the kinds below it */
	struct pattern_node *first; /* child */
	struct pattern_node *next;  /* sibling */
};

struct pattern {
	struct pattern_test *tests;
	size_t count;
	struct pattern_node *root;
	size_t at; /* where reading it failed */
};

/* STEPS: of one object path. QUALIFIERS: in a row. */
enum {
	PATTERN_DEPTH_MAX = 64,
	PATTERN_TESTS_MAX = 100000,
	PATTERN_STEPS_MAX = 64,
	PATTERN_QUALIFIERS_MAX = 16,
};

/* Which patterns are taken. LENIENT also takes what many producers write and the grammar refuses:
 * hyphens in unquoted path steps (hashes.SHA-256), lower-case keywords, a backslash before any
 * character, times of START and STOP as strings. Only under 2.1 is a qualifier twice refused. */
enum pattern_reading {
	PATTERN_READ_21,
	PATTERN_READ_20,
	PATTERN_READ_LENIENT,
};

/* ERR_PARSE with the position in the fault and in out->at, ERR_LIMIT, ERR_NOMEM.
 * Strings borrow from `text` where they can. */
MUST_USE enum err pattern_parse(struct pattern *out, struct arena *arena, struct str text,
    enum pattern_reading reading, struct fault *fault);

/* A timestamp as the grammar wants it: "2016-04-06T20:03:48.123Z". It does not know how long months
 * are. */
bool pattern_time_valid(struct str s);
