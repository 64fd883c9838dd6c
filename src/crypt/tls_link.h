/* SPDX-License-Identifier: Apache-2.0 */
/* How two nodes speak TLS: 1.3 only, both sides with a certificate, hybrid post-quantum key
 * exchange first (X25519MLKEM768), no tickets, no 0-RTT, ALPN "tocsin/1". No chain is checked here:
 * who the other side is its caller decides by the certificate's fingerprint, before it says
 * anything. Reading and writing are those of crypt/tls.h. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

struct ssl_ctx_st; /* SSL_CTX */
struct ssl_st;     /* SSL */

enum {
	TLS_BINDING = 32,
	TLS_GROUP_MAX = 32,
	TLS_LINK_BUCKET = 256, /* bytes: records are filled up to a multiple of it */
};

struct tls_link_options {
	struct str cert_pem;
	struct str key_pem;
	bool classical; /* X25519 alone: what a measurement or a test compares with */
};

/* Serves both sides. The caller frees it with tls_link_free. */
MUST_USE enum err tls_link_new(
    struct ssl_ctx_st **out, const struct tls_link_options *options, struct fault *fault);
void tls_link_free(struct ssl_ctx_st *tls); /* NULL allowed */
/* One side of a connection over a connected non-blocking socket, which stays the caller's; freed
 * with tls_session_free. NULL when memory is refused. */
struct ssl_st *tls_link_session(struct ssl_ctx_st *tls, int fd, bool client);

/* What the handshake settled. */
struct tls_facts {
	struct sha256 cert; /* of the other side's certificate, which it proved to hold */
	usec cert_expires;
	bool post_quantum;
	char group[TLS_GROUP_MAX]; /* of the key exchange: "X25519MLKEM768" */
	/* RFC 9266: the same on both sides of this connection and on no other. */
	unsigned char binding[TLS_BINDING];
};

/* After tls_is_ready. ERR_INVALID when the other side speaks not this protocol. */
MUST_USE enum err tls_link_facts(
    struct tls_facts *out, const struct ssl_st *ssl, struct fault *fault);
/* Why the read or write just now found the connection over, for people. */
void tls_link_problem(char *text, size_t room);
