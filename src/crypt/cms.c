/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/cms.h"

#include <limits.h>

/* What of CMS is in PEM is declared only behind this. */
#include <openssl/pem.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/mem.h"

#ifdef OPENSSL_NO_CMS
#error "OpenSSL was built without CMS: run scripts/setup"
#endif

enum { SECURITY_BITS = 112, SUBJECT_MAX = 200 };

static BIO *reading(struct str s)
{
	return s.n && s.n <= INT_MAX ? BIO_new_mem_buf(s.p, (int)s.n) : NULL;
}

/* What a BIO holds as a string in the arena. */
static struct str bio_text(struct arena *arena, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	return n > 0 ? arena_str(arena, (struct str){p, (size_t)n}) : STR_NONE;
}

static enum err time_of(usec *out, const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0;
	int seconds = 0;
	int done = epoch ? ASN1_TIME_diff(&days, &seconds, epoch, time) : 0;

	ASN1_TIME_free(epoch);
	if (done != 1)
		return ERR_PARSE;
	*out = ((usec)days * 24 * 3600 + seconds) * USEC_PER_SEC;
	return OK;
}

/* ---- certificates ---- */

static X509 *certificate_of_der(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509 *cert = der.n && der.n <= CMS_CERTIFICATE_MAX ? d2i_X509(NULL, &p, (long)der.n) : NULL;

	if (cert && p != (const unsigned char *)der.p + der.n) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

static enum err check_certificate(X509 *cert, struct fault *fault)
{
	const uint32_t signs = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (!key || EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
		return fail(fault, ERR_UNSUPPORTED,
		    "the certificate's key is too weak, or of a kind that is not known");
	/* Without the extension every bit is set. */
	if (!(X509_get_key_usage(cert) & signs))
		return fail(fault, ERR_UNSUPPORTED, "the certificate's key is not for signing");
	return OK;
}

static enum err certificate_facts(
    struct cms_certificate *out, struct arena *arena, X509 *cert, struct fault *fault)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	BIO *line = BIO_new(BIO_s_mem());
	enum err rc = OK;

	if (n <= 0 || n > CMS_CERTIFICATE_MAX || !line ||
	    X509_NAME_print_ex(line, X509_get_subject_name(cert), 0, XN_FLAG_ONELINE) < 0)
		rc = fail(fault, ERR_LIMIT, "the certificate is too long");
	if (rc == OK) {
		out->der = arena_str(arena, (struct str){(const char *)der, (size_t)n});
		out->sha256 = sha256(out->der);
		out->subject = str_slice(bio_text(arena, line), 0, SUBJECT_MAX);
		if (!out->der.p)
			rc = fail(fault, ERR_NOMEM, "no memory for a certificate");
	}
	if (rc == OK && (time_of(&out->from, X509_get0_notBefore(cert)) != OK ||
	                    time_of(&out->until, X509_get0_notAfter(cert)) != OK))
		rc = fail(fault, ERR_PARSE, "the certificate does not say when it is in force");
	OPENSSL_free(der);
	BIO_free(line);
	return rc;
}

enum err cms_certificate_read(
    struct cms_certificate *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct cms_certificate c = {0};
	BIO *bio = reading(text);
	X509 *cert = bio && str_search(text, S("-----BEGIN ")) < text.n
	                 ? PEM_read_bio_X509(bio, NULL, NULL, NULL)
	                 : certificate_of_der(text);
	enum err rc = cert ? check_certificate(cert, fault)
	                   : fail(fault, ERR_PARSE, "no certificate (PEM or DER) in it");

	if (rc == OK)
		rc = certificate_facts(&c, arena, cert, fault);
	X509_free(cert);
	BIO_free(bio);
	if (rc == OK)
		*out = c;
	return rc;
}

/* ---- checking ---- */

static CMS_ContentInfo *parse(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	CMS_ContentInfo *cms;
	BIO *bio;

	if (text.n == 0 || text.n > INT_MAX)
		return NULL;
	if (str_starts(text, S("-----BEGIN "))) {
		bio = reading(text);
		cms = bio ? PEM_read_bio_CMS(bio, NULL, NULL, NULL) : NULL;
		BIO_free(bio);
		return cms;
	}
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)text.n);
	if (cms && p != (const unsigned char *)text.p + text.n) {
		CMS_ContentInfo_free(cms);
		return NULL;
	}
	return cms;
}

static bool is_digest_good(CMS_SignerInfo *signer)
{
	const ASN1_OBJECT *oid = NULL;
	X509_ALGOR *digest = NULL;
	int nid;

	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	nid = OBJ_obj2nid(oid);
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/* That it is a signature of the one kind that is taken, with its content where it should be. */
static enum err check_form(
    CMS_SignerInfo **out, CMS_ContentInfo *cms, bool detached, struct fault *fault)
{
	STACK_OF(CMS_SignerInfo) * signers;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return fail(fault, ERR_UNSUPPORTED, "it is not signed");
	if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
		return fail(fault, ERR_UNSUPPORTED, "what is signed is not plain data");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return fail(fault, ERR_UNSUPPORTED, "it has %d signatures; one is taken",
		    sk_CMS_SignerInfo_num(signers));
	if ((CMS_is_detached(cms) == 1) != detached)
		return fail(fault, ERR_UNSUPPORTED,
		    detached ? "the signature is not detached: it has content of its own"
		             : "the signature has no content in it");
	*out = sk_CMS_SignerInfo_value(signers, 0);
	if (CMS_signed_get_attr_count(*out) <= 0)
		return fail(fault, ERR_UNSUPPORTED, "the signature has no signed attributes");
	if (!is_digest_good(*out))
		return fail(fault, ERR_UNSUPPORTED,
		    "the signature's digest is not SHA-256, SHA-384 or SHA-512");
	return OK;
}

static enum err check_signer(CMS_SignerInfo *signer, X509 *cert, usec now, struct fault *fault)
{
	usec from, until;

	if (CMS_SignerInfo_cert_cmp(signer, cert) != 0)
		return fail(fault, ERR_DENIED, "it is signed with another certificate");
	TRY(check_certificate(cert, fault));
	if (time_of(&from, X509_get0_notBefore(cert)) != OK ||
	    time_of(&until, X509_get0_notAfter(cert)) != OK || now < from)
		return fail(fault, ERR_DENIED, "the certificate is not in force yet");
	return now < until ? OK : fail(fault, ERR_DENIED, "the certificate has expired");
}

static usec signing_time(const CMS_SignerInfo *signer)
{
	int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
	X509_ATTRIBUTE *attribute = at >= 0 ? CMS_signed_get_attr(signer, at) : NULL;
	const ASN1_TYPE *value = attribute ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
	usec time = 0;

	if (!value || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME))
		return 0;
	return time_of(&time, value->value.asn1_string) == OK ? time : 0;
}

/* The content as it was signed. */
static enum err check_content(struct cms_signed *out, struct arena *arena, CMS_ContentInfo *cms,
    X509 *cert, const struct cms_check *check, struct fault *fault)
{
	const unsigned flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *content =
	    check->content.p ? BIO_new_mem_buf(check->content.p, (int)check->content.n) : NULL;
	BIO *found = check->content.p ? BIO_new(BIO_s_null()) : BIO_new(BIO_s_mem());
	bool ready =
	    certs && found && (content || !check->content.p) && sk_X509_push(certs, cert) > 0;
	enum err rc = ready ? OK : fail(fault, ERR_NOMEM, "no memory to check a signature");

	if (rc == OK && CMS_verify(cms, certs, NULL, content, found, flags) != 1)
		rc = fail(fault, ERR_INVALID,
		    "the signature does not fit: the content was changed, or somebody else "
		    "signed");
	if (rc == OK) {
		out->content = check->content.p ? check->content : bio_text(arena, found);
		if (!out->content.p)
			rc = fail(fault, ERR_LIMIT, "the signed content is empty or too long");
	}
	sk_X509_free(certs);
	BIO_free(content);
	BIO_free(found);
	return rc;
}

enum err cms_verify(
    struct cms_signed *out, struct arena *arena, const struct cms_check *check, struct fault *fault)
{
	X509 *cert = certificate_of_der(check->certificate);
	CMS_ContentInfo *cms = cert ? parse(check->signature) : NULL;
	CMS_SignerInfo *signer = NULL;
	struct cms_signed found = {0};
	enum err rc = OK;

	if (!cert)
		rc = fail(fault, ERR_CORRUPT, "the pinned certificate cannot be read");
	else if (check->content.n > INT_MAX)
		rc = fail(fault, ERR_LIMIT, "the signed content is too long");
	else if (!cms)
		rc = fail(fault, ERR_PARSE, "the signature cannot be read (CMS, RFC 5652)");
	if (rc == OK)
		rc = check_form(&signer, cms, check->content.p != NULL, fault);
	if (rc == OK)
		rc = check_signer(signer, cert, check->now, fault);
	if (rc == OK)
		rc = check_content(&found, arena, cms, cert, check, fault);
	if (rc == OK) {
		found.digest = sha256(found.content);
		found.time = signing_time(signer);
		*out = found;
	}
	CMS_ContentInfo_free(cms);
	X509_free(cert);
	return rc;
}

/* ---- signing ---- */

struct cms_signer {
	EVP_PKEY *key;
	X509 *cert;
	STACK_OF(X509) * others;
};

void cms_signer_free(struct cms_signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	X509_free(s->cert);
	sk_X509_pop_free(s->others, X509_free);
	mem_free(s);
}

/* Nobody is asked for a password: a key that has one is not read. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return 0;
}

static bool read_certificates(struct cms_signer *s, struct str pem)
{
	BIO *bio = reading(pem);
	X509 *cert;

	s->cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	s->others = sk_X509_new_null();
	for (int i = 0; s->cert && s->others && i < CMS_CHAIN_MAX; i++) {
		cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		if (!cert || sk_X509_push(s->others, cert) <= 0)
			break;
	}
	BIO_free(bio);
	return s->cert && s->others;
}

enum err cms_signer_new(struct cms_signer **out, struct str pem, struct fault *fault)
{
	struct cms_signer *s = mem_alloc(sizeof(*s));
	BIO *bio = reading(pem);
	enum err rc = OK;

	s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	if (!s->key || !read_certificates(s, pem))
		rc = fail(fault, ERR_PARSE, "not a private key and its certificate (PEM)");
	if (rc == OK && X509_check_private_key(s->cert, s->key) != 1)
		rc = fail(fault, ERR_INVALID, "the first certificate is not that of the key");
	if (rc == OK)
		rc = check_certificate(s->cert, fault);
	if (rc == OK)
		*out = s;
	else
		cms_signer_free(s);
	return rc;
}

struct str cms_signer_certificates(const struct cms_signer *s, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool done = bio && PEM_write_bio_X509(bio, s->cert) == 1;
	struct str text;

	for (int i = 0; done && i < sk_X509_num(s->others); i++)
		done = PEM_write_bio_X509(bio, sk_X509_value(s->others, i)) == 1;
	text = done ? bio_text(arena, bio) : STR_NONE;
	BIO_free(bio);
	return text;
}

/* The signer's clock is an argument, not the library's. */
static bool add_time(CMS_SignerInfo *signer, usec now)
{
	ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)(now / USEC_PER_SEC));
	bool done = time && CMS_signed_add1_attr_by_NID(
	                        signer, NID_pkcs9_signingTime, time->type, time, -1) == 1;

	ASN1_TIME_free(time);
	return done;
}

static bool add_others(CMS_ContentInfo *cms, const struct cms_signer *s)
{
	for (int i = 0; i < sk_X509_num(s->others); i++)
		if (CMS_add1_cert(cms, sk_X509_value(s->others, i)) != 1)
			return false;
	return true;
}

static struct str der_of(struct arena *arena, CMS_ContentInfo *cms)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct str der = bio && i2d_CMS_bio(bio, cms) == 1 ? bio_text(arena, bio) : STR_NONE;

	BIO_free(bio);
	return der;
}

enum err cms_sign(struct str *out, struct arena *arena, const struct cms_signer *s,
    const struct sha256 *digest, usec now, struct fault *fault)
{
	const unsigned flags = CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | CMS_NOSMIMECAP;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	CMS_SignerInfo *signer =
	    cms ? CMS_add1_signer(cms, s->cert, s->key, EVP_sha256(), flags) : NULL;
	bool done = signer && add_time(signer, now) && add_others(cms, s) &&
	            CMS_final_digest(cms, digest->b, SHA256_LEN, NULL, flags) == 1;
	struct str der = done ? der_of(arena, cms) : STR_NONE;

	CMS_ContentInfo_free(cms);
	if (!der.p)
		return fail(fault, ERR_IO, "the library refuses to sign");
	*out = der;
	return OK;
}

/* ---- encryption ---- */

enum err cms_encrypt(struct str *out, struct arena *arena, struct str content,
    struct str certificate, struct fault *fault)
{
	X509 *cert = certificate_of_der(certificate);
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = reading(content);
	CMS_ContentInfo *cms = NULL;
	struct str der = STR_NONE;

	if (cert && certs && bio && sk_X509_push(certs, cert) > 0)
		cms = CMS_encrypt(certs, bio, EVP_aes_256_gcm(), CMS_BINARY);
	if (cms)
		der = der_of(arena, cms);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	sk_X509_free(certs);
	X509_free(cert);
	if (!der.p)
		return fail(fault, ERR_UNSUPPORTED,
		    "nothing can be encrypted for the certificate: its key is not for that");
	*out = der;
	return OK;
}
