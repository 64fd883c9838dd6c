/* SPDX-License-Identifier: Apache-2.0 */
/* A hunt backwards for a pattern, in pieces. */
#include "world.h"

#include "history/store.h"
#include "history/table.h"
#include "intake/hunt/sweep.h"
#include "stix/type.h"

#define INDICATOR "indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5dff"
#define IDENTITY "identity--3f7a1a9e-6b0f-4c3e-9a58-7a4f0f3d2b10"

enum { NAMES = 2000, EVERY = 100, MANY = 100 };

struct scene {
	struct world w;
	struct command_ctx ctx;
	struct before before;
	struct history_reader *history;
	struct log log;
	usec known;
};

static void see(struct scene *s, struct history_table *t, const char *name)
{
	const struct term term = {.kind = TERM_DOMAIN, .value = str_c(name)};

	assert_true(history_see(t, &term, NULL, s->known - 3600 * USEC_PER_SEC));
	assert_true(history_see(t, &term, NULL, s->known + 3600 * USEC_PER_SEC));
}

/* Names of which each EVERYth is evil, seen before and after the indicator was known. */
static void make(struct scene *s)
{
	struct history_table *t = history_table_new(1);
	struct history_store *h;
	struct buf run;
	char text[128];

	*s = (struct scene){.known = INT64_C(1750000000) / 3600 * 3600 * USEC_PER_SEC};
	world_make(&s->w);
	s->w.clock = s->known + 7200 * USEC_PER_SEC;
	world_decide(&s->w, "source/sensor", "{\"number\":1,\"label\":\"TLP:GREEN\"}");
	world_follow(&s->w);
	for (unsigned i = 0; i < NAMES; i++) {
		(void)snprintf(text, sizeof(text), "%s%u.example", i % EVERY ? "good" : "evil", i);
		see(s, t, text);
	}
	buf_init(&run, HISTORY_RUN_MAX);
	assert_int_equal(history_table_run(t, &run), OK);
	(void)snprintf(text, sizeof(text), "%s/history", s->w.dir);
	WORLD_OK(&s->w, history_open(&h, str_c(text), &s->w.fault));
	WORLD_OK(
	    &s->w, history_adopt(h, buf_str(&run), S("sensor"), S("1"), s->w.clock, &s->w.fault));
	history_close(h);
	buf_free(&run);
	history_table_free(t);
	WORLD_OK(&s->w, history_reader_open(&s->history, str_c(text), &s->w.fault));
	s->ctx =
	    (struct command_ctx){.store = s->w.store, .env = &s->w.env, .identity = S(IDENTITY)};
	s->before = (struct before){.ctx = &s->ctx,
	    .arena = arena_new(1 << 20),
	    .history = s->history,
	    .indicator = S(INDICATOR),
	    .label = {.tlp = TLP_GREEN},
	    .known = s->known};
	buf_init(&s->before.json, 1 << 20);
}

static void end(struct scene *s)
{
	history_reader_close(s->history);
	buf_free(&s->before.json);
	arena_free(s->before.arena);
	world_end(&s->w);
}

static unsigned told(struct scene *s)
{
	unsigned n = 0;

	world_commit(&s->w);
	for (uint64_t i = 0; i < store_size(s->w.store); i++)
		n += store_row(s->w.store, i)->kind == RECORD_OBJECT &&
		     store_row(s->w.store, i)->tag == STIX_TYPE_SIGHTING;
	return n;
}

/* How many pieces it took when none may take any time. */
static unsigned go_through(struct scene *s, struct sweeps *sweeps, const char *pattern)
{
	struct sweep_piece piece = {
	    .before = &s->before, .history = s->history, .pattern = str_c(pattern)};
	unsigned pieces = 0;

	while (!piece.done) {
		WORLD_OK(&s->w, sweeps_go_on(sweeps, &piece, &s->w.fault));
		assert_true(++pieces < NAMES);
	}
	sweeps_drop(sweeps);
	return pieces;
}

/* D-50: piece by piece every value is asked once, and each sighting is told once. */
static void a_pattern_is_hunted_in_pieces(void **state)
{
	static const char *const LIKE = "[domain-name:value LIKE 'evil%']";
	struct sweeps *sweeps;
	struct scene s;

	(void)state;
	make(&s);
	sweeps = sweeps_new(&s.log);
	assert_null(sweeps_first(sweeps));
	assert_true(sweeps_add(sweeps, 7, s.known));
	assert_int_equal(sweeps_first(sweeps)->seq, 7);
	assert_in_range(go_through(&s, sweeps, LIKE), 10, NAMES / 32);
	assert_null(sweeps_first(sweeps));
	assert_int_equal(told(&s), NAMES / EVERY);
	/* Again, as after a restart. */
	assert_true(sweeps_add(sweeps, 7, s.known));
	(void)go_through(&s, sweeps, LIKE);
	assert_int_equal(told(&s), NAMES / EVERY);
	/* What matches too much is broken off. */
	s.before.indicator = S("indicator--5ee60e4b-24f9-4d8d-9ab8-2f4a6a7a5d00");
	assert_true(sweeps_add(sweeps, 8, s.known));
	(void)go_through(&s, sweeps, "[domain-name:value LIKE '%']");
	assert_int_equal(told(&s), NAMES / EVERY + MANY);
	sweeps_free(sweeps);
	end(&s);
}

static void what_is_more_than_values_of_one_kind_is_refused_with_the_reason(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(sweeps_takes(S("[domain-name:value LIKE 'a%' AND domain-name:value != "
	                                "'ab']"),
	                     &fault),
	    OK);
	assert_int_equal(
	    sweeps_takes(S("[network-traffic:dst_port = 443]"), &fault), ERR_UNSUPPORTED);
	assert_non_null(strstr(fault.text, "not whole events"));
	assert_int_equal(sweeps_takes(S("[domain-name:value = 'a.example'] FOLLOWEDBY "
	                                "[domain-name:value = 'b.example']"),
	                     &fault),
	    ERR_UNSUPPORTED);
	assert_non_null(strstr(fault.text, "several observations"));
}

static void those_that_wait_are_kept_and_bounded(void **state)
{
	struct log log = {0};
	struct sweeps *a = sweeps_new(&log), *b = sweeps_new(&log);
	struct arena *arena = arena_new(1 << 20);
	struct json_writer w;
	struct buf json;
	yyjson_val *root;
	uint64_t n = 0;

	(void)state;
	while (n < 100000 && sweeps_add(a, n, (usec)(1000 + n)))
		n++;
	assert_int_equal(n, 1000);
	assert_true(sweeps_add(a, 5, 1005));
	buf_init(&json, 1 << 20);
	w = json_writer(&json);
	json_object(&w, NULL);
	sweeps_put(a, &w, "patterns");
	json_end_object(&w);
	assert_int_equal(json_parse(&root, arena, buf_str(&json), &JSON_LIMITS_OBJECT, NULL), OK);
	sweeps_get(b, yyjson_obj_get(root, "patterns"));
	for (n = 0; sweeps_first(b); n++, sweeps_drop(b)) {
		assert_int_equal(sweeps_first(b)->seq, n);
		assert_int_equal(sweeps_first(b)->known, 1000 + n);
	}
	assert_int_equal(n, 1000);
	sweeps_free(a);
	sweeps_free(b);
	buf_free(&json);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pattern_is_hunted_in_pieces),
	    cmocka_unit_test(what_is_more_than_values_of_one_kind_is_refused_with_the_reason),
	    cmocka_unit_test(those_that_wait_are_kept_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
