/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/sign.h"

#include <openssl/evp.h>

#include "base/mem.h"
#include "crypt/pkcs11.h"

struct sign_key {
	EVP_PKEY *pkey; /* NULL: it is in the token */
	struct pkcs11 *token;
	unsigned long handle;
	struct sign_public public;
};

enum err sign_key_from_seed(struct sign_key **out, const unsigned char seed[ED25519_SEED])
{
	size_t n = ED25519_PUBLIC;
	struct sign_key *key;
	EVP_PKEY *pkey;

	pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_SEED);
	if (!pkey)
		return ERR_NOMEM;
	key = mem_alloc(sizeof(*key));
	key->pkey = pkey;
	if (EVP_PKEY_get_raw_public_key(pkey, key->public.b, &n) != 1 || n != ED25519_PUBLIC) {
		sign_key_free(key);
		return ERR_INVALID;
	}
	*out = key;
	return OK;
}

enum err sign_key_from_token(
    struct sign_key **out, struct pkcs11 *token, struct str id, struct fault *fault)
{
	struct sign_key key = {.token = token};

	TRY(pkcs11_find(&key.handle, &key.public, token, id, fault));
	*out = mem_alloc(sizeof(key));
	**out = key;
	return OK;
}

void sign_key_free(struct sign_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey); /* wipes the private part */
	mem_free(key);
}

struct sign_public sign_key_public(const struct sign_key *key)
{
	return key->public;
}

enum err sign_message(
    const struct sign_key *key, struct str message, unsigned char out[ED25519_SIGNATURE])
{
	EVP_MD_CTX *ctx;
	size_t n = ED25519_SIGNATURE;
	enum err rc = ERR_INVALID;

	if (!key->pkey)
		return pkcs11_sign(key->token, key->handle, message, out);
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return ERR_NOMEM;
	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)message.p, message.n) == 1)
		rc = OK;
	EVP_MD_CTX_free(ctx);
	return rc;
}

bool sign_verify(const struct sign_public *key, struct str message,
    const unsigned char signature[ED25519_SIGNATURE])
{
	EVP_PKEY *pkey =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->b, ED25519_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	good = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	       EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE, (const unsigned char *)message.p,
	           message.n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return good;
}
