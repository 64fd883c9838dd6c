/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/agreement.h"

#include "codec/json.h"
#include "codec/time.h"
#include "policy/names.h"
#include "policy/release.h"
#include "stix/type.h"

enum { HASH_TEXT = 64 };

static const struct str IDENTITY = S("identity--");

static const char *const KINDS[COMMUNITY_KINDS] = {
    [COMMUNITY_PLAIN] = "community", [COMMUNITY_PILLAR] = "pillar", [COMMUNITY_ROOM] = "room"};
static const char *const DIRECTION_WORDS[DIRECTIONS] = {
    [DIRECTION_BOTH] = "both", [DIRECTION_IN] = "in", [DIRECTION_OUT] = "out"};
static const char *const STATES[PARTY_STATES] = {[PARTY_PROPOSED] = "proposed",
    [PARTY_SIGNED] = "signed",
    [PARTY_DECLINED] = "declined",
    [PARTY_LEFT] = "left"};

/* Its place in the list, or `count`. */
static int word_of(const char *const *words, int count, struct str word)
{
	int i = 0;

	while (i < count && !str_eq(str_c(words[i]), word))
		i++;
	return i;
}

struct str community_kind_name(enum community_kind kind)
{
	return str_c(KINDS[kind]);
}

struct str community_direction_name(enum community_direction direction)
{
	return str_c(DIRECTION_WORDS[direction]);
}

bool community_kind_of(enum community_kind *out, struct str word)
{
	int i = word.p ? word_of(KINDS, COMMUNITY_KINDS, word) : 0;

	*out = i < COMMUNITY_KINDS ? (enum community_kind)i : COMMUNITY_PLAIN;
	return i < COMMUNITY_KINDS;
}

bool community_direction_of(enum community_direction *out, struct str word)
{
	int i = word.p ? word_of(DIRECTION_WORDS, DIRECTIONS, word) : 0;

	*out = i < DIRECTIONS ? (enum community_direction)i : DIRECTION_BOTH;
	return i < DIRECTIONS;
}

struct str party_state_name(enum party_state state)
{
	return str_c(STATES[state]);
}

bool party_state_of(enum party_state *out, struct str word)
{
	int i = word_of(STATES, PARTY_STATES, word);

	*out = i < PARTY_STATES ? (enum party_state)i : PARTY_PROPOSED;
	return i < PARTY_STATES;
}

/* ---- the agreement's members ---- */

static bool is_identity(struct str id)
{
	struct uuid uuid;

	return str_starts(id, IDENTITY) && uuid_parse(&uuid, str_from(id, IDENTITY.n)) == OK;
}

bool agreement_has_party(const struct agreement *a, struct str identity)
{
	for (size_t i = 0; i < a->party_count; i++)
		if (str_eq(a->parties[i], identity))
			return true;
	return false;
}

static enum err read_parties(struct agreement *a, yyjson_val *list, struct fault *fault)
{
	size_t i, max;
	yyjson_val *v;

	yyjson_arr_foreach(list, i, max, v)
	{
		if (!is_identity(json_str(v)) || agreement_has_party(a, json_str(v)))
			return fail(fault, ERR_INVALID, "parties: identities, each once");
		if (a->party_count == AGREEMENT_PARTIES_MAX)
			return fail(
			    fault, ERR_INVALID, "parties: at most %d", AGREEMENT_PARTIES_MAX);
		a->parties[a->party_count++] = json_str(v);
	}
	if (a->party_count < 2)
		return fail(fault, ERR_INVALID, "parties: at least two");
	return agreement_has_party(a, a->by)
	           ? OK
	           : fail(fault, ERR_INVALID, "parties: who proposes it is one of them");
}

static enum err read_community(struct agreement *a, yyjson_val *list, struct fault *fault)
{
	struct name name;

	a->community = json_str(yyjson_arr_get_first(list));
	if (yyjson_arr_size(list) != 1 || name_encode(&name, a->community) != OK ||
	    name.bytes[0] == 0)
		return fail(fault, ERR_INVALID, "communities: one name");
	/* Names compare without regard to case; an agreement says the one form there is. */
	return str_eq(a->community, (struct str){name.bytes + 1, (size_t)name.n - 1})
	           ? OK
	           : fail(fault, ERR_INVALID, "communities: in lower case");
}

/* ["in","out"] is both. */
static enum err read_directions(struct agreement *a, yyjson_val *list, struct fault *fault)
{
	bool in = false, out = false;
	size_t i, max;
	yyjson_val *v;

	if (!list)
		return OK;
	yyjson_arr_foreach(list, i, max, v)
	{
		in |= str_eq(json_str(v), S("in"));
		out |= str_eq(json_str(v), S("out"));
	}
	if (yyjson_arr_size(list) != (size_t)in + out || !(in || out))
		return fail(fault, ERR_INVALID, "directions: \"in\", \"out\" or both");
	a->direction = in && out ? DIRECTION_BOTH : in ? DIRECTION_IN : DIRECTION_OUT;
	return OK;
}

static bool is_type(struct str word)
{
	return stix_type_of(word) != STIX_TYPE_CUSTOM;
}

static bool is_term(struct str word)
{
	uint32_t withheld;

	return withhold_of_name(&withheld, word);
}

static bool is_text(struct str text)
{
	return text.n > 0 && text.n <= AGREEMENT_TEXT_MAX;
}

static enum err check_list(yyjson_val *list, const char *what, size_t most,
    bool (*fits)(struct str word), struct fault *fault)
{
	size_t i, max;
	yyjson_val *v;

	if (!list)
		return OK;
	if (!yyjson_is_arr(list) || yyjson_arr_size(list) > most)
		return fail(fault, ERR_INVALID, "%s: a list of at most %zu", what, most);
	yyjson_arr_foreach(list, i, max, v)
	{
		if (!json_str(v).p || !fits(json_str(v)))
			return fail(fault, ERR_INVALID, "%s: not understood: %.*s", what,
			    STR_ARG(str_slice(json_str(v), 0, 60)));
	}
	return OK;
}

static enum err read_time(usec *out, yyjson_val *object, const char *key, struct fault *fault)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	if (v && (time_parse_utc(out, json_str(v)) != OK || *out <= 0))
		return fail(fault, ERR_INVALID, "%s: not a time", key);
	return OK;
}

static enum err read_text(struct str *out, yyjson_val *object, const char *key, struct fault *fault)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	*out = json_str(v);
	return !v || is_text(*out)
	           ? OK
	           : fail(fault, ERR_INVALID, "%s: 1 to %d bytes", key, AGREEMENT_TEXT_MAX);
}

/* What each kind must say. */
static enum err check_kind(const struct agreement *a, struct fault *fault)
{
	bool pillar = a->kind == COMMUNITY_PILLAR, room = a->kind == COMMUNITY_ROOM;

	if (pillar && (!agreement_has_party(a, a->hub) || !a->types))
		return fail(fault, ERR_INVALID,
		    "a pillar has a hub that is a party, and the types that are shared in it");
	if (!pillar && (a->hub.p || a->direction != DIRECTION_BOTH))
		return fail(fault, ERR_INVALID, "only a pillar has a hub and a direction");
	if (room && (!str_starts(a->incident, S("incident--")) || !a->until))
		return fail(fault, ERR_INVALID, "a room has an incident and an end");
	if (!room && a->incident.p)
		return fail(fault, ERR_INVALID, "only a room has an incident");
	return a->until && a->until <= a->from
	           ? fail(fault, ERR_INVALID, "valid_until: before valid_from")
	           : OK;
}

static enum err read_terms(struct agreement *a, yyjson_val *o, struct fault *fault)
{
	yyjson_val *visible = yyjson_obj_get(o, "reciprocity_visible");

	a->types = yyjson_obj_get(o, "object_types");
	a->purposes = yyjson_obj_get(o, "purposes");
	a->anonymise = yyjson_obj_get(o, "anonymise");
	a->hub = json_get_str(o, "hub_ref");
	a->incident = json_get_str(o, "incident_ref");
	a->ceiling = tlp_of_name(json_get_str(o, "label_ceiling"));
	a->reciprocity_visible = yyjson_get_bool(visible);
	if (!community_kind_of(&a->kind, json_get_str(o, "kind")))
		return fail(fault, ERR_INVALID, "kind: community, pillar or room");
	if (a->ceiling < TLP_CLEAR || a->ceiling > TLP_RED)
		return fail(fault, ERR_INVALID, "label_ceiling: not a TLP level");
	if (visible && !yyjson_is_bool(visible))
		return fail(fault, ERR_INVALID, "reciprocity_visible: true or false");
	TRY(check_list(a->types, "object_types", STIX_TYPES, is_type, fault));
	TRY(check_list(a->purposes, "purposes", AGREEMENT_PURPOSES_MAX, is_text, fault));
	TRY(check_list(a->anonymise, "anonymise", AGREEMENT_PURPOSES_MAX, is_term, fault));
	TRY(read_text(&a->name, o, "name", fault));
	TRY(read_text(&a->retention, o, "retention", fault));
	TRY(read_text(&a->legal_ref, o, "legal_ref", fault));
	TRY(read_time(&a->from, o, "valid_from", fault));
	TRY(read_time(&a->until, o, "valid_until", fault));
	TRY(read_directions(a, yyjson_obj_get(o, "directions"), fault));
	return check_kind(a, fault);
}

enum err agreement_read(struct agreement *out, yyjson_val *object, struct fault *fault)
{
	yyjson_val *extension =
	    yyjson_obj_get(yyjson_obj_get(object, "extensions"), AGREEMENT_EXTENSION);
	struct stix_object o;
	struct str type;

	*out = (struct agreement){.root = object};
	TRY(stix_object_read(&o, object, fault));
	if (!str_eq(o.type_name, S(AGREEMENT_TYPE)) || !stix_id_split(&type, &out->uuid, o.id) ||
	    !str_eq(json_get_str(extension, "extension_type"), S("new-sdo")))
		return fail(fault, ERR_INVALID, "not an agreement");
	out->id = o.id;
	out->by = o.created_by_ref;
	out->version = o.version;
	out->revoked = o.revoked;
	TRY(read_parties(out, yyjson_obj_get(object, "parties"), fault));
	TRY(read_community(out, yyjson_obj_get(object, "communities"), fault));
	return read_terms(out, object, fault);
}

/* ---- answers ---- */

static yyjson_val *answer_of(yyjson_val *object)
{
	return yyjson_obj_get(yyjson_obj_get(object, "extensions"), AGREEMENT_ANSWER_EXTENSION);
}

bool party_answer_claimed(yyjson_val *object)
{
	return answer_of(object) != NULL;
}

enum err party_answer_read(struct party_answer *out, yyjson_val *object)
{
	yyjson_val *a = answer_of(object);

	if (!a)
		return ERR_NOT_FOUND;
	*out = (struct party_answer){.agreement = json_get_str(a, "agreement_ref"),
	    .sha256 = json_get_str(a, "sha256"),
	    .reason = json_get_str(object, "explanation")};
	if (!party_state_of(&out->state, json_get_str(a, "answer")) ||
	    out->state == PARTY_PROPOSED || out->sha256.n != HASH_TEXT || !out->agreement.n ||
	    time_parse_utc(&out->version, json_get_str(a, "agreement_modified")) != OK)
		return ERR_INVALID;
	return OK;
}
