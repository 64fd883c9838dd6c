/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 6962 §2.1: roots, paths and their verification, and which C2SP tiles a
 * tree of a size has. Pure: what is stored where is the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "crypt/digest.h"

enum { MERKLE_PATH_MAX = 64, MERKLE_TILE = 256, MERKLE_TILE_BITS = 8 };

/* Gives the hash over the leaves [index << height, (index + 1) << height), all of which exist. */
struct merkle_source {
	struct sha256 (*subtree)(const void *ctx, unsigned height, uint64_t index);
	const void *ctx;
};

struct merkle_path {
	struct sha256 hashes[MERKLE_PATH_MAX];
	size_t count;
};

struct sha256 merkle_leaf(struct str bytes);
struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right);
struct sha256 merkle_root(const struct merkle_source *source, uint64_t size);
/* index < size */
void merkle_inclusion(
    const struct merkle_source *source, uint64_t index, uint64_t size, struct merkle_path *out);
/* old_size <= size; empty for old_size 0 and for equal sizes. */
void merkle_consistency(
    const struct merkle_source *source, uint64_t old_size, uint64_t size, struct merkle_path *out);

bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
    const struct sha256 *path, size_t count, const struct sha256 *root);
bool merkle_verify_consistency(uint64_t old_size, uint64_t size, const struct sha256 *old_root,
    const struct sha256 *root, const struct sha256 *path, size_t count);

/* The root over complete hashes that lie side by side; count is a power of two. */
struct sha256 merkle_fold(const struct sha256 *hashes, size_t count);

/* A tree that is only appended to, held in its complete subtrees. Starts as all zeros. */
struct merkle_frontier {
	struct sha256 hashes[MERKLE_PATH_MAX]; /* by height */
	uint64_t size;
};
void merkle_frontier_add(struct merkle_frontier *f, const struct sha256 *leaf);
struct sha256 merkle_frontier_root(const struct merkle_frontier *f);

/* C2SP tlog-tiles: "x001/x234/067". */
enum { MERKLE_TILE_PATH = 40 };
void merkle_tile_path(char out[MERKLE_TILE_PATH], uint64_t index);
struct merkle_tiles {
	uint64_t full;    /* tiles of 256 hashes */
	uint32_t partial; /* hashes in the tile after them, 0 if none */
};
struct merkle_tiles merkle_tiles(uint64_t size, unsigned level);
