/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sys/env.h"

enum { CHUNK = 16 << 10 };

struct path {
	char text[FILE_PATH_MAX + 1];
};

static enum err path_of(struct path *out, struct str s, struct fault *fault)
{
	if (!s.p || s.n == 0)
		return fail(fault, ERR_INVALID, "a path is empty");
	if (s.n > FILE_PATH_MAX || memchr(s.p, 0, s.n))
		return fail(
		    fault, ERR_LIMIT, "a path is longer than %d bytes or has a NUL", FILE_PATH_MAX);
	memcpy(out->text, s.p, s.n);
	out->text[s.n] = '\0';
	return OK;
}

enum err file_err(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return ERR_CONFLICT;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case EAGAIN:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

static enum err fail_path(struct fault *fault, const char *path, const char *what)
{
	int error = errno;

	return fail(fault, file_err(error), "%s: cannot %s: %s", path, what, sys_error(error));
}

struct str file_join(struct arena *arena, struct str dir, const char *name)
{
	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	return arena_printf(arena, "%.*s/%s", STR_ARG(dir), name);
}

static enum err read_all(int fd, uint64_t from, char *p, size_t n, size_t *got, struct fault *fault)
{
	size_t at = 0;

	while (at < n) {
		ssize_t r = pread(fd, p + at, n - at, (off_t)(from + at));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return fail(fault, file_err(errno), "cannot read: %s", sys_error(errno));
		if (r == 0)
			break;
		at += (size_t)r;
	}
	*got = at;
	return OK;
}

enum err file_read_fd(struct str *out, struct arena *arena, int fd, size_t max, struct fault *fault)
{
	struct stat st;
	size_t n;
	size_t got = 0;
	char *p;

	if (fstat(fd, &st) != 0)
		return fail(fault, file_err(errno), "cannot look at a file: %s", sys_error(errno));
	if (!S_ISREG(st.st_mode))
		return fail(fault, ERR_INVALID, "not a regular file");
	if ((uint64_t)st.st_size > max)
		return fail(
		    fault, ERR_LIMIT, "%lld bytes; the limit is %zu", (long long)st.st_size, max);
	n = (size_t)st.st_size;
	p = arena_alloc(arena, n + 1);
	if (!p)
		return fail(fault, ERR_NOMEM, "no memory for %zu bytes of a file", n);
	TRY(read_all(fd, 0, p, n, &got, fault));
	p[got] = '\0';
	*out = (struct str){p, got};
	return OK;
}

/* Some of what is left; *got is 0 at the end. */
static enum err read_some(int fd, char chunk[CHUNK], size_t *got, struct fault *fault)
{
	ssize_t r;

	do
		r = read(fd, chunk, CHUNK);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return fail(fault, file_err(errno), "cannot read: %s", sys_error(errno));
	*got = (size_t)r;
	return OK;
}

enum err file_read_rest(struct buf *out, int fd, struct fault *fault)
{
	char chunk[CHUNK];
	size_t got = 1;

	while (got > 0) {
		TRY(read_some(fd, chunk, &got, fault));
		buf_put(out, (struct str){chunk, got});
		if (out->failed != OK)
			return fail(fault, out->failed, "more than %zu bytes", out->max);
	}
	return OK;
}

enum err file_read_part(
    struct str *out, struct arena *arena, int fd, uint64_t at, size_t n, struct fault *fault)
{
	size_t got = 0;
	char *p = arena_alloc(arena, n);

	if (!p || at > INT64_MAX)
		return fail(fault, ERR_NOMEM, "no memory for %zu bytes of a file", n);
	TRY(read_all(fd, at, p, n, &got, fault));
	if (got != n)
		return fail(fault, ERR_IO, "the file has become shorter");
	*out = (struct str){p, got};
	return OK;
}

enum err file_read(
    struct str *out, struct arena *arena, struct str path, size_t max, struct fault *fault)
{
	struct path p;
	struct fault inner;
	enum err rc;
	int fd;

	TRY(path_of(&p, path, fault));
	fd = open(p.text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_path(fault, p.text, "open");
	rc = file_read_fd(out, arena, fd, max, &inner);
	close(fd);
	if (rc != OK)
		return fail(fault, rc, "%s: %s", p.text, inner.text);
	return OK;
}

static bool write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t w = write(fd, s.p, s.n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		s = str_from(s, (size_t)w);
	}
	return true;
}

static enum err spool(int to, int fd, uint64_t max, struct fault *fault)
{
	char chunk[CHUNK];
	uint64_t n = 0;
	size_t got = 1;

	while (got > 0) {
		TRY(read_some(fd, chunk, &got, fault));
		n += got;
		if (n > max)
			return fail(fault, ERR_LIMIT, "more than %llu bytes from a pipe",
			    (unsigned long long)max);
		if (!write_all(to, (struct str){chunk, got}))
			return fail(fault, ERR_NOMEM, "no memory for what came down a pipe");
	}
	return OK;
}

enum err file_spool(int *out, int fd, uint64_t max, struct fault *fault)
{
	int to = memfd_create("spool", MFD_CLOEXEC);
	enum err rc = to < 0 ? fail(fault, ERR_NOMEM, "no file in memory: %s", sys_error(errno))
	                     : spool(to, fd, max, fault);

	if (rc != OK && to >= 0)
		close(to);
	if (rc == OK)
		*out = to;
	return rc;
}

/* The directory part of a path, "." when there is none. */
static struct str dir_of(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	if (n == 0)
		return S(".");
	return (struct str){path.p, n > 1 ? n - 1 : n};
}

/* Writes a complete, durable file beside the final path. */
static enum err write_beside(
    const struct path *temp, struct str content, unsigned mode, struct fault *fault)
{
	int fd = open(temp->text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	bool good;
	enum err rc = OK;

	if (fd < 0)
		return fail_path(fault, temp->text, "create");
	good = write_all(fd, content) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (!good)
		rc = fail_path(fault, temp->text, "write");
	close(fd);
	if (!good)
		unlink(temp->text);
	return rc;
}

static enum err write_file(
    struct str path, struct str content, unsigned mode, bool replace, struct fault *fault)
{
	struct path p;
	struct path temp;
	int rc;

	TRY(path_of(&p, path, fault));
	if (path.n + 5 > FILE_PATH_MAX)
		return fail(fault, ERR_LIMIT, "a path is longer than %d bytes", FILE_PATH_MAX - 5);
	memcpy(temp.text, p.text, path.n);
	memcpy(temp.text + path.n, ".new", 5);
	TRY(write_beside(&temp, content, mode, fault));
	rc = renameat2(AT_FDCWD, temp.text, AT_FDCWD, p.text, replace ? 0 : RENAME_NOREPLACE);
	if (rc != 0) {
		enum err failed = fail_path(fault, p.text, replace ? "replace" : "create");

		unlink(temp.text);
		return failed;
	}
	return file_sync_dir(dir_of(path), fault);
}

enum err file_write(struct str path, struct str content, unsigned mode, struct fault *fault)
{
	return write_file(path, content, mode, true, fault);
}

enum err file_create(struct str path, struct str content, unsigned mode, struct fault *fault)
{
	return write_file(path, content, mode, false, fault);
}

enum err file_make_dir(struct str path, unsigned mode, struct fault *fault)
{
	struct path p;
	struct stat st;

	TRY(path_of(&p, path, fault));
	if (mkdir(p.text, mode) == 0)
		return OK;
	if (errno == EEXIST && stat(p.text, &st) == 0 && S_ISDIR(st.st_mode))
		return OK;
	return fail_path(fault, p.text, "make the directory");
}

enum err file_dir_empty(struct str path, struct fault *fault)
{
	struct path p;
	const struct dirent *e;
	size_t count = 0;
	DIR *d;

	TRY(path_of(&p, path, fault));
	d = opendir(p.text);
	if (!d)
		return fail_path(fault, p.text, "open the directory");
	while ((e = readdir(d)))
		count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	if (count > 0)
		return fail(fault, ERR_CONFLICT, "%s: the directory is not empty", p.text);
	return OK;
}

enum err file_sync_dir(struct str path, struct fault *fault)
{
	struct path p;
	int fd;
	int rc;

	TRY(path_of(&p, path, fault));
	fd = open(p.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_path(fault, p.text, "open the directory");
	rc = fsync(fd);
	close(fd);
	if (rc != 0)
		return fail_path(fault, p.text, "sync the directory");
	return OK;
}

bool file_exists(struct str path)
{
	struct path p;
	struct stat st;

	return path_of(&p, path, NULL) == OK && lstat(p.text, &st) == 0;
}

bool file_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

enum err file_lock(int *out, struct str path, struct fault *fault)
{
	struct path p;
	int fd;

	TRY(path_of(&p, path, fault));
	fd = open(p.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_path(fault, p.text, "open the lock");
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int error = errno;

		close(fd);
		if (error == EWOULDBLOCK)
			return fail(fault, ERR_BUSY, "%s: another process holds the lock", p.text);
		errno = error;
		return fail_path(fault, p.text, "lock");
	}
	*out = fd;
	return OK;
}

enum err file_free_space(uint64_t *out, struct str path, struct fault *fault)
{
	struct path p;
	struct statvfs v;

	TRY(path_of(&p, path, fault));
	if (statvfs(p.text, &v) != 0)
		return fail_path(fault, p.text, "ask for free space");
	*out = (uint64_t)v.f_bavail * v.f_frsize;
	return OK;
}
