/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabularies of STIX 2.1 section 10 (and 2.0 section 6): open ones, where other words are
 * only discouraged, and enumerations, where they are wrong. */
#include <string.h>

#include "stix/property.h"

#define WORDS(list) {list, sizeof(list) / sizeof((list)[0])}

static const char *const LIST_ATTACK_MOTIVATION[] = {"accidental", "coercion", "dominance",
    "ideology", "notoriety", "organizational-gain", "personal-gain", "personal-satisfaction",
    "revenge", "unpredictable"};
const struct words WORDS_ATTACK_MOTIVATION = WORDS(LIST_ATTACK_MOTIVATION);
static const char *const LIST_ATTACK_RESOURCE_LEVEL[] = {
    "individual", "club", "contest", "team", "organization", "government"};
const struct words WORDS_ATTACK_RESOURCE_LEVEL = WORDS(LIST_ATTACK_RESOURCE_LEVEL);
static const char *const LIST_ACCOUNT_TYPE[] = {"facebook", "ldap", "nis", "openid", "radius",
    "skype", "tacacs", "twitter", "unix", "windows-local", "windows-domain", "windows local",
    "windows domain", "kavi"};
const struct words WORDS_ACCOUNT_TYPE = WORDS(LIST_ACCOUNT_TYPE);
static const char *const LIST_COURSE_OF_ACTION_TYPE[] = {
    "textual:text/plain", "textual:text/html", "textual:text/md", "textual:pdf"};
const struct words WORDS_COURSE_OF_ACTION_TYPE = WORDS(LIST_COURSE_OF_ACTION_TYPE);
static const char *const LIST_ENCRYPTION_ALGORITHM[] = {
    "AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"};
const struct words WORDS_ENCRYPTION_ALGORITHM = WORDS(LIST_ENCRYPTION_ALGORITHM);
static const char *const LIST_EXTENSION_TYPE[] = {
    "new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"};
const struct words WORDS_EXTENSION_TYPE = WORDS(LIST_EXTENSION_TYPE);
static const char *const LIST_GROUPING_CONTEXT[] = {
    "suspicious-activity", "malware-analysis", "unspecified"};
const struct words WORDS_GROUPING_CONTEXT = WORDS(LIST_GROUPING_CONTEXT);
static const char *const LIST_HASH_ALGORITHM_21[] = {
    "MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH"};
const struct words WORDS_HASH_ALGORITHM_21 = WORDS(LIST_HASH_ALGORITHM_21);
static const char *const LIST_HASH_ALGORITHM_20[] = {"MD5", "MD6", "RIPEMD-160", "SHA-1", "SHA-224",
    "SHA-256", "SHA-384", "SHA-512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "ssdeep",
    "WHIRLPOOL"};
const struct words WORDS_HASH_ALGORITHM_20 = WORDS(LIST_HASH_ALGORITHM_20);
static const char *const LIST_IDENTITY_CLASS[] = {
    "individual", "group", "system", "organization", "class", "unknown", "unspecified"};
const struct words WORDS_IDENTITY_CLASS = WORDS(LIST_IDENTITY_CLASS);
static const char *const LIST_IMPLEMENTATION_LANGUAGE[] = {"applescript", "bash", "c", "c++", "c#",
    "go", "java", "javascript", "lua", "objective-c", "perl", "php", "powershell", "python", "ruby",
    "scala", "swift", "typescript", "visual-basic", "x86-32", "x86-64"};
const struct words WORDS_IMPLEMENTATION_LANGUAGE = WORDS(LIST_IMPLEMENTATION_LANGUAGE);
static const char *const LIST_INDICATOR_TYPE[] = {"anomalous-activity", "anonymization", "benign",
    "compromised", "malicious-activity", "attribution", "unknown"};
const struct words WORDS_INDICATOR_TYPE = WORDS(LIST_INDICATOR_TYPE);
static const char *const LIST_INDUSTRY_SECTOR[] = {"agriculture", "aerospace", "automotive",
    "chemical", "commercial", "communications", "construction", "defense", "defence", "education",
    "energy", "entertainment", "financial-services", "government", "emergency-services",
    "government-local", "government-national", "government-public-services", "government-regional",
    "healthcare", "hospitality-leisure", "infrastructure", "dams", "nuclear", "water", "insurance",
    "manufacturing", "mining", "non-profit", "pharmaceuticals", "retail", "technology",
    "telecommunications", "transportation", "utilities"};
const struct words WORDS_INDUSTRY_SECTOR = WORDS(LIST_INDUSTRY_SECTOR);
static const char *const LIST_INFRASTRUCTURE_TYPE[] = {"amplification", "anonymization", "botnet",
    "command-and-control", "control-system", "exfiltration", "firewall", "hosting-malware",
    "hosting-target-lists", "phishing", "reconnaissance", "routers-switches", "staging",
    "workstation", "unknown"};
const struct words WORDS_INFRASTRUCTURE_TYPE = WORDS(LIST_INFRASTRUCTURE_TYPE);
static const char *const LIST_MALWARE_CAPABILITIES[] = {"accesses-remote-machines",
    "anti-debugging", "anti-disassembly", "anti-emulation", "anti-memory-forensics", "anti-sandbox",
    "anti-vm", "captures-input-peripherals", "captures-output-peripherals",
    "captures-system-state-data", "cleans-traces-of-infection", "commits-fraud",
    "communicates-with-c2", "compromises-data-availability", "compromises-data-integrity",
    "compromises-system-availability", "controls-local-machine", "degrades-security-software",
    "degrades-system-updates", "determines-c2-server", "emails-spam", "escalates-privileges",
    "evades-av", "exfiltrates-data", "fingerprints-host", "hides-artifacts", "hides-executing-code",
    "infects-files", "infects-remote-machines", "installs-other-components",
    "persists-after-system-reboot", "prevents-artifact-access", "prevents-artifact-deletion",
    "probes-network-environment", "self-modifies", "steals-authentication-credentials",
    "violates-system-operational-integrity"};
const struct words WORDS_MALWARE_CAPABILITIES = WORDS(LIST_MALWARE_CAPABILITIES);
static const char *const LIST_MALWARE_RESULT[] = {"malicious", "suspicious", "benign", "unknown"};
const struct words WORDS_MALWARE_RESULT = WORDS(LIST_MALWARE_RESULT);
static const char *const LIST_MALWARE_TYPE[] = {"adware", "backdoor", "bot", "bootkit", "ddos",
    "downloader", "dropper", "exploit-kit", "keylogger", "ransomware", "remote-access-trojan",
    "resource-exploitation", "rogue-security-software", "rootkit", "screen-capture", "spyware",
    "trojan", "unknown", "virus", "webshell", "wiper", "worm"};
const struct words WORDS_MALWARE_TYPE = WORDS(LIST_MALWARE_TYPE);
static const char *const LIST_NETWORK_SOCKET_ADDRESS_FAMILY[] = {"AF_UNSPEC", "AF_INET", "AF_IPX",
    "AF_APPLETALK", "AF_NETBIOS", "AF_INET6", "AF_IRDA", "AF_BTH"};
const struct words WORDS_NETWORK_SOCKET_ADDRESS_FAMILY = WORDS(LIST_NETWORK_SOCKET_ADDRESS_FAMILY);
static const char *const LIST_NETWORK_SOCKET_TYPE[] = {
    "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"};
const struct words WORDS_NETWORK_SOCKET_TYPE = WORDS(LIST_NETWORK_SOCKET_TYPE);
static const char *const LIST_OPINION[] = {
    "strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"};
const struct words WORDS_OPINION = WORDS(LIST_OPINION);
static const char *const LIST_PATTERN_TYPE[] = {
    "stix", "pcre", "sigma", "snort", "suricata", "yara"};
const struct words WORDS_PATTERN_TYPE = WORDS(LIST_PATTERN_TYPE);
static const char *const LIST_PDF_INFO[] = {"Title", "Author", "Subject", "Keywords", "Creator",
    "Producer", "CreationDate", "ModDate", "Trapped"};
const struct words WORDS_PDF_INFO = WORDS(LIST_PDF_INFO);
static const char *const LIST_PROCESSOR_ARCHITECTURE[] = {
    "alpha", "arm", "ia-64", "mips", "powerpc", "sparc", "x86", "x86-64"};
const struct words WORDS_PROCESSOR_ARCHITECTURE = WORDS(LIST_PROCESSOR_ARCHITECTURE);
static const char *const LIST_REGION[] = {"africa", "eastern-africa", "middle-africa",
    "northern-africa", "southern-africa", "western-africa", "americas", "caribbean",
    "central-america", "latin-america-caribbean", "northern-america", "south-america", "asia",
    "central-asia", "eastern-asia", "southern-asia", "south-eastern-asia", "western-asia", "europe",
    "eastern-europe", "northern-europe", "southern-europe", "western-europe", "oceania",
    "antarctica", "australia-new-zealand", "melanesia", "micronesia", "polynesia"};
const struct words WORDS_REGION = WORDS(LIST_REGION);
static const char *const LIST_REPORT_TYPE[] = {"attack-pattern", "campaign", "identity",
    "indicator", "intrusion-set", "malware", "observed-data", "threat-actor", "threat-report",
    "tool", "vulnerability"};
const struct words WORDS_REPORT_TYPE = WORDS(LIST_REPORT_TYPE);
static const char *const LIST_THREAT_ACTOR_TYPE[] = {"activist", "competitor", "crime-syndicate",
    "criminal", "hacker", "insider-accidental", "insider-disgruntled", "nation-state",
    "sensationalist", "spy", "terrorist", "unknown"};
const struct words WORDS_THREAT_ACTOR_TYPE = WORDS(LIST_THREAT_ACTOR_TYPE);
static const char *const LIST_THREAT_ACTOR_ROLE[] = {"agent", "director", "independent",
    "infrastructure-architect", "infrastructure-operator", "malware-author", "sponsor"};
const struct words WORDS_THREAT_ACTOR_ROLE = WORDS(LIST_THREAT_ACTOR_ROLE);
static const char *const LIST_THREAT_ACTOR_SOPHISTICATION[] = {
    "none", "minimal", "intermediate", "advanced", "expert", "innovator", "strategic"};
const struct words WORDS_THREAT_ACTOR_SOPHISTICATION = WORDS(LIST_THREAT_ACTOR_SOPHISTICATION);
static const char *const LIST_TOOL_TYPE[] = {"denial-of-service", "exploitation",
    "information-gathering", "network-capture", "credential-exploitation", "remote-access",
    "vulnerability-scanning", "unknown"};
const struct words WORDS_TOOL_TYPE = WORDS(LIST_TOOL_TYPE);
static const char *const LIST_WINDOWS_INTEGRITY_LEVEL[] = {"low", "medium", "high", "system"};
const struct words WORDS_WINDOWS_INTEGRITY_LEVEL = WORDS(LIST_WINDOWS_INTEGRITY_LEVEL);
static const char *const LIST_WINDOWS_PEBINARY_TYPE[] = {"dll", "exe", "sys"};
const struct words WORDS_WINDOWS_PEBINARY_TYPE = WORDS(LIST_WINDOWS_PEBINARY_TYPE);
static const char *const LIST_WINDOWS_REGISTRY_DATATYPE[] = {"REG_NONE", "REG_SZ", "REG_EXPAND_SZ",
    "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_DWORD_LITTLE_ENDIAN", "REG_LINK",
    "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION",
    "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD", "REG_INVALID_TYPE"};
const struct words WORDS_WINDOWS_REGISTRY_DATATYPE = WORDS(LIST_WINDOWS_REGISTRY_DATATYPE);
static const char *const LIST_WINDOWS_SERVICE_START_TYPE[] = {"SERVICE_AUTO_START",
    "SERVICE_BOOT_START", "SERVICE_DEMAND_START", "SERVICE_DISABLED", "SERVICE_SYSTEM_ALERT"};
const struct words WORDS_WINDOWS_SERVICE_START_TYPE = WORDS(LIST_WINDOWS_SERVICE_START_TYPE);
static const char *const LIST_WINDOWS_SERVICE_TYPE[] = {"SERVICE_KERNEL_DRIVER",
    "SERVICE_FILE_SYSTEM_DRIVER", "SERVICE_WIN32_OWN_PROCESS", "SERVICE_WIN32_SHARE_PROCESS"};
const struct words WORDS_WINDOWS_SERVICE_TYPE = WORDS(LIST_WINDOWS_SERVICE_TYPE);
static const char *const LIST_WINDOWS_SERVICE_STATUS[] = {"SERVICE_CONTINUE_PENDING",
    "SERVICE_PAUSE_PENDING", "SERVICE_PAUSED", "SERVICE_RUNNING", "SERVICE_START_PENDING",
    "SERVICE_STOP_PENDING", "SERVICE_STOPPED"};
const struct words WORDS_WINDOWS_SERVICE_STATUS = WORDS(LIST_WINDOWS_SERVICE_STATUS);

bool words_have(const struct words *w, struct str word)
{
	for (size_t i = 0; i < w->count; i++)
		if (strlen(w->list[i]) == word.n && memcmp(w->list[i], word.p, word.n) == 0)
			return true;
	return false;
}

bool country_code(struct str code)
{
	static const char CODES[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE "
	                            "BF BG BH BI BJ BL BM BN BO BQ "
	                            "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR "
	                            "CU CV CW CX CY CZ DE DJ DK DM "
	                            "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF "
	                            "GG GH GI GL GM GN GP GQ GR GS "
	                            "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT "
	                            "JE JM JO JP KE KG KH KI KM KN "
	                            "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
	                            "MF MG MH MK ML MM MN MO MP MQ "
	                            "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU "
	                            "NZ OM PA PE PF PG PH PK PL PM "
	                            "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
	                            "SJ SK SL SM SN SO SR SS ST SV "
	                            "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA "
	                            "UG UM US UY UZ VA VC VE VG VI "
	                            "VN VU WF WS YE YT ZA ZM ZW";

	for (size_t i = 0; code.n == 2 && i + 1 < sizeof(CODES); i += 3)
		if (str_eq_nocase((struct str){CODES + i, 2}, code))
			return true;
	return false;
}
