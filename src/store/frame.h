/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a ledger (doc/ledger-format.md): a frame is one atomic batch, a head and then its
 * records; a record is a header, whose bytes are its leaf in the tree, and its content. Encoding
 * and bounded decoding only; no files. */
#pragma once

#include "base/err.h"
#include "base/rd.h"
#include "crypt/digest.h"
#include "store/store.h"

enum {
	FRAME_HEAD = 40,
	RECORD_CRC = 4,    /* of the record's number and the header, before it */
	RECORD_FIXED = 76, /* the header's fixed part; label and id follow */
	RECORD_FORMAT = 1,
};

struct frame_head {
	uint64_t first;   /* number of its first record */
	uint64_t durable; /* all before this position was on disk when this frame was written */
	uint32_t length;  /* of the records, without this head */
	uint32_t count;
	uint32_t crc; /* of the records */
};

void frame_head_write(unsigned char out[FRAME_HEAD], const struct frame_head *head);

enum frame_state {
	FRAME_GOOD,
	FRAME_NONE, /* zeros: nothing was written here */
	FRAME_BAD,
};
/* Looks at the head alone; `left` is how many bytes there are from p on. */
enum frame_state frame_head_read(struct frame_head *out, const unsigned char *p, size_t left);

/* A record as it stands in a frame; everything is borrowed from the frame. */
struct frame_record {
	struct record record;
	struct str leaf; /* the header's bytes */
	size_t content;  /* offset of the content from where the reader began */
};

size_t record_size(const struct record *r);
/* Writes record_size(r) bytes; received, added and hash are set. */
void record_write(unsigned char *out, const struct record *r, uint64_t seq);
/* The next record of r, which must be number `seq`. ERR_CORRUPT with the reason: cut short, not the
 * header's CRC, impossible fields. The content's hash is not looked at. `base` is where offsets
 * count from. */
MUST_USE enum err record_read(struct frame_record *out, struct rd *r, uint64_t seq,
    const unsigned char *base, struct fault *fault);

/* An envelope proves what stands directly before it in its batch: whether `r`, if it is one, may
 * stand behind `before` (NULL: it is the first). */
bool record_may_follow(const struct record *r, const struct record *before);

/* The content's hash as a header (of record_read's leaf) states it. */
struct sha256 record_hash(struct str header);
/* RFC 6962: SHA-256(0x00 || header). */
struct sha256 record_leaf(struct str header);
