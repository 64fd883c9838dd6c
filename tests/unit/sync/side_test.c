/* SPDX-License-Identifier: Apache-2.0 */
/* One side against a peer that does what it likes. What two honest ones do is simulate_test.c. */
#include "test.h"

#include <string.h>

#include "sync/range.h"
#include "sync/side.h"

static bool root_of(void *ctx, uint64_t size, struct sha256 *out)
{
	const uint64_t *feed = ctx;

	if (size > *feed)
		return false;
	*out = sha256((struct str){(const char *)&size, sizeof(size)});
	return true;
}

struct world {
	uint64_t feed;
	struct sync_side *side;
	struct buf body;
	usec now;
};

static void set_up(struct world *w, uint64_t feed, uint64_t held)
{
	*w = (struct world){.feed = feed, .now = 1000};
	buf_init(&w->body, SYNC_BODY_MAX);
	w->side = sync_side_new(&(struct sync_options){
	    .identity = S("identity--1"),
	    .root = root_of,
	    .ctx = &w->feed,
	    .feed = feed,
	    .settled = true,
	    .held = held,
	    .retry = 1000,
	});
}

static void tear_down(struct world *w)
{
	sync_side_free(w->side);
	buf_free(&w->body);
}

static void say(struct world *w, struct sync_message m)
{
	buf_reset(&w->body);
	sync_message_put(&w->body, &m);
	sync_heard(w->side, m.type, buf_str(&w->body), w->now);
}

static struct sync_command expect(struct world *w, enum sync_do what)
{
	struct sync_command c = {.what = SYNC_DO_SEND};

	assert_true(sync_next(w->side, w->now, &c));
	assert_int_equal(c.what, what);
	return c;
}

static struct sync_command expect_message(struct world *w, enum sync_type type)
{
	struct sync_command c = expect(w, SYNC_DO_SEND);

	assert_int_equal(c.message.type, type);
	return c;
}

static void expect_nothing(struct world *w)
{
	struct sync_command c;

	assert_false(sync_next(w->side, w->now, &c));
}

static void hello(struct world *w, uint64_t size)
{
	struct sync_message m = {
	    .type = SYNC_HELLO, .version = SYNC_VERSION, .text = S("identity--2"), .size = size};

	(void)root_of(&(uint64_t){UINT64_MAX}, size, &m.root);
	say(w, m);
}

static void range(struct world *w, uint64_t from, uint32_t count)
{
	say(w,
	    (struct sync_message){
	        .type = SYNC_RANGE, .from = from, .count = count, .packed = S("x"), .unpacked = 1});
}

static void who_has_all_is_told_so_and_gets_nothing(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 7, 0);
	(void)expect_message(&w, SYNC_HELLO);
	hello(&w, 7);
	assert_int_equal(expect_message(&w, SYNC_SAME).message.size, 7);
	expect_nothing(&w);
	tear_down(&w);
}

static void no_more_than_four_ranges_are_on_the_way(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 100, 0);
	(void)expect_message(&w, SYNC_HELLO);
	hello(&w, 0);
	for (int i = 0; i < SYNC_FLIGHT_MAX; i++) {
		assert_int_equal(expect(&w, SYNC_DO_MAKE).from, i * 10);
		expect_nothing(&w);
		assert_true(sync_made(w.side, 10, w.now));
	}
	expect_nothing(&w);
	/* Unanswered, they are sent again from what is known to be there. */
	w.now += 10000;
	sync_tick(w.side, w.now);
	(void)expect_message(&w, SYNC_HELLO);
	assert_int_equal(expect(&w, SYNC_DO_MAKE).from, 0);
	tear_down(&w);
}

static void a_flood_of_ranges_takes_bounded_room(void **state)
{
	struct world w;
	struct sync_command c;

	(void)state;
	set_up(&w, 0, 0);
	for (uint64_t i = 0; i < 100; i++)
		range(&w, i, 1);
	c = expect(&w, SYNC_DO_TAKE);
	assert_int_equal(c.message.from, 0);
	for (uint64_t i = 1; i < SYNC_FLIGHT_MAX; i++) {
		sync_took(w.side, &(struct sync_took){.size = i}, w.now);
		assert_int_equal(expect(&w, SYNC_DO_TAKE).message.from, i);
	}
	sync_took(w.side, &(struct sync_took){.size = SYNC_FLIGHT_MAX}, w.now);
	assert_int_equal(expect_message(&w, SYNC_TAKEN).message.size, SYNC_FLIGHT_MAX);
	tear_down(&w);
}

/* G9: a peer whose feed does not begin with what it was seen to hold is answered with a head, and
 * who gets one has it judged; proof ends the exchange, and both sides are told why. */
static void a_feed_that_does_not_continue_is_judged_by_its_head(void **state)
{
	struct world w;
	struct sync_status status;

	(void)state;
	set_up(&w, 5, 0);
	(void)expect_message(&w, SYNC_HELLO);
	hello(&w, 9);
	assert_int_equal(expect(&w, SYNC_DO_HEAD).from, 5);
	say(&w, (struct sync_message){.type = SYNC_HEAD, .text = S("note")});
	assert_true(str_eq(expect(&w, SYNC_DO_JUDGE).message.text, S("note")));
	sync_judged(w.side, SYNC_REASON_EQUIVOCATES, S("two heads of 9"), w.now);
	assert_int_equal(expect_message(&w, SYNC_STOP).message.reason, SYNC_REASON_EQUIVOCATES);
	hello(&w, 0);
	expect_nothing(&w);
	sync_status(w.side, &status);
	assert_true(status.stopped);
	assert_string_equal(status.text, "two heads of 9");
	tear_down(&w);
}

/* G9: of as many entries as they hold, so that theirs and ours are two heads of one size. */
static void what_they_hold_is_denied_by_a_head_of_its_size(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 9, 0);
	(void)expect_message(&w, SYNC_HELLO);
	say(&w, (struct sync_message){.type = SYNC_HELLO,
	            .version = SYNC_VERSION,
	            .text = S("them"),
	            .size = 4,
	            .root = sha256(S("other"))});
	assert_int_equal(expect(&w, SYNC_DO_HEAD).from, 4);
	expect_nothing(&w);
	tear_down(&w);
}

/* While the view of our feed is made anew it is shorter than it was: that is no story. */
static void a_feed_that_is_not_whole_yet_is_waited_for(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 9, 0);
	(void)expect_message(&w, SYNC_HELLO);
	sync_grown(w.side, 2, false);
	w.feed = 2;
	hello(&w, 9);
	expect_nothing(&w);
	w.feed = 9;
	sync_grown(w.side, 9, true);
	(void)expect_message(&w, SYNC_SAME);
	tear_down(&w);
}

static void a_receipt_over_another_feed_is_not_kept(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 10, 0);
	(void)expect_message(&w, SYNC_HELLO);
	hello(&w, 0);
	(void)expect(&w, SYNC_DO_MAKE);
	assert_true(sync_made(w.side, 10, w.now));
	say(&w, (struct sync_message){
	            .type = SYNC_TAKEN, .size = 10, .root = sha256(S("other")), .text = S("note")});
	(void)expect(&w, SYNC_DO_HEAD);
	expect_nothing(&w);
	tear_down(&w);
}

static void what_cannot_be_ends_the_exchange(void **state)
{
	static const struct {
		unsigned type;
		struct str body;
	} BAD[] = {
	    {0, S("")},
	    {7, S("")},
	    {SYNC_HELLO, S("")},
	    {SYNC_SAME, S("short")},
	    {SYNC_TAKEN, S("")},
	    {SYNC_RANGE, S("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct world w;

		set_up(&w, 0, 0);
		sync_heard(w.side, BAD[i].type, BAD[i].body, w.now);
		assert_int_equal(
		    expect_message(&w, SYNC_STOP).message.reason, SYNC_REASON_MALFORMED);
		expect_nothing(&w);
		tear_down(&w);
	}
}

static void what_failed_for_now_is_asked_for_again(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 0, 0);
	(void)expect_message(&w, SYNC_HELLO);
	range(&w, 0, 3);
	(void)expect(&w, SYNC_DO_TAKE);
	sync_took(w.side, &(struct sync_took){.status = ERR_FULL}, w.now);
	expect_nothing(&w);
	w.now = sync_deadline(w.side);
	sync_tick(w.side, w.now);
	assert_int_equal(expect_message(&w, SYNC_HELLO).message.size, 0);
	tear_down(&w);
}

/* G23: who cannot make ranges for now (its core is away) does not try without end. */
static void what_could_not_be_made_waits_though_others_are_on_the_way(void **state)
{
	struct world w;

	(void)state;
	set_up(&w, 100, 0);
	(void)expect_message(&w, SYNC_HELLO);
	hello(&w, 0);
	(void)expect(&w, SYNC_DO_MAKE);
	assert_true(sync_made(w.side, 10, w.now));
	assert_int_equal(expect(&w, SYNC_DO_MAKE).from, 10);
	assert_false(sync_made(w.side, 0, w.now));
	expect_nothing(&w);
	/* What was on the way arrives: there is something new to hope for. */
	hello(&w, 10);
	assert_int_equal(expect(&w, SYNC_DO_MAKE).from, 10);
	assert_false(sync_made(w.side, 0, w.now));
	expect_nothing(&w);
	w.now += 10000;
	sync_tick(w.side, w.now);
	(void)expect_message(&w, SYNC_HELLO);
	assert_int_equal(expect(&w, SYNC_DO_MAKE).from, 10);
	tear_down(&w);
}

static void a_range_holds_what_was_put_in(void **state)
{
	struct sync_maker m;
	struct sync_range r;
	struct sync_entry e = {.kind = SYNC_OBJECT, .envelope = S("env"), .content = S("{}")};
	struct buf out;
	struct str seal;
	unsigned n = 0;

	(void)state;
	sync_maker_init(&m);
	buf_init(&out, SYNC_UNPACKED_MAX);
	sync_maker_seal(&m, S("seal"));
	while (sync_maker_add(&m, &e))
		n++;
	assert_int_equal(n, SYNC_ENTRIES_MAX);
	sync_maker_put(&m, S("head"), &out);
	assert_int_equal(sync_range_open(&r, buf_str(&out), n, NULL), OK);
	assert_true(str_eq(r.head, S("head")));
	assert_int_equal(sync_range_seal(&r, &seal, NULL), OK);
	assert_true(str_eq(seal, S("seal")));
	assert_int_equal(sync_range_seal(&r, &seal, NULL), ERR_NOT_FOUND);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(sync_range_entry(&r, &e, NULL), OK);
		assert_true(str_eq(e.envelope, S("env")) && str_eq(e.content, S("{}")));
	}
	assert_int_equal(sync_range_entry(&r, &e, NULL), ERR_NOT_FOUND);
	buf_free(&out);
	sync_maker_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_has_all_is_told_so_and_gets_nothing),
	    cmocka_unit_test(no_more_than_four_ranges_are_on_the_way),
	    cmocka_unit_test(a_flood_of_ranges_takes_bounded_room),
	    cmocka_unit_test(a_feed_that_does_not_continue_is_judged_by_its_head),
	    cmocka_unit_test(what_they_hold_is_denied_by_a_head_of_its_size),
	    cmocka_unit_test(a_feed_that_is_not_whole_yet_is_waited_for),
	    cmocka_unit_test(a_receipt_over_another_feed_is_not_kept),
	    cmocka_unit_test(what_cannot_be_ends_the_exchange),
	    cmocka_unit_test(what_failed_for_now_is_asked_for_again),
	    cmocka_unit_test(what_could_not_be_made_waits_though_others_are_on_the_way),
	    cmocka_unit_test(a_range_holds_what_was_put_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
