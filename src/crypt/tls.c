/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/tls.h"

#include <limits.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* TLS 1.2: forward secrecy and authenticated encryption only. */
static const char CIPHERS_12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const unsigned char SESSION_CONTEXT[] = "tocsin";

static BIO *bio_of(struct str text)
{
	return text.n && text.n <= INT_MAX ? BIO_new_mem_buf(text.p, (int)text.n) : NULL;
}

static enum err use_cert(SSL_CTX *ctx, struct str pem, struct fault *fault)
{
	BIO *bio = bio_of(pem);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	bool done = cert && SSL_CTX_use_certificate(ctx, cert) == 1;

	X509_free(cert);
	while (done && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		done = SSL_CTX_add0_chain_cert(ctx, cert) == 1;
		if (!done)
			X509_free(cert);
	}
	BIO_free(bio);
	/* The end of the PEM text leaves "no start line" in the queue. */
	ERR_clear_error();
	return done ? OK : fail(fault, ERR_PARSE, "the TLS certificate is not readable PEM");
}

static enum err use_key(SSL_CTX *ctx, struct str pem, struct fault *fault)
{
	BIO *bio = bio_of(pem);
	/* An empty password, so that an encrypted key is an error and not a prompt. */
	char password[] = "";
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, password) : NULL;
	bool used = key && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	enum err rc = OK;

	if (!key)
		rc = fail(fault, ERR_PARSE, "the TLS key is not readable PEM (or has a password)");
	else if (!used || SSL_CTX_check_private_key(ctx) != 1)
		rc = fail(fault, ERR_INVALID, "the TLS key does not belong to the TLS certificate");
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return rc;
}

enum err tls_use_identity(
    struct ssl_ctx_st *ctx, struct str cert_pem, struct str key_pem, struct fault *fault)
{
	TRY(use_cert(ctx, cert_pem, fault));
	return use_key(ctx, key_pem, fault);
}

/* Any certificate will do here: its fingerprint is looked up later. */
static int take_any(int preverified, X509_STORE_CTX *store)
{
	(void)preverified;
	(void)store;
	return 1;
}

enum err tls_server_new(
    struct ssl_ctx_st **out, const struct tls_options *options, struct fault *fault)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	/* In order of preference; 1.2 clients take the second and third. Not const: the library's
	 * macro casts it so. */
	char groups[] = "X25519MLKEM768:X25519:P-256";
	enum err rc;

	if (!ctx)
		return fail(fault, ERR_NOMEM, "no memory for TLS");
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                             SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
	                             SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One system call for a record instead of one for its header and one for its rest. */
	SSL_CTX_set_read_ahead(ctx, 1);
	rc = SSL_CTX_set_min_proto_version(
	         ctx, options->allow_12 ? TLS1_2_VERSION : TLS1_3_VERSION) == 1 &&
	             SSL_CTX_set1_groups_list(ctx, groups) == 1 &&
	             SSL_CTX_set_cipher_list(ctx, CIPHERS_12) == 1 &&
	             SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
	             SSL_CTX_set_session_id_context(
	                 ctx, SESSION_CONTEXT, sizeof(SESSION_CONTEXT) - 1) == 1
	         ? OK
	         : fail(fault, ERR_UNSUPPORTED, "the TLS library refuses our protocol settings");
	if (rc == OK)
		rc = tls_use_identity(ctx, options->cert_pem, options->key_pem, fault);
	if (rc != OK) {
		SSL_CTX_free(ctx);
		return rc;
	}
	if (options->ask_client_cert)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, take_any);
	*out = ctx;
	return OK;
}

void tls_server_free(struct ssl_ctx_st *tls)
{
	SSL_CTX_free(tls);
}

bool tls_peer_fingerprint(const struct ssl_st *ssl, struct sha256 *out)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	unsigned n = sizeof(out->b);

	return cert && X509_digest(cert, EVP_sha256(), out->b, &n) == 1;
}

struct ssl_st *tls_accept(struct ssl_ctx_st *tls, int fd)
{
	SSL *ssl = SSL_new(tls);

	if (ssl && SSL_set_fd(ssl, fd) == 1) {
		SSL_set_accept_state(ssl);
		return ssl;
	}
	SSL_free(ssl);
	return NULL;
}

void tls_session_free(struct ssl_st *ssl)
{
	SSL_free(ssl);
}

static long waits_for(const SSL *ssl, int rc)
{
	switch (SSL_get_error(ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WAIT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WAIT_WRITE;
	default:
		return TLS_OVER;
	}
}

long tls_read(struct ssl_st *ssl, void *to, size_t room)
{
	int n;

	/* What another connection left in the queue would be taken for ours. */
	ERR_clear_error();
	n = SSL_read(ssl, to, (int)(room < INT_MAX ? room : INT_MAX));
	return n > 0 ? n : waits_for(ssl, n);
}

long tls_write(struct ssl_st *ssl, const void *from, size_t n)
{
	int sent;

	ERR_clear_error();
	sent = SSL_write(ssl, from, (int)(n < INT_MAX ? n : INT_MAX));
	return sent > 0 ? sent : waits_for(ssl, sent);
}

bool tls_is_ready(const struct ssl_st *ssl)
{
	return SSL_is_init_finished(ssl) == 1;
}

bool tls_is_12(const struct ssl_st *ssl)
{
	return SSL_version(ssl) == TLS1_2_VERSION;
}

bool tls_has_pending(const struct ssl_st *ssl)
{
	return SSL_has_pending(ssl) == 1;
}

void tls_say_goodbye(struct ssl_st *ssl)
{
	ERR_clear_error();
	if (SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl);
}
