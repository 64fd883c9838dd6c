/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/events.h"

#include <string.h>

#include "codec/time.h"

static void put_str(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

void place_put(struct buf *out, const struct stream_place *p)
{
	buf_u64(out, p->offset);
	buf_u64(out, p->inode);
	buf_u64(out, p->device);
	buf_u32(out, p->head_bytes);
	buf_put(out, (struct str){(const char *)p->head.b, SHA256_LEN});
	buf_u8(out, p->inside);
}

bool place_get(struct stream_place *out, struct rd *in)
{
	struct stream_place p = {.offset = rd_u64(in)};
	struct str head;

	p.inode = rd_u64(in);
	p.device = rd_u64(in);
	p.head_bytes = rd_u32(in);
	head = rd_bytes(in, SHA256_LEN);
	p.inside = rd_u8(in);
	if (in->failed || p.head_bytes > EVENTS_HEAD_MAX)
		return false;
	memcpy(p.head.b, head.p, SHA256_LEN);
	*out = p;
	return true;
}

bool place_same_file(const struct stream_place *a, const struct stream_place *b)
{
	return a->inode == b->inode && a->device == b->device;
}

bool event_time(usec *out, struct str text, usec now)
{
	usec when;

	if (text.n == 0 || time_parse_any(&when, text) != OK || when < EVENT_EARLIEST ||
	    when > now + EVENT_AHEAD)
		return false;
	*out = when;
	return true;
}

void events_put(struct buf *out, const struct events *e)
{
	buf_u64(out, e->number);
	place_put(out, &e->place);
	buf_u64(out, e->size);
	buf_u64(out, e->lines);
	buf_u64(out, e->bad);
	buf_u64(out, e->skipped);
	buf_u64(out, e->hits);
	buf_u64(out, e->untimed);
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
	bool placed = place_get(&e.place, in);

	e.size = rd_u64(in);
	e.lines = rd_u64(in);
	e.bad = rd_u64(in);
	e.skipped = rd_u64(in);
	e.hits = rd_u64(in);
	e.untimed = rd_u64(in);
	e.last_event = (usec)rd_u64(in);
	e.error = rd_text(in);
	e.hit_count = rd_u32(in);
	if (!placed || in->failed || e.error.n > EVENTS_ERROR_MAX || e.hit_count > EVENTS_HITS_MAX)
		return false;
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
