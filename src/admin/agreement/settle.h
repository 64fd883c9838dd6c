/* SPDX-License-Identifier: Apache-2.0 */
/* What an agreement makes of the community that it describes, here: when every party has signed,
 * the decision `community/NAME` says its terms; when this node leaves, or others do, it says that.
 * Only agreements that this node has answered are looked at. */
#pragma once

#include "admin/community.h"
#include "view/agreement/agreement.h"

/* What holds at a node, by name, for one look at its agreements. */
struct settling {
	struct part *p;
	usec next;    /* when another version begins; INT64_MAX: never */
	bool changed; /* something was appended */
	/* Ids of the opinions that say what parties say: room for AGREEMENTS_MAX times
	 * AGREEMENT_PARTIES_MAX. */
	struct uuid *watched;
	size_t watched_count;
};

/* ERR_CONFLICT when the community's name is that of another here. */
MUST_USE enum err settle_check_name(struct part *p, const struct agreement *a, struct fault *fault);
MUST_USE enum err settle_agreement(struct settling *s, struct str id, struct fault *fault);
