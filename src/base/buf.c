/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_FIRST = 256 };

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = OK;
}

void *buf_grow(struct buf *b, size_t n)
{
	size_t need;

	if (b->failed != OK)
		return NULL;
	if (__builtin_add_overflow(b->n, n, &need) || need > b->max) {
		b->failed = ERR_LIMIT;
		return NULL;
	}
	if (need > b->cap || !b->p) {
		size_t cap = b->cap ? b->cap : CAP_FIRST;
		char *p;

		while (cap < need)
			cap = cap > b->max / 2 ? b->max : cap * 2;
		p = realloc(b->p, cap);
		if (!p) {
			b->failed = ERR_NOMEM;
			return NULL;
		}
		b->p = p;
		b->cap = cap;
	}
	b->n = need;
	return b->p + (need - n);
}

void buf_put(struct buf *b, struct str s)
{
	void *at = s.n ? buf_grow(b, s.n) : NULL;

	if (at)
		memcpy(at, s.p, s.n);
}

void buf_byte(struct buf *b, char c)
{
	buf_put(b, (struct str){&c, 1});
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		buf_put(b, (struct str){small, (size_t)n});
	} else if (n >= 0) {
		/* One byte more for the NUL, which is taken back. */
		char *at = buf_grow(b, (size_t)n + 1);

		if (at) {
			(void)vsnprintf(at, (size_t)n + 1, fmt, again);
			b->n--;
		}
	}
	va_end(again);
}

void buf_hex(struct buf *b, const void *bytes, size_t n)
{
	static const char DIGITS[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	char *at = buf_grow(b, n * 2);

	for (size_t i = 0; at && i < n; i++) {
		at[2 * i] = DIGITS[in[i] >> 4];
		at[2 * i + 1] = DIGITS[in[i] & 15];
	}
}

static void put_be(struct buf *b, uint64_t v, size_t width)
{
	unsigned char *at = buf_grow(b, width);

	for (size_t i = 0; at && i < width; i++)
		at[i] = (unsigned char)(v >> (8 * (width - 1 - i)));
}

void buf_u8(struct buf *b, uint8_t v)
{
	put_be(b, v, 1);
}

void buf_u16(struct buf *b, uint16_t v)
{
	put_be(b, v, 2);
}

void buf_u32(struct buf *b, uint32_t v)
{
	put_be(b, v, 4);
}

void buf_u64(struct buf *b, uint64_t v)
{
	put_be(b, v, 8);
}

void buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->n);
	if (n)
		memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){b->p, b->n};
}
