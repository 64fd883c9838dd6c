/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's block functions on a context on the stack: the EVP interface costs an allocation or a
 * look-up a call, which on inputs of a few hundred bytes is as much as the hashing itself. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypt/digest.h"

#include "base/buf.h"

#include <assert.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

enum { HMAC_BLOCK = 64, PARTS_MAX = 8 };

static_assert(SHA256_LEN == SHA256_DIGEST_LENGTH, "one digest, one length");

struct sha256 sha256_parts(const struct str *parts, size_t n)
{
	struct sha256 out;
	SHA256_CTX ctx;

	assert(n <= PARTS_MAX);
	(void)SHA256_Init(&ctx);
	for (size_t i = 0; i < n; i++)
		(void)SHA256_Update(&ctx, parts[i].p, parts[i].n);
	(void)SHA256_Final(out.b, &ctx);
	return out;
}

struct sha256 sha256(struct str s)
{
	return sha256_parts(&s, 1);
}

struct sha256 hmac_sha256(struct str key, struct str message)
{
	unsigned char inner[HMAC_BLOCK], outer[HMAC_BLOCK];
	unsigned char block[HMAC_BLOCK] = {0};
	struct sha256 hash;

	if (key.n > HMAC_BLOCK) {
		hash = sha256(key);
		memcpy(block, hash.b, sizeof(hash.b));
	} else if (key.n) {
		memcpy(block, key.p, key.n);
	}
	for (size_t i = 0; i < HMAC_BLOCK; i++) {
		inner[i] = block[i] ^ 0x36;
		outer[i] = block[i] ^ 0x5c;
	}
	hash = sha256_parts((const struct str[]){{(const char *)inner, sizeof(inner)}, message}, 2);
	hash = sha256_parts((const struct str[]){{(const char *)outer, sizeof(outer)},
	                        {(const char *)hash.b, sizeof(hash.b)}},
	    2);
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(outer, sizeof(outer));
	return hash;
}

struct str sha256_text(struct arena *arena, const struct sha256 *digest)
{
	struct str text;
	struct buf b;

	buf_init(&b, (size_t)2 * SHA256_LEN);
	buf_hex(&b, digest->b, SHA256_LEN);
	text = arena_str(arena, buf_str(&b));
	buf_free(&b);
	return text;
}

struct str sha256_hex(struct arena *arena, const struct str *parts, size_t n)
{
	const struct sha256 digest = sha256_parts(parts, n);

	return sha256_text(arena, &digest);
}

bool sha256_eq(const struct sha256 *a, const struct sha256 *b)
{
	return CRYPTO_memcmp(a->b, b->b, SHA256_LEN) == 0;
}

struct uuid uuid_v5(const struct uuid *ns, struct str name)
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	struct uuid out;
	SHA_CTX ctx;

	(void)SHA1_Init(&ctx);
	(void)SHA1_Update(&ctx, ns->b, sizeof(ns->b));
	(void)SHA1_Update(&ctx, name.p, name.n);
	(void)SHA1_Final(digest, &ctx);
	memcpy(out.b, digest, sizeof(out.b));
	out.b[6] = (unsigned char)((out.b[6] & 0x0f) | 0x50);
	out.b[8] = (unsigned char)((out.b[8] & 0x3f) | 0x80);
	return out;
}
