/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes of what operations answer, as tables: name, fields, which are always there. The
 * OpenAPI file and the UI's types come from these rows, and a test holds every answer against
 * them. Data only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum field_type {
	TYPE_TEXT,
	TYPE_INT, /* exact up to 2^53 */
	TYPE_REAL,
	TYPE_BOOL,
	TYPE_TIME,   /* RFC 3339, UTC, six digits */
	TYPE_ID,     /* a STIX identifier */
	TYPE_HEX,    /* lower case */
	TYPE_OBJECT, /* a STIX object as it was received */
	TYPE_SCHEMA, /* one of the schema named by `of` */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	bool list;                 /* a list of such values */
	const char *of;            /* TYPE_SCHEMA: its name */
	const char *const *values; /* the words allowed, ends with NULL; NULL: any */
	const char *help;
};

struct schema {
	const char *name;
	const struct field *fields;
	size_t count;
	const char *help;
};

extern const struct schema SCHEMAS[];
extern const size_t SCHEMA_COUNT;

const struct schema *schema_of_name(struct str name); /* NULL when there is none */

/* Word lists that parameters and fields share. Each ends with NULL. */
extern const char *const WORDS_ROLE[];
extern const char *const WORDS_TLP[];
extern const char *const WORDS_FORMAT[];
extern const char *const WORDS_COMMUNITY_KIND[];
extern const char *const WORDS_PILLAR_DIRECTION[];
