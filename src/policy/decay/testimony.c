/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decay/testimony.h"

#include "codec/json.h"
#include "codec/time.h"
#include "stix/type.h"

enum { WEIGHT_STRONG = 100, WEIGHT_MILD = 50 };

static usec time_of(const struct stix_object *o, const char *key)
{
	usec t;

	return time_parse_any(&t, json_get_str(o->root, key)) == OK ? t : 0;
}

static void add(struct testimony *e, struct str id)
{
	if (e->about_count < TESTIMONY_ABOUT_MAX && str_starts(id, S("indicator--")))
		e->about[e->about_count++] = id;
}

static bool read_sighting(struct testimony *e, const struct stix_object *o, usec received)
{
	yyjson_val *count = yyjson_obj_get(o->root, "count");
	usec seen = time_of(o, "last_seen");

	add(e, json_get_str(o->root, "sighting_of_ref"));
	if (yyjson_get_bool(yyjson_obj_get(o->root, "x_opencti_negative"))) {
		e->weight = WEIGHT_STRONG;
		return true;
	}
	if (yyjson_is_int(count) && yyjson_get_sint(count) == 0)
		return false;
	if (seen == 0)
		seen = time_of(o, "first_seen");
	if (seen == 0)
		seen = o->created;
	e->seen = seen < received ? seen : received;
	return true;
}

static bool read_opinion(struct testimony *e, const struct stix_object *o)
{
	struct str opinion = json_get_str(o->root, "opinion");
	yyjson_val *ref;
	size_t i, max;

	if (str_eq(opinion, S("strongly-disagree")))
		e->weight = WEIGHT_STRONG;
	else if (str_eq(opinion, S("disagree")))
		e->weight = WEIGHT_MILD;
	else
		return false;
	yyjson_arr_foreach(yyjson_obj_get(o->root, "object_refs"), i, max, ref)
	{
		add(e, json_str(ref));
	}
	return true;
}

bool testimony_read(struct testimony *out, const struct stix_object *o, usec received)
{
	*out = (struct testimony){.author = o->created_by_ref};
	if (o->revoked)
		return false;
	return (o->type == STIX_TYPE_SIGHTING     ? read_sighting(out, o, received)
	           : o->type == STIX_TYPE_OPINION ? read_opinion(out, o)
	                                          : false) &&
	       out->about_count > 0;
}

void testimony_stated(struct decay_facts *out, const struct stix_object *indicator, usec received)
{
	yyjson_val *confidence = yyjson_obj_get(indicator->root, "confidence");
	usec stated = indicator->modified ? indicator->modified : indicator->created;
	usec from = time_of(indicator, "valid_from");
	int64_t n = yyjson_is_int(confidence) ? yyjson_get_sint(confidence) : -1;

	out->confidence = n >= 0 && n <= DECAY_FULL ? (int)n : -1;
	/* Who states it cannot make it younger than it is here; that it begins later is another
	 * thing. */
	if (stated == 0 || stated > received)
		stated = received;
	out->stated = from > stated ? from : stated;
}
