/* SPDX-License-Identifier: Apache-2.0 */
/* Layout: header, Bloom filter (a 64-bit word for each four entries), a slot an entry for other
 * ends (number of the record plus one and the second, each half a word), heads of the chains, then
 * the entries, each behind the reference of the next in its chain. References count units of 4
 * bytes from the start of the entries, plus one; 0 ends a chain. Published with release stores. */
#include "match/delta.h"

#include <assert.h>
#include <stdatomic.h>

#include "match/entry.h"

static const char MAGIC[8] = {'t', 'o', 'c', 'd', 'l', 't', '3', '\n'};

enum { UNIT = 4, USUAL_ENTRY = 64, ENTRIES_PER_WORD = 4 };

struct match_delta {
	char magic[8];
	uint64_t seed;
	uint64_t capacity; /* entries; a power of two */
	uint64_t size;     /* of the whole map */
	_Atomic uint64_t used;
	_Atomic uint64_t count;
	_Atomic uint64_t nets4;
	_Atomic uint64_t nets6[2];
	_Atomic uint64_t ends; /* slots in use */
	char pad[INDEX_HEADER - 10 * 8];
	_Atomic uint64_t bloom[];
};

static uint64_t capacity_for(uint64_t entries)
{
	uint64_t capacity = DELTA_ENTRIES_MIN;

	while (capacity < entries && capacity < DELTA_ENTRIES_MAX)
		capacity *= 2;
	return capacity;
}

static size_t fixed_bytes(uint64_t capacity)
{
	return INDEX_HEADER + capacity / ENTRIES_PER_WORD * 8 + capacity * (8 + 4);
}

/* Entries start at a unit. */
static size_t rounded(size_t size)
{
	return (size + UNIT - 1) & ~(size_t)(UNIT - 1);
}

static size_t room(const struct match_delta *d)
{
	return d->size - fixed_bytes(d->capacity);
}

static _Atomic uint64_t *ends(const struct match_delta *d)
{
	return (_Atomic uint64_t *)(uintptr_t)(d->bloom + d->capacity / ENTRIES_PER_WORD);
}

static _Atomic uint32_t *heads(const struct match_delta *d)
{
	return (_Atomic uint32_t *)(uintptr_t)(ends(d) + d->capacity);
}

static char *entries(const struct match_delta *d)
{
	return (char *)(uintptr_t)(heads(d) + d->capacity);
}

size_t delta_size(uint64_t entry_count)
{
	uint64_t capacity = capacity_for(entry_count);

	return fixed_bytes(capacity) + capacity * USUAL_ENTRY + 2 * INDEX_VALUE_MAX;
}

struct match_delta *delta_format(void *map, uint64_t entry_count, uint64_t seed)
{
	struct match_delta *d = map;

	assert((uintptr_t)map % 8 == 0);
	d->seed = seed;
	d->capacity = capacity_for(entry_count);
	d->size = delta_size(entry_count);
	memcpy(d->magic, MAGIC, sizeof(MAGIC));
	return d;
}

enum err delta_open(struct match_delta **out, void *map, size_t n, struct fault *fault)
{
	struct match_delta *d = map;

	if (n < INDEX_HEADER || (uintptr_t)map % 8 != 0 ||
	    memcmp(d->magic, MAGIC, sizeof(MAGIC)) != 0)
		return fail(fault, ERR_CORRUPT, "not an indicator delta of this version");
	if (d->capacity < DELTA_ENTRIES_MIN || d->capacity > DELTA_ENTRIES_MAX ||
	    (d->capacity & (d->capacity - 1)) != 0 || d->size != n ||
	    delta_size(d->capacity) != n || atomic_load(&d->used) > room(d))
		return fail(fault, ERR_CORRUPT,
		    "the parts of the indicator delta do not add up to its %zu bytes", n);
	*out = d;
	return OK;
}

uint64_t delta_seed(const struct match_delta *d)
{
	return d->seed;
}

uint64_t delta_count(const struct match_delta *d)
{
	return atomic_load_explicit(&d->count, memory_order_acquire);
}

uint64_t delta_nets4(const struct match_delta *d)
{
	return atomic_load_explicit(&d->nets4, memory_order_relaxed) & UINT32_MAX;
}

uint64_t delta_nets6(const struct match_delta *d, unsigned half)
{
	return atomic_load_explicit(&d->nets6[half & 1], memory_order_relaxed);
}

static uint64_t bloom_at(const struct match_delta *d, uint64_t h)
{
	return (h & UINT32_MAX) * (d->capacity / ENTRIES_PER_WORD) >> 32;
}

/* Four bits of one word. */
static uint64_t bloom_bits(uint64_t h)
{
	uint64_t m = h * UINT64_C(0xd6e8feb86659fd93);

	return UINT64_C(1) << (m >> 58) | UINT64_C(1) << (m >> 52 & 63) |
	       UINT64_C(1) << (m >> 46 & 63) | UINT64_C(1) << (m >> 40 & 63);
}

static _Atomic uint32_t *head_of(const struct match_delta *d, uint64_t h)
{
	return heads(d) + ((h >> 32) * d->capacity >> 32);
}

enum err delta_add(struct match_delta *d, const struct index_entry *e)
{
	size_t used = atomic_load(&d->used), size = UNIT + rounded(entry_size(e));
	uint64_t h = entry_fingerprint(d->seed, &e->term);
	int network = entry_network(&e->term);
	char *at = entries(d) + used;
	uint32_t next;

	if (!entry_fits(e))
		return ERR_LIMIT;
	if (delta_count(d) == d->capacity || size > room(d) - used)
		return ERR_FULL;
	next = atomic_load(head_of(d, h));
	memcpy(at, &next, UNIT);
	entry_put(at + UNIT, e);
	atomic_fetch_or(&d->bloom[bloom_at(d, h)], bloom_bits(h));
	if (network >= 0 && e->term.kind == TERM_IPV4)
		atomic_fetch_or(&d->nets4, UINT64_C(1) << network);
	else if (network >= 0)
		atomic_fetch_or(&d->nets6[network / 64], UINT64_C(1) << network % 64);
	atomic_store(&d->used, used + size);
	atomic_store_explicit(head_of(d, h), (uint32_t)(used / UNIT) + 1, memory_order_release);
	atomic_fetch_add_explicit(&d->count, 1, memory_order_release);
	return OK;
}

/* Of a record, or the free one where it would be; NULL in a damaged file without a free one. */
static _Atomic uint64_t *end_of(const struct match_delta *d, uint64_t seq, uint64_t *word)
{
	uint64_t at = seq * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (uint64_t step = 0; step < d->capacity; step++) {
		_Atomic uint64_t *slot = ends(d) + ((at + step) & (d->capacity - 1));

		*word = atomic_load_explicit(slot, memory_order_relaxed);
		if (*word == 0 || *word >> 32 == seq + 1)
			return slot;
	}
	return NULL;
}

enum err delta_put_until(struct match_delta *d, uint64_t seq, uint32_t until)
{
	uint64_t used = atomic_load(&d->ends), word;
	_Atomic uint64_t *slot = end_of(d, seq, &word);

	if (seq >= UINT32_MAX)
		return ERR_LIMIT;
	if (!slot || (word == 0 && used >= d->capacity / 2))
		return ERR_FULL;
	if (word == 0)
		atomic_store(&d->ends, used + 1);
	atomic_store(slot, (seq + 1) << 32 | until);
	return OK;
}

uint32_t delta_until(const struct match_delta *d, uint64_t seq, uint32_t until)
{
	uint64_t word;

	if (atomic_load_explicit(&d->ends, memory_order_relaxed) == 0 || seq >= UINT32_MAX ||
	    !end_of(d, seq, &word))
		return until;
	return word ? (uint32_t)word : until;
}

bool delta_may_hold(const struct match_delta *d, uint64_t h)
{
	uint64_t bits = bloom_bits(h);
	uint64_t word = atomic_load_explicit(&d->bloom[bloom_at(d, h)], memory_order_relaxed);

	return (word & bits) == bits;
}

void delta_find(const struct match_delta *d, uint64_t h, const struct term *term,
    index_entry_fn visit, void *ctx)
{
	uint32_t ref = atomic_load_explicit(head_of(d, h), memory_order_acquire);
	struct index_entry e;

	/* The steps are counted, so that a damaged file with a ring in it ends too. */
	for (uint64_t step = 0; ref != 0 && step < d->capacity; step++) {
		size_t at = (size_t)(ref - 1) * UNIT;

		if (at > room(d) - UNIT ||
		    entry_get(&e, entries(d) + at + UNIT, room(d) - at - UNIT) == 0)
			return;
		if (term_eq(&e.term, term))
			visit(ctx, &e);
		memcpy(&ref, entries(d) + at, UNIT);
	}
}

void delta_walk(const struct match_delta *d, index_entry_fn visit, void *ctx)
{
	size_t used = atomic_load(&d->used);
	struct index_entry e;

	for (size_t at = 0; at + UNIT <= used;) {
		size_t size = entry_get(&e, entries(d) + at + UNIT, used - at - UNIT);

		if (size == 0)
			return;
		visit(ctx, &e);
		at += UNIT + rounded(size);
	}
}
