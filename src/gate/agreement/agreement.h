/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements that the asking reader may see: their terms, what each party says, whether they hold
 * here, whom their community reaches, and how much went which way between this node and each other
 * party. Nothing is told of what others give each other. For who may audit. */
#pragma once

#include "gate/gate.h"
#include "view/agreement/agreement.h"

enum {
	GATE_AGREEMENTS_MAX = 1000,    /* in one list */
	GATE_AGREEMENTS_LOOK = 200000, /* objects looked at for it, and records for counts */
};

struct gate_traffic {
	struct str type;
	uint64_t given, received;
};

struct gate_party {
	const struct agreement_party *said; /* of the newest version */
	struct str peer; /* this node's name for it; empty: this node, or none that is met */
	struct str node; /* what it calls itself, likewise */
	bool member;     /* it is in the version that holds */
	/* Of another member: whether it would get what is labelled for the community, now. */
	bool asked, gets;
	const char *rule, *text;
	struct gate_traffic *types; /* what is labelled for the community, by type */
	size_t type_count;
};

struct gate_agreement {
	struct agreement_state state;
	const char *word;     /* "proposed", "declined", "agreed", "in-force", "left", "expired",
	                         "ended", "withdrawn" */
	enum party_state own; /* what this node says of the newest version */
	bool name_taken; /* another community has its name here, so it cannot come into force */
	bool more;       /* there is more than was counted */
	struct gate_party parties[AGREEMENT_PARTIES_MAX];
	size_t count;
};

struct gate_agreements {
	struct gate_agreement **items; /* newest first */
	size_t count;
};

/* ERR_DENIED without ACTION_AUDIT. */
MUST_USE enum err gate_agreements(
    const struct gate_ask *ask, struct gate_agreements *out, struct fault *fault);
/* ERR_NOT_FOUND likewise for what the reader may not see. */
MUST_USE enum err gate_agreement(
    const struct gate_ask *ask, struct str id, struct gate_agreement *out, struct fault *fault);
