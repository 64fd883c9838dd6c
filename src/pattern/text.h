/* SPDX-License-Identifier: Apache-2.0 */
/* Text as patterns compare it: characters as bytes, normal form C, LIKE, and regular expressions
 * (PCRE2, the only place that knows it). */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* STEPS: of one LIKE. VALUE_BYTES: longer values are not searched. CALLS: of PCRE2's matcher for
 * one value of up to SHORT bytes; longer ones get fewer from each place, at least CALLS_LEAST. */
enum {
	TEXT_LIKE_STEPS_MAX = 4 << 20,
	TEXT_VALUE_BYTES_MAX = 64 << 10,
	TEXT_CALLS_MAX = 100000,
	TEXT_CALLS_LEAST = 2000,
	TEXT_CALLS_ALL = 50000000,
	TEXT_DEPTH_MAX = 2000,
	TEXT_HEAP_KIB_MAX = 4096,
	TEXT_MARKS_MAX = 256,
};

/* Each character as one byte; false when one is above U+00FF or memory is refused. */
bool text_octets(struct str *out, struct arena *arena, struct str text);

/* Normal form C of UTF-8; borrowed when the text is ASCII. ERR_INVALID, ERR_NOMEM; ERR_LIMIT for
 * more marks on one letter than any language has, which take a square of time to order. */
MUST_USE enum err text_normal(struct str *out, struct arena *arena, struct str text);

enum text_answer { TEXT_NO, TEXT_YES, TEXT_LIMIT };

/* `%` stands for any characters, `_` for one; octets: for any bytes, one byte. */
enum text_answer text_like(struct str text, struct str like, bool octets);

/* Made in the arena. `at` is the offset in the expression. ERR_INVALID, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err text_regex(void **out, struct arena *arena, struct str expression, bool octets,
    size_t *at, struct fault *fault);

/* What regular expressions run in; one a thread. */
struct text_runner;
struct text_runner *text_runner_new(void);
void text_runner_free(struct text_runner *r); /* NULL allowed */
enum text_answer text_search(struct text_runner *r, const void *regex, struct str text);
