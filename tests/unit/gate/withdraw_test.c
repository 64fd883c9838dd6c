/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "gate/feed.h"
#include "gate/read.h"

static const char PATTERN[] = "[domain-name:value = 'gone.evil.example']";

static void figures_of(const struct gate_ask *ask, uint64_t *objects, uint64_t *members)
{
	struct gate_figures f;

	assert_int_equal(gate_figures(ask, &f, NULL), OK);
	*objects = f.objects;
	assert_int_equal(gate_feed_count(ask, 1, members, NULL), OK);
}

/* G11: nobody who reads is shown what was withdrawn, nor counted it. */
static void what_was_withdrawn_is_not_there_for_any_reader(void **state)
{
	struct world w;
	struct gate *gate;
	struct reader reader = gate_local_reader();
	struct gate_ask ask = {.reader = &reader, .outlet = OUTLET_API};
	struct gate_object object;
	struct gate_search found;
	struct gate_query query = {.limit = 10, .text = S("gone.evil.example")};
	char text[WORLD_TEXT], path[128], id[64];
	uint64_t objects, members;

	(void)state;
	world_make(&w);
	for (unsigned n = 1; n < 4; n++) {
		world_indicator(text, n, 0, PATTERN, "storm");
		(void)world_add(&w, text, TLP_CLEAR);
	}
	world_follow(&w);
	WORLD_OK(&w, gate_open(&gate, str_c(w.dir), &w.env, &w.fault));
	ask.gate = gate;
	ask.arena = arena_new((size_t)64 << 20);
	figures_of(&ask, &objects, &members);
	assert_int_equal(objects, 3);
	assert_int_equal(members, 3);

	(void)snprintf(id, sizeof(id), "%.*s", STR_ARG(store_id(w.store, 1)));
	(void)snprintf(path, sizeof(path), STORE_WITHDRAW "%s", id);
	world_decide(&w, path, "{}");
	world_follow(&w);
	figures_of(&ask, &objects, &members);
	assert_int_equal(objects, 2);
	assert_int_equal(members, 2);
	assert_int_equal(gate_get(&ask, str_c(id), GATE_NEWEST, &object, NULL), ERR_NOT_FOUND);
	WORLD_OK(&w, gate_search(&ask, &query, &found, &w.fault));
	assert_int_equal(found.count, 2);

	/* A newer version does not bring it back. */
	world_indicator(text, 2, 5, PATTERN, "storm again");
	(void)world_add(&w, text, TLP_CLEAR);
	world_follow(&w);
	figures_of(&ask, &objects, &members);
	assert_int_equal(objects, 2);
	assert_int_equal(gate_get(&ask, str_c(id), GATE_NEWEST, &object, NULL), ERR_NOT_FOUND);
	arena_free(ask.arena);
	gate_close(gate);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_withdrawn_is_not_there_for_any_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
