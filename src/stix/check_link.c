/* SPDX-License-Identifier: Apache-2.0 */
/* What ties objects together and to the world: identifiers, relationships, external references,
 * extensions, and the observables inside STIX 2.0 observed-data. */
#include <string.h>

#include "codec/json.h"
#include "stix/check_context.h"
#include "stix/id.h"

static void check_random(struct check *c, const struct uuid *uuid)
{
	static const struct rule RANDOM = {STIX_SHOULD, "id-version", "2.9"};

	if (uuid_version(uuid) != 4)
		check_report(c, &RANDOM, NULL, "id", "should be a UUIDv4");
}

static void check_deterministic(struct check *c, yyjson_val *object, const struct uuid *uuid)
{
	static const struct rule RANDOM = {STIX_MUST, "id-version", "2.9"};
	static const struct rule ID = {STIX_SHOULD, "sco-id", "2.9"};
	struct str wanted;
	enum err rc = stix_sco_id(&wanted, c->arena, c->type, object, NULL);

	if (rc == ERR_NOMEM)
		c->failed = rc;
	/* A process has no contributing properties at all; its identifier should be random. */
	else if (rc == ERR_NOT_FOUND && uuid_version(uuid) != 4)
		check_report(c, &RANDOM, NULL, "id",
		    "must be a UUIDv4 when no property contributes to the identifier");
	else if (rc == OK && uuid_version(uuid) == 5 && !str_eq_nocase(wanted, c->o->id))
		check_report(c, &ID, NULL, "id", "should be %.*s", STR_ARG(wanted));
}

void check_identifier(struct check *c, yyjson_val *object)
{
	struct uuid uuid;
	struct str type;

	if (!stix_id_split(&type, &uuid, c->o->id))
		return;
	if (stix_type_class(c->type) == STIX_SCO)
		check_deterministic(c, object, &uuid);
	else if (!c->observable)
		check_random(c, &uuid);
}

#define T(name) (UINT64_C(1) << STIX_TYPE_##name)
#define PLACES (T(IDENTITY) | T(LOCATION) | T(VULNERABILITY))
#define MEANS (T(ATTACK_PATTERN) | T(INFRASTRUCTURE) | T(MALWARE) | T(TOOL))
#define HOSTS (T(IPV4_ADDR) | T(IPV6_ADDR) | T(DOMAIN_NAME) | T(URL))

/* Appendix B: the relationships that the specification suggests. */
static const struct {
	enum stix_type_id source;
	const char *type;
	uint64_t targets;
} SUGGESTED[] = {
    {STIX_TYPE_ATTACK_PATTERN, "delivers", T(MALWARE)},
    {STIX_TYPE_ATTACK_PATTERN, "targets", PLACES},
    {STIX_TYPE_ATTACK_PATTERN, "uses", T(MALWARE) | T(TOOL)},
    {STIX_TYPE_CAMPAIGN, "attributed-to", T(INTRUSION_SET) | T(THREAT_ACTOR)},
    {STIX_TYPE_CAMPAIGN, "compromises", T(INFRASTRUCTURE)},
    {STIX_TYPE_CAMPAIGN, "originates-from", T(LOCATION)},
    {STIX_TYPE_CAMPAIGN, "targets", PLACES},
    {STIX_TYPE_CAMPAIGN, "uses", MEANS},
    {STIX_TYPE_COURSE_OF_ACTION, "investigates", T(INDICATOR)},
    {STIX_TYPE_COURSE_OF_ACTION, "mitigates",
        T(ATTACK_PATTERN) | T(INDICATOR) | T(MALWARE) | T(TOOL) | T(VULNERABILITY)},
    {STIX_TYPE_COURSE_OF_ACTION, "remediates", T(MALWARE) | T(VULNERABILITY)},
    {STIX_TYPE_IDENTITY, "located-at", T(LOCATION)},
    {STIX_TYPE_INDICATOR, "indicates", MEANS | T(CAMPAIGN) | T(INTRUSION_SET) | T(THREAT_ACTOR)},
    {STIX_TYPE_INDICATOR, "based-on", T(OBSERVED_DATA)},
    {STIX_TYPE_INFRASTRUCTURE, "communicates-with", T(INFRASTRUCTURE) | HOSTS},
    {STIX_TYPE_INFRASTRUCTURE, "consists-of", TARGET_SCOS | T(INFRASTRUCTURE) | T(OBSERVED_DATA)},
    {STIX_TYPE_INFRASTRUCTURE, "controls", T(INFRASTRUCTURE) | T(MALWARE)},
    {STIX_TYPE_INFRASTRUCTURE, "delivers", T(MALWARE)},
    {STIX_TYPE_INFRASTRUCTURE, "has", T(VULNERABILITY)},
    {STIX_TYPE_INFRASTRUCTURE, "hosts", T(TOOL) | T(MALWARE)},
    {STIX_TYPE_INFRASTRUCTURE, "located-at", T(LOCATION)},
    {STIX_TYPE_INFRASTRUCTURE, "uses", T(INFRASTRUCTURE)},
    {STIX_TYPE_INTRUSION_SET, "attributed-to", T(THREAT_ACTOR)},
    {STIX_TYPE_INTRUSION_SET, "compromises", T(INFRASTRUCTURE)},
    {STIX_TYPE_INTRUSION_SET, "hosts", T(INFRASTRUCTURE)},
    {STIX_TYPE_INTRUSION_SET, "owns", T(INFRASTRUCTURE)},
    {STIX_TYPE_INTRUSION_SET, "originates-from", T(LOCATION)},
    {STIX_TYPE_INTRUSION_SET, "targets", PLACES},
    {STIX_TYPE_INTRUSION_SET, "uses", MEANS},
    {STIX_TYPE_MALWARE, "authored-by", T(THREAT_ACTOR) | T(INTRUSION_SET)},
    {STIX_TYPE_MALWARE, "beacons-to", T(INFRASTRUCTURE)},
    {STIX_TYPE_MALWARE, "exfiltrates-to", T(INFRASTRUCTURE)},
    {STIX_TYPE_MALWARE, "communicates-with", HOSTS},
    {STIX_TYPE_MALWARE, "controls", T(MALWARE)},
    {STIX_TYPE_MALWARE, "downloads", T(MALWARE) | T(TOOL) | T(FILE)},
    {STIX_TYPE_MALWARE, "drops", T(MALWARE) | T(TOOL) | T(FILE)},
    {STIX_TYPE_MALWARE, "exploits", T(VULNERABILITY)},
    {STIX_TYPE_MALWARE, "originates-from", T(LOCATION)},
    {STIX_TYPE_MALWARE, "targets", PLACES | T(INFRASTRUCTURE)},
    {STIX_TYPE_MALWARE, "uses", MEANS},
    {STIX_TYPE_MALWARE, "variant-of", T(MALWARE)},
    {STIX_TYPE_MALWARE_ANALYSIS, "characterizes", T(MALWARE)},
    {STIX_TYPE_MALWARE_ANALYSIS, "analysis-of", T(MALWARE)},
    {STIX_TYPE_MALWARE_ANALYSIS, "av-analysis-of", T(MALWARE)},
    {STIX_TYPE_MALWARE_ANALYSIS, "static-analysis-of", T(MALWARE)},
    {STIX_TYPE_MALWARE_ANALYSIS, "dynamic-analysis-of", T(MALWARE)},
    {STIX_TYPE_THREAT_ACTOR, "attributed-to", T(IDENTITY)},
    {STIX_TYPE_THREAT_ACTOR, "compromises", T(INFRASTRUCTURE)},
    {STIX_TYPE_THREAT_ACTOR, "hosts", T(INFRASTRUCTURE)},
    {STIX_TYPE_THREAT_ACTOR, "owns", T(INFRASTRUCTURE)},
    {STIX_TYPE_THREAT_ACTOR, "impersonates", T(IDENTITY)},
    {STIX_TYPE_THREAT_ACTOR, "located-at", T(LOCATION)},
    {STIX_TYPE_THREAT_ACTOR, "targets", PLACES},
    {STIX_TYPE_THREAT_ACTOR, "uses", MEANS},
    {STIX_TYPE_TOOL, "delivers", T(MALWARE)},
    {STIX_TYPE_TOOL, "drops", T(MALWARE)},
    {STIX_TYPE_TOOL, "has", T(VULNERABILITY)},
    {STIX_TYPE_TOOL, "targets", PLACES | T(INFRASTRUCTURE)},
    {STIX_TYPE_TOOL, "uses", T(INFRASTRUCTURE)},
    {STIX_TYPE_DOMAIN_NAME, "resolves-to", T(DOMAIN_NAME) | T(IPV4_ADDR) | T(IPV6_ADDR)},
    {STIX_TYPE_IPV4_ADDR, "resolves-to", T(MAC_ADDR)},
    {STIX_TYPE_IPV4_ADDR, "belongs-to", T(AUTONOMOUS_SYSTEM)},
    {STIX_TYPE_IPV6_ADDR, "resolves-to", T(MAC_ADDR)},
    {STIX_TYPE_IPV6_ADDR, "belongs-to", T(AUTONOMOUS_SYSTEM)},
};

static bool suggested(enum stix_type_id source, struct str type, enum stix_type_id target)
{
	if (str_eq(type, S("related-to")))
		return true;
	if (str_eq(type, S("derived-from")) || str_eq(type, S("duplicate-of")))
		return source == target;
	for (size_t i = 0; i < sizeof(SUGGESTED) / sizeof(SUGGESTED[0]); i++)
		if (SUGGESTED[i].source == source && str_eq(type, str_c(SUGGESTED[i].type)))
			return SUGGESTED[i].targets >> target & 1;
	return false;
}

static enum stix_type_id type_of_ref(yyjson_val *ref)
{
	struct str id = json_str(ref);

	return stix_type_of(str_slice(id, 0, str_search(id, S("--"))));
}

static bool relationship_name(struct str s)
{
	const struct str allowed = S("abcdefghijklmnopqrstuvwxyz0123456789-");

	for (size_t i = 0; i < s.n; i++)
		if (str_find(allowed, s.p[i]) == allowed.n)
			return false;
	return s.n > 0;
}

void check_relationship(struct check *c, yyjson_val *object)
{
	static const struct rule FORM = {STIX_MUST, "relationship-form", "5.1"};
	static const struct rule SUGGEST = {STIX_SHOULD, "relationship-type", "5.1"};
	yyjson_val *name = yyjson_obj_get(object, "relationship_type");
	enum stix_type_id source = type_of_ref(yyjson_obj_get(object, "source_ref"));
	enum stix_type_id target = type_of_ref(yyjson_obj_get(object, "target_ref"));

	if (!yyjson_is_str(name))
		return;
	if (!relationship_name(json_str(name)))
		check_report(c, &FORM, name, NULL, "must have only a-z, 0-9 and hyphens");
	else if (source != STIX_TYPE_CUSTOM && target != STIX_TYPE_CUSTOM &&
	         !suggested(source, json_str(name), target))
		check_report(c, &SUGGEST, name, NULL,
		    "not a relationship that the specification suggests from %.*s to %.*s",
		    STR_ARG(stix_type_name(source)), STR_ARG(stix_type_name(target)));
}

static bool all_digits(struct str s, size_t least)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n >= least;
}

static bool cve_form(struct str id)
{
	return str_starts(id, S("CVE-")) && id.n > 9 && id.p[8] == '-' &&
	       all_digits(str_slice(id, 4, 8), 4) && all_digits(str_from(id, 9), 4);
}

void check_external_reference(struct check *c, yyjson_val *reference)
{
	static const struct rule NEEDS = {STIX_MUST, "external-reference", "2.5"};
	static const struct rule FORM = {STIX_MUST, "external-id-form", "2.5"};
	static const struct rule HASHES = {STIX_SHOULD, "reference-hashes", "2.5"};
	struct str source = json_get_str(reference, "source_name");
	struct str id = json_get_str(reference, "external_id");
	yyjson_val *url = yyjson_obj_get(reference, "url");

	if (!url && !id.p && !yyjson_obj_get(reference, "description"))
		check_report(
		    c, &NEEDS, reference, NULL, "description, url or external_id must be present");
	if (str_eq_nocase(source, S("cve")) && !(str_eq(source, S("cve")) && cve_form(id)))
		check_report(c, &FORM, reference, "external_id",
		    "source_name must be cve and external_id of the form CVE-YYYY-NNNN");
	if (str_eq_nocase(source, S("capec")) &&
	    !(str_eq(source, S("capec")) && str_starts(id, S("CAPEC-")) &&
	        all_digits(str_from(id, 6), 1)))
		check_report(c, &FORM, reference, "external_id",
		    "source_name must be capec and external_id of the form CAPEC-N");
	if (url && !yyjson_obj_get(reference, "hashes"))
		check_report(c, &HASHES, reference, "hashes", "should be present with url");
}

static const struct extension *predefined(struct str name)
{
	for (size_t i = 0; i < EXTENSION_COUNT; i++)
		if (str_eq(name, str_c(EXTENSIONS[i].name)))
			return &EXTENSIONS[i];
	return NULL;
}

static bool defined_by_object(struct str name)
{
	return str_starts(name, S("extension-definition--"));
}

static void check_defined(struct check *c, struct str name, yyjson_val *key)
{
	static const struct rule ID = {STIX_MUST, "extension-id", "7.3"};
	static const struct rule TYPE = {STIX_MUST, "extension-type", "7.3"};
	static const struct rule MISSING = {STIX_SHOULD, "extension-type", "7.3"};
	yyjson_val *type = yyjson_obj_get(key + 1, "extension_type");
	struct uuid uuid;
	struct str prefix;

	if (!stix_id_split(&prefix, &uuid, name))
		check_report(
		    c, &ID, key, NULL, "must be the identifier of an extension-definition");
	if (!type)
		check_report(c, &MISSING, key + 1, "extension_type", "should be present");
	else if (!words_have(&WORDS_EXTENSION_TYPE, json_str(type)))
		check_report(c, &TYPE, type, NULL, "is not one of the types of extension");
}

static void check_extension(struct check *c, yyjson_val *key)
{
	static const struct rule OBJECT = {STIX_MUST, "extension", "7.3"};
	static const struct rule PLACE = {STIX_MUST, "extension-place", NULL};
	static const struct rule CUSTOM = {STIX_SHOULD, "custom-extension", "7.3"};
	struct str name = json_str(key);
	const struct extension *known = predefined(name);

	if (!yyjson_is_obj(key + 1) || yyjson_obj_size(key + 1) == 0) {
		check_report(c, &OBJECT, key, NULL, "must be an object that is not empty");
		return;
	}
	if (known && known->type != c->type)
		check_report(c, &PLACE, key, NULL, "is an extension of %.*s",
		    STR_ARG(stix_type_name(known->type)));
	else if (known)
		check_members(c, key + 1, NULL, known->part, false);
	else if (defined_by_object(name))
		check_defined(c, name, key);
	else
		check_report(c, &CUSTOM, key, NULL,
		    "not an extension of the specification: should be named by an "
		    "extension-definition");
}

void check_extensions(struct check *c, yyjson_val *extensions)
{
	size_t n = unsafe_yyjson_get_len(extensions);
	yyjson_val *key = unsafe_yyjson_get_first(extensions);

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1))
		check_extension(c, key);
}

void check_extensions_read(struct check *c, yyjson_val *extensions)
{
	size_t n = yyjson_obj_size(extensions);
	yyjson_val *key = n ? unsafe_yyjson_get_first(extensions) : NULL;

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str type = json_get_str(key + 1, "extension_type");

		if (!defined_by_object(json_str(key)))
			continue;
		if (str_eq(type, S("toplevel-property-extension")))
			c->free_properties = true;
		if (c->type == STIX_TYPE_CUSTOM && str_starts(type, S("new-")))
			c->typed_by_extension = true;
		if (c->type == STIX_TYPE_CUSTOM && str_eq(type, S("new-sco")))
			c->observable = true;
	}
}

void check_observables(struct check *c, yyjson_val *objects)
{
	static const struct rule OBJECT = {STIX_MUST, "value-type", NULL};
	static const struct rule TYPED = {STIX_MUST, "required", NULL};
	size_t n = unsafe_yyjson_get_len(objects);
	yyjson_val *key = unsafe_yyjson_get_first(objects);

	c->observables = objects;
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		if (!yyjson_is_obj(key + 1))
			check_report(c, &OBJECT, key, NULL, "must be an object");
		else if (!json_get_str(key + 1, "type").p)
			check_report(c, &TYPED, key + 1, "type", "a required property is missing");
		else
			check_embedded(c, key + 1);
	}
	c->observables = NULL;
}
