/* SPDX-License-Identifier: Apache-2.0 */
/* Why somebody else would, or would not, get an object: the answer that the gate would give them,
 * for who may audit and sees the object. */
#include "base/buf.h"
#include "codec/json.h"
#include "gate/internal.h"

enum { WORDS_MAX = 64 << 10 };

enum err gate_community_reader(
    struct gate *g, struct str name, struct reader *out, struct arena *arena, struct fault *fault)
{
	struct str path = arena_printf(arena, "community/%.*s", STR_ARG(str_slice(name, 0, 100)));
	struct reader_community terms;
	yyjson_val *community;

	if (node_decision(g, path, arena, &community, NULL) != OK ||
	    !community_terms(&terms, community))
		return fail(
		    fault, ERR_NOT_FOUND, "no community %.*s", STR_ARG(str_slice(name, 0, 100)));
	*out = (struct reader){.kind = READER_PEER, .clearance = terms.ceiling};
	return reader_add_community(out, name, &terms);
}

static enum err account_reader(
    struct gate *g, struct str name, struct reader *out, struct arena *arena, struct fault *fault)
{
	struct str path = arena_printf(arena, "account/%.*s", STR_ARG(str_slice(name, 0, 100)));
	yyjson_val *account;

	if (!account_name_valid(name) || node_decision(g, path, arena, &account, NULL) != OK)
		return fail(
		    fault, ERR_NOT_FOUND, "no account %.*s", STR_ARG(str_slice(name, 0, 100)));
	return gate_account_reader(g, name, account, out, fault);
}

static enum err find_reader(
    struct gate *g, struct str who, struct reader *out, struct arena *arena, struct fault *fault)
{
	struct str name = who, kind = str_cut(&name, ':');
	struct reader peer;
	bool is_account, is_peer;

	if (name.p && str_eq(kind, S("community")))
		return gate_community_reader(g, name, out, arena, fault);
	if (name.p && str_eq(kind, S("peer")))
		return gate_peer_reader(g, name, out, fault);
	if (name.p && str_eq(kind, S("account")))
		return account_reader(g, name, out, arena, fault);
	is_account = account_reader(g, who, out, arena, NULL) == OK;
	is_peer = gate_peer_reader(g, who, &peer, NULL) == OK;
	if (is_account && is_peer)
		return fail(fault, ERR_CONFLICT,
		    "reader: there is an account and a peer of that name: say account:%.*s or "
		    "peer:%.*s",
		    STR_ARG(who), STR_ARG(who));
	if (is_peer)
		*out = peer;
	return is_account || is_peer
	           ? OK
	           : fail(fault, ERR_NOT_FOUND,
	                 "reader: no account or peer %.*s (a member of a community is "
	                 "community:NAME)",
	                 STR_ARG(str_slice(who, 0, 100)));
}

enum err gate_why(const struct gate_ask *ask, struct str id, int64_t version, struct str who,
    struct gate_why *out, struct fault *fault)
{
	struct gate_object object;
	struct reader reader;
	enum outlet outlet;
	struct buf text;

	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "who sees what is for who may audit");
	TRY(gate_get(ask, id, version, &object, fault));
	TRY(find_reader(ask->gate, who, &reader, ask->arena, fault));
	outlet = reader.kind == READER_PEER ? OUTLET_PEER : OUTLET_API;
	policy_why(&out->why, &object.label, object.type, &reader, outlet, env_now(ask->gate->env));
	out->version = object.version;
	buf_init(&text, WORDS_MAX);
	label_put(&text, &object.label);
	out->label = arena_str(ask->arena, buf_str(&text));
	buf_reset(&text);
	reader_put(&text, &reader);
	out->reader = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	if (!out->label.p || !out->reader.p)
		return fail(fault, ERR_NOMEM, "out of memory for reasons");
	return OK;
}
