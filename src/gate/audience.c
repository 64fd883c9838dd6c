/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/audience.h"

#include "codec/json.h"
#include "gate/internal.h"
#include "gate/peers.h"

enum { WORDS_MAX = 64 << 10, EXTENSION_MAX = 16 << 10, NAMES_MAX = 2000 };

struct audience {
	const struct gate_ask *ask;
	struct gate_audience *out;
	struct label now, then;
	bool changes;
	usec time;
	size_t room;
	struct reader *groups; /* of the accounts, by place in out->items less `first_group` */
	size_t first_group;
};

/* The words that `put` writes, in the ask's arena. */
static struct str reader_words(const struct gate_ask *ask, const struct reader *r)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	reader_put(&text, r);
	out = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

static struct str label_words(const struct gate_ask *ask, const struct label *l)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	label_put(&text, l);
	out = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

static struct str set_words(const struct gate_ask *ask, struct str set)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	names_put(&text, set);
	out = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

static struct gate_verdict verdict_of(
    const struct audience *a, const struct label *label, const struct reader *r)
{
	enum outlet outlet = r->kind == READER_PEER ? OUTLET_PEER : OUTLET_API;
	uint16_t type = a->out->object.type;
	struct gate_verdict v = {.change = {.left_out = S(""), .derived = S("")}};

	policy_why(&v.why, label, type, r, outlet, a->time);
	if (v.why.decision.verdict == VERDICT_REDACT &&
	    why_settle(&v.change, &v.why, a->ask, &a->out->object, label, r) != OK)
		v.why.decision =
		    (struct decision){.verdict = VERDICT_DENY, .rule = "release.required"};
	v.text = policy_why_text(&v.why);
	v.through = set_words(a->ask, policy_through(label, type, r, outlet, a->time));
	return v;
}

static enum err add(struct audience *a, const struct gate_audience_reader *row,
    const struct reader *r, struct fault *fault)
{
	struct gate_audience_reader *at = &a->out->items[a->out->count];

	if (a->out->count == a->room)
		return fail(fault, ERR_LIMIT, "more than %zu readers to tell of", a->room);
	*at = *row;
	at->who = reader_words(a->ask, r);
	at->now = verdict_of(a, &a->now, r);
	if (a->changes)
		at->then = verdict_of(a, &a->then, r);
	if (!at->who.p)
		return fail(fault, ERR_NOMEM, "out of memory for readers");
	a->out->count++;
	return OK;
}

/* ---- peers ---- */

static uint64_t receipted(const struct gate_ask *ask, struct str peer, struct str identity)
{
	struct str path = arena_printf(ask->arena, "receipt/%.*s", STR_ARG(peer));
	yyjson_val *receipt;

	/* One of a node that had this name before says nothing of this one. */
	if (node_decision(ask->gate, path, ask->arena, &receipt, NULL) != OK ||
	    !str_eq(json_get_str(receipt, "identity"), identity))
		return 0;
	return yyjson_get_uint(yyjson_obj_get(receipt, "size"));
}

static enum gate_copy copy_of(
    const struct audience *a, const struct gate_peer *p, const struct reader *r)
{
	const struct gate_ask *ask = a->ask;
	struct str source = gate_source_name(ask, a->out->object.source);
	struct egress_given given = {.entry = STORE_NONE};
	struct egress_feed feed;

	if (str_starts(source, S("peer:")) && str_eq(str_from(source, 5), p->name))
		return GATE_COPY_THEIRS;
	if (a->now.has_originator && r->has_identity && uuid_eq(&a->now.originator, &r->identity))
		return GATE_COPY_THEIRS;
	if (egress_feed(ask->gate->egress, p->identity, &feed, NULL) != OK ||
	    egress_given(ask->gate->egress, feed.number, a->out->object.seq, &given, NULL) != OK ||
	    given.entry == STORE_NONE)
		return GATE_COPY_NONE;
	return given.entry < receipted(ask, p->name, p->identity) ? GATE_COPY_RECEIPTED
	                                                          : GATE_COPY_GIVEN;
}

static enum err add_peers(struct audience *a, const struct gate_peers *peers, struct fault *fault)
{
	for (size_t i = 0; i < peers->count; i++) {
		const struct gate_peer *p = &peers->items[i];
		struct gate_audience_reader row = {
		    .kind = GATE_PEER, .name = p->name, .title = p->node, .state = p->state};
		struct reader r;

		if (gate_peer_reader(a->ask->gate, p->name, &r, NULL) != OK)
			continue;
		row.copy = copy_of(a, p, &r);
		TRY(add(a, &row, &r, fault));
	}
	return OK;
}

/* ---- communities ---- */

static enum err add_communities(
    struct audience *a, const struct node_paths *paths, struct fault *fault)
{
	const struct gate_ask *ask = a->ask;

	for (size_t i = 0; i < paths->count; i++) {
		struct gate_audience_reader row = {
		    .kind = GATE_COMMUNITY, .name = str_from(paths->items[i], 10)};
		yyjson_val *decision;
		struct reader r;
		struct str title;

		if (gate_community_reader(ask->gate, row.name, &r, ask->arena, NULL) != OK ||
		    node_decision(ask->gate, paths->items[i], ask->arena, &decision, NULL) != OK)
			continue;
		title = json_get_str(decision, "title");
		row.title = title.p ? title : S("");
		title = json_get_str(decision, "purposes");
		if (title.n)
			row.title = arena_printf(ask->arena, "%.*s%s%.*s", STR_ARG(row.title),
			    row.title.n ? ": " : "", STR_ARG(title));
		TRY(add(a, &row, &r, fault));
	}
	return OK;
}

/* ---- accounts ---- */

/* An organisation is named by its identity: by that one's name, when the asking reader sees it. */
static struct str organisation_name(const struct gate_ask *ask, struct str organisation)
{
	struct gate_object identity;

	if (!str_starts(organisation, S("identity--")) ||
	    gate_get(ask, organisation, GATE_NEWEST, &identity, NULL) != OK)
		return organisation;
	return gate_title(ask, &identity);
}

static struct str clearance_words(const struct gate_ask *ask, const struct reader *r)
{
	struct buf text;
	struct str out;

	buf_init(&text, WORDS_MAX);
	clearance_put(&text, r->clearance, &r->levels);
	out = arena_str(ask->arena, buf_str(&text));
	buf_free(&text);
	return out;
}

/* The row of those who are to policy the same reader, a new one when there is none yet. */
static enum err join_group(struct audience *a, const struct reader *r, yyjson_val *account,
    struct str name, struct fault *fault)
{
	bool may_name = role_may((enum role)a->ask->reader->role, ACTION_ADMINISTER);
	struct gate_audience_reader *items = a->out->items;
	size_t at = a->first_group;

	while (at < a->out->count && !policy_same_reader(&a->groups[at - a->first_group], r))
		at++;
	if (at == a->out->count) {
		struct gate_audience_reader row = {.kind = r->own ? GATE_ACCOUNTS : GATE_GUESTS};

		if (at - a->first_group == GATE_AUDIENCE_MAX)
			return fail(fault, ERR_LIMIT, "more than %d kinds of account to tell of",
			    GATE_AUDIENCE_MAX);
		row.name = r->own
		               ? clearance_words(a->ask, r)
		               : organisation_name(a->ask, json_get_str(account, "organisation"));
		a->groups[at - a->first_group] = *r;
		TRY(add(a, &row, r, fault));
	}
	items[at].count++;
	if (may_name && items[at].accounts.n < NAMES_MAX)
		items[at].accounts = arena_printf(a->ask->arena, "%.*s%s%.*s",
		    STR_ARG(items[at].accounts), items[at].accounts.n ? ", " : "", STR_ARG(name));
	return OK;
}

static enum err add_accounts(
    struct audience *a, const struct node_paths *paths, struct fault *fault)
{
	size_t groups = paths->count < GATE_AUDIENCE_MAX ? paths->count : GATE_AUDIENCE_MAX;

	a->first_group = a->out->count;
	a->groups = arena_array(a->ask->arena, groups + 1, sizeof(*a->groups));
	if (!a->groups)
		return fail(fault, ERR_NOMEM, "out of memory for accounts");
	for (size_t i = 0; i < paths->count; i++) {
		struct str id = str_from(paths->items[i], 8);
		struct str name = gate_account_name(a->ask->gate, a->ask->arena, id);
		yyjson_val *account;
		struct reader r;

		if (node_decision(a->ask->gate, paths->items[i], a->ask->arena, &account, NULL) !=
		        OK ||
		    gate_account_reader(a->ask->gate, id, account, &r, NULL) != OK)
			continue;
		TRY(join_group(a, &r, account, name, fault));
	}
	return OK;
}

/* ---- the whole ---- */

static bool is_own(const struct reader *reader, struct str by)
{
	struct uuid maker;

	return reader->has_identity && str_starts(by, S("identity--")) &&
	       uuid_parse(&maker, str_from(by, 10)) == OK && uuid_eq(&maker, &reader->identity);
}

static enum err read_object(
    struct audience *a, const struct label_change *change, struct fault *fault)
{
	struct gate_audience *out = a->out;
	struct stix_object o;
	struct str by;
	struct buf json;
	enum err rc = OK;

	if (gate_parse(a->ask->gate, out->object.seq, &o) != OK)
		return fail(fault, ERR_CORRUPT, "%.*s cannot be read", STR_ARG(out->object.id));
	by = arena_str(a->ask->arena, o.created_by_ref.p ? o.created_by_ref : S(""));
	out->own = is_own(a->ask->reader, by);
	a->now = out->object.label;
	out->label = label_words(a->ask, &a->now);
	out->then = out->marking = S("");
	a->changes = label_change_any(change);
	buf_init(&json, EXTENSION_MAX);
	rc = label_change(&a->then, &a->now, change, by, &json, a->ask->arena, fault);
	if (rc == OK)
		out->marking = arena_str(a->ask->arena, buf_str(&json));
	if (rc == OK && a->changes)
		out->then = label_words(a->ask, &a->then);
	buf_free(&json);
	/* A label that no marking can say is there all the same. */
	return a->changes ? rc : OK;
}

enum err gate_audience(const struct gate_ask *ask, struct str id, int64_t version,
    const struct label_change *change, struct gate_audience *out, struct fault *fault)
{
	struct audience a = {.ask = ask, .out = out, .time = env_now(ask->gate->env)};
	struct node_paths communities, accounts;
	struct gate_peers peers;

	if (!role_may((enum role)ask->reader->role, ACTION_AUDIT))
		return fail(fault, ERR_DENIED, "who gets what is for who may audit");
	*out = (struct gate_audience){0};
	TRY(gate_get(ask, id, version, &out->object, fault));
	TRY(read_object(&a, change, fault));
	TRY(gate_peers(ask, &peers, fault));
	TRY(node_paths(ask->gate, S("community/"), ask->arena, &communities, fault));
	TRY(node_paths(ask->gate, S("account/"), ask->arena, &accounts, fault));
	if (communities.count > GATE_AUDIENCE_MAX)
		return fail(fault, ERR_LIMIT, "more than %d communities", GATE_AUDIENCE_MAX);
	a.room = peers.count + communities.count +
	         (accounts.count < GATE_AUDIENCE_MAX ? accounts.count : GATE_AUDIENCE_MAX);
	out->items = arena_array(ask->arena, a.room + 1, sizeof(*out->items));
	if (!out->items || !out->label.p || !out->then.p || !out->marking.p)
		return fail(fault, ERR_NOMEM, "out of memory for readers");
	TRY(add_peers(&a, &peers, fault));
	TRY(add_communities(&a, &communities, fault));
	return add_accounts(&a, &accounts, fault);
}
