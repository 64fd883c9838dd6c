/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of objects that have properties of their own, and the predefined extensions of observables:
 * STIX 2.1 sections 2, 6 and 7.2. */
#include "stix/property.h"
#include "stix/property_rows.h"

#define COUNT(text) RANGE(text, INT, 0, 0, INT_MAX_STIX)
#define PART_NAMED(text, list) {text, list, sizeof(list) / sizeof((list)[0])}

static const struct property EXTERNAL_REFERENCE[] = {
    P("source_name", STRING, R),
    P("description", STRING, 0),
    P("url", LINK, 0),
    P("hashes", HASHES, 0),
    P("external_id", STRING, 0),
};
const struct part PART_EXTERNAL_REFERENCE = PART_NAMED("external-reference", EXTERNAL_REFERENCE);

static const struct property KILL_CHAIN_PHASE[] = {
    P("kill_chain_name", SLUG, R),
    P("phase_name", SLUG, R),
};
const struct part PART_KILL_CHAIN_PHASE = PART_NAMED("kill-chain-phase", KILL_CHAIN_PHASE);

static const struct property GRANULAR_MARKING[] = {
    P("lang", LANG, N21),
    REF("marking_ref", 0, TARGET(MARKING_DEFINITION)),
    P("selectors", STRING, L | R),
};
const struct part PART_GRANULAR_MARKING = PART_NAMED("granular-marking", GRANULAR_MARKING);

static const struct property MIME_PART[] = {
    P("body", STRING, 0),
    REF("body_raw_ref", 0, TARGET(ARTIFACT) | TARGET(FILE)),
    P("content_type", STRING, 0),
    P("content_disposition", STRING, 0),
};
const struct part PART_MIME_PART = PART_NAMED("mime-part", MIME_PART);

static const struct property REGISTRY_VALUE[] = {
    P("name", STRING, 0),
    P("data", STRING, 0),
    VOCABULARY("data_type", ENUM, 0, WINDOWS_REGISTRY_DATATYPE),
};
const struct part PART_REGISTRY_VALUE = PART_NAMED("windows-registry-value", REGISTRY_VALUE);

static const struct property X509_V3[] = {
    P("basic_constraints", STRING, 0),
    P("name_constraints", STRING, 0),
    P("policy_constraints", STRING, 0),
    P("key_usage", STRING, 0),
    P("extended_key_usage", STRING, 0),
    P("subject_key_identifier", STRING, 0),
    P("authority_key_identifier", STRING, 0),
    P("subject_alternative_name", STRING, 0),
    P("issuer_alternative_name", STRING, 0),
    P("subject_directory_attributes", STRING, 0),
    P("crl_distribution_points", STRING, 0),
    P("inhibit_any_policy", STRING, 0),
    P("private_key_usage_period_not_before", TIME, 0),
    P("private_key_usage_period_not_after", TIME, 0),
    P("certificate_policies", STRING, 0),
    P("policy_mappings", STRING, 0),
};
const struct part PART_X509_V3 = PART_NAMED("x509-v3-extensions", X509_V3);

static const struct property ARCHIVE[] = {
    REF("contains_refs", L | R, TARGET(FILE) | TARGET(DIRECTORY)),
    P("version", STRING, N20),
    P("comment", STRING, 0),
};
static const struct part PART_ARCHIVE = PART_NAMED("archive-ext", ARCHIVE);

static const struct property STREAM[] = {
    P("name", STRING, R),
    P("hashes", HASHES, 0),
    COUNT("size"),
};
static const struct part PART_STREAM = PART_NAMED("alternate-data-stream", STREAM);

static const struct property NTFS[] = {
    P("sid", STRING, 0),
    PARTS("alternate_data_streams", L, &PART_STREAM),
};
static const struct part PART_NTFS = PART_NAMED("ntfs-ext", NTFS);

static const struct property PDF[] = {
    P("version", STRING, 0),
    P("is_optimized", BOOL, 0),
    VOCABULARY("document_info_dict", DICT, 0, PDF_INFO),
    P("pdfid0", STRING, 0),
    P("pdfid1", STRING, 0),
};
static const struct part PART_PDF = PART_NAMED("pdf-ext", PDF);

static const struct property RASTER_IMAGE[] = {
    COUNT("image_height"),
    COUNT("image_width"),
    COUNT("bits_per_pixel"),
    P("image_compression_algorithm", STRING, N20),
    P("exif_tags", DICT, 0),
};
static const struct part PART_RASTER_IMAGE = PART_NAMED("raster-image-ext", RASTER_IMAGE);

static const struct property PE_OPTIONAL_HEADER[] = {
    P("magic_hex", HEX, 0),
    P("major_linker_version", INT, 0),
    P("minor_linker_version", INT, 0),
    COUNT("size_of_code"),
    COUNT("size_of_initialized_data"),
    COUNT("size_of_uninitialized_data"),
    P("address_of_entry_point", INT, 0),
    P("base_of_code", INT, 0),
    P("base_of_data", INT, 0),
    P("image_base", INT, 0),
    P("section_alignment", INT, 0),
    P("file_alignment", INT, 0),
    P("major_os_version", INT, 0),
    P("minor_os_version", INT, 0),
    P("major_image_version", INT, 0),
    P("minor_image_version", INT, 0),
    P("major_subsystem_version", INT, 0),
    P("minor_subsystem_version", INT, 0),
    P("win32_version_value_hex", HEX, 0),
    COUNT("size_of_image"),
    COUNT("size_of_headers"),
    P("checksum_hex", HEX, 0),
    P("dll_characteristics_hex", HEX, 0),
    P("subsystem_hex", HEX, 0),
    COUNT("size_of_stack_reserve"),
    COUNT("size_of_stack_commit"),
    COUNT("size_of_heap_reserve"),
    COUNT("size_of_heap_commit"),
    P("loader_flags_hex", HEX, 0),
    P("number_of_rva_and_sizes", INT, 0),
    P("hashes", HASHES, 0),
};
static const struct part PART_PE_OPTIONAL =
    PART_NAMED("windows-pe-optional-header", PE_OPTIONAL_HEADER);

static const struct property PE_SECTION[] = {
    P("name", STRING, R),
    COUNT("size"),
    P("entropy", FLOAT, 0),
    P("hashes", HASHES, 0),
};
static const struct part PART_PE_SECTION = PART_NAMED("windows-pe-section", PE_SECTION);

static const struct property PE_BINARY[] = {
    VOCABULARY("pe_type", OPEN, R, WINDOWS_PEBINARY_TYPE),
    P("imphash", STRING, 0),
    P("machine_hex", HEX, 0),
    COUNT("number_of_sections"),
    P("time_date_stamp", TIME, 0),
    P("pointer_to_symbol_table_hex", HEX, 0),
    COUNT("number_of_symbols"),
    COUNT("size_of_optional_header"),
    P("characteristics_hex", HEX, 0),
    P("file_header_hashes", HASHES, 0),
    PARTS("optional_header", 0, &PART_PE_OPTIONAL),
    PARTS("sections", L, &PART_PE_SECTION),
};
static const struct part PART_PE_BINARY = PART_NAMED("windows-pebinary-ext", PE_BINARY);

static const struct property HTTP_REQUEST[] = {
    P("request_method", STRING, R),
    P("request_value", STRING, R),
    P("request_version", STRING, 0),
    P("request_header", DICT, 0),
    COUNT("message_body_length"),
    REF("message_body_data_ref", 0, TARGET(ARTIFACT)),
};
static const struct part PART_HTTP_REQUEST = PART_NAMED("http-request-ext", HTTP_REQUEST);

static const struct property ICMP[] = {
    P("icmp_type_hex", HEX, R),
    P("icmp_code_hex", HEX, R),
};
static const struct part PART_ICMP = PART_NAMED("icmp-ext", ICMP);

static const struct property SOCKET[] = {
    VOCABULARY("address_family", ENUM, R, NETWORK_SOCKET_ADDRESS_FAMILY),
    P("is_blocking", BOOL, 0),
    P("is_listening", BOOL, 0),
    P("protocol_family", STRING, N20),
    P("options", DICT, 0),
    VOCABULARY("socket_type", ENUM, 0, NETWORK_SOCKET_TYPE),
    RANGE("socket_descriptor", INT, 0, 0, INT_MAX_STIX),
    COUNT("socket_handle"),
};
static const struct part PART_SOCKET = PART_NAMED("socket-ext", SOCKET);

static const struct property TCP[] = {
    P("src_flags_hex", HEX, 0),
    P("dst_flags_hex", HEX, 0),
};
static const struct part PART_TCP = PART_NAMED("tcp-ext", TCP);

static const struct property WINDOWS_PROCESS[] = {
    P("aslr_enabled", BOOL, 0),
    P("dep_enabled", BOOL, 0),
    P("priority", STRING, 0),
    P("owner_sid", STRING, 0),
    P("window_title", STRING, 0),
    P("startup_info", DICT, 0),
    VOCABULARY("integrity_level", ENUM, 0, WINDOWS_INTEGRITY_LEVEL),
};
static const struct part PART_WINDOWS_PROCESS = PART_NAMED("windows-process-ext", WINDOWS_PROCESS);

static const struct property WINDOWS_SERVICE[] = {
    P("service_name", STRING, R20),
    P("descriptions", STRING, L),
    P("display_name", STRING, 0),
    P("group_name", STRING, 0),
    VOCABULARY("start_type", ENUM, 0, WINDOWS_SERVICE_START_TYPE),
    REF("service_dll_refs", L, TARGET(FILE)),
    VOCABULARY("service_type", ENUM, 0, WINDOWS_SERVICE_TYPE),
    VOCABULARY("service_status", ENUM, 0, WINDOWS_SERVICE_STATUS),
};
static const struct part PART_WINDOWS_SERVICE = PART_NAMED("windows-service-ext", WINDOWS_SERVICE);

static const struct property UNIX_ACCOUNT[] = {
    P("gid", INT, 0),
    P("groups", STRING, L),
    P("home_dir", STRING, 0),
    P("shell", STRING, 0),
};
static const struct part PART_UNIX_ACCOUNT = PART_NAMED("unix-account-ext", UNIX_ACCOUNT);

const struct extension EXTENSIONS[] = {
    {"archive-ext", STIX_TYPE_FILE, &PART_ARCHIVE},
    {"ntfs-ext", STIX_TYPE_FILE, &PART_NTFS},
    {"pdf-ext", STIX_TYPE_FILE, &PART_PDF},
    {"raster-image-ext", STIX_TYPE_FILE, &PART_RASTER_IMAGE},
    {"windows-pebinary-ext", STIX_TYPE_FILE, &PART_PE_BINARY},
    {"http-request-ext", STIX_TYPE_NETWORK_TRAFFIC, &PART_HTTP_REQUEST},
    {"icmp-ext", STIX_TYPE_NETWORK_TRAFFIC, &PART_ICMP},
    {"socket-ext", STIX_TYPE_NETWORK_TRAFFIC, &PART_SOCKET},
    {"tcp-ext", STIX_TYPE_NETWORK_TRAFFIC, &PART_TCP},
    {"windows-process-ext", STIX_TYPE_PROCESS, &PART_WINDOWS_PROCESS},
    {"windows-service-ext", STIX_TYPE_PROCESS, &PART_WINDOWS_SERVICE},
    {"unix-account-ext", STIX_TYPE_USER_ACCOUNT, &PART_UNIX_ACCOUNT},
};
const size_t EXTENSION_COUNT = sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0]);
