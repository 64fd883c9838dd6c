/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/packages.h"

static const usec HOUR = 3600 * USEC_PER_SEC;

enum { NOW_HOURS = 500000 };

static struct str alarms(struct buf *b, struct gate_peer *peer, uint32_t hours)
{
	struct gate_peers fed = {.items = peer, .count = 1};
	struct arena *arena = arena_new(4096);
	struct json_writer w = json_writer(b);

	buf_reset(b);
	peer->packages.age = NOW_HOURS * HOUR - peer->packages.made;
	packages_put_alarms(&w, &fed, hours, NOW_HOURS * HOUR, arena);
	arena_free(arena);
	return buf_str(b);
}

static bool says(struct str s, const char *words)
{
	return str_search(s, str_c(words)) < s.n;
}

/* D-27: a picture is old when its newest package was made longer ago than is allowed. */
static void a_picture_is_old_after_the_hours_that_are_allowed(void **state)
{
	struct gate_peer peer = {.name = S("low"), .packages = {.read = 7}};
	struct str said;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	peer.packages.made = (NOW_HOURS - 24) * HOUR;
	assert_int_equal(alarms(&b, &peer, 24).n, 0);
	peer.packages.made--;
	said = alarms(&b, &peer, 24);
	assert_true(says(said, "\"package-old\"") && says(said, "package of low was made at"));
	assert_true(says(said, "24 hours ago"));
	assert_int_equal(alarms(&b, &peer, 25).n, 0);
	assert_int_equal(alarms(&b, &peer, 0).n, 0);
	/* A clock ahead there is no reason to worry about age. */
	peer.packages.made = (NOW_HOURS + 1) * HOUR;
	assert_int_equal(alarms(&b, &peer, 24).n, 0);
	buf_free(&b);
}

/* D-14: what is missing is an alarm, whoever reads it; the name is for who may audit. */
static void missing_packages_are_an_alarm(void **state)
{
	struct gate_peer peer = {.name = S(""),
	    .packages = {.made = NOW_HOURS * HOUR, .missing_from = 8, .missing_to = 9}};
	struct str said;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	said = alarms(&b, &peer, 24);
	assert_true(says(said, "\"package-missing\"") && says(said, "Packages 8 to 9 of a peer"));
	assert_true(says(said, "--again 8"));
	assert_false(says(said, "package-old"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_picture_is_old_after_the_hours_that_are_allowed),
	    cmocka_unit_test(missing_packages_are_an_alarm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
