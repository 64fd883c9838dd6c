/* SPDX-License-Identifier: Apache-2.0 */
/* CMS (RFC 5652) for who has no node but tools that everybody has: signatures of one signer, made
 * over a digest and checked against one pinned certificate, and encryption for one certificate.
 * Builds no chains, knows no file and no mail, and decrypts nothing. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum {
	CMS_SIGNATURE_MAX = 256 << 10, /* bytes of a detached signature */
	CMS_CERTIFICATE_MAX = 8 << 10, /* of a certificate, DER */
};

/* A certificate as far as it is told apart and pinned. Strings live in the arena. */
struct cms_certificate {
	struct str der;
	struct str subject; /* one line, for people; escaped */
	struct sha256 sha256;
	usec from, until;
};
/* Of a PEM or DER text; foreign bytes. ERR_PARSE; ERR_UNSUPPORTED when its key is too weak or may
 * not sign. */
MUST_USE enum err cms_certificate_read(
    struct cms_certificate *out, struct arena *arena, struct str text, struct fault *fault);

/* Foreign bytes: DER (or BER), or PEM. */
struct cms_check {
	struct str signature;
	struct str content;     /* p NULL: it is in the signature */
	struct str certificate; /* DER; no other counts */
	usec now;
};
struct cms_signed {
	struct str content;   /* borrowed, or in the arena */
	struct sha256 digest; /* of it */
	usec time;            /* that the signer states; 0: none */
};
/* Exactly one signature, with signed attributes, over plain data, by SHA-256 or better. ERR_PARSE:
 * not a signature; ERR_UNSUPPORTED: not one of that kind; ERR_DENIED: by another certificate, or it
 * is not in force now; ERR_INVALID: it does not fit the content. */
MUST_USE enum err cms_verify(struct cms_signed *out, struct arena *arena,
    const struct cms_check *check, struct fault *fault);

struct cms_signer; /* a private key with its certificates; wiped when freed */

/* PEM: a key, its certificate, and others that are to go with it, at most CMS_CHAIN_MAX. */
enum { CMS_CHAIN_MAX = 8 };
MUST_USE enum err cms_signer_new(struct cms_signer **out, struct str pem, struct fault *fault);
void cms_signer_free(struct cms_signer *s); /* NULL allowed */
/* The certificates alone, PEM. */
struct str cms_signer_certificates(const struct cms_signer *s, struct arena *arena);
/* A detached signature (DER) over content of this SHA-256. */
MUST_USE enum err cms_sign(struct str *out, struct arena *arena, const struct cms_signer *s,
    const struct sha256 *digest, usec now, struct fault *fault);

/* AuthEnvelopedData (RFC 5083, AES-256-GCM), DER. */
MUST_USE enum err cms_encrypt(struct str *out, struct arena *arena, struct str content,
    struct str certificate, struct fault *fault);
