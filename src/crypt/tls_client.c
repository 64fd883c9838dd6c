/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/tls_client.h"

#include <limits.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

const char TLS_CLIENT_SYSTEM[] = "/etc/ssl/certs/ca-certificates.crt";

static const char CIPHERS_12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const unsigned char PROTOCOLS[] = "\x08http/1.1";

enum { AUTHORITIES_MAX = 2000, HOST_MAX = 255 };

static enum err trust(SSL_CTX *ctx, struct str pem, struct fault *fault)
{
	BIO *bio = pem.n && pem.n <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509 *cert;
	int n = 0;

	while (bio && n < AUTHORITIES_MAX && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(store, cert) == 1;
		X509_free(cert);
	}
	BIO_free(bio);
	/* The end of the PEM text leaves "no start line" in the queue. */
	ERR_clear_error();
	return n > 0 ? OK : fail(fault, ERR_PARSE, "no certificate of an authority in it (PEM)");
}

enum err tls_client_new(struct ssl_ctx_st **out, struct str authorities, struct fault *fault)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	/* Not const: the library's macro casts it so. */
	char groups[] = "X25519MLKEM768:X25519:P-256";
	enum err rc;

	if (!ctx)
		return fail(fault, ERR_NOMEM, "no memory for TLS");
	SSL_CTX_set_options(
	    ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	rc = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	             SSL_CTX_set1_groups_list(ctx, groups) == 1 &&
	             SSL_CTX_set_cipher_list(ctx, CIPHERS_12) == 1 &&
	             SSL_CTX_set_alpn_protos(ctx, PROTOCOLS, sizeof(PROTOCOLS) - 1) == 0
	         ? OK
	         : fail(fault, ERR_UNSUPPORTED, "the TLS library refuses our protocol settings");
	if (rc == OK)
		rc = trust(ctx, authorities, fault);
	if (rc != OK) {
		SSL_CTX_free(ctx);
		return rc;
	}
	*out = ctx;
	return OK;
}

void tls_client_free(struct ssl_ctx_st *tls)
{
	SSL_CTX_free(tls);
}

/* The name is checked as a name, an address as an address; only names are sent (RFC 6066 §3). */
static bool expect_host(SSL *ssl, const char *host)
{
	char name[HOST_MAX + 1]; /* not const: the library's macro casts it so */
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true;
	ERR_clear_error();
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (snprintf(name, sizeof(name), "%s", host) > HOST_MAX)
		return false;
	return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 &&
	       SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct ssl_st *tls_client_session(struct ssl_ctx_st *tls, int fd, const char *host)
{
	SSL *ssl = SSL_new(tls);

	if (!ssl || SSL_set_fd(ssl, fd) != 1 || !expect_host(ssl, host)) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_connect_state(ssl);
	return ssl;
}

void tls_client_problem(const struct ssl_st *ssl, char *text, size_t room)
{
	long verdict = SSL_get_verify_result(ssl);
	unsigned long code = ERR_peek_error();
	const char *said = code ? ERR_reason_error_string(code) : NULL;

	if (verdict != X509_V_OK)
		(void)snprintf(text, room, "its certificate is not trusted: %s",
		    X509_verify_cert_error_string(verdict));
	else
		(void)snprintf(text, room, "%s", said ? said : "the connection was closed");
	ERR_clear_error();
}
