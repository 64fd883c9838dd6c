/* SPDX-License-Identifier: Apache-2.0 */
/* What an object is connected to. Outgoing references are read from the object itself, incoming
 * ones from the view; a relationship object is shown as what it joins. */
#include <string.h>

#include "codec/json.h"
#include "gate/internal.h"
#include "stix/type.h"

enum { REFS_BATCH = 256, REFS_LOOK_MAX = 20000 };

struct relate {
	const struct gate_ask *ask;
	const struct sight *sight;
	struct gate_relation *items;
	size_t count;
	struct str self;
	struct arena *arena; /* where the other object is parsed */
	struct str via, via_id;
};

static bool is_marking(struct str path)
{
	return str_starts(path, S("object_marking_refs")) ||
	       str_starts(path, S("granular_markings"));
}

/* Adds a relation to a visible object, with its title. */
static void add(struct relate *r, struct str path, struct str id, bool out)
{
	struct gate *g = r->ask->gate;
	struct arena *a = r->ask->arena;
	struct gate_relation *rel;
	struct stix_object o;
	uint64_t seq;

	if (r->count == GATE_RELATIONS_MAX || id.n == 0 || id.n > STORE_ID_MAX)
		return;
	seq = gate_newest(g, r->sight, id);
	if (seq == STORE_NONE)
		return;
	rel = &r->items[r->count++];
	*rel = (struct gate_relation){.path = arena_str(a, path),
	    .id = store_id(g->store, seq),
	    .via = r->via,
	    .via_id = r->via_id,
	    .out = out};
	rel->type = str_slice(rel->id, 0, str_search(rel->id, S("--")));
	rel->title = gate_parse(g, seq, &o) == OK ? arena_str(a, gate_title_of(&o)) : rel->id;
}

static void add_out(void *ctx, struct str path, struct str target)
{
	if (!is_marking(path))
		add(ctx, path, target, true);
}

static void add_in(void *ctx, struct str path, struct str target)
{
	struct relate *r = ctx;

	if (!is_marking(path) && str_eq(target, r->self))
		add(r, path, r->via_id, false);
}

/* A relationship object joins its two ends: the other one is what the reader wants to see. */
static void add_joined(struct relate *r, const struct stix_object *o)
{
	struct str source = json_get_str(o->root, "source_ref");
	struct str target = json_get_str(o->root, "target_ref");
	struct str type = json_get_str(o->root, "relationship_type");

	r->via = type.p ? arena_str(r->ask->arena, type) : STR_NONE;
	if (str_eq(source, r->self))
		add(r, S("target_ref"), target, true);
	else if (str_eq(target, r->self))
		add(r, S("source_ref"), source, false);
	r->via = STR_NONE;
}

static void add_referrer(struct relate *r, uint64_t seq)
{
	struct gate *g = r->ask->gate;
	struct stix_object o;

	arena_reset(r->arena);
	if (!gate_is_newest(g, r->sight, seq) ||
	    stix_object_parse(&o, r->arena, store_content(g->store, seq), NULL) != OK)
		return;
	r->via_id = store_id(g->store, seq);
	if (o.type == STIX_TYPE_RELATIONSHIP) {
		add_joined(r, &o);
		return;
	}
	stix_object_refs(&o, add_in, r);
}

static enum err add_referrers(struct relate *r, struct fault *fault)
{
	struct relations_find find = {RELATIONS_REFERENCE, relations_id_key(r->self), UINT64_MAX};
	uint64_t batch[REFS_BATCH];
	size_t n = 0, looked = 0;
	enum err rc;

	do {
		rc = relations_find(r->ask->gate->relations, &find, batch, REFS_BATCH, &n, fault);
		if (rc != OK)
			return rc == ERR_NOT_FOUND ? OK : rc;
		for (size_t i = 0; i < n && r->count < GATE_RELATIONS_MAX; i++)
			add_referrer(r, batch[i]);
		if (n > 0)
			find.before = batch[n - 1];
		looked += n;
	} while (n == REFS_BATCH && r->count < GATE_RELATIONS_MAX && looked < REFS_LOOK_MAX);
	return OK;
}

enum err gate_relations(
    const struct gate_ask *ask, struct str id, struct gate_relations *out, struct fault *fault)
{
	struct relate r = {.ask = ask, .self = id};
	struct gate_object self;
	struct stix_object o;
	enum err rc = OK;

	TRY(gate_get(ask, id, GATE_NEWEST, &self, fault));
	r.sight = gate_sight(ask);
	r.items = arena_array(ask->arena, GATE_RELATIONS_MAX, sizeof(*r.items));
	if (!r.items)
		return fail(fault, ERR_NOMEM, "out of memory for relations");
	r.arena = arena_new((size_t)256 << 20);
	if (stix_object_parse(&o, r.arena, self.bytes, NULL) == OK)
		stix_object_refs(&o, add_out, &r);
	rc = add_referrers(&r, fault);
	arena_free(r.arena);
	TRY(rc);
	*out = (struct gate_relations){.items = r.items, .count = r.count};
	return OK;
}
