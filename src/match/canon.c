/* SPDX-License-Identifier: Apache-2.0 */
#include "match/canon.h"

#include <stdbool.h>
#include <string.h>

/* Class of each byte in a host name as events write it. */
enum { HOST_OTHER, HOST_PLAIN, HOST_UPPER };

static const unsigned char HOST_CLASS[256] = {
    ['a' ... 'z'] = HOST_PLAIN,
    ['0' ... '9'] = HOST_PLAIN,
    ['-'] = HOST_PLAIN,
    ['.'] = HOST_PLAIN,
    ['_'] = HOST_PLAIN,
    ['A' ... 'Z'] = HOST_UPPER,
};

static enum err by_the_book(
    struct term *out, enum term_kind kind, struct str text, struct arena *arena)
{
	return term_canonical(out, arena, kind, text) == OK ? OK : ERR_INVALID;
}

static bool parse_ipv4(struct str text, unsigned char out[4])
{
	unsigned part = 0, value = 0, digits = 0;

	if (text.n > 15)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned digit = (unsigned char)text.p[i] - (unsigned)'0';

		if (digit <= 9) {
			/* No leading zeros: some read them as octal. */
			if (digits > 0 && value == 0)
				return false;
			value = value * 10 + digit;
			if (++digits > 3 || value > 255)
				return false;
			continue;
		}
		if (text.p[i] != '.' || digits == 0 || part == 3)
			return false;
		out[part++] = (unsigned char)value;
		value = digits = 0;
	}
	out[3] = (unsigned char)value;
	return part == 3 && digits > 0;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n digits into n / 2 bytes. */
static bool parse_hex(const char *p, size_t n, char *out)
{
	int wrong = 0;

	for (size_t i = 0; i < n; i += 2) {
		int high = hex_digit((unsigned char)p[i]);
		int low = hex_digit((unsigned char)p[i + 1]);

		wrong |= high | low;
		out[i / 2] = (char)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong >= 0;
}

/* "fe80:0000:0000:0000:0123:4567:89ab:cdef", as sensors write addresses in full. */
static bool parse_ipv6_full(struct str text, char out[16])
{
	if (text.n != 39)
		return false;
	for (size_t group = 0; group < 8; group++) {
		const char *p = text.p + group * 5;

		if ((group < 7 && p[4] != ':') || !parse_hex(p, 4, out + group * 2))
			return false;
	}
	return true;
}

static enum err canon_address(struct term *out, struct str text, char *room, struct arena *arena)
{
	if (parse_ipv4(text, (unsigned char *)room)) {
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
	unsigned classes = 0;

	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	for (size_t i = 0; i < text.n; i++)
		classes |= 1U << HOST_CLASS[(unsigned char)text.p[i]];
	if (classes & 1U << HOST_OTHER)
		return by_the_book(out, TERM_DOMAIN, text, arena);
	if (text.n == 0 || text.n > 253)
		return ERR_INVALID;
	if (classes & 1U << HOST_UPPER) {
		for (size_t i = 0; i < text.n; i++) {
			unsigned char c = (unsigned char)text.p[i];

			room[i] = (char)(HOST_CLASS[c] == HOST_UPPER ? c | 0x20 : c);
		}
		text.p = room;
	}
	*out = (struct term){TERM_DOMAIN, 0, text};
	return OK;
}

static enum err canon_hash(
    struct term *out, enum term_kind kind, size_t bytes, struct str text, char *room)
{
	if (text.n != bytes * 2 || !parse_hex(text.p, text.n, room))
		return ERR_INVALID;
	*out = (struct term){kind, 0, {room, bytes}};
	return OK;
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
	default:
		return by_the_book(out, kind, text, arena);
	}
}
