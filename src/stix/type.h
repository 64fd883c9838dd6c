/* SPDX-License-Identifier: Apache-2.0 */
/* The object types of STIX 2.1 and 2.0 as tables: which properties a type has, of which kind, which
 * are required, which vocabulary or which types of object they point to, and which make up the
 * deterministic identifier of an observable. Data only; stix/check.h reads it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Numbers are stored in rows of the ledger's index: append, never renumber. */
enum stix_type_id {
	STIX_TYPE_CUSTOM, /* any type that is not below */
	STIX_TYPE_ATTACK_PATTERN,
	STIX_TYPE_CAMPAIGN,
	STIX_TYPE_COURSE_OF_ACTION,
	STIX_TYPE_GROUPING,
	STIX_TYPE_IDENTITY,
	STIX_TYPE_INCIDENT,
	STIX_TYPE_INDICATOR,
	STIX_TYPE_INFRASTRUCTURE,
	STIX_TYPE_INTRUSION_SET,
	STIX_TYPE_LOCATION,
	STIX_TYPE_MALWARE,
	STIX_TYPE_MALWARE_ANALYSIS,
	STIX_TYPE_NOTE,
	STIX_TYPE_OBSERVED_DATA,
	STIX_TYPE_OPINION,
	STIX_TYPE_REPORT,
	STIX_TYPE_THREAT_ACTOR,
	STIX_TYPE_TOOL,
	STIX_TYPE_VULNERABILITY,
	STIX_TYPE_RELATIONSHIP,
	STIX_TYPE_SIGHTING,
	STIX_TYPE_ARTIFACT,
	STIX_TYPE_AUTONOMOUS_SYSTEM,
	STIX_TYPE_DIRECTORY,
	STIX_TYPE_DOMAIN_NAME,
	STIX_TYPE_EMAIL_ADDR,
	STIX_TYPE_EMAIL_MESSAGE,
	STIX_TYPE_FILE,
	STIX_TYPE_IPV4_ADDR,
	STIX_TYPE_IPV6_ADDR,
	STIX_TYPE_MAC_ADDR,
	STIX_TYPE_MUTEX,
	STIX_TYPE_NETWORK_TRAFFIC,
	STIX_TYPE_PROCESS,
	STIX_TYPE_SOFTWARE,
	STIX_TYPE_URL,
	STIX_TYPE_USER_ACCOUNT,
	STIX_TYPE_WINDOWS_REGISTRY_KEY,
	STIX_TYPE_X509_CERTIFICATE,
	STIX_TYPE_EXTENSION_DEFINITION,
	STIX_TYPE_LANGUAGE_CONTENT,
	STIX_TYPE_MARKING_DEFINITION,
	STIX_TYPE_BUNDLE, /* a container, never a record */
	STIX_TYPES,
};

enum stix_class { STIX_CUSTOM, STIX_SDO, STIX_SRO, STIX_SCO, STIX_META, STIX_BUNDLE };

/* STIX_TYPE_CUSTOM when it is none of the tables'. */
enum stix_type_id stix_type_of(struct str name);
struct str stix_type_name(enum stix_type_id type); /* empty for CUSTOM */
enum stix_class stix_type_class(enum stix_type_id type);
/* Types that STIX 2.0 did not have as objects of their own. */
bool stix_type_since_21(enum stix_type_id type);
/* The section of STIX 2.1 that describes it: "4.7". */
struct str stix_type_section(enum stix_type_id type);
