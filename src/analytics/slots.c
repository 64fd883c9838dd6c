/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/slots.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum { WAYS = 8, WEIGHT_MAX = 64 };

struct slots {
	struct hash_key key;
	size_t entries, size;
	uint64_t looks, crowded;
	char *memory;
};

struct slots *slots_new(size_t entries, size_t size, const struct hash_key *key)
{
	struct slots *t = mem_alloc(sizeof(*t));

	assert(entries >= WAYS && (entries & (entries - 1)) == 0 && size >= sizeof(struct slot) &&
	       size % 8 == 0);
	*t = (struct slots){.key = *key, .entries = entries, .size = size};
	t->memory = mem_alloc(entries * size);
	return t;
}

void slots_free(struct slots *t)
{
	if (!t)
		return;
	mem_free(t->memory);
	mem_free(t);
}

uint64_t slots_crowded(const struct slots *t)
{
	return t->crowded;
}

static bool gives_way(const struct slot *a, const struct slot *b)
{
	return a->weight != b->weight ? a->weight < b->weight : a->used < b->used;
}

void *slots_get(struct slots *t, struct str key)
{
	uint64_t print = hash_bytes(&t->key, key);
	char *set = t->memory + (print & (t->entries - 1) & ~(size_t)(WAYS - 1)) * t->size;
	struct slot *victim = (void *)set;

	print += print == 0;
	for (size_t i = 0; i < WAYS; i++) {
		struct slot *s = (void *)(set + i * t->size);

		if (s->print == print) {
			s->used = ++t->looks;
			s->weight += s->weight < WEIGHT_MAX;
			return s;
		}
		if (gives_way(s, victim))
			victim = s;
	}
	if (victim->print) {
		t->crowded++;
		/* What is not looked at any more gives way in the end. */
		for (size_t i = 0; i < WAYS; i++) {
			struct slot *s = (void *)(set + i * t->size);

			s->weight -= s->weight > 0;
		}
	}
	memset(victim, 0, t->size);
	*victim = (struct slot){print, ++t->looks, 1};
	return victim;
}
