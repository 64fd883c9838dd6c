/* SPDX-License-Identifier: Apache-2.0 */
/* The match view: which values the indicators of the ledger name. Files of views/match: "head" (the
 * number of the published pair, the cursor), "generation-N" and "delta-N". New indicators go into
 * the delta; a full delta is merged with its generation into the next pair. Entries of superseded
 * versions stay until then: whoever has a hit asks the ledger. */
#include "view/indicators.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "stix/object.h"
#include "stix/type.h"
#include "sys/env.h"
#include "sys/files.h"
#include "view/classes.h"
#include "view/guard.h"
#include "view/guard/kept.h"
#include "view/index/dump.h"
#include "view/index/map.h"
#include "view/life/life.h"
#include "view/live/patterns.h"

enum {
	PATH_BYTES = 4096,
	DIR_BYTES = PATH_BYTES - 64,
	PAGE = 4096,
	DELTA_MIN = 1 << 16,  /* entries */
	DELTA_SHARE = 8,      /* or this part of the generation */
	PARSE_MAX = 64 << 20, /* bytes of memory for one indicator's parsing */
};

static const char MAGIC[8] = {'t', 'o', 'c', 'm', 't', 'c', 'h', '4'};

struct head {
	char magic[8];
	uint64_t seed;
	_Atomic uint64_t number; /* of the published pair */
	_Atomic uint64_t active; /* which of the two places counts */
	struct place {
		uint64_t cursor;
		struct sha256 leaf; /* of the record before the cursor */
	} places[2];
	uint64_t synced; /* the writer closed it in order */
	char boot[SYS_BOOT];
	struct sha256 rules; /* of the guard by which it was judged */
	struct sha256 life;  /* of the settings by which indicators age */
};

/* Head and pair as mapped, for the writer and for readers. */
struct pair {
	char dir[DIR_BYTES];
	struct map head_map, generation_map, delta_map;
	struct head *head;
	uint64_t number;
	struct match_index generation;
	struct match_delta *delta;
};

static void path_of(char out[PATH_BYTES], const char *dir, const char *what, uint64_t number)
{
	(void)snprintf(out, PATH_BYTES, "%s/%s-%llu", dir, what, (unsigned long long)number);
}

static enum err set_dir(char out[DIR_BYTES], struct str dir, struct fault *fault)
{
	if (dir.n > DIR_BYTES - 8)
		return fail(fault, ERR_LIMIT, "a path of %zu bytes is too long", dir.n);
	(void)snprintf(out, DIR_BYTES, "%.*s/match", STR_ARG(dir));
	return OK;
}

static void pair_unmap(struct pair *p)
{
	view_unmap(&p->generation_map);
	view_unmap(&p->delta_map);
	p->delta = NULL;
	p->number = 0;
}

static enum err pair_map(struct pair *p, uint64_t number, bool write, struct fault *fault)
{
	char path[PATH_BYTES];
	struct map generation = {0}, delta = {0};
	struct match_index index = {0};
	struct match_delta *added = NULL;
	enum err rc;

	path_of(path, p->dir, "generation", number);
	rc = view_map(&generation, path, false, 0, fault);
	if (rc == OK)
		rc = match_open(&index, (struct str){generation.p, generation.n}, fault);
	path_of(path, p->dir, "delta", number);
	if (rc == OK)
		rc = view_map(&delta, path, write, 0, fault);
	if (rc == OK)
		rc = delta_open(&added, delta.p, delta.n, fault);
	if (rc == OK && delta_seed(added) != index.seed)
		rc = fail(fault, ERR_CORRUPT, "%s: belongs to another generation", path);
	if (rc != OK) {
		view_unmap(&generation);
		view_unmap(&delta);
		return rc;
	}
	pair_unmap(p);
	p->generation_map = generation;
	p->delta_map = delta;
	p->generation = index;
	p->delta = added;
	p->number = number;
	return OK;
}

static enum err head_map(struct pair *p, bool write, struct fault *fault)
{
	char path[PATH_BYTES + 8];
	struct map m = {0};

	(void)snprintf(path, sizeof(path), "%s/head", p->dir);
	TRY(view_map(&m, path, write, 0, fault));
	if (m.n != PAGE || memcmp(m.p, MAGIC, sizeof(MAGIC)) != 0) {
		view_unmap(&m);
		return fail(fault, ERR_CORRUPT, "%s: not the head of an indicator index", path);
	}
	view_unmap(&p->head_map);
	p->head_map = m;
	p->head = m.p;
	return OK;
}

/* ---- the reader ---- */

struct indicators {
	struct pair pair;
};

enum err indicators_open(struct indicators **out, struct str dir, struct fault *fault)
{
	struct indicators *x = mem_alloc(sizeof(*x));
	enum err rc = set_dir(x->pair.dir, dir, fault);

	if (rc != OK) {
		mem_free(x);
		return rc;
	}
	indicators_refresh(x);
	*out = x;
	return OK;
}

void indicators_close(struct indicators *x)
{
	if (!x)
		return;
	pair_unmap(&x->pair);
	view_unmap(&x->pair.head_map);
	mem_free(x);
}

void indicators_refresh(struct indicators *x)
{
	struct pair *p = &x->pair;
	uint64_t number = p->head ? atomic_load(&p->head->number) : 0;

	if (number && number == p->number)
		return;
	/* The pair may be replaced, and the view dropped and made anew, while it is being opened.
	 */
	for (int tries = 0; tries < 4; tries++) {
		if ((!p->head || number == UINT64_MAX) && head_map(p, false, NULL) != OK)
			return;
		number = atomic_load(&p->head->number);
		if (number == UINT64_MAX)
			continue;
		if (number && pair_map(p, number, false, NULL) == OK)
			return;
	}
}

const struct match_index *indicators_generation(const struct indicators *x)
{
	return x->pair.number ? &x->pair.generation : NULL;
}

const struct match_delta *indicators_delta(const struct indicators *x)
{
	return x->pair.number ? x->pair.delta : NULL;
}

/* ---- the writer ---- */

struct writer {
	struct view view;
	struct pair pair;
	struct arena *arena;
	struct guard_book *book;
	struct kept *kept;
	struct life *life;
	const struct store *store; /* last given; outlives the view */
	struct pattern_list *patterns;
};

/* Writes the pair `number` out of the builder and maps it. */
static enum err pair_write(
    struct pair *p, uint64_t number, const struct index_builder *b, struct fault *fault)
{
	uint64_t room = index_builder_count(b) / DELTA_SHARE;
	char path[PATH_BYTES];
	struct map m = {0};

	room = room > DELTA_MIN ? room : DELTA_MIN;
	path_of(path, p->dir, "generation", number);
	TRY(view_map(&m, path, true, index_builder_size(b), fault));
	index_builder_write(b, 0, m.p);
	view_unmap(&m);
	path_of(path, p->dir, "delta", number);
	TRY(view_map(&m, path, true, delta_size(room), fault));
	(void)delta_format(m.p, room, p->head->seed);
	view_unmap(&m);
	return pair_map(p, number, true, fault);
}

static void pair_unlink(const struct pair *p, uint64_t number)
{
	char path[PATH_BYTES];

	path_of(path, p->dir, "generation", number);
	(void)unlink(path);
	path_of(path, p->dir, "delta", number);
	(void)unlink(path);
}

/* Those that a writer which was stopped has left: the one before, which may hold what was purged
 * since, and the next, which was not published. */
static void pair_unlink_left(const struct pair *p, uint64_t number)
{
	pair_unlink(p, number - 1);
	pair_unlink(p, number + 1);
}

/* A newer version of the indicator is there, or it was taken back. */
static bool superseded(const struct store *s, uint64_t seq)
{
	const struct row *row = s && seq < store_size(s) ? store_row(s, seq) : NULL;

	return row && (store_superseded(row) || store_withdrawn(row) ||
	                  store_tombstone_of(row) != STORE_NONE);
}

/* Numbers of records, in order. */
struct seqs {
	uint64_t *list;
	size_t count, room;
};

static int by_seq(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool among(const struct seqs *s, uint64_t seq)
{
	return s && s->count && bsearch(&seq, s->list, s->count, sizeof(seq), by_seq);
}

struct merge {
	const struct writer *writer;
	struct index_builder *builder;
	uint64_t end;               /* records from here on are not taken over */
	const struct seqs *without; /* nor these; may be NULL */
	enum err rc;
};

static void merge_entry(void *ctx, const struct index_entry *e)
{
	struct merge *m = ctx;
	struct index_entry ends = *e;

	if (e->seq >= m->end || m->rc != OK || among(m->without, e->seq) ||
	    superseded(m->writer->store, e->seq))
		return;
	ends.until = delta_until(m->writer->pair.delta, e->seq, e->until);
	m->rc = index_builder_add(m->builder, &ends);
}

/* The next pair: generation and delta as one, without what no longer counts. */
static enum err next_pair(
    struct writer *w, uint64_t end, const struct seqs *without, struct fault *fault)
{
	struct pair *p = &w->pair;
	uint64_t old = p->number;
	struct merge m = {w, index_builder_new(p->head->seed), end, without, OK};

	if (old) {
		match_walk(&p->generation, merge_entry, &m);
		delta_walk(p->delta, merge_entry, &m);
	}
	if (m.rc == OK)
		m.rc = pair_write(p, old + 1, m.builder, fault);
	else
		(void)fail(fault, m.rc, "%s: the indicator index has grown too large", p->dir);
	index_builder_free(m.builder);
	if (m.rc != OK)
		return m.rc;
	atomic_store(&p->head->number, old + 1);
	if (old)
		pair_unlink(p, old);
	return OK;
}

static enum err create(struct writer *w, struct fault *fault)
{
	struct pair *p = &w->pair;
	char path[PATH_BYTES + 8];
	struct map m = {0};

	TRY(file_make_dir(str_c(p->dir), 0700, fault));
	(void)snprintf(path, sizeof(path), "%s/head", p->dir);
	TRY(view_map(&m, path, true, PAGE, fault));
	p->head_map = m;
	p->head = m.p;
	env_random(sys_env(), &p->head->seed, sizeof(p->head->seed));
	sys_boot(p->head->boot);
	p->head->rules = guard_book_stamp(w->book);
	memcpy(p->head->magic, MAGIC, sizeof(MAGIC));
	p->head->life = life_digest(w->life);
	TRY(pattern_list_create(&w->patterns, p->dir, fault));
	return next_pair(w, 0, NULL, fault);
}

static const struct place *place_of(const struct head *h)
{
	return &h->places[atomic_load(&h->active) & 1];
}

uint64_t indicators_cursor(struct indicators *x)
{
	indicators_refresh(x);
	return x->pair.head ? place_of(x->pair.head)->cursor : 0;
}

/* The whole of it or nothing, whenever the process ends. */
static void place_set(struct head *h, const struct place *place)
{
	uint64_t other = ~atomic_load(&h->active) & 1;

	h->places[other] = *place;
	atomic_store(&h->active, other);
}

/* What was mapped when the machine stopped may never have reached the disk. */
static bool whole(const struct head *h)
{
	return h->synced || sys_boot_is(h->boot);
}

struct highest {
	uint64_t seq;
	bool any;
};

static void see_highest(void *ctx, const struct index_entry *e)
{
	struct highest *h = ctx;

	h->any = true;
	h->seq = e->seq > h->seq ? e->seq : h->seq;
}

static enum err reopen(struct writer *w, struct fault *fault)
{
	struct pair *p = &w->pair;
	const struct sha256 rules = guard_book_stamp(w->book);
	struct highest last = {0};
	struct sha256 life = life_digest(w->life);

	TRY(head_map(p, true, fault));
	if (!sha256_eq(&p->head->life, &life))
		return fail(fault, ERR_CORRUPT, "%s: made under other settings", p->dir);
	if (!whole(p->head) || atomic_load(&p->head->number) == 0)
		return fail(fault, ERR_CORRUPT, "%s: not closed in order", p->dir);
	/* Judged by other rules: all is judged anew. */
	if (!sha256_eq(&p->head->rules, &rules))
		return fail(fault, ERR_CORRUPT, "%s: of other rules", p->dir);
	TRY(pair_map(p, atomic_load(&p->head->number), true, fault));
	TRY(pattern_list_open(&w->patterns, p->dir, place_of(p->head)->cursor, fault));
	pair_unlink_left(p, p->number);
	p->head->synced = 0;
	sys_boot(p->head->boot);
	/* A writer that died between an entry and its cursor must not add the entry twice. */
	delta_walk(p->delta, see_highest, &last);
	match_walk(&p->generation, see_highest, &last);
	if (last.any && last.seq >= place_of(p->head)->cursor)
		return next_pair(w, place_of(p->head)->cursor, NULL, fault);
	return OK;
}

static void writer_free(struct writer *w)
{
	pair_unmap(&w->pair);
	view_unmap(&w->pair.head_map);
	guard_book_close(w->book);
	pattern_list_close(w->patterns);
	kept_close(w->kept);
	life_close(w->life);
	arena_free(w->arena);
	mem_free(w);
}

static enum err drop_match(struct str dir, struct fault *fault);

static enum err open_life(struct writer *w, struct str views, struct fault *fault)
{
	TRY(file_make_dir(str_c(w->pair.dir), 0700, fault));
	return life_open(&w->life, views, str_c(w->pair.dir), fault);
}

static enum err open_match(struct view **out, struct str dir, struct fault *fault)
{
	struct writer *w = mem_alloc(sizeof(*w));
	enum err rc = set_dir(w->pair.dir, dir, fault);

	w->view.class = &VIEW_INDICATORS;
	w->arena = arena_new(PARSE_MAX);
	if (rc == OK)
		rc = guard_book_open(&w->book, dir, fault);
	if (rc == OK)
		rc = open_life(w, dir, fault);
	if (rc != OK) {
		writer_free(w);
		return rc;
	}
	rc = reopen(w, fault);
	if (rc == ERR_NOT_FOUND || rc == ERR_CORRUPT) {
		pair_unmap(&w->pair);
		view_unmap(&w->pair.head_map);
		pattern_list_close(w->patterns);
		w->patterns = NULL;
		life_close(w->life);
		w->life = NULL;
		rc = drop_match(dir, fault);
		if (rc == OK)
			rc = open_life(w, dir, fault);
		if (rc == OK)
			rc = create(w, fault);
	}
	if (rc == OK)
		rc = kept_open(&w->kept, str_c(w->pair.dir), fault);
	if (rc != OK) {
		writer_free(w);
		return rc;
	}
	*out = &w->view;
	return OK;
}

static struct writer *writer_of(const struct view *v)
{
	return (struct writer *)(uintptr_t)v;
}

static uint64_t cursor_match(const struct view *v)
{
	return place_of(writer_of(v)->pair.head)->cursor;
}

static bool fits_match(const struct view *v, const struct store *s)
{
	struct writer *w = writer_of(v);
	const struct place *place = place_of(w->pair.head);
	struct sha256 leaf;

	w->store = s;
	if (place->cursor == 0)
		return true;
	if (place->cursor > store_size(s))
		return false;
	leaf = store_leaf(s, place->cursor - 1);
	return sha256_eq(&leaf, &place->leaf);
}

/* Seconds, rounded outwards: who checks to the microsecond is asked after a hit. */
static uint32_t seconds(yyjson_val *object, const char *key, uint32_t fallback, bool up)
{
	struct str text = json_get_str(object, key);
	usec t;

	if (!text.p || time_parse_any(&t, text) != OK)
		return fallback;
	if (t <= 0)
		return 0;
	t = (t + (up ? USEC_PER_SEC - 1 : 0)) / USEC_PER_SEC;
	return t < UINT32_MAX ? (uint32_t)t : UINT32_MAX;
}

static enum err put(struct writer *w, const struct index_entry *e, struct fault *fault)
{
	enum err rc = delta_add(w->pair.delta, e);

	if (rc == ERR_FULL) {
		TRY(next_pair(w, UINT64_MAX, NULL, fault));
		rc = delta_add(w->pair.delta, e);
	}
	/* A value too long for the index cannot be seen in an event either. */
	return rc == ERR_LIMIT ? OK : rc;
}

/* The end of its time, or of its life, whichever comes first. */
static uint32_t end_of(
    struct writer *w, uint64_t seq, const struct stix_object *o, const struct term_list *terms)
{
	uint32_t time = seconds(o->root, "valid_until", UINT32_MAX, true);
	uint32_t life = life_until(w->life, w->store, seq, o, terms);

	return life < time ? life : time;
}

/* Only STIX patterns: of sets of values the values, what is more than that as a whole. */
static enum err add_indicator(struct writer *w, uint64_t seq, struct fault *fault)
{
	struct index_entry e = {.seq = seq};
	struct guard_state guard;
	struct term_list terms = {0};
	struct stix_object o;
	struct str type;
	enum err rc;

	arena_reset(w->arena);
	if (stix_object_parse(&o, w->arena, store_content(w->store, seq), NULL) != OK || o.revoked)
		return OK;
	type = json_get_str(o.root, "pattern_type");
	if (o.spec == STIX_SPEC_21 && !str_eq(type, S("stix")))
		return OK;
	rc = equality_terms(&terms, w->arena, json_get_str(o.root, "pattern"), NULL);
	if (rc != OK && rc != ERR_UNSUPPORTED)
		return OK;
	guard_state(
	    &guard, w->book, w->arena, w->store, o.id, json_get_str(o.root, "pattern"), &terms);
	if (guard.quarantined) {
		kept_note(w->kept, seq, guard.class);
		return OK;
	}
	e.from = seconds(o.root, "valid_from", 0, false);
	e.until = end_of(w, seq, &o, rc == OK ? &terms : NULL);
	if (rc == ERR_UNSUPPORTED || terms.partial)
		pattern_list_add(w->patterns, seq, e.from, e.until);
	for (size_t i = 0; rc == OK && i < terms.count; i++) {
		e.term = terms.list[i];
		TRY(put(w, &e, fault));
	}
	return OK;
}

static enum err add_record(struct writer *w, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(w->store, seq);

	/* A derived one says of events what its original says. */
	if (row->kind != RECORD_OBJECT || row->tag != STIX_TYPE_INDICATOR ||
	    store_tombstone_of(row) != STORE_NONE || (row->flags & RECORD_FLAG_DERIVED))
		return OK;
	return add_indicator(w, seq, fault);
}

/* The indicators that came before `from` and were decided about in [from, end). */
static void find_decided(struct seqs *out, const struct store *s, uint64_t from, uint64_t end)
{
	for (uint64_t seq = from; seq < end; seq++) {
		struct str path;
		uint64_t about;

		if (store_row(s, seq)->kind != RECORD_DECISION)
			continue;
		path = store_id(s, seq);
		if (!str_starts(path, S(STORE_GUARD)))
			continue;
		about = store_find(s, str_from(path, sizeof(STORE_GUARD) - 1));
		if (about >= from)
			continue;
		if (out->count == out->room) {
			out->room = out->room ? out->room * 2 : 64;
			out->list = mem_grow(out->list, out->room, sizeof(out->list[0]));
		}
		out->list[out->count++] = about;
	}
	if (out->count)
		qsort(out->list, out->count, sizeof(out->list[0]), by_seq);
}

/* Out of the index, and in again when the decision has it so. */
static enum err decide_again(struct writer *w, const struct seqs *decided, struct fault *fault)
{
	TRY(next_pair(w, UINT64_MAX, decided, fault));
	for (size_t i = 0; i < decided->count; i++)
		pattern_list_remove(w->patterns, decided->list[i]);
	for (size_t i = 0; i < decided->count; i++) {
		if (i > 0 && decided->list[i] == decided->list[i - 1])
			continue;
		kept_note(w->kept, decided->list[i], GUARD_NONE);
		if (!superseded(w->store, decided->list[i]))
			TRY(add_record(w, decided->list[i], fault));
	}
	return OK;
}

/* Evidence came about an indicator that is here already. */
static enum err end_anew(void *ctx, uint64_t seq, uint32_t until, struct fault *fault)
{
	struct writer *w = ctx;
	enum err rc;

	if (seq >= place_of(w->pair.head)->cursor)
		return OK;
	rc = delta_put_until(w->pair.delta, seq, until);
	if (rc == ERR_FULL) {
		TRY(next_pair(w, UINT64_MAX, NULL, fault));
		rc = delta_put_until(w->pair.delta, seq, until);
	}
	pattern_list_end(w->patterns, seq, until);
	return rc;
}

static enum err follow_match(
    struct view *v, const struct store *s, uint64_t end, struct fault *fault)
{
	struct writer *w = writer_of(v);
	struct head *h = w->pair.head;
	struct place place = {.cursor = end};
	uint64_t from = place_of(h)->cursor;
	struct seqs decided = {0};
	enum err rc = OK;

	w->store = s;
	TRY(life_follow(w->life, s, end, fault));
	/* Without what was purged. */
	if (view_purges(s, from, end, from))
		TRY(next_pair(w, UINT64_MAX, NULL, fault));
	find_decided(&decided, s, from, end);
	if (decided.count)
		rc = decide_again(w, &decided, fault);
	mem_free(decided.list);
	for (uint64_t seq = from; seq < end && rc == OK; seq++)
		rc = add_record(w, seq, fault);
	TRY(rc);
	TRY(life_news(w->life, s, end, end_anew, w, fault));
	TRY(pattern_list_settle(w->patterns, s, superseded, fault));
	TRY(kept_write(w->kept, fault));
	/* Once it is final that these records were taken, their news are not told again. */
	TRY(life_commit(w->life, s, end, fault));
	if (end > place_of(h)->cursor) {
		place.leaf = store_leaf(s, end - 1);
		place_set(h, &place);
	}
	return OK;
}

static void rest_match(struct view *v)
{
	arena_reset(writer_of(v)->arena);
	life_rest(writer_of(v)->life);
}

static enum err dump_match(struct view *v, view_line_fn line, void *ctx, struct fault *fault)
{
	struct writer *w = writer_of(v);
	const struct match_dump what = {.generation = &w->pair.generation,
	    .delta = w->pair.delta,
	    .patterns = w->patterns,
	    .dir = str_c(w->pair.dir),
	    .store = w->store,
	    .gone = superseded};

	TRY(match_dump(&what, line, ctx, fault));
	return life_dump(w->life, line, ctx, fault);
}

static void close_match(struct view *v)
{
	struct writer *w = writer_of(v);
	struct pair *p = &w->pair;

	if (msync(p->delta_map.p, p->delta_map.n, MS_SYNC) == 0 &&
	    msync(p->generation_map.p, p->generation_map.n, MS_SYNC) == 0) {
		p->head->synced = 1;
		(void)msync(p->head, PAGE, MS_SYNC);
	}
	writer_free(w);
}

static enum err drop_match(struct str dir, struct fault *fault)
{
	struct pair *p = mem_alloc(sizeof(*p));
	char path[PATH_BYTES + 8];
	enum err rc = set_dir(p->dir, dir, fault);

	if (rc == OK && head_map(p, true, NULL) == OK) {
		uint64_t number = atomic_load(&p->head->number);

		/* Who has it mapped sees that there is another head to open. */
		atomic_store(&p->head->number, UINT64_MAX);
		pair_unlink(p, number);
		pair_unlink_left(p, number);
	}
	if (rc == OK)
		rc = life_drop(str_c(p->dir), fault);
	if (rc == OK) {
		(void)snprintf(path, sizeof(path), "%s/head", p->dir);
		if (unlink(path) != 0 && errno != ENOENT)
			rc = fail(fault, ERR_IO, "%s: cannot remove: %s", path, sys_error(errno));
	}
	if (rc == OK)
		rc = pattern_list_drop(p->dir, fault);
	if (rc == OK)
		rc = kept_drop(str_c(p->dir), fault);
	view_unmap(&p->head_map);
	mem_free(p);
	return rc;
}

const struct view_class VIEW_INDICATORS = {
    .name = "match",
    .urgent = true,
    .open = open_match,
    .cursor = cursor_match,
    .fits = fits_match,
    .follow = follow_match,
    .rest = rest_match,
    .dump = dump_match,
    .close = close_match,
    .drop = drop_match,
};
