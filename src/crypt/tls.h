/* SPDX-License-Identifier: Apache-2.0 */
/* How a node speaks TLS as a server: 1.3, and 1.2 (TAXII 2.1 §8.1 wants it) only where it is asked
 * for; hybrid post-quantum key exchange first, no 0-RTT (TAXII forbids it), no renegotiation, no
 * compression. A client certificate is asked for and any is taken: who it is is decided by its
 * fingerprint, never by a chain. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

struct ssl_ctx_st; /* SSL_CTX */
struct ssl_st;     /* SSL */

struct tls_options {
	struct str cert_pem; /* the certificate, then its chain if any */
	struct str key_pem;
	bool ask_client_cert;
	bool allow_12; /* TLS 1.2 too, with forward secrecy and authenticated encryption */
};

/* The fault says which of the two texts is wrong, or that they do not belong together. The caller
 * frees it with tls_server_free. */
MUST_USE enum err tls_server_new(
    struct ssl_ctx_st **out, const struct tls_options *options, struct fault *fault);
/* Gives a context of either side its certificate (with its chain) and key, both PEM. */
MUST_USE enum err tls_use_identity(
    struct ssl_ctx_st *ctx, struct str cert_pem, struct str key_pem, struct fault *fault);
void tls_server_free(struct ssl_ctx_st *tls); /* NULL allowed */
/* SHA-256 of the certificate that the other side of a connection proved to hold; false if none. */
bool tls_peer_fingerprint(const struct ssl_st *ssl, struct sha256 *out);

/* The server's side of one connection over a non-blocking socket, which stays the caller's. The
 * handshake happens inside the first reads. NULL when memory is refused. */
struct ssl_st *tls_accept(struct ssl_ctx_st *tls, int fd);
void tls_session_free(struct ssl_st *ssl); /* NULL allowed */
enum { TLS_WAIT_READ = 0, TLS_WAIT_WRITE = -1, TLS_OVER = -2 };
/* Bytes moved (> 0), or what the socket has to be waited for, or that the connection is over. After
 * a wait a write is repeated with at least the same bytes, at any address. */
long tls_read(struct ssl_st *ssl, void *to, size_t room);
long tls_write(struct ssl_st *ssl, const void *from, size_t n);
bool tls_is_ready(const struct ssl_st *ssl);    /* the handshake is done */
bool tls_is_12(const struct ssl_st *ssl);       /* and gave TLS 1.2 */
bool tls_has_pending(const struct ssl_st *ssl); /* received bytes that the socket no longer shows */
void tls_say_goodbye(struct ssl_st *ssl);       /* close_notify, if it can be sent at once */
