/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/statement.h"

#include <string.h>

#include "base/rd.h"
#include "store/merkle.h"

enum { STATEMENT_FORMAT = 1, FIELD_HEAD = 3 };

/* In the order in which they stand. */
enum field {
	FIELD_ID = 1,
	FIELD_VERSION,
	FIELD_KIND,
	FIELD_ORIGINATOR,
	FIELD_LABEL,
	FIELD_TIME,
	FIELD_MEMBERS,
	FIELD_PROPERTIES,
};

static void put_head(struct buf *out, enum field field, size_t n)
{
	buf_u8(out, (uint8_t)field);
	buf_u16(out, (uint16_t)n);
}

static void put_text(struct buf *out, enum field field, struct str text)
{
	put_head(out, field, text.n);
	buf_put(out, text);
}

static void put_u64(struct buf *out, enum field field, uint64_t value)
{
	put_head(out, field, sizeof(value));
	buf_u64(out, value);
}

void statement_put(struct buf *out, const struct statement *s)
{
	buf_u8(out, STATEMENT_FORMAT);
	put_text(out, FIELD_ID, s->id);
	put_u64(out, FIELD_VERSION, (uint64_t)s->version);
	put_head(out, FIELD_KIND, 1);
	buf_u8(out, (uint8_t)s->kind);
	put_text(out, FIELD_ORIGINATOR, s->originator);
	put_text(out, FIELD_LABEL, s->label);
	put_u64(out, FIELD_TIME, (uint64_t)s->time);
	put_head(out, FIELD_MEMBERS, sizeof(s->members));
	buf_u16(out, s->members);
	put_text(out, FIELD_PROPERTIES, (struct str){(const char *)s->properties.b, SHA256_LEN});
}

/* The value of the field that must stand here, with this many bytes. */
static struct rd take(struct rd *r, enum field field, size_t least, size_t most)
{
	uint8_t tag = rd_u8(r);
	size_t n = rd_u16(r);

	if (tag != field || n < least || n > most)
		r->failed = true;
	return rd_of(rd_bytes(r, n));
}

static struct str take_text(struct rd *r, enum field field, size_t least)
{
	struct rd value = take(r, field, least, STATEMENT_TEXT_MAX);

	return rd_rest(&value);
}

static uint64_t take_u64(struct rd *r, enum field field)
{
	struct rd value = take(r, field, sizeof(uint64_t), sizeof(uint64_t));

	return rd_u64(&value);
}

enum err statement_read(struct statement *out, struct str bytes, struct fault *fault)
{
	struct rd r = rd_of(bytes);
	struct statement s;
	struct rd value;
	struct str hash;
	uint8_t kind;

	if (rd_u8(&r) != STATEMENT_FORMAT)
		return fail(fault, ERR_PARSE, "a statement of a format that is not known here");
	s.id = take_text(&r, FIELD_ID, 1);
	s.version = (int64_t)take_u64(&r, FIELD_VERSION);
	value = take(&r, FIELD_KIND, 1, 1);
	kind = rd_u8(&value);
	s.kind = (enum seal_kind)kind;
	s.originator = take_text(&r, FIELD_ORIGINATOR, 1);
	s.label = take_text(&r, FIELD_LABEL, 0);
	s.time = (int64_t)take_u64(&r, FIELD_TIME);
	value = take(&r, FIELD_MEMBERS, sizeof(s.members), sizeof(s.members));
	s.members = rd_u16(&value);
	value = take(&r, FIELD_PROPERTIES, SHA256_LEN, SHA256_LEN);
	hash = rd_rest(&value);
	if (!rd_done(&r) || kind < SEAL_OBJECT || kind > SEAL_PURGE)
		return fail(fault, ERR_PARSE, "a statement is damaged");
	memcpy(s.properties.b, hash.p, SHA256_LEN);
	*out = s;
	return OK;
}

struct sha256 statement_leaf(const struct statement *s)
{
	struct sha256 leaf;
	struct buf bytes;

	buf_init(&bytes, STATEMENT_BYTES_MAX);
	statement_put(&bytes, s);
	leaf = merkle_leaf(buf_str(&bytes));
	buf_free(&bytes);
	return leaf;
}
