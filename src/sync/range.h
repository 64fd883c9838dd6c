/* SPDX-License-Identifier: Apache-2.0 */
/* What a range holds when it is unpacked: the signed head at its end, seals that the other side has
 * not had, and the entries. Bounded reading of foreign bytes and the sender's writing; what an
 * envelope or an object means is for others to find out. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "sync/message.h"

/* Of an entry of a feed. */
enum sync_kind {
	SYNC_OBJECT = 1,     /* a version of an object */
	SYNC_WITHDRAWAL = 2, /* its originator takes an object back: content says why */
	SYNC_RETRACTION = 3, /* the sender takes back what it gave; the originator may not have */
	SYNC_PURGE =
	    4, /* the bytes of an object are removed where it is stated: so should they be here */
	SYNC_KINDS = 5,
};

struct sync_entry {
	enum sync_kind kind;
	struct sha256 statement; /* leaf of the originator's statement about it */
	uint8_t hops;            /* how many more nodes the receiver may let relay it; 255: any */
	struct str envelope;     /* of the statement; empty: an object taken back since */
	struct str content;      /* the object's bytes; empty then, and in a retraction */
};

enum {
	SYNC_SEALS_MAX = 1024,
	SYNC_ENVELOPE_MAX = 64 << 10,
	SYNC_CONTENT_MAX = 8 << 20,
};

/* RFC 6962: SHA-256(0x00 || kind || statement). */
struct sha256 sync_leaf(enum sync_kind kind, const struct sha256 *statement);

/* A reader; everything is borrowed from the bytes. */
struct sync_range {
	struct str head;
	uint32_t seals, entries;
	struct rd rest;
};

MUST_USE enum err sync_range_open(
    struct sync_range *out, struct str unpacked, uint32_t count, struct fault *fault);
/* Each seal first, then each entry. ERR_NOT_FOUND at the end of them, ERR_PARSE and ERR_LIMIT for
 * what is not one; after the last entry nothing may be left over. */
MUST_USE enum err sync_range_seal(struct sync_range *r, struct str *out, struct fault *fault);
MUST_USE enum err sync_range_entry(
    struct sync_range *r, struct sync_entry *out, struct fault *fault);

/* A writer. The head comes last into hand and first onto the wire. */
struct sync_maker {
	struct buf seals, entries;
	uint32_t seal_count, count;
	size_t limit; /* where the range ends: SYNC_RANGE_BYTES, or less */
};

void sync_maker_init(struct sync_maker *m);
void sync_maker_free(struct sync_maker *m);
void sync_maker_reset(struct sync_maker *m);
void sync_maker_seal(struct sync_maker *m, struct str note);
/* False when the range is full: it goes into the next one. The first one always fits. */
bool sync_maker_add(struct sync_maker *m, const struct sync_entry *e);
/* The bytes, unpacked; errors stick in `out`. */
void sync_maker_put(const struct sync_maker *m, struct str head, struct buf *out);
