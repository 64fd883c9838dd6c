/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/checkpoint.h"
#include "store/crc32c.h"
#include "store/internal.h"
#include "store/merkle.h"
#include "store/verify_keys.h"

enum { CHUNK = 1 << 20, ERASED_MAX = 256 << 20 };

/* A record whose content is zeros; a signed tombstone must be of it. */
struct erased {
	uint64_t record;
	uint64_t position;
	struct sha256 hash;
	bool buried;
	char id[STORE_ID_MAX + 1];
};

struct verify {
	const struct verify_options *options;
	struct verify_report *report;
	struct store store; /* folder, segments and index only */
	bool has_index;
	struct checkpoint checkpoint;
	struct str note; /* it as it was signed */
	struct verify_keys *keys;
	char checkpoint_fault[FAULT_TEXT_MAX]; /* empty when it is good */
	uint64_t required;                     /* records that something says there are */
	uint64_t total;                        /* bytes to read */
	int fd;                                /* of the segment that is being read */
	uint64_t number;
	uint64_t size;
	uint64_t next; /* record */
	usec received; /* of the last one */
	struct merkle_frontier tree;
	struct verify_bad suspect; /* first record that differs from the index's tiles */
	struct buf bytes;
	struct buf erased;     /* of struct erased, in the order of their numbers */
	uint64_t unburied;     /* of them: no tombstone so far */
	struct verify_bad sum; /* first batch with erased records that differs from its checksum */
};

static void bad_fill(struct verify_bad *bad, uint64_t record, struct str id, uint64_t position)
{
	char name[SEGMENT_NAME];

	segment_name(name, segment_number(position));
	*bad = (struct verify_bad){.record = record, .offset = segment_offset(position)};
	if (id.n)
		memcpy(bad->id, id.p, id.n);
	(void)snprintf(bad->file, sizeof(bad->file), "segments/%s", name);
}

/* Records the first bad thing; the caller stops. */
PRINTF_LIKE(5, 6)
static void found_bad(
    struct verify *v, uint64_t record, struct str id, uint64_t position, const char *fmt, ...)
{
	struct verify_bad *bad = &v->report->bad;
	va_list ap;

	bad_fill(bad, record, id, position);
	va_start(ap, fmt);
	(void)vsnprintf(bad->reason, sizeof(bad->reason), fmt, ap);
	va_end(ap);
	v->report->good = false;
}

/* The id of a record whose header may be damaged, if it still looks like one. */
static struct str guess_id(struct str at)
{
	struct rd r = rd_of(at);
	struct str header, id;

	(void)rd_bytes(&r, RECORD_CRC);
	header = rd_bytes(&r, RECORD_FIXED);
	if (r.failed)
		return STR_NONE;
	(void)rd_bytes(&r, (unsigned char)header.p[7]);
	id = rd_bytes(&r, (unsigned char)header.p[6]);
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~')
			return STR_NONE;
	return r.failed ? STR_NONE : id;
}

static enum err read_failed(const struct verify *v, struct fault *fault)
{
	char name[SEGMENT_NAME];

	segment_name(name, v->number);
	return fail(fault, ERR_IO, "%s/segments/%s: %m", v->store.dir, name);
}

/* Up to n bytes of the segment into v->bytes. */
static enum err read_bytes(
    struct verify *v, uint64_t offset, size_t n, struct str *out, struct fault *fault)
{
	size_t have = 0;
	char *p;

	if (offset >= v->size)
		n = 0;
	else if (n > v->size - offset)
		n = (size_t)(v->size - offset);
	buf_reset(&v->bytes);
	p = buf_grow(&v->bytes, n);
	if (!p)
		return fail(fault, ERR_NOMEM, "no memory to read a batch of %zu bytes", n);
	while (have < n) {
		ssize_t got = pread(v->fd, p + have, n - have, (off_t)(offset + have));

		if (got < 0)
			return read_failed(v, fault);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	*out = (struct str){p, have};
	return OK;
}

static bool is_zero(struct str s)
{
	return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

/* Is there nothing but zeros from here to the end of the segment? */
static enum err rest_is_zero(struct verify *v, uint64_t offset, bool *out, struct fault *fault)
{
	struct str s;

	for (*out = true; *out && offset < v->size; offset += CHUNK) {
		TRY(read_bytes(v, offset, CHUNK, &s, fault));
		*out = is_zero(s);
	}
	return OK;
}

/* When the signed root is reached and differs: the record that the index remembers otherwise, if
 * it does. */
static bool tree_agrees(struct verify *v)
{
	struct sha256 root;

	if (v->tree.size != v->checkpoint.size || v->checkpoint_fault[0])
		return true;
	root = merkle_frontier_root(&v->tree);
	if (sha256_eq(&root, &v->checkpoint.root))
		return true;
	v->report->good = false;
	if (v->suspect.file[0]) {
		v->report->bad = v->suspect;
		return false;
	}
	v->report->bad = (struct verify_bad){.record = STORE_NONE};
	(void)snprintf(v->report->bad.file, sizeof(v->report->bad.file), "checkpoint");
	(void)snprintf(v->report->bad.reason, sizeof(v->report->bad.reason),
	    "the first %" PRIu64 " records are whole but not those that were signed, and no index "
	    "is there to say which was replaced",
	    v->checkpoint.size);
	return false;
}

static void compare_with_index(
    struct verify *v, const struct frame_record *f, const struct sha256 *leaf, uint64_t position)
{
	const unsigned char *tile;

	if (!v->has_index || v->suspect.file[0] || v->next >= store_size(&v->store))
		return;
	tile = v->store.index.tiles[0].base + v->next * SHA256_LEN;
	if (memcmp(tile, leaf->b, SHA256_LEN) == 0)
		return;
	bad_fill(&v->suspect, v->next, f->record.id, position);
	(void)snprintf(v->suspect.reason, sizeof(v->suspect.reason),
	    "this is not the record that was signed: it was replaced");
}

/* Content that is not what its hash says. */
static bool may_be_erased(struct verify *v, const struct record *r, uint64_t at)
{
	struct erased e = {.record = v->next, .position = at, .hash = r->hash};

	if (!store_erased(r))
		return false;
	memcpy(e.id, r->id.p, r->id.n);
	buf_put(&v->erased, (struct str){(const char *)&e, sizeof(e)});
	v->unburied++;
	return v->erased.failed == OK;
}

/* When all was read: the first record that no tombstone is of, or else the first bad batch. */
static void settle_erased(struct verify *v)
{
	const struct erased *e = (const struct erased *)(const void *)v->erased.p;

	if (v->unburied > 0) {
		while (e->buried)
			e++;
		found_bad(v, e->record, str_c(e->id), e->position,
		    "its content was removed, and no signed tombstone says so");
	} else if (v->sum.file[0]) {
		v->report->good = false;
		v->report->bad = v->sum;
	}
}

/* A batch differs from its checksum. With zeros in it, which record is at fault is known when all
 * tombstones were read. */
static void differs(struct verify *v, uint64_t first, uint64_t position)
{
	static const char WHY[] =
	    "the batch differs from its checksum, though each of its records is whole";

	if (v->erased.n == 0) {
		found_bad(v, first, STR_NONE, position, "%s", WHY);
	} else if (!v->sum.file[0]) {
		bad_fill(&v->sum, first, STR_NONE, position);
		memcpy(v->sum.reason, WHY, sizeof(WHY));
	}
}

static int by_record(const void *key, const void *element)
{
	uint64_t record = *(const uint64_t *)key;
	const struct erased *e = element;

	return record < e->record ? -1 : record > e->record;
}

/* A tombstone counts when it is signed. */
static void take_tombstone(struct verify *v, const struct record *r)
{
	struct erased *e;
	struct tombstone t;

	if (!tombstone_read(&t, r) || v->next >= v->checkpoint.size || v->erased.n == 0)
		return;
	e = bsearch(&t.record, v->erased.p, v->erased.n / sizeof(*e), sizeof(*e), by_record);
	if (e && !e->buried && sha256_eq(&e->hash, &t.hash)) {
		e->buried = true;
		v->unburied--;
	}
}

/* One record; false when it is bad. `at` is its position; *before is the one before it in its batch
 * (kind 0: there is none) and becomes this one. */
static bool check_record(struct verify *v, struct rd *r, uint64_t at, struct record *before)
{
	struct str rest = {(const char *)r->p, r->n};
	struct fault fault;
	struct frame_record f;
	struct sha256 hash, leaf;

	if (record_read(&f, r, v->next, r->p, &fault) != OK) {
		found_bad(v, v->next, guess_id(rest), at, "%s", fault.text);
		return false;
	}
	hash = sha256(f.record.content);
	if (!sha256_eq(&hash, &f.record.hash) && !may_be_erased(v, &f.record, at)) {
		found_bad(v, v->next, f.record.id, at, "the content differs from its hash");
		return false;
	}
	if (f.record.received <= v->received) {
		found_bad(v, v->next, f.record.id, at,
		    "its time of receipt is not after that of the record before");
		return false;
	}
	if (!record_may_follow(&f.record, before)) {
		found_bad(v, v->next, f.record.id, at,
		    "it is an envelope, but does not stand behind the record that it proves");
		return false;
	}
	take_tombstone(v, &f.record);
	*before = f.record;
	if (v->options->keys)
		verify_keys_look(v->keys, v->next, &f.record);
	v->received = f.record.received;
	leaf = record_leaf(f.leaf);
	compare_with_index(v, &f, &leaf, at);
	merkle_frontier_add(&v->tree, &leaf);
	v->next++;
	return tree_agrees(v);
}

/* The records of a frame whose head is whole and whose bytes are `bytes`. */
static void check_records(
    struct verify *v, const struct frame_head *head, struct str bytes, uint64_t position)
{
	struct rd r = rd_of(str_from(bytes, FRAME_HEAD));
	struct record before = {.version = 0};

	if (head->first != v->next) {
		found_bad(v, v->next, STR_NONE, position,
		    head->first > v->next
		        ? "it is missing: the batch that stands here begins with record %" PRIu64
		        : "another batch stands here, out of order: it begins with record %" PRIu64,
		    head->first);
		return;
	}
	for (uint32_t i = 0; i < head->count; i++)
		if (!check_record(v, &r, position + bytes.n - r.n, &before))
			return;
	if (bytes.n < FRAME_HEAD + (size_t)head->length)
		found_bad(v, v->next, STR_NONE, position + bytes.n,
		    "it is missing: the file ends within its batch");
	else if (r.n > 0)
		found_bad(v, v->next, STR_NONE, position + bytes.n - r.n,
		    "bytes are left over behind the batch's last record");
	else if (crc32c(0, str_from(bytes, FRAME_HEAD)) != head->crc)
		differs(v, head->first, position);
}

/* The frame at *position; *end when there is none, or a bad one. */
static enum err check_frame(struct verify *v, uint64_t *position, bool *end, struct fault *fault)
{
	uint64_t offset = segment_offset(*position);
	struct frame_head head = {0};
	enum frame_state state;
	struct str bytes;
	bool zero;

	TRY(read_bytes(
	    v, offset, FRAME_HEAD + RECORD_CRC + RECORD_FIXED + 2 * STORE_ID_MAX, &bytes, fault));
	state = frame_head_read(&head, (const unsigned char *)bytes.p, bytes.n);
	*end = true;
	if (state != FRAME_GOOD) {
		struct str id = guess_id(str_from(bytes, FRAME_HEAD));
		struct verify_bad place;

		bad_fill(&place, v->next, id, *position); /* before the buffer is used again */
		TRY(rest_is_zero(v, offset, &zero, fault));
		if (!zero)
			found_bad(v, v->next, str_c(place.id), *position,
			    "no whole batch begins here: it is damaged, or was never finished");
		return OK;
	}
	TRY(read_bytes(v, offset, FRAME_HEAD + (size_t)head.length, &bytes, fault));
	check_records(v, &head, bytes, *position);
	if (!v->report->good)
		return OK;
	*end = false;
	*position += FRAME_HEAD + (uint64_t)head.length;
	v->report->records = v->next;
	return OK;
}

static void check_first_line(struct verify *v, struct str head)
{
	char expected[SEGMENT_HEAD] = {0};

	segment_head(expected, v->number);
	if (!is_zero(head) && !str_eq(head, (struct str){expected, sizeof(expected)}))
		found_bad(v, STORE_NONE, STR_NONE, v->number << SEGMENT_BITS,
		    "the file does not begin as this segment does");
}

static enum err check_segment(struct verify *v, uint64_t number, struct fault *fault)
{
	uint64_t position = (number << SEGMENT_BITS) + SEGMENT_HEAD;
	char name[SEGMENT_NAME];
	struct str head;
	struct stat st;
	bool end = false;
	enum err rc;

	segment_name(name, number);
	v->number = number;
	v->fd = openat(v->store.segments.dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (v->fd < 0 && errno == ENOENT) {
		found_bad(v, v->next, STR_NONE, number << SEGMENT_BITS, "the file is missing");
		return OK;
	}
	if (v->fd < 0 || fstat(v->fd, &st) != 0)
		return read_failed(v, fault);
	v->size = (uint64_t)st.st_size;
	rc = read_bytes(v, 0, SEGMENT_HEAD, &head, fault);
	if (rc == OK)
		check_first_line(v, head);
	while (rc == OK && !end && v->report->good) {
		rc = check_frame(v, &position, &end, fault);
		if (v->options->progress)
			v->options->progress(
			    v->options->ctx, v->report->bytes + segment_offset(position), v->total);
	}
	v->report->bytes += segment_offset(position);
	(void)close(v->fd);
	return rc;
}

/* Segments there should be: up to the one with the highest name. */
static enum err count_segments(struct verify *v, uint64_t *count, struct fault *fault)
{
	uint64_t size;

	TRY(segments_end(&v->store.segments, count, fault));
	for (uint64_t n = 0; n < *count; n++)
		if (segment_size(&v->store.segments, n, &size, NULL) == OK)
			v->total += size;
	return OK;
}

/* What is wrong with it is told when no record is; who signed it is asked when all were read. */
static void read_checkpoint(struct verify *v, struct arena *arena)
{
	struct fault fault = {0};
	struct str note = STR_NONE;
	enum err rc = store_checkpoint(&v->store, arena, &note, &fault);

	if (rc == OK && note.n == 0)
		rc = fail(&fault, ERR_NOT_FOUND, "there is no checkpoint: nothing here is signed");
	if (rc == OK)
		rc = checkpoint_parse(&v->checkpoint, note, &fault);
	if (rc == OK && v->options->keys &&
	    !str_eq(v->checkpoint.origin, v->options->keys->key.name))
		rc = fail(&fault, ERR_INVALID, "the checkpoint is that of another ledger, %.*s",
		    STR_ARG(v->checkpoint.origin));
	if (rc != OK) {
		v->checkpoint = (struct checkpoint){0};
		memcpy(v->checkpoint_fault, fault.text, sizeof(fault.text));
	}
	v->note = note;
	v->report->signed_size = v->checkpoint.size;
	v->required = v->checkpoint.size;
}

static bool somebody_writes(const struct verify *v)
{
	int fd = openat(v->store.dir_fd, "lock", O_RDONLY | O_CLOEXEC);
	bool held;

	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return held;
}

static enum err walk(struct verify *v, struct fault *fault)
{
	uint64_t count;

	TRY(count_segments(v, &count, fault));
	for (uint64_t n = 0; n < count && v->report->good; n++)
		TRY(check_segment(v, n, fault));
	/* A writer's batch that is not finished: all that is known to be committed was good. */
	if (!v->report->good && v->report->writing && v->report->records >= v->required &&
	    v->report->bad.record != STORE_NONE) {
		v->report->good = true;
		v->report->bad = (struct verify_bad){0};
	}
	if (v->report->good && v->next < v->required)
		found_bad(v, v->next, STR_NONE, count ? (count - 1) << SEGMENT_BITS : 0,
		    "it is missing: the ledger ends before it, but had %" PRIu64 " records",
		    v->required);
	if (v->report->good)
		settle_erased(v);
	return OK;
}

static enum err open_files(struct verify *v, struct fault *fault)
{
	struct store *s = &v->store;
	enum index_trust trust;

	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %m", s->dir);
	TRY(segments_open(&s->segments, s->dir_fd, s->dir, s->io, false, fault));
	v->report->writing = somebody_writes(v);
	v->has_index =
	    index_open(&s->index, s->dir_fd, false, &s->segments, s->io, &trust, NULL) == OK &&
	    trust == INDEX_TRUSTED;
	return OK;
}

static enum err verify(struct verify *v, struct arena *arena, struct fault *fault)
{
	struct fault signature = {0};

	TRY(open_files(v, fault));
	read_checkpoint(v, arena);
	if (v->has_index && store_size(&v->store) > v->required)
		v->required = store_size(&v->store);
	TRY(walk(v, fault));
	if (v->report->good && v->options->keys && !v->checkpoint_fault[0] &&
	    verify_keys_judge(v->keys, v->report, v->options->keys, v->note, &signature) != OK)
		memcpy(v->checkpoint_fault, signature.text, sizeof(signature.text));
	if (!v->report->good || !v->checkpoint_fault[0])
		return OK;
	v->report->signed_size = 0;
	v->report->good = false;
	v->report->bad.record = STORE_NONE;
	(void)snprintf(v->report->bad.file, sizeof(v->report->bad.file), "checkpoint");
	(void)snprintf(v->report->bad.reason, sizeof(v->report->bad.reason), "%.*s",
	    (int)sizeof(v->report->bad.reason) - 1, v->checkpoint_fault);
	return OK;
}

enum err store_verify(
    struct verify_report *out, const struct verify_options *options, struct fault *fault)
{
	struct verify_report report = {.good = true, .bad.record = STORE_NONE};
	struct arena *arena = arena_new(4 * CHECKPOINT_BYTES_MAX);
	struct verify v = {.options = options, .report = &report};
	struct str dir = arena_str(arena, options->dir);
	enum err rc;

	v.keys = verify_keys_new();
	v.store.dir = (char *)(uintptr_t)dir.p;
	v.store.io = &STORE_IO_SYSTEM;
	v.store.dir_fd = v.store.segments.fd = v.store.index.dir_fd = -1;
	buf_init(&v.bytes, FRAME_HEAD + STORE_BATCH_BYTES_MAX + CHUNK);
	buf_init(&v.erased, ERASED_MAX);
	rc = dir.p ? verify(&v, arena, fault) : fail(fault, ERR_LIMIT, "a path is too long");
	index_close(&v.store.index);
	segments_close(&v.store.segments);
	if (v.store.dir_fd >= 0)
		(void)close(v.store.dir_fd);
	buf_free(&v.bytes);
	buf_free(&v.erased);
	verify_keys_free(v.keys);
	arena_free(arena);
	if (report.bad.record != STORE_NONE)
		report.records = report.bad.record;
	if (rc == OK)
		*out = report;
	return rc;
}
