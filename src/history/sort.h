/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts what a table holds by key, then hour: by eight bytes of the keys at a time, as numbers.
 * Entries come in an order that a seed decides, so nobody can choose a slow one. Private to
 * history/. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* Eight bytes of a key as a number, zeros behind its end. */
static inline uint64_t sort_bytes_at(struct str key, size_t at)
{
	uint64_t out = 0;

	if (key.n >= at + sizeof(out)) {
		memcpy(&out, key.p + at, sizeof(out));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		out = __builtin_bswap64(out);
#endif
		return out;
	}
	for (size_t i = at; i < at + sizeof(out); i++)
		out = out << 8 | (i < key.n ? (unsigned char)key.p[i] : 0U);
	return out;
}

struct sort_key {
	uint64_t start; /* bytes of the key */
	uint32_t index, hour;
};

struct sort_key sort_key_of(struct str key, uint32_t index, uint32_t hour);

typedef struct str (*sort_text_fn)(const void *ctx, uint32_t index);

/* No two have both the same key and the same hour. */
void sort_keys(struct sort_key *keys, size_t count, sort_text_fn text, const void *ctx);
