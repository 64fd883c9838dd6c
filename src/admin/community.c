/* SPDX-License-Identifier: Apache-2.0 */
/* Communities: who is in them and what may be shared through them, decided in the ledger. */
#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/list.h"
#include "admin/part.h"
#include "codec/time.h"
#include "ops/role.h"
#include "policy/release.h"
#include "stix/type.h"
#include "store/store.h"

enum { DECISION_MAX = 16384, TITLE_MAX = 250 };

/* As it is to be; lists are texts with commas. */
struct community {
	struct str name, title, members, ceiling, types, anonymise, purposes, expires, by;
	bool own;
};

/* Unless something else is decided. */
#define ANONYMISE S("victims")

static struct str community_path(struct arena *arena, struct str name)
{
	return arena_printf(arena, "community/%.*s", STR_ARG(name));
}

static void put_community(struct buf *out, const struct community *c, bool reply)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	if (reply)
		json_put_str(&w, "name", c->name);
	if (c->title.n)
		json_put_str(&w, "title", c->title);
	if (reply)
		json_put_str(&w, "members", c->members);
	else
		list_put(&w, "members", c->members);
	json_put_bool(&w, "own", c->own);
	json_put_str(&w, "ceiling", c->ceiling);
	if (c->types.p && reply)
		json_put_str(&w, "types", c->types);
	else
		list_put(&w, "types", c->types);
	if (reply)
		json_put_str(&w, "anonymise", c->anonymise);
	else
		list_put(&w, "anonymise", c->anonymise);
	if (c->purposes.n)
		json_put_str(&w, "purposes", c->purposes);
	if (c->expires.n)
		json_put_str(&w, "expires", c->expires);
	if (!reply)
		json_put_str(&w, "by", c->by);
	json_end_object(&w);
}

static enum err decide_community(
    struct part *p, const struct community *c, struct command_reply *reply, struct fault *fault)
{
	struct buf b;
	enum err rc;

	buf_init(&b, DECISION_MAX);
	put_community(&b, c, false);
	rc = b.failed == OK
	         ? admin_decide(p->ctx, community_path(p->arena, c->name), buf_str(&b), fault)
	         : fail(fault, ERR_LIMIT, "community: too long");
	buf_free(&b);
	TRY(rc);
	put_community(reply->json, c, true);
	return OK;
}

static struct community community_of(struct part *p, yyjson_val *root, struct str name)
{
	yyjson_val *own = yyjson_obj_get(root, "own");
	struct str anonymise = list_text(p->arena, yyjson_obj_get(root, "anonymise"));

	return (struct community){
	    .name = name,
	    .title = json_get_str(root, "title"),
	    .members = list_text(p->arena, yyjson_obj_get(root, "members")),
	    .ceiling = json_get_str(root, "ceiling"),
	    .types = list_text(p->arena, yyjson_obj_get(root, "types")),
	    .anonymise = anonymise.p ? anonymise : ANONYMISE,
	    .purposes = json_get_str(root, "purposes"),
	    .expires = json_get_str(root, "expires"),
	    .own = !own || yyjson_get_bool(own),
	};
}

static enum err check_types(struct str types, struct fault *fault)
{
	while (types.p) {
		struct str type = str_trim(str_cut(&types, ','));

		if (type.n && stix_type_of(type) == STIX_TYPE_CUSTOM)
			return fail(fault, ERR_INVALID, "types: not a STIX type: %.*s",
			    STR_ARG(str_slice(type, 0, 60)));
	}
	return OK;
}

static enum err check_anonymise(struct str terms, struct fault *fault)
{
	uint32_t withheld;

	while (terms.p) {
		struct str term = str_trim(str_cut(&terms, ','));

		if (term.n && !withhold_of_name(&withheld, term))
			return fail(fault, ERR_INVALID,
			    "anonymise: not one of victims, description, external_references, "
			    "labels, "
			    "confidence, contact_information: %.*s",
			    STR_ARG(str_slice(term, 0, 60)));
	}
	return OK;
}

static enum err check_members(struct str members, struct fault *fault)
{
	while (members.p) {
		struct str name = str_trim(str_cut(&members, ','));

		if (name.n && !account_name_valid(name))
			return fail(fault, ERR_INVALID, "members: not the name of a peer: %.*s",
			    STR_ARG(str_slice(name, 0, 60)));
	}
	return OK;
}

static enum err check_community(
    const struct part *p, const struct community *c, struct fault *fault)
{
	enum tlp ceiling = tlp_of_name(c->ceiling);
	usec expires;

	if (c->title.n > TITLE_MAX)
		return fail(fault, ERR_LIMIT, "title: at most %d bytes", TITLE_MAX);
	if (c->purposes.n > LIST_TEXT_MAX || c->types.n > LIST_TEXT_MAX)
		return fail(
		    fault, ERR_LIMIT, "purposes, types: at most %d bytes each", LIST_TEXT_MAX);
	if (ceiling < TLP_CLEAR || ceiling > TLP_RED)
		return fail(fault, ERR_INVALID, "ceiling: not a TLP level: %.*s",
		    STR_ARG(str_slice(c->ceiling, 0, 40)));
	TRY(check_members(c->members, fault));
	TRY(check_types(c->types, fault));
	TRY(check_anonymise(c->anonymise, fault));
	if (!c->expires.p)
		return OK;
	if (time_parse_utc(&expires, c->expires) != OK)
		return fail(fault, ERR_INVALID, "expires: not a time like 2030-01-31T00:00:00Z");
	return expires > env_now(p->ctx->env)
	           ? OK
	           : fail(fault, ERR_INVALID, "expires: that is over already");
}

static void take_text(struct str *out, yyjson_val *args, const char *key)
{
	struct str text = json_get_str(args, key);

	if (text.p)
		*out = text;
}

/* How many there are: each costs every reader a place. */
static enum err check_room(const struct part *p, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	size_t count = 0;

	for (uint64_t seq = 0; seq < store_size_pending(s); seq++)
		if (store_row(s, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, seq), S("community/")) &&
		    store_find(s, store_id(s, seq)) == seq &&
		    !str_eq(store_content(s, seq), S("{\"removed\":true}")))
			count++;
	return count < READER_COMMUNITIES_MAX
	           ? OK
	           : fail(fault, ERR_LIMIT, "there are %d communities already: remove one",
	                 READER_COMMUNITIES_MAX);
}

/* Names compare without regard to case, so there is one form of each. STR_NONE for no name, and for
 * the id of an identity, which is not a community's. */
static struct str folded_name(struct arena *arena, struct str text)
{
	struct name name;

	if (name_encode(&name, text) != OK || name.bytes[0] == 0)
		return STR_NONE;
	return arena_str(arena, (struct str){name.bytes + 1, (size_t)name.n - 1});
}

static enum err community_add(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct community c = {
	    .ceiling = S("TLP:AMBER"), .members = S(""), .anonymise = ANONYMISE, .own = true};
	yyjson_val *args, *before;
	struct name name;
	struct str text;

	TRY(part_begin(p, call, &args, fault));
	text = json_get_str(args, "name");
	if (name_encode(&name, text) != OK)
		return fail(fault, ERR_INVALID, "name: 1 to %d letters, digits and any of ._:+-",
		    POLICY_NAME_MAX);
	/* Names compare without regard to case, so there is one form of each. */
	text = arena_str(p->arena, (struct str){name.bytes + 1, (size_t)name.n - 1});
	if (!text.p || name.bytes[0] == 0)
		return fail(fault, ERR_INVALID, "name: not the id of an identity");
	if (part_decided(p, community_path(p->arena, text), &before) == OK)
		c = community_of(p, before, text);
	else
		TRY(check_room(p, fault));
	c.name = text;
	c.by = call->by;
	take_text(&c.title, args, "title");
	take_text(&c.members, args, "members");
	take_text(&c.ceiling, args, "ceiling");
	take_text(&c.types, args, "types");
	take_text(&c.anonymise, args, "anonymise");
	take_text(&c.purposes, args, "purposes");
	take_text(&c.expires, args, "expires");
	TRY(check_community(p, &c, fault));
	return decide_community(p, &c, reply, fault);
}

static enum err find_community(
    struct part *p, yyjson_val *args, struct community *out, struct fault *fault)
{
	struct str given = json_get_str(args, "name");
	struct str name = folded_name(p->arena, given);
	yyjson_val *root;

	if (!name.p || part_decided(p, community_path(p->arena, name), &root) != OK)
		return fail(fault, ERR_NOT_FOUND, "no community %.*s",
		    STR_ARG(str_slice(given, 0, POLICY_NAME_MAX)));
	*out = community_of(p, root, name);
	return OK;
}

static enum err community_remove(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	struct part *p = part;
	struct community c;
	yyjson_val *args;

	(void)reply;
	TRY(part_begin(p, call, &args, fault));
	TRY(find_community(p, args, &c, fault));
	return admin_decide(
	    p->ctx, community_path(p->arena, c.name), S("{\"removed\":true}"), fault);
}

/* The list without a name. */
static struct str without(struct arena *arena, struct str list, struct str name)
{
	struct str out = S("");

	while (list.p) {
		struct str part = str_trim(str_cut(&list, ','));

		if (part.n && !str_eq_nocase(part, name))
			out = arena_printf(
			    arena, "%.*s%s%.*s", STR_ARG(out), out.n ? "," : "", STR_ARG(part));
	}
	return out;
}

static enum err change_member(void *part, const struct rpc_call *call, struct command_reply *reply,
    bool joins, struct fault *fault)
{
	struct part *p = part;
	struct community c;
	struct str member;
	yyjson_val *args;

	TRY(part_begin(p, call, &args, fault));
	TRY(find_community(p, args, &c, fault));
	member = json_get_str(args, "member");
	c.by = call->by;
	if (!member.p) {
		c.own = joins;
		return decide_community(p, &c, reply, fault);
	}
	TRY(check_members(member, fault));
	c.members = without(p->arena, c.members, member);
	if (joins)
		c.members = arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(c.members),
		    c.members.n ? "," : "", STR_ARG(member));
	return decide_community(p, &c, reply, fault);
}

static enum err community_join(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return change_member(part, call, reply, true, fault);
}

static enum err community_leave(
    void *part, const struct rpc_call *call, struct command_reply *reply, struct fault *fault)
{
	return change_member(part, call, reply, false, fault);
}

static const struct command COMMANDS[] = {
    {.op = "community.add", .run = community_add},
    {.op = "community.remove", .run = community_remove},
    {.op = "community.join", .run = community_join},
    {.op = "community.leave", .run = community_leave},
    {0},
};

const struct command_part ADMIN_COMMUNITIES = {
    .name = "communities",
    .open = part_open,
    .close = part_close,
    .commands = COMMANDS,
};
