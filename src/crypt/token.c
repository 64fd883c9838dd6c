/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/token.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/base64.h"

enum { VECTOR = 12, TAG = 16 };

static void vector_of(
    unsigned char out[VECTOR], const struct sha256 *key, struct str bound, struct str plain)
{
	const unsigned char n[8] = {(unsigned char)(bound.n >> 24), (unsigned char)(bound.n >> 16),
	    (unsigned char)(bound.n >> 8), (unsigned char)bound.n};
	const struct str parts[] = {S("vector"), {(const char *)n, sizeof(n)}, bound, plain};
	struct sha256 digest = sha256_parts(parts, 4);
	struct sha256 mac = hmac_sha256((struct str){(const char *)key->b, SHA256_LEN},
	    (struct str){(const char *)digest.b, SHA256_LEN});

	memcpy(out, mac.b, VECTOR);
}

/* One pass of the cipher. `data` is changed in place; the tag is made or checked. */
struct pass {
	const struct sha256 *key;
	const unsigned char *vector;
	struct str bound;
	unsigned char *data;
	size_t n;
	unsigned char *tag;
	bool seal;
};

static bool cipher(const struct pass *p)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done = 0;
	bool ok;

	if (!ctx)
		return false;
	ok = EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), p->key->b, p->vector, p->seal, NULL) == 1;
	if (ok && !p->seal)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, p->tag) == 1;
	if (ok && p->bound.n > 0)
		ok = EVP_CipherUpdate(
		         ctx, NULL, &done, (const unsigned char *)p->bound.p, (int)p->bound.n) == 1;
	if (ok)
		ok = EVP_CipherUpdate(ctx, p->data, &done, p->data, (int)p->n) == 1;
	if (ok)
		ok = EVP_CipherFinal_ex(ctx, p->data + p->n, &done) == 1;
	if (ok && p->seal)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, p->tag) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

struct str token_seal(
    const struct sha256 *key, struct str bound, struct str plain, struct arena *arena)
{
	unsigned char all[VECTOR + TOKEN_PLAIN_MAX + TAG];
	struct pass p = {.key = key,
	    .vector = all,
	    .bound = bound,
	    .data = all + VECTOR,
	    .n = plain.n,
	    .tag = all + VECTOR + plain.n,
	    .seal = true};

	if (plain.n > TOKEN_PLAIN_MAX)
		return STR_NONE;
	vector_of(all, key, bound, plain);
	if (plain.n)
		memcpy(all + VECTOR, plain.p, plain.n);
	if (!cipher(&p))
		return STR_NONE;
	return base64url_encode(arena, (struct str){(const char *)all, VECTOR + plain.n + TAG});
}

enum err token_open(struct str *out, const struct sha256 *key, struct str bound, struct str token,
    struct arena *arena)
{
	unsigned char all[VECTOR + TOKEN_PLAIN_MAX + TAG];
	struct pass p = {.key = key, .vector = all, .bound = bound, .data = all + VECTOR};
	struct str raw, plain;

	if (token.n > 2 * sizeof(all) || base64url_decode(&raw, arena, token) != OK)
		return ERR_INVALID;
	if (raw.n < VECTOR + TAG || raw.n > sizeof(all))
		return ERR_INVALID;
	memcpy(all, raw.p, raw.n);
	p.n = raw.n - VECTOR - TAG;
	p.tag = all + VECTOR + p.n;
	if (!cipher(&p))
		return ERR_INVALID;
	plain = arena_str(arena, (struct str){(const char *)p.data, p.n});
	if (!plain.p)
		return ERR_NOMEM;
	*out = plain;
	return OK;
}

struct str base64url_encode(struct arena *arena, struct str bytes)
{
	struct str text = base64_encode(arena, bytes);
	char *p;

	if (!text.p)
		return STR_NONE;
	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	p = arena_alloc(arena, text.n + 1);
	if (!p)
		return STR_NONE;
	for (size_t i = 0; i < text.n; i++)
		p[i] = (char)(text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i]);
	p[text.n] = 0;
	return (struct str){p, text.n};
}

enum err base64url_decode(struct str *out, struct arena *arena, struct str text)
{
	size_t padded = (text.n + 3) / 4 * 4;
	char *p = padded < text.n ? NULL : arena_alloc(arena, padded + 1);

	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < padded; i++) {
		char c = i < text.n ? text.p[i] : '=';

		if (i < text.n && (c == '+' || c == '/' || c == '='))
			return ERR_PARSE;
		p[i] = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
	}
	return base64_decode(out, arena, (struct str){p, padded});
}
