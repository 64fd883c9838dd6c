/* SPDX-License-Identifier: Apache-2.0 */
#include "store/frame.h"

#include <assert.h>
#include <string.h>

#include "store/crc32c.h"

/* 0xff never occurs in UTF-8, so no object's text can look like the head of a frame. */
static const unsigned char MAGIC[4] = {0xff, 'T', 'F', '1'};

static void put16(unsigned char *p, uint16_t v)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof(v));
}

static void put32(unsigned char *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static void put64(unsigned char *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

static uint16_t get16(const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap16(v);
}

static uint32_t get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static uint64_t get64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap64(v);
}

static struct str bytes_of(const unsigned char *p, size_t n)
{
	return (struct str){(const char *)p, n};
}

void frame_head_write(unsigned char out[FRAME_HEAD], const struct frame_head *head)
{
	memcpy(out, MAGIC, sizeof(MAGIC));
	put32(out + 4, head->length);
	put64(out + 8, head->first);
	put64(out + 16, head->durable);
	put32(out + 24, head->count);
	put32(out + 28, head->crc);
	put32(out + 32, 0);
	put32(out + 36, crc32c(0, bytes_of(out, 36)));
}

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

enum frame_state frame_head_read(struct frame_head *out, const unsigned char *p, size_t left)
{
	if (left < FRAME_HEAD)
		return all_zero(p, left) ? FRAME_NONE : FRAME_BAD;
	if (all_zero(p, FRAME_HEAD))
		return FRAME_NONE;
	if (memcmp(p, MAGIC, sizeof(MAGIC)) != 0 || get32(p + 36) != crc32c(0, bytes_of(p, 36)) ||
	    get32(p + 32) != 0)
		return FRAME_BAD;
	*out = (struct frame_head){
	    .length = get32(p + 4),
	    .first = get64(p + 8),
	    .durable = get64(p + 16),
	    .count = get32(p + 24),
	    .crc = get32(p + 28),
	};
	return FRAME_GOOD;
}

/* With the record's number, so that one that stands in another's place is seen at once. */
static uint32_t header_crc(uint64_t seq, struct str header)
{
	unsigned char number[8];

	put64(number, seq);
	return crc32c(crc32c(0, bytes_of(number, sizeof(number))), header);
}

size_t record_size(const struct record *r)
{
	return RECORD_CRC + RECORD_FIXED + r->label.n + r->id.n + r->content.n;
}

void record_write(unsigned char *out, const struct record *r, uint64_t seq)
{
	unsigned char *h = out + RECORD_CRC;
	size_t header = RECORD_FIXED + r->label.n + r->id.n;

	h[0] = RECORD_FORMAT;
	h[1] = (unsigned char)r->kind;
	h[2] = r->flags;
	h[3] = 0;
	put16(h + 4, r->tag);
	h[6] = (unsigned char)r->id.n;
	h[7] = (unsigned char)r->label.n;
	put32(h + 8, (uint32_t)r->content.n);
	put32(h + 12, r->source);
	put32(h + 16, r->feed);
	put64(h + 20, (uint64_t)r->version);
	put64(h + 28, (uint64_t)r->received);
	put64(h + 36, (uint64_t)r->added);
	memcpy(h + 44, r->hash.b, SHA256_LEN);
	static_assert(44 + SHA256_LEN == RECORD_FIXED, "the hash is the last fixed field");
	if (r->label.n)
		memcpy(h + RECORD_FIXED, r->label.p, r->label.n);
	memcpy(h + RECORD_FIXED + r->label.n, r->id.p, r->id.n);
	put32(out, header_crc(seq, bytes_of(h, header)));
	if (r->content.n)
		memcpy(h + header, r->content.p, r->content.n);
}

static bool kind_is_known(unsigned char kind)
{
	return kind == RECORD_OBJECT || kind == RECORD_DECISION || kind == RECORD_MEMBER ||
	       kind == RECORD_REMOVAL || kind == RECORD_SEAL || kind == RECORD_ENVELOPE ||
	       kind == RECORD_TOMBSTONE || kind == RECORD_DERIVED;
}

enum err record_read(struct frame_record *out, struct rd *r, uint64_t seq,
    const unsigned char *base, struct fault *fault)
{
	struct str crc = rd_bytes(r, RECORD_CRC);
	const unsigned char *h = r->p;
	struct str fixed = rd_bytes(r, RECORD_FIXED);
	struct frame_record f = {0};

	if (r->failed)
		return fail(fault, ERR_CORRUPT, "the header is cut short");
	f.record.label = rd_bytes(r, h[7]);
	f.record.id = rd_bytes(r, h[6]);
	if (r->failed)
		return fail(fault, ERR_CORRUPT, "the header's lengths pass the end of the batch");
	f.leaf = (struct str){fixed.p, RECORD_FIXED + f.record.label.n + f.record.id.n};
	if (get32((const unsigned char *)crc.p) != header_crc(seq, f.leaf))
		return fail(fault, ERR_CORRUPT,
		    "the header differs from its checksum, or is another record's");
	if (h[0] != RECORD_FORMAT || h[3] != 0 || !kind_is_known(h[1]) || f.record.id.n == 0 ||
	    get32(h + 8) > STORE_CONTENT_MAX)
		return fail(fault, ERR_CORRUPT, "the header has impossible values");
	f.content = (size_t)(r->p - base);
	f.record.content = rd_bytes(r, get32(h + 8));
	if (r->failed)
		return fail(fault, ERR_CORRUPT, "the content is cut short");
	f.record.kind = (enum record_kind)h[1];
	f.record.flags = h[2];
	f.record.tag = get16(h + 4);
	f.record.source = get32(h + 12);
	f.record.feed = get32(h + 16);
	f.record.version = (int64_t)get64(h + 20);
	f.record.received = (int64_t)get64(h + 28);
	f.record.added = (int64_t)get64(h + 36);
	memcpy(f.record.hash.b, h + 44, SHA256_LEN);
	*out = f;
	return OK;
}

bool record_may_follow(const struct record *r, const struct record *before)
{
	if (r->kind != RECORD_ENVELOPE)
		return true;
	return before && (before->kind == RECORD_OBJECT || before->kind == RECORD_DECISION) &&
	       before->version == r->version && str_eq(before->id, r->id);
}

struct sha256 record_hash(struct str header)
{
	struct sha256 hash;

	assert(header.n >= RECORD_FIXED);
	memcpy(hash.b, header.p + RECORD_FIXED - SHA256_LEN, SHA256_LEN);
	return hash;
}

struct sha256 record_leaf(struct str header)
{
	return sha256_parts((const struct str[]){{"\0", 1}, header}, 2);
}
