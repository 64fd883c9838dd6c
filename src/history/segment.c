/* SPDX-License-Identifier: Apache-2.0 */
#include "history/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/rd.h"
#include "history/segment_foot.h"
#include "sys/env.h"
#include "sys/files.h"

enum { PAGE = 4096, PREFETCH_MAX = 1 << 20 };

void segment_file(char out[SEGMENT_NAME], uint64_t number)
{
	(void)snprintf(out, SEGMENT_NAME, "segment-%" PRIu64, number);
}

/* Not secret: against damage, not against whoever may write the files. */
uint64_t segment_sum(struct str s)
{
	static const struct hash_key KEY = {
	    UINT64_C(0x746f6373696e2068), UINT64_C(0x6973746f72792e2e)};

	return hash_bytes(&KEY, s);
}

uint64_t segment_print(struct str key)
{
	static const struct hash_key KEY = {
	    UINT64_C(0x6b65797320617265), UINT64_C(0x66696c7465726564)};

	return hash_bytes(&KEY, key);
}

static uint64_t le64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* Where a print is in its line: as many bits as FILTER_BITS, each from nine of its own. */
struct filter_place segment_filter_place(uint64_t lines, uint64_t print)
{
	uint64_t bits = print * UINT64_C(0xd6e8feb86659fd93);
	struct filter_place out = {.line = (uint64_t)(((unsigned __int128)print * lines) >> 64)};

	for (unsigned i = 0; i < FILTER_BITS; i++, bits >>= 9)
		out.bits[i] = (uint16_t)(bits & 511);
	return out;
}

bool segment_may_hold(const struct segment *s, uint64_t print)
{
	struct filter_place at = segment_filter_place(s->filter_lines, print);
	const unsigned char *line = (const unsigned char *)s->filter + at.line * SEGMENT_LINE;

	for (unsigned i = 0; i < FILTER_BITS; i++)
		if (!(line[at.bits[i] / 8] >> at.bits[i] % 8 & 1))
			return false;
	return true;
}

/* Where block i starts; of i == blocks, where they end. */
static uint64_t block_at(const struct segment *s, uint64_t i)
{
	return le64(s->starts + i * START_BYTES);
}

static struct str block_text(const struct segment *s, uint64_t i)
{
	uint64_t end = le64(s->starts + i * START_BYTES + 8);
	uint64_t at = i == 0 ? 0 : le64(s->starts + (i - 1) * START_BYTES + 8);

	if (at > end || end > s->text_bytes)
		return (struct str){s->texts, 0};
	return (struct str){s->texts + at, end - at};
}

uint64_t segment_seek(const struct segment *s, struct str key)
{
	uint64_t low = 0, high = s->blocks;

	/* The first block whose text is not before the key; the key may begin in the one before. */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (str_cmp(block_text(s, middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

/* Whole pages around some bytes. */
static void will_need(const struct segment *s, const char *p, size_t n)
{
	size_t page = (size_t)(p - s->map) & ~(size_t)(PAGE - 1);

	(void)madvise(
	    (void *)(uintptr_t)(s->map + page), (size_t)(p - s->map) - page + n, MADV_WILLNEED);
}

void segment_prefetch(const struct segment *s, uint64_t print)
{
	uint64_t line = segment_filter_place(s->filter_lines, print).line;

	will_need(s, s->filter + line * SEGMENT_LINE, SEGMENT_LINE);
}

void segment_prefetch_starts(const struct segment *s)
{
	size_t n = (size_t)(s->texts - s->starts) + s->text_bytes;

	if (n <= PREFETCH_MAX)
		will_need(s, s->starts, n);
}

void segment_prefetch_block(const struct segment *s, struct str key)
{
	uint64_t block = segment_seek(s, key), at, end;

	if (block >= s->blocks)
		return;
	at = block_at(s, block);
	end = block_at(s, block + 1 < s->blocks ? block + 2 : block + 1);
	if (at < end && end <= (uint64_t)(s->filter - s->map) && end - at <= PREFETCH_MAX)
		will_need(s, s->map + at, end - at);
}

bool segment_block(const struct segment *s, uint64_t block, struct str *out)
{
	uint64_t at, end;

	if (block >= s->blocks)
		return false;
	at = block_at(s, block);
	end = block_at(s, block + 1);
	if (at >= end || end > (uint64_t)(s->filter - s->map) || end - at <= SEGMENT_SUM)
		return false;
	*out = (struct str){s->map + at, end - at - SEGMENT_SUM};
	return segment_sum(*out) == le64(s->map + end - SEGMENT_SUM);
}

void segment_foot_put(struct buf *out, const struct segment_foot *f)
{
	size_t before = out->n, n;

	buf_put(out, SEGMENT_END_MAGIC);
	buf_u64(out, f->filter_at);
	buf_u64(out, f->filter_lines);
	buf_u64(out, f->blocks);
	buf_u64(out, f->text_bytes);
	buf_u64(out, f->keys);
	buf_u64(out, f->rows);
	buf_u64(out, f->seen);
	buf_u32(out, f->first_hour);
	buf_u32(out, f->last_hour);
	buf_u64(out, f->sum);
	n = out->n - before;
	for (size_t i = n; i < SEGMENT_FOOT - SEGMENT_SUM; i++)
		buf_u8(out, 0);
	if (out->failed == OK)
		buf_u64(
		    out, segment_sum((struct str){out->p + before, SEGMENT_FOOT - SEGMENT_SUM}));
}

static bool foot_get(struct segment_foot *f, struct str bytes)
{
	struct rd r = rd_of(bytes);
	struct rd sum = rd_of(str_from(bytes, SEGMENT_FOOT - SEGMENT_SUM));

	if (!str_eq(rd_bytes(&r, SEGMENT_END_MAGIC.n), SEGMENT_END_MAGIC))
		return false;
	f->filter_at = rd_u64(&r);
	f->filter_lines = rd_u64(&r);
	f->blocks = rd_u64(&r);
	f->text_bytes = rd_u64(&r);
	f->keys = rd_u64(&r);
	f->rows = rd_u64(&r);
	f->seen = rd_u64(&r);
	f->first_hour = rd_u32(&r);
	f->last_hour = rd_u32(&r);
	f->sum = rd_u64(&r);
	return !r.failed &&
	       rd_u64(&sum) == segment_sum(str_slice(bytes, 0, SEGMENT_FOOT - SEGMENT_SUM));
}

static bool fits(const struct segment_foot *f, size_t n)
{
	/* Each part alone first, so that no sum overflows. */
	if (f->filter_at < SEGMENT_HEAD || f->filter_at > n || f->filter_at % SEGMENT_LINE != 0 ||
	    f->filter_lines == 0 || f->filter_lines > n / SEGMENT_LINE ||
	    f->blocks > n / START_BYTES || f->text_bytes > n)
		return false;
	return f->filter_at + f->filter_lines * SEGMENT_LINE + (f->blocks + 1) * START_BYTES +
	           f->text_bytes + SEGMENT_FOOT ==
	       n;
}

enum err segment_of(struct segment *out, struct str bytes, bool whole, struct fault *fault)
{
	struct segment_foot f = {0};

	if (bytes.n < SEGMENT_HEAD + SEGMENT_FOOT || !str_starts(bytes, SEGMENT_MAGIC))
		return fail(fault, ERR_CORRUPT, "not a segment of the history");
	if (!foot_get(&f, str_from(bytes, bytes.n - SEGMENT_FOOT)) || !fits(&f, bytes.n))
		return fail(fault, ERR_CORRUPT,
		    "the parts of a segment do not add up to its %zu bytes", bytes.n);
	if (whole && f.sum != segment_sum(str_slice(bytes, f.filter_at, bytes.n - SEGMENT_FOOT)))
		return fail(fault, ERR_CORRUPT, "the index of a segment is damaged");
	*out = (struct segment){
	    .map = bytes.p,
	    .bytes = bytes.n,
	    .keys = f.keys,
	    .rows = f.rows,
	    .seen = f.seen,
	    .first_hour = f.first_hour,
	    .last_hour = f.last_hour,
	    .blocks = f.blocks,
	    .filter_lines = f.filter_lines,
	    .filter = bytes.p + f.filter_at,
	    .starts = bytes.p + f.filter_at + f.filter_lines * SEGMENT_LINE,
	    .texts = bytes.p + bytes.n - SEGMENT_FOOT - f.text_bytes,
	    .text_bytes = f.text_bytes,
	};
	return OK;
}

enum err segment_open(
    struct segment *out, int dir_fd, uint64_t number, bool whole, struct fault *fault)
{
	char name[SEGMENT_NAME];
	struct fault inner = {.code = OK};
	struct stat st;
	void *map = MAP_FAILED;
	enum err rc;
	int fd, error;

	segment_file(name, number);
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(
		    fault, file_err(errno), "history: cannot open %s: %s", name, sys_error(errno));
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	error = errno;
	close(fd);
	if (map == MAP_FAILED)
		return fail(fault, st.st_size > 0 ? ERR_IO : ERR_CORRUPT,
		    "history: cannot map %s: %s", name,
		    st.st_size > 0 ? sys_error(error) : "it is empty");
	rc = segment_of(out, (struct str){map, (size_t)st.st_size}, whole, &inner);
	if (rc != OK) {
		munmap(map, (size_t)st.st_size);
		return fail(fault, rc, "history: %s: %s", name, inner.text);
	}
	/* A look-up reads a block here and there, and of the starts what lies together; the writer
	 * reads from end to end. */
	if (!whole)
		(void)madvise(
		    map, (size_t)(out->starts - out->map) & ~(size_t)(PAGE - 1), MADV_RANDOM);
	return OK;
}

void segment_prefetch_foot(int dir_fd, uint64_t number)
{
	char name[SEGMENT_NAME];
	struct stat st;
	int fd;

	segment_file(name, number);
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > PAGE) {
		(void)posix_fadvise(fd, 0, PAGE, POSIX_FADV_WILLNEED);
		(void)posix_fadvise(
		    fd, st.st_size - SEGMENT_FOOT, SEGMENT_FOOT, POSIX_FADV_WILLNEED);
	}
	close(fd);
}

void segment_close(struct segment *s)
{
	if (s->map)
		munmap((void *)(uintptr_t)s->map, s->bytes);
	*s = (struct segment){.map = NULL};
}
