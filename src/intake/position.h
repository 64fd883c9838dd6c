/* SPDX-License-Identifier: Apache-2.0 */
/* How far a stream is, as JSON: in the ledger's decisions "position/SOURCE", together with what is
 * counted there and not yet in the sightings, and in what intake is told to begin at. Pure. */
#pragma once

#include "base/uuid.h"
#include "codec/json.h"
#include "intake/events.h"

/* Members of the object that is being written. */
void position_put_place(struct json_writer *w, const struct stream_place *place);
/* ERR_INVALID when the object holds none. */
MUST_USE enum err position_place(struct stream_place *out, yyjson_val *root);

/* Hits of a sighting that its newest version does not count. */
struct position_pending {
	struct uuid key;
	uint64_t count;
	usec first, last;
	/* What it is made from when it has no version yet; STR_NONE: it has one. */
	struct str indicator, observable;
	uint32_t witnesses;
};

/* An element of the list "pending". Strings are borrowed. */
void position_put_pending(struct json_writer *w, const struct position_pending *p);
MUST_USE enum err position_pending(struct position_pending *out, yyjson_val *element);
/* How many of them a position says there are; 0 when it knows of none. */
uint64_t position_pending_of(yyjson_val *root, const struct uuid *key);
