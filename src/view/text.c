/* SPDX-License-Identifier: Apache-2.0 */
/* The text view: an FTS5 index without the texts themselves and without positions. Every version
 * stays in it: which one is the newest depends on who asks. */
#include "view/text.h"

#include "base/mem.h"
#include "stix/object.h"
#include "view/classes.h"
#include "view/sql.h"

enum { PUT_TEXT, DROP_TEXTS };
enum { OBJECT_ARENA = 256 << 20, TEXT_MAX = 64 << 10, WORDS_MAX = 32 };

static const struct sql_schema SCHEMA = {
    .name = "text",
    .version = 2,
    .secure = true,
    .tables = "CREATE VIRTUAL TABLE text USING fts5(body, content='', detail=none,"
              " tokenize='unicode61 remove_diacritics 2');"
              "INSERT INTO text(text, rank) VALUES('hashsize', 33554432);",
    .statements = {"INSERT INTO text(rowid, body) VALUES(?, ?)",
        "INSERT INTO text(text) VALUES('delete-all')"},
};

static const struct sql_schema SCHEMA_READ = {
    .name = "text",
    .version = 2,
    .statements = {"SELECT rowid FROM text WHERE text MATCH ? AND rowid < ?"
                   " ORDER BY rowid DESC LIMIT ?"},
};

struct text_view {
	struct view view;
	struct sql sql;
	struct arena *arena;
	struct buf body;
};

static struct text_view *of(struct view *v)
{
	return (struct text_view *)v;
}

static void take_text(void *ctx, struct str property, struct str text)
{
	struct buf *body = ctx;
	size_t left = TEXT_MAX - body->n;

	(void)property;
	if (left < 2)
		return;
	buf_put(body, str_slice(text, 0, left - 1));
	buf_byte(body, '\n');
}

static enum err take(struct text_view *v, const struct store *s, uint64_t seq, struct fault *fault)
{
	sqlite3_stmt *st = v->sql.statements[PUT_TEXT];
	struct stix_object o;
	int rc;

	if (store_tombstone_of(store_row(s, seq)) != STORE_NONE)
		return OK;
	arena_reset(v->arena);
	if (stix_object_parse(&o, v->arena, store_content(s, seq), NULL) != OK)
		return OK;
	buf_reset(&v->body);
	stix_object_texts(&o, take_text, &v->body);
	if (v->body.n == 0)
		return OK;
	(void)sqlite3_bind_int64(st, 1, (int64_t)seq);
	(void)sqlite3_bind_text(st, 2, v->body.p, (int)v->body.n, SQLITE_STATIC);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? OK : sql_fail(&v->sql, rc, fault);
}

static enum err text_follow(
    struct view *view, const struct store *s, uint64_t end, struct fault *fault)
{
	struct text_view *v = of(view);
	uint64_t from = v->sql.cursor;
	bool purged = from > 0 && view_purges(s, from, end, from);

	if (end <= from)
		return OK;
	TRY(sql_begin(&v->sql, fault));
	/* Words are found by texts, not by records, so one text cannot be taken out without its
	 * words: all are made anew, up to what is there now, while readers have the old ones. */
	if (purged) {
		TRY(sql_put(&v->sql, DROP_TEXTS, NULL, 0, fault));
		from = 0;
		end = store_size(s);
	}
	for (uint64_t seq = from; seq < end; seq++)
		if (store_row(s, seq)->kind == RECORD_OBJECT)
			TRY(take(v, s, seq, fault));
	TRY(sql_commit(&v->sql, s, end, fault));
	return purged ? sql_flush(&v->sql, fault) : OK;
}

static enum err text_view_open(struct view **out, struct str dir, struct fault *fault)
{
	struct text_view *v = mem_alloc(sizeof(*v));
	enum err rc = sql_open(&v->sql, dir, &SCHEMA, fault);

	if (rc != OK) {
		mem_free(v);
		return rc;
	}
	v->view.class = &VIEW_TEXT;
	v->arena = arena_new(OBJECT_ARENA);
	buf_init(&v->body, TEXT_MAX);
	*out = &v->view;
	return OK;
}

static void text_rest(struct view *view)
{
	buf_free(&of(view)->body);
	arena_reset(of(view)->arena);
	sql_rest(&of(view)->sql);
}

static void text_view_close(struct view *view)
{
	struct text_view *v = of(view);

	sql_close(&v->sql);
	buf_free(&v->body);
	arena_free(v->arena);
	mem_free(v);
}

static uint64_t text_view_cursor(const struct view *v)
{
	return ((const struct text_view *)v)->sql.cursor;
}

static bool text_fits(const struct view *v, const struct store *s)
{
	return sql_fits(&((const struct text_view *)v)->sql, s);
}

static enum err text_dump(struct view *v, view_line_fn line, void *ctx, struct fault *fault)
{
	struct sql *q = &of(v)->sql;

	TRY(sql_dump(q,
	    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING"
	    " fts5vocab('main', 'text', 'instance')",
	    line, ctx, fault));
	return sql_dump(q, "SELECT term, doc FROM temp.words ORDER BY term, doc", line, ctx, fault);
}

static enum err text_drop(struct str dir, struct fault *fault)
{
	return sql_drop(dir, &SCHEMA, fault);
}

const struct view_class VIEW_TEXT = {
    .name = "text",
    .open = text_view_open,
    .cursor = text_view_cursor,
    .fits = text_fits,
    .follow = text_follow,
    .rest = text_rest,
    .dump = text_dump,
    .close = text_view_close,
    .drop = text_drop,
};

struct text {
	struct sql sql;
};

enum err text_open(struct text **out, struct str dir, struct fault *fault)
{
	struct text *t = mem_alloc(sizeof(*t));
	enum err rc = sql_open_read(&t->sql, dir, &SCHEMA_READ, fault);

	if (rc != OK && rc != ERR_NOT_FOUND) {
		mem_free(t);
		return rc;
	}
	*out = t;
	return OK;
}

void text_close(struct text *t)
{
	if (!t)
		return;
	sql_close(&t->sql);
	mem_free(t);
}

uint64_t text_cursor(struct text *t)
{
	return sql_cursor(&t->sql);
}

/* ASCII punctuation and white space separate words, as the tokenizer has it; all else is theirs. */
static bool is_word(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool text_is_phrase(struct str s)
{
	size_t words = 0;

	for (size_t i = 0; i < s.n; i++)
		if (is_word((unsigned char)s.p[i]) &&
		    (i == 0 || !is_word((unsigned char)s.p[i - 1])))
			words++;
	return words > 1;
}

enum err text_query(struct str *out, struct arena *arena, struct str words, struct fault *fault)
{
	struct buf b;
	size_t count = 0;
	size_t i = 0;
	struct str copy;

	buf_init(&b, 8 * words.n + 16);
	while (i < words.n && count < WORDS_MAX) {
		size_t from = i;

		while (i < words.n && is_word((unsigned char)words.p[i]))
			i++;
		if (i > from) {
			buf_printf(&b, "%s\"", count++ ? " AND " : "");
			buf_put(&b, str_slice(words, from, i));
			/* The word being typed: its beginning is enough. */
			buf_put(&b, i == words.n ? S("\"*") : S("\""));
		} else {
			i++;
		}
	}
	copy = arena_str(arena, buf_str(&b));
	buf_free(&b);
	if (count == 0)
		return fail(fault, ERR_INVALID, "nothing to search for: no word in the query");
	if (!copy.p)
		return fail(fault, ERR_NOMEM, "out of memory");
	*out = copy;
	return OK;
}

enum err text_find(struct text *t, struct str query, uint64_t before, uint64_t *out, size_t max,
    size_t *count, struct fault *fault)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int rc;

	TRY(sql_refresh(&t->sql, fault));
	st = t->sql.statements[0];
	(void)sqlite3_bind_text(st, 1, query.p, (int)query.n, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 2, before > INT64_MAX ? INT64_MAX : (int64_t)before);
	(void)sqlite3_bind_int64(st, 3, (int64_t)max);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && n < max)
		out[n++] = (uint64_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return sql_fail(&t->sql, rc, fault);
	*count = n;
	return OK;
}
