/* SPDX-License-Identifier: Apache-2.0 */
/* The relations view. Tables of integer pairs without row ids are the indexes themselves; a batch
 * is sorted before it is inserted, so that neighbours go into the same page. */
#include "view/relations.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "view/classes.h"
#include "view/sql.h"
#include "view/values.h"

enum { PUT_REF, PUT_VALUE, PUT_UUID, PUT_HIT, DROP_REF, DROP_VALUE, DROP_HIT };
enum { OBJECT_ARENA = 256 << 20 };

static const struct sql_schema SCHEMA = {
    .name = "relations",
    .version = 2,
    .secure = true,
    .tables = "CREATE TABLE ref(key INTEGER, seq INTEGER, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
              "CREATE TABLE value(key INTEGER, seq INTEGER, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
              "CREATE TABLE uuid(key INTEGER, seq INTEGER, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
              "CREATE TABLE hit(key INTEGER, seq INTEGER, count INTEGER, last INTEGER,"
              " PRIMARY KEY(key, seq)) WITHOUT ROWID;",
    .statements = {"INSERT OR IGNORE INTO ref VALUES(?, ?)",
        "INSERT OR IGNORE INTO value VALUES(?, ?)", "INSERT OR IGNORE INTO uuid VALUES(?, ?)",
        "INSERT OR IGNORE INTO hit VALUES(?, ?, ?, ?)",
        /* Every table is looked through, for it is found by its keys: a purge is rare. */
        "DELETE FROM ref WHERE seq = ?", "DELETE FROM value WHERE seq = ?",
        "DELETE FROM hit WHERE seq = ?"},
};

enum { GET_REF, GET_VALUE, GET_UUID, GET_HIT };

static const struct sql_schema SCHEMA_READ = {
    .name = "relations",
    .version = 2,
    .statements = {"SELECT seq FROM ref WHERE key = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        "SELECT seq FROM value WHERE key = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        "SELECT seq FROM uuid WHERE key BETWEEN ? AND ? LIMIT ?",
        "SELECT seq, count, last FROM hit WHERE key = ? AND seq < ? ORDER BY seq DESC LIMIT ?"},
};

/* Fixed, so that a rebuilt view is the same. Who makes ids and values collide gains only a few
 * candidates more to be looked at. */
static const struct hash_key KEY = {UINT64_C(0x746f6373696e2072), UINT64_C(0x656c6174696f6e73)};

int64_t relations_id_key(struct str id)
{
	return (int64_t)hash_bytes(&KEY, id);
}

int64_t relations_value_key(const struct term *t)
{
	struct hash_key key = {KEY.k0 ^ (uint64_t)t->kind << 8 ^ t->prefix, KEY.k1};

	return (int64_t)hash_bytes(&key, t->value);
}

/* The first 64 bits of the UUID in an id, as a number that orders like the text (signed, so that
 * SQLite can compare it). `digits` tells how many were there. */
static int64_t uuid_key(struct str uuid, int *digits)
{
	uint64_t key = 0;

	*digits = 0;
	for (size_t i = 0; i < uuid.n && *digits < 16; i++) {
		int v = str_hex_digit(uuid.p[i]);

		if (v < 0 && uuid.p[i] == '-')
			continue;
		if (v < 0)
			break;
		key |= (uint64_t)v << (60 - 4 * *digits);
		++*digits;
	}
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

struct pair {
	int64_t key, seq;
};

struct pairs {
	struct pair *list;
	size_t count, room;
};

struct hit {
	int64_t key, seq, count, last;
};

struct relations_view {
	struct view view;
	struct sql sql;
	struct arena *arena;
	struct pairs pairs[PUT_HIT]; /* by statement */
	struct hit *hits;
	size_t hit_count, hit_room;
	int64_t seq; /* of the record at hand */
};

static void push(struct pairs *p, int64_t key, int64_t seq)
{
	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 1024;
		p->list = mem_grow(p->list, p->room, sizeof(*p->list));
	}
	p->list[p->count++] = (struct pair){key, seq};
}

/* Who marks an object is shown with its label, not as a relation: every object would have it. */
static void take_ref(void *ctx, struct str path, struct str target)
{
	struct relations_view *v = ctx;

	if (!str_starts(path, S("object_marking_refs")) &&
	    !str_starts(path, S("granular_markings")))
		push(&v->pairs[PUT_REF], relations_id_key(target), v->seq);
}

static void take_value(void *ctx, const struct term *t)
{
	struct relations_view *v = ctx;

	push(&v->pairs[PUT_VALUE], relations_value_key(t), v->seq);
}

static void take_hit(struct relations_view *v, const struct stix_object *o)
{
	struct str of = json_get_str(o->root, "sighting_of_ref");
	yyjson_val *count = yyjson_obj_get(o->root, "count");
	usec last = 0;

	if (!str_eq(o->type_name, S("sighting")) || !of.p)
		return;
	if (time_parse_utc(&last, json_get_str(o->root, "last_seen")) != OK)
		last = o->modified;
	if (v->hit_count == v->hit_room) {
		v->hit_room = v->hit_room ? v->hit_room * 2 : 256;
		v->hits = mem_grow(v->hits, v->hit_room, sizeof(*v->hits));
	}
	v->hits[v->hit_count++] = (struct hit){.key = relations_id_key(of),
	    .seq = v->seq,
	    .count = yyjson_is_int(count) ? yyjson_get_sint(count) : 1,
	    .last = last};
}

static void take(struct relations_view *v, const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);
	struct stix_object o;
	struct str id;
	int64_t key;
	int digits;

	if (row->kind != RECORD_OBJECT)
		return;
	v->seq = (int64_t)seq;
	id = store_id(s, seq);
	/* Every version, for which one came first can change when older ones arrive late. */
	key = uuid_key(str_from(id, str_search(id, S("--")) + 2), &digits);
	if (digits > 0)
		push(&v->pairs[PUT_UUID], key, v->seq);
	if (store_tombstone_of(row) != STORE_NONE)
		return;
	arena_reset(v->arena);
	if (stix_object_parse(&o, v->arena, store_content(s, seq), NULL) != OK)
		return;
	stix_object_refs(&o, take_ref, v);
	object_values(&o, v->arena, take_value, v);
	take_hit(v, &o);
}

static int compare_pairs(const void *pa, const void *pb)
{
	const struct pair *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static enum err flush(struct relations_view *v, struct fault *fault)
{
	for (int i = 0; i < PUT_HIT; i++) {
		struct pairs *p = &v->pairs[i];

		if (p->count > 0)
			qsort(p->list, p->count, sizeof(*p->list), compare_pairs);
		for (size_t k = 0; k < p->count; k++) {
			const int64_t values[] = {p->list[k].key, p->list[k].seq};

			TRY(sql_put(&v->sql, i, values, 2, fault));
		}
		p->count = 0;
	}
	for (size_t k = 0; k < v->hit_count; k++) {
		const struct hit *h = &v->hits[k];
		const int64_t values[] = {h->key, h->seq, h->count, h->last};

		TRY(sql_put(&v->sql, PUT_HIT, values, 4, fault));
	}
	v->hit_count = 0;
	return OK;
}

static struct relations_view *of(struct view *v)
{
	return (struct relations_view *)v;
}

/* What was made of a record before it was purged. */
static enum err drop_purged(struct relations_view *v, const struct store *s, uint64_t seq,
    uint64_t before, struct fault *fault)
{
	uint64_t target = view_purged(s, seq);

	for (int i = DROP_REF; target < before && i <= DROP_HIT; i++)
		TRY(sql_put(&v->sql, i, (const int64_t[]){(int64_t)target}, 1, fault));
	return OK;
}

static enum err view_follow(
    struct view *view, const struct store *s, uint64_t end, struct fault *fault)
{
	struct relations_view *v = of(view);
	uint64_t from = v->sql.cursor;
	bool purged = view_purges(s, from, end, from);

	if (end <= from)
		return OK;
	for (uint64_t seq = from; seq < end; seq++)
		take(v, s, seq);
	TRY(sql_begin(&v->sql, fault));
	TRY(flush(v, fault));
	for (uint64_t seq = from; purged && seq < end; seq++)
		TRY(drop_purged(v, s, seq, from, fault));
	TRY(sql_commit(&v->sql, s, end, fault));
	return purged ? sql_flush(&v->sql, fault) : OK;
}

static enum err relations_view_open(struct view **out, struct str dir, struct fault *fault)
{
	struct relations_view *v = mem_alloc(sizeof(*v));
	enum err rc = sql_open(&v->sql, dir, &SCHEMA, fault);

	if (rc != OK) {
		mem_free(v);
		return rc;
	}
	v->view.class = &VIEW_RELATIONS;
	v->arena = arena_new(OBJECT_ARENA);
	*out = &v->view;
	return OK;
}

static void view_rest(struct view *view)
{
	struct relations_view *v = of(view);

	for (int i = 0; i < PUT_HIT; i++) {
		mem_free(v->pairs[i].list);
		v->pairs[i] = (struct pairs){0};
	}
	mem_free(v->hits);
	v->hits = NULL;
	v->hit_room = 0;
	arena_reset(v->arena);
	sql_rest(&v->sql);
}

static void view_close(struct view *view)
{
	struct relations_view *v = of(view);

	view_rest(view);
	sql_close(&v->sql);
	arena_free(v->arena);
	mem_free(v);
}

static uint64_t view_cursor(const struct view *v)
{
	return ((const struct relations_view *)v)->sql.cursor;
}

static bool view_fits(const struct view *v, const struct store *s)
{
	return sql_fits(&((const struct relations_view *)v)->sql, s);
}

static enum err view_dump(struct view *v, view_line_fn line, void *ctx, struct fault *fault)
{
	static const char *const QUERIES[] = {
	    "SELECT 'ref', key, seq FROM ref ORDER BY key, seq",
	    "SELECT 'value', key, seq FROM value ORDER BY key, seq",
	    "SELECT 'uuid', key, seq FROM uuid ORDER BY key, seq",
	    "SELECT 'hit', key, seq, count, last FROM hit ORDER BY key, seq",
	};

	for (size_t i = 0; i < sizeof(QUERIES) / sizeof(QUERIES[0]); i++)
		TRY(sql_dump(&of(v)->sql, QUERIES[i], line, ctx, fault));
	return OK;
}

static enum err view_drop(struct str dir, struct fault *fault)
{
	return sql_drop(dir, &SCHEMA, fault);
}

const struct view_class VIEW_RELATIONS = {
    .name = "relations",
    .open = relations_view_open,
    .cursor = view_cursor,
    .fits = view_fits,
    .follow = view_follow,
    .rest = view_rest,
    .dump = view_dump,
    .close = view_close,
    .drop = view_drop,
};

struct relations {
	struct sql sql;
};

enum err relations_open(struct relations **out, struct str dir, struct fault *fault)
{
	struct relations *r = mem_alloc(sizeof(*r));
	enum err rc = sql_open_read(&r->sql, dir, &SCHEMA_READ, fault);

	if (rc != OK && rc != ERR_NOT_FOUND) {
		mem_free(r);
		return rc;
	}
	*out = r;
	return OK;
}

void relations_close(struct relations *r)
{
	if (!r)
		return;
	sql_close(&r->sql);
	mem_free(r);
}

uint64_t relations_cursor(struct relations *r)
{
	return sql_cursor(&r->sql);
}

/* Binds three integers and collects up to max rows; `row` looks at the columns. */
struct select {
	int statement;
	int64_t a, b;
	size_t max;
	void (*row)(void *out, size_t at, sqlite3_stmt *st);
	void *out;
};

static enum err select_rows(
    struct relations *r, const struct select *what, size_t *count, struct fault *fault)
{
	sqlite3_stmt *st;
	size_t n = 0;
	int rc;

	TRY(sql_refresh(&r->sql, fault));
	st = r->sql.statements[what->statement];
	(void)sqlite3_bind_int64(st, 1, what->a);
	(void)sqlite3_bind_int64(st, 2, what->b);
	(void)sqlite3_bind_int64(st, 3, (int64_t)what->max);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && n < what->max)
		what->row(what->out, n++, st);
	(void)sqlite3_reset(st);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return sql_fail(&r->sql, rc, fault);
	*count = n;
	return OK;
}

static void row_seq(void *out, size_t at, sqlite3_stmt *st)
{
	((uint64_t *)out)[at] = (uint64_t)sqlite3_column_int64(st, 0);
}

static void row_hit(void *out, size_t at, sqlite3_stmt *st)
{
	((struct relations_hit *)out)[at] = (struct relations_hit){
	    .seq = (uint64_t)sqlite3_column_int64(st, 0),
	    .count = (uint64_t)sqlite3_column_int64(st, 1),
	    .last = sqlite3_column_int64(st, 2),
	};
}

static int64_t below(uint64_t before)
{
	return before > INT64_MAX ? INT64_MAX : (int64_t)before;
}

enum err relations_find(struct relations *r, const struct relations_find *what, uint64_t *out,
    size_t max, size_t *count, struct fault *fault)
{
	const struct select s = {
	    .statement = what->index == RELATIONS_VALUE ? GET_VALUE : GET_REF,
	    .a = what->key,
	    .b = below(what->before),
	    .max = max,
	    .row = row_seq,
	    .out = out,
	};

	return select_rows(r, &s, count, fault);
}

enum err relations_find_uuid(struct relations *r, struct str prefix, uint64_t *out, size_t max,
    size_t *count, struct fault *fault)
{
	int digits;
	int64_t from = uuid_key(prefix, &digits);
	uint64_t rest = digits >= 16 ? 0 : UINT64_MAX >> (4 * digits);
	const struct select s = {
	    .statement = GET_UUID,
	    .a = from,
	    .b = (int64_t)((uint64_t)from + rest),
	    .max = max,
	    .row = row_seq,
	    .out = out,
	};

	if (digits < RELATIONS_PREFIX_MIN)
		return fail(fault, ERR_INVALID, "the beginning of an id needs %d digits",
		    RELATIONS_PREFIX_MIN);
	return select_rows(r, &s, count, fault);
}

enum err relations_hits(struct relations *r, struct str indicator_id, uint64_t before,
    struct relations_hit *out, size_t max, size_t *count, struct fault *fault)
{
	const struct select s = {
	    .statement = GET_HIT,
	    .a = relations_id_key(indicator_id),
	    .b = below(before),
	    .max = max,
	    .row = row_hit,
	    .out = out,
	};

	return select_rows(r, &s, count, fault);
}
