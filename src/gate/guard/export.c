/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/guard/export.h"

#include <string.h>

#include "codec/json.h"
#include "gate/internal.h"
#include "stix/equality.h"

/* Of one page; the last indicator may pass it. */
enum { VALUES_MAX = 20000 };

struct export
{
	const struct gate_ask *ask;
	const struct gate_export_query *query;
	struct gate_export out;
	size_t room;
};

static const char *const LEFT_NAMES[LEFT_KINDS] = {
    [LEFT_REVOKED] = "revoked",
    [LEFT_TIME] = "time",
    [LEFT_QUARANTINED] = "quarantined",
    [LEFT_PAP] = "pap",
    [LEFT_IEP] = "iep",
    [LEFT_LABEL] = "label",
    [LEFT_PATTERN] = "pattern",
};

const char *gate_left_name(enum gate_left left)
{
	return LEFT_NAMES[left];
}

/* LEFT_KINDS: it may be used so. */
static enum gate_left leave(
    struct gate *g, const struct gate_judged *j, uint64_t seq, enum permit_use use)
{
	const struct label label = gate_label(g, store_row(g->store, seq)->label);
	const char *why = permit_refuses(&label, use);

	if (j->revoked)
		return LEFT_REVOKED;
	if (!j->current)
		return LEFT_TIME;
	if (j->guard.quarantined)
		return LEFT_QUARANTINED;
	if (!why)
		return LEFT_KINDS;
	return strcmp(why, "pap") == 0 ? LEFT_PAP : strcmp(why, "iep") == 0 ? LEFT_IEP : LEFT_LABEL;
}

static enum err add(struct export *e, const struct gate_judged *j, const struct term *t)
{
	struct arena *arena = e->ask->arena;
	struct gate_value v = {.value = term_text(arena, t),
	    .kind = str_c(term_kind_name(t->kind)),
	    .id = arena_str(arena, j->o.id)};

	v.value = v.value.p ? arena_str(arena, v.value) : v.value;
	if (!v.value.p || !v.id.p)
		return ERR_LIMIT;
	e->out.values[e->out.count++] = v;
	return OK;
}

static enum err more_room(struct export *e, size_t count)
{
	struct gate_value *list;

	if (e->out.count + count <= e->room)
		return OK;
	e->room = 2 * (e->out.count + count);
	list = arena_array(e->ask->arena, e->room, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	if (e->out.count)
		memcpy(list, e->out.values, e->out.count * sizeof(*list));
	e->out.values = list;
	return OK;
}

static enum err look(struct export *e, const struct sight *sight, uint64_t seq)
{
	struct gate *g = e->ask->gate;
	struct gate_judged j;
	struct gate_object object;
	struct term_list terms;
	enum gate_left left;
	bool any = false;

	if (gate_judge(e->ask, sight, seq, &j) != OK)
		return OK;
	left = leave(g, &j, seq, e->query->use);
	/* A pattern that says more than its values would, taken apart, hit what it does not. */
	if (left == LEFT_KINDS &&
	    equality_terms(&terms, g->scratch, json_get_str(j.o.root, "pattern"), NULL) != OK)
		left = LEFT_PATTERN;
	if (left != LEFT_KINDS) {
		e->out.left[left]++;
		return OK;
	}
	gate_fill(g, seq, &object);
	gate_note(e->ask, &object);
	TRY(more_room(e, terms.count));
	for (size_t i = 0; i < terms.count; i++) {
		if (e->query->kind.p &&
		    !str_eq(e->query->kind, str_c(term_kind_name(terms.list[i].kind))))
			continue;
		TRY(add(e, &j, &terms.list[i]));
		any = true;
	}
	e->out.indicators += any;
	return OK;
}

enum err gate_export(const struct gate_ask *ask, const struct gate_export_query *query,
    struct gate_export *out, struct fault *fault)
{
	const struct gate_query page = {
	    .limit = query->limit, .next = query->next, .text = query->kind};
	const struct str list = query->use == PERMIT_BLOCK ? S("export block") : S("export detect");
	struct export e = {.ask = ask, .query = query};
	const struct sight *sight;
	uint64_t before, seq = 0, last = 0, looked = 0;
	bool more = false;
	struct walk w;

	TRY(page_open(ask, &page, list, &before, fault));
	sight = gate_sight(ask);
	w = gate_walk(ask->gate, STIX_TYPE_INDICATOR, before);
	while (!more && gate_walk_next(&w, &seq)) {
		if (!gate_is_newest(ask->gate, sight, seq))
			continue;
		/* One more than asked for: whether there is a next page depends only on what the
		 * reader may see. */
		more = looked == query->limit || e.out.count >= VALUES_MAX;
		if (more)
			break;
		looked++;
		last = seq;
		if (look(&e, sight, seq) != OK)
			return fail(fault, ERR_LIMIT, "the answer is too large; ask for less");
	}
	if (more || w.at > 0)
		e.out.next = page_seal(ask, &page, list, more ? last : seq);
	*out = e.out;
	return OK;
}
