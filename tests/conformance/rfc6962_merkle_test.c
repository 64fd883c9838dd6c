/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/rows.h"

#include "store/merkle.h"

enum { LEAVES_MAX = 256, LEAF_MAX = 256 };

struct leaves {
	struct sha256 hashes[LEAVES_MAX];
	size_t count;
};

static unsigned nibble(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static size_t from_hex(unsigned char *out, size_t room, yyjson_val *hex)
{
	const char *p = yyjson_get_str(hex);
	size_t n = yyjson_get_len(hex) / 2;

	assert_true(n <= room);
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)(nibble(p[2 * i]) << 4 | nibble(p[2 * i + 1]));
	return n;
}

static void read_leaves(struct leaves *l, yyjson_val *list)
{
	unsigned char bytes[LEAF_MAX];
	yyjson_val *hex;
	size_t i, max;

	l->count = 0;
	yyjson_arr_foreach(list, i, max, hex)
	{
		size_t n = from_hex(bytes, sizeof(bytes), hex);

		assert_true(l->count < LEAVES_MAX);
		l->hashes[l->count++] = merkle_leaf((struct str){(const char *)bytes, n});
	}
}

static struct sha256 subtree(const void *ctx, unsigned height, uint64_t index)
{
	const struct leaves *l = ctx;

	assert_true((index + 1) << height <= l->count);
	return merkle_fold(&l->hashes[index << height], (size_t)1 << height);
}

static void check_path(const struct merkle_path *path, yyjson_val *expect, size_t number)
{
	struct sha256 hash;
	yyjson_val *hex;
	size_t i, max;

	if (path->count != yyjson_arr_size(expect))
		ROW_FAIL(
		    "row %zu: %zu hashes, not %zu", number, path->count, yyjson_arr_size(expect));
	yyjson_arr_foreach(expect, i, max, hex)
	{
		assert_int_equal(from_hex(hash.b, sizeof(hash.b), hex), SHA256_LEN);
		if (!sha256_eq(&hash, &path->hashes[i]))
			ROW_FAIL("row %zu: hash %zu differs", number, i);
	}
}

static void check_tree(yyjson_val *row, size_t number)
{
	uint64_t size = yyjson_get_uint(yyjson_obj_get(row, "size"));
	uint64_t old = yyjson_get_uint(yyjson_obj_get(row, "old"));
	uint64_t index = yyjson_get_uint(yyjson_obj_get(row, "index"));
	yyjson_val *expect = yyjson_obj_get(row, "expect");
	struct leaves leaves;
	struct merkle_source source = {subtree, &leaves};
	struct merkle_path path;
	struct sha256 root, old_root, hash;

	read_leaves(&leaves, yyjson_obj_get(row, "leaves_hex"));
	if (row_is(row, "kind", "root")) {
		root = merkle_root(&source, leaves.count);
		assert_int_equal(from_hex(hash.b, sizeof(hash.b), expect), SHA256_LEN);
		if (!sha256_eq(&root, &hash))
			ROW_FAIL("row %zu: the root differs", number);
		return;
	}
	root = merkle_root(&source, size);
	if (row_is(row, "kind", "inclusion")) {
		merkle_inclusion(&source, index, size, &path);
		check_path(&path, expect, number);
		assert_true(merkle_verify_inclusion(
		    index, size, &leaves.hashes[index], path.hashes, path.count, &root));
		return;
	}
	merkle_consistency(&source, old, size, &path);
	check_path(&path, expect, number);
	old_root = merkle_root(&source, old);
	assert_true(
	    merkle_verify_consistency(old, size, &old_root, &root, path.hashes, path.count));
}

static void check_tiles(yyjson_val *row, size_t number)
{
	uint64_t size = yyjson_get_uint(yyjson_obj_get(row, "size"));
	yyjson_val *expect = yyjson_obj_get(row, "expect");
	yyjson_val *tile;
	size_t i, max;

	yyjson_arr_foreach(expect, i, max, tile)
	{
		unsigned level = (unsigned)yyjson_get_uint(yyjson_obj_get(tile, "level"));
		struct merkle_tiles tiles = merkle_tiles(size, level);

		if (tiles.full != yyjson_get_uint(yyjson_obj_get(tile, "full")) ||
		    tiles.partial != yyjson_get_uint(yyjson_obj_get(tile, "partial")))
			ROW_FAIL("row %zu: level %u differs", number, level);
	}
	assert_int_equal(merkle_tiles(size, (unsigned)yyjson_arr_size(expect)).full, 0);
	assert_int_equal(merkle_tiles(size, (unsigned)yyjson_arr_size(expect)).partial, 0);
}

static void check_row(yyjson_val *row, size_t number)
{
	char path[MERKLE_TILE_PATH];

	if (row_is(row, "kind", "tiles")) {
		check_tiles(row, number);
	} else if (row_is(row, "kind", "tilepath")) {
		merkle_tile_path(path, yyjson_get_uint(yyjson_obj_get(row, "index")));
		assert_true(row_is(row, "expect", path));
	} else {
		check_tree(row, number);
	}
}

static void every_row_of_rfc6962_merkle(void **state)
{
	(void)state;
	rows_walk("rfc6962_merkle", check_row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_of_rfc6962_merkle)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
