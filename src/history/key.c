/* SPDX-License-Identifier: Apache-2.0 */
#include "history/key.h"

#include <assert.h>
#include <string.h>

#include "codec/utf8.h"

enum { TEXT, NAME }; /* instead of a size */

struct kind {
	unsigned char number;
	unsigned char size; /* of its values, or one of the above */
};

static const struct kind KINDS[] = {
    [TERM_IPV4] = {1, 4},
    [TERM_IPV6] = {2, 16},
    [TERM_DOMAIN] = {3, NAME},
    [TERM_URL] = {4, TEXT},
    [TERM_EMAIL] = {5, TEXT},
    [TERM_MD5] = {6, 16},
    [TERM_SHA1] = {7, 20},
    [TERM_SHA256] = {8, 32},
    [TERM_SHA512] = {9, 64},
    [TERM_CERT_MD5] = {10, 16},
    [TERM_CERT_SHA1] = {11, 20},
    [TERM_CERT_SHA256] = {12, 32},
    [TERM_JA3] = {13, 16},
    [TERM_JA3S] = {14, 16},
    [TERM_JA4] = {15, TEXT},
    [TERM_USER_AGENT] = {16, TEXT},
};

enum { KEY_KINDS = sizeof(KINDS) / sizeof(*KINDS) };

static_assert(KEY_KINDS == (int)TERM_KINDS, "every kind has a number");

unsigned char key_kind(enum term_kind kind)
{
	return KINDS[kind].number;
}

/* The kind of a number; TERM_KINDS: none. */
static enum term_kind kind_of(unsigned char number)
{
	unsigned kind = 0;

	while (kind < TERM_KINDS && KINDS[kind].number != number)
		kind++;
	return (enum term_kind)kind;
}

static bool name_valid(struct str s)
{
	if (s.n == 0 || s.n > HISTORY_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool value_valid(enum term_kind kind, struct str value)
{
	switch (KINDS[kind].size) {
	case NAME:
		return name_valid(value);
	case TEXT:
		return value.n > 0 && value.n <= HISTORY_VALUE_MAX && utf8_valid(value);
	default:
		return value.n == KINDS[kind].size;
	}
}

bool key_takes(const struct term *t)
{
	if ((t->kind == TERM_IPV4 && t->prefix != 32) || (t->kind == TERM_IPV6 && t->prefix != 128))
		return false;
	return t->kind < TERM_KINDS && value_valid(t->kind, t->value);
}

void key_turn(char *out, struct str name)
{
	char *end = out + name.n;

	for (size_t at = 0; at <= name.n;) {
		size_t n = str_find(str_from(name, at), '.');

		end -= n;
		memcpy(end, name.p + at, n);
		at += n + 1;
		if (at <= name.n)
			*--end = '.';
	}
}

size_t key_put(char *out, const struct term *t)
{
	out[0] = (char)KINDS[t->kind].number;
	if (KINDS[t->kind].size == NAME)
		key_turn(out + 1, t->value);
	else
		memcpy(out + 1, t->value.p, t->value.n);
	return 1 + t->value.n;
}

size_t key_put_pair(char *out, const struct term *name, const struct term *answer)
{
	size_t n = key_put(out, name);

	out[0] = (char)KEY_KIND_PAIRS;
	out[n++] = '\0';
	return n + key_put(out + n, answer);
}

size_t key_put_name(char *out, const struct term *answer, const struct term *name)
{
	size_t n = 1 + key_put(out + 1, answer);

	out[0] = (char)KEY_KIND_NAMES;
	if (answer->kind == TERM_DOMAIN)
		out[n++] = '\0';
	key_turn(out + n, name->value);
	return n + name->value.n;
}

bool key_get(struct term *out, struct key_room *room, struct str key)
{
	struct str value = str_from(key, 1);
	enum term_kind kind;

	if (key.n < 2)
		return false;
	kind = kind_of((unsigned char)key.p[0]);
	if (kind == TERM_KINDS || !value_valid(kind, value))
		return false;
	*out = (struct term){.kind = kind, .value = value};
	if (kind == TERM_IPV4)
		out->prefix = 32;
	if (kind == TERM_IPV6)
		out->prefix = 128;
	if (kind == TERM_DOMAIN) {
		key_turn(room->name, value);
		out->value.p = room->name;
	}
	return true;
}

/* An address or a name, with its kind before it. */
static bool answer_get(struct term *out, char room[HISTORY_NAME_MAX], struct str s)
{
	struct key_room names;

	if (!key_get(out, &names, s) || out->kind > TERM_DOMAIN)
		return false;
	if (out->kind == TERM_DOMAIN) {
		memcpy(room, out->value.p, out->value.n);
		out->value.p = room;
	}
	return true;
}

bool key_get_pair(struct term *name, struct term *answer, struct key_room *room, struct str key)
{
	struct str turned, rest = str_from(key, 1);

	if (key.n < 2)
		return false;
	if ((unsigned char)key.p[0] == KEY_KIND_PAIRS) {
		turned = str_cut(&rest, '\0');
		if (!rest.p || !answer_get(answer, room->answer, rest))
			return false;
	} else if ((unsigned char)key.p[0] == KEY_KIND_NAMES) {
		enum term_kind kind = kind_of((unsigned char)rest.p[0]);
		size_t n;

		if (kind > TERM_DOMAIN)
			return false;
		n = kind == TERM_DOMAIN ? str_find(rest, '\0') : 1U + KINDS[kind].size;
		turned = str_from(rest, kind == TERM_DOMAIN ? n + 1 : n);
		if (!answer_get(answer, room->answer, str_slice(rest, 0, n)))
			return false;
	} else {
		return false;
	}
	if (!name_valid(turned))
		return false;
	key_turn(room->name, turned);
	*name = (struct term){.kind = TERM_DOMAIN, .value = {room->name, turned.n}};
	return true;
}

bool key_valid(struct str key)
{
	struct term name, answer;
	struct key_room room;

	return key_is_pair(key) ? key_get_pair(&name, &answer, &room, key)
	                        : key_get(&name, &room, key);
}
