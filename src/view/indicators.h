/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the match view: the indicator index of a node, as its processes map it. The writer is the
 * view class; it publishes a generation and the delta in front of it (match/) by raising a number
 * in a shared file, so that a reader learns of news without a system call. */
#pragma once

#include "match/delta.h"
#include "match/index.h"

struct indicators;

/* `dir` is the node's "views" folder; it may hold no such view yet. */
MUST_USE enum err indicators_open(struct indicators **out, struct str dir, struct fault *fault);
void indicators_close(struct indicators *x); /* NULL allowed */

/* Maps what is newest. A view that cannot be read leaves what was there. */
void indicators_refresh(struct indicators *x);
/* NULL until there is a view. Both live until the next refresh, here or by indicators_cursor: ask
 * for them each time, keep them nowhere. */
const struct match_index *indicators_generation(const struct indicators *x);
const struct match_delta *indicators_delta(const struct indicators *x);
/* Refreshes; how many records the view has seen, 0 when there is none yet. */
uint64_t indicators_cursor(struct indicators *x);
