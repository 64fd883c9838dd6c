/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

enum err uuid_parse(struct uuid *out, struct str s)
{
	struct uuid u = {{0}};
	size_t nibble = 0;

	if (s.n != UUID_TEXT)
		return ERR_PARSE;
	for (size_t i = 0; i < UUID_TEXT; i++) {
		int v = hex_value(s.p[i]);

		if (dash_at(i)) {
			if (s.p[i] != '-')
				return ERR_PARSE;
			continue;
		}
		if (v < 0)
			return ERR_PARSE;
		u.b[nibble / 2] = (unsigned char)(u.b[nibble / 2] << 4 | v);
		nibble++;
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
