/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/type.h"

struct row {
	struct str name;
	enum stix_class class;
	bool since_21;
	struct str section;
};

#define ROW(name, class, since_21, section)                                                        \
	{{name, sizeof(name) - 1}, class, since_21, {section, sizeof(section) - 1}}

static const struct row ROWS[STIX_TYPES] = {
    [STIX_TYPE_CUSTOM] = ROW("", STIX_CUSTOM, false, "11"),
    [STIX_TYPE_ATTACK_PATTERN] = ROW("attack-pattern", STIX_SDO, false, "4.1"),
    [STIX_TYPE_CAMPAIGN] = ROW("campaign", STIX_SDO, false, "4.2"),
    [STIX_TYPE_COURSE_OF_ACTION] = ROW("course-of-action", STIX_SDO, false, "4.3"),
    [STIX_TYPE_GROUPING] = ROW("grouping", STIX_SDO, true, "4.4"),
    [STIX_TYPE_IDENTITY] = ROW("identity", STIX_SDO, false, "4.5"),
    [STIX_TYPE_INCIDENT] = ROW("incident", STIX_SDO, true, "4.6"),
    [STIX_TYPE_INDICATOR] = ROW("indicator", STIX_SDO, false, "4.7"),
    [STIX_TYPE_INFRASTRUCTURE] = ROW("infrastructure", STIX_SDO, true, "4.8"),
    [STIX_TYPE_INTRUSION_SET] = ROW("intrusion-set", STIX_SDO, false, "4.9"),
    [STIX_TYPE_LOCATION] = ROW("location", STIX_SDO, true, "4.10"),
    [STIX_TYPE_MALWARE] = ROW("malware", STIX_SDO, false, "4.11"),
    [STIX_TYPE_MALWARE_ANALYSIS] = ROW("malware-analysis", STIX_SDO, true, "4.12"),
    [STIX_TYPE_NOTE] = ROW("note", STIX_SDO, true, "4.13"),
    [STIX_TYPE_OBSERVED_DATA] = ROW("observed-data", STIX_SDO, false, "4.14"),
    [STIX_TYPE_OPINION] = ROW("opinion", STIX_SDO, true, "4.15"),
    [STIX_TYPE_REPORT] = ROW("report", STIX_SDO, false, "4.16"),
    [STIX_TYPE_THREAT_ACTOR] = ROW("threat-actor", STIX_SDO, false, "4.17"),
    [STIX_TYPE_TOOL] = ROW("tool", STIX_SDO, false, "4.18"),
    [STIX_TYPE_VULNERABILITY] = ROW("vulnerability", STIX_SDO, false, "4.19"),
    [STIX_TYPE_RELATIONSHIP] = ROW("relationship", STIX_SRO, false, "5.1"),
    [STIX_TYPE_SIGHTING] = ROW("sighting", STIX_SRO, false, "5.2"),
    [STIX_TYPE_ARTIFACT] = ROW("artifact", STIX_SCO, true, "6.1"),
    [STIX_TYPE_AUTONOMOUS_SYSTEM] = ROW("autonomous-system", STIX_SCO, true, "6.2"),
    [STIX_TYPE_DIRECTORY] = ROW("directory", STIX_SCO, true, "6.3"),
    [STIX_TYPE_DOMAIN_NAME] = ROW("domain-name", STIX_SCO, true, "6.4"),
    [STIX_TYPE_EMAIL_ADDR] = ROW("email-addr", STIX_SCO, true, "6.5"),
    [STIX_TYPE_EMAIL_MESSAGE] = ROW("email-message", STIX_SCO, true, "6.6"),
    [STIX_TYPE_FILE] = ROW("file", STIX_SCO, true, "6.7"),
    [STIX_TYPE_IPV4_ADDR] = ROW("ipv4-addr", STIX_SCO, true, "6.8"),
    [STIX_TYPE_IPV6_ADDR] = ROW("ipv6-addr", STIX_SCO, true, "6.9"),
    [STIX_TYPE_MAC_ADDR] = ROW("mac-addr", STIX_SCO, true, "6.10"),
    [STIX_TYPE_MUTEX] = ROW("mutex", STIX_SCO, true, "6.11"),
    [STIX_TYPE_NETWORK_TRAFFIC] = ROW("network-traffic", STIX_SCO, true, "6.12"),
    [STIX_TYPE_PROCESS] = ROW("process", STIX_SCO, true, "6.13"),
    [STIX_TYPE_SOFTWARE] = ROW("software", STIX_SCO, true, "6.14"),
    [STIX_TYPE_URL] = ROW("url", STIX_SCO, true, "6.15"),
    [STIX_TYPE_USER_ACCOUNT] = ROW("user-account", STIX_SCO, true, "6.16"),
    [STIX_TYPE_WINDOWS_REGISTRY_KEY] = ROW("windows-registry-key", STIX_SCO, true, "6.17"),
    [STIX_TYPE_X509_CERTIFICATE] = ROW("x509-certificate", STIX_SCO, true, "6.18"),
    [STIX_TYPE_EXTENSION_DEFINITION] = ROW("extension-definition", STIX_META, true, "7.3"),
    [STIX_TYPE_LANGUAGE_CONTENT] = ROW("language-content", STIX_META, true, "7.1"),
    [STIX_TYPE_MARKING_DEFINITION] = ROW("marking-definition", STIX_META, false, "7.2"),
    [STIX_TYPE_BUNDLE] = ROW("bundle", STIX_BUNDLE, false, "8"),
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

struct str stix_type_section(enum stix_type_id type)
{
	return ROWS[type].section;
}
