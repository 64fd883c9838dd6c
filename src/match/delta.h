/* SPDX-License-Identifier: Apache-2.0 */
/* What was added to the indicator index since its last generation: a map of fixed size that one
 * process appends to while others read it. An entry is whole before it can be found. */
#pragma once

#include "match/index.h"

struct match_delta; /* the map itself */

enum { DELTA_ENTRIES_MIN = 1 << 10, DELTA_ENTRIES_MAX = 1 << 24 };

/* Bytes of a map for so many entries (rounded up, clamped) of usual length. */
size_t delta_size(uint64_t entries);
/* Makes zeroed memory of delta_size(entries) bytes a delta. */
struct match_delta *delta_format(void *map, uint64_t entries, uint64_t seed);
/* ERR_CORRUPT when it is none or its parts do not fit. */
MUST_USE enum err delta_open(struct match_delta **out, void *map, size_t n, struct fault *fault);

/* ERR_FULL when there is no room: make a new generation of everything. */
MUST_USE enum err delta_add(struct match_delta *d, const struct index_entry *e);

/* Another end for every entry of a record, here and in the generation: an indicator's life became
 * longer or shorter. ERR_FULL as above. */
MUST_USE enum err delta_put_until(struct match_delta *d, uint64_t seq, uint32_t until);
/* That end; `until` when there is none. */
uint32_t delta_until(const struct match_delta *d, uint64_t seq, uint32_t until);

uint64_t delta_seed(const struct match_delta *d);
uint64_t delta_count(const struct match_delta *d);
/* The same masks as in struct match_index. */
uint64_t delta_nets4(const struct match_delta *d);
uint64_t delta_nets6(const struct match_delta *d, unsigned half);

bool delta_may_hold(const struct match_delta *d, uint64_t h);
void delta_find(const struct match_delta *d, uint64_t h, const struct term *term,
    index_entry_fn visit, void *ctx);
/* In the order in which they were added. */
void delta_walk(const struct match_delta *d, index_entry_fn visit, void *ctx);
