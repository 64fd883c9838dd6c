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

/* Digit + 1, 0 for what is none. */
static const unsigned char HEX[256] = {['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['a'] = 11,
    ['b'] = 12,
    ['c'] = 13,
    ['d'] = 14,
    ['e'] = 15,
    ['f'] = 16,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16};

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

/* The number of one to three digits in front of `end`; over 255 when it is not written as one. */
static inline unsigned octet(const char *p, unsigned start, unsigned end)
{
	unsigned n = end - start;
	uint64_t digits = bits_eight(p + start) & UINT64_C(0x0f0f0f);
	unsigned first = (unsigned)digits & 15,
	         wrong = (unsigned)(n - 1 > 2) | (n > 1 && first == 0);

	/* The last digit in the third byte, what is missing in front of it zero. */
	digits = digits << 8 * ((3 - n) & 3) & UINT64_C(0xffffff);
	return ((unsigned)digits & 15) * 100 + ((unsigned)(digits >> 8) & 15) * 10 +
	       ((unsigned)(digits >> 16) & 15) + (wrong << 8);
}

bool ascii_ipv4(struct str text, unsigned char out[4])
{
	unsigned dots, digits, live, at[5] = {0}, value[4];

	if (text.n > QUAD_MAX)
		return false;
	live = (1U << text.n) - 1;
	quad_masks(text.p, &dots, &digits);
	dots &= live;
	if ((dots | (digits & live)) != live)
		return false;
	/* Where each number ends; a fourth dot is there or beyond the text. */
	dots |= 1U << text.n;
	for (unsigned i = 1; i < 5; i++) {
		at[i] = (unsigned)__builtin_ctz(dots | 1U << 16) + 1;
		dots &= dots - 1;
	}
	for (unsigned i = 0; i < 4; i++)
		value[i] = octet(text.p, at[i], at[i + 1] - 1);
	if ((value[0] | value[1] | value[2] | value[3]) > 255 || at[4] != text.n + 1)
		return false;
	for (unsigned i = 0; i < 4; i++)
		out[i] = (unsigned char)value[i];
	return true;
}

bool ascii_hex(const char *p, size_t n, char *out)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i += 2) {
		unsigned high = HEX[(unsigned char)p[i]] - 1U;
		unsigned low = HEX[(unsigned char)p[i + 1]] - 1U;

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
