/* SPDX-License-Identifier: Apache-2.0 */
#include "match/index.h"

#include <assert.h>

#include "base/buf.h"
#include "base/mem.h"
#include "match/entry.h"

static const char MAGIC[8] = {'t', 'o', 'c', 'i', 'd', 'x', '2', '\n'};

enum {
	BLOOM_BITS = 12, /* an entry */
	BLOOM_LINE_BITS = 64 * BLOOM_WORDS,
	BUCKET_ENTRIES =
	    4, /* on average: a hit reads some neighbours, which one read brings along */
	SLASH24_BYTES = 1 << 21,
	ALIGN = 64, /* of the Bloom filter's lines */
};

#define ENTRY_BYTES_MAX UINT64_C(0xffffffff)

struct header {
	char magic[8];
	uint64_t seed;
	uint64_t count;
	uint64_t next;
	uint64_t nets4;
	uint64_t nets6[2];
	uint64_t bloom_lines;
	uint64_t buckets;
	uint64_t slash24; /* bytes of it: none or SLASH24_BYTES */
	uint64_t entry_bytes;
};

struct index_builder {
	uint64_t seed;
	uint64_t count;
	uint64_t nets4;
	uint64_t nets6[2];
	struct buf entries; /* in the order they came */
};

struct index_builder *index_builder_new(uint64_t seed)
{
	struct index_builder *b = mem_alloc(sizeof(*b));

	b->seed = seed;
	buf_init(&b->entries, ENTRY_BYTES_MAX);
	return b;
}

void index_builder_free(struct index_builder *b)
{
	if (!b)
		return;
	buf_free(&b->entries);
	mem_free(b);
}

enum err index_builder_add(struct index_builder *b, const struct index_entry *e)
{
	int network = entry_network(&e->term);
	size_t size = entry_size(e);
	char *at;

	if (!entry_fits(e))
		return ERR_LIMIT;
	at = buf_grow(&b->entries, size);
	if (!at)
		return b->entries.failed;
	entry_put(at, e);
	b->count++;
	if (network >= 0 && e->term.kind == TERM_IPV4)
		b->nets4 |= UINT64_C(1) << network;
	else if (network >= 0)
		b->nets6[network / 64] |= UINT64_C(1) << network % 64;
	return OK;
}

uint64_t index_builder_count(const struct index_builder *b)
{
	return b->count;
}

static struct header header_of(const struct index_builder *b, uint64_t next)
{
	struct header h = {
	    .seed = b->seed,
	    .count = b->count,
	    .next = next,
	    .nets4 = b->nets4,
	    .nets6 = {b->nets6[0], b->nets6[1]},
	    .bloom_lines = b->count * BLOOM_BITS / BLOOM_LINE_BITS + 1,
	    .buckets = b->count / BUCKET_ENTRIES + 1,
	    .slash24 = b->nets4 ? SLASH24_BYTES : 0,
	    .entry_bytes = b->entries.n,
	};

	memcpy(h.magic, MAGIC, sizeof(MAGIC));
	return h;
}

static size_t offsets_bytes(const struct header *h)
{
	/* Rounded so that what follows stays aligned. */
	return ((h->buckets + 1) * sizeof(uint32_t) + 7) & ~(size_t)7;
}

static size_t size_of(const struct header *h)
{
	return INDEX_HEADER + h->bloom_lines * ALIGN + h->slash24 + offsets_bytes(h) +
	       h->entry_bytes;
}

size_t index_builder_size(const struct index_builder *b)
{
	struct header h = header_of(b, 0);

	return size_of(&h);
}

/* Every /24 that the network touches. */
static void mark_slash24(unsigned char *bitmap, const struct term *t)
{
	const unsigned char *v = (const unsigned char *)t->value.p;
	uint32_t first, count;

	if (t->kind != TERM_IPV4 || t->prefix >= 32 || t->value.n != 4)
		return;
	first = (uint32_t)v[0] << 16 | (uint32_t)v[1] << 8 | v[2];
	count = t->prefix >= 24 ? 1 : UINT32_C(1) << (24 - t->prefix);
	for (uint32_t i = first; i < first + count && i < SLASH24_BYTES * 8U; i++)
		bitmap[i / 8] |= (unsigned char)(1U << i % 8);
}

static void mark_bloom(uint64_t *line, uint64_t print)
{
	struct index_bloom b = index_bloom(print);

	line[b.word[0]] |= b.bits[0];
	line[b.word[1]] |= b.bits[1];
}

void index_builder_write(const struct index_builder *b, uint64_t next, void *out)
{
	struct header h = header_of(b, next);
	char *base = out;
	uint64_t *bloom = (uint64_t *)out + INDEX_HEADER / 8;
	unsigned char *slash24 = (unsigned char *)(bloom + h.bloom_lines * BLOOM_WORDS);
	uint32_t *offsets = (uint32_t *)(void *)(slash24 + h.slash24);
	char *entries = base + size_of(&h) - h.entry_bytes;
	struct match_index x = {
	    .bloom = bloom, .bloom_lines = h.bloom_lines, .offsets = offsets, .buckets = h.buckets};
	struct index_entry e = {.seq = 0};
	size_t size;
	uint32_t end = 0;

	assert((uintptr_t)out % 8 == 0);
	memcpy(out, &h, sizeof(h));
	/* A counting sort by bucket: first how much each takes ... */
	for (size_t at = 0; at < b->entries.n; at += size) {
		uint64_t print;

		size = entry_get(&e, b->entries.p + at, b->entries.n - at);
		print = entry_fingerprint(b->seed, &e.term);
		mark_bloom(bloom + (index_bloom_line(&x, print) - bloom), print);
		offsets[index_bucket(&x, print) - offsets] += (uint32_t)size;
		if (h.slash24)
			mark_slash24(slash24, &e.term);
	}
	/* ... then where each ends ... */
	for (uint64_t i = 0; i <= h.buckets; i++) {
		end += offsets[i];
		offsets[i] = end;
	}
	/* ... then each entry, from the end of its bucket down: the offset ends up at the start. */
	for (size_t at = 0; at < b->entries.n; at += size) {
		uint32_t *offset;

		size = entry_get(&e, b->entries.p + at, b->entries.n - at);
		offset = &offsets[index_bucket(&x, entry_fingerprint(b->seed, &e.term)) - offsets];
		*offset -= (uint32_t)size;
		memcpy(entries + *offset, b->entries.p + at, size);
	}
}

static bool fits(const struct header *h, size_t n)
{
	/* Each part alone first, so that the sum cannot overflow. */
	if (h->bloom_lines == 0 || h->bloom_lines > n / ALIGN || h->buckets == 0 ||
	    h->buckets > UINT32_MAX || h->buckets > n / 4 || h->entry_bytes > n)
		return false;
	if (h->slash24 != 0 && h->slash24 != SLASH24_BYTES)
		return false;
	return size_of(h) == n;
}

enum err match_open(struct match_index *out, struct str map, struct fault *fault)
{
	struct header h;
	const uint64_t *bloom;
	const char *slash24;

	if (map.n < INDEX_HEADER || (uintptr_t)map.p % 8 != 0)
		return fail(
		    fault, ERR_CORRUPT, "an indicator index of %zu bytes is too short", map.n);
	memcpy(&h, map.p, sizeof(h));
	if (memcmp(h.magic, MAGIC, sizeof(MAGIC)) != 0)
		return fail(fault, ERR_CORRUPT, "not an indicator index of this version");
	if (!fits(&h, map.n))
		return fail(fault, ERR_CORRUPT,
		    "the parts of the indicator index do not add up to its %zu bytes", map.n);
	bloom = (const void *)(map.p + INDEX_HEADER);
	slash24 = map.p + INDEX_HEADER + h.bloom_lines * ALIGN;
	*out = (struct match_index){
	    .seed = h.seed,
	    .count = h.count,
	    .next = h.next,
	    .nets4 = h.nets4 & UINT32_MAX,
	    .nets6 = {h.nets6[0], h.nets6[1]},
	    .bloom_lines = h.bloom_lines,
	    .buckets = h.buckets,
	    .entry_bytes = h.entry_bytes,
	    .bloom = bloom,
	    .slash24 = h.slash24 ? (const unsigned char *)slash24 : NULL,
	    .offsets = (const void *)(slash24 + h.slash24),
	    .entries = map.p + map.n - h.entry_bytes,
	};
	return OK;
}

void match_find(const struct match_index *x, uint64_t h, const struct term *term,
    index_entry_fn visit, void *ctx)
{
	const uint32_t *bucket = index_bucket(x, h);
	size_t at = bucket[0], end = bucket[1];
	struct index_entry e;

	if (end > x->entry_bytes)
		return;
	while (at < end) {
		size_t size = entry_get(&e, x->entries + at, end - at);

		if (size == 0)
			return;
		if (term_eq(&e.term, term))
			visit(ctx, &e);
		at += size;
	}
}

void match_walk(const struct match_index *x, index_entry_fn visit, void *ctx)
{
	struct index_entry e;
	size_t size;

	for (size_t at = 0; at < x->entry_bytes; at += size) {
		size = entry_get(&e, x->entries + at, x->entry_bytes - at);
		if (size == 0)
			return;
		visit(ctx, &e);
	}
}
