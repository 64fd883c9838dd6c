/* SPDX-License-Identifier: Apache-2.0 */
/* Another label for an object that is here: a newer version of it with that marking, as a bundle
 * that goes to the core like any other. Whether who asks may say something new of the object is the
 * core's to decide. */
#pragma once

#include "gate/gate.h"
#include "policy/change.h"

/* What is to be shared, and as whoever asks saw it. */
struct share_asked {
	struct str id;
	int64_t version; /* GATE_NEWEST, or the one that must still be the newest */
	struct label_change change;
};

struct share {
	struct buf bundle;  /* the caller's to free, whatever came out */
	struct str source;  /* name of the source that it stands under; STR_NONE: the account's */
	int64_t version;    /* of the new version */
	struct str marking; /* id of its marking-definition */
};

/* ERR_CONFLICT when there is a newer version than the one seen, or it was revoked; ERR_DENIED for
 * what came from a peer; ERR_UNSUPPORTED for what has no versions, or markings of its parts. */
MUST_USE enum err share_prepare(struct share *out, const struct gate_ask *ask,
    const struct share_asked *asked, const struct env *env, struct fault *fault);
/* The object as it was written, member by member in their order, with another `modified` and other
 * object_marking_refs (JSON), which stand at the end when it had none. Into an empty buf. */
void share_rewrite(struct buf *out, struct str object, const char *modified, struct str refs);
