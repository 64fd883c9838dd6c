/* SPDX-License-Identifier: Apache-2.0 */
#include "history/reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/busy.h"
#include "history/cursor.h"
#include "history/manifest.h"
#include "history/sort.h"
#include "sys/env.h"
#include "sys/files.h"

enum { OPEN_TRIES = 20, BINS_FIRST = 64, PREFETCH = 128 };

struct history_reader {
	struct str dir; /* owned, with a NUL behind it */
	struct manifest manifest;
	struct stat at; /* of the manifest that was read */
	bool has_manifest;
	struct segment *segments; /* as the manifest's parts */
	struct busy busy;
	struct cursor **cursors;
	size_t cursor_count;
	struct history_bin *bins;
	size_t bins_max;
};

static void close_segments(struct segment *segments, size_t count)
{
	for (size_t i = 0; i < count; i++)
		segment_close(&segments[i]);
	mem_free(segments);
}

void history_reader_close(struct history_reader *r)
{
	if (!r)
		return;
	if (r->segments)
		close_segments(r->segments, r->manifest.part_count);
	manifest_free(&r->manifest);
	busy_free(&r->busy);
	for (size_t i = 0; i < r->cursor_count; i++)
		mem_free(r->cursors[i]);
	mem_free(r->cursors);
	mem_free(r->bins);
	mem_free((void *)(uintptr_t)r->dir.p);
	mem_free(r);
}

/* The segment of that number, when it is open already. */
static struct segment *open_already(struct history_reader *r, uint64_t number)
{
	for (size_t i = 0; i < r->manifest.part_count; i++)
		if (r->manifest.parts[i].number == number)
			return &r->segments[i];
	return NULL;
}

/* Opens what is new, then takes over what is open already, then closes what is left. */
static enum err take_over(
    struct history_reader *r, int dir_fd, struct manifest *next, struct fault *fault)
{
	struct segment *segments = mem_alloc((next->part_count + 1) * sizeof(*segments));

	for (size_t i = 0; i < next->part_count; i++)
		if (!open_already(r, next->parts[i].number))
			segment_prefetch_foot(dir_fd, next->parts[i].number);
	for (size_t i = 0; i < next->part_count; i++) {
		enum err rc = OK;

		if (!open_already(r, next->parts[i].number))
			rc =
			    segment_open(&segments[i], dir_fd, next->parts[i].number, false, fault);
		if (rc != OK) {
			close_segments(segments, i);
			return rc;
		}
	}
	for (size_t i = 0; i < next->part_count; i++) {
		struct segment *open = open_already(r, next->parts[i].number);

		if (open) {
			segments[i] = *open;
			open->map = NULL;
		}
	}
	if (r->segments)
		close_segments(r->segments, r->manifest.part_count);
	manifest_free(&r->manifest);
	r->segments = segments;
	r->manifest = *next;
	for (size_t i = r->cursor_count; i < next->part_count; i++) {
		r->cursors = mem_grow(r->cursors, i + 1, sizeof(*r->cursors));
		r->cursors[i] = mem_alloc(sizeof(**r->cursors));
		r->cursor_count = i + 1;
	}
	return OK;
}

static enum err refresh_in(struct history_reader *r, int dir_fd, struct fault *fault)
{
	enum err rc = ERR_NOT_FOUND;

	/* The writer may merge away what was named just now: then there is a newer manifest. */
	for (int tries = 0; tries < OPEN_TRIES && rc == ERR_NOT_FOUND; tries++) {
		struct manifest next = {0};
		struct stat st;

		if (fstatat(dir_fd, "manifest", &st, 0) != 0)
			return errno == ENOENT ? OK
			                       : fail(fault, file_err(errno),
			                             "history: its manifest: %s", sys_error(errno));
		if (r->has_manifest && file_same(&st, &r->at))
			return OK;
		TRY(manifest_read(&next, r->dir, fault));
		rc = take_over(r, dir_fd, &next, fault);
		if (rc != OK) {
			manifest_free(&next);
			continue;
		}
		r->at = st;
		r->has_manifest = true;
	}
	return rc == ERR_NOT_FOUND
	           ? fail(fault, ERR_CORRUPT, "history: a segment that is named is not there")
	           : rc;
}

enum err history_refresh(struct history_reader *r, struct fault *fault)
{
	int dir_fd = open(r->dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err rc;

	if (dir_fd < 0 && errno == ENOENT)
		return OK;
	if (dir_fd < 0)
		return fail(fault, file_err(errno), "history: cannot open its folder: %s",
		    sys_error(errno));
	rc = refresh_in(r, dir_fd, fault);
	if (rc == OK)
		rc = busy_refresh(&r->busy, dir_fd, fault);
	close(dir_fd);
	return rc;
}

enum err history_reader_open(struct history_reader **out, struct str dir, struct fault *fault)
{
	struct history_reader *r;
	char *path;
	enum err rc;

	if (dir.n == 0 || dir.n > FILE_PATH_MAX || memchr(dir.p, 0, dir.n))
		return fail(fault, ERR_INVALID, "history: not a path");
	r = mem_alloc(sizeof(*r));
	path = mem_alloc(dir.n + 1);
	memcpy(path, dir.p, dir.n);
	r->dir = (struct str){path, dir.n};
	rc = history_refresh(r, fault);
	if (rc != OK) {
		history_reader_close(r);
		return rc;
	}
	*out = r;
	return OK;
}

uint64_t history_generation(const struct history_reader *r)
{
	return r->manifest.generation;
}

struct str history_reader_place(const struct history_reader *r, struct str source)
{
	return manifest_place(&r->manifest, source);
}

uint64_t history_bytes(const struct history_reader *r)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->manifest.part_count; i++)
		bytes += r->segments[i].bytes;
	return bytes;
}

/* What a walk looks for and whom it tells. */
struct walk {
	struct history_reader *r;
	usec from, until;
	history_fn fn;
	history_pair_fn pair;
	void *ctx;
	size_t bins;  /* in the reader's */
	size_t below; /* bytes of the key of a name, of which those below are meant too */
	bool ended;
	uint32_t source;
	struct str key; /* in `text` */
	char text[KEY_MAX];
};

/* A name of a walk over many is below it when what is before it is not a part of a label. */
static bool is_meant(const struct walk *w)
{
	return w->below == 0 || w->key.n == w->below || w->text[w->below] == '.';
}

static void walk_begin(void *ctx, struct str key, uint32_t source)
{
	struct walk *w = ctx;

	memcpy(w->text, key.p, key.n);
	w->key = (struct str){w->text, key.n};
	w->source = source;
	w->bins = 0;
}

static void walk_row(void *ctx, const struct history_row *row)
{
	struct walk *w = ctx;
	struct history_reader *r = w->r;
	usec hour = (usec)row->hour * SECONDS;
	usec first = (hour + row->first) * USEC_PER_SEC, last = (hour + row->last) * USEC_PER_SEC;
	struct history_bin *b;

	if (row->hour < r->manifest.horizon || hour * USEC_PER_SEC >= w->until ||
	    (hour + SECONDS) * USEC_PER_SEC <= w->from)
		return;
	b = w->bins > 0 ? &r->bins[w->bins - 1] : NULL;
	if (b && b->first / USEC_PER_SEC / SECONDS == row->hour) {
		b->count += row->count;
		b->first = first < b->first ? first : b->first;
		b->last = last > b->last ? last : b->last;
		history_hosts_join(&b->hosts, &row->hosts);
		return;
	}
	if (w->bins == r->bins_max) {
		r->bins_max = r->bins_max ? r->bins_max * 2 : BINS_FIRST;
		r->bins = mem_grow(r->bins, r->bins_max, sizeof(*r->bins));
	}
	assert(r->bins);
	r->bins[w->bins++] = (struct history_bin){first, last, row->count, row->hosts};
}

/* An hour is meant or not as a whole, however many segments have something of it. */
static void drop_outside(struct walk *w)
{
	struct history_bin *bins = w->r->bins;
	size_t kept = 0;

	for (size_t i = 0; i < w->bins; i++)
		if (bins[i].first < w->until && bins[i].last >= w->from)
			bins[kept++] = bins[i];
	w->bins = kept;
}

static void tell_pair(struct walk *w, const struct history_entry *e)
{
	struct history_pair p = {
	    .source = e->source, .first = e->first, .last = e->last, .count = e->count};
	struct key_room room;

	if (key_get_pair(&p.name, &p.answer, &room, w->key))
		w->ended = !w->pair(w->ctx, &p);
}

static void walk_end(void *ctx)
{
	struct walk *w = ctx;
	const struct history_reader *r = w->r;
	struct history_entry e = {.bins = r->bins};
	struct key_room room;

	drop_outside(w);
	e.bin_count = w->bins;
	if (w->bins == 0 || w->source >= r->manifest.source_count || !is_meant(w))
		return;
	e.source = (struct str){
	    r->manifest.sources[w->source].name, r->manifest.sources[w->source].name_n};
	e.first = INT64_MAX;
	for (size_t i = 0; i < w->bins; i++) {
		const struct history_bin *b = &r->bins[i];

		e.first = b->first < e.first ? b->first : e.first;
		e.last = b->last > e.last ? b->last : e.last;
		e.count += b->count;
		history_hosts_join(&e.hosts, &b->hosts);
	}
	if (w->pair) {
		tell_pair(w, &e);
	} else if (key_get(&e.term, &room, w->key)) {
		e.host_count = history_hosts_count(&e.hosts);
		w->ended = !w->fn(w->ctx, &e);
	}
}

/* Whether a key still belongs to what is walked; it is not before its start. */
typedef bool (*within_fn)(const void *ctx, struct str key);

struct range {
	struct str start;
	bool exact; /* the start alone */
	within_fn within;
	const void *ctx;
};

static enum err walk_range(struct walk *w, const struct range *range, struct fault *fault)
{
	struct history_reader *r = w->r;
	uint64_t print = range->exact ? segment_print(range->start) : 0;
	struct row_sink sink = {walk_begin, walk_row, walk_end, w};
	usec from = w->from / USEC_PER_SEC / SECONDS;
	struct merger m;
	bool bad;

	merger_init(&m, r->manifest.part_count);
	for (size_t i = 0; i < r->manifest.part_count; i++) {
		const struct segment *s = &r->segments[i];

		if ((usec)s->last_hour < from || (range->exact && !segment_may_hold(s, print)))
			continue;
		merger_add(&m, r->cursors[i], cursor_segment(r->cursors[i], s, range->start));
	}
	while (!w->ended && !m.bad && m.count > 0) {
		struct str key = merger_key(&m);

		if (range->exact ? !str_eq(key, range->start) : !range->within(range->ctx, key))
			break;
		if (!merger_group(&m, &sink))
			break;
	}
	bad = m.bad;
	merger_free(&m);
	return bad ? fail(fault, ERR_CORRUPT, "history: a segment is damaged") : OK;
}

static struct walk *walk_new(struct history_reader *r, usec from, usec until, void *ctx)
{
	struct walk *w = mem_alloc(sizeof(*w));

	w->r = r;
	w->from = from;
	w->until = until;
	w->ctx = ctx;
	return w;
}

/* A key of its own size in memory of its own. */
static struct str key_of(char room[KEY_MAX], const struct term *t)
{
	return (struct str){room, key_put(room, t)};
}

enum err history_find(struct history_reader *r, const struct term *value, usec from, usec until,
    history_fn fn, void *ctx, struct fault *fault)
{
	struct term one = *value;

	return history_find_many(
	    r, &(struct term_list){.list = &one, .count = 1}, from, until, fn, ctx, fault);
}

struct wanted {
	char *room;
	struct str *keys;
	struct sort_key *order;
	size_t count;
};

static struct str wanted_key(const void *ctx, uint32_t index)
{
	return ((const struct wanted *)ctx)->keys[index];
}

/* The keys of all values that can be there, in their order. */
static struct wanted wanted_new(const struct term *values, size_t count)
{
	struct wanted w = {.count = 0};
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += key_takes(&values[i]) ? 1 + values[i].value.n : 0;
	w.room = mem_alloc(n + 1);
	w.keys = mem_alloc((count + 1) * sizeof(*w.keys));
	w.order = mem_alloc((count + 1) * sizeof(*w.order));
	n = 0;
	for (size_t i = 0; i < count; i++) {
		struct str *key = &w.keys[w.count];

		if (!key_takes(&values[i]))
			continue;
		*key = (struct str){w.room + n, key_put(w.room + n, &values[i])};
		n += key->n;
		/* Equal keys are told apart by their index, so that there is one order. */
		w.order[w.count] = sort_key_of(*key, (uint32_t)w.count, (uint32_t)w.count);
		w.count++;
	}
	sort_keys(w.order, w.count, wanted_key, &w);
	return w;
}

/* From a cold disk each of what is read in turn is read from all segments and for some keys at
 * once, not for one after another. */
static void prefetch(const struct history_reader *r, const struct wanted *w, size_t from, size_t to)
{
	for (int step = 0; step < 3; step++) {
		for (size_t at = from; at < to; at++) {
			struct str key = w->keys[w->order[at].index];
			uint64_t print = segment_print(key);

			for (size_t i = 0; i < r->manifest.part_count; i++) {
				const struct segment *s = &r->segments[i];

				if (step == 0)
					segment_prefetch(s, print);
				else if (step == 1 && from == 0 && segment_may_hold(s, print))
					segment_prefetch_starts(s);
				else if (step == 2 && segment_may_hold(s, print))
					segment_prefetch_block(s, key);
			}
		}
	}
}

enum err history_find_many(struct history_reader *r, const struct term_list *values, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault)
{
	struct wanted wanted = wanted_new(values->list, values->count);
	struct walk *w = walk_new(r, from, until, ctx);
	struct str last = STR_NONE;
	size_t prefetched = 0;
	enum err rc = OK;

	w->fn = fn;
	for (size_t i = 0; rc == OK && !w->ended && i < wanted.count; i++) {
		struct range range = {.start = wanted.keys[wanted.order[i].index], .exact = true};

		if (last.p && str_eq(last, range.start))
			continue;
		last = range.start;
		if (i >= prefetched) {
			size_t end = i + PREFETCH < wanted.count ? i + PREFETCH : wanted.count;

			prefetch(r, &wanted, i, end);
			prefetched = end;
		}
		rc = walk_range(w, &range, fault);
	}
	mem_free(wanted.room);
	mem_free(wanted.keys);
	mem_free(wanted.order);
	mem_free(w);
	return rc;
}

static bool within_network(const void *ctx, struct str key)
{
	const struct term *t = ctx;
	size_t whole = t->prefix / 8;
	unsigned rest = t->prefix % 8;

	if (key.n != 1 + t->value.n || (unsigned char)key.p[0] != key_kind(t->kind) ||
	    memcmp(key.p + 1, t->value.p, whole) != 0)
		return false;
	return rest == 0 ||
	       (unsigned char)(key.p[1 + whole] ^ t->value.p[whole]) >> (8 - rest) == 0;
}

static bool within_prefix(const void *ctx, struct str key)
{
	return str_starts(key, *(const struct str *)ctx);
}

/* Walks the range and ends the walk. */
static enum err walk_once(struct walk *w, const struct range *range, struct fault *fault)
{
	enum err rc = walk_range(w, range, fault);

	mem_free(w);
	return rc;
}

enum err history_network(struct history_reader *r, const struct term *network, usec from,
    usec until, history_fn fn, void *ctx, struct fault *fault)
{
	struct term start = *network;
	char room[1 + 16];
	struct range range = {.within = within_network, .ctx = network};
	struct walk *w;

	start.prefix = start.kind == TERM_IPV4 ? 32 : 128;
	if (start.kind > TERM_IPV6 || network->prefix > start.prefix || !key_takes(&start))
		return fail(fault, ERR_INVALID, "history: not a network");
	range.start = (struct str){room, key_put(room, &start)};
	w = walk_new(r, from, until, ctx);
	w->fn = fn;
	return walk_once(w, &range, fault);
}

enum err history_below(struct history_reader *r, const struct term *name, usec from, usec until,
    history_fn fn, void *ctx, struct fault *fault)
{
	char room[KEY_MAX];
	struct str start;
	struct range range = {.within = within_prefix, .ctx = &start};
	struct walk *w;

	if (name->kind != TERM_DOMAIN || !key_takes(name))
		return fail(fault, ERR_INVALID, "history: not a name");
	start = range.start = key_of(room, name);
	w = walk_new(r, from, until, ctx);
	w->fn = fn;
	w->below = start.n;
	return walk_once(w, &range, fault);
}

enum err history_scan(struct history_reader *r, enum term_kind kind, usec from, usec until,
    history_fn fn, void *ctx, struct fault *fault)
{
	char number = (char)key_kind(kind);
	struct str start = {&number, 1};
	struct range range = {.start = start, .within = within_prefix, .ctx = &start};
	struct walk *w = walk_new(r, from, until, ctx);

	w->fn = fn;
	return walk_once(w, &range, fault);
}

enum err history_scan_on(struct history_reader *r, const struct term *first, usec from, usec until,
    history_fn fn, void *ctx, struct fault *fault)
{
	char room[KEY_MAX], number = (char)key_kind(first->kind);
	struct str kind = {&number, 1};
	struct range range = {.within = within_prefix, .ctx = &kind};
	struct walk *w;

	if (!key_takes(first))
		return fail(fault, ERR_INVALID, "history: not a value");
	range.start = key_of(room, first);
	w = walk_new(r, from, until, ctx);
	w->fn = fn;
	return walk_once(w, &range, fault);
}

enum err history_pairs(struct history_reader *r, const struct term *term, usec from, usec until,
    history_pair_fn fn, void *ctx, struct fault *fault)
{
	char room[2 + KEY_MAX];
	struct str start;
	struct range range = {.within = within_prefix, .ctx = &start};
	struct walk *w;
	enum err rc = OK;
	size_t n;

	if (term->kind > TERM_DOMAIN || !key_takes(term))
		return OK;
	w = walk_new(r, from, until, ctx);
	w->pair = fn;
	if (term->kind == TERM_DOMAIN) {
		n = key_put(room, term);
		room[0] = (char)KEY_KIND_PAIRS;
		room[n++] = '\0';
		start = range.start = (struct str){room, n};
		rc = walk_range(w, &range, fault);
	}
	if (rc == OK) {
		n = 1 + key_put(room + 1, term);
		room[0] = (char)KEY_KIND_NAMES;
		if (term->kind == TERM_DOMAIN)
			room[n++] = '\0';
		start = range.start = (struct str){room, n};
		rc = walk_range(w, &range, fault);
	}
	mem_free(w);
	return rc;
}

bool history_busy(
    const struct history_reader *r, const struct term *value, uint64_t *events, unsigned *hosts)
{
	char room[KEY_MAX];

	return key_takes(value) && busy_find(&r->busy, key_of(room, value), events, hosts);
}
