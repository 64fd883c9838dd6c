/* SPDX-License-Identifier: Apache-2.0 */
/* Data markings: what granular ones select, and which marking-definitions there may be (STIX 2.1
 * section 7.2). */
#include <string.h>

#include "codec/json.h"
#include "stix/check_context.h"
#include "stix/marking.h"

/* "[12]" as a number. */
static bool index_of(size_t *out, struct str step)
{
	uint64_t v;

	if (step.n < 3 || step.p[0] != '[' || step.p[step.n - 1] != ']' ||
	    str_u64(str_slice(step, 1, step.n - 1), &v) != OK || v > SIZE_MAX)
		return false;
	*out = (size_t)v;
	return true;
}

/* Keys of dictionaries may hold dots: the longest key that fits is taken. */
static yyjson_val *step_into(yyjson_val *at, struct str *rest)
{
	size_t end = str_find(*rest, '.');

	while (yyjson_is_obj(at)) {
		yyjson_val *next = yyjson_obj_getn(at, rest->p, end);

		if (next) {
			*rest = end < rest->n ? str_from(*rest, end + 1) : STR_NONE;
			return next;
		}
		if (end >= rest->n)
			return NULL;
		end += 1 + str_find(str_from(*rest, end + 1), '.');
	}
	return NULL;
}

static bool selects_something(yyjson_val *root, struct str selector)
{
	yyjson_val *at = root;
	struct str rest = selector;

	if (selector.n == 0 || selector.p[0] == '[')
		return false;
	while (at && rest.p) {
		size_t index;

		if (yyjson_is_arr(at)) {
			if (!index_of(&index, str_cut(&rest, '.')))
				return false;
			at = yyjson_arr_get(at, index);
		} else {
			at = step_into(at, &rest);
		}
	}
	return at != NULL;
}

static void check_selectors(struct check *c, yyjson_val *root, yyjson_val *selectors)
{
	static const struct rule SELECTOR = {STIX_MUST, "selector", "7.2.3"};
	size_t n = yyjson_arr_size(selectors);
	yyjson_val *at = n ? unsafe_yyjson_get_first(selectors) : NULL;

	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at))
		if (yyjson_is_str(at) && !selects_something(root, json_str(at)))
			check_report(
			    c, &SELECTOR, at, NULL, "selects nothing that is in the object");
}

static void check_granular(struct check *c, yyjson_val *root, yyjson_val *marking)
{
	static const struct rule ONE = {STIX_MUST, "marking-or-language", "7.2.3"};
	bool lang = yyjson_obj_get(marking, "lang") != NULL;
	bool ref = yyjson_obj_get(marking, "marking_ref") != NULL;

	if (!yyjson_is_obj(marking))
		return;
	if (c->v21 ? lang == ref : !ref)
		check_report(
		    c, &ONE, marking, NULL, "exactly one of marking_ref and lang must be present");
	check_selectors(c, root, yyjson_obj_get(marking, "selectors"));
}

static void refuse_circle(struct check *c, yyjson_val *ref)
{
	static const struct rule CIRCLE = {STIX_MUST, "marking-circle", "7.2"};

	if (yyjson_is_str(ref) && str_eq(json_str(ref), c->o->id))
		check_report(c, &CIRCLE, ref, NULL, "a marking must not refer to itself");
}

void check_markings(struct check *c, yyjson_val *object)
{
	yyjson_val *whole;
	yyjson_val *parts = yyjson_obj_get(object, "granular_markings");
	size_t n = yyjson_arr_size(parts);
	yyjson_val *at = n ? unsafe_yyjson_get_first(parts) : NULL;

	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at)) {
		check_granular(c, object, at);
		if (c->type == STIX_TYPE_MARKING_DEFINITION)
			refuse_circle(c, yyjson_obj_get(at, "marking_ref"));
	}
	if (c->type != STIX_TYPE_MARKING_DEFINITION)
		return;
	whole = yyjson_obj_get(object, "object_marking_refs");
	n = yyjson_arr_size(whole);
	at = n ? unsafe_yyjson_get_first(whole) : NULL;
	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at))
		refuse_circle(c, at);
}

/* TLP 1: the four instances of section 7.2.1.4 and no other. */
static void check_tlp1(struct check *c, yyjson_val *object, yyjson_val *definition)
{
	static const struct rule TLP = {STIX_MUST, "tlp", "7.2.1"};
	struct str word = json_get_str(definition, "tlp");
	struct str created = json_get_str(object, "created");
	enum tlp level = tlp_of_marking_id(c->o->id);
	bool tlp1 = level != TLP_UNKNOWN && !str_eq_nocase(tlp_marking_id(level), c->o->id);

	if (!tlp1 || level != tlp_of_name(word) ||
	    !str_eq(created, S("2017-01-20T00:00:00.000Z")) || yyjson_obj_size(definition) != 1)
		check_report(c, &TLP, object, "definition",
		    "a TLP marking must be one of those defined in the specification");
}

static void check_tlp2(struct check *c, yyjson_val *object, yyjson_val *extension)
{
	static const struct rule TLP = {STIX_MUST, "tlp", "7.2"};
	enum tlp level = tlp_of_marking_id(c->o->id);
	struct str word = json_get_str(extension, "tlp_2_0");

	if (level == TLP_UNKNOWN || !str_eq_nocase(tlp_marking_id(level), c->o->id) ||
	    level != tlp_of_name(word))
		check_report(c, &TLP, object, "id",
		    "a TLP 2.0 marking must be one of those that OASIS published");
}

static void check_definition(
    struct check *c, yyjson_val *object, yyjson_val *type, yyjson_val *definition)
{
	static const struct rule STATEMENT = {STIX_MUST, "statement", "7.2.1"};
	static const struct rule KNOWN = {STIX_SHOULD, "definition-type", "7.2.1"};
	struct str name = json_str(type);

	if (str_eq(name, S("tlp")))
		check_tlp1(c, object, definition);
	else if (str_eq(name, S("statement"))) {
		if (!yyjson_is_str(yyjson_obj_get(definition, "statement")))
			check_report(c, &STATEMENT, definition, "statement", "must be a string");
	} else {
		check_report(c, &KNOWN, type, NULL, "should be statement or tlp");
	}
}

void check_marking_definition(struct check *c, yyjson_val *object)
{
	static const struct rule EITHER = {STIX_MUST, "marking-definition", "7.2.1"};
	yyjson_val *type = yyjson_obj_get(object, "definition_type");
	yyjson_val *definition = yyjson_obj_get(object, "definition");
	yyjson_val *extensions = yyjson_obj_get(object, "extensions");
	yyjson_val *tlp2 = yyjson_obj_get(
	    extensions, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d");

	if (!type != !definition || (!type && !extensions))
		check_report(c, &EITHER, object, type ? "definition" : "definition_type",
		    "definition_type and definition, or extensions, must be present");
	else if (definition && !yyjson_is_obj(definition))
		check_report(c, &EITHER, definition, NULL, "must be an object");
	else if (type)
		check_definition(c, object, type, definition);
	if (tlp2)
		check_tlp2(c, object, tlp2);
}
