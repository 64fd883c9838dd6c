/* SPDX-License-Identifier: Apache-2.0 */
#include "view/egress_table.h"

#include <assert.h>
#include <string.h>

static const char TABLES[] =
    "CREATE TABLE feed(number INTEGER PRIMARY KEY, size INTEGER, identity TEXT UNIQUE);"
    "CREATE TABLE entry(feed INTEGER, number INTEGER, kind INTEGER, seq INTEGER,"
    " statement BLOB, PRIMARY KEY(feed, number)) WITHOUT ROWID;"
    "CREATE TABLE node(feed INTEGER, level INTEGER, number INTEGER, hash BLOB,"
    " PRIMARY KEY(feed, level, number)) WITHOUT ROWID;"
    "CREATE TABLE given(feed INTEGER, seq INTEGER, entry INTEGER, withheld INTEGER,"
    " PRIMARY KEY(feed, seq)) WITHOUT ROWID;"
    "CREATE TABLE sealed(seq INTEGER PRIMARY KEY);"
    "CREATE TABLE back(feed INTEGER, seq INTEGER, entry INTEGER, PRIMARY KEY(feed, seq))"
    " WITHOUT ROWID;"
    "CREATE INDEX back_entry ON back(feed, entry);"
    "CREATE TABLE withdrawal(seq INTEGER PRIMARY KEY);"
    "CREATE TABLE receipt(feed INTEGER, size INTEGER, time INTEGER, PRIMARY KEY(feed, size))"
    " WITHOUT ROWID;"
    "CREATE TABLE decision(path TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;";
static const char GET_ENTRIES[] = "SELECT kind, seq, statement FROM entry"
                                  " WHERE feed = ? AND number >= ? AND number < ? ORDER BY number";
static const char GET_NODES[] =
    "SELECT hash FROM node"
    " WHERE feed = ? AND level = ? AND number >= ? AND number < ? ORDER BY number";
static const char GET_RECEIPT[] =
    "SELECT time FROM receipt WHERE feed = ? AND size > ? ORDER BY size LIMIT 1";

const struct sql_schema EGRESS_SCHEMA = {
    .name = "egress",
    .version = 2,
    .tables = TABLES,
    .statements =
        {
            [EGRESS_PUT_FEED] =
                "INSERT OR REPLACE INTO feed(number, size, identity) VALUES(?, ?, ?)",
            [EGRESS_PUT_ENTRY] = "INSERT INTO entry VALUES(?, ?, ?, ?, ?)",
            [EGRESS_PUT_NODE] = "INSERT INTO node VALUES(?, ?, ?, ?)",
            [EGRESS_PUT_GIVEN] = "INSERT OR REPLACE INTO given VALUES(?, ?, ?, ?)",
            [EGRESS_DROP_GIVEN] = "DELETE FROM given WHERE feed = ? AND seq = ?",
            [EGRESS_PUT_SEALED] = "INSERT OR IGNORE INTO sealed VALUES(?)",
            [EGRESS_PUT_DECISION] = "INSERT OR REPLACE INTO decision(seq, path) VALUES(?, ?)",
            [EGRESS_PUT_BACK] = "INSERT OR REPLACE INTO back VALUES(?, ?, ?)",
            [EGRESS_PUT_WITHDRAWAL] = "INSERT OR IGNORE INTO withdrawal VALUES(?)",
            [EGRESS_PUT_RECEIPT] = "INSERT OR IGNORE INTO receipt VALUES(?, ?, ?)",
            [EGRESS_DROP_RECEIPTS] = "DELETE FROM receipt WHERE feed = ? AND size > ?",
            [EGRESS_GET_FEED] = "SELECT number, size FROM feed WHERE identity = ?",
            [EGRESS_GET_ENTRIES] = GET_ENTRIES,
            [EGRESS_GET_NODES] = GET_NODES,
            [EGRESS_GET_GIVEN] = "SELECT entry, withheld FROM given WHERE feed = ? AND seq = ?",
            [EGRESS_NEXT_FEED] = "SELECT COALESCE(MAX(number) + 1, 0) FROM feed",
            [EGRESS_GET_SEALED] = "SELECT seq FROM sealed WHERE seq >= ? ORDER BY seq LIMIT 1",
            [EGRESS_GET_DECISIONS] = "SELECT path, seq FROM decision ORDER BY path",
            [EGRESS_GET_BACK] = "SELECT entry FROM back WHERE feed = ? AND seq = ?",
            [EGRESS_COUNT_BACK] =
                "SELECT COUNT(DISTINCT entry) FROM back WHERE feed = ? AND entry >= ?",
            [EGRESS_GET_WITHDRAWALS] =
                "SELECT seq FROM withdrawal WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            [EGRESS_GET_RECEIPT] = GET_RECEIPT,
        },
};

static_assert((int)EGRESS_STATEMENTS <= (int)SQL_STATEMENTS_MAX, "each has a place");

enum err egress_put(struct sql *q, enum egress_statement which, const int64_t *values, int count,
    struct str last, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[which];
	int rc;

	for (int i = 0; i < count; i++)
		(void)sqlite3_bind_int64(st, i + 1, values[i]);
	if (last.p && (which == EGRESS_PUT_FEED || which == EGRESS_PUT_DECISION))
		(void)sqlite3_bind_text(st, count + 1, last.p, (int)last.n, SQLITE_STATIC);
	else if (last.p)
		(void)sqlite3_bind_blob(st, count + 1, last.p, (int)last.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

static bool hash_of(sqlite3_stmt *st, int column, struct sha256 *out)
{
	if (sqlite3_column_bytes(st, column) != SHA256_LEN)
		return false;
	memcpy(out->b, sqlite3_column_blob(st, column), SHA256_LEN);
	return true;
}

bool egress_leaves(struct sql *q, uint32_t feed, uint64_t from, size_t count, struct sha256 *out)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_ENTRIES];
	struct sha256 statement;
	size_t n = 0;

	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)from);
	(void)sqlite3_bind_int64(st, 3, (int64_t)(from + count));
	while (n < count && sqlite3_step(st) == SQLITE_ROW && hash_of(st, 2, &statement))
		out[n++] = sync_leaf((enum sync_kind)sqlite3_column_int(st, 0), &statement);
	(void)sqlite3_reset(st);
	return n == count;
}

static bool nodes(
    struct sql *q, uint32_t feed, unsigned level, uint64_t from, size_t count, struct sha256 *out)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_NODES];
	size_t n = 0;

	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, level);
	(void)sqlite3_bind_int64(st, 3, (int64_t)from);
	(void)sqlite3_bind_int64(st, 4, (int64_t)(from + count));
	while (n < count && sqlite3_step(st) == SQLITE_ROW && hash_of(st, 0, &out[n]))
		n++;
	(void)sqlite3_reset(st);
	return n == count;
}

static struct sha256 subtree(const void *ctx, unsigned height, uint64_t index)
{
	/* The source of a tree hands on what it was given, and this one may take notes in it. */
	struct egress_tree *t = (struct egress_tree *)(uintptr_t)ctx;
	unsigned level = height / MERKLE_TILE_BITS, rest = height % MERKLE_TILE_BITS;
	size_t count = (size_t)1 << rest;
	struct sha256 hashes[MERKLE_TILE];

	if (level > EGRESS_LEVELS ||
	    !(level == 0 ? egress_leaves(t->sql, t->feed, index << rest, count, hashes)
	                 : nodes(t->sql, t->feed, level, index << rest, count, hashes))) {
		t->failed = true;
		return (struct sha256){0};
	}
	return merkle_fold(hashes, count);
}

struct merkle_source egress_source(struct egress_tree *t)
{
	return (struct merkle_source){.subtree = subtree, .ctx = t};
}

enum err egress_find(
    struct sql *q, struct str identity, uint32_t *number, uint64_t *size, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_FEED];
	int rc;

	(void)sqlite3_bind_text(st, 1, identity.p, (int)identity.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*number = (uint32_t)sqlite3_column_int64(st, 0);
		*size = (uint64_t)sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	if (rc == SQLITE_DONE)
		return fail(
		    fault, ERR_NOT_FOUND, "no peer has the identity %.*s", STR_ARG(identity));
	return rc == SQLITE_ROW ? OK : sql_fail(q, rc, fault);
}

enum err egress_next_feed(struct sql *q, uint32_t *number, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[EGRESS_NEXT_FEED];
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		*number = (uint32_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? OK : sql_fail(q, rc, fault);
}

enum err egress_find_given(
    struct sql *q, uint32_t feed, uint64_t seq, struct egress_given *out, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_GIVEN];
	int rc;

	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)seq);
	rc = sqlite3_step(st);
	*out = (struct egress_given){.entry = STORE_NONE};
	if (rc == SQLITE_ROW)
		*out = (struct egress_given){.entry = (uint64_t)sqlite3_column_int64(st, 0),
		    .withheld = (uint32_t)sqlite3_column_int64(st, 1)};
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

enum err egress_had_back(struct sql *q, uint32_t feed, uint64_t seq, bool *had, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_BACK];
	int rc;

	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)seq);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	*had = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

enum err egress_find_back(
    struct sql *q, uint32_t feed, uint64_t seq, uint64_t *at, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[EGRESS_GET_BACK];
	int64_t entry = EGRESS_BACK_DUE;
	int rc;

	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		entry = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	*at = entry == EGRESS_BACK_DUE ? STORE_NONE : (uint64_t)entry;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}
