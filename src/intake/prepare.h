/* SPDX-License-Identifier: Apache-2.0 */
/* From one submitted object to what the core needs to append it: parsed, validated, identified,
 * labelled; or the reason why not. Pure. Also how it travels from intake to core. */
#pragma once

#include "base/buf.h"
#include "base/rd.h"
#include "intake/foreign.h"
#include "intake/marked.h"
#include "policy/label.h"
#include "stix/object.h"

struct prepared {
	bool refused;
	bool made; /* out of a plain value: see foreign_made_same */
	uint16_t tag;
	uint8_t flags;
	int64_t version;
	struct str id;    /* empty when refused before it was known */
	struct str label; /* encoded; of what it refers to other markings: for `marked` */
	/* When `refs` is not empty the label is not whole yet: core completes it from the ledger.
	 */
	struct str refs, by, fallback; /* as in intake/marked.h; an encoded label */
	bool has_tlp;
	struct str content; /* the object's bytes */
	/* When refused: */
	struct str path;    /* into the submission: "objects.[3].pattern", or "" */
	struct str message; /* for a person */
};

/* Where an object stands in its submission: before, number, after are put before paths
 * ("objects.[3]"). All zero when there is nothing to say. */
struct place {
	struct str before;
	uint64_t number;
	struct str after;
};

/* How the objects of a submission are labelled. */
struct labelling {
	const struct label *fallback;    /* of what has no marking; NULL: none was given */
	const struct definitions *known; /* of the submission; NULL: none */
	bool sealed;                     /* by its originator: it comes from a peer */
};

/* Strings are the item's or in the arena. */
void prepare_object(struct prepared *out, const struct foreign_item *item,
    const struct place *place, const struct labelling *labelling, struct arena *arena);
/* The label that its record gets. The arena is for one call. */
struct label prepared_label(
    const struct prepared *p, const struct store *store, struct arena *arena);
void prepare_refusal(struct prepared *out, const struct fault *fault, struct arena *arena);

void prepared_put(struct buf *out, const struct prepared *p);
/* Strings are borrowed from the message. False when the message does not hold one. */
bool prepared_get(struct prepared *out, struct rd *in);
