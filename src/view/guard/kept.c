/* SPDX-License-Identifier: Apache-2.0 */
#include "view/guard/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	WORD = 8, /* bytes: the record's number, and the class in the lowest eight bits */
	CLASS_BITS = 8,
	PATH_BYTES = 4096,
	WRITE_MAX = 64 << 20,
	WRITE_AT = 1 << 20,
	KEPT_MAX = 1 << 30, /* bytes */
	MEMORY_MAX = INT32_MAX,
	MANY = 4096, /* words from which on a log is written anew when half of it is past */
};

struct kept {
	char path[PATH_BYTES];
	int fd;
	struct buf waiting;
	enum err failed;
	int error;
};

static void path_of(char out[PATH_BYTES], struct str dir)
{
	(void)snprintf(out, PATH_BYTES, "%.*s/kept", STR_ARG(dir));
}

/* The last word about each record, by number. */
struct words {
	uint64_t *list;
	size_t count, all;
};

/* Beside each word where it stood, so that sorting keeps that order. */
struct placed {
	uint64_t seq;
	size_t at;
	uint64_t word;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static enum err last_words(
    struct words *out, struct arena *arena, struct str bytes, struct fault *fault)
{
	size_t count = bytes.n / WORD, kept = 0;
	struct placed *placed = arena_array(arena, count + 1, sizeof(*placed));
	uint64_t *list = arena_array(arena, count + 1, sizeof(*list));

	if (!placed || !list)
		return fail(fault, ERR_LIMIT, "more is kept back than can be counted");
	for (size_t i = 0; i < count; i++) {
		memcpy(&placed[i].word, bytes.p + i * WORD, WORD);
		placed[i].seq = placed[i].word >> CLASS_BITS;
		placed[i].at = i;
	}
	if (count)
		qsort(placed, count, sizeof(*placed), by_place);
	for (size_t i = 0; i < count; i++)
		if ((i + 1 == count || placed[i + 1].seq != placed[i].seq) &&
		    (placed[i].word & ((1 << CLASS_BITS) - 1)) != GUARD_NONE)
			list[kept++] = placed[i].word;
	*out = (struct words){list, kept, count};
	return OK;
}

static enum err read_words(
    struct words *out, struct arena *arena, const char *path, struct fault *fault)
{
	struct str bytes = STR_NONE;
	enum err rc = file_read(&bytes, arena, str_c(path), KEPT_MAX, fault);

	if (rc != OK && rc != ERR_NOT_FOUND)
		return rc;
	return last_words(out, arena, bytes, fault);
}

/* Without what is past, when that is half of it. */
static enum err tidy(struct kept *k, struct fault *fault)
{
	struct arena *arena = arena_new(MEMORY_MAX);
	struct words w;
	enum err rc = read_words(&w, arena, k->path, fault);

	if (rc == OK && w.all > MANY && w.count < w.all / 2)
		rc = file_write(str_c(k->path), (struct str){(const char *)w.list, w.count * WORD},
		    0600, fault);
	arena_free(arena);
	return rc;
}

enum err kept_open(struct kept **out, struct str dir, struct fault *fault)
{
	struct kept *k = mem_alloc(sizeof(*k));
	struct stat st;
	enum err rc;

	path_of(k->path, dir);
	buf_init(&k->waiting, WRITE_MAX);
	rc = tidy(k, fault);
	k->fd = rc == OK ? open(k->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (rc == OK && k->fd < 0)
		rc = fail(fault, ERR_IO, "%s: %s", k->path, sys_error(errno));
	/* Half a word is what a full disk leaves. */
	if (rc == OK && (fstat(k->fd, &st) != 0 || ftruncate(k->fd, st.st_size / WORD * WORD) != 0))
		rc = fail(fault, ERR_IO, "%s: %s", k->path, sys_error(errno));
	if (rc != OK) {
		kept_close(k);
		return rc;
	}
	*out = k;
	return OK;
}

void kept_close(struct kept *k)
{
	if (!k)
		return;
	if (k->fd >= 0) {
		(void)fdatasync(k->fd);
		(void)close(k->fd);
	}
	buf_free(&k->waiting);
	mem_free(k);
}

static void flush(struct kept *k)
{
	size_t done = 0;

	while (k->failed == OK && done < k->waiting.n) {
		ssize_t n = write(k->fd, k->waiting.p + done, k->waiting.n - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			k->error = errno;
			k->failed = file_err(errno) != OK ? file_err(errno) : ERR_IO;
		}
	}
	buf_reset(&k->waiting);
}

void kept_note(struct kept *k, uint64_t seq, enum guard_class class)
{
	uint64_t word = seq << CLASS_BITS | (uint64_t)class;

	buf_put(&k->waiting, (struct str){(const char *)&word, WORD});
	if (k->waiting.n >= WRITE_AT)
		flush(k);
}

enum err kept_write(struct kept *k, struct fault *fault)
{
	flush(k);
	return k->failed == OK ? OK
	                       : fail(fault, k->failed, "%s: %s", k->path, sys_error(k->error));
}

enum err kept_drop(struct str dir, struct fault *fault)
{
	char path[PATH_BYTES];

	path_of(path, dir);
	if (unlink(path) != 0 && errno != ENOENT)
		return fail(fault, ERR_IO, "%s: %s", path, sys_error(errno));
	return OK;
}

enum err kept_read(struct kept_entry **out, size_t *count, struct arena *arena, struct str dir,
    struct fault *fault)
{
	char path[PATH_BYTES];
	struct kept_entry *list;
	struct words w;

	path_of(path, dir);
	TRY(read_words(&w, arena, path, fault));
	list = arena_array(arena, w.count + 1, sizeof(*list));
	if (!list)
		return fail(fault, ERR_LIMIT, "more is kept back than can be counted");
	for (size_t i = 0; i < w.count; i++) {
		unsigned class = w.list[i] & ((1 << CLASS_BITS) - 1);

		list[i] = (struct kept_entry){w.list[i] >> CLASS_BITS,
		    class < GUARD_CLASSES ? (enum guard_class) class : GUARD_UNJUDGED};
	}
	*out = list;
	*count = w.count;
	return OK;
}

uint64_t kept_bytes(struct str dir)
{
	char path[PATH_BYTES];
	struct stat st;

	path_of(path, dir);
	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}
