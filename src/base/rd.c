/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rd.h"

struct rd rd_of(struct str s)
{
	return (struct rd){.p = (const unsigned char *)s.p, .n = s.n};
}

struct str rd_bytes(struct rd *r, size_t n)
{
	struct str out = {(const char *)r->p, n};

	if (r->failed || n > r->n) {
		r->failed = true;
		return STR_NONE;
	}
	if (n > 0) /* of nothing at all p is NULL, and nothing may be added to that */
		r->p += n;
	r->n -= n;
	return out;
}

static uint64_t get_be(struct rd *r, size_t width)
{
	struct str s = rd_bytes(r, width);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)get_be(r, 1);
}

uint16_t rd_u16(struct rd *r)
{
	return (uint16_t)get_be(r, 2);
}

uint32_t rd_u32(struct rd *r)
{
	return (uint32_t)get_be(r, 4);
}

uint64_t rd_u64(struct rd *r)
{
	return get_be(r, 8);
}

struct str rd_text(struct rd *r)
{
	return rd_bytes(r, rd_u32(r));
}

struct str rd_rest(struct rd *r)
{
	return rd_bytes(r, r->n);
}

bool rd_done(const struct rd *r)
{
	return !r->failed && r->n == 0;
}
