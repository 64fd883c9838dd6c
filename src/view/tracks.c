/* SPDX-License-Identifier: Apache-2.0 */
#include "view/tracks.h"
#include "sys/env.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { HEAD_BYTES = 4096, PATH_BYTES = 4096 };

static const char MAGIC[8] = {'t', 'o', 'c', 'f', 'e', 'e', 'd', '2'};

static void path_of(char out[PATH_BYTES], const struct tracks *t, char kind, uint32_t number)
{
	(void)snprintf(out, PATH_BYTES, "%s/%c%u", t->dir, kind, number);
}

static enum err map_head(struct tracks *t, struct fault *fault)
{
	char path[PATH_BYTES];
	struct stat st;
	void *p;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/head", t->dir);
	fd = open(path, (t->write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
		    sys_error(errno));
	if (t->write && posix_fallocate(fd, 0, HEAD_BYTES) != 0) {
		(void)close(fd);
		return fail(fault, ERR_FULL, "%s: no space", path);
	}
	if (fstat(fd, &st) < 0 || st.st_size < HEAD_BYTES) {
		(void)close(fd);
		return fail(fault, ERR_NOT_FOUND, "%s: not there yet", path);
	}
	p = mmap(
	    NULL, HEAD_BYTES, t->write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return fail(fault, ERR_IO, "%s: cannot map: %s", path, sys_error(errno));
	t->head = p;
	t->generation = atomic_load(&t->head->generation);
	return OK;
}

static void close_all(struct tracks *t)
{
	for (size_t i = 0; i < t->count; i++) {
		list_close(t->all[i].list);
		marks_close(t->all[i].marks);
		mem_free(t->all[i].pending);
	}
	mem_free(t->all);
	t->all = NULL;
	t->count = 0;
}

static enum err check_head(struct tracks *t, struct fault *fault)
{
	bool good;

	/* Maps of files are only as good as the memory they lie in. */
	good = memcmp(t->head->magic, MAGIC, sizeof(MAGIC)) == 0 &&
	       atomic_load(&t->head->busy) == 0 && sys_boot_is(t->head->boot);
	if (!good)
		TRY(tracks_drop(t, fault));
	memcpy(t->head->magic, MAGIC, sizeof(MAGIC));
	sys_boot(t->head->boot);
	return OK;
}

enum err tracks_open(struct tracks *t, struct str dir, bool write, struct fault *fault)
{
	enum err rc;

	if (dir.n + 8 > TRACKS_DIR_MAX)
		return fail(fault, ERR_LIMIT, "path too long: %.*s", STR_ARG(dir));
	*t = (struct tracks){.write = write};
	(void)snprintf(t->dir, sizeof(t->dir), "%.*s/feed", STR_ARG(dir));
	if (write && mkdir(t->dir, 0700) < 0 && errno != EEXIST)
		return fail(
		    fault, errno == ENOSPC ? ERR_FULL : ERR_IO, "%s: %s", t->dir, sys_error(errno));
	rc = map_head(t, fault);
	if (!write)
		return rc == ERR_NOT_FOUND ? OK : rc;
	if (rc == OK)
		rc = check_head(t, fault);
	if (rc != OK)
		tracks_close(t);
	return rc;
}

void tracks_close(struct tracks *t)
{
	close_all(t);
	if (t->head)
		(void)munmap(t->head, HEAD_BYTES);
	t->head = NULL;
}

static enum err open_files(struct track *track, const struct tracks *t, struct fault *fault)
{
	char path[PATH_BYTES];

	path_of(path, t, track->kind, track->number);
	TRY(list_open(&track->list, path, t->write, fault));
	if (track->kind == TRACK_TYPE)
		return OK;
	path_of(path, t, 'b', track->number);
	return marks_open(&track->marks, path, t->write, fault);
}

/* A reader follows what the writer replaced. */
static void refresh(struct tracks *t)
{
	if (!t->head)
		(void)map_head(t, NULL);
	if (t->head && atomic_load(&t->head->generation) != t->generation) {
		close_all(t);
		t->generation = atomic_load(&t->head->generation);
	}
}

static struct track *find(struct tracks *t, char kind, uint32_t number)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->all[i].number == number && t->all[i].kind == kind)
			return &t->all[i];
	return NULL;
}

enum err tracks_get(
    struct track **out, struct tracks *t, char kind, uint32_t number, struct fault *fault)
{
	struct track fresh = {.kind = kind, .number = number};
	struct track *have;
	enum err rc;

	if (!t->write)
		refresh(t);
	have = find(t, kind, number);
	if (have && !t->write && list_is_stale(have->list)) {
		list_close(have->list);
		marks_close(have->marks);
		*have = t->all[--t->count];
		have = NULL;
	}
	if (have) {
		*out = have;
		return OK;
	}
	if (!t->head)
		return fail(fault, ERR_NOT_FOUND, "%s: not there yet", t->dir);
	rc = open_files(&fresh, t, fault);
	if (rc != OK) {
		list_close(fresh.list);
		marks_close(fresh.marks);
		return rc;
	}
	t->all = mem_grow(t->all, t->count + 1, sizeof(*t->all));
	t->all[t->count] = fresh;
	*out = &t->all[t->count++];
	return OK;
}

/* Walks the files of the folder; fts because it keeps its state to itself. */
static enum err open_folder(struct tracks *t, FTS **out, struct fault *fault)
{
	char *paths[] = {t->dir, NULL};
	FTS *f = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);

	if (!f)
		return fail(fault, ERR_IO, "%s: %s", t->dir, sys_error(errno));
	*out = f;
	return OK;
}

/* The next name in the folder itself; NULL at the end. */
static const char *next_name(FTS *f)
{
	for (FTSENT *e = fts_read(f); e; e = fts_read(f)) {
		if (e->fts_level == 1 && e->fts_info != FTS_DP)
			return e->fts_name;
	}
	return NULL;
}

enum err tracks_get_all(struct tracks *t, struct fault *fault)
{
	enum err rc = OK;
	FTS *f;

	TRY(open_folder(t, &f, fault));
	for (const char *name = next_name(f); name && rc == OK; name = next_name(f)) {
		struct track *track;
		uint64_t number;

		if (name[0] != TRACK_FEED && name[0] != TRACK_TYPE)
			continue;
		if (str_u64(str_c(name + 1), &number) != OK || number > UINT32_MAX)
			continue;
		rc = tracks_get(&track, t, name[0], (uint32_t)number, fault);
	}
	(void)fts_close(f);
	return rc;
}

enum err tracks_drop(struct tracks *t, struct fault *fault)
{
	char path[PATH_BYTES];
	enum err rc = OK;
	FTS *f;

	TRY(open_folder(t, &f, fault));
	close_all(t);
	atomic_store(&t->head->cursor, 0);
	for (const char *name = next_name(f); name && rc == OK; name = next_name(f)) {
		if (strcmp(name, "head") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%.255s", t->dir, name);
		if (unlink(path) < 0)
			rc = fail(fault, ERR_IO, "%s: %s", path, sys_error(errno));
	}
	(void)fts_close(f);
	TRY(rc);
	atomic_fetch_add(&t->head->generation, 1);
	atomic_store(&t->head->busy, 0);
	return OK;
}
