/* SPDX-License-Identifier: Apache-2.0 */
/* A person's words as a full-text query: nothing of them may be read as an operator. Every query
 * that is made is given to SQLite, which must understand it. */
#include <sqlite3.h>
#include <stdlib.h>

#include "view/text.h"

static bool understood(struct str query)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	int rc;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_exec(db, "CREATE VIRTUAL TABLE t USING fts5(b, content='', detail=none)", NULL,
	        NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT rowid FROM t WHERE t MATCH ?", -1, &st, NULL) !=
	        SQLITE_OK)
		abort();
	(void)sqlite3_bind_text(st, 1, query.p, (int)query.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return rc == SQLITE_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str words = {(const char *)data, size < 1024 ? size : 1024};
	struct arena *arena = arena_new(1 << 20);
	struct str query;

	if (text_query(&query, arena, words, NULL) == OK && !understood(query))
		abort();
	arena_free(arena);
	return 0;
}
