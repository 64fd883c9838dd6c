/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/agreement/settle.h"

#include "admin/decide.h"
#include "admin/list.h"
#include "store/store.h"

enum { DECISION_MAX = 16384 };

#define BY S("agreement")

/* The other parties that are in it, by the names that they have here. */
struct naming {
	struct part *p;
	const struct agreement_state *of;
	struct str names; /* with commas */
};

static void add_member(void *ctx, struct str path)
{
	struct naming *n = ctx;
	struct str name = arena_str(n->p->arena, str_from(path, sizeof("peer/") - 1));
	struct str identity;
	yyjson_val *peer;

	if (!name.p || part_decided(n->p, path, &peer) != OK ||
	    !str_eq(json_get_str(peer, "state"), S("active")))
		return;
	identity = json_get_str(peer, "identity");
	for (size_t i = 0; i < n->of->count; i++) {
		const struct agreement_party *party = &n->of->parties[i];

		if (party->own || !party->consents || !str_eq(party->identity, identity))
			continue;
		n->names = arena_printf(n->p->arena, "%.*s%s%.*s", STR_ARG(n->names),
		    n->names.n ? "," : "", STR_ARG(name));
	}
}

static bool has_name(struct str list, struct str name)
{
	while (list.p)
		if (str_eq(str_cut(&list, ','), name))
			return true;
	return false;
}

/* Each once: a path may come twice. */
static struct str each_once(struct arena *arena, struct str list)
{
	struct str out = S("");

	while (list.p) {
		struct str name = str_cut(&list, ',');

		if (name.n && !has_name(out, name))
			out = arena_printf(
			    arena, "%.*s%s%.*s", STR_ARG(out), out.n ? "," : "", STR_ARG(name));
	}
	return out;
}

static bool own_consents(const struct agreement_state *st)
{
	for (size_t i = 0; i < st->count; i++)
		if (st->parties[i].own && st->parties[i].consents)
			return true;
	return false;
}

static struct str purposes_of(struct arena *arena, yyjson_val *list)
{
	struct str out = STR_NONE;
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		out = arena_printf(
		    arena, "%.*s%s%.*s", STR_ARG(out), i ? "; " : "", STR_ARG(json_str(v)));
	}
	return out;
}

/* The community as the agreement has it. */
static enum err as_agreed(struct community *c, const struct settling *s,
    const struct agreement_state *st, struct fault *fault)
{
	const struct agreement *a = &st->held;
	struct naming n = {.p = s->p, .of = st, .names = S("")};
	struct str anonymise = list_text(s->p->arena, a->anonymise);

	TRY(part_each(s->p, S("peer/"), add_member, &n, fault));
	*c = (struct community){.name = a->community,
	    .title = a->name,
	    .members = each_once(s->p->arena, n.names),
	    .ceiling = tlp_name(a->ceiling),
	    .types = list_text(s->p->arena, a->types),
	    .anonymise = anonymise.p ? anonymise : S("victims"),
	    .purposes = purposes_of(s->p->arena, a->purposes),
	    .expires = json_get_str(a->root, "valid_until"),
	    .by = BY,
	    .kind = a->kind,
	    .direction = a->direction,
	    .hub = a->hub,
	    .incident = a->incident,
	    .agreement = a->id,
	    .own = own_consents(st)};
	return OK;
}

/* Appended when it says something else than what stands there. */
static enum err put(struct settling *s, const struct community *c, struct fault *fault)
{
	const struct store *store = s->p->ctx->store;
	uint64_t seq = store_find(store, community_path(s->p->arena, c->name));
	struct buf text;
	bool same;

	buf_init(&text, DECISION_MAX);
	community_put(&text, c);
	same = seq != STORE_NONE && str_eq(store_content(store, seq), buf_str(&text));
	buf_free(&text);
	if (same)
		return OK;
	s->changed = true;
	return community_decide(s->p, c, NULL, fault);
}

enum err settle_check_name(struct part *p, const struct agreement *a, struct fault *fault)
{
	struct community c;

	if (community_find(&c, p, a->community) != OK)
		return community_check_room(p, fault);
	return str_eq(c.agreement, a->id)
	           ? OK
	           : fail(fault, ERR_CONFLICT,
	                 "there is a community %.*s here already: remove it, or propose another "
	                 "name",
	                 STR_ARG(a->community));
}

static void watch(struct settling *s, const struct agreement *a)
{
	const size_t room = (size_t)AGREEMENTS_MAX * AGREEMENT_PARTIES_MAX;

	for (size_t i = 0; i < a->party_count && s->watched_count < room; i++)
		s->watched[s->watched_count++] = uuid_v5(&a->uuid, a->parties[i]);
}

enum err settle_agreement(struct settling *s, struct str id, struct fault *fault)
{
	struct part *p = s->p;
	struct agreement_state st;
	struct community c;
	bool bound;

	TRY(agreement_state_read(
	    &st, p->ctx->store, id, p->ctx->identity, env_now(p->ctx->env), p->arena, fault));
	watch(s, &st.newest);
	if (st.begins && st.begins < s->next)
		s->next = st.begins;
	bound = community_find(&c, p, st.newest.community) == OK && str_eq(c.agreement, id);
	if (!bound && (!agreement_in_force(&st, env_now(p->ctx->env)) ||
	                  settle_check_name(p, &st.newest, NULL) != OK))
		return OK;
	if (st.held.id.p) {
		TRY(as_agreed(&c, s, &st, fault));
		return put(s, &c, fault);
	}
	/* Taken back by its proposer, or somebody's signature counts no more: nothing goes to
	 * others through it, and what is here stays for this node's people. */
	c.members = S("");
	c.agreement = STR_NONE;
	c.by = BY;
	return put(s, &c, fault);
}
