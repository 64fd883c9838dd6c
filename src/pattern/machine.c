/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "pattern/text.h"
#include "pattern/value.h"

struct pattern_machine {
	struct arena *work; /* of one comparison */
	struct text_runner *runner;
	/* Of one observation and one pattern: */
	size_t searched;  /* bytes */
	size_t abandoned; /* searches that passed their limit */
};

struct pattern_machine *pattern_machine_new(void)
{
	struct pattern_machine *m = mem_alloc(sizeof(*m));

	m->work = arena_new(PATTERN_WORK_BYTES_MAX);
	m->runner = text_runner_new();
	return m;
}

void pattern_machine_free(struct pattern_machine *m)
{
	if (!m)
		return;
	text_runner_free(m->runner);
	arena_free(m->work);
	mem_free(m);
}

/* One comparison on one observation. */
struct look {
	struct pattern_machine *m;
	const struct pattern_observation *o;
	const struct pattern_check *check;
	struct pattern_tally *tally;
	size_t visits;
};

enum answer { NO, YES, GIVEN_UP };

/* A text of the observation, as its property's name says it is to be read. */
struct reading {
	struct str text;   /* as written */
	struct str octets; /* when `bytes` */
	bool bytes;
};

static bool hex_octets(struct str *out, struct arena *arena, struct str text)
{
	unsigned char *p = arena_alloc(arena, text.n / 2);

	*out = (struct str){(const char *)p, text.n / 2};
	return p && str_hex(p, text.n / 2, text);
}

static struct reading read_text(const struct look *l, struct str text)
{
	struct reading r = {.text = text};
	struct arena *work = l->m->work;

	if (l->check->encoding == PATTERN_OF_HEX)
		r.bytes = hex_octets(&r.octets, work, text);
	else if (l->check->encoding == PATTERN_OF_BASE64)
		r.bytes = base64_decode(&r.octets, work, text) == OK;
	return r;
}

/* Less, equal, more: -1, 0, 1; false when the two have nothing in common. */
static bool text_order(
    int *order, struct look *l, struct str text, const struct pattern_constant *c)
{
	struct reading r;

	if (c->kind == PATTERN_TIME) {
		if (!pattern_time_valid(text)) {
			l->tally->untimely++;
			l->tally->example = text;
			return false;
		}
		*order = pattern_time_order(text, c->text);
		return true;
	}
	if (c->kind == PATTERN_STRING && l->check->encoding == PATTERN_TEXT) {
		*order = str_cmp(text, c->text);
		return true;
	}
	if (c->kind == PATTERN_NUMBER || c->kind == PATTERN_BOOL || !c->bytes)
		return false;
	r = read_text(l, text);
	if (l->check->encoding == PATTERN_TEXT)
		r.bytes = text_octets(&r.octets, l->m->work, text);
	if (!r.bytes)
		return false;
	*order = str_cmp(r.octets, c->octets);
	return true;
}

static bool value_order(
    int *order, struct look *l, yyjson_val *value, const struct pattern_constant *c)
{
	struct pattern_number number;

	if (yyjson_is_str(value))
		return text_order(order, l, json_str(value), c);
	if (yyjson_is_bool(value)) {
		*order = yyjson_get_bool(value) - c->truth;
		return c->kind == PATTERN_BOOL;
	}
	if (c->kind != PATTERN_NUMBER || !pattern_number_json(&number, value))
		return false;
	*order = pattern_number_order(number, c->number);
	return true;
}

static int by_text(const void *key, const void *constant)
{
	return str_cmp(*(const struct str *)key, ((const struct pattern_constant *)constant)->text);
}

static enum answer among(struct look *l, yyjson_val *value)
{
	const struct pattern_check *k = l->check;
	struct str text = json_str(value);
	int order;

	if (k->sorted)
		return text.p && bsearch(
		                     &text, k->values, k->value_count, sizeof(*k->values), by_text)
		           ? YES
		           : NO;
	for (size_t i = 0; i < k->value_count; i++)
		if (value_order(&order, l, value, &k->values[i]) && order == 0)
			return YES;
	return NO;
}

static enum answer worded(struct look *l, struct str text)
{
	const struct pattern_check *k = l->check;
	struct reading r = read_text(l, text);
	enum text_answer answer;
	enum err rc;

	if (!k->like_fits)
		return NO;
	if (k->encoding != PATTERN_TEXT && !r.bytes)
		return NO;
	if (text.n > TEXT_VALUE_BYTES_MAX)
		return GIVEN_UP;
	if (!r.bytes) {
		rc = text_normal(&r.octets, l->m->work, text);
		if (rc != OK)
			return rc == ERR_INVALID ? NO : GIVEN_UP;
	}
	if (l->m->searched + r.octets.n > PATTERN_SEARCHED_MAX ||
	    l->m->abandoned == PATTERN_ABANDONED_MAX)
		return GIVEN_UP;
	l->m->searched += r.octets.n;
	answer = k->op == PATTERN_LIKE ? text_like(r.octets, k->like, r.bytes)
	                               : text_search(l->m->runner, k->regex, r.octets);
	l->m->abandoned += answer == TEXT_LIMIT;
	return answer == TEXT_LIMIT ? GIVEN_UP : answer == TEXT_YES ? YES : NO;
}

static enum answer networked(struct look *l, struct str text)
{
	const struct pattern_check *k = l->check;
	struct pattern_network n;

	if (!k->has_network || !pattern_network(&n, l->m->work, text))
		return NO;
	return (k->op == PATTERN_ISSUBSET ? pattern_network_in(&n, &k->network)
	                                  : pattern_network_in(&k->network, &n))
	           ? YES
	           : NO;
}

static bool holds(enum pattern_op op, int order)
{
	switch (op) {
	case PATTERN_EQUAL:
	case PATTERN_NOT_EQUAL:
		return order == 0;
	case PATTERN_LESS:
		return order < 0;
	case PATTERN_LESS_EQUAL:
		return order <= 0;
	case PATTERN_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* A value that the path leads to, against the constant. Types that have nothing in common make it
 * false, != true; NOT turns either round (section 9.6). */
static bool meets(struct look *l, yyjson_val *value)
{
	const struct pattern_check *k = l->check;
	enum answer answer = NO;
	int order;

	switch (k->op) {
	case PATTERN_EXISTS:
		answer = YES;
		break;
	case PATTERN_IN:
		answer = among(l, value);
		break;
	case PATTERN_LIKE:
	case PATTERN_MATCHES:
		answer = yyjson_is_str(value) ? worded(l, json_str(value)) : NO;
		break;
	case PATTERN_ISSUBSET:
	case PATTERN_ISSUPERSET:
		answer = yyjson_is_str(value) ? networked(l, json_str(value)) : NO;
		break;
	default:
		answer =
		    value_order(&order, l, value, &k->values[0]) && holds(k->op, order) ? YES : NO;
		break;
	}
	arena_reset(l->m->work);
	if (answer == GIVEN_UP) {
		l->tally->limits++;
		return false;
	}
	return (answer == YES) != (k->negated != (k->op == PATTERN_NOT_EQUAL));
}

/* Counts a step; true when there were too many, which is told once. */
static bool spent(struct look *l)
{
	if (l->visits <= PATTERN_VISITS_MAX)
		l->tally->limits += ++l->visits > PATTERN_VISITS_MAX;
	return l->visits > PATTERN_VISITS_MAX;
}

static bool names_reference(struct str key)
{
	return str_ends(key, S("_ref")) || str_ends(key, S("_refs"));
}

/* From `value`, reached by a property of the name `key`, along the steps from `step` on. A name
 * after a reference is one of the object that it names, if the observation has that. */
static bool follow(struct look *l, yyjson_val *value, struct str key, size_t step)
{
	const struct pattern_check *k = l->check;

	for (; step < k->step_count; step++) {
		const struct pattern_step *s = &k->steps[step];
		const struct pattern_thing *thing;

		if (spent(l))
			return false;
		if (s->kind == PATTERN_KEY) {
			if (yyjson_is_str(value) && names_reference(key)) {
				thing = pattern_thing(&l->o->things, json_str(value));
				value = thing ? thing->json : NULL;
			}
			value = yyjson_obj_getn(value, s->key.p, s->key.n);
			key = s->key;
		} else if (s->kind == PATTERN_INDEX) {
			value = yyjson_arr_get(value, s->index);
		} else {
			yyjson_arr_iter iter = yyjson_arr_iter_with(value);

			while ((value = yyjson_arr_iter_next(&iter)))
				if (follow(l, value, key, step + 1))
					return true;
			return false;
		}
		if (!value)
			return false;
	}
	return !spent(l) && meets(l, value);
}

static bool check_thing(
    struct look *l, const struct pattern_check *check, const struct pattern_thing *thing)
{
	if (!str_eq(check->type, thing->type))
		return false;
	l->check = check;
	return follow(l, thing->json, STR_NONE, 0);
}

static bool expr_holds(
    struct look *l, const struct pattern_expr *e, const struct pattern_thing *thing)
{
	bool every = e->kind == PATTERN_EVERY;

	if (e->kind == PATTERN_CHECK)
		return check_thing(l, e->check, thing);
	for (const struct pattern_expr *part = e->first; part; part = part->next)
		if (expr_holds(l, part, thing) != every)
			return !every;
	return every;
}

bool pattern_see(struct pattern_machine *m, const struct pattern_program *p,
    const struct pattern_observation *o, uint64_t *leaves, struct pattern_tally *tally)
{
	bool any = false;

	m->searched = m->abandoned = 0;
	memset(leaves, 0, p->words * sizeof(*leaves));
	for (size_t i = 0; i < p->leaf_count; i++) {
		struct look l = {.m = m, .o = o, .tally = tally};

		for (size_t k = 0; k < o->things.count; k++)
			if (expr_holds(&l, p->leaves[i], &o->things.list[k])) {
				leaves[i / 64] |= UINT64_C(1) << i % 64;
				any = true;
				break;
			}
	}
	return any;
}
