/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects of a ledger were kept long enough (policy/retention.h). */
#pragma once

#include "base/arena.h"
#include "policy/retention.h"
#include "store/store.h"
#include "sys/config.h"

/* ERR_INVALID: the configuration names what has no retention. */
MUST_USE enum err retention_of(
    struct retention *out, const struct config *config, struct fault *fault);

struct retained {
	struct str id;
	uint16_t type;
	uint32_t days;
	usec since; /* it is past them */
};
/* Whether record `seq` is the newest version of an object that is here still, and all of the object
 * is past its days. Never the node's own identity. Resets the arena, which is for one object. */
bool retention_is_past(struct retained *out, const struct store *s, uint64_t seq,
    const struct retention *r, usec now, struct arena *arena);
