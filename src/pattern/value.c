/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/value.h"

#include <math.h>
#include <string.h>

#include "codec/json.h"
#include "stix/equality.h"

enum { NUMBER_TEXT_MAX = 400 };

/* The nearest double, as JSON's reader has it, which wants a digit first and no zeros before it.
 * What is cut of a longer number changes nothing that a double could tell. */
static double real_of(struct str digits, bool negative)
{
	char copy[NUMBER_TEXT_MAX + 2];
	yyjson_val value;
	size_t n = 0;
	double size;

	while (digits.n > 1 && digits.p[0] == '0' && digits.p[1] != '.')
		digits = str_from(digits, 1);
	if (digits.n > 0 && digits.p[0] == '.')
		copy[n++] = '0';
	for (size_t i = 0; i < digits.n && n < NUMBER_TEXT_MAX; i++)
		copy[n++] = digits.p[i];
	if (n > 0 && copy[n - 1] == '.')
		n--;
	copy[n] = '\0';
	size = yyjson_read_number(copy, &value, 0, NULL, NULL) ? yyjson_get_num(&value) : HUGE_VAL;
	return negative ? -size : size;
}

struct pattern_number pattern_number(struct str text)
{
	struct pattern_number out = {.whole = false};
	struct str digits = text;

	if (digits.n > 0 && (digits.p[0] == '-' || digits.p[0] == '+')) {
		out.negative = digits.p[0] == '-';
		digits = str_from(digits, 1);
	}
	out.real = real_of(digits, out.negative);
	out.whole = str_u64(digits, &out.magnitude) == OK;
	if (out.whole && out.magnitude == 0)
		out.negative = false;
	return out;
}

bool pattern_number_json(struct pattern_number *out, yyjson_val *value)
{
	if (yyjson_is_uint(value)) {
		*out = (struct pattern_number){.whole = true,
		    .magnitude = yyjson_get_uint(value),
		    .real = (double)yyjson_get_uint(value)};
		return true;
	}
	if (yyjson_is_sint(value)) {
		int64_t v = yyjson_get_sint(value);

		*out = (struct pattern_number){.whole = true,
		    .negative = v < 0,
		    .magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v,
		    .real = (double)v};
		return true;
	}
	if (yyjson_is_real(value)) {
		*out = (struct pattern_number){.real = yyjson_get_real(value)};
		return true;
	}
	if (yyjson_is_raw(value)) {
		*out = pattern_number((struct str){yyjson_get_raw(value), yyjson_get_len(value)});
		return true;
	}
	return false;
}

static int sign_of(bool less, bool more)
{
	return more - less;
}

/* A double of 2^63 and more has no fraction, and one below that fits 64 bits without it. */
static int whole_and_real(struct pattern_number a, double b)
{
	const double past = 18446744073709551616.0;
	double size = fabs(b), floor_of;
	uint64_t whole;
	int order;

	if (a.negative != (b < 0))
		return a.negative ? -1 : a.magnitude == 0 && b == 0 ? 0 : 1;
	if (size >= past)
		return a.negative ? 1 : -1;
	floor_of = floor(size);
	whole = (uint64_t)floor_of;
	order = sign_of(
	    a.magnitude < whole || (a.magnitude == whole && size > floor_of), a.magnitude > whole);
	return a.negative ? -order : order;
}

int pattern_number_order(struct pattern_number a, struct pattern_number b)
{
	int order;

	if (!a.whole && !b.whole)
		return sign_of(a.real<b.real, a.real> b.real);
	if (!b.whole)
		return whole_and_real(a, b.real);
	if (!a.whole)
		return -whole_and_real(b, a.real);
	if (a.negative != b.negative)
		return a.negative ? -1 : 1;
	order = sign_of(a.magnitude<b.magnitude, a.magnitude> b.magnitude);
	return a.negative ? -order : order;
}

enum { TIME_SECONDS = 19 }; /* "2016-04-06T20:03:48" */

static struct str fraction(struct str time)
{
	size_t end = time.n - 1; /* Z */

	while (end > TIME_SECONDS && (time.p[end - 1] == '0' || time.p[end - 1] == '.'))
		end--;
	return str_slice(time, TIME_SECONDS, end);
}

/* Fields of fixed width from the largest on: the text's order is that of time. */
int pattern_time_order(struct str a, struct str b)
{
	int order = memcmp(a.p, b.p, TIME_SECONDS);
	struct str fa = fraction(a), fb = fraction(b);
	size_t n = fa.n < fb.n ? fa.n : fb.n;

	if (order == 0 && n > 0)
		order = memcmp(fa.p, fb.p, n);
	if (order == 0)
		return sign_of(fa.n<fb.n, fa.n> fb.n);
	return sign_of(order < 0, order > 0);
}

bool pattern_network(struct pattern_network *out, struct arena *arena, struct str text)
{
	struct term t;

	if (term_canonical(&t, arena, TERM_IPV4, text) != OK &&
	    term_canonical(&t, arena, TERM_IPV6, text) != OK)
		return false;
	memcpy(out->address, t.value.p, t.value.n);
	out->bytes = (unsigned char)t.value.n;
	out->prefix = t.prefix;
	return true;
}

bool pattern_network_in(const struct pattern_network *part, const struct pattern_network *whole)
{
	size_t bytes = whole->prefix / 8, bits = whole->prefix % 8;

	if (part->bytes != whole->bytes || part->prefix < whole->prefix)
		return false;
	if (memcmp(part->address, whole->address, bytes) != 0)
		return false;
	return bits == 0 ||
	       ((part->address[bytes] ^ whole->address[bytes]) & (0xff00 >> bits) & 0xff) == 0;
}
