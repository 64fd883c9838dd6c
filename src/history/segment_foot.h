/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader and the writer of segments share. Private to history/segment*.c. */
#pragma once

#include "base/buf.h"
#include "history/segment.h"

#define SEGMENT_MAGIC S("tochist1")
#define SEGMENT_END_MAGIC S("tochend1")

enum {
	SEGMENT_HEAD = 8,
	START_BYTES = 16,
	FILTER_BITS = 6,      /* set for a key */
	FILTER_KEY_BITS = 10, /* of the filter, a key */
};

struct segment_foot {
	uint64_t filter_at, filter_lines, blocks, text_bytes;
	uint64_t keys, rows, seen;
	uint32_t first_hour, last_hour;
	uint64_t sum; /* of filter, starts and texts */
};

void segment_foot_put(struct buf *out, const struct segment_foot *f);

struct filter_place {
	uint64_t line;
	uint16_t bits[FILTER_BITS];
};

struct filter_place segment_filter_place(uint64_t lines, uint64_t print);
uint64_t segment_sum(struct str s);
