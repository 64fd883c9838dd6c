/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(char out[4], const unsigned char *in, size_t n)
{
	uint32_t v = (uint32_t)in[0] << 16;

	if (n > 1)
		v |= (uint32_t)in[1] << 8;
	if (n > 2)
		v |= in[2];
	out[0] = ALPHABET[v >> 18];
	out[1] = ALPHABET[v >> 12 & 63];
	out[2] = '=';
	out[3] = '=';
	if (n > 1)
		out[2] = ALPHABET[v >> 6 & 63];
	if (n > 2)
		out[3] = ALPHABET[v & 63];
}

static void encode(char *out, struct str bytes)
{
	const unsigned char *in = (const unsigned char *)bytes.p;

	for (size_t i = 0; i < bytes.n; i += 3, out += 4)
		encode_group(out, in + i, bytes.n - i);
}

void base64_put(struct buf *out, struct str bytes)
{
	char *p = buf_grow(out, (bytes.n + 2) / 3 * 4);

	if (p)
		encode(p, bytes);
}

struct str base64_encode(struct arena *arena, struct str bytes)
{
	size_t n = (bytes.n + 2) / 3 * 4;
	char *p = arena_alloc(arena, n + 1);

	if (!p)
		return STR_NONE;
	encode(p, bytes);
	p[n] = '\0';
	return (struct str){p, n};
}

/* 0..63, or 64 for what is not in the alphabet. */
static uint32_t value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : 64;
}

/* Four characters of which `pad` last ones are '='. */
static bool decode_group(unsigned char out[3], const char *in, size_t pad)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		uint32_t six = i < 4 - pad ? value_of(in[i]) : 0;

		if (six > 63)
			return false;
		v = v << 6 | six;
	}
	out[0] = (unsigned char)(v >> 16);
	out[1] = (unsigned char)(v >> 8);
	out[2] = (unsigned char)v;
	if (pad == 1)
		return out[2] == 0;
	return pad == 0 || (out[1] == 0 && out[2] == 0);
}

enum err base64_decode(struct str *out, struct arena *arena, struct str text)
{
	size_t pad = 0;
	unsigned char *p;

	if (text.n % 4)
		return ERR_PARSE;
	while (pad < 2 && pad < text.n && text.p[text.n - 1 - pad] == '=')
		pad++;
	p = arena_alloc(arena, text.n / 4 * 3 + 1);
	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < text.n / 4; i++)
		if (!decode_group(p + i * 3, text.p + i * 4, i + 1 == text.n / 4 ? pad : 0))
			return ERR_PARSE;
	p[text.n / 4 * 3 - pad] = '\0';
	*out = (struct str){(const char *)p, text.n / 4 * 3 - pad};
	return OK;
}
