/* SPDX-License-Identifier: Apache-2.0 */
/* The slow, obviously right evaluator of what joins observations: it writes out every alternative
 * (OR) with every repetition, gives each expression every observation in turn, and then asks
 * whether times exist, by the shortest ways between all pairs. Written from the specification
 * (STIX 2.1 section 9.5), knowing nothing of src/pattern. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SLOW_LEAVES = 4, SLOW_OBSERVED = 6, SLOW_TAKEN = 6, SLOW_WAYS = 80, SLOW_NODES = 24 };

enum slow_kind {
	SLOW_LEAF,
	SLOW_AND,
	SLOW_OR,
	SLOW_FOLLOWED,
	SLOW_WITHIN,
	SLOW_PERIOD,
	SLOW_REPEATS
};

struct slow_node {
	enum slow_kind kind;
	int leaf;
	int left, right;  /* of nodes; right only where there are two */
	int64_t number;   /* REPEATS times, WITHIN microseconds */
	int64_t from, to; /* PERIOD, microseconds: from <= t < to */
};

struct slow_pattern {
	struct slow_node nodes[SLOW_NODES];
	int count;
	int root;
};

struct slow_observed {
	int64_t first, last; /* microseconds */
	int number;
	bool is[SLOW_LEAVES]; /* which expressions are true of it */
};

#define SLOW_FAR (INT64_MAX / 8)

/* One way to be true: expressions that each want an observation, and bounds on when:
 * t[i] - t[j] <= apart[i][j], low[i] <= t[i] <= high[i]. */
struct slow_way {
	int n;
	int leaf[SLOW_TAKEN];
	int64_t apart[SLOW_TAKEN][SLOW_TAKEN];
	int64_t low[SLOW_TAKEN], high[SLOW_TAKEN];
};

struct slow_ways {
	int n;
	struct slow_way way[SLOW_WAYS];
	bool too_many;
};

static inline void slow_join(
    struct slow_ways *out, const struct slow_ways *a, const struct slow_ways *b, bool in_turn)
{
	out->n = 0;
	out->too_many = a->too_many || b->too_many;
	for (int x = 0; x < a->n; x++)
		for (int y = 0; y < b->n; y++) {
			const struct slow_way *l = &a->way[x], *r = &b->way[y];
			struct slow_way *w = &out->way[out->n];

			if (l->n + r->n > SLOW_TAKEN || out->n == SLOW_WAYS) {
				out->too_many = true;
				return;
			}
			*w = *l;
			w->n = l->n + r->n;
			for (int i = 0; i < w->n; i++)
				for (int j = 0; j < w->n; j++) {
					bool both_left = i < l->n && j < l->n;
					bool both_right = i >= l->n && j >= l->n;

					if (both_right)
						w->apart[i][j] = r->apart[i - l->n][j - l->n];
					else if (!both_left)
						/* Left ones are not after right ones. */
						w->apart[i][j] = in_turn && i < l->n ? 0 : SLOW_FAR;
				}
			for (int i = 0; i < r->n; i++) {
				w->leaf[l->n + i] = r->leaf[i];
				w->low[l->n + i] = r->low[i];
				w->high[l->n + i] = r->high[i];
			}
			out->n++;
		}
}

static inline void slow_ways_of(struct slow_ways *out, const struct slow_pattern *p, int node)
{
	const struct slow_node *n = &p->nodes[node];
	struct slow_ways left, right, sum;

	if (n->kind == SLOW_LEAF) {
		*out = (struct slow_ways){.n = 1};
		out->way[0].n = 1;
		out->way[0].leaf[0] = n->leaf;
		out->way[0].low[0] = -SLOW_FAR;
		out->way[0].high[0] = SLOW_FAR;
		return;
	}
	slow_ways_of(&left, p, n->left);
	*out = left;
	if (n->kind == SLOW_AND || n->kind == SLOW_FOLLOWED) {
		slow_ways_of(&right, p, n->right);
		slow_join(out, &left, &right, n->kind == SLOW_FOLLOWED);
	} else if (n->kind == SLOW_OR) {
		slow_ways_of(&right, p, n->right);
		out->too_many = left.too_many || right.too_many || left.n + right.n > SLOW_WAYS;
		for (int i = 0; i < right.n && !out->too_many; i++)
			out->way[out->n++] = right.way[i];
	} else if (n->kind == SLOW_REPEATS) {
		for (int64_t i = 1; i < n->number && !out->too_many; i++) {
			sum = *out;
			slow_join(out, &sum, &left, false);
		}
	}
	for (int k = 0; k < out->n; k++)
		for (int i = 0; i < out->way[k].n; i++) {
			struct slow_way *w = &out->way[k];

			for (int j = 0; j < w->n && n->kind == SLOW_WITHIN; j++)
				if (i != j && w->apart[i][j] > n->number - 1)
					w->apart[i][j] = n->number - 1;
			if (n->kind == SLOW_PERIOD && w->low[i] < n->from)
				w->low[i] = n->from;
			if (n->kind == SLOW_PERIOD && w->high[i] > n->to - 1)
				w->high[i] = n->to - 1;
		}
}

/* Do times exist? Node n is time zero; there is none when some way round is negative. */
static inline bool slow_times(
    const struct slow_way *w, const struct slow_observed *o, const int *took)
{
	int64_t d[SLOW_TAKEN + 1][SLOW_TAKEN + 1];
	int n = w->n;

	for (int i = 0; i < n; i++) {
		const struct slow_observed *mine = &o[took[i]];

		for (int j = 0; j < n; j++)
			d[i][j] = i == j ? 0 : w->apart[i][j];
		d[i][n] = w->high[i] < mine->last ? w->high[i] : mine->last;
		d[n][i] = -(w->low[i] > mine->first ? w->low[i] : mine->first);
	}
	d[n][n] = 0;
	for (int k = 0; k <= n; k++)
		for (int i = 0; i <= n; i++)
			for (int j = 0; j <= n; j++)
				if (d[i][k] < SLOW_FAR && d[k][j] < SLOW_FAR &&
				    d[i][k] + d[k][j] < d[i][j])
					d[i][j] = d[i][k] + d[k][j];
	for (int i = 0; i <= n; i++)
		if (d[i][i] < 0)
			return false;
	return true;
}

static inline bool slow_take(const struct slow_way *w, const struct slow_observed *o, int count,
    int *took, int *left, int at)
{
	if (at == w->n)
		return slow_times(w, o, took);
	for (int i = 0; i < count; i++) {
		if (left[i] == 0 || !o[i].is[w->leaf[at]])
			continue;
		left[i]--;
		took[at] = i;
		if (slow_take(w, o, count, took, left, at + 1))
			return true;
		left[i]++;
	}
	return false;
}

static inline bool slow_match(
    const struct slow_ways *ways, const struct slow_observed *o, int count)
{
	for (int k = 0; k < ways->n; k++) {
		int took[SLOW_TAKEN], left[SLOW_OBSERVED];

		for (int i = 0; i < count; i++)
			left[i] = o[i].number;
		if (slow_take(&ways->way[k], o, count, took, left, 0))
			return true;
	}
	return false;
}
