/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/object.h"

#include <string.h>

#include "base/uuid.h"
#include "codec/json.h"
#include "codec/time.h"
#include "stix/type.h"

/* The members that identify an object, as they stand in it. */
struct head {
	yyjson_val *type;
	yyjson_val *id;
	yyjson_val *spec_version;
	yyjson_val *created;
	yyjson_val *modified;
	yyjson_val *revoked;
	yyjson_val *created_by_ref;
};

static const struct {
	struct str name;
	size_t at;
} HEAD[] = {
#define FIELD(field) {{#field, sizeof(#field) - 1}, offsetof(struct head, field)}
    FIELD(type),
    FIELD(id),
    FIELD(spec_version),
    FIELD(created),
    FIELD(modified),
    FIELD(revoked),
    FIELD(created_by_ref),
#undef FIELD
};

enum { HEAD_FIELDS = sizeof(HEAD) / sizeof(HEAD[0]) };

static void read_head(struct head *h, yyjson_val *root)
{
	size_t n = unsafe_yyjson_get_len(root);
	yyjson_val *key = unsafe_yyjson_get_first(root);

	memset(h, 0, sizeof(*h));
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);

		for (size_t f = 0; f < HEAD_FIELDS; f++)
			if (HEAD[f].name.n == name.n && memcmp(HEAD[f].name.p, name.p, name.n) == 0)
				*(yyjson_val **)(void *)((char *)h + HEAD[f].at) = key + 1;
	}
}

bool stix_id_split(struct str *type, struct uuid *uuid, struct str id)
{
	size_t at = id.n < UUID_TEXT + 2 ? 0 : id.n - UUID_TEXT;

	if (at < 3 || id.p[at - 1] != '-' || id.p[at - 2] != '-' ||
	    uuid_parse(uuid, str_from(id, at)) != OK)
		return false;
	*type = str_slice(id, 0, at - 2);
	return true;
}

static enum err identify(struct stix_object *o, const struct head *h, struct fault *fault)
{
	struct str type;
	struct uuid uuid;

	o->type_name = json_str(h->type);
	o->id = json_str(h->id);
	if (!h->type || o->type_name.n == 0)
		return fail(fault, ERR_INVALID, "type: %s",
		    h->type ? "must be a string that is not empty" : "missing");
	if (!h->id || o->id.n == 0)
		return fail(fault, ERR_INVALID, "id: %s",
		    h->id ? "must be a string that is not empty" : "missing");
	if (o->id.n > STIX_ID_MAX)
		return fail(fault, ERR_INVALID, "id: %zu bytes long, more than the %d allowed",
		    o->id.n, STIX_ID_MAX);
	if (!stix_id_split(&type, &uuid, o->id))
		return fail(
		    fault, ERR_INVALID, "id: '%.*s' is not of the form type--UUID", STR_ARG(o->id));
	if (!str_eq(type, o->type_name))
		return fail(fault, ERR_INVALID, "id: '%.*s' does not start with the type '%.*s'",
		    STR_ARG(o->id), STR_ARG(o->type_name));
	o->type = (uint16_t)stix_type_of(o->type_name);
	return OK;
}

/* STIX 2.1 section 3.2: an object without spec_version is 2.0, unless it is an observable. Types
 * that 2.0 does not know are read as what they must be; a bundle of 2.1 has none. */
static enum err read_spec(struct stix_object *o, yyjson_val *spec_version, struct fault *fault)
{
	struct str text = json_str(spec_version);

	if (!spec_version) {
		bool newer =
		    o->type == STIX_TYPE_BUNDLE || stix_type_since_21((enum stix_type_id)o->type);

		o->spec = newer ? STIX_SPEC_21 : STIX_SPEC_20;
		return OK;
	}
	if (!str_eq(text, S("2.0")) && !str_eq(text, S("2.1")))
		return fail(fault, ERR_INVALID, "spec_version: must be \"2.1\" or \"2.0\"");
	o->spec = str_eq(text, S("2.0")) ? STIX_SPEC_20 : STIX_SPEC_21;
	return OK;
}

static enum err read_time(usec *out, yyjson_val *value, const char *name, struct fault *fault)
{
	struct str text = json_str(value);

	if (!value)
		return OK;
	if (time_parse_utc(out, text) != OK)
		return fail(fault, ERR_INVALID,
		    "%s: '%.*s' is not a timestamp of the form 2016-04-06T20:03:48.000Z", name,
		    STR_ARG(text));
	return OK;
}

static enum err read_members(struct stix_object *o, const struct head *h, struct fault *fault)
{
	TRY(read_spec(o, h->spec_version, fault));
	TRY(read_time(&o->created, h->created, "created", fault));
	TRY(read_time(&o->modified, h->modified, "modified", fault));
	if (h->revoked && !yyjson_is_bool(h->revoked))
		return fail(fault, ERR_INVALID, "revoked: must be true or false");
	o->revoked = yyjson_get_bool(h->revoked);
	o->created_by_ref = json_str(h->created_by_ref);
	o->has_version = h->modified || h->created;
	o->version = h->modified ? o->modified : o->created;
	return OK;
}

enum err stix_object_parse(
    struct stix_object *out, struct arena *arena, struct str json, struct fault *fault)
{
	const struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root;

	TRY(json_parse(&root, arena, json, &limits, fault));
	return stix_object_read(out, root, fault);
}

enum err stix_object_read(struct stix_object *out, yyjson_val *root, struct fault *fault)
{
	struct stix_object o = {.root = root};
	struct head h;

	if (!yyjson_is_obj(root))
		return fail(fault, ERR_INVALID, "a STIX object is a JSON object, this is %s",
		    yyjson_get_type_desc(root));
	read_head(&h, root);
	TRY(identify(&o, &h, fault));
	TRY(read_members(&o, &h, fault));
	*out = o;
	return OK;
}
