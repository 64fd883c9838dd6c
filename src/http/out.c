/* SPDX-License-Identifier: Apache-2.0 */
#include "http/out.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum { HEAD_MAX = 64 << 10, KEEP_BYTES = 16 << 10, KEEP_PIECES = 256 };

void out_init(struct http_out *o, size_t copied_max)
{
	*o = (struct http_out){0};
	buf_init(&o->head, HEAD_MAX);
	buf_init(&o->copied, copied_max);
}

void out_free(struct http_out *o)
{
	buf_free(&o->head);
	buf_free(&o->copied);
	mem_free(o->pieces);
	o->pieces = NULL;
}

static void reset_body(struct http_out *o)
{
	if (o->copied.cap > KEEP_BYTES)
		buf_free(&o->copied);
	buf_reset(&o->copied);
	if (o->room > KEEP_PIECES) {
		mem_free(o->pieces);
		o->pieces = NULL;
		o->room = 0;
	}
	o->count = o->first = o->first_at = o->copied_at = o->bytes = 0;
}

void out_reset(struct http_out *o)
{
	reset_body(o);
	buf_reset(&o->head);
	o->head_at = 0;
}

void out_drop_body(struct http_out *o)
{
	reset_body(o);
}

static void add_piece(struct http_out *o, const char *p, size_t n)
{
	if (o->count && !p && !o->pieces[o->count - 1].p && o->first < o->count) {
		o->pieces[o->count - 1].n += n;
		o->bytes += n;
		return;
	}
	if (o->count == o->room) {
		o->room = o->room ? o->room * 2 : 4;
		o->pieces = mem_grow(o->pieces, o->room, sizeof(*o->pieces));
	}
	o->pieces[o->count++] = (struct out_piece){p, n};
	o->bytes += n;
}

void out_copy(struct http_out *o, struct str part)
{
	if (part.n == 0)
		return;
	buf_put(&o->copied, part);
	if (o->copied.failed == OK)
		add_piece(o, NULL, part.n);
}

void out_ref(struct http_out *o, struct str part)
{
	if (part.n)
		add_piece(o, part.p, part.n);
}

size_t out_left(const struct http_out *o)
{
	return o->head.n - o->head_at + o->bytes;
}

size_t out_gather(const struct http_out *o, char *to, size_t room)
{
	size_t n = o->head.n - o->head_at;
	size_t skip = o->first_at;
	size_t copied = o->copied_at;

	n = n < room ? n : room;
	if (n)
		memcpy(to, o->head.p + o->head_at, n);
	for (size_t i = o->first; i < o->count && n < room; i++) {
		const struct out_piece *piece = &o->pieces[i];
		size_t part = piece->n - skip;
		const char *from = piece->p ? piece->p + skip : o->copied.p + copied;

		if (part > room - n)
			part = room - n;
		memcpy(to + n, from, part);
		n += part;
		copied += piece->p ? 0 : part;
		skip = 0;
	}
	return n;
}

void out_sent(struct http_out *o, size_t n)
{
	size_t head = o->head.n - o->head_at;

	head = head < n ? head : n;
	o->head_at += head;
	n -= head;
	assert(n <= o->bytes);
	o->bytes -= n;
	while (n) {
		const struct out_piece *piece = &o->pieces[o->first];
		size_t left = piece->n - o->first_at;
		size_t part = left < n ? left : n;

		o->copied_at += piece->p ? 0 : part;
		o->first_at += part;
		n -= part;
		if (o->first_at == piece->n) {
			o->first++;
			o->first_at = 0;
		}
	}
	if (out_left(o) == 0)
		out_reset(o);
}
