/* SPDX-License-Identifier: Apache-2.0 */
/* What sightings and opinions say of indicators. US-02 */
#include "test.h"

#include "policy/decay/testimony.h"

static struct arena *arena;

static struct stix_object object(const char *json)
{
	struct stix_object o;

	assert_int_equal(stix_object_parse(&o, arena, str_c(json), NULL), OK);
	return o;
}

#define HEAD                                                                                       \
	"\"spec_version\":\"2.1\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"          \
	"\"2026-01-02T00:00:00.000Z\","
#define SIGHTING(rest)                                                                             \
	"{\"type\":\"sighting\",\"id\":\"sighting--00000000-0000-4000-8000-000000000001\"," HEAD   \
	"\"sighting_of_ref\":\"indicator--00000000-0000-4000-8000-000000000002\"" rest "}"
#define OPINION(word)                                                                              \
	"{\"type\":\"opinion\",\"id\":\"opinion--00000000-0000-4000-8000-000000000001\"," HEAD     \
	"\"opinion\":\"" word "\",\"object_refs\":["                                               \
	"\"indicator--00000000-0000-4000-8000-000000000002\","                                     \
	"\"malware--00000000-0000-4000-8000-000000000003\"]}"

static void sightings_and_opinions_say_what_they_say(void **state)
{
	static const struct {
		const char *json;
		int weight; /* -1: it says nothing */
		usec seen;  /* in seconds */
	} ROWS[] = {
	    {SIGHTING(""), 0, 1767225600},
	    {SIGHTING(",\"first_seen\":\"2026-01-03T00:00:00Z\""), 0, 1767398400},
	    {SIGHTING(",\"last_seen\":\"2026-01-04T00:00:00Z\",\"count\":3"), 0, 1767484800},
	    /* None is seen later than it is known. */
	    {SIGHTING(",\"last_seen\":\"2036-01-04T00:00:00Z\""), 0, 1800000000},
	    {SIGHTING(",\"count\":0"), -1, 0},
	    {SIGHTING(",\"count\":0,\"x_opencti_negative\":true"), 100, 0},
	    {SIGHTING(",\"x_opencti_negative\":false"), 0, 1767225600},
	    {SIGHTING(",\"revoked\":true"), -1, 0},
	    {OPINION("strongly-disagree"), 100, 0},
	    {OPINION("disagree"), 50, 0},
	    {OPINION("neutral"), -1, 0},
	    {OPINION("strongly-agree"), -1, 0},
	};

	(void)state;
	arena = arena_new(1 << 20);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct stix_object o = object(ROWS[i].json);
		struct testimony t;
		bool says = testimony_read(&t, &o, 1800000000 * USEC_PER_SEC);

		assert_int_equal(says, ROWS[i].weight >= 0);
		if (!says)
			continue;
		assert_int_equal(t.weight, ROWS[i].weight);
		assert_int_equal(t.seen, ROWS[i].seen * USEC_PER_SEC);
		assert_int_equal(t.about_count, 1);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sightings_and_opinions_say_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
