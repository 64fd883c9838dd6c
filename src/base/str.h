/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed byte strings: a pointer and a length, never owned, never assumed NUL-terminated.
 * A struct str lives as long as the buffer or arena it points into. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct str {
	const char *p;
	size_t n;
};

#define S(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)((s).n), ((s).p ? (s).p : "")

struct str str_c(const char *cstr); /* NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
int str_cmp(struct str a, struct str b);        /* by bytes, shorter first */
/* str_cmp of two struct str, for qsort and bsearch. */
int str_order(const void *a, const void *b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_from(struct str s, size_t at);              /* s[at..], empty if past the end */
struct str str_slice(struct str s, size_t at, size_t end); /* s[at..end), clamped */
struct str str_trim(struct str s);                         /* ASCII white space, both ends */
/* Index of the first such byte, or s.n. */
size_t str_find(struct str s, char byte);
/* Index of the first occurrence of needle, or s.n; an empty needle is found at 0. */
size_t str_search(struct str s, struct str needle);
/* Cuts *rest at the first sep: returns what is before it and moves *rest behind it. At the end of
 * the input *rest becomes STR_NONE (p == NULL), so `while (rest.p)` walks every field. */
struct str str_cut(struct str *rest, char sep);
/* Decimal digits only, no sign, no space; ERR_PARSE or ERR_LIMIT without touching *out. */
MUST_USE enum err str_u64(struct str s, uint64_t *out);
/* One more than the value of each hexadecimal digit of either case; 0 for any other byte. */
extern const unsigned char STR_HEX[256];
/* The value of a hexadecimal digit of either case; -1 when it is none. */
int str_hex_digit(char c);
/* The n bytes that 2n hexadecimal digits of either case spell; false, with *out undefined, when hex
 * is not that. */
bool str_hex(unsigned char *out, size_t n, struct str hex);
/* Compares equal-length secrets without branching on their content. */
bool str_eq_secret(struct str a, struct str b);
