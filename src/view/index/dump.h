/* SPDX-License-Identifier: Apache-2.0 */
/* The match view's content as lines in a fixed order, whatever order it came to be in. Private to
 * view/. */
#pragma once

#include "match/delta.h"
#include "match/index.h"
#include "view/live/patterns.h"
#include "view/view.h"

struct match_dump {
	const struct match_index *generation;
	const struct match_delta *delta;
	const struct pattern_list *patterns;
	struct str dir; /* of the view */
	const struct store *store;
	/* What the next merge leaves out: when a pair was last merged is chance. */
	bool (*gone)(const struct store *s, uint64_t seq);
};

MUST_USE enum err match_dump(
    const struct match_dump *what, view_line_fn line, void *ctx, struct fault *fault);
