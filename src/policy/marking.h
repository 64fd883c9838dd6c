/* SPDX-License-Identifier: Apache-2.0 */
/* The label that a marking-definition gives: through the property extension `tocsin-label`, which
 * doc/labels.md publishes, or in words of others (marking_others.c). Pure, over a parsed object. */
#pragma once

#include <yyjson.h>

#include "policy/label.h"

#define TOCSIN_LABEL_EXTENSION "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"

/* What one marking adds to an object. */
struct marking {
	struct label label;
	bool has_tlp; /* without: the label's is TLP_CLEAR, which restricts nothing */
};

/* Whether a text may have a definition that marking_read() understands: spares parsing it. */
bool marking_may_stand(struct str text);
/* ERR_NOT_FOUND when it is no definition of a kind that is understood. ERR_LIMIT when it names more
 * than a label has room for, with the reason. One of a kind that is understood with anything in it
 * that is not gives the most restrictive label. */
MUST_USE enum err marking_read(struct marking *out, yyjson_val *object, struct fault *fault);
/* Of one that everybody knows by its id (TLP's are stix/marking.h's); false: it is none. */
bool marking_well_known(struct marking *out, struct str id);
/* What the labels of an object, any object, say: tags like PAP:RED. */
struct marking marking_of_labels(yyjson_val *object);
/* Parts of marking_read(): an extension of others; the older form, statements among it. */
bool marking_of_extension(struct marking *out, struct str id, yyjson_val *extension);
bool marking_of_definition(struct marking *out, yyjson_val *object);
/* Whether it is a statement and nothing else (STIX 2.1 section 7.2.1.3): terms of use, a copyright,
 * which restrict nobody's sight. */
bool marking_is_statement(yyjson_val *object);
/* Both on one object. */
struct marking marking_join(const struct marking *a, const struct marking *b);
/* What says nothing and restricts nothing. */
struct marking marking_nothing(void);
/* One that cannot be understood. */
struct marking marking_unknown(void);
/* The object's label: without a level of its own it takes the default's. */
struct label marking_settle(const struct marking *m, const struct label *fallback);
