/* SPDX-License-Identifier: Apache-2.0 */
/* What two nodes say to each other to keep a feed the same at both ends, as bytes: bounded decoding
 * of what a peer sent, and its writing. The link carries a message's type beside its body. Knows no
 * connection, no signature and no object. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "crypt/digest.h"

enum sync_type {
	SYNC_HELLO = 1, /* so much of your feed I hold: version, identity, size, root */
	SYNC_SAME,   /* you hold all of it: size, root; kept is the size of your newest receipt */
	SYNC_HEAD,   /* what you hold is not the beginning of my feed: text is its signed head */
	SYNC_RANGE,  /* entries [from, from + count) and a signed head at their end, packed */
	SYNC_TAKEN,  /* durable here: size, root; text is the signed receipt, or empty */
	SYNC_STOP,   /* I go no further with you: reason, text for a person */
	SYNC_URGENT, /* entry `from`, an object, ahead of its place: packed, as a range of one
	                without a head */
	SYNC_TYPES,
};

enum sync_reason {
	SYNC_REASON_NONE,
	SYNC_REASON_VERSION,     /* no version that both speak */
	SYNC_REASON_MALFORMED,   /* a message or a range that cannot be */
	SYNC_REASON_EQUIVOCATES, /* two stories from one key */
	SYNC_REASON_REWOUND,     /* the feed has become shorter than what was signed */
	SYNC_REASON_REFUSED,     /* a range whose proofs or seals do not hold */
	SYNC_REASONS,
};

enum {
	SYNC_VERSION = 1,
	SYNC_TEXT_MAX = 255,          /* an identity, a reason */
	SYNC_NOTE_MAX = 20 << 10,     /* a head, a receipt, a seal: text and signatures */
	SYNC_ENTRIES_MAX = 1024,      /* of one range */
	SYNC_RANGE_BYTES = 1 << 20,   /* where a range ends, unless its first entry passes it */
	SYNC_UNPACKED_MAX = 10 << 20, /* one object of 8 MiB, its envelope, its seal, a head */
	SYNC_BODY_MAX = SYNC_UNPACKED_MAX + 64,
	SYNC_URGENT_MAX = 1 << 20, /* unpacked; a longer one comes with the feed alone */
	SYNC_FLIGHT_MAX = 4,       /* ranges that are not acknowledged */
	SYNC_URGENT_FOUND = 16,    /* entries of a feed found to be urgent at a time */
};

/* How the bytes of a range are packed. */
enum sync_packing { SYNC_PLAIN, SYNC_ZSTD, SYNC_PACKINGS };

/* Members that a type does not name are zero. */
struct sync_message {
	enum sync_type type;
	uint16_t version;
	uint64_t size;
	struct sha256 root;
	uint64_t kept;
	struct str text;
	enum sync_reason reason;
	uint64_t from;
	uint32_t count;
	enum sync_packing packing;
	uint32_t unpacked; /* bytes that `packed` unpacks to */
	struct str packed;
};

/* Appends the body. */
void sync_message_put(struct buf *out, const struct sync_message *m);
/* Strings are borrowed from the body. ERR_PARSE, ERR_LIMIT; the fault says which member. */
MUST_USE enum err sync_message_get(
    struct sync_message *out, unsigned type, struct str body, struct fault *fault);
/* "equivocates" ...; never NULL. */
const char *sync_reason_name(enum sync_reason reason);
