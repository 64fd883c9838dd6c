/* SPDX-License-Identifier: Apache-2.0 */
/* What an originator states about one version of an object, about its withdrawal or purge, in the
 * one encoding that its leaf is the hash of. Encoding and bounded decoding only: doc/seal-format.md
 * describes the bytes. */
#pragma once

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum seal_kind { SEAL_OBJECT = 1, SEAL_WITHDRAWAL = 2, SEAL_PURGE = 3 };

enum { STATEMENT_TEXT_MAX = 255, STATEMENT_BYTES_MAX = 1024 };

struct statement {
	struct str id;   /* 1..STATEMENT_TEXT_MAX bytes */
	int64_t version; /* of the object; of a withdrawal or purge: when it was decided */
	enum seal_kind kind;
	struct str originator;    /* id of its identity, 1..STATEMENT_TEXT_MAX bytes */
	struct str label;         /* encoded (policy/label.h), at most STATEMENT_TEXT_MAX bytes */
	usec time;                /* when the originator's ledger took it */
	uint16_t members;         /* at the content's top; 0: it is proven as a whole only */
	struct sha256 properties; /* root over them (seal/properties.h) */
};

/* Appends at most STATEMENT_BYTES_MAX bytes. */
void statement_put(struct buf *out, const struct statement *s);
/* All of `bytes`, borrowed. There is one encoding of a statement: whatever statement_put would not
 * write is ERR_PARSE. */
MUST_USE enum err statement_read(struct statement *out, struct str bytes, struct fault *fault);
/* RFC 6962: SHA-256(0x00 || statement). */
struct sha256 statement_leaf(const struct statement *s);
