/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the parties' signatures on an agreement hold: each party's word is sealed by its own keys
 * (seal/seal.h), and those keys are what this node holds of it. Needs no network and no secret. */
#pragma once

#include "gate/agreement/agreement.h"

struct gate_signature {
	const struct agreement_party *said;
	struct str peer;   /* this node's name for it; empty */
	const char *word;  /* "none", "verified", "unsealed" or "refused" */
	struct str text;   /* for people: by which keys, or why not */
	struct str object; /* id of the opinion; STR_NONE: none */
};

struct gate_signatures {
	struct gate_agreement agreement;
	struct gate_signature items[AGREEMENT_PARTIES_MAX];
	bool verified; /* none that there is was refused or is unsealed */
};

/* As gate_agreement. */
MUST_USE enum err gate_signatures(
    const struct gate_ask *ask, struct str id, struct gate_signatures *out, struct fault *fault);
