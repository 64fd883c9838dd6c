/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "gate/internal.h"
#include "gate/reads.h"

struct scene {
	struct env env;
	usec clock;
	size_t wakes;
	struct gate gate;
	struct reader reader;
	struct gate_ask ask;
	struct reads *reads;
	struct buf out;
	struct str account;
};

static usec now(void *ctx)
{
	return ((struct scene *)ctx)->clock;
}

static void fill(void *ctx, void *out, size_t n)
{
	(void)ctx;
	memset(out, 7, n);
}

static void wake(void *ctx)
{
	((struct scene *)ctx)->wakes++;
}

static void make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->env = (struct env){now, fill, s};
	s->clock = INT64_C(1795835286) * USEC_PER_SEC;
	s->reader = (struct reader){.name = S("ann"), .kind = READER_ACCOUNT};
	s->ask = (struct gate_ask){.gate = &s->gate, .reader = &s->reader, .outlet = OUTLET_API};
	s->reads = reads_new(&(struct reads_options){.env = &s->env, .wake = wake, .ctx = s});
	gate_watch(&s->gate, s->reads);
	buf_init(&s->out, 4 << 20);
}

static void end(struct scene *s)
{
	reads_free(s->reads);
	buf_free(&s->out);
}

static void give(struct scene *s, size_t number, enum tlp tlp)
{
	char id[64];
	struct gate_object o = {.label = {.tlp = tlp}};

	(void)snprintf(id, sizeof(id), "indicator--%zu", number);
	o.id = str_c(id);
	gate_note(&s->ask, &o);
}

static bool take(struct scene *s)
{
	buf_reset(&s->out);
	return reads_take(s->reads, &s->account, &s->out);
}

static bool says(struct scene *s, const char *part)
{
	return str_search(buf_str(&s->out), str_c(part)) < s->out.n;
}

/* G10 */
static void red_and_classified_count_and_nothing_else(void **state)
{
	struct gate_object secret = {.id = S("report--1"), .label = {.tlp = TLP_NONE}};
	struct scene s;

	(void)state;
	make(&s);
	give(&s, 1, TLP_CLEAR);
	give(&s, 2, TLP_AMBER_STRICT);
	s.reader.kind = READER_OPERATOR;
	give(&s, 3, TLP_RED);
	s.reader.kind = READER_PEER;
	give(&s, 4, TLP_RED);
	s.reader.kind = READER_ACCOUNT;
	assert_false(reads_any(s.reads));
	assert_false(take(&s));
	give(&s, 5, TLP_RED);
	assert_int_equal(
	    clearance_parse(&secret.label.tlp, &secret.label.levels, S("TLP:CLEAR,EU:R-UE"), NULL),
	    OK);
	gate_note(&s.ask, &secret);
	assert_int_equal(s.wakes, 2);
	assert_true(take(&s));
	assert_true(str_eq(s.account, S("ann")));
	assert_true(str_eq(buf_str(&s.out),
	    S("{\"outlet\":\"api\",\"hour\":\"2026-11-28T03\",\"objects\":[\"indicator--5\","
	      "\"report--1\"],\"more\":0}")));
	reads_done(s.reads, true);
	assert_false(reads_any(s.reads));
	end(&s);
}

static void an_object_counts_once_an_hour_for_each_account(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	for (int i = 0; i < 100; i++)
		give(&s, 1, TLP_RED);
	assert_int_equal(s.wakes, 1);
	s.reader.name = S("bob");
	give(&s, 1, TLP_RED);
	s.ask.outlet = OUTLET_TAXII;
	give(&s, 2, TLP_RED);
	assert_true(take(&s));
	assert_true(str_eq(s.account, S("ann")));
	/* One at a time. */
	assert_false(reads_take(s.reads, &s.account, &s.out));
	reads_done(s.reads, true);
	assert_true(take(&s));
	assert_true(str_eq(s.account, S("bob")));
	assert_true(says(&s, "\"api\"") && says(&s, "indicator--1\""));
	assert_false(says(&s, "indicator--2"));
	reads_done(s.reads, true);
	assert_true(take(&s));
	assert_true(says(&s, "\"taxii\"") && says(&s, "indicator--2"));
	reads_done(s.reads, true);
	assert_false(take(&s));
	s.clock += 3600 * USEC_PER_SEC;
	give(&s, 1, TLP_RED);
	assert_true(take(&s));
	assert_true(says(&s, "T04"));
	end(&s);
}

static void what_could_not_be_handed_over_waits(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	give(&s, 1, TLP_RED);
	assert_true(take(&s));
	give(&s, 2, TLP_RED);
	reads_done(s.reads, false);
	assert_true(take(&s));
	assert_true(says(&s, "indicator--1") && says(&s, "indicator--2"));
	give(&s, 3, TLP_RED);
	reads_done(s.reads, true);
	assert_true(take(&s));
	assert_true(says(&s, "[\"indicator--3\"]"));
	reads_done(s.reads, true);
	assert_false(reads_any(s.reads));
	end(&s);
}

static void what_finds_no_room_is_counted(void **state)
{
	static char name[16];
	struct scene s;
	size_t calls = 0, starred = 0;

	(void)state;
	make(&s);
	for (size_t i = 0; i < READS_WAITING_MAX + 5; i++)
		give(&s, i, TLP_RED);
	/* Further accounts than there are places to count for. */
	for (size_t i = 0; i < READS_COUNTED_MAX + 20; i++) {
		(void)snprintf(name, sizeof(name), "u%zu", i);
		s.reader.name = str_c(name);
		give(&s, i, TLP_RED);
	}
	assert_true(take(&s));
	assert_true(says(&s, "\"more\":5"));
	reads_done(s.reads, false);
	assert_true(take(&s));
	assert_true(says(&s, "\"more\":5"));
	reads_done(s.reads, true);
	while (take(&s)) {
		calls++;
		starred += str_eq(s.account, S("*"));
		reads_done(s.reads, true);
	}
	assert_int_equal(starred, 1);
	assert_int_equal(calls, READS_WAITING_MAX / READS_CALL_MAX + READS_COUNTED_MAX - 1);
	assert_false(reads_any(s.reads));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(red_and_classified_count_and_nothing_else),
	    cmocka_unit_test(an_object_counts_once_an_hour_for_each_account),
	    cmocka_unit_test(what_could_not_be_handed_over_waits),
	    cmocka_unit_test(what_finds_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
