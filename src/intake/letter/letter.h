/* SPDX-License-Identifier: Apache-2.0 */
/* The intake role's side of what a member without a node sends: a bundle with a signature beside
 * it, or a signed mail (S/MIME, RFC 8551). Every byte is foreign; there are no keys here, only the
 * certificate that is pinned for the member. Encrypted mail is named, not opened. */
#pragma once

#include "base/arena.h"
#include "crypt/cms.h"
#include "sys/chan.h"

enum { LETTER_MAX = 64 << 20 /* bytes of a file */ };

struct letter {
	struct str file;        /* the mail, or the bundle */
	struct str signature;   /* beside it; STR_NONE: the file is a mail */
	struct str certificate; /* DER */
	usec now;
};
struct letter_content {
	struct str bundle;
	struct sha256 digest; /* of everything that is signed */
	usec time;            /* that the signer states; 0: none */
};
/* ERR_DENIED, ERR_INVALID and ERR_UNSUPPORTED as cms_verify; ERR_PARSE, ERR_LIMIT: not a mail that
 * can be read; ERR_NOT_FOUND, ERR_CONFLICT: no bundle in it, or several. */
MUST_USE enum err letter_open(struct letter_content *out, struct arena *arena,
    const struct letter *letter, struct fault *fault);

/* From an INTAKE_LETTER message; answers it. */
void letter_look(const struct chan_message *m, struct chan *core);
