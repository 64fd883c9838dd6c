/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/message.h"

#include <string.h>

#include "base/rd.h"

/* The members of a type, in their order on the wire. */
enum part {
	PART_END,
	PART_VERSION,
	PART_SIZE,
	PART_ROOT,
	PART_KEPT,
	PART_IDENTITY, /* text of 1 to SYNC_TEXT_MAX bytes */
	PART_WORDS,    /* text of at most SYNC_TEXT_MAX bytes */
	PART_NOTE,     /* text of at most SYNC_NOTE_MAX bytes */
	PART_REASON,
	PART_RANGE,
	PART_URGENT, /* a range of one entry, at most SYNC_URGENT_MAX bytes */
};

enum { PARTS_MAX = 5 };

static const enum part PARTS[][PARTS_MAX] = {
    [SYNC_HELLO] = {PART_VERSION, PART_IDENTITY, PART_SIZE, PART_ROOT},
    [SYNC_SAME] = {PART_SIZE, PART_ROOT, PART_KEPT},
    [SYNC_HEAD] = {PART_NOTE},
    [SYNC_RANGE] = {PART_RANGE},
    [SYNC_TAKEN] = {PART_SIZE, PART_ROOT, PART_NOTE},
    [SYNC_STOP] = {PART_REASON, PART_WORDS},
    [SYNC_URGENT] = {PART_URGENT},
};

static const char *const REASONS[SYNC_REASONS] = {
    [SYNC_REASON_NONE] = "none",
    [SYNC_REASON_VERSION] = "version",
    [SYNC_REASON_MALFORMED] = "malformed",
    [SYNC_REASON_EQUIVOCATES] = "equivocates",
    [SYNC_REASON_REWOUND] = "rewound",
    [SYNC_REASON_REFUSED] = "refused",
};

const char *sync_reason_name(enum sync_reason reason)
{
	return reason < SYNC_REASONS ? REASONS[reason] : "unknown";
}

static void put_text(struct buf *out, struct str text)
{
	buf_u16(out, (uint16_t)text.n);
	buf_put(out, text);
}

static void put_range(struct buf *out, const struct sync_message *m)
{
	buf_u64(out, m->from);
	buf_u32(out, m->count);
	buf_u8(out, (uint8_t)m->packing);
	buf_u32(out, m->unpacked);
	buf_put(out, m->packed);
}

void sync_message_put(struct buf *out, const struct sync_message *m)
{
	for (const enum part *part = PARTS[m->type]; *part != PART_END; part++) {
		switch (*part) {
		case PART_VERSION:
			buf_u16(out, m->version);
			break;
		case PART_SIZE:
			buf_u64(out, m->size);
			break;
		case PART_ROOT:
			buf_put(out, (struct str){(const char *)m->root.b, SHA256_LEN});
			break;
		case PART_KEPT:
			buf_u64(out, m->kept);
			break;
		case PART_REASON:
			buf_u8(out, (uint8_t)m->reason);
			break;
		case PART_RANGE:
		case PART_URGENT:
			put_range(out, m);
			break;
		default:
			put_text(out, m->text);
			break;
		}
	}
}

static enum err get_text(
    struct str *out, struct rd *r, size_t least, size_t most, struct fault *fault)
{
	size_t n = rd_u16(r);

	if (n < least || n > most)
		return fail(fault, ERR_LIMIT, "a text of %zu bytes; %zu to %zu are allowed", n,
		    least, most);
	*out = rd_bytes(r, n);
	return OK;
}

static enum err get_reason(enum sync_reason *out, struct rd *r)
{
	unsigned reason = rd_u8(r);

	/* One of a later version is a reason all the same. */
	*out = reason < SYNC_REASONS ? (enum sync_reason)reason : SYNC_REASON_NONE;
	return OK;
}

static enum err get_range(struct sync_message *out, struct rd *r, struct fault *fault)
{
	unsigned packing;

	out->from = rd_u64(r);
	out->count = rd_u32(r);
	packing = rd_u8(r);
	out->unpacked = rd_u32(r);
	out->packed = rd_rest(r);
	if (r->failed)
		return OK;
	if (out->count == 0 || out->count > SYNC_ENTRIES_MAX ||
	    out->from > UINT64_MAX - SYNC_ENTRIES_MAX)
		return fail(fault, ERR_LIMIT, "a range has 1 to %d entries, this one %u",
		    SYNC_ENTRIES_MAX, out->count);
	if (out->unpacked > SYNC_UNPACKED_MAX || out->packed.n > SYNC_UNPACKED_MAX)
		return fail(fault, ERR_LIMIT, "a range of %u bytes; at most %d are allowed",
		    out->unpacked, SYNC_UNPACKED_MAX);
	if (packing >= SYNC_PACKINGS)
		return fail(fault, ERR_PARSE, "a range is packed in an unknown way (%u)", packing);
	out->packing = (enum sync_packing)packing;
	if (out->packing == SYNC_PLAIN && out->packed.n != out->unpacked)
		return fail(
		    fault, ERR_PARSE, "a range of %u bytes has %zu", out->unpacked, out->packed.n);
	return OK;
}

static enum err get_urgent(struct sync_message *out, struct rd *r, struct fault *fault)
{
	TRY(get_range(out, r, fault));
	if (!r->failed &&
	    (out->count != 1 || out->unpacked > SYNC_URGENT_MAX || out->packed.n > SYNC_URGENT_MAX))
		return fail(fault, ERR_LIMIT,
		    "an urgent message has 1 entry in at most %d bytes, this one %u in %u",
		    SYNC_URGENT_MAX, out->count, out->unpacked);
	return OK;
}

static enum err get_part(struct sync_message *m, enum part part, struct rd *r, struct fault *fault)
{
	struct str root;

	switch (part) {
	case PART_VERSION:
		m->version = rd_u16(r);
		return OK;
	case PART_SIZE:
		m->size = rd_u64(r);
		return OK;
	case PART_ROOT:
		root = rd_bytes(r, SHA256_LEN);
		if (root.p)
			memcpy(m->root.b, root.p, SHA256_LEN);
		return OK;
	case PART_KEPT:
		m->kept = rd_u64(r);
		return OK;
	case PART_REASON:
		return get_reason(&m->reason, r);
	case PART_IDENTITY:
		return get_text(&m->text, r, 1, SYNC_TEXT_MAX, fault);
	case PART_WORDS:
		return get_text(&m->text, r, 0, SYNC_TEXT_MAX, fault);
	case PART_NOTE:
		return get_text(&m->text, r, 0, SYNC_NOTE_MAX, fault);
	case PART_URGENT:
		return get_urgent(m, r, fault);
	default:
		return get_range(m, r, fault);
	}
}

enum err sync_message_get(
    struct sync_message *out, unsigned type, struct str body, struct fault *fault)
{
	struct sync_message m = {0};
	struct rd r = rd_of(body);

	if (type < SYNC_HELLO || type >= SYNC_TYPES)
		return fail(fault, ERR_PARSE, "no message of synchronisation has type %u", type);
	m.type = (enum sync_type)type;
	for (const enum part *part = PARTS[type]; *part != PART_END; part++)
		TRY(get_part(&m, *part, &r, fault));
	if (!rd_done(&r))
		return fail(
		    fault, ERR_PARSE, "a message of type %u is cut short or too long", type);
	*out = m;
	return OK;
}
