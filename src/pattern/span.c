/* SPDX-License-Identifier: Apache-2.0 */
/* What joins observations, as a tree of spans. Each step of making it smaller keeps its meaning:
 * equal expressions under one AND are one that wants more observations, plain alternatives are one
 * that takes either, a window around one observation says nothing. */
#include <string.h>

#include "codec/time.h"
#include "pattern/compile.h"

static enum err new_span(struct pattern_span **out, struct compile *c, enum pattern_span_kind kind)
{
	*out = arena_zalloc(c->arena, sizeof(**out));
	if (!*out) {
		(void)compile_no_memory(c);
		return ERR_NOMEM;
	}
	(*out)->kind = kind;
	return OK;
}

static struct str source(const struct compile *c, const struct pattern_node *node)
{
	return str_slice(c->text, node->at, node->end);
}

/* Expressions that are written alike are one leaf. */
static enum err leaf_of(size_t *out, struct compile *c, const struct pattern_node *node)
{
	struct pattern_program *p = c->program;

	for (*out = 0; *out < p->leaf_count; *out += 1)
		if (str_eq(source(c, c->leaves[*out]), source(c, node)))
			return OK;
	if (p->leaf_count == p->words * 64)
		return compile_wrong(c, ERR_LIMIT, node->at, "too many different expressions");
	c->leaves[p->leaf_count] = node;
	return compile_expr(&p->leaves[p->leaf_count++], c, node->first);
}

static enum err group_of(
    struct pattern_span **out, struct compile *c, const struct pattern_node *node)
{
	size_t leaf = 0;

	TRY(new_span(out, c, PATTERN_GROUP));
	(*out)->count = 1;
	TRY(leaf_of(&leaf, c, node));
	(*out)->leaves = arena_zalloc(c->arena, c->program->words * sizeof(uint64_t));
	if (!(*out)->leaves)
		return compile_no_memory(c);
	(*out)->leaves[leaf / 64] |= UINT64_C(1) << leaf % 64;
	return OK;
}

enum { COUNT_MAX = 1 << 30 };

static uint64_t product(uint64_t a, uint64_t b)
{
	return a > COUNT_MAX / b ? COUNT_MAX : a * b;
}

static bool same_leaves(
    const struct compile *c, const struct pattern_span *a, const struct pattern_span *b)
{
	return memcmp(a->leaves, b->leaves, c->program->words * sizeof(uint64_t)) == 0;
}

/* Takes `part` into an earlier group, where that says the same. */
static bool merged(
    const struct compile *c, struct pattern_span *list, const struct pattern_span *part)
{
	for (struct pattern_span *s = list->first; s; s = s->next) {
		if (s->kind != PATTERN_GROUP || part->kind != PATTERN_GROUP)
			continue;
		if (list->kind == PATTERN_TOGETHER && same_leaves(c, s, part)) {
			s->count += part->count;
			return s->count <= COUNT_MAX;
		}
		if (list->kind == PATTERN_EITHER && s->count == 1 && part->count == 1) {
			for (size_t i = 0; i < c->program->words; i++)
				s->leaves[i] |= part->leaves[i];
			return true;
		}
	}
	return false;
}

static enum err span_of(
    struct pattern_span **out, struct compile *c, const struct pattern_node *node);

static enum err list_of(
    struct pattern_span **out, struct compile *c, const struct pattern_node *node)
{
	struct pattern_span *list, *part;
	struct pattern_span **end;

	TRY(new_span(&list, c,
	    node->kind == PATTERN_AND  ? PATTERN_TOGETHER
	    : node->kind == PATTERN_OR ? PATTERN_EITHER
	                               : PATTERN_INTURN));
	end = &list->first;
	for (const struct pattern_node *n = node->first; n; n = n->next) {
		TRY(span_of(&part, c, n));
		if (merged(c, list, part))
			continue;
		*end = part;
		end = &part->next;
	}
	*out = list->first->next ? list : list->first;
	return OK;
}

static enum err around(struct pattern_span **out, struct compile *c, enum pattern_span_kind kind)
{
	struct pattern_span *inner = *out;

	TRY(new_span(out, c, kind));
	(*out)->first = inner;
	return OK;
}

/* What begins and ends within a period may be repeated within it. */
static enum err repeated(struct pattern_span **out, struct compile *c, uint64_t count)
{
	struct pattern_span **at = out;

	while ((*at)->kind == PATTERN_PERIOD)
		at = &(*at)->first;
	if (count == 1)
		return OK;
	if ((*at)->kind != PATTERN_GROUP)
		TRY(around(at, c, PATTERN_TIMES));
	(*at)->count = (*at)->count ? product((*at)->count, count) : count;
	return OK;
}

/* The longest that last - first may be: shorter than `seconds`, in whole microseconds. */
static usec longest(struct str seconds)
{
	const usec forever = INT64_MAX / 4;
	struct str rest = str_from(seconds, seconds.p[0] == '+');
	struct str whole = str_cut(&rest, '.');
	uint64_t v = 0;
	usec part = 0;

	if (whole.n > 0 && (str_u64(whole, &v) != OK || v > (uint64_t)forever / USEC_PER_SEC))
		return forever;
	for (size_t i = 0; i < 6; i++)
		part = part * 10 + (i < rest.n ? rest.p[i] - '0' : 0);
	for (size_t i = 6; i < rest.n; i++)
		if (rest.p[i] != '0')
			return (usec)v * USEC_PER_SEC + part;
	return (usec)v * USEC_PER_SEC + part - 1;
}

static enum err period(
    struct pattern_span *span, struct compile *c, const struct pattern_qualifier *q)
{
	if (time_parse_utc(&span->from, q->first) != OK ||
	    time_parse_utc(&span->until, q->second) != OK)
		return compile_wrong(
		    c, ERR_PARSE, q->at, "START or STOP is at no time that exists");
	span->until--;
	return OK;
}

static enum err qualified(
    struct pattern_span **out, struct compile *c, const struct pattern_qualifier *q)
{
	uint64_t count = COUNT_MAX;

	switch (q->kind) {
	case PATTERN_START_STOP:
		TRY(around(out, c, PATTERN_PERIOD));
		return period(*out, c, q);
	case PATTERN_WITHIN:
		if ((*out)->kind == PATTERN_GROUP && (*out)->count == 1)
			return OK;
		TRY(around(out, c, PATTERN_WINDOW));
		(*out)->span = longest(q->first);
		return OK;
	default:
		if (str_u64(str_from(q->first, q->first.p[0] == '+'), &count) != OK ||
		    count > COUNT_MAX)
			count = COUNT_MAX;
		return repeated(out, c, count);
	}
}

static enum err span_of(
    struct pattern_span **out, struct compile *c, const struct pattern_node *node)
{
	if (node->kind == PATTERN_OBSERVE)
		TRY(group_of(out, c, node));
	else
		TRY(list_of(out, c, node));
	for (const struct pattern_qualifier *q = node->qualifiers; q; q = q->next)
		TRY(qualified(out, c, q));
	return OK;
}

/* What the search will have of each kind when the largest alternatives are taken. */
struct sizes {
	uint64_t groups;
	uint64_t cells;
	uint64_t choices;
};

static void add_or_widen(uint64_t *sum, uint64_t n, bool widen)
{
	if (widen)
		*sum = n > *sum ? n : *sum;
	else
		*sum = *sum + n > COUNT_MAX ? COUNT_MAX : *sum + n;
}

static struct sizes sizes_of(const struct pattern_span *span)
{
	bool either = span->kind == PATTERN_EITHER;
	struct sizes sum = {span->kind == PATTERN_GROUP, 0, 0};

	for (const struct pattern_span *s = span->first; s; s = s->next) {
		struct sizes n = sizes_of(s);

		add_or_widen(&sum.groups, n.groups, either);
		add_or_widen(&sum.cells, n.cells, either);
		add_or_widen(&sum.choices, n.choices, either);
	}
	if (span->kind == PATTERN_TIMES) {
		sum.groups = product(sum.groups, span->count);
		sum.cells = product(sum.cells, span->count);
		sum.choices = product(sum.choices, span->count);
	}
	sum.cells++;
	sum.choices += either;
	return sum;
}

static void number_groups(struct pattern_span *span, size_t *count)
{
	if (span->kind == PATTERN_GROUP)
		span->listing = (*count)++;
	for (struct pattern_span *s = span->first; s; s = s->next)
		number_groups(s, count);
}

/* How long a match can be at most; -1 when nothing says so. */
static usec window_of(const struct pattern_span *span)
{
	usec inner, own = -1;

	if (span->kind == PATTERN_GROUP)
		return span->count == 1 ? 0 : -1;
	if (span->kind == PATTERN_EITHER) {
		for (const struct pattern_span *s = span->first; s; s = s->next) {
			inner = window_of(s);
			if (inner < 0)
				return -1;
			own = inner > own ? inner : own;
		}
		return own;
	}
	if (span->kind == PATTERN_WINDOW)
		own = span->span;
	else if (span->kind == PATTERN_PERIOD)
		own = span->until >= span->from ? span->until - span->from : 0;
	else
		return -1;
	inner = window_of(span->first);
	return inner >= 0 && inner < own ? inner : own;
}

static size_t observes(const struct pattern_node *node)
{
	size_t n = 0;

	if (node->kind == PATTERN_OBSERVE)
		return 1;
	for (node = node->first; node; node = node->next)
		n += observes(node);
	return n;
}

enum err compile_spans(struct compile *c)
{
	struct pattern_program *p = c->program;
	size_t most = observes(c->pattern.root);
	struct sizes sizes;

	most = most < PATTERN_LEAVES_MAX ? most : PATTERN_LEAVES_MAX;
	p->words = (most + 63) / 64;
	p->leaves = arena_array(c->arena, p->words * 64, sizeof(struct pattern_expr *));
	c->leaves = arena_array(c->arena, p->words * 64, sizeof(*c->leaves));
	if (!p->leaves || !c->leaves)
		return compile_no_memory(c);
	TRY(span_of(&p->root, c, c->pattern.root));
	sizes = sizes_of(p->root);
	if (sizes.groups > PATTERN_GROUPS_MAX || sizes.cells > PATTERN_CELLS_MAX)
		return compile_wrong(c, ERR_LIMIT, 0,
		    "with its repetitions, more expressions must be true together than are taken");
	p->groups = (size_t)sizes.groups;
	p->cells = (size_t)sizes.cells;
	p->choices = (size_t)sizes.choices;
	number_groups(p->root, &p->listings);
	p->single = p->root->kind == PATTERN_GROUP && p->root->count == 1;
	p->window = window_of(p->root);
	return OK;
}
