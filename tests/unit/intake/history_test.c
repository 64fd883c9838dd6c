/* SPDX-License-Identifier: Apache-2.0 */
/* A sensor's file through intake and core into the history, on one loop. */
#include "history/reader.h"
#include "node.h"

enum { HOURS = 3, NAMES = 8 };

/* Lets time pass until the history has so many observations; more it never has. */
static void until_seen(struct node *n, uint64_t count)
{
	for (int turn = 0; n->history_seen < count; turn++) {
		assert_true(turn < 2000);
		n->now += 6 * USEC_PER_SEC;
		for (int poll = 0; poll < 4; poll++)
			node_poll(n);
		if (n->history_seen < count)
			node_turn(n);
	}
	assert_int_equal(n->history_seen, count);
}

/* How often each name was queried in each hour. */
struct counts {
	uint64_t of[NAMES][HOURS];
};

static bool add_bins(void *ctx, const struct history_entry *e)
{
	uint64_t *hours = ctx;

	assert_true(str_eq(e->source, S("sensor")));
	for (size_t i = 0; i < e->bin_count; i++) {
		unsigned hour = (unsigned)(e->bins[i].first / (3600 * USEC_PER_SEC) % 24);

		assert_true(hour < HOURS);
		hours[hour] += e->bins[i].count;
	}
	return true;
}

static void check_counts(struct node *n, const struct counts *want)
{
	struct history_reader *r;
	struct arena *arena = arena_new(1 << 20);

	assert_int_equal(
	    history_reader_open(&r, arena_printf(arena, "%s/history", n->dir), NULL), OK);
	for (unsigned i = 0; i < NAMES; i++) {
		struct str name = arena_printf(arena, "h%u.example", i);
		const struct term term = {.kind = TERM_DOMAIN, .value = name};
		uint64_t got[HOURS] = {0};

		assert_int_equal(history_find(r, &term, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL,
		                     add_bins, got, NULL),
		    OK);
		for (unsigned h = 0; h < HOURS; h++)
			assert_int_equal(got[h], want->of[i][h]);
	}
	history_reader_close(r);
	arena_free(arena);
}

static void put_line(struct buf *b, unsigned hour, unsigned name)
{
	buf_printf(b,
	    "{\"timestamp\":\"2026-09-21T%02u:00:07+0000\",\"dns\":{\"type\":\"query\","
	    "\"rrname\":\"h%u.example\"}}\n",
	    hour, name);
}

/* US-02: the history counts every event once, whatever is rotated and whoever is killed; and the
 * sightings stay what they were. */
static void each_event_is_seen_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		uint64_t random = seed * 104729, lines = 0;
		struct counts want = {0};
		struct node n;

		node_open(&n);
		node_import(&n, "{}", S("h3.example\n"));
		node_write(&n, "w", "");
		while (node_position(&n, "inode") == 0)
			node_poll(&n);
		for (int step = 0; step < 25; step++) {
			struct buf text;

			buf_init(&text, 1 << 20);
			for (size_t i = next_random(&random) % 40; i > 0; i--, lines++) {
				unsigned hour = (unsigned)(next_random(&random) % HOURS);
				unsigned name = (unsigned)(next_random(&random) % NAMES);

				want.of[name][hour]++;
				put_line(&text, hour, name);
			}
			buf_byte(&text, '\0');
			node_write(&n, "a", text.p);
			buf_free(&text);
			for (size_t turns = next_random(&random) % 6; turns > 0; turns--) {
				n.now += (int64_t)(next_random(&random) % 8) * USEC_PER_SEC;
				node_poll(&n);
			}
			node_disturb(&n, &random, step);
		}
		/* A rotation ends with a file of that name. */
		node_write(&n, "a", "");
		until_seen(&n, lines);
		assert_int_equal(n.history_gaps, 0);
		check_counts(&n, &want);
		node_close(&n);
	}
}

static bool take_hosts(void *ctx, const struct history_entry *e)
{
	*(unsigned *)ctx = e->host_count;
	return true;
}

/* D-50: by how many hosts, also of a sensor that says one line at a time. */
static void each_event_has_its_own_host(void **state)
{
	const struct term term = {.kind = TERM_DOMAIN, .value = S("h.example")};
	struct history_reader *r;
	unsigned hosts = 0;
	char text[256];
	struct node n;

	(void)state;
	node_open(&n);
	node_write(&n, "w", "");
	for (unsigned i = 1; i <= 5; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"timestamp\":\"2026-09-21T01:00:07+0000\",\"src_ip\":\"10.0.0.%u\","
		    "\"dns\":{\"type\":\"query\",\"rrname\":\"h.example\"}}\n",
		    i);
		node_write(&n, "a", text);
		until_seen(&n, (uint64_t)2 * i);
	}
	(void)snprintf(text, sizeof(text), "%s/history", n.dir);
	assert_int_equal(history_reader_open(&r, str_c(text), NULL), OK);
	assert_int_equal(history_find(r, &term, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL,
	                     take_hosts, &hosts, NULL),
	    OK);
	assert_int_equal(hosts, 5);
	history_reader_close(r);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_event_is_seen_once),
	    cmocka_unit_test(each_event_has_its_own_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
