/* SPDX-License-Identifier: Apache-2.0 */
/* Data markings of an object: which marking-definitions it and its parts refer to, and what TLP
 * level a marking id or a marking-definition means (TLP 1 and 2.0, by their fixed ids only). */
#pragma once

#include "stix/object.h"

/* Ordered: a higher value is more restrictive. */
enum tlp {
	TLP_NONE, /* no TLP marking present (not: unknown) */
	TLP_CLEAR,
	TLP_GREEN,
	TLP_AMBER,
	TLP_AMBER_STRICT,
	TLP_RED,
	TLP_UNKNOWN, /* a marking that cannot be read: more restrictive than all */
};

enum tlp tlp_of_marking_id(struct str id); /* TLP_UNKNOWN when not one of the fixed ids */
/* "TLP:AMBER+STRICT", "amber+strict", "TLP:WHITE" ...; TLP_UNKNOWN otherwise. */
enum tlp tlp_of_name(struct str name);
struct str tlp_name(enum tlp t);       /* "TLP:AMBER+STRICT"; "TLP:RED" for TLP_UNKNOWN */
struct str tlp_marking_id(enum tlp t); /* TLP 2.0 id; STR_NONE for NONE and UNKNOWN */

/* The strictest TLP level over object_marking_refs and every granular marking, TLP_NONE when there
 * is none; every other marking-definition is handed to `other`. */
typedef void (*marking_ref_fn)(void *ctx, struct str id);
enum tlp stix_object_markings(const struct stix_object *o, marking_ref_fn other, void *ctx);

/* The strictest over object_marking_refs and every granular marking. TLP_NONE when it has none;
 * any marking-definition that is not TLP counts as TLP_UNKNOWN. The unmarked marking-definitions of
 * TLP itself are TLP_CLEAR: who may read a label may read what it means. */
enum tlp stix_object_tlp(const struct stix_object *o);
