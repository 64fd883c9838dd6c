/* SPDX-License-Identifier: Apache-2.0 */
#include "api/agreement/agreements.h"

#include "api/page.h"
#include "gate/agreement/agreement.h"
#include "gate/agreement/proof.h"

static void put_text(struct json_writer *w, const char *key, struct str text)
{
	if (text.n)
		json_put_str(w, key, text);
}

static void put_when(struct json_writer *w, const char *key, usec when)
{
	if (when)
		json_put_time(w, key, when);
}

/* A list as one text. */
static void put_joined(
    struct json_writer *w, struct arena *arena, const char *key, yyjson_val *list, const char *sep)
{
	struct str out = S("");
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		out = arena_printf(
		    arena, "%.*s%s%.*s", STR_ARG(out), i ? sep : "", STR_ARG(json_str(v)));
	}
	json_put_str(w, key, out);
}

static void put_terms(struct json_writer *w, const struct agreement *a, struct arena *arena)
{
	json_put_str(w, "proposed_by", a->by);
	json_put_str(w, "community", a->community);
	put_text(w, "title", a->name);
	json_put_str(w, "kind", community_kind_name(a->kind));
	put_text(w, "hub", a->hub);
	if (a->hub.n)
		json_put_str(w, "direction", community_direction_name(a->direction));
	put_text(w, "incident", a->incident);
	json_put_str(w, "ceiling", tlp_name(a->ceiling));
	if (a->types)
		put_joined(w, arena, "types", a->types, ",");
	if (a->purposes)
		put_joined(w, arena, "purposes", a->purposes, "; ");
	if (a->anonymise)
		put_joined(w, arena, "anonymise", a->anonymise, ",");
	else
		json_put_str(w, "anonymise", S("victims"));
	put_text(w, "retention", a->retention);
	put_text(w, "legal_ref", a->legal_ref);
	put_when(w, "valid_from", a->from);
	put_when(w, "expires", a->until);
	json_put_bool(w, "reciprocity_visible", a->reciprocity_visible);
}

/* What it says of the newest version: of an older one only that it left. */
static enum party_state word_of(const struct agreement_party *p, int64_t version)
{
	return p->state == PARTY_LEFT || p->version == version ? p->state : PARTY_PROPOSED;
}

static void put_party(struct json_writer *w, const struct gate_party *p, int64_t version)
{
	enum party_state state = word_of(p->said, version);

	json_object(w, NULL);
	json_put_str(w, "identity", p->said->identity);
	json_put_bool(w, "own", p->said->own);
	put_text(w, "peer", p->peer);
	put_text(w, "node", p->node);
	json_put_str(w, "state", party_state_name(state));
	if (state != PARTY_PROPOSED) {
		put_when(w, "said", p->said->said);
		put_text(w, "reason", p->said->reason);
	}
	json_put_bool(w, "member", p->member);
	json_end_object(w);
}

static void put_agreement(
    struct json_writer *w, const struct gate_agreement *g, struct arena *arena)
{
	const struct agreement_state *st = &g->state;

	json_put_str(w, "id", st->newest.id);
	json_put_time(w, "version", st->newest.version);
	if (st->held.id.p)
		json_put_time(w, "held_version", st->held.version);
	json_put_str(w, "state", str_c(g->word));
	json_put_str(w, "own", party_state_name(g->own));
	json_put_bool(w, "party", st->own);
	json_put_bool(w, "name_taken", g->name_taken);
	put_terms(w, &st->newest, arena);
	json_put_str(w, "sha256", st->newest_hash);
	json_list(w, "parties");
	for (size_t i = 0; i < g->count; i++)
		put_party(w, &g->parties[i], st->newest.version);
	json_end_list(w);
}

enum err api_read_agreements(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_agreements all;
	struct slice s;

	TRY(gate_agreements(r->ask, &all, fault));
	TRY(slice_of(&s, r, all.count, fault));
	begin_page(w);
	for (size_t i = s.at; i < s.end; i++) {
		json_object(w, NULL);
		put_agreement(w, all.items[i], r->ask->arena);
		json_end_object(w);
	}
	end_page(w, s.next);
	return OK;
}

static void put_side(struct json_writer *w, const struct gate_party *p)
{
	json_object(w, NULL);
	json_put_str(w, "peer", p->peer);
	json_list(w, "types");
	for (size_t i = 0; i < p->type_count; i++) {
		json_object(w, NULL);
		json_put_str(w, "type", p->types[i].type);
		json_put_int(w, "given", (int64_t)p->types[i].given);
		json_put_int(w, "received", (int64_t)p->types[i].received);
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

static void put_unreached(struct json_writer *w, const struct gate_party *p)
{
	json_object(w, NULL);
	json_put_str(w, "identity", p->said->identity);
	put_text(w, "peer", p->peer);
	json_put_str(w, "rule", str_c(p->rule));
	json_put_str(w, "text", str_c(p->text));
	json_end_object(w);
}

enum err api_read_agreement(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_agreement g;

	TRY(gate_agreement(r->ask, api_args_get(r->args, "id")->text, &g, fault));
	json_object(w, NULL);
	put_agreement(w, &g, r->ask->arena);
	json_list(w, "reciprocity");
	for (size_t i = 0; i < g.count; i++)
		if (g.parties[i].peer.n)
			put_side(w, &g.parties[i]);
	json_end_list(w);
	json_list(w, "unreached");
	for (size_t i = 0; i < g.count; i++)
		if (g.parties[i].asked && !g.parties[i].gets)
			put_unreached(w, &g.parties[i]);
	json_end_list(w);
	json_put_bool(w, "more", g.more);
	json_end_object(w);
	return OK;
}

static void put_signature(struct json_writer *w, const struct gate_signature *s, int64_t version)
{
	json_object(w, NULL);
	json_put_str(w, "identity", s->said->identity);
	json_put_bool(w, "own", s->said->own);
	put_text(w, "peer", s->peer);
	json_put_str(w, "state", party_state_name(word_of(s->said, version)));
	json_put_str(w, "signature", str_c(s->word));
	json_put_str(w, "text", s->text);
	put_text(w, "object", s->object);
	json_end_object(w);
}

enum err api_read_signatures(const struct api_read *r, struct json_writer *w, struct fault *fault)
{
	struct gate_signatures *all = arena_alloc(r->ask->arena, sizeof(*all));
	const struct agreement_state *st;

	if (!all)
		return fail(fault, ERR_NOMEM, "out of memory for signatures");
	TRY(gate_signatures(r->ask, api_args_get(r->args, "id")->text, all, fault));
	st = &all->agreement.state;
	json_object(w, NULL);
	json_put_str(w, "id", st->newest.id);
	json_put_time(w, "version", st->newest.version);
	json_put_str(w, "sha256", st->newest_hash);
	json_list(w, "signatures");
	for (size_t i = 0; i < all->agreement.count; i++)
		put_signature(w, &all->items[i], st->newest.version);
	json_end_list(w);
	json_put_bool(w, "verified", all->verified);
	json_end_object(w);
	return OK;
}
