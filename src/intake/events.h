/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of a sensor stream on its way from intake to core: how far the stream has been read, what
 * was counted since the batch before, and the hits, equal ones as one. */
#pragma once

#include "base/buf.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "stix/equality.h"

enum { EVENTS_HITS_MAX = 20000, EVENTS_ERROR_MAX = 256, EVENTS_HEAD_MAX = 256 };

/* Where in a file: enough to find the place again after a restart, also when the file has been
 * renamed, and to see that it has been cut or replaced. */
struct stream_place {
	uint64_t offset; /* behind the last whole line taken */
	uint64_t inode, device;
	uint32_t head_bytes; /* how many of the file's first bytes `head` is a digest of */
	struct sha256 head;
	bool inside; /* offset is within a line that is too long and being let go */
};

void place_put(struct buf *out, const struct stream_place *p);
/* False when the message does not hold one. */
bool place_get(struct stream_place *out, struct rd *in);
bool place_same_file(const struct stream_place *a, const struct stream_place *b);

struct events {
	uint64_t number; /* of the batch, from 1 */
	struct stream_place place;
	uint64_t size;                      /* of the file, now */
	uint64_t lines, bad, skipped, hits; /* of this batch */
	uint64_t untimed;                   /* events that say no time, or one that cannot be */
	usec last_event;                    /* 0: none with a time */
	struct str error;                   /* why it cannot be read; "" */
	uint32_t hit_count;
};

struct event_hit {
	uint64_t seq; /* ledger record of the indicator */
	struct term value;
	uint64_t count;
	usec first, last;
};

/* When an event happened, as it says itself. False when it says nothing, or what cannot be: a
 * sensor may be EVENT_AHEAD ahead of us, and none was there before EVENT_EARLIEST. */
#define EVENT_AHEAD (300 * USEC_PER_SEC)
#define EVENT_EARLIEST (INT64_C(946684800) * USEC_PER_SEC) /* the year 2000 */
bool event_time(usec *out, struct str text, usec now);

void events_put(struct buf *out, const struct events *e); /* then hit_count hits */
void event_hit_put(struct buf *out, const struct event_hit *h);
/* False when the message does not hold one. Strings are borrowed. */
bool events_get(struct events *out, struct rd *in);
bool event_hit_get(struct event_hit *out, struct rd *in);
