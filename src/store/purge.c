/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing changes a frame in two places, its head (for its checksum) and the contents. A note of
 * all that is to be written, the file "purge", is on disk before any of it and is removed when all
 * of it is: a writer that finds the note writes it again before it reads a frame. */
#include "store/purge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rd.h"
#include "store/crc32c.h"
#include "sys/files.h"

enum {
	AT_ONCE = 256, /* records in one note */
	NOTE_HEAD = 16,
	NOTE_CRC = 4,
	NOTE_ERASURE = 8 + 4,
	NOTE_FRAME = 8 + FRAME_HEAD,
	NOTE_MAX = NOTE_HEAD + 8 + AT_ONCE * (NOTE_ERASURE + NOTE_FRAME) + NOTE_CRC,
	PATHS = 2 * NOTE_MAX + 65536,
	TOMBSTONE = 8 + SHA256_LEN,
	ZEROS = 4096,
};

static const char NO_BYTES[ZEROS] = {0};
static const char HEAD[NOTE_HEAD] = "tocsin purge 1\n";

/* What a note says: which bytes become zeros, and the heads that the frames around them get. */
struct erasure {
	uint64_t at; /* position of the content */
	uint32_t length;
};

struct frame_patch {
	uint64_t at; /* position of the head */
	unsigned char head[FRAME_HEAD];
};

struct plan {
	struct erasure erasures[AT_ONCE];
	struct frame_patch frames[AT_ONCE];
	uint32_t erasure_count, frame_count;
};

static bool all_zero(struct str s)
{
	return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

bool tombstone_read(struct tombstone *out, const struct record *r)
{
	struct rd rd = rd_of(r->content);
	struct str hash;

	out->record = rd_u64(&rd);
	hash = rd_bytes(&rd, SHA256_LEN);
	if (rd.failed || r->kind != RECORD_TOMBSTONE)
		return false;
	memcpy(out->hash.b, hash.p, SHA256_LEN);
	out->json = str_from(r->content, TOMBSTONE);
	return true;
}

bool store_erased(const struct record *r)
{
	return r->kind == RECORD_OBJECT && r->content.n > 0 && all_zero(r->content);
}

enum err store_tombstone(struct record *out, struct store *s, uint64_t seq, struct str json,
    struct arena *arena, struct fault *fault)
{
	struct sha256 hash = record_hash(store_header(s, seq));
	char *p = arena_alloc(arena, TOMBSTONE + json.n);

	if (!p)
		return fail(fault, ERR_NOMEM, "no memory for a tombstone");
	for (int i = 0; i < 8; i++)
		p[i] = (char)(seq >> (56 - 8 * i));
	memcpy(p + 8, hash.b, SHA256_LEN);
	if (json.n)
		memcpy(p + TOMBSTONE, json.p, json.n);
	*out = (struct record){.kind = RECORD_TOMBSTONE,
	    .id = S(STORE_TOMBSTONE),
	    .version = (int64_t)store_size_pending(s),
	    .content = {p, TOMBSTONE + json.n}};
	return OK;
}

/* The record that a tombstone is of; NULL when it is of none. */
static struct row *target_of(const struct store *s, uint64_t seq, uint64_t *target)
{
	struct record stone, record;
	struct tombstone t;

	store_record(s, seq, &stone);
	if (!tombstone_read(&t, &stone) || t.record >= seq)
		return NULL;
	store_record(s, t.record, &record);
	if (record.kind != RECORD_OBJECT || !sha256_eq(&record.hash, &t.hash))
		return NULL;
	*target = t.record;
	return index_row(&s->index, t.record);
}

bool purge_mark(struct store *s, uint64_t seq)
{
	uint64_t target;
	struct row *row;

	if (store_row(s, seq)->kind != RECORD_TOMBSTONE)
		return false;
	row = target_of(s, seq, &target);
	if (row)
		__atomic_store_n(&row->tombstone, (uint32_t)seq, __ATOMIC_RELAXED);
	return row != NULL;
}

static enum err apply(struct store *s, const struct plan *p, struct fault *fault)
{
	for (uint32_t i = 0; i < p->erasure_count; i++)
		TRY(segments_erase(&s->segments, p->erasures[i].at, p->erasures[i].length, fault));
	for (uint32_t i = 0; i < p->frame_count; i++)
		TRY(segments_patch(
		    &s->segments, p->frames[i].at, p->frames[i].head, FRAME_HEAD, fault));
	return OK;
}

/* ---- the note ---- */

static struct str note_path(const struct store *s, struct arena *arena)
{
	return file_join(arena, str_c(s->dir), "purge");
}

static enum err drop_note(const struct store *s, struct fault *fault)
{
	if (unlinkat(s->dir_fd, "purge", 0) != 0 && errno != ENOENT)
		return fail(fault, ERR_IO, "%s/purge: %m", s->dir);
	/* One that came back after the next had changed the same frame would undo its head. */
	if (s->io->fdatasync(s->dir_fd) != 0)
		return fail(fault, segment_errno(), "%s: %m", s->dir);
	return OK;
}

static enum err write_note(
    const struct store *s, struct arena *arena, const struct plan *p, struct fault *fault)
{
	struct buf b;
	enum err rc;

	buf_init(&b, NOTE_MAX);
	buf_put(&b, (struct str){HEAD, NOTE_HEAD});
	buf_u32(&b, p->erasure_count);
	buf_u32(&b, p->frame_count);
	for (uint32_t i = 0; i < p->erasure_count; i++) {
		buf_u64(&b, p->erasures[i].at);
		buf_u32(&b, p->erasures[i].length);
	}
	for (uint32_t i = 0; i < p->frame_count; i++) {
		buf_u64(&b, p->frames[i].at);
		buf_put(&b, store_bytes(p->frames[i].head, FRAME_HEAD));
	}
	buf_u32(&b, crc32c(0, buf_str(&b)));
	rc = b.failed == OK ? file_write(note_path(s, arena), buf_str(&b), 0600, fault)
	                    : fail(fault, ERR_NOMEM, "no memory for a purge");
	buf_free(&b);
	return rc;
}

static bool read_note(struct plan *out, struct str note)
{
	struct rd rd = rd_of(note);
	struct str head = rd_bytes(&rd, NOTE_HEAD);

	out->erasure_count = rd_u32(&rd);
	out->frame_count = rd_u32(&rd);
	if (rd.failed || memcmp(head.p, HEAD, NOTE_HEAD) != 0 || out->erasure_count > AT_ONCE ||
	    out->frame_count > AT_ONCE)
		return false;
	for (uint32_t i = 0; i < out->erasure_count; i++) {
		out->erasures[i].at = rd_u64(&rd);
		out->erasures[i].length = rd_u32(&rd);
	}
	for (uint32_t i = 0; i < out->frame_count; i++) {
		struct frame_head frame;

		out->frames[i].at = rd_u64(&rd);
		head = rd_bytes(&rd, FRAME_HEAD);
		if (rd.failed ||
		    frame_head_read(&frame, (const unsigned char *)head.p, head.n) != FRAME_GOOD)
			return false;
		memcpy(out->frames[i].head, head.p, FRAME_HEAD);
	}
	return rd_u32(&rd) == crc32c(0, str_slice(note, 0, note.n - NOTE_CRC)) && rd_done(&rd);
}

static enum err resume(struct store *s, struct plan *p, struct arena *arena, struct fault *fault)
{
	struct str note;
	enum err rc = file_read(&note, arena, note_path(s, arena), NOTE_MAX, NULL);

	if (rc == ERR_NOT_FOUND)
		return OK;
	if (rc != OK || note.n < NOTE_CRC || !read_note(p, note))
		return fail(
		    fault, ERR_CORRUPT, "%s/purge: it cannot be read or is damaged", s->dir);
	TRY(apply(s, p, fault));
	return drop_note(s, fault);
}

enum err purge_resume(struct store *s, struct fault *fault)
{
	struct arena *arena = arena_new(PATHS);
	struct plan *p = mem_alloc(sizeof(*p));
	enum err rc = resume(s, p, arena, fault);

	mem_free(p);
	arena_free(arena);
	return rc;
}

/* ---- what is to be erased ---- */

/* The frame of a record, from *position on when that is in its segment, else from its head. */
static enum err find_frame(const struct store *s, uint64_t seq, uint64_t at, uint64_t *position,
    struct frame_head *head, struct fault *fault)
{
	if (segment_number(*position) != segment_number(at) || segment_offset(*position) == 0)
		*position = (segment_number(at) << SEGMENT_BITS) + SEGMENT_HEAD;
	while (*position < at) {
		const unsigned char *p = segments_at(&s->segments, *position);

		if (!p || frame_head_read(head, p, FRAME_HEAD) != FRAME_GOOD)
			break;
		if (seq >= head->first && seq - head->first < head->count)
			return OK;
		*position += FRAME_HEAD + (uint64_t)head->length;
	}
	return fail(
	    fault, ERR_CORRUPT, "%s: the batch of record %" PRIu64 " cannot be found", s->dir, seq);
}

static uint32_t crc_zeros(uint32_t crc, uint64_t n)
{
	for (uint64_t m; n > 0; n -= m) {
		m = n < ZEROS ? n : ZEROS;
		crc = crc32c(crc, (struct str){NO_BYTES, (size_t)m});
	}
	return crc;
}

/* The head of a frame in which the erasures [from, count) that lie in it are made; from becomes the
 * first that does not. They are in the order of their places. */
static enum err plan_frame(struct plan *p, const struct store *s, uint32_t *from, uint64_t position,
    struct frame_head *head, struct fault *fault)
{
	uint64_t at = position + FRAME_HEAD, end = at + head->length;
	const unsigned char *bytes = segments_at(&s->segments, position);
	struct frame_patch *patch = &p->frames[p->frame_count++];
	uint32_t crc = 0;

	for (; *from < p->erasure_count && p->erasures[*from].at < end; ++*from) {
		const struct erasure *e = &p->erasures[*from];

		if (e->at < at || e->length > end - e->at)
			return fail(fault, ERR_CORRUPT, "%s: a record passes its batch", s->dir);
		crc = crc32c(crc, store_bytes(bytes + (at - position), (size_t)(e->at - at)));
		crc = crc_zeros(crc, e->length);
		at = e->at + e->length;
	}
	head->crc = crc32c(crc, store_bytes(bytes + (at - position), (size_t)(end - at)));
	patch->at = position;
	frame_head_write(patch->head, head);
	return OK;
}

static int by_number(const void *pa, const void *pb)
{
	const uint64_t *a = pa, *b = pb;

	return *a < *b ? -1 : *a > *b;
}

/* Records, at most AT_ONCE, all of objects. */
static enum err erase(
    struct store *s, struct plan *p, uint64_t *records, uint32_t count, struct fault *fault)
{
	struct arena *arena;
	uint64_t position = 0;
	enum err rc = OK;

	/* Records and their places rise together. */
	qsort(records, count, sizeof(*records), by_number);
	p->erasure_count = p->frame_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct row *row = store_row(s, records[i]);

		if (i == 0 || records[i] != records[i - 1])
			p->erasures[p->erasure_count++] =
			    (struct erasure){.at = row->at, .length = row->length};
	}
	for (uint32_t done = 0, i = 0; done < p->erasure_count && rc == OK;) {
		struct frame_head head = {0};

		while (store_row(s, records[i])->at != p->erasures[done].at)
			i++;
		rc = find_frame(s, records[i], p->erasures[done].at, &position, &head, fault);
		if (rc == OK)
			rc = plan_frame(p, s, &done, position, &head, fault);
	}
	TRY(rc);
	arena = arena_new(PATHS);
	rc = write_note(s, arena, p, fault);
	if (rc == OK)
		rc = apply(s, p, fault);
	if (rc == OK)
		rc = drop_note(s, fault);
	arena_free(arena);
	return rc;
}

/* From the newest tombstone back to the first whose record is erased: those behind it were done
 * before it was made. *more: there are more than fit. The oldest are kept, and done first. */
static uint32_t collect(struct store *s, uint64_t *records, bool *more)
{
	uint64_t at = store_find(s, S(STORE_TOMBSTONE));
	uint32_t count = 0;

	*more = false;
	for (; at != STORE_NONE; at = store_older(s, at)) {
		struct record record;
		uint64_t target;

		if (!target_of(s, at, &target))
			continue;
		store_record(s, target, &record);
		if (record.content.n == 0)
			continue;
		if (store_erased(&record))
			break;
		*more = *more || count >= AT_ONCE;
		records[count++ % AT_ONCE] = target;
	}
	return count < AT_ONCE ? count : AT_ONCE;
}

enum err purge_finish(struct store *s, struct fault *fault)
{
	struct plan *p = mem_alloc(sizeof(*p));
	uint64_t records[AT_ONCE];
	bool more = true;
	enum err rc = OK;

	while (rc == OK && more) {
		uint32_t count = collect(s, records, &more);

		rc = count > 0 ? erase(s, p, records, count, fault) : OK;
	}
	mem_free(p);
	return rc;
}
