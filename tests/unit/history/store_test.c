/* SPDX-License-Identifier: Apache-2.0 */
/* The writer: killed anywhere, with wrong clocks, retention, erasing, hostile runs. */
#include "seen.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "history/run.h"

enum { KILLS = 15, KILL_VALUES = 50 };

static struct term number_term(char room[TEXT], unsigned i)
{
	int n = snprintf(room, TEXT, "h%u.example", i);

	return (struct term){TERM_DOMAIN, 0, {room, (size_t)n}};
}

/* Run number n sees every value once, in its own minute. */
static void number_run(struct history_table *t, unsigned n, struct buf *out)
{
	char room[TEXT];

	for (unsigned i = 0; i < KILL_VALUES; i++) {
		struct term v = number_term(room, i);

		assert_true(history_see(t, &v, NULL, T0 + n * 60 * USEC_PER_SEC));
	}
	assert_int_equal(history_table_run(t, out), OK);
}

static unsigned place_number(const struct history_store *s)
{
	struct str place = history_place(s, S("sensor"));
	uint32_t n = 0;

	if (place.n == sizeof(n))
		memcpy(&n, place.p, sizeof(n));
	return n;
}

/* Adopts runs from where the history is, and merges, until it is killed. */
static void write_for_ever(const char *dir)
{
	struct history_table *t = history_table_new(1);
	struct history_store *s;
	struct buf run;
	bool more;

	if (history_open(&s, str_c(dir), NULL) != OK)
		_exit(1);
	buf_init(&run, HISTORY_RUN_MAX);
	for (uint32_t n = place_number(s);;) {
		buf_reset(&run);
		number_run(t, n, &run);
		n++;
		if (history_adopt(s, buf_str(&run), S("sensor"),
		        (struct str){(const char *)&n, sizeof(n)}, T0 + n * 60 * USEC_PER_SEC,
		        NULL) != OK ||
		    history_merge(s, 100, &more, NULL) != OK)
			_exit(1);
	}
}

static bool add_count(void *ctx, const struct history_entry *e)
{
	uint64_t *count = ctx;

	*count += e->count;
	return true;
}

static uint64_t count_of(struct history_reader *r, const struct term *v)
{
	uint64_t count = 0;

	assert_int_equal(
	    history_find(r, v, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, add_count, &count, NULL),
	    OK);
	return count;
}

/* D-50, P-1: whenever the writer is killed, what the place says was adopted is there exactly once,
 * and nothing else is. */
static void a_writer_that_is_killed_anywhere_lost_and_doubled_nothing(void **state)
{
	char dir[TEMP_PATH], room[TEXT];
	uint64_t random = 5;
	unsigned last = 0;

	(void)state;
	make_folder(dir, "history");
	for (unsigned i = 0; i < KILLS; i++) {
		struct history_store *s;
		struct history_reader *r;
		uint64_t until;
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			write_for_ever(dir);
		/* When it is killed is told by how far a reader sees it. */
		assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
		until = history_generation(r) + 1 + next_random(&random) % 12;
		while (history_generation(r) < until)
			assert_int_equal(history_refresh(r, NULL), OK);
		history_reader_close(r);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(history_open(&s, str_c(dir), NULL), OK);
		assert_int_equal(history_reader_open(&r, str_c(dir), NULL), OK);
		assert_true(place_number(s) >= last);
		last = place_number(s);
		for (unsigned v = 0; v < KILL_VALUES; v += 7) {
			struct term t = number_term(room, v);

			assert_int_equal(count_of(r, &t), last);
		}
		history_reader_close(r);
		history_close(s);
	}
	assert_true(last > 0);
	remove_folder(dir);
}

struct rig {
	char dir[TEMP_PATH];
	struct history_table *table;
	struct history_store *store;
	struct history_reader *reader;
	struct buf run;
};

static struct rig *rig_new(void)
{
	struct rig *g = mem_alloc(sizeof(*g));

	make_folder(g->dir, "history");
	g->table = history_table_new(9);
	assert_int_equal(history_open(&g->store, str_c(g->dir), NULL), OK);
	assert_int_equal(history_reader_open(&g->reader, str_c(g->dir), NULL), OK);
	buf_init(&g->run, HISTORY_RUN_MAX);
	return g;
}

static void rig_free(struct rig *g)
{
	buf_free(&g->run);
	history_reader_close(g->reader);
	history_close(g->store);
	history_table_free(g->table);
	remove_folder(g->dir);
	mem_free(g);
}

static void rig_adopt(struct rig *g, usec now)
{
	buf_reset(&g->run);
	assert_int_equal(history_table_run(g->table, &g->run), OK);
	assert_int_equal(
	    history_adopt(g->store, buf_str(&g->run), S("sensor"), S("x"), now, NULL), OK);
	assert_int_equal(history_refresh(g->reader, NULL), OK);
}

static void rig_merge(struct rig *g)
{
	bool more;

	do
		assert_int_equal(history_merge(g->store, 1000, &more, NULL), OK);
	while (more);
	assert_int_equal(history_refresh(g->reader, NULL), OK);
}

static bool keep_entry(void *ctx, const struct history_entry *e)
{
	*(struct history_entry *)ctx = *e;
	return true;
}

static void times_of_the_future_count_as_now_and_clocks_may_go_back(void **state)
{
	struct rig *g = rig_new();
	struct term v = {TERM_DOMAIN, 0, S("clock.example")};
	struct history_entry e = {.count = 0};

	(void)state;
	assert_true(history_see(g->table, &v, NULL, T0 + 400000 * HOUR));
	assert_true(history_see(g->table, &v, NULL, INT64_MAX));
	assert_true(history_see(g->table, &v, NULL, -5));
	assert_true(history_see(g->table, &v, NULL, T0));
	rig_adopt(g, T0 + HOUR);
	/* The node's own clock is wrong for once: what sensors say counts then. */
	assert_true(history_see(g->table, &v, NULL, T0 + HOUR));
	rig_adopt(g, 1000);
	assert_int_equal(history_find(g->reader, &v, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL,
	                     keep_entry, &e, NULL),
	    OK);
	assert_int_equal(e.count, 5);
	assert_true(e.first == 0);
	assert_true(e.last <= T0 + HOUR);
	assert_int_equal(history_counts(g->store).ahead, 2);
	rig_free(g);
}

/* US-02: what retention ended is not found any more, at once; and its bytes go. */
static void retention_ends_what_is_older_even_when_the_clock_is_wild(void **state)
{
	struct rig *g = rig_new();
	struct term v = {TERM_DOMAIN, 0, S("kept.example")};
	uint64_t bytes;

	(void)state;
	for (unsigned day = 0; day < 40; day++) {
		char room[TEXT];

		for (unsigned i = 0; i < 500; i++) {
			struct term other = number_term(room, day * 1000 + i);

			assert_true(history_see(g->table, &other, NULL, T0 + day * 24 * HOUR));
		}
		assert_true(history_see(g->table, &v, NULL, T0 + day * 24 * HOUR));
		rig_adopt(g, T0 + day * 24 * HOUR);
	}
	rig_merge(g);
	bytes = history_counts(g->store).bytes;
	assert_int_equal(count_of(g->reader, &v), 40);
	/* A clock a century ahead takes no more than one that is right. */
	assert_int_equal(history_retain(g->store, 10 * 24 * HOUR, T0 + 900000 * HOUR, NULL), OK);
	assert_int_equal(history_refresh(g->reader, NULL), OK);
	assert_int_equal(count_of(g->reader, &v), 11);
	rig_merge(g);
	assert_int_equal(count_of(g->reader, &v), 11);
	assert_true(history_counts(g->store).bytes < bytes / 2);
	assert_true(history_counts(g->store).old > 0);
	/* Nothing comes back when more is to be kept again, or older things are seen. */
	assert_int_equal(history_retain(g->store, 30 * 24 * HOUR, T0 + 39 * 24 * HOUR, NULL), OK);
	assert_true(history_see(g->table, &v, NULL, T0));
	rig_adopt(g, T0 + 39 * 24 * HOUR);
	assert_int_equal(count_of(g->reader, &v), 11);
	rig_free(g);
}

static bool no_pair(void *ctx, const struct history_pair *p)
{
	(void)p;
	*(bool *)ctx = true;
	return true;
}

/* What is about a person goes, wherever it is, and nothing else does. */
static void what_is_erased_is_nowhere_and_the_rest_is_there(void **state)
{
	struct rig *g = rig_new();
	struct term mail = {TERM_EMAIL, 0, S("ann@example.eu")};
	struct term other = {TERM_EMAIL, 0, S("bob@example.eu")};
	struct term name = {TERM_DOMAIN, 0, S("ann.example.eu")};
	struct term address = {TERM_IPV4, 32, {"\xc6\x33\x64\x07", 4}};
	const struct term gone[2] = {mail, name};
	uint64_t erased;
	bool found = false;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_true(history_see(g->table, &mail, NULL, T0 + i * HOUR));
		assert_true(history_see(g->table, &other, NULL, T0 + i * HOUR));
		assert_true(history_see_pair(g->table, &name, &address, T0 + i * HOUR));
		rig_adopt(g, T0 + i * HOUR);
	}
	assert_int_equal(history_erase(g->store, gone, 2, &erased, NULL), OK);
	assert_int_equal(erased, 20 + 2 * 20);
	assert_int_equal(history_refresh(g->reader, NULL), OK);
	assert_int_equal(count_of(g->reader, &mail), 0);
	assert_int_equal(count_of(g->reader, &other), 20);
	assert_int_equal(history_pairs(g->reader, &address, HISTORY_ALWAYS_FROM,
	                     HISTORY_ALWAYS_UNTIL, no_pair, &found, NULL),
	    OK);
	assert_false(found);
	rig_merge(g);
	assert_int_equal(count_of(g->reader, &mail), 0);
	assert_int_equal(count_of(g->reader, &other), 20);
	rig_free(g);
}

/* G12: what an indicator would have hit is known before it is armed. */
static void values_that_were_seen_often_today_are_known_as_busy(void **state)
{
	struct rig *g = rig_new();
	struct term busy = {TERM_DOMAIN, 0, S("busy.example")};
	struct term rare = {TERM_DOMAIN, 0, S("rare.example")};
	struct term past = {TERM_DOMAIN, 0, S("past.example")};
	uint64_t events = 0;
	unsigned hosts = 0;

	(void)state;
	assert_false(history_busy(g->reader, &busy, &events, &hosts));
	for (unsigned i = 0; i < 4000; i++) {
		char room[4];
		struct term host = host_term((int)(i % 100), room);
		usec when = T0 + (usec)(i % 20) * HOUR;

		assert_true(history_see(g->table, &busy, &host, when));
		assert_true(i >= 999 || history_see(g->table, &rare, &host, when));
		assert_true(history_see(g->table, &past, &host, when - 100 * HOUR));
		if (i % 1000 == 999)
			rig_adopt(g, T0 + 20 * HOUR);
	}
	assert_int_equal(history_note_busy(g->store, T0 + 20 * HOUR, NULL), OK);
	assert_int_equal(history_refresh(g->reader, NULL), OK);
	assert_true(history_busy(g->reader, &busy, &events, &hosts));
	assert_int_equal(events, 4000);
	assert_true(hosts >= 85 && hosts <= 115);
	assert_false(history_busy(g->reader, &rare, &events, &hosts));
	assert_false(history_busy(g->reader, &past, &events, &hosts));
	rig_free(g);
}

/* A role that was taken over gives core no run that does harm: each cut and each changed byte is
 * refused, or is a run all the same; the history stays whole. */
static void a_damaged_run_is_refused_and_changes_nothing(void **state)
{
	struct rig *g = rig_new();
	struct world *w;
	uint64_t random = 11;
	struct history_run run, whole;
	size_t refused = 0;

	(void)state;
	w = world_new(&random);
	for (unsigned i = 0; i < 300; i++)
		assert_true(world_see(w, g->table, 0, T0, &random));
	world_pair(w, g->table, 0, T0, &random);
	assert_int_equal(history_table_run(g->table, &g->run), OK);
	assert_int_equal(history_run_check(&whole, buf_str(&g->run), NULL), OK);
	assert_int_equal(whole.seen, 300);
	for (size_t n = 0; n < g->run.n; n++) {
		char byte = g->run.p[n];
		struct str cut = {g->run.p, n};

		if (history_run_check(&run, cut, NULL) == OK)
			assert_true(run.rows < whole.rows);
		g->run.p[n] = (char)next_random(&random);
		refused +=
		    history_adopt(g->store, buf_str(&g->run), S("bad"), STR_NONE, T0, NULL) != OK;
		g->run.p[n] = byte;
	}
	assert_true(refused > g->run.n / 4);
	rig_merge(g);
	history_close(g->store);
	assert_int_equal(history_open(&g->store, str_c(g->dir), NULL), OK);
	rig_free(g);
	mem_free(w);
}

static void there_is_one_writer_and_damage_is_told(void **state)
{
	struct rig *g = rig_new();
	struct history_store *second;
	struct fault fault;
	char path[TEMP_PATH + 32];
	FILE *f;

	(void)state;
	assert_int_equal(history_open(&second, str_c(g->dir), &fault), ERR_BUSY);
	assert_true(
	    history_see(g->table, &(struct term){TERM_URL, 0, S("http://a.example/")}, NULL, T0));
	rig_adopt(g, T0);
	history_close(g->store);
	g->store = NULL;
	(void)snprintf(path, sizeof(path), "%s/manifest", g->dir);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 20, SEEK_SET), 0);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
	assert_int_equal(history_open(&g->store, str_c(g->dir), &fault), ERR_CORRUPT);
	g->store = NULL;
	rig_free(g);
}

/* A table that is full says so before it notes anything, and goes on when it has been emptied. */
static void a_full_table_says_so_and_loses_nothing(void **state)
{
	struct rig *g = rig_new();
	uint64_t seen = 0;
	char room[TEXT];

	(void)state;
	for (unsigned i = 0; i < 1500000; i++) {
		struct term v = number_term(room, i);

		if (!history_see(g->table, &v, NULL, T0)) {
			seen += history_table_seen(g->table);
			rig_adopt(g, T0);
			assert_true(history_see(g->table, &v, NULL, T0));
		}
	}
	seen += history_table_seen(g->table);
	rig_adopt(g, T0);
	assert_int_equal(seen, 1500000);
	assert_int_equal(history_counts(g->store).seen, 1500000);
	assert_true(history_counts(g->store).runs >= 2);
	for (unsigned i = 0; i < 1500000; i += 99991) {
		struct term v = number_term(room, i);

		assert_int_equal(count_of(g->reader, &v), 1);
	}
	rig_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_writer_that_is_killed_anywhere_lost_and_doubled_nothing),
	    cmocka_unit_test(times_of_the_future_count_as_now_and_clocks_may_go_back),
	    cmocka_unit_test(retention_ends_what_is_older_even_when_the_clock_is_wild),
	    cmocka_unit_test(what_is_erased_is_nowhere_and_the_rest_is_there),
	    cmocka_unit_test(values_that_were_seen_often_today_are_known_as_busy),
	    cmocka_unit_test(a_damaged_run_is_refused_and_changes_nothing),
	    cmocka_unit_test(there_is_one_writer_and_damage_is_told),
	    cmocka_unit_test(a_full_table_says_so_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
