/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/password.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypt/random.h"

enum {
	HASH = 32,
	SALT_BASE64 = 24,
	HASH_BASE64 = 44,
	COST_LOG2 = 15,
	BLOCK = 8,
	PARALLEL = 1,
	/* 128 * N * r is 32 MiB; the library counts a little more. */
	MEMORY_MAX = 64 << 20,
};

#define PREFIX "$scrypt$ln=15,r=8,p=1$"

static bool derive(
    unsigned char out[HASH], struct str password, const unsigned char salt[PASSWORD_SALT])
{
	return EVP_PBE_scrypt(password.p ? password.p : "", password.n, salt, PASSWORD_SALT,
	           UINT64_C(1) << COST_LOG2, BLOCK, PARALLEL, MEMORY_MAX, out, HASH) == 1;
}

enum err password_hash(
    struct str *out, struct arena *arena, struct str password, struct fault *fault)
{
	unsigned char salt[PASSWORD_SALT];
	unsigned char hash[HASH];
	unsigned char salt_text[SALT_BASE64 + 1];
	unsigned char hash_text[HASH_BASE64 + 1];
	struct str text;

	if (password.n == 0 || password.n > PASSWORD_MAX)
		return fail(fault, ERR_INVALID, "a password has 1 to %d bytes", PASSWORD_MAX);
	random_secret(salt, sizeof(salt));
	if (!derive(hash, password, salt))
		return fail(fault, ERR_NOMEM, "no memory for hashing a password (64 MB)");
	(void)EVP_EncodeBlock(salt_text, salt, sizeof(salt));
	(void)EVP_EncodeBlock(hash_text, hash, sizeof(hash));
	text = arena_printf(arena, PREFIX "%s$%s", (char *)salt_text, (char *)hash_text);
	OPENSSL_cleanse(hash, sizeof(hash));
	if (!text.p)
		return fail(fault, ERR_NOMEM, "no memory for a password verifier");
	*out = text;
	return OK;
}

/* Exactly `bytes` bytes of padded base64; EVP_DecodeBlock counts the padding as zero bytes. */
static bool decode(unsigned char *out, size_t bytes, struct str text, size_t text_size)
{
	unsigned char block[HASH_BASE64];
	int n;

	if (text.n != text_size || text_size > sizeof(block))
		return false;
	n = EVP_DecodeBlock(block, (const unsigned char *)text.p, (int)text.n);
	if (n < 0 || (size_t)n < bytes)
		return false;
	memcpy(out, block, bytes);
	return true;
}

static bool read_verifier(
    struct str verifier, unsigned char salt[PASSWORD_SALT], unsigned char hash[HASH])
{
	struct str rest;
	struct str salt_text;

	if (!str_starts(verifier, S(PREFIX)))
		return false;
	rest = str_from(verifier, sizeof(PREFIX) - 1);
	salt_text = str_cut(&rest, '$');
	return decode(salt, PASSWORD_SALT, salt_text, SALT_BASE64) &&
	       decode(hash, HASH, rest, HASH_BASE64);
}

bool password_verify(struct str verifier, struct str password)
{
	unsigned char salt[PASSWORD_SALT] = {0};
	unsigned char want[HASH] = {0};
	unsigned char got[HASH];
	bool known = read_verifier(verifier, salt, want);
	bool fits = password.n > 0 && password.n <= PASSWORD_MAX;
	bool same = false;

	/* The work is done whether the verifier is known or not. */
	if (derive(got, fits ? password : S("x"), salt))
		same = CRYPTO_memcmp(got, want, HASH) == 0;
	OPENSSL_cleanse(got, sizeof(got));
	OPENSSL_cleanse(want, sizeof(want));
	return same && known && fits;
}
