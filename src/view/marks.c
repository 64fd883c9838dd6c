/* SPDX-License-Identifier: Apache-2.0 */
/* A bitmap file, grown in steps that are really on disk (posix_fallocate), so that setting a bit
 * never meets a full disk. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/env.h"
#include "view/list.h"

enum { STEP = 64 << 10 };

struct marks {
	int fd;
	bool write;
	unsigned char *bits;
	size_t bytes; /* mapped, all of it in the file */
};

static enum err map_bits(struct marks *m, size_t bytes, struct fault *fault)
{
	void *p = NULL;

	if (bytes > 0) {
		p = mmap(NULL, bytes, m->write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
		    m->fd, 0);
		if (p == MAP_FAILED)
			return fail(fault, ERR_IO, "cannot map a set: %s", sys_error(errno));
	}
	if (m->bits)
		(void)munmap(m->bits, m->bytes);
	m->bits = p;
	m->bytes = bytes;
	return OK;
}

static enum err map_file(struct marks *m, struct fault *fault)
{
	struct stat st;

	if (fstat(m->fd, &st) < 0)
		return fail(fault, ERR_IO, "cannot look at a set: %s", sys_error(errno));
	return (size_t)st.st_size > m->bytes ? map_bits(m, (size_t)st.st_size, fault) : OK;
}

enum err marks_open(struct marks **out, const char *path, bool write, struct fault *fault)
{
	int fd = open(path, (write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	struct marks *m;
	enum err rc;

	if (fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot open: %s",
		    path, sys_error(errno));
	m = mem_alloc(sizeof(*m));
	m->fd = fd;
	m->write = write;
	rc = map_file(m, fault);
	if (rc != OK) {
		marks_close(m);
		return rc;
	}
	*out = m;
	return OK;
}

void marks_close(struct marks *m)
{
	if (!m)
		return;
	if (m->bits)
		(void)munmap(m->bits, m->bytes);
	(void)close(m->fd);
	mem_free(m);
}

bool marks_has(struct marks *m, uint64_t n)
{
	if (n / 8 >= m->bytes && (m->write || map_file(m, NULL) != OK || n / 8 >= m->bytes))
		return false;
	return (__atomic_load_n(&m->bits[n / 8], __ATOMIC_ACQUIRE) >> (n % 8) & 1) != 0;
}

enum err marks_put(struct marks *m, uint64_t n, bool on, struct fault *fault)
{
	unsigned char bit = (unsigned char)(1u << (n % 8));

	if (n / 8 >= m->bytes) {
		size_t bytes = (n / 8 / STEP + 1) * STEP;
		int error = posix_fallocate(m->fd, 0, (off_t)bytes);

		if (error != 0)
			return fail(fault, error == ENOSPC || error == EDQUOT ? ERR_FULL : ERR_IO,
			    "cannot grow a set: %s", sys_error(error));
		TRY(map_bits(m, bytes, fault));
	}
	if (on)
		__atomic_fetch_or(&m->bits[n / 8], bit, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&m->bits[n / 8], (unsigned char)~bit, __ATOMIC_RELEASE);
	return OK;
}
