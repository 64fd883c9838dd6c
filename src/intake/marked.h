/* SPDX-License-Identifier: Apache-2.0 */
/* Labels out of the markings of a submission: what its own marking-definitions say, wherever in it
 * they stand, joined with what the ledger says of the same ids. Intake does the first, core the
 * second, so that a definition sent again never lowers what an earlier one said. Private to
 * intake/. */
#pragma once

#include "intake/foreign.h"
#include "policy/marking.h"
#include "stix/object.h"
#include "store/store.h"

enum { MARKED_DEFINITIONS_MAX = 1024, MARKED_REFS_MAX = 32, MARKED_VERSIONS_MAX = 16 };

/* The definitions of one submission that are understood: statements, and those with the extension
 * `tocsin-label`. */
struct definitions;

/* NULL when there are none. Those past MARKED_DEFINITIONS_MAX are not known, so what refers to them
 * is most restrictive. */
struct definitions *definitions_collect(struct str text, const struct foreign_options *options);
void definitions_free(struct definitions *d); /* NULL allowed */

/* What intake could tell, for core to complete. */
struct marked {
	struct marking own; /* TLP markings, and definitions of the submission */
	struct str refs;    /* bytes: u8 1 when `own` has it, u16 length, id; again. Empty: none */
	struct str by;      /* created_by_ref, or empty */
};

/* In the arena. `known` may be NULL. */
void marked_read(struct marked *out, const struct stix_object *o, const struct definitions *known,
    struct arena *arena);
/* The whole label. The arena is for one call. */
struct label marked_resolve(const struct marked *m, const struct store *store,
    const struct label *fallback, struct arena *arena);
