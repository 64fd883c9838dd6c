/* SPDX-License-Identifier: Apache-2.0 */
#include "view/state.h"

#include "base/mem.h"
#include "view/classes.h"
#include "view/sql.h"

static const struct sql_schema SCHEMA = {
    .name = "state",
    .version = 1,
    .tables = "CREATE TABLE decision(path TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;",
    .statements = {"INSERT OR REPLACE INTO decision VALUES(?, ?)"},
};

static const struct sql_schema SCHEMA_READ = {
    .name = "state",
    .version = 1,
    .statements = {"SELECT path FROM decision WHERE path >= ? ORDER BY path"},
};

struct state_view {
	struct view view;
	struct sql sql;
};

static struct state_view *of(struct view *v)
{
	return (struct state_view *)v;
}

static enum err take(struct sql *q, const struct store *s, uint64_t seq, struct fault *fault)
{
	struct str path = store_id(s, seq);
	sqlite3_stmt *st = q->statements[0];
	int rc;

	(void)sqlite3_bind_text(st, 1, path.p, (int)path.n, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 2, (int64_t)seq);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

static enum err state_follow(
    struct view *v, const struct store *s, uint64_t end, struct fault *fault)
{
	struct sql *q = &of(v)->sql;

	if (end <= q->cursor)
		return OK;
	TRY(sql_begin(q, fault));
	for (uint64_t seq = q->cursor; seq < end; seq++)
		if (store_row(s, seq)->kind == RECORD_DECISION)
			TRY(take(q, s, seq, fault));
	return sql_commit(q, s, end, fault);
}

static enum err state_view_open(struct view **out, struct str dir, struct fault *fault)
{
	struct state_view *v = mem_alloc(sizeof(*v));
	enum err rc = sql_open(&v->sql, dir, &SCHEMA, fault);

	if (rc != OK) {
		mem_free(v);
		return rc;
	}
	v->view.class = &VIEW_STATE;
	*out = &v->view;
	return OK;
}

static void state_rest(struct view *v)
{
	sql_rest(&of(v)->sql);
}

static void state_view_close(struct view *v)
{
	sql_close(&of(v)->sql);
	mem_free(v);
}

static uint64_t state_view_cursor(const struct view *v)
{
	return ((const struct state_view *)v)->sql.cursor;
}

static bool state_fits(const struct view *v, const struct store *s)
{
	return sql_fits(&((const struct state_view *)v)->sql, s);
}

static enum err state_dump(struct view *v, view_line_fn line, void *ctx, struct fault *fault)
{
	return sql_dump(
	    &of(v)->sql, "SELECT path, seq FROM decision ORDER BY path", line, ctx, fault);
}

static enum err state_drop(struct str dir, struct fault *fault)
{
	return sql_drop(dir, &SCHEMA, fault);
}

const struct view_class VIEW_STATE = {
    .name = "state",
    .open = state_view_open,
    .cursor = state_view_cursor,
    .fits = state_fits,
    .follow = state_follow,
    .rest = state_rest,
    .dump = state_dump,
    .close = state_view_close,
    .drop = state_drop,
};

struct state {
	struct sql sql;
};

enum err state_open(struct state **out, struct str dir, struct fault *fault)
{
	struct state *t = mem_alloc(sizeof(*t));
	enum err rc = sql_open_read(&t->sql, dir, &SCHEMA_READ, fault);

	if (rc != OK && rc != ERR_NOT_FOUND) {
		mem_free(t);
		return rc;
	}
	*out = t;
	return OK;
}

void state_close(struct state *t)
{
	if (!t)
		return;
	sql_close(&t->sql);
	mem_free(t);
}

uint64_t state_cursor(struct state *t)
{
	return sql_cursor(&t->sql);
}

enum err state_list(
    struct state *t, struct str prefix, state_fn visit, void *ctx, struct fault *fault)
{
	sqlite3_stmt *st;
	int rc;

	TRY(sql_refresh(&t->sql, fault));
	st = t->sql.statements[0];
	(void)sqlite3_bind_text(st, 1, prefix.p, (int)prefix.n, SQLITE_STATIC);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct str path = {
		    (const char *)sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0)};

		if (!str_starts(path, prefix))
			break;
		visit(ctx, path);
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : sql_fail(&t->sql, rc, fault);
}
