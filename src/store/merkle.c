/* SPDX-License-Identifier: Apache-2.0 */
#include "store/merkle.h"

#include <assert.h>
#include <string.h>

struct sha256 merkle_leaf(struct str bytes)
{
	return sha256_parts((const struct str[]){{"\0", 1}, bytes}, 2);
}

struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right)
{
	char both[1 + 2 * SHA256_LEN];

	both[0] = 1;
	memcpy(both + 1, left->b, SHA256_LEN);
	memcpy(both + 1 + SHA256_LEN, right->b, SHA256_LEN);
	return sha256((struct str){both, sizeof(both)});
}

struct sha256 merkle_fold(const struct sha256 *hashes, size_t count)
{
	struct sha256 work[MERKLE_TILE / 2];

	assert(count >= 1 && count <= MERKLE_TILE && (count & (count - 1)) == 0);
	if (count == 1)
		return hashes[0];
	for (; count > 2; count /= 2, hashes = work)
		for (size_t i = 0; i < count / 2; i++)
			work[i] = merkle_node(&hashes[2 * i], &hashes[2 * i + 1]);
	return merkle_node(&hashes[0], &hashes[1]);
}

/* The root over the leaves [begin, end), where begin is a multiple of every power of two that the
 * range splits into: the complete subtrees from the right are folded together. */
static struct sha256 range_root(const struct merkle_source *source, uint64_t begin, uint64_t end)
{
	struct sha256 root = {0};
	bool have = false;

	while (end > begin) {
		unsigned height = (unsigned)__builtin_ctzll(end - begin);
		struct sha256 left = source->subtree(source->ctx, height, (end >> height) - 1);

		root = have ? merkle_node(&left, &root) : left;
		have = true;
		end -= UINT64_C(1) << height;
	}
	return root;
}

struct sha256 merkle_root(const struct merkle_source *source, uint64_t size)
{
	return size ? range_root(source, 0, size) : sha256(STR_NONE);
}

/* The largest power of two below n, n > 1. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static void reverse(struct merkle_path *path)
{
	for (size_t i = 0; i < path->count / 2; i++) {
		struct sha256 h = path->hashes[i];

		path->hashes[i] = path->hashes[path->count - 1 - i];
		path->hashes[path->count - 1 - i] = h;
	}
}

void merkle_inclusion(
    const struct merkle_source *source, uint64_t index, uint64_t size, struct merkle_path *out)
{
	uint64_t begin = 0, end = size;

	assert(index < size);
	out->count = 0;
	while (end - begin > 1) {
		uint64_t middle = begin + split(end - begin);

		if (index < middle) {
			out->hashes[out->count++] = range_root(source, middle, end);
			end = middle;
		} else {
			out->hashes[out->count++] = range_root(source, begin, middle);
			begin = middle;
		}
	}
	reverse(out);
}

void merkle_consistency(
    const struct merkle_source *source, uint64_t old_size, uint64_t size, struct merkle_path *out)
{
	uint64_t begin = 0, end = size;

	assert(old_size <= size);
	out->count = 0;
	if (old_size == 0 || old_size == size)
		return;
	while (end != old_size) {
		uint64_t middle = begin + split(end - begin);

		if (old_size <= middle) {
			out->hashes[out->count++] = range_root(source, middle, end);
			end = middle;
		} else {
			out->hashes[out->count++] = range_root(source, begin, middle);
			begin = middle;
		}
	}
	/* The verifier has the old root itself only when it is a whole left part of the tree. */
	if (begin > 0)
		out->hashes[out->count++] = range_root(source, begin, end);
	reverse(out);
}

void merkle_frontier_add(struct merkle_frontier *f, const struct sha256 *leaf)
{
	struct sha256 hash = *leaf;
	unsigned height = 0;

	for (; f->size >> height & 1; height++)
		hash = merkle_node(&f->hashes[height], &hash);
	f->hashes[height] = hash;
	f->size++;
}

struct sha256 merkle_frontier_root(const struct merkle_frontier *f)
{
	struct sha256 root = sha256(STR_NONE);
	bool have = false;

	for (unsigned height = 0; height < MERKLE_PATH_MAX; height++) {
		if (!(f->size >> height & 1))
			continue;
		root = have ? merkle_node(&f->hashes[height], &root) : f->hashes[height];
		have = true;
	}
	return root;
}

bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
    const struct sha256 *path, size_t count, const struct sha256 *root)
{
	uint64_t last = size - 1;
	struct sha256 hash = *leaf;

	if (index >= size)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (last == 0)
			return false;
		if (index & 1 || index == last) {
			hash = merkle_node(&path[i], &hash);
			while (!(index & 1) && index) {
				index >>= 1;
				last >>= 1;
			}
		} else {
			hash = merkle_node(&hash, &path[i]);
		}
		index >>= 1;
		last >>= 1;
	}
	return last == 0 && sha256_eq(&hash, root);
}

/* RFC 9162 §2.1.4.2 */
static bool verify_growth(uint64_t old_size, uint64_t size, const struct sha256 *old_root,
    const struct sha256 *root, const struct sha256 *path, size_t count)
{
	uint64_t index = old_size - 1, last = size - 1;
	bool whole = (old_size & (old_size - 1)) == 0;
	struct sha256 old_hash, hash;
	size_t at = 0;

	if (!whole && count == 0)
		return false;
	old_hash = whole ? *old_root : path[at++];
	hash = old_hash;
	while (index & 1) {
		index >>= 1;
		last >>= 1;
	}
	for (; at < count; at++) {
		if (last == 0)
			return false;
		if (index & 1 || index == last) {
			old_hash = merkle_node(&path[at], &old_hash);
			hash = merkle_node(&path[at], &hash);
			while (!(index & 1) && index) {
				index >>= 1;
				last >>= 1;
			}
		} else {
			hash = merkle_node(&hash, &path[at]);
		}
		index >>= 1;
		last >>= 1;
	}
	return last == 0 && sha256_eq(&old_hash, old_root) && sha256_eq(&hash, root);
}

bool merkle_verify_consistency(uint64_t old_size, uint64_t size, const struct sha256 *old_root,
    const struct sha256 *root, const struct sha256 *path, size_t count)
{
	struct sha256 empty = sha256(STR_NONE);

	if (old_size > size)
		return false;
	if (old_size == size)
		return count == 0 && sha256_eq(old_root, root);
	if (old_size == 0)
		return count == 0 && sha256_eq(old_root, &empty);
	return verify_growth(old_size, size, old_root, root, path, count);
}

void merkle_tile_path(char out[MERKLE_TILE_PATH], uint64_t index)
{
	char text[MERKLE_TILE_PATH];
	size_t at = sizeof(text) - 1;
	bool last = true;

	text[at] = '\0';
	do {
		unsigned part = (unsigned)(index % 1000);

		if (!last)
			text[--at] = '/';
		text[--at] = (char)('0' + part % 10);
		text[--at] = (char)('0' + part / 10 % 10);
		text[--at] = (char)('0' + part / 100);
		if (!last)
			text[--at] = 'x';
		last = false;
		index /= 1000;
	} while (index);
	memmove(out, text + at, sizeof(text) - at);
}

struct merkle_tiles merkle_tiles(uint64_t size, unsigned level)
{
	uint64_t hashes = level * MERKLE_TILE_BITS < 64 ? size >> level * MERKLE_TILE_BITS : 0;

	return (struct merkle_tiles){
	    .full = hashes / MERKLE_TILE, .partial = (uint32_t)(hashes % MERKLE_TILE)};
}
