/* SPDX-License-Identifier: Apache-2.0 */
/* Random patterns over a few expressions and random observations of which they are true, both as
 * the slow evaluator has them and as text. */
#pragma once

#include "slow.h"

#include "base/buf.h"

/* xorshift: small, and the same everywhere. */
static inline uint32_t roll(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 33) % below;
}

static const int64_t SECOND = 1000000;

static inline int random_node(struct slow_pattern *p, uint64_t *seed, int depth)
{
	int at = p->count++;
	struct slow_node n = {.kind = SLOW_LEAF, .leaf = (int)roll(seed, SLOW_LEAVES)};

	if (depth > 0 && p->count + 4 < SLOW_NODES && roll(seed, 4) != 0)
		n.kind = (enum slow_kind)(1 + roll(seed, 6));
	if (n.kind == SLOW_REPEATS)
		n.number = 1 + roll(seed, 3);
	if (n.kind == SLOW_WITHIN)
		n.number = (1 + roll(seed, 8)) * SECOND / 2;
	if (n.kind == SLOW_PERIOD) {
		n.from = roll(seed, 8) * SECOND;
		n.to = n.from + roll(seed, 6) * SECOND;
	}
	if (n.kind != SLOW_LEAF)
		n.left = random_node(p, seed, depth - 1);
	if (n.kind == SLOW_AND || n.kind == SLOW_OR || n.kind == SLOW_FOLLOWED)
		n.right = random_node(p, seed, depth - 1);
	p->nodes[at] = n;
	return at;
}

static inline int random_observed(struct slow_observed *o, uint64_t *seed)
{
	int n = 1 + (int)roll(seed, SLOW_OBSERVED);

	for (int i = 0; i < n; i++) {
		o[i].first = roll(seed, 10) * SECOND;
		o[i].last = o[i].first + (roll(seed, 2) ? 0 : roll(seed, 5) * SECOND);
		o[i].number = roll(seed, 4) ? 1 : 2;
		for (int k = 0; k < SLOW_LEAVES; k++)
			o[i].is[k] = roll(seed, 3) == 0;
	}
	return n;
}

/* How tightly a kind binds: what binds less needs parentheses. */
static inline int tightness(enum slow_kind kind)
{
	return kind == SLOW_FOLLOWED ? 0 : kind == SLOW_OR ? 1 : kind == SLOW_AND ? 2 : 3;
}

static inline void put_pattern(
    struct buf *out, const struct slow_pattern *p, int node, uint64_t *seed);

/* In parentheses where the grammar needs them, and at times where it does not. A qualifier after a
 * qualifier is put in parentheses: 2.1 forbids the same one twice. */
static inline void put_part(
    struct buf *out, const struct slow_pattern *p, int node, int tight, uint64_t *seed)
{
	enum slow_kind kind = p->nodes[node].kind;
	bool wrap =
	    tightness(kind) < tight || (tight == 4 && kind != SLOW_LEAF) || roll(seed, 5) == 0;

	if (wrap)
		buf_byte(out, '(');
	put_pattern(out, p, node, seed);
	if (wrap)
		buf_byte(out, ')');
}

static inline void put_pattern(
    struct buf *out, const struct slow_pattern *p, int node, uint64_t *seed)
{
	const struct slow_node *n = &p->nodes[node];
	int tight = tightness(n->kind);

	if (n->kind == SLOW_LEAF) {
		buf_printf(out, "[a:p%d = 1]", n->leaf);
		return;
	}
	put_part(out, p, n->left, n->kind >= SLOW_WITHIN ? 4 : tight, seed);
	switch (n->kind) {
	case SLOW_WITHIN:
		buf_printf(out, " WITHIN %d.%d SECONDS", (int)(n->number / SECOND),
		    (int)(n->number % SECOND / 100000));
		return;
	case SLOW_PERIOD:
		buf_printf(out, " START t'2020-01-01T00:00:%02dZ' STOP t'2020-01-01T00:00:%02dZ'",
		    (int)(n->from / SECOND), (int)(n->to / SECOND));
		return;
	case SLOW_REPEATS:
		buf_printf(out, " REPEATS %d TIMES", (int)n->number);
		return;
	default:
		/* Left-associative: the same kind on the right needs parentheses, for it is
		 * another tree; that it means the same is not for this to know. */
		buf_put(out, n->kind == SLOW_AND  ? S(" AND ")
		             : n->kind == SLOW_OR ? S(" OR ")
		                                  : S(" FOLLOWEDBY "));
		put_part(out, p, n->right, tight + 1, seed);
	}
}
