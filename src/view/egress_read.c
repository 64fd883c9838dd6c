/* SPDX-License-Identifier: Apache-2.0 */
#include "view/egress.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "view/egress_table.h"

struct egress {
	struct sql sql;
};

enum err egress_open(struct egress **out, struct str dir, struct fault *fault)
{
	struct egress *e = mem_alloc(sizeof(*e));
	enum err rc = sql_open_read(&e->sql, dir, &EGRESS_SCHEMA, fault);

	if (rc != OK && rc != ERR_NOT_FOUND) {
		mem_free(e);
		return rc;
	}
	*out = e;
	return OK;
}

void egress_close(struct egress *e)
{
	if (!e)
		return;
	sql_close(&e->sql);
	mem_free(e);
}

uint64_t egress_cursor(struct egress *e)
{
	return sql_cursor(&e->sql);
}

enum err egress_feed(
    struct egress *e, struct str identity, struct egress_feed *out, struct fault *fault)
{
	TRY(sql_refresh(&e->sql, fault));
	return egress_find(&e->sql, identity, &out->number, &out->size, fault);
}

enum err egress_entries(struct egress *e, uint32_t feed, uint64_t from, struct egress_entry *out,
    size_t max, size_t *count, struct fault *fault)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int rc = SQLITE_DONE;

	TRY(sql_refresh(&e->sql, fault));
	st = e->sql.statements[EGRESS_GET_ENTRIES];
	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)from);
	(void)sqlite3_bind_int64(st, 3, (int64_t)(from + max));
	while (n < max && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		out[n].kind = (enum sync_kind)sqlite3_column_int(st, 0);
		out[n].seq = (uint64_t)sqlite3_column_int64(st, 1);
		if (sqlite3_column_bytes(st, 2) != SHA256_LEN)
			break;
		memcpy(out[n].statement.b, sqlite3_column_blob(st, 2), SHA256_LEN);
		n++;
	}
	(void)sqlite3_reset(st);
	*count = n;
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : sql_fail(&e->sql, rc, fault);
}

enum err egress_given(
    struct egress *e, uint32_t feed, uint64_t seq, struct egress_given *out, struct fault *fault)
{
	TRY(sql_refresh(&e->sql, fault));
	return egress_find_given(&e->sql, feed, seq, out, fault);
}

/* One number of one row; *out stays as it is when there is no row. */
static enum err ask(struct egress *e, enum egress_statement which, uint32_t feed, uint64_t value,
    int64_t *out, struct fault *fault)
{
	sqlite3_stmt *st;
	int rc;

	TRY(sql_refresh(&e->sql, fault));
	st = e->sql.statements[which];
	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)value);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(&e->sql, rc, fault);
}

enum err egress_back_count(
    struct egress *e, uint32_t feed, uint64_t from, uint64_t *out, struct fault *fault)
{
	int64_t n = 0;

	TRY(ask(e, EGRESS_COUNT_BACK, feed, from, &n, fault));
	*out = (uint64_t)n;
	return OK;
}

enum err egress_back(
    struct egress *e, uint32_t feed, uint64_t seq, bool *had, uint64_t *at, struct fault *fault)
{
	int64_t entry = INT64_MIN;

	TRY(ask(e, EGRESS_GET_BACK, feed, seq, &entry, fault));
	*had = entry != INT64_MIN;
	*at = entry < 0 ? STORE_NONE : (uint64_t)entry;
	return OK;
}

enum err egress_receipt(
    struct egress *e, uint32_t feed, uint64_t entry, usec *out, struct fault *fault)
{
	int64_t time = INT64_MIN;

	TRY(ask(e, EGRESS_GET_RECEIPT, feed, entry, &time, fault));
	if (time == INT64_MIN)
		return fail(fault, ERR_NOT_FOUND, "no receipt covers entry %" PRIu64, entry);
	*out = time;
	return OK;
}

enum err egress_withdrawals(struct egress *e, uint64_t before, uint64_t *out, size_t max,
    size_t *count, struct fault *fault)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int rc = SQLITE_DONE;

	TRY(sql_refresh(&e->sql, fault));
	st = e->sql.statements[EGRESS_GET_WITHDRAWALS];
	(void)sqlite3_bind_int64(st, 1, before > INT64_MAX ? INT64_MAX : (int64_t)before);
	(void)sqlite3_bind_int64(st, 2, (int64_t)max);
	while (n < max && (rc = sqlite3_step(st)) == SQLITE_ROW)
		out[n++] = (uint64_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	*count = n;
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : sql_fail(&e->sql, rc, fault);
}

static enum err unreadable(const struct egress *e, struct fault *fault)
{
	return fail(fault, ERR_CORRUPT, "%s: the tree of a feed cannot be read", e->sql.path);
}

enum err egress_root(
    struct egress *e, uint32_t feed, uint64_t size, struct sha256 *out, struct fault *fault)
{
	struct egress_tree tree = {.sql = &e->sql, .feed = feed};
	const struct merkle_source source = egress_source(&tree);
	struct sha256 root;

	TRY(sql_refresh(&e->sql, fault));
	root = merkle_root(&source, size);
	if (tree.failed)
		return unreadable(e, fault);
	*out = root;
	return OK;
}

enum err egress_consistency(struct egress *e, uint32_t feed, uint64_t old_size, uint64_t size,
    struct merkle_path *out, struct fault *fault)
{
	struct egress_tree tree = {.sql = &e->sql, .feed = feed};
	const struct merkle_source source = egress_source(&tree);

	TRY(sql_refresh(&e->sql, fault));
	merkle_consistency(&source, old_size, size, out);
	return tree.failed ? unreadable(e, fault) : OK;
}
