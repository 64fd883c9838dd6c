/* SPDX-License-Identifier: Apache-2.0 */
#include "view/life/life.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "policy/decay/testimony.h"
#include "stix/type.h"
#include "sys/files.h"
#include "view/sql.h"

enum {
	SETTINGS_MEMORY = 8 << 20,
	OBJECT_MEMORY = 64 << 20,
	NEWS_MAX = 64 << 20, /* bytes of ids in one batch of records */
	SOURCES_MAX = 100000,
};

enum { PUT, OF_REF, DROP_REF, SEEN, DENIED, PUT_SOURCE };

/* `weight` 0: it was seen then. What a source is not trusted in is not there. */
static const struct sql_schema SCHEMA = {
    .name = LIFE_DATABASE,
    .secure = true,
    .version = LIFE_VERSION,
    .tables = "CREATE TABLE evidence(indicator TEXT, weight INTEGER, at INTEGER, ref TEXT,"
              " source INTEGER, PRIMARY KEY(indicator, weight, at, ref)) WITHOUT ROWID;"
              "CREATE INDEX evidence_ref ON evidence(ref);"
              "CREATE TABLE source(number INTEGER PRIMARY KEY, name TEXT);",
    .statements = {"INSERT OR REPLACE INTO evidence VALUES(?, ?, ?, ?, ?)",
        "SELECT indicator FROM evidence WHERE ref = ?", "DELETE FROM evidence WHERE ref = ?",
        LIFE_LAST_SEEN, LIFE_SUM_DENIED, "INSERT OR REPLACE INTO source VALUES(?, ?)"},
};

struct life {
	struct sql sql;
	struct life_settings settings;
	struct arena *keep, *arena; /* settings; one object */
	struct buf news;            /* ids of indicators, each with a newline behind it */
	uint32_t *trust;            /* by number of the source */
	size_t trust_count;
	bool purged;
};

/* ---- sources ---- */

static void set_trust(struct life *l, uint64_t number, struct str name)
{
	if (number == 0 || number >= SOURCES_MAX)
		return;
	if (number >= l->trust_count) {
		size_t room = (size_t)number + 64;

		l->trust = mem_grow(l->trust, room, sizeof(l->trust[0]));
		for (size_t i = l->trust_count; i < room; i++)
			l->trust[i] = l->settings.trust;
		l->trust_count = room;
	}
	l->trust[number] = life_trust(&l->settings, name);
}

static uint32_t trust_of(const struct life *l, uint32_t source)
{
	if (source == 0)
		return life_trust(&l->settings, S("local"));
	return source < l->trust_count ? l->trust[source] : l->settings.trust;
}

static enum err load_sources(struct life *l, struct fault *fault)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(l->sql.db, "SELECT number, name FROM source", -1, &st, NULL);

	if (rc != SQLITE_OK)
		return sql_fail(&l->sql, rc, fault);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		set_trust(l, (uint64_t)sqlite3_column_int64(st, 0),
		    str_c((const char *)sqlite3_column_text(st, 1)));
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? OK : sql_fail(&l->sql, rc, fault);
}

static void bind(sqlite3_stmt *st, int at, struct str text)
{
	(void)sqlite3_bind_text(st, at, text.p, (int)text.n, SQLITE_STATIC);
}

/* A statement that gives no rows. */
static enum err step(struct life *l, sqlite3_stmt *st, struct fault *fault)
{
	int rc = sqlite3_step(st);

	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? OK : sql_fail(&l->sql, rc, fault);
}

static enum err take_source(
    struct life *l, const struct store *s, uint64_t seq, struct str name, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	sqlite3_stmt *st = l->sql.statements[PUT_SOURCE];
	yyjson_val *root;
	uint64_t number;

	if (json_parse(&root, l->arena, store_content(s, seq), &limits, NULL) != OK)
		return OK;
	number = yyjson_get_uint(yyjson_obj_get(root, "number"));
	set_trust(l, number, name);
	(void)sqlite3_bind_int64(st, 1, (int64_t)number);
	bind(st, 2, name);
	return step(l, st, fault);
}

/* ---- evidence ---- */

static void tell(struct life *l, struct str indicator)
{
	buf_put(&l->news, indicator);
	buf_byte(&l->news, '\n');
}

/* What an object said before. */
static enum err forget(struct life *l, struct str ref, struct fault *fault)
{
	sqlite3_stmt *st = l->sql.statements[OF_REF];
	int rc;

	bind(st, 1, ref);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		tell(l, str_c((const char *)sqlite3_column_text(st, 0)));
	(void)sqlite3_reset(st);
	if (rc != SQLITE_DONE)
		return sql_fail(&l->sql, rc, fault);
	st = l->sql.statements[DROP_REF];
	bind(st, 1, ref);
	return step(l, st, fault);
}

static enum err put(
    struct life *l, const struct testimony *e, struct str ref, uint32_t source, struct fault *fault)
{
	uint32_t trust = trust_of(l, source), weight = e->weight * trust / DECAY_FULL;
	sqlite3_stmt *st = l->sql.statements[PUT];

	if (trust == 0 || (e->weight > 0 && weight == 0))
		return OK;
	for (size_t i = 0; i < e->about_count; i++) {
		bind(st, 1, e->about[i]);
		(void)sqlite3_bind_int64(st, 2, weight);
		(void)sqlite3_bind_int64(st, 3, e->seen);
		bind(st, 4, ref);
		(void)sqlite3_bind_int64(st, 5, source);
		TRY(step(l, st, fault));
		tell(l, e->about[i]);
	}
	return OK;
}

/* The version of an object that counts; STORE_NONE when there is none. */
static uint64_t counting(const struct store *s, struct str id)
{
	uint64_t seq = id.n > 0 && id.n <= STORE_ID_MAX ? store_find(s, id) : STORE_NONE;

	while (seq != STORE_NONE && (store_withdrawn(store_row(s, seq)) ||
	                                store_tombstone_of(store_row(s, seq)) != STORE_NONE))
		seq = store_older(s, seq);
	return seq;
}

/* Whatever happened to the object of this id: what it says now counts. */
static enum err look(struct life *l, const struct store *s, struct str id, struct fault *fault)
{
	uint64_t seq = counting(s, id);
	const struct row *row = seq == STORE_NONE ? NULL : store_row(s, seq);
	struct testimony e;
	struct stix_object o;

	TRY(forget(l, id, fault));
	if (!row || row->kind != RECORD_OBJECT || (row->flags & RECORD_FLAG_DERIVED) ||
	    stix_object_parse(&o, l->arena, store_content(s, seq), NULL) != OK ||
	    !testimony_read(&e, &o, row->received))
		return OK;
	return put(l, &e, id, row->source, fault);
}

static bool is_evidence(struct str id)
{
	return str_starts(id, S("sighting--")) || str_starts(id, S("opinion--"));
}

/* What a decision takes back, gives again or hides. */
static struct str decided_about(struct str path)
{
	static const char *const PREFIXES[] = {STORE_WITHDRAW, STORE_RETRACT};

	for (size_t i = 0; i < sizeof(PREFIXES) / sizeof(PREFIXES[0]); i++)
		if (str_starts(path, str_c(PREFIXES[i])))
			return str_from(path, strlen(PREFIXES[i]));
	if (!str_starts(path, S(STORE_VOID)))
		return STR_NONE;
	path = str_from(path, sizeof(STORE_VOID) - 1);
	(void)str_cut(&path, '/');
	return path;
}

static enum err take(struct life *l, const struct store *s, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(s, seq);
	struct str id = STR_NONE;

	if (row->kind == RECORD_OBJECT &&
	    (row->tag == STIX_TYPE_SIGHTING || row->tag == STIX_TYPE_OPINION)) {
		id = store_id(s, seq);
	} else if (row->kind == RECORD_DECISION) {
		id = store_id(s, seq);
		if (str_starts(id, S("source/")))
			return take_source(l, s, seq, str_from(id, sizeof("source/") - 1), fault);
		id = decided_about(id);
	} else if (row->kind == RECORD_TOMBSTONE) {
		uint64_t purged = view_purged(s, seq);

		id = purged == STORE_NONE ? STR_NONE : store_id(s, purged);
		l->purged |= is_evidence(id);
	}
	return is_evidence(id) ? look(l, s, id, fault) : OK;
}

enum err life_follow(struct life *l, const struct store *s, uint64_t end, struct fault *fault)
{
	if (!l)
		return OK;
	if (!sql_fits(&l->sql, s))
		return fail(fault, ERR_CORRUPT, "%s: of another ledger", l->sql.path);
	buf_reset(&l->news);
	TRY(sql_begin(&l->sql, fault));
	for (uint64_t seq = l->sql.cursor; seq < end; seq++) {
		arena_reset(l->arena);
		TRY(take(l, s, seq, fault));
	}
	return l->news.failed == OK
	           ? OK
	           : fail(fault, l->news.failed, "too much is said about indicators at once");
}

/* ---- what follows of it ---- */

static enum err number(struct life *l, int statement, struct str id, int64_t *out)
{
	sqlite3_stmt *st = l->sql.statements[statement];
	int rc;

	bind(st, 1, id);
	rc = sqlite3_step(st);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : ERR_IO;
}

/* Rounded outwards, as the index has its ends. */
static uint32_t second(usec t)
{
	if (t <= 0)
		return 0;
	if (t > (usec)(UINT32_MAX - 1) * USEC_PER_SEC)
		return UINT32_MAX;
	return (uint32_t)((t + USEC_PER_SEC - 1) / USEC_PER_SEC);
}

uint32_t life_until(struct life *l, const struct store *s, uint64_t seq,
    const struct stix_object *indicator, const struct term_list *terms)
{
	const struct row *row = store_row(s, seq);
	struct decay_facts facts = {0};
	int64_t seen, denied;

	if (!l)
		return UINT32_MAX;
	testimony_stated(&facts, indicator, row->received);
	facts.kind = decay_kind_of(&l->settings.decay, terms);
	facts.trust = trust_of(l, row->source);
	if (number(l, SEEN, indicator->id, &seen) == OK)
		facts.seen = seen;
	if (number(l, DENIED, indicator->id, &denied) == OK)
		facts.denied = (uint64_t)denied;
	return second(decay_below(&l->settings.decay, &facts, l->settings.decay.threshold));
}

/* The end of its time too. */
static uint32_t end_of(struct life *l, const struct store *s, uint64_t seq)
{
	struct str pattern;
	struct stix_object o;
	struct term_list terms;
	uint32_t until, valid = UINT32_MAX;
	usec t;

	arena_reset(l->arena);
	if (stix_object_parse(&o, l->arena, store_content(s, seq), NULL) != OK)
		return UINT32_MAX;
	pattern = json_get_str(o.root, "pattern");
	until = life_until(
	    l, s, seq, &o, equality_terms(&terms, l->arena, pattern, NULL) == OK ? &terms : NULL);
	if (time_parse_any(&t, json_get_str(o.root, "valid_until")) == OK)
		valid = second(t);
	return until < valid ? until : valid;
}

enum err life_news(struct life *l, const struct store *s, uint64_t end, life_fn visit, void *ctx,
    struct fault *fault)
{
	struct str rest = l ? buf_str(&l->news) : STR_NONE;

	while (rest.n > 0) {
		struct str id = str_cut(&rest, '\n');
		uint64_t seq = counting(s, id);
		const struct row *row = seq == STORE_NONE ? NULL : store_row(s, seq);

		/* One that came later is looked at when its turn comes. */
		if (row && seq < end && row->kind == RECORD_OBJECT &&
		    row->tag == STIX_TYPE_INDICATOR)
			TRY(visit(ctx, seq, end_of(l, s, seq), fault));
	}
	return OK;
}

enum err life_commit(struct life *l, const struct store *s, uint64_t end, struct fault *fault)
{
	bool purged;

	if (!l)
		return OK;
	purged = l->purged;
	l->purged = false;
	TRY(sql_commit(&l->sql, s, end > l->sql.cursor ? end : l->sql.cursor, fault));
	return purged ? sql_flush(&l->sql, fault) : OK;
}

/* ---- the database ---- */

enum err life_open(struct life **out, struct str views, struct str dir, struct fault *fault)
{
	struct life *l = mem_alloc(sizeof(*l));
	enum err rc;

	l->keep = arena_new(SETTINGS_MEMORY);
	rc = life_settings_read(
	    &l->settings, l->keep, file_join(l->keep, views, LIFE_SETTINGS), fault);
	if (rc != OK || l->settings.decay.threshold == 0) {
		arena_free(l->keep);
		mem_free(l);
		*out = NULL;
		return rc;
	}
	l->arena = arena_new(OBJECT_MEMORY);
	buf_init(&l->news, NEWS_MAX);
	rc = sql_open(&l->sql, dir, &SCHEMA, fault);
	if (rc == OK)
		rc = load_sources(l, fault);
	if (rc != OK) {
		life_close(l);
		return rc;
	}
	*out = l;
	return OK;
}

void life_close(struct life *l)
{
	if (!l)
		return;
	sql_close(&l->sql);
	arena_free(l->keep);
	arena_free(l->arena);
	buf_free(&l->news);
	mem_free(l->trust);
	mem_free(l);
}

enum err life_drop(struct str dir, struct fault *fault)
{
	return sql_drop(dir, &SCHEMA, fault);
}

struct sha256 life_digest(const struct life *l)
{
	struct sha256 out = {{0}};
	const struct decay *d = l ? &l->settings.decay : NULL;
	struct str text;
	struct buf b;

	if (!l)
		return out;
	buf_init(&b, NEWS_MAX);
	buf_printf(
	    &b, "%u %u %u %u\n", d->threshold, d->confidence, d->false_positive, l->settings.trust);
	/* Points change what is told of it, not when it ends. */
	for (size_t i = 0; i < DECAY_KINDS; i++)
		buf_printf(&b, "%u %u\n", d->models[i].days, d->models[i].speed);
	for (size_t i = 0; i < l->settings.trust_count; i++)
		buf_printf(&b, "%.*s %u\n", STR_ARG(l->settings.trusts[i].name),
		    l->settings.trusts[i].trust);
	text = buf_str(&b);
	out = sha256_parts(&text, 1);
	buf_free(&b);
	return out;
}

void life_rest(struct life *l)
{
	if (!l)
		return;
	arena_reset(l->arena);
	sql_rest(&l->sql);
}

enum err life_dump(struct life *l, view_line_fn line, void *ctx, struct fault *fault)
{
	return l ? sql_dump(&l->sql,
	               "SELECT indicator, weight, at, ref, source FROM evidence"
	               " ORDER BY indicator, weight, at, ref",
	               line, ctx, fault)
	         : OK;
}
