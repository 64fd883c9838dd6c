/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/aggregate.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

struct aggregator {
	size_t max, count;
	struct aggregate *entries; /* dense */
	uint32_t *slots; /* twice max; an entry's number plus one, stepping on from the key's own */
};

struct aggregator *aggregator_new(size_t max)
{
	struct aggregator *a = mem_alloc(sizeof(*a));

	assert(max && (max & (max - 1)) == 0);
	a->max = max;
	a->entries = mem_alloc(max * sizeof(a->entries[0]));
	a->slots = mem_alloc(2 * max * sizeof(a->slots[0]));
	return a;
}

void aggregator_free(struct aggregator *a)
{
	if (!a)
		return;
	mem_free(a->entries);
	mem_free(a->slots);
	mem_free(a);
}

size_t aggregator_count(const struct aggregator *a)
{
	return a->count;
}

/* The key's slot, or the free one where it would go. */
static uint32_t *slot_of(struct aggregator *a, const struct uuid *key)
{
	size_t at;

	memcpy(&at, key->b + 8, sizeof(at)); /* a digest: as good as random */
	for (;; at++) {
		uint32_t *slot = &a->slots[at & (2 * a->max - 1)];

		if (!*slot || uuid_eq(&a->entries[*slot - 1].sighting.key, key))
			return slot;
	}
}

struct aggregate *aggregator_find(struct aggregator *a, const struct uuid *key)
{
	uint32_t *slot = slot_of(a, key);

	return *slot ? &a->entries[*slot - 1] : NULL;
}

struct aggregate *aggregator_add(struct aggregator *a, const struct uuid *key)
{
	uint32_t *slot = slot_of(a, key);
	struct aggregate *g = &a->entries[a->count];

	if (a->count == a->max)
		return NULL;
	assert(!*slot);
	*g = (struct aggregate){.sighting = {.key = *key}};
	*slot = (uint32_t)++a->count;
	return g;
}

void aggregator_clear(struct aggregator *a)
{
	memset(a->slots, 0, 2 * a->max * sizeof(a->slots[0]));
	a->count = 0;
}

struct aggregate *aggregator_at(struct aggregator *a, size_t i)
{
	return &a->entries[i];
}

void aggregate_count(struct aggregate *g, uint64_t count, usec first, usec last)
{
	struct sighting *s = &g->sighting;

	if (s->count == 0 || first < s->first)
		s->first = first;
	if (s->count == 0 || last > s->last)
		s->last = last;
	s->count += count;
}

bool aggregate_due(const struct aggregate *g, usec now)
{
	if (g->sighting.count == g->told)
		return false;
	return g->sighting.count >= 2 * g->told || now - g->told_at >= AGGREGATE_DELAY ||
	       now < g->told_at;
}

void aggregate_tell(struct aggregate *g, usec now)
{
	struct sighting *s = &g->sighting;

	if (s->created == 0)
		s->created = now;
	s->modified = now > s->modified ? now : s->modified + 1;
	g->told = s->count;
	g->told_at = now;
}
