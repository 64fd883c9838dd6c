/* SPDX-License-Identifier: Apache-2.0 */
/* The label that a marking-definition gives through the property extension `tocsin-label`, which
 * doc/labels.md publishes. Pure, over a parsed object. */
#pragma once

#include <yyjson.h>

#include "policy/label.h"

#define TOCSIN_LABEL_EXTENSION "extension-definition--7b055d49-951e-5011-9e23-007237a6e63e"

/* What one marking adds to an object. */
struct marking {
	struct label label;
	bool has_tlp; /* without: the label's is TLP_CLEAR, which restricts nothing */
};

/* Whether the object carries the extension at all. */
bool marking_is_ours(yyjson_val *object);
/* ERR_NOT_FOUND when it does not carry the extension. ERR_LIMIT when it names more than a label has
 * room for, with the reason. Anything in it that is not understood gives the most restrictive
 * label. */
MUST_USE enum err marking_read(struct marking *out, yyjson_val *object, struct fault *fault);
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
