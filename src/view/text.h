/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the text view: which records have these words. */
#pragma once

#include "view/view.h"

struct text;

MUST_USE enum err text_open(struct text **out, struct str dir, struct fault *fault);
void text_close(struct text *t); /* NULL allowed */
uint64_t text_cursor(struct text *t);

/* A person's words as a query: every word must be there, the last one may be a beginning. In the
 * arena; ERR_INVALID when there is no word in it. */
MUST_USE enum err text_query(
    struct str *out, struct arena *arena, struct str words, struct fault *fault);
/* True for what has word characters on both sides of others ("a.b"): several words to the index. */
bool text_is_phrase(struct str s);
/* Up to max record numbers below `before`, in descending order. */
MUST_USE enum err text_find(struct text *t, struct str query, uint64_t before, uint64_t *out,
    size_t max, size_t *count, struct fault *fault);
