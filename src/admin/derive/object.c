/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/derive/object.h"

#include "codec/json.h"
#include "codec/time.h"
#include "policy/marking.h"
#include "seal/properties.h"
#include "stix/property.h"

/* ---- one member ---- */

static struct str pseudonym(const struct derive_ask *ask, struct str id)
{
	return derived_id(ask->arena, ask->secret, DERIVED_PSEUDONYM, S("identity"), id, 0);
}

static bool is_identity(struct str id)
{
	struct uuid uuid;
	struct str type;

	return stix_id_split(&type, &uuid, id) && str_eq(type, S("identity"));
}

/* What goes in the place of one text of a reference; STR_NONE: nothing. */
static struct str reference(const struct derive_ask *ask, enum derive_part part, struct str text)
{
	if (part == DERIVE_SIGHTED)
		return is_identity(text) ? pseudonym(ask, text) : STR_NONE;
	return release_is_somebody(text, ask->o->created_by_ref, ask->sender) ? pseudonym(ask, text)
	                                                                      : text;
}

static void put_key(struct buf *out, struct str name)
{
	buf_put(out, out->n > 1 ? S(",\"") : S("\""));
	buf_put(out, name);
	buf_put(out, S("\":"));
}

static void put_references(struct buf *out, const struct derive_ask *ask, enum derive_part part,
    struct str name, yyjson_val *value)
{
	struct str one = json_str(value), with;
	struct buf list;
	size_t i, max, count = 0;
	yyjson_val *item;

	buf_init(&list, out->max);
	yyjson_arr_foreach(value, i, max, item)
	{
		with = reference(ask, part, json_str(item));
		if (!with.p)
			continue;
		buf_put(&list, count++ ? S(",") : S(""));
		json_quote(&list, with);
	}
	with = one.p ? reference(ask, part, one) : STR_NONE;
	if (with.p) {
		put_key(out, name);
		json_quote(out, with);
	} else if (count > 0) {
		put_key(out, name);
		buf_byte(out, '[');
		buf_put(out, buf_str(&list));
		buf_byte(out, ']');
	}
	buf_free(&list);
}

static void put_text(struct buf *out, const char *name, struct str text)
{
	put_key(out, str_c(name));
	json_quote(out, text);
}

static void put_time(struct buf *out, const char *name, usec t)
{
	char text[TIME_TEXT + 1];

	time_format(text, t);
	put_text(out, name, str_c(text));
}

static void put_markings(struct buf *out, struct str marking)
{
	put_key(out, S("object_marking_refs"));
	buf_byte(out, '[');
	buf_byte(out, '"');
	buf_put(out, marking);
	buf_put(out, S("\"]"));
}

/* ---- a copy ---- */

bool derive_relates(uint16_t type)
{
	enum stix_class class =
	    stix_type_class(type < STIX_TYPES ? (enum stix_type_id)type : STIX_TYPE_CUSTOM);

	return class != STIX_SRO;
}

/* Where no relationship may begin. */
static void put_origin(struct buf *out, const struct derive_ask *ask, struct str kept)
{
	struct str inner = kept.n > 2 ? str_trim(str_slice(kept, 1, kept.n - 1)) : STR_NONE;

	put_key(out, S("external_references"));
	buf_put(out, S("[{\"source_name\":\"derived-from\",\"external_id\":"));
	json_quote(out, ask->o->id);
	buf_byte(out, '}');
	buf_put(out, inner.n ? S(",") : S(""));
	buf_put(out, inner);
	buf_byte(out, ']');
}

void derive_put_copy(struct buf *out, const struct derive_ask *ask)
{
	bool relates = derive_relates(ask->o->type);
	struct str origins = STR_NONE;
	struct members m;
	struct member member;
	size_t i, max;
	yyjson_val *key, *value;

	if (members_open(&m, ask->bytes, NULL) != OK)
		return;
	buf_byte(out, '{');
	yyjson_obj_foreach(ask->o->root, i, max, key, value)
	{
		enum derive_part part = (enum derive_part)ask->parts->parts[i];

		if (members_next(&m, &member, NULL) != OK)
			break;
		if (part == DERIVE_REFS || part == DERIVE_SIGHTED) {
			put_references(out, ask, part, member.name, value);
		} else if (part == DERIVE_REPLACED && str_eq(json_str(key), S("id"))) {
			put_text(out, "id", ask->id);
		} else if (part == DERIVE_KEEP && !relates &&
		           str_eq(json_str(key), S("external_references"))) {
			origins = member.value;
		} else if (part == DERIVE_KEEP) {
			put_key(out, member.name);
			buf_put(out, member.value);
		}
	}
	put_text(out, "created_by_ref", ask->by);
	if (!relates)
		put_origin(out, ask, origins);
	put_markings(out, ask->marking);
	buf_byte(out, '}');
}

/* ---- a pseudonym ---- */

static const struct words *vocabulary(const char *name)
{
	const struct part *table = property_table(STIX_TYPE_IDENTITY);

	for (size_t i = 0; table && i < table->count; i++)
		if (str_eq(table->list[i].name, str_c(name)))
			return table->list[i].words;
	return NULL;
}

/* Words of the standard's vocabularies tell of many; other words may be one's own. */
static bool is_common(const char *name, struct str word)
{
	const struct words *words = vocabulary(name);

	for (size_t i = 0; words && i < words->count; i++)
		if (str_eq(str_c(words->list[i]), word))
			return true;
	return false;
}

static void put_sectors(struct buf *out, yyjson_val *sectors)
{
	size_t i, max, count = 0;
	yyjson_val *item;

	yyjson_arr_foreach(sectors, i, max, item)
	{
		if (!is_common("sectors", json_str(item)))
			continue;
		if (count++ == 0) {
			put_key(out, S("sectors"));
			buf_byte(out, '[');
		} else {
			buf_byte(out, ',');
		}
		json_quote(out, json_str(item));
	}
	buf_put(out, count ? S("]") : S(""));
}

void derive_put_pseudonym(struct buf *out, const struct derive_ask *ask)
{
	yyjson_val *root = ask->o->root;
	struct str class = json_get_str(root, "identity_class");

	buf_byte(out, '{');
	put_text(out, "type", S("identity"));
	if (ask->o->spec == STIX_SPEC_21)
		put_text(out, "spec_version", S("2.1"));
	put_text(out, "id", ask->id);
	put_text(out, "created_by_ref", ask->by);
	put_time(out, "created", ask->created);
	put_time(out, "modified", ask->modified);
	put_text(out, "name", derived_name(ask->arena, ask->secret, ask->o->id));
	if (is_common("identity_class", class) || ask->o->spec == STIX_SPEC_20)
		put_text(out, "identity_class",
		    is_common("identity_class", class) ? class : S("unknown"));
	put_sectors(out, yyjson_obj_get(root, "sectors"));
	if (ask->o->revoked) {
		put_key(out, S("revoked"));
		buf_put(out, S("true"));
	}
	put_markings(out, ask->marking);
	buf_byte(out, '}');
}

/* ---- what goes with them ---- */

void derive_put_relation(struct buf *out, const struct derive_ask *ask, struct str id)
{
	buf_byte(out, '{');
	put_text(out, "type", S("relationship"));
	if (ask->o->spec == STIX_SPEC_21)
		put_text(out, "spec_version", S("2.1"));
	put_text(out, "id", id);
	put_text(out, "created_by_ref", ask->by);
	put_text(out, "created", json_get_str(ask->o->root, "created"));
	put_text(out, "modified", json_get_str(ask->o->root, "modified"));
	put_text(out, "relationship_type", S("derived-from"));
	put_text(out, "source_ref", ask->id);
	put_text(out, "target_ref", ask->o->id);
	put_markings(out, ask->marking);
	buf_byte(out, '}');
}

void derive_put_marking(
    struct buf *out, struct str id, struct str by, usec created, struct str extension)
{
	buf_byte(out, '{');
	put_text(out, "type", S("marking-definition"));
	put_text(out, "spec_version", S("2.1"));
	put_text(out, "id", id);
	put_text(out, "created_by_ref", by);
	put_time(out, "created", created);
	put_key(out, S("extensions"));
	buf_put(out, S("{\"" TOCSIN_LABEL_EXTENSION "\":"));
	buf_put(out, extension);
	buf_put(out, S("}}"));
}
