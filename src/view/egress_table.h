/* SPDX-License-Identifier: Apache-2.0 */
/* The database of the egress view, for its writer and its readers alike. Private to this folder. */
#pragma once

#include "store/merkle.h"
#include "view/egress.h"
#include "view/sql.h"

enum egress_statement {
	EGRESS_PUT_FEED,        /* number, size, identity */
	EGRESS_PUT_ENTRY,       /* feed, number, kind, seq, statement */
	EGRESS_PUT_NODE,        /* feed, level, number, hash */
	EGRESS_PUT_GIVEN,       /* feed, seq, entry, withheld */
	EGRESS_DROP_GIVEN,      /* feed, seq */
	EGRESS_PUT_SEALED,      /* seq */
	EGRESS_PUT_DECISION,    /* seq, path */
	EGRESS_PUT_BACK,        /* feed, seq, entry */
	EGRESS_PUT_WITHDRAWAL,  /* seq */
	EGRESS_PUT_RECEIPT,     /* feed, size, time */
	EGRESS_DROP_RECEIPTS,   /* feed, size: what counts more */
	EGRESS_GET_FEED,        /* identity -> number, size */
	EGRESS_GET_ENTRIES,     /* feed, from, to -> kind, seq, statement */
	EGRESS_GET_NODES,       /* feed, level, from, to -> hash */
	EGRESS_GET_GIVEN,       /* feed, seq -> entry, withheld */
	EGRESS_NEXT_FEED,       /* -> number */
	EGRESS_GET_SEALED,      /* from -> seq: the first that is not before */
	EGRESS_GET_DECISIONS,   /* -> path, seq, in the order of paths */
	EGRESS_GET_BACK,        /* feed, seq -> entry */
	EGRESS_COUNT_BACK,      /* feed, from -> how many entries take something back */
	EGRESS_GET_WITHDRAWALS, /* before, limit -> seq, newest first */
	EGRESS_GET_RECEIPT,     /* feed, entry -> time: of the first that covers it */
	EGRESS_STATEMENTS,
};

extern const struct sql_schema EGRESS_SCHEMA;

/* Levels of the tree that are kept: hashes over 256, 65,536 and 16,777,216 entries. */
enum { EGRESS_LEVELS = 3 };

/* Binds integers, then a blob or text when there is one (p not NULL), steps once and resets. */
MUST_USE enum err egress_put(struct sql *q, enum egress_statement which, const int64_t *values,
    int count, struct str last, struct fault *fault);

/* The tree of a feed. `failed` is set when a hash could not be read: then no answer counts. */
struct egress_tree {
	struct sql *sql;
	uint32_t feed;
	bool failed;
};
struct merkle_source egress_source(struct egress_tree *t);
/* The leaves of entries [from, from + count); false when they are not all there. */
bool egress_leaves(struct sql *q, uint32_t feed, uint64_t from, size_t count, struct sha256 *out);
MUST_USE enum err egress_find(
    struct sql *q, struct str identity, uint32_t *number, uint64_t *size, struct fault *fault);
/* The number that the next feed gets. */
MUST_USE enum err egress_next_feed(struct sql *q, uint32_t *number, struct fault *fault);
/* In place of an entry: the one that takes the object back is not made yet. */
enum { EGRESS_BACK_DUE = -1 };
/* STORE_NONE in *at: nothing takes it back, or the entry is not made yet. */
MUST_USE enum err egress_find_back(
    struct sql *q, uint32_t feed, uint64_t seq, uint64_t *at, struct fault *fault);
/* Whether something takes it back, or will. */
MUST_USE enum err egress_had_back(
    struct sql *q, uint32_t feed, uint64_t seq, bool *had, struct fault *fault);
/* entry STORE_NONE: not given. */
MUST_USE enum err egress_find_given(
    struct sql *q, uint32_t feed, uint64_t seq, struct egress_given *out, struct fault *fault);
