/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the public suffix list (publicsuffix.org/list): names below which are names of many
 * owners. Names beyond ASCII become A-labels (RFC 3492), as they stand in events. */
#pragma once

#include "base/arena.h"
#include "policy/guard/rules.h"

struct suffix_rule {
	struct str name; /* without "*." and "!" */
	unsigned how;    /* RULES_IS, RULES_CHILDREN or RULES_EXCEPTION */
};

/* ERR_NOT_FOUND: the line has no rule (empty, a comment). ERR_INVALID. */
MUST_USE enum err suffix_read(struct suffix_rule *out, struct arena *arena, struct str line);
/* One label of UTF-8 as "xn--…"; as it is when it is ASCII. */
MUST_USE enum err suffix_label(struct str *out, struct arena *arena, struct str label);
