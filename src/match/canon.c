/* SPDX-License-Identifier: Apache-2.0 */
#include "match/canon.h"

#include <string.h>

#include "match/ascii.h"

static enum err by_the_book(
    struct term *out, enum term_kind kind, struct str text, struct arena *arena)
{
	arena_reset(arena);
	return term_canonical(out, arena, kind, text) == OK ? OK : ERR_INVALID;
}

/* "fe80:0000:0000:0000:0123:4567:89ab:cdef", as sensors write addresses in full. */
static bool parse_ipv6_full(struct str text, char out[16])
{
	char digits[32];

	if (text.n != 39)
		return false;
	for (size_t group = 0; group < 8; group++) {
		const char *p = text.p + group * 5;

		if (group < 7 && p[4] != ':')
			return false;
		memcpy(digits + group * 4, p, 4);
	}
	return ascii_hex(digits, sizeof(digits), out);
}

static enum err canon_address(struct term *out, struct str text, char *room, struct arena *arena)
{
	if (ascii_ipv4(text, (unsigned char *)room)) {
		*out = (struct term){TERM_IPV4, 32, {room, 4}};
		return OK;
	}
	if (parse_ipv6_full(text, room)) {
		*out = (struct term){TERM_IPV6, 128, {room, 16}};
		return OK;
	}
	if (str_find(text, ':') == text.n || str_find(text, '/') != text.n)
		return ERR_INVALID;
	return by_the_book(out, TERM_IPV6, text, arena);
}

static enum err canon_domain(struct term *out, struct str text, char *room, struct arena *arena)
{
	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	if (!ascii_host_plain(text)) {
		if (!ascii_host_lower(text, room))
			return by_the_book(out, TERM_DOMAIN, text, arena);
		text.p = room;
	}
	if (text.n == 0 || text.n > 253)
		return ERR_INVALID;
	*out = (struct term){TERM_DOMAIN, 0, text};
	return OK;
}

static enum err canon_hash(
    struct term *out, enum term_kind kind, size_t bytes, struct str text, char *room)
{
	if (text.n != bytes * 2 || !ascii_hex(text.p, text.n, room))
		return ERR_INVALID;
	*out = (struct term){kind, 0, {room, bytes}};
	return OK;
}

/* Whose digest it is is told by its length, with or without colons. */
static enum err canon_certificate(struct term *out, struct str text, char *room)
{
	static const struct {
		enum term_kind kind;
		size_t bytes;
	} KINDS[] = {{TERM_CERT_SHA1, 20}, {TERM_CERT_SHA256, 32}, {TERM_CERT_MD5, 16}};
	char bare[64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		if (text.n == KINDS[i].bytes * 2)
			return canon_hash(out, KINDS[i].kind, KINDS[i].bytes, text, room);
		if (text.n != KINDS[i].bytes * 3 - 1)
			continue;
		for (size_t at = 0; at < text.n; at++) {
			if (at % 3 != 2)
				bare[n++] = text.p[at];
			else if (text.p[at] != ':')
				return ERR_INVALID;
		}
		return canon_hash(out, KINDS[i].kind, KINDS[i].bytes, (struct str){bare, n}, room);
	}
	return ERR_INVALID;
}

enum err canon_term(
    struct term *out, enum term_kind kind, struct str text, char *room, struct arena *arena)
{
	switch (kind) {
	case TERM_IPV4:
	case TERM_IPV6:
		return canon_address(out, text, room, arena);
	case TERM_DOMAIN:
		return canon_domain(out, text, room, arena);
	case TERM_MD5:
		return canon_hash(out, kind, 16, text, room);
	case TERM_SHA1:
		return canon_hash(out, kind, 20, text, room);
	case TERM_SHA256:
		return canon_hash(out, kind, 32, text, room);
	case TERM_SHA512:
		return canon_hash(out, kind, 64, text, room);
	case TERM_CERT_MD5:
	case TERM_CERT_SHA1:
	case TERM_CERT_SHA256:
		return canon_certificate(out, text, room);
	case TERM_JA3:
	case TERM_JA3S:
		return canon_hash(out, kind, 16, text, room);
	case TERM_USER_AGENT:
		return term_canonical(out, arena, kind, text);
	default:
		return by_the_book(out, kind, text, arena);
	}
}
