/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer does first: goes on from where the index ends, or builds the index anew, and tells
 * a batch that was being written when the power went from damage.
 *
 * A frame that fails its checks is a torn tail when nothing says that it was ever on disk: no
 * later frame was written after it had been synced, and no commit that this boot's index knows of,
 * nor a signed checkpoint, counts it. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "store/checkpoint.h"
#include "store/crc32c.h"
#include "store/internal.h"

enum { REWRITE = 1 << 20 };

struct scan {
	struct store *s;
	uint64_t segments;
	uint64_t position; /* of the next frame */
	bool undo;         /* the index may hold traces of these records */
};

/* The bytes from a position to the end of its file. */
static enum err bytes_at(
    const struct scan *scan, uint64_t position, struct str *out, struct fault *fault)
{
	uint64_t number = segment_number(position);
	uint64_t offset = segment_offset(position);
	const unsigned char *p;
	uint64_t size;

	TRY(segment_size(&scan->s->segments, number, &size, fault));
	if (size > SEGMENT_BYTES)
		size = SEGMENT_BYTES;
	*out = (struct str){"", 0};
	if (offset >= size)
		return OK;
	p = segments_at(&scan->s->segments, position);
	if (!p)
		return fail(fault, ERR_IO, "%s: segment %" PRIu64 " cannot be mapped", scan->s->dir,
		    number);
	*out = store_bytes(p, size - offset);
	return OK;
}

static enum err damaged(
    const struct scan *scan, uint64_t position, const char *why, struct fault *fault)
{
	char name[SEGMENT_NAME];

	segment_name(name, segment_number(position));
	return fail(fault, ERR_CORRUPT,
	    "%s/segments/%s: damaged at byte %" PRIu64 ", before its end: %s; restore this file, "
	    "`tocsin ledger verify` says more",
	    scan->s->dir, name, segment_offset(position), why);
}

/* Is there a whole head of a frame that was written when `position` was already on disk? */
static bool later_frame(struct str rest, uint64_t position)
{
	struct frame_head head;

	for (const char *p; rest.n >= FRAME_HEAD && (p = memchr(rest.p, 0xff, rest.n));) {
		rest = str_from(rest, (size_t)(p - rest.p));
		if (frame_head_read(&head, (const unsigned char *)p, rest.n) == FRAME_GOOD &&
		    head.durable > position)
			return true;
		rest = str_from(rest, 1);
	}
	return false;
}

static bool all_zero(struct str s)
{
	return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

/* The frames have ended at scan->position: cuts what is behind them, or says that it was more. */
static enum err settle_tail(struct scan *scan, const char *why, struct fault *fault)
{
	uint64_t position = scan->position;
	bool clean = true;
	struct str rest;

	while (segment_number(position) < scan->segments) {
		TRY(bytes_at(scan, position, &rest, fault));
		if (later_frame(rest, scan->position))
			return damaged(scan, scan->position, why, fault);
		clean = clean && all_zero(rest);
		position = ((segment_number(position) + 1) << SEGMENT_BITS) + SEGMENT_HEAD;
	}
	return clean ? OK : segments_cut(&scan->s->segments, scan->position, fault);
}

static enum err take_records(struct scan *scan, const struct frame_head *head,
    const unsigned char *frame, struct fault *fault)
{
	struct rd r = {.p = frame + FRAME_HEAD, .n = head->length};
	struct frame_record records[STORE_WINDOW];
	struct store_entry entries[STORE_WINDOW];
	struct store *s = scan->s;

	TRY(index_reserve(&s->index, head->first, head->count, fault));
	for (uint32_t done = 0, n; done < head->count; done += n) {
		n = head->count - done < STORE_WINDOW ? head->count - done : STORE_WINDOW;
		for (uint32_t i = 0; i < n; i++) {
			TRY(record_read(&records[i], &r, s->pending.size + i, frame, fault));
			entries[i] = (struct store_entry){
			    .record = &records[i].record,
			    .leaf = records[i].leaf,
			    .at = scan->position + records[i].content,
			};
			if (scan->undo)
				index_unlink(&s->index, records[i].record.id, s->pending.size + i);
		}
		TRY(store_index(s, s->pending.size, entries, n, fault));
		s->received = records[n - 1].record.received;
	}
	return rd_done(&r) ? OK : fail(fault, ERR_CORRUPT, "bytes are left over in the batch");
}

/* NULL when the frame is whole and the next one, else what is wrong with it. */
static const char *frame_fault(
    const struct scan *scan, const struct frame_head *head, struct str bytes)
{
	if (head->first != scan->s->pending.size || head->count == 0 ||
	    head->count > STORE_BATCH_RECORDS_MAX)
		return "the batch does not follow the one before";
	if (head->length > bytes.n - FRAME_HEAD)
		return "the batch is cut short";
	if (crc32c(0, str_slice(bytes, FRAME_HEAD, FRAME_HEAD + (size_t)head->length)) != head->crc)
		return "the batch differs from its checksum";
	return NULL;
}

/* One frame; *end when there is none. */
static enum err scan_step(struct scan *scan, bool *end, struct fault *fault)
{
	struct index_commit *pending = &scan->s->pending;
	struct frame_head head = {0};
	struct str bytes;
	const char *why;
	enum frame_state state;

	TRY(bytes_at(scan, scan->position, &bytes, fault));
	state = frame_head_read(&head, (const unsigned char *)bytes.p, bytes.n);
	if (state == FRAME_NONE && segment_number(scan->position) + 1 < scan->segments) {
		struct scan next = *scan;

		/* The rest of a segment is empty where the next batch did not fit. */
		next.position =
		    ((segment_number(scan->position) + 1) << SEGMENT_BITS) + SEGMENT_HEAD;
		TRY(bytes_at(&next, next.position, &bytes, fault));
		if (frame_head_read(&head, (const unsigned char *)bytes.p, bytes.n) == FRAME_GOOD &&
		    head.first == pending->size) {
			scan->position = next.position;
			return OK;
		}
	}
	*end = true;
	if (state == FRAME_NONE)
		return settle_tail(scan, "the batches after it do not follow", fault);
	why = state == FRAME_BAD ? "no batch begins here" : frame_fault(scan, &head, bytes);
	if (why)
		return settle_tail(scan, why, fault);
	*end = false;
	TRY(take_records(scan, &head, (const unsigned char *)bytes.p, fault));
	pending->last_frame = scan->position;
	pending->last_crc = head.crc;
	scan->position += FRAME_HEAD + (uint64_t)head.length;
	pending->position = scan->position;
	return OK;
}

/* A sync that failed may have marked pages clean that never reached the disk: written once more,
 * the next sync means what it says. */
static enum err write_again(struct scan *scan, uint64_t from, struct fault *fault)
{
	uint64_t end = scan->s->pending.position;

	while (from < end) {
		uint64_t stop = (segment_number(from) + 1) << SEGMENT_BITS;
		struct str bytes;
		void *copy;

		TRY(bytes_at(scan, from, &bytes, fault));
		stop = stop < end ? stop : end;
		if (bytes.n > stop - from)
			bytes.n = stop - from;
		if (bytes.n > REWRITE)
			bytes.n = REWRITE;
		if (bytes.n == 0) {
			from = stop + SEGMENT_HEAD;
			continue;
		}
		buf_reset(&scan->s->frame);
		copy = buf_grow(&scan->s->frame, bytes.n);
		if (!copy)
			return fail(fault, ERR_NOMEM, "no memory to recover the ledger");
		memcpy(copy, bytes.p, bytes.n);
		TRY(segments_reserve(&scan->s->segments, from, bytes.n, fault));
		TRY(segments_write(&scan->s->segments, from, copy, bytes.n, fault));
		from += bytes.n;
	}
	return OK;
}

/* Does the last frame that the index knows stand where it says? Else these are not its segments. */
static bool belongs(const struct scan *scan, const struct index_commit *commit)
{
	struct frame_head head;
	struct str bytes;

	if (commit->size == 0)
		return true;
	return segment_number(commit->last_frame) < scan->segments &&
	       bytes_at(scan, commit->last_frame, &bytes, NULL) == OK &&
	       frame_head_read(&head, (const unsigned char *)bytes.p, bytes.n) == FRAME_GOOD &&
	       head.crc == commit->last_crc && head.first + head.count == commit->size &&
	       commit->last_frame + FRAME_HEAD + head.length == commit->position;
}

static enum err open_index(struct scan *scan, bool *trusted, struct fault *fault)
{
	struct store *s = scan->s;
	enum index_trust trust;

	TRY(index_open(&s->index, s->dir_fd, true, &s->segments, s->io, &trust, fault));
	*trusted = trust == INDEX_TRUSTED && belongs(scan, index_commit(&s->index));
	if (*trusted)
		return OK;
	index_close(&s->index);
	return index_create(&s->index, s->dir_fd, &s->segments, s->io, s->env, fault);
}

enum err store_recover(struct store *s, bool create, struct fault *fault)
{
	struct scan scan = {.s = s};
	bool trusted, clean, end = false;
	uint64_t from;

	TRY(segments_count(&s->segments, &scan.segments, fault));
	if (scan.segments == 0 && !create)
		return fail(fault, ERR_NOT_FOUND, "%s: there is no ledger here", s->dir);
	if (scan.segments == 0)
		TRY(segments_reserve(&s->segments, SEGMENT_HEAD, FRAME_HEAD, fault));
	TRY(segments_count(&s->segments, &scan.segments, fault));
	TRY(open_index(&scan, &trusted, fault));
	clean = trusted && atomic_load(&s->index.head->clean);
	TRY(index_begin(&s->index, fault));
	s->pending = *index_commit(&s->index);
	if (s->pending.size == 0)
		s->pending.position = SEGMENT_HEAD;
	else
		s->received = index_row(&s->index, s->pending.size - 1)->received;
	scan.position = from = s->pending.position;
	scan.undo = trusted && !clean;
	while (!end)
		TRY(scan_step(&scan, &end, fault));
	if (scan.undo)
		TRY(write_again(&scan, from, fault));
	TRY(segments_sync(&s->segments, fault));
	store_publish(s);
	atomic_store_explicit(&s->index.head->ready, 1, memory_order_release);
	atomic_store_explicit(&s->visible, s->pending.size, memory_order_release);
	return checkpoint_agrees(s, fault);
}
