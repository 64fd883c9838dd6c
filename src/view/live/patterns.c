/* SPDX-License-Identifier: Apache-2.0 */
#include "view/live/patterns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "stix/object.h"
#include "sys/env.h"
#include "sys/files.h"

enum { PATH_BYTES = 4096, PARSE_MAX = 64 << 20 };

static const char MAGIC[8] = {'t', 'o', 'c', 'p', 'a', 't', 't', '2'};

struct head {
	char magic[8];
	_Atomic uint64_t replaced; /* there is a newer file */
	uint64_t count, armed;
};

struct entry {
	uint64_t seq;
	uint32_t from, until;
	uint64_t at; /* of its text, from the start of the file; its id is behind that */
	uint32_t n;  /* 0: not armed */
	uint32_t id_n;
};

struct file_map {
	struct head *head;
	const struct entry *entries;
	size_t n;
};

static enum err fail_errno(struct fault *fault, const char *path, const char *what)
{
	enum err code = file_err(errno);

	return fail(fault, code != OK ? code : ERR_IO, "%s: %s: %s", path, what, sys_error(errno));
}

static void unmap(struct file_map *m)
{
	if (m->head)
		(void)munmap(m->head, m->n);
	*m = (struct file_map){0};
}

/* Ours, but perhaps not whole. */
static bool fits(const struct file_map *m)
{
	if (m->n < sizeof(*m->head) || memcmp(m->head->magic, MAGIC, sizeof(MAGIC)) != 0 ||
	    m->head->count > (m->n - sizeof(*m->head)) / sizeof(*m->entries))
		return false;
	for (size_t i = 0; i < m->head->count; i++) {
		const struct entry *e = &m->entries[i];

		if (e->at > m->n || (uint64_t)e->n + e->id_n > m->n - e->at ||
		    (i && m->entries[i - 1].seq >= e->seq))
			return false;
	}
	return true;
}

static enum err map_file(struct file_map *out, const char *path, struct fault *fault)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int protection = PROT_READ | PROT_WRITE;
	struct file_map m = {0};
	enum err rc = OK;
	struct stat st;

	if (fd < 0 && errno != ENOENT) {
		protection = PROT_READ;
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : fail_errno(fault, path, "cannot open");
	if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(*m.head)) {
		rc = fail(fault, ERR_CORRUPT, "%s: too short", path);
	} else {
		m.n = (size_t)st.st_size;
		m.head = mmap(NULL, m.n, protection, MAP_SHARED, fd, 0);
		if (m.head == MAP_FAILED)
			rc = fail_errno(fault, path, "cannot map");
		else
			m.entries = (const struct entry *)(m.head + 1);
	}
	(void)close(fd);
	if (rc == OK && !fits(&m)) {
		unmap(&m);
		rc = fail(fault, ERR_CORRUPT, "%s: not a list of patterns", path);
	}
	if (rc == OK)
		*out = m;
	return rc;
}

/* The first that is not before it. */
static size_t place_of(const struct entry *entries, size_t count, uint64_t seq)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entries[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct live_pattern pattern_of(const struct file_map *m, const struct entry *e)
{
	struct live_pattern p = {e->seq, e->from, e->until, STR_NONE, STR_NONE};

	if (e->n && m->head) {
		p.text = (struct str){(const char *)m->head + e->at, e->n};
		p.id = (struct str){p.text.p + p.text.n, e->id_n};
	}
	return p;
}

static bool set_path(char out[PATH_BYTES], struct str dir, const char *name)
{
	int n = snprintf(out, PATH_BYTES, "%.*s/%s", STR_ARG(dir), name);

	return n > 0 && n < PATH_BYTES;
}

/* ---- the reader ---- */

struct patterns {
	char path[PATH_BYTES];
	struct file_map map;
};

enum err patterns_open(struct patterns **out, struct str dir, struct fault *fault)
{
	struct patterns *p = mem_alloc(sizeof(*p));

	if (!set_path(p->path, dir, "match/patterns")) {
		mem_free(p);
		return fail(fault, ERR_LIMIT, "a path of %zu bytes is too long", dir.n);
	}
	*out = p;
	return OK;
}

void patterns_close(struct patterns *p)
{
	if (!p)
		return;
	unmap(&p->map);
	mem_free(p);
}

bool patterns_refresh(struct patterns *p)
{
	struct file_map m = {0};

	if (p->map.head && !atomic_load(&p->map.head->replaced))
		return false;
	/* One that is being replaced right now is seen next time. */
	if (map_file(&m, p->path, NULL) != OK)
		return false;
	unmap(&p->map);
	p->map = m;
	return true;
}

size_t patterns_count(const struct patterns *p)
{
	return p->map.head ? p->map.head->count : 0;
}

struct live_pattern patterns_at(const struct patterns *p, size_t i)
{
	return pattern_of(&p->map, &p->map.entries[i]);
}

bool patterns_find(const struct patterns *p, uint64_t seq, struct live_pattern *out)
{
	size_t count = patterns_count(p), at = place_of(p->map.entries, count, seq);

	if (at == count || p->map.entries[at].seq != seq)
		return false;
	*out = patterns_at(p, at);
	return true;
}

size_t patterns_armed(const struct patterns *p)
{
	return p->map.head ? p->map.head->armed : 0;
}

/* ---- the writer ---- */

struct pattern_list {
	char path[PATH_BYTES];
	struct file_map map;   /* what was written last */
	struct entry *entries; /* by seq; at and n as in the map */
	size_t count, room;
	bool changed;
	struct arena *arena;
};

static void make_room(struct pattern_list *l)
{
	if (l->count < l->room)
		return;
	l->room = l->room ? 2 * l->room : 256;
	l->entries = mem_grow(l->entries, l->room, sizeof(*l->entries));
}

enum err pattern_list_create(struct pattern_list **out, const char *dir, struct fault *fault)
{
	struct pattern_list *l = mem_alloc(sizeof(*l));

	if (!set_path(l->path, str_c(dir), "patterns")) {
		mem_free(l);
		return fail(fault, ERR_LIMIT, "%s: the path is too long", dir);
	}
	l->arena = arena_new(PARSE_MAX);
	l->changed = true;
	*out = l;
	return OK;
}

enum err pattern_list_open(
    struct pattern_list **out, const char *dir, uint64_t cursor, struct fault *fault)
{
	struct pattern_list *l;
	enum err rc;

	TRY(pattern_list_create(&l, dir, fault));
	rc = map_file(&l->map, l->path, fault);
	for (size_t i = 0; rc == OK && i < l->map.head->count; i++) {
		make_room(l);
		if (l->map.entries[i].seq < cursor)
			l->entries[l->count++] = l->map.entries[i];
	}
	if (rc != OK) {
		pattern_list_close(l);
		return rc;
	}
	l->changed = l->count != l->map.head->count;
	*out = l;
	return OK;
}

void pattern_list_close(struct pattern_list *l)
{
	if (!l)
		return;
	unmap(&l->map);
	mem_free(l->entries);
	arena_free(l->arena);
	mem_free(l);
}

void pattern_list_add(struct pattern_list *l, uint64_t seq, uint32_t from, uint32_t until)
{
	size_t at = place_of(l->entries, l->count, seq);

	make_room(l);
	if (at == l->count || l->entries[at].seq != seq) {
		memmove(
		    l->entries + at + 1, l->entries + at, (l->count++ - at) * sizeof(*l->entries));
		l->entries[at] = (struct entry){.seq = seq};
	}
	l->entries[at].from = from;
	l->entries[at].until = until;
	l->changed = true;
}

void pattern_list_remove(struct pattern_list *l, uint64_t seq)
{
	size_t at = place_of(l->entries, l->count, seq);

	if (at == l->count || l->entries[at].seq != seq)
		return;
	memmove(l->entries + at, l->entries + at + 1, (--l->count - at) * sizeof(*l->entries));
	l->changed = true;
}

void pattern_list_end(struct pattern_list *l, uint64_t seq, uint32_t until)
{
	size_t at = place_of(l->entries, l->count, seq);

	if (at == l->count || l->entries[at].seq != seq || l->entries[at].until == until)
		return;
	l->entries[at].until = until;
	l->changed = true;
}

/* As the file has it already, else out of the ledger. */
static struct str text_of(struct pattern_list *l, const struct store *s, const struct entry *e)
{
	struct stix_object o;

	if (e->n && l->map.head)
		return (struct str){(const char *)l->map.head + e->at, e->n};
	arena_reset(l->arena);
	if (stix_object_parse(&o, l->arena, store_content(s, e->seq), NULL) != OK)
		return STR_NONE;
	return json_get_str(o.root, "pattern");
}

/* The texts of the newest, as many as there is room for, behind the entries. */
static enum err arm(struct pattern_list *l, struct entry *entries, struct buf *texts,
    const struct store *s, struct head *head)
{
	size_t start = sizeof(*head) + l->count * sizeof(*entries);

	for (size_t i = l->count; i > 0; i--) {
		struct str text = STR_NONE;

		if (head->armed < PATTERNS_ARMED_MAX)
			text = text_of(l, s, &entries[i - 1]);
		entries[i - 1].at = entries[i - 1].n = entries[i - 1].id_n = 0;
		if (text.n == 0 || text.n > PATTERNS_BYTES_MAX ||
		    texts->n + text.n + STORE_ID_MAX > PATTERNS_ALL_MAX)
			continue;
		entries[i - 1].at = start + texts->n;
		entries[i - 1].n = (uint32_t)text.n;
		buf_put(texts, text);
		text = store_id(s, entries[i - 1].seq);
		entries[i - 1].id_n = (uint32_t)text.n;
		buf_put(texts, text);
		head->armed++;
	}
	return texts->failed;
}

static enum err write_list(struct pattern_list *l, const struct store *s, struct fault *fault)
{
	struct head head = {.count = l->count};
	struct entry *entries = NULL;
	struct buf texts, file;
	struct file_map old;
	enum err rc;

	entries = mem_grow(NULL, l->count + 1, sizeof(*entries));
	if (l->count)
		memcpy(entries, l->entries, l->count * sizeof(*entries));
	memcpy(head.magic, MAGIC, sizeof(MAGIC));
	buf_init(&texts, PATTERNS_ALL_MAX);
	buf_init(&file, SIZE_MAX / 2);
	rc = arm(l, entries, &texts, s, &head);
	buf_put(&file, (struct str){(const char *)&head, sizeof(head)});
	buf_put(&file, (struct str){(const char *)entries, l->count * sizeof(*entries)});
	buf_put(&file, buf_str(&texts));
	if (rc == OK)
		rc = file.failed;
	if (rc != OK)
		(void)fail(fault, rc, "%s: no memory to write it", l->path);
	if (rc == OK)
		rc = file_write(str_c(l->path), buf_str(&file), 0600, fault);
	buf_free(&texts);
	buf_free(&file);
	old = l->map;
	if (rc == OK)
		rc = map_file(&l->map, l->path, fault);
	if (rc == OK) {
		if (l->count)
			memcpy(l->entries, entries, l->count * sizeof(*entries));
		if (old.head)
			atomic_store(&old.head->replaced, 1);
		unmap(&old);
		l->changed = false;
	}
	mem_free(entries);
	return rc;
}

enum err pattern_list_settle(struct pattern_list *l, const struct store *s,
    bool (*gone)(const struct store *s, uint64_t seq), struct fault *fault)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (!gone(s, l->entries[i].seq))
			l->entries[kept++] = l->entries[i];
	l->changed |= kept != l->count;
	l->count = kept;
	return l->changed ? write_list(l, s, fault) : OK;
}

size_t pattern_list_count(const struct pattern_list *l)
{
	return l->count;
}

struct live_pattern pattern_list_at(const struct pattern_list *l, size_t i)
{
	return pattern_of(&l->map, &l->entries[i]);
}

enum err pattern_list_drop(const char *dir, struct fault *fault)
{
	char path[PATH_BYTES];
	struct file_map m = {0};

	if (!set_path(path, str_c(dir), "patterns"))
		return fail(fault, ERR_LIMIT, "%s: the path is too long", dir);
	if (map_file(&m, path, NULL) == OK)
		atomic_store(&m.head->replaced, 1);
	unmap(&m);
	if (unlink(path) != 0 && errno != ENOENT)
		return fail_errno(fault, path, "cannot remove");
	return OK;
}
