/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a ledger: derived from the segments, rebuilt when it cannot be trusted. A row a
 * record, a hash table from ids to their newest version, the distinct labels, the tree's hashes in
 * tiles of 256, and a head with the committed counts that readers in other processes watch.
 *
 * The writer inserts before it commits; readers skip what lies at or past the committed size. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/hash.h"
#include "store/mapfile.h"
#include "store/merkle.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/env.h"

enum {
	INDEX_LEVELS = 4,  /* of tiles: 256 to the fourth is more than STORE_RECORDS_MAX */
	INDEX_LABEL = 256, /* bytes a label has in its file: length, then text */
	INDEX_IDS_LEAST = 12 /* bits of the smallest id table */,
	INDEX_IDS_MOST = 31,
	INDEX_LABELS_MAX = 65535,
};

/* What a commit made true; the writer fills the one not in use and then switches. */
struct index_commit {
	uint64_t size;
	uint64_t position; /* where the next frame goes */
	uint64_t last_frame;
	uint64_t ids_used; /* slots of the id table */
	uint32_t last_crc; /* of the last frame's records */
	uint32_t labels;
};

/* The file "head", mapped by the writer and all readers. */
struct index_head {
	char magic[16];
	char boot[SYS_BOOT];      /* the boot in which the writer opened it last */
	uint64_t device, inode;   /* of this file: a copy made beside a writer is worth nothing */
	struct hash_key key;      /* of the id table */
	_Atomic uint32_t ready;   /* built to its end */
	_Atomic uint32_t clean;   /* on disk as a whole; the writer is gone */
	_Atomic uint32_t retired; /* thrown away: open the ledger again */
	_Atomic uint32_t ids_bits;
	_Atomic uint32_t which; /* of the commits is the valid one */
	struct index_commit commits[2];
	_Atomic uint32_t labels; /* for readers, as the next */
	_Atomic uint64_t size;
	_Atomic uint64_t withdrawals; /* decisions that take objects back */
};

struct index {
	int dir_fd;
	bool write;
	const struct store_io *io;
	const struct segments *segments; /* where ids are compared */
	struct mapfile head_file, rows, labels, tiles[INDEX_LEVELS];
	struct index_head *head;
	_Atomic(_Atomic uint64_t *) ids[INDEX_IDS_MOST + 1]; /* by size; the newest is in use */
	/* The writer's. */
	uint32_t labels_used;
	uint32_t *label_table; /* text to number + 1, open addressing */
	uint64_t ids_used;
};

/* What an existing index is worth. */
enum index_trust {
	INDEX_ABSENT, /* none, half built, or another version's */
	INDEX_STALE,  /* from before a crash of the machine */
	INDEX_TRUSTED,
};

const struct index_commit *index_commit(const struct index *ix);
/* Lets readers see it. */
void index_publish(struct index *ix, const struct index_commit *commit);

/* Maps the files of the folder "index". `*trust` other than INDEX_TRUSTED: not mapped. */
MUST_USE enum err index_open(struct index *ix, int ledger_fd, bool write,
    const struct segments *segments, const struct store_io *io, enum index_trust *trust,
    struct fault *fault);
/* Retires and removes what is there and makes an empty one, not ready yet. */
MUST_USE enum err index_create(struct index *ix, int ledger_fd, const struct segments *segments,
    const struct store_io *io, const struct env *env, struct fault *fault);
/* The writer's word that the files change from now on, on disk before they do. */
MUST_USE enum err index_begin(struct index *ix, struct fault *fault);
/* The writer's word that all is on disk. */
MUST_USE enum err index_finish(struct index *ix, struct fault *fault);
void index_close(struct index *ix);

/* Room for `count` more records after the first `size`: ERR_FULL, ERR_LIMIT; nothing visible. */
MUST_USE enum err index_reserve(struct index *ix, uint64_t size, size_t count, struct fault *fault);
/* The label's number; ERR_LIMIT when there are too many distinct ones. */
MUST_USE enum err index_label(
    struct index *ix, struct str label, uint16_t *out, struct fault *fault);
/* Forgets labels numbered `count` and up. */
void index_labels_cut(struct index *ix, uint32_t count);
struct str index_label_text(const struct index *ix, uint32_t label);

static inline struct row *index_row(const struct index *ix, uint64_t seq)
{
	return (struct row *)(void *)(ix->rows.base + seq * sizeof(struct row));
}

/* The id of a row, read from its segment. */
struct str index_row_id(const struct index *ix, const struct row *row);

/* Prepares the probe of an id, so that a batch's cache misses overlap. */
uint64_t index_probe(const struct index *ix, struct str id);
/* Links row `seq`, which is filled in, below or above the other versions of its id. */
void index_insert(struct index *ix, uint64_t probe, struct str id, uint64_t seq);
/* Takes every record numbered `keep` and up out of an id's versions. */
void index_unlink(struct index *ix, struct str id, uint64_t keep);
/* The newest record of an id that is numbered below `size`, or STORE_NONE. */
uint64_t index_find(const struct index *ix, struct str id, uint64_t size);
uint64_t index_older(const struct row *row);

/* Appends leaf number `seq` and the tiles that it completes. */
void index_add_leaf(struct index *ix, uint64_t seq, const struct sha256 *leaf);
/* Over the index's tiles. */
struct merkle_source index_tree(const struct index *ix);
