/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, appending, committing; reading is in read.c, recovery in recover.c. */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/crc32c.h"
#include "store/internal.h"
#include "store/purge.h"

enum {
	PIECE = 256 << 10,
	FRAME_KEEP = 4 << 20, /* memory kept from batch to batch */
};

static enum err take_lock(struct store *s, struct fault *fault)
{
	s->lock_fd = openat(s->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return fail(fault, segment_errno(), "%s/lock: %m", s->dir);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return OK;
	if (errno == EWOULDBLOCK)
		return fail(
		    fault, ERR_BUSY, "%s: another process is writing to this ledger", s->dir);
	return fail(fault, ERR_IO, "%s/lock: %m", s->dir);
}

static enum err open_folder(struct store *s, bool create, struct fault *fault)
{
	int parent;

	if (create && mkdir(s->dir, 0700) != 0 && errno != EEXIST)
		return fail(fault, segment_errno(), "%s: %m", s->dir);
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %m", s->dir);
	if (!create)
		return OK;
	parent = openat(s->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent >= 0) {
		(void)fsync(parent);
		(void)close(parent);
	}
	return OK;
}

static enum err open_writer(struct store *s, bool create, struct fault *fault)
{
	TRY(take_lock(s, fault));
	TRY(segments_open(&s->segments, s->dir_fd, s->dir, s->io, create, fault));
	TRY(purge_resume(s, fault));
	TRY(store_recover(s, create, fault));
	s->erase = false;
	return purge_finish(s, fault);
}

static enum err open_reader(struct store *s, struct fault *fault)
{
	enum index_trust trust;

	TRY(segments_open(&s->segments, s->dir_fd, s->dir, s->io, false, fault));
	TRY(index_open(&s->index, s->dir_fd, false, &s->segments, s->io, &trust, fault));
	if (trust != INDEX_TRUSTED)
		return fail(fault, ERR_NOT_FOUND, "%s: the index is not there or stale", s->dir);
	return OK;
}

static struct store *store_new(const struct store_options *options)
{
	struct store *s = mem_alloc(sizeof(*s));

	s->env = options->env;
	s->io = options->io ? options->io : &STORE_IO_SYSTEM;
	s->write = options->write;
	s->dir_fd = -1;
	s->lock_fd = -1;
	s->segments.fd = -1;
	s->index.dir_fd = -1;
	s->dir = mem_alloc(options->dir.n + 1);
	memcpy(s->dir, options->dir.p, options->dir.n);
	buf_init(&s->frame, FRAME_HEAD + STORE_BATCH_BYTES_MAX);
	return s;
}

static void release(struct store *s)
{
	index_close(&s->index);
	segments_close(&s->segments);
	buf_free(&s->frame);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	if (s->dir_fd >= 0)
		(void)close(s->dir_fd);
	mem_free(s->dir);
	mem_free(s);
}

static enum err open_once(
    struct store **out, const struct store_options *options, struct fault *fault)
{
	struct store *s = store_new(options);
	bool create = options->write && options->create;
	enum err rc;

	rc = open_folder(s, create, fault);
	if (rc == OK)
		rc = s->write ? open_writer(s, create, fault) : open_reader(s, fault);
	if (rc != OK) {
		release(s);
		return rc;
	}
	*out = s;
	return OK;
}

enum err store_open(struct store **out, const struct store_options *options, struct fault *fault)
{
	struct store_options writer = *options;
	struct store *s;
	enum err rc;

	rc = open_once(out, options, fault);
	if (rc != ERR_NOT_FOUND || options->write)
		return rc;
	/* No writer has recovered this ledger since the machine started. */
	writer.write = true;
	writer.create = false;
	rc = open_once(&s, &writer, fault);
	if (rc == ERR_BUSY)
		return fail(fault, ERR_BUSY,
		    "%.*s: its index is being made anew by another process; try again in a while",
		    STR_ARG(options->dir));
	if (rc != OK)
		return rc;
	store_close(s);
	return open_once(out, options, fault);
}

/* Old bytes must not be taken for new batches later on. */
static enum err wipe(struct store *s, struct fault *fault)
{
	if (s->wipe > s->pending.position)
		TRY(segments_zero(&s->segments, s->pending.position, s->wipe, fault));
	s->wipe = 0;
	return OK;
}

static void undo(struct store *s)
{
	const struct index_commit kept = *index_commit(&s->index);

	for (uint64_t seq = kept.size; seq < s->pending.size; seq++) {
		struct row *row = index_row(&s->index, seq);

		index_unlink(&s->index, index_row_id(&s->index, row), kept.size);
	}
	if (s->index.labels_used != kept.labels)
		index_labels_cut(&s->index, kept.labels);
	if (s->pending.position > s->wipe)
		s->wipe = s->pending.position;
	s->pending = kept;
	atomic_store_explicit(&s->visible, kept.size, memory_order_release);
	s->received = kept.size ? index_row(&s->index, kept.size - 1)->received : 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->write) {
		if (s->pending.size != index_commit(&s->index)->size)
			undo(s);
		/* Then the next writer looks closer. */
		if (wipe(s, NULL) != OK || index_finish(&s->index, NULL) != OK)
			atomic_store(&s->index.head->clean, 0);
	}
	release(s);
}

static enum err check_record(const struct record *r, size_t *bytes, struct fault *fault)
{
	if (r->id.n == 0 || r->id.n > STORE_ID_MAX)
		return fail(fault, ERR_LIMIT, "an id has 1 to %d bytes, this one %zu", STORE_ID_MAX,
		    r->id.n);
	if (r->label.n > STORE_LABEL_MAX)
		return fail(fault, ERR_LIMIT, "%.*s: a label has at most %d bytes, this one %zu",
		    STR_ARG(r->id), STORE_LABEL_MAX, r->label.n);
	if (r->content.n > STORE_CONTENT_MAX)
		return fail(fault, ERR_LIMIT, "%.*s: a record has at most %d bytes, this one %zu",
		    STR_ARG(r->id), STORE_CONTENT_MAX, r->content.n);
	*bytes += record_size(r);
	return OK;
}

static enum err check_batch(
    const struct record *records, size_t count, size_t *bytes, struct fault *fault)
{
	*bytes = FRAME_HEAD;
	if (count == 0 || count > STORE_BATCH_RECORDS_MAX)
		return fail(fault, ERR_LIMIT, "a batch has 1 to %d records, this one %zu",
		    STORE_BATCH_RECORDS_MAX, count);
	for (size_t i = 0; i < count; i++) {
		TRY(check_record(&records[i], bytes, fault));
		if (!record_may_follow(&records[i], i ? &records[i - 1] : NULL))
			return fail(fault, ERR_INVALID,
			    "an envelope stands directly behind the record that it proves");
	}
	if (*bytes > STORE_BATCH_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "a batch has at most %d bytes, this one %zu",
		    STORE_BATCH_BYTES_MAX, *bytes);
	return OK;
}

/* Every label has a number and every file room, or nothing has changed. */
static enum err make_room(struct store *s, const struct record *records, size_t count,
    uint64_t position, size_t bytes, struct fault *fault)
{
	struct str last = STR_NONE;
	uint16_t number;

	TRY(index_reserve(&s->index, s->pending.size, count, fault));
	for (size_t i = 0; i < count; i++) {
		if (last.p && str_eq(last, records[i].label))
			continue;
		TRY(index_label(&s->index, records[i].label, &number, fault));
		last = records[i].label;
	}
	return segments_reserve(&s->segments, position, bytes, fault);
}

/* Where a frame of so many bytes goes: it never spans two segments. */
static uint64_t place(const struct store *s, size_t bytes)
{
	uint64_t position = s->pending.position;

	if (segment_offset(position) + bytes > SEGMENT_BYTES || segment_offset(position) == 0)
		position =
		    ((segment_number(position + SEGMENT_BYTES - 1)) << SEGMENT_BITS) + SEGMENT_HEAD;
	return position;
}

static void stamp(struct store *s, struct record *records, size_t count)
{
	usec now = env_now(s->env);

	for (size_t i = 0; i < count; i++) {
		s->received = now > s->received ? now : s->received + 1;
		records[i].received = s->received;
		if (!records[i].added)
			records[i].added = s->received;
	}
}

/* A frame on its way into its segment: the disk writes the first records while the next are
 * hashed. */
struct frame_writer {
	struct store *s;
	unsigned char *frame;
	uint64_t position;
	size_t done; /* bytes of the frame that are in the file */
	uint32_t crc;
};

/* Without its head a frame does not exist: that is written last. */
static enum err write_piece(struct frame_writer *w, size_t end, struct fault *fault)
{
	size_t n = end - w->done;

	w->crc = crc32c(w->crc, store_bytes(w->frame + w->done, n));
	TRY(segments_write(&w->s->segments, w->position + w->done, w->frame + w->done, n, fault));
	segments_start(&w->s->segments, w->position + w->done, n);
	w->done = end;
	return OK;
}

static enum err write_records(
    struct frame_writer *w, struct record *records, size_t count, size_t bytes, struct fault *fault)
{
	struct frame_head head = {
	    .first = w->s->pending.size,
	    .durable = index_commit(&w->s->index)->position,
	    .length = (uint32_t)(bytes - FRAME_HEAD),
	    .count = (uint32_t)count,
	};
	size_t at = FRAME_HEAD;

	for (size_t i = 0; i < count; i++) {
		records[i].hash = sha256(records[i].content);
		record_write(w->frame + at, &records[i], head.first + i);
		at += record_size(&records[i]);
		if (at - w->done >= PIECE)
			TRY(write_piece(w, at, fault));
	}
	if (w->done > FRAME_HEAD)
		TRY(write_piece(w, at, fault));
	else
		w->crc = crc32c(0, store_bytes(w->frame + FRAME_HEAD, head.length));
	head.crc = w->crc;
	frame_head_write(w->frame, &head);
	return segments_write(&w->s->segments, w->position, w->frame,
	    w->done > FRAME_HEAD ? FRAME_HEAD : bytes, fault);
}

static enum err write_frame(struct store *s, struct record *records, size_t count,
    uint64_t position, size_t bytes, struct fault *fault)
{
	struct frame_writer w = {.s = s, .position = position, .done = FRAME_HEAD};
	enum err rc;

	buf_reset(&s->frame);
	w.frame = buf_grow(&s->frame, bytes);
	if (!w.frame)
		return fail(fault, ERR_NOMEM, "no memory for a batch of %zu bytes", bytes);
	rc = write_records(&w, records, count, bytes, fault);
	if (rc != OK) {
		s->wipe = position + bytes;
		return rc;
	}
	s->pending.last_crc = w.crc;
	s->pending.last_frame = position;
	s->pending.position = position + bytes;
	return OK;
}

enum err store_index(struct store *s, uint64_t first, const struct store_entry *entries, size_t n,
    struct fault *fault)
{
	uint64_t probes[STORE_WINDOW];

	assert(n <= STORE_WINDOW);
	for (size_t i = 0; i < n; i++)
		probes[i] = index_probe(&s->index, entries[i].record->id);
	for (size_t i = 0; i < n; i++) {
		const struct record *r = entries[i].record;
		struct sha256 leaf = record_leaf(entries[i].leaf);
		struct row *row = index_row(&s->index, first + i);
		uint16_t label;

		TRY(index_label(&s->index, r->label, &label, fault));
		*row = (struct row){
		    .at = entries[i].at,
		    .length = (uint32_t)r->content.n,
		    .source = r->source,
		    .version = r->version,
		    .received = r->received,
		    .added = r->added,
		    .feed = r->feed,
		    .label = label,
		    .tag = r->tag,
		    .kind = (uint8_t)r->kind,
		    .flags = r->flags,
		    .id_length = (uint8_t)r->id.n,
		    .older = STORE_NONE,
		};
		if (r->kind == RECORD_OBJECT || r->kind == RECORD_DECISION ||
		    r->kind == RECORD_SEAL || r->kind == RECORD_TOMBSTONE ||
		    r->kind == RECORD_DERIVED)
			index_insert(&s->index, probes[i], r->id, first + i);
		index_add_leaf(&s->index, first + i, &leaf);
	}
	s->pending.size = first + n;
	atomic_store_explicit(&s->visible, first + n, memory_order_release);
	return OK;
}

static enum err index_batch(struct store *s, const struct record *records, size_t count,
    uint64_t position, struct fault *fault)
{
	const unsigned char *frame = (const unsigned char *)s->frame.p;
	struct store_entry entries[STORE_WINDOW];
	uint64_t at = FRAME_HEAD;

	for (size_t done = 0, n; done < count; done += n) {
		n = count - done < STORE_WINDOW ? count - done : STORE_WINDOW;
		for (size_t i = 0; i < n; i++) {
			const struct record *r = &records[done + i];
			size_t header = RECORD_FIXED + r->label.n + r->id.n;

			at += RECORD_CRC;
			entries[i] = (struct store_entry){
			    .record = r,
			    .leaf = store_bytes(frame + at, header),
			    .at = position + at + header,
			};
			at += header + r->content.n;
		}
		TRY(store_index(s, s->pending.size, entries, n, fault));
	}
	return OK;
}

enum err store_append(
    struct store *s, struct record *records, size_t count, uint64_t *first, struct fault *fault)
{
	uint32_t labels = s->index.labels_used;
	uint64_t seq = s->pending.size;
	usec received = s->received;
	uint64_t position;
	size_t bytes;
	enum err rc;

	assert(s->write);
	TRY(wipe(s, fault));
	TRY(check_batch(records, count, &bytes, fault));
	position = place(s, bytes);
	rc = make_room(s, records, count, position, bytes, fault);
	if (rc == OK) {
		stamp(s, records, count);
		rc = write_frame(s, records, count, position, bytes, fault);
	}
	if (rc != OK) {
		if (s->index.labels_used != labels)
			index_labels_cut(&s->index, labels);
		s->received = received;
		return rc;
	}
	TRY(index_batch(s, records, count, position, fault));
	if (s->frame.cap > FRAME_KEEP)
		buf_free(&s->frame);
	*first = seq;
	return OK;
}

static void mark(struct index *ix, uint64_t seq, uint8_t flag)
{
	(void)__atomic_fetch_or(&index_row(ix, seq)->flags_index, flag, __ATOMIC_RELAXED);
}

/* Sets or clears a flag in every version of an object. */
static void mark_all(struct store *s, struct str id, uint8_t flag, bool set)
{
	for (uint64_t v = index_find(&s->index, id, s->pending.size); v != STORE_NONE;
	    v = index_older(index_row(&s->index, v))) {
		if (set)
			mark(&s->index, v, flag);
		else
			(void)__atomic_fetch_and(&index_row(&s->index, v)->flags_index,
			    (uint8_t)~flag, __ATOMIC_RELAXED);
	}
	(void)atomic_fetch_add(&s->index.head->withdrawals, 1);
}

/* The newest decision of an object under a prefix, or STORE_NONE. */
static uint64_t decision_about(const struct store *s, const char *prefix, struct str id)
{
	char path[STORE_ID_MAX + sizeof(STORE_WITHDRAW)];
	int n = snprintf(path, sizeof(path), "%s%.*s", prefix, STR_ARG(id));

	return index_find(&s->index, (struct str){path, (size_t)n}, s->pending.size);
}

struct str store_void_path(struct arena *arena, int64_t version, struct str id)
{
	return arena_printf(arena, STORE_VOID "%" PRIu64 "/%.*s", (uint64_t)version, STR_ARG(id));
}

static bool is_hidden(struct index *ix, uint64_t seq)
{
	return store_withdrawn(index_row(ix, seq));
}

/* `about` is VERSION/ID. That version is marked; the newest that is not becomes the newest again.
 */
static void mark_void(struct store *s, struct str about)
{
	struct index *ix = &s->index;
	struct str version = str_cut(&about, '/');
	uint64_t number;
	uint64_t v;

	if (!about.p || str_u64(version, &number) != OK)
		return;
	for (v = index_find(ix, about, s->pending.size); v != STORE_NONE;
	    v = index_older(index_row(ix, v)))
		if (index_row(ix, v)->version == (int64_t)number)
			mark(ix, v, ROW_WITHDRAWN);
	v = index_find(ix, about, s->pending.size);
	while (v != STORE_NONE && is_hidden(ix, v))
		v = index_older(index_row(ix, v));
	if (v != STORE_NONE)
		(void)__atomic_fetch_and(
		    &index_row(ix, v)->flags_index, (uint8_t)~ROW_SUPERSEDED, __ATOMIC_RELAXED);
	(void)atomic_fetch_add(&ix->head->withdrawals, 1);
}

/* A decision that takes an object back marks the versions that are here; a version that comes
 * later finds it. */
static void mark_withdrawn(struct store *s, uint64_t seq)
{
	struct index *ix = &s->index;
	const struct row *row = index_row(ix, seq);
	const struct str withdraw = S(STORE_WITHDRAW), retract = S(STORE_RETRACT);
	struct str id;
	uint64_t about;

	if (row->kind == RECORD_DECISION) {
		id = index_row_id(ix, row);
		if (str_starts(id, withdraw))
			mark_all(s, str_from(id, withdraw.n), ROW_WITHDRAWN, true);
		else if (str_starts(id, S(STORE_VOID)))
			mark_void(s, str_from(id, sizeof(STORE_VOID) - 1));
		else if (str_starts(id, retract) && index_find(ix, id, s->pending.size) == seq)
			mark_all(s, str_from(id, retract.n), ROW_RETRACTED,
			    row->flags & RECORD_FLAG_RETRACTED);
	} else if (row->kind == RECORD_OBJECT && atomic_load(&ix->head->withdrawals) > 0) {
		id = index_row_id(ix, row);
		if (decision_about(s, STORE_WITHDRAW, id) != STORE_NONE)
			mark(ix, seq, ROW_WITHDRAWN);
		about = decision_about(s, STORE_RETRACT, id);
		if (about != STORE_NONE && (index_row(ix, about)->flags & RECORD_FLAG_RETRACTED))
			mark(ix, seq, ROW_RETRACTED);
	}
}

/* The copies of the same version stand directly below it. */
static void mark_replaced(struct store *s, uint64_t seq)
{
	struct index *ix = &s->index;
	const struct row *row = index_row(ix, seq);
	uint64_t older = index_older(row);

	if (row->kind != RECORD_OBJECT || !(row->flags & RECORD_FLAG_REPLACES))
		return;
	for (; older != STORE_NONE && index_row(ix, older)->version == row->version;
	    older = index_older(index_row(ix, older)))
		mark(ix, older, ROW_REPLACED);
	(void)atomic_fetch_add(&ix->head->withdrawals, 1);
}

void store_publish(struct store *s)
{
	for (uint64_t seq = index_commit(&s->index)->size; seq < s->pending.size; seq++) {
		uint64_t older = index_older(index_row(&s->index, seq));

		/* Behind versions that are hidden stands one that counted until now. */
		for (; older != STORE_NONE; older = index_older(index_row(&s->index, older))) {
			mark(&s->index, older, ROW_SUPERSEDED);
			if (!is_hidden(&s->index, older))
				break;
		}
		mark_withdrawn(s, seq);
		mark_replaced(s, seq);
		s->erase = purge_mark(s, seq) || s->erase;
	}
	s->pending.labels = s->index.labels_used;
	s->pending.ids_used = s->index.ids_used;
	index_publish(&s->index, &s->pending);
}

enum err store_commit(struct store *s, struct fault *fault)
{
	enum err rc;

	assert(s->write);
	if (s->pending.size == index_commit(&s->index)->size)
		return OK;
	rc = segments_sync(&s->segments, fault);
	if (rc != OK) {
		undo(s);
		return rc;
	}
	store_publish(s);
	if (!s->erase)
		return OK;
	s->erase = false;
	return purge_finish(s, fault);
}
