/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of domain objects, relationship objects and meta objects: STIX 2.1 sections 3 to 5 and
 * 7, STIX 2.0 part 2. */
#include "stix/property.h"
#include "stix/property_rows.h"

#define IDENTITY TARGET(IDENTITY)
#define MARKING TARGET(MARKING_DEFINITION)
#define RELATABLE                                                                                  \
	(TARGET_ANY &                                                                              \
	    ~(TARGET(BUNDLE) | TARGET(MARKING_DEFINITION) | TARGET(RELATIONSHIP) |                 \
	        TARGET(SIGHTING) | TARGET(LANGUAGE_CONTENT) | TARGET(EXTENSION_DEFINITION)))
/* Domain objects and custom ones: all numbers before those of relationships. */
#define SIGHTABLE (TARGET(RELATIONSHIP) - 1)
#define OBSERVABLE (TARGET_SCOS | TARGET(RELATIONSHIP) | TARGET(SIGHTING) | TARGET(CUSTOM))

static const struct property COMMON_SDO[] = {
    P("type", TYPE, R),
    P("spec_version", SPEC, R21),
    P("id", ID, R),
    REF("created_by_ref", 0, IDENTITY | TARGET(CUSTOM)),
    P("created", TIME, R | FLAG_MILLIS),
    P("modified", TIME, R | FLAG_MILLIS),
    P("revoked", BOOL, 0),
    P("labels", STRING, L),
    RANGE("confidence", INT, N21, 0, 100),
    P("lang", LANG, N21),
    PARTS("external_references", L, &PART_EXTERNAL_REFERENCE),
    REF("object_marking_refs", L, MARKING),
    PARTS("granular_markings", L, &PART_GRANULAR_MARKING),
    P("extensions", EXTENSIONS, N21),
};

/* A marking-definition has no versions; "modified" and "revoked" are found on some, OASIS's own
 * among them, and are let pass. */
static const struct property COMMON_MARKING[] = {
    P("type", TYPE, R),
    P("spec_version", SPEC, R21),
    P("id", ID, R),
    REF("created_by_ref", 0, IDENTITY | TARGET(CUSTOM)),
    P("created", TIME, R | FLAG_MILLIS),
    P("modified", TIME, FLAG_MILLIS),
    P("revoked", BOOL, 0),
    P("lang", LANG, N21),
    PARTS("external_references", L, &PART_EXTERNAL_REFERENCE),
    REF("object_marking_refs", L, MARKING),
    PARTS("granular_markings", L, &PART_GRANULAR_MARKING),
    P("extensions", EXTENSIONS, N21),
};

static const struct property COMMON_SCO[] = {
    P("type", TYPE, R),
    P("spec_version", SPEC, 0),
    P("id", ID, R),
    REF("object_marking_refs", L, MARKING),
    PARTS("granular_markings", L, &PART_GRANULAR_MARKING),
    P("defanged", BOOL, 0),
    P("extensions", EXTENSIONS, 0),
};

static const struct property COMMON_EMBEDDED[] = {
    P("type", TYPE, R),
    P("id", ID, 0),
    P("spec_version", SPEC, 0),
    P("description", STRING, 0),
    P("defanged", BOOL, 0),
    P("extensions", EXTENSIONS, 0),
};

static const struct property COMMON_BUNDLE[] = {
    P("type", TYPE, R),
    P("id", ID, R),
    P("spec_version", SPEC, R20 | N20),
    P("objects", ANY, 0),
};

static const struct property ATTACK_PATTERN[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("aliases", STRING, L | N21),
    PARTS("kill_chain_phases", L, &PART_KILL_CHAIN_PHASE),
};

static const struct property CAMPAIGN[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("aliases", STRING, L),
    P("first_seen", TIME, 0),
    P("last_seen", TIME, 0),
    P("objective", STRING, 0),
};

static const struct property COURSE_OF_ACTION[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
};

static const struct property GROUPING[] = {
    P("name", STRING, 0),
    P("description", STRING, 0),
    VOCABULARY("context", OPEN, R, GROUPING_CONTEXT),
    REF("object_refs", L | R, TARGET_ANY),
};

static const struct property IDENTITY_ROWS[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("roles", STRING, L | N21),
    VOCABULARY("identity_class", OPEN, R20, IDENTITY_CLASS),
    VOCABULARY("sectors", OPEN, L, INDUSTRY_SECTOR),
    P("contact_information", STRING, 0),
};

static const struct property INCIDENT[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
};

static const struct property INDICATOR[] = {
    P("name", STRING, 0),
    P("description", STRING, 0),
    P("labels", STRING, L | R20),
    VOCABULARY("indicator_types", OPEN, L | N21, INDICATOR_TYPE),
    P("pattern", STRING, R),
    VOCABULARY("pattern_type", OPEN, R21, PATTERN_TYPE),
    P("pattern_version", STRING, N21),
    P("valid_from", TIME, R),
    P("valid_until", TIME, 0),
    PARTS("kill_chain_phases", L, &PART_KILL_CHAIN_PHASE),
};

static const struct property INFRASTRUCTURE[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    VOCABULARY("infrastructure_types", OPEN, L, INFRASTRUCTURE_TYPE),
    P("aliases", STRING, L),
    PARTS("kill_chain_phases", L, &PART_KILL_CHAIN_PHASE),
    P("first_seen", TIME, 0),
    P("last_seen", TIME, 0),
};

static const struct property INTRUSION_SET[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("aliases", STRING, L),
    P("first_seen", TIME, 0),
    P("last_seen", TIME, 0),
    P("goals", STRING, L),
    VOCABULARY("resource_level", OPEN, 0, ATTACK_RESOURCE_LEVEL),
    VOCABULARY("primary_motivation", OPEN, 0, ATTACK_MOTIVATION),
    VOCABULARY("secondary_motivations", OPEN, L, ATTACK_MOTIVATION),
};

static const struct property LOCATION[] = {
    P("name", STRING, 0),
    P("description", STRING, 0),
    RANGE("latitude", FLOAT, 0, -90, 90),
    RANGE("longitude", FLOAT, 0, -180, 180),
    RANGE("precision", FLOAT, 0, 0, INT_MAX_STIX),
    VOCABULARY("region", OPEN, 0, REGION),
    P("country", STRING, 0),
    P("administrative_area", STRING, 0),
    P("city", STRING, 0),
    P("street_address", STRING, 0),
    P("postal_code", STRING, 0),
};

static const struct property MALWARE[] = {
    P("name", STRING, R20),
    P("description", STRING, 0),
    P("labels", STRING, L | R20),
    VOCABULARY("malware_types", OPEN, L | N21, MALWARE_TYPE),
    P("is_family", BOOL, R21 | N21),
    P("aliases", STRING, L | N21),
    PARTS("kill_chain_phases", L, &PART_KILL_CHAIN_PHASE),
    P("first_seen", TIME, N21),
    P("last_seen", TIME, N21),
    REF("operating_system_refs", L | N21, TARGET(SOFTWARE)),
    VOCABULARY("architecture_execution_envs", OPEN, L | N21, PROCESSOR_ARCHITECTURE),
    VOCABULARY("implementation_languages", OPEN, L | N21, IMPLEMENTATION_LANGUAGE),
    VOCABULARY("capabilities", OPEN, L | N21, MALWARE_CAPABILITIES),
    REF("sample_refs", L | N21, TARGET(ARTIFACT) | TARGET(FILE)),
};

static const struct property MALWARE_ANALYSIS[] = {
    P("product", STRING, R),
    P("version", STRING, 0),
    REF("host_vm_ref", 0, TARGET(SOFTWARE)),
    REF("operating_system_ref", 0, TARGET(SOFTWARE)),
    REF("installed_software_refs", L, TARGET(SOFTWARE)),
    P("configuration_version", STRING, 0),
    P("modules", STRING, L),
    P("analysis_engine_version", STRING, 0),
    P("analysis_definition_version", STRING, 0),
    P("submitted", TIME, 0),
    P("analysis_started", TIME, 0),
    P("analysis_ended", TIME, 0),
    P("result_name", STRING, 0),
    VOCABULARY("result", OPEN, 0, MALWARE_RESULT),
    REF("analysis_sco_refs", L, TARGET_SCOS | TARGET(CUSTOM)),
    REF("sample_ref", 0, TARGET(ARTIFACT) | TARGET(FILE) | TARGET(NETWORK_TRAFFIC)),
};

static const struct property NOTE[] = {
    P("abstract", STRING, 0),
    P("content", STRING, R),
    P("authors", STRING, L),
    REF("object_refs", L | R, TARGET_ANY),
};

static const struct property OBSERVED_DATA[] = {
    P("first_observed", TIME, R),
    P("last_observed", TIME, R),
    RANGE("number_observed", INT, R, 1, 999999999),
    P("objects", OBSERVABLES, R20),
    REF("object_refs", L | N21, OBSERVABLE),
};

static const struct property OPINION[] = {
    P("explanation", STRING, 0),
    P("authors", STRING, L),
    VOCABULARY("opinion", ENUM, R, OPINION),
    REF("object_refs", L | R, TARGET_ANY),
};

static const struct property REPORT[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("labels", STRING, L | R20),
    VOCABULARY("report_types", OPEN, L | N21, REPORT_TYPE),
    P("published", TIME, R),
    REF("object_refs", L | R, TARGET_ANY),
};

static const struct property THREAT_ACTOR[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("labels", STRING, L | R20),
    VOCABULARY("threat_actor_types", OPEN, L | N21, THREAT_ACTOR_TYPE),
    P("aliases", STRING, L),
    P("first_seen", TIME, N21),
    P("last_seen", TIME, N21),
    VOCABULARY("roles", OPEN, L, THREAT_ACTOR_ROLE),
    P("goals", STRING, L),
    VOCABULARY("sophistication", OPEN, 0, THREAT_ACTOR_SOPHISTICATION),
    VOCABULARY("resource_level", OPEN, 0, ATTACK_RESOURCE_LEVEL),
    VOCABULARY("primary_motivation", OPEN, 0, ATTACK_MOTIVATION),
    VOCABULARY("secondary_motivations", OPEN, L, ATTACK_MOTIVATION),
    VOCABULARY("personal_motivations", OPEN, L, ATTACK_MOTIVATION),
};

static const struct property TOOL[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
    P("labels", STRING, L | R20),
    VOCABULARY("tool_types", OPEN, L | N21, TOOL_TYPE),
    P("aliases", STRING, L | N21),
    PARTS("kill_chain_phases", L, &PART_KILL_CHAIN_PHASE),
    P("tool_version", STRING, 0),
};

static const struct property VULNERABILITY[] = {
    P("name", STRING, R),
    P("description", STRING, 0),
};

static const struct property RELATIONSHIP[] = {
    P("relationship_type", STRING, R),
    P("description", STRING, 0),
    REF("source_ref", R, RELATABLE),
    REF("target_ref", R, RELATABLE),
    P("start_time", TIME, N21),
    P("stop_time", TIME, N21),
};

static const struct property SIGHTING[] = {
    P("description", STRING, N21),
    P("first_seen", TIME, 0),
    P("last_seen", TIME, 0),
    RANGE("count", INT, 0, 0, 999999999),
    REF("sighting_of_ref", R, SIGHTABLE),
    REF("observed_data_refs", L, TARGET(OBSERVED_DATA)),
    REF("where_sighted_refs", L, IDENTITY | TARGET(LOCATION)),
    P("summary", BOOL, 0),
};

static const struct property EXTENSION_DEFINITION[] = {
    REF("created_by_ref", R, IDENTITY | TARGET(CUSTOM)),
    P("name", STRING, R),
    P("description", STRING, 0),
    P("schema", STRING, R),
    P("version", STRING, R),
    VOCABULARY("extension_types", ENUM, L | R, EXTENSION_TYPE),
    P("extension_properties", STRING, L),
};

static const struct property LANGUAGE_CONTENT[] = {
    REF("object_ref", R, TARGET_ANY),
    P("object_modified", TIME, 0),
    P("contents", ANY, R),
};

static const struct property MARKING_DEFINITION[] = {
    P("name", STRING, N21),
    P("definition_type", STRING, R20),
    P("definition", ANY, R20),
};

static const struct part TABLES[STIX_TYPES] = {
    [STIX_TYPE_ATTACK_PATTERN] = PART_OF(ATTACK_PATTERN),
    [STIX_TYPE_CAMPAIGN] = PART_OF(CAMPAIGN),
    [STIX_TYPE_COURSE_OF_ACTION] = PART_OF(COURSE_OF_ACTION),
    [STIX_TYPE_GROUPING] = PART_OF(GROUPING),
    [STIX_TYPE_IDENTITY] = PART_OF(IDENTITY_ROWS),
    [STIX_TYPE_INCIDENT] = PART_OF(INCIDENT),
    [STIX_TYPE_INDICATOR] = PART_OF(INDICATOR),
    [STIX_TYPE_INFRASTRUCTURE] = PART_OF(INFRASTRUCTURE),
    [STIX_TYPE_INTRUSION_SET] = PART_OF(INTRUSION_SET),
    [STIX_TYPE_LOCATION] = PART_OF(LOCATION),
    [STIX_TYPE_MALWARE] = PART_OF(MALWARE),
    [STIX_TYPE_MALWARE_ANALYSIS] = PART_OF(MALWARE_ANALYSIS),
    [STIX_TYPE_NOTE] = PART_OF(NOTE),
    [STIX_TYPE_OBSERVED_DATA] = PART_OF(OBSERVED_DATA),
    [STIX_TYPE_OPINION] = PART_OF(OPINION),
    [STIX_TYPE_REPORT] = PART_OF(REPORT),
    [STIX_TYPE_THREAT_ACTOR] = PART_OF(THREAT_ACTOR),
    [STIX_TYPE_TOOL] = PART_OF(TOOL),
    [STIX_TYPE_VULNERABILITY] = PART_OF(VULNERABILITY),
    [STIX_TYPE_RELATIONSHIP] = PART_OF(RELATIONSHIP),
    [STIX_TYPE_SIGHTING] = PART_OF(SIGHTING),
    [STIX_TYPE_EXTENSION_DEFINITION] = PART_OF(EXTENSION_DEFINITION),
    [STIX_TYPE_LANGUAGE_CONTENT] = PART_OF(LANGUAGE_CONTENT),
    [STIX_TYPE_MARKING_DEFINITION] = PART_OF(MARKING_DEFINITION),
};

static const struct part SDO = PART_OF(COMMON_SDO);
static const struct part MARKING_COMMON = PART_OF(COMMON_MARKING);
static const struct part SCO = PART_OF(COMMON_SCO);
static const struct part EMBEDDED = PART_OF(COMMON_EMBEDDED);
static const struct part BUNDLE = PART_OF(COMMON_BUNDLE);

const struct part *property_table(enum stix_type_id type)
{
	return stix_type_class(type) == STIX_SCO ? property_table_sco(type) : &TABLES[type];
}

const struct part *property_common(enum stix_type_id type, bool embedded)
{
	if (embedded)
		return &EMBEDDED;
	if (type == STIX_TYPE_MARKING_DEFINITION)
		return &MARKING_COMMON;
	if (stix_type_class(type) == STIX_SCO)
		return &SCO;
	return type == STIX_TYPE_BUNDLE ? &BUNDLE : &SDO;
}
