/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a ledger against RFC 6962's definition, written down as the recursion that it is. */
#include "test.h"

#include "ledger.h"
#include "store/merkle.h"

static struct sha256 oracle_root(const struct sha256 *leaves, size_t n)
{
	struct sha256 left, right;
	size_t k = 1;

	if (n == 0)
		return sha256(STR_NONE);
	if (n == 1)
		return leaves[0];
	while (k * 2 < n)
		k *= 2;
	left = oracle_root(leaves, k);
	right = oracle_root(leaves + k, n - k);
	return merkle_node(&left, &right);
}

enum { LEAVES = 70000 };

struct tree {
	struct ledger ledger;
	struct sha256 *leaves;
};

static void tree_make(struct tree *t)
{
	struct sample *s = calloc(1000, sizeof(*s));
	struct record *r = calloc(1000, sizeof(*r));
	uint64_t first;

	ledger_make(&t->ledger);
	t->leaves = calloc(LEAVES, sizeof(*t->leaves));
	for (uint64_t n = 0; n < LEAVES; n += 1000) {
		for (uint64_t i = 0; i < 1000; i++) {
			sample_make(&s[i], n + i, 1, 20);
			r[i] = s[i].record;
		}
		assert_int_equal(store_append(t->ledger.store, r, 1000, &first, NULL), OK);
	}
	ledger_commit(&t->ledger);
	for (uint64_t n = 0; n < LEAVES; n++)
		t->leaves[n] = store_leaf(t->ledger.store, n);
	free(s);
	free(r);
}

static void tree_free(struct tree *t)
{
	ledger_remove(&t->ledger);
	free(t->leaves);
}

static uint64_t size_of_round(uint64_t *seed, int round)
{
	static const uint64_t EDGES[] = {
	    0, 1, 2, 255, 256, 257, 511, 512, 65535, 65536, 65537, LEAVES};

	if ((size_t)round < sizeof(EDGES) / sizeof(EDGES[0]))
		return EDGES[round];
	return next_random(seed) % (round % 2 ? 600 : LEAVES);
}

static void roots_are_those_of_the_definition(void **state)
{
	struct tree t;
	uint64_t seed = 11;

	(void)state;
	tree_make(&t);
	for (int round = 0; round < 40; round++) {
		uint64_t size = size_of_round(&seed, round);
		struct sha256 expect = oracle_root(t.leaves, size), root;

		assert_int_equal(store_root(t.ledger.store, size, &root, NULL), OK);
		assert_memory_equal(root.b, expect.b, SHA256_LEN);
	}
	tree_free(&t);
}

static void every_proof_verifies_and_no_changed_one_does(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct tree t;
	uint64_t seed = 12;

	(void)state;
	tree_make(&t);
	for (int round = 0; round < 400; round++) {
		uint64_t size = 1 + size_of_round(&seed, round) % LEAVES;
		uint64_t index = next_random(&seed) % size;
		struct sha256 root = oracle_root(t.leaves, size);
		struct proof p;

		arena_reset(arena);
		assert_int_equal(
		    store_prove_inclusion(t.ledger.store, index, size, arena, &p, NULL), OK);
		assert_true(merkle_verify_inclusion(
		    index, size, &t.leaves[index], p.hashes, p.count, &root));
		assert_false(merkle_verify_inclusion(
		    index, size, &t.leaves[(index + 1) % LEAVES], p.hashes, p.count, &root));
		if (p.count == 0)
			continue;
		assert_false(merkle_verify_inclusion(
		    index, size, &t.leaves[index], p.hashes, p.count - 1, &root));
		p.hashes[next_random(&seed) % p.count].b[0] ^= 1;
		assert_false(merkle_verify_inclusion(
		    index, size, &t.leaves[index], p.hashes, p.count, &root));
	}
	tree_free(&t);
	arena_free(arena);
}

static void growth_is_proved_between_any_two_sizes(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct tree t;
	uint64_t seed = 13;

	(void)state;
	tree_make(&t);
	for (int round = 0; round < 200; round++) {
		uint64_t size = size_of_round(&seed, round);
		uint64_t old = size ? next_random(&seed) % (size + 1) : 0;
		struct sha256 root = oracle_root(t.leaves, size);
		struct sha256 old_root = oracle_root(t.leaves, old);
		struct proof p;

		arena_reset(arena);
		assert_int_equal(
		    store_prove_consistency(t.ledger.store, old, size, arena, &p, NULL), OK);
		assert_true(
		    merkle_verify_consistency(old, size, &old_root, &root, p.hashes, p.count));
		old_root.b[5] ^= 1;
		assert_false(
		    merkle_verify_consistency(old, size, &old_root, &root, p.hashes, p.count));
	}
	assert_int_equal(
	    store_prove_consistency(t.ledger.store, 5, 4, arena, &(struct proof){0}, NULL),
	    ERR_INVALID);
	assert_int_equal(
	    store_prove_inclusion(t.ledger.store, LEAVES, LEAVES, arena, &(struct proof){0}, NULL),
	    ERR_INVALID);
	tree_free(&t);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roots_are_those_of_the_definition),
	    cmocka_unit_test(every_proof_verifies_and_no_changed_one_does),
	    cmocka_unit_test(growth_is_proved_between_any_two_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
