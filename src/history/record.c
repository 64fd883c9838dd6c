/* SPDX-License-Identifier: Apache-2.0 */
#include "history/record.h"

#include <assert.h>
#include <string.h>

enum {
	TAG_HOURS = 15,
	TAG_ONCE = 16,
	TAG_HOSTS = 5, /* by so many bits shifted */
	HOSTS_FEW = 5,
	HOSTS_LIST = 6,
	HOSTS_ALL = 7,
	HOSTS_LIST_MAX = 30, /* with more the bits themselves are shorter */
	VARINT_MAX = 10,
};

void history_row_join(struct history_row *to, const struct history_row *from)
{
	uint64_t count = to->count + from->count;

	to->count = count < COUNT_END ? count : COUNT_END - 1;
	if (from->first < to->first)
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	history_hosts_join(&to->hosts, &from->hosts);
}

/* Reads past nothing: there are VARINT_MAX bytes, or the end is found by `end`. */
static const unsigned char *varint(uint64_t *out, const unsigned char *p, const unsigned char *end)
{
	uint64_t v = 0;

	for (unsigned shift = 0; p < end && shift < 7 * (VARINT_MAX - 1); shift += 7) {
		unsigned char byte = *p++;

		v |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			*out = v;
			return p;
		}
	}
	return NULL;
}

static unsigned char *put_varint(unsigned char *p, uint64_t v)
{
	while (v >= 128) {
		*p++ = (unsigned char)(v | 128);
		v >>= 7;
	}
	*p++ = (unsigned char)v;
	return p;
}

void record_start(struct record_reader *r, struct str bytes)
{
	r->held = 0;
	record_continue(r, bytes);
}

void record_continue(struct record_reader *r, struct str bytes)
{
	r->p = (const unsigned char *)bytes.p;
	r->end = r->p + bytes.n;
	r->key = (struct str){r->keys, 0};
	r->rows = 0;
	r->row = r->rows_end = r->p;
}

/* What follows the key in a record's head. */
enum { SOURCE, ROWS, HOUR, LENGTH, TAIL_FIELDS };

static enum record_step bad(struct record_reader *r)
{
	r->p = r->rows_end = r->row = r->end;
	r->rows = 0;
	return RECORD_BAD;
}

/* The key, of which the record says what is new; NULL: it does not. */
static const unsigned char *get_key(struct record_reader *r, const unsigned char *p)
{
	uint64_t shared, rest;

	p = varint(&shared, p, r->end);
	if (p)
		p = varint(&rest, p, r->end);
	if (!p || shared > r->key.n || rest > KEY_MAX - shared || rest > (size_t)(r->end - p) ||
	    shared + rest == 0)
		return NULL;
	r->same = r->held == shared + rest && memcmp(r->keys + shared, p, rest) == 0;
	memcpy(r->keys + shared, p, rest);
	r->key.n = r->held = shared + rest;
	return p + rest;
}

enum record_step record_next(struct record_reader *r)
{
	const unsigned char *p = r->p;
	uint64_t tail[TAIL_FIELDS];

	r->rows = 0;
	if (p == r->end)
		return RECORD_END;
	p = get_key(r, p);
	for (int i = 0; p && i < TAIL_FIELDS; i++)
		p = varint(&tail[i], p, r->end);
	if (!p || tail[SOURCE] > UINT32_MAX || tail[ROWS] == 0 || tail[ROWS] > RECORD_ROWS ||
	    tail[HOUR] >= HOUR_END || tail[LENGTH] > (size_t)(r->end - p))
		return bad(r);
	r->same = r->same && r->source == tail[SOURCE];
	r->source = (uint32_t)tail[SOURCE];
	r->rows = (uint32_t)tail[ROWS];
	r->hour = (uint32_t)tail[HOUR];
	r->first = true;
	r->row = p;
	r->rows_end = r->p = p + tail[LENGTH];
	return RECORD_GOOD;
}

static const unsigned char *get_hosts(
    struct history_hosts *out, unsigned form, const unsigned char *p)
{
	unsigned count = form;
	int last = -1;

	*out = (struct history_hosts){{0}};
	if (form == HOSTS_ALL) {
		for (size_t i = 0; i < sizeof(out->bits); i++)
			out->bits[i / 8] |= (uint64_t)*p++ << i % 8 * 8;
		return p;
	}
	if (form == HOSTS_LIST)
		count = *p++;
	if (count > HOSTS_LIST_MAX)
		return NULL;
	for (; count > 0; count--, p++) {
		if (*p <= last)
			return NULL;
		last = *p;
		out->bits[*p / 64] |= UINT64_C(1) << *p % 64;
	}
	return p;
}

/* A row at p, with RECORD_ROW_BYTES that may be read. NULL: it is none. */
static const unsigned char *get_row(
    struct history_row *out, const unsigned char *p, uint32_t hour, bool first_row)
{
	const unsigned char *end = p + RECORD_ROW_BYTES;
	unsigned tag = *p++, first, last;
	uint64_t hours = tag & TAG_HOURS, more = 0;

	if (hours == TAG_HOURS) {
		p = varint(&more, p, end);
		if (!p || more >= HOUR_END)
			return NULL;
	}
	hours += more + hour + !first_row;
	if (hours >= HOUR_END || (first_row && hours != hour))
		return NULL;
	if (tag & TAG_ONCE) {
		out->count = 1;
		first = last = p[0] | (unsigned)p[1] << 8;
		p += 2;
	} else {
		p = varint(&more, p, end);
		if (!p || more >= COUNT_END - 2)
			return NULL;
		out->count = more + 2;
		first = p[0] | (p[1] & 15U) << 8;
		last = p[1] >> 4 | (unsigned)p[2] << 4;
		p += 3;
	}
	if (first > last || last >= SECONDS)
		return NULL;
	out->hour = (uint32_t)hours;
	out->first = (uint16_t)first;
	out->last = (uint16_t)last;
	return get_hosts(&out->hosts, tag >> TAG_HOSTS, p);
}

enum record_step record_row(struct record_reader *r, struct history_row *out)
{
	size_t left = (size_t)(r->rows_end - r->row), n;
	unsigned char copy[RECORD_ROW_BYTES];
	const unsigned char *p = r->row, *after;

	if (r->rows == 0)
		return left == 0 ? RECORD_END : bad(r);
	/* Near the end of all bytes, from a copy that has some behind it. */
	if ((size_t)(r->end - p) < RECORD_ROW_BYTES) {
		n = (size_t)(r->end - p);
		memcpy(copy, p, n);
		memset(copy + n, 0, sizeof(copy) - n);
		p = copy;
	}
	after = get_row(out, p, r->hour, r->first);
	if (!after || (size_t)(after - p) > left)
		return bad(r);
	r->row += after - p;
	r->hour = out->hour;
	r->first = false;
	r->rows--;
	if (r->rows == 0 && r->row != r->rows_end)
		return bad(r);
	return RECORD_GOOD;
}

void record_writer_start(struct record_writer *w, struct buf *out)
{
	w->out = out;
	w->last_n = w->key_n = 0;
	w->rows = 0;
	w->body_n = 0;
	w->rows_written = 0;
	w->waiting = false;
}

void record_begin(struct record_writer *w, struct str key, uint32_t source)
{
	assert(key.n > 0 && key.n <= KEY_MAX && w->rows == 0 && !w->waiting);
	memcpy(w->key, key.p, key.n);
	w->key_n = key.n;
	w->source = source;
}

static void put_record(struct record_writer *w)
{
	size_t shared = 0, most = w->key_n < w->last_n ? w->key_n : w->last_n, n;
	unsigned char *start = buf_grow(w->out, RECORD_HEAD_BYTES + w->key_n + w->body_n),
	              *p = start;

	if (!p)
		return;
	while (shared < most && w->key[shared] == w->last[shared])
		shared++;
	n = w->key_n - shared;
	p = put_varint(p, shared);
	p = put_varint(p, n);
	memcpy(p, w->key + shared, n);
	p = put_varint(p + n, w->source);
	p = put_varint(p, w->rows);
	p = put_varint(p, w->first_hour);
	p = put_varint(p, w->body_n);
	memcpy(p, w->body, w->body_n);
	p += w->body_n;
	w->out->n -= RECORD_HEAD_BYTES + w->key_n + w->body_n - (size_t)(p - start);
	memcpy(w->last + shared, w->key + shared, n);
	w->last_n = w->key_n;
	w->rows_written += w->rows;
	w->rows = 0;
	w->body_n = 0;
}

static unsigned char *put_hosts(unsigned char *p, unsigned char *tag, const struct history_hosts *h)
{
	unsigned count = 0;

	/* Most rows have few hosts, and most words none. */
	for (size_t i = 0; i < sizeof(h->bits) / sizeof(*h->bits); i++)
		if (h->bits[i])
			count += (unsigned)__builtin_popcountll(h->bits[i]);
	if (count > HOSTS_LIST_MAX) {
		*tag |= HOSTS_ALL << TAG_HOSTS;
		for (size_t i = 0; i < sizeof(h->bits); i++)
			*p++ = (unsigned char)(h->bits[i / 8] >> i % 8 * 8);
		return p;
	}
	if (count > HOSTS_FEW) {
		*tag |= HOSTS_LIST << TAG_HOSTS;
		*p++ = (unsigned char)count;
	} else {
		*tag |= (unsigned char)(count << TAG_HOSTS);
	}
	for (unsigned word = 0; count > 0 && word < sizeof(h->bits) / sizeof(*h->bits); word++)
		for (uint64_t bits = h->bits[word]; bits; bits &= bits - 1)
			*p++ = (unsigned char)(word * 64 + (unsigned)__builtin_ctzll(bits));
	return p;
}

static void put_row(struct record_writer *w, const struct history_row *row)
{
	unsigned char *tag = w->body + w->body_n, *p = tag + 1;
	uint32_t hours = 0;

	assert(row->count > 0 && row->count < COUNT_END && row->first <= row->last &&
	       row->last < SECONDS && row->hour < HOUR_END);
	if (w->rows == 0)
		w->first_hour = row->hour;
	else
		hours = row->hour - w->hour - 1;
	*tag = (unsigned char)(hours < TAG_HOURS ? hours : TAG_HOURS);
	if (hours >= TAG_HOURS)
		p = put_varint(p, hours - TAG_HOURS);
	if (row->count == 1) {
		*tag |= TAG_ONCE;
		*p++ = (unsigned char)row->first;
		*p++ = (unsigned char)(row->first >> 8);
	} else {
		p = put_varint(p, row->count - 2);
		*p++ = (unsigned char)row->first;
		*p++ = (unsigned char)(row->first >> 8 | (row->last & 15) << 4);
		*p++ = (unsigned char)(row->last >> 4);
	}
	p = put_hosts(p, tag, &row->hosts);
	w->body_n = (size_t)(p - w->body);
	w->hour = row->hour;
	w->rows++;
}

bool record_put(struct record_writer *w, const struct history_row *row)
{
	bool full;

	if (w->waiting && w->row.hour == row->hour) {
		history_row_join(&w->row, row);
		return false;
	}
	assert(!w->waiting || w->row.hour < row->hour);
	if (w->waiting)
		put_row(w, &w->row);
	full = w->rows == RECORD_ROWS;
	if (full)
		put_record(w);
	w->row = *row;
	w->waiting = true;
	return full;
}

void record_finish(struct record_writer *w)
{
	if (w->waiting)
		put_row(w, &w->row);
	w->waiting = false;
	if (w->rows > 0)
		put_record(w);
}

void record_writer_cut(struct record_writer *w)
{
	w->last_n = 0;
}
