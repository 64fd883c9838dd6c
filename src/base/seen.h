/* SPDX-License-Identifier: Apache-2.0 */
/* A set that forgets no text but may remember one too many: what it has not seen need not be looked
 * for. Of fixed size, good for a few thousand texts; the key keeps who chooses them from filling it
 * with collisions. */
#pragma once

#include <stdbool.h>

#include "base/hash.h"

enum { SEEN_WORDS = 1024 };

/* Starts as all zeros but the key. */
struct seen {
	struct hash_key key;
	uint64_t bits[SEEN_WORDS];
};

void seen_add(struct seen *s, struct str text);
bool seen_maybe(const struct seen *s, struct str text);
