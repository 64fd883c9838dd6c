/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/cert.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypt/random.h"

enum { SERIAL_BYTES = 16, COMMON_NAME_MAX = 64, HOST_MAX = 253 };

static bool host_is_ip(struct str host)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];

	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* Only what a DNS name or an address can hold: no comma may start another name. */
static bool host_is_clean(struct str host)
{
	if (host.n == 0 || host.n > HOST_MAX)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool alnum =
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alnum && c != '.' && c != '-' && c != ':' && c != '*')
			return false;
	}
	return true;
}

static enum err add_extension(X509 *cert, int nid, const char *value, struct fault *fault)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	int done;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	if (!extension)
		return fail(fault, ERR_INVALID, "certificate extension refused: %s", value);
	done = X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return done == 1 ? OK : fail(fault, ERR_NOMEM, "no memory for a certificate");
}

static enum err add_hosts(
    X509 *cert, struct arena *arena, const struct cert_request *request, struct fault *fault)
{
	struct str names = S("");

	for (size_t i = 0; i < request->host_count; i++) {
		struct str host = request->hosts[i];

		if (!host_is_clean(host))
			return fail(fault, ERR_INVALID, "not a host name or address: \"%.*s\"",
			    STR_ARG(host));
		names = arena_printf(arena, "%.*s%s%s:%.*s", STR_ARG(names), i ? "," : "",
		    host_is_ip(host) ? "IP" : "DNS", STR_ARG(host));
		if (!names.p)
			return fail(fault, ERR_NOMEM, "no memory for a certificate");
	}
	if (request->address.n)
		names = arena_printf(arena, "%.*s%semail:%.*s", STR_ARG(names), names.n ? "," : "",
		    STR_ARG(request->address));
	if (!names.p)
		return fail(fault, ERR_NOMEM, "no memory for a certificate");
	return names.n ? add_extension(cert, NID_subject_alt_name, names.p, fault) : OK;
}

static enum err fill(X509 *cert, EVP_PKEY *key, struct arena *arena,
    const struct cert_request *request, struct fault *fault)
{
	unsigned char serial[SERIAL_BYTES];
	time_t start = (time_t)(request->not_before / USEC_PER_SEC);
	X509_NAME *name = X509_get_subject_name(cert);
	BIGNUM *number;
	bool done;

	if (request->name.n == 0 || request->name.n > COMMON_NAME_MAX)
		return fail(
		    fault, ERR_INVALID, "a certificate's name has 1 to %d bytes", COMMON_NAME_MAX);
	random_secret(serial, sizeof(serial));
	serial[0] &= 0x7f; /* positive */
	serial[0] |= 0x40; /* and never shorter */
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	done =
	    done && X509_set_version(cert, X509_VERSION_3) == 1 &&
	    X509_time_adj_ex(X509_getm_notBefore(cert), 0, 0, &start) &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), (int)(request->days % INT_MAX), 0, &start) &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
	        (const unsigned char *)request->name.p, (int)request->name.n, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, name) == 1;
	if (!done)
		return fail(fault, ERR_INVALID,
		    "certificate fields refused: name \"%.*s\", %u days", STR_ARG(request->name),
		    request->days);
	TRY(add_extension(cert, NID_basic_constraints, "critical,CA:FALSE", fault));
	TRY(add_extension(cert, NID_key_usage, "critical,digitalSignature", fault));
	TRY(add_extension(cert, NID_ext_key_usage,
	    request->mail ? "emailProtection" : "serverAuth,clientAuth", fault));
	TRY(add_extension(cert, NID_subject_key_identifier, "hash", fault));
	TRY(add_hosts(cert, arena, request, fault));
	return X509_sign(cert, key, EVP_sha256()) > 0
	           ? OK
	           : fail(fault, ERR_IO, "the certificate could not be signed");
}

/* The memory of a BIO as a string in the arena. */
static struct str bio_text(struct arena *arena, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	return n > 0 ? arena_str(arena, (struct str){p, (size_t)n}) : STR_NONE;
}

enum err cert_make(struct str *cert_pem, struct str *key_pem, struct arena *arena,
    const struct cert_request *request, struct fault *fault)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	BIO *cert_bio = BIO_new(BIO_s_mem());
	BIO *key_bio = BIO_new(BIO_s_secmem());
	struct str cert_text = STR_NONE;
	struct str key_text = STR_NONE;
	enum err rc;

	rc = key && cert && cert_bio && key_bio
	         ? fill(cert, key, arena, request, fault)
	         : fail(fault, ERR_NOMEM, "no memory for a key and a certificate");
	if (rc == OK) {
		if (PEM_write_bio_X509(cert_bio, cert) == 1)
			cert_text = bio_text(arena, cert_bio);
		if (PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) == 1)
			key_text = bio_text(arena, key_bio);
		if (!cert_text.p || !key_text.p)
			rc = fail(fault, ERR_NOMEM, "no memory for a certificate's text");
	}
	if (rc == OK) {
		*cert_pem = cert_text;
		*key_pem = key_text;
	}
	BIO_free(cert_bio);
	BIO_free(key_bio);
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}

enum err cert_fingerprint(struct sha256 *out, struct str pem, struct fault *fault)
{
	BIO *bio = pem.n && pem.n <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	struct sha256 digest;
	unsigned n = sizeof(digest.b);
	bool done = cert && X509_digest(cert, EVP_sha256(), digest.b, &n) == 1;

	X509_free(cert);
	BIO_free(bio);
	if (!done)
		return fail(fault, ERR_PARSE, "no PEM certificate in it");
	*out = digest;
	return OK;
}

static enum err not_after(usec *out, const X509 *cert)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0;
	int seconds = 0;
	int done = epoch ? ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(cert)) : 0;

	ASN1_TIME_free(epoch);
	if (done != 1)
		return ERR_PARSE;
	*out = ((usec)days * 24 * 3600 + seconds) * USEC_PER_SEC;
	return OK;
}

enum err cert_expires(usec *out, struct str pem, struct fault *fault)
{
	BIO *bio = pem.n && pem.n <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	enum err rc = cert ? not_after(out, cert) : ERR_PARSE;

	X509_free(cert);
	BIO_free(bio);
	return rc == OK ? OK : fail(fault, rc, "no PEM certificate in it");
}

enum err cert_of_session(usec *out, const struct ssl_st *ssl)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);

	return cert ? not_after(out, cert) : ERR_NOT_FOUND;
}
