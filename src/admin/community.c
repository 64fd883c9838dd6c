/* SPDX-License-Identifier: Apache-2.0 */
/* Communities: who is in them and what may be shared through them, decided in the ledger. */
#include "admin/community.h"

#include "admin/admin.h"
#include "admin/decide.h"
#include "admin/list.h"
#include "admin/peer_record.h"
#include "codec/time.h"
#include "ops/role.h"
#include "policy/release.h"
#include "stix/type.h"
#include "store/store.h"

enum { DECISION_MAX = 16384, TITLE_MAX = 250 };

/* Unless something else is decided. */
#define ANONYMISE S("victims")

struct str community_path(struct arena *arena, struct str name)
{
	return arena_printf(arena, "community/%.*s", STR_ARG(name));
}

/* What is no more than a community has no kind in its decision. */
static void put_kind(struct json_writer *w, const struct community *c, bool reply)
{
	if (reply || c->kind != COMMUNITY_PLAIN)
		json_put_str(w, "kind", community_kind_name(c->kind));
	if (c->hub.n) {
		json_put_str(w, "hub", c->hub);
		json_put_str(w, "direction", community_direction_name(c->direction));
	}
	if (c->incident.n)
		json_put_str(w, "incident", c->incident);
	if (c->agreement.n)
		json_put_str(w, "agreement", c->agreement);
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
	put_kind(&w, c, reply);
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

void community_put(struct buf *out, const struct community *c)
{
	put_community(out, c, false);
}

enum err community_decide(
    struct part *p, const struct community *c, struct buf *reply, struct fault *fault)
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
	if (reply)
		put_community(reply, c, true);
	return OK;
}

static struct community community_of(struct part *p, yyjson_val *root, struct str name)
{
	yyjson_val *own = yyjson_obj_get(root, "own");
	struct str anonymise = list_text(p->arena, yyjson_obj_get(root, "anonymise"));
	struct community c = {
	    .name = name,
	    .title = json_get_str(root, "title"),
	    .members = list_text(p->arena, yyjson_obj_get(root, "members")),
	    .ceiling = json_get_str(root, "ceiling"),
	    .types = list_text(p->arena, yyjson_obj_get(root, "types")),
	    .anonymise = anonymise.p ? anonymise : ANONYMISE,
	    .purposes = json_get_str(root, "purposes"),
	    .expires = json_get_str(root, "expires"),
	    .hub = json_get_str(root, "hub"),
	    .incident = json_get_str(root, "incident"),
	    .agreement = json_get_str(root, "agreement"),
	    .own = !own || yyjson_get_bool(own),
	};

	(void)community_kind_of(&c.kind, json_get_str(root, "kind"));
	(void)community_direction_of(&c.direction, json_get_str(root, "direction"));
	return c;
}

enum err community_find(struct community *out, struct part *p, struct str name)
{
	yyjson_val *root;

	TRY(part_decided(p, community_path(p->arena, name), &root));
	*out = community_of(p, root, name);
	return OK;
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

enum err community_check_incident(const struct part *p, struct str incident, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	uint64_t seq =
	    incident.n && incident.n <= STORE_ID_MAX ? store_find(s, incident) : STORE_NONE;

	return seq != STORE_NONE && store_row(s, seq)->kind == RECORD_OBJECT &&
	               store_row(s, seq)->tag == STIX_TYPE_INCIDENT &&
	               !store_withdrawn(store_row(s, seq))
	           ? OK
	           : fail(fault, ERR_NOT_FOUND, "incident: no incident %.*s is here",
	                 STR_ARG(str_slice(incident, 0, STORE_ID_MAX)));
}

/* What each kind must have, and what only that kind has. */
static enum err check_kind(const struct part *p, const struct community *c, struct fault *fault)
{
	bool pillar = c->kind == COMMUNITY_PILLAR, room = c->kind == COMMUNITY_ROOM;

	if (pillar && (c->hub.n == 0 || c->types.n == 0))
		return fail(fault, ERR_INVALID,
		    "types: a pillar has a hub, and a list of the types that are shared in it");
	if (!pillar && (c->hub.n || c->direction != DIRECTION_BOTH))
		return fail(
		    fault, ERR_INVALID, "hub, direction: only a pillar has them (kind: pillar)");
	if (room && !c->expires.p)
		return fail(fault, ERR_INVALID, "expires: a room has an end");
	if (!room && c->incident.n)
		return fail(fault, ERR_INVALID, "incident: only a room has one (kind: room)");
	return room ? community_check_incident(p, c->incident, fault) : OK;
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
	TRY(check_kind(p, c, fault));
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
enum err community_check_room(const struct part *p, struct fault *fault)
{
	const struct store *s = p->ctx->store;
	size_t count = 0;

	for (uint64_t seq = 0; seq < store_size_pending(s); seq++)
		if (store_row(s, seq)->kind == RECORD_DECISION &&
		    str_starts(store_id(s, seq), S("community/")) &&
		    store_find(s, store_id(s, seq)) == seq &&
		    !str_starts(store_content(s, seq), S(PART_REMOVED)))
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

/* Whose terms were agreed, nobody changes alone. */
static enum err check_own_to_decide(
    const struct part *p, const struct community *c, struct fault *fault)
{
	usec end;

	if (!c->agreement.n || !c->own ||
	    (c->expires.n && time_parse_utc(&end, c->expires) == OK && end <= env_now(p->ctx->env)))
		return OK;
	return fail(fault, ERR_CONFLICT,
	    "%.*s is as agreed: `tocsin agreement leave DIR %.*s` ends this node's part, a newer "
	    "version that all sign changes it",
	    STR_ARG(c->name), STR_ARG(c->agreement));
}

static enum err take_kind(
    struct part *p, struct community *c, yyjson_val *args, struct fault *fault)
{
	struct str kind = json_get_str(args, "kind"), direction = json_get_str(args, "direction");
	struct str hub = json_get_str(args, "hub");
	struct peer_record peer;

	if (kind.p && !community_kind_of(&c->kind, kind))
		return fail(fault, ERR_INVALID, "kind: community, pillar or room");
	if (direction.p && !community_direction_of(&c->direction, direction))
		return fail(fault, ERR_INVALID, "direction: in, out or both");
	take_text(&c->incident, args, "incident");
	if (hub.n) {
		TRY(peer_find(&peer, p, hub, fault));
		c->hub = peer.said.identity;
	} else if (c->kind == COMMUNITY_PILLAR && (c->hub.n == 0 || hub.p)) {
		c->hub = p->ctx->identity;
	}
	return OK;
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
		TRY(community_check_room(p, fault));
	TRY(check_own_to_decide(p, &c, fault));
	c.name = text;
	c.by = call->by;
	c.agreement = STR_NONE;
	take_text(&c.title, args, "title");
	take_text(&c.members, args, "members");
	take_text(&c.ceiling, args, "ceiling");
	take_text(&c.types, args, "types");
	take_text(&c.anonymise, args, "anonymise");
	take_text(&c.purposes, args, "purposes");
	take_text(&c.expires, args, "expires");
	TRY(take_kind(p, &c, args, fault));
	TRY(check_community(p, &c, fault));
	return community_decide(p, &c, reply->json, fault);
}

static enum err find_community(
    struct part *p, yyjson_val *args, struct community *out, struct fault *fault)
{
	struct str given = json_get_str(args, "name");
	struct str name = folded_name(p->arena, given);

	return name.p && community_find(out, p, name) == OK
	           ? OK
	           : fail(fault, ERR_NOT_FOUND, "no community %.*s",
	                 STR_ARG(str_slice(given, 0, POLICY_NAME_MAX)));
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
	TRY(check_own_to_decide(p, &c, fault));
	return part_remove(p, community_path(p->arena, c.name), call->by, fault);
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
	TRY(check_own_to_decide(p, &c, fault));
	member = json_get_str(args, "member");
	c.by = call->by;
	if (!member.p) {
		c.own = joins;
		return community_decide(p, &c, reply->json, fault);
	}
	TRY(check_members(member, fault));
	c.members = without(p->arena, c.members, member);
	if (joins)
		c.members = arena_printf(p->arena, "%.*s%s%.*s", STR_ARG(c.members),
		    c.members.n ? "," : "", STR_ARG(member));
	return community_decide(p, &c, reply->json, fault);
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
