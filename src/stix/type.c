/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/type.h"

struct row {
	struct str name;
	enum stix_class class;
	bool since_21;
};

#define ROW(name, class, since_21)                                                                 \
	{                                                                                          \
		{name, sizeof(name) - 1}, class, since_21                                          \
	}

static const struct row ROWS[STIX_TYPES] = {
    [STIX_TYPE_CUSTOM] = ROW("", STIX_CUSTOM, false),
    [STIX_TYPE_ATTACK_PATTERN] = ROW("attack-pattern", STIX_SDO, false),
    [STIX_TYPE_CAMPAIGN] = ROW("campaign", STIX_SDO, false),
    [STIX_TYPE_COURSE_OF_ACTION] = ROW("course-of-action", STIX_SDO, false),
    [STIX_TYPE_GROUPING] = ROW("grouping", STIX_SDO, true),
    [STIX_TYPE_IDENTITY] = ROW("identity", STIX_SDO, false),
    [STIX_TYPE_INCIDENT] = ROW("incident", STIX_SDO, true),
    [STIX_TYPE_INDICATOR] = ROW("indicator", STIX_SDO, false),
    [STIX_TYPE_INFRASTRUCTURE] = ROW("infrastructure", STIX_SDO, true),
    [STIX_TYPE_INTRUSION_SET] = ROW("intrusion-set", STIX_SDO, false),
    [STIX_TYPE_LOCATION] = ROW("location", STIX_SDO, true),
    [STIX_TYPE_MALWARE] = ROW("malware", STIX_SDO, false),
    [STIX_TYPE_MALWARE_ANALYSIS] = ROW("malware-analysis", STIX_SDO, true),
    [STIX_TYPE_NOTE] = ROW("note", STIX_SDO, true),
    [STIX_TYPE_OBSERVED_DATA] = ROW("observed-data", STIX_SDO, false),
    [STIX_TYPE_OPINION] = ROW("opinion", STIX_SDO, true),
    [STIX_TYPE_REPORT] = ROW("report", STIX_SDO, false),
    [STIX_TYPE_THREAT_ACTOR] = ROW("threat-actor", STIX_SDO, false),
    [STIX_TYPE_TOOL] = ROW("tool", STIX_SDO, false),
    [STIX_TYPE_VULNERABILITY] = ROW("vulnerability", STIX_SDO, false),
    [STIX_TYPE_RELATIONSHIP] = ROW("relationship", STIX_SRO, false),
    [STIX_TYPE_SIGHTING] = ROW("sighting", STIX_SRO, false),
    [STIX_TYPE_ARTIFACT] = ROW("artifact", STIX_SCO, true),
    [STIX_TYPE_AUTONOMOUS_SYSTEM] = ROW("autonomous-system", STIX_SCO, true),
    [STIX_TYPE_DIRECTORY] = ROW("directory", STIX_SCO, true),
    [STIX_TYPE_DOMAIN_NAME] = ROW("domain-name", STIX_SCO, true),
    [STIX_TYPE_EMAIL_ADDR] = ROW("email-addr", STIX_SCO, true),
    [STIX_TYPE_EMAIL_MESSAGE] = ROW("email-message", STIX_SCO, true),
    [STIX_TYPE_FILE] = ROW("file", STIX_SCO, true),
    [STIX_TYPE_IPV4_ADDR] = ROW("ipv4-addr", STIX_SCO, true),
    [STIX_TYPE_IPV6_ADDR] = ROW("ipv6-addr", STIX_SCO, true),
    [STIX_TYPE_MAC_ADDR] = ROW("mac-addr", STIX_SCO, true),
    [STIX_TYPE_MUTEX] = ROW("mutex", STIX_SCO, true),
    [STIX_TYPE_NETWORK_TRAFFIC] = ROW("network-traffic", STIX_SCO, true),
    [STIX_TYPE_PROCESS] = ROW("process", STIX_SCO, true),
    [STIX_TYPE_SOFTWARE] = ROW("software", STIX_SCO, true),
    [STIX_TYPE_URL] = ROW("url", STIX_SCO, true),
    [STIX_TYPE_USER_ACCOUNT] = ROW("user-account", STIX_SCO, true),
    [STIX_TYPE_WINDOWS_REGISTRY_KEY] = ROW("windows-registry-key", STIX_SCO, true),
    [STIX_TYPE_X509_CERTIFICATE] = ROW("x509-certificate", STIX_SCO, true),
    [STIX_TYPE_EXTENSION_DEFINITION] = ROW("extension-definition", STIX_META, true),
    [STIX_TYPE_LANGUAGE_CONTENT] = ROW("language-content", STIX_META, true),
    [STIX_TYPE_MARKING_DEFINITION] = ROW("marking-definition", STIX_META, false),
    [STIX_TYPE_BUNDLE] = ROW("bundle", STIX_BUNDLE, false),
};

enum stix_type_id stix_type_of(struct str name)
{
	for (unsigned i = 1; name.n > 0 && i < STIX_TYPES; i++)
		if (ROWS[i].name.n == name.n && ROWS[i].name.p[0] == name.p[0] &&
		    str_eq(ROWS[i].name, name))
			return (enum stix_type_id)i;
	return STIX_TYPE_CUSTOM;
}

struct str stix_type_name(enum stix_type_id type)
{
	return ROWS[type].name;
}

enum stix_class stix_type_class(enum stix_type_id type)
{
	return ROWS[type].class;
}

bool stix_type_since_21(enum stix_type_id type)
{
	return ROWS[type].since_21;
}
