/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as far as a node needs them itself: its own self-signed one (P-256, RFC 5280)
 * and the fingerprints by which it knows clients. It checks no chains. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

struct cert_request {
	struct str name;         /* common name, 1..64 bytes */
	const struct str *hosts; /* subject alternative names: DNS names and IP addresses */
	size_t host_count;
	bool mail;          /* for signing mail (RFC 8550), not for TLS */
	struct str address; /* of that mail, checked by the caller; STR_NONE: none */
	usec not_before;
	unsigned days;
};

/* A fresh key and its self-signed certificate, both PEM, in the arena. ERR_INVALID names the host
 * or name that cannot go into a certificate. */
MUST_USE enum err cert_make(struct str *cert_pem, struct str *key_pem, struct arena *arena,
    const struct cert_request *request, struct fault *fault);
/* SHA-256 over the DER form of the first certificate of a PEM text. */
MUST_USE enum err cert_fingerprint(struct sha256 *out, struct str pem, struct fault *fault);
/* The end of validity (notAfter) of the first certificate of a PEM text. */
MUST_USE enum err cert_expires(usec *out, struct str pem, struct fault *fault);
struct ssl_st; /* SSL */
/* The same of the certificate that the other side of a connection showed; ERR_NOT_FOUND if none. */
MUST_USE enum err cert_of_session(usec *out, const struct ssl_st *ssl);
