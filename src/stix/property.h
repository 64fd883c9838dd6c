/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of properties, parts, extensions and vocabularies look like; stix/check.c reads
 * them. Data only, from STIX 2.1 (OASIS Standard, Errata 01) and 2.0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "stix/type.h"

enum property_kind {
	KIND_ANY,
	KIND_STRING,
	KIND_BOOL,
	KIND_INT,   /* low..high when high > low */
	KIND_FLOAT, /* likewise */
	KIND_TIME,
	KIND_TYPE,
	KIND_SPEC,
	KIND_ID,
	KIND_REF, /* `targets` */
	KIND_HEX,
	KIND_BASE64,
	KIND_URI,
	KIND_LINK, /* a URI for people: odd characters in it are only discouraged */
	KIND_LANG,
	KIND_MIME,
	KIND_CHARSET,
	KIND_ENUM, /* `words`: MUST */
	KIND_OPEN, /* `words`: SHOULD */
	KIND_HASHES,
	KIND_DICT,        /* `words`, when there are any, are the keys it SHOULD have */
	KIND_PART,        /* `part` */
	KIND_EXTENSIONS,  /* by name or extension-definition */
	KIND_OBSERVABLES, /* STIX 2.0: objects by key */
	KIND_SLUG,        /* lower case with hyphens: SHOULD */
	KIND_KINDS,
};

enum property_flag {
	FLAG_LIST = 1,
	FLAG_REQUIRED_20 = 2,
	FLAG_REQUIRED_21 = 4,
	FLAG_ONLY_20 = 8,
	FLAG_ONLY_21 = 16,
	FLAG_MILLIS = 32,       /* of times: at least three digits of fraction */
	FLAG_MAY_BE_EMPTY = 64, /* of lists and dictionaries */
	FLAG_REQUIRED = FLAG_REQUIRED_20 | FLAG_REQUIRED_21,
};

struct words {
	const char *const *list;
	size_t count;
};

struct property;

/* A table of properties: a type's own, or a part's. */
struct part {
	const char *name;
	const struct property *list;
	size_t count;
};

struct property {
	struct str name;
	enum property_kind kind;
	unsigned flags;
	uint64_t targets; /* of references: bits by enum stix_type_id */
	const struct words *words;
	const struct part *part;
	int64_t low;
	int64_t high;
};

#define NAME(text) {(text), sizeof(text) - 1}
#define TARGET(type) (UINT64_C(1) << (STIX_TYPE_##type))
#define TARGET_ANY UINT64_MAX
#define TARGET_SCOS                                                                                \
	(((UINT64_C(1) << (STIX_TYPE_X509_CERTIFICATE + 1)) - 1) & ~(TARGET(ARTIFACT) - 1))
#define PART_OF(list) {NULL, list, sizeof(list) / sizeof((list)[0])}

/* The properties of a type beyond the common ones; none for a custom type. */
const struct part *property_table(enum stix_type_id type);
/* The part of property_table that knows observables. */
const struct part *property_table_sco(enum stix_type_id type);
/* The common ones of its class; `embedded` is an observable inside STIX 2.0 observed-data. */
const struct part *property_common(enum stix_type_id type, bool embedded);

struct extension {
	const char *name; /* "ntfs-ext" */
	enum stix_type_id type;
	const struct part *part;
};

extern const struct extension EXTENSIONS[];
extern const size_t EXTENSION_COUNT;

/* Parts and vocabularies that several tables use. */
extern const struct part PART_EXTERNAL_REFERENCE;
extern const struct part PART_KILL_CHAIN_PHASE;
extern const struct part PART_GRANULAR_MARKING;
extern const struct part PART_MIME_PART;
extern const struct part PART_REGISTRY_VALUE;
extern const struct part PART_X509_V3;

#define WORDS_LIST                                                                                 \
	X(ATTACK_MOTIVATION)                                                                       \
	X(ATTACK_RESOURCE_LEVEL)                                                                   \
	X(ACCOUNT_TYPE)                                                                            \
	X(COURSE_OF_ACTION_TYPE)                                                                   \
	X(ENCRYPTION_ALGORITHM)                                                                    \
	X(EXTENSION_TYPE)                                                                          \
	X(GROUPING_CONTEXT)                                                                        \
	X(HASH_ALGORITHM_21)                                                                       \
	X(HASH_ALGORITHM_20)                                                                       \
	X(IDENTITY_CLASS)                                                                          \
	X(IMPLEMENTATION_LANGUAGE)                                                                 \
	X(INDICATOR_TYPE)                                                                          \
	X(INDUSTRY_SECTOR)                                                                         \
	X(INFRASTRUCTURE_TYPE)                                                                     \
	X(MALWARE_CAPABILITIES)                                                                    \
	X(MALWARE_RESULT)                                                                          \
	X(MALWARE_TYPE)                                                                            \
	X(NETWORK_SOCKET_ADDRESS_FAMILY)                                                           \
	X(NETWORK_SOCKET_TYPE)                                                                     \
	X(OPINION)                                                                                 \
	X(PATTERN_TYPE)                                                                            \
	X(PDF_INFO)                                                                                \
	X(PROCESSOR_ARCHITECTURE)                                                                  \
	X(REGION)                                                                                  \
	X(REPORT_TYPE)                                                                             \
	X(THREAT_ACTOR_TYPE)                                                                       \
	X(THREAT_ACTOR_ROLE)                                                                       \
	X(THREAT_ACTOR_SOPHISTICATION)                                                             \
	X(TOOL_TYPE)                                                                               \
	X(WINDOWS_INTEGRITY_LEVEL)                                                                 \
	X(WINDOWS_PEBINARY_TYPE)                                                                   \
	X(WINDOWS_REGISTRY_DATATYPE)                                                               \
	X(WINDOWS_SERVICE_START_TYPE)                                                              \
	X(WINDOWS_SERVICE_TYPE)                                                                    \
	X(WINDOWS_SERVICE_STATUS)

#define X(name) extern const struct words WORDS_##name;
WORDS_LIST
#undef X

bool words_have(const struct words *w, struct str word);
/* ISO 3166-1 alpha-2, in either case. */
bool country_code(struct str code);
