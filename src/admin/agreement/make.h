/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of an agreement as this node makes them: the proposal, a party's word, and the
 * marking that keeps both among the parties. doc/agreements.md has their members. */
#pragma once

#include "admin/part.h"
#include "view/agreement/agreement.h"

/* What is proposed, as texts; lists with commas, purposes with semicolons. STR_NONE: not said. */
struct proposal {
	struct str id, created; /* of the one that it is a newer version of; else STR_NONE */
	int64_t before;         /* its newest version */
	struct str community, parties, title, kind, hub, direction, incident, ceiling, types;
	struct str purposes, anonymise, retention, legal_ref, from, until;
	bool reciprocity_visible;
};

/* What stands in an agreement, to be changed. */
void proposal_of(struct proposal *out, struct arena *arena, const struct agreement *a);
/* Appends the object, and a marking when there is none yet. *out is what was appended. */
MUST_USE enum err agreement_propose(
    struct part *p, const struct proposal *from, struct agreement *out, struct fault *fault);
/* This node's word: the opinion that travels, and the decision that counts here. `by` is who
 * decided it. */
MUST_USE enum err agreement_say(struct part *p, const struct agreement_state *of,
    enum party_state word, struct str reason, struct str by, struct fault *fault);
