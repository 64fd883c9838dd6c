/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an indicator is matched: what the guard says of its values (policy/guard.h, and the
 * node's own rules), and what was decided. A decision "guard/ID" with the state "released" or
 * "quarantined" is newest for the indicator; a release is of the pattern that was there then, not
 * of what a later version of the indicator may say. So is a quarantine that core decided by itself,
 * which names a "class" and nobody. */
#pragma once

#include "base/arena.h"
#include "stix/equality.h"
#include "store/store.h"
#include "view/guard/book.h"

#define STORE_GUARD "guard/"

struct guard_state {
	bool quarantined;
	enum guard_class class; /* of a quarantine */
	struct str reason;      /* why it is quarantined, or why it was released; else STR_NONE */
	struct str by;          /* whose decision stands, else STR_NONE */
};

/* `terms` are those of the pattern, NULL or empty when it is no set of values. Strings live in the
 * arena. */
void guard_state(struct guard_state *out, struct guard_book *book, struct arena *arena,
    const struct store *s, struct str id, struct str pattern, const struct term_list *terms);
/* The record of the newest decision about an indicator, STORE_NONE when there is none; and whether
 * it is one that keeps back the version at `seq`: true too when it cannot be read. */
uint64_t guard_decision(const struct store *s, struct str id);
bool guard_keeps_back(struct arena *arena, const struct store *s, uint64_t decision, uint64_t seq);
/* The hash by which a release names its pattern. */
struct str guard_pattern_hash(struct arena *arena, struct str pattern);
