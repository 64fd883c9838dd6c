/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that hold between the properties of one type, and the forms of observables' values:
 * STIX 2.1 sections 4 to 7. */
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "stix/check_context.h"
#include "stix/equality.h"
#include "stix/pattern/pattern.h"

static yyjson_val *get(yyjson_val *object, const char *key)
{
	return yyjson_obj_get(object, key);
}

static bool one_of(struct str set, char c)
{
	return str_find(set, c) < set.n;
}

static const struct rule NEEDS = {STIX_MUST, "required-one-of", NULL};
static const struct rule EXCLUDES = {STIX_MUST, "exclusive", NULL};
static const struct rule FORM = {STIX_MUST, "value-form", NULL};

/* Pairs of times: the second may not be before (or, strictly, at) the first. */
static const struct {
	enum stix_type_id type; /* CUSTOM: of any type */
	const char *first;
	const char *second;
	bool strict;
} ORDERS[] = {
    {STIX_TYPE_CUSTOM, "created", "modified", false},
    {STIX_TYPE_CAMPAIGN, "first_seen", "last_seen", false},
    {STIX_TYPE_INDICATOR, "valid_from", "valid_until", true},
    {STIX_TYPE_INFRASTRUCTURE, "first_seen", "last_seen", false},
    {STIX_TYPE_INTRUSION_SET, "first_seen", "last_seen", false},
    {STIX_TYPE_MALWARE, "first_seen", "last_seen", false},
    {STIX_TYPE_MALWARE_ANALYSIS, "analysis_started", "analysis_ended", false},
    {STIX_TYPE_OBSERVED_DATA, "first_observed", "last_observed", false},
    {STIX_TYPE_RELATIONSHIP, "start_time", "stop_time", true},
    {STIX_TYPE_SIGHTING, "first_seen", "last_seen", false},
    {STIX_TYPE_THREAT_ACTOR, "first_seen", "last_seen", false},
    {STIX_TYPE_NETWORK_TRAFFIC, "start", "end", false},
};

static void check_orders(struct check *c, yyjson_val *object)
{
	static const struct rule ORDER = {STIX_MUST, "time-order", NULL};

	for (size_t i = 0; i < sizeof(ORDERS) / sizeof(ORDERS[0]); i++) {
		yyjson_val *second;
		usec a, b;

		if (ORDERS[i].type != STIX_TYPE_CUSTOM && ORDERS[i].type != c->type)
			continue;
		second = get(object, ORDERS[i].second);
		if (!second || time_parse_utc(&b, json_str(second)) != OK ||
		    time_parse_utc(&a, json_get_str(object, ORDERS[i].first)) != OK)
			continue;
		if (b < a || (ORDERS[i].strict && b == a))
			check_report(c, &ORDER, second, NULL, "must be later than%s %s",
			    ORDERS[i].strict ? "" : " or equal to", ORDERS[i].first);
	}
}

/* Any member beyond those that every observable has. */
static bool has_own_property(yyjson_val *object)
{
	static const char *const COMMON[] = {"type", "spec_version", "id", "object_marking_refs",
	    "granular_markings", "defanged", "extensions"};
	size_t n = yyjson_obj_size(object);

	for (size_t i = 0; i < sizeof(COMMON) / sizeof(COMMON[0]); i++)
		n -= get(object, COMMON[i]) != NULL;
	return n > 0;
}

static void check_some_property(struct check *c, yyjson_val *object)
{
	bool extended = (c->type == STIX_TYPE_PROCESS || c->type == STIX_TYPE_USER_ACCOUNT) &&
	                get(object, "extensions");

	if (c->v21 && !extended && !has_own_property(object))
		check_report(
		    c, &NEEDS, object, NULL, "at least one property of its own must be present");
}

static void check_artifact(struct check *c, yyjson_val *object)
{
	bool bytes = get(object, "payload_bin") != NULL;
	bool url = get(object, "url") != NULL;

	if (!bytes && !url)
		check_report(
		    c, &NEEDS, object, "payload_bin", "payload_bin or url must be present");
	if (bytes && url)
		check_report(c, &EXCLUDES, get(object, "url"), NULL,
		    "must not be present together with payload_bin");
	if (url && !get(object, "hashes"))
		check_report(c, &NEEDS, object, "hashes", "must be present with url");
	if (get(object, "decryption_key") && !get(object, "encryption_algorithm"))
		check_report(c, &EXCLUDES, get(object, "decryption_key"), NULL,
		    "must not be present without encryption_algorithm");
}

static void check_email_message(struct check *c, yyjson_val *object)
{
	bool multipart = yyjson_get_bool(get(object, "is_multipart"));
	yyjson_val *body = get(object, "body");
	yyjson_val *parts = get(object, "body_multipart");

	if (multipart && body)
		check_report(
		    c, &EXCLUDES, body, NULL, "must not be present when is_multipart is true");
	if (!multipart && parts)
		check_report(
		    c, &EXCLUDES, parts, NULL, "must not be present when is_multipart is false");
}

/* STIX 2.0 only; 2.1 says it with encrypted artifacts. */
static void check_encrypted_file(struct check *c, yyjson_val *object)
{
	yyjson_val *algorithm = get(object, "encryption_algorithm");
	yyjson_val *key = get(object, "decryption_key");

	if (!c->v21 && (algorithm || key) && !yyjson_is_true(get(object, "is_encrypted")))
		check_report(c, &EXCLUDES, algorithm ? algorithm : key, NULL,
		    "must not be present when is_encrypted is not true");
}

static void check_file(struct check *c, yyjson_val *object)
{
	if (!get(object, "hashes") && !get(object, "name"))
		check_report(c, &NEEDS, object, "name", "hashes or name must be present");
	check_encrypted_file(c, object);
	if (get(object, "mime_type") && !form_mime(json_get_str(object, "mime_type"))) {
		static const struct rule MIME = {STIX_SHOULD, "mime-type", NULL};

		check_report(
		    c, &MIME, get(object, "mime_type"), NULL, "should be a registered media type");
	}
}

static void check_software(struct check *c, yyjson_val *object)
{
	struct str cpe = json_get_str(object, "cpe");

	if (cpe.p && !str_starts(cpe, S("cpe:2.3:")))
		check_report(c, &FORM, get(object, "cpe"), NULL, "must be a CPE 2.3 name");
}

static void check_address(struct check *c, yyjson_val *object)
{
	struct str value = json_get_str(object, "value");
	bool four = c->type == STIX_TYPE_IPV4_ADDR;
	struct term t;
	enum err rc;

	if (!value.p)
		return;
	rc = term_canonical(&t, c->arena, four ? TERM_IPV4 : TERM_IPV6, value);
	if (rc == ERR_INVALID)
		check_report(c, &FORM, get(object, "value"), NULL,
		    "must be an IPv%c address or network in CIDR notation", four ? '4' : '6');
	else if (rc != OK)
		c->failed = rc;
}

static void check_mac(struct check *c, yyjson_val *object)
{
	struct str value = json_get_str(object, "value");
	bool good = value.n == 17;

	for (size_t i = 0; good && i < value.n; i++)
		good = i % 3 == 2 ? value.p[i] == ':' : one_of(S("0123456789abcdef"), value.p[i]);
	if (value.p && !good)
		check_report(c, &FORM, get(object, "value"), NULL,
		    "must be six pairs of lower-case hexadecimal digits with colons between them");
}

static void check_email_addr(struct check *c, yyjson_val *object)
{
	struct str value = json_get_str(object, "value");
	size_t at = str_find(value, '@');
	bool quoted = str_starts(value, S("\""));

	if (!value.p)
		return;
	for (size_t i = 0; !quoted && i < value.n; i++)
		if (one_of(S(" \t\r\n<>,;"), value.p[i]))
			at = 0;
	if (at == 0 || at + 1 >= value.n)
		check_report(c, &FORM, get(object, "value"), NULL,
		    "must be an address without a display name");
}

static void check_domain(struct check *c, yyjson_val *object)
{
	struct str value = json_get_str(object, "value");
	struct str rest = value;
	bool good = value.n > 0;

	if (rest.n > 1 && rest.p[rest.n - 1] == '.')
		rest.n--;
	while (good && rest.p) {
		struct str label = str_cut(&rest, '.');

		/* Labels in other scripts (RFC 5890) take more bytes than their encoded form. */
		good = label.n > 0 && label.n <= 252;
		for (size_t i = 0; good && i < label.n; i++)
			good = !one_of(S(" \t\r\n/:@,;<>\"\\"), label.p[i]);
	}
	if (value.p && !good)
		check_report(c, &FORM, get(object, "value"), NULL, "must be a domain name");
}

static void check_url(struct check *c, yyjson_val *object)
{
	struct str value = json_get_str(object, "value");

	if (value.p && !form_uri(value))
		check_report(c, &FORM, get(object, "value"), NULL, "must be a URL (RFC 3986)");
}

static void check_header_names(struct check *c, yyjson_val *header)
{
	static const struct rule HEADER = {STIX_SHOULD, "http-header", "6.12.3"};
	size_t n = yyjson_obj_size(header);
	yyjson_val *key = n ? unsafe_yyjson_get_first(header) : NULL;

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);

		if (name.n && (name.p[0] < 'A' || name.p[0] > 'Z'))
			check_report(c, &HEADER, key, NULL,
			    "should be the name of a header field as registered");
	}
}

static void check_socket_options(struct check *c, yyjson_val *options)
{
	static const struct rule OPTION = {STIX_SHOULD, "socket-option", "6.12.6"};
	static const char *const STARTS[] = {
	    "SO_", "ICMP_", "ICMP6_", "IP_", "IPV6_", "MCAST_", "TCP_", "IRLMP_"};
	size_t n = yyjson_obj_size(options);
	yyjson_val *key = n ? unsafe_yyjson_get_first(options) : NULL;

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		bool known = false;

		for (size_t k = 0; k < sizeof(STARTS) / sizeof(STARTS[0]); k++)
			known = known || str_starts(json_str(key), str_c(STARTS[k]));
		if (!known)
			check_report(
			    c, &OPTION, key, NULL, "should be the name of a socket option");
	}
}

/* IANA's names of flow information begin with a small letter. */
static void check_ipfix(struct check *c, yyjson_val *ipfix)
{
	static const struct rule IPFIX = {STIX_SHOULD, "ipfix-name", "6.12"};
	size_t n = yyjson_obj_size(ipfix);
	yyjson_val *key = n ? unsafe_yyjson_get_first(ipfix) : NULL;

	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1)) {
		struct str name = json_str(key);

		if (name.n && (name.p[0] < 'a' || name.p[0] > 'z'))
			check_report(
			    c, &IPFIX, key, NULL, "should be the name of an IPFIX element");
	}
}

static void check_network_traffic(struct check *c, yyjson_val *object)
{
	static const struct rule PORTS = {STIX_SHOULD, "ports", "6.12"};
	yyjson_val *active = get(object, "is_active");
	yyjson_val *extensions = get(object, "extensions");

	if (!get(object, "src_ref") && !get(object, "dst_ref"))
		check_report(c, &NEEDS, object, "src_ref", "src_ref or dst_ref must be present");
	if (get(object, "end") && yyjson_is_true(active))
		check_report(c, &EXCLUDES, active, NULL, "must be false when end is present");
	if (!get(object, "src_port") != !get(object, "dst_port"))
		check_report(c, &PORTS, object, get(object, "src_port") ? "dst_port" : "src_port",
		    "both ports should be present");
	check_ipfix(c, get(object, "ipfix"));
	check_header_names(c, get(get(extensions, "http-request-ext"), "request_header"));
	check_socket_options(c, get(get(extensions, "socket-ext"), "options"));
}

static void check_process(struct check *c, yyjson_val *object)
{
	static const struct rule PRIORITY = {STIX_SHOULD, "priority-form", "6.13.2"};
	yyjson_val *priority =
	    get(get(get(object, "extensions"), "windows-process-ext"), "priority");

	check_some_property(c, object);
	if (yyjson_is_str(priority) && !str_ends(json_str(priority), S("_CLASS")))
		check_report(c, &PRIORITY, priority, NULL, "should end in _CLASS");
}

static void check_registry_key(struct check *c, yyjson_val *object)
{
	static const char *const SHORT[] = {"HKLM", "HKCC", "HKCR", "HKCU", "HKU"};
	struct str key = json_get_str(object, "key");
	struct str hive = str_slice(key, 0, str_find(key, '\\'));

	check_some_property(c, object);
	for (size_t i = 0; i < sizeof(SHORT) / sizeof(SHORT[0]); i++)
		if (str_eq_nocase(hive, str_c(SHORT[i])))
			check_report(c, &FORM, get(object, "key"), NULL,
			    "the hive's name must be written out");
}

static void check_location(struct check *c, yyjson_val *object)
{
	static const struct rule COUNTRY = {STIX_SHOULD, "country", "4.10"};
	bool point = get(object, "latitude") && get(object, "longitude");
	yyjson_val *country = get(object, "country");

	if (!point && !country && !get(object, "region"))
		check_report(c, &NEEDS, object, "region",
		    "region, country, or latitude and longitude must be present");
	if (!get(object, "latitude") != !get(object, "longitude"))
		check_report(c, &NEEDS, object, get(object, "latitude") ? "longitude" : "latitude",
		    "latitude and longitude must be present together");
	if (get(object, "precision") && !point)
		check_report(c, &EXCLUDES, get(object, "precision"), NULL,
		    "must not be present without latitude and longitude");
	if (yyjson_is_str(country) && !country_code(json_str(country)))
		check_report(c, &COUNTRY, country, NULL, "should be an ISO 3166-1 alpha-2 code");
}

static void check_malware(struct check *c, yyjson_val *object)
{
	if (c->v21 && yyjson_is_true(get(object, "is_family")) && !get(object, "name"))
		check_report(c, &NEEDS, object, "name", "must be present for a malware family");
}

static void check_malware_analysis(struct check *c, yyjson_val *object)
{
	if (!get(object, "result") && !get(object, "analysis_sco_refs"))
		check_report(
		    c, &NEEDS, object, "result", "result or analysis_sco_refs must be present");
}

static void check_observed_data(struct check *c, yyjson_val *object)
{
	static const struct rule DEPRECATED = {STIX_SHOULD, "deprecated", "4.14"};
	yyjson_val *objects = get(object, "objects");
	yyjson_val *refs = get(object, "object_refs");

	if (!c->v21)
		return;
	if (!objects && !refs)
		check_report(c, &NEEDS, object, "object_refs", "object_refs must be present");
	if (objects && refs)
		check_report(
		    c, &EXCLUDES, objects, NULL, "must not be present together with object_refs");
	if (objects)
		check_report(c, &DEPRECATED, objects, NULL, "is deprecated, use object_refs");
}

static void check_contents(struct check *c, yyjson_val *key)
{
	static const struct rule LANGUAGE = {STIX_MUST, "language", "7.1"};
	static const struct rule NAME_FORM = {STIX_MUST, "property-name", "7.1"};
	size_t n = yyjson_obj_size(key + 1);
	yyjson_val *name = n ? unsafe_yyjson_get_first(key + 1) : NULL;

	if (!form_language(json_str(key)))
		check_report(c, &LANGUAGE, key, NULL, "must be a language tag (RFC 5646)");
	if (n == 0)
		check_report(c, &FORM, key, NULL, "must be an object that is not empty");
	for (size_t i = 0; i < n; i++, name = unsafe_yyjson_get_next(name + 1))
		if (!form_property_name(json_str(name), c->v21))
			check_report(c, &NAME_FORM, name, NULL, "must be the name of a property");
}

static void check_language_content(struct check *c, yyjson_val *object)
{
	yyjson_val *contents = get(object, "contents");
	size_t n = yyjson_obj_size(contents);
	yyjson_val *key = n ? unsafe_yyjson_get_first(contents) : NULL;

	if (contents && n == 0)
		check_report(c, &FORM, contents, NULL, "must be an object that is not empty");
	for (size_t i = 0; i < n; i++, key = unsafe_yyjson_get_next(key + 1))
		check_contents(c, key);
}

/* Names in patterns are those of object types and properties (section 9.7). */
static void check_pattern_names(struct check *c, yyjson_val *pattern, const struct pattern *parsed)
{
	static const struct rule NAMES = {STIX_MUST, "pattern-name", "9"};

	for (size_t i = 0; i < parsed->count; i++) {
		const struct pattern_test *t = &parsed->tests[i];
		struct str step = t->path;

		step.n = 0;
		while (step.n < t->path.n && t->path.p[step.n] != '.' && t->path.p[step.n] != '[')
			step.n++;
		if (!form_type_name(t->type))
			check_report(c, &NAMES, pattern, NULL,
			    "position %zu: '%.*s' is not a type's name", t->at, STR_ARG(t->type));
		else if (step.n < 3 && !str_eq(step, S("id")))
			check_report(c, &NAMES, pattern, NULL,
			    "position %zu: '%.*s' is not a property's name", t->at, STR_ARG(step));
	}
}

static void check_pattern(struct check *c, yyjson_val *pattern)
{
	static const struct rule SYNTAX = {STIX_MUST, "pattern", "9"};
	struct fault fault = {OK, ""};
	struct pattern parsed;
	enum err rc = pattern_parse(&parsed, c->arena, json_str(pattern),
	    c->v21 ? PATTERN_READ_21 : PATTERN_READ_20, &fault);

	if (rc == ERR_NOMEM)
		c->failed = rc;
	else if (rc != OK)
		check_report(c, &SYNTAX, pattern, NULL, "%s", fault.text);
	else
		check_pattern_names(c, pattern, &parsed);
}

static void check_indicator(struct check *c, yyjson_val *object)
{
	static const struct rule DESCRIBED = {STIX_SHOULD, "name-and-description", "4.7"};
	yyjson_val *pattern = get(object, "pattern");

	if (yyjson_is_str(pattern) &&
	    (!c->v21 || str_eq(json_get_str(object, "pattern_type"), S("stix"))))
		check_pattern(c, pattern);
	if (c->v21 && (!get(object, "name") || !get(object, "description")))
		check_report(c, &DESCRIBED, object, get(object, "name") ? "description" : "name",
		    "name and description should be present");
}

static void check_extension_definition(struct check *c, yyjson_val *object)
{
	static const struct rule DESCRIBED = {STIX_SHOULD, "description", "7.3"};
	static const struct rule PROPERTIES = {STIX_SHOULD, "extension-properties", "7.3"};
	yyjson_val *types = get(object, "extension_types");
	yyjson_val *properties = get(object, "extension_properties");
	size_t n = yyjson_arr_size(types);
	bool toplevel = false;

	for (size_t i = 0; i < n; i++)
		toplevel = toplevel || str_eq(json_str(yyjson_arr_get(types, i)),
		                           S("toplevel-property-extension"));
	if (!get(object, "description"))
		check_report(c, &DESCRIBED, object, "description", "should be present");
	if (toplevel && !properties)
		check_report(c, &PROPERTIES, object, "extension_properties",
		    "should name the properties that the extension adds");
	if (!toplevel && properties)
		check_report(c, &EXCLUDES, properties, NULL,
		    "must not be present without the type toplevel-property-extension");
}

typedef void (*type_fn)(struct check *c, yyjson_val *object);

static const type_fn TYPE_CHECKS[STIX_TYPES] = {
    [STIX_TYPE_INDICATOR] = check_indicator,
    [STIX_TYPE_LOCATION] = check_location,
    [STIX_TYPE_MALWARE] = check_malware,
    [STIX_TYPE_MALWARE_ANALYSIS] = check_malware_analysis,
    [STIX_TYPE_OBSERVED_DATA] = check_observed_data,
    [STIX_TYPE_RELATIONSHIP] = check_relationship,
    [STIX_TYPE_SIGHTING] = check_relationship,
    [STIX_TYPE_ARTIFACT] = check_artifact,
    [STIX_TYPE_DOMAIN_NAME] = check_domain,
    [STIX_TYPE_EMAIL_ADDR] = check_email_addr,
    [STIX_TYPE_EMAIL_MESSAGE] = check_email_message,
    [STIX_TYPE_FILE] = check_file,
    [STIX_TYPE_IPV4_ADDR] = check_address,
    [STIX_TYPE_IPV6_ADDR] = check_address,
    [STIX_TYPE_MAC_ADDR] = check_mac,
    [STIX_TYPE_NETWORK_TRAFFIC] = check_network_traffic,
    [STIX_TYPE_PROCESS] = check_process,
    [STIX_TYPE_SOFTWARE] = check_software,
    [STIX_TYPE_URL] = check_url,
    [STIX_TYPE_USER_ACCOUNT] = check_some_property,
    [STIX_TYPE_WINDOWS_REGISTRY_KEY] = check_registry_key,
    [STIX_TYPE_X509_CERTIFICATE] = check_some_property,
    [STIX_TYPE_EXTENSION_DEFINITION] = check_extension_definition,
    [STIX_TYPE_LANGUAGE_CONTENT] = check_language_content,
    [STIX_TYPE_MARKING_DEFINITION] = check_marking_definition,
};

void check_type(struct check *c, yyjson_val *object)
{
	check_orders(c, object);
	if (TYPE_CHECKS[c->type])
		TYPE_CHECKS[c->type](c, object);
}
