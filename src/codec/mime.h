/* SPDX-License-Identifier: Apache-2.0 */
/* Mail (RFC 5322) and its parts (MIME, RFC 2045 to 2047) as far as a signed message with one file
 * needs: reads foreign bytes under limits, borrows what it can, and gives up where two readers
 * could understand two things. What is signed and by whom is not its matter. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum {
	MIME_HEAD_MAX = 64 << 10, /* bytes of a header */
	MIME_PARTS_MAX = 64,      /* of one message, at all depths */
	MIME_DEPTH_MAX = 8,
	MIME_VALUE_MAX = 1024, /* bytes of a parameter */
};

/* A message, or a part of one. Strings are borrowed or live in the arena. */
struct mime {
	struct str type;     /* "multipart/signed", in lower case; "text/plain" when none is said */
	struct str boundary; /* parameters; STR_NONE when absent */
	struct str protocol, smime_type, name;
	struct str encoding; /* "base64", in lower case; "7bit" when none is said */
	struct str body;
};

/* ERR_PARSE, ERR_LIMIT. A line "From ..." before a message is passed over. */
MUST_USE enum err mime_read(
    struct mime *out, struct arena *arena, struct str entity, struct fault *fault);

/* The parts of a multipart body, each with its header, byte for byte; the line end before a
 * boundary is the boundary's. */
struct mime_parts {
	struct str rest, boundary;
	bool last;
};
MUST_USE enum err mime_parts(struct mime_parts *out, const struct mime *m, struct fault *fault);
/* ERR_NOT_FOUND behind the last; ERR_PARSE when the closing boundary is missing. */
MUST_USE enum err mime_part(struct mime_parts *p, struct str *out, struct fault *fault);

/* The body as it was before its transfer encoding. */
MUST_USE enum err mime_decode(
    struct str *out, struct arena *arena, const struct mime *m, struct fault *fault);
/* With CR LF at the end of every line: the form that is signed (RFC 8551, 3.1.1). */
MUST_USE enum err mime_canonical(struct str *out, struct arena *arena, struct str entity);
/* The one JSON file of an entity, at whatever depth, decoded. ERR_NOT_FOUND when there is none,
 * ERR_CONFLICT when there are several. */
MUST_USE enum err mime_find_json(
    struct str *out, struct arena *arena, struct str entity, struct fault *fault);

/* ---- writing ---- */

struct mail {
	struct str from, to, subject, id; /* id: of the message, without brackets */
	usec date;
};
/* Whether a header may hold it as an address: printable, no space, one @. */
bool mail_address_valid(struct str address);
/* Lines end with CR LF, up to the header of what the message holds. */
void mail_put_head(struct buf *out, const struct mail *m);
/* A part of some type that holds a file. */
void mail_put_file(struct buf *out, struct str type, struct str name, struct str bytes);
/* Two parts as one entity. */
void mail_put_mixed(struct buf *out, struct str boundary, struct str first, struct str second);
/* multipart/signed over the entity (RFC 8551, 3.5.3). */
void mail_put_signed(struct buf *out, struct str boundary, struct str entity, struct str signature);
/* application/pkcs7-mime that is encrypted. */
void mail_put_encrypted(struct buf *out, struct str enveloped);
/* "smtp" line ends to those of files: CR before LF is dropped. */
void mail_put_lines(struct buf *out, struct str message);
