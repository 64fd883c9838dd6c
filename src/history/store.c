/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/store_internal.h"
#include "sys/env.h"
#include "sys/files.h"

static void keep_begin(void *ctx, struct str key, uint32_t source)
{
	struct keeping *k = ctx;

	memcpy(k->text, key.p, key.n);
	k->key = (struct str){k->text, key.n};
	k->source = source;
	k->begun = false;
	k->dropping = k->drop && k->drop(k->ctx, k->key);
}

static void keep_row(void *ctx, const struct history_row *row)
{
	struct keeping *k = ctx;
	struct history_row moved;

	if (k->dropping || row->hour < k->from) {
		k->dropped += k->dropping;
		k->old += !k->dropping;
		return;
	}
	if (row->hour > k->until) {
		moved = *row;
		moved.hour = k->until;
		moved.first = moved.last = k->until_second;
		k->ahead++;
		row = &moved;
	}
	if (!k->begun)
		segment_begin(k->writer, k->key, k->source);
	k->begun = true;
	k->kept++;
	segment_put(k->writer, row);
}

static void keep_end(void *ctx)
{
	struct keeping *k = ctx;

	if (k->begun)
		segment_end(k->writer);
}

struct row_sink keeping_sink(struct keeping *k)
{
	return (struct row_sink){keep_begin, keep_row, keep_end, k};
}

void store_unlink(const struct history_store *s, uint64_t number)
{
	char name[SEGMENT_NAME];

	segment_file(name, number);
	(void)unlinkat(s->dir_fd, name, 0);
}

static bool is_part(const struct manifest *m, const char *name)
{
	char part[SEGMENT_NAME];

	for (size_t i = 0; i < m->part_count; i++) {
		segment_file(part, m->parts[i].number);
		if (strcmp(part, name) == 0)
			return true;
	}
	return false;
}

/* Segments that no manifest names: of a crash. */
static enum err remove_strays(struct history_store *s, struct fault *fault)
{
	int fd = openat(s->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return fail(fault, ERR_IO, "history: cannot list its folder: %s", sys_error(errno));
	}
	while ((e = readdir(d)))
		if (str_starts(str_c(e->d_name), S("segment-")) &&
		    !is_part(&s->manifest, e->d_name))
			(void)unlinkat(s->dir_fd, e->d_name, 0);
	closedir(d);
	return OK;
}

static enum err open_parts(struct history_store *s, struct fault *fault)
{
	const struct manifest *m = &s->manifest;

	s->segments = mem_alloc((m->part_count + 1) * sizeof(*s->segments));
	for (size_t i = 0; i < m->part_count; i++) {
		enum err rc =
		    segment_open(&s->segments[i], s->dir_fd, m->parts[i].number, true, fault);

		if (rc == ERR_NOT_FOUND)
			return fail(fault, ERR_CORRUPT,
			    "history: its manifest names a segment that is not there");
		TRY(rc);
	}
	return OK;
}

static enum err open_in(struct history_store *s, struct fault *fault)
{
	struct arena *arena = arena_new((size_t)2 * FILE_PATH_MAX + 256);
	struct str path = file_join(arena, s->dir, "lock");
	enum err rc = file_make_dir(s->dir, 0700, fault);

	if (rc == OK)
		rc = file_lock(&s->lock_fd, path, fault);
	/* Its path has been found sound by now, and ends with a NUL. */
	if (rc == OK)
		s->dir_fd = open(s->dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rc == OK && s->dir_fd < 0)
		rc = fail(fault, file_err(errno), "history: cannot open its folder: %s",
		    sys_error(errno));
	arena_free(arena);
	TRY(rc);
	TRY(manifest_read(&s->manifest, s->dir, fault));
	TRY(open_parts(s, fault));
	return remove_strays(s, fault);
}

enum err history_open(struct history_store **out, struct str dir, struct fault *fault)
{
	struct history_store *s = mem_alloc(sizeof(*s));
	char *path = mem_alloc(dir.n + 1);
	enum err rc;

	if (dir.n > 0)
		memcpy(path, dir.p, dir.n);
	s->dir = (struct str){path, dir.n};
	s->dir_fd = s->lock_fd = -1;
	rc = open_in(s, fault);
	if (rc != OK) {
		history_close(s);
		return rc;
	}
	*out = s;
	return OK;
}

void history_close(struct history_store *s)
{
	if (!s)
		return;
	store_stop_job(s);
	store_stop_noting(s);
	for (size_t i = 0; s->segments && i < s->manifest.part_count; i++)
		segment_close(&s->segments[i]);
	mem_free(s->segments);
	manifest_free(&s->manifest);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	mem_free((void *)(uintptr_t)s->dir.p);
	mem_free(s);
}

/* The parts and segments without those that go, the new one in the place of the first. */
static size_t next_parts(const struct history_store *s, const struct change *c,
    const struct segment *made, struct history_part *parts, struct segment *segments)
{
	size_t n = 0, gone = 0;
	bool placed = !made;

	for (size_t i = 0; i <= s->manifest.part_count; i++) {
		bool goes = gone < c->gone_count && c->gone[gone] == i;

		if (!placed && (goes || i == s->manifest.part_count)) {
			parts[n] = (struct history_part){c->number, c->level};
			segments[n++] = *made;
			placed = true;
		}
		if (goes) {
			gone++;
		} else if (i < s->manifest.part_count) {
			parts[n] = s->manifest.parts[i];
			segments[n++] = s->segments[i];
		}
	}
	return n;
}

enum err store_replace(
    struct history_store *s, const struct change *c, bool made, struct fault *fault)
{
	struct manifest *m = &s->manifest;
	struct manifest old = *m;
	struct segment *old_segments = s->segments, segment = {.map = NULL};
	struct segment *segments = mem_alloc((m->part_count + 2) * sizeof(*segments));
	struct history_part *parts = mem_alloc((m->part_count + 2) * sizeof(*parts));
	enum err rc = OK;

	/* The name of the file is durable before it is named. */
	if (made && fsync(s->dir_fd) != 0)
		rc = fail(fault, file_err(errno), "history: cannot sync its folder: %s",
		    sys_error(errno));
	if (rc == OK && made)
		rc = segment_open(&segment, s->dir_fd, c->number, true, fault);
	m->part_count = next_parts(s, c, made ? &segment : NULL, parts, segments);
	m->parts = parts;
	if (m->next <= c->number)
		m->next = c->number + 1;
	if (rc == OK)
		rc = manifest_write(m, s->dir, fault);
	if (rc != OK) {
		m->part_count = old.part_count;
		m->parts = old.parts;
		m->next = old.next;
		segment_close(&segment);
		if (made)
			store_unlink(s, c->number);
		mem_free(segments);
		mem_free(parts);
		return rc;
	}
	s->segments = segments;
	for (size_t i = 0; i < c->gone_count; i++) {
		segment_close(&old_segments[c->gone[i]]);
		store_unlink(s, old.parts[c->gone[i]].number);
	}
	mem_free(old_segments);
	mem_free(old.parts);
	return OK;
}

/* The run as a segment, as much of it as counts. */
static enum err write_run(struct history_store *s, struct str bytes, const struct history_run *run,
    struct keeping *k, uint64_t number, uint32_t source, struct fault *fault)
{
	struct row_sink sink = keeping_sink(k);
	struct cursor *c = mem_alloc(sizeof(*c));
	struct merger merger;
	enum err rc = segment_writer_new(&k->writer, s->dir_fd, number, run->keys, fault);

	merger_init(&merger, 1);
	if (rc == OK) {
		merger_add(&merger, c, cursor_run(c, bytes, source));
		while (merger_group(&merger, &sink))
			;
		if (merger.bad)
			rc = fail(fault, ERR_INVALID, "a run has a record that is none");
		else
			rc = segment_finish(k->writer, fault);
		segment_writer_free(k->writer);
	}
	if (rc != OK || k->kept == 0)
		store_unlink(s, number);
	merger_free(&merger);
	mem_free(c);
	return rc;
}

static void forget_source(struct manifest *m, size_t source, const struct history_source *old)
{
	if (old)
		m->sources[source] = *old;
	else
		m->source_count--;
}

/* The source's row of the manifest with its new place. */
static void note_source(struct manifest *m, size_t source, struct str name, struct str place)
{
	struct history_source *row;

	if (source == m->source_count) {
		m->sources = mem_grow(m->sources, source + 1, sizeof(*m->sources));
		m->sources[source] = (struct history_source){.name_n = name.n};
		memcpy(m->sources[source].name, name.p, name.n);
		m->source_count++;
	}
	row = &m->sources[source];
	row->place_n = place.n;
	if (place.n > 0)
		memcpy(row->place, place.p, place.n);
}

static enum err check_source(const struct history_store *s, size_t source, struct str name,
    struct str place, struct fault *fault)
{
	if (name.n == 0 || name.n > HISTORY_SOURCE_MAX || place.n > HISTORY_PLACE_MAX)
		return fail(fault, ERR_LIMIT, "history: a source's name or place is too long");
	if (source >= HISTORY_SOURCES_MAX)
		return fail(fault, ERR_LIMIT, "history: more than %d sources", HISTORY_SOURCES_MAX);
	if (s->manifest.part_count >= HISTORY_SEGMENTS_MAX)
		return fail(fault, ERR_FULL, "history: %d segments wait to be merged",
		    HISTORY_SEGMENTS_MAX);
	return OK;
}

enum err history_adopt(struct history_store *s, struct str bytes, struct str name, struct str place,
    usec now, struct fault *fault)
{
	struct manifest *m = &s->manifest, old = *m;
	struct history_run run = {0};
	size_t source = manifest_source(m, name);
	struct history_source was = {0};
	struct keeping *k;
	struct change change = {.number = m->next};
	uint32_t hour = hour_at(now);
	enum err rc;

	TRY(check_source(s, source, name, place, fault));
	TRY(history_run_check(&run, bytes, fault));
	if (source < m->source_count)
		was = m->sources[source];
	k = mem_alloc(sizeof(*k));
	k->from = m->horizon;
	k->until = hour > m->latest ? hour : m->latest;
	k->until_second = (uint16_t)(now > 0 ? now / USEC_PER_SEC % SECONDS : 0);
	rc = run.rows > 0 ? write_run(s, bytes, &run, k, change.number, (uint32_t)source, fault)
	                  : OK;
	if (rc == OK) {
		note_source(m, source, name, place);
		m->latest = k->until;
		m->seen += run.seen;
		m->runs++;
		m->ahead += k->ahead;
		m->old += k->old;
		rc = store_replace(s, &change, k->kept > 0, fault);
		if (rc != OK) {
			forget_source(m, source, source < old.source_count ? &was : NULL);
			m->latest = old.latest;
			m->seen = old.seen;
			m->runs = old.runs;
			m->ahead = old.ahead;
			m->old = old.old;
		}
	}
	mem_free(k);
	return rc;
}

struct str history_place(const struct history_store *s, struct str source)
{
	return manifest_place(&s->manifest, source);
}

struct history_counts history_counts(const struct history_store *s)
{
	const struct manifest *m = &s->manifest;
	struct history_counts c = {
	    .seen = m->seen,
	    .runs = m->runs,
	    .ahead = m->ahead,
	    .old = m->old,
	    .merges = m->merges,
	    .segments = (unsigned)m->part_count,
	    .sources = (unsigned)m->source_count,
	    .oldest = m->horizon * USEC_PER_HOUR,
	};

	for (size_t i = 0; i < m->part_count; i++) {
		c.rows += s->segments[i].rows;
		c.bytes += s->segments[i].bytes;
	}
	return c;
}
