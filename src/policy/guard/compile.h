/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a block of rules (policy/guard/rules.h) out of foreign texts: MISP warning lists, the
 * public suffix list, and what an operator calls its own. Pure; everything is bounded, and equal
 * texts in equal order give equal bytes. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "policy/guard/rules.h"

enum { GUARD_LIST_BYTES_MAX = 64 << 20, GUARD_OWN_MAX = 256 };

struct guard_builder;

struct guard_builder *guard_builder_new(void);
void guard_builder_free(struct guard_builder *b); /* NULL allowed */

/* A warning list: {"name", "type": cidr, hostname, string, substring or regex, "list": [...],
 * "matching_attributes": [...]}. Entries that are of no use (a part shorter than RULES_PART_LEAST,
 * what is no address in a list of networks) are counted. ERR_PARSE, ERR_INVALID, ERR_LIMIT. */
MUST_USE enum err guard_add_list(
    struct guard_builder *b, struct arena *arena, struct str json, struct fault *fault);
/* Names, addresses, networks and mail addresses between blanks or commas; ERR_INVALID names the
 * first that is none. */
MUST_USE enum err guard_add_own(
    struct guard_builder *b, struct arena *arena, struct str words, struct fault *fault);
/* The list of publicsuffix.org. */
MUST_USE enum err guard_add_suffixes(
    struct guard_builder *b, struct arena *arena, struct str text, struct fault *fault);
uint64_t guard_builder_ignored(const struct guard_builder *b);
/* `seed` spreads the table; a block is the same for the same. */
MUST_USE enum err guard_build(struct guard_builder *b, uint64_t seed,
    const unsigned char stamp[RULES_STAMP], struct buf *out, struct fault *fault);
