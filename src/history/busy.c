/* SPDX-License-Identifier: Apache-2.0 */
#include "history/busy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rd.h"
#include "history/reader.h"
#include "history/segment_foot.h"
#include "history/store_internal.h"
#include "sys/env.h"
#include "sys/files.h"

#define BUSY_MAGIC S("tochbsy1")

enum { BUSY_HEAD = 16, BUSY_BYTES_MAX = BUSY_HEAD + BUSY_MAX * BUSY_ROW + SEGMENT_SUM };

void busy_free(struct busy *b)
{
	mem_free(b->rows);
	*b = (struct busy){0};
}

struct busy_row busy_row_of(struct str key)
{
	static const struct hash_key AGAIN = {
	    UINT64_C(0x62757379206f6674), UINT64_C(0x656e207365656e21)};

	return (struct busy_row){.print = segment_print(key), .again = hash_bytes(&AGAIN, key)};
}

static int by_print(const void *a, const void *b)
{
	const struct busy_row *x = a, *y = b;

	if (x->print != y->print)
		return x->print < y->print ? -1 : 1;
	return x->again < y->again ? -1 : x->again > y->again;
}

static int by_count(const void *a, const void *b)
{
	const struct busy_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_print(a, b);
}

enum err busy_write(struct busy_row *rows, size_t count, struct str dir, struct fault *fault)
{
	struct arena *arena = arena_new(FILE_PATH_MAX + 64);
	struct buf out;
	enum err rc;

	if (count > BUSY_MAX) {
		qsort(rows, count, sizeof(*rows), by_count);
		count = BUSY_MAX;
	}
	/* There is no array when nothing is busy. */
	if (count > 0)
		qsort(rows, count, sizeof(*rows), by_print);
	buf_init(&out, BUSY_BYTES_MAX);
	buf_put(&out, BUSY_MAGIC);
	buf_u64(&out, count);
	for (size_t i = 0; i < count; i++) {
		buf_u64(&out, rows[i].print);
		buf_u64(&out, rows[i].again);
		buf_u64(&out, rows[i].count);
		buf_u64(&out, rows[i].hosts);
	}
	if (out.failed == OK)
		buf_u64(&out, segment_sum(buf_str(&out)));
	rc = out.failed;
	if (rc == OK)
		rc = file_write(file_join(arena, dir, "busy"), buf_str(&out), 0600, fault);
	else
		fault_set(fault, rc, "history: no memory for the table of busy values");
	buf_free(&out);
	arena_free(arena);
	return rc;
}

static void busy_get(struct busy *b, struct str bytes)
{
	size_t n = bytes.n < SEGMENT_SUM ? 0 : bytes.n - SEGMENT_SUM;
	struct rd r = rd_of(str_slice(bytes, 0, n)), sum = rd_of(str_from(bytes, n));
	uint64_t count;

	if (!str_eq(rd_bytes(&r, BUSY_MAGIC.n), BUSY_MAGIC) ||
	    rd_u64(&sum) != segment_sum(str_slice(bytes, 0, n)))
		return;
	count = rd_u64(&r);
	if (r.failed || count > BUSY_MAX || r.n != count * BUSY_ROW)
		return;
	b->rows = mem_alloc((count + 1) * sizeof(*b->rows));
	b->count = count;
	for (size_t i = 0; i < count; i++)
		b->rows[i] = (struct busy_row){rd_u64(&r), rd_u64(&r), rd_u64(&r), rd_u64(&r)};
}

enum err busy_refresh(struct busy *b, int dir_fd, struct fault *fault)
{
	struct arena *arena;
	struct str bytes;
	struct stat st;
	enum err rc = OK;
	int fd = openat(dir_fd, "busy", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return OK;
	if (fd < 0)
		return fail(fault, file_err(errno),
		    "history: cannot open its table of busy values: %s", sys_error(errno));
	if (fstat(fd, &st) == 0 && (!b->read || !file_same(&st, &b->at))) {
		arena = arena_new(BUSY_BYTES_MAX + 64);
		rc = file_read_fd(&bytes, arena, fd, BUSY_BYTES_MAX, fault);
		busy_free(b);
		if (rc == OK)
			busy_get(b, bytes);
		b->at = st;
		b->read = true;
		arena_free(arena);
	}
	close(fd);
	return rc;
}

bool busy_find(const struct busy *b, struct str key, uint64_t *count, unsigned *hosts)
{
	struct busy_row want = busy_row_of(key);
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_print(&b->rows[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == b->count || by_print(&b->rows[low], &want) != 0)
		return false;
	*count = b->rows[low].count;
	*hosts = (unsigned)b->rows[low].hosts;
	return true;
}

/* Counts what each value had of late. Has maps of its own, so that what is adopted, merged and
 * dropped meanwhile is nothing to it. */
struct noting {
	struct segment *segments;
	struct cursor *cursors;
	size_t segment_count;
	struct merger merger;
	uint32_t from;
	struct busy_row *rows;
	size_t count, max;
	uint64_t seen; /* of the key so far */
	struct history_hosts hosts;
	size_t key_n;
	char key[KEY_MAX];
};

static void note_end(struct noting *n)
{
	struct busy_row row;

	if (n->seen >= HISTORY_BUSY) {
		row = busy_row_of((struct str){n->key, n->key_n});
		row.count = n->seen;
		row.hosts = history_hosts_count(&n->hosts);
		if (n->count == n->max) {
			n->max = n->max ? 2 * n->max : 1024;
			n->rows = mem_grow(n->rows, n->max, sizeof(*n->rows));
		}
		/* Of more than can be kept only the most frequent are carried on. */
		n->rows[n->count++] = row;
		if (n->count == (size_t)4 * BUSY_MAX) {
			qsort(n->rows, n->count, sizeof(*n->rows), by_count);
			n->count = BUSY_MAX;
		}
	}
	n->seen = 0;
	n->hosts = (struct history_hosts){{0}};
}

static void note_begin(void *ctx, struct str key, uint32_t source)
{
	struct noting *n = ctx;

	(void)source;
	if (str_eq(key, (struct str){n->key, n->key_n}))
		return;
	note_end(n);
	memcpy(n->key, key.p, key.n);
	n->key_n = key.n;
}

static void note_row(void *ctx, const struct history_row *row)
{
	struct noting *n = ctx;

	if (row->hour < n->from || key_is_pair((struct str){n->key, n->key_n}))
		return;
	n->seen += row->count;
	history_hosts_join(&n->hosts, &row->hosts);
}

static void note_nothing(void *ctx)
{
	(void)ctx;
}

void store_stop_noting(struct history_store *s)
{
	struct noting *n = s->noting;

	if (!n)
		return;
	merger_free(&n->merger);
	for (size_t i = 0; i < n->segment_count; i++)
		segment_close(&n->segments[i]);
	mem_free(n->cursors);
	mem_free(n->segments);
	mem_free(n->rows);
	mem_free(n);
	s->noting = NULL;
}

static enum err note_open(struct history_store *s, usec now, struct fault *fault)
{
	struct noting *n = s->noting = mem_alloc(sizeof(*n));
	size_t count = s->manifest.part_count;

	n->from = hour_at(now) > HOURS_DAY ? hour_at(now) - HOURS_DAY : 0;
	n->segments = mem_alloc((count + 1) * sizeof(*n->segments));
	n->cursors = mem_alloc((count + 1) * sizeof(*n->cursors));
	merger_init(&n->merger, count);
	for (size_t i = 0; i < count; i++) {
		struct segment *of = &n->segments[n->segment_count];
		struct cursor *c = &n->cursors[n->segment_count];

		if (s->segments[i].last_hour < n->from)
			continue;
		TRY(segment_open(of, s->dir_fd, s->manifest.parts[i].number, true, fault));
		n->segment_count++;
		merger_add(&n->merger, c, cursor_segment(c, of, STR_NONE));
	}
	return OK;
}

enum err history_note_busy(
    struct history_store *s, usec now, uint64_t rows, bool *more, struct fault *fault)
{
	struct row_sink sink = {note_begin, note_row, note_nothing, NULL};
	enum err rc = s->noting ? OK : note_open(s, now, fault);
	struct noting *n = sink.ctx = s->noting;
	uint64_t end = rows < UINT64_MAX - n->merger.rows ? n->merger.rows + rows : UINT64_MAX;

	*more = false;
	while (rc == OK && n->merger.rows < end && merger_group(&n->merger, &sink))
		;
	if (rc == OK && n->merger.bad)
		rc = fail(fault, ERR_CORRUPT, "history: a segment is damaged");
	if (rc == OK && n->merger.count > 0) {
		*more = true;
		return OK;
	}
	note_end(n);
	if (rc == OK)
		rc = busy_write(n->rows, n->count, s->dir, fault);
	store_stop_noting(s);
	return rc;
}
