/* SPDX-License-Identifier: Apache-2.0 */
/* The indicators that name a value, or what it lies in: as the streams would match it, but also
 * those that are not active now. */
#include <string.h>

#include "codec/json.h"
#include "gate/hunt/internal.h"

enum { CANDIDATES_MAX = 256 }; /* records looked at for one name or network */

void hunt_known_init(struct hunt_known *k, const struct gate_ask *ask, bool patient)
{
	*k = (struct hunt_known){.ask = ask, .sight = gate_sight(ask), .patient = patient};
}

static bool is_named(struct gate *g, uint64_t seq, const struct term *term)
{
	struct term_list terms;
	struct stix_object o;

	return store_row(g->store, seq)->tag == STIX_TYPE_INDICATOR &&
	       gate_parse(g, seq, &o) == OK &&
	       equality_terms(&terms, g->scratch, json_get_str(o.root, "pattern"), NULL) == OK &&
	       terms_have(&terms, term);
}

static bool is_told(const struct gate_hunt_answer *a, uint64_t seq)
{
	for (size_t i = 0; i < a->indicator_count; i++)
		if (a->indicators[i].is.object.seq == seq)
			return true;
	return false;
}

static enum err tell(struct hunt_known *k, struct gate_hunt_answer *a, uint64_t seq, struct str by,
    struct fault *fault)
{
	struct arena *arena = k->ask->arena;
	struct gate_hunt_indicator *to;

	if (!a->indicators)
		a->indicators =
		    arena_array(arena, GATE_HUNT_INDICATORS_MAX, sizeof(*a->indicators));
	if (!a->indicators)
		return fail(fault, ERR_NOMEM, "no memory for indicators");
	to = &a->indicators[a->indicator_count];
	to->by = by;
	TRY(gate_read_indicator(k->ask, k->sight, seq, &to->is, fault));
	a->indicator_count++;
	k->told++;
	return OK;
}

static bool is_full(const struct hunt_known *k, const struct gate_hunt_answer *a)
{
	return a->indicator_count == GATE_HUNT_INDICATORS_MAX ||
	       (!k->patient && k->told == GATE_HUNT_TOLD_MAX);
}

/* Those that name exactly this: the answer's value, or what is wider. */
static enum err tell_named(struct hunt_known *k, struct gate_hunt_answer *a,
    const struct term *term, bool wider, struct fault *fault)
{
	struct gate *g = k->ask->gate;
	const struct relations_find find = {
	    RELATIONS_VALUE, relations_value_key(term), store_size(g->store)};
	uint64_t seqs[CANDIDATES_MAX];
	struct str by = S("");
	size_t count = 0;
	enum err rc = relations_find(g->relations, &find, seqs, CANDIDATES_MAX, &count, fault);

	k->looked++;
	if (rc != OK)
		return rc == ERR_NOT_FOUND ? OK : rc;
	for (size_t i = 0; i < count; i++) {
		if (!gate_is_newest(g, k->sight, seqs[i]) || is_told(a, seqs[i]) ||
		    !is_named(g, seqs[i], term))
			continue;
		if (is_full(k, a)) {
			a->more = true;
			break;
		}
		if (wider && by.n == 0)
			by = arena_str(k->ask->arena, term_text(k->ask->arena, term));
		TRY(by.p ? tell(k, a, seqs[i], by, fault)
		         : fail(fault, ERR_NOMEM, "no memory for indicators"));
	}
	return OK;
}

/* To the name above it, or the network one bit wider, whose bytes are in `room` then. */
static bool widen(struct term *t, char room[16])
{
	size_t dot = str_find(t->value, '.');

	if (t->kind == TERM_DOMAIN && dot < t->value.n) {
		t->value = str_from(t->value, dot + 1);
		return t->value.n > 0;
	}
	if ((t->kind != TERM_IPV4 && t->kind != TERM_IPV6) || t->prefix == 0)
		return false;
	if (t->value.p != room)
		memcpy(room, t->value.p, t->value.n);
	t->value.p = room;
	t->prefix--;
	room[t->prefix / 8] &= (char)(unsigned char)(0xff00U >> t->prefix % 8);
	return true;
}

enum err hunt_known(
    struct hunt_known *k, struct gate_hunt_answer *a, const struct term *until, struct fault *fault)
{
	struct term t = a->term;
	char room[16];

	TRY(tell_named(k, a, &t, false, fault));
	while (widen(&t, room) && !(until && term_eq(&t, until))) {
		if (!k->patient && k->looked >= GATE_HUNT_WIDER_MAX) {
			a->more = true;
			break;
		}
		TRY(tell_named(k, a, &t, true, fault));
	}
	return OK;
}
