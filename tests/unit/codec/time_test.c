/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "codec/time.h"

static bool leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* The obvious oracle: counts days month by month through all years. */
static void every_day_of_ten_thousand_years_agrees_with_counting(void **state)
{
	static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t day = -719162; /* 0001-01-01 */
	size_t checked = 0;

	(void)state;
	for (int y = 1; y <= 9999; y++) {
		for (int m = 1; m <= 12; m++) {
			int last = DAYS[m - 1] + (m == 2 && leap(y));

			for (int d = 1; d <= last; d++, day++) {
				char text[40], again[TIME_TEXT + 1];
				int second = (int)(checked % 86400);
				int n = snprintf(text, sizeof(text),
				    "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", y, m, d, second / 3600,
				    second / 60 % 60, second % 60, (int)(checked * 7919 % 1000000));
				usec t;

				if (checked++ % 3 != 0 && d < 28)
					continue;
				assert_int_equal(
				    time_parse_utc(&t, (struct str){text, (size_t)n}), OK);
				assert_true(t == (day * 86400 + second) * USEC_PER_SEC +
				                     (int64_t)((checked - 1) * 7919 % 1000000));
				time_format(again, t);
				assert_memory_equal(again, text, TIME_TEXT);
			}
		}
	}
	assert_true(checked > 3600000);
}

static void impossible_dates_are_refused(void **state)
{
	static const char *const BAD[] = {"2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
	    "0000-01-01T00:00:00Z", "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z",
	    "2021-01-32T00:00:00Z", "2021-01-01T24:00:00Z", "2021-01-01T00:60:00Z",
	    "2021-01-01T00:00:61Z", "2021-01-01T00:00:60Z", "2021-01-01t00:00:00Z",
	    "2021-01-01T00:00:00z", "2021-01-01T00:00:00", "2021-01-01T00:00:00.Z",
	    "2021-01-01T00:00:00+00:00", "2021-01-01T00:00:00ZZ", " 2021-01-01T00:00:00Z",
	    "2021-01-01 00:00:00Z", "2021-1-01T00:00:00Z", "", "2021", "2021-01-01T00:00:00,5Z",
	    "2021-01-01T00:00:0aZ", "-021-01-01T00:00:00Z"};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		usec t = 42;

		assert_int_equal(time_parse_utc(&t, str_c(BAD[i])), ERR_PARSE);
		assert_true(t == 42);
	}
}

static void offsets_and_leap_seconds(void **state)
{
	usec t, u;

	(void)state;
	assert_int_equal(time_parse_any(&t, S("2021-06-06T15:59:46.457984+0200")), OK);
	assert_int_equal(time_parse_utc(&u, S("2021-06-06T13:59:46.457984Z")), OK);
	assert_true(t == u);
	assert_int_equal(time_parse_any(&t, S("2021-06-06t08:29:46.457984-05:30")), OK);
	assert_true(t == u);
	assert_int_equal(time_parse_any(&t, S("2021-06-06 13:59:46.4579849z")), OK);
	assert_true(t == u);
	assert_int_equal(time_parse_utc(&t, S("2016-12-31T23:59:60.7Z")), OK);
	assert_int_equal(time_parse_utc(&u, S("2017-01-01T00:00:00Z")), OK);
	assert_true(t == u);
	assert_int_equal(time_parse_any(&t, S("2017-01-01T00:59:60+01:00")), OK);
	assert_true(t == u);
	assert_int_equal(time_parse_any(&t, S("2021-06-06T15:59:46+2400")), ERR_PARSE);
	assert_int_equal(time_parse_any(&t, S("2021-06-06T15:59:46+02")), ERR_PARSE);
	assert_int_equal(time_parse_any(&t, S("2021-06-06T15:59:46+02:0")), ERR_PARSE);
	assert_int_equal(time_parse_any(&t, S("2021-06-06T15:59:46")), ERR_PARSE);
	/* Before the year 1 once the offset is taken off. */
	assert_int_equal(time_parse_any(&t, S("0001-01-01T00:00:00+01:00")), ERR_PARSE);
}

static void formats_clamp_and_shorten(void **state)
{
	char text[TIME_TEXT + 1];

	(void)state;
	time_format_ms(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	time_format(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
	time_format(text, INT64_MIN);
	assert_string_equal(text, "0001-01-01T00:00:00.000000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day_of_ten_thousand_years_agrees_with_counting),
	    cmocka_unit_test(impossible_dates_are_refused),
	    cmocka_unit_test(offsets_and_leap_seconds),
	    cmocka_unit_test(formats_clamp_and_shorten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
