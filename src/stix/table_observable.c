/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of cyber-observable objects, of their parts and predefined extensions: STIX 2.1
 * section 6, STIX 2.0 parts 3 and 4. */
#include "stix/property.h"
#include "stix/property_rows.h"

#define ADDRESS                                                                                    \
	(TARGET(IPV4_ADDR) | TARGET(IPV6_ADDR) | TARGET(MAC_ADDR) | TARGET(DOMAIN_NAME) |          \
	    TARGET(CUSTOM))
#define COUNT(text) RANGE(text, INT, 0, 0, INT_MAX_STIX)

static const struct property ARTIFACT[] = {
    P("mime_type", MIME, 0),
    P("payload_bin", BASE64, 0),
    P("url", URI, 0),
    P("hashes", HASHES, 0),
    VOCABULARY("encryption_algorithm", ENUM, N21, ENCRYPTION_ALGORITHM),
    P("decryption_key", STRING, N21),
};

static const struct property AUTONOMOUS_SYSTEM[] = {
    RANGE("number", INT, R, 0, INT_MAX_STIX),
    P("name", STRING, 0),
    P("rir", STRING, 0),
};

static const struct property DIRECTORY[] = {
    P("path", STRING, R),
    P("path_enc", CHARSET, 0),
    P("ctime", TIME, 0),
    P("mtime", TIME, 0),
    P("atime", TIME, 0),
    P("created", TIME, N20),
    P("modified", TIME, N20),
    P("accessed", TIME, N20),
    REF("contains_refs", L, TARGET(FILE) | TARGET(DIRECTORY)),
};

static const struct property DOMAIN_NAME[] = {
    P("value", STRING, R),
    REF("resolves_to_refs", L, TARGET(IPV4_ADDR) | TARGET(IPV6_ADDR) | TARGET(DOMAIN_NAME)),
};

static const struct property EMAIL_ADDR[] = {
    P("value", STRING, R),
    P("display_name", STRING, 0),
    REF("belongs_to_ref", 0, TARGET(USER_ACCOUNT)),
};

static const struct property EMAIL_MESSAGE[] = {
    P("is_multipart", BOOL, R),
    P("date", TIME, 0),
    P("content_type", STRING, 0),
    REF("from_ref", 0, TARGET(EMAIL_ADDR)),
    REF("sender_ref", 0, TARGET(EMAIL_ADDR)),
    REF("to_refs", L, TARGET(EMAIL_ADDR)),
    REF("cc_refs", L, TARGET(EMAIL_ADDR)),
    REF("bcc_refs", L, TARGET(EMAIL_ADDR)),
    P("message_id", STRING, 0),
    P("subject", STRING, 0),
    P("received_lines", STRING, L),
    P("additional_header_fields", DICT, 0),
    P("body", STRING, 0),
    PARTS("body_multipart", L, &PART_MIME_PART),
    REF("raw_email_ref", 0, TARGET(ARTIFACT)),
};

static const struct property FILE_ROWS[] = {
    P("hashes", HASHES, 0),
    COUNT("size"),
    P("name", STRING, 0),
    P("name_enc", CHARSET, 0),
    P("magic_number_hex", HEX, 0),
    P("mime_type", STRING, 0),
    P("ctime", TIME, 0),
    P("mtime", TIME, 0),
    P("atime", TIME, 0),
    P("created", TIME, N20),
    P("modified", TIME, N20),
    P("accessed", TIME, N20),
    P("is_encrypted", BOOL, N20),
    P("encryption_algorithm", STRING, N20),
    P("decryption_key", STRING, N20),
    REF("parent_directory_ref", 0, TARGET(DIRECTORY)),
    REF("contains_refs", L, TARGET_ANY),
    REF("content_ref", 0, TARGET(ARTIFACT)),
};

static const struct property IP_ADDR[] = {
    P("value", STRING, R),
    REF("resolves_to_refs", L, TARGET(MAC_ADDR)),
    REF("belongs_to_refs", L, TARGET(AUTONOMOUS_SYSTEM)),
};

static const struct property VALUE_ONLY[] = {
    P("value", STRING, R),
};

static const struct property MUTEX[] = {
    P("name", STRING, R),
};

static const struct property NETWORK_TRAFFIC[] = {
    P("start", TIME, 0),
    P("end", TIME, 0),
    P("is_active", BOOL, 0),
    REF("src_ref", 0, ADDRESS),
    REF("dst_ref", 0, ADDRESS),
    RANGE("src_port", INT, 0, 0, 65535),
    RANGE("dst_port", INT, 0, 0, 65535),
    P("protocols", STRING, L | R),
    COUNT("src_byte_count"),
    COUNT("dst_byte_count"),
    COUNT("src_packets"),
    COUNT("dst_packets"),
    P("ipfix", DICT, 0),
    REF("src_payload_ref", 0, TARGET(ARTIFACT)),
    REF("dst_payload_ref", 0, TARGET(ARTIFACT)),
    REF("encapsulates_refs", L, TARGET(NETWORK_TRAFFIC)),
    REF("encapsulated_by_ref", 0, TARGET(NETWORK_TRAFFIC)),
};

static const struct property PROCESS[] = {
    P("is_hidden", BOOL, 0),
    COUNT("pid"),
    P("created_time", TIME, 0),
    P("created", TIME, N20),
    P("name", STRING, N20),
    P("arguments", STRING, L | N20),
    P("cwd", STRING, 0),
    P("command_line", STRING, 0),
    P("environment_variables", DICT, 0),
    REF("opened_connection_refs", L, TARGET(NETWORK_TRAFFIC)),
    REF("creator_user_ref", 0, TARGET(USER_ACCOUNT)),
    REF("image_ref", 0, TARGET(FILE)),
    REF("binary_ref", N20, TARGET(FILE)),
    REF("parent_ref", 0, TARGET(PROCESS)),
    REF("child_refs", L, TARGET(PROCESS)),
};

static const struct property SOFTWARE[] = {
    P("name", STRING, R),
    P("cpe", STRING, 0),
    P("swid", STRING, 0),
    P("languages", LANG, L),
    P("vendor", STRING, 0),
    P("version", STRING, 0),
};

static const struct property USER_ACCOUNT[] = {
    P("user_id", STRING, 0),
    P("credential", STRING, 0),
    P("account_login", STRING, 0),
    VOCABULARY("account_type", OPEN, 0, ACCOUNT_TYPE),
    P("display_name", STRING, 0),
    P("is_service_account", BOOL, 0),
    P("is_privileged", BOOL, 0),
    P("can_escalate_privs", BOOL, 0),
    P("is_disabled", BOOL, 0),
    P("account_created", TIME, 0),
    P("account_expires", TIME, 0),
    P("credential_last_changed", TIME, 0),
    P("password_last_changed", TIME, N20),
    P("account_first_login", TIME, 0),
    P("account_last_login", TIME, 0),
};

static const struct property WINDOWS_REGISTRY_KEY[] = {
    P("key", STRING, R20),
    PARTS("values", L, &PART_REGISTRY_VALUE),
    P("modified_time", TIME, 0),
    P("modified", TIME, N20),
    REF("creator_user_ref", 0, TARGET(USER_ACCOUNT)),
    COUNT("number_of_subkeys"),
};

static const struct property X509_CERTIFICATE[] = {
    P("is_self_signed", BOOL, 0),
    P("hashes", HASHES, 0),
    P("version", STRING, 0),
    P("serial_number", STRING, 0),
    P("signature_algorithm", STRING, 0),
    P("issuer", STRING, 0),
    P("validity_not_before", TIME, 0),
    P("validity_not_after", TIME, 0),
    P("subject", STRING, 0),
    P("subject_public_key_algorithm", STRING, 0),
    P("subject_public_key_modulus", STRING, 0),
    COUNT("subject_public_key_exponent"),
    PARTS("x509_v3_extensions", 0, &PART_X509_V3),
};

static const struct part TABLES[STIX_TYPES] = {
    [STIX_TYPE_ARTIFACT] = PART_OF(ARTIFACT),
    [STIX_TYPE_AUTONOMOUS_SYSTEM] = PART_OF(AUTONOMOUS_SYSTEM),
    [STIX_TYPE_DIRECTORY] = PART_OF(DIRECTORY),
    [STIX_TYPE_DOMAIN_NAME] = PART_OF(DOMAIN_NAME),
    [STIX_TYPE_EMAIL_ADDR] = PART_OF(EMAIL_ADDR),
    [STIX_TYPE_EMAIL_MESSAGE] = PART_OF(EMAIL_MESSAGE),
    [STIX_TYPE_FILE] = PART_OF(FILE_ROWS),
    [STIX_TYPE_IPV4_ADDR] = PART_OF(IP_ADDR),
    [STIX_TYPE_IPV6_ADDR] = PART_OF(IP_ADDR),
    [STIX_TYPE_MAC_ADDR] = PART_OF(VALUE_ONLY),
    [STIX_TYPE_MUTEX] = PART_OF(MUTEX),
    [STIX_TYPE_NETWORK_TRAFFIC] = PART_OF(NETWORK_TRAFFIC),
    [STIX_TYPE_PROCESS] = PART_OF(PROCESS),
    [STIX_TYPE_SOFTWARE] = PART_OF(SOFTWARE),
    [STIX_TYPE_URL] = PART_OF(VALUE_ONLY),
    [STIX_TYPE_USER_ACCOUNT] = PART_OF(USER_ACCOUNT),
    [STIX_TYPE_WINDOWS_REGISTRY_KEY] = PART_OF(WINDOWS_REGISTRY_KEY),
    [STIX_TYPE_X509_CERTIFICATE] = PART_OF(X509_CERTIFICATE),
};

const struct part *property_table_sco(enum stix_type_id type)
{
	return &TABLES[type];
}
