/* SPDX-License-Identifier: Apache-2.0 */
/* How an entry lies in a generation or a delta: kind and flags, length of the value (a byte, or 255
 * and two more), prefix of an address, ledger number, the times that it has, the value; packed.
 * Private to match/. */
#pragma once

#include <string.h>

#include "match/index.h"

enum {
	ENTRY_FROM = 0x40,
	ENTRY_UNTIL = 0x80,
	ENTRY_KIND = 0x3f,
	ENTRY_LONG = 255, /* as length: the real one follows */
	ENTRY_SEQ = 5,    /* bytes of a ledger number */
};

#define ENTRY_SEQ_END (UINT64_C(1) << 8 * ENTRY_SEQ)

static inline size_t entry_head(unsigned kind, size_t length)
{
	size_t n = 2 + ENTRY_SEQ;

	n += length >= ENTRY_LONG ? 2 : 0;
	n += (kind & ENTRY_KIND) <= TERM_IPV6 ? 1 : 0;
	n += kind & ENTRY_FROM ? 4 : 0;
	n += kind & ENTRY_UNTIL ? 4 : 0;
	return n;
}

static inline unsigned entry_kind(const struct index_entry *e)
{
	return (unsigned)e->term.kind | (e->from != 0 ? ENTRY_FROM : 0U) |
	       (e->until != UINT32_MAX ? ENTRY_UNTIL : 0U);
}

static inline size_t entry_size(const struct index_entry *e)
{
	return entry_head(entry_kind(e), e->term.value.n) + e->term.value.n;
}

/* An entry that can be put. */
static inline bool entry_fits(const struct index_entry *e)
{
	return e->term.value.n > 0 && e->term.value.n <= INDEX_VALUE_MAX && e->seq < ENTRY_SEQ_END;
}

static inline void entry_put(char *out, const struct index_entry *e)
{
	unsigned kind = entry_kind(e);
	size_t length = e->term.value.n;

	*out++ = (char)kind;
	*out++ = (char)(length < ENTRY_LONG ? length : ENTRY_LONG);
	if (length >= ENTRY_LONG) {
		*out++ = (char)(length & 255);
		*out++ = (char)(length >> 8);
	}
	if (e->term.kind <= TERM_IPV6)
		*out++ = (char)e->term.prefix;
	for (unsigned i = 0; i < ENTRY_SEQ; i++)
		*out++ = (char)(e->seq >> 8 * i & 255);
	if (kind & ENTRY_FROM) {
		memcpy(out, &e->from, 4);
		out += 4;
	}
	if (kind & ENTRY_UNTIL) {
		memcpy(out, &e->until, 4);
		out += 4;
	}
	memcpy(out, e->term.value.p, length);
}

/* Bytes taken, 0 when the entry does not fit into n bytes. */
static inline size_t entry_get(struct index_entry *out, const char *p, size_t n)
{
	const unsigned char *in = (const unsigned char *)p + 2;
	size_t length, head;
	unsigned kind;

	if (n < 4)
		return 0;
	kind = (unsigned char)p[0];
	length = (unsigned char)p[1];
	if (length == ENTRY_LONG) {
		length = in[0] | (size_t)in[1] << 8;
		in += 2;
		if (length < ENTRY_LONG)
			return 0;
	}
	head = entry_head(kind, length);
	if (head + length > n || (kind & ENTRY_KIND) >= TERM_KINDS)
		return 0;
	*out = (struct index_entry){.until = UINT32_MAX};
	out->term.kind = (enum term_kind)(kind & ENTRY_KIND);
	if (out->term.kind <= TERM_IPV6)
		out->term.prefix = *in++;
	for (unsigned i = 0; i < ENTRY_SEQ; i++)
		out->seq |= (uint64_t)*in++ << 8 * i;
	if (kind & ENTRY_FROM) {
		memcpy(&out->from, in, 4);
		in += 4;
	}
	if (kind & ENTRY_UNTIL)
		memcpy(&out->until, in, 4);
	out->term.value = (struct str){p + head, length};
	return head + length;
}

/* Prefix of a network that is narrower than a host, by which it must be looked up; -1 else. */
static inline int entry_network(const struct term *t)
{
	if (t->kind == TERM_IPV4 && t->prefix < 32)
		return t->prefix;
	if (t->kind == TERM_IPV6 && t->prefix < 128)
		return t->prefix;
	return -1;
}

static inline uint64_t entry_fingerprint(uint64_t seed, const struct term *t)
{
	return fingerprint(seed, (unsigned)t->kind, t->prefix, t->value);
}
