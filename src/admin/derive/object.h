/* SPDX-License-Identifier: Apache-2.0 */
/* The objects that stand for an object in a community that has it without some members: a copy
 * under an id of its own, or a pseudonym of an identity; what they came from; and what labels them.
 * Every member that stays is there as it was written. Pure. */
#pragma once

#include "policy/release.h"
#include "seal/derived.h"
#include "stix/object.h"

struct derive_ask {
	struct str bytes; /* of the original */
	const struct stix_object *o;
	const struct derivation *parts;
	const struct sha256 *secret; /* of the community */
	const struct uuid *sender;
	struct str by;      /* "identity--UUID" of this node */
	struct str id;      /* of the new object */
	struct str marking; /* that labels it */
	/* Of a pseudonym alone: nothing of when the identity was made goes with it. */
	usec created, modified;
	struct arena *arena;
};

/* Whether a relationship may begin at objects of this type (STIX 2.1 section 5.1): others name
 * their original in `external_references`. */
bool derive_relates(uint16_t type);
void derive_put_copy(struct buf *out, const struct derive_ask *ask);
void derive_put_pseudonym(struct buf *out, const struct derive_ask *ask);
void derive_put_relation(struct buf *out, const struct derive_ask *ask, struct str id);
void derive_put_marking(
    struct buf *out, struct str id, struct str by, usec created, struct str extension);
