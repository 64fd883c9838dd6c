/* SPDX-License-Identifier: Apache-2.0 */
/* Observed data as patterns look at it: when, how often, and which observables. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

struct pattern_thing {
	struct str id; /* by which references name it */
	struct str type;
	yyjson_val *json;
};

/* Ordered by id. */
struct pattern_things {
	struct pattern_thing *list;
	size_t count;
};

struct pattern_observation {
	struct str id; /* of the observed-data; STR_NONE: it has none */
	usec first;
	usec last;
	uint64_t number;
	struct pattern_things things;
};

enum { PATTERN_OBSERVATIONS_MAX = 10000, PATTERN_THINGS_MAX = 10000 };

struct pattern_observations {
	struct pattern_observation *list;
	size_t count;
};

/* NULL when there is none of that id. */
const struct pattern_thing *pattern_thing(const struct pattern_things *things, struct str id);

/* Of one observed-data object: those of its `objects`, or those of `object_refs` that are among
 * `members`. ERR_INVALID with the reason, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err pattern_observation(struct pattern_observation *out, struct arena *arena,
    yyjson_val *observed, const struct pattern_things *members, struct fault *fault);

/* Of a list of bundles and observed-data objects, in their order; what else it holds can be
 * referred to by the observed-data beside it. */
MUST_USE enum err pattern_observations(
    struct pattern_observations *out, struct arena *arena, yyjson_val *list, struct fault *fault);
