/* SPDX-License-Identifier: Apache-2.0 */
#include "match/ascii.h"

#include <string.h>

#include "match/bits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { HOST_OTHER, HOST_PLAIN, HOST_UPPER };

/* Of each byte in a host name as events write it. */
static const unsigned char HOST_CLASS[256] = {
    ['a' ... 'z'] = HOST_PLAIN,
    ['0' ... '9'] = HOST_PLAIN,
    ['-'] = HOST_PLAIN,
    ['.'] = HOST_PLAIN,
    ['_'] = HOST_PLAIN,
    ['A' ... 'Z'] = HOST_UPPER,
};

enum { QUAD_MAX = 15 };

/* Of the sixteen bytes at p, one bit each: dots and digits. */
#if defined(__SSE2__)

static inline void quad_masks(const char *p, unsigned *dots, unsigned *digits)
{
	__m128i x = _mm_loadu_si128((const void *)p);
	__m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));
	__m128i small = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);

	*dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8('.')));
	*digits = (unsigned)_mm_movemask_epi8(small);
}

/* Are the sixteen bytes at p plain ones of a host name? One bit each. */
static inline unsigned plain_mask(const char *p)
{
	__m128i x = _mm_loadu_si128((const void *)p);
	__m128i letter = _mm_sub_epi8(x, _mm_set1_epi8('a'));
	__m128i sign = _mm_sub_epi8(x, _mm_set1_epi8('-')); /* - . / 0 ... 9 */
	__m128i yes = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
	    _mm_cmpeq_epi8(_mm_min_epu8(sign, _mm_set1_epi8(12)), sign));

	yes = _mm_andnot_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('/')), yes);
	yes = _mm_or_si128(yes, _mm_cmpeq_epi8(x, _mm_set1_epi8('_')));
	return (unsigned)_mm_movemask_epi8(yes);
}

#else

static inline void quad_masks(const char *p, unsigned *dots, unsigned *digits)
{
	*dots = *digits = 0;
	for (unsigned i = 0; i < 16; i++) {
		*dots |= (unsigned)(p[i] == '.') << i;
		*digits |= (unsigned)((unsigned char)(p[i] - '0') <= 9) << i;
	}
}

static inline unsigned plain_mask(const char *p)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < 16; i++)
		mask |= (unsigned)(HOST_CLASS[(unsigned char)p[i]] == HOST_PLAIN) << i;
	return mask;
}

#endif

/* The number that ends before the first dot, which is taken off; over 255 when it is not written as
 * one. `start` goes behind the dot. */
static inline unsigned octet(const char *p, unsigned *start, unsigned *dots)
{
	unsigned end = (unsigned)__builtin_ctz(*dots | 1U << 16), n = end - *start;
	unsigned digits = (unsigned)bits_eight(p + *start) & 0x0f0f0fU;
	unsigned wrong = (unsigned)(n - 1 > 2) | (unsigned)(n > 1 && (digits & 15) == 0);

	/* The last digit in the third byte, zero for what is missing in front of it. */
	digits <<= 8 * (3 - n) & 31;
	*start = end + 1;
	*dots &= *dots - 1;
	return (digits & 15) * 100 + (digits >> 8 & 15) * 10 + (digits >> 16 & 15) + (wrong << 8);
}

bool ascii_ipv4(struct str text, unsigned char out[4])
{
	unsigned dots, digits, live, at = 0, a, b, c, d;

	if (text.n > QUAD_MAX)
		return false;
	live = (1U << text.n) - 1;
	quad_masks(text.p, &dots, &digits);
	if (((dots | digits) & live) != live)
		return false;
	/* Behind the text there is a dot too: four numbers end where it does. */
	dots = (dots & live) | 1U << text.n;
	a = octet(text.p, &at, &dots);
	b = octet(text.p, &at, &dots);
	c = octet(text.p, &at, &dots);
	d = octet(text.p, &at, &dots);
	if ((a | b | c | d) > 255 || at != text.n + 1)
		return false;
	out[0] = (unsigned char)a;
	out[1] = (unsigned char)b;
	out[2] = (unsigned char)c;
	out[3] = (unsigned char)d;
	return true;
}

bool ascii_hex(const char *p, size_t n, char *out)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i += 2) {
		unsigned high = STR_HEX[(unsigned char)p[i]] - 1U;
		unsigned low = STR_HEX[(unsigned char)p[i + 1]] - 1U;

		wrong |= high | low;
		out[i / 2] = (char)(high << 4 | low);
	}
	return wrong <= 15;
}

bool ascii_host_plain(struct str text)
{
	unsigned other = 0;

	for (size_t at = 0; at < text.n; at += 16) {
		size_t left = text.n - at;
		unsigned live = left < 16 ? (1U << left) - 1 : 0xffffU;

		other |= ~plain_mask(text.p + at) & live;
	}
	return other == 0;
}

bool ascii_host_lower(struct str text, char *out)
{
	unsigned classes = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		classes |= 1U << HOST_CLASS[c];
		out[i] = (char)(HOST_CLASS[c] == HOST_UPPER ? c | 0x20 : c);
	}
	return !(classes & 1U << HOST_OTHER);
}
