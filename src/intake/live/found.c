/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/found.h"

#include "intake/sighting.h"

static void put_text(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

void found_put(struct buf *out, const struct found *f)
{
	buf_u64(out, f->seq);
	buf_u64(out, f->count);
	buf_u64(out, (uint64_t)f->first);
	buf_u64(out, (uint64_t)f->last);
	buf_u32(out, f->witnesses);
}

void found_witness_put(struct buf *out, const struct found_witness *w)
{
	buf_u64(out, (uint64_t)w->when);
	buf_u32(out, w->objects);
}

void found_object_put(struct buf *out, const struct found_object *o)
{
	put_text(out, o->id);
	put_text(out, o->content);
}

bool found_get(struct found *out, struct rd *in)
{
	struct found f = {.seq = rd_u64(in)};

	f.count = rd_u64(in);
	f.first = (usec)rd_u64(in);
	f.last = (usec)rd_u64(in);
	f.witnesses = rd_u32(in);
	if (in->failed || f.count == 0 || f.first > f.last || f.witnesses > FOUND_WITNESSES_MAX)
		return false;
	*out = f;
	return true;
}

bool found_witness_get(struct found_witness *out, struct rd *in)
{
	struct found_witness w = {.when = (usec)rd_u64(in)};

	w.objects = rd_u32(in);
	if (in->failed || w.objects == 0 || w.objects > FOUND_OBJECTS_MAX)
		return false;
	*out = w;
	return true;
}

bool found_object_get(struct found_object *out, struct rd *in)
{
	struct found_object o = {.id = rd_text(in)};

	o.content = rd_text(in);
	if (in->failed || o.id.n == 0 || o.id.n >= SIGHTING_ID_MAX || o.content.n == 0 ||
	    o.content.n > FOUND_OBJECT_BYTES_MAX)
		return false;
	*out = o;
	return true;
}
