/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/segment_foot.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	CHUNK = 1 << 20, /* bytes given to the system at once */
	BLOCK_MAX = SEGMENT_BLOCK + RECORD_BYTES,
	AHEAD = 16, /* so many keys after it was fetched a line of the filter is written */
};

#define INDEX_MAX (SIZE_MAX / 4)

struct segment_writer {
	int fd;
	struct fault fault;
	uint64_t written; /* bytes of the file given to the system */
	struct buf chunk; /* those that follow */
	struct buf block; /* records of the block that is being made */
	struct record_writer records;
	struct buf starts, texts;
	char *filter;
	uint64_t filter_lines;
	struct filter_place due[AHEAD]; /* of the last keys */
	uint64_t blocks;
	struct segment_foot foot;
	bool counted;       /* the group's key is a value, not a pair */
	char last[KEY_MAX]; /* the last key of the block before */
	size_t last_n;
	char first[KEY_MAX]; /* the first key of this one */
	size_t first_n;
	char key[KEY_MAX]; /* the last one begun */
	size_t key_n;
};

static void set_failed(struct segment_writer *w, const char *what)
{
	if (w->fault.code == OK)
		fault_set(&w->fault, file_err(errno), "history: cannot %s a segment: %s", what,
		    sys_error(errno));
}

static void write_all(struct segment_writer *w, const char *p, size_t n)
{
	while (n > 0 && w->fault.code == OK) {
		ssize_t got = write(w->fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			set_failed(w, "write");
			return;
		}
		p += got;
		n -= (size_t)got;
		w->written += (uint64_t)got;
	}
}

static void flush(struct segment_writer *w, size_t least)
{
	if (w->chunk.n < least || w->chunk.n == 0)
		return;
	write_all(w, w->chunk.p, w->chunk.n);
	buf_reset(&w->chunk);
}

static void put_le64(struct buf *out, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		buf_u8(out, (uint8_t)v);
}

enum err segment_writer_new(struct segment_writer **out, int dir_fd, uint64_t number,
    uint64_t keys_max, struct fault *fault)
{
	struct segment_writer *w;
	char name[SEGMENT_NAME];
	int fd;

	segment_file(name, number);
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(fault, file_err(errno), "history: cannot create %s: %s", name,
		    sys_error(errno));
	w = mem_alloc(sizeof(*w));
	w->fd = fd;
	w->filter_lines = keys_max * FILTER_KEY_BITS / (8 * SEGMENT_LINE) + 1;
	w->filter = mem_alloc_large(w->filter_lines * SEGMENT_LINE);
	w->foot.first_hour = UINT32_MAX;
	buf_init(&w->chunk, CHUNK + BLOCK_MAX + 2 * SEGMENT_LINE);
	buf_init(&w->block, BLOCK_MAX);
	buf_init(&w->starts, INDEX_MAX);
	buf_init(&w->texts, INDEX_MAX);
	record_writer_start(&w->records, &w->block);
	buf_put(&w->chunk, SEGMENT_MAGIC);
	*out = w;
	return OK;
}

void segment_writer_free(struct segment_writer *w)
{
	if (!w)
		return;
	close(w->fd);
	buf_free(&w->chunk);
	buf_free(&w->block);
	buf_free(&w->starts);
	buf_free(&w->texts);
	mem_free(w->filter);
	mem_free(w);
}

/* How much of its first key tells a block from the one before. */
static size_t text_needed(const struct segment_writer *w)
{
	size_t most = w->first_n < w->last_n ? w->first_n : w->last_n, n = 0;

	while (n < most && w->first[n] == w->last[n])
		n++;
	return n < w->first_n ? n + 1 : n;
}

static void end_block(struct segment_writer *w)
{
	struct str block = buf_str(&w->block);

	if (block.n == 0)
		return;
	put_le64(&w->starts, w->written + w->chunk.n);
	buf_put(&w->texts, (struct str){w->first, text_needed(w)});
	put_le64(&w->starts, w->texts.n);
	buf_put(&w->chunk, block);
	put_le64(&w->chunk, segment_sum(block));
	w->blocks++;
	memcpy(w->last, w->records.last, w->records.last_n);
	w->last_n = w->records.last_n;
	buf_reset(&w->block);
	record_writer_cut(&w->records);
	flush(w, CHUNK);
}

static void filter_write(struct segment_writer *w, const struct filter_place *at)
{
	unsigned char *line = (unsigned char *)w->filter + at->line * SEGMENT_LINE;

	for (unsigned i = 0; i < FILTER_BITS; i++)
		line[at->bits[i] / 8] |= (unsigned char)(1U << at->bits[i] % 8);
}

/* `count`: the keys before it. */
static void filter_add(struct segment_writer *w, struct str key, uint64_t count)
{
	struct filter_place *at = &w->due[count % AHEAD];

	if (count >= AHEAD)
		filter_write(w, at);
	*at = segment_filter_place(w->filter_lines, segment_print(key));
	__builtin_prefetch(w->filter + at->line * SEGMENT_LINE, 1);
}

static void filter_end(struct segment_writer *w)
{
	for (uint64_t i = 0; i < AHEAD && i < w->foot.keys; i++)
		filter_write(w, &w->due[i]);
}

/* The next record opens a block: its key is the block's first. */
static void note_first(struct segment_writer *w)
{
	if (w->block.n > 0)
		return;
	memcpy(w->first, w->key, w->key_n);
	w->first_n = w->key_n;
}

void segment_begin(struct segment_writer *w, struct str key, uint32_t source)
{
	if (!str_eq(key, (struct str){w->key, w->key_n})) {
		memcpy(w->key, key.p, key.n);
		w->key_n = key.n;
		filter_add(w, key, w->foot.keys++);
	}
	w->counted = !key_is_pair(key);
	record_begin(&w->records, key, source);
	note_first(w);
}

void segment_put(struct segment_writer *w, const struct history_row *row)
{
	struct segment_foot *f = &w->foot;

	if (row->hour < f->first_hour)
		f->first_hour = row->hour;
	if (row->hour > f->last_hour)
		f->last_hour = row->hour;
	if (w->counted)
		f->seen += row->count;
	if (record_put(&w->records, row) && w->block.n >= SEGMENT_BLOCK) {
		end_block(w);
		note_first(w);
	}
}

void segment_end(struct segment_writer *w)
{
	record_finish(&w->records);
	if (w->block.n >= SEGMENT_BLOCK)
		end_block(w);
}

enum err segment_failed(const struct segment_writer *w, struct fault *fault)
{
	if (w->fault.code != OK && fault)
		*fault = w->fault;
	if (w->fault.code != OK)
		return w->fault.code;
	if (w->starts.failed != OK || w->texts.failed != OK || w->block.failed != OK ||
	    w->chunk.failed != OK)
		return fail(fault, ERR_NOMEM, "history: no memory for the index of a segment");
	return OK;
}

/* Filter, starts, texts: their sum, and where they are. */
static void put_index(struct segment_writer *w, struct buf *all)
{
	buf_put(all, (struct str){w->filter, w->filter_lines * SEGMENT_LINE});
	buf_put(all, buf_str(&w->starts));
	buf_put(all, buf_str(&w->texts));
	w->foot.sum = segment_sum(buf_str(all));
	segment_foot_put(all, &w->foot);
}

enum err segment_finish(struct segment_writer *w, struct fault *fault)
{
	struct segment_foot *f = &w->foot;
	struct buf index;

	end_block(w);
	filter_end(w);
	put_le64(&w->starts, w->written + w->chunk.n);
	put_le64(&w->starts, w->texts.n);
	while ((w->written + w->chunk.n) % SEGMENT_LINE != 0)
		buf_u8(&w->chunk, 0);
	flush(w, 0);
	TRY(segment_failed(w, fault));
	if (f->first_hour > f->last_hour)
		f->first_hour = f->last_hour;
	f->filter_at = w->written;
	f->filter_lines = w->filter_lines;
	f->blocks = w->blocks;
	f->text_bytes = w->texts.n;
	f->rows = w->records.rows_written;
	buf_init(&index, INDEX_MAX);
	put_index(w, &index);
	if (index.failed == OK)
		write_all(w, index.p, index.n);
	else
		fault_set(&w->fault, ERR_NOMEM, "history: no memory to index a segment");
	buf_free(&index);
	if (w->fault.code == OK && fsync(w->fd) != 0)
		set_failed(w, "sync");
	return segment_failed(w, fault);
}
