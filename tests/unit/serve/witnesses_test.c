/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "serve/witnesses.h"
#include "store/merkle.h"

struct memory {
	char path[64];
	struct witnesses *w;
};

static void memory_open(struct memory *m)
{
	assert_int_equal(witnesses_open(&m->w, str_c(m->path), NULL), OK);
}

static void memory_make(struct memory *m)
{
	int fd;

	(void)snprintf(m->path, sizeof(m->path), "/tmp/tocsin-witnesses-XXXXXX");
	fd = mkstemp(m->path);
	assert_true(fd >= 0);
	(void)close(fd);
	memory_open(m);
}

static void memory_end(struct memory *m)
{
	witnesses_close(m->w);
	(void)unlink(m->path);
}

/* A feed of one or two entries, whose first is `twist`. */
static enum err admit(
    struct memory *m, const char *origin, char twist, unsigned size, unsigned from)
{
	struct sha256 leaves[2] = {merkle_leaf((struct str){&twist, 1}), merkle_leaf(S("second"))};
	struct sha256 root = size == 1 ? leaves[0] : merkle_node(&leaves[0], &leaves[1]);
	struct arena *arena = arena_new(1 << 16);
	struct str text = arena_printf(arena, "%s\n%u\n%s\n", origin, size,
	    base64_encode(arena, (struct str){(const char *)root.b, SHA256_LEN}).p);
	enum err rc = witnesses_admit(m->w, text, str_c(origin),
	    &(struct witness_step){
	        .old_size = from, .proof = &leaves[1], .proof_count = from + size == 3},
	    NULL);

	arena_free(arena);
	return rc;
}

/* P6: no peer is told two stories, and what one was told says nothing about another's feed. */
static void each_feed_has_a_story_of_its_own(void **state)
{
	struct memory m;

	(void)state;
	memory_make(&m);
	assert_int_equal(admit(&m, "log/to/a", 'x', 1, 0), OK);
	assert_int_equal(admit(&m, "log/to/b", 'y', 1, 0), OK);
	assert_int_equal(admit(&m, "log/to/a", 'x', 2, 1), OK);
	assert_int_equal(admit(&m, "log/to/a", 'y', 2, 2), ERR_CONFLICT);
	/* The beginning of what was signed is signed again, for who is behind. */
	assert_int_equal(admit(&m, "log/to/a", 'x', 1, 2), OK);
	assert_int_equal(admit(&m, "log/to/a", 'y', 1, 2), ERR_CONFLICT);
	assert_int_equal(admit(&m, "log/to/a", 'x', 1, 0), ERR_BUSY);
	assert_int_equal(admit(&m, "log/to/b", 'x', 2, 1), ERR_CONFLICT);
	assert_int_equal(admit(&m, "log/to/b", 'y', 2, 0), ERR_BUSY);
	assert_int_equal(admit(&m, "log/to/b", 'y', 2, 1), OK);
	memory_end(&m);
}

static void stories_are_remembered_over_a_restart(void **state)
{
	struct memory m;
	char origin[32];

	(void)state;
	memory_make(&m);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(origin, sizeof(origin), "log/to/%d", i);
		assert_int_equal(admit(&m, origin, (char)i, 1, 0), OK);
		if (i % 2)
			assert_int_equal(admit(&m, origin, (char)i, 2, 1), OK);
	}
	witnesses_close(m.w);
	memory_open(&m);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(origin, sizeof(origin), "log/to/%d", i);
		assert_int_equal(admit(&m, origin, (char)(i + 1), 2, i % 2 ? 2 : 1), ERR_CONFLICT);
		assert_int_equal(admit(&m, origin, (char)i, 2, i % 2 ? 2 : 1), OK);
	}
	memory_end(&m);
}

static void what_is_refused_begins_no_story(void **state)
{
	struct memory m;
	struct stat st;

	(void)state;
	memory_make(&m);
	assert_int_equal(witnesses_admit(m.w, S("log/to/a\nnonsense\n"), S("log/to/a"),
	                     &(struct witness_step){.old_size = 0}, NULL),
	    ERR_INVALID);
	assert_int_equal(stat(m.path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(admit(&m, "log/to/b", 'x', 1, 0), OK);
	memory_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_feed_has_a_story_of_its_own),
	    cmocka_unit_test(stories_are_remembered_over_a_restart),
	    cmocka_unit_test(what_is_refused_begins_no_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
