/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "gate/feed.h"
#include "share/filter.h"
#include "share/route.h"

static const unsigned ALL = FILTER_PAGING | FILTER_ID | FILTER_TYPE | FILTER_VERSION | FILTER_SPEC;

static int setup(void **state)
{
	*state = arena_new(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void every_filter_is_read_raw_and_encoded(void **state)
{
	struct filter f;

	assert_int_equal(filter_parse(&f, *state,
	                     S("match%5Btype%5D=indicator,x-foo&match[id]=a--1&limit=7"
	                       "&added_after=2016-05-07T11:22:30.000001Z"
	                       "&match%5bspec_version%5d=2.0%2C2.1&match[version]=first,last,"
	                       "2016-12-25T12:30:59.444Z&next=abc&unknown=1&match[new]=x"),
	                     ALL, NULL),
	    OK);
	assert_int_equal(f.type_count, 2);
	assert_true(str_eq(f.types[1], S("x-foo")));
	assert_int_equal(f.id_count, 1);
	assert_int_equal(f.limit, 7);
	assert_int_equal(f.added_after % 1000000, 1);
	assert_int_equal(f.specs, FEED_SPEC_20 | FEED_SPEC_21);
	assert_int_equal(f.versions, FEED_VERSION_FIRST | FEED_VERSION_LAST);
	assert_int_equal(f.exact_count, 1);
	assert_true(f.exact[0] == INT64_C(1482669059444000));
	assert_true(str_eq(f.next, S("abc")));
}

static void malformed_filters_are_refused(void **state)
{
	static const struct str BAD[] = {S("limit=0"), S("limit=-1"), S("limit=x"), S("limit="),
	    S("limit"), S("limit=1&limit=1"), S("added_after=yesterday"), S("added_after="),
	    S("match[version]=all,first"), S("match[version]=newest"), S("match[version]="),
	    S("match[id]=a,,b"), S("match[type]=,"), S("match[type]=a&match%5Btype%5D=b"),
	    S("match[spec_version]=two"), S("match[spec_version]=2"), S("next="), S("%zz=1")};

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct filter f = {.limit = 99};
		struct fault fault = {0};

		assert_int_equal(filter_parse(&f, *state, BAD[i], ALL, &fault), ERR_INVALID);
		assert_true(fault.text[0]);
		assert_int_equal(f.limit, 99);
	}
}

static void fields_an_endpoint_lacks_are_ignored(void **state)
{
	struct filter f;

	assert_int_equal(
	    filter_parse(&f, *state, S("match[type]=,&limit=3"), FILTER_PAGING, NULL), OK);
	assert_int_equal(f.seen, FILTER_LIMIT);
	assert_int_equal(f.type_count, 0);
}

static void an_unknown_spec_version_matches_nothing_but_is_no_error(void **state)
{
	struct filter f;

	assert_int_equal(filter_parse(&f, *state, S("match[spec_version]=3.0"), ALL, NULL), OK);
	assert_int_equal(f.specs, 0);
	assert_true(f.seen & FILTER_SPEC);
}

static void next_belongs_to_the_filters_in_any_order(void **state)
{
	struct filter a, b, c;

	assert_int_equal(filter_parse(&a, *state,
	                     S("match[id]=x&added_after=2016-05-07T11:22:30Z&limit=1"), ALL, NULL),
	    OK);
	assert_int_equal(
	    filter_parse(&b, *state,
	        S("limit=5&next=q&added_after=2016-05-07T11:22:30Z&match%5Bid%5D=x"), ALL, NULL),
	    OK);
	assert_int_equal(filter_parse(&c, *state, S("match[id]=y"), ALL, NULL), OK);
	assert_true(str_eq(a.binding, b.binding));
	assert_false(str_eq(a.binding, c.binding));
}

static void paths_name_resources_with_or_without_the_last_slash(void **state)
{
	static const struct {
		struct str path;
		int resource; /* -1: none */
	} CASES[] = {
	    {S("/taxii2/"), TAXII_DISCOVERY},
	    {S("/taxii2"), TAXII_DISCOVERY},
	    {S("/r/"), TAXII_ROOT},
	    {S("/r/status/1"), TAXII_STATUS},
	    {S("/r/collections/"), TAXII_COLLECTIONS},
	    {S("/r/collections/c"), TAXII_COLLECTION},
	    {S("/r/collections/c/manifest/"), TAXII_MANIFEST},
	    {S("/r/collections/c/objects/"), TAXII_OBJECTS},
	    {S("/r/collections/c/objects/a--%31/"), TAXII_OBJECT},
	    {S("/r/collections/c/objects/o/versions"), TAXII_VERSIONS},
	    {S("/"), -1},
	    {S("//"), -1},
	    {S("/r//"), -1},
	    {S("/r/other/"), -1},
	    {S("/r/collections/c/objects/o/versions/x/"), -1},
	    {S("/r/collections/c/objects/o/versions/x/y/z"), -1},
	    {S("/r/%zz"), -1},
	    {S("*"), -1},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct route r = {0};
		enum err rc = route_parse(&r, *state, CASES[i].path);

		assert_int_equal(rc == OK, CASES[i].resource >= 0);
		if (rc == OK)
			assert_int_equal(r.resource, CASES[i].resource);
	}
}

static void segments_are_decoded(void **state)
{
	struct route r;

	assert_int_equal(route_parse(&r, *state, S("/r/collections/c%20d/objects/a--%31/")), OK);
	assert_true(str_eq(r.collection, S("c d")));
	assert_true(str_eq(r.item, S("a--1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_filter_is_read_raw_and_encoded, setup, teardown),
	    cmocka_unit_test_setup_teardown(malformed_filters_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(fields_an_endpoint_lacks_are_ignored, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        an_unknown_spec_version_matches_nothing_but_is_no_error, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        next_belongs_to_the_filters_in_any_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        paths_name_resources_with_or_without_the_last_slash, setup, teardown),
	    cmocka_unit_test_setup_teardown(segments_are_decoded, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
