/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/release.h"

#include "codec/json.h"
#include "stix/object.h"
#include "stix/property.h"

/* The words of terms. The first is a class; the others are members that STIX requires of nothing.
 */
static const char *const WORDS[] = {
    "victims", "description", "external_references", "labels", "confidence", "contact_information"};

enum { WORD_COUNT = sizeof(WORDS) / sizeof(WORDS[0]) };

/* Free text of these types tells who was hit. */
static const struct {
	uint16_t type;
	struct str member;
} ABOUT_VICTIMS[] = {
    {STIX_TYPE_SIGHTING, {"where_sighted_refs", 18}},
    {STIX_TYPE_SIGHTING, {"description", 11}},
    {STIX_TYPE_INCIDENT, {"description", 11}},
};

/* Identify, order or label the object. */
static const char *const KEPT[] = {"type", "spec_version", "id", "created", "modified",
    "created_by_ref", "revoked", "object_marking_refs", "granular_markings"};

/* The object that is looked at. */
struct subject {
	yyjson_val *root;
	uint16_t type;
	struct str creator;
	const struct uuid *sender;
};

bool withhold_of_name(uint32_t *out, struct str name)
{
	for (unsigned i = 0; i < WORD_COUNT; i++)
		if (str_eq_nocase(str_c(WORDS[i]), name)) {
			*out = 1U << i;
			return true;
		}
	return false;
}

void withhold_put(struct buf *out, uint32_t withheld)
{
	const char *between = "";

	for (unsigned i = 0; i < WORD_COUNT; i++)
		if (withheld >> i & 1) {
			buf_printf(out, "%s%s", between, WORDS[i]);
			between = ", ";
		}
	if (withheld & WITHHOLD_UNKNOWN)
		buf_printf(out, "%swhat this program does not know", between);
}

static bool mentions_victim(struct str text)
{
	const struct str word = S("victim");

	for (size_t i = 0; i + word.n <= text.n; i++)
		if (str_eq_nocase(str_slice(text, i, i + word.n), word))
			return true;
	return false;
}

/* An identity that is neither the object's creator nor who sends it is somebody it is about. */
static bool is_somebody(const struct subject *s, struct str text)
{
	struct str type;
	struct uuid uuid;

	if (!stix_id_split(&type, &uuid, text) || !str_eq(type, S("identity")))
		return false;
	return !str_eq(text, s->creator) && !(s->sender && uuid_eq(&uuid, s->sender));
}

/* Anywhere in a value, as deep as the document, which json_parse bounded: the id of somebody, or a
 * member that is called after victims. */
static bool points_at_somebody(const struct subject *s, yyjson_val *value)
{
	size_t i, max;
	yyjson_val *key, *item;

	if (yyjson_is_obj(value)) {
		yyjson_obj_foreach(value, i, max, key, item)
		{
			if (mentions_victim(json_str(key)) || is_somebody(s, json_str(key)) ||
			    points_at_somebody(s, item))
				return true;
		}
		return false;
	}
	if (yyjson_is_arr(value)) {
		yyjson_arr_foreach(value, i, max, item)
		{
			if (points_at_somebody(s, item))
				return true;
		}
		return false;
	}
	return is_somebody(s, json_str(value));
}

static bool plays_victim(yyjson_val *identity)
{
	size_t i, max;
	yyjson_val *role;

	yyjson_arr_foreach(yyjson_obj_get(identity, "roles"), i, max, role)
	{
		if (mentions_victim(json_str(role)))
			return true;
	}
	return false;
}

/* Nobody can tell from an identity whether it was hit. What is nobody in particular, who stated
 * itself, and who sends it are let out. */
static bool is_private_identity(const struct subject *s)
{
	struct str id = json_get_str(s->root, "id");
	struct str class = json_get_str(s->root, "identity_class");

	if (s->type != STIX_TYPE_IDENTITY)
		return false;
	return plays_victim(s->root) ||
	       (!str_eq(class, S("class")) && !str_eq(id, s->creator) && is_somebody(s, id));
}

/* Translations of what tells of victims tell of them too. */
static bool translates_victims(const struct subject *s)
{
	struct str of = json_get_str(s->root, "object_ref");

	return s->type == STIX_TYPE_LANGUAGE_CONTENT &&
	       (str_starts(of, S("sighting--")) || str_starts(of, S("incident--")) ||
	           str_starts(of, S("identity--")));
}

/* Whoever an attack is attributed to was not hit by it. */
static bool is_attribution(const struct subject *s)
{
	return s->type == STIX_TYPE_RELATIONSHIP &&
	       str_eq(json_get_str(s->root, "relationship_type"), S("attributed-to"));
}

static bool is_end(struct str name)
{
	return str_eq(name, S("source_ref")) || str_eq(name, S("target_ref"));
}

static bool names_victims(const struct subject *s, struct str name, yyjson_val *value)
{
	/* Labels name audiences, not victims. */
	if (s->type == STIX_TYPE_MARKING_DEFINITION || s->type == STIX_TYPE_EXTENSION_DEFINITION ||
	    str_eq(name, S("id")) || str_eq(name, S("created_by_ref")))
		return false;
	for (size_t i = 0; i < sizeof(ABOUT_VICTIMS) / sizeof(ABOUT_VICTIMS[0]); i++)
		if (s->type == ABOUT_VICTIMS[i].type && str_eq(name, ABOUT_VICTIMS[i].member))
			return true;
	if (is_private_identity(s) && str_eq(name, S("name")))
		return true;
	if (translates_victims(s) && str_eq(name, S("contents")))
		return true;
	if (is_attribution(s) && is_end(name))
		return false;
	return mentions_victim(name) || points_at_somebody(s, value);
}

static bool has_word(uint32_t withheld, struct str name)
{
	for (unsigned i = 1; i < WORD_COUNT; i++)
		if ((withheld >> i & 1) && str_eq(name, str_c(WORDS[i])))
			return true;
	return false;
}

static bool is_withheld(
    const struct subject *s, uint32_t withheld, struct str name, yyjson_val *value)
{
	return has_word(withheld, name) ||
	       ((withheld & WITHHOLD_VICTIMS) && names_victims(s, name, value));
}

static bool table_requires(const struct part *table, struct str name)
{
	for (size_t i = 0; table && i < table->count; i++)
		if (str_eq(table->list[i].name, name))
			return table->list[i].flags & FLAG_REQUIRED;
	return false;
}

static bool is_required(const struct subject *s, struct str name)
{
	for (size_t i = 0; i < sizeof(KEPT) / sizeof(KEPT[0]); i++)
		if (str_eq(name, str_c(KEPT[i])))
			return true;
	/* A type that is defined by an extension is nothing without it. */
	if (s->type == STIX_TYPE_CUSTOM && str_eq(name, S("extensions")))
		return true;
	return table_requires(property_table((enum stix_type_id)s->type), name) ||
	       table_requires(property_common((enum stix_type_id)s->type, false), name);
}

/* A marking of a part is about a member that must be there. */
static bool is_marked(const struct subject *s, struct str name)
{
	size_t i, k, max, selectors_max;
	yyjson_val *marking, *selector;

	yyjson_arr_foreach(yyjson_obj_get(s->root, "granular_markings"), i, max, marking)
	{
		yyjson_arr_foreach(yyjson_obj_get(marking, "selectors"), k, selectors_max, selector)
		{
			struct str rest = json_str(selector);

			if (str_eq(str_cut(&rest, '.'), name))
				return true;
		}
	}
	return false;
}

static void deny(struct release *out, const char *rule)
{
	*out = (struct release){.verdict = VERDICT_DENY, .rule = rule};
}

void policy_release(struct release *out, uint16_t type, yyjson_val *object, uint32_t withheld,
    const struct uuid *sender)
{
	const struct subject s = {object, type < STIX_TYPES ? type : (uint16_t)STIX_TYPE_CUSTOM,
	    json_get_str(object, "created_by_ref"), sender};
	size_t i, max;
	yyjson_val *key, *value;

	*out = (struct release){.verdict = VERDICT_ALLOW};
	if (withheld == 0)
		return;
	if ((withheld & WITHHOLD_UNKNOWN) || !yyjson_is_obj(object)) {
		deny(out, "release.unknown-terms");
		return;
	}
	yyjson_obj_foreach(object, i, max, key, value)
	{
		struct str name = json_str(key);

		if (!is_withheld(&s, withheld, name, value))
			continue;
		/* What has more members is proven as a whole only. */
		if (is_required(&s, name) || is_marked(&s, name) || max > RELEASE_MEMBERS_MAX) {
			deny(out, "release.required");
			return;
		}
		out->verdict = VERDICT_REDACT;
		out->members[i / 8] |= (uint8_t)(1U << i % 8);
		out->count++;
	}
}

/* ---- a new object ---- */

bool release_is_somebody(struct str id, struct str creator, const struct uuid *sender)
{
	const struct subject s = {.creator = creator, .sender = sender};

	return is_somebody(&s, id);
}

/* An id, or a list of nothing else than texts. */
static bool is_references(yyjson_val *value)
{
	size_t i, max;
	yyjson_val *item;

	if (!yyjson_is_arr(value))
		return yyjson_is_str(value);
	yyjson_arr_foreach(value, i, max, item)
	{
		if (!yyjson_is_str(item))
			return false;
	}
	return true;
}

static bool is_replaced(struct str name)
{
	return str_eq(name, S("id")) || str_eq(name, S("created_by_ref")) ||
	       str_eq(name, S("object_marking_refs"));
}

static enum derive_part part_of(
    const struct subject *s, uint32_t withheld, struct str name, yyjson_val *value)
{
	if (is_replaced(name))
		return DERIVE_REPLACED;
	if (!is_withheld(s, withheld, name, value))
		return DERIVE_KEEP;
	if (has_word(withheld, name) || mentions_victim(name))
		return DERIVE_DROP;
	if (s->type == STIX_TYPE_SIGHTING && str_eq(name, S("where_sighted_refs")))
		return DERIVE_SIGHTED;
	return points_at_somebody(s, value) && is_references(value) ? DERIVE_REFS : DERIVE_DROP;
}

/* Observables have the ids that their values give, and translations and markings are of others. */
static bool can_be_new(const struct subject *s)
{
	enum stix_class class = stix_type_class((enum stix_type_id)s->type);

	return (class == STIX_SDO || class == STIX_SRO || class == STIX_CUSTOM) &&
	       json_get_str(s->root, "created").p && json_get_str(s->root, "modified").p &&
	       !yyjson_obj_get(s->root, "granular_markings");
}

static void derive_parts(struct derivation *out, const struct subject *s, uint32_t withheld)
{
	size_t i, max;
	yyjson_val *key, *value;

	yyjson_obj_foreach(s->root, i, max, key, value)
	{
		struct str name = json_str(key);
		enum derive_part part;

		if (max > RELEASE_MEMBERS_MAX) {
			*out = (struct derivation){VERDICT_DENY, .rule = "release.required"};
			return;
		}
		part = part_of(s, withheld, name, value);
		out->parts[i] = (uint8_t)part;
		if (part == DERIVE_KEEP || part == DERIVE_REPLACED)
			continue;
		out->verdict = VERDICT_REDACT;
		if (part == DERIVE_DROP && is_required(s, name) && !out->pseudonym) {
			*out = (struct derivation){VERDICT_DENY, .rule = "release.required"};
			return;
		}
	}
}

void policy_derive(struct derivation *out, uint16_t type, yyjson_val *object, uint32_t withheld,
    const struct uuid *sender)
{
	const struct subject s = {object, type < STIX_TYPES ? type : (uint16_t)STIX_TYPE_CUSTOM,
	    json_get_str(object, "created_by_ref"), sender};

	*out = (struct derivation){.verdict = VERDICT_ALLOW};
	if (withheld == 0)
		return;
	if ((withheld & WITHHOLD_UNKNOWN) || !yyjson_is_obj(object)) {
		*out = (struct derivation){VERDICT_DENY, .rule = "release.unknown-terms"};
		return;
	}
	out->pseudonym = (withheld & WITHHOLD_VICTIMS) && is_private_identity(&s);
	derive_parts(out, &s, withheld);
	if (out->verdict == VERDICT_REDACT && !can_be_new(&s))
		*out = (struct derivation){VERDICT_DENY, .rule = "release.required"};
}
