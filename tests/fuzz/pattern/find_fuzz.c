/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes choose a small pattern and small observations, as the unit test's random numbers do:
 * the slow evaluator must say the same. */
#include <stdlib.h>

#include "base/buf.h"
#include "pattern/find.h"

#include "../../unit/pattern/slow.h"

struct bytes {
	const uint8_t *p;
	size_t n;
	size_t at;
};

static int next(struct bytes *b, int below)
{
	return b->at < b->n ? b->p[b->at++] % below : 0;
}

static int node(struct slow_pattern *p, struct bytes *b, int depth)
{
	int at = p->count++;
	struct slow_node n = {.kind = SLOW_LEAF};

	if (depth > 0 && p->count + 4 < SLOW_NODES)
		n.kind = (enum slow_kind)next(b, 7);
	n.leaf = next(b, SLOW_LEAVES);
	n.number = n.kind == SLOW_REPEATS ? 1 + next(b, 3) : (1 + next(b, 8)) * 500000;
	n.from = next(b, 8) * 1000000;
	n.to = n.from + next(b, 6) * 1000000;
	if (n.kind != SLOW_LEAF)
		n.left = node(p, b, depth - 1);
	if (n.kind == SLOW_AND || n.kind == SLOW_OR || n.kind == SLOW_FOLLOWED)
		n.right = node(p, b, depth - 1);
	p->nodes[at] = n;
	return at;
}

static void put(struct buf *out, const struct slow_pattern *p, int at)
{
	const struct slow_node *n = &p->nodes[at];

	if (n->kind == SLOW_LEAF) {
		buf_printf(out, "[a:p%d = 1]", n->leaf);
		return;
	}
	buf_byte(out, '(');
	put(out, p, n->left);
	if (n->kind == SLOW_WITHIN)
		buf_printf(out, ") WITHIN %d.%d SECONDS", (int)(n->number / 1000000),
		    (int)(n->number % 1000000 / 100000));
	else if (n->kind == SLOW_REPEATS)
		buf_printf(out, ") REPEATS %d TIMES", (int)n->number);
	else if (n->kind == SLOW_PERIOD)
		buf_printf(out, ") START t'1970-01-01T00:00:%02dZ' STOP t'1970-01-01T00:00:%02dZ'",
		    (int)(n->from / 1000000), (int)(n->to / 1000000));
	else {
		buf_put(out, n->kind == SLOW_AND  ? S(" AND ")
		             : n->kind == SLOW_OR ? S(" OR ")
		                                  : S(" FOLLOWEDBY "));
		put(out, p, n->right);
		buf_byte(out, ')');
	}
}

static uint64_t bits_of(const struct pattern_program *p, const bool *is)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < p->leaf_count; i++)
		bits |= (uint64_t)is[p->leaves[i]->check->steps[0].key.p[1] - '0'] << i;
	return bits;
}

static int observe(struct slow_observed *o, struct bytes *b)
{
	int n = 1 + next(b, SLOW_OBSERVED);

	for (int i = 0; i < n; i++) {
		int is = next(b, 16);

		o[i].first = next(b, 10) * 1000000;
		o[i].last = o[i].first + next(b, 5) * 1000000;
		o[i].number = 1 + next(b, 2);
		for (int k = 0; k < SLOW_LEAVES; k++)
			o[i].is[k] = is >> k & 1;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size, 0};
	struct slow_pattern slow = {.count = 0};
	struct slow_observed o[SLOW_OBSERVED];
	struct pattern_item items[SLOW_OBSERVED];
	uint64_t bits[SLOW_OBSERVED];
	struct arena *arena = arena_new(64 << 20);
	struct pattern_program *p;
	struct pattern_found found;
	struct fault fault = {OK, ""};
	struct slow_ways ways;
	struct buf text;
	size_t at;
	int n;

	buf_init(&text, 1 << 16);
	slow.root = node(&slow, &b, 4);
	slow_ways_of(&ways, &slow, slow.root);
	n = observe(o, &b);
	put(&text, &slow, slow.root);
	if (pattern_compile(&p, arena, buf_str(&text), PATTERN_READ_21, &at, &fault) != OK)
		abort();
	for (int i = 0; i < n; i++) {
		bits[i] = bits_of(p, o[i].is);
		items[i] =
		    (struct pattern_item){o[i].first, o[i].last, (uint64_t)o[i].number, &bits[i]};
	}
	if (pattern_find(&found, arena, p, items, (size_t)n, PATTERN_WORK_MAX) != OK)
		abort();
	if (!ways.too_many && (found.verdict == PATTERN_MATCH) != slow_match(&ways, o, n))
		abort();
	buf_free(&text);
	arena_free(arena);
	return 0;
}
