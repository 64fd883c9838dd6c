/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jcs.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/utf8.h"

/* UTF-16 puts characters past U+FFFF (surrogate pairs, D800..DFFF) before U+E000..U+FFFF, which
 * code points and UTF-8 bytes put after. */
static uint32_t utf16_rank(struct str s, size_t at)
{
	uint32_t v = utf8_value(s, at, utf8_char(s, at));

	if (v >= 0x10000)
		return 0xd800 + (v >> 10);
	return v < 0xe000 ? v : v + 0x10000;
}

int jcs_key_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	size_t i = 0;
	uint32_t x, y;

	while (i < n && a.p[i] == b.p[i])
		i++;
	if (i == n)
		return (a.n > b.n) - (a.n < b.n);
	/* Back to the start of the characters that differ. */
	while (i > 0 && ((unsigned char)a.p[i] & 0xc0) == 0x80)
		i--;
	x = utf16_rank(a, i);
	y = utf16_rank(b, i);
	if (x != y)
		return x < y ? -1 : 1;
	/* Same first surrogate: the bytes order the second one. */
	return str_cmp(str_from(a, i), str_from(b, i));
}

/* What yyjson's shortest form says: digits without the point, and where the point is. */
struct decimal {
	char digits[24];
	int count;
	int point; /* the value is 0.DIGITS * 10^point */
};

static void decimal_read(struct decimal *d, const char *text, size_t n)
{
	int exponent = 0;
	bool fraction = false;
	size_t i = 0;

	*d = (struct decimal){.count = 0};
	for (; i < n && text[i] != 'e' && text[i] != 'E'; i++) {
		if (text[i] == '.') {
			fraction = true;
			continue;
		}
		if (d->count > 0 || text[i] != '0') {
			assert(d->count < (int)sizeof(d->digits));
			d->digits[d->count++] = text[i];
			d->point += !fraction;
		} else {
			d->point -= fraction;
		}
	}
	if (i < n)
		exponent = (int)strtol(text + i + 1, NULL, 10);
	d->point += exponent;
	while (d->count > 0 && d->digits[d->count - 1] == '0')
		d->count--;
}

static void decimal_of(struct decimal *d, double value)
{
	yyjson_val val = {.tag = YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL, .uni = {.f64 = value}};
	char room[512];
	yyjson_alc alc;
	size_t n = 0;
	char *text;

	(void)yyjson_alc_pool_init(&alc, room, sizeof(room));
	text = yyjson_val_write_opts(&val, YYJSON_WRITE_NOFLAG, &alc, &n, NULL);
	assert(text);
	decimal_read(d, text, n);
}

struct out {
	char *p;
	size_t n;
};

static void put(struct out *o, const char *p, int n)
{
	if (n > 0)
		memcpy(o->p + o->n, p, (size_t)n);
	o->n += n > 0 ? (size_t)n : 0;
}

static void put_zeros(struct out *o, int n)
{
	for (int i = 0; i < n; i++)
		o->p[o->n++] = '0';
}

static void put_exponent(struct out *o, const struct decimal *d)
{
	int e = d->point - 1;
	char digits[4];
	int n = 0;

	put(o, d->digits, 1);
	if (d->count > 1) {
		put(o, ".", 1);
		put(o, d->digits + 1, d->count - 1);
	}
	put(o, e < 0 ? "e-" : "e+", 2);
	for (e = abs(e); e > 0 || n == 0; e /= 10)
		digits[n++] = (char)('0' + e % 10);
	while (n > 0)
		put(o, &digits[--n], 1);
}

/* ECMA-262 Number::toString, which RFC 8785 section 3.2.2.3 takes over. */
struct str jcs_number(char text[JCS_NUMBER_MAX], double value)
{
	struct out o = {text, 0};
	struct decimal d;

	assert(isfinite(value));
	if (value == 0.0)
		return S("0");
	if (value < 0)
		put(&o, "-", 1);
	decimal_of(&d, fabs(value));
	if (d.point > 21 || d.point <= -6) {
		put_exponent(&o, &d);
	} else if (d.point <= 0) {
		put(&o, "0.", 2);
		put_zeros(&o, -d.point);
		put(&o, d.digits, d.count);
	} else if (d.count <= d.point) {
		put(&o, d.digits, d.count);
		put_zeros(&o, d.point - d.count);
	} else {
		put(&o, d.digits, d.point);
		put(&o, ".", 1);
		put(&o, d.digits + d.point, d.count - d.point);
	}
	return (struct str){text, o.n};
}

enum { INTEGER_DIGITS_MAX = 22 }; /* ECMAScript writes no longer ones without an exponent */

static enum err refuse_digits(struct str digits, struct fault *fault)
{
	return fail(fault, ERR_INVALID, "the number %.*s%s would lose digits in canonical JSON",
	    (int)(digits.n > 40 ? 40 : digits.n), digits.p, digits.n > 40 ? "..." : "");
}

/* An integer may be written when the double nearest to it has its very digits. */
static enum err write_exact(struct buf *out, double value, struct str digits, struct fault *fault)
{
	char text[JCS_NUMBER_MAX];

	if (!str_eq(jcs_number(text, value), digits))
		return refuse_digits(digits, fault);
	buf_put(out, digits);
	return OK;
}

/* A number that 64 bits do not hold, as it was written. */
static enum err write_raw(struct buf *out, yyjson_val *v, struct fault *fault)
{
	struct str digits = {unsafe_yyjson_get_raw(v), unsafe_yyjson_get_len(v)};
	char room[1024];
	yyjson_alc alc;
	yyjson_doc *doc;

	if (digits.n > INTEGER_DIGITS_MAX)
		return refuse_digits(digits, fault);
	(void)yyjson_alc_pool_init(&alc, room, sizeof(room));
	doc =
	    yyjson_read_opts((char *)(uintptr_t)digits.p, digits.n, YYJSON_READ_NOFLAG, &alc, NULL);
	if (!doc || !yyjson_is_real(doc->root))
		return refuse_digits(digits, fault);
	return write_exact(out, unsafe_yyjson_get_real(doc->root), digits, fault);
}

static enum err write_number(struct buf *out, yyjson_val *v, struct fault *fault)
{
	char text[JCS_NUMBER_MAX];
	int n;

	if (yyjson_is_real(v)) {
		buf_put(out, jcs_number(text, unsafe_yyjson_get_real(v)));
		return OK;
	}
	if (yyjson_is_raw(v))
		return write_raw(out, v, fault);
	if (yyjson_is_uint(v)) {
		n = snprintf(
		    text, sizeof(text), "%llu", (unsigned long long)unsafe_yyjson_get_uint(v));
		return write_exact(
		    out, (double)unsafe_yyjson_get_uint(v), (struct str){text, (size_t)n}, fault);
	}
	n = snprintf(text, sizeof(text), "%lld", (long long)unsafe_yyjson_get_sint(v));
	return write_exact(
	    out, (double)unsafe_yyjson_get_sint(v), (struct str){text, (size_t)n}, fault);
}

static int by_key(const void *a, const void *b)
{
	return jcs_key_cmp(json_str(*(yyjson_val *const *)a), json_str(*(yyjson_val *const *)b));
}

static enum err write_object(
    struct buf *out, struct arena *arena, yyjson_val *object, struct fault *fault)
{
	size_t n = unsafe_yyjson_get_len(object);
	yyjson_val **keys = arena_array(arena, n, sizeof(yyjson_val *));
	yyjson_val *key = unsafe_yyjson_get_first(object);

	if (!keys)
		return fail(fault, ERR_NOMEM, "no memory to sort %zu keys", n);
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1))
		keys[i] = key;
	qsort(keys, n, sizeof(yyjson_val *), by_key);
	buf_byte(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_byte(out, ',');
		json_quote(out, json_str(keys[i]));
		buf_byte(out, ':');
		TRY(jcs_write(out, arena, keys[i] + 1, fault));
	}
	buf_byte(out, '}');
	return OK;
}

static enum err write_list(
    struct buf *out, struct arena *arena, yyjson_val *list, struct fault *fault)
{
	size_t n = unsafe_yyjson_get_len(list);
	yyjson_val *at = unsafe_yyjson_get_first(list);

	buf_byte(out, '[');
	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at)) {
		if (i)
			buf_byte(out, ',');
		TRY(jcs_write(out, arena, at, fault));
	}
	buf_byte(out, ']');
	return OK;
}

/* Recursion is as deep as the document, which json_parse bounded. */
enum err jcs_write(struct buf *out, struct arena *arena, yyjson_val *value, struct fault *fault)
{
	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_OBJ:
		TRY(write_object(out, arena, value, fault));
		break;
	case YYJSON_TYPE_ARR:
		TRY(write_list(out, arena, value, fault));
		break;
	case YYJSON_TYPE_STR:
		json_quote(out, json_str(value));
		break;
	case YYJSON_TYPE_BOOL:
		buf_put(out, unsafe_yyjson_get_bool(value) ? S("true") : S("false"));
		break;
	case YYJSON_TYPE_NULL:
		buf_put(out, S("null"));
		break;
	default:
		TRY(write_number(out, value, fault));
		break;
	}
	if (out->failed != OK)
		return fail(
		    fault, out->failed, "the canonical JSON does not fit in %zu bytes", out->max);
	return OK;
}
