/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "serve/witness.h"
#include "store/merkle.h"

enum { LEAVES = 40 };

/* A tree of leaves that are hashes of their number, and of a twist for another history. */
struct tree {
	struct sha256 leaves[LEAVES];
};

static struct sha256 subtree(const void *ctx, unsigned height, uint64_t index)
{
	const struct tree *t = ctx;

	return merkle_fold(t->leaves + (index << height), (size_t)1 << height);
}

static struct tree tree_of(char twist)
{
	struct tree t;

	for (size_t i = 0; i < LEAVES; i++) {
		char bytes[2] = {(char)i, twist};

		t.leaves[i] = merkle_leaf((struct str){bytes, i < 5 ? 1 : 2});
	}
	return t;
}

static enum err admit(
    struct witness *w, const struct tree *t, uint64_t from, uint64_t size, struct fault *fault)
{
	const struct merkle_source source = {.subtree = subtree, .ctx = t};
	struct sha256 root = merkle_root(&source, size);
	struct arena *arena = arena_new(1 << 16);
	struct merkle_path path = {.count = 0};
	struct str text;
	enum err rc;

	if (from <= size)
		merkle_consistency(&source, from, size, &path);
	text = arena_printf(arena, "log\n%llu\n%s\n", (unsigned long long)size,
	    base64_encode(arena, (struct str){(const char *)root.b, SHA256_LEN}).p);
	rc = witness_admit(w, text, S("log"),
	    &(struct witness_step){
	        .old_size = from, .proof = path.hashes, .proof_count = path.count},
	    fault);
	arena_free(arena);
	return rc;
}

static int open_file(void **state)
{
	char *path = test_malloc(64);
	int fd;

	(void)snprintf(path, 64, "/tmp/tocsin-witness-XXXXXX");
	fd = mkstemp(path);
	*state = path;
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	unlink(*state);
	test_free(*state);
	return 0;
}

/* Invariant 1: nobody, not this node either, rewrites what was signed. */
static void every_growth_is_admitted_and_no_other_history(void **state)
{
	struct tree honest = tree_of('a');
	struct tree other = tree_of('b');
	struct witness w;
	struct fault fault;
	uint64_t size = 0;

	assert_int_equal(witness_open(&w, str_c(*state), &fault), OK);
	for (uint64_t next = 1; next <= LEAVES; next += 1 + next / 3) {
		assert_int_equal(admit(&w, &honest, size, next, &fault), OK);
		size = next;
		if (size > 5) {
			assert_int_equal(admit(&w, &other, size, LEAVES, &fault), ERR_CONFLICT);
			assert_int_equal(
			    admit(&w, &honest, size - 1, size - 1, &fault), ERR_CONFLICT);
		}
	}
	witness_close(&w);
}

static void what_was_signed_is_remembered_over_a_restart(void **state)
{
	struct tree honest = tree_of('a');
	struct tree other = tree_of('b');
	struct witness w;
	struct fault fault;

	assert_int_equal(witness_open(&w, str_c(*state), &fault), OK);
	assert_int_equal(admit(&w, &honest, 0, 17, &fault), OK);
	witness_close(&w);
	assert_int_equal(witness_open(&w, str_c(*state), &fault), OK);
	assert_int_equal(w.size, 17);
	assert_int_equal(admit(&w, &other, 17, 20, &fault), ERR_CONFLICT);
	/* Who does not know where it left off is told. */
	assert_int_equal(admit(&w, &honest, 3, 20, &fault), ERR_BUSY);
	assert_string_equal(fault.text, "17");
	assert_int_equal(admit(&w, &honest, 17, 20, &fault), OK);
	witness_close(&w);
}

static void a_damaged_memory_is_not_taken_for_none(void **state)
{
	struct tree honest = tree_of('a');
	struct witness w;
	struct fault fault;
	int fd;

	assert_int_equal(witness_open(&w, str_c(*state), &fault), OK);
	assert_int_equal(admit(&w, &honest, 0, 9, &fault), OK);
	witness_close(&w);
	fd = open(*state, O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, 7), 1);
	close(fd);
	assert_int_equal(witness_open(&w, str_c(*state), &fault), ERR_CORRUPT);
	assert_int_equal(truncate(*state, 20), 0);
	assert_int_equal(witness_open(&w, str_c(*state), &fault), ERR_CORRUPT);
}

static void only_checkpoints_of_its_own_ledger_are_signed(void **state)
{
	static const char *const texts[] = {"", "log\n", "other\n1\nAAAA\n", "log\n1\nAAAA\n",
	    "log\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	    "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n"};
	struct witness w;
	struct fault fault;

	assert_int_equal(witness_open(&w, str_c(*state), &fault), OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(
		    witness_admit(&w, str_c(texts[i]), S("log"), &(struct witness_step){0}, &fault),
		    ERR_INVALID);
	assert_int_equal(w.size, 0);
	witness_close(&w);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(every_growth_is_admitted_and_no_other_history),
	    CASE(what_was_signed_is_remembered_over_a_restart),
	    CASE(a_damaged_memory_is_not_taken_for_none),
	    CASE(only_checkpoints_of_its_own_ledger_are_signed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
