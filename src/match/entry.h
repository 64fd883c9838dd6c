/* SPDX-License-Identifier: Apache-2.0 */
/* How an entry lies in a generation or a delta: kind and flags, prefix, length of the value, ledger
 * number, the times that it has, the value, padding to 4 bytes. Private to match/. */
#pragma once

#include <string.h>

#include "match/index.h"

enum { ENTRY_FROM = 0x40, ENTRY_UNTIL = 0x80, ENTRY_KIND = 0x3f, ENTRY_HEAD = 12 };

static inline size_t entry_size(const struct index_entry *e)
{
	size_t n = ENTRY_HEAD + e->term.value.n;

	n += e->from != 0 ? 4 : 0;
	n += e->until != UINT32_MAX ? 4 : 0;
	return (n + 3) & ~(size_t)3;
}

static inline void entry_put(char *out, const struct index_entry *e)
{
	uint16_t length = (uint16_t)e->term.value.n;
	unsigned kind = (unsigned)e->term.kind;

	kind |= e->from != 0 ? ENTRY_FROM : 0U;
	kind |= e->until != UINT32_MAX ? ENTRY_UNTIL : 0U;
	out[0] = (char)kind;
	out[1] = (char)e->term.prefix;
	memcpy(out + 2, &length, 2);
	memcpy(out + 4, &e->seq, 8);
	out += ENTRY_HEAD;
	if (e->from != 0) {
		memcpy(out, &e->from, 4);
		out += 4;
	}
	if (e->until != UINT32_MAX) {
		memcpy(out, &e->until, 4);
		out += 4;
	}
	memcpy(out, e->term.value.p, length);
}

/* Bytes taken, 0 when the entry does not fit into n bytes. */
static inline size_t entry_get(struct index_entry *out, const char *p, size_t n)
{
	unsigned kind;
	uint16_t length;
	size_t at = ENTRY_HEAD, size;

	if (n < ENTRY_HEAD)
		return 0;
	kind = (unsigned char)p[0];
	memcpy(&length, p + 2, 2);
	size = ENTRY_HEAD + (kind & ENTRY_FROM ? 4U : 0U) + (kind & ENTRY_UNTIL ? 4U : 0U) + length;
	size = (size + 3) & ~(size_t)3;
	if (size > n || (kind & ENTRY_KIND) >= TERM_KINDS)
		return 0;
	*out = (struct index_entry){.until = UINT32_MAX};
	out->term.kind = (enum term_kind)(kind & ENTRY_KIND);
	out->term.prefix = (uint8_t)p[1];
	memcpy(&out->seq, p + 4, 8);
	if (kind & ENTRY_FROM) {
		memcpy(&out->from, p + at, 4);
		at += 4;
	}
	if (kind & ENTRY_UNTIL) {
		memcpy(&out->until, p + at, 4);
		at += 4;
	}
	out->term.value = (struct str){p + at, length};
	return size;
}

static inline bool entry_is(const struct index_entry *e, const struct term *t)
{
	return e->term.kind == t->kind && e->term.prefix == t->prefix &&
	       str_eq(e->term.value, t->value);
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
