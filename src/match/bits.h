/* SPDX-License-Identifier: Apache-2.0 */
/* Where the quotes, brackets and line ends of a block of JSON lines are. First step of the event
 * extractor; chosen at run time for the processor (AVX-512, AVX2, or plain C). A raw newline ends a
 * line wherever it stands: it cannot be part of a string. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bits_brace {
	uint32_t at;
	uint32_t quotes; /* how many come before it */
};

struct bits_line {
	uint32_t at;     /* of its newline */
	uint32_t quotes; /* how many of the block come before that */
	uint32_t braces;
	uint32_t escapes; /* not 0: there may be a backslash in the line */
};

struct bits {
	uint32_t *quotes;          /* that open or close a string; escaped ones are not here */
	struct bits_brace *braces; /* { } [ ] outside strings */
	struct bits_line *lines;
	size_t quote_count, brace_count, line_count;
};

enum {
	BITS_SLACK = 64, /* bytes that must be readable behind the block */
	BITS_ROOM = 64,  /* entries that each array must have room for, beside one a byte */
};

enum {
	BITS_WRONG = 1,   /* some string is left open or holds a control character: read by lines */
	BITS_ESCAPES = 2, /* there is a backslash somewhere */
};

/* Fills the arrays for a block of less than 4 GiB and sets their counts; returns the flags above.
 * With BITS_WRONG only the flag means anything. */
typedef unsigned (*bits_fn)(struct bits *out, const char *block, size_t n);

enum bits_level { BITS_PLAIN, BITS_AVX2, BITS_AVX512, BITS_LEVELS };

/* NULL when this processor cannot. */
bits_fn bits_at_level(enum bits_level level);
bits_fn bits_best(void);
