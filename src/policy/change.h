/* SPDX-License-Identifier: Apache-2.0 */
/* Another label for an object: which parts of the one it has are to change, and the extension
 * `tocsin-label` that says the whole of it. The label that comes out is read back from that
 * extension by policy/marking.h, so that a preview is what the object will carry. Pure. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "policy/label.h"

/* STR_NONE: the part stays as it is. Lists are names separated by commas; "*" asks for no name at
 * all, and an empty text is a list without a name: nobody. */
struct label_change {
	struct str tlp; /* "TLP:AMBER" */
	struct str releasable_to, communities, need_to_know;
	bool has_hops, has_expiry;
	uint64_t hops;
	usec expires;
};

bool label_change_any(const struct label_change *c);

/* `by` is the object's created_by_ref, or STR_NONE. `json`, when not NULL, gets the extension's
 * value as an object. ERR_INVALID for what is no name or level, and when the label that is there
 * cannot be told; ERR_LIMIT for more names than a label has room for; ERR_UNSUPPORTED when it is on
 * several ladders of classification, which one marking cannot say. The arena is for one call. */
MUST_USE enum err label_change(struct label *out, const struct label *was,
    const struct label_change *change, struct str by, struct buf *json, struct arena *arena,
    struct fault *fault);
