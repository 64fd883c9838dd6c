/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done, in the words of others: the extensions for PAP and IEP 2.0 of the STIX common
 * object repository, a PAP as OpenCTI writes it, and as MISP's tags do. */
#include "codec/json.h"
#include "policy/marking.h"

#define PAP_EXTENSION "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
#define IEP_EXTENSION "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"

/* The markings that the PAP extension defines; they are named without being sent along. */
static const struct {
	struct str id;
	enum pap pap;
} WELL_KNOWN[] = {
    {S("marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92"), PAP_CLEAR},
    {S("marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730"), PAP_CLEAR}, /* WHITE */
    {S("marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9"), PAP_GREEN},
    {S("marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab"), PAP_AMBER},
    {S("marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e"), PAP_RED},
};

static struct marking of_pap(uint8_t pap)
{
	struct marking m = marking_nothing();

	m.label.pap = pap;
	return m;
}

bool marking_well_known(struct marking *out, struct str id)
{
	for (size_t i = 0; i < sizeof(WELL_KNOWN) / sizeof(WELL_KNOWN[0]); i++)
		if (str_eq_nocase(WELL_KNOWN[i].id, id)) {
			*out = of_pap((uint8_t)WELL_KNOWN[i].pap);
			return true;
		}
	return false;
}

/* "PAP:RED", but not "red". */
static bool is_pap_tag(uint8_t *out, struct str text)
{
	return str_eq_nocase(str_slice(text, 0, 4), S("PAP:")) && pap_of_name(out, text);
}

struct marking marking_of_labels(yyjson_val *object)
{
	struct marking m = marking_nothing();
	size_t i, max;
	yyjson_val *v;
	uint8_t pap;

	yyjson_arr_foreach(yyjson_obj_get(object, "labels"), i, max, v)
	{
		if (is_pap_tag(&pap, json_str(v)) && pap > m.label.pap)
			m.label.pap = pap;
	}
	return m;
}

static bool read_pap(struct marking *out, yyjson_val *extension)
{
	*out = marking_nothing();
	return pap_of_name(&out->label.pap, json_get_str(extension, "pap"));
}

/* "internally-visible-actions"; the longer two end likewise. */
static bool read_action(uint8_t *out, struct str name)
{
	const struct str end = S("-actions");

	if (str_ends(name, end))
		name.n -= end.n;
	return iep_action_of_name(out, name);
}

/* Its terms hold also outside of its dates, and what it says of resale and of encryption restricts
 * nothing that a node does: links are always encrypted. */
static bool read_iep(struct marking *out, yyjson_val *extension)
{
	struct label *l = &out->label;

	*out = marking_nothing();
	l->tlp = tlp_of_name(json_get_str(extension, "tlp"));
	out->has_tlp = true;
	return l->tlp != TLP_UNKNOWN &&
	       read_action(&l->action, json_get_str(extension, "permitted_actions")) &&
	       iep_notify_of_name(
	           &l->notify, json_get_str(extension, "affected_party_notifications")) &&
	       iep_attribution_of_name(
	           &l->attribution, json_get_str(extension, "provider_attribution"));
}

static const struct {
	struct str id;
	bool (*read)(struct marking *out, yyjson_val *extension);
} EXTENSIONS[] = {{S(PAP_EXTENSION), read_pap}, {S(IEP_EXTENSION), read_iep}};

enum { EXTENSION_COUNT = sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0]) };

bool marking_of_extension(struct marking *out, struct str id, yyjson_val *extension)
{
	for (size_t i = 0; i < EXTENSION_COUNT; i++) {
		if (!str_eq(EXTENSIONS[i].id, id))
			continue;
		if (!EXTENSIONS[i].read(out, extension))
			*out = marking_unknown();
		return true;
	}
	return false;
}

bool marking_of_definition(struct marking *out, yyjson_val *object)
{
	yyjson_val *definition = yyjson_obj_get(object, "definition");
	struct str type = json_get_str(object, "definition_type");
	uint8_t pap;

	if (yyjson_obj_get(object, "extensions") || !yyjson_is_obj(definition))
		return false;
	if (str_eq(type, S("statement"))) {
		bool tag = is_pap_tag(&pap, json_get_str(definition, "statement"));

		*out = tag ? of_pap(pap) : marking_nothing();
		return true;
	}
	if (!str_eq_nocase(type, S("pap")) || !pap_of_name(&pap, json_get_str(definition, "pap")))
		return false;
	*out = of_pap(pap);
	return true;
}

bool marking_may_stand(struct str text)
{
	static const struct str SIGNS[] = {S(TOCSIN_LABEL_EXTENSION), S("\"definition_type\""),
	    S(PAP_EXTENSION), S(IEP_EXTENSION)};

	for (size_t i = 0; i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++)
		if (str_search(text, SIGNS[i]) < text.n)
			return true;
	return false;
}
