/* SPDX-License-Identifier: Apache-2.0 */
/* How an indicator's pattern is matched, for people. Pure. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct live_how {
	struct str matched; /* "values", "events", "both" or "no" */
	struct str reason;  /* why not, or not wholly; else STR_NONE */
	struct str hunted;  /* why the history cannot be hunted for it, or not wholly; likewise */
};

/* `active`: the indicator counts now. Strings live in the arena. */
void live_how(struct live_how *out, struct arena *arena, struct str pattern, bool active);
