/* SPDX-License-Identifier: Apache-2.0 */
#include "view/sql.h"
#include "sys/env.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Bulk work may use this much memory for pages; sql_rest gives it back. */
static const char PRAGMAS_WRITE[] = "PRAGMA journal_mode=WAL;"
                                    "PRAGMA synchronous=NORMAL;"
                                    "PRAGMA cache_size=-65536;"
                                    "PRAGMA wal_autocheckpoint=8192;"
                                    "PRAGMA journal_size_limit=67108864;"
                                    "PRAGMA temp_store=MEMORY;";
static const char PRAGMAS_READ[] = "PRAGMA query_only=ON;"
                                   "PRAGMA cache_size=-1024;"
                                   "PRAGMA mmap_size=1073741824;";
static const char META[] = "CREATE TABLE IF NOT EXISTS meta("
                           "one INTEGER PRIMARY KEY CHECK(one = 1), cursor INTEGER, leaf BLOB);";

enum { OPEN_TRIES = 40, OPEN_PAUSE_NS = 25000000 };

void sql_set_up(void)
{
	/* Refused when the library is in use already: then it counts, and that is all. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err sql_fail(struct sql *q, int rc, struct fault *fault)
{
	enum err code = ERR_IO;

	switch (rc & 0xff) {
	case SQLITE_FULL:
		code = ERR_FULL;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = ERR_CORRUPT;
		break;
	case SQLITE_NOMEM:
		code = ERR_NOMEM;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_BUSY;
		break;
	case SQLITE_CANTOPEN:
		code = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
		break;
	default:
		break;
	}
	return fail(fault, code, "%s: %s", q->path, q->db ? sqlite3_errmsg(q->db) : "no memory");
}

static enum err run(struct sql *q, const char *text, struct fault *fault)
{
	int rc = sqlite3_exec(q->db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? OK : sql_fail(q, rc, fault);
}

static enum err prepare(struct sql *q, const char *text, sqlite3_stmt **out, struct fault *fault)
{
	int rc = sqlite3_prepare_v3(q->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	return rc == SQLITE_OK ? OK : sql_fail(q, rc, fault);
}

static enum err prepare_all(struct sql *q, struct fault *fault)
{
	for (int i = 0; i < SQL_STATEMENTS_MAX && q->schema->statements[i]; i++)
		TRY(prepare(q, q->schema->statements[i], &q->statements[i], fault));
	return prepare(q, "SELECT cursor, leaf FROM meta", &q->get_cursor, fault);
}

static enum err load_cursor(struct sql *q, struct fault *fault)
{
	int rc = sqlite3_step(q->get_cursor);

	q->cursor = 0;
	if (rc == SQLITE_ROW) {
		q->cursor = (uint64_t)sqlite3_column_int64(q->get_cursor, 0);
		if (sqlite3_column_bytes(q->get_cursor, 1) == SHA256_LEN)
			memcpy(q->leaf.b, sqlite3_column_blob(q->get_cursor, 1), SHA256_LEN);
	}
	(void)sqlite3_reset(q->get_cursor);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

static enum err set_path(
    struct sql *q, struct str dir, const struct sql_schema *schema, struct fault *fault)
{
	int n;

	*q = (struct sql){.schema = schema};
	n = snprintf(q->path, sizeof(q->path), "%.*s/%s.db", STR_ARG(dir), schema->name);
	if (n < 0 || (size_t)n + 8 >= sizeof(q->path))
		return fail(fault, ERR_LIMIT, "path too long: %.*s", STR_ARG(dir));
	return OK;
}

static int user_version(struct sql *q)
{
	sqlite3_stmt *st = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(q->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	return version;
}

static enum err try_open(struct sql *q, struct fault *fault)
{
	char set[64];
	int version, rc;

	rc = sqlite3_open_v2(q->path, &q->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return sql_fail(q, rc, fault);
	(void)sqlite3_busy_timeout(q->db, 5000);
	TRY(run(q, PRAGMAS_WRITE, fault));
	if (q->schema->secure)
		TRY(run(q, "PRAGMA secure_delete=ON", fault));
	version = user_version(q);
	if (version != 0 && version != q->schema->version)
		return fail(fault, ERR_CORRUPT, "%s: of another format", q->path);
	if (version == 0) {
		(void)snprintf(set, sizeof(set), "PRAGMA user_version=%d;", q->schema->version);
		TRY(run(q, "BEGIN IMMEDIATE", fault));
		TRY(run(q, META, fault));
		TRY(run(q, q->schema->tables, fault));
		TRY(run(q, set, fault));
		TRY(run(q, "COMMIT", fault));
	}
	/* A purge that was cut short after its last commit. */
	if (q->schema->secure)
		TRY(sql_flush(q, fault));
	TRY(prepare_all(q, fault));
	TRY(prepare(q, "INSERT OR REPLACE INTO meta VALUES(1, ?, ?)", &q->put_cursor, fault));
	return load_cursor(q, fault);
}

/* While another process makes or recovers the file it is locked, and SQLite does not always wait.
 */
static enum err open_patiently(
    struct sql *q, enum err (*try)(struct sql *q, struct fault *fault), struct fault *fault)
{
	const struct timespec pause = {.tv_nsec = OPEN_PAUSE_NS};
	enum err rc = try(q, fault);

	for (int i = 0; i < OPEN_TRIES && rc == ERR_BUSY; i++) {
		sql_close(q);
		(void)nanosleep(&pause, NULL);
		rc = try(q, fault);
	}
	return rc;
}

enum err sql_open(
    struct sql *q, struct str dir, const struct sql_schema *schema, struct fault *fault)
{
	enum err rc;

	TRY(set_path(q, dir, schema, fault));
	rc = open_patiently(q, try_open, fault);
	if (rc == ERR_CORRUPT) {
		sql_close(q);
		TRY(sql_drop(dir, schema, fault));
		TRY(set_path(q, dir, schema, fault));
		rc = open_patiently(q, try_open, fault);
	}
	if (rc != OK)
		sql_close(q);
	return rc;
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static enum err try_open_read(struct sql *q, struct fault *fault)
{
	int rc;

	q->inode = inode_of(q->path);
	if (q->inode == 0)
		return fail(fault, ERR_NOT_FOUND, "%s: not there yet", q->path);
	rc = sqlite3_open_v2(q->path, &q->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return sql_fail(q, rc, fault);
	(void)sqlite3_busy_timeout(q->db, 1000);
	TRY(run(q, PRAGMAS_READ, fault));
	/* One look: the version is that of the tables, though it may be dropped at any moment. */
	TRY(run(q, "BEGIN", fault));
	if (user_version(q) != q->schema->version)
		return fail(fault, ERR_NOT_FOUND, "%s: not there yet", q->path);
	TRY(prepare_all(q, fault));
	return run(q, "COMMIT", fault);
}

enum err sql_open_read(
    struct sql *q, struct str dir, const struct sql_schema *schema, struct fault *fault)
{
	enum err rc;

	TRY(set_path(q, dir, schema, fault));
	rc = open_patiently(q, try_open_read, fault);
	if (rc != OK)
		sql_close(q);
	return rc;
}

void sql_close(struct sql *q)
{
	for (int i = 0; i < SQL_STATEMENTS_MAX; i++)
		(void)sqlite3_finalize(q->statements[i]);
	(void)sqlite3_finalize(q->get_cursor);
	(void)sqlite3_finalize(q->put_cursor);
	(void)sqlite3_close(q->db);
	memset(q->statements, 0, sizeof(q->statements));
	q->get_cursor = q->put_cursor = NULL;
	q->db = NULL;
}

enum err sql_refresh(struct sql *q, struct fault *fault)
{
	enum err rc;

	if (q->db && inode_of(q->path) == q->inode)
		return OK;
	sql_close(q);
	rc = open_patiently(q, try_open_read, fault);
	if (rc != OK)
		sql_close(q);
	return rc;
}

enum err sql_begin(struct sql *q, struct fault *fault)
{
	return run(q, "BEGIN IMMEDIATE", fault);
}

enum err sql_commit(struct sql *q, const struct store *s, uint64_t cursor, struct fault *fault)
{
	struct sha256 leaf = store_leaf(s, cursor - 1);
	int rc;

	(void)sqlite3_bind_int64(q->put_cursor, 1, (int64_t)cursor);
	(void)sqlite3_bind_blob(q->put_cursor, 2, leaf.b, SHA256_LEN, SQLITE_TRANSIENT);
	rc = sqlite3_step(q->put_cursor);
	(void)sqlite3_reset(q->put_cursor);
	if (rc != SQLITE_DONE)
		return sql_fail(q, rc, fault);
	TRY(run(q, "COMMIT", fault));
	q->cursor = cursor;
	q->leaf = leaf;
	return OK;
}

enum err sql_flush(struct sql *q, struct fault *fault)
{
	int rc = sqlite3_wal_checkpoint_v2(q->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return rc == SQLITE_OK ? OK : sql_fail(q, rc, fault);
}

enum err sql_put(
    struct sql *q, int statement, const int64_t *values, int count, struct fault *fault)
{
	sqlite3_stmt *st = q->statements[statement];
	int rc;

	for (int i = 0; i < count; i++)
		(void)sqlite3_bind_int64(st, i + 1, values[i]);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

bool sql_fits(const struct sql *q, const struct store *s)
{
	struct sha256 leaf;

	if (q->cursor == 0)
		return true;
	if (q->cursor > store_size(s))
		return false;
	leaf = store_leaf(s, q->cursor - 1);
	return sha256_eq(&leaf, &q->leaf);
}

void sql_rest(struct sql *q)
{
	(void)sqlite3_db_release_memory(q->db);
}

enum err sql_dump(
    struct sql *q, const char *query, view_line_fn line, void *ctx, struct fault *fault)
{
	sqlite3_stmt *st = NULL;
	struct buf text;
	int rc = SQLITE_DONE;

	TRY(prepare(q, query, &st, fault));
	buf_init(&text, 1 << 20);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		buf_reset(&text);
		for (int i = 0; i < sqlite3_column_count(st); i++)
			buf_printf(
			    &text, "%s%s", i ? "|" : "", (const char *)sqlite3_column_text(st, i));
		line(ctx, buf_str(&text));
	}
	buf_free(&text);
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? OK : sql_fail(q, rc, fault);
}

/* Empties the database in place: others that have it open see an empty one. */
static enum err empty(struct sql *q, struct fault *fault)
{
	int rc =
	    sqlite3_open_v2(q->path, &q->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return sql_fail(q, rc, fault);
	(void)sqlite3_busy_timeout(q->db, 5000);
	TRY(run(q, "PRAGMA journal_mode=WAL; PRAGMA temp_store=MEMORY;", fault));
	(void)sqlite3_db_config(q->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
	TRY(run(q, "VACUUM", fault));
	(void)sqlite3_db_config(q->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
	return OK;
}

static enum err remove_files(struct str dir, const char *name, struct fault *fault)
{
	static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
	char path[SQL_PATH_MAX];

	for (size_t i = 0; i < sizeof(SUFFIXES) / sizeof(SUFFIXES[0]); i++) {
		(void)snprintf(path, sizeof(path), "%.*s/%s.db%s", STR_ARG(dir), name, SUFFIXES[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			return fail(fault, ERR_IO, "%s: %s", path, sys_error(errno));
	}
	return OK;
}

/* Files are taken away only when nothing else helps: whoever still has one open would, on closing
 * it, remove the log of the next one by its name. */
enum err sql_drop(struct str dir, const struct sql_schema *schema, struct fault *fault)
{
	struct sql q;
	enum err rc;

	TRY(set_path(&q, dir, schema, fault));
	rc = inode_of(q.path) ? empty(&q, fault) : OK;
	sql_close(&q);
	return rc == OK || rc == ERR_BUSY ? rc : remove_files(dir, schema->name, fault);
}

uint64_t sql_cursor(struct sql *q)
{
	return sql_refresh(q, NULL) == OK && load_cursor(q, NULL) == OK ? q->cursor : 0;
}
