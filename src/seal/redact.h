/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a copy with members left out, which still proves what remains against the originator's
 * seal, of a full copy or of one from which members were left out before. It needs no key: only
 * salts are taken away. Pure. */
#pragma once

#include "seal/seal.h"

/* Whether member i of the copy, in the order in which they stand in it, is left out. */
typedef bool (*seal_omits)(const void *ctx, size_t i);

/* Appends the copy to `content` and what its envelope's `leaves` are to `leaves`. ERR_INVALID: the
 * object can be proven as a whole only, or envelope and copy do not fit. */
MUST_USE enum err seal_redact(struct buf *content, struct buf *leaves, const struct envelope *e,
    struct str copy, seal_omits omits, const void *ctx, struct fault *fault);

/* Of one statement there may be copies with more and with fewer members; they are not in conflict.
 */
enum seal_copy {
	SEAL_COPY_OTHER, /* of another statement */
	SEAL_COPY_LESS,  /* no member more than the other has */
	SEAL_COPY_MORE,
};
/* `with` is an envelope's bytes. */
enum seal_copy seal_copy_compare(const struct envelope *e, struct str with);

/* Of an envelope that was read: how many of the stated members its copy lacks. */
size_t seal_left_out(const struct envelope *e);
