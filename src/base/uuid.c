/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <string.h>

static bool dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

enum err uuid_parse(struct uuid *out, struct str s)
{
	/* Where the two digits of each byte stand. */
	static const unsigned char AT[16] = {
	    0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
	struct uuid u;

	if (s.n != UUID_TEXT || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-')
		return ERR_PARSE;
	for (size_t i = 0; i < sizeof(AT); i++) {
		unsigned high = STR_HEX[(unsigned char)s.p[AT[i]]];
		unsigned low = STR_HEX[(unsigned char)s.p[AT[i] + 1]];

		if (!high || !low)
			return ERR_PARSE;
		u.b[i] = (unsigned char)((high - 1) << 4 | (low - 1));
	}
	*out = u;
	return OK;
}

void uuid_format(char out[UUID_TEXT + 1], const struct uuid *u)
{
	static const char DIGITS[] = "0123456789abcdef";
	size_t nibble = 0;

	for (size_t i = 0; i < UUID_TEXT; i++) {
		if (dash_at(i)) {
			out[i] = '-';
			continue;
		}
		out[i] = DIGITS[nibble % 2 ? u->b[nibble / 2] & 15 : u->b[nibble / 2] >> 4];
		nibble++;
	}
	out[UUID_TEXT] = 0;
}

struct uuid uuid_v4(const struct env *env)
{
	struct uuid u;

	env_random(env, u.b, sizeof(u.b));
	u.b[6] = (unsigned char)((u.b[6] & 0x0f) | 0x40);
	u.b[8] = (unsigned char)((u.b[8] & 0x3f) | 0x80);
	return u;
}

int uuid_version(const struct uuid *u)
{
	return u->b[6] >> 4;
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
