/* SPDX-License-Identifier: Apache-2.0 */
/* Files, trust, labels and tiles; the table of ids is in ids.c. */
#include "store/index.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/ids.h"

enum { HEAD_BYTES = 4096, LABEL_TABLE = 1 << 17 };

static const char MAGIC[16] = "tocsin index 1\n";

static_assert(sizeof(struct row) == 64, "a row is a cache line");
static_assert(sizeof(struct index_head) <= HEAD_BYTES, "the head is a page");
static_assert((uint64_t)1 << (INDEX_LEVELS * MERKLE_TILE_BITS) > STORE_RECORDS_MAX,
    "the tiles hold every record");

static enum err open_files(struct index *ix, struct fault *fault)
{
	uint64_t hashes = STORE_RECORDS_MAX;

	TRY(mapfile_open(&ix->rows, ix->dir_fd, "rows", STORE_RECORDS_MAX * sizeof(struct row),
	    ix->write, ix->io, fault));
	TRY(mapfile_open(&ix->labels, ix->dir_fd, "labels",
	    (uint64_t)(INDEX_LABELS_MAX + 1) * INDEX_LABEL, ix->write, ix->io, fault));
	for (unsigned level = 0; level < INDEX_LEVELS; level++, hashes /= MERKLE_TILE) {
		char name[16];

		(void)snprintf(name, sizeof(name), "tiles%u", level);
		TRY(mapfile_open(&ix->tiles[level], ix->dir_fd, name,
		    (hashes + MERKLE_TILE) * SHA256_LEN, ix->write, ix->io, fault));
	}
	return OK;
}

static enum err open_head(struct index *ix, struct fault *fault)
{
	TRY(mapfile_open(&ix->head_file, ix->dir_fd, "head", HEAD_BYTES, ix->write, ix->io, fault));
	if (ix->head_file.size < HEAD_BYTES) {
		if (!ix->write)
			return fail(fault, ERR_NOT_FOUND, "index file head: cut short");
		TRY(mapfile_reserve(&ix->head_file, HEAD_BYTES, fault));
	}
	ix->head = (struct index_head *)(void *)ix->head_file.base;
	return OK;
}

/* Is it the file that a writer of this boot left, and not a copy? */
static bool is_of_this_boot(const struct index *ix)
{
	const struct index_head *head = ix->head;
	struct stat st;

	return sys_boot_is(head->boot) && fstatat(ix->dir_fd, "head", &st, 0) == 0 &&
	       head->device == (uint64_t)st.st_dev && head->inode == (uint64_t)st.st_ino;
}

static enum index_trust judge(const struct index *ix)
{
	const struct index_head *head = ix->head;

	if (memcmp(head->magic, MAGIC, sizeof(MAGIC)) != 0 ||
	    !atomic_load_explicit(&head->ready, memory_order_acquire))
		return INDEX_ABSENT;
	if (atomic_load_explicit(&head->clean, memory_order_acquire) || is_of_this_boot(ix))
		return INDEX_TRUSTED;
	return INDEX_STALE;
}

const struct index_commit *index_commit(const struct index *ix)
{
	return &ix->head->commits[atomic_load_explicit(&ix->head->which, memory_order_acquire) & 1];
}

void index_publish(struct index *ix, const struct index_commit *commit)
{
	uint32_t next = (atomic_load(&ix->head->which) & 1) ^ 1;

	ix->head->commits[next] = *commit;
	atomic_store_explicit(&ix->head->which, next, memory_order_release);
	atomic_store_explicit(&ix->head->labels, commit->labels, memory_order_release);
	atomic_store_explicit(&ix->head->size, commit->size, memory_order_release);
}

/* Are the files as long as the head says? Else touching them would kill the process. */
static bool sizes_fit(const struct index *ix)
{
	uint64_t size = atomic_load_explicit(&ix->head->size, memory_order_acquire);
	uint64_t labels = index_commit(ix)->labels;
	bool fit = size <= STORE_RECORDS_MAX && ix->rows.size >= size * sizeof(struct row) &&
	           ix->labels.size >= labels * INDEX_LABEL;

	for (unsigned level = 0; level < INDEX_LEVELS; level++)
		fit =
		    fit && ix->tiles[level].size >= (size >> level * MERKLE_TILE_BITS) * SHA256_LEN;
	return fit;
}

static enum err open_trusted(struct index *ix, enum index_trust *trust, struct fault *fault)
{
	*trust = judge(ix);
	if (*trust != INDEX_TRUSTED)
		return OK;
	TRY(open_files(ix, fault));
	TRY(ids_open(ix, fault));
	if (!sizes_fit(ix))
		*trust = INDEX_ABSENT;
	else if (ix->write)
		index_labels_cut(ix, index_commit(ix)->labels);
	return OK;
}

enum err index_open(struct index *ix, int ledger_fd, bool write, const struct segments *segments,
    const struct store_io *io, enum index_trust *trust, struct fault *fault)
{
	enum err rc;

	*trust = INDEX_ABSENT;
	*ix = (struct index){.write = write, .segments = segments, .io = io};
	ix->dir_fd = openat(ledger_fd, "index", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ix->dir_fd < 0) {
		if (errno == ENOENT)
			return OK;
		return fail(fault, ERR_IO, "the ledger's folder index: %m");
	}
	if (write && faccessat(ix->dir_fd, "head", F_OK, 0) != 0 && errno == ENOENT) {
		index_close(ix);
		return OK;
	}
	rc = open_head(ix, fault);
	if (rc == OK)
		rc = open_trusted(ix, trust, fault);
	if (rc != OK || *trust != INDEX_TRUSTED)
		index_close(ix);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static void remove_files(int dir_fd)
{
	static const char *const NAMES[] = {
	    "head", "rows", "labels", "tiles0", "tiles1", "tiles2", "tiles3"};

	static_assert(sizeof(NAMES) / sizeof(NAMES[0]) == 3 + INDEX_LEVELS, "one name a file");
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		(void)unlinkat(dir_fd, NAMES[i], 0);
	for (unsigned bits = INDEX_IDS_LEAST; bits <= INDEX_IDS_MOST; bits++)
		ids_remove(dir_fd, bits);
}

/* Tells readers that still have the old files mapped. */
static void retire(struct index *ix)
{
	struct mapfile old = {.fd = -1};

	if (faccessat(ix->dir_fd, "head", F_OK, 0) != 0 ||
	    mapfile_open(&old, ix->dir_fd, "head", HEAD_BYTES, true, ix->io, NULL) != OK)
		return;
	if (old.size >= HEAD_BYTES)
		atomic_store(&((struct index_head *)(void *)old.base)->retired, 1);
	mapfile_close(&old);
}

enum err index_create(struct index *ix, int ledger_fd, const struct segments *segments,
    const struct store_io *io, const struct env *env, struct fault *fault)
{
	if (mkdirat(ledger_fd, "index", 0700) != 0 && errno != EEXIST)
		return fail(fault, segment_errno(), "the ledger's folder index: %m");
	*ix = (struct index){.write = true, .segments = segments, .io = io};
	ix->dir_fd = openat(ledger_fd, "index", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ix->dir_fd < 0)
		return fail(fault, ERR_IO, "the ledger's folder index: %m");
	retire(ix);
	remove_files(ix->dir_fd);
	TRY(open_head(ix, fault));
	memcpy(ix->head->magic, MAGIC, sizeof(MAGIC));
	env_random(env, &ix->head->key, sizeof(ix->head->key));
	TRY(open_files(ix, fault));
	return ids_create(ix, INDEX_IDS_LEAST, fault);
}

enum err index_begin(struct index *ix, struct fault *fault)
{
	struct stat st;

	if (fstatat(ix->dir_fd, "head", &st, 0) != 0)
		return fail(fault, ERR_IO, "index file head: %m");
	ix->head->device = (uint64_t)st.st_dev;
	ix->head->inode = (uint64_t)st.st_ino;
	sys_boot(ix->head->boot);
	atomic_store(&ix->head->clean, 0);
	return mapfile_sync(&ix->head_file, fault);
}

enum err index_finish(struct index *ix, struct fault *fault)
{
	TRY(mapfile_sync(&ix->rows, fault));
	TRY(mapfile_sync(&ix->labels, fault));
	for (unsigned level = 0; level < INDEX_LEVELS; level++)
		TRY(mapfile_sync(&ix->tiles[level], fault));
	TRY(ids_sync(ix, fault));
	/* The names of all of these files. */
	if (ix->io->fdatasync(ix->dir_fd) != 0)
		return fail(fault, ERR_IO, "the ledger's folder index: %m");
	atomic_store(&ix->head->clean, 1);
	return mapfile_sync(&ix->head_file, fault);
}

void index_close(struct index *ix)
{
	ids_close(ix);
	mapfile_close(&ix->head_file);
	mapfile_close(&ix->rows);
	mapfile_close(&ix->labels);
	for (unsigned level = 0; level < INDEX_LEVELS; level++)
		mapfile_close(&ix->tiles[level]);
	mem_free(ix->label_table);
	if (ix->dir_fd >= 0)
		(void)close(ix->dir_fd);
	ix->label_table = NULL;
	ix->head = NULL;
	ix->dir_fd = -1;
}

enum err index_reserve(struct index *ix, uint64_t size, size_t count, struct fault *fault)
{
	uint64_t end = size + count;

	if (end > STORE_RECORDS_MAX)
		return fail(fault, ERR_LIMIT, "the ledger has reached %" PRIu64 " records",
		    (uint64_t)STORE_RECORDS_MAX);
	TRY(mapfile_reserve(&ix->rows, end * sizeof(struct row), fault));
	TRY(mapfile_reserve(&ix->labels, (uint64_t)(ix->labels_used + 1) * INDEX_LABEL, fault));
	for (unsigned level = 0; level < INDEX_LEVELS; level++)
		TRY(mapfile_reserve(&ix->tiles[level],
		    ((end >> level * MERKLE_TILE_BITS) + 1) * SHA256_LEN, fault));
	return ids_reserve(ix, count, fault);
}

struct str index_label_text(const struct index *ix, uint32_t label)
{
	const unsigned char *p = ix->labels.base + (size_t)label * INDEX_LABEL;

	return (struct str){(const char *)p + 1, p[0]};
}

/* The place of a label in the table: its own, or the empty one where it belongs. */
static uint32_t *label_place(const struct index *ix, struct str label)
{
	uint64_t at = hash_bytes(&ix->head->key, label);

	for (;; at++) {
		uint32_t *place = &ix->label_table[at & (LABEL_TABLE - 1)];

		if (!*place || str_eq(index_label_text(ix, *place - 1), label))
			return place;
	}
}

static void fill_label_table(struct index *ix)
{
	for (uint32_t n = 0; n < ix->labels_used; n++)
		*label_place(ix, index_label_text(ix, n)) = n + 1;
}

void index_labels_cut(struct index *ix, uint32_t count)
{
	mem_free(ix->label_table);
	ix->label_table = mem_alloc(LABEL_TABLE * sizeof(*ix->label_table));
	ix->labels_used = count;
	fill_label_table(ix);
}

enum err index_label(struct index *ix, struct str label, uint16_t *out, struct fault *fault)
{
	unsigned char *p;
	uint32_t *place;

	if (!ix->label_table)
		index_labels_cut(ix, 0);
	place = label_place(ix, label);
	if (!*place) {
		if (ix->labels_used >= INDEX_LABELS_MAX)
			return fail(fault, ERR_LIMIT, "the ledger has reached %d distinct labels",
			    INDEX_LABELS_MAX);
		TRY(mapfile_reserve(
		    &ix->labels, (uint64_t)(ix->labels_used + 1) * INDEX_LABEL, fault));
		p = ix->labels.base + (size_t)ix->labels_used * INDEX_LABEL;
		p[0] = (unsigned char)label.n;
		if (label.n)
			memcpy(p + 1, label.p, label.n);
		*place = ++ix->labels_used;
	}
	*out = (uint16_t)(*place - 1);
	return OK;
}

struct str index_row_id(const struct index *ix, const struct row *row)
{
	const unsigned char *content = segments_at(ix->segments, row->at);

	if (!content)
		return STR_NONE;
	return (struct str){(const char *)content - row->id_length, row->id_length};
}

static struct sha256 *hash_at(const struct index *ix, unsigned level, uint64_t n)
{
	return (struct sha256 *)(void *)(ix->tiles[level].base + n * SHA256_LEN);
}

void index_add_leaf(struct index *ix, uint64_t seq, const struct sha256 *leaf)
{
	*hash_at(ix, 0, seq) = *leaf;
	for (unsigned level = 1; level < INDEX_LEVELS; level++) {
		if ((seq + 1) % MERKLE_TILE)
			return;
		seq /= MERKLE_TILE;
		*hash_at(ix, level, seq) =
		    merkle_fold(hash_at(ix, level - 1, seq * MERKLE_TILE), MERKLE_TILE);
	}
}

static struct sha256 subtree(const void *ctx, unsigned height, uint64_t index)
{
	const struct index *ix = ctx;
	unsigned level = height / MERKLE_TILE_BITS;
	unsigned rest = height % MERKLE_TILE_BITS;

	return merkle_fold(hash_at(ix, level, index << rest), (size_t)1 << rest);
}

struct merkle_source index_tree(const struct index *ix)
{
	return (struct merkle_source){.subtree = subtree, .ctx = ix};
}
