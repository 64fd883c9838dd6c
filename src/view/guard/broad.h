/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns that are more than a set of values, and would be true of nearly every event: those of
 * which nothing narrows what they match. One alternative like that is enough. */
#pragma once

#include "view/guard/book.h"

/* False also for what is no pattern. `b` NULL: the program's tables alone. */
bool guard_is_broad(struct guard_book *b, struct arena *arena, struct str pattern);
