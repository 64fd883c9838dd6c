/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static void start_writing(int fd, off_t at, off_t n)
{
	/* A hint: what it misses, the fdatasync does. */
	(void)sync_file_range(fd, at, n, SYNC_FILE_RANGE_WRITE);
}

enum { PAGE = 4096 };
enum { RESERVE_FIRST = 1 << 20, RESERVE_STEP = 16 << 20 };

const struct store_io STORE_IO_SYSTEM = {
    .pwrite = pwrite,
    .fdatasync = fdatasync,
    .reserve = posix_fallocate,
    .start = start_writing,
};

enum err segment_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL : ERR_IO;
}

void segment_name(char out[SEGMENT_NAME], uint64_t number)
{
	(void)snprintf(out, SEGMENT_NAME, "%020" PRIu64 ".seg", number << SEGMENT_BITS);
}

enum err segments_open(struct segments *s, int ledger_fd, const char *ledger_dir,
    const struct store_io *io, bool create, struct fault *fault)
{
	int fd;

	if (create && mkdirat(ledger_fd, "segments", 0700) != 0 && errno != EEXIST)
		return fail(fault, segment_errno(), "%s/segments: %m", ledger_dir);
	fd = openat(ledger_fd, "segments", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(
		    fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s/segments: %m", ledger_dir);
	*s = (struct segments){.dir_fd = fd, .dir = ledger_dir, .io = io, .fd = -1};
	s->maps = mem_alloc(SEGMENTS_MAX * sizeof(*s->maps));
	return OK;
}

void segments_close(struct segments *s)
{
	if (!s->maps)
		return;
	for (size_t i = 0; i < SEGMENTS_MAX; i++) {
		unsigned char *p = atomic_load_explicit(&s->maps[i], memory_order_acquire);

		if (p)
			(void)munmap(p, SEGMENT_BYTES);
	}
	if (s->fd >= 0)
		(void)close(s->fd);
	(void)close(s->dir_fd);
	mem_free(s->maps);
	*s = (struct segments){.fd = -1};
}

/* Position that a file name of a segment states; false for other names. */
static bool name_number(const char *name, uint64_t *number)
{
	char expected[SEGMENT_NAME];
	uint64_t at;

	if (!str_ends(str_c(name), S(".seg")) ||
	    str_u64(str_slice(str_c(name), 0, strlen(name) - 4), &at) != OK)
		return false;
	*number = segment_number(at);
	segment_name(expected, *number);
	return strcmp(expected, name) == 0;
}

static enum err list(const struct segments *s, uint64_t *count, uint64_t *end, struct fault *fault)
{
	int fd = openat(s->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	uint64_t number;

	*count = *end = 0;
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return fail(fault, ERR_IO, "%s/segments: %m", s->dir);
	}
	/* The stream is this call's own. */
	/* cppcheck-suppress readdirCalled */
	while ((entry = readdir(dir))) {
		if (!name_number(entry->d_name, &number))
			continue;
		(*count)++;
		if (number + 1 > *end)
			*end = number + 1;
	}
	(void)closedir(dir);
	return OK;
}

enum err segments_end(const struct segments *s, uint64_t *out, struct fault *fault)
{
	uint64_t count;

	return list(s, &count, out, fault);
}

enum err segments_count(const struct segments *s, uint64_t *out, struct fault *fault)
{
	uint64_t count, end;

	TRY(list(s, &count, &end, fault));
	if (count != end)
		return fail(fault, ERR_CORRUPT,
		    "%s/segments: %" PRIu64 " files are there where the last one's name asks for "
		    "%" PRIu64 ": one is missing",
		    s->dir, count, end);
	*out = count;
	return OK;
}

static int open_segment(const struct segments *s, uint64_t number, int flags)
{
	char name[SEGMENT_NAME];

	segment_name(name, number);
	return openat(s->dir_fd, name, flags | O_CLOEXEC, 0600);
}

static enum err name_fault(
    const struct segments *s, uint64_t number, const char *what, struct fault *fault)
{
	char name[SEGMENT_NAME];
	enum err rc = segment_errno();
	int reason = errno;

	segment_name(name, number);
	errno = reason;
	return fail(fault, rc, "%s/segments/%s: %s: %m", s->dir, name, what);
}

enum err segment_size(const struct segments *s, uint64_t number, uint64_t *out, struct fault *fault)
{
	char name[SEGMENT_NAME];
	struct stat st;

	segment_name(name, number);
	if (fstatat(s->dir_fd, name, &st, 0) != 0)
		return name_fault(s, number, "cannot be read", fault);
	*out = (uint64_t)st.st_size;
	return OK;
}

const unsigned char *segments_at(const struct segments *s, uint64_t position)
{
	uint64_t number = segment_number(position);
	unsigned char *p, *other = NULL;
	int fd;

	if (number >= SEGMENTS_MAX)
		return NULL;
	p = atomic_load_explicit(&s->maps[number], memory_order_acquire);
	if (p)
		return p + segment_offset(position);
	fd = open_segment(s, number, O_RDONLY);
	if (fd < 0)
		return NULL;
	/* The whole range at once, past the end of the file: it grows under the mapping. */
	p = mmap(NULL, SEGMENT_BYTES, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return NULL;
	if (!atomic_compare_exchange_strong(&s->maps[number], &other, p)) {
		(void)munmap(p, SEGMENT_BYTES);
		p = other;
	}
	return p + segment_offset(position);
}

static enum err write_all(
    const struct segments *s, int fd, const void *bytes, size_t n, uint64_t at)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t wrote = s->io->pwrite(fd, p, n, (off_t)at);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote < 0 ? segment_errno() : ERR_IO;
		p += wrote;
		at += (uint64_t)wrote;
		n -= (size_t)wrote;
	}
	return OK;
}

void segment_head(char out[SEGMENT_HEAD], uint64_t number)
{
	memset(out, 0, SEGMENT_HEAD);
	(void)snprintf(out, SEGMENT_HEAD, "tocsin ledger 1, from position %" PRIu64 "\n",
	    number << SEGMENT_BITS);
}

static enum err write_first_line(const struct segments *s, int fd, uint64_t number)
{
	char head[SEGMENT_HEAD];

	segment_head(head, number);
	return write_all(s, fd, head, sizeof(head), 0);
}

/* A new file has its first line, and its name is on disk, before it is used. */
static enum err segment_start(
    const struct segments *s, int fd, uint64_t number, struct fault *fault)
{
	int rc = s->io->reserve(fd, 0, RESERVE_FIRST);

	if (rc)
		errno = rc;
	if (rc || write_first_line(s, fd, number) != OK || s->io->fdatasync(fd) != 0 ||
	    s->io->fdatasync(s->dir_fd) != 0)
		return name_fault(s, number, "cannot be made", fault);
	return OK;
}

/* Makes `number` the segment that is appended to. The one before is put on disk first, so that
 * one fdatasync a commit is enough. */
static enum err segment_select(struct segments *s, uint64_t number, struct fault *fault)
{
	struct stat st;
	enum err rc = OK;
	int fd;

	if (s->fd >= 0 && s->number == number)
		return OK;
	if (number >= SEGMENTS_MAX)
		return fail(fault, ERR_LIMIT, "%s: the ledger has reached %d segments", s->dir,
		    SEGMENTS_MAX);
	if (s->fd >= 0)
		TRY(segments_sync(s, fault));
	fd = open_segment(s, number, O_RDWR | O_CREAT);
	if (fd < 0)
		return name_fault(s, number, "cannot be opened", fault);
	if (fstat(fd, &st) != 0)
		rc = name_fault(s, number, "cannot be opened", fault);
	else if (st.st_size < RESERVE_FIRST)
		rc = segment_start(s, fd, number, fault);
	if (rc != OK) {
		(void)close(fd);
		return rc;
	}
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = fd;
	s->number = number;
	s->reserved = st.st_size < RESERVE_FIRST ? RESERVE_FIRST : (uint64_t)st.st_size;
	return OK;
}

enum err segments_reserve(struct segments *s, uint64_t position, uint64_t n, struct fault *fault)
{
	uint64_t need = segment_offset(position) + n;
	uint64_t step;
	int rc;

	assert(need <= SEGMENT_BYTES);
	TRY(segment_select(s, segment_number(position), fault));
	if (need <= s->reserved)
		return OK;
	step = s->reserved < RESERVE_STEP ? s->reserved : RESERVE_STEP;
	if (s->reserved + step < need)
		step = need - s->reserved;
	if (s->reserved + step > SEGMENT_BYTES)
		step = SEGMENT_BYTES - s->reserved;
	rc = s->io->reserve(s->fd, (off_t)s->reserved, (off_t)step);
	if (rc && s->reserved + step > need) {
		/* The last bit of a disk counts too. */
		step = need - s->reserved;
		rc = s->io->reserve(s->fd, (off_t)s->reserved, (off_t)step);
	}
	if (rc) {
		errno = rc;
		return name_fault(s, s->number, "no room for the next batch", fault);
	}
	s->reserved += step;
	return OK;
}

enum err segments_write(
    struct segments *s, uint64_t position, const void *bytes, size_t n, struct fault *fault)
{
	assert(s->fd >= 0 && s->number == segment_number(position) &&
	       segment_offset(position) + n <= s->reserved);
	if (write_all(s, s->fd, bytes, n, segment_offset(position)) != OK)
		return name_fault(s, s->number, "cannot be written", fault);
	return OK;
}

void segments_start(const struct segments *s, uint64_t position, size_t n)
{
	uint64_t from = (segment_offset(position) + PAGE - 1) / PAGE * PAGE;
	uint64_t end = (segment_offset(position) + n) / PAGE * PAGE;

	if (end > from)
		s->io->start(s->fd, (off_t)from, (off_t)(end - from));
}

enum err segments_sync(struct segments *s, struct fault *fault)
{
	if (s->fd >= 0 && s->io->fdatasync(s->fd) != 0)
		return name_fault(s, s->number, "cannot be put on disk", fault);
	return OK;
}

static enum err zero(const struct segments *s, int fd, uint64_t at, uint64_t end)
{
	static const char ZEROS[1 << 16] = {0};

	while (at < end) {
		size_t n = end - at < sizeof(ZEROS) ? (size_t)(end - at) : sizeof(ZEROS);

		TRY(write_all(s, fd, ZEROS, n, at));
		at += n;
	}
	return OK;
}

enum err segments_zero(struct segments *s, uint64_t from, uint64_t end, struct fault *fault)
{
	uint64_t at = from;

	while (at < end) {
		uint64_t number = segment_number(at);
		uint64_t stop = (number + 1) << SEGMENT_BITS;
		uint64_t size;
		int fd = open_segment(s, number, O_RDWR);
		enum err rc;

		if (fd < 0 && errno == ENOENT)
			return OK;
		if (fd < 0)
			return name_fault(s, number, "cannot be opened", fault);
		rc = segment_size(s, number, &size, fault);
		stop = stop < end ? stop : end;
		stop -= number << SEGMENT_BITS;
		if (rc == OK)
			rc = zero(s, fd, segment_offset(at), stop < size ? stop : size);
		(void)close(fd);
		if (rc != OK)
			return name_fault(s, number, "cannot be written", fault);
		at = ((number + 1) << SEGMENT_BITS) + SEGMENT_HEAD;
	}
	return OK;
}

/* Bytes of a segment that need not be the one that is appended to; NULL stands for zeros. */
static enum err overwrite(
    struct segments *s, uint64_t position, const void *bytes, size_t n, struct fault *fault)
{
	uint64_t number = segment_number(position), at = segment_offset(position);
	int fd = open_segment(s, number, O_RDWR);
	enum err rc;

	if (fd < 0)
		return name_fault(s, number, "cannot be opened", fault);
	rc = bytes ? write_all(s, fd, bytes, n, at) : zero(s, fd, at, at + n);
	if (rc == OK && s->io->fdatasync(fd) != 0)
		rc = segment_errno();
	if (rc != OK)
		(void)name_fault(s, number, "cannot be written", fault);
	(void)close(fd);
	return rc;
}

enum err segments_erase(struct segments *s, uint64_t position, size_t n, struct fault *fault)
{
	return overwrite(s, position, NULL, n, fault);
}

enum err segments_patch(
    struct segments *s, uint64_t position, const void *bytes, size_t n, struct fault *fault)
{
	return overwrite(s, position, bytes, n, fault);
}

static enum err cut(const struct segments *s, uint64_t number, uint64_t length, struct fault *fault)
{
	int fd = open_segment(s, number, O_RDWR);
	enum err rc = OK;

	if (fd < 0)
		return name_fault(s, number, "cannot be opened", fault);
	if (ftruncate(fd, (off_t)length) != 0 || s->io->fdatasync(fd) != 0)
		rc = name_fault(s, number, "cannot be cut", fault);
	(void)close(fd);
	return rc;
}

enum err segments_cut(struct segments *s, uint64_t position, struct fault *fault)
{
	uint64_t count, keep = segment_number(position);

	TRY(segments_count(s, &count, fault));
	/* The files stay: a reader may have them mapped under these names. */
	for (uint64_t n = count; n > keep + 1; n--)
		TRY(cut(s, n - 1, SEGMENT_HEAD, fault));
	if (keep < count)
		TRY(cut(s, keep, segment_offset(position), fault));
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	return OK;
}
