/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/marking.h"

#include <string.h>

#include "base/uuid.h"
#include "codec/json.h"
#include "stix/type.h"

#define PREFIX "marking-definition--"
#define ID(uuid) {PREFIX uuid, sizeof(PREFIX uuid) - 1}

/* STIX 2.1 section 7.2.1.4 and the TLP 2.0 extension of the OASIS committee: these and no others.
 * The TLP 2.0 id of each level stands first. */
static const struct {
	enum tlp level;
	struct str id;
} FIXED[] = {
    {TLP_CLEAR, ID("94868c89-83c2-464b-929b-a1a8aa3c8487")},
    {TLP_GREEN, ID("bab4a63c-aed9-4cf5-a766-dfca5abac2bb")},
    {TLP_AMBER, ID("55d920b0-5e8b-4f79-9ee9-91f868d9b421")},
    {TLP_AMBER_STRICT, ID("939a9414-2ddd-4d32-a0cd-375ea402b003")},
    {TLP_RED, ID("e828b379-4e03-4974-9ac4-e53a884c97c1")},
    {TLP_CLEAR, ID("613f2e26-407d-48c7-9eca-b8e91df99dc9")},
    {TLP_GREEN, ID("34098fce-860f-48ae-8e50-ebd3cc5e41da")},
    {TLP_AMBER, ID("f88d31f6-486f-44da-b317-01333bde0b82")},
    {TLP_RED, ID("5e57c739-391a-4eb3-b6be-7d15ca92d5ed")},
};

enum { FIXED_IDS = sizeof(FIXED) / sizeof(FIXED[0]), TLP2_IDS = 5 };

enum tlp tlp_of_marking_id(struct str id)
{
	struct str uuid = str_from(id, sizeof(PREFIX) - 1);

	/* Identifiers compare by value: the hexadecimal digits may be upper case. */
	for (size_t i = 0; str_starts(id, S(PREFIX)) && i < FIXED_IDS; i++)
		if (str_eq_nocase(str_from(FIXED[i].id, sizeof(PREFIX) - 1), uuid))
			return FIXED[i].level;
	return TLP_UNKNOWN;
}

static const struct {
	enum tlp level;
	const char *name;
} NAMES[] = {
    {TLP_CLEAR, "CLEAR"},
    {TLP_CLEAR, "WHITE"},
    {TLP_GREEN, "GREEN"},
    {TLP_AMBER, "AMBER"},
    {TLP_AMBER_STRICT, "AMBER+STRICT"},
    {TLP_RED, "RED"},
};

enum tlp tlp_of_name(struct str name)
{
	struct str bare =
	    str_eq_nocase(str_slice(name, 0, 4), S("TLP:")) ? str_from(name, 4) : name;

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (str_eq_nocase(str_c(NAMES[i].name), bare))
			return NAMES[i].level;
	return TLP_UNKNOWN;
}

struct str tlp_name(enum tlp t)
{
	switch (t) {
	case TLP_CLEAR:
		return S("TLP:CLEAR");
	case TLP_GREEN:
		return S("TLP:GREEN");
	case TLP_AMBER:
		return S("TLP:AMBER");
	case TLP_AMBER_STRICT:
		return S("TLP:AMBER+STRICT");
	case TLP_NONE:
		return S("");
	case TLP_RED:
	case TLP_UNKNOWN:
		break;
	}
	return S("TLP:RED");
}

struct str tlp_marking_id(enum tlp t)
{
	for (size_t i = 0; i < TLP2_IDS; i++)
		if (FIXED[i].level == t)
			return FIXED[i].id;
	return STR_NONE;
}

static enum tlp stricter(enum tlp a, enum tlp b)
{
	return a > b ? a : b;
}

/* Who wants to know of markings that are not TLP's. */
struct others {
	marking_ref_fn fn;
	void *ctx;
};

/* A value where a marking's id should be: whatever cannot be read is unknown. */
static enum tlp level_of(yyjson_val *ref, const struct others *others)
{
	enum tlp t = yyjson_is_str(ref) ? tlp_of_marking_id(json_str(ref)) : TLP_UNKNOWN;

	if (t != TLP_UNKNOWN || !yyjson_is_str(ref))
		return t;
	others->fn(others->ctx, json_str(ref));
	return TLP_NONE;
}

/* A granular marking that only names a language marks nothing. */
static enum tlp level_of_granular(yyjson_val *marking, const struct others *others)
{
	yyjson_val *ref = yyjson_obj_get(marking, "marking_ref");

	if (!yyjson_is_obj(marking))
		return TLP_UNKNOWN;
	if (!ref && yyjson_obj_get(marking, "lang"))
		return TLP_NONE;
	return level_of(ref, others);
}

static enum tlp strictest(yyjson_val *list, const struct others *others,
    enum tlp (*level)(yyjson_val *, const struct others *))
{
	enum tlp t = TLP_NONE;
	size_t n = yyjson_arr_size(list);
	yyjson_val *at = n ? unsafe_yyjson_get_first(list) : NULL;

	if (list && !yyjson_is_arr(list))
		return TLP_UNKNOWN;
	for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at))
		t = stricter(t, level(at, others));
	return t;
}

enum tlp stix_object_markings(const struct stix_object *o, marking_ref_fn other, void *ctx)
{
	const struct others others = {other, ctx};
	yyjson_val *whole = NULL;
	yyjson_val *parts = NULL;
	size_t n = unsafe_yyjson_get_len(o->root);
	yyjson_val *key = unsafe_yyjson_get_first(o->root);
	enum tlp own;

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);

		if (name.n == sizeof("object_marking_refs") - 1 &&
		    str_eq(name, S("object_marking_refs")))
			whole = key + 1;
		else if (name.n == sizeof("granular_markings") - 1 &&
		         str_eq(name, S("granular_markings")))
			parts = key + 1;
	}
	own = stricter(
	    strictest(whole, &others, level_of), strictest(parts, &others, level_of_granular));
	/* A TLP marking-definition says what its level means; anybody may read that. */
	if (own == TLP_NONE && o->type == STIX_TYPE_MARKING_DEFINITION &&
	    tlp_of_marking_id(o->id) != TLP_UNKNOWN)
		return TLP_CLEAR;
	return own;
}

static void note_unknown(void *ctx, struct str id)
{
	(void)id;
	*(bool *)ctx = true;
}

enum tlp stix_object_tlp(const struct stix_object *o)
{
	bool unknown = false;
	enum tlp t = stix_object_markings(o, note_unknown, &unknown);

	return unknown ? TLP_UNKNOWN : t;
}
