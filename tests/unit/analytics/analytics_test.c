/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "analytics/analytics.h"
#include "analytics/domain.h"
#include "analytics/made.h"
#include "analytics/outbox.h"

#define MINUTE (60 * USEC_PER_SEC)
#define START (INT64_C(1767225600) * USEC_PER_SEC)

static struct analytics *fresh(void)
{
	return analytics_new(&ANALYTICS_DEFAULTS, &(struct hash_key){1, 2});
}

static struct analytics_event ended(unsigned char peer, usec when)
{
	return (struct analytics_event){.kind = ANALYTICS_ENDED,
	    .when = when,
	    .host = {4, {10, 0, 0, 5}},
	    .peer = {4, {203, 0, 113, peer}},
	    .port = 443,
	    .sent = 100,
	    .replies = 9};
}

/* D-49: what is regular is found although every seventh call is missing and flows are told of late;
 * one host's calls at random times never are. */
static void calls_are_regular_or_not(void **state)
{
	struct analytics *a = fresh();
	uint64_t random = 88172645463325252;
	usec when = START;

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct analytics_event e = ended(1, START + (i ^ 1) * 5 * MINUTE);

		if (i % 7 != 3)
			analytics_see(a, &e);
	}
	assert_int_equal(analytics_found(a)->list[0].detector, DETECTOR_BEACON);
	assert_int_equal(analytics_found(a)->list[0].facts[BEACON_INTERVAL], 5 * 60 * 1000);
	analytics_found(a)->count = 0;
	for (int i = 0; i < 5000; i++) {
		struct analytics_event e;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		when += (usec)(random % (20 * MINUTE));
		e = ended(2, when);
		analytics_see(a, &e);
	}
	assert_int_equal(analytics_found(a)->count, 0);
	analytics_free(a);
}

/* D-49: a destination is rare when others were learned for a week, and no more when a second host
 * talks to it; a burst is held against the host's own past. */
static void what_is_new_and_what_is_much(void **state)
{
	struct analytics_settings settings = ANALYTICS_DEFAULTS;
	struct analytics *a;
	struct analytics_event e;

	(void)state;
	settings.on[DETECTOR_BEACON] = false; /* made-up time passes too evenly */
	a = analytics_new(&settings, &(struct hash_key){1, 2});
	for (int i = 0; i < 8 * 24 * 6; i++) {
		e = ended(1, START + i * 10 * MINUTE + i * i % 300 * USEC_PER_SEC);
		e.port = (uint16_t)(i % 60 + 1);
		analytics_see(a, &e);
	}
	assert_int_equal(analytics_found(a)->count, 0);
	for (int i = 0; i < 40; i++) {
		e = ended(9, START + 9 * TOLD_DAY + i * i * 4 * USEC_PER_SEC);
		analytics_see(a, &e);
		e.peer.b[3] = 8;
		e.host.b[3] = (unsigned char)(6 + i % 2);
		analytics_see(a, &e);
	}
	assert_int_equal(analytics_found(a)->count, 1);
	assert_int_equal(analytics_found(a)->list[0].detector, DETECTOR_RARE);
	assert_int_equal(analytics_found(a)->list[0].peer.b[3], 9);
	analytics_found(a)->count = 0;
	for (int i = 0; i < 1500; i++) {
		e = ended(1, START + 10 * TOLD_DAY + i * 100);
		analytics_see(a, &e);
	}
	assert_int_equal(analytics_found(a)->count, 1);
	assert_int_equal(analytics_found(a)->list[0].detector, DETECTOR_BURST);
	analytics_free(a);
}

/* D-49: what is off is not found, although what it counts is asked for by another detector. */
static void what_is_off_finds_nothing(void **state)
{
	struct analytics_settings settings = ANALYTICS_DEFAULTS;

	(void)state;
	for (int on = 0; on < 2; on++) {
		unsigned rare = 0;
		struct analytics *a;

		settings.on[DETECTOR_RARE] = on;
		a = analytics_new(&settings, &(struct hash_key){1, 2});
		for (int i = 0; i < 8 * 24 * 6; i++) {
			struct analytics_event e = ended(1, START + i * 10 * MINUTE);

			analytics_see(a, &e);
		}
		analytics_found(a)->count = 0;
		for (int i = 0; i < 40; i++) {
			struct analytics_event e =
			    ended(9, START + 9 * TOLD_DAY + i * i * 4 * USEC_PER_SEC);

			analytics_see(a, &e);
		}
		for (size_t i = 0; i < analytics_found(a)->count; i++)
			rare += analytics_found(a)->list[i].detector == DETECTOR_RARE;
		assert_int_equal(rare, on);
		analytics_free(a);
	}
}

static void names_are_chosen_or_made(void **state)
{
	static const char *const CHOSEN[] = {"wikipedia", "microsoft", "googleusercontent",
	    "belastingdienst", "intranet", "printer-server", "cloudfront", "stackoverflow"};
	static const char *const MADE[] = {
	    "xkqzvjwpbf", "qwzhxkvtrp", "vbnmzxqkjh", "a3f91c0e7b2d", "zqjxkvbwmtg"};
	struct domain d;

	(void)state;
	for (size_t i = 0; i < sizeof(CHOSEN) / sizeof(CHOSEN[0]); i++)
		assert_false(made_is_odd(str_c(CHOSEN[i])));
	for (size_t i = 0; i < sizeof(MADE) / sizeof(MADE[0]); i++)
		assert_true(made_is_odd(str_c(MADE[i])));
	assert_true(domain_split(&d, S("a.b.example.co.uk")));
	assert_true(str_eq(d.parent, S("example.co.uk")) && str_eq(d.rest, S("a.b")));
	assert_true(domain_split(&d, S("example.com")));
	assert_true(str_eq(d.parent, S("example.com")) && d.rest.n == 0);
	assert_false(domain_split(&d, S("localhost")));
	assert_false(domain_split(&d, S("1.2.0.192.in-addr.arpa")));
	assert_false(domain_split(&d, S("..")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls_are_regular_or_not),
	    cmocka_unit_test(what_is_new_and_what_is_much),
	    cmocka_unit_test(what_is_off_finds_nothing),
	    cmocka_unit_test(names_are_chosen_or_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
