/* SPDX-License-Identifier: Apache-2.0 */
#include "view/index/map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/env.h"
#include "sys/files.h"

enum { LEAST_BYTES = 256 };

static enum err fail_errno(struct fault *fault, const char *path, const char *what)
{
	enum err code = file_err(errno);

	return fail(fault, code != OK ? code : ERR_IO, "%s: %s: %s", path, what, sys_error(errno));
}

void view_unmap(struct map *m)
{
	if (m->p)
		(void)munmap(m->p, m->n);
	*m = (struct map){0};
}

enum err view_map(struct map *out, const char *path, bool write, size_t size, struct fault *fault)
{
	int flags = size ? O_RDWR | O_CREAT | O_TRUNC : write ? O_RDWR : O_RDONLY;
	int fd = open(path, flags | O_CLOEXEC, 0600);
	enum err rc = OK;
	struct stat st;
	int refused = 0;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : fail_errno(fault, path, "cannot open");
	if (size)
		refused = posix_fallocate(fd, 0, (off_t)size);
	if (refused) {
		errno = refused;
		rc = fail_errno(fault, path, "cannot make room");
	} else if (fstat(fd, &st) != 0 || st.st_size < LEAST_BYTES) {
		rc = fail(fault, ERR_CORRUPT, "%s: too short", path);
	} else {
		struct map m = {.n = (size_t)st.st_size};

		m.p =
		    mmap(NULL, m.n, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
		if (m.p == MAP_FAILED)
			rc = fail_errno(fault, path, "cannot map");
		else
			*out = m;
	}
	(void)close(fd);
	return rc;
}
