/* SPDX-License-Identifier: Apache-2.0 */
/* Why somebody else would, or would not, get an object: the answer that the gate would give them,
 * for who may audit and sees the object. */
#include "base/buf.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "policy/release.h"
#include "seal/redact.h"

enum { WORDS_MAX = 64 << 10 };

enum err gate_community_reader(
    struct gate *g, struct str name, struct reader *out, struct arena *arena, struct fault *fault)
{
	struct str path = arena_printf(arena, "community/%.*s", STR_ARG(str_slice(name, 0, 100)));
	struct reader_community terms;
	const struct uuid *self = principals_identity(g);
	yyjson_val *community;

	if (node_decision(g, path, arena, &community, NULL) != OK ||
	    !community_terms(&terms, community))
		return fail(
		    fault, ERR_NOT_FOUND, "no community %.*s", STR_ARG(str_slice(name, 0, 100)));
	*out = (struct reader){.kind = READER_PEER, .clearance = terms.ceiling};
	/* Somebody in it who is not its hub. */
	terms.closed = self && community_leads_elsewhere(community, self, &(struct uuid){{0}});
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

static void add_condition(struct why *why, const char *rule, bool holds, const char *text)
{
	if (why->count < WHY_CONDITIONS_MAX)
		why->conditions[why->count++] = (struct why_condition){rule, holds, text};
}

/* Only peers get copies with members left out: they can prove them. */
static void settle(struct why *why, const struct release *release, const struct reader *reader)
{
	struct decision *d = &why->decision;

	switch (release->verdict) {
	case VERDICT_ALLOW:
		d->verdict = VERDICT_ALLOW;
		add_condition(why, d->rule, true, "its community's terms leave out nothing of it");
		return;
	case VERDICT_DENY:
		*d = (struct decision){.verdict = VERDICT_DENY, .rule = release->rule};
		add_condition(why, d->rule, false,
		    "its community's terms leave out what it cannot be without, or cannot be read");
		return;
	case VERDICT_REDACT:
		break;
	}
	if (reader->kind == READER_PEER) {
		add_condition(why, d->rule, true, "its community's terms leave out members of it");
		return;
	}
	d->verdict = VERDICT_DENY;
	add_condition(why, d->rule, false,
	    "its community's terms leave out members of it, and only a peer can prove such a copy");
}

enum err why_settle(struct why *why, struct release *release, const struct gate_ask *ask,
    const struct gate_object *object, const struct reader *reader)
{
	struct stix_object o;

	TRY(gate_parse(ask->gate, object->seq, &o));
	policy_release(
	    release, object->type, o.root, why->decision.withheld, principals_identity(ask->gate));
	settle(why, release, reader);
	return OK;
}

/* What the terms come to for this object. */
static enum err weigh_terms(const struct gate_ask *ask, const struct gate_object *object,
    const struct reader *reader, struct buf *omitted, struct gate_why *out, struct fault *fault)
{
	struct release release;
	struct stix_object o;
	size_t i, max;
	yyjson_val *key, *value;

	TRY(why_settle(&out->why, &release, ask, object, reader));
	TRY(gate_parse(ask->gate, object->seq, &o));
	if (release.verdict != VERDICT_REDACT)
		return OK;
	yyjson_obj_foreach(o.root, i, max, key, value)
	{
		(void)value;
		if (!release_omits(&release, i))
			continue;
		buf_put(omitted, omitted->n ? S(", ") : S(""));
		buf_put(omitted, json_str(key));
	}
	out->left_out = arena_str(ask->arena, buf_str(omitted));
	return out->left_out.p ? OK : fail(fault, ERR_NOMEM, "out of memory for reasons");
}

size_t gate_left_out(const struct gate_ask *ask, const struct gate_object *object)
{
	const struct store *s = ask->gate->store;
	struct envelope e;

	if (!object->redacted || object->seq + 1 >= store_size(s) ||
	    envelope_read(&e, store_content(s, object->seq + 1), NULL) != OK)
		return 0;
	return seal_left_out(&e);
}

enum err gate_why(const struct gate_ask *ask, struct str id, int64_t version, struct str who,
    struct gate_why *out, struct fault *fault)
{
	struct gate_object object;
	struct reader reader;
	enum outlet outlet;
	struct buf text;
	enum err rc = OK;
	usec now;

	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "who sees what is for who may audit");
	TRY(gate_get(ask, id, version, &object, fault));
	TRY(find_reader(ask->gate, who, &reader, ask->arena, fault));
	outlet = reader.kind == READER_PEER ? OUTLET_PEER : OUTLET_API;
	*out = (struct gate_why){.version = object.version};
	now = env_now(ask->gate->env);
	policy_why(&out->why, &object.label, object.type, &reader, outlet, now);
	buf_init(&text, WORDS_MAX);
	if (out->why.decision.verdict == VERDICT_REDACT) {
		policy_terms_put(&text, &object.label, object.type, &reader, outlet, now);
		out->terms = arena_str(ask->arena, buf_str(&text));
		buf_reset(&text);
		rc = weigh_terms(ask, &object, &reader, &text, out, fault);
		buf_reset(&text);
	}
	label_put(&text, &object.label);
	out->label = arena_str(ask->arena, buf_str(&text));
	buf_reset(&text);
	reader_put(&text, &reader);
	out->reader = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	TRY(rc);
	if (!out->label.p || !out->reader.p)
		return fail(fault, ERR_NOMEM, "out of memory for reasons");
	return OK;
}
