/* SPDX-License-Identifier: Apache-2.0 */
/* A match of a pattern on its way from intake to core: which indicator, when, and the events that
 * made it true, each as observables. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/rd.h"

/* FOUND: in one message. WITNESSES: told of one match; it says how many more there were. */
enum {
	FOUND_MAX = 1000,
	FOUND_WITNESSES_MAX = 16,
	FOUND_OBJECTS_MAX = 64,
	FOUND_OBJECT_BYTES_MAX = 64 << 10,
	FOUND_BYTES_MAX = 4 << 20, /* of a message; what is over is counted without witnesses */
};

struct found {
	uint64_t seq; /* ledger record of the indicator */
	uint64_t count;
	usec first, last; /* of the events that took part */
	uint32_t witnesses;
};

/* One event, then its objects. */
struct found_witness {
	usec when;
	uint32_t objects;
};

struct found_object {
	struct str id, content;
};

void found_put(struct buf *out, const struct found *f);
void found_witness_put(struct buf *out, const struct found_witness *w);
void found_object_put(struct buf *out, const struct found_object *o);

/* False when the message does not hold one. Strings are borrowed. */
bool found_get(struct found *out, struct rd *in);
bool found_witness_get(struct found_witness *out, struct rd *in);
bool found_object_get(struct found_object *out, struct rd *in);
