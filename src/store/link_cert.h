/* SPDX-License-Identifier: Apache-2.0 */
/* The statement that a node's link will show another certificate: a C2SP signed note by its ledger
 * keys, made before the certificate is used. Kept as the decision "link-cert/IDENTITY"; the newest
 * counts. Foreign bytes when it is another node's. doc/ledger-format.md describes it. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum { LINK_CERT_HEX = 64 };

#define LINK_CERT_HEAD S("tocsin link 1\n")
#define LINK_CERT_PREFIX "link-cert/"

struct link_cert {
	struct str identity;
	usec time;
	struct str cert; /* SHA-256 of the certificate, hexadecimal */
};

void link_cert_text(struct buf *out, const struct link_cert *c);
/* A text in its one form, signatures behind it or not: they are for the caller to check. Strings
 * are borrowed. */
MUST_USE enum err link_cert_read(struct link_cert *out, struct str text, struct fault *fault);
