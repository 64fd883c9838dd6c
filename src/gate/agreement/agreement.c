/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/agreement/agreement.h"

#include "codec/json.h"
#include "gate/agreement/traffic.h"
#include "gate/internal.h"
#include "gate/peers.h"
#include "view/list.h"

static enum err may_audit(const struct gate_ask *ask, struct fault *fault)
{
	return role_may((enum role)ask->reader->role, ACTION_AUDIT)
	           ? OK
	           : fail(fault, ERR_DENIED, "agreements are for who may audit");
}

static struct str own_identity(const struct gate_ask *ask)
{
	const struct uuid *own = principals_identity(ask->gate);
	char text[UUID_TEXT + 1];

	if (!own)
		return S("");
	uuid_format(text, own);
	return arena_printf(ask->arena, "identity--%s", text);
}

/* ---- how it stands ---- */

static bool own_consents(const struct agreement_state *st)
{
	for (size_t i = 0; i < st->count; i++)
		if (st->parties[i].own)
			return st->parties[i].consents;
	return false;
}

static bool somebody(const struct agreement_state *st, enum party_state state, bool own)
{
	for (size_t i = 0; i < st->newest.party_count; i++) {
		const struct agreement_party *p = &st->asked[i];

		if (p->state == state && (!own || p->own) &&
		    (state == PARTY_LEFT || p->version == st->newest.version))
			return true;
	}
	return false;
}

static const char *word_of(const struct agreement_state *st, usec now)
{
	const struct agreement *a = st->held.id.p ? &st->held : &st->newest;

	if (st->ended)
		return "withdrawn";
	if (a->until && a->until <= now)
		return "expired";
	if (st->held.id.p && !own_consents(st))
		return "left";
	if (st->held.id.p)
		return agreement_in_force(st, now) ? "in-force" : "ended";
	if (st->begins)
		return "agreed";
	if (somebody(st, PARTY_DECLINED, false))
		return "declined";
	return somebody(st, PARTY_LEFT, true) ? "left" : "proposed";
}

static bool name_is_taken(const struct gate_ask *ask, const struct agreement *a)
{
	struct str path = arena_printf(ask->arena, "community/%.*s", STR_ARG(a->community));
	yyjson_val *decision;

	return path.p && node_decision(ask->gate, path, ask->arena, &decision, NULL) == OK &&
	       !str_eq(json_get_str(decision, "agreement"), a->id);
}

/* ---- parties ---- */

static const struct gate_peer *peer_of(const struct gate_peers *peers, struct str identity)
{
	const struct gate_peer *found = NULL;

	/* Met twice: the active one counts. */
	for (size_t i = 0; i < peers->count; i++)
		if (str_eq(peers->items[i].identity, identity) &&
		    (!found || str_eq(peers->items[i].state, S("active"))))
			found = &peers->items[i];
	return found;
}

static uint16_t first_type(const struct agreement *a)
{
	struct str name = json_str(yyjson_arr_get_first(a->types));
	enum stix_type_id type = stix_type_of(name);

	return (uint16_t)(type == STIX_TYPE_CUSTOM ? STIX_TYPE_INDICATOR : type);
}

/* Whether what is for the community, at its ceiling, would go to that member. */
static void ask_policy(const struct gate_ask *ask, const struct agreement *a,
    const struct gate_peer *peer, struct gate_party *out)
{
	struct label label = {.tlp = a->ceiling};
	struct reader reader = {.kind = READER_PEER};
	struct why why;

	out->asked = true;
	out->rule = "peer.unknown";
	out->text = "it is no peer of this node: others have to pass it on";
	if (!peer || gate_peer_reader(ask->gate, peer->name, &reader, NULL) != OK ||
	    label_add_community(&label, a->community) != OK)
		return;
	/* Above AMBER a label must name the peer itself. */
	if (a->ceiling > TLP_AMBER)
		(void)!label_add_releasable(&label, peer->name);
	policy_why(&why, &label, first_type(a), &reader, OUTLET_PEER, env_now(ask->gate->env));
	out->gets = why.decision.verdict != VERDICT_DENY;
	out->rule = why.decision.rule;
	out->text = policy_why_text(&why);
}

static bool is_member(const struct agreement_state *st, struct str identity)
{
	for (size_t i = 0; st->held.id.p && i < st->count; i++)
		if (str_eq(st->parties[i].identity, identity))
			return st->parties[i].consents;
	return false;
}

static enum err fill_party(const struct gate_ask *ask, const struct gate_peers *peers,
    struct gate_agreement *g, size_t i, bool full, struct fault *fault)
{
	const struct agreement_party *said = &g->state.asked[i];
	const struct gate_peer *peer = peer_of(peers, said->identity);
	struct gate_party *p = &g->parties[i];

	*p = (struct gate_party){.said = said,
	    .peer = peer && !said->own ? peer->name : S(""),
	    .node = peer && !said->own ? peer->node : S(""),
	    .member = is_member(&g->state, said->identity)};
	if (said->own || !full)
		return OK;
	if (p->member && agreement_in_force(&g->state, env_now(ask->gate->env)))
		ask_policy(ask, &g->state.held, peer, p);
	return peer ? traffic_count(ask, g->state.newest.community, peer, p, &g->more, fault) : OK;
}

static enum err fill(const struct gate_ask *ask, const struct gate_peers *peers, struct str id,
    bool full, struct gate_agreement *out, struct fault *fault)
{
	usec now = env_now(ask->gate->env);

	*out = (struct gate_agreement){0};
	TRY(agreement_state_read(
	    &out->state, ask->gate->store, id, own_identity(ask), now, ask->arena, fault));
	out->word = word_of(&out->state, now);
	out->name_taken = out->state.own && name_is_taken(ask, &out->state.newest);
	out->count = out->state.newest.party_count;
	for (size_t i = 0; i < out->count; i++) {
		const struct agreement_party *said = &out->state.asked[i];

		if (said->own &&
		    (said->state == PARTY_LEFT || said->version == out->state.newest.version))
			out->own = said->state;
		TRY(fill_party(ask, peers, out, i, full, fault));
	}
	return OK;
}

/* ---- lists ---- */

static enum err add(const struct gate_ask *ask, const struct gate_peers *peers, struct str id,
    struct gate_agreements *out, struct fault *fault)
{
	struct gate_agreement *g = arena_alloc(ask->arena, sizeof(*g));

	if (!g)
		return fail(fault, ERR_NOMEM, "out of memory for agreements");
	/* One that cannot be understood is an object like others, and nobody's agreement. */
	if (fill(ask, peers, id, false, g, NULL) == OK)
		out->items[out->count++] = g;
	return OK;
}

enum err gate_agreements(
    const struct gate_ask *ask, struct gate_agreements *out, struct fault *fault)
{
	const struct sight *sight;
	struct gate_peers peers;
	struct list *list;
	size_t at;

	TRY(may_audit(ask, fault));
	*out = (struct gate_agreements){
	    .items = arena_array(ask->arena, GATE_AGREEMENTS_MAX, sizeof(*out->items))};
	if (!out->items)
		return fail(fault, ERR_NOMEM, "out of memory for agreements");
	TRY(gate_peers(ask, &peers, fault));
	sight = gate_sight(ask);
	list = feeds_of_type(ask->gate->feeds, STIX_TYPE_CUSTOM);
	at = list ? list_count(list) : 0;
	for (size_t n = 0; at > 0 && n < GATE_AGREEMENTS_LOOK; n++) {
		uint64_t seq = list_at(list, --at).seq & ~LIST_GONE;
		struct str id = store_id(ask->gate->store, seq);

		if (!str_starts(id, S(AGREEMENT_TYPE "--")) ||
		    !gate_is_newest(ask->gate, sight, seq))
			continue;
		if (out->count == GATE_AGREEMENTS_MAX)
			break;
		TRY(add(ask, &peers, id, out, fault));
	}
	return OK;
}

enum err gate_agreement(
    const struct gate_ask *ask, struct str id, struct gate_agreement *out, struct fault *fault)
{
	struct gate_object seen;
	struct gate_peers peers;

	TRY(may_audit(ask, fault));
	if (!str_starts(id, S(AGREEMENT_TYPE "--")))
		return fail(fault, ERR_NOT_FOUND, "no agreement %.*s is here",
		    STR_ARG(str_slice(id, 0, STORE_ID_MAX)));
	TRY(gate_get(ask, id, GATE_NEWEST, &seen, fault));
	TRY(gate_peers(ask, &peers, fault));
	return fill(ask, &peers, id, true, out, fault);
}
