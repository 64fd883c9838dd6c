/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP_LEAST = 1 << 16, STEP_MOST = 64 << 20 };

enum err mapfile_open(struct mapfile *m, int dir_fd, const char *name, uint64_t max, bool write,
    const struct store_io *io, struct fault *fault)
{
	int fd = openat(dir_fd, name, (write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	struct stat st;
	void *base;

	if (fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : segment_errno(),
		    "index file %s: %m", name);
	if (fstat(fd, &st) != 0)
		goto failed;
	base = mmap(NULL, max, write ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (base == MAP_FAILED)
		goto failed;
	*m = (struct mapfile){
	    .base = base, .max = max, .size = (uint64_t)st.st_size, .fd = fd, .io = io};
	if (!write) {
		(void)close(fd);
		m->fd = -1;
	}
	return OK;
failed:
	(void)fail(fault, ERR_IO, "index file %s: %m", name);
	(void)close(fd);
	return ERR_IO;
}

void mapfile_close(struct mapfile *m)
{
	if (!m->base)
		return;
	(void)munmap(m->base, m->max);
	if (m->fd >= 0)
		(void)close(m->fd);
	*m = (struct mapfile){.fd = -1};
}

enum err mapfile_reserve(struct mapfile *m, uint64_t n, struct fault *fault)
{
	uint64_t step;
	int rc;

	if (n <= m->size)
		return OK;
	if (n > m->max)
		return fail(fault, ERR_LIMIT, "the index has reached its largest size");
	step = m->size / 4;
	step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
	if (m->size + step < n)
		step = n - m->size;
	if (m->size + step > m->max)
		step = m->max - m->size;
	rc = m->io->reserve(m->fd, (off_t)m->size, (off_t)step);
	if (rc) {
		errno = rc;
		return fail(fault, segment_errno(), "no room for the index: %m");
	}
	m->size += step;
	return OK;
}

enum err mapfile_sync(struct mapfile *m, struct fault *fault)
{
	/* fsync writes pages that were dirtied through a mapping of this process too. */
	if (m->base && m->fd >= 0 && m->io->fdatasync(m->fd) != 0)
		return fail(fault, ERR_IO, "the index cannot be put on disk: %m");
	return OK;
}
