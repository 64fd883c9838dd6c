/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ids.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A word of the table: the hash's upper half, odd, above; the record's number + 1 below. No number
 * with a hash: once used, empty again. The upper bits of the hash are the place, so that a table
 * grows in one pass without looking at the ids. */

static uint64_t word_of(uint64_t probe, uint64_t seq)
{
	return probe << 32 | (seq + 1);
}

static uint64_t word_seq(uint64_t word)
{
	return (word & UINT32_MAX) - 1;
}

static bool word_is_live(uint64_t word)
{
	return (word & UINT32_MAX) != 0;
}

static uint64_t place_of(uint64_t probe, unsigned bits)
{
	return probe >> (32 - bits);
}

static void table_name(char out[16], unsigned bits)
{
	(void)snprintf(out, 16, "ids.%u", bits);
}

void ids_remove(int dir_fd, unsigned bits)
{
	char name[16];

	table_name(name, bits);
	(void)unlinkat(dir_fd, name, 0);
}

static _Atomic uint64_t *table_map(const struct index *ix, int fd, unsigned bits)
{
	size_t bytes = sizeof(uint64_t) << bits;
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size < bytes)
		return NULL;
	p = mmap(NULL, bytes, ix->write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	return p;
}

/* The table in use, mapped when it is not yet; NULL when the system refuses. Any thread. */
static _Atomic uint64_t *table(const struct index *ix, unsigned *bits)
{
	/* Mapping what is there already changes nothing that a caller could see. */
	struct index *cache = (struct index *)(uintptr_t)ix;
	_Atomic uint64_t *p, *other = NULL;
	char name[16];
	int fd;

	for (;;) {
		*bits = atomic_load_explicit(&ix->head->ids_bits, memory_order_acquire);
		if (*bits < INDEX_IDS_LEAST || *bits > INDEX_IDS_MOST)
			return NULL;
		p = atomic_load_explicit(&ix->ids[*bits], memory_order_acquire);
		if (p)
			return p;
		table_name(name, *bits);
		fd = openat(ix->dir_fd, name, (ix->write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		if (fd >= 0)
			break;
		/* Gone because the table has grown in between: look again. */
		if (errno != ENOENT ||
		    *bits == atomic_load_explicit(&ix->head->ids_bits, memory_order_acquire))
			return NULL;
	}
	p = table_map(ix, fd, *bits);
	(void)close(fd);
	if (p && !atomic_compare_exchange_strong(&cache->ids[*bits], &other, p)) {
		(void)munmap((void *)(uintptr_t)p, sizeof(uint64_t) << *bits);
		p = other;
	}
	return p;
}

enum err ids_open(struct index *ix, struct fault *fault)
{
	unsigned bits;

	if (!table(ix, &bits))
		return fail(fault, ERR_NOT_FOUND, "the index's table of ids is not there");
	ix->ids_used = index_commit(ix)->ids_used;
	return OK;
}

enum err ids_create(struct index *ix, unsigned bits, struct fault *fault)
{
	size_t bytes = sizeof(uint64_t) << bits;
	char name[16];
	int fd, rc;

	table_name(name, bits);
	fd = openat(ix->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(fault, segment_errno(), "index file %s: %m", name);
	rc = ix->io->reserve(fd, 0, (off_t)bytes);
	if (rc) {
		(void)close(fd);
		ids_remove(ix->dir_fd, bits);
		errno = rc;
		return fail(fault, segment_errno(), "no room for the index's table of ids: %m");
	}
	atomic_store(&ix->ids[bits], table_map(ix, fd, bits));
	(void)close(fd);
	if (!atomic_load(&ix->ids[bits]))
		return fail(fault, ERR_NOMEM, "the index's table of ids cannot be mapped");
	atomic_store(&ix->head->ids_bits, bits);
	return OK;
}

/* Copies the live words of the table in use into one of twice the size. */
static enum err grow(struct index *ix, struct fault *fault)
{
	unsigned bits;
	_Atomic uint64_t *from = table(ix, &bits), *to;
	uint64_t used = 0, mask;
	struct index next = {.dir_fd = ix->dir_fd, .write = true, .io = ix->io};
	struct index_head head = {0};

	if (!from || bits >= INDEX_IDS_MOST)
		return fail(fault, ERR_LIMIT, "the index's table of ids cannot grow");
	next.head = &head;
	TRY(ids_create(&next, bits + 1, fault));
	to = atomic_load(&next.ids[bits + 1]);
	mask = (UINT64_C(2) << bits) - 1;
	for (uint64_t i = 0; i < UINT64_C(1) << bits; i++) {
		uint64_t word = atomic_load_explicit(&from[i], memory_order_relaxed);
		uint64_t at = place_of(word >> 32, bits + 1);

		if (!word_is_live(word))
			continue;
		while (atomic_load_explicit(&to[at & mask], memory_order_relaxed))
			at++;
		atomic_store_explicit(&to[at & mask], word, memory_order_relaxed);
		used++;
	}
	atomic_store_explicit(&ix->ids[bits + 1], to, memory_order_release);
	atomic_store_explicit(&ix->head->ids_bits, bits + 1, memory_order_release);
	ids_remove(ix->dir_fd, bits);
	ix->ids_used = used;
	return OK;
}

enum err ids_reserve(struct index *ix, size_t count, struct fault *fault)
{
	/* At most seven tenths full. */
	while (ix->ids_used + count > (UINT64_C(7) << atomic_load(&ix->head->ids_bits)) / 10)
		TRY(grow(ix, fault));
	return OK;
}

enum err ids_sync(const struct index *ix, struct fault *fault)
{
	unsigned bits;
	_Atomic uint64_t *p = table(ix, &bits);

	if (!p || msync((void *)(uintptr_t)p, sizeof(uint64_t) << bits, MS_SYNC) != 0)
		return fail(fault, ERR_IO, "the index's table of ids cannot be put on disk: %m");
	return OK;
}

void ids_close(struct index *ix)
{
	for (unsigned bits = 0; bits <= INDEX_IDS_MOST; bits++) {
		_Atomic uint64_t *p = atomic_load(&ix->ids[bits]);

		if (p)
			(void)munmap((void *)(uintptr_t)p, sizeof(uint64_t) << bits);
		atomic_store(&ix->ids[bits], NULL);
	}
}

uint64_t index_probe(const struct index *ix, struct str id)
{
	uint64_t probe = hash_bytes(&ix->head->key, id) >> 32 | 1;
	unsigned bits;
	_Atomic uint64_t *p = table(ix, &bits);

	if (p)
		__builtin_prefetch((const void *)(uintptr_t)&p[place_of(probe, bits)]);
	return probe;
}

/* The word of an id; else the empty place where it belongs, with *found false. NULL when there is
 * no table. */
static _Atomic uint64_t *search(const struct index *ix, uint64_t probe, struct str id, bool *found)
{
	unsigned bits;
	_Atomic uint64_t *p = table(ix, &bits);
	_Atomic uint64_t *empty = NULL;
	uint64_t at = p ? place_of(probe, bits) : 0;

	*found = false;
	for (; p; at++) {
		_Atomic uint64_t *slot = &p[at & ((UINT64_C(1) << bits) - 1)];
		uint64_t word = atomic_load_explicit(slot, memory_order_acquire);

		if (!word)
			return empty ? empty : slot;
		if (!word_is_live(word)) {
			empty = empty ? empty : slot;
		} else if (word >> 32 == probe &&
		           str_eq(index_row_id(ix, index_row(ix, word_seq(word))), id)) {
			*found = true;
			return slot;
		}
	}
	return NULL;
}

uint64_t index_older(const struct row *row)
{
	return __atomic_load_n(&row->older, __ATOMIC_ACQUIRE);
}

static void set_older(struct row *row, uint64_t seq)
{
	__atomic_store_n(&row->older, seq, __ATOMIC_RELEASE);
}

void index_insert(struct index *ix, uint64_t probe, struct str id, uint64_t seq)
{
	struct row *row = index_row(ix, seq);
	bool found;
	_Atomic uint64_t *slot = search(ix, probe, id, &found);
	struct row *newer;

	assert(slot); /* the writer's table is mapped from the start */
	if (!found) {
		ix->ids_used++;
		atomic_store_explicit(slot, word_of(probe, seq), memory_order_release);
		return;
	}
	newer = index_row(ix, word_seq(atomic_load_explicit(slot, memory_order_relaxed)));
	if (row->version >= newer->version) {
		set_older(row, word_seq(atomic_load_explicit(slot, memory_order_relaxed)));
		atomic_store_explicit(slot, word_of(probe, seq), memory_order_release);
		return;
	}
	/* It came late: below the versions that are newer than it. */
	while (index_older(newer) != STORE_NONE &&
	       index_row(ix, index_older(newer))->version > row->version)
		newer = index_row(ix, index_older(newer));
	row->flags_index |= ROW_SUPERSEDED;
	set_older(row, index_older(newer));
	set_older(newer, seq);
}

void index_unlink(struct index *ix, struct str id, uint64_t keep)
{
	uint64_t probe = index_probe(ix, id);
	bool found;
	_Atomic uint64_t *slot = search(ix, probe, id, &found);
	uint64_t seq, older;

	if (!slot || !found)
		return;
	seq = word_seq(atomic_load(slot));
	while (seq != STORE_NONE && seq >= keep)
		seq = index_older(index_row(ix, seq));
	atomic_store_explicit(
	    slot, seq == STORE_NONE ? probe << 32 : word_of(probe, seq), memory_order_release);
	for (; seq != STORE_NONE; seq = older) {
		older = index_older(index_row(ix, seq));
		while (older != STORE_NONE && older >= keep)
			older = index_older(index_row(ix, older));
		set_older(index_row(ix, seq), older);
	}
}

uint64_t index_find(const struct index *ix, struct str id, uint64_t size)
{
	uint64_t probe = index_probe(ix, id);
	bool found;
	_Atomic uint64_t *slot = search(ix, probe, id, &found);
	uint64_t seq;

	if (!slot || !found)
		return STORE_NONE;
	seq = word_seq(atomic_load_explicit(slot, memory_order_acquire));
	while (seq != STORE_NONE && seq >= size)
		seq = index_older(index_row(ix, seq));
	return seq;
}
