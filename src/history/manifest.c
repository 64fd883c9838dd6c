/* SPDX-License-Identifier: Apache-2.0 */
#include "history/manifest.h"

#include <string.h>

#include "base/mem.h"
#include "base/rd.h"
#include "history/segment_foot.h"
#include "sys/files.h"

#define MANIFEST_MAGIC S("tochman1")

void manifest_free(struct manifest *m)
{
	mem_free(m->sources);
	mem_free(m->parts);
	*m = (struct manifest){0};
}

size_t manifest_source(const struct manifest *m, struct str name)
{
	size_t i = 0;

	while (i < m->source_count &&
	       !str_eq((struct str){m->sources[i].name, m->sources[i].name_n}, name))
		i++;
	return i;
}

struct str manifest_place(const struct manifest *m, struct str name)
{
	size_t at = manifest_source(m, name);

	if (at == m->source_count)
		return STR_NONE;
	return (struct str){m->sources[at].place, m->sources[at].place_n};
}

static void put(struct buf *out, const struct manifest *m)
{
	buf_put(out, MANIFEST_MAGIC);
	buf_u64(out, m->generation);
	buf_u64(out, m->next);
	buf_u32(out, m->horizon);
	buf_u32(out, m->latest);
	buf_u32(out, m->keep);
	buf_u64(out, m->seen);
	buf_u64(out, m->runs);
	buf_u64(out, m->ahead);
	buf_u64(out, m->old);
	buf_u64(out, m->merges);
	buf_u32(out, (uint32_t)m->source_count);
	for (size_t i = 0; i < m->source_count; i++) {
		const struct history_source *s = &m->sources[i];

		buf_u16(out, (uint16_t)s->name_n);
		buf_put(out, (struct str){s->name, s->name_n});
		buf_u16(out, (uint16_t)s->place_n);
		buf_put(out, (struct str){s->place, s->place_n});
	}
	buf_u32(out, (uint32_t)m->part_count);
	for (size_t i = 0; i < m->part_count; i++) {
		buf_u64(out, m->parts[i].number);
		buf_u8(out, m->parts[i].level);
	}
	if (out->failed == OK)
		buf_u64(out, segment_sum(buf_str(out)));
}

enum err manifest_write(struct manifest *m, struct str dir, struct fault *fault)
{
	struct arena *arena = arena_new(FILE_PATH_MAX + 64);
	struct buf out;
	enum err rc;

	buf_init(&out, MANIFEST_BYTES_MAX);
	m->generation++;
	put(&out, m);
	rc = out.failed;
	if (rc == OK)
		rc = file_write(file_join(arena, dir, "manifest"), buf_str(&out), 0600, fault);
	else
		fault_set(fault, rc, "history: the manifest cannot be made");
	if (rc != OK)
		m->generation--;
	buf_free(&out);
	arena_free(arena);
	return rc;
}

static bool get_text(char *out, size_t max, size_t *n, struct rd *r)
{
	struct str text = rd_bytes(r, rd_u16(r));

	if (r->failed || text.n > max)
		return false;
	memcpy(out, text.p, text.n);
	*n = text.n;
	return true;
}

static bool get_sources(struct manifest *m, struct rd *r)
{
	size_t count = rd_u32(r);

	if (count > HISTORY_SOURCES_MAX)
		return false;
	m->sources = mem_alloc((count + 1) * sizeof(*m->sources));
	m->source_count = count;
	for (size_t i = 0; i < count; i++) {
		struct history_source *s = &m->sources[i];

		if (!get_text(s->name, sizeof(s->name), &s->name_n, r) ||
		    !get_text(s->place, sizeof(s->place), &s->place_n, r))
			return false;
	}
	return true;
}

static bool get_parts(struct manifest *m, struct rd *r)
{
	size_t count = rd_u32(r);

	if (count > HISTORY_SEGMENTS_MAX)
		return false;
	m->parts = mem_alloc((count + 1) * sizeof(*m->parts));
	m->part_count = count;
	for (size_t i = 0; i < count; i++) {
		m->parts[i].number = rd_u64(r);
		m->parts[i].level = rd_u8(r);
		if (m->parts[i].level >= MANIFEST_LEVELS || m->parts[i].number >= m->next)
			return false;
	}
	return true;
}

static bool get(struct manifest *m, struct str bytes)
{
	size_t n = bytes.n < SEGMENT_SUM ? 0 : bytes.n - SEGMENT_SUM;
	struct rd r = rd_of(str_slice(bytes, 0, n)), sum = rd_of(str_from(bytes, n));

	if (!str_eq(rd_bytes(&r, MANIFEST_MAGIC.n), MANIFEST_MAGIC) ||
	    rd_u64(&sum) != segment_sum(str_slice(bytes, 0, n)))
		return false;
	m->generation = rd_u64(&r);
	m->next = rd_u64(&r);
	m->horizon = rd_u32(&r);
	m->latest = rd_u32(&r);
	m->keep = rd_u32(&r);
	m->seen = rd_u64(&r);
	m->runs = rd_u64(&r);
	m->ahead = rd_u64(&r);
	m->old = rd_u64(&r);
	m->merges = rd_u64(&r);
	return get_sources(m, &r) && get_parts(m, &r) && rd_done(&r);
}

enum err manifest_read(struct manifest *out, struct str dir, struct fault *fault)
{
	struct arena *arena = arena_new(MANIFEST_BYTES_MAX + 2 * FILE_PATH_MAX);
	struct str path = file_join(arena, dir, "manifest"), bytes;
	struct manifest m = {0};
	enum err rc = file_read(&bytes, arena, path, MANIFEST_BYTES_MAX, fault);

	if (rc == OK && !get(&m, bytes))
		rc = fail(fault, ERR_CORRUPT, "%.*s: not a manifest of the history, or damaged",
		    STR_ARG(path));
	arena_free(arena);
	if (rc != OK)
		manifest_free(&m);
	if (rc == OK || rc == ERR_NOT_FOUND)
		*out = m;
	return rc == ERR_NOT_FOUND ? OK : rc;
}
