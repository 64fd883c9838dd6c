/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/range.h"

#include <string.h>

enum { ENTRY_FIXED = 1 + SHA256_LEN + 1 + 4 + 4 };

struct sha256 sync_leaf(enum sync_kind kind, const struct sha256 *statement)
{
	const char head[2] = {0, (char)kind};

	return sha256_parts(
	    (const struct str[]){{head, 2}, {(const char *)statement->b, SHA256_LEN}}, 2);
}

enum err sync_range_open(
    struct sync_range *out, struct str unpacked, uint32_t count, struct fault *fault)
{
	struct rd r = rd_of(unpacked);
	size_t head = rd_u16(&r);
	struct sync_range range = {.entries = count};

	if (head > SYNC_NOTE_MAX)
		return fail(fault, ERR_LIMIT, "a head of %zu bytes; at most %d are allowed", head,
		    SYNC_NOTE_MAX);
	range.head = rd_bytes(&r, head);
	range.seals = rd_u16(&r);
	if (r.failed)
		return fail(fault, ERR_PARSE, "a range is cut short in its head");
	if (range.seals > SYNC_SEALS_MAX)
		return fail(fault, ERR_LIMIT, "a range with %u seals; at most %d are allowed",
		    range.seals, SYNC_SEALS_MAX);
	range.rest = r;
	*out = range;
	return OK;
}

enum err sync_range_seal(struct sync_range *r, struct str *out, struct fault *fault)
{
	struct str note;
	size_t n;

	if (r->seals == 0)
		return ERR_NOT_FOUND;
	n = rd_u16(&r->rest);
	note = rd_bytes(&r->rest, n);
	if (r->rest.failed)
		return fail(fault, ERR_PARSE, "a range is cut short in its seals");
	if (n == 0 || n > SYNC_NOTE_MAX)
		return fail(
		    fault, ERR_LIMIT, "a seal of %zu bytes; 1 to %d are allowed", n, SYNC_NOTE_MAX);
	r->seals--;
	*out = note;
	return OK;
}

enum err sync_range_entry(struct sync_range *r, struct sync_entry *out, struct fault *fault)
{
	struct sync_entry e = {0};
	struct str statement;
	unsigned kind;
	size_t envelope, content;

	if (r->entries == 0) {
		if (r->rest.n > 0)
			return fail(fault, ERR_PARSE, "a range has bytes after its last entry");
		return ERR_NOT_FOUND;
	}
	kind = rd_u8(&r->rest);
	statement = rd_bytes(&r->rest, SHA256_LEN);
	e.hops = rd_u8(&r->rest);
	envelope = rd_u32(&r->rest);
	content = rd_u32(&r->rest);
	if (envelope > SYNC_ENVELOPE_MAX || content > SYNC_CONTENT_MAX)
		return fail(fault, ERR_LIMIT,
		    "an entry with an envelope of %zu and content of %zu bytes; at most %d and %d "
		    "are allowed",
		    envelope, content, SYNC_ENVELOPE_MAX, SYNC_CONTENT_MAX);
	e.envelope = rd_bytes(&r->rest, envelope);
	e.content = rd_bytes(&r->rest, content);
	if (r->rest.failed || kind == 0 || kind >= SYNC_KINDS)
		return fail(
		    fault, ERR_PARSE, "a range is cut short or has an entry of an unknown kind");
	e.kind = (enum sync_kind)kind;
	memcpy(e.statement.b, statement.p, SHA256_LEN);
	r->entries--;
	*out = e;
	return OK;
}

void sync_maker_init(struct sync_maker *m)
{
	*m = (struct sync_maker){0};
	buf_init(&m->seals, SYNC_UNPACKED_MAX);
	buf_init(&m->entries, SYNC_UNPACKED_MAX);
	m->limit = SYNC_RANGE_BYTES;
}

void sync_maker_free(struct sync_maker *m)
{
	buf_free(&m->seals);
	buf_free(&m->entries);
}

void sync_maker_reset(struct sync_maker *m)
{
	buf_reset(&m->seals);
	buf_reset(&m->entries);
	m->seal_count = m->count = 0;
}

void sync_maker_seal(struct sync_maker *m, struct str note)
{
	buf_u16(&m->seals, (uint16_t)note.n);
	buf_put(&m->seals, note);
	m->seal_count++;
}

bool sync_maker_add(struct sync_maker *m, const struct sync_entry *e)
{
	size_t bytes = m->seals.n + m->entries.n + ENTRY_FIXED + e->envelope.n + e->content.n;

	if (m->count == SYNC_ENTRIES_MAX || (m->count > 0 && bytes > m->limit))
		return false;
	buf_u8(&m->entries, (uint8_t)e->kind);
	buf_put(&m->entries, (struct str){(const char *)e->statement.b, SHA256_LEN});
	buf_u8(&m->entries, e->hops);
	buf_u32(&m->entries, (uint32_t)e->envelope.n);
	buf_u32(&m->entries, (uint32_t)e->content.n);
	buf_put(&m->entries, e->envelope);
	buf_put(&m->entries, e->content);
	m->count++;
	return true;
}

void sync_maker_put(const struct sync_maker *m, struct str head, struct buf *out)
{
	buf_u16(out, (uint16_t)head.n);
	buf_put(out, head);
	buf_u16(out, (uint16_t)m->seal_count);
	buf_put(out, buf_str(&m->seals));
	buf_put(out, buf_str(&m->entries));
	if (m->seals.failed || m->entries.failed)
		out->failed = ERR_LIMIT;
}
