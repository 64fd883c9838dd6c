/* SPDX-License-Identifier: Apache-2.0 */
/* Where the strings, brackets, members and line ends of a block of JSON lines are, as bit masks and
 * as positions. First step of the event extractor; chosen at run time for the processor (AVX-512
 * with VBMI2, AVX2, or plain C). A raw newline ends a line wherever it stands: it cannot be part of
 * a string. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The eight bytes at p, the first one lowest. */
static inline uint64_t bits_eight(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* Bit i: byte i is zero. */
static inline uint64_t bits_zero(uint64_t x)
{
	const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t zero = ~(((x & low7) + low7) | x | low7) >> 7;

	return zero * UINT64_C(0x0102040810204080) >> 56;
}

/* Bit i: byte i is c. */
static inline uint64_t bits_equal(uint64_t x, char c)
{
	return bits_zero(x ^ (unsigned char)c * UINT64_C(0x0101010101010101));
}

struct bits_line {
	uint32_t end; /* its newline */
	bool odd; /* it has blanks between its parts, or they do not follow one another as JSON's do
	           */
	bool escapes; /* it has a backslash */
};

/* Of masks a word for every 64 bytes begun, and room for BITS_WORDS more: bit i of word w is byte
 * 64 * w + i of the block. A stop
 * for every { } [ ] outside strings, every quote behind a comma or { [, which may open a name, and
 * every newline. */
struct bits {
	uint64_t *quotes; /* that open or close a string: escaped ones are not here */
	uint64_t *braces; /* { } [ ] outside strings */
	uint32_t *stops;  /* where they are, ascending; room for one a byte and BITS_STOPS more */
	struct bits_line *lines; /* one for every newline */
	size_t stop_count, line_count;
};

enum {
	BITS_SLACK = 64, /* bytes that must be readable behind the block */
	BITS_WORDS = 64,
	BITS_STOPS = 64,
};

/* Of a block of whole lines (its last byte is a newline), less than 4 GiB. False: some string is
 * left open or holds a control character, and nothing of *out means anything. */
typedef bool (*bits_fn)(struct bits *out, const char *block, size_t n);

enum bits_level { BITS_PLAIN, BITS_AVX2, BITS_AVX512, BITS_LEVELS };

/* NULL when this processor cannot. */
bits_fn bits_at_level(enum bits_level level);
bits_fn bits_best(void);
