/* SPDX-License-Identifier: Apache-2.0 */
/* The indicator index: from a canonical value to every indicator that names it. An immutable,
 * memory-mapped generation shared by all intake workers, and a small delta (match/delta.h) in front
 * of it for what came since. Pure over bytes and maps: it opens no file and asks no clock. A hit
 * names ledger records; whether the indicator is still valid (superseded, revoked) is asked of the
 * ledger's rows at hit time, so that taking away needs no change here.
 *
 * A generation is a header, a Bloom filter of cache lines, a bitmap of the IPv4 /24s that some
 * network touches, bucket offsets, and the entries in the order of their buckets, a few a bucket.
 * It is trusted to be ours but not to be whole: every read is checked against its bounds. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "match/fingerprint.h"
#include "stix/equality.h"

/* One indicator's claim to one value. */
struct index_entry {
	struct term term;
	uint64_t seq;   /* the ledger's record of the indicator's version */
	uint32_t from;  /* valid from this second on (UTC), 0: always */
	uint32_t until; /* and before this one, UINT32_MAX: for ever; rounded outwards */
};

/* Whether it is the time of what is valid from and until such seconds. They are rounded outwards:
 * who must know exactly looks closer. */
static inline bool index_is_due(uint32_t from, uint32_t until, usec now)
{
	int64_t second = now / USEC_PER_SEC;

	return second >= from && (until == UINT32_MAX || second < until);
}

enum { INDEX_VALUE_MAX = 8 << 10, INDEX_HEADER = 256 };

typedef void (*index_entry_fn)(void *ctx, const struct index_entry *e);

struct index_builder;

struct index_builder *index_builder_new(uint64_t seed);
void index_builder_free(struct index_builder *b);
/* Copies. ERR_LIMIT when the value is longer than INDEX_VALUE_MAX, the ledger number has more
 * than 40 bits, or the whole would pass 4 GiB. */
MUST_USE enum err index_builder_add(struct index_builder *b, const struct index_entry *e);
uint64_t index_builder_count(const struct index_builder *b);
/* How large the generation will be, and the generation itself into zeroed memory of that size that
 * is aligned for uint64_t. `next` is the first ledger record not looked at. */
size_t index_builder_size(const struct index_builder *b);
void index_builder_write(const struct index_builder *b, uint64_t next, void *out);

/* A generation as mapped; pointers into the map. */
struct match_index {
	uint64_t seed;
	uint64_t count;
	uint64_t next;
	uint64_t nets4;    /* bit p: some IPv4 network has prefix length p */
	uint64_t nets6[2]; /* the same for IPv6 */
	uint64_t bloom_lines;
	uint64_t buckets;
	uint64_t entry_bytes;
	const uint64_t *bloom;
	const unsigned char *slash24; /* NULL when there is no IPv4 network */
	const uint32_t *offsets;      /* of buckets, in bytes; one more than buckets */
	const char *entries;
};

/* The map must stay. ERR_CORRUPT when it is no generation or its parts do not fit. */
MUST_USE enum err match_open(struct match_index *out, struct str map, struct fault *fault);

enum { BLOOM_WORDS = 8 }; /* of a line */

static inline const uint64_t *index_bloom_line(const struct match_index *x, uint64_t h)
{
	return x->bloom + ((h & UINT32_MAX) * x->bloom_lines >> 32) * BLOOM_WORDS;
}

/* Where in its line a fingerprint is: three bits in each of two words. */
struct index_bloom {
	unsigned word[2];
	uint64_t bits[2];
};

static inline struct index_bloom index_bloom(uint64_t h)
{
	/* From bits that chose neither line nor bucket alone. */
	uint64_t m = h * UINT64_C(0xd6e8feb86659fd93);
	unsigned word = (unsigned)(m >> 61);

	return (struct index_bloom){
	    .word = {word, word ^ (unsigned)((m >> 58 & 7) | 1)},
	    .bits = {UINT64_C(1) << (m >> 52 & 63) | UINT64_C(1) << (m >> 46 & 63) |
	                 UINT64_C(1) << (m >> 40 & 63),
	        UINT64_C(1) << (m >> 34 & 63) | UINT64_C(1) << (m >> 28 & 63) |
	            UINT64_C(1) << (m >> 22 & 63)},
	};
}

/* False: no entry has this fingerprint. */
static inline bool index_may_hold(const struct match_index *x, uint64_t h)
{
	const uint64_t *line = index_bloom_line(x, h);
	struct index_bloom b = index_bloom(h);

	return ((~line[b.word[0]] & b.bits[0]) | (~line[b.word[1]] & b.bits[1])) == 0;
}

static inline const uint32_t *index_bucket(const struct match_index *x, uint64_t h)
{
	return x->offsets + ((h >> 32) * x->buckets >> 32);
}

/* Visits every entry of exactly this term. */
void match_find(const struct match_index *x, uint64_t h, const struct term *term,
    index_entry_fn visit, void *ctx);
void match_walk(const struct match_index *x, index_entry_fn visit, void *ctx);
