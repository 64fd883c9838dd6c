/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/state.h"

#include <string.h>

#include "base/mem.h"

struct pattern_state {
	const struct pattern_program *program;
	struct pattern_limits limits;
	struct pattern_counters counters;
	struct pattern_item *items; /* in the order fed; each has its own words of `leaves` */
	uint64_t *refs;
	uint64_t **leaves;
	uint64_t *words;
	uint64_t *held; /* of each leaf, how many observations are kept that it is true of */
	size_t count;
	size_t cap;
	usec window;
};

struct pattern_state *pattern_state_new(
    const struct pattern_program *p, const struct pattern_limits *limits)
{
	struct pattern_state *s = mem_alloc(sizeof(*s));

	s->program = p;
	s->limits = *limits;
	s->cap = p->single || limits->items == 0 ? 1 : limits->items;
	s->window = p->window >= 0 && p->window < limits->window ? p->window : limits->window;
	s->items = mem_alloc(s->cap * sizeof(*s->items));
	s->refs = mem_alloc(s->cap * sizeof(*s->refs));
	s->leaves = mem_alloc(s->cap * sizeof(*s->leaves));
	s->words = mem_alloc(s->cap * p->words * sizeof(*s->words));
	s->held = mem_alloc((p->leaf_count + 1) * sizeof(*s->held));
	for (size_t i = 0; i < s->cap; i++)
		s->leaves[i] = s->words + i * p->words;
	return s;
}

const struct pattern_counters *pattern_state_counters(const struct pattern_state *s)
{
	return &s->counters;
}

size_t pattern_state_bytes(const struct pattern_state *s)
{
	return sizeof(*s) + (s->program->leaf_count + 1) * sizeof(*s->held) +
	       s->cap * (sizeof(*s->items) + sizeof(*s->refs) + sizeof(*s->leaves) +
	                    s->program->words * sizeof(*s->words));
}

/* More of one item are not told apart. */
static uint64_t numbered(uint64_t n)
{
	return n < UINT32_MAX ? n : UINT32_MAX;
}

static void count_item(struct pattern_state *s, const struct pattern_item *item, bool comes)
{
	const uint64_t n = numbered(item->number);

	for (size_t w = 0; w < s->program->words; w++)
		for (uint64_t bits = item->leaves[w]; bits; bits &= bits - 1) {
			uint64_t *held = &s->held[64 * w + (size_t)__builtin_ctzll(bits)];

			*held = comes ? *held + n : *held - n;
		}
}

/* Closes the gap and gives the freed words to the place behind the last. */
static void forget(struct pattern_state *s, size_t at)
{
	uint64_t *words = s->leaves[at];
	size_t after = s->count - at - 1;

	count_item(s, &s->items[at], false);
	memmove(s->items + at, s->items + at + 1, after * sizeof(*s->items));
	memmove(s->refs + at, s->refs + at + 1, after * sizeof(*s->refs));
	memmove((void *)(s->leaves + at), (void *)(s->leaves + at + 1), after * sizeof(*s->leaves));
	s->leaves[--s->count] = words;
}

static void let_go(struct pattern_state *s, size_t at)
{
	uint64_t ref = s->refs[at];

	forget(s, at);
	if (s->limits.forgotten)
		s->limits.forgotten(s->limits.ctx, ref);
}

void pattern_state_free(struct pattern_state *s)
{
	if (!s)
		return;
	while (s->count)
		let_go(s, s->count - 1);
	mem_free(s->items);
	mem_free(s->refs);
	mem_free((void *)s->leaves);
	mem_free(s->words);
	mem_free(s->held);
	mem_free(s);
}

static void expire(struct pattern_state *s, usec now)
{
	for (size_t i = s->count; i > 0; i--)
		if (s->items[i - 1].last < now - s->window) {
			let_go(s, i - 1);
			s->counters.expired++;
		}
}

static void make_room(struct pattern_state *s)
{
	size_t oldest = 0;

	if (s->count < s->cap)
		return;
	for (size_t i = 1; i < s->count; i++)
		if (s->items[i].last < s->items[oldest].last)
			oldest = i;
	let_go(s, oldest);
	s->counters.crowded++;
}

static bool of_use(const struct pattern_state *s, const struct pattern_item *item)
{
	for (size_t i = 0; i < s->program->words; i++)
		if (item->leaves[i])
			return true;
	return false;
}

static void keep(struct pattern_state *s, const struct pattern_item *item, uint64_t ref)
{
	size_t at = s->count++;

	memcpy(s->leaves[at], item->leaves, s->program->words * sizeof(uint64_t));
	s->items[at] = *item;
	s->items[at].leaves = s->leaves[at];
	s->refs[at] = ref;
	count_item(s, &s->items[at], true);
	s->counters.kept++;
}

/* What a match has used is used up. */
static enum err take_match(struct pattern_hit *out, struct pattern_state *s, struct arena *arena,
    const struct pattern_found *found)
{
	out->witnesses = arena_array(arena, found->count, sizeof(*out->witnesses));
	if (!out->witnesses)
		return ERR_NOMEM;
	for (size_t i = 0; i < found->count; i++)
		out->witnesses[i] = s->refs[found->witnesses[i]];
	for (size_t i = found->count; i > 0; i--)
		forget(s, found->witnesses[i - 1]);
	out->count = found->count;
	out->match = true;
	s->counters.matches++;
	return OK;
}

/* Whether what is kept can suffice for the span, whenever it was: false saves the search. */
static bool suffices(const struct pattern_state *s, const struct pattern_span *span)
{
	uint64_t n = 0;

	if (span->kind == PATTERN_GROUP) {
		for (size_t i = 0; i < s->program->leaf_count; i++)
			n += span->leaves[i / 64] >> i % 64 & 1 ? s->held[i] : 0;
		return n >= numbered(span->count);
	}
	for (const struct pattern_span *part = span->first; part; part = part->next)
		if (suffices(s, part) == (span->kind == PATTERN_EITHER))
			return span->kind == PATTERN_EITHER;
	return span->kind != PATTERN_EITHER;
}

enum err pattern_feed(struct pattern_hit *out, struct pattern_state *s, struct arena *arena,
    const struct pattern_item *item, uint64_t ref, usec now)
{
	struct pattern_found found;

	*out = (struct pattern_hit){.match = false};
	s->counters.fed++;
	expire(s, now);
	if (!of_use(s, item) || item->last < now - s->window)
		return OK;
	make_room(s);
	keep(s, item, ref);
	if (!suffices(s, s->program->root))
		return OK;
	if (pattern_find(&found, arena, s->program, s->items, s->count, s->limits.work) != OK) {
		s->counters.undecided++;
		return ERR_NOMEM;
	}
	s->counters.undecided += found.verdict == PATTERN_UNDECIDED;
	return found.verdict == PATTERN_MATCH ? take_match(out, s, arena, &found) : OK;
}
