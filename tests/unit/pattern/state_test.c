/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "pattern/state.h"
#include "pattern_case.h"

static int earlier(const void *a, const void *b)
{
	const struct slow_observed *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* What the slow evaluator says of those that were fed, are in the window, and are not used up. */
struct model {
	bool here[SLOW_OBSERVED];
	usec window;
};

static bool expected(struct model *m, const struct kase *k, int at)
{
	struct slow_observed alive[SLOW_OBSERVED];
	int n = 0;

	m->here[at] = true;
	for (int i = 0; i <= at; i++) {
		m->here[i] = m->here[i] && k->observed[i].last >= k->observed[at].first - m->window;
		if (m->here[i])
			alive[n++] = k->observed[i];
	}
	return slow_match(&k->ways, alive, n);
}

static void check_stream(struct kase *k, usec window, uint64_t number, uint64_t *matches)
{
	const struct pattern_limits limits = {
	    .items = SLOW_OBSERVED, .window = window, .work = PATTERN_WORK_MAX};
	struct pattern_state *s = pattern_state_new(k->program, &limits);
	struct model m = {.window = window};

	for (int i = 0; i < k->count; i++) {
		bool want = expected(&m, k, i);
		struct pattern_hit hit;

		assert_int_equal(pattern_feed(&hit, s, arena, &k->items[i], (uint64_t)i,
		                     START + k->observed[i].first),
		    OK);
		if (hit.match != want) {
			say_case(k, number);
			print_error("at %d, window %g\n", i, (double)window / 1e6);
			assert_int_equal(hit.match, want);
		}
		for (size_t w = 0; w < hit.count; w++) {
			assert_true(m.here[hit.witnesses[w]]);
			m.here[hit.witnesses[w]] = false;
		}
		*matches += hit.match;
	}
	assert_int_equal(pattern_state_counters(s)->crowded, 0);
	pattern_state_free(s);
}

/* "State is bounded per pattern and window", and the answers are those of all observations in it.
 */
static void a_stream_gives_the_answers_of_all_that_is_in_its_window(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1d, wanted = cases(200000), matches = 0;
	static struct kase k;

	(void)state;
	buf_init(&k.text, 1 << 16);
	for (uint64_t i = 0; i < wanted;) {
		usec window = roll(&seed, 12) * SECOND;

		if (!make_case(&k, &seed))
			continue;
		qsort(k.observed, (size_t)k.count, sizeof(*k.observed), earlier);
		fill_items(&k);
		check_stream(&k, window, i, &matches);
		i++;
	}
	buf_free(&k.text);
	print_message("%llu matches\n", (unsigned long long)matches);
	assert_true(matches > wanted / 10);
}

static struct pattern_item item_at(usec t, const uint64_t *leaves)
{
	return (struct pattern_item){t, t, 1, leaves};
}

static void a_match_names_its_witnesses_and_uses_them_up(void **state)
{
	const struct pattern_limits limits = PATTERN_LIMITS;
	struct pattern_program *p =
	    compiled(S("([a:p0 = 1] FOLLOWEDBY [a:p1 = 1]) WITHIN 10 SECONDS"));
	struct pattern_state *s = pattern_state_new(p, &limits);
	const uint64_t first = 1, second = 2;
	struct pattern_item item = item_at(5 * SECOND, &first);
	struct pattern_hit hit;

	(void)state;
	assert_int_equal(pattern_feed(&hit, s, arena, &item, 70, 5 * SECOND), OK);
	assert_false(hit.match);
	item = item_at(9 * SECOND, &second);
	assert_int_equal(pattern_feed(&hit, s, arena, &item, 71, 9 * SECOND), OK);
	assert_true(hit.match);
	assert_int_equal(hit.count, 2);
	assert_int_equal(hit.witnesses[0], 70);
	assert_int_equal(hit.witnesses[1], 71);
	item = item_at(10 * SECOND, &second);
	assert_int_equal(pattern_feed(&hit, s, arena, &item, 72, 10 * SECOND), OK);
	assert_false(hit.match);
	pattern_state_free(s);
}

/* A flood of halves of a match fills its room and no more; what falls out is counted. */
static void a_flood_is_bounded_and_counted(void **state)
{
	const struct pattern_limits limits = {
	    .items = 100, .window = 3600 * USEC_PER_SEC, .work = 200000};
	struct pattern_program *p = compiled(S("[a:p0 = 1] AND [a:p1 = 1]"));
	struct arena *work = arena_new(8 << 20);
	struct pattern_state *s = pattern_state_new(p, &limits);
	const size_t bytes = pattern_state_bytes(s);
	const uint64_t first = 1;
	struct pattern_hit hit;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		struct pattern_item item = item_at((usec)i * 1000, &first);

		arena_reset(work);
		assert_int_equal(pattern_feed(&hit, s, work, &item, i, (usec)i * 1000), OK);
		assert_false(hit.match);
	}
	assert_int_equal(pattern_state_counters(s)->fed, 10000);
	assert_int_equal(pattern_state_counters(s)->crowded, 9900);
	assert_int_equal(pattern_state_bytes(s), bytes);
	assert_true(bytes < 16384);
	pattern_state_free(s);
	arena_free(work);
}

static void what_left_the_window_is_forgotten(void **state)
{
	const struct pattern_limits limits = PATTERN_LIMITS;
	struct pattern_program *p = compiled(S("([a:p0 = 1] AND [a:p1 = 1]) WITHIN 10 SECONDS"));
	struct pattern_state *s = pattern_state_new(p, &limits);
	const uint64_t first = 1, second = 2;
	struct pattern_item item = item_at(0, &first);
	struct pattern_hit hit;

	(void)state;
	assert_int_equal(pattern_feed(&hit, s, arena, &item, 1, 0), OK);
	item = item_at(10 * SECOND, &second);
	assert_int_equal(pattern_feed(&hit, s, arena, &item, 2, 10 * SECOND), OK);
	assert_false(hit.match);
	assert_int_equal(pattern_state_counters(s)->expired, 1);
	pattern_state_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        a_stream_gives_the_answers_of_all_that_is_in_its_window, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_match_names_its_witnesses_and_uses_them_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_flood_is_bounded_and_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_left_the_window_is_forgotten, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
