/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/jws.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "crypt/sign.h"

enum {
	RSA_LEAST = 256, /* bytes */
	RSA_MOST = 1024,
	EXPONENT_MOST = 8,
	COORDINATE = 32,
	DER_MAX = 80,
};

static const char *const NAMES[JWS_ALGS] = {
    [JWS_RS256] = "RS256", [JWS_ES256] = "ES256", [JWS_EDDSA] = "EdDSA"};

enum err jws_alg_of(enum jws_alg *out, struct str name)
{
	for (unsigned i = 0; i < JWS_ALGS; i++) {
		if (str_eq(name, str_c(NAMES[i]))) {
			*out = (enum jws_alg)i;
			return OK;
		}
	}
	return ERR_UNSUPPORTED;
}

bool jws_key_fits(const struct jws_key *key)
{
	switch (key->alg) {
	case JWS_RS256:
		return key->first.n >= RSA_LEAST && key->first.n <= RSA_MOST && key->first.p[0] &&
		       key->second.n > 0 && key->second.n <= EXPONENT_MOST && key->second.p[0];
	case JWS_ES256:
		return key->first.n == COORDINATE && key->second.n == COORDINATE;
	case JWS_EDDSA:
		return key->first.n == ED25519_PUBLIC;
	default:
		return false;
	}
}

static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

static EVP_PKEY *made_of(const char *type, OSSL_PARAM_BLD *parts)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
	EVP_PKEY *pkey = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *rsa_of(const struct jws_key *key)
{
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(bytes(key->first), (int)key->first.n, NULL);
	BIGNUM *e = BN_bin2bn(bytes(key->second), (int)key->second.n, NULL);
	EVP_PKEY *pkey = NULL;

	if (parts && n && e && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		pkey = made_of("RSA", parts);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(parts);
	return pkey;
}

static EVP_PKEY *ec_of(const struct jws_key *key)
{
	unsigned char point[1 + 2 * COORDINATE] = {4}; /* uncompressed */
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;

	memcpy(point + 1, key->first.p, COORDINATE);
	memcpy(point + 1 + COORDINATE, key->second.p, COORDINATE);
	if (parts &&
	    OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
	        parts, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
		pkey = made_of("EC", parts);
	OSSL_PARAM_BLD_free(parts);
	return pkey;
}

/* JWS has the two numbers one after the other (RFC 7518 §3.4), the library their DER form. */
static int der_of(unsigned char out[DER_MAX], struct str signature)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(bytes(signature), COORDINATE, NULL);
	BIGNUM *s = BN_bin2bn(bytes(signature) + COORDINATE, COORDINATE, NULL);
	unsigned char *at = out;
	int n = -1;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL;
		n = i2d_ECDSA_SIG(pair, NULL) <= DER_MAX ? i2d_ECDSA_SIG(pair, &at) : -1;
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return n;
}

static bool verified(
    EVP_PKEY *pkey, struct str message, const unsigned char *signature, size_t signature_n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && pkey && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
	            EVP_DigestVerify(ctx, signature, signature_n, bytes(message), message.n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}

static bool ec_verify(const struct jws_key *key, struct str message, struct str signature)
{
	unsigned char der[DER_MAX];
	int n = signature.n == (size_t)2 * COORDINATE ? der_of(der, signature) : -1;

	return n > 0 && verified(ec_of(key), message, der, (size_t)n);
}

static bool ed_verify(const struct jws_key *key, struct str message, struct str signature)
{
	struct sign_public public;

	if (signature.n != ED25519_SIGNATURE)
		return false;
	memcpy(public.b, key->first.p, sizeof(public.b));
	return sign_verify(&public, message, bytes(signature));
}

bool jws_verify(const struct jws_key *key, struct str message, struct str signature)
{
	if (!jws_key_fits(key))
		return false;
	switch (key->alg) {
	case JWS_RS256:
		return signature.n == key->first.n &&
		       verified(rsa_of(key), message, bytes(signature), signature.n);
	case JWS_ES256:
		return ec_verify(key, message, signature);
	case JWS_EDDSA:
		return ed_verify(key, message, signature);
	default:
		return false;
	}
}
