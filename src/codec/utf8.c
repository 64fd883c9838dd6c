/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/utf8.h"

static bool tail(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

/* The second byte of a three- or four-byte character has a narrower range after some first bytes:
 * below it are overlong forms, above it surrogates and values past U+10FFFF. */
static bool second_in_range(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

size_t utf8_char(struct str s, size_t at)
{
	unsigned char first = (unsigned char)s.p[at];
	size_t n;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if (!tail(s, at + i))
			return 0;
	return second_in_range(first, (unsigned char)s.p[at + 1]) ? n : 0;
}

bool utf8_valid(struct str s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = utf8_char(s, at);

		if (n == 0)
			return false;
		at += n;
	}
	return true;
}

uint32_t utf8_value(struct str s, size_t at, size_t n)
{
	static const unsigned char FIRST_BITS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t v = (unsigned char)s.p[at] & FIRST_BITS[n];

	for (size_t i = 1; i < n; i++)
		v = v << 6 | ((unsigned char)s.p[at + i] & 0x3f);
	return v;
}
