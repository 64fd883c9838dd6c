/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts what a table holds by key, then hour. Keys differ mostly in their first bytes, which are
 * compared as a number. Entries come in an order that a seed decides, so nobody can choose a slow
 * one. Private to history/. */
#pragma once

#include <stdint.h>

#include "base/str.h"

struct sort_key {
	uint64_t start; /* the key's first bytes */
	uint32_t index, hour;
};

struct sort_key sort_key_of(struct str key, uint32_t index, uint32_t hour);

typedef struct str (*sort_text_fn)(const void *ctx, uint32_t index);

/* No two have both the same key and the same hour. */
void sort_keys(struct sort_key *keys, size_t count, sort_text_fn text, const void *ctx);
