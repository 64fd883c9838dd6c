/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files and directories: reading under a limit, replacing at once, locking, making. Every
 * fault names the path and what the system said. Paths are at most FILE_PATH_MAX bytes. */
#pragma once

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { FILE_PATH_MAX = 4095 };

/* "dir/name", NUL-terminated, in the arena; aborts never: an empty path (p == NULL) when refused,
 * which every function here refuses in turn. */
struct str file_join(struct arena *arena, struct str dir, const char *name);

/* The whole file. ERR_NOT_FOUND, ERR_LIMIT past `max` bytes, ERR_IO. */
MUST_USE enum err file_read(
    struct str *out, struct arena *arena, struct str path, size_t max, struct fault *fault);
/* The whole of an open descriptor that can be mapped or read, from its start. */
MUST_USE enum err file_read_fd(
    struct str *out, struct arena *arena, int fd, size_t max, struct fault *fault);

/* Appends what is left of an open descriptor, a pipe's as well; ERR_LIMIT when that is more than
 * the buf's ceiling, ERR_IO. */
MUST_USE enum err file_read_rest(struct buf *out, int fd, struct fault *fault);

/* The same as a file in memory, which can be mapped; the caller closes it. ERR_LIMIT past `max`
 * bytes, ERR_IO, ERR_NOMEM. */
MUST_USE enum err file_spool(int *out, int fd, uint64_t max, struct fault *fault);

/* So many bytes of it from `at` on; ERR_IO when there are fewer. */
MUST_USE enum err file_read_part(
    struct str *out, struct arena *arena, int fd, uint64_t at, size_t n, struct fault *fault);

/* Replaces the file at once and durably: after a crash it has the old content or the new. ERR_FULL
 * when there is no space. */
MUST_USE enum err file_write(
    struct str path, struct str content, unsigned mode, struct fault *fault);
/* Like file_write, but ERR_CONFLICT when the path exists. */
MUST_USE enum err file_create(
    struct str path, struct str content, unsigned mode, struct fault *fault);

/* Makes one directory; an existing one is fine. */
MUST_USE enum err file_make_dir(struct str path, unsigned mode, struct fault *fault);
/* OK when the directory is there and empty, ERR_NOT_FOUND, ERR_CONFLICT when something is in it. */
MUST_USE enum err file_dir_empty(struct str path, struct fault *fault);
/* Makes the names in a directory durable. */
MUST_USE enum err file_sync_dir(struct str path, struct fault *fault);
bool file_exists(struct str path);
/* Whether nothing replaced or wrote the file between the two looks. */
bool file_same(const struct stat *a, const struct stat *b);

/* An exclusive lock that ends with the process. *out is a descriptor to close; ERR_BUSY when
 * somebody has it. */
MUST_USE enum err file_lock(int *out, struct str path, struct fault *fault);

/* Bytes that an ordinary user may still write on the file system that holds path. */
MUST_USE enum err file_free_space(uint64_t *out, struct str path, struct fault *fault);

/* The error that an errno stands for: ENOSPC and EDQUOT are ERR_FULL, and so on. */
enum err file_err(int error);
