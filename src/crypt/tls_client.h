/* SPDX-License-Identifier: Apache-2.0 */
/* How a node speaks TLS as a client of servers that are no nodes: 1.3 and 1.2, certificates checked
 * against authorities and the name that was asked for, no renegotiation, no tickets. Reading and
 * writing are those of crypt/tls.h. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct ssl_ctx_st; /* SSL_CTX */
struct ssl_st;     /* SSL */

/* `authorities`: PEM certificates that are trusted, in a text. The caller frees it with
 * tls_client_free. */
MUST_USE enum err tls_client_new(
    struct ssl_ctx_st **out, struct str authorities, struct fault *fault);
void tls_client_free(struct ssl_ctx_st *tls); /* NULL allowed */
/* Where the system keeps its authorities. */
extern const char TLS_CLIENT_SYSTEM[];

/* A connection to `host`, a name or an address without brackets, over a socket that stays the
 * caller's. Freed with tls_session_free. NULL when memory is refused or the name cannot be one. */
struct ssl_st *tls_client_session(struct ssl_ctx_st *tls, int fd, const char *host);
/* Why the read or write just now found the connection over, for people. */
void tls_client_problem(const struct ssl_st *ssl, char *text, size_t room);
