/* SPDX-License-Identifier: Apache-2.0 */
/* Why somebody else would, or would not, get an object: the answer that the gate would give them,
 * for who may audit and sees the object. */
#include "base/buf.h"
#include "codec/json.h"
#include "gate/internal.h"
#include "policy/release.h"
#include "seal/derived.h"
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
	struct str id = gate_account_id(g, arena, name);
	struct str path = arena_printf(arena, "account/%.*s", STR_ARG(str_slice(id, 0, 100)));
	yyjson_val *account;

	if (!account_name_valid(id) || node_decision(g, path, arena, &account, NULL) != OK)
		return fail(
		    fault, ERR_NOT_FOUND, "no account %.*s", STR_ARG(str_slice(name, 0, 100)));
	return gate_account_reader(g, id, account, out, fault);
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

/* ---- what terms come to ---- */

/* One object, asked about for one reader. */
struct settling {
	const struct gate_ask *ask;
	const struct gate_object *object;
	const struct label *label;
	const struct reader *reader;
	struct stix_object o;
	struct release release;
	struct derivation parts;
};

static bool is_changed(const struct settling *s, size_t i)
{
	enum derive_part part;

	if (s->reader->kind == READER_PEER)
		return release_omits(&s->release, i);
	part = i < RELEASE_MEMBERS_MAX ? (enum derive_part)s->parts.parts[i] : DERIVE_KEEP;
	return part != DERIVE_KEEP && part != DERIVE_REPLACED;
}

static struct str changed_members(const struct settling *s)
{
	struct buf text;
	struct str out;
	size_t i, max;
	yyjson_val *key, *value;

	buf_init(&text, WORDS_MAX);
	yyjson_obj_foreach(s->o.root, i, max, key, value)
	{
		(void)value;
		if (!is_changed(s, i))
			continue;
		buf_put(&text, text.n ? S(", ") : S(""));
		buf_put(&text, json_str(key));
	}
	out = arena_str(s->ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

/* The name of the community that the reader has it through. */
static struct str community_of(const struct settling *s, enum outlet outlet, usec now)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	names_put(&text, policy_through(s->label, s->object->type, s->reader, outlet, now));
	out = arena_str(s->ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

/* Empty when it is not made yet. */
static struct str derived_now(const struct settling *s, struct str community, uint32_t terms)
{
	const struct store *store = s->ask->gate->store;
	struct sha256 secret;
	struct str id, type = s->o.type_name;

	if (derived_secret(&secret, store, s->ask->arena, community) != OK)
		return S("");
	id = derived_id(s->ask->arena, &secret,
	    s->parts.pseudonym ? DERIVED_PSEUDONYM : DERIVED_COPY, type, s->object->id, terms);
	return id.p && store_find(store, id) != STORE_NONE ? id : S("");
}

/* An account cannot prove a copy: it gets a new object. */
static void settle_derived(struct settling *s, struct gate_terms *out, struct why *why)
{
	enum outlet outlet = OUTLET_API;
	usec now = env_now(s->ask->gate->env);
	struct str community = community_of(s, outlet, now);
	const struct reader one = reader_only_in(s->reader, community);
	const struct decision d = policy_decide_type(s->label, s->object->type, &one, outlet, now);

	policy_derive(
	    &s->parts, s->object->type, s->o.root, d.withheld, principals_identity(s->ask->gate));
	if (s->parts.verdict != VERDICT_REDACT) {
		why->decision =
		    (struct decision){.verdict = VERDICT_DENY, .rule = "release.required"};
		add_condition(why, why->decision.rule, false,
		    "its community's terms leave out what it cannot be without, or nothing can be "
		    "derived from an object of its kind");
		return;
	}
	why->decision = (struct decision){VERDICT_REDACT, "community.derived", d.withheld};
	add_condition(why, why->decision.rule, true,
	    "its community's terms leave out members of it: a new object without them, derived "
	    "from it, is there in its place");
	out->derives = true;
	out->derived = derived_now(s, community, d.withheld);
	out->left_out = changed_members(s);
}

static void settle(struct settling *s, struct gate_terms *out, struct why *why)
{
	struct decision *d = &why->decision;

	switch (s->release.verdict) {
	case VERDICT_ALLOW:
		d->verdict = VERDICT_ALLOW;
		add_condition(why, d->rule, true, "its community's terms leave out nothing of it");
		return;
	case VERDICT_DENY:
		if (s->reader->kind != READER_PEER) {
			settle_derived(s, out, why);
			return;
		}
		*d = (struct decision){.verdict = VERDICT_DENY, .rule = s->release.rule};
		add_condition(why, d->rule, false,
		    "its community's terms leave out what it cannot be without, or cannot be read");
		return;
	case VERDICT_REDACT:
		break;
	}
	if (s->reader->kind != READER_PEER) {
		settle_derived(s, out, why);
		return;
	}
	add_condition(why, d->rule, true, "its community's terms leave out members of it");
	out->left_out = changed_members(s);
}

enum err why_settle(struct gate_terms *out, struct why *why, const struct gate_ask *ask,
    const struct gate_object *object, const struct label *label, const struct reader *reader)
{
	struct settling s = {.ask = ask, .object = object, .label = label, .reader = reader};

	*out = (struct gate_terms){.left_out = S(""), .derived = S("")};
	TRY(gate_parse(ask->gate, object->seq, &s.o));
	policy_release(&s.release, object->type, s.o.root, why->decision.withheld,
	    principals_identity(ask->gate));
	settle(&s, out, why);
	return out->left_out.p && out->derived.p ? OK : ERR_NOMEM;
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
		rc = why_settle(&out->change, &out->why, ask, &object, &object.label, &reader);
		if (rc != OK)
			(void)fail(fault, rc, "no reasons can be given");
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
