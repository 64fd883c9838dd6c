/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/principal.h"

#include "codec/json.h"
#include "codec/time.h"
#include "policy/agreement.h"
#include "policy/release.h"
#include "stix/type.h"

static const struct str IDENTITY = S("identity--");

static bool read_identity(struct uuid *out, struct str id)
{
	return str_starts(id, IDENTITY) && uuid_parse(out, str_from(id, IDENTITY.n)) == OK;
}

struct principal_node principal_node(struct str name, struct str identity)
{
	struct principal_node out = {.name = name};

	out.has_identity = read_identity(&out.identity, identity);
	return out;
}

/* Adds every name of a list; what is no name, or has no room, gives nothing. */
static void add_all(
    struct reader *r, yyjson_val *list, enum err (*add)(struct reader *r, struct str name))
{
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		if (json_str(v).p)
			(void)!add(r, json_str(v));
	}
}

static bool list_has(yyjson_val *list, struct str name)
{
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		if (str_eq_nocase(json_str(v), name))
			return true;
	}
	return false;
}

/* A clearance that cannot be read is none to speak of. */
static void read_clearance(struct reader *r, struct str text)
{
	enum tlp tlp = TLP_CLEAR;

	r->clearance = TLP_CLEAR;
	if (clearance_parse(&tlp, &r->levels, text, NULL) == OK)
		r->clearance = tlp;
}

void reader_of_account(
    struct reader *out, struct str name, yyjson_val *account, const struct principal_node *node)
{
	struct str organisation = json_get_str(account, "organisation");
	struct uuid identity;

	*out = (struct reader){
	    .name = name, .kind = READER_ACCOUNT, .own = !organisation.p, .node = node->identity};
	read_clearance(out, json_get_str(account, "clearance"));
	add_all(out, yyjson_obj_get(account, "organisations"), reader_add_organisation);
	add_all(out, yyjson_obj_get(account, "tags"), reader_add_tag);
	if (read_identity(&identity, organisation))
		reader_set_identity(out, &identity);
	else if (organisation.p)
		(void)!reader_add_self(out, organisation);
	if (!out->own)
		return;
	if (node->has_identity)
		reader_set_identity(out, &node->identity);
	/* A name with spaces is nothing that a label could name. */
	(void)!reader_add_self(out, node->name);
}

static uint64_t read_types(yyjson_val *list)
{
	uint64_t types = 0;
	size_t i, max;
	yyjson_val *v;

	if (!list)
		return COMMUNITY_TYPES_ALL;
	yyjson_arr_foreach(list, i, max, v)
	{
		enum stix_type_id type = stix_type_of(json_str(v));

		if (type != STIX_TYPE_CUSTOM)
			types |= UINT64_C(1) << type;
	}
	return types;
}

/* Victims are not named unless that was decided. */
static uint32_t read_withheld(yyjson_val *list)
{
	uint32_t withheld = 0;
	size_t i, max;
	yyjson_val *v;

	if (!list)
		return WITHHOLD_VICTIMS;
	if (!yyjson_is_arr(list))
		return WITHHOLD_UNKNOWN;
	yyjson_arr_foreach(list, i, max, v)
	{
		uint32_t one = WITHHOLD_UNKNOWN;

		(void)withhold_of_name(&one, json_str(v));
		withheld |= one;
	}
	return withheld;
}

/* What is no kind known here is none at all. */
static bool has_its_kind(yyjson_val *decision)
{
	enum community_kind kind;
	enum community_direction direction;
	struct uuid hub;

	if (!community_kind_of(&kind, json_get_str(decision, "kind")) ||
	    !community_direction_of(&direction, json_get_str(decision, "direction")))
		return false;
	if (kind == COMMUNITY_PILLAR)
		return read_identity(&hub, json_get_str(decision, "hub")) &&
		       yyjson_is_arr(yyjson_obj_get(decision, "types"));
	return kind != COMMUNITY_ROOM || json_get_str(decision, "expires").n > 0;
}

bool community_leads_elsewhere(
    yyjson_val *decision, const struct uuid *node, const struct uuid *reader)
{
	enum community_direction direction = DIRECTION_BOTH;
	struct uuid hub;

	(void)community_direction_of(&direction, json_get_str(decision, "direction"));
	if (direction == DIRECTION_BOTH || !read_identity(&hub, json_get_str(decision, "hub")))
		return false;
	return direction == DIRECTION_IN ? !uuid_eq(&hub, reader) : !uuid_eq(&hub, node);
}

bool community_terms(struct reader_community *out, yyjson_val *decision)
{
	struct str expires = json_get_str(decision, "expires");
	enum tlp ceiling = tlp_of_name(json_get_str(decision, "ceiling"));
	struct reader_community terms = {.types = read_types(yyjson_obj_get(decision, "types")),
	    .withheld = read_withheld(yyjson_obj_get(decision, "anonymise"))};

	if (yyjson_get_bool(yyjson_obj_get(decision, "removed")) || !has_its_kind(decision))
		return false;
	if (expires.p && (time_parse_utc(&terms.expires, expires) != OK || terms.expires <= 0))
		return false;
	terms.ceiling = ceiling >= TLP_CLEAR && ceiling <= TLP_RED ? ceiling : TLP_CLEAR;
	*out = terms;
	return true;
}

static bool node_is_in(yyjson_val *decision)
{
	yyjson_val *own = yyjson_obj_get(decision, "own");

	return !own || yyjson_get_bool(own);
}

void reader_join_as_account(
    struct reader *r, struct str community, yyjson_val *decision, yyjson_val *account)
{
	yyjson_val *named = yyjson_obj_get(account, "communities");
	struct reader_community terms;

	if (!community_terms(&terms, decision))
		return;
	if (named ? !list_has(named, community) : !r->own)
		return;
	if (r->own && !node_is_in(decision))
		return;
	/* What the node has is there for its own people; the terms are about what leaves. */
	if (r->own) {
		terms.types = COMMUNITY_TYPES_ALL;
		terms.ceiling = TLP_RED;
		terms.withheld = 0;
	} else {
		terms.closed = community_leads_elsewhere(decision, &r->node, &r->identity);
	}
	(void)!reader_add_community(r, community, &terms);
}

void reader_of_peer(
    struct reader *out, struct str name, yyjson_val *peer, const struct principal_node *node)
{
	struct uuid identity;

	*out = (struct reader){.name = name, .kind = READER_PEER, .node = node->identity};
	if (!str_eq(json_get_str(peer, "state"), S("active")))
		return;
	read_clearance(out, json_get_str(peer, "ceiling"));
	if (read_identity(&identity, json_get_str(peer, "identity")))
		reader_set_identity(out, &identity);
	/* The name that this node's operator gave it, not what it says of itself. */
	(void)!reader_add_self(out, name);
	add_all(out, yyjson_obj_get(peer, "organisations"), reader_add_organisation);
	add_all(out, yyjson_obj_get(peer, "tags"), reader_add_tag);
}

void reader_join_as_peer(struct reader *r, struct str community, yyjson_val *decision)
{
	struct reader_community terms;

	if (!community_terms(&terms, decision) || !node_is_in(decision) ||
	    !list_has(yyjson_obj_get(decision, "members"), r->name))
		return;
	terms.closed = community_leads_elsewhere(decision, &r->node, &r->identity);
	(void)!reader_add_community(r, community, &terms);
}
