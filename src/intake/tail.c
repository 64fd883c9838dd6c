/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/tail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "match/eve.h"
#include "sys/env.h"
#include "sys/files.h"

/* Orders the files of a rotation: by the last write, and if need be by number. */
struct age {
	int64_t seconds, nanoseconds;
	uint64_t inode; /* 0: none */
};

struct tail {
	char path[FILE_PATH_MAX + 1];
	int fd; /* -1: none open */
	struct stream_place place;
	uint64_t size;
	bool placed;         /* `place` is where to go on, in a file still to be found */
	struct age finished; /* of the file read to its end; the next younger one follows */
	size_t start, used;  /* where the bytes in the buffer are; the first is at place.offset */
	bool ended;          /* the last of them is an end of line that the file has not */
	char buffer[TAIL_BUFFER + EVE_SLACK];
};

struct tail *tail_new(struct str path, const struct stream_place *place)
{
	struct tail *t = mem_alloc(sizeof(*t));

	(void)snprintf(t->path, sizeof(t->path), "%.*s", STR_ARG(path));
	t->fd = -1;
	if (place && place->inode) {
		t->place = *place;
		t->placed = true;
	}
	return t;
}

static void shut(struct tail *t)
{
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
}

void tail_free(struct tail *t)
{
	if (!t)
		return;
	shut(t);
	mem_free(t);
}

struct str tail_text(const struct tail *t)
{
	return (struct str){t->buffer + t->start, t->used};
}

void tail_consume(struct tail *t, size_t n)
{
	bool all = t->ended && n == t->used;

	t->start += n;
	t->used -= n;
	t->place.offset += n - all;
	t->ended &= !all;
}

struct stream_place tail_place(const struct tail *t)
{
	return t->place;
}

uint64_t tail_size(const struct tail *t)
{
	return t->size;
}

struct str tail_path(const struct tail *t)
{
	return str_c(t->path);
}

/* Digest of the first n bytes; false when there are not so many. */
static bool digest_head(int fd, uint32_t n, struct sha256 *out)
{
	char head[EVENTS_HEAD_MAX];
	ssize_t got = n <= sizeof(head) ? pread(fd, head, n, 0) : -1;

	if (got != (ssize_t)n)
		return false;
	*out = sha256((struct str){head, n});
	return true;
}

static bool head_fits(int fd, const struct stream_place *place)
{
	struct sha256 head;

	return place->head_bytes == 0 ||
	       (digest_head(fd, place->head_bytes, &head) && sha256_eq(&head, &place->head));
}

/* The more of the file's start is known, the surer is its identity. Only bytes that were consumed
 * count: they do not change any more unless the file is cut. */
static void learn_head(struct tail *t)
{
	uint64_t known = t->place.offset < EVENTS_HEAD_MAX ? t->place.offset : EVENTS_HEAD_MAX;

	if (known > t->place.head_bytes && digest_head(t->fd, (uint32_t)known, &t->place.head))
		t->place.head_bytes = (uint32_t)known;
}

/* Opens one name; it must be the file of the place when one is given. */
static int open_as(const char *path, const struct stream_place *place)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (place &&
	        ((uint64_t)st.st_ino != place->inode || (uint64_t)st.st_dev != place->device ||
	            (uint64_t)st.st_size < place->offset || !head_fits(fd, place)))) {
		(void)close(fd);
		errno = S_ISREG(st.st_mode) ? ESTALE : EINVAL;
		return -1;
	}
	return fd;
}

/* The last part of the path; the folder before it goes to `folder`. */
static struct str name_in(const struct tail *t, char folder[FILE_PATH_MAX + 1])
{
	const char *slash = strrchr(t->path, '/');
	struct str before = slash ? (struct str){t->path, (size_t)(slash - t->path)} : S(".");

	(void)snprintf(folder, FILE_PATH_MAX + 1, "%.*s", STR_ARG(before.n ? before : S("/")));
	return str_c(slash ? slash + 1 : t->path);
}

/* The file of the place may have another name in the same folder by now. */
static int find_renamed(const struct tail *t)
{
	char path[FILE_PATH_MAX + 1 + 256], folder[FILE_PATH_MAX + 1];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	(void)name_in(t, folder);
	dir = opendir(folder);
	while (dir && fd < 0 && (entry = readdir(dir)) != NULL) {
		if ((uint64_t)entry->d_ino != t->place.inode)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		fd = open_as(path, &t->place);
	}
	if (dir)
		(void)closedir(dir);
	return fd;
}

static struct age age_of(const struct stat *st)
{
	return (struct age){st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (uint64_t)st->st_ino};
}

static bool older(const struct age *a, const struct age *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds;
	if (a->nanoseconds != b->nanoseconds)
		return a->nanoseconds < b->nanoseconds;
	return a->inode < b->inode;
}

static bool packed(struct str name)
{
	static const struct str ENDS[] = {S(".gz"), S(".xz"), S(".zst"), S(".bz2")};

	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++)
		if (str_ends(name, ENDS[i]))
			return true;
	return false;
}

/* The file may have been renamed more than once since: of those whose names begin like ours, the
 * oldest that is younger than what was finished. */
static int open_sequel(const struct tail *t)
{
	char path[FILE_PATH_MAX + 1 + 256], folder[FILE_PATH_MAX + 1];
	struct str base = name_in(t, folder);
	struct age best = {INT64_MAX, 0, 0};
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int best_fd = -1;

	while (dir && (entry = readdir(dir)) != NULL) {
		struct age age;
		struct stat st;
		int fd;

		if (!str_starts(str_c(entry->d_name), base) || packed(str_c(entry->d_name)))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		fd = open_as(path, NULL);
		if (fd < 0 || fstat(fd, &st) != 0)
			continue;
		age = age_of(&st);
		if (older(&t->finished, &age) && older(&age, &best)) {
			if (best_fd >= 0)
				(void)close(best_fd);
			best_fd = fd;
			best = age;
		} else {
			(void)close(fd);
		}
	}
	if (dir)
		(void)closedir(dir);
	return best_fd;
}

static bool begin_file(struct tail *t)
{
	struct stat st;

	t->fd = t->finished.inode ? open_sequel(t) : -1;
	if (t->fd < 0)
		t->fd = open_as(t->path, NULL);
	t->finished.inode = 0;
	if (t->fd < 0 || fstat(t->fd, &st) != 0) {
		shut(t);
		return false;
	}
	t->place =
	    (struct stream_place){.inode = (uint64_t)st.st_ino, .device = (uint64_t)st.st_dev};
	t->used = 0;
	return true;
}

static bool open_tail(struct tail *t)
{
	if (!t->placed)
		return begin_file(t);
	t->placed = false;
	t->fd = open_as(t->path, &t->place);
	if (t->fd < 0)
		t->fd = find_renamed(t);
	/* Gone for good: the file that has the name now is all there is. */
	return t->fd >= 0 || begin_file(t);
}

bool tail_can_begin(struct str path, const struct stream_place *place)
{
	struct tail *t = tail_new(path, place);
	bool can = false;

	if (t->placed) {
		t->fd = open_as(t->path, &t->place);
		if (t->fd < 0)
			t->fd = find_renamed(t);
		can = t->fd >= 0;
	}
	tail_free(t);
	return can;
}

/* What is left goes to the front. When more is read that is little, a line that is not whole; when
 * something was consumed it may be much. */
static void make_room(struct tail *t)
{
	if (t->start > 0)
		memmove(t->buffer, t->buffer + t->start, t->used);
	t->start = 0;
}

void tail_end_line(struct tail *t)
{
	make_room(t);
	if (t->used && t->used < TAIL_BUFFER && !t->ended) {
		t->buffer[t->used++] = '\n';
		t->ended = true;
	}
}

void tail_next(struct tail *t)
{
	struct stat st;

	if (t->fd >= 0 && fstat(t->fd, &st) == 0)
		t->finished = age_of(&st);
	shut(t);
	t->used = 0;
	t->ended = false;
	t->placed = false;
}

/* Whether the name belongs to another file now. */
static bool renewed(const struct tail *t)
{
	struct stat st;

	return stat(t->path, &st) == 0 && S_ISREG(st.st_mode) &&
	       ((uint64_t)st.st_ino != t->place.inode || (uint64_t)st.st_dev != t->place.device);
}

static ssize_t read_some(struct tail *t)
{
	size_t room = TAIL_BUFFER - t->used;
	ssize_t got;

	make_room(t);
	got = pread(t->fd, t->buffer + t->used, room < TAIL_READ ? room : TAIL_READ,
	    (off_t)(t->place.offset + t->used));
	if (got > 0)
		t->used += (size_t)got;
	return got;
}

static bool was_cut(struct tail *t)
{
	struct stat st;

	if (fstat(t->fd, &st) != 0)
		return false;
	t->size = (uint64_t)st.st_size;
	return t->size < t->place.offset + t->used || !head_fits(t->fd, &t->place);
}

enum tail_event tail_read(struct tail *t, struct fault *fault)
{
	ssize_t got;
	bool other;

	if (t->fd < 0 && !open_tail(t)) {
		(void)fail(fault, ERR_NOT_FOUND, "%s: %s", t->path, sys_error(errno));
		return TAIL_MISSING;
	}
	if (was_cut(t)) {
		t->place.offset = 0;
		t->place.head_bytes = 0;
		t->used = 0;
		return TAIL_CUT;
	}
	learn_head(t);
	/* Asked before reading: who opened a new file has finished with the old one. */
	other = renewed(t);
	got = read_some(t);
	if (got > 0)
		return TAIL_MORE;
	if (got < 0) {
		(void)fail(fault, ERR_IO, "%s: %s", t->path, sys_error(errno));
		return TAIL_MISSING;
	}
	return other ? TAIL_RENEWED : TAIL_WAIT;
}
