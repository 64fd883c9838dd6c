/* SPDX-License-Identifier: Apache-2.0 */
#include "view/life/evidence.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "sys/files.h"
#include "view/life/life.h"
#include "view/sql.h"

enum { PATHS_MEMORY = 16384, SETTINGS_MEMORY = 8 << 20 };
enum { GET_SEEN, GET_DENIED };

static const struct sql_schema SCHEMA = {
    .name = LIFE_DATABASE,
    .version = LIFE_VERSION,
    .statements = {LIFE_LAST_SEEN, LIFE_SUM_DENIED},
};

struct evidence {
	struct sql sql;
	struct arena *paths, *keep; /* keep: the settings */
	struct str file, dir;
	struct stat stat; /* of the file that the settings are of */
	bool known;
	struct life_settings settings;
};

enum err evidence_open(struct evidence **out, struct str views, struct fault *fault)
{
	struct evidence *e = mem_alloc(sizeof(*e));
	enum err rc;

	e->paths = arena_new(PATHS_MEMORY);
	e->keep = arena_new(SETTINGS_MEMORY);
	e->file = file_join(e->paths, views, LIFE_SETTINGS);
	e->dir = file_join(e->paths, views, "match");
	rc = sql_open_read(&e->sql, e->dir, &SCHEMA, fault);
	if (rc != OK && rc != ERR_NOT_FOUND) {
		evidence_close(e);
		return rc;
	}
	*out = e;
	return OK;
}

void evidence_close(struct evidence *e)
{
	if (!e)
		return;
	sql_close(&e->sql);
	arena_free(e->paths);
	arena_free(e->keep);
	mem_free(e);
}

const struct life_settings *evidence_settings(struct evidence *e)
{
	struct stat now = {0};

	if (!e->file.p || stat(e->file.p, &now) != 0)
		now = (struct stat){0};
	if (e->known && file_same(&now, &e->stat))
		return &e->settings;
	arena_reset(e->keep);
	/* What cannot be read is what nothing could be made under either. */
	if (life_settings_read(&e->settings, e->keep, e->file, NULL) != OK)
		e->settings = (struct life_settings){.trust = 0};
	e->stat = now;
	e->known = true;
	return &e->settings;
}

static enum err ask(
    struct evidence *e, int statement, struct str indicator, int64_t out[2], struct fault *fault)
{
	sqlite3_stmt *st = e->sql.statements[statement];
	int rc;

	out[0] = out[1] = 0;
	(void)sqlite3_bind_text(st, 1, indicator.p, (int)indicator.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	for (int i = 0; rc == SQLITE_ROW && i < 2 && i < sqlite3_column_count(st); i++)
		out[i] = sqlite3_column_int64(st, i);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : sql_fail(&e->sql, rc, fault);
}

enum err evidence_of(
    struct evidence *e, struct str indicator, struct evidence_sum *out, struct fault *fault)
{
	int64_t seen[2], denied[2];

	TRY(sql_refresh(&e->sql, fault));
	TRY(ask(e, GET_SEEN, indicator, seen, fault));
	TRY(ask(e, GET_DENIED, indicator, denied, fault));
	*out = (struct evidence_sum){
	    .seen = seen[0], .denied = (uint64_t)denied[0], .deniers = (uint64_t)denied[1]};
	return OK;
}
