/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/time.h"

#include <string.h>

enum {
	SECONDS_PER_DAY = 86400,
	DAYS_PER_ERA = 146097, /* 400 years of the Gregorian calendar */
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
};

/* Years that begin in March put the leap day last, so that the days before a month are a formula
 * of the month alone. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static int month_days(int year, int month)
{
	static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return DAYS[month - 1] + (month == 2 && leap);
}

/* n digits at s[at] as a number, or -1. */
static int digits(struct str s, size_t at, size_t n)
{
	int v = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

static bool in_range(int v, int low, int high)
{
	return v >= low && v <= high;
}

/* "YYYY-MM-DDTHH:MM:SS" of s as seconds, the separator of date and time aside. */
static enum err read_seconds(int64_t *out, bool *leap_second, struct str s)
{
	int year = digits(s, 0, 4), month = digits(s, 5, 2), day = digits(s, 8, 2);
	int hour = digits(s, 11, 2), minute = digits(s, 14, 2), second = digits(s, 17, 2);

	if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' || s.p[13] != ':' || s.p[16] != ':')
		return ERR_PARSE;
	if (!in_range(year, 1, 9999) || !in_range(month, 1, 12) || !in_range(hour, 0, 23) ||
	    !in_range(minute, 0, 59) || !in_range(second, 0, 60))
		return ERR_PARSE;
	if (!in_range(day, 1, month_days(year, month)))
		return ERR_PARSE;
	*leap_second = second == 60;
	*out = days_of(year, month, day) * SECONDS_PER_DAY + (int64_t)hour * 3600 +
	       (int64_t)minute * 60 + second;
	return OK;
}

/* The fraction at s[*at], if there is one; moves *at behind it. */
static enum err read_fraction(int64_t *micros, struct str s, size_t *at)
{
	int64_t v = 0;
	int64_t unit = 100000;
	size_t i = *at;

	*micros = 0;
	if (i >= s.n || s.p[i] != '.')
		return OK;
	for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		v += (s.p[i] - '0') * unit;
		unit /= 10;
	}
	if (i == *at + 1)
		return ERR_PARSE;
	*micros = v;
	*at = i;
	return OK;
}

/* Joins the parts; a leap second is only where UTC has one, at the end of a day. */
static enum err join(usec *out, int64_t seconds, int64_t micros, bool leap_second)
{
	const int64_t first = days_of(1, 1, 1) * SECONDS_PER_DAY;
	const int64_t end = days_of(10000, 1, 1) * SECONDS_PER_DAY;

	if (leap_second && seconds % SECONDS_PER_DAY != 0)
		return ERR_PARSE;
	if (seconds < first || seconds >= end)
		return ERR_PARSE;
	*out = seconds * USEC_PER_SEC + (leap_second ? 0 : micros);
	return OK;
}

enum err time_parse_utc(usec *out, struct str s)
{
	int64_t seconds, micros;
	bool leap_second;
	size_t at = 19;

	TRY(read_seconds(&seconds, &leap_second, s));
	TRY(read_fraction(&micros, s, &at));
	if (s.p[10] != 'T' || at + 1 != s.n || s.p[at] != 'Z')
		return ERR_PARSE;
	return join(out, seconds, micros, leap_second);
}

/* "Z", "+02:00", "-0530": seconds east of UTC. */
static enum err read_offset(int64_t *out, struct str s)
{
	bool colon = s.n == 6 && s.p[3] == ':';
	int hours = digits(s, 1, 2);
	int minutes = digits(s, colon ? 4 : 3, 2);

	if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
		*out = 0;
		return OK;
	}
	if ((!colon && s.n != 5) || (s.p[0] != '+' && s.p[0] != '-'))
		return ERR_PARSE;
	if (!in_range(hours, 0, 23) || !in_range(minutes, 0, 59))
		return ERR_PARSE;
	*out = (int64_t)(s.p[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return OK;
}

enum err time_parse_any(usec *out, struct str s)
{
	int64_t seconds, micros, offset;
	bool leap_second;
	size_t at = 19;

	TRY(read_seconds(&seconds, &leap_second, s));
	TRY(read_fraction(&micros, s, &at));
	if (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ')
		return ERR_PARSE;
	TRY(read_offset(&offset, str_from(s, at)));
	return join(out, seconds - offset, micros, leap_second);
}

struct civil {
	int64_t year;
	int month;
	int day;
};

static struct civil civil_of(int64_t days)
{
	int64_t z = days + DAYS_TO_1970;
	int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t doe = z - era * DAYS_PER_ERA;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c = {.day = (int)(doy - (153 * mp + 2) / 5 + 1)};

	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = yoe + era * 400 + (c.month <= 2);
	return c;
}

static void put_digits(char *at, int width, int64_t v)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* Times outside the years 1 to 9999 have no such form: the nearest one that has is written. */
static usec clamp(usec t)
{
	const usec first = days_of(1, 1, 1) * SECONDS_PER_DAY * USEC_PER_SEC;
	const usec end = days_of(10000, 1, 1) * SECONDS_PER_DAY * USEC_PER_SEC;

	return t < first ? first : t >= end ? end - 1 : t;
}

void time_format(char out[TIME_TEXT + 1], usec t)
{
	const usec per_day = SECONDS_PER_DAY * USEC_PER_SEC;
	usec clamped = clamp(t);
	int64_t days = (clamped >= 0 ? clamped : clamped - (per_day - 1)) / per_day;
	int64_t rest = clamped - days * per_day;
	struct civil c = civil_of(days);

	memcpy(out, "0000-00-00T00:00:00.000000Z", TIME_TEXT + 1);
	put_digits(out, 4, c.year);
	put_digits(out + 5, 2, c.month);
	put_digits(out + 8, 2, c.day);
	put_digits(out + 11, 2, rest / (3600 * USEC_PER_SEC));
	put_digits(out + 14, 2, rest / (60 * USEC_PER_SEC) % 60);
	put_digits(out + 17, 2, rest / USEC_PER_SEC % 60);
	put_digits(out + 20, 6, rest % USEC_PER_SEC);
}

void time_format_ms(char out[TIME_TEXT + 1], usec t)
{
	time_format(out, t);
	out[23] = 'Z';
	out[24] = 0;
}
