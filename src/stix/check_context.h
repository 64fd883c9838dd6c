/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the validation share: the object under check, how a finding is put down, and
 * the steps that stix/check.c takes in turn. Not for other modules. */
#pragma once

#include "stix/check.h"
#include "stix/property.h"

struct check {
	struct arena *arena;
	struct stix_findings *out;
	size_t cap;
	enum err failed; /* ERR_NOMEM sticks */
	const struct stix_object *o;
	enum stix_type_id type; /* of the object, or of the embedded observable under check */
	bool v21;
	bool free_properties;    /* an extension of the object adds properties at its top */
	bool typed_by_extension; /* an extension defines the object's type */
	bool observable;         /* ... as that of an observable */
	yyjson_val *observables; /* STIX 2.0: where the references of embedded ones lead */
};

struct rule {
	enum stix_level level;
	const char *name;
	const char *section; /* of STIX 2.1; NULL for the type's own */
};

/* Puts a finding down at `where` (NULL: the object), or at its missing member `member`. */
void check_report(struct check *c, const struct rule *rule, yyjson_val *where, const char *member,
    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* All members of an object against one or two tables (own may be NULL). */
void check_members(struct check *c, yyjson_val *object, const struct part *common,
    const struct part *own, bool top);
/* One value against what its property says. */
void check_value(struct check *c, const struct property *p, yyjson_val *value);
void check_extensions(struct check *c, yyjson_val *extensions);
/* Reads what the extensions say of the object before the object is checked. */
void check_extensions_read(struct check *c, yyjson_val *extensions);
void check_observables(struct check *c, yyjson_val *objects);
/* Observables inside observed-data are checked as objects of their own. */
void check_embedded(struct check *c, yyjson_val *object);
/* Conditions between the properties of one type. */
void check_type(struct check *c, yyjson_val *object);
void check_markings(struct check *c, yyjson_val *object);
void check_marking_definition(struct check *c, yyjson_val *object);
void check_relationship(struct check *c, yyjson_val *object);
void check_identifier(struct check *c, yyjson_val *object);
void check_external_reference(struct check *c, yyjson_val *reference);

/* Forms of text that more than one check asks for. */
bool form_property_name(struct str name, bool v21);
bool form_type_name(struct str name);
bool form_language(struct str tag);
/* scheme ":" and something after it. */
bool form_link(struct str text);
/* ... without the characters that RFC 3986 leaves out. */
bool form_uri(struct str text);
/* The form of IANA's registered names; the registries themselves are not part of the program. */
bool form_mime(struct str text);
bool form_charset(struct str text);
