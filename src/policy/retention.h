/* SPDX-License-Identifier: Apache-2.0 */
/* How long objects are kept, by type, as the node's configuration says; and when one was kept long
 * enough. Pure. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "policy/label.h"
#include "stix/type.h"

struct retention {
	uint32_t days[STIX_TYPES]; /* 0: for ever */
	uint32_t personal;         /* of any of these types, when it is labelled as personal data */
};

/* NAME = DAYS: a type of domain or relationship objects, or "personal". Observables have no
 * versions, so that one which was removed could not be told from one that comes anew, and marking
 * definitions are what labels are read by: ERR_INVALID for these and for what is no type. */
MUST_USE enum err retention_set(
    struct retention *r, struct str name, uint32_t days, struct fault *fault);

/* The days that count for an object, the least of what is said; 0: for ever. */
uint32_t retention_days(const struct retention *r, uint16_t type, enum personal personal);

/* 0: it says no such time. */
struct retention_times {
	usec received, modified, valid_until;
};
/* From when on an object is past its days: they are counted from valid_until, else from when it was
 * modified, else from when it came. */
usec retention_end(const struct retention_times *t, uint32_t days);
