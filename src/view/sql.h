/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite under the views: one database a view, in WAL mode, the cursor in the same transaction as
 * what was followed. The only folder that includes <sqlite3.h>. A view is derived: what is damaged
 * is dropped and made anew. */
#pragma once

#include <sqlite3.h>

#include "base/buf.h"
#include "view/view.h"

enum { SQL_PATH_MAX = 4096, SQL_STATEMENTS_MAX = 32 };

struct sql_schema {
	const char *name; /* file name without ".db" */
	bool secure;      /* what is deleted becomes zeros: its rows hold what objects say */
	int version;      /* another one in the file: drop and follow again */
	const char *tables;
	const char *statements[SQL_STATEMENTS_MAX]; /* prepared at open; index = position */
};

struct sql {
	const struct sql_schema *schema;
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_STATEMENTS_MAX];
	sqlite3_stmt *get_cursor, *put_cursor;
	uint64_t cursor;
	struct sha256 leaf; /* of record cursor - 1 */
	uint64_t inode;     /* a reader's: tells that the file was replaced */
	char path[SQL_PATH_MAX];
};

/* Once in a process, before its first view: the library's count of all its memory is a lock that
 * the views' threads would meet at. */
void sql_set_up(void);

/* For writing: creates or drops and creates. */
MUST_USE enum err sql_open(
    struct sql *q, struct str dir, const struct sql_schema *schema, struct fault *fault);
/* For reading. ERR_NOT_FOUND when there is none (yet). */
MUST_USE enum err sql_open_read(
    struct sql *q, struct str dir, const struct sql_schema *schema, struct fault *fault);
void sql_close(struct sql *q);
/* A reader's file was replaced or was not there: opens again where needed. */
MUST_USE enum err sql_refresh(struct sql *q, struct fault *fault);

MUST_USE enum err sql_begin(struct sql *q, struct fault *fault);
MUST_USE enum err sql_commit(
    struct sql *q, const struct store *s, uint64_t cursor, struct fault *fault);
/* Leaves nothing of older pages in the log beside the database. */
MUST_USE enum err sql_flush(struct sql *q, struct fault *fault);
/* Runs a statement with integers bound that gives no rows; resets it. */
MUST_USE enum err sql_put(
    struct sql *q, int statement, const int64_t *values, int count, struct fault *fault);
enum err sql_fail(struct sql *q, int rc, struct fault *fault);

bool sql_fits(const struct sql *q, const struct store *s);
void sql_rest(struct sql *q);
/* Every row of a query, columns joined by '|'. */
MUST_USE enum err sql_dump(
    struct sql *q, const char *query, view_line_fn line, void *ctx, struct fault *fault);
/* Nothing is left of it; readers that have it open see it empty. */
MUST_USE enum err sql_drop(struct str dir, const struct sql_schema *schema, struct fault *fault);
/* What a reader sees of the cursor. */
uint64_t sql_cursor(struct sql *q);
