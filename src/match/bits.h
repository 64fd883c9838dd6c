/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of one line of JSON as bit masks: where its quotes and brackets are. First step of the
 * event extractor; chosen at run time for the processor (AVX-512, AVX2, or plain C). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bit i of word w is byte 64 * w + i of the line. */
struct bits_word {
	uint64_t quote; /* quotes that open or close a string (escaped ones are not here) */
	uint64_t brace; /* { } [ ] outside strings */
};

enum { BITS_SLACK = 64 }; /* bytes that must be readable behind the line */

enum {
	BITS_WRONG = 1,   /* a string is left open or holds a control character */
	BITS_ESCAPES = 2, /* there is a backslash somewhere */
};

/* Fills (n + 63) / 64 words; returns the flags above. */
typedef unsigned (*bits_fn)(struct bits_word *out, const char *line, size_t n);

enum bits_level { BITS_PLAIN, BITS_AVX2, BITS_AVX512, BITS_LEVELS };

/* NULL when this processor cannot. */
bits_fn bits_at_level(enum bits_level level);
bits_fn bits_best(void);
