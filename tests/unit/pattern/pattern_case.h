/* SPDX-License-Identifier: Apache-2.0 */
/* One random case: a pattern, observations, and what the slow evaluator needs. */
#pragma once

#include <stdlib.h>

#include "base/buf.h"
#include "pattern/find.h"
#include "random_pattern.h"

/* 2020-01-01T00:00:00Z */
static const usec START = INT64_C(1577836800) * 1000000;

static struct arena *arena;

static inline int setup(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static inline struct pattern_program *compiled(struct str text)
{
	struct pattern_program *p;
	struct fault fault = {OK, ""};
	size_t at;

	if (pattern_compile(&p, arena, text, PATTERN_READ_21, &at, &fault) != OK) {
		print_error("%.*s: %s\n", STR_ARG(text), fault.text);
		assert_true(false);
	}
	return p;
}

/* Which leaf of the program is expression k: the one whose path is p<k>. */
static inline uint64_t bits_of(const struct pattern_program *p, const bool *is)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < p->leaf_count; i++) {
		struct str key = p->leaves[i]->check->steps[0].key;

		bits |= (uint64_t)is[key.p[1] - '0'] << i;
	}
	return bits;
}

struct kase {
	struct slow_pattern slow;
	struct slow_ways ways;
	struct slow_observed observed[SLOW_OBSERVED];
	int count;
	struct buf text;
	struct pattern_program *program;
	struct pattern_item items[SLOW_OBSERVED];
	uint64_t bits[SLOW_OBSERVED];
};

static inline void fill_items(struct kase *k)
{
	for (int i = 0; i < k->count; i++) {
		const struct slow_observed *o = &k->observed[i];

		k->bits[i] = bits_of(k->program, o->is);
		k->items[i] = (struct pattern_item){
		    START + o->first, START + o->last, (uint64_t)o->number, &k->bits[i]};
	}
}

/* False when the slow evaluator would need more room than it has. */
static inline bool make_case(struct kase *k, uint64_t *seed)
{
	k->slow = (struct slow_pattern){.count = 0};
	k->slow.root = random_node(&k->slow, seed, 4);
	slow_ways_of(&k->ways, &k->slow, k->slow.root);
	if (k->ways.too_many)
		return false;
	k->count = random_observed(k->observed, seed);
	buf_reset(&k->text);
	put_pattern(&k->text, &k->slow, k->slow.root, seed);
	arena_reset(arena);
	k->program = compiled(buf_str(&k->text));
	fill_items(k);
	return true;
}

static inline void say_case(const struct kase *k, uint64_t number)
{
	print_error("case %llu: %.*s\n", (unsigned long long)number, STR_ARG(buf_str(&k->text)));
	for (int i = 0; i < k->count; i++)
		print_error("  [%g, %g] x%d %d%d%d%d\n", k->observed[i].first / 1e6,
		    k->observed[i].last / 1e6, k->observed[i].number, k->observed[i].is[0],
		    k->observed[i].is[1], k->observed[i].is[2], k->observed[i].is[3]);
}

/* How many cases: fewer where a sanitizer makes each ten times as long, as many as are asked for.
 */
static inline uint64_t cases(uint64_t usual)
{
	const char *asked = getenv("TOCSIN_PATTERN_CASES");

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	usual /= 10;
#endif
	return asked ? strtoull(asked, NULL, 10) : usual;
}
