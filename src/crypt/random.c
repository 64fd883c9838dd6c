/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/random.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

void random_secret(void *out, size_t n)
{
	if (n > INT_MAX || RAND_priv_bytes(out, (int)n) != 1)
		abort();
}

struct str random_token(struct arena *arena)
{
	static const char DIGITS[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char secret[SECRET_BYTES];
	char text[(SECRET_BYTES * 8 + 5) / 6];
	unsigned bits = 0;
	unsigned held = 0;
	size_t at = 0;
	struct str out;

	random_secret(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++) {
		bits = bits << 8 | secret[i];
		for (held += 8; held >= 6; held -= 6)
			text[at++] = DIGITS[bits >> (held - 6) & 63];
	}
	text[at++] = DIGITS[bits << (6 - held) & 63];
	out = arena_str(arena, (struct str){text, at});
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return out;
}
