/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/mldsa.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/mem.h"

#define ALGORITHM "ML-DSA-65"

struct mldsa_key {
	EVP_PKEY *pkey;
	struct mldsa_public public;
};

static EVP_PKEY *private_of(const unsigned char seed[MLDSA_SEED])
{
	unsigned char copy[MLDSA_SEED];
	OSSL_PARAM params[2];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ALGORITHM, NULL);
	EVP_PKEY *pkey = NULL;

	for (size_t i = 0; i < MLDSA_SEED; i++)
		copy[i] = seed[i];
	params[0] =
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_DSA_SEED, copy, sizeof(copy));
	params[1] = OSSL_PARAM_construct_end();
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_cleanse(copy, sizeof(copy));
	return pkey;
}

enum err mldsa_key_from_seed(struct mldsa_key **out, const unsigned char seed[MLDSA_SEED])
{
	size_t n = MLDSA_PUBLIC;
	struct mldsa_key *key;
	EVP_PKEY *pkey = private_of(seed);

	if (!pkey)
		return ERR_NOMEM;
	key = mem_alloc(sizeof(*key));
	key->pkey = pkey;
	if (EVP_PKEY_get_raw_public_key(pkey, key->public.b, &n) != 1 || n != MLDSA_PUBLIC) {
		mldsa_key_free(key);
		return ERR_INVALID;
	}
	*out = key;
	return OK;
}

void mldsa_key_free(struct mldsa_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey); /* wipes the private part */
	mem_free(key);
}

const struct mldsa_public *mldsa_key_public(const struct mldsa_key *key)
{
	return &key->public;
}

enum err mldsa_sign(
    const struct mldsa_key *key, struct str message, unsigned char out[MLDSA_SIGNATURE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = MLDSA_SIGNATURE;
	enum err rc = ERR_INVALID;

	if (!ctx)
		return ERR_NOMEM;
	if (EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)message.p, message.n) == 1 &&
	    n == MLDSA_SIGNATURE)
		rc = OK;
	EVP_MD_CTX_free(ctx);
	return rc;
}

bool mldsa_verify(const struct mldsa_public *key, struct str message,
    const unsigned char signature[MLDSA_SIGNATURE])
{
	EVP_PKEY *pkey =
	    EVP_PKEY_new_raw_public_key_ex(NULL, ALGORITHM, NULL, key->b, MLDSA_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	good = pkey && ctx &&
	       EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
	       EVP_DigestVerify(ctx, signature, MLDSA_SIGNATURE, (const unsigned char *)message.p,
	           message.n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return good;
}
