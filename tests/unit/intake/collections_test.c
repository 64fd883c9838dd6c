/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <time.h>

#include "intake/collections.h"

enum { COLLECTIONS = 6, ALIASES = 3, STEPS = 300, ROWS = 100000, QUESTIONS = 200 };

/* What was decided last of a collection; the oracle. */
struct decided {
	bool there, can_write;
	unsigned alias, feed;
};

static void path_of(char out[64], unsigned i)
{
	(void)snprintf(out, 64, "collection/00000000-0000-4000-8000-%012u", i);
}

static void decide(struct world *w, struct decided *d, unsigned i, unsigned step)
{
	uint64_t r = next_random(&w->seed);
	char path[64], text[128];

	*d = (struct decided){r % 4 != 0, r >> 8 & 1, (unsigned)(r >> 16) % ALIASES, step + 10};
	path_of(path, i);
	if (d->there)
		(void)snprintf(text, sizeof(text),
		    "{\"feed\":%u,\"alias\":\"a%u\",\"can_write\":%s}", d->feed, d->alias,
		    d->can_write ? "true" : "false");
	else
		(void)snprintf(text, sizeof(text), "{\"removed\":true}");
	world_decide(w, path, text);
}

static void compare_id(struct collections *c, const struct decided *d, unsigned i)
{
	struct collection found;
	char path[64];
	enum err rc;

	path_of(path, i);
	rc = collections_find(c, str_from(str_c(path), 11), &found, NULL);
	assert_int_equal(rc, d->there ? OK : ERR_NOT_FOUND);
	if (rc == OK)
		assert_int_equal(found.feed, d->feed);
}

static void compare_alias(struct collections *c, const struct decided *all, unsigned alias)
{
	struct collection found;
	const struct decided *meant = NULL;
	char name[8];
	int count = 0;
	enum err rc;

	for (unsigned i = 0; i < COLLECTIONS; i++)
		if (all[i].there && all[i].alias == alias) {
			meant = &all[i];
			count++;
		}
	(void)snprintf(name, sizeof(name), "a%u", alias);
	rc = collections_find(c, str_c(name), &found, NULL);
	assert_int_equal(rc, count == 0 ? ERR_NOT_FOUND : count == 1 ? OK : ERR_CONFLICT);
	if (rc == OK) {
		assert_int_equal(found.feed, meant->feed);
		assert_int_equal(found.can_write, meant->can_write);
	}
}

static void a_name_means_the_newest_decisions_however_far_the_view_is(void **state)
{
	struct decided all[COLLECTIONS] = {{0}};
	struct collections *c = NULL;
	struct world w;

	(void)state;
	world_make(&w);
	/* Before there is a view. */
	WORLD_OK(&w, collections_open(&c, w.store, str_c(w.views), &w.fault));
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)(next_random(&w.seed) % COLLECTIONS);
		uint64_t what = next_random(&w.seed) % 8;

		decide(&w, &all[i], i, step);
		if (what == 0)
			world_follow(&w);
		else if (what < 4)
			world_commit(&w);
		compare_id(c, &all[i], i);
		compare_alias(c, all, step % ALIASES);
	}
	collections_close(c);
	world_end(&w);
}

/* What a look at each record would cost, in processor time. */
static clock_t cost_of_walks(const struct store *s, unsigned walks)
{
	clock_t begin = clock();
	uint64_t decisions = 0;

	for (unsigned n = 0; n < walks; n++)
		for (uint64_t seq = 0; seq < store_size(s); seq++)
			decisions += store_row(s, seq)->kind == RECORD_DECISION;
	assert_int_equal(decisions, walks);
	return clock() - begin;
}

static void an_alias_costs_no_walk_through_the_ledger(void **state)
{
	struct collections *c = NULL;
	struct collection found;
	struct world w;
	clock_t begin;

	(void)state;
	world_make(&w);
	world_decide(&w, "collection/00000000-0000-4000-8000-000000000001",
	    "{\"feed\":7,\"alias\":\"far\",\"can_write\":true}");
	for (unsigned n = 0; n < ROWS; n++)
		(void)world_note(&w, RECORD_MEMBER,
		    "indicator--00000000-0000-4000-8000-000000000001", NULL, 1, 1);
	world_follow(&w);
	WORLD_OK(&w, collections_open(&c, w.store, str_c(w.views), &w.fault));
	begin = clock();
	for (unsigned n = 0; n < QUESTIONS; n++) {
		WORLD_OK(&w, collections_find(c, S("far"), &found, &w.fault));
		assert_int_equal(found.feed, 7);
	}
	assert_true((clock() - begin) * 4 < cost_of_walks(w.store, QUESTIONS));
	collections_close(c);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_means_the_newest_decisions_however_far_the_view_is),
	    cmocka_unit_test(an_alias_costs_no_walk_through_the_ledger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
