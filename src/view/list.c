/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a list: one page of head, then the entries as they lie in memory (the files belong to
 * one machine and one boot). Entries are written with pwrite, so that a full disk is an error and
 * not a signal, and become visible when the count in the mapped head is raised. */
#include "view/list.h"
#include "sys/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { PAGE = 4096, PATH_BYTES_MAX = 4096 };

static const char MAGIC[8] = {'t', 'o', 'c', 'l', 'i', 's', 't', '1'};

struct list_head {
	char magic[8];
	_Atomic uint64_t count;
	_Atomic uint64_t stale;
};

struct list {
	int fd;
	bool write;
	struct list_head *head; /* the start of the mapping */
	struct list_entry *entries;
	size_t mapped; /* entries that fit the mapping; those past the end of the file are not
	                  touched */
	char path[PATH_BYTES_MAX];
};

static enum err fail_errno(struct fault *fault, const char *path, const char *what)
{
	enum err code = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;

	if (errno == ENOSPC || errno == EDQUOT)
		code = ERR_FULL;
	return fail(fault, code, "%s: %s: %s", path, what, sys_error(errno));
}

static enum err write_all(
    int fd, const void *bytes, size_t n, off_t at, const char *path, struct fault *fault)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = pwrite(fd, p, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail_errno(fault, path, "cannot write");
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return OK;
}

/* Maps room for `count` entries and more, so that growth seldom needs a new mapping. */
static enum err map_entries(struct list *l, size_t count, struct fault *fault)
{
	size_t room = count < 65536 ? 65536 : count + count / 2;
	size_t bytes = PAGE + room * sizeof(struct list_entry);
	void *p =
	    mmap(NULL, bytes, l->write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, l->fd, 0);

	if (p == MAP_FAILED)
		return fail_errno(fault, l->path, "cannot map");
	if (l->head)
		(void)munmap(l->head, PAGE + l->mapped * sizeof(struct list_entry));
	l->head = p;
	l->entries = (struct list_entry *)((char *)p + PAGE);
	l->mapped = room;
	return OK;
}

static enum err write_head(int fd, const char *path, struct fault *fault)
{
	char page[PAGE] = {0};

	memcpy(page, MAGIC, sizeof(MAGIC));
	return write_all(fd, page, sizeof(page), 0, path, fault);
}

static enum err open_fd(struct list *l, struct fault *fault)
{
	struct stat st;

	l->fd = open(l->path, (l->write ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		return fail_errno(fault, l->path, "cannot open");
	if (st.st_size == 0 && l->write) {
		TRY(write_head(l->fd, l->path, fault));
		st.st_size = PAGE;
	}
	if (st.st_size < PAGE)
		return fail(fault, ERR_CORRUPT, "%s: too short for a list", l->path);
	TRY(map_entries(l, ((size_t)st.st_size - PAGE) / sizeof(struct list_entry), fault));
	if (memcmp(l->head->magic, MAGIC, sizeof(MAGIC)) != 0 ||
	    atomic_load(&l->head->count) > ((size_t)st.st_size - PAGE) / sizeof(struct list_entry))
		return fail(fault, ERR_CORRUPT, "%s: not a list", l->path);
	return OK;
}

static void unmap(struct list *l)
{
	if (l->head)
		(void)munmap(l->head, PAGE + l->mapped * sizeof(struct list_entry));
	if (l->fd >= 0)
		(void)close(l->fd);
	l->head = NULL;
	l->fd = -1;
}

enum err list_open(struct list **out, const char *path, bool write, struct fault *fault)
{
	struct list *l;
	enum err rc;

	if (strlen(path) + 8 > PATH_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "path too long: %s", path);
	l = mem_alloc(sizeof(*l));
	l->fd = -1;
	l->write = write;
	memcpy(l->path, path, strlen(path) + 1);
	rc = open_fd(l, fault);
	if (rc != OK) {
		list_close(l);
		return rc;
	}
	*out = l;
	return OK;
}

void list_close(struct list *l)
{
	if (!l)
		return;
	unmap(l);
	mem_free(l);
}

size_t list_count(struct list *l)
{
	size_t count = atomic_load_explicit(&l->head->count, memory_order_acquire);

	if (count > l->mapped && map_entries(l, count, NULL) != OK)
		return l->mapped;
	return count;
}

static uint64_t seq_at(const struct list *l, size_t i)
{
	return __atomic_load_n(&l->entries[i].seq, __ATOMIC_RELAXED);
}

struct list_entry list_at(const struct list *l, size_t i)
{
	return (struct list_entry){.seq = seq_at(l, i), .when = l->entries[i].when};
}

static int entry_cmp(const struct list_entry *e, usec when, uint64_t seq)
{
	uint64_t own = e->seq & ~LIST_GONE;

	if (e->when != when)
		return e->when < when ? -1 : 1;
	if (own != seq)
		return own < seq ? -1 : 1;
	return 0;
}

size_t list_after(const struct list *l, size_t count, usec when, uint64_t seq)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct list_entry e = list_at(l, middle);

		if (entry_cmp(&e, when, seq) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool list_is_stale(const struct list *l)
{
	return atomic_load(&l->head->stale) != 0;
}

/* Writes old and new entries merged into a new file and puts it in this one's place. */
static enum err merge(struct list *l, const struct list_entry *add, size_t n, struct fault *fault)
{
	size_t have = list_count(l);
	struct list_entry *all = mem_grow(NULL, have + n, sizeof(*all));
	char next[PATH_BYTES_MAX + 8];
	size_t a = 0, b = 0;
	enum err rc;
	int fd;

	for (size_t i = 0; i < have + n; i++) {
		bool old = b == n;

		if (!old && a < have) {
			struct list_entry e = list_at(l, a);

			old = entry_cmp(&e, add[b].when, add[b].seq) <= 0;
		}
		all[i] = old ? list_at(l, a++) : add[b++];
	}
	(void)snprintf(next, sizeof(next), "%s.new", l->path);
	fd = open(next, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	rc = fd < 0 ? fail_errno(fault, next, "cannot create") : write_head(fd, next, fault);
	if (rc == OK)
		rc = write_all(fd, all, (have + n) * sizeof(*all), PAGE, next, fault);
	mem_free(all);
	if (rc == OK) {
		uint64_t count = have + n;

		rc = write_all(fd, &count, sizeof(count), (off_t)offsetof(struct list_head, count),
		    next, fault);
	}
	if (rc == OK && rename(next, l->path) < 0)
		rc = fail_errno(fault, next, "cannot rename");
	if (fd >= 0)
		(void)close(fd);
	TRY(rc);
	atomic_store(&l->head->stale, 1);
	unmap(l);
	return open_fd(l, fault);
}

enum err list_add(
    struct list *l, const struct list_entry *entries, size_t count, struct fault *fault)
{
	size_t have = list_count(l);

	if (count == 0)
		return OK;
	if (have > 0) {
		struct list_entry last = list_at(l, have - 1);

		if (entry_cmp(&last, entries[0].when, entries[0].seq) > 0)
			return merge(l, entries, count, fault);
	}
	TRY(write_all(l->fd, entries, count * sizeof(*entries),
	    (off_t)(PAGE + have * sizeof(*entries)), l->path, fault));
	atomic_store_explicit(&l->head->count, have + count, memory_order_release);
	return OK;
}

bool list_find(struct list *l, uint64_t seq, usec when, size_t *at)
{
	size_t count = list_count(l);
	size_t i = list_after(l, count, when, seq);

	if (i == 0 || seq_at(l, i - 1) != seq) {
		/* It joined at another time than thought: look at all, newest first. */
		for (i = count; i > 0 && seq_at(l, i - 1) != seq; i--)
			;
		if (i == 0)
			return false;
	}
	*at = i - 1;
	return true;
}

bool list_remove(struct list *l, uint64_t seq, usec when)
{
	size_t at;

	if (!list_find(l, seq, when, &at))
		return false;
	__atomic_store_n(&l->entries[at].seq, seq | LIST_GONE, __ATOMIC_RELEASE);
	return true;
}
