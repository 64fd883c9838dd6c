/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/events.h"

#include <string.h>

static void put_str(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

void events_put(struct buf *out, const struct events *e)
{
	buf_u64(out, e->number);
	buf_u64(out, e->place.offset);
	buf_u64(out, e->place.inode);
	buf_u64(out, e->place.device);
	buf_u32(out, e->place.head_bytes);
	buf_put(out, (struct str){(const char *)e->place.head.b, SHA256_LEN});
	buf_u8(out, e->place.inside);
	buf_u64(out, e->size);
	buf_u64(out, e->lines);
	buf_u64(out, e->bad);
	buf_u64(out, e->skipped);
	buf_u64(out, e->hits);
	buf_u64(out, (uint64_t)e->last_event);
	put_str(out, e->error);
	buf_u32(out, e->hit_count);
}

void event_hit_put(struct buf *out, const struct event_hit *h)
{
	buf_u64(out, h->seq);
	buf_u8(out, (uint8_t)h->value.kind);
	buf_u8(out, h->value.prefix);
	put_str(out, h->value.value);
	buf_u64(out, h->count);
	buf_u64(out, (uint64_t)h->first);
	buf_u64(out, (uint64_t)h->last);
}

bool events_get(struct events *out, struct rd *in)
{
	struct events e = {.number = rd_u64(in)};
	struct str head;

	e.place.offset = rd_u64(in);
	e.place.inode = rd_u64(in);
	e.place.device = rd_u64(in);
	e.place.head_bytes = rd_u32(in);
	head = rd_bytes(in, SHA256_LEN);
	e.place.inside = rd_u8(in);
	e.size = rd_u64(in);
	e.lines = rd_u64(in);
	e.bad = rd_u64(in);
	e.skipped = rd_u64(in);
	e.hits = rd_u64(in);
	e.last_event = (usec)rd_u64(in);
	e.error = rd_text(in);
	e.hit_count = rd_u32(in);
	if (in->failed || e.error.n > EVENTS_ERROR_MAX || e.hit_count > EVENTS_HITS_MAX)
		return false;
	memcpy(e.place.head.b, head.p, SHA256_LEN);
	*out = e;
	return true;
}

bool event_hit_get(struct event_hit *out, struct rd *in)
{
	struct event_hit h = {.seq = rd_u64(in)};
	unsigned kind = rd_u8(in);

	h.value.prefix = rd_u8(in);
	h.value.value = rd_text(in);
	h.count = rd_u64(in);
	h.first = (usec)rd_u64(in);
	h.last = (usec)rd_u64(in);
	if (in->failed || kind >= TERM_KINDS || h.value.value.n == 0 || h.count == 0 ||
	    h.first > h.last)
		return false;
	h.value.kind = (enum term_kind)kind;
	*out = h;
	return true;
}
